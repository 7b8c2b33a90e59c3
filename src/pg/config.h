#ifndef PGUNLOCK_PG_CONFIG_H
#define PGUNLOCK_PG_CONFIG_H

/* Reads how a server is set up. */

#include "model/server_config.h"
#include "pg/connection.h"
#include "pg/libpq.h"

#include <glib.h>

/* config is set unless error is; both are the callee's. What couldn't be read beside the settings
 * themselves is left out of it, and said in problems (of char *, a sentence each; borrowed). */
typedef void (*PgConfigDone)(ServerConfig *config, const GPtrArray *problems, GError *error,
                             gpointer user_data);
void pg_read_config(PgConnection *connection, gint64 timeout_us, PgConfigDone done,
                    gpointer user_data);

/* One of the answers that this is made of, in the order in which they are asked for; FALSE and an
 * error when the server refused it or when it makes no sense. */
#define CONFIG_N_PARTS 5
gboolean config_read_part(ServerConfig *config, guint part, const PGresult *result, GError **error);

#endif
