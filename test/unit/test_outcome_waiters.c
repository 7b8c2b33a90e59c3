#include "outcome_words.h"

/* What becomes of those whom a plan is to free, and who is in their way next. */

static const char incident[] = "100:holds 101:first 102:line 103:line";

static Outcome *after_terminate(const char *words)
{
	Outcome *outcome = outcome_of(COMMAND_RELEASE, NULL, words);

	outcome_signalled(outcome, 0, ACT_TERMINATE, 0);
	return outcome;
}

static void assert_fates(const Outcome *outcome, const char *expected, gboolean is_settled)
{
	g_autofree char *words = g_strdup_printf("%u granted, %u gave up, %u wait",
	                                         outcome_n_waiters(outcome, WAITER_GRANTED),
	                                         outcome_n_waiters(outcome, WAITER_GAVE_UP),
	                                         outcome_n_waiters(outcome, WAITER_STILL_WAITING));

	g_assert_cmpstr(words, ==, expected);
	g_assert_cmpint(outcome_waiters_settled(outcome), ==, is_settled);
}

/* A session a time: the row goes from hand to hand. */
static void test_one_after_the_other(void)
{
	g_autoptr(Outcome) outcome = after_terminate(incident);

	assert_fates(outcome, "0 granted, 0 gave up, 3 wait", FALSE);
	observe(outcome, incident, 10);
	assert_fates(outcome, "0 granted, 0 gave up, 3 wait", FALSE);
	g_assert_cmpuint(outcome_n_blocked_now(outcome), ==, 3);
	observe(outcome, "101:owner 102:second 103:line", 20);
	assert_fates(outcome, "1 granted, 0 gave up, 2 wait", FALSE);
	g_assert_cmpint(outcome_last_moved_us(outcome), ==, 20);
	observe(outcome, "101:done 102:done 103:done", 30);
	assert_fates(outcome, "3 granted, 0 gave up, 0 wait", TRUE);
	g_assert_cmpint(outcome_last_moved_us(outcome), ==, 30);
	assert_outcome(outcome, "freed; granted 3, gave_up 0, waiting 0; next; exit 0");
}

/* Its statement goes on: it may only be on its way from the row's tuple lock to the next wait. */
static void test_two_looks(void)
{
	g_autoptr(Outcome) outcome = after_terminate(incident);

	observe(outcome, "101:done 102:runs 103:line", 10);
	assert_fates(outcome, "2 granted, 0 gave up, 1 wait", FALSE);
	observe(outcome, "101:done 102:runs 103:runs", 20);
	assert_fates(outcome, "3 granted, 0 gave up, 0 wait", FALSE);
	/* so it was */
	observe(outcome, "101:done 102:runs 103:line", 30);
	assert_fates(outcome, "2 granted, 0 gave up, 1 wait", FALSE);
	observe(outcome, "101:done 102:runs 103:runs", 40);
	assert_fates(outcome, "3 granted, 0 gave up, 0 wait", FALSE);
	g_assert_cmpint(outcome_last_moved_us(outcome), ==, 40);
	observe(outcome, "101:done 102:runs 103:runs", 50);
	assert_fates(outcome, "3 granted, 0 gave up, 0 wait", TRUE);
	g_assert_cmpint(outcome_last_moved_us(outcome), ==, 40);
	observe(outcome, "101:done 102:done 103:runs", 60);
	assert_fates(outcome, "3 granted, 0 gave up, 0 wait", TRUE);
}

/* What happens to it afterwards isn't about this lock. */
static void test_over_is_over(void)
{
	g_autoptr(Outcome) outcome = after_terminate(incident);

	observe(outcome, "101:done 102:done 103:done", 10);
	assert_fates(outcome, "3 granted, 0 gave up, 0 wait", TRUE);
	observe(outcome, "101:holds 102:failed 103:again", 20);
	assert_fates(outcome, "3 granted, 0 gave up, 0 wait", TRUE);
	g_assert_cmpuint(outcome_n_successors(outcome), ==, 0);
	g_assert_cmpuint(outcome_n_blocked_now(outcome), ==, 1);
}

static void test_ways_to_move_on(void)
{
	static const struct {
		const char *words, *fates;
	} cases[] = {
	    {"101:done", "1 granted, 0 gave up, 0 wait"},
	    {"101:owner", "1 granted, 0 gave up, 0 wait"},
	    {"101:next", "1 granted, 0 gave up, 0 wait"},
	    {"101:again", "1 granted, 0 gave up, 0 wait"},
	    /* logged in and left; even its pid may be somebody else's */
	    {"101:gone", "1 granted, 0 gave up, 0 wait"},
	    {"101:other", "1 granted, 0 gave up, 0 wait"},
	    /* lock_timeout, a deadlock, a cancel by somebody else */
	    {"101:failed", "0 granted, 1 gave up, 0 wait"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(Outcome) outcome = after_terminate("100:holds 101:first");

		g_test_message("case %s", cases[i].words);
		observe(outcome, cases[i].words, 10);
		assert_fates(outcome, cases[i].fates, TRUE);
		g_assert_cmpint(outcome_exit_code(outcome), ==, 0);
	}
}

/* Nothing has been let go: they can't have been served. */
static void test_give_up(void)
{
	static const char *const cases[] = {"gone", "done", "next", "again", "failed", "other"};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(Outcome) outcome = after_terminate("100:holds 101:first 102:line");
		g_autofree char *words = g_strdup_printf("100:holds 101:%s 102:first", cases[i]);

		g_test_message("case %s", words);
		observe(outcome, words, 10);
		assert_fates(outcome, "0 granted, 1 gave up, 1 wait", FALSE);
		observe(outcome, words, 20);
		observe(outcome, "102:done", 30);
		assert_fates(outcome, "1 granted, 1 gave up, 0 wait", TRUE);
	}
}

/* A look reads the locks before the states: what was let go in between shows only in the next. */
static void test_served_during_look(void)
{
	g_autoptr(Outcome) outcome = after_terminate("100:holds 101:first 102:line");

	observe(outcome, "100:holds 101:done 102:line", 10);
	assert_fates(outcome, "0 granted, 1 gave up, 1 wait", FALSE);
	observe(outcome, "101:done 102:done", 20);
	assert_fates(outcome, "2 granted, 0 gave up, 0 wait", TRUE);
	g_assert_cmpint(outcome_last_moved_us(outcome), ==, 20);
}

static void test_last_look_decides(void)
{
	g_autoptr(Outcome) outcome = after_terminate("100:holds 101:first");

	observe(outcome, "100:holds 101:done", 10);
	outcome_close(outcome, 20);
	assert_outcome(outcome, "still_there; granted 0, gave_up 1, waiting 0; next; exit 4");
}

/* The holder ended by itself, before it was signalled. */
static void test_already_gone(void)
{
	g_autoptr(Outcome) outcome = outcome_of(COMMAND_RELEASE, NULL, incident);

	outcome_already_gone(outcome, 0, TRUE, 0);
	observe(outcome, "100:next 101:owner 102:second 103:line", 10);
	assert_outcome(outcome, "already_gone; granted 1, gave_up 0, waiting 2; next pid:101; exit 4");
	observe(outcome, "101:done 102:done 103:gone", 20);
	assert_outcome(outcome, "already_gone; granted 3, gave_up 0, waiting 0; next; exit 0");
}

/* Its transaction is another, and it is in the way all the same: with an advisory lock that it has
 * kept, or with what it has taken anew. */
static void test_left_alone(void)
{
	static const struct {
		const char *before, *after, *expected;
		gboolean is_settled;
	} cases[] = {
	    {"100:done,key 101:runs,wants-key", "100:owner,key 101:runs,wants-key",
	     "already_gone; granted 0, gave_up 0, waiting 1; next pid:100; exit 4", TRUE},
	    {"100:done,key 101:runs,wants-key", "100:owner 101:done",
	     "already_gone; granted 1, gave_up 0, waiting 0; next; exit 0", TRUE},
	    {"100:holds 101:first", "100:owner 101:done 102:first",
	     "already_gone; granted 1, gave_up 0, waiting 0; next; exit 4", TRUE},
	    /* another one who has what it let go */
	    {"100:done,key 101:runs,wants-key", "100:next 101:runs,wants-key 102:holds,key",
	     "already_gone; granted 0, gave_up 0, waiting 1; next pid:102; exit 4", FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(Outcome) outcome = outcome_of(COMMAND_RELEASE, NULL, cases[i].before);

		g_test_message("case %s", cases[i].after);
		outcome_already_gone(outcome, 0, TRUE, 0);
		observe(outcome, cases[i].after, 10);
		observe(outcome, cases[i].after, 20);
		g_assert_cmpint(outcome_waiters_settled(outcome), ==, cases[i].is_settled);
		outcome_close(outcome, 30);
		assert_outcome(outcome, cases[i].expected);
		g_assert_true(outcome_item(outcome, 0)->went_on);
	}
}

/* Served by chance while nothing was let go: a statement that runs on isn't one that gave up. */
static void test_runs_on(void)
{
	g_autoptr(Outcome) outcome = after_terminate("100:holds 101:first");

	observe(outcome, "100:holds 101:runs", 10);
	assert_fates(outcome, "1 granted, 0 gave up, 0 wait", FALSE);
	observe(outcome, "100:holds 101:first", 20);
	assert_fates(outcome, "0 granted, 0 gave up, 1 wait", FALSE);
}

static void test_successors(void)
{
	g_autoptr(Outcome) outcome = after_terminate(incident);

	observe(outcome, "101:owner 102:second 103:line", 10);
	g_assert_cmpuint(outcome_n_successors(outcome), ==, 1);
	g_assert_cmpstr(outcome_successor(outcome, 0), ==, "pid:101");
	outcome_close(outcome, 20);
	assert_outcome(outcome, "freed; granted 1, gave_up 0, waiting 2; next pid:101; exit 4");
	observe(outcome, "101:done 102:runs 103:done", 30);
	assert_outcome(outcome, "freed; granted 3, gave_up 0, waiting 0; next; exit 0");
}

/* Each once, in the order in which they are in somebody's way; whoever else blocks is no affair of
 * this plan. */
static void test_several_successors(void)
{
	g_autoptr(Outcome) outcome =
	    outcome_of(COMMAND_TERMINATE, "100",
	               "100:holds,table 101:runs,wants-read 102:runs,wants-table "
	               "103:runs,wants-key 110:holds,key");

	outcome_signalled(outcome, 0, ACT_TERMINATE, 0);
	assert_fates(outcome, "0 granted, 0 gave up, 2 wait", FALSE);
	observe(outcome,
	        "101:owner,reads 104:holds,reads 102:runs,wants-table 103:runs,wants-key 110:holds,key",
	        10);
	g_assert_cmpuint(outcome_n_blocked_now(outcome), ==, 2);
	assert_outcome(outcome, "freed; granted 1, gave_up 0, waiting 1; "
	                        "next pid:101 pid:104; exit 4");
}

/* Another waiter, whom nobody asked about, is kept by another one as well. */
static void test_only_who_is_meant(void)
{
	static const char words[] =
	    "100:holds,key,reads 101:runs,wants-key 102:runs,wants-table 110:holds,reads";
	static const struct {
		const char *waiter; /* of --waiter */
		const char *named;
		int code;
	} cases[] = {{"101", NULL, 0}, {NULL, "100", 4}};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Planned) look = look_of(words);
		g_autoptr(SessionRef) waiter =
		    cases[i].waiter ? session_ref_parse(cases[i].waiter, NULL) : NULL;
		g_autoptr(GPtrArray) sessions = cases[i].named ? sessions_named(cases[i].named) : NULL;
		g_autoptr(Outcome) outcome = NULL;

		planned_make(
		    &look,
		    &(Selection){.command = COMMAND_RELEASE, .waiter = waiter, .sessions = sessions});
		assert_words(words_plan(&look), "100 terminate idle frees 1 blocks 101 xact");
		outcome = outcome_new(look.plan);
		outcome_signalled(outcome, 0, ACT_TERMINATE, 0);
		observe(outcome, "101:done 102:runs,wants-table 110:holds,reads", 10);
		assert_fates(outcome, "1 granted, 0 gave up, 1 wait", TRUE);
		g_assert_cmpint(outcome_exit_code(outcome), ==, cases[i].code);
	}
}

/* Nobody was to be freed: there is nothing to wait for, but who is behind it is told. */
static void test_no_waiters(void)
{
	g_autoptr(Outcome) outcome = outcome_of(COMMAND_TERMINATE, "102", incident);

	g_assert_true(outcome_waiters_settled(outcome));
	outcome_signalled(outcome, 0, ACT_TERMINATE, 0);
	observe(outcome, "100:holds 101:first 103:line", 10);
	assert_outcome(outcome, "freed; granted 0, gave_up 0, waiting 1; next pid:100; exit 0");
	g_assert_true(outcome_waiters_settled(outcome));
	g_assert_cmpint(outcome_last_moved_us(outcome), ==, 0);
}

/* Ending one of two holders frees nobody. A release is for the waiters' sake and has failed, a
 * terminate has done what it was asked for. */
static void test_one_of_two_holders(void)
{
	static const struct {
		PlanCommand command;
		const char *expected;
	} cases[] = {
	    {COMMAND_RELEASE, "freed; granted 0, gave_up 0, waiting 1; next pid:101; exit 4"},
	    {COMMAND_TERMINATE, "freed; granted 0, gave_up 0, waiting 1; next pid:101; exit 0"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(Outcome) outcome = outcome_of(
		    cases[i].command, "100", "100:holds,reads 101:holds,reads 102:runs,wants-table");

		outcome_signalled(outcome, 0, ACT_TERMINATE, 0);
		observe(outcome, "101:holds,reads 102:runs,wants-table", 10);
		assert_outcome(outcome, cases[i].expected);
		g_assert_true(outcome_waiters_settled(outcome));
	}
}

/* Nothing was done: all who were behind them still wait, though nobody looked. */
static void test_behind_refused(void)
{
	g_autoptr(Outcome) outcome = outcome_of(COMMAND_CANCEL, "100", "100:holds 101:first 102:line");

	g_assert_false(outcome_was_observed(outcome));
	assert_outcome(outcome, "refused; granted 0, gave_up 0, waiting 2; next; exit 5");
}

/* Somebody shares the row with the one that was ended, and it shows only now. */
static void test_stuck(void)
{
	static const char for_row[] = "100:holds 102:first 103:line";
	static const char for_table[] = "100:holds,table 102:runs,wants-table 103:runs,wants-table";
	static const struct {
		const char *before, *after;
		gboolean is_settled;
	} cases[] = {
	    {for_row, "101:sits 102:second 103:line", TRUE},
	    {for_row, "101:sits 102:second 103:done", TRUE},
	    /* on its way to the row, or to the next wait */
	    {for_row, "101:sits 102:second 103:runs", TRUE},
	    {for_row, "101:pauses 102:second 103:line", FALSE},
	    {for_row, "101:works 102:second 103:line", FALSE},
	    /* what it does isn't shown to everybody */
	    {for_row, "101:holds 102:second 103:line", FALSE},
	    /* of several any may move */
	    {for_table, "101:sits,reads 104:works,reads 102:runs,wants-table 103:runs,wants-table",
	     FALSE},
	    {for_table, "101:sits,reads 104:sits,reads 102:runs,wants-table 103:runs,wants-table",
	     TRUE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(Outcome) outcome = after_terminate(cases[i].before);

		g_test_message("case %s", cases[i].after);
		observe(outcome, cases[i].after, 10);
		g_assert_false(outcome_waiters_settled(outcome));
		observe(outcome, cases[i].after, 20);
		g_assert_cmpint(outcome_waiters_settled(outcome), ==, cases[i].is_settled);
		g_assert_true(outcome_items_settled(outcome));
		g_assert_cmpint(outcome_exit_code(outcome), ==, 4);
	}
}

/* A deadlock among those who still wait has no root. */
static void test_no_successor(void)
{
	g_autoptr(Outcome) outcome = after_terminate("100:holds,key 101:runs,wants-key,table");

	observe(outcome, "101:runs,wants-key,table 102:works,key,wants-table", 10);
	assert_outcome(outcome, "freed; granted 0, gave_up 0, waiting 1; next; exit 4");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/outcome-waiters/one-after-the-other", test_one_after_the_other);
	g_test_add_func("/outcome-waiters/two-looks", test_two_looks);
	g_test_add_func("/outcome-waiters/over-is-over", test_over_is_over);
	g_test_add_func("/outcome-waiters/ways-to-move-on", test_ways_to_move_on);
	g_test_add_func("/outcome-waiters/give-up", test_give_up);
	g_test_add_func("/outcome-waiters/served-during-look", test_served_during_look);
	g_test_add_func("/outcome-waiters/last-look-decides", test_last_look_decides);
	g_test_add_func("/outcome-waiters/already-gone", test_already_gone);
	g_test_add_func("/outcome-waiters/left-alone", test_left_alone);
	g_test_add_func("/outcome-waiters/runs-on", test_runs_on);
	g_test_add_func("/outcome-waiters/successors", test_successors);
	g_test_add_func("/outcome-waiters/several-successors", test_several_successors);
	g_test_add_func("/outcome-waiters/only-who-is-meant", test_only_who_is_meant);
	g_test_add_func("/outcome-waiters/no-waiters", test_no_waiters);
	g_test_add_func("/outcome-waiters/one-of-two-holders", test_one_of_two_holders);
	g_test_add_func("/outcome-waiters/behind-refused", test_behind_refused);
	g_test_add_func("/outcome-waiters/stuck", test_stuck);
	g_test_add_func("/outcome-waiters/no-successor", test_no_successor);
	return g_test_run();
}
