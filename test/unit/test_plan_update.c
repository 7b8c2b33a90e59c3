#include "base/timestamp.h"
#include "plan_words.h"

/* The plan as it was shown, held against a newer look. */

#define TABLE 500
#define OTHER_TABLE 600

/* What changes from look to look: the holder 100, who is in its way, and what else waits. */
typedef struct {
	const char *state; /* of 100 */
	double xact_age;   /* of 100 */
	double query_age;  /* of 100 */
	gboolean gone;     /* 100 is */
	gboolean reused;   /* another one has its pid */
	gboolean hidden;   /* our role has lost the privilege to see it */
	gint32 waiters[3]; /* for the table that 100 holds, longest first; 0: none */
	gint32 elsewhere;  /* for the other table that 100 holds */
	gboolean let_go;   /* 100 holds nothing any more */
} Moment;

static Planned look_at(Moment moment)
{
	Scene scene;
	Session holder = scene_blank_session(100);

	scene_begin(&scene, 150000);
	holder.state_text = moment.state;
	holder.xact_start = SCENE_NOW - (gint64) (moment.xact_age * G_USEC_PER_SEC);
	holder.query_start = SCENE_NOW - (gint64) (moment.query_age * G_USEC_PER_SEC);
	if (moment.reused)
		holder.backend_start += 1;
	if (moment.hidden) {
		holder.backend_type = holder.state_text = NULL;
		holder.query = "<insufficient privilege>";
		holder.backend_start = holder.xact_start = holder.query_start = TIMESTAMP_NONE;
	}
	if (!moment.gone)
		snapshot_builder_add_session(scene.builder, &holder);
	if (!moment.let_go) {
		scene_lock(&scene, 100, tag_relation(TABLE), "ShareLock", GRANTED);
		scene_lock(&scene, 100, tag_relation(OTHER_TABLE), "ShareLock", GRANTED);
	}
	for (guint i = 0; i < 3; i++)
		if (moment.waiters[i]) {
			scene_session(&scene, moment.waiters[i], "active", 40, 40 - i, "UPDATE t");
			scene_lock(&scene, moment.waiters[i], tag_relation(TABLE), "RowExclusiveLock", 40 - i);
		}
	if (moment.elsewhere) {
		scene_session(&scene, moment.elsewhere, "active", 90, 90, "UPDATE u");
		scene_lock(&scene, moment.elsewhere, tag_relation(OTHER_TABLE), "RowExclusiveLock", 90);
	}
	return planned_look(&scene);
}

static const Moment at_first = {
    .state = "idle in transaction", .xact_age = 60, .query_age = 50, .waiters = {101, 102}};
static const Moment at_first_running = {
    .state = "active", .xact_age = 60, .query_age = 50, .waiters = {101, 102}};

static void assert_update(const Planned *shown, Moment moment, const char *expected)
{
	g_auto(Planned) now = look_at(moment);

	assert_words(words_update(shown, &now), expected);
}

static Planned shown_by_name(PlanCommand command, Moment moment)
{
	Planned shown = look_at(moment);
	g_autoptr(GPtrArray) sessions = sessions_named("100");

	planned_make(&shown, &(Selection){.command = command, .sessions = sessions});
	return shown;
}

static Planned shown_of_all(Moment moment)
{
	Planned shown = look_at(moment);

	planned_make(&shown, &(Selection){.command = COMMAND_RELEASE, .all = TRUE});
	return shown;
}

static void test_release(void)
{
	g_auto(Planned) shown = shown_of_all(at_first);
	Moment now = at_first;

	assert_words(words_plan(&shown), "100 terminate idle frees 2 blocks 101 xact");
	assert_update(&shown, at_first, "same 101");
	/* the statement isn't what it was chosen for */
	now.query_age = 10;
	assert_update(&shown, now, "same 101");
	/* the waiter has given up, others still wait */
	now.waiters[0] = 103;
	assert_update(&shown, now, "same 103");
	now.waiters[0] = 0;
	assert_update(&shown, now, "same 102");
	now.waiters[1] = 0;
	assert_update(&shown, now, "went_on");

	now = at_first;
	now.gone = TRUE;
	assert_update(&shown, now, "gone");
	now.gone = FALSE;
	now.reused = TRUE;
	assert_update(&shown, now, "gone");
	/* nobody can say that it has gone or gone on; the signal will be refused */
	now = at_first;
	now.hidden = TRUE;
	assert_update(&shown, now, "same 101");
	now = at_first;
	now.state = "active";
	assert_update(&shown, now, "went_on");
	now.state = "idle in transaction (aborted)";
	assert_update(&shown, now, "went_on");
	now = at_first;
	now.xact_age = 5;
	assert_update(&shown, now, "went_on");
	now = at_first;
	now.let_go = TRUE;
	assert_update(&shown, now, "went_on");
}

static void test_release_running(void)
{
	g_auto(Planned) shown = shown_of_all(at_first_running);
	Moment now = at_first_running;

	assert_words(words_plan(&shown), "100 cancel running frees 2 blocks 101 stmt xact");
	assert_update(&shown, now, "same 101");
	now.query_age = 10;
	assert_update(&shown, now, "went_on");
	now = at_first_running;
	now.state = "idle in transaction";
	assert_update(&shown, now, "went_on");
}

/* A session that the person named is meant whatever it does by now, as long as it is that one; a
 * statement that is to be cancelled must be the one that was shown. */
static void test_by_name(void)
{
	g_auto(Planned) terminate = shown_by_name(COMMAND_TERMINATE, at_first);
	g_auto(Planned) cancel = shown_by_name(COMMAND_CANCEL, at_first_running);
	Moment now = at_first_running;

	now.xact_age = now.query_age = 5;
	now.waiters[0] = now.waiters[1] = 0;
	assert_update(&terminate, now, "same");
	assert_update(&cancel, now, "went_on");
	now.reused = TRUE;
	assert_update(&terminate, now, "gone");
	assert_update(&cancel, now, "gone");
	now = at_first_running;
	now.waiters[0] = now.waiters[1] = 0;
	assert_update(&cancel, now, "same");
	now.state = "idle in transaction";
	assert_update(&cancel, now, "went_on");
}

static void test_all_holders(void)
{
	g_auto(Planned) shown = look_at(at_first);
	Moment now = at_first;

	planned_make(&shown, &(Selection){.command = COMMAND_TERMINATE, .all_holders = TRUE});
	assert_words(words_plan(&shown), "100 terminate requested frees 2 xact");
	now.waiters[0] = now.waiters[1] = 0;
	assert_update(&shown, now, "same");
	now.xact_age = 5;
	assert_update(&shown, now, "went_on");
}

/* Chosen because of one table: that somebody waits for another is no reason. */
static void test_by_table(void)
{
	g_autoptr(TableSet) tables = table_set_new(SCENE_DATABASE);
	static const PlanCommand commands[] = {COMMAND_TERMINATE, COMMAND_RELEASE};

	table_set_add(tables, TABLE, "public.t");
	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
		Moment now = at_first;
		g_auto(Planned) shown = {0};

		now.elsewhere = 200;
		shown = look_at(now);
		planned_make(&shown, &(Selection){.command = commands[i], .tables = tables});
		g_assert_cmpuint(plan_n_items(shown.plan), ==, 1);
		assert_update(&shown, now, "same 101");
		now.waiters[0] = 0;
		assert_update(&shown, now, "same 102");
		now.waiters[1] = 0;
		assert_update(&shown, now, "went_on");
	}
}

/* Chosen because of one waiter. */
static void test_for_waiter(void)
{
	g_auto(Planned) shown = look_at(at_first);
	g_auto(Planned) gone = look_at(at_first);
	g_autoptr(SessionRef) waiter = session_ref_parse("102", NULL);
	g_autoptr(SessionRef) earlier = session_ref_parse("1.66", NULL);
	Moment now = at_first;

	planned_make(&shown, &(Selection){.command = COMMAND_RELEASE, .waiter = waiter});
	assert_words(words_plan(&shown), "100 terminate idle frees 2 blocks 102 xact");
	assert_update(&shown, now, "same 102");
	now.waiters[1] = 0;
	assert_update(&shown, now, "went_on");
	planned_make(&gone, &(Selection){.command = COMMAND_RELEASE, .waiter = earlier});
	assert_update(&gone, at_first, "");
}

/* The waiter that is meant stands in line behind the one that waits directly. */
static void test_for_waiter_in_line(void)
{
	g_autoptr(SessionRef) waiter = session_ref_parse("103", NULL);
	g_auto(Planned) shown = {0};
	g_auto(Planned) fewer = {0};
	Scene scene;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 3);
	shown = planned_look(&scene);
	planned_make(&shown, &(Selection){.command = COMMAND_RELEASE, .waiter = waiter});
	assert_words(words_plan(&shown), "100 terminate idle frees 3 blocks 101 xact");
	assert_words(words_update(&shown, &shown), "same 101");
	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 2);
	fewer = planned_look(&scene);
	assert_words(words_update(&shown, &fewer), "went_on");
}

typedef struct {
	gboolean reader_left, migration_runs, queue_left;
	double query_age;
} QueueMoment;

/* 100 reads, 101 wants to change the table, 102 and 103 stand behind it. */
static Planned look_at_queue(QueueMoment moment)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_session(&scene, 101, "active", 60, moment.query_age, "ALTER TABLE t");
	if (!moment.reader_left) {
		scene_session(&scene, 100, "idle in transaction", 600, 500, "SELECT");
		scene_lock(&scene, 100, tag_relation(TABLE), "AccessShareLock", GRANTED);
	}
	scene_lock(&scene, 101, tag_relation(TABLE), "AccessExclusiveLock",
	           moment.migration_runs ? GRANTED : 60);
	for (gint32 pid = 102; pid <= 103 && !moment.queue_left; pid++) {
		scene_session(&scene, pid, "active", 40, 40, "SELECT");
		scene_lock(&scene, pid, tag_relation(TABLE), "AccessShareLock", 140 - pid);
	}
	return planned_look(&scene);
}

static void assert_queue_update(const Planned *shown, QueueMoment moment, const char *expected)
{
	g_auto(Planned) now = look_at_queue(moment);

	assert_words(words_update(shown, &now), expected);
}

/* other_statement: what it comes to when only that has changed. */
static void check_queued(Selection selection, const char *plan, const char *other_statement)
{
	static const QueueMoment first = {.query_age = 60};
	g_auto(Planned) shown = look_at_queue(first);
	QueueMoment now = first;

	planned_make(&shown, &selection);
	assert_words(words_plan(&shown), plan);
	assert_queue_update(&shown, now, "same 102");
	now.queue_left = TRUE;
	assert_queue_update(&shown, now, "went_on");
	now = first;
	now.reader_left = now.migration_runs = TRUE;
	assert_queue_update(&shown, now, "went_on");
	now = first;
	now.query_age = 5;
	assert_queue_update(&shown, now, other_statement);
}

/* A request in the queue is what is in the way: not the statement that has what it asked for, nor a
 * request that nobody stands behind. */
static void test_queued(void)
{
	g_autoptr(GPtrArray) sessions = sessions_named("101");

	check_queued((Selection){.command = COMMAND_RELEASE, .all = TRUE},
	             "101 cancel queued frees 2 blocks 102 stmt xact", "went_on");
	check_queued((Selection){.command = COMMAND_RELEASE, .sessions = sessions},
	             "101 cancel queued frees 2 blocks 102 stmt xact", "went_on");
	check_queued((Selection){.command = COMMAND_CANCEL, .sessions = sessions, .as_seen = TRUE},
	             "101 cancel requested frees 2 blocks 102 stmt", "went_on");
	check_queued((Selection){.command = COMMAND_TERMINATE, .sessions = sessions, .as_seen = TRUE},
	             "101 terminate requested frees 2 blocks 102 xact", "same 102");
}

/* A reader on a standby, in the way of the startup process and perhaps of somebody else. */
static Planned look_at_standby(gboolean startup_waits, gboolean other_waits)
{
	Scene scene;
	Session startup = scene_blank_session(50);

	startup.backend_type = "startup";
	startup.user = 0;
	scene_begin(&scene, 150000);
	scene_session(&scene, 100, "idle in transaction", 60, 50, "SELECT");
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessShareLock", GRANTED);
	snapshot_builder_add_session(scene.builder, &startup);
	if (startup_waits)
		scene_lock(&scene, 50, tag_relation(TABLE), "AccessExclusiveLock", 40);
	if (other_waits) {
		scene_session(&scene, 101, "active", 30, 30, "LOCK TABLE t");
		scene_lock(&scene, 101, tag_relation(TABLE), "AccessExclusiveLock", 30);
	}
	return planned_look(&scene);
}

/* pg_blocking_pids of the startup process is empty even while it waits: a signal can't ask it. */
static void test_startup_waits(void)
{
	g_auto(Planned) alone = look_at_standby(TRUE, FALSE);
	g_auto(Planned) both = look_at_standby(TRUE, TRUE);
	g_auto(Planned) neither = look_at_standby(FALSE, FALSE);

	planned_make(&alone, &(Selection){.command = COMMAND_RELEASE, .all = TRUE});
	assert_words(words_plan(&alone), "100 terminate idle frees 1 blocks 50 xact");
	g_assert_cmpint(plan_waiter_pid(alone.snapshot, plan_item(alone.plan, 0)->waiter), ==, 0);
	assert_words(words_update(&alone, &alone), "same");
	assert_words(words_update(&alone, &both), "same 101");
	assert_words(words_update(&alone, &neither), "went_on");

	/* it has waited longer, but the other one can be asked */
	planned_make(&both,
	             &(Selection){.command = COMMAND_RELEASE, .all = TRUE, .prefer = PREFER_HOLDER});
	assert_words(words_plan(&both), "100 terminate idle frees 2 blocks 101 xact");
	g_assert_cmpint(plan_waiter_pid(both.snapshot, plan_item(both.plan, 0)->waiter), ==, 101);
	g_assert_cmpint(plan_waiter_pid(both.snapshot, NO_SESSION), ==, 0);
	assert_words(words_update(&both, &alone), "same");
}

static void test_several(void)
{
	g_auto(Planned) shown = look_at(at_first);
	g_auto(Planned) now = {0};
	Moment moment = at_first;
	g_autoptr(GPtrArray) sessions = sessions_named("101 100 102");

	planned_make(&shown, &(Selection){.command = COMMAND_TERMINATE, .sessions = sessions});
	moment.waiters[0] = 0;
	moment.state = "active";
	now = look_at(moment);
	assert_words(words_update(&shown, &now), "gone, same, same");
}

static void test_prepared(void)
{
	const PreparedRow row = {
	    .transaction = 700, .gid = "order", .owner = SCENE_USER, .database = SCENE_DATABASE};
	PreparedRow again = row;
	Planned looks[3];

	again.transaction = 701;
	for (guint i = 0; i < 3; i++) {
		Scene scene;
		const PreparedRow *it = i == 2 ? &again : &row;

		scene_begin(&scene, 150000);
		snapshot_builder_add_prepared(scene.builder, it);
		scene_prepared_lock(&scene, 1, tag_transaction(it->transaction), "ExclusiveLock");
		scene_prepared_lock(&scene, 1, tag_relation(TABLE), "ShareLock");
		if (i != 1) {
			scene_session(&scene, 101, "active", 40, 40, "UPDATE t");
			scene_lock(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", 40);
		}
		looks[i] = planned_look(&scene);
	}
	planned_make(&looks[0],
	             &(Selection){.command = COMMAND_RELEASE, .all = TRUE, .rollback_prepared = TRUE});
	assert_words(words_update(&looks[0], &looks[0]), "same 101");
	assert_words(words_update(&looks[0], &looks[1]), "went_on");
	/* another transaction under the same name */
	assert_words(words_update(&looks[0], &looks[2]), "gone");
	for (guint i = 0; i < 3; i++)
		planned_clear(&looks[i]);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/plan-update/release", test_release);
	g_test_add_func("/plan-update/release-running", test_release_running);
	g_test_add_func("/plan-update/by-name", test_by_name);
	g_test_add_func("/plan-update/all-holders", test_all_holders);
	g_test_add_func("/plan-update/by-table", test_by_table);
	g_test_add_func("/plan-update/for-waiter", test_for_waiter);
	g_test_add_func("/plan-update/for-waiter-in-line", test_for_waiter_in_line);
	g_test_add_func("/plan-update/queued", test_queued);
	g_test_add_func("/plan-update/startup-waits", test_startup_waits);
	g_test_add_func("/plan-update/several", test_several);
	g_test_add_func("/plan-update/prepared", test_prepared);
	return g_test_run();
}
