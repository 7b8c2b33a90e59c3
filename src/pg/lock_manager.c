#include "pg/lock_manager.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "pg/connection_internal.h"
#include "pg/request.h"
#include "pg/row_reader.h"

#include <string.h>

#define PURPOSE "asking who waits for the lock manager"

/* It takes a millisecond, but of a machine that has none to spare. */
#define ANSWER_LIMIT_US (5 * DURATION_SECOND)

/* Of those that run, so many are named. */
#define MAX_NAMED 3
#define STATEMENT_WIDTH 100

enum {
	WAIT_PID,
	WAIT_IS_WAITING,
	WAIT_USER,
	WAIT_APPLICATION_NAME,
	WAIT_QUERY_START,
	WAIT_QUERY,
	WAIT_NOW,
	WAIT_COLUMN_COUNT
};

static const PgColumn COLUMNS[WAIT_COLUMN_COUNT] = {
    [WAIT_PID] = {"pid", PG_TYPE_INT4},
    [WAIT_IS_WAITING] = {"is_waiting", PG_TYPE_BOOL},
    [WAIT_USER] = {"usesysid", PG_TYPE_OID},
    [WAIT_APPLICATION_NAME] = {"application_name", PG_TYPE_TEXT},
    [WAIT_QUERY_START] = {"query_start", PG_TYPE_TIMESTAMPTZ},
    [WAIT_QUERY] = {"query", PG_TYPE_TEXT},
    [WAIT_NOW] = {"now", PG_TYPE_TIMESTAMPTZ},
};

static void add_row(LockManagerWaits *waits, RowReader *reader)
{
	gint64 query_start = row_timestamp(reader, WAIT_QUERY_START);
	gint64 now = row_timestamp(reader, WAIT_NOW);
	gboolean is_waiting = row_bool(reader, WAIT_IS_WAITING);
	const LockManagerRunner runner = {
	    .pid = row_int4(reader, WAIT_PID),
	    .user = row_oid(reader, WAIT_USER),
	    .application_name = row_text(reader, WAIT_APPLICATION_NAME),
	    .query = row_text(reader, WAIT_QUERY),
	    .running_us =
	        query_start == TIMESTAMP_NONE ? TIMESTAMP_NONE : timestamp_age(now, query_start),
	};

	if (reader->is_malformed)
		return;
	if (is_waiting)
		lock_manager_waits_add_waiter(waits, runner.pid);
	else
		lock_manager_waits_add_runner(waits, &runner);
}

LockManagerWaits *collect_lock_manager(const PGresult *result, GError **error)
{
	g_autoptr(LockManagerWaits) waits = lock_manager_waits_new();

	if (!pg_result_check(result, PURPOSE, error) ||
	    !pg_columns_check(result, COLUMNS, WAIT_COLUMN_COUNT, PURPOSE, error))
		return NULL;
	for (int row = 0; row < PQntuples(result); row++) {
		RowReader reader = {.result = result, .row = row};

		add_row(waits, &reader);
		if (reader.is_malformed) {
			row_malformed(&reader, PURPOSE, error);
			return NULL;
		}
	}
	return g_steal_pointer(&waits);
}

static void append_fit(GString *text, const char *bytes)
{
	g_autofree char *repaired = text_repair(bytes, strlen(bytes));
	g_autofree char *safe = text_safe(repaired);

	text_append_fit(text, safe, STATEMENT_WIDTH, FALSE, FALSE);
}

static void append_user(GString *text, guint32 user, const Names *names)
{
	const char *name = names != NULL ? names_role(names, user) : NULL;

	if (user == 0)
		g_string_append(text, "user not known");
	else if (name != NULL)
		g_string_append_printf(text, "user %s", name);
	else
		g_string_append_printf(text, "user with oid %u", user);
}

static void append_runner(GString *text, const LockManagerRunner *runner, const Names *names)
{
	g_string_append_printf(text, "pid %d (", runner->pid);
	append_user(text, runner->user, names);
	if (runner->application_name != NULL && runner->application_name[0] != '\0') {
		g_string_append(text, ", application ");
		append_fit(text, runner->application_name);
	}
	if (runner->running_us != TIMESTAMP_NONE) {
		g_autofree char *running = duration_to_text(runner->running_us);

		g_string_append_printf(text, ", for %s", running);
	}
	g_string_append(text, ")");
	if (runner->query != NULL && runner->query[0] != '\0') {
		g_string_append(text, ": ");
		append_fit(text, runner->query);
	}
}

static void append_runners(GString *text, const LockManagerWaits *waits, const Names *names)
{
	guint n = lock_manager_n_runners(waits);

	if (n == 0)
		g_string_append(text, "no session is seen that runs");
	for (guint i = 0; i < MIN(n, MAX_NAMED); i++) {
		g_string_append(text, i == 0 ? "running, not waiting: " : "; ");
		append_runner(text, lock_manager_runner(waits, i), names);
	}
	if (n > MAX_NAMED)
		g_string_append_printf(text, "; and %u more", n - MAX_NAMED);
}

void lock_manager_set_error(GError **error, const PgConnection *connection,
                            const LockManagerWaits *waits, gint32 looker_pid, gint64 unanswered_us,
                            const Names *names)
{
	guint n_others = lock_manager_n_others(waits, looker_pid);
	g_autofree char *unanswered = duration_to_text(unanswered_us);
	g_autoptr(GString) runners = g_string_new(NULL);

	append_runners(runners, waits, names);
	error_set(error, PGUNLOCK_ERROR_FAILED,
	          "the lock manager of %s is stuck: no word about locks for %s; %u other session%s for "
	          "it (LWLock LockManager); %s",
	          connection->place, unanswered, n_others, n_others == 1 ? " waits" : "s wait",
	          runners->str);
	error_set_hint(
	    error,
	    "wait: cancel and terminate are noticed only when it comes out of it, and who "
	    "logs in hangs until then%s; on the server's own host, top -p PID and gdb -p PID "
	    "tell more; never kill -9, which restarts the whole server",
	    lock_manager_n_runners(waits) == 0 ? " (a member of pg_read_all_stats sees what others run)"
	                                       : "");
}

typedef struct {
	const PgConnection *connection;
	gint32 looker_pid;
	gint64 unanswered_us;
	const Names *names;
	PgLockManagerDone done;
	gpointer user_data;
} Question;

static void asked(PgRequest *request, GError *error, gpointer user_data)
{
	g_autofree Question *question = user_data;
	g_autoptr(GError) failure = error;
	g_autoptr(LockManagerWaits) waits =
	    failure == NULL ? collect_lock_manager(pg_request_result(request, 0), &failure) : NULL;
	GError *stuck = NULL;

	/* Who can't tell doesn't say that it is stuck: the look's own time decides then. */
	if (waits != NULL && lock_manager_is_stuck(waits, question->looker_pid))
		lock_manager_set_error(&stuck, question->connection, waits, question->looker_pid,
		                       question->unanswered_us, question->names);
	question->done(stuck, question->user_data);
}

void pg_ask_lock_manager(PgConnection *connection, gint32 looker_pid, gint64 unanswered_us,
                         const Names *names, PgLockManagerDone done, gpointer user_data)
{
	Question *question = g_new0(Question, 1);
	PgRequest *request = pg_request_new(connection, PURPOSE);

	*question = (Question){connection, looker_pid, unanswered_us, names, done, user_data};
	pg_request_add(request, STATEMENT_LOCK_MANAGER, NULL);
	pg_request_send(request, ANSWER_LIMIT_US, asked, question, g_free);
}
