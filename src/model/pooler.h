#ifndef PGUNLOCK_MODEL_POOLER_H
#define PGUNLOCK_MODEL_POOLER_H

/* What a connection pooler tells of itself. To the server its connections all come from the pooler;
 * only the pooler knows which client is on which of them. */

#include "model/session.h"

#include <glib.h>

/* Plain data. What isn't known is NULL or 0. */
struct PoolerClient {
	const char *addr; /* as the pooler writes it; NULL: on a Unix socket */
	gint32 port;
	const char *application_name;
	const char *user; /* as it logged in to the pooler */
	const char *database;
};

/* A connection of the pooler to a server, perhaps to another server than the one that we look at.
 */
typedef struct {
	gint32 pid; /* of the backend at its end */
	/* The pooler's own end. */
	gboolean is_unix_socket;
	const char *local_addr;
	gint32 local_port;
	gboolean has_client;
	PoolerClient client;
} PoolerConnection;

/* Whether the session is at the other end: the same pid, and the same address and port, as far as
 * both sides know them. */
gboolean pooler_connection_is_to(const PoolerConnection *connection, const Session *session);

#endif
