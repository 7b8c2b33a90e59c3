#include "pg/server_facts.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/timestamp.h"
#include "pg/connection_internal.h"
#include "pg/request.h"
#include "pg/row_reader.h"
#include "pg/statements.h"
#include "pg/target.h"

enum {
	FACT_PID,
	FACT_VERSION_NUM,
	FACT_VERSION,
	FACT_STARTED_AT,
	FACT_IN_RECOVERY,
	FACT_USER,
	FACT_USER_OID,
	FACT_DATABASE,
	FACT_DATABASE_OID,
	FACT_SERVER_ADDRESS,
	FACT_SERVER_PORT,
	FACT_DEADLOCK_TIMEOUT,
	FACT_COUNT
};

static const PgColumn FACT_COLUMNS[FACT_COUNT] = {
    [FACT_PID] = {"pid", PG_TYPE_INT4},
    [FACT_VERSION_NUM] = {"version_num", PG_TYPE_INT4},
    [FACT_VERSION] = {"version", PG_TYPE_TEXT},
    [FACT_STARTED_AT] = {"started_at", PG_TYPE_TIMESTAMPTZ},
    [FACT_IN_RECOVERY] = {"in_recovery", PG_TYPE_BOOL},
    [FACT_USER] = {"user_name", PG_TYPE_TEXT},
    [FACT_USER_OID] = {"user_oid", PG_TYPE_OID},
    [FACT_DATABASE] = {"database_name", PG_TYPE_TEXT},
    [FACT_DATABASE_OID] = {"database_oid", PG_TYPE_OID},
    [FACT_SERVER_ADDRESS] = {"server_address", PG_TYPE_TEXT},
    [FACT_SERVER_PORT] = {"server_port", PG_TYPE_INT4},
    [FACT_DEADLOCK_TIMEOUT] = {"deadlock_timeout_ms", PG_TYPE_INT4},
};

static void set_pooler_error(const PgConnection *connection, RowReader *reader, GError **error)
{
	const char *address = row_text(reader, FACT_SERVER_ADDRESS);
	int port = row_int4(reader, FACT_SERVER_PORT);

	error_set(error, PGUNLOCK_ERROR_CONNECT,
	          "cannot use the connection to %s: a connection pooler is in between; if it pools "
	          "transactions, settings of our session would reach other clients",
	          connection->place);
	if (address != NULL)
		error_set_hint(error, "connect to the server itself: -h %s -p %d", address, port);
	else
		error_set_hint(
		    error,
		    "connect to the server itself, from its own host: -p %d (the pooler uses its "
		    "Unix socket)",
		    port);
}

static gboolean check_same_server(const PgConnection *connection, GError **error)
{
	gint64 expected = pg_target_started_at(connection->target);

	if (expected == TIMESTAMP_NONE || expected == connection->server.started_at)
		return TRUE;
	error_set(
	    error, PGUNLOCK_ERROR_CONNECT,
	    "the second connection, to %s, reached another server than the first one, or that was "
	    "restarted meanwhile",
	    connection->place);
	error_set_hint(error, "name the server itself, with -h and -p: a host name or address that "
	                      "several servers share can't be used here");
	return FALSE;
}

/* In the order in which they are sent. */
static const StatementId STATEMENTS[] = {STATEMENT_FACTS_BEGIN, STATEMENT_FACTS_LOCK_TIMEOUT,
                                         STATEMENT_FACTS, STATEMENT_FACTS_END};
#define FACTS_INDEX 2

PgRequest *server_facts_ask(PgConnection *connection)
{
	PgRequest *request = pg_request_new(connection, SERVER_FACTS_PURPOSE);

	for (guint i = 0; i < G_N_ELEMENTS(STATEMENTS); i++)
		pg_request_add(request, STATEMENTS[i], NULL);
	return request;
}

gboolean server_facts_read(PgConnection *connection, const PgRequest *request, GError **error)
{
	const PGresult *result = pg_request_result(request, FACTS_INDEX);
	RowReader reader = {.result = result};
	ServerInfo *server = &connection->server;

	if (!pg_result_check(result, SERVER_FACTS_PURPOSE, error) ||
	    !pg_columns_check(result, FACT_COLUMNS, FACT_COUNT, SERVER_FACTS_PURPOSE, error))
		return FALSE;
	if (PQntuples(result) != 1) {
		error_set(error, PGUNLOCK_ERROR_FAILED, "%s: %d rows instead of one", SERVER_FACTS_PURPOSE,
		          PQntuples(result));
		return FALSE;
	}
	if (row_int4(&reader, FACT_PID) != server->own_pid) {
		set_pooler_error(connection, &reader, error);
		return FALSE;
	}
	server->version_num = row_int4(&reader, FACT_VERSION_NUM);
	server->version = pg_connection_keep(connection, row_text(&reader, FACT_VERSION));
	server->started_at = row_timestamp(&reader, FACT_STARTED_AT);
	server->in_recovery = row_bool(&reader, FACT_IN_RECOVERY);
	server->user = pg_connection_keep(connection, row_text(&reader, FACT_USER));
	server->user_oid = row_oid(&reader, FACT_USER_OID);
	server->database = pg_connection_keep(connection, row_text(&reader, FACT_DATABASE));
	server->database_oid = row_oid(&reader, FACT_DATABASE_OID);
	server->deadlock_timeout_us = row_int4(&reader, FACT_DEADLOCK_TIMEOUT) * DURATION_MS;
	if (reader.is_malformed)
		row_malformed(&reader, SERVER_FACTS_PURPOSE, error);
	return !reader.is_malformed && check_same_server(connection, error);
}

/* PgBouncer's own version, "1.18.0/bouncer", tells its console, which is no database. */
static gboolean is_pgbouncer_console(const PGconn *conn)
{
	const char *version = PQparameterStatus(conn, "server_version");

	return version != NULL && g_str_has_suffix(version, "/bouncer");
}

void server_too_old(const PgConnection *connection, GError **error)
{
	const PGconn *conn = connection->conn;
	const char *place = connection->place;

	if (is_pgbouncer_console(conn)) {
		error_set(error, PGUNLOCK_ERROR_CONNECT,
		          "%s, database %s, is PgBouncer's console, not a PostgreSQL server", place,
		          PQdb(conn));
		error_set_hint(error, "connect to the server directly: PgBouncer's SHOW SERVERS says "
		                      "where it is");
		return;
	}
	error_set(error, PGUNLOCK_ERROR_CONNECT,
	          "the server at %s is PostgreSQL %d; pgunlock works with %d and newer", place,
	          PQserverVersion(conn) / 10000, OLDEST_MAJOR);
}
