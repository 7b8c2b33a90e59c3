#include "scene.h"

#include "model/wait_graph.h"

/* Circles that may be in passing, and those that won't: deadlocks. */

#define SECOND ((gint64) G_USEC_PER_SEC)

typedef struct {
	Snapshot *snapshot;
	WaitGraph *graph;
} Look;

/* 100 and so many more wait for each other, for these times; each has a statement of its own. */
static Look look_at_circle(gint32 n, const double *waited)
{
	Scene scene;
	Look look;

	scene_begin(&scene, 150000);
	for (gint32 i = 0; i < n; i++) {
		scene_session(&scene, 100 + i, "active", 60, 50, "UPDATE stock SET amount = 0");
		scene_lock(&scene, 100 + i, tag_transaction(800 + (guint32) i), "ExclusiveLock", GRANTED);
		scene_lock(&scene, 100 + i, tag_transaction(800 + (guint32) ((i + 1) % n)), "ShareLock",
		           waited[i]);
	}
	look.snapshot = scene_end(&scene);
	look.graph = wait_graph_new(look.snapshot);
	g_assert_cmpuint(wait_graph_n_cycles(look.graph), ==, 1);
	return look;
}

static void look_clear(Look *look)
{
	wait_graph_free(look->graph);
	snapshot_free(look->snapshot);
}

static void check_age(double first, double second, gint64 age_us, gboolean is_deadlock)
{
	const double waited[] = {first, second};
	Look look = look_at_circle(2, waited);

	g_assert_cmpint(wait_graph_cycle_age(look.graph, 0), ==, age_us);
	g_assert_cmpint(wait_graph_is_deadlock(look.graph, 0), ==, is_deadlock);
	g_assert_cmpint(wait_graph_has_deadlock(look.graph), ==, is_deadlock);
	look_clear(&look);
}

/* It is as old as its youngest wait. */
static void test_age(void)
{
	check_age(50, 0.5, SECOND / 2, FALSE);
	check_age(0.5, 50, SECOND / 2, FALSE);
	check_age(50, 1, SECOND, TRUE);
	check_age(2, 3, 2 * SECOND, TRUE);
}

static void check_timeout(gint64 timeout_us, double waited, gboolean is_deadlock)
{
	ServerInfo server = {.host = "db1", .database = "app", .version_num = 150000};
	Scene scene = {0};
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(WaitGraph) graph = NULL;

	server.deadlock_timeout_us = timeout_us;
	scene.builder = snapshot_builder_new(&server, SCENE_NOW);
	for (gint32 i = 0; i < 2; i++) {
		scene_running(&scene, 100 + i);
		scene_lock(&scene, 100 + i, tag_transaction(800 + (guint32) i), "ExclusiveLock", GRANTED);
		scene_lock(&scene, 100 + i, tag_transaction(801 - (guint32) i), "ShareLock", waited);
	}
	snapshot = scene_end(&scene);
	graph = wait_graph_new(snapshot);
	g_assert_cmpint(wait_graph_is_deadlock(graph, 0), ==, is_deadlock);
}

/* The server's own setting counts, but not beyond what could be in passing. */
static void test_timeout(void)
{
	check_timeout(SECOND / 10, 0.2, TRUE);
	check_timeout(SECOND / 10, 0.05, FALSE);
	check_timeout(2 * SECOND, 1.5, FALSE);
	check_timeout(3600 * SECOND, 2.9, FALSE);
	check_timeout(3600 * SECOND, 3, TRUE);
	check_timeout(0, 0.9, FALSE);
	check_timeout(0, 1, TRUE);
}

static void check_twice(gint32 n_before, const double *before, gint32 n, const double *now,
                        gboolean is_deadlock)
{
	Look earlier = look_at_circle(n_before, before);
	Look look = look_at_circle(n, now);

	g_assert_false(wait_graph_is_deadlock(look.graph, 0));
	wait_graph_compare_cycles(look.graph, earlier.graph);
	look_clear(&earlier);
	g_assert_cmpint(wait_graph_is_deadlock(look.graph, 0), ==, is_deadlock);
	look_clear(&look);
}

static void test_seen_twice(void)
{
	static const double some[] = {0.3, 0.2, 0.1}, others[] = {0.3, 0.1, 0.1};

	check_twice(3, some, 3, some, TRUE);
	check_twice(2, some, 2, some, TRUE);
	/* one of them waits anew */
	check_twice(3, others, 3, some, FALSE);
	/* other members; the two that both have wait for somebody else */
	check_twice(3, some, 2, some, FALSE);
	check_twice(2, some, 3, some, FALSE);
}

/* No circle before, none now. */
static void test_none_before(void)
{
	static const double some[] = {0.3, 0.2};
	Look look = look_at_circle(2, some);
	Scene scene;
	g_autoptr(Snapshot) quiet = NULL;
	g_autoptr(WaitGraph) none = NULL;

	scene_begin(&scene, 150000);
	scene_running(&scene, 100);
	quiet = scene_end(&scene);
	none = wait_graph_new(quiet);
	wait_graph_compare_cycles(look.graph, none);
	g_assert_false(wait_graph_is_deadlock(look.graph, 0));
	wait_graph_compare_cycles(look.graph, look.graph);
	g_assert_true(wait_graph_is_deadlock(look.graph, 0));
	wait_graph_compare_cycles(none, look.graph);
	g_assert_false(wait_graph_has_deadlock(none));
	look_clear(&look);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/wait_circles/age", test_age);
	g_test_add_func("/wait_circles/timeout", test_timeout);
	g_test_add_func("/wait_circles/seen_twice", test_seen_twice);
	g_test_add_func("/wait_circles/none_before", test_none_before);
	return g_test_run();
}
