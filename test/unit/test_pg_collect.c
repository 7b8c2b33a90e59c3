#include "base/error.h"
#include "base/timestamp.h"
#include "model/wait_graph.h"
#include "pg/collect.h"
#include "pg/heartbeat.h"
#include "pg/privileges.h"
#include "rows.h"

#include <string.h>

#define LOCK_TYPES "tooidtxoodtitbbz"
#define ACTIVITY_TYPES                                                                             \
	"izitoottt"                                                                                    \
	"itzzzttxxt"

/* 2000-01-01 in microseconds since 1970. */
#define YEAR_2000 (G_GINT64_CONSTANT(946684800) * 1000000)

static const ServerInfo SERVER = {
    .host = "db1",
    .port = 5432,
    .database = "app",
    .database_oid = 5,
    .version_num = 150020,
    .version = "15.20",
    .own_pid = 99,
    .user = "bob",
    .user_oid = 10,
};

static SnapshotBuilder *new_builder(void)
{
	return snapshot_builder_new(&SERVER, YEAR_2000);
}

/* A row's NULLs are what isn't set. */
static PGresult *lock_row(const char *locktype, const char *mode, gint32 pid)
{
	PGresult *rows = rows_new(LOCK_TYPES);

	for (int column = 0; column < 16; column++)
		rows_set_null(rows, 0, column);
	rows_set_text(rows, 0, 0, locktype);
	rows_set_text(rows, 0, 10, "3/1547");
	rows_set_number(rows, 0, 11, pid);
	rows_set_text(rows, 0, 12, mode);
	rows_set_number(rows, 0, 13, 1);
	rows_set_number(rows, 0, 14, 0);
	return rows;
}

static PGresult *activity_row(gint32 pid, const char *query)
{
	PGresult *rows = rows_new(ACTIVITY_TYPES);

	for (int column = 0; column < 19; column++)
		rows_set_null(rows, 0, column);
	rows_set_number(rows, 0, 0, pid);
	rows_set_number(rows, 0, 1, 1000000);
	rows_set_text(rows, 0, 3, "client backend");
	rows_set_number(rows, 0, 4, 5);
	rows_set_number(rows, 0, 5, 4000000000);
	rows_set_text(rows, 0, 6, "app");
	rows_set_text(rows, 0, 7, "10.0.0.7");
	rows_set_number(rows, 0, 9, -1);
	rows_set_text(rows, 0, 10, "idle in transaction");
	rows_set_number(rows, 0, 11, 2000000);
	rows_set_text(rows, 0, 18, query);
	return rows;
}

static void test_locks(void)
{
	g_autoptr(SnapshotBuilder) builder = new_builder();
	g_autoptr(PGresult) locks = lock_row("tuple", "ExclusiveLock", 7);
	g_autoptr(PGresult) activity = activity_row(7, "update");
	g_autoptr(GError) error = NULL;

	rows_set_number(locks, 0, 1, 5);
	rows_set_number(locks, 0, 2, 4294967295);
	rows_set_number(locks, 0, 3, 4294967294);
	rows_set_number(locks, 0, 4, 65535);
	rows_set_text(locks, 0, 5, "-1/725");
	rows_set_number(locks, 0, 9, -2);
	rows_set_number(locks, 0, 13, 0);
	rows_set_number(locks, 0, 15, 5);
	g_assert_true(collect_locks(builder, locks, &error));
	g_assert_no_error(error);
	g_assert_true(collect_activity(builder, activity, &error));
	g_assert_no_error(error);
	g_autoptr(Snapshot) snapshot = snapshot_builder_finish(g_steal_pointer(&builder));

	g_assert_cmpuint(snapshot_n_locks(snapshot), ==, 1);
	const Lock *lock = snapshot_lock(snapshot, 0);

	g_assert_cmpint(lock->tag.type, ==, LOCK_TYPE_TUPLE);
	g_assert_cmpuint(lock->tag.database, ==, 5);
	g_assert_cmpuint(lock->tag.relation, ==, 4294967295);
	g_assert_cmpuint(lock->tag.page, ==, 4294967294);
	g_assert_cmpuint(lock->tag.tuple, ==, 65535);
	g_assert_cmpint(lock->tag.virtualxid.backend, ==, -1);
	g_assert_cmpuint(lock->tag.virtualxid.local, ==, 725);
	g_assert_cmpint(lock->tag.objsubid, ==, -2);
	g_assert_cmpint(lock->mode, ==, LOCK_MODE_EXCLUSIVE);
	g_assert_false(lock->granted);
	g_assert_cmpint(lock->waitstart, ==, YEAR_2000 + 5);
}

static void test_activity(void)
{
	g_autoptr(SnapshotBuilder) builder = new_builder();
	g_autoptr(PGresult) activity = activity_row(99, "select \xff");
	g_autoptr(GError) error = NULL;

	g_assert_true(collect_activity(builder, activity, &error));
	g_assert_no_error(error);
	g_autoptr(Snapshot) snapshot = snapshot_builder_finish(g_steal_pointer(&builder));
	const Session *session = snapshot_session(snapshot, 0);

	g_assert_cmpint(session->pid, ==, 99);
	g_assert_true(session->is_self);
	g_assert_cmpint(session->backend_start, ==, YEAR_2000 + 1000000);
	g_assert_cmpint(session->leader_pid, ==, 0);
	g_assert_cmpint(session->type, ==, BACKEND_TYPE_CLIENT);
	g_assert_cmpuint(session->database, ==, 5);
	g_assert_cmpuint(session->user, ==, 4000000000);
	g_assert_cmpstr(session->application_name, ==, "app");
	g_assert_cmpstr(session->client_addr, ==, "10.0.0.7");
	g_assert_null(session->client_hostname);
	g_assert_cmpint(session->client_port, ==, -1);
	g_assert_cmpint(session->state, ==, SESSION_STATE_IDLE_IN_TRANSACTION);
	g_assert_cmpint(session->xact_start, ==, YEAR_2000 + 2000000);
	g_assert_cmpint(session->query_start, ==, TIMESTAMP_NONE);
	g_assert_cmpstr(session->query, ==, "select \xef\xbf\xbd");
}

static void test_prepared(void)
{
	g_autoptr(SnapshotBuilder) builder = new_builder();
	g_autoptr(PGresult) prepared = rows_new("xtzoo");
	g_autoptr(GError) error = NULL;

	rows_set_number(prepared, 0, 0, 731);
	rows_set_text(prepared, 0, 1, "gid'1");
	rows_set_number(prepared, 0, 2, 9);
	rows_set_number(prepared, 0, 3, 10);
	rows_set_number(prepared, 0, 4, 5);
	g_assert_true(collect_prepared(builder, prepared, &error));
	g_assert_no_error(error);
	g_autoptr(Snapshot) snapshot = snapshot_builder_finish(g_steal_pointer(&builder));
	const Session *session = snapshot_session(snapshot, 0);

	g_assert_cmpint(session->kind, ==, SESSION_KIND_PREPARED);
	g_assert_cmpstr(session->gid, ==, "gid'1");
	g_assert_cmpuint(session->transaction, ==, 731);
	g_assert_cmpint(session->prepared_at, ==, YEAR_2000 + 9);
}

static void assert_malformed(gboolean collected, GError **error)
{
	g_assert_false(collected);
	g_assert_error(*error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_FAILED);
	g_clear_error(error);
}

/* Whatever a server sends, the worst is an error. */
static void test_malformed_rows(void)
{
	static const struct {
		const char *bytes; /* NULL: SQL's NULL */
		int column;
		int length;
	} cases[] = {
	    {NULL, 0, 0},         /* no locktype */
	    {"a\0b", 0, 3},       /* NUL in a text */
	    {"\0\0\0", 1, 3},     /* an oid of 3 bytes */
	    {"", 1, 0},           /* and of none */
	    {"\0\0\0\0\0", 2, 5}, /* and of 5 */
	    {"\0\0\0\0", 4, 4},   /* an int2 of 4 bytes */
	    {"3", 5, 1},          /* no virtual transaction id */
	    {"3/", 10, 2},        {"\0\0\0\0\0\0\0\1", 11, 8}, {NULL, 12, 0},
	    {"\1\1", 13, 2},      {"\0\0\0\1", 15, 4},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(SnapshotBuilder) builder = new_builder();
		g_autoptr(PGresult) rows = lock_row("relation", "ShareLock", 7);
		g_autoptr(GError) error = NULL;

		g_test_message("case %u", i);
		if (cases[i].bytes == NULL)
			rows_set_null(rows, 0, cases[i].column);
		else
			rows_set_bytes(rows, 0, cases[i].column, cases[i].bytes, cases[i].length);
		assert_malformed(collect_locks(builder, rows, &error), &error);
	}
}

static void test_malformed_columns(void)
{
	static const char *const types[] = {"", "tooidtxoodtitbb", "tooidtxoodtitbbzz",
	                                    "toiidtxoodtitbbz"};
	g_autoptr(SnapshotBuilder) builder = new_builder();
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
		g_autoptr(PGresult) rows = rows_new(types[i]);

		g_test_message("columns %s", types[i]);
		assert_malformed(collect_locks(builder, rows, &error), &error);
	}
	g_autoptr(PGresult) as_text = rows_new_as_text(LOCK_TYPES);

	assert_malformed(collect_locks(builder, as_text, &error), &error);
	g_autoptr(PGresult) refused = PQmakeEmptyPGresult(NULL, PGRES_FATAL_ERROR);

	assert_malformed(collect_locks(builder, refused, &error), &error);
}

static void test_pid_zero(void)
{
	g_autoptr(SnapshotBuilder) builder = new_builder();
	g_autoptr(PGresult) rows = activity_row(0, "");
	g_autoptr(GError) error = NULL;

	assert_malformed(collect_activity(builder, rows, &error), &error);
}

static void test_clock(void)
{
	g_autoptr(PGresult) rows = rows_new("z");
	g_autoptr(GError) error = NULL;
	gint64 now = 0;

	assert_malformed(collect_clock(&now, rows, &error), &error);
	rows_set_number(rows, 0, 0, 7);
	g_assert_true(collect_clock(&now, rows, &error));
	g_assert_cmpint(now, ==, YEAR_2000 + 7);
	rows_set_number(rows, 1, 0, 7);
	assert_malformed(collect_clock(&now, rows, &error), &error);
}

/* array_send: dimensions, NULLs, element type; length, lower bound; then the elements. */
#define ARRAY_OF_TWO "\0\0\0\1\0\0\0\0\0\0\0\x17\0\0\0\2\0\0\0\1\0\0\0\4\0\0\0\7\0\0\0\4\0\0\0\x8"
#define ARRAY_UNSORTED "\0\0\0\1\0\0\0\0\0\0\0\x17\0\0\0\2\0\0\0\1\0\0\0\4\0\0\0\7\0\0\0\4\0\0\0\0"
#define ARRAY_NEGATIVE "\0\0\0\1\0\0\0\0\0\0\0\x17\0\0\0\1\0\0\0\1\0\0\0\4\xff\xff\xff\xff"

static void test_heartbeat(void)
{
	g_autoptr(PGresult) rows = rows_new("aiiz");
	g_autoptr(GError) error = NULL;
	g_auto(Heartbeat) heartbeat = {0};

	assert_malformed(heartbeat_read(&heartbeat, rows, &error), &error);
	rows_set_bytes(rows, 0, 0, ARRAY_OF_TWO, 36);
	rows_set_number(rows, 0, 1, 2);
	rows_set_number(rows, 0, 2, 4711);
	rows_set_number(rows, 0, 3, 7);
	g_assert_true(heartbeat_read(&heartbeat, rows, &error));
	g_assert_cmpuint(heartbeat.waiting->len, ==, 2);
	g_assert_cmpint(g_array_index(heartbeat.waiting, gint32, 1), ==, 8);
	g_assert_cmpuint(heartbeat.n_hidden, ==, 2);
	g_assert_cmpint(heartbeat.lock_manager_waiter, ==, 4711);
	g_assert_cmpint(heartbeat.now, ==, YEAR_2000 + 7);
	heartbeat_clear(&heartbeat);
	rows_set_null(rows, 0, 2);
	g_assert_true(heartbeat_read(&heartbeat, rows, &error));
	g_assert_cmpint(heartbeat.lock_manager_waiter, ==, 0);
	heartbeat_clear(&heartbeat);
	/* a backend that has gone meanwhile */
	rows_set_bytes(rows, 0, 0, ARRAY_UNSORTED, 36);
	g_assert_true(heartbeat_read(&heartbeat, rows, &error));
	g_assert_cmpuint(heartbeat.waiting->len, ==, 1);
	g_assert_cmpint(g_array_index(heartbeat.waiting, gint32, 0), ==, 7);
	heartbeat_clear(&heartbeat);
	rows_set_bytes(rows, 0, 0, ARRAY_NEGATIVE, 28);
	assert_malformed(heartbeat_read(&heartbeat, rows, &error), &error);
	rows_set_null(rows, 0, 0);
	g_assert_true(heartbeat_read(&heartbeat, rows, &error));
	g_assert_cmpuint(heartbeat.waiting->len, ==, 0);
	heartbeat_clear(&heartbeat);
	rows_set_null(rows, 0, 3);
	assert_malformed(heartbeat_read(&heartbeat, rows, &error), &error);
}

/* The columns of contended locks: those of locks, and how many there are. */
static void test_contended_locks(void)
{
	g_autoptr(SnapshotBuilder) builder = new_builder();
	g_autoptr(PGresult) rows = rows_new(LOCK_TYPES "i");
	g_autoptr(GError) error = NULL;

	/* the locks have gone meanwhile, all of them */
	g_assert_true(collect_contended_locks(builder, rows, &error));
	for (int column = 0; column < (int) strlen(LOCK_TYPES); column++)
		rows_set_null(rows, 0, column);
	rows_set_text(rows, 0, 0, "advisory");
	rows_set_text(rows, 0, 10, "3/1547");
	rows_set_number(rows, 0, 11, 4711);
	rows_set_text(rows, 0, 12, "ExclusiveLock");
	rows_set_number(rows, 0, 13, 1);
	rows_set_number(rows, 0, 14, 0);
	rows_set_number(rows, 0, 16, 10001);
	g_assert_true(collect_contended_locks(builder, rows, &error));
	g_autoptr(Snapshot) snapshot = snapshot_builder_finish(g_steal_pointer(&builder));

	g_assert_cmpuint(snapshot_n_locks_there(snapshot), ==, 10001);
	builder = new_builder();
	rows_set_number(rows, 0, 16, -1);
	assert_malformed(collect_contended_locks(builder, rows, &error), &error);
}

#define WAIT_TYPES "iiia"

static PGresult *waits_new(gint32 waiting, gint32 hidden, gint32 pid)
{
	PGresult *rows = rows_new(WAIT_TYPES);

	rows_set_number(rows, 0, 0, waiting);
	rows_set_number(rows, 0, 1, hidden);
	if (pid != 0)
		rows_set_number(rows, 0, 2, pid);
	else
		rows_set_null(rows, 0, 2);
	rows_set_null(rows, 0, 3);
	return rows;
}

static gboolean are_whole(PGresult *taken)
{
	g_autoptr(PGresult) rows = taken;
	g_autoptr(SnapshotBuilder) builder = new_builder();
	g_autoptr(GError) error = NULL;
	gboolean is_whole = FALSE;

	g_assert_true(collect_waits(builder, rows, &is_whole, &error));
	g_assert_no_error(error);
	return is_whole;
}

static void test_waits_that_do_not_tell_all(void)
{
	PGresult *prepared = waits_new(1, 0, 42);

	g_assert_true(are_whole(waits_new(0, 0, 0)));
	g_assert_true(are_whole(waits_new(1, 0, 42)));
	g_assert_false(are_whole(waits_new(0, 1, 0)));
	g_assert_false(are_whole(waits_new(201, 0, 0)));
	g_assert_false(are_whole(rows_new(WAIT_TYPES)));
	rows_set_bytes(prepared, 0, 3, ARRAY_UNSORTED, 36); /* 7 and a prepared transaction */
	g_assert_false(are_whole(prepared));
}

static void add_backend(SnapshotBuilder *builder, gint32 pid)
{
	const Session session = {.pid = pid, .state_text = "active"};

	snapshot_builder_add_session(builder, &session);
}

static void test_waits(void)
{
	g_autoptr(SnapshotBuilder) builder = new_builder();
	g_autoptr(PGresult) rows = waits_new(2, 0, 7);
	g_autoptr(GError) error = NULL;
	gboolean is_whole = FALSE;

	rows_set_bytes(rows, 0, 3,
	               "\0\0\0\1\0\0\0\0\0\0\0\x17\0\0\0\2\0\0\0\1\0\0\0\4\0\0\0\x8\0\0\0\4\0\0\0\x8",
	               36);
	rows_set_number(rows, 1, 0, 2);
	rows_set_number(rows, 1, 1, 0);
	rows_set_number(rows, 1, 2, 9);
	rows_set_bytes(rows, 1, 3, ARRAY_OF_TWO, 36); /* 7 and 8 */
	g_assert_true(collect_waits(builder, rows, &is_whole, &error));
	g_assert_true(is_whole);
	for (gint32 pid = 7; pid <= 9; pid++)
		add_backend(builder, pid);
	g_autoptr(Snapshot) snapshot = snapshot_builder_finish(g_steal_pointer(&builder));
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);

	g_assert_true(snapshot_has_totals_only(snapshot));
	g_assert_cmpuint(wait_graph_n_blocked(graph), ==, 2);
	g_assert_cmpuint(wait_graph_n_roots(graph), ==, 1);
	guint root = wait_graph_root(graph, 0);

	g_assert_cmpint(snapshot_session(snapshot, root)->pid, ==, 8);
	g_assert_cmpuint(wait_graph_blocked_total(graph, root), ==, 2);
	builder = new_builder();
	rows_set_bytes(rows, 1, 3, "junk", 4);
	assert_malformed(collect_waits(builder, rows, &is_whole, &error), &error);
}

static void test_blocking_pids(void)
{
	g_autoptr(Snapshot) snapshot = snapshot_builder_finish(new_builder());
	g_autoptr(PGresult) rows = rows_new("ia");
	g_autoptr(GError) error = NULL;
	guint n;

	rows_set_number(rows, 0, 0, 42);
	rows_set_bytes(rows, 0, 1, ARRAY_OF_TWO, 36);
	rows_set_number(rows, 1, 0, 43);
	rows_set_bytes(rows, 1, 1, "\0\0\0\0\0\0\0\0\0\0\0\x17", 12);
	g_assert_true(collect_blocking_pids(snapshot, rows, &error));
	g_assert_no_error(error);
	const gint32 *pids = snapshot_blocking_pids(snapshot, 42, &n);

	g_assert_cmpuint(n, ==, 2);
	g_assert_cmpint(pids[0], ==, 7);
	g_assert_cmpint(pids[1], ==, 8);
	g_assert_nonnull(snapshot_blocking_pids(snapshot, 43, &n));
	g_assert_cmpuint(n, ==, 0);
}

static void test_standby_delay(void)
{
	g_autoptr(Snapshot) snapshot = snapshot_builder_finish(new_builder());
	g_autoptr(PGresult) rows = rows_new("i");
	g_autoptr(GError) error = NULL;
	gint32 delay_ms;

	assert_malformed(collect_standby_delay(snapshot, rows, &error), &error);
	g_assert_false(snapshot_standby_delay(snapshot, &delay_ms));
	rows_set_number(rows, 0, 0, 30000);
	g_assert_true(collect_standby_delay(snapshot, rows, &error));
	g_assert_true(snapshot_standby_delay(snapshot, &delay_ms));
	g_assert_cmpint(delay_ms, ==, 30000);
}

static void test_in_progress(void)
{
	g_autoptr(Snapshot) snapshot = snapshot_builder_finish(new_builder());
	g_autoptr(PGresult) rows = rows_new("o");
	g_autoptr(GError) error = NULL;

	rows_set_number(rows, 0, 0, 725);
	rows_set_number(rows, 1, 0, 4294967290);
	g_assert_true(collect_in_progress(snapshot, rows, &error));
	g_assert_true(snapshot_is_in_progress(snapshot, 725));
	g_assert_true(snapshot_is_in_progress(snapshot, 4294967290));
	g_assert_false(snapshot_is_in_progress(snapshot, 726));
	rows_set_bytes(rows, 0, 0, "\0", 1);
	assert_malformed(collect_in_progress(snapshot, rows, &error), &error);
}

static void test_malformed_arrays(void)
{
	static const struct {
		int offset; /* of ARRAY_OF_TWO */
		guint8 byte;
		int length;
	} cases[] = {
	    {3, 2, 36},     /* two dimensions */
	    {3, 0, 36},     /* none, but elements */
	    {7, 1, 36},     /* NULLs in it */
	    {11, 20, 36},   /* of bigint */
	    {15, 3, 36},    /* one element missing */
	    {12, 0xff, 36}, /* very many */
	    {23, 5, 36},    /* an element of 5 bytes */
	    {0, 0, 35},     /* cut off in every way */
	    {0, 0, 19},     {0, 0, 12}, {0, 0, 3}, {0, 0, 0},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(Snapshot) snapshot = snapshot_builder_finish(new_builder());
		g_autoptr(PGresult) rows = rows_new("ia");
		g_autoptr(GError) error = NULL;
		char bytes[36];

		g_test_message("case %u", i);
		memcpy(bytes, ARRAY_OF_TWO, sizeof(bytes));
		if (cases[i].length == 36)
			bytes[cases[i].offset] = (char) cases[i].byte;
		rows_set_number(rows, 0, 0, 42);
		rows_set_bytes(rows, 0, 1, bytes, cases[i].length);
		assert_malformed(collect_blocking_pids(snapshot, rows, &error), &error);
	}
}

static void test_privileges(void)
{
	g_autoptr(Snapshot) snapshot = snapshot_builder_finish(new_builder());
	g_autoptr(PGresult) own = rows_new("bbbbb");
	g_autoptr(GError) error = NULL;

	assert_malformed(collect_own_privileges(snapshot, own, &error), &error);
	g_assert_false(privileges_own(snapshot_privileges(snapshot))->known);
	for (int column = 0; column < 5; column++)
		rows_set_number(own, 0, column, column == 1);
	g_assert_true(collect_own_privileges(snapshot, own, &error));
	g_assert_true(privileges_own(snapshot_privileges(snapshot))->known);
	g_assert_false(privileges_own(snapshot_privileges(snapshot))->is_superuser);
	g_assert_true(privileges_own(snapshot_privileges(snapshot))->has_signal_backend);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/pg/collect/locks", test_locks);
	g_test_add_func("/pg/collect/activity", test_activity);
	g_test_add_func("/pg/collect/prepared", test_prepared);
	g_test_add_func("/pg/collect/malformed-rows", test_malformed_rows);
	g_test_add_func("/pg/collect/malformed-columns", test_malformed_columns);
	g_test_add_func("/pg/collect/pid-zero", test_pid_zero);
	g_test_add_func("/pg/collect/clock", test_clock);
	g_test_add_func("/pg/collect/heartbeat", test_heartbeat);
	g_test_add_func("/pg/collect/contended-locks", test_contended_locks);
	g_test_add_func("/pg/collect/waits", test_waits);
	g_test_add_func("/pg/collect/partial-waits", test_waits_that_do_not_tell_all);
	g_test_add_func("/pg/collect/blocking-pids", test_blocking_pids);
	g_test_add_func("/pg/collect/standby-delay", test_standby_delay);
	g_test_add_func("/pg/collect/in-progress", test_in_progress);
	g_test_add_func("/pg/collect/malformed-arrays", test_malformed_arrays);
	g_test_add_func("/pg/collect/privileges", test_privileges);
	return g_test_run();
}
