#include "outcome_words.h"

#include "base/error.h"

/* What becomes of the sessions that a plan acts on, and the exit code. */

#define TABLE 500

static void test_names(void)
{
	static const char *const names[] = {
	    [RESULT_NONE] = "none",
	    [RESULT_REFUSED] = "refused",
	    [RESULT_ALREADY_GONE] = "already_gone",
	    [RESULT_SIGNALLED] = "signalled",
	    [RESULT_GONE] = "gone",
	    [RESULT_FREED] = "freed",
	    [RESULT_CANCELLED_STILL_HOLDING] = "cancelled_still_holding",
	    [RESULT_STILL_THERE] = "still_there",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		g_assert_cmpstr(item_result_name((ItemResult) i), ==, names[i]);
	outcome_free(NULL);
}

static void test_terminate(void)
{
	g_autoptr(Outcome) outcome = outcome_of(COMMAND_TERMINATE, "100", "100:holds 101:first");

	g_assert_cmpuint(outcome_n_items(outcome), ==, 1);
	assert_outcome(outcome, "none; granted 0, gave_up 0, waiting 1; next; exit 0");
	g_assert_false(outcome_item_settled(outcome, 0));
	outcome_signalled(outcome, 0, ACT_TERMINATE, 7);
	g_assert_cmpint(outcome_item(outcome, 0)->act, ==, ACT_TERMINATE);
	assert_outcome(outcome, "signalled; granted 0, gave_up 0, waiting 1; next; exit 0");
	observe(outcome, "100:holds 101:first", 10);
	assert_outcome(outcome, "signalled; granted 0, gave_up 0, waiting 1; next pid:100; exit 4");
	g_assert_false(outcome_items_settled(outcome));
	g_assert_cmpuint(outcome_n_blocked_now(outcome), ==, 1);
	observe(outcome, "101:done", 20);
	assert_outcome(outcome, "freed; granted 1, gave_up 0, waiting 0; next; exit 0");
	g_assert_true(outcome_items_settled(outcome));
	g_assert_true(outcome_item_settled(outcome, 0));
	g_assert_true(outcome_waiters_settled(outcome));
	g_assert_cmpint(outcome_item(outcome, 0)->signalled_us, ==, 7);
	g_assert_cmpint(outcome_item(outcome, 0)->settled_us, ==, 20);
	g_assert_false(outcome_item(outcome, 0)->escalated);
	g_assert_cmpint(outcome_last_moved_us(outcome), ==, 20);
	g_assert_cmpuint(outcome_n_blocked_now(outcome), ==, 0);
}

/* Its locks go before it does. */
static void test_freed_before_gone(void)
{
	g_autoptr(Outcome) outcome = outcome_of(COMMAND_TERMINATE, "100", "100:holds 101:first");

	outcome_signalled(outcome, 0, ACT_TERMINATE, 0);
	observe(outcome, "100:stays 101:runs", 10);
	assert_outcome(outcome, "freed; granted 1, gave_up 0, waiting 0; next; exit 0");
}

/* Nobody waits for it, and it has no lock: that it has gone is all that there is to see. */
static void test_gone(void)
{
	g_autoptr(Outcome) outcome = outcome_of(COMMAND_TERMINATE, "100", "100:done");

	outcome_signalled(outcome, 0, ACT_TERMINATE, 0);
	observe(outcome, "100:done", 5);
	assert_outcome(outcome, "signalled; granted 0, gave_up 0, waiting 0; next; exit 0");
	g_assert_true(outcome_waiters_settled(outcome));
	/* another one with its pid isn't it */
	observe(outcome, "100:other", 10);
	assert_outcome(outcome, "gone; granted 0, gave_up 0, waiting 0; next; exit 0");
}

static void test_refused(void)
{
	g_autoptr(Outcome) outcome = outcome_of(COMMAND_CANCEL, "100 101", "100:holds 101:first");

	assert_outcome(outcome, "refused, none; granted 0, gave_up 0, waiting 0; next; exit 5");
	g_assert_true(outcome_item_settled(outcome, 0));
	g_assert_false(outcome_items_settled(outcome));
	g_assert_null(outcome_item(outcome, 0)->message);
}

static void test_already_gone(void)
{
	g_autoptr(Outcome) outcome = outcome_of(COMMAND_TERMINATE, "100 101", "100:holds 101:first");

	outcome_already_gone(outcome, 0, TRUE, 3);
	outcome_already_gone(outcome, 1, FALSE, 4);
	assert_outcome(outcome,
	               "already_gone, already_gone; granted 0, gave_up 0, waiting 0; next; exit 0");
	g_assert_true(outcome_item(outcome, 0)->went_on);
	g_assert_false(outcome_item(outcome, 1)->went_on);
	g_assert_cmpint(outcome_item(outcome, 1)->settled_us, ==, 4);
	g_assert_true(outcome_items_settled(outcome));
	/* nothing was done to it: whatever it does is not our work */
	observe(outcome, "100:holds", 5);
	assert_outcome(outcome,
	               "already_gone, already_gone; granted 0, gave_up 0, waiting 0; next; exit 0");
}

static void test_refused_by_server(void)
{
	g_autoptr(Outcome) outcome = outcome_of(COMMAND_TERMINATE, "100", "100:holds 101:first");
	g_autoptr(Outcome) failed = outcome_of(COMMAND_TERMINATE, "100", "100:holds 101:first");

	outcome_refused(outcome, 0, "permission denied", "ask its owner", "42501");
	g_assert_cmpstr(outcome_item(outcome, 0)->message, ==, "permission denied");
	g_assert_cmpstr(outcome_item(outcome, 0)->hint, ==, "ask its owner");
	g_assert_cmpstr(outcome_item(outcome, 0)->sqlstate, ==, "42501");
	g_assert_true(outcome_items_settled(outcome));
	/* nothing was done, so that nobody was freed is no surprise */
	observe(outcome, "100:holds 101:first", 10);
	assert_outcome(outcome, "refused; granted 0, gave_up 0, waiting 1; next pid:100; exit 5");
	g_assert_true(outcome_waiters_settled(outcome));

	outcome_refused(failed, 0, "canceling statement due to statement timeout", NULL, "57014");
	observe(failed, "100:holds 101:first", 10);
	assert_outcome(failed, "refused; granted 0, gave_up 0, waiting 1; next pid:100; exit 1");
}

static void test_cancel(void)
{
	g_autoptr(Outcome) outcome = outcome_of(COMMAND_CANCEL, "100", "100:works 101:first");

	outcome_signalled(outcome, 0, ACT_CANCEL, 0);
	observe(outcome, "100:works 101:first", 10);
	observe(outcome, "100:works 101:first", 20);
	g_assert_false(outcome_item_settled(outcome, 0));
	observe(outcome, "100:rolledback 101:runs", 30);
	assert_outcome(outcome, "freed; granted 1, gave_up 0, waiting 0; next; exit 0");
}

/* The locks are read before the states: its transaction has ended in between. */
static void test_cancel_during_look(void)
{
	g_autoptr(Outcome) outcome = outcome_of(COMMAND_CANCEL, "100", "100:works 101:first");

	outcome_signalled(outcome, 0, ACT_CANCEL, 0);
	observe(outcome, "100:stale 101:first", 10);
	assert_outcome(outcome, "freed; granted 0, gave_up 0, waiting 1; next pid:100; exit 4");
	observe(outcome, "100:rolledback 101:done", 20);
	assert_outcome(outcome, "freed; granted 1, gave_up 0, waiting 0; next; exit 0");
}

/* Under a savepoint the statement fails and the locks stay. */
static void test_cancel_under_savepoint(void)
{
	g_autoptr(Outcome) outcome = outcome_of(COMMAND_CANCEL, "100", "100:works 101:first");

	outcome_signalled(outcome, 0, ACT_CANCEL, 0);
	/* one look may have been too early */
	observe(outcome, "100:savepoint 101:first", 10);
	g_assert_false(outcome_item_settled(outcome, 0));
	observe(outcome, "100:savepoint 101:first", 20);
	g_assert_true(outcome_item_settled(outcome, 0));
	assert_outcome(outcome, "cancelled_still_holding; granted 0, gave_up 0, waiting 1; "
	                        "next pid:100; exit 4");
	/* another statement of the same transaction changes nothing */
	observe(outcome, "100:works2 101:first", 30);
	assert_outcome(outcome, "cancelled_still_holding; granted 0, gave_up 0, waiting 1; "
	                        "next pid:100; exit 4");
	g_assert_cmpint(outcome_item(outcome, 0)->settled_us, ==, 20);
	/* its client has heard of the failure, and rolls back */
	observe(outcome, "100:rolledback 101:runs", 40);
	assert_outcome(outcome, "freed; granted 1, gave_up 0, waiting 0; next; exit 0");
	g_assert_cmpint(outcome_item(outcome, 0)->settled_us, ==, 40);
}

static void test_cancel_and_leave(void)
{
	g_autoptr(Outcome) outcome = outcome_of(COMMAND_CANCEL, "100", "100:works 101:first");

	outcome_signalled(outcome, 0, ACT_CANCEL, 0);
	observe(outcome, "100:savepoint 101:first", 10);
	/* seen without it in between */
	observe(outcome, "100:works 101:first", 20);
	observe(outcome, "101:done", 30);
	assert_outcome(outcome, "freed; granted 1, gave_up 0, waiting 0; next; exit 0");
}

static Outcome *still_holding(void)
{
	Outcome *outcome = outcome_of(COMMAND_RELEASE, "100", "100:works 101:first");

	outcome_signalled(outcome, 0, ACT_CANCEL, 1);
	observe(outcome, "100:savepoint 101:first", 10);
	observe(outcome, "100:savepoint 101:first", 20);
	g_assert_cmpint(outcome_item(outcome, 0)->result, ==, RESULT_CANCELLED_STILL_HOLDING);
	return outcome;
}

static void test_escalation(void)
{
	g_autoptr(Outcome) outcome = still_holding();

	outcome_signalled(outcome, 0, ACT_TERMINATE, 30);
	g_assert_true(outcome_item(outcome, 0)->escalated);
	g_assert_cmpint(outcome_item(outcome, 0)->act, ==, ACT_TERMINATE);
	g_assert_cmpint(outcome_item(outcome, 0)->signalled_us, ==, 1);
	g_assert_false(outcome_items_settled(outcome));
	observe(outcome, "100:savepoint 101:first", 40);
	g_assert_false(outcome_items_settled(outcome));
	observe(outcome, "101:runs", 50);
	assert_outcome(outcome, "freed; granted 1, gave_up 0, waiting 0; next; exit 0");
}

/* Of a cancel that did nothing at all. */
static void test_escalation_of_running(void)
{
	g_autoptr(Outcome) outcome = outcome_of(COMMAND_RELEASE, "100", "100:works 101:first");

	outcome_signalled(outcome, 0, ACT_CANCEL, 1);
	observe(outcome, "100:works 101:first", 10);
	outcome_signalled(outcome, 0, ACT_TERMINATE, 20);
	g_assert_true(outcome_item(outcome, 0)->escalated);
	observe(outcome, "100:works 101:first", 30);
	outcome_close(outcome, 40);
	assert_outcome(outcome, "still_there; granted 0, gave_up 0, waiting 1; next pid:100; exit 4");
}

/* It left before the second signal reached it. */
static void test_escalation_too_late(void)
{
	g_autoptr(Outcome) outcome = still_holding();
	g_autoptr(Outcome) idle = outcome_of(COMMAND_CANCEL, "100", "100:runs");

	outcome_already_gone(outcome, 0, FALSE, 30);
	g_assert_cmpint(outcome_item(outcome, 0)->result, ==, RESULT_FREED);
	g_assert_cmpint(outcome_item(outcome, 0)->settled_us, ==, 30);
	outcome_signalled(idle, 0, ACT_CANCEL, 0);
	outcome_already_gone(idle, 0, FALSE, 30);
	g_assert_cmpint(outcome_item(idle, 0)->result, ==, RESULT_GONE);
}

/* It is there, but not as it was: that says nothing about its locks. */
static void test_escalation_of_changed(void)
{
	g_autoptr(Outcome) outcome = still_holding();

	outcome_already_gone(outcome, 0, TRUE, 30);
	assert_outcome(outcome, "cancelled_still_holding; granted 0, gave_up 0, waiting 1; "
	                        "next pid:100; exit 4");
	observe(outcome, "100:rolledback 101:done", 40);
	assert_outcome(outcome, "freed; granted 1, gave_up 0, waiting 0; next; exit 0");
}

/* The cancel was sent all the same. */
static void test_escalation_refused(void)
{
	g_autoptr(Outcome) outcome = still_holding();
	g_autoptr(Outcome) failed = still_holding();

	outcome_refused(outcome, 0, "permission denied", NULL, "42501");
	assert_outcome(outcome, "cancelled_still_holding; granted 0, gave_up 0, waiting 1; "
	                        "next pid:100; exit 4");
	g_assert_cmpstr(outcome_item(outcome, 0)->message, ==, "permission denied");
	outcome_refused(failed, 0, "no", NULL, NULL);
	outcome_refused(failed, 0, "out of memory", NULL, "53200");
	assert_outcome(failed, "cancelled_still_holding; granted 0, gave_up 0, waiting 1; "
	                       "next pid:100; exit 1");
	g_assert_cmpstr(outcome_item(failed, 0)->message, ==, "out of memory");
	/* and has its effect in the end */
	observe(failed, "100:rolledback 101:done", 40);
	assert_outcome(failed, "freed; granted 1, gave_up 0, waiting 0; next; exit 0");
}

static void test_close(void)
{
	g_autoptr(Outcome) unseen = outcome_of(COMMAND_TERMINATE, "100", "100:holds 101:first");
	g_autoptr(Outcome) seen = outcome_of(COMMAND_TERMINATE, "100", "100:holds 101:first");
	g_autoptr(Outcome) once = outcome_of(COMMAND_CANCEL, "100", "100:works 101:first");
	g_autoptr(Outcome) undone = outcome_of(COMMAND_TERMINATE, "100", "100:holds 101:first");

	outcome_signalled(unseen, 0, ACT_TERMINATE, 0);
	outcome_close(unseen, 10);
	assert_outcome(unseen, "signalled; granted 0, gave_up 0, waiting 1; next; exit 0");
	g_assert_true(outcome_items_settled(unseen));

	outcome_signalled(seen, 0, ACT_TERMINATE, 0);
	observe(seen, "100:holds 101:first", 5);
	outcome_close(seen, 10);
	assert_outcome(seen, "still_there; granted 0, gave_up 0, waiting 1; next pid:100; exit 4");
	g_assert_cmpint(outcome_item(seen, 0)->settled_us, ==, 10);
	outcome_close(seen, 20);
	g_assert_cmpint(outcome_item(seen, 0)->settled_us, ==, 10);

	/* its statement had ended in the last look */
	outcome_signalled(once, 0, ACT_CANCEL, 0);
	observe(once, "100:savepoint 101:first", 5);
	outcome_close(once, 10);
	assert_outcome(once, "cancelled_still_holding; granted 0, gave_up 0, waiting 1; "
	                     "next pid:100; exit 4");

	/* interrupted before it was its turn */
	outcome_close(undone, 10);
	assert_outcome(undone, "none; granted 0, gave_up 0, waiting 1; next; exit 0");
}

/* The connection was lost: what isn't known isn't made up. */
static void test_break_off(void)
{
	g_autoptr(Outcome) outcome =
	    outcome_of(COMMAND_TERMINATE, "100 101 1", "100:works 101:works 1:runs");

	g_assert_cmpint(outcome_last_look_us(outcome), ==, -1);
	outcome_signalled(outcome, 0, ACT_TERMINATE, 0);
	outcome_signalled(outcome, 1, ACT_TERMINATE, 1);
	observe(outcome, "100:works", 10);
	g_assert_cmpint(outcome_last_look_us(outcome), ==, 10);
	outcome_break_off(outcome, 20);
	assert_outcome(outcome,
	               "signalled, freed, refused; granted 0, gave_up 0, waiting 0; next; exit 5");
	g_assert_true(outcome_items_settled(outcome));
	g_assert_cmpint(outcome_item(outcome, 0)->settled_us, ==, 20);
	g_assert_cmpint(outcome_item(outcome, 1)->settled_us, ==, 10);
}

static const struct {
	const char *results; /* of two sessions */
	int code;
} codes[] = {
    {"freed freed", 0},
    {"gone already_gone", 0},
    {"signalled none", 0},
    {"freed refused", PGUNLOCK_ERROR_REFUSED},
    {"refused freed", PGUNLOCK_ERROR_REFUSED},
    {"refused already_gone", PGUNLOCK_ERROR_REFUSED},
    {"denied freed", PGUNLOCK_ERROR_REFUSED},
    {"failed freed", PGUNLOCK_ERROR_FAILED},
    {"refused failed", PGUNLOCK_ERROR_FAILED},
    {"failed refused", PGUNLOCK_ERROR_FAILED},
    {"freed still_there", PGUNLOCK_ERROR_NOT_FREED},
    {"refused still_there", PGUNLOCK_ERROR_NOT_FREED},
    {"still_there denied", PGUNLOCK_ERROR_NOT_FREED},
    {"still_there failed", PGUNLOCK_ERROR_FAILED},
    {"failed still_there", PGUNLOCK_ERROR_FAILED},
    {"freed still_holding", PGUNLOCK_ERROR_NOT_FREED},
    {"still_holding denied", PGUNLOCK_ERROR_NOT_FREED},
    {"still_holding failed", PGUNLOCK_ERROR_FAILED},
};

/* Brings the item, whose pid is 100 or 101, to the result; what it looks like then. */
static const char *bring_to(Outcome *outcome, guint item, const char *result)
{
	if (strcmp(result, "already_gone") == 0)
		outcome_already_gone(outcome, item, FALSE, 0);
	else if (strcmp(result, "denied") == 0)
		outcome_refused(outcome, item, "permission denied", NULL, "42501");
	else if (strcmp(result, "failed") == 0)
		outcome_refused(outcome, item, "connection lost", NULL, NULL);
	else if (strcmp(result, "still_holding") == 0)
		outcome_signalled(outcome, item, ACT_CANCEL, 0);
	else if (strcmp(result, "none") != 0 && strcmp(result, "refused") != 0)
		outcome_signalled(outcome, item, ACT_TERMINATE, 0);
	if (strcmp(result, "still_holding") == 0)
		return "savepoint";
	return strcmp(result, "freed") == 0 || strcmp(result, "gone") == 0 ? "gone" : "works";
}

static void test_exit_codes(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(codes); i++) {
		g_auto(GStrv) results = g_strsplit(codes[i].results, " ", 2);
		g_autofree char *first = NULL, *after = NULL;
		g_autoptr(Outcome) outcome = NULL;
		const char *states[2];

		/* our own session is always refused */
		first = g_strdup_printf("%s:works %s:works", strcmp(results[0], "refused") ? "100" : "1",
		                        strcmp(results[1], "refused") ? "101" : "1");
		outcome = outcome_of(COMMAND_TERMINATE,
		                     strcmp(results[0], "refused") == 0   ? "1 101"
		                     : strcmp(results[1], "refused") == 0 ? "100 1"
		                                                          : "100 101",
		                     first);
		for (guint item = 0; item < 2; item++)
			states[item] = bring_to(outcome, item, results[item]);
		after = g_strdup_printf("100:%s 101:%s", states[0], states[1]);
		g_test_message("case %s, then %s", codes[i].results, after);
		if (!strstr(codes[i].results, "signalled")) {
			observe(outcome, after, 10);
			observe(outcome, after, 20);
		}
		outcome_close(outcome, 30);
		g_assert_cmpint(outcome_exit_code(outcome), ==, codes[i].code);
	}
}

/* A pooled connection goes on with the next transaction, which takes the same locks. */
static void test_same_lock_of_next_transaction(void)
{
	g_autoptr(Outcome) outcome =
	    outcome_of(COMMAND_CANCEL, "100", "100:works,table 101:runs,wants-table");
	g_autoptr(Outcome) retry =
	    outcome_of(COMMAND_CANCEL, "100", "100:runs,wants-table 101:runs,wants-table");

	outcome_signalled(outcome, 0, ACT_CANCEL, 0);
	observe(outcome, "100:next,table 101:runs", 10);
	assert_outcome(outcome, "freed; granted 1, gave_up 0, waiting 0; next; exit 0");

	/* a migration that is tried again waits again, behind those whom it held up */
	outcome_signalled(retry, 0, ACT_CANCEL, 0);
	observe(retry, "100:next,wants-table 101:runs,table", 10);
	assert_outcome(retry, "freed; granted 1, gave_up 0, waiting 0; next; exit 0");
}

/* Advisory locks may outlive the transaction. */
static void test_session_lock(void)
{
	g_autoptr(Outcome) outcome =
	    outcome_of(COMMAND_CANCEL, "100", "100:works,key 101:runs,wants-key");

	outcome_signalled(outcome, 0, ACT_CANCEL, 0);
	observe(outcome, "100:rolledback,key 101:runs,wants-key", 10);
	observe(outcome, "100:rolledback,key 101:runs,wants-key", 20);
	assert_outcome(outcome, "cancelled_still_holding; granted 0, gave_up 0, waiting 1; "
	                        "next pid:100; exit 4");
}

/* The request is what was in the way; granted meanwhile it is all the more so. */
static void test_queued_request(void)
{
	static const char first[] = "100:holds,reads 101:runs,wants-table 102:runs,wants-read";
	g_autoptr(Outcome) outcome = outcome_of(COMMAND_RELEASE, NULL, first);
	g_autoptr(Outcome) granted = outcome_of(COMMAND_RELEASE, NULL, first);

	outcome_signalled(outcome, 0, ACT_CANCEL, 0);
	observe(outcome, first, 10);
	assert_outcome(outcome, "signalled; granted 0, gave_up 0, waiting 1; next pid:100; exit 4");
	observe(outcome, "100:holds,reads 101:failed 102:runs,reads", 20);
	assert_outcome(outcome, "freed; granted 1, gave_up 0, waiting 0; next; exit 0");

	outcome_signalled(granted, 0, ACT_CANCEL, 0);
	observe(granted, "101:failed,table 102:runs,wants-read", 10);
	observe(granted, "101:failed,table 102:runs,wants-read", 20);
	assert_outcome(granted, "cancelled_still_holding; granted 0, gave_up 0, waiting 1; "
	                        "next pid:101; exit 4");
}

static void test_prepared(void)
{
	Planned looks[2];
	g_autoptr(Outcome) outcome = NULL;

	for (guint i = 0; i < 2; i++) {
		Scene scene;
		const PreparedRow row = {.transaction = 700 + i,
		                         .gid = "order",
		                         .owner = SCENE_USER,
		                         .database = SCENE_DATABASE};

		scene_begin(&scene, 150000);
		snapshot_builder_add_prepared(scene.builder, &row);
		scene_prepared_lock(&scene, 1, tag_transaction(700 + i), "ExclusiveLock");
		scene_prepared_lock(&scene, 1, tag_relation(TABLE), "ShareLock");
		scene_session(&scene, 101, "active", 40, 40, "UPDATE t");
		scene_lock(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", 40);
		looks[i] = planned_look(&scene);
	}
	planned_make(&looks[0],
	             &(Selection){.command = COMMAND_RELEASE, .all = TRUE, .rollback_prepared = TRUE});
	outcome = outcome_new(looks[0].plan);
	outcome_signalled(outcome, 0, ACT_ROLLBACK_PREPARED, 0);
	/* the next of the same name is another */
	outcome_observe(outcome, looks[1].graph, 10);
	assert_outcome(outcome, "freed; granted 0, gave_up 0, waiting 1; next gid:order; exit 4");
	for (guint i = 0; i < 2; i++)
		planned_clear(&looks[i]);
}

/* A lock that only a worker of the parallel query has. */
static void test_worker_holds(void)
{
	Scene scene;
	Session worker = scene_blank_session(201);
	g_auto(Planned) look = {0};
	g_autoptr(GPtrArray) sessions = sessions_named("200");
	g_autoptr(Outcome) outcome = NULL;

	worker.backend_type = "parallel worker";
	worker.leader_pid = 200;
	scene_begin(&scene, 150000);
	scene_session(&scene, 200, "active", 60, 50, "SELECT");
	snapshot_builder_add_session(scene.builder, &worker);
	scene_lock(&scene, 201, tag_relation(TABLE), "AccessShareLock", GRANTED);
	scene_session(&scene, 300, "active", 40, 40, "ALTER TABLE");
	scene_lock(&scene, 300, tag_relation(TABLE), "AccessExclusiveLock", 40);
	look = planned_look(&scene);
	planned_make(&look, &(Selection){.command = COMMAND_TERMINATE, .sessions = sessions});
	outcome = outcome_new(look.plan);
	outcome_signalled(outcome, 0, ACT_TERMINATE, 0);
	outcome_observe(outcome, look.graph, 10);
	assert_outcome(outcome, "signalled; granted 0, gave_up 0, waiting 1; next pid:200; exit 4");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/outcome/names", test_names);
	g_test_add_func("/outcome/terminate", test_terminate);
	g_test_add_func("/outcome/freed-before-gone", test_freed_before_gone);
	g_test_add_func("/outcome/gone", test_gone);
	g_test_add_func("/outcome/refused", test_refused);
	g_test_add_func("/outcome/already-gone", test_already_gone);
	g_test_add_func("/outcome/refused-by-server", test_refused_by_server);
	g_test_add_func("/outcome/cancel", test_cancel);
	g_test_add_func("/outcome/cancel-during-look", test_cancel_during_look);
	g_test_add_func("/outcome/cancel-under-savepoint", test_cancel_under_savepoint);
	g_test_add_func("/outcome/cancel-and-leave", test_cancel_and_leave);
	g_test_add_func("/outcome/escalation", test_escalation);
	g_test_add_func("/outcome/escalation-of-running", test_escalation_of_running);
	g_test_add_func("/outcome/escalation-too-late", test_escalation_too_late);
	g_test_add_func("/outcome/escalation-of-changed", test_escalation_of_changed);
	g_test_add_func("/outcome/escalation-refused", test_escalation_refused);
	g_test_add_func("/outcome/close", test_close);
	g_test_add_func("/outcome/break-off", test_break_off);
	g_test_add_func("/outcome/exit-codes", test_exit_codes);
	g_test_add_func("/outcome/same-lock-of-next-transaction", test_same_lock_of_next_transaction);
	g_test_add_func("/outcome/session-lock", test_session_lock);
	g_test_add_func("/outcome/queued-request", test_queued_request);
	g_test_add_func("/outcome/prepared", test_prepared);
	g_test_add_func("/outcome/worker-holds", test_worker_holds);
	return g_test_run();
}
