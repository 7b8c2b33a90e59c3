#include "graph_words.h"
#include "scene.h"

#include "base/timestamp.h"

/* The wait graph where it meets what is peculiar to kinds of sessions, of locks, of servers. */

#define TABLE 500
#define SECOND G_GINT64_CONSTANT(1000000)

static void test_prepared(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 150000);
	scene_prepared(&scene, 801, "order-17", TABLE);
	scene_prepared(&scene, 802, "order-18", TABLE);
	scene_running(&scene, 100);
	scene_lock(&scene, 100, tag_transaction(802), "ShareLock", 9);
	scene_running(&scene, 101);
	scene_lock(&scene, 101, tag_relation(TABLE), "ShareLock", 5);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "100-order-18 101-order-17 101-order-18");
	assert_words(words_roots(graph), "order-18:2/1 order-17:1/0");
	assert_words(words_tree(graph), "order-18(100 101) order-17");
}

static void test_parallel_group_holds(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	g_autoptr(GArray) held = g_array_new(FALSE, FALSE, sizeof(HeldTarget));
	g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));

	scene_begin(&scene, 150000);
	scene_running(&scene, 100);
	scene_worker(&scene, 101, "parallel worker", 100);
	scene_worker(&scene, 102, "parallel worker", 100);
	for (gint32 pid = 100; pid <= 102; pid++)
		scene_lock(&scene, pid, tag_relation(TABLE), "AccessShareLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(TABLE), "RowShareLock", GRANTED);
	scene_running(&scene, 103);
	scene_lock(&scene, 103, tag_relation(TABLE), "AccessExclusiveLock", 5);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "103-100");
	assert_words(words_roots(graph), "100:1/1");
	assert_words(words_tree(graph), "100(103)");
	g_assert_cmpuint(wait_graph_n_blockers(graph, scene_find(snapshot, 103)), ==, 1);
	wait_graph_append_edges(graph, scene_find(snapshot, 103), EDGES_ALL, edges);
	g_assert_cmpint(g_array_index(edges, WaitEdge, 0).blocker_mode, ==, LOCK_MODE_ROW_SHARE);
	wait_graph_append_held(graph, scene_find(snapshot, 100), held);
	g_assert_cmpuint(held->len, ==, 1);
	g_assert_cmpuint(g_array_index(held, HeldTarget, 0).n_waiters, ==, 1);
	g_assert_cmpint(g_array_index(held, HeldTarget, 0).mode, ==, LOCK_MODE_ROW_SHARE);
}

/* All workers of a query wait for the same VACUUM FULL, or for another session that waits for it.
 */
static void test_parallel_group_waits(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	const LockQueue *queue = NULL;
	const QueueWaiter *wait;
	guint leader;

	scene_begin(&scene, 150000);
	scene_running(&scene, 200);
	scene_lock(&scene, 200, tag_relation(TABLE), "AccessExclusiveLock", GRANTED);
	scene_lock(&scene, 200, tag_relation(TABLE + 1), "AccessExclusiveLock", GRANTED);
	scene_running(&scene, 201);
	scene_lock(&scene, 201, tag_relation(TABLE), "AccessExclusiveLock", 60);
	scene_running(&scene, 100);
	for (gint32 pid = 101; pid <= 103; pid++)
		scene_worker(&scene, pid, "parallel worker", 100);
	scene_lock(&scene, 101, tag_relation(TABLE), "AccessShareLock", 5);
	scene_lock(&scene, 102, tag_relation(TABLE), "RowExclusiveLock", 4);
	scene_lock(&scene, 103, tag_relation(TABLE + 1), "AccessShareLock", 9);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	leader = scene_find(snapshot, 100);
	assert_words(words_edges(graph, EDGES_ALL), "201-200 100-200 100~201 100-200");
	g_assert_cmpuint(wait_graph_n_blockers(graph, leader), ==, 3);
	assert_words(words_roots(graph), "200:2/2");
	assert_words(words_tree(graph), "200(201 100)");
	g_assert_cmpuint(wait_graph_n_blocked(graph), ==, 2);
	g_assert_cmpint(wait_graph_waited(graph, leader), ==, 9 * SECOND);
	wait = wait_graph_wait(graph, leader, &queue);
	g_assert_cmpuint(wait->session, ==, scene_find(snapshot, 103));
	g_assert_cmpuint(queue->tag.relation, ==, TABLE + 1);
	/* A worker is asked for by its leader. */
	g_assert_null(wait_graph_wait(graph, scene_find(snapshot, 103), NULL));
}

/* One member waits for a stranger who waits for another member. */
static void test_parallel_group_around_stranger(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	const QueueWaiter *wait;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 200);
	scene_lock(&scene, 200, tag_relation(TABLE), "ExclusiveLock", GRANTED);
	scene_running(&scene, 100);
	scene_worker(&scene, 101, "parallel worker", 100);
	scene_lock(&scene, 100, tag_relation(TABLE), "RowExclusiveLock", 30);
	scene_running(&scene, 201);
	scene_lock(&scene, 201, tag_relation(TABLE), "AccessExclusiveLock", 20);
	scene_lock(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", 10);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "100-200 100~201 201-200 201~100");
	assert_words(words_cycles(graph), "100 201");
	/* of several waits the longest is told of */
	wait = wait_graph_wait(graph, scene_find(snapshot, 100), NULL);
	g_assert_cmpuint(wait->session, ==, scene_find(snapshot, 100));
	g_assert_cmpint(wait_graph_waited(graph, scene_find(snapshot, 100)), ==, 30 * SECOND);
	assert_words(words_tree(graph), "200(100 201)");
}

/* Members ask for what conflicts, but never wait for each other; whoever they wait for has gone. */
static void test_parallel_group_alone(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 150000);
	scene_running(&scene, 100);
	scene_worker(&scene, 101, "parallel worker", 100);
	scene_worker(&scene, 102, "parallel worker", 100);
	scene_lock(&scene, 101, tag_relation(TABLE), "ExclusiveLock", 30);
	scene_lock(&scene, 102, tag_relation(TABLE), "ExclusiveLock", 10);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "");
	assert_words(words_tree(graph), "100");
	g_assert_cmpuint(wait_graph_n_blocked(graph), ==, 1);
}

/* A parallel apply worker has a leader_pid, but no lock group. */
static void test_parallel_apply_worker(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 160000);
	scene_worker(&scene, 100, "logical replication apply worker", 0);
	scene_worker(&scene, 101, "logical replication parallel worker", 100);
	scene_lock(&scene, 100, tag_transaction(725), "ExclusiveLock", GRANTED);
	scene_lock(&scene, 101, tag_transaction(725), "ShareLock", 5);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	g_assert_cmpint(snapshot_session(snapshot, scene_find(snapshot, 101))->leader_pid, ==, 0);
	assert_words(words_edges(graph, EDGES_ALL), "101-100");
	assert_words(words_roots(graph), "100:1/1");
}

static void test_predicate_locks(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 150000);
	for (gint32 pid = 100; pid <= 102; pid++) {
		scene_idle(&scene, pid);
		scene_lock(&scene, pid, tag_relation(TABLE), "SIReadLock", GRANTED);
	}
	scene_lock(&scene, 100, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(TABLE), "AccessExclusiveLock", 7);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	g_assert_cmpuint(snapshot_n_locks(snapshot), ==, 2);
	assert_words(words_edges(graph, EDGES_ALL), "101-100");
	assert_words(words_roots(graph), "100:1/1");
}

/* CREATE INDEX CONCURRENTLY waits for a transaction that never touched its table. */
static void test_virtualxid(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	WaitTarget target;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_virtualxid(3, 17), "ExclusiveLock", GRANTED);
	scene_idle(&scene, 101);
	scene_lock(&scene, 101, tag_virtualxid(3, 18), "ExclusiveLock", GRANTED);
	scene_running(&scene, 102);
	scene_lock(&scene, 102, tag_virtualxid(3, 17), "ShareLock", 60);
	scene_lock(&scene, 102, tag_relation(TABLE), "ShareUpdateExclusiveLock", GRANTED);
	scene_running(&scene, 103);
	scene_lock(&scene, 103, tag_relation(TABLE), "ShareUpdateExclusiveLock", 30);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "102-100 103-102");
	assert_words(words_tree(graph), "100(102(103))");
	target = wait_graph_target(graph, scene_find(snapshot, 102));
	g_assert_cmpint(target.tag->type, ==, LOCK_TYPE_VIRTUALXID);
	g_assert_null(target.row_tag);
}

static void test_version_13(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	g_autoptr(GArray) questions = NULL;

	scene_begin(&scene, 130000);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessShareLock", GRANTED);
	for (gint32 pid = 101; pid <= 102; pid++) {
		double age = 200 - pid;

		scene_session(&scene, pid, "active", age, age, "LOCK TABLE t");
		/* the column is not there: a wait without a start */
		scene_undated_wait(&scene, pid, tag_relation(TABLE), "AccessExclusiveLock");
	}
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "101-100 102-100 102~101");
	g_assert_cmpint(wait_graph_longest_wait(graph), ==, 99 * SECOND);
	g_assert_cmpint(lock_queues_get(wait_graph_queues(graph), 0)->order, ==, QUEUE_ORDER_UNKNOWN);
	questions = lock_queues_questions(wait_graph_queues(graph), FALSE);
	g_assert_cmpuint(questions->len, ==, 2);
}

/* Just begun to wait: waitstart is NULL for an instant. */
static void test_missing_waitstart(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessExclusiveLock", GRANTED);
	scene_session(&scene, 101, "active", 500, 500, "SELECT 1");
	scene_undated_wait(&scene, 101, tag_relation(TABLE), "AccessShareLock");
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "101-100");
	g_assert_cmpint(wait_graph_longest_wait(graph), ==, 0);
}

static void test_hidden_sessions(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 150000);
	for (gint32 pid = 100; pid <= 101; pid++) {
		Session session = {.pid = pid,
		                   .backend_start = TIMESTAMP_NONE,
		                   .xact_start = TIMESTAMP_NONE,
		                   .query_start = TIMESTAMP_NONE,
		                   .state_change = TIMESTAMP_NONE,
		                   .user = 11,
		                   .query = "<insufficient privilege>"};

		snapshot_builder_add_session(scene.builder, &session);
	}
	scene_lock(&scene, 100, tag_relation(TABLE), "ShareLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", 12);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "101-100");
	g_assert_true(snapshot_session(snapshot, scene_find(snapshot, 100))->hidden);
	g_assert_cmpint(wait_graph_longest_wait(graph), ==, 12 * SECOND);
}

/* Databases made from one template share the oids of their relations. */
static void test_two_databases(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	LockTag other = tag_relation(TABLE);

	other.database = SCENE_DATABASE + 1;
	scene_begin(&scene, 150000);
	for (gint32 pid = 100; pid <= 103; pid++)
		scene_idle(&scene, pid);
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessExclusiveLock", GRANTED);
	scene_lock(&scene, 101, other, "AccessExclusiveLock", GRANTED);
	scene_lock(&scene, 102, tag_relation(TABLE), "AccessShareLock", 20);
	scene_lock(&scene, 103, other, "AccessShareLock", 10);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "102-100 103-101");
	assert_words(words_tree(graph), "100(102) 101(103)");
	g_assert_nonnull(lock_queues_find(wait_graph_queues(graph), &other));
}

/* 100 is in the way of 101, who wants a row of relation 500, and of 102, who is next in line. */
static void row_scene(Scene *scene)
{
	scene_begin(scene, 150000);
	scene_login_incident(scene, 2);
	scene_lock(scene, 100, tag_relation(500), "RowShareLock", GRANTED);
	scene_lock(scene, 101, tag_relation(500), "RowExclusiveLock", GRANTED);
	scene_lock(scene, 101, tag_transaction(801), "ExclusiveLock", GRANTED);
	scene_idle(scene, 110);
}

/* Whether the row that 100 holds may be shared by others. */
static gboolean may_be_shared(Scene *scene)
{
	g_autoptr(Snapshot) snapshot = scene_end(scene);
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);

	g_assert_false(wait_graph_row_may_be_shared(graph, scene_find(snapshot, 101)));
	g_assert_false(wait_graph_row_may_be_shared(graph, scene_find(snapshot, 102)));
	g_assert_false(wait_graph_row_may_be_shared(graph, scene_find(snapshot, 110)));
	return wait_graph_row_may_be_shared(graph, scene_find(snapshot, 100));
}

static void test_row_may_be_shared(void)
{
	static const struct {
		guint32 relation;
		const char *mode;
		gboolean has_id, expected;
	} cases[] = {
	    {500, "RowShareLock", TRUE, TRUE},      {500, "RowExclusiveLock", TRUE, TRUE},
	    {500, "RowShareLock", FALSE, FALSE},    {500, "AccessShareLock", TRUE, FALSE},
	    {501, "RowExclusiveLock", TRUE, FALSE}, {499, "RowExclusiveLock", TRUE, FALSE},
	};
	Scene scene;

	/* those who wait for it lock rows of the table, too */
	row_scene(&scene);
	g_assert_false(may_be_shared(&scene));
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("case %zu", i);
		row_scene(&scene);
		scene_lock(&scene, 110, tag_relation(cases[i].relation), cases[i].mode, GRANTED);
		if (cases[i].has_id)
			scene_lock(&scene, 110, tag_transaction(810), "ExclusiveLock", GRANTED);
		g_assert_cmpint(may_be_shared(&scene), ==, cases[i].expected);
	}
	/* a table of another database that has the same oid is another table */
	for (guint32 database = SCENE_DATABASE - 1; database <= SCENE_DATABASE + 1; database += 2) {
		LockTag other = tag_relation(500);

		other.database = database;
		row_scene(&scene);
		scene_lock(&scene, 110, other, "RowShareLock", GRANTED);
		scene_lock(&scene, 110, tag_transaction(810), "ExclusiveLock", GRANTED);
		g_assert_false(may_be_shared(&scene));
	}
	/* a prepared transaction can be one */
	row_scene(&scene);
	scene_prepared(&scene, 820, "gid", 500);
	g_assert_true(may_be_shared(&scene));
}

/* Readers of a standby behind the startup process, which waits for one of them. */
static void test_startup_process(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	Session startup = scene_blank_session(50);

	scene_begin(&scene, 150000);
	startup.backend_type = "startup";
	snapshot_builder_add_session(scene.builder, &startup);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessShareLock", GRANTED);
	for (gint32 pid = 101; pid <= 130; pid++) {
		scene_running(&scene, pid);
		scene_lock(&scene, pid, tag_relation(TABLE), "AccessShareLock", 150 - pid);
	}
	scene_lock(&scene, 50, tag_relation(TABLE), "AccessExclusiveLock", 120);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_roots(graph), "100:31/31");
	g_assert_cmpuint(wait_graph_blocked_total(graph, scene_find(snapshot, 50)), ==, 30);
	g_assert_cmpuint(wait_graph_parent(graph, scene_find(snapshot, 130)), ==,
	                 scene_find(snapshot, 50));
}

/* A session-level advisory lock is kept by somebody without a transaction. */
static void test_advisory(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 150000);
	scene_session(&scene, 100, "idle", -1, 30, "SELECT pg_advisory_lock(7)");
	scene_lock(&scene, 100, tag_advisory(0, 7, 1), "ExclusiveLock", GRANTED);
	scene_running(&scene, 101);
	scene_lock(&scene, 101, tag_advisory(0, 7, 1), "ShareLock", 20);
	scene_running(&scene, 102);
	/* the same numbers as two keys are another lock */
	scene_lock(&scene, 102, tag_advisory(0, 7, 2), "ExclusiveLock", GRANTED);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "101-100");
	assert_words(words_roots(graph), "100:1/1");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/wait_graph_kinds/prepared", test_prepared);
	g_test_add_func("/wait_graph_kinds/parallel_group_holds", test_parallel_group_holds);
	g_test_add_func("/wait_graph_kinds/parallel_group_waits", test_parallel_group_waits);
	g_test_add_func("/wait_graph_kinds/parallel_group_around_stranger",
	                test_parallel_group_around_stranger);
	g_test_add_func("/wait_graph_kinds/parallel_group_alone", test_parallel_group_alone);
	g_test_add_func("/wait_graph_kinds/parallel_apply_worker", test_parallel_apply_worker);
	g_test_add_func("/wait_graph_kinds/predicate_locks", test_predicate_locks);
	g_test_add_func("/wait_graph_kinds/virtualxid", test_virtualxid);
	g_test_add_func("/wait_graph_kinds/version_13", test_version_13);
	g_test_add_func("/wait_graph_kinds/missing_waitstart", test_missing_waitstart);
	g_test_add_func("/wait_graph_kinds/hidden_sessions", test_hidden_sessions);
	g_test_add_func("/wait_graph_kinds/two_databases", test_two_databases);
	g_test_add_func("/wait_graph_kinds/startup_process", test_startup_process);
	g_test_add_func("/wait_graph_kinds/advisory", test_advisory);
	g_test_add_func("/wait_graph_kinds/row_may_be_shared", test_row_may_be_shared);
	return g_test_run();
}
