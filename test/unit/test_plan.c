#include "plan_words.h"

#include "base/error.h"
#include "base/timestamp.h"

/* Sessions by name, and what doesn't depend on how they were chosen. */

#define TABLE 500

static void idle(Scene *scene, gint32 pid)
{
	scene_session(scene, pid, "idle in transaction", 600, 500, "SELECT 2");
}

static void running(Scene *scene, gint32 pid)
{
	scene_session(scene, pid, "active", 60, 50, "SELECT 1");
}

/* 100 holds a row, 101, 102 and 103 wait for it. */
static Planned login_incident(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_session(&scene, 1, "active", 0, 0, "SELECT pg_lock_status()");
	scene_login_incident(&scene, 3);
	scene_session(&scene, 200, "idle", -1, 10, "COMMIT");
	return planned_look(&scene);
}

static void make(Planned *planned, PlanCommand command, const char *names)
{
	g_autoptr(GPtrArray) sessions = sessions_named(names);
	Selection selection = {.command = command, .sessions = sessions};

	planned_make(planned, &selection);
}

static void assert_plan(Planned *planned, PlanCommand command, const char *names,
                        const char *expected)
{
	g_test_message("case %s", names);
	make(planned, command, names);
	assert_words(words_plan(planned), expected);
}

static void test_cancel(void)
{
	g_auto(Planned) login = login_incident();

	assert_plan(&login, COMMAND_CANCEL, "101", "101 cancel requested frees 0 stmt");
	assert_plan(&login, COMMAND_CANCEL, "100", "100 cancel no:cancel-idle frees 3 xact");
	assert_plan(&login, COMMAND_CANCEL, "200", "200 cancel no:cancel-idle frees 0 xact");
	assert_plan(&login, COMMAND_CANCEL, "1", "1 cancel no:self frees 0 stmt");
}

/* Chosen by a rule, for what they were seen to be: the signal is tied to that. */
static void test_as_seen(void)
{
	static const struct {
		PlanCommand command;
		const char *name, *expected;
	} cases[] = {
	    {COMMAND_TERMINATE, "100", "100 terminate requested frees 3 blocks 101 xact"},
	    {COMMAND_TERMINATE, "200", "200 terminate requested frees 0 xact"},
	    {COMMAND_CANCEL, "101", "101 cancel requested frees 0 blocks 102 stmt"},
	};
	g_auto(Planned) login = login_incident();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GPtrArray) sessions = sessions_named(cases[i].name);
		const Selection selection = {
		    .command = cases[i].command, .sessions = sessions, .as_seen = TRUE};

		planned_make(&login, &selection);
		assert_words(words_plan(&login), cases[i].expected);
	}
}

/* They run something, but aren't "active": no statement that the signal could be tied to. */
static void test_cancel_without_statement(void)
{
	static const struct {
		const char *type, *state;
	} cases[] = {
	    {"client backend", "fastpath function call"},
	    {"pg_cron", NULL},
	    {"client backend", "disabled"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		Scene scene;
		Session session = scene_blank_session(100);
		g_auto(Planned) look = {0};
		g_autoptr(GPtrArray) sessions = sessions_named("100");
		const Selection selection = {.command = COMMAND_CANCEL,
		                             .sessions = sessions,
		                             .include_protected = PROTECTED_BACKGROUND_WORKER};

		session.backend_type = cases[i].type;
		session.state_text = cases[i].state;
		scene_begin(&scene, 150000);
		snapshot_builder_add_session(scene.builder, &session);
		look = planned_look(&scene);
		planned_make(&look, &selection);
		assert_words(words_plan(&look), "100 cancel requested frees 0 xact");
	}
}

/* Whoever is named is meant, whatever it does; the person knows no more of it than who it is. */
static void test_terminate(void)
{
	g_auto(Planned) login = login_incident();

	assert_plan(&login, COMMAND_TERMINATE, "100", "100 terminate requested frees 3");
	assert_words(words_freed(&login), "101 102 103");
	g_assert_cmpint(login.plan->command, ==, COMMAND_TERMINATE);
	g_assert_cmpuint(plan_n_acts(login.plan), ==, 1);
	assert_plan(&login, COMMAND_TERMINATE, "102 101",
	            "102 terminate requested frees 0, 101 terminate requested frees 0");
	assert_plan(&login, COMMAND_TERMINATE, "200", "200 terminate requested frees 0");
	assert_words(words_freed(&login), "");
}

static void test_release(void)
{
	g_auto(Planned) login = login_incident();

	assert_plan(&login, COMMAND_RELEASE, "100", "100 terminate idle frees 3 blocks 101 xact");
	assert_words(words_locks(&login, 0), "transactionid 725 ExclusiveLock");
	g_assert_cmpuint(login.plan->n_waiting, ==, 3);
	assert_words(words_alternatives(&login), "");
}

/* Nobody is behind it: there is nothing to release. */
static void test_release_nobody(void)
{
	g_auto(Planned) login = login_incident();

	assert_plan(&login, COMMAND_RELEASE, "103 200", "");
	g_assert_cmpuint(login.plan->n_waiting, ==, 0);
	g_assert_cmpuint(plan_n_acts(login.plan), ==, 0);
	assert_words(words_freed(&login), "");
}

/* Whoever only waits isn't what holds anybody up, first in the queue or not. */
static void test_release_victim(void)
{
	g_auto(Planned) login = login_incident();
	g_autoptr(GPtrArray) sessions = sessions_named("101 102");
	const Selection selection = {.command = COMMAND_RELEASE, .sessions = sessions};
	g_autoptr(GError) error = NULL;

	g_assert_null(plan_new(login.graph, &selection, &error));
	g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_REFUSED);
	g_assert_true(g_str_has_suffix(error->message, " waits itself: nobody goes on when it ends"));
	g_assert_nonnull(strstr(error_hint(error), "release --waiter "));
	for (gint32 pid = 100; pid <= 103; pid++)
		g_assert_cmpint(plan_only_waits(login.graph, snapshot_find_pid(login.snapshot, pid)), ==,
		                pid != 100);

	/* Beside the one that does it stays named. */
	assert_plan(&login, COMMAND_RELEASE, "100 101",
	            "100 terminate idle frees 3 blocks 101 xact, 101 cancel running frees 0 blocks 102 "
	            "stmt xact");
	/* The last one blocks nobody: that is no error. */
	assert_plan(&login, COMMAND_RELEASE, "103", "");
	g_assert_cmpuint(login.plan->only_waits, ==, snapshot_find_pid(login.snapshot, 103));
	assert_plan(&login, COMMAND_RELEASE, "100", "100 terminate idle frees 3 blocks 101 xact");
	g_assert_cmpuint(login.plan->only_waits, ==, NO_SESSION);
}

/* The state says what is right. */
static void test_release_by_state(void)
{
	static const struct {
		const char *state, *plan;
	} cases[] = {
	    {"active", "100 cancel running frees 1 blocks 101 stmt xact"},
	    {"idle in transaction", "100 terminate idle frees 1 blocks 101 xact"},
	    {"idle in transaction (aborted)", "100 terminate aborted frees 1 blocks 101 xact"},
	    {"idle", "100 terminate session-lock frees 1 blocks 101 xact"},
	    {NULL, "100 terminate process frees 1 blocks 101 xact"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		Scene scene;
		g_auto(Planned) jam = {0};

		scene_begin(&scene, 180000);
		scene_session(&scene, 100, cases[i].state, 60, 50, "SELECT 1");
		scene_lock(&scene, 100, tag_advisory(0, 42, 1), "ExclusiveLock", GRANTED);
		running(&scene, 101);
		scene_lock(&scene, 101, tag_advisory(0, 42, 1), "ExclusiveLock", 40);
		jam = planned_look(&scene);
		assert_plan(&jam, COMMAND_RELEASE, "100", cases[i].plan);
		assert_words(words_locks(&jam, 0), "advisory 42 ExclusiveLock");
	}
}

/* The request of 101 holds up 102: that is what must go. */
static void test_release_queued(void)
{
	Scene scene;
	g_auto(Planned) jam = {0};

	scene_begin(&scene, 150000);
	idle(&scene, 100);
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessShareLock", GRANTED);
	running(&scene, 101);
	scene_lock(&scene, 101, tag_relation(TABLE), "AccessExclusiveLock", 40);
	running(&scene, 102);
	scene_lock(&scene, 102, tag_relation(TABLE), "AccessShareLock", 30);
	jam = planned_look(&scene);
	make(&jam, COMMAND_RELEASE, "101");
	g_assert_cmpint(plan_item(jam.plan, 0)->reason, ==, REASON_QUEUED_REQUEST);
	g_assert_cmpint(plan_item(jam.plan, 0)->act, ==, ACT_CANCEL);
	assert_words(words_locks(&jam, 0), "relation 500 AccessExclusiveLock?");
	assert_words(words_freed(&jam), "102");
	assert_plan(&jam, COMMAND_RELEASE, "100", "100 terminate idle frees 2 blocks 101 xact");
	assert_words(words_locks(&jam, 0), "relation 500 AccessShareLock");
}

static void test_each_once(void)
{
	g_auto(Planned) login = login_incident();
	g_autofree char *exact =
	    session_log_id(snapshot_session(login.snapshot, snapshot_find_pid(login.snapshot, 100)));
	g_autofree char *names = g_strdup_printf("100 101 100 pid:100 %s 101", exact);

	assert_plan(&login, COMMAND_TERMINATE, names,
	            "100 terminate requested frees 3, 101 terminate requested frees 0");
}

/* The log's session id names a session of a certain start; another one with its pid isn't it. */
static void test_exact_but_gone(void)
{
	g_auto(Planned) login = login_incident();

	assert_plan(&login, COMMAND_TERMINATE, "1.64 100 1.ffff", "100 terminate requested frees 3");
	g_assert_cmpuint(login.plan->gone->len, ==, 2);
	g_assert_cmpstr(g_ptr_array_index(login.plan->gone, 0), ==, "1.64");
	g_assert_cmpstr(g_ptr_array_index(login.plan->gone, 1), ==, "1.ffff");
	assert_plan(&login, COMMAND_RELEASE, "1.64", "");
	g_assert_cmpuint(login.plan->gone->len, ==, 1);
}

static void test_not_found(void)
{
	static const struct {
		const char *names, *message;
	} cases[] = {
	    {"4711", "there is no session 4711"},
	    {"100 pid:4711", "there is no session pid:4711"},
	    {"gid:order", "there is no prepared transaction \"order\""},
	};
	g_auto(Planned) login = login_incident();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		assert_plan(&login, COMMAND_RELEASE, cases[i].names, "error 3");
		g_assert_cmpstr(login.error->message, ==, cases[i].message);
		g_assert_nonnull(error_hint(login.error));
	}
}

/* Without pg_read_all_stats nobody can say whether it is the one that is meant. */
static void test_hidden(void)
{
	Scene scene;
	Session session = scene_blank_session(100);
	g_auto(Planned) jam = {0};

	session.backend_start = TIMESTAMP_NONE;
	session.backend_type = NULL;
	session.query = "<insufficient privilege>";
	scene_begin(&scene, 150000);
	snapshot_builder_add_session(scene.builder, &session);
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessExclusiveLock", GRANTED);
	running(&scene, 101);
	scene_lock(&scene, 101, tag_relation(TABLE), "AccessShareLock", 40);
	jam = planned_look(&scene);
	assert_plan(&jam, COMMAND_TERMINATE, "100", "100 terminate no:hidden frees 1");
	assert_plan(&jam, COMMAND_TERMINATE, "6553f0f0.64", "100 terminate no:hidden frees 1");
	g_assert_cmpuint(jam.plan->gone->len, ==, 0);
	g_assert_cmpuint(plan_n_acts(jam.plan), ==, 0);
	assert_words(words_freed(&jam), "");
	assert_plan(&jam, COMMAND_TERMINATE, "6553f0f0.65", "");
	g_assert_cmpuint(jam.plan->gone->len, ==, 1);
}

/* A worker of a parallel query is its leader's affair. */
static void test_parallel_worker(void)
{
	Scene scene;
	Session worker = scene_blank_session(201);
	g_auto(Planned) jam = {0};

	worker.backend_type = "parallel worker";
	worker.leader_pid = 200;
	worker.state_text = "active";
	scene_begin(&scene, 150000);
	running(&scene, 200);
	scene_lock(&scene, 200, tag_relation(TABLE), "AccessShareLock", GRANTED);
	snapshot_builder_add_session(scene.builder, &worker);
	scene_lock(&scene, 201, tag_relation(TABLE), "AccessShareLock", GRANTED);
	scene_lock(&scene, 201, tag_relation(TABLE + 1), "AccessShareLock", GRANTED);
	running(&scene, 300);
	scene_lock(&scene, 300, tag_relation(TABLE), "AccessExclusiveLock", 40);
	jam = planned_look(&scene);
	assert_plan(&jam, COMMAND_CANCEL, "201", "200 cancel requested frees 1 stmt");
	assert_plan(&jam, COMMAND_TERMINATE, "201 200", "200 terminate requested frees 1");
	assert_plan(&jam, COMMAND_RELEASE, "201", "200 cancel running frees 1 blocks 300 stmt xact");
	assert_words(words_locks(&jam, 0),
	             "relation 500 AccessShareLock, relation 500 AccessShareLock");
}

static const PreparedRow order = {
    .transaction = 700,
    .gid = "order",
    .prepared_at = SCENE_NOW,
    .owner = SCENE_USER,
    .database = SCENE_DATABASE,
};

/* A prepared transaction holds a table, 101 waits for it. */
static Planned prepared_incident(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	snapshot_builder_add_prepared(scene.builder, &order);
	scene_prepared_lock(&scene, 1, tag_transaction(700), "ExclusiveLock");
	scene_prepared_lock(&scene, 1, tag_relation(TABLE), "AccessExclusiveLock");
	running(&scene, 101);
	scene_lock(&scene, 101, tag_relation(TABLE), "AccessShareLock", 40);
	return planned_look(&scene);
}

static void test_prepared(void)
{
	g_auto(Planned) jam = prepared_incident();
	g_autoptr(GPtrArray) sessions = sessions_named("gid:order");
	Selection selection = {.command = COMMAND_RELEASE, .sessions = sessions};

	assert_plan(&jam, COMMAND_CANCEL, "gid:order", "order cancel no:prepared frees 1 xact");
	assert_plan(&jam, COMMAND_TERMINATE, "gid:order", "order terminate no:prepared frees 1");
	assert_plan(&jam, COMMAND_RELEASE, "gid:order",
	            "order rollback_prepared no:prepared frees 1 blocks 101");

	selection.rollback_prepared = TRUE;
	planned_make(&jam, &selection);
	assert_words(words_plan(&jam), "order rollback_prepared prepared frees 1 blocks 101");
	assert_words(words_locks(&jam, 0), "relation 500 AccessExclusiveLock");

	selection.rollback_prepared = FALSE;
	selection.prepared_act = ACT_ROLLBACK_PREPARED;
	planned_make(&jam, &selection);
	assert_words(words_plan(&jam), "order rollback_prepared prepared frees 1");
	selection.prepared_act = ACT_COMMIT_PREPARED;
	planned_make(&jam, &selection);
	assert_words(words_plan(&jam), "order commit_prepared prepared frees 1");
	assert_words(words_freed(&jam), "101");
}

/* A word for prepared transactions is none for sessions. */
static void test_prepared_act_for_session(void)
{
	g_auto(Planned) jam = prepared_incident();
	g_autoptr(GPtrArray) sessions = sessions_named("101 gid:order");
	const Selection selection = {
	    .command = COMMAND_RELEASE, .sessions = sessions, .prepared_act = ACT_COMMIT_PREPARED};

	planned_make(&jam, &selection);
	assert_words(words_plan(&jam), "101 commit_prepared no:not-prepared frees 0, "
	                               "order commit_prepared prepared frees 1");
}

/* Rolled back by name also when nobody waits for it; its own id is no lock to be freed. */
static void test_prepared_alone(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	g_autoptr(GPtrArray) sessions = sessions_named("gid:order");
	const Selection selection = {
	    .command = COMMAND_RELEASE, .sessions = sessions, .prepared_act = ACT_ROLLBACK_PREPARED};

	scene_begin(&scene, 150000);
	snapshot_builder_add_prepared(scene.builder, &order);
	scene_prepared_lock(&scene, 1, tag_transaction(700), "ExclusiveLock");
	scene_prepared_lock(&scene, 1, tag_relation(TABLE), "RowExclusiveLock");
	look = planned_look(&scene);
	planned_make(&look, &selection);
	assert_words(words_plan(&look), "order rollback_prepared prepared frees 0");
	assert_words(words_locks(&look, 0), "relation 500 RowExclusiveLock");
	assert_plan(&look, COMMAND_RELEASE, "gid:order", "");
}

static void test_max(void)
{
	g_auto(Planned) login = login_incident();
	g_autoptr(GPtrArray) sessions = sessions_named("100 101 102 1");
	Selection selection = {.command = COMMAND_TERMINATE, .sessions = sessions, .max = 2};

	planned_make(&login, &selection);
	assert_words(words_plan(&login), "error 5");
	g_assert_cmpstr(login.error->message, ==, "the plan would end 3 sessions, more than --max 2");
	g_assert_nonnull(strstr(error_hint(login.error), "--max 3"));
	/* who is refused isn't ended */
	selection.max = 3;
	planned_make(&login, &selection);
	g_assert_no_error(login.error);
	g_assert_cmpuint(plan_n_items(login.plan), ==, 4);
	g_assert_cmpuint(plan_n_acts(login.plan), ==, 3);
	selection.max = 0;
	planned_make(&login, &selection);
	g_assert_no_error(login.error);
}

/* A chain: 100 holds up 101, 101 holds up 102 by another lock. */
static void test_chain(void)
{
	Scene scene;
	g_auto(Planned) chain = {0};

	scene_begin(&scene, 150000);
	idle(&scene, 100);
	scene_lock(&scene, 100, tag_relation(TABLE), "ShareLock", GRANTED);
	running(&scene, 101);
	scene_lock(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", 40);
	scene_lock(&scene, 101, tag_relation(600), "ShareLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(601), "ShareLock", GRANTED);
	running(&scene, 102);
	scene_lock(&scene, 102, tag_relation(600), "RowExclusiveLock", 30);
	chain = planned_look(&scene);
	assert_plan(&chain, COMMAND_TERMINATE, "100", "100 terminate requested frees 2");
	assert_words(words_freed(&chain), "101 102");
	assert_plan(&chain, COMMAND_TERMINATE, "101", "101 terminate requested frees 1");
	assert_words(words_freed(&chain), "102");
	/* of all that it holds what others wait for */
	assert_words(words_locks(&chain, 0), "relation 600 ShareLock");
	/* of 102, whom nobody waits for, all */
	assert_plan(&chain, COMMAND_TERMINATE, "102", "102 terminate requested frees 0");
	assert_words(words_locks(&chain, 0), "relation 600 RowExclusiveLock?");
}

/* A nothing of a plan. */
static void test_free_nothing(void)
{
	plan_free(NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/plan/cancel", test_cancel);
	g_test_add_func("/plan/as-seen", test_as_seen);
	g_test_add_func("/plan/cancel-without-statement", test_cancel_without_statement);
	g_test_add_func("/plan/terminate", test_terminate);
	g_test_add_func("/plan/release", test_release);
	g_test_add_func("/plan/release-nobody", test_release_nobody);
	g_test_add_func("/plan/release-victim", test_release_victim);
	g_test_add_func("/plan/release-by-state", test_release_by_state);
	g_test_add_func("/plan/release-queued", test_release_queued);
	g_test_add_func("/plan/each-once", test_each_once);
	g_test_add_func("/plan/exact-but-gone", test_exact_but_gone);
	g_test_add_func("/plan/not-found", test_not_found);
	g_test_add_func("/plan/hidden", test_hidden);
	g_test_add_func("/plan/parallel-worker", test_parallel_worker);
	g_test_add_func("/plan/prepared", test_prepared);
	g_test_add_func("/plan/prepared-act-for-session", test_prepared_act_for_session);
	g_test_add_func("/plan/prepared-alone", test_prepared_alone);
	g_test_add_func("/plan/max", test_max);
	g_test_add_func("/plan/chain", test_chain);
	g_test_add_func("/plan/free-nothing", test_free_nothing);
	return g_test_run();
}
