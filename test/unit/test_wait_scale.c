#include "scene.h"

#include "model/wait_graph.h"

/* As many as a server can have, and more: that it ends, and with the right numbers. Times are not
 * measured here; test/bench does. */

#define TABLE 500
#define FIRST_PID 1000

/* A row locked, and so many logins that wait for it. */
static void test_storm(void)
{
	const guint n = 10000;
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));
	g_autoptr(GArray) held = g_array_new(FALSE, FALSE, sizeof(HeldTarget));
	guint n_children, root;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, n);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	root = scene_find(snapshot, 100);
	g_assert_cmpuint(wait_graph_blocked_total(graph, root), ==, n);
	g_assert_cmpuint(wait_graph_freed_alone(graph, root), ==, n);
	wait_graph_children(graph, scene_find(snapshot, 101), &n_children);
	g_assert_cmpuint(n_children, ==, n - 1);
	g_assert_cmpuint(wait_graph_n_blockers(graph, scene_find(snapshot, 100 + (gint32) n)), ==,
	                 n - 1);
	for (guint i = 0; i < n; i++)
		wait_graph_append_edges(graph, scene_find(snapshot, 101 + (gint32) i), EDGES_SHOWN, edges);
	g_assert_cmpuint(edges->len, ==, 2 * n - 2);
	wait_graph_append_held(graph, root, held);
	g_assert_cmpuint(held->len, ==, 1);
}

/* Each waits for the transaction of the one before it. */
static void test_chain(void)
{
	const gint32 n = 10000;
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 150000);
	for (gint32 i = 0; i < n; i++) {
		scene_running(&scene, FIRST_PID + i);
		scene_lock(&scene, FIRST_PID + i, tag_transaction(1000 + (guint32) i), "ExclusiveLock",
		           GRANTED);
		if (i > 0)
			scene_lock(&scene, FIRST_PID + i, tag_transaction(999 + (guint32) i), "ShareLock",
			           n - i);
	}
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	for (gint32 i = 0; i < n; i++) {
		guint session = scene_find(snapshot, FIRST_PID + i);

		g_assert_cmpuint(wait_graph_blocked_total(graph, session), ==, (guint) (n - 1 - i));
		g_assert_cmpuint(wait_graph_freed_alone(graph, session), ==, (guint) (n - 1 - i));
	}
	g_assert_cmpuint(wait_graph_n_tops(graph), ==, 1);
}

/* All at once in a circle. */
static void test_circle(void)
{
	const gint32 n = 2000;
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	guint n_members;

	scene_begin(&scene, 150000);
	for (gint32 i = 0; i < n; i++) {
		scene_running(&scene, FIRST_PID + i);
		scene_lock(&scene, FIRST_PID + i, tag_transaction(1000 + (guint32) i), "ExclusiveLock",
		           GRANTED);
		scene_lock(&scene, FIRST_PID + i, tag_transaction(1000 + (guint32) ((i + 1) % n)),
		           "ShareLock", 1);
	}
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	g_assert_cmpuint(wait_graph_n_roots(graph), ==, 0);
	g_assert_cmpuint(wait_graph_n_cycles(graph), ==, 1);
	wait_graph_cycle(graph, 0, &n_members);
	g_assert_cmpuint(n_members, ==, (guint) n);
	g_assert_cmpuint(wait_graph_n_tops(graph), ==, 1);
	g_assert_cmpuint(wait_graph_freed_alone(graph, wait_graph_top(graph, 0)), ==, (guint) n - 1);
}

/* Readers and writers have a table, a queue of all modes waits for it. */
static void test_mixed_queue(void)
{
	static const char *const modes[] = {"AccessExclusiveLock", "RowExclusiveLock", "ShareLock",
	                                    "AccessShareLock"};
	const gint32 n = 5000;
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	guint reader;

	scene_begin(&scene, 150000);
	for (gint32 i = 0; i < n; i++) {
		scene_idle(&scene, FIRST_PID + i);
		scene_lock(&scene, FIRST_PID + i, tag_relation(TABLE),
		           i % 2 ? "AccessShareLock" : "RowExclusiveLock", GRANTED);
		scene_running(&scene, FIRST_PID + n + i);
		scene_lock(&scene, FIRST_PID + n + i, tag_relation(TABLE), modes[i % 4], n - i);
	}
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	reader = scene_find(snapshot, FIRST_PID + 1);
	g_assert_cmpuint(wait_graph_n_roots(graph), ==, (guint) n);
	/* the first in line is behind all, and all are behind it */
	g_assert_cmpuint(wait_graph_blocked_total(graph, reader), ==, (guint) n);
	g_assert_cmpuint(wait_graph_freed_alone(graph, reader), ==, 0);
}

/* One transaction has many rows, and for each another session waits. */
static void test_many_rows(void)
{
	const gint32 n = 10000;
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	g_autoptr(GArray) held = g_array_new(FALSE, FALSE, sizeof(HeldTarget));

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_transaction(725), "ExclusiveLock", GRANTED);
	for (gint32 i = 0; i < n; i++) {
		scene_running(&scene, FIRST_PID + i);
		scene_lock(&scene, FIRST_PID + i, tag_tuple(TABLE, (guint32) i, 1), "ExclusiveLock",
		           GRANTED);
		scene_lock(&scene, FIRST_PID + i, tag_transaction(725), "ShareLock", 5);
	}
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	wait_graph_append_held(graph, scene_find(snapshot, 100), held);
	g_assert_cmpuint(held->len, ==, (guint) n);
	g_assert_cmpuint(wait_graph_freed_alone(graph, scene_find(snapshot, 100)), ==, (guint) n);
}

/* A million locks that nobody waits for, and a few that somebody does. */
static void test_uncontended(void)
{
	const guint n = 1000000, n_sessions = 1000;
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 100);
	for (gint32 i = 0; i < (gint32) n_sessions; i++)
		scene_running(&scene, FIRST_PID + i);
	for (guint i = 0; i < n; i++)
		scene_lock(&scene, FIRST_PID + (gint32) (i % n_sessions), tag_relation(10000 + i),
		           "AccessShareLock", GRANTED);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	g_assert_cmpuint(snapshot_n_locks(snapshot), >, n);
	g_assert_cmpuint(lock_queues_n(wait_graph_queues(graph)), ==, 2);
	g_assert_cmpuint(wait_graph_n_blocked(graph), ==, 100);
	g_assert_cmpuint(wait_graph_n_roots(graph), ==, 1);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/wait_scale/storm", test_storm);
	g_test_add_func("/wait_scale/chain", test_chain);
	g_test_add_func("/wait_scale/circle", test_circle);
	g_test_add_func("/wait_scale/mixed_queue", test_mixed_queue);
	g_test_add_func("/wait_scale/many_rows", test_many_rows);
	g_test_add_func("/wait_scale/uncontended", test_uncontended);
	return g_test_run();
}
