#ifndef PGUNLOCK_CLI_CONNECT_H
#define PGUNLOCK_CLI_CONNECT_H

/* What commands ask a server, one step after the other: each runs the main context until the answer
 * came, a timeout, or Ctrl-C. */

#include "base/pattern.h"
#include "cli/cli.h"
#include "pg/config.h"
#include "pg/connection.h"
#include "pg/look.h"

#include <glib.h>

/* As the options and the environment say; asks for a password where that is called for. With a
 * table pattern that names a database, that database, unless another one was named: then a usage
 * error. pattern may be NULL. */
PgConnection *cli_connect(Cli *cli, const NamePattern *pattern, GError **error);

/* timeout_us of the options is filled in. */
Snapshot *cli_look(Cli *cli, PgConnection *connection, const LookOptions *options, GError **error);

TableSet *cli_find_tables(Cli *cli, PgConnection *connection, const NamePattern *pattern,
                          GError **error);

/* How the server is set up. What couldn't be read of it becomes a warning of the snapshot. */
ServerConfig *cli_read_config(Cli *cli, PgConnection *connection, Snapshot *snapshot,
                              GError **error);

#endif
