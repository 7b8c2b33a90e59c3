#include "pg/request.h"

#include "base/duration.h"
#include "base/error.h"
#include "pg/connect_error.h"
#include "pg/connection_internal.h"
#include "pg/server_message.h"
#include "pg/sqlstate.h"

#include <glib-unix.h>

typedef struct {
	const char *sql;
	StatementId id;       /* STATEMENT_COUNT: none of the catalog's */
	char *own_sql;        /* freed with the request; NULL for the catalog's */
	gboolean is_prepared; /* its preparation was sent ahead of it, and is answered first */
	PgParams *params;
	gboolean is_condition; /* no Sync follows it */
	PGresult *result;
} RequestStatement;

struct PgRequest {
	PgConnection *connection; /* NULL once it has ended */
	char *purpose;
	GArray *statements; /* of RequestStatement */
	guint n_answered;   /* statements whose Sync has come back */
	gint64 timeout_us;
	gboolean timed_out;
	gint64 sent_at;  /* monotonic */
	gint64 heard_at; /* when the server last sent something, or could begin to */
	GSource *socket;
	GSource *timer;
	GSource *silence;           /* until the next look at how long ago that was */
	PgRequestSilent silent;     /* or NULL */
	PgRequestAnswered answered; /* or NULL */
	PgRequestDone done;
	gpointer user_data;
	GDestroyNotify dropped;
};

static void request_start(PgRequest *request);

static void statement_clear(gpointer data)
{
	RequestStatement *statement = data;

	g_free(statement->own_sql);
	pg_params_free(statement->params);
	PQclear(statement->result);
}

PgRequest *pg_request_new(PgConnection *connection, const char *purpose)
{
	PgRequest *request = g_new0(PgRequest, 1);

	request->connection = connection;
	request->purpose = g_strdup(purpose);
	request->statements = g_array_new(FALSE, TRUE, sizeof(RequestStatement));
	g_array_set_clear_func(request->statements, statement_clear);
	return request;
}

void pg_request_free(PgRequest *request)
{
	if (request == NULL)
		return;
	pg_source_clear(&request->socket);
	pg_source_clear(&request->timer);
	pg_source_clear(&request->silence);
	g_array_unref(request->statements);
	g_free(request->purpose);
	g_free(request);
}

static RequestStatement *statement_at(const PgRequest *request, guint index)
{
	return &g_array_index(request->statements, RequestStatement, index);
}

guint pg_request_add(PgRequest *request, StatementId statement, PgParams *params)
{
	const RequestStatement added = {
	    .sql = statement_sql(statement, request->connection->server.version_num),
	    .id = statement,
	    .params = params,
	};

	g_array_append_val(request->statements, added);
	return request->statements->len - 1;
}

guint pg_request_add_condition(PgRequest *request, StatementId statement, PgParams *params)
{
	guint index = pg_request_add(request, statement, params);

	statement_at(request, index)->is_condition = TRUE;
	return index;
}

guint pg_request_add_sql(PgRequest *request, const char *sql)
{
	return pg_request_add_sql_params(request, sql, NULL);
}

guint pg_request_add_sql_params(PgRequest *request, const char *sql, PgParams *params)
{
	char *copy = g_strdup(sql);
	const RequestStatement added = {
	    .sql = copy, .id = STATEMENT_COUNT, .own_sql = copy, .params = params};

	g_array_append_val(request->statements, added);
	return request->statements->len - 1;
}

const PGresult *pg_request_result(const PgRequest *request, guint index)
{
	return statement_at(request, index)->result;
}

gboolean pg_request_timed_out(const PgRequest *request)
{
	return request->timed_out;
}

/* Calls back. The next request is started first, since the connection may be freed in there. */
static void request_end(PgRequest *request, GError *error)
{
	PgConnection *connection = request->connection;
	gboolean was_under_way = g_queue_peek_head(&connection->requests) == request;

	pg_source_clear(&request->socket);
	pg_source_clear(&request->timer);
	pg_source_clear(&request->silence);
	g_queue_remove(&connection->requests, request);
	request->connection = NULL;
	PgRequest *next = g_queue_peek_head(&connection->requests);

	if (was_under_way && next != NULL)
		request_start(next);
	request->done(request, error, request->user_data);
	pg_request_free(request);
}

/* The server's last words before it closed the connection, if it said any; else what libpq made of
 * that. */
static const PGresult *last_words(const PgRequest *request)
{
	if (request->n_answered == request->statements->len)
		return NULL;
	const PGresult *result = statement_at(request, request->n_answered)->result;

	return result != NULL && PQresultStatus(result) == PGRES_FATAL_ERROR ? result : NULL;
}

static void request_lost(PgRequest *request)
{
	PgConnection *connection = request->connection;
	const PGresult *last = last_words(request);
	g_autofree char *words = last != NULL ? server_message_text(last)
	                                      : libpq_message_text(PQerrorMessage(connection->conn));
	GError *error = NULL;

	error_set(&error, PGUNLOCK_ERROR_FAILED, "lost the connection to %s while %s: %s",
	          connection->place, request->purpose, words);
	if (last != NULL)
		error_set_sqlstate(&error, pg_result_sqlstate(last));
	pg_source_clear(&request->socket);
	pg_connection_lose(connection);
	request_end(request, error);
}

static void request_give_up(PgRequest *request, GError *error)
{
	PgConnection *connection = request->connection;

	request->timed_out = TRUE;
	/* What the server still answers belongs to this request, so nothing else can be asked. */
	if (g_queue_peek_head(&connection->requests) == request) {
		pg_source_clear(&request->socket);
		pg_connection_lose(connection);
	}
	request_end(request, error);
}

static gboolean on_timeout(gpointer data)
{
	PgRequest *request = data;
	PgConnection *connection = request->connection;
	g_autofree char *limit = duration_to_text(request->timeout_us);
	GError *error = NULL;

	error_set(&error, PGUNLOCK_ERROR_FAILED, "%s: no answer from %s within %s", request->purpose,
	          connection->place, limit);
	error_set_hint(&error,
	               "the server is overloaded, a system catalog is locked, its lock manager is "
	               "stuck, or the network is silent; a longer --timeout waits longer");
	request_give_up(request, error);
	return G_SOURCE_REMOVE;
}

static void set_timer(PgRequest *request, gint64 timeout_us)
{
	gint64 timeout_ms = MAX(timeout_us, 0) / DURATION_MS;

	pg_source_clear(&request->timer);
	request->timer = g_timeout_source_new((guint) MIN(timeout_ms, G_MAXINT));
	g_source_set_callback(request->timer, on_timeout, request, NULL);
	g_source_attach(request->timer, request->connection->context);
}

void pg_connection_give_time(PgConnection *connection, gint64 timeout_us)
{
	PgRequest *request = g_queue_peek_head(&connection->requests);

	if (request == NULL)
		return;
	request->timeout_us = pg_request_age(request) + timeout_us;
	set_timer(request, timeout_us);
}

void pg_connection_on_silence(PgConnection *connection, PgSilent silent, gpointer user_data)
{
	connection->silent = silent;
	connection->silent_data = user_data;
}

void pg_request_on_silence(PgRequest *request, PgRequestSilent silent)
{
	request->silent = silent;
}

void pg_request_on_answer(PgRequest *request, PgRequestAnswered answered)
{
	request->answered = answered;
}

void pg_request_drop_result(PgRequest *request, guint index)
{
	g_clear_pointer(&statement_at(request, index)->result, PQclear);
}

gint64 pg_request_age(const PgRequest *request)
{
	return g_get_monotonic_time() - request->sent_at;
}

static void watch_silence(PgRequest *request, gint64 delay_us);

static GError *tell_silence(PgRequest *request)
{
	PgConnection *connection = request->connection;

	if (request->silent != NULL)
		return request->silent(request, request->user_data);
	connection->silent(pg_request_age(request), connection->silent_data);
	return NULL;
}

static gboolean on_silence(gpointer data)
{
	PgRequest *request = data;
	gint64 silent_us = g_get_monotonic_time() - request->heard_at;
	gboolean is_silent = silent_us >= PG_SILENCE_US;
	GError *error = is_silent ? tell_silence(request) : NULL;

	if (error != NULL)
		request_give_up(request, error);
	else
		watch_silence(request, is_silent ? PG_SILENCE_US : PG_SILENCE_US - silent_us);
	return G_SOURCE_REMOVE;
}

static void watch_silence(PgRequest *request, gint64 delay_us)
{
	pg_source_clear(&request->silence);
	request->silence = g_timeout_source_new((guint) (delay_us / DURATION_MS) + 1);
	g_source_set_callback(request->silence, on_silence, request, NULL);
	g_source_attach(request->silence, request->connection->context);
}

/* Whether result answers the preparation of the statement, which then needs no result of its own;
 * a failure to prepare it is that of the statement, too. */
static gboolean take_preparation(PgConnection *connection, RequestStatement *statement,
                                 const PGresult *result)
{
	if (!statement->is_prepared)
		return FALSE;
	statement->is_prepared = FALSE;
	gboolean is_ready = PQresultStatus(result) == PGRES_COMMAND_OK;

	connection->statements[statement->id] = is_ready ? STATEMENT_READY : STATEMENT_ASKED;
	return is_ready;
}

static void take_answer(PgRequest *request)
{
	guint index = request->n_answered++;

	if (request->answered != NULL && request->n_answered < request->statements->len)
		request->answered(request, index, request->user_data);
}

typedef enum { READ_MORE, READ_ALL, READ_BROKEN } ReadState;

/* Each statement answers with a result (two, when it is prepared first), NULL after each, and, but
 * for a condition, the result of its Sync. */
static ReadState read_results(PgRequest *request, PGconn *conn)
{
	guint n_nulls = 0;

	while (request->n_answered < request->statements->len) {
		if (PQisBusy(conn))
			return PQstatus(conn) == CONNECTION_BAD ? READ_BROKEN : READ_MORE;
		PGresult *result = PQgetResult(conn);

		RequestStatement *statement = statement_at(request, request->n_answered);

		if (result == NULL) {
			if (PQstatus(conn) == CONNECTION_BAD || ++n_nulls > 1)
				return READ_BROKEN;
			if (statement->is_condition && statement->result != NULL) {
				take_answer(request);
				n_nulls = 0;
			}
			continue;
		}
		n_nulls = 0;

		if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
			PQclear(result);
			take_answer(request);
		} else if (!take_preparation(request->connection, statement, result) &&
		           statement->result == NULL) {
			statement->result = result;
		} else {
			PQclear(result);
		}
	}
	return READ_ALL;
}

static void watch_socket(PgRequest *request, gboolean wants_write);

/* Reads even when writing has failed: the server's reason may be waiting there. */
static gboolean on_socket(G_GNUC_UNUSED int fd, GIOCondition condition, gpointer data)
{
	PgRequest *request = data;
	PGconn *conn = request->connection->conn;
	int unsent = 0;

	if ((condition & G_IO_OUT) != 0)
		unsent = PQflush(conn);
	gboolean is_open = PQconsumeInput(conn) != 0;

	if ((condition & G_IO_IN) != 0)
		request->heard_at = g_get_monotonic_time();

	switch (read_results(request, conn)) {
	case READ_ALL:
		request_end(request, NULL);
		return G_SOURCE_REMOVE;
	case READ_BROKEN:
		request_lost(request);
		return G_SOURCE_REMOVE;
	case READ_MORE:
		break;
	}
	if (!is_open || unsent < 0) {
		request_lost(request);
		return G_SOURCE_REMOVE;
	}
	if ((condition & G_IO_OUT) != 0 && unsent == 0)
		watch_socket(request, FALSE);
	return G_SOURCE_CONTINUE;
}

static gboolean on_closed(gpointer data)
{
	PgRequest *request = data;

	/* The server's reason may have come before the end. */
	read_results(request, request->connection->conn);
	request_lost(request);
	return G_SOURCE_REMOVE;
}

static void watch_socket(PgRequest *request, gboolean wants_write)
{
	PgConnection *connection = request->connection;
	GIOCondition condition = G_IO_IN | G_IO_ERR | G_IO_HUP;

	pg_source_clear(&request->socket);
	if (wants_write)
		condition |= G_IO_OUT;
	if (PQsocket(connection->conn) >= 0) {
		request->socket = g_unix_fd_source_new(PQsocket(connection->conn), condition);
		g_source_set_callback(request->socket, G_SOURCE_FUNC(on_socket), request, NULL);
	} else {
		/* libpq has closed it while it was sending. */
		request->socket = g_timeout_source_new(0);
		g_source_set_callback(request->socket, on_closed, request, NULL);
	}
	g_source_attach(request->socket, connection->context);
}

static gboolean send_whole(PGconn *conn, const RequestStatement *statement)
{
	const PgParams *params = statement->params;

	return PQsendQueryParams(conn, statement->sql, params != NULL ? pg_params_n(params) : 0,
	                         /* paramTypes */ NULL,
	                         params != NULL ? pg_params_values(params) : NULL,
	                         /* paramLengths */ NULL, /* paramFormats */ NULL,
	                         /* resultFormat */ 1);
}

static gboolean send_by_name(PGconn *conn, const RequestStatement *statement)
{
	const PgParams *params = statement->params;
	g_autofree char *name = g_strdup_printf("pgunlock_%d", (int) statement->id);

	return (!statement->is_prepared ||
	        PQsendPrepare(conn, name, statement->sql, /* nParams */ 0, /* paramTypes */ NULL)) &&
	       PQsendQueryPrepared(conn, name, params != NULL ? pg_params_n(params) : 0,
	                           params != NULL ? pg_params_values(params) : NULL,
	                           /* paramLengths */ NULL, /* paramFormats */ NULL,
	                           /* resultFormat */ 1);
}

static gboolean send_statement(PgConnection *connection, RequestStatement *statement)
{
	StatementState *state =
	    statement->id != STATEMENT_COUNT ? &connection->statements[statement->id] : NULL;
	gboolean is_sent;

	statement->is_prepared = state != NULL && *state == STATEMENT_ASKED;
	if (statement->is_prepared)
		*state = STATEMENT_IN_PREPARATION;
	if (statement->is_prepared || (state != NULL && *state == STATEMENT_READY))
		is_sent = send_by_name(connection->conn, statement);
	else
		is_sent = send_whole(connection->conn, statement);
	if (state != NULL && *state == STATEMENT_NEW)
		*state = STATEMENT_ASKED;
	return is_sent && (statement->is_condition || PQpipelineSync(connection->conn));
}

static gboolean on_unusable(gpointer data)
{
	PgRequest *request = data;
	GError *error = NULL;

	error_set(&error, PGUNLOCK_ERROR_FAILED, "%s: the connection to %s was lost before",
	          request->purpose, request->connection->place);
	request_end(request, error);
	return G_SOURCE_REMOVE;
}

static void request_start(PgRequest *request)
{
	PgConnection *connection = request->connection;
	gboolean is_sent = connection->conn != NULL;

	request->sent_at = request->heard_at = g_get_monotonic_time();

	if (!is_sent) {
		request->socket = g_timeout_source_new(0);
		g_source_set_callback(request->socket, on_unusable, request, NULL);
		g_source_attach(request->socket, connection->context);
		return;
	}
	if (request->silent != NULL || connection->silent != NULL)
		watch_silence(request, PG_SILENCE_US);
	for (guint i = 0; is_sent && i < request->statements->len; i++)
		is_sent = send_statement(connection, statement_at(request, i));
	/* A failure to send shows when the answer is read, with the server's reason if it gave one; a
	 * socket that can be written to is looked at right away. */
	watch_socket(request, !is_sent || PQflush(connection->conn) != 0);
}

void pg_request_send(PgRequest *request, gint64 timeout_us, PgRequestDone done, gpointer user_data,
                     GDestroyNotify dropped)
{
	PgConnection *connection = request->connection;

	request->timeout_us = timeout_us;
	request->done = done;
	request->user_data = user_data;
	request->dropped = dropped;
	set_timer(request, timeout_us);
	g_queue_push_tail(&connection->requests, request);
	if (g_queue_get_length(&connection->requests) == 1)
		request_start(request);
}

static void ignore_answer(G_GNUC_UNUSED PgRequest *request, GError *error,
                          G_GNUC_UNUSED gpointer user_data)
{
	g_clear_error(&error);
}

static GError *ignore_silence(G_GNUC_UNUSED PgRequest *request, G_GNUC_UNUSED gpointer user_data)
{
	return NULL;
}

void pg_request_abandon(PgRequest *request)
{
	PgConnection *connection = request->connection;

	if (g_queue_peek_head(&connection->requests) != request) {
		g_queue_remove(&connection->requests, request);
		pg_request_free(request);
		return;
	}
	request->done = ignore_answer;
	request->dropped = NULL;
	request->answered = NULL;
	/* Where it has no ear of its own the connection's goes on to hear. */
	if (request->silent != NULL)
		request->silent = ignore_silence;
}

void pg_requests_drop(PgConnection *connection)
{
	PgRequest *request;

	while ((request = g_queue_pop_head(&connection->requests)) != NULL) {
		if (request->dropped != NULL)
			request->dropped(request->user_data);
		pg_request_free(request);
	}
}

const char *pg_result_sqlstate(const PGresult *result)
{
	return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

gboolean pg_result_check(const PGresult *result, const char *purpose, GError **error)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		return TRUE;
	g_autofree char *words = server_message_text(result);

	error_set(error, PGUNLOCK_ERROR_FAILED, "%s failed: %s", purpose, words);
	error_set_sqlstate(error, pg_result_sqlstate(result));
	/* Ours wait for nothing but catalogs. */
	if (g_strcmp0(pg_result_sqlstate(result), SQLSTATE_LOCK_TIMEOUT) == 0)
		error_set_hint(error, "a system catalog is locked (a superuser can do without "
		                      "pg_auth_members); " HINT_LOCKED_CATALOG);
	/* From 16 on the detail says which privilege is missing. */
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);

	if (detail != NULL && g_strcmp0(pg_result_sqlstate(result), SQLSTATE_DENIED) == 0) {
		g_autofree char *hint = libpq_message_text(detail);

		error_set_hint(error, "%s", hint);
	}
	return FALSE;
}
