#include "graph_words.h"
#include "scene.h"

#include "base/timestamp.h"

#define TABLE 500

static Snapshot *login_incident(guint n_waiters)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, n_waiters);
	return scene_end(&scene);
}

static guint session_of(const Snapshot *snapshot, gint32 pid)
{
	guint session = snapshot_find_pid(snapshot, pid);

	g_assert_cmpuint(session, !=, NO_SESSION);
	return session;
}

/* A session that runs a statement, and one that is idle in its transaction. */
static void running(Scene *scene, gint32 pid)
{
	scene_session(scene, pid, "active", 60, 60, "SELECT 1");
}

static void idle(Scene *scene, gint32 pid)
{
	scene_session(scene, pid, "idle in transaction", 600, 500, "SELECT 2");
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
}

/* CREATE INDEX waits for a writer; a reader of the same table is in nobody's way. */
static void test_bystander_holder(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	scene_begin(&scene, 150000);
	idle(&scene, 100);
	scene_lock(&scene, 100, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	idle(&scene, 101);
	scene_lock(&scene, 101, tag_relation(TABLE), "AccessShareLock", GRANTED);
	running(&scene, 102);
	scene_lock(&scene, 102, tag_relation(TABLE), "ShareLock", 5);
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	assert_words(words_edges(graph, EDGES_ALL), "102-100");
	assert_words(words_roots(graph), "100:1/1");
	assert_words(words_tree(graph), "100(102)");
	g_assert_false(wait_graph_is_root(graph, session_of(snapshot, 101)));
}

static void test_login_incident(void)
{
	g_autoptr(Snapshot) snapshot = login_incident(4);
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	guint holder = session_of(snapshot, 100);
	guint first = session_of(snapshot, 101);
	guint last = session_of(snapshot, 104);

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
	g_assert_cmpint(wait_graph_longest_wait(graph), ==, 252 * G_USEC_PER_SEC);
	g_assert_cmpint(wait_graph_waited(graph, last), ==, 249 * G_USEC_PER_SEC);
	g_assert_cmpint(wait_graph_waited(graph, holder), ==, 0);
	g_assert_cmpint(wait_graph_longest_wait_behind(graph, holder), ==, 252 * G_USEC_PER_SEC);
	g_assert_cmpint(wait_graph_longest_wait_behind(graph, first), ==, 251 * G_USEC_PER_SEC);
	g_assert_cmpint(wait_graph_longest_wait_behind(graph, last), ==, 0);
	assert_words(words_sessions(graph, wait_graph_roots_of(graph, last)), "100");
	assert_words(words_sessions(graph, wait_graph_roots_of(graph, holder)), "");
	assert_words(words_sessions(graph, wait_graph_behind(graph, &first, 1)), "102 103 104");
	assert_words(words_sessions(graph, wait_graph_freed_by(graph, &holder, 1)), "101 102 103 104");
	assert_words(words_sessions(graph, wait_graph_freed_by(graph, &first, 1)), "");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/wait_graph/nothing", test_nothing);
	g_test_add_func("/wait_graph/bystander_holder", test_bystander_holder);
	g_test_add_func("/wait_graph/login_incident", test_login_incident);
	return g_test_run();
}
