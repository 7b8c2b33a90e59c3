#ifndef PGUNLOCK_DEMO_SERVER_BINARIES_H
#define PGUNLOCK_DEMO_SERVER_BINARIES_H

/* Where initdb and postgres are. */

#include <glib.h>

/* The directory that holds both: bindir if given (and then no other), else what pg_config says,
 * else Debian's place (the newest version), else PATH. Free with g_free. NULL and a NOT_FOUND error
 * that says where was looked. */
char *server_binaries_find(const char *bindir, GError **error);

#endif
