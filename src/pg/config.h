#ifndef PGUNLOCK_PG_CONFIG_H
#define PGUNLOCK_PG_CONFIG_H

/* Reads how a server is set up. */

#include "model/server_config.h"
#include "pg/connection.h"

#include <glib.h>

/* config is set unless error is; both are the callee's. What couldn't be read beside the settings
 * themselves is left out of it, and said in problems (of char *, a sentence each; borrowed). */
typedef void (*PgConfigDone)(ServerConfig *config, const GPtrArray *problems, GError *error,
                             gpointer user_data);
void pg_read_config(PgConnection *connection, gint64 timeout_us, PgConfigDone done,
                    gpointer user_data);

#endif
