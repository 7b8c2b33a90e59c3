#include "model/pooler.h"

gboolean pooler_connection_is_to(const PoolerConnection *connection, const Session *session)
{
	gboolean knows_end = connection->is_unix_socket || connection->local_addr != NULL;

	if (session->kind != SESSION_KIND_BACKEND || connection->pid != session->pid)
		return FALSE;
	/* 0: the server hides it from us */
	if (session->client_port == 0 || !knows_end)
		return TRUE;
	if (session->client_port < 0 || connection->is_unix_socket)
		return session->client_port < 0 && connection->is_unix_socket;
	return connection->local_port == session->client_port &&
	       g_strcmp0(connection->local_addr, session->client_addr) == 0;
}
