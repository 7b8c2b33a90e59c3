#ifndef PGUNLOCK_PG_SERVER_MESSAGE_H
#define PGUNLOCK_PG_SERVER_MESSAGE_H

/* What the server and libpq say, as one line of valid UTF-8. All strings: free with g_free. */

#include "pg/libpq.h"

#include <glib.h>

/* Of a failed statement: its message and SQLSTATE, "canceling statement due to lock timeout
 * (55P03)". */
char *server_message_text(const PGresult *result);

/* Of libpq itself (PQerrorMessage): its first line. */
char *libpq_message_text(const char *message);

#endif
