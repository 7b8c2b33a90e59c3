#include "graph_words.h"
#include "scene.h"

#include "base/timestamp.h"

#define TABLE 500
#define SECOND G_GINT64_CONSTANT(1000000)

static Snapshot *login_incident(guint n_waiters)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, n_waiters);
	return scene_end(&scene);
}

static void test_nothing(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	guint n;

	scene_begin(&scene, 150000);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	g_assert_cmpuint(wait_graph_n_roots(graph), ==, 0);
	g_assert_cmpuint(wait_graph_n_tops(graph), ==, 0);
	g_assert_cmpuint(wait_graph_n_blocked(graph), ==, 0);
	g_assert_cmpint(wait_graph_longest_wait(graph), ==, 0);
	wait_graph_participants(graph, &n);
	g_assert_cmpuint(n, ==, 0);
	g_assert_true(wait_graph_snapshot(graph) == snapshot);
	g_assert_cmpuint(lock_queues_n(wait_graph_queues(graph)), ==, 0);
	wait_graph_free(NULL);
}

/* CREATE INDEX waits for a writer; a reader of the same table is in nobody's way. */
static void test_bystander_holder(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	scene_idle(&scene, 101);
	scene_lock(&scene, 101, tag_relation(TABLE), "AccessShareLock", GRANTED);
	scene_running(&scene, 102);
	scene_lock(&scene, 102, tag_relation(TABLE), "ShareLock", 5);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "102-100");
	assert_words(words_roots(graph), "100:1/1");
	assert_words(words_tree(graph), "100(102)");
	g_assert_false(wait_graph_is_root(graph, scene_find(snapshot, 101)));
}

static void test_login_incident(void)
{
	g_autoptr(Snapshot) snapshot = login_incident(4);
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	guint holder = scene_find(snapshot, 100);
	guint first = scene_find(snapshot, 101);
	guint last = scene_find(snapshot, 104);

	assert_words(words_edges(graph, EDGES_ALL),
	             "101-100 102-101 103-101 103~102 104-101 104~103 104~102");
	assert_words(words_edges(graph, EDGES_SHOWN),
	             "101-100 102-101 103-101 103~102 104-101 104~103");
	assert_words(words_edges(graph, EDGES_HARD), "101-100 102-101 103-101 104-101");
	assert_words(words_roots(graph), "100:4/4");
	assert_words(words_tree(graph), "100(101(102 103 104))");
	g_assert_true(wait_graph_is_root(graph, holder));
	g_assert_false(wait_graph_is_root(graph, first));
	g_assert_cmpuint(wait_graph_n_blocked(graph), ==, 4);
	g_assert_cmpuint(wait_graph_n_blockers(graph, last), ==, 3);
	g_assert_cmpuint(wait_graph_n_blockers(graph, holder), ==, 0);
	/* The first in line keeps the others' place, but not their row. */
	g_assert_cmpuint(wait_graph_blocked_total(graph, first), ==, 3);
	g_assert_cmpuint(wait_graph_freed_alone(graph, first), ==, 0);
	g_assert_cmpint(wait_graph_longest_wait(graph), ==, 252 * SECOND);
	g_assert_cmpint(wait_graph_waited(graph, last), ==, 249 * SECOND);
	g_assert_cmpint(wait_graph_waited(graph, holder), ==, 0);
	g_assert_cmpint(wait_graph_longest_wait_behind(graph, holder), ==, 252 * SECOND);
	g_assert_cmpint(wait_graph_longest_wait_behind(graph, first), ==, 251 * SECOND);
	g_assert_cmpint(wait_graph_longest_wait_behind(graph, last), ==, 0);
	assert_words(words_sessions(graph, wait_graph_roots_of(graph, last)), "100");
	assert_words(words_sessions(graph, wait_graph_roots_of(graph, holder)), "");
	assert_words(words_sessions(graph, wait_graph_behind(graph, &first, 1)), "102 103 104");
	assert_words(words_sessions(graph, wait_graph_freed_by(graph, &holder, 1)), "101 102 103 104");
	assert_words(words_sessions(graph, wait_graph_freed_by(graph, &first, 1)), "");
}

/* Two wait for a row in share mode and keep its tuple lock together: who wants it for itself needs
 * the transactions of both. */
static void test_share_of_tuple_lock(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_transaction(725), "ExclusiveLock", GRANTED);
	scene_idle(&scene, 99);
	scene_lock(&scene, 99, tag_transaction(724), "ExclusiveLock", GRANTED);
	scene_running(&scene, 101);
	scene_lock(&scene, 101, tag_tuple(TABLE, 0, 1), "RowShareLock", GRANTED);
	scene_lock(&scene, 101, tag_transaction(725), "ShareLock", 30);
	scene_running(&scene, 102);
	scene_lock(&scene, 102, tag_tuple(TABLE, 0, 1), "RowShareLock", GRANTED);
	scene_lock(&scene, 102, tag_transaction(724), "ShareLock", 30);
	/* a foreign key check, which is in nobody's way */
	scene_running(&scene, 98);
	scene_lock(&scene, 98, tag_tuple(TABLE, 0, 1), "AccessShareLock", GRANTED);
	scene_running(&scene, 103);
	scene_lock(&scene, 103, tag_tuple(TABLE, 0, 1), "ExclusiveLock", 20);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "101-100 102-99 103-101 103-102");
	assert_words(words_roots(graph), "99:2/1 100:2/1");
}

/* Readers behind a DDL that waits for another reader. */
static void test_ddl_queue(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	guint both[2];

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessShareLock", GRANTED);
	for (gint32 pid = 101; pid <= 104; pid++) {
		scene_running(&scene, pid);
		scene_lock(&scene, pid, tag_relation(TABLE),
		           pid == 101 ? "AccessExclusiveLock" : "AccessShareLock", 150 - pid);
	}
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "101-100 102~101 103~101 104~101");
	assert_words(words_roots(graph), "100:4/4");
	assert_words(words_tree(graph), "100(101(102 103 104))");
	/* Its giving up frees all readers, though it is no root. */
	g_assert_cmpuint(wait_graph_freed_alone(graph, scene_find(snapshot, 101)), ==, 3);
	g_assert_cmpuint(wait_graph_n_blockers(graph, scene_find(snapshot, 104)), ==, 1);
	both[0] = scene_find(snapshot, 101);
	both[1] = scene_find(snapshot, 103);
	assert_words(words_sessions(graph, wait_graph_freed_by(graph, both, 2)), "102 104");
	assert_words(words_sessions(graph, wait_graph_behind(graph, both, 2)), "102 104");
}

static void test_co_holders(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	guint readers[3];

	scene_begin(&scene, 150000);
	for (gint32 pid = 100; pid <= 102; pid++) {
		scene_idle(&scene, pid);
		scene_lock(&scene, pid, tag_relation(TABLE), "AccessShareLock", GRANTED);
	}
	scene_running(&scene, 103);
	scene_lock(&scene, 103, tag_relation(TABLE), "AccessExclusiveLock", 5);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "103-100 103-101 103-102");
	assert_words(words_roots(graph), "100:1/0 101:1/0 102:1/0");
	assert_words(words_tree(graph), "100(103) 101 102");
	for (guint i = 0; i < 3; i++)
		readers[i] = scene_find(snapshot, 100 + (gint32) i);
	assert_words(words_sessions(graph, wait_graph_freed_by(graph, readers, 2)), "");
	assert_words(words_sessions(graph, wait_graph_freed_by(graph, readers, 3)), "103");
	assert_words(words_sessions(graph, wait_graph_roots_of(graph, scene_find(snapshot, 103))),
	             "100 101 102");
}

static void test_many_co_holders(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));
	const WaitEdge *last;

	scene_begin(&scene, 150000);
	for (gint32 pid = 100; pid < 130; pid++) {
		scene_idle(&scene, pid);
		scene_lock(&scene, pid, tag_relation(TABLE), "AccessShareLock", GRANTED);
	}
	/* one of them wants more, and so is a soft blocker, too, if it weren't a hard one */
	scene_lock(&scene, 129, tag_relation(TABLE), "ExclusiveLock", 50);
	scene_running(&scene, 200);
	scene_lock(&scene, 200, tag_relation(TABLE), "RowExclusiveLock", 40);
	scene_running(&scene, 201);
	scene_lock(&scene, 201, tag_relation(TABLE), "AccessExclusiveLock", 30);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	g_assert_cmpuint(wait_graph_n_blockers(graph, scene_find(snapshot, 201)), ==, 31);
	wait_graph_append_edges(graph, scene_find(snapshot, 201), EDGES_SHOWN, edges);
	g_assert_cmpuint(edges->len, ==, 21);
	last = &g_array_index(edges, WaitEdge, 20);
	g_assert_cmpint(last->kind, ==, EDGE_SOFT);
	g_assert_cmpuint(last->blocker, ==, scene_find(snapshot, 200));
	g_assert_cmpint(last->waiter_mode, ==, LOCK_MODE_ACCESS_EXCLUSIVE);
	g_assert_cmpint(last->blocker_mode, ==, LOCK_MODE_ROW_EXCLUSIVE);
	g_array_set_size(edges, 0);
	wait_graph_append_edges(graph, scene_find(snapshot, 201), EDGES_HARD, edges);
	g_assert_cmpuint(edges->len, ==, 30);
	/* of several modes held the strongest that is in the way */
	g_assert_cmpint(g_array_index(edges, WaitEdge, 0).blocker_mode, ==, LOCK_MODE_ACCESS_SHARE);
}

static void test_strongest_mode(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 100, tag_relation(TABLE), "ShareUpdateExclusiveLock", GRANTED);
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessShareLock", GRANTED);
	scene_running(&scene, 101);
	scene_lock(&scene, 101, tag_relation(TABLE), "ShareLock", 5);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	wait_graph_append_edges(graph, scene_find(snapshot, 101), EDGES_ALL, edges);
	g_assert_cmpuint(edges->len, ==, 1);
	g_assert_cmpint(g_array_index(edges, WaitEdge, 0).blocker_mode, ==,
	                LOCK_MODE_SHARE_UPDATE_EXCLUSIVE);
}

static void test_deadlock(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	guint first;

	scene_begin(&scene, 150000);
	for (gint32 pid = 100; pid <= 102; pid++) {
		scene_running(&scene, pid);
		scene_lock(&scene, pid, tag_transaction(700 + (guint32) pid), "ExclusiveLock", GRANTED);
	}
	scene_lock(&scene, 100, tag_transaction(801), "ShareLock", 0.5);
	scene_lock(&scene, 101, tag_transaction(800), "ShareLock", 0.4);
	scene_lock(&scene, 102, tag_transaction(801), "ShareLock", 0.3);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	first = scene_find(snapshot, 100);
	assert_words(words_roots(graph), "");
	assert_words(words_cycles(graph), "100 101");
	assert_words(words_tree(graph), "100(101(102))");
	g_assert_cmpuint(wait_graph_blocked_total(graph, first), ==, 2);
	/* ending any of a circle ends the circle */
	g_assert_cmpuint(wait_graph_freed_alone(graph, first), ==, 2);
	g_assert_cmpuint(wait_graph_freed_alone(graph, scene_find(snapshot, 101)), ==, 2);
	g_assert_cmpuint(wait_graph_freed_alone(graph, scene_find(snapshot, 102)), ==, 0);
	assert_words(words_sessions(graph, wait_graph_roots_of(graph, scene_find(snapshot, 102))), "");
	g_assert_cmpint(wait_graph_longest_wait_behind(graph, first), ==, SECOND / 2);
}

/* The worst root first: who blocks most, then who is waited for longest; then by pid, and prepared
 * transactions by number, so that two looks look the same. */
static void test_order_of_roots(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 150000);
	scene_prepared(&scene, 802, "b", TABLE + 10);
	scene_prepared(&scene, 801, "a", TABLE + 10);
	scene_running(&scene, 210);
	scene_lock(&scene, 210, tag_relation(TABLE + 10), "ShareLock", 1);
	for (gint32 pid = 100; pid <= 103; pid++) {
		scene_idle(&scene, pid);
		scene_lock(&scene, pid, tag_relation(TABLE + (guint32) pid), "ShareLock", GRANTED);
	}
	for (gint32 pid = 200; pid <= 204; pid++)
		scene_running(&scene, pid);
	scene_lock(&scene, 200, tag_relation(TABLE + 101), "RowExclusiveLock", 5);
	scene_lock(&scene, 201, tag_relation(TABLE + 100), "RowExclusiveLock", 5);
	scene_lock(&scene, 202, tag_relation(TABLE + 102), "RowExclusiveLock", 9);
	scene_lock(&scene, 203, tag_relation(TABLE + 103), "RowExclusiveLock", 2);
	scene_lock(&scene, 204, tag_relation(TABLE + 103), "RowExclusiveLock", 1);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_roots(graph), "103:2/2 102:1/1 100:1/1 101:1/1 a:1/0 b:1/0");
	/* waiters by the length of their waits, then by pid */
	assert_words(words_tree(graph), "103(203 204) 102(202) 100(201) 101(200) a(210) b");
}

/* A circle is no top when a root is above it, though each of its members is hard behind another
 * member and only soft behind somebody else. */
static void test_circle_below_root(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 150000);
	for (gint32 pid = 100; pid <= 103; pid++)
		scene_idle(&scene, pid);
	scene_lock(&scene, 100, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(TABLE), "ShareLock", 50);
	scene_lock(&scene, 102, tag_relation(TABLE), "RowShareLock", GRANTED);
	scene_lock(&scene, 103, tag_relation(TABLE + 1), "RowShareLock", GRANTED);
	scene_lock(&scene, 102, tag_relation(TABLE + 1), "ExclusiveLock", 40);
	scene_lock(&scene, 103, tag_relation(TABLE), "ExclusiveLock", 30);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "101-100 102-103 103-100 103-102 103~101");
	assert_words(words_cycles(graph), "102 103");
	assert_words(words_tree(graph), "100(101 103(102))");
}

static void test_soft_circle_below_root(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 150000);
	for (gint32 pid = 100; pid <= 103; pid++)
		scene_idle(&scene, pid);
	scene_lock(&scene, 100, tag_relation(TABLE), "RowShareLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(TABLE), "ExclusiveLock", 50);
	scene_lock(&scene, 102, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 103, tag_relation(TABLE), "ShareRowExclusiveLock", 30);
	scene_lock(&scene, 103, tag_relation(TABLE + 1), "RowShareLock", GRANTED);
	scene_lock(&scene, 102, tag_relation(TABLE + 1), "ExclusiveLock", 40);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "101-100 101-102 102-103 103-102 103~101");
	assert_words(words_cycles(graph), "101 102 103");
	assert_words(words_tree(graph), "100(101(103(102)))");
}

/* Its blocker has gone between the reading of the locks and that of the sessions, or can't be seen.
 */
static void test_no_visible_blocker(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 150000);
	scene_running(&scene, 100);
	scene_lock(&scene, 100, tag_relation(TABLE), "ShareLock", 5);
	scene_lock(&scene, 999, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "");
	assert_words(words_roots(graph), "");
	assert_words(words_tree(graph), "100");
	g_assert_cmpuint(wait_graph_n_blocked(graph), ==, 1);
	g_assert_cmpuint(wait_graph_n_blockers(graph, scene_find(snapshot, 100)), ==, 0);
}

static void test_targets(void)
{
	g_autoptr(Snapshot) snapshot = login_incident(3);
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	g_autoptr(GArray) held = g_array_new(FALSE, FALSE, sizeof(HeldTarget));
	LockTag row = tag_tuple(TABLE, 0, 1), transaction = tag_transaction(725);
	WaitTarget target = wait_graph_target(graph, scene_find(snapshot, 101));
	const HeldTarget *first;

	g_assert_true(lock_tag_equal(target.tag, &transaction));
	g_assert_true(lock_tag_equal(target.row_tag, &row));
	target = wait_graph_target(graph, scene_find(snapshot, 102));
	g_assert_true(lock_tag_equal(target.tag, &row));
	g_assert_null(target.row_tag);
	target = wait_graph_target(graph, scene_find(snapshot, 100));
	g_assert_null(target.tag);

	wait_graph_append_held(graph, scene_find(snapshot, 100), held);
	g_assert_cmpuint(held->len, ==, 1);
	first = &g_array_index(held, HeldTarget, 0);
	g_assert_cmpint(first->mode, ==, LOCK_MODE_EXCLUSIVE);
	g_assert_cmpuint(first->n_waiters, ==, 1);
	g_assert_true(lock_tag_equal(first->target.row_tag, &row));
}

/* Most waited for first; waits for one transaction are told apart by the rows that are meant. */
static void test_held_targets(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	g_autoptr(GArray) held = g_array_new(FALSE, FALSE, sizeof(HeldTarget));

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_transaction(725), "ExclusiveLock", GRANTED);
	scene_lock(&scene, 100, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 100, tag_relation(TABLE), "ShareUpdateExclusiveLock", GRANTED);
	for (gint32 pid = 101; pid <= 106; pid++) {
		scene_running(&scene, pid);
		if (pid <= 103)
			scene_lock(&scene, pid, tag_relation(TABLE), "ShareLock", 5);
		else
			scene_lock(&scene, pid, tag_transaction(725), "ShareLock", 5);
	}
	/* waits there, too, but not for 100 */
	scene_running(&scene, 107);
	scene_lock(&scene, 107, tag_relation(TABLE), "AccessShareLock", 5);
	scene_lock(&scene, 105, tag_tuple(TABLE, 0, 1), "ExclusiveLock", GRANTED);
	scene_lock(&scene, 106, tag_tuple(TABLE, 0, 2), "ExclusiveLock", GRANTED);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	wait_graph_append_held(graph, scene_find(snapshot, 100), held);
	g_assert_cmpuint(held->len, ==, 4);
	g_assert_cmpuint(g_array_index(held, HeldTarget, 0).n_waiters, ==, 3);
	g_assert_cmpint(g_array_index(held, HeldTarget, 0).mode, ==, LOCK_MODE_SHARE_UPDATE_EXCLUSIVE);
	for (guint i = 1; i < held->len; i++)
		g_assert_cmpuint(g_array_index(held, HeldTarget, i).n_waiters, ==, 1);
}

/* Somebody who takes no part: no tree, no numbers, no crash. */
static void test_bystander(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));
	guint bystander, n;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 2);
	scene_idle(&scene, 300);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	bystander = scene_find(snapshot, 300);
	wait_graph_append_edges(graph, bystander, EDGES_ALL, edges);
	g_assert_cmpuint(edges->len, ==, 0);
	g_assert_cmpuint(wait_graph_n_blockers(graph, bystander), ==, 0);
	g_assert_cmpuint(wait_graph_blocked_total(graph, bystander), ==, 0);
	g_assert_cmpuint(wait_graph_freed_alone(graph, bystander), ==, 0);
	g_assert_cmpint(wait_graph_longest_wait_behind(graph, bystander), ==, 0);
	g_assert_cmpint(wait_graph_waited(graph, bystander), ==, 0);
	g_assert_cmpuint(wait_graph_parent(graph, bystander), ==, NO_SESSION);
	g_assert_null(wait_graph_children(graph, bystander, &n));
	g_assert_cmpuint(n, ==, 0);
	g_assert_null(wait_graph_wait(graph, bystander, NULL));
	assert_words(words_sessions(graph, wait_graph_roots_of(graph, bystander)), "");
	assert_words(words_sessions(graph, wait_graph_behind(graph, &bystander, 1)), "");
	assert_words(words_sessions(graph, wait_graph_freed_by(graph, &bystander, 1)), "");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/wait_graph/nothing", test_nothing);
	g_test_add_func("/wait_graph/bystander_holder", test_bystander_holder);
	g_test_add_func("/wait_graph/login_incident", test_login_incident);
	g_test_add_func("/wait_graph/share_of_tuple_lock", test_share_of_tuple_lock);
	g_test_add_func("/wait_graph/ddl_queue", test_ddl_queue);
	g_test_add_func("/wait_graph/co_holders", test_co_holders);
	g_test_add_func("/wait_graph/many_co_holders", test_many_co_holders);
	g_test_add_func("/wait_graph/strongest_mode", test_strongest_mode);
	g_test_add_func("/wait_graph/deadlock", test_deadlock);
	g_test_add_func("/wait_graph/order_of_roots", test_order_of_roots);
	g_test_add_func("/wait_graph/circle_below_root", test_circle_below_root);
	g_test_add_func("/wait_graph/soft_circle_below_root", test_soft_circle_below_root);
	g_test_add_func("/wait_graph/no_visible_blocker", test_no_visible_blocker);
	g_test_add_func("/wait_graph/targets", test_targets);
	g_test_add_func("/wait_graph/held_targets", test_held_targets);
	g_test_add_func("/wait_graph/bystander", test_bystander);
	return g_test_run();
}
