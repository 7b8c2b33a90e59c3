#include "pg/signal.h"

#include "base/error.h"
#include "base/sql_ident.h"
#include "base/timestamp.h"
#include "pg/connection_internal.h"
#include "pg/elsewhere.h"
#include "pg/lease_internal.h"
#include "pg/rehearsal.h"
#include "pg/request.h"
#include "pg/row_reader.h"
#include "pg/sqlstate.h"

#include <string.h>

#define SQLSTATE_UNKNOWN_OBJECT "42704"

typedef struct {
	SignalKind kind;
	gint32 pid;
	gboolean under_lease;
	char *purpose;
	char *role; /* ours, as SQL writes it */
	PgSignalDone done;
	gpointer user_data;
} Signalling;

static void signalling_free(gpointer data)
{
	Signalling *signalling = data;

	g_free(signalling->purpose);
	g_free(signalling->role);
	g_free(signalling);
}

/* The words of the statements' answer. */
static const struct {
	const char *word;
	SignalOutcome outcome;
} OUTCOMES[] = {
    {"sent", SIGNAL_SENT},
    {"gone", SIGNAL_GONE},
    {"changed", SIGNAL_CHANGED},
    {"hidden", SIGNAL_DENIED},
};

static StatementId signal_statement(const SignalRequest *request)
{
	gboolean cancels = request->kind == SIGNAL_CANCEL;

	if (request->waiter_pid != 0)
		return cancels ? STATEMENT_CANCEL_BLOCKER : STATEMENT_TERMINATE_BLOCKER;
	if (request->held != NULL)
		return cancels ? STATEMENT_CANCEL_HOLDER : STATEMENT_TERMINATE_HOLDER;
	return cancels ? STATEMENT_CANCEL : STATEMENT_TERMINATE;
}

static PgParams *signal_params(const SignalRequest *request)
{
	PgParams *params = pg_params_new();

	pg_params_add_int(params, request->pid);
	pg_params_add_timestamp(params, request->backend_start);
	pg_params_add_bool(params, request->same_statement);
	pg_params_add_timestamp(params,
	                        request->same_statement ? request->query_start : TIMESTAMP_NONE);
	pg_params_add_bool(params, request->same_transaction);
	pg_params_add_text(params, request->same_transaction ? request->state : NULL);
	pg_params_add_timestamp(params,
	                        request->same_transaction ? request->xact_start : TIMESTAMP_NONE);
	if (request->waiter_pid != 0) {
		pg_params_add_int(params, request->waiter_pid);
	} else if (request->held != NULL) {
		pg_params_add_int(params, request->held->database);
		pg_params_add_int(params, request->held->classid);
		pg_params_add_int(params, request->held->objid);
		pg_params_add_int(params, request->held->objsubid);
	}
	return params;
}

static gboolean read_outcome(const PGresult *result, const char *purpose, SignalOutcome *outcome,
                             GError **error)
{
	static const PgColumn columns[] = {{"outcome", PG_TYPE_TEXT}};
	RowReader reader = {.result = result};

	if (!pg_result_check(result, purpose, error) ||
	    !pg_columns_check(result, columns, G_N_ELEMENTS(columns), purpose, error))
		return FALSE;
	const char *word = PQntuples(result) == 1 ? row_text(&reader, 0) : NULL;

	for (guint i = 0; i < G_N_ELEMENTS(OUTCOMES); i++) {
		if (g_strcmp0(OUTCOMES[i].word, word) == 0) {
			*outcome = OUTCOMES[i].outcome;
			return TRUE;
		}
	}
	row_malformed(&reader, purpose, error);
	return FALSE;
}

/* The server looks the session's role up before it signals, which fails while pg_authid is locked
 * unless this connection has it in its cache. */
static void hint_at_locked_roles(const Signalling *signalling, GError **error)
{
	gboolean is_cancel = signalling->kind == SIGNAL_CANCEL;

	error_set_hint(error,
	               "the server has to look the session's role up first, which hangs while "
	               "pg_authid is locked; on the server's own host `kill %s%d` equals %s (never "
	               "kill -9, which restarts the whole server)",
	               is_cancel ? "-INT " : "", signalling->pid, is_cancel ? "cancel" : "terminate");
}

static void signal_done(PgRequest *request, GError *error, gpointer user_data)
{
	g_autofree Signalling *signalling = user_data;
	g_autofree char *purpose = signalling->purpose;
	g_autofree char *role = signalling->role;
	SignalOutcome outcome = SIGNAL_FAILED;

	if (error == NULL && signalling->under_lease)
		lease_condition_check(pg_request_result(request, 0), purpose, &error);
	if (error == NULL)
		read_outcome(pg_request_result(request, signalling->under_lease ? 1 : 0), purpose, &outcome,
		             &error);
	if (error != NULL && g_strcmp0(error_sqlstate(error), SQLSTATE_DENIED) == 0)
		outcome = SIGNAL_DENIED;
	else if (error != NULL && (g_strcmp0(error_sqlstate(error), SQLSTATE_LOCK_TIMEOUT) == 0 ||
	                           pg_request_timed_out(request)))
		hint_at_locked_roles(signalling, &error);
	if (error == NULL && outcome == SIGNAL_DENIED) {
		error_set(&error, PGUNLOCK_ERROR_FAILED,
		          "%s failed: the server hides from this role when that session began, so it can't "
		          "be told from another with the same pid",
		          purpose);
		error_set_sqlstate(&error, SQLSTATE_DENIED);
		error_set_hint(&error, "GRANT pg_read_all_stats TO %s;", role);
	}
	signalling->done(outcome, error, signalling->user_data);
}

void pg_signal(PgConnection *connection, const SignalRequest *request, gint64 timeout_us,
               PgSignalDone done, gpointer user_data)
{
	Signalling *signalling = g_new0(Signalling, 1);

	signalling->kind = request->kind;
	signalling->pid = request->pid;
	signalling->under_lease = request->under_lease;
	signalling->purpose =
	    g_strdup_printf(request->kind == SIGNAL_CANCEL ? "cancelling the statement of pid %d"
	                                                   : "terminating pid %d",
	                    request->pid);
	signalling->role = sql_ident(pg_connection_server(connection)->user);
	signalling->done = done;
	signalling->user_data = user_data;
	PgRequest *sent = pg_request_new(connection, signalling->purpose);

	if (request->under_lease)
		lease_add_condition(sent);
	pg_request_add(sent, signal_statement(request), signal_params(request));
	pg_request_send(sent, timeout_us, signal_done, signalling, signalling_free);
}

void pg_rehearse(PgRequest *request)
{
	static const LockTag nothing = {.type = LOCK_TYPE_ADVISORY};
	/* The statement without a waiter and a lock is a part of these. */
	static const SignalRequest to_nobody[] = {
	    {.kind = SIGNAL_CANCEL, .backend_start = TIMESTAMP_NONE, .waiter_pid = -1},
	    {.kind = SIGNAL_CANCEL, .backend_start = TIMESTAMP_NONE, .held = &nothing},
	    {.kind = SIGNAL_TERMINATE, .backend_start = TIMESTAMP_NONE, .waiter_pid = -1},
	    {.kind = SIGNAL_TERMINATE, .backend_start = TIMESTAMP_NONE, .held = &nothing},
	};
	g_autoptr(GArray) nobody = g_array_new(FALSE, FALSE, sizeof(gint32));
	PgParams *owners = pg_params_new();

	for (guint i = 0; i < G_N_ELEMENTS(to_nobody); i++)
		pg_request_add(request, signal_statement(&to_nobody[i]), signal_params(&to_nobody[i]));
	pg_params_add_int4s(owners, nobody);
	pg_request_add(request, STATEMENT_LOCK_OWNERS, owners);
}

char *pg_signal_sql(const SignalRequest *request)
{
	g_autoptr(PgParams) params = signal_params(request);
	const char *sql = statement_sql(signal_statement(request), NEWEST_MAJOR * 10000);
	g_autofree char *text = pg_params_substitute(params, sql);

	return g_strconcat(text, ";", NULL);
}

typedef struct {
	PgConnection *through; /* as long as it wasn't freed; NULL when our own connection is used */
	PgConnection *own;     /* to the other database */
	char *database;        /* in which */
	char *sql;
	char *purpose;
	gint64 deadline; /* by g_get_monotonic_time */
	PgSignalDone done;
	gpointer user_data;
} Finishing;

static void finishing_free(gpointer data)
{
	Finishing *finishing = data;

	if (finishing->through != NULL)
		pg_connection_unwatch(finishing->through, &finishing->through);
	g_free(finishing->database);
	g_free(finishing->sql);
	g_free(finishing->purpose);
	g_free(finishing);
}

static void finishing_end(Finishing *finishing, SignalOutcome outcome, GError *error)
{
	PgSignalDone done = finishing->done;
	gpointer user_data = finishing->user_data;
	gboolean is_wanted = finishing->through != NULL;

	finishing_free(finishing);
	if (is_wanted)
		done(outcome, error, user_data);
	else
		g_clear_error(&error);
}

static void finish_done(PgRequest *request, GError *error, gpointer user_data)
{
	Finishing *finishing = user_data;
	SignalOutcome outcome = SIGNAL_SENT;

	if (error == NULL)
		pg_result_check(pg_request_result(request, 0), finishing->purpose, &error);
	if (error != NULL)
		outcome =
		    g_strcmp0(error_sqlstate(error), SQLSTATE_DENIED) == 0 ? SIGNAL_DENIED : SIGNAL_FAILED;
	if (error != NULL && g_strcmp0(error_sqlstate(error), SQLSTATE_UNKNOWN_OBJECT) == 0) {
		outcome = SIGNAL_GONE;
		g_clear_error(&error);
	}
	g_clear_pointer(&finishing->own, pg_connection_free);
	finishing_end(finishing, outcome, error);
}

static void finish_send(Finishing *finishing, PgConnection *connection)
{
	PgRequest *request = pg_request_new(connection, finishing->purpose);
	gint64 left = finishing->deadline - g_get_monotonic_time();

	pg_request_add_sql(request, finishing->sql);
	pg_request_send(request, MAX(left, 0), finish_done, finishing, finishing_free);
}

static void finish_connected(PgConnection *connection, GError *error,
                             G_GNUC_UNUSED gboolean needs_password, gpointer user_data)
{
	Finishing *finishing = user_data;

	if (error != NULL || finishing->through == NULL) {
		pg_connection_free(connection);
		finishing_end(finishing, SIGNAL_FAILED, error);
		return;
	}
	finishing->own = connection;
	finish_send(finishing, connection);
}

static void finish_in_its_database(Finishing *finishing)
{
	PgConnection *through = finishing->through;
	gint64 left = MAX(finishing->deadline - g_get_monotonic_time(), 0);

	if (strcmp(finishing->database, pg_connection_server(through)->database) == 0)
		finish_send(finishing, through);
	else
		pg_connect_elsewhere(through, finishing->database, left, left, finish_connected, finishing);
}

static void lease_checked(PgRequest *request, GError *error, gpointer user_data)
{
	Finishing *finishing = user_data;

	if (error == NULL)
		lease_condition_check(pg_request_result(request, 0), finishing->purpose, &error);
	if (error != NULL)
		finishing_end(finishing, SIGNAL_FAILED, error);
	else
		finish_in_its_database(finishing);
}

void pg_finish_prepared(PgConnection *connection, const char *database, const char *gid,
                        gboolean commit, gboolean under_lease, gint64 timeout_us, PgSignalDone done,
                        gpointer user_data)
{
	Finishing *finishing = g_new0(Finishing, 1);

	finishing->sql = pg_finish_prepared_sql(gid, commit);
	finishing->purpose =
	    g_strdup_printf("%s of \"%s\" in database \"%s\"",
	                    commit ? "COMMIT PREPARED" : "ROLLBACK PREPARED", gid, database);
	finishing->deadline = g_get_monotonic_time() + timeout_us;
	finishing->done = done;
	finishing->user_data = user_data;
	finishing->through = connection;
	finishing->database = g_strdup(database);
	pg_connection_watch(connection, &finishing->through);
	if (under_lease) {
		PgRequest *request = pg_request_new(connection, finishing->purpose);

		lease_add_question(request);
		pg_request_send(request, timeout_us, lease_checked, finishing, finishing_free);
	} else {
		finish_in_its_database(finishing);
	}
}

char *pg_finish_prepared_sql(const char *gid, gboolean commit)
{
	GString *sql = g_string_new(commit ? "COMMIT PREPARED " : "ROLLBACK PREPARED ");

	pg_append_literal(sql, gid);
	g_string_append_c(sql, ';');
	return g_string_free(sql, FALSE);
}
