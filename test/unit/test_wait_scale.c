#include "scene.h"

#include "model/wait_graph.h"
#include "render/render.h"

#include <string.h>

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

/* What a terminal gets to see, whatever the size. */
#define MOST_LINES 60

static guint count_lines(const GString *text)
{
	guint n = 0;

	for (const char *at = text->str; (at = strchr(at, '\n')) != NULL; at++)
		n++;
	return n;
}

static void check_texts(const WaitGraph *graph, gsize most_bytes)
{
	const RenderStyle style = {.width = 96, .unicode = TRUE, .connection_args = ""};
	g_autoptr(GString) tree = g_string_new(NULL);
	g_autoptr(GString) status = g_string_new(NULL);

	render_tree_text(tree, graph, &style);
	g_assert_cmpuint(count_lines(tree), <=, MOST_LINES);
	g_assert_cmpuint(tree->len, <=, most_bytes);
	render_status_text(status, graph, &style);
	g_assert_cmpuint(count_lines(status), <=, MOST_LINES);
	g_assert_cmpuint(status->len, <=, most_bytes);
}

/* 10,000 sessions with a million locks: a tenth waits, in a hundred jams; the rest is at work. */
static void test_server(void)
{
	const guint n_sessions = 10000, n_locks = 1000000, n_jams = 100, n_waiters = 10;
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 150000);
	for (guint i = 0; i < n_sessions; i++)
		scene_running(&scene, FIRST_PID + (gint32) i);
	for (guint i = 0; i < n_jams; i++) {
		gint32 holder = FIRST_PID + (gint32) (i * (n_waiters + 1));

		scene_lock(&scene, holder, tag_transaction(1000 + i), "ExclusiveLock", GRANTED);
		for (guint j = 1; j <= n_waiters; j++)
			scene_lock(&scene, holder + (gint32) j, tag_transaction(1000 + i), "ShareLock", j);
	}
	for (guint i = 0; i < n_locks; i++)
		scene_lock(&scene, FIRST_PID + (gint32) (i % n_sessions), tag_relation(10000 + i / 100),
		           "RowExclusiveLock", GRANTED);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	g_assert_cmpuint(snapshot_n_sessions(snapshot), ==, n_sessions);
	g_assert_cmpuint(wait_graph_n_roots(graph), ==, n_jams);
	g_assert_cmpuint(wait_graph_n_blocked(graph), ==, n_jams * n_waiters);
	check_texts(graph, 20000);
}

/* As long as track_activity_query_size may be (1 MB), and none of it fit for a terminal. */
static void test_long_statements(void)
{
	const gint32 n = 30;
	const gsize length = 1024 * 1024;
	Scene scene;
	g_autofree char *statement = g_malloc(length + 1);
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;
	g_autoptr(GString) json = g_string_new(NULL);

	for (gsize i = 0; i < length; i++)
		statement[i] = "\033\xff\n\xe2\x80\xae '"[i % 8];
	statement[length] = '\0';
	scene_begin(&scene, 150000);
	for (gint32 i = 0; i < n; i++) {
		scene_session(&scene, FIRST_PID + i, "active", 60, 50, statement);
		scene_lock(&scene, FIRST_PID + i, tag_transaction(1000),
		           i == 0 ? "ExclusiveLock" : "ShareLock", i == 0 ? GRANTED : n - i);
	}
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	g_assert_cmpuint(wait_graph_n_blocked(graph), ==, (guint) n - 1);
	check_texts(graph, 20000);
	render_tree_json(json, graph, EDGES_SHOWN, FALSE);
	g_assert_cmpuint(json->len, >, (gsize) n * length);
	g_assert_true(g_utf8_validate(json->str, (gssize) json->len, NULL));
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
	g_test_add_func("/wait_scale/server", test_server);
	g_test_add_func("/wait_scale/long_statements", test_long_statements);
	return g_test_run();
}
