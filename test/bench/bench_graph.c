#include "scene.h"

#include "model/wait_graph.h"

#include <stdio.h>
#include <time.h>

/* How long the graph takes to be made of a snapshot, without any server: the median CPU time for
 * each kind of situation and size, and beside a size that is ten times another how many times as
 * long it takes (linear is 10; at most 12 is wanted). To be run in a build without sanitizers. */

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

/* Microseconds. */
static gint64 measure(Stage stage, guint n)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	gint64 times[RUNS];

	scene_begin(&scene, 150000);
	stage(&scene, n);
	snapshot = scene_end(&scene);
	for (guint i = 0; i < RUNS; i++) {
		gint64 begun = cpu_time();
		WaitGraph *graph = wait_graph_new(snapshot);

		times[i] = cpu_time() - begun;
		wait_graph_free(graph);
	}
	qsort(times, RUNS, sizeof(times[0]), compare_times);
	return times[RUNS / 2];
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
	};

	printf("%-30s %9s %12s %14s\n", "", "size", "median ms", "per tenfold");
	for (gsize i = 0; i < G_N_ELEMENTS(situations); i++) {
		gint64 before = 0;

		for (gsize j = 0; j < G_N_ELEMENTS(situations[i].sizes); j++) {
			gint64 us = measure(situations[i].stage, situations[i].sizes[j]);

			printf("%-30s %9u %12.3f", situations[i].name, situations[i].sizes[j],
			       (double) us / 1000);
			if (j > 0)
				printf(" %14.1f", (double) us / (double) MAX(before, 1));
			putchar('\n');
			before = us;
		}
	}
	return 0;
}
