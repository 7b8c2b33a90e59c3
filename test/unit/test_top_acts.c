#include "shown.h"

#include "base/error.h"

#include <string.h>

/* A plan, the answer to its question, and what became of it. */

typedef struct {
	Snapshot *snapshot;
	WaitGraph *graph;
	Plan *plan;
} Planned;

static Planned plan_end_of(Snapshot *snapshot, gint32 pid)
{
	g_autoptr(GPtrArray) sessions =
	    g_ptr_array_new_with_free_func((GDestroyNotify) session_ref_free);
	g_autofree char *name = g_strdup_printf("%d", pid);
	g_autoptr(GError) error = NULL;
	Planned planned = {.snapshot = snapshot, .graph = wait_graph_new(snapshot)};
	const Selection selection = {.command = COMMAND_TERMINATE, .sessions = sessions};
	OwnPrivileges own = {.known = TRUE, .is_superuser = TRUE};

	g_ptr_array_add(sessions, session_ref_parse(name, NULL));
	privileges_set_own(snapshot_privileges(snapshot), &own);
	planned.plan = plan_new(planned.graph, &selection, &error);
	g_assert_no_error(error);
	return planned;
}

static void planned_clear(Planned *planned)
{
	plan_free(planned->plan);
	wait_graph_free(planned->graph);
	snapshot_free(planned->snapshot);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Planned, planned_clear)

static void ask(Shown *shown, const Planned *planned)
{
	shown_press(shown, "K");
	shown_assert_intent(shown, INTENT_PLAN);
	ui_act_plan(shown->ui, planned->plan, shown->now);
}

static void test_only_y_is_yes(void)
{
	static const char no[] = "nNqxY ";
	g_auto(Planned) planned = plan_end_of(shown_login(3), 100);

	for (guint i = 0; i < strlen(no); i++) {
		g_auto(Shown) shown = shown_begin(FALSE);
		shown_look(&shown, shown_login(3));
		ask(&shown, &planned);
		g_assert_true(shown_has(&shown, "End 1 session, free 3 waiters? [y/N]"));
		shown.now += DURATION_SECOND;
		shown_press_key(&shown, (Key) no[i]);
		if (no[i] == ' ') /* scrolls */
			continue;
		shown_assert_intent(&shown, no[i] == 'Y' ? INTENT_CARRY_OUT : INTENT_DROP);
	}
}

static void test_a_key_that_was_on_its_way_is_no_answer(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);
	g_auto(Planned) planned = plan_end_of(shown_login(3), 100);

	shown_look(&shown, shown_login(3));
	ask(&shown, &planned);
	/* not drawn yet: nobody can have read it */
	ui_key(shown.ui, 'y', 0, 0, shown.now + DURATION_SECOND);
	shown_assert_intent(&shown, INTENT_BELL);
	g_assert_true(shown_has(&shown, "[y/N]"));
	shown.now += 100 * DURATION_MS;
	shown_press(&shown, "y");
	shown_assert_intent(&shown, INTENT_BELL);
	shown.now += 200 * DURATION_MS;
	shown_press(&shown, "y");
	shown_assert_intent(&shown, INTENT_CARRY_OUT);
}

static void test_a_plan_has_to_be_seen_to_its_end(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);
	g_auto(Planned) planned = plan_end_of(shown_login(3), 100);

	shown_resize(&shown, 7, 40);
	shown_look(&shown, shown_login(3));
	ask(&shown, &planned);
	g_assert_true(shown_has(&shown, "more lines"));
	shown.now += DURATION_SECOND;
	shown_press(&shown, "y");
	shown_assert_no_intent(&shown);
	shown_press(&shown, "G");
	shown.now += DURATION_SECOND;
	shown_press(&shown, "y");
	shown_assert_intent(&shown, INTENT_CARRY_OUT);
}

/* What fitted before and doesn't any more has to be read to its end; then the other way round. */
static void test_resize_while_a_plan_is_shown(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);
	g_auto(Planned) planned = plan_end_of(shown_login(3), 100);

	shown_look(&shown, shown_login(3));
	ask(&shown, &planned);
	g_assert_true(shown_has(&shown, "[y/N]"));
	g_assert_false(shown_has(&shown, "more lines"));
	shown_resize(&shown, 8, 40);
	g_assert_true(shown_has(&shown, "more lines"));
	shown.now += DURATION_SECOND;
	shown_press(&shown, "y");
	shown_assert_no_intent(&shown);
	g_assert_true(shown_has(&shown, "there is more of the plan"));
	/* whether there is more goes by what is seen now */
	shown_resize(&shown, 40, 100);
	g_assert_false(shown_has(&shown, "more lines"));
	g_assert_true(shown_has(&shown, "End 1 session, free 3 waiters? [y/N]"));
	g_assert_false(shown_has(&shown, "there is more of the plan"));
	shown_resize(&shown, 8, 40);
	g_assert_true(shown_has(&shown, "[y/N]"));
	shown_press(&shown, "y");
	g_assert_true(shown_has(&shown, "there is more of the plan"));
	shown_resize(&shown, 9, 40);
	g_assert_true(shown_has(&shown, "more lines"));
	g_assert_true(shown_has(&shown, "[y/N]"));
	shown_resize(&shown, 40, 100);
	g_assert_true(shown_has(&shown, "[y/N]"));
	shown_press(&shown, "y");
	shown_assert_intent(&shown, INTENT_CARRY_OUT);
}

/* Takes the plan. */
static ActResult *result_of(Planned *planned, Outcome *outcome, Planned *after)
{
	ActResult *result = g_new0(ActResult, 1);

	result->end = ACT_DONE;
	result->look = g_new0(TopLook, 1);
	result->look->snapshot = g_steal_pointer(&planned->snapshot);
	result->look->graph = g_steal_pointer(&planned->graph);
	result->plan = g_steal_pointer(&planned->plan);
	result->after = g_new0(TopLook, 1);
	result->after->snapshot = g_steal_pointer(&after->snapshot);
	result->after->graph = g_steal_pointer(&after->graph);
	result->outcome = outcome;
	return result;
}

/* No row is wider than the screen, nor cut, after it has got another width: it is broken anew. */
static void assert_whole(Shown *shown)
{
	g_autofree char *screen = shown_draw(shown);

	const char *result = strstr(screen, "Not freed");

	g_assert_nonnull(result);
	g_assert_true(result && strstr(result, "server.") && !strstr(result, "…"));
}

static void test_resize_while_a_result_is_shown(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);
	g_auto(Planned) planned = plan_end_of(shown_login(3), 100);
	g_auto(Planned) after = plan_end_of(shown_login(0), 100);
	Outcome *outcome = outcome_new(planned.plan);

	shown_look(&shown, shown_login(3));
	outcome_signalled(outcome, 0, ACT_TERMINATE, 0);
	outcome_observe(outcome, after.graph, 8 * DURATION_MS);
	outcome_close(outcome, 9 * DURATION_MS);
	ui_act_over(shown.ui, result_of(&planned, outcome, &after));
	assert_whole(&shown);
	/* below the list, which goes on */
	g_assert_true(shown_has(&shown, "BLOCKS"));
	shown_resize(&shown, 30, 44);
	assert_whole(&shown);
	/* where it has no room it lies over the list, and scrolls */
	shown_resize(&shown, 8, 44);
	g_assert_true(shown_has(&shown, "What was done"));
	shown_resize(&shown, 30, 110);
	assert_whole(&shown);
	shown_press(&shown, "j");
	g_assert_false(shown_has(&shown, "Not freed"));
}

static void test_what_became_of_it_is_on_its_row(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);
	g_auto(Planned) planned = plan_end_of(shown_login(3), 100);
	Outcome *outcome = outcome_new(planned.plan);

	shown_look(&shown, shown_login(3));
	ask(&shown, &planned);
	g_assert_true(shown_has(&shown, "[y/N]"));
	shown.now += DURATION_SECOND;
	shown_press(&shown, "y");
	shown_assert_intent(&shown, INTENT_CARRY_OUT);
	/* it looks again first, which may take long */
	g_assert_true(shown_has(&shown, "100: looking again, then signalling ..."));
	shown_press(&shown, "q");
	g_assert_true(shown_has(&shown, "whether a signal is out isn't known yet"));
	outcome_signalled(outcome, 0, ACT_TERMINATE, 0);
	ui_act_progress(shown.ui, planned.plan, outcome, 0, shown.now);
	g_assert_true(shown_has(&shown, "terminate sent"));
	/* that was about something else; and what another key comes after isn't once more */
	shown_press(&shown, "q");
	shown_assert_no_intent(&shown);
	shown_press(&shown, "k");
	g_assert_true(shown_has(&shown, "100: signalled, watching what comes of it ..."));
	shown_press(&shown, "q");
	shown_assert_no_intent(&shown);
	g_assert_true(shown_has(&shown, "once more"));

	g_auto(Planned) after = plan_end_of(shown_login(0), 100);
	outcome_observe(outcome, after.graph, 8 * DURATION_MS);
	outcome_close(outcome, 9 * DURATION_MS);
	ui_act_progress(shown.ui, planned.plan, outcome, 0, shown.now);
	ui_act_over(shown.ui, result_of(&planned, outcome, &after));
	g_assert_true(shown_has(&shown, "Not freed"));
	g_assert_null(ui_act(shown.ui));
	Scene quiet;
	scene_begin(&quiet, 150000);
	shown_look(&shown, scene_end(&quiet));
	g_assert_true(shown_has(&shown, "Nobody waits for a lock."));
	g_assert_true(shown_has(&shown, "100"));
	/* and not for ever; a key ends the words below the list */
	shown_press(&shown, "F");
	g_assert_true(shown_has(&shown, "after 9ms"));
	shown.now += 60 * DURATION_SECOND;
	g_assert_false(shown_has(&shown, "after 9ms"));
}

/* 100 was ended, and is the first row, with what became of it. */
static void end_of_the_first(Shown *shown)
{
	g_auto(Planned) planned = plan_end_of(shown_login(3), 100);
	Scene scene;

	shown_look(shown, shown_login(3));
	shown_assert_lit(shown, "100");
	scene_begin(&scene, 150000);
	scene_running(&scene, 101);
	scene_lock(&scene, 101, tag_relation(900), "AccessExclusiveLock", GRANTED);
	scene_running(&scene, 102);
	scene_lock(&scene, 102, tag_relation(900), "AccessShareLock", 20);
	Planned after = plan_end_of(scene_end(&scene), 101);
	Outcome *outcome = outcome_new(planned.plan);

	outcome_signalled(outcome, 0, ACT_TERMINATE, 0);
	outcome_observe(outcome, after.graph, 8 * DURATION_MS);
	outcome_close(outcome, 9 * DURATION_MS);
	ui_act_progress(shown->ui, planned.plan, outcome, 0, shown->now);
	outcome_free(outcome);
	shown_look(shown, g_steal_pointer(&after.snapshot));
	planned_clear(&after);
}

static void test_who_is_gone_is_not_in_the_way(void)
{
	static const char keys[] = "KRC\n";
	g_auto(Shown) shown = shown_begin(FALSE);

	end_of_the_first(&shown);
	shown_assert_lit(&shown, "100");
	g_assert_true(shown_has(&shown, "after 8ms"));
	for (guint i = 0; i < strlen(keys); i++) {
		shown_press_key(&shown, (Key) keys[i]);
		g_assert_true(shown_has(&shown, "that session is gone: choose another"));
		shown_assert_no_intent(&shown);
	}
	shown_press(&shown, "G");
	shown_assert_lit(&shown, "102");
	shown_press(&shown, "g");
	shown_assert_lit(&shown, "101");
	g_assert_true(shown_has(&shown, "after 8ms"));
	shown_press(&shown, "K");
	shown_assert_intent(&shown, INTENT_PLAN);
	g_assert_cmpstr(ui_act(shown.ui)->name, ==, "101");
}

/* Instead of the one that was selected and isn't there any more. */
static void test_nobody_who_is_gone_is_selected_instead(void)
{
	static const char keys[] = "kfs";

	for (guint i = 0; i < strlen(keys); i++) {
		g_auto(Shown) shown = shown_begin(FALSE);
		Scene scene;

		end_of_the_first(&shown);
		shown_press(&shown, "j");
		shown_assert_lit(&shown, "101");
		scene_begin(&scene, 150000);
		scene_running(&scene, 201);
		scene_lock(&scene, 201, tag_relation(900), "AccessExclusiveLock", GRANTED);
		scene_running(&scene, 202);
		scene_lock(&scene, 202, tag_relation(900), "AccessShareLock", 20);
		shown_look(&shown, scene_end(&scene));
		shown_assert_lit(&shown, "");
		shown_press_key(&shown, (Key) keys[i]);
		if (keys[i] == 'f')
			shown_press(&shown, "20");
		shown_assert_lit(&shown, "201");
	}
}

/* To its end, and until a key: what was meant to be done was not. */
static void test_why_nothing_was_signalled(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);
	g_auto(Planned) planned = plan_end_of(shown_login(3), 100);
	g_autoptr(GError) error = NULL;

	shown_resize(&shown, 24, 80);
	shown_look(&shown, shown_login(3));
	ask(&shown, &planned);
	g_assert_true(shown_has(&shown, "[y/N]"));
	shown.now += DURATION_SECOND;
	shown_press(&shown, "y");
	error_set(
	    &error, PGUNLOCK_ERROR_FAILED,
	    "nothing was signalled: reading the locks: no answer from db1.example.com:5432 within "
	    "10s; it may be frozen, or the network in between may be");
	ui_act_failed(shown.ui, error);
	g_assert_true(shown_has(&shown, "nothing was signalled: reading"));
	g_assert_true(shown_has(&shown, "may be\n"));
	g_assert_true(shown_has(&shown, "blocks    3 sessions"));
	shown.now += 60 * DURATION_SECOND;
	g_assert_true(shown_has(&shown, "may be\n"));
	shown_press(&shown, "j");
	g_assert_false(shown_has(&shown, "signalled"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/top_acts/only-y-is-yes", test_only_y_is_yes);
	g_test_add_func("/top_acts/type-ahead", test_a_key_that_was_on_its_way_is_no_answer);
	g_test_add_func("/top_acts/all-of-the-plan", test_a_plan_has_to_be_seen_to_its_end);
	g_test_add_func("/top_acts/resize-plan", test_resize_while_a_plan_is_shown);
	g_test_add_func("/top_acts/resize-result", test_resize_while_a_result_is_shown);
	g_test_add_func("/top_acts/result-on-the-row", test_what_became_of_it_is_on_its_row);
	g_test_add_func("/top_acts/who-is-gone", test_who_is_gone_is_not_in_the_way);
	g_test_add_func("/top_acts/nobody-who-is-gone", test_nobody_who_is_gone_is_selected_instead);
	g_test_add_func("/top_acts/nothing-was-signalled", test_why_nothing_was_signalled);
	return g_test_run();
}
