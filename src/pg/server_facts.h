#ifndef PGUNLOCK_PG_SERVER_FACTS_H
#define PGUNLOCK_PG_SERVER_FACTS_H

/* What a new connection turns out to lead to: a server that we know, a pooler, something else. */

#include "pg/connection.h"
#include "pg/request.h"

#include <glib.h>

#define SERVER_FACTS_PURPOSE "asking who and where we are"

/* The request for the facts, in a transaction that doesn't wait long for a locked catalog. */
PgRequest *server_facts_ask(PgConnection *connection);

/* Fills the connection's server from what such a request gave. FALSE and an error when the
 * query failed, when its answer makes no sense, and when it came from another process than the one
 * that the login was told of: then a pooler is in between. */
gboolean server_facts_read(PgConnection *connection, const PgRequest *request, GError **error);

/* The error for a server that says it is older than OLDEST_MAJOR; PgBouncer's console does. */
void server_too_old(const PgConnection *connection, GError **error);

#endif
