#include "pg/connection_internal.h"

#include "base/text.h"
#include "pg/target.h"

#include <string.h>

static void ignore_notice(G_GNUC_UNUSED void *data, G_GNUC_UNUSED const PGresult *result)
{
}

char *pg_place_text(const PGconn *conn)
{
	const char *host = PQhost(conn);
	const char *port = PQport(conn);

	if (host == NULL || host[0] == '\0')
		return g_strdup_printf("port %s", port);
	if (host[0] == '/' || host[0] == '@')
		return g_strdup_printf("%s/.s.PGSQL.%s", host, port);
	return g_strdup_printf(strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host, port);
}

const char *pg_connection_keep(PgConnection *connection, const char *text)
{
	g_autofree char *repaired = text_repair(text, text != NULL ? strlen(text) : 0);

	return g_string_chunk_insert(connection->strings, repaired);
}

PgConnection *pg_connection_new(GMainContext *context, const PgTarget *target, PGconn *conn)
{
	PgConnection *connection = g_new0(PgConnection, 1);

	connection->context = g_main_context_ref(context);
	connection->target = pg_target_copy(target);
	pg_target_set_database(connection->target, PQdb(conn));
	connection->conn = conn;
	connection->place = pg_place_text(conn);
	connection->strings = g_string_chunk_new(256);
	g_queue_init(&connection->requests);
	connection->watchers = g_ptr_array_new();
	connection->server.host = pg_connection_keep(connection, PQhost(conn));
	connection->server.port = (int) g_ascii_strtoll(PQport(conn), NULL, 10);
	connection->server.database = pg_connection_keep(connection, PQdb(conn));
	connection->server.user = pg_connection_keep(connection, PQuser(conn));
	connection->server.version = "";
	connection->server.version_num = PQserverVersion(conn);
	connection->server.own_pid = PQbackendPID(conn);
	/* Warnings of the server go nowhere: what matters of them is in the results. */
	PQsetNoticeReceiver(conn, ignore_notice, NULL);
	PQsetnonblocking(conn, 1);
	PQenterPipelineMode(conn);
	return connection;
}

void pg_connection_lose(PgConnection *connection)
{
	g_clear_pointer(&connection->conn, PQfinish);
}

void pg_connection_watch(PgConnection *connection, PgConnection **pointer)
{
	g_ptr_array_add(connection->watchers, (gpointer) pointer);
}

void pg_connection_unwatch(PgConnection *connection, PgConnection **pointer)
{
	g_ptr_array_remove_fast(connection->watchers, (gpointer) pointer);
}

void pg_connection_free(PgConnection *connection)
{
	if (connection == NULL)
		return;
	/* Before the requests are dropped: whoever hears of that must not ask for more. */
	for (guint i = 0; i < connection->watchers->len; i++)
		*(PgConnection **) g_ptr_array_index(connection->watchers, i) = NULL;
	pg_requests_drop(connection);
	g_ptr_array_unref(connection->watchers);
	pg_connection_lose(connection);
	pg_target_free(connection->target);
	g_free(connection->place);
	g_string_chunk_free(connection->strings);
	g_main_context_unref(connection->context);
	g_free(connection);
}

const ServerInfo *pg_connection_server(const PgConnection *connection)
{
	return &connection->server;
}

GMainContext *pg_connection_context(const PgConnection *connection)
{
	return connection->context;
}

const PgTarget *pg_connection_target(const PgConnection *connection)
{
	return connection->target;
}

static const char *unless_empty(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : NULL;
}

PgTarget *pg_target_of_same_server(const PgConnection *connection)
{
	PgTarget *target = pg_target_copy(connection->target);
	const PGconn *conn = connection->conn;

	/* PQhost and the others stand NULL: nothing more is known of a place that was lost */
	pg_target_pin(target, unless_empty(PQhost(conn)), unless_empty(PQhostaddr(conn)),
	              unless_empty(PQport(conn)), connection->server.started_at);
	return target;
}

gboolean pg_connection_is_usable(const PgConnection *connection)
{
	return connection->conn != NULL && PQstatus(connection->conn) == CONNECTION_OK;
}

void pg_source_clear(GSource **source)
{
	if (*source == NULL)
		return;
	g_source_destroy(*source);
	g_source_unref(*source);
	*source = NULL;
}
