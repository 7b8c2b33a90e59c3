#include "scene.h"

#include "model/wait_graph.h"
#include "render/render.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How long it takes to make the snapshot of a server's rows, the graph of that, and the tree as
 * text of both, without any server: CPU time for each kind of situation and size (of the graph the
 * median), and beside a size that is ten times another how many times as long the graph takes
 * (linear is 10; at most 12 is wanted). Each size runs in a process of its own, so that its peak of
 * memory is its own. To be run in a build without sanitizers. */

#define RUNS 15
#define TABLE 500
#define FIRST_PID 1000

typedef void (*Stage)(Scene *scene, guint n);

static gint32 pid_of(guint i)
{
	return FIRST_PID + (gint32) i;
}

static void stage_storm(Scene *scene, guint n)
{
	scene_login_incident(scene, n);
}

/* Behind one DDL, which waits for one reader, everybody else. */
static void stage_ddl_queue(Scene *scene, guint n)
{
	scene_idle(scene, 100);
	scene_lock(scene, 100, tag_relation(TABLE), "AccessShareLock", GRANTED);
	for (guint i = 0; i < n; i++) {
		scene_running(scene, pid_of(i));
		scene_lock(scene, pid_of(i), tag_relation(TABLE),
		           i == 0  ? "AccessExclusiveLock"
		           : i % 2 ? "AccessShareLock"
		                   : "RowExclusiveLock",
		           n - i);
	}
}

static void stage_chain(Scene *scene, guint n)
{
	for (guint i = 0; i < n; i++) {
		scene_running(scene, pid_of(i));
		scene_lock(scene, pid_of(i), tag_transaction(1000 + i), "ExclusiveLock", GRANTED);
		if (i > 0)
			scene_lock(scene, pid_of(i), tag_transaction(999 + i), "ShareLock", n - i);
	}
}

/* n locks that nobody waits for, held by a thousand sessions, beside a storm of 100. */
static void stage_uncontended(Scene *scene, guint n)
{
	scene_login_incident(scene, 100);
	for (guint i = 0; i < 1000; i++)
		scene_running(scene, pid_of(i));
	for (guint i = 0; i < n; i++)
		scene_lock(scene, pid_of(i % 1000), tag_relation(10000 + i), "AccessShareLock", GRANTED);
}

/* n locks of 10,000 sessions of which a tenth waits, in a hundred jams. */
static void stage_server(Scene *scene, guint n)
{
	for (guint i = 0; i < 10000; i++)
		scene_running(scene, pid_of(i));
	for (guint i = 0; i < 1100; i++)
		scene_lock(scene, pid_of(i), tag_transaction(1000 + i / 11),
		           i % 11 == 0 ? "ExclusiveLock" : "ShareLock", i % 11 == 0 ? GRANTED : i % 11);
	for (guint i = 0; i < n; i++)
		scene_lock(scene, pid_of(i % 10000), tag_relation(10000 + i / 100), "RowExclusiveLock",
		           GRANTED);
}

/* Each with a statement of 1 MB. */
static void stage_long_statements(Scene *scene, guint n)
{
	const gsize length = 1024 * 1024;
	g_autofree char *statement = g_strnfill(length, 'x');

	for (guint i = 0; i < n; i++) {
		scene_session(scene, pid_of(i), "active", 60, 50, statement);
		scene_lock(scene, pid_of(i), tag_transaction(1000), i == 0 ? "ExclusiveLock" : "ShareLock",
		           i == 0 ? GRANTED : n - i);
	}
}

/* Holders and waiters of modes that conflict now and then: parties are behind others by many ways,
 * which is the most that there is to count. */
static void stage_mixed_queue(Scene *scene, guint n)
{
	static const char *const modes[] = {"ShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock",
	                                    "RowExclusiveLock"};

	for (guint i = 0; i < n / 10; i++) {
		scene_idle(scene, pid_of(i));
		scene_lock(scene, pid_of(i), tag_relation(TABLE),
		           i % 2 ? "RowExclusiveLock" : "AccessShareLock", GRANTED);
	}
	for (guint i = 0; i < n; i++) {
		scene_running(scene, pid_of(n + i));
		scene_lock(scene, pid_of(n + i), tag_relation(TABLE), modes[i % G_N_ELEMENTS(modes)],
		           n - i);
	}
}

static int compare_times(const void *a, gconstpointer b)
{
	gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

	return (x > y) - (x < y);
}

/* Of this process, in microseconds: what else runs on the machine doesn't count. */
static gint64 cpu_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* In microseconds, kB, lines. */
typedef struct {
	gint64 snapshot_us;
	gint64 graph_us;
	gint64 tree_us;
	guint tree_lines;
	long peak_kb;
} Measured;

static void measure_tree(const Snapshot *snapshot, Measured *measured)
{
	const RenderStyle style = {.width = 96, .unicode = TRUE, .connection_args = ""};
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	g_autoptr(GString) text = g_string_new(NULL);
	gint64 begun = cpu_time();

	render_tree_text(text, graph, &style);
	measured->tree_us = cpu_time() - begun;
	for (const char *at = text->str; (at = strchr(at, '\n')) != NULL; at++)
		measured->tree_lines++;
}

static Measured measure(Stage stage, guint n)
{
	Scene scene;
	Measured measured = {0};
	g_autoptr(Snapshot) snapshot = NULL;
	gint64 times[RUNS];
	gint64 begun_at = cpu_time();

	scene_begin(&scene, 150000);
	stage(&scene, n);
	snapshot = scene_end(&scene);
	measured.snapshot_us = cpu_time() - begun_at;
	measure_tree(snapshot, &measured);
	for (guint i = 0; i < RUNS; i++) {
		gint64 begun = cpu_time();
		WaitGraph *graph = wait_graph_new(snapshot);

		times[i] = cpu_time() - begun;
		wait_graph_free(graph);
	}
	qsort(times, RUNS, sizeof(times[0]), compare_times);
	measured.graph_us = times[RUNS / 2];
	return measured;
}

static Measured measure_apart(Stage stage, guint n)
{
	Measured measured = {0};
	struct rusage used = {0};
	int ends[2];

	fflush(stdout);
	if (pipe(ends) != 0)
		g_error("no pipe");
	pid_t child = fork();

	if (child == 0) {
		measured = measure(stage, n);
		_exit(write(ends[1], &measured, sizeof(measured)) == sizeof(measured) ? 0 : 1);
	}
	close(ends[1]);
	if (child < 0 || read(ends[0], &measured, sizeof(measured)) != sizeof(measured) ||
	    wait4(child, NULL, 0, &used) != child)
		g_error("a measuring process did not end well");
	close(ends[0]);
	measured.peak_kb = used.ru_maxrss;
	return measured;
}

int main(void)
{
	static const struct {
		const char *name;
		Stage stage;
		guint sizes[3]; /* each ten times the one before */
	} situations[] = {
	    {"row storm, waiters", stage_storm, {150, 1500, 15000}},
	    {"queue behind DDL, waiters", stage_ddl_queue, {150, 1500, 15000}},
	    {"chain, links", stage_chain, {50, 500, 5000}},
	    {"mixed modes, waiters", stage_mixed_queue, {150, 1500, 15000}},
	    {"100 waiters beside idle locks", stage_uncontended, {10000, 100000, 1000000}},
	    {"10,000 sessions, locks", stage_server, {10000, 100000, 1000000}},
	    {"statements of 1 MB, sessions", stage_long_statements, {5, 50, 500}},
	};

	printf("%-30s %9s %12s %12s %12s %9s %9s %12s\n", "", "size", "snapshot ms", "graph ms",
	       "per tenfold", "tree ms", "lines", "peak MB");
	for (gsize i = 0; i < G_N_ELEMENTS(situations); i++) {
		gint64 before = 0;

		for (gsize j = 0; j < G_N_ELEMENTS(situations[i].sizes); j++) {
			Measured measured = measure_apart(situations[i].stage, situations[i].sizes[j]);
			g_autofree char *growth =
			    g_strdup_printf("%.1f", (double) measured.graph_us / (double) MAX(before, 1));

			printf("%-30s %9u %12.3f %12.3f %12s %9.3f %9u %12.1f\n", situations[i].name,
			       situations[i].sizes[j], (double) measured.snapshot_us / 1000,
			       (double) measured.graph_us / 1000, j > 0 ? growth : "",
			       (double) measured.tree_us / 1000, measured.tree_lines,
			       (double) measured.peak_kb / 1024);
			before = measured.graph_us;
		}
	}
	return 0;
}
