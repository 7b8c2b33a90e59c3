#ifndef PGUNLOCK_CLI_CONNECT_H
#define PGUNLOCK_CLI_CONNECT_H

/* What commands ask a server, one step after the other: each runs the main context until the answer
 * came, a timeout, or Ctrl-C. */

#include "base/pattern.h"
#include "cli/cli.h"
#include "pg/config.h"
#include "pg/connection.h"
#include "pg/look.h"
#include "pg/rows.h"

#include <glib.h>

/* As the options and the environment say; asks for a password where that is called for. With a
 * table pattern that names a database, to that one, whatever else was named. pattern may be NULL.
 */
PgConnection *cli_connect(Cli *cli, const NamePattern *pattern, GError **error);

/* The same to this database, as it is written. NULL: any. */
PgConnection *cli_connect_to(Cli *cli, const char *database, GError **error);
/* A new connection in the place of this one, to this database (NULL: the same); the old one is
 * closed first, so that never two are open. Takes connection. */
PgConnection *cli_reconnect(Cli *cli, PgConnection *connection, const char *database,
                            GError **error);

/* The console of --pooler; NULL without that option. FALSE and a usage error when it is no
 * connection string. It isn't connected to yet: when it doesn't answer later that is a warning of
 * the look. */
gboolean cli_use_pooler(Cli *cli, PgPooler **pooler, GError **error);

/* These with what the command line says of every look: its time (--timeout), and --no-rows. */
LookOptions cli_look_options(const Cli *cli, const LookOptions *options);

/* With cli_look_options of these. */
Snapshot *cli_look(Cli *cli, PgConnection *connection, const LookOptions *options, GError **error);

/* The connection is of no other use afterwards: see pg/rows.h. */
RowSet *cli_read_rows(Cli *cli, PgConnection *connection, const RowRef *ref, guint limit,
                      GError **error);

TableSet *cli_find_tables(Cli *cli, PgConnection *connection, const NamePattern *pattern,
                          GError **error);

/* How the server is set up. What couldn't be read of it becomes a warning of the snapshot. */
ServerConfig *cli_read_config(Cli *cli, PgConnection *connection, Snapshot *snapshot,
                              GError **error);

#endif
