#include "base/duration.h"
#include "plan/alarm.h"
#include "scene.h"

#define NONE ALARM_NO_THRESHOLD

static const AlarmThresholds no_thresholds = {{NONE, NONE, NONE, NONE, NONE},
                                              {NONE, NONE, NONE, NONE, NONE}};

typedef struct {
	Snapshot *snapshot;
	WaitGraph *graph;
} Look;

static Look look_at(Scene *scene)
{
	Look look = {.snapshot = scene_end(scene)};

	look.graph = wait_graph_new(look.snapshot);
	return look;
}

static void look_clear(Look *look)
{
	wait_graph_free(look->graph);
	snapshot_free(look->snapshot);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Look, look_clear)

static void test_quiet(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_running(&scene, 100);
	g_auto(Look) look = look_at(&scene);
	const AlarmThresholds zero = {{0}, {0}};
	const Alarm alarm = alarm_of(look.graph, &zero);

	g_assert_cmpint(alarm.worst, ==, ALARM_OK);
	g_assert_cmpuint(alarm.idle_session, ==, NO_SESSION);
	g_assert_cmpuint(alarm.prepared_session, ==, NO_SESSION);
	for (guint i = 0; i < ALARM_N_MEASURES; i++) {
		g_assert_cmpint(alarm.value[i], ==, 0);
		g_assert_true(alarm.is_known[i]);
	}
}

static void test_measures(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 3);
	scene_session(&scene, 200, "idle in transaction (aborted)", 9000, 7000, "SELECT 1/0");
	scene_session(&scene, 201, "idle in transaction", 6000, 5000, "SELECT 1");
	scene_session(&scene, 202, "idle", -1, 90000, "SELECT 1");
	scene_prepared(&scene, 731, "a", 500);
	scene_prepared(&scene, 732, "b", 500);
	g_auto(Look) look = look_at(&scene);
	const Alarm alarm = alarm_of(look.graph, &no_thresholds);

	g_assert_cmpint(alarm.value[ALARM_BLOCKED], ==, 3);
	g_assert_cmpint(alarm.value[ALARM_ROOTS], ==, 1);
	g_assert_cmpint(alarm.value[ALARM_LONGEST_WAIT], ==, wait_graph_longest_wait(look.graph));
	g_assert_cmpint(alarm.value[ALARM_LONGEST_WAIT], >, 0);
	g_assert_cmpint(alarm.value[ALARM_OLDEST_IDLE], ==, 7000 * DURATION_SECOND);
	g_assert_cmpuint(alarm.idle_session, ==, scene_find(look.snapshot, 200));
	g_assert_cmpint(alarm.value[ALARM_OLDEST_PREPARED], >, 0);
	g_assert_cmpint(snapshot_session(look.snapshot, alarm.prepared_session)->kind, ==,
	                SESSION_KIND_PREPARED);
	g_assert_cmpint(alarm.worst, ==, ALARM_OK);
}

/* What equals a threshold is not above it. */
static void test_thresholds(void)
{
	static const struct {
		gint64 warning;
		gint64 critical;
		AlarmLevel level;
	} cases[] = {
	    {NONE, NONE, ALARM_OK},   {3, 3, ALARM_OK},       {2, NONE, ALARM_WARNING},
	    {2, 3, ALARM_WARNING},    {1, 2, ALARM_CRITICAL}, {NONE, 2, ALARM_CRITICAL},
	    {0, NONE, ALARM_WARNING},
	};
	Scene scene;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 3);
	g_auto(Look) look = look_at(&scene);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		AlarmThresholds thresholds = no_thresholds;

		thresholds.warning[ALARM_BLOCKED] = cases[i].warning;
		thresholds.critical[ALARM_BLOCKED] = cases[i].critical;
		const Alarm alarm = alarm_of(look.graph, &thresholds);

		g_test_message("case %u", (guint) i);
		g_assert_cmpint(alarm.level[ALARM_BLOCKED], ==, cases[i].level);
		g_assert_cmpint(alarm.worst, ==, cases[i].level);
		g_assert_cmpint(alarm.level[ALARM_ROOTS], ==, ALARM_OK);
	}
}

/* The worst of several counts. */
static void test_worst(void)
{
	Scene scene;
	AlarmThresholds thresholds = no_thresholds;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 1);
	g_auto(Look) look = look_at(&scene);
	thresholds.warning[ALARM_BLOCKED] = 0;
	thresholds.critical[ALARM_OLDEST_IDLE] = 0;
	thresholds.warning[ALARM_LONGEST_WAIT] = 0;
	g_assert_cmpint(alarm_of(look.graph, &thresholds).worst, ==, ALARM_CRITICAL);
}

/* A process without a role is nobody's idle transaction. */
static void test_hidden(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	for (gint32 pid = 100; pid < 103; pid++) {
		Session session = scene_blank_session(pid);

		session.backend_type = NULL;
		session.query = "<insufficient privilege>";
		session.user = pid == 102 ? 0 : SCENE_USER;
		snapshot_builder_add_session(scene.builder, &session);
	}
	g_auto(Look) look = look_at(&scene);
	const Alarm alarm = alarm_of(look.graph, &no_thresholds);

	g_assert_cmpuint(alarm.n_hidden, ==, 2);
	g_assert_false(alarm.is_known[ALARM_OLDEST_IDLE]);
	g_assert_true(alarm.is_known[ALARM_BLOCKED]);
	/* nobody wants to know */
	g_assert_cmpint(alarm.worst, ==, ALARM_OK);

	AlarmThresholds thresholds = no_thresholds;
	thresholds.critical[ALARM_OLDEST_IDLE] = DURATION_DAY;
	const Alarm unknown = alarm_of(look.graph, &thresholds);
	g_assert_cmpint(unknown.level[ALARM_OLDEST_IDLE], ==, ALARM_UNKNOWN);
	g_assert_cmpint(unknown.worst, ==, ALARM_UNKNOWN);
}

static void add_hidden(Scene *scene, gint32 pid)
{
	Session session = scene_blank_session(pid);

	session.backend_type = NULL;
	session.query = "<insufficient privilege>";
	session.user = SCENE_USER;
	snapshot_builder_add_session(scene->builder, &session);
}

/* What is seen to be wrong counts before what is hidden. */
static void test_alarm_beside_unknown(void)
{
	Scene scene;
	AlarmThresholds thresholds = no_thresholds;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 2);
	add_hidden(&scene, 500);
	g_auto(Look) look = look_at(&scene);
	thresholds.warning[ALARM_OLDEST_IDLE] = DURATION_DAY;
	thresholds.warning[ALARM_BLOCKED] = 1;
	g_assert_cmpint(alarm_of(look.graph, &thresholds).worst, ==, ALARM_WARNING);
	/* the part that is seen is enough */
	thresholds.warning[ALARM_OLDEST_IDLE] = 0;
	g_assert_cmpint(alarm_of(look.graph, &thresholds).level[ALARM_OLDEST_IDLE], ==, ALARM_WARNING);
}

/* A 13 shows how long somebody waits only to who may see his statement. */
static void test_hidden_waits(void)
{
	static const int versions[] = {130000, 140000};

	for (gsize i = 0; i < G_N_ELEMENTS(versions); i++) {
		gboolean shows = versions[i] >= 140000;
		gint64 waited = shows ? 30 * DURATION_SECOND : WAITED_UNKNOWN;
		AlarmThresholds thresholds = no_thresholds;
		Scene scene;

		scene_begin(&scene, versions[i]);
		scene_idle(&scene, 100);
		scene_lock(&scene, 100, tag_relation(500), "AccessExclusiveLock", GRANTED);
		add_hidden(&scene, 101);
		if (shows)
			scene_lock(&scene, 101, tag_relation(500), "AccessShareLock", 30);
		else
			scene_undated_wait(&scene, 101, tag_relation(500), "AccessShareLock");
		g_auto(Look) look = look_at(&scene);
		thresholds.warning[ALARM_LONGEST_WAIT] = DURATION_DAY;
		const Alarm alarm = alarm_of(look.graph, &thresholds);

		g_test_message("%d", versions[i]);
		g_assert_true(alarm.is_known[ALARM_LONGEST_WAIT] == shows);
		g_assert_cmpint(alarm.level[ALARM_LONGEST_WAIT], ==, shows ? ALARM_OK : ALARM_UNKNOWN);
		g_assert_cmpint(alarm.value[ALARM_LONGEST_WAIT], ==, MAX(waited, 0));
		g_assert_cmpint(wait_graph_longest_wait(look.graph), ==, waited);
		g_assert_true(wait_graph_knows_all_waits(look.graph) == shows);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/alarm/quiet", test_quiet);
	g_test_add_func("/alarm/measures", test_measures);
	g_test_add_func("/alarm/thresholds", test_thresholds);
	g_test_add_func("/alarm/worst", test_worst);
	g_test_add_func("/alarm/hidden", test_hidden);
	g_test_add_func("/alarm/alarm-beside-unknown", test_alarm_beside_unknown);
	g_test_add_func("/alarm/hidden-waits", test_hidden_waits);
	return g_test_run();
}
