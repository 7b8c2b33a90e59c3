#include "pg/pooler.h"

#include "base/duration.h"
#include "base/error.h"
#include "pg/connection_internal.h"
#include "pg/pooler_rows.h"
#include "pg/server_message.h"
#include "pg/statements.h"
#include "pg/target.h"

#include <glib-unix.h>

/* What the console is called. */
#define CONSOLE_DATABASE "pgbouncer"
#define LONGEST_US (3 * DURATION_SECOND)
#define PURPOSE "asking the pooler's console"

/* The console takes one command at a time, in the simple protocol. */
static const StatementId COMMANDS[] = {STATEMENT_POOLER_CLIENTS, STATEMENT_POOLER_SERVERS};

enum { CLIENTS, SERVERS };

/* Counted: what is under way needs it. */
struct PgPooler {
	GMainContext *context;
	PgTarget *target;
	PgConnection *connection; /* NULL: not connected */
};

typedef struct {
	PgPooler *pooler;
	Snapshot *snapshot;
	gint64 timeout_us;
	gint64 deadline; /* by g_get_monotonic_time */
	PgPoolerDone done;
	gpointer user_data;
	PGresult *results[G_N_ELEMENTS(COMMANDS)];
	guint n_answered;
	GSource *socket;
	GSource *timer;
} Asking;

static void pooler_clear(gpointer data)
{
	PgPooler *pooler = data;

	g_clear_pointer(&pooler->connection, pg_connection_free);
	g_clear_pointer(&pooler->target, pg_target_free);
	g_main_context_unref(pooler->context);
}

PgPooler *pg_pooler_new(GMainContext *context, const char *conninfo, GError **error)
{
	g_auto(TargetFacts) facts = {0};
	char *complaint = NULL;
	PQconninfoOption *parsed = PQconninfoParse(conninfo, &complaint);

	/* A plain word would be taken for the name of a database. */
	if (parsed == NULL) {
		pg_target_set_error(error, complaint != NULL ? complaint : "out of memory");
		PQfreemem(complaint);
		return NULL;
	}
	PQconninfoFree(parsed);
	g_autoptr(PgTarget) target = pg_target_new();

	pg_target_set(target, "dbname", conninfo);
	pg_target_set_database(target, CONSOLE_DATABASE);
	if (!pg_target_look_up(target, &facts, error))
		return NULL;
	PgPooler *pooler = g_rc_box_new0(PgPooler);

	pooler->context = g_main_context_ref(context != NULL ? context : g_main_context_default());
	pooler->target = g_steal_pointer(&target);
	return pooler;
}

void pg_pooler_free(PgPooler *pooler)
{
	if (pooler != NULL)
		g_rc_box_release_full(pooler, pooler_clear);
}

/* After an error what the console still answers is nobody's: the next look connects anew. */
static void asking_end(Asking *asking, GError *error)
{
	PgPoolerDone done = asking->done;
	gpointer user_data = asking->user_data;

	pg_source_clear(&asking->socket);
	pg_source_clear(&asking->timer);
	if (error == NULL)
		pooler_rows_collect(asking->snapshot, asking->results[CLIENTS], asking->results[SERVERS],
		                    &error);
	if (error != NULL) {
		snapshot_add_warning(asking->snapshot, "%s: the clients behind the pooler aren't named",
		                     error->message);
		g_clear_pointer(&asking->pooler->connection, pg_connection_free);
		g_error_free(error);
	}
	for (guint i = 0; i < G_N_ELEMENTS(asking->results); i++)
		PQclear(asking->results[i]);
	pg_pooler_free(asking->pooler);
	g_free(asking);
	done(user_data);
}

static void lost(Asking *asking)
{
	const PgConnection *connection = asking->pooler->connection;
	g_autofree char *words = libpq_message_text(PQerrorMessage(connection->conn));
	GError *error = NULL;

	error_set(&error, PGUNLOCK_ERROR_FAILED, "lost the connection to %s while %s: %s",
	          connection->place, PURPOSE, words);
	asking_end(asking, error);
}

static gboolean on_timeout(gpointer data)
{
	Asking *asking = data;
	g_autofree char *limit = duration_to_text(asking->timeout_us);
	GError *error = NULL;

	error_set(&error, PGUNLOCK_ERROR_FAILED, "%s: no answer from %s within %s", PURPOSE,
	          asking->pooler->connection->place, limit);
	asking_end(asking, error);
	return G_SOURCE_REMOVE;
}

static void ask_next(Asking *asking);

/* FALSE: the asking has gone on or ended. */
static gboolean read_answer(Asking *asking, PGconn *conn)
{
	while (!PQisBusy(conn)) {
		PGresult *result = PQgetResult(conn);
		PGresult **slot = &asking->results[asking->n_answered];

		if (result == NULL) {
			asking->n_answered++;
			ask_next(asking);
			return FALSE;
		}
		if (*slot != NULL)
			PQclear(*slot);
		*slot = result;
	}
	return TRUE;
}

static gboolean on_socket(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
	Asking *asking = data;
	PGconn *conn = asking->pooler->connection->conn;

	if (PQflush(conn) < 0 || !PQconsumeInput(conn)) {
		lost(asking);
		return G_SOURCE_REMOVE;
	}
	return read_answer(asking, conn) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void ask_next(Asking *asking)
{
	pg_source_clear(&asking->socket);
	if (asking->n_answered == G_N_ELEMENTS(COMMANDS)) {
		asking_end(asking, NULL);
		return;
	}
	PGconn *conn = asking->pooler->connection->conn;
	const char *command = statement_sql(COMMANDS[asking->n_answered], NEWEST_MAJOR * 10000);

	/* A few bytes, which a socket that was just read from takes at once. */
	if (!PQsendQuery(conn, command) || PQflush(conn) < 0) {
		lost(asking);
		return;
	}
	asking->socket = g_unix_fd_source_new(PQsocket(conn), G_IO_IN | G_IO_ERR | G_IO_HUP);
	g_source_set_callback(asking->socket, G_SOURCE_FUNC(on_socket), asking, NULL);
	g_source_attach(asking->socket, asking->pooler->context);
}

static gboolean begin(gpointer data)
{
	Asking *asking = data;
	gint64 left_us = MAX(asking->deadline - g_get_monotonic_time(), 0);

	pg_source_clear(&asking->timer);
	asking->timer = g_timeout_source_new((guint) (left_us / DURATION_MS) + 1);
	g_source_set_callback(asking->timer, on_timeout, asking, NULL);
	g_source_attach(asking->timer, asking->pooler->context);
	ask_next(asking);
	return G_SOURCE_REMOVE;
}

static void connected(PgConnection *connection, GError *error,
                      G_GNUC_UNUSED gboolean needs_password, gpointer user_data)
{
	Asking *asking = user_data;

	asking->pooler->connection = connection;
	if (error != NULL)
		asking_end(asking, error);
	else
		begin(asking);
}

void pg_pooler_ask(PgPooler *pooler, Snapshot *snapshot, gint64 timeout_us, PgPoolerDone done,
                   gpointer user_data)
{
	Asking *asking = g_new0(Asking, 1);

	asking->pooler = g_rc_box_acquire(pooler);
	asking->snapshot = snapshot;
	asking->timeout_us = MIN(timeout_us, LONGEST_US);
	asking->deadline = g_get_monotonic_time() + asking->timeout_us;
	asking->done = done;
	asking->user_data = user_data;
	if (pooler->connection == NULL) {
		pg_connect_console(pooler->context, pooler->target, asking->timeout_us, connected, asking);
		return;
	}
	/* Never before this returns. */
	asking->timer = g_timeout_source_new(0);
	g_source_set_callback(asking->timer, begin, asking, NULL);
	g_source_attach(asking->timer, pooler->context);
}
