#ifndef PGUNLOCK_CLI_CONNECTION_ARGS_H
#define PGUNLOCK_CLI_CONNECTION_ARGS_H

/* The connection options as they are repeated in the commands that we suggest. */

#include "cli/options.h"

#include <glib.h>

/* " -h db1 -p 5433", quoted for a shell and safe to print, with a leading blank, or "". A password
 * in a connection string is left out: whoever runs the command is asked for it. Free with
 * g_free. */
char *connection_args(const Options *options);

/* A connection string or URI without the passwords in it; any other text (a database's name) as it
 * is. NULL when it is neither that nor well-formed, so that nothing can be told about what is in
 * it. The syntax is libpq's (documentation, "Connection Strings"). Free with g_free. */
char *without_password(const char *dbname);

#endif
