#include "scene.h"

#include "base/duration.h"
#include "base/error.h"
#include "tui/server_list.h"
#include "tui/ui.h"

#include <string.h>

/* The live screen without a terminal: what is selected, what keys ask for, what is drawn. */

#define START (1000 * DURATION_SECOND)
#define TABLE 500

typedef struct {
	Ui *ui;
	Grid *grid;
	gint64 now;
} Shown;

static Shown begin(gboolean read_only)
{
	const UiOptions options = {.unicode = TRUE,
	                           .connection_args = "",
	                           .interval_us = 2 * DURATION_SECOND,
	                           .read_only = read_only};

	return (Shown){.ui = ui_new(&options), .grid = grid_new(30, 110, TRUE), .now = START};
}

static void shown_clear(Shown *shown)
{
	ui_free(shown->ui);
	grid_free(shown->grid);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Shown, shown_clear)

static char *draw(Shown *shown)
{
	ui_draw(shown->ui, shown->grid, shown->now);
	return grid_to_text(shown->grid);
}

static gboolean shows(Shown *shown, const char *text)
{
	g_autofree char *screen = draw(shown);

	if (strstr(screen, text))
		return TRUE;
	g_test_message("no \"%s\" on\n%s", text, screen);
	return FALSE;
}

/* The row that is lit. "" for none. */
static char *lit(Shown *shown)
{
	g_autofree char *screen = draw(shown);
	g_auto(GStrv) lines = g_strsplit(screen, "\n", -1);

	for (guint i = 0; lines[i]; i++)
		if (lines[i][0] == '>')
			return g_strdup(lines[i] + 1);
	return g_strdup("");
}

static void assert_lit(Shown *shown, const char *beginning)
{
	g_autofree char *row = lit(shown);
	const char *name = strpbrk(row, "0123456789");

	g_test_message("lit: %s", row);
	if (*beginning == '\0')
		g_assert_cmpstr(row, ==, "");
	else
		g_assert_true(name && g_str_has_prefix(name, beginning));
}

static void press_key(Shown *shown, Key key)
{
	g_autofree char *before = draw(shown);

	ui_key(shown->ui, key, 0, 0, shown->now);
}

static void press(Shown *shown, const char *keys)
{
	for (const char *key = keys; *key != '\0'; key++)
		press_key(shown, (Key) *key);
}

static void assert_intent(Shown *shown, Intent expected)
{
	Intent intent;

	g_assert_true(ui_take_intent(shown->ui, &intent));
	g_assert_cmpint(intent, ==, expected);
}

static void assert_no_intent(Shown *shown)
{
	Intent intent;

	g_assert_false(ui_take_intent(shown->ui, &intent));
}

static Snapshot *login(guint n_waiters)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_session(&scene, 1, "active", 0, 0, "SELECT pg_lock_status()");
	scene_login_incident(&scene, n_waiters);
	return scene_end(&scene);
}

/* Another root before it, behind which more wait. */
static Snapshot *login_and_worse(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 2);
	scene_idle(&scene, 50);
	scene_lock(&scene, 50, tag_relation(900), "AccessExclusiveLock", GRANTED);
	for (gint32 pid = 60; pid < 65; pid++) {
		scene_running(&scene, pid);
		scene_lock(&scene, pid, tag_relation(900), "AccessShareLock", pid);
	}
	return scene_end(&scene);
}

static void look(Shown *shown, Snapshot *snapshot)
{
	shown->now += DURATION_SECOND;
	ui_look(shown->ui, top_look_new(snapshot, NULL), shown->now);
}

static void test_the_selection_is_no_row(void)
{
	g_auto(Shown) shown = begin(FALSE);

	look(&shown, login(3));
	assert_lit(&shown, "100");
	press(&shown, "j");
	assert_lit(&shown, "101");
	look(&shown, login_and_worse());
	assert_lit(&shown, "101");
	press(&shown, "gj");
	assert_lit(&shown, "64");
}

static void test_nobody_else_is_selected_instead(void)
{
	g_auto(Shown) shown = begin(FALSE);

	look(&shown, login(3));
	press(&shown, "jjj");
	assert_lit(&shown, "103");
	look(&shown, login(2));
	assert_lit(&shown, "");
	g_assert_true(shows(&shown, "not here any more"));
	press(&shown, "K");
	g_assert_true(shows(&shown, "is gone: choose another"));
	assert_no_intent(&shown);
	look(&shown, login(3));
	assert_lit(&shown, "103");
}

static void test_an_act_names_whom_it_is_about(void)
{
	g_auto(Shown) shown = begin(FALSE);

	look(&shown, login(3));
	press(&shown, "K");
	assert_intent(&shown, INTENT_PLAN);
	const UiAct *act = ui_act(shown.ui);
	g_assert_nonnull(act);
	g_assert_cmpint(act->command, ==, COMMAND_TERMINATE);
	g_assert_cmpstr(act->name, ==, "100");
	g_assert_false(act->is_of_waiter);
	/* one at a time */
	press(&shown, "C");
	assert_no_intent(&shown);
	press_key(&shown, KEY_ESCAPE);
	assert_intent(&shown, INTENT_DROP);
	g_assert_null(ui_act(shown.ui));
}

static void test_release_of_a_waiter(void)
{
	g_auto(Shown) shown = begin(FALSE);

	look(&shown, login(1));
	press(&shown, "jR");
	assert_intent(&shown, INTENT_PLAN);
	g_assert_true(ui_act(shown.ui)->is_of_waiter);
	g_assert_cmpstr(ui_act(shown.ui)->name, ==, "101");
}

static void test_read_only(void)
{
	g_auto(Shown) shown = begin(TRUE);

	look(&shown, login(3));
	press(&shown, "CKR");
	assert_no_intent(&shown);
	g_assert_true(shows(&shown, "nothing is ended with --read-only"));
}

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
	press(shown, "K");
	assert_intent(shown, INTENT_PLAN);
	ui_act_plan(shown->ui, planned->plan, shown->now);
}

static void test_only_y_is_yes(void)
{
	static const char no[] = "nNqxY ";
	g_auto(Planned) planned = plan_end_of(login(3), 100);

	for (guint i = 0; i < strlen(no); i++) {
		g_auto(Shown) shown = begin(FALSE);
		look(&shown, login(3));
		ask(&shown, &planned);
		g_assert_true(shows(&shown, "End 1 session, free 3 waiters? [y/N]"));
		shown.now += DURATION_SECOND;
		press_key(&shown, (Key) no[i]);
		if (no[i] == ' ') /* scrolls */
			continue;
		assert_intent(&shown, no[i] == 'Y' ? INTENT_CARRY_OUT : INTENT_DROP);
	}
}

static void test_a_key_that_was_on_its_way_is_no_answer(void)
{
	g_auto(Shown) shown = begin(FALSE);
	g_auto(Planned) planned = plan_end_of(login(3), 100);

	look(&shown, login(3));
	ask(&shown, &planned);
	/* not drawn yet: nobody can have read it */
	ui_key(shown.ui, 'y', 0, 0, shown.now + DURATION_SECOND);
	assert_intent(&shown, INTENT_BELL);
	g_assert_true(shows(&shown, "[y/N]"));
	shown.now += 100 * DURATION_MS;
	press(&shown, "y");
	assert_intent(&shown, INTENT_BELL);
	shown.now += 200 * DURATION_MS;
	press(&shown, "y");
	assert_intent(&shown, INTENT_CARRY_OUT);
}

static void test_a_plan_has_to_be_seen_to_its_end(void)
{
	g_auto(Shown) shown = begin(FALSE);
	g_auto(Planned) planned = plan_end_of(login(3), 100);

	grid_free(shown.grid);
	shown.grid = grid_new(7, 40, TRUE);
	look(&shown, login(3));
	ask(&shown, &planned);
	g_assert_true(shows(&shown, "more lines"));
	shown.now += DURATION_SECOND;
	press(&shown, "y");
	assert_no_intent(&shown);
	press(&shown, "G");
	shown.now += DURATION_SECOND;
	press(&shown, "y");
	assert_intent(&shown, INTENT_CARRY_OUT);
}

static void test_what_became_of_it_is_on_its_row(void)
{
	g_auto(Shown) shown = begin(FALSE);
	g_auto(Planned) planned = plan_end_of(login(3), 100);
	g_autoptr(Outcome) outcome = outcome_new(planned.plan);

	look(&shown, login(3));
	ask(&shown, &planned);
	g_assert_true(shows(&shown, "[y/N]"));
	shown.now += DURATION_SECOND;
	press(&shown, "y");
	assert_intent(&shown, INTENT_CARRY_OUT);
	outcome_signalled(outcome, 0, ACT_TERMINATE, 0);
	ui_act_progress(shown.ui, planned.plan, outcome, 0, shown.now);
	g_assert_true(shows(&shown, "terminate sent"));
	/* q doesn't leave at once */
	press(&shown, "q");
	assert_no_intent(&shown);
	g_assert_true(shows(&shown, "once more"));

	g_auto(Planned) after = plan_end_of(login(0), 100);
	outcome_observe(outcome, after.graph, 8 * DURATION_MS);
	outcome_close(outcome, 9 * DURATION_MS);
	ui_act_progress(shown.ui, planned.plan, outcome, 0, shown.now);
	ui_act_over(shown.ui, "Freed.\n", NULL);
	g_assert_true(shows(&shown, "Freed."));
	g_assert_null(ui_act(shown.ui));
	Scene quiet;
	scene_begin(&quiet, 150000);
	look(&shown, scene_end(&quiet));
	g_assert_true(shows(&shown, "Nobody waits for a lock."));
	g_assert_true(shows(&shown, "100"));
	/* and not for ever */
	shown.now += 60 * DURATION_SECOND;
	g_assert_false(shows(&shown, "after 9ms"));
}

static void test_pause(void)
{
	g_auto(Shown) shown = begin(FALSE);

	look(&shown, login(3));
	press(&shown, " ");
	look(&shown, login(1));
	g_assert_true(shows(&shown, "PAUSED"));
	g_assert_true(shows(&shown, "3 sessions wait"));
	press(&shown, " ");
	g_assert_true(shows(&shown, "1 session waits"));
}

static void test_late_answers_are_told(void)
{
	g_auto(Shown) shown = begin(FALSE);
	g_autoptr(GError) error = NULL;

	look(&shown, login(3));
	g_assert_true(shows(&shown, "last answer just now"));
	shown.now += 4 * DURATION_SECOND;
	g_assert_true(shows(&shown, "last answer 4s ago"));
	error_set(&error, PGUNLOCK_ERROR_FAILED, "lost the connection\033[2J");
	ui_trouble(shown.ui, error, DURATION_SECOND, shown.now);
	g_assert_true(shows(&shown, "lost the connection\\x1b[2J"));
	ui_stands(shown.ui, 2, 1, shown.now);
	g_assert_true(shows(&shown, "+2 -1 since"));
}

static void test_typing(void)
{
	g_auto(Shown) shown = begin(FALSE);

	look(&shown, login(3));
	press(&shown, "/103\n");
	assert_lit(&shown, "103");
	press(&shown, "f");
	press(&shown, "101");
	g_assert_true(shows(&shown, "Filter: 101"));
	assert_lit(&shown, "100"); /* above 101, and 103 is hidden */
	press_key(&shown, KEY_BACK);
	press_key(&shown, KEY_RETURN);
	g_assert_true(shows(&shown, "filter: 10"));
	press_key(&shown, KEY_ESCAPE);
	g_assert_false(shows(&shown, "filter: 10"));
	/* what a terminal would obey isn't typed */
	press(&shown, "f");
	press_key(&shown, (Key) 0x9b);
	press_key(&shown, (Key) 0x202e);
	press(&shown, "x\n");
	g_assert_true(shows(&shown, "filter: x "));
}

static void test_interval_and_file(void)
{
	g_auto(Shown) shown = begin(FALSE);

	look(&shown, login(3));
	press(&shown, "-");
	assert_intent(&shown, INTENT_INTERVAL);
	g_assert_cmpint(ui_interval(shown.ui), ==, DURATION_SECOND);
	press(&shown, "++");
	g_assert_cmpint(ui_interval(shown.ui), ==, 5 * DURATION_SECOND);
	assert_intent(&shown, INTENT_INTERVAL);
	assert_intent(&shown, INTENT_INTERVAL);
	press(&shown, "w");
	press_key(&shown, (Key) ('U' - '@'));
	press(&shown, "a.json\n");
	assert_intent(&shown, INTENT_WRITE);
	g_assert_cmpstr(ui_written(shown.ui), ==, "a.json");
}

static void test_incidents(void)
{
	g_auto(Shown) shown = begin(FALSE);
	Scene quiet;

	look(&shown, login(3));
	press(&shown, "5");
	assert_intent(&shown, INTENT_LOOK);
	g_assert_true(shows(&shown, "lasts"));
	scene_begin(&quiet, 150000);
	look(&shown, scene_end(&quiet));
	shown.now += 10 * DURATION_SECOND;
	scene_begin(&quiet, 150000);
	look(&shown, scene_end(&quiet));
	g_assert_true(shows(&shown, "lasted"));
	g_assert_true(shows(&shown, "3 at most"));
}

/* Every key does one thing, and every action has words for the help. */
static void assert_list(ServerList *list, Grid *grid, const char *text)
{
	server_list_draw(list, grid, START + DURATION_SECOND);
	g_autofree char *screen = grid_to_text(grid);

	g_test_message("%s", screen);
	g_assert_nonnull(strstr(screen, text));
}

static void test_several_servers(void)
{
	g_auto(Shown) calm = begin(FALSE);
	g_auto(Shown) jammed = begin(FALSE);
	g_auto(Shown) gone = begin(FALSE);
	g_autoptr(Grid) grid = grid_new(6, 70, TRUE);
	g_autoptr(GError) error = NULL;
	ServerList list;

	server_list_init(&list);
	server_list_add(&list, "calm", calm.ui);
	server_list_add(&list, "jam\033[2Jmed", jammed.ui);
	server_list_add(&list, "gone", gone.ui);
	assert_list(&list, grid, ">calm");
	assert_list(&list, grid, "connecting ...");
	look(&jammed, login(3));
	error_set(&error, PGUNLOCK_ERROR_CONNECT, "refused\033[2J");
	ui_trouble(gone.ui, error, DURATION_SECOND, START);
	assert_list(&list, grid, " jam\\x1b[2Jmed  3 wait for 1, longest 4m12s  last answer just now");
	assert_list(&list, grid, "refused\\x1b[2J");
	g_assert_cmpint(server_list_key(&list, 'j', 0), ==, LIST_STAYS);
	assert_list(&list, grid, ">jam");
	g_assert_cmpint(server_list_key(&list, 'G', 0), ==, LIST_STAYS);
	g_assert_cmpint(server_list_key(&list, 'j', 0), ==, LIST_STAYS);
	g_assert_cmpuint(list.at, ==, 2);
	g_assert_cmpint(server_list_key(&list, KEY_PRESS, 2), ==, LIST_STAYS);
	g_assert_cmpuint(list.at, ==, 0);
	g_assert_cmpint(server_list_key(&list, KEY_PRESS, 99), ==, LIST_STAYS);
	g_assert_cmpint(server_list_key(&list, 'K', 0), ==, LIST_STAYS);
	g_assert_cmpint(server_list_key(&list, KEY_RETURN, 0), ==, LIST_ENTER);
	g_assert_cmpint(server_list_key(&list, 'q', 0), ==, LIST_QUIT);
	server_list_clear(&list);
	/* S on a screen that is the only one */
	press(&calm, "S");
	assert_no_intent(&calm);
	g_assert_true(shows(&calm, "there is one server"));
}

/* Whatever is pressed, on whatever size: it draws, and acts on nothing without a plan. */
static void test_any_keys(void)
{
	static const guint sizes[][2] = {{1, 1}, {2, 5}, {8, 20}, {24, 80}, {70, 250}};
	g_autoptr(GRand) chance = g_rand_new_with_seed(1);

	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_auto(Shown) shown = begin(FALSE);
		Intent intent;
		grid_free(shown.grid);
		shown.grid = grid_new(sizes[i][0], sizes[i][1], i % 2 == 0);
		for (guint n = 0; n < 500; n++) {
			Key key = g_rand_boolean(chance)
			              ? g_rand_int_range(chance, 1, 127)
			              : g_rand_int_range(chance, KEY_ARROW_UP, KEY_WHEEL_DOWN + 1);
			if (n % 20 == 0)
				look(&shown, n % 40 == 0 ? login(n % 7) : login_and_worse());
			if (n % 100 == 0)
				ui_wide_look(shown.ui, top_look_new(login(n % 5), NULL));
			ui_key(shown.ui, key, n % 30, n % 80, shown.now);
			g_free(draw(&shown));
			while (ui_take_intent(shown.ui, &intent))
				g_assert_cmpint(intent, !=, INTENT_CARRY_OUT);
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/top/the-selection-is-no-row", test_the_selection_is_no_row);
	g_test_add_func("/top/nobody-else-is-selected", test_nobody_else_is_selected_instead);
	g_test_add_func("/top/an-act-names-whom", test_an_act_names_whom_it_is_about);
	g_test_add_func("/top/release-of-a-waiter", test_release_of_a_waiter);
	g_test_add_func("/top/read-only", test_read_only);
	g_test_add_func("/top/only-y-is-yes", test_only_y_is_yes);
	g_test_add_func("/top/type-ahead", test_a_key_that_was_on_its_way_is_no_answer);
	g_test_add_func("/top/all-of-the-plan", test_a_plan_has_to_be_seen_to_its_end);
	g_test_add_func("/top/result-on-the-row", test_what_became_of_it_is_on_its_row);
	g_test_add_func("/top/pause", test_pause);
	g_test_add_func("/top/late-answers", test_late_answers_are_told);
	g_test_add_func("/top/typing", test_typing);
	g_test_add_func("/top/interval-and-file", test_interval_and_file);
	g_test_add_func("/top/incidents", test_incidents);
	g_test_add_func("/top/several-servers", test_several_servers);
	g_test_add_func("/top/any-keys", test_any_keys);
	return g_test_run();
}
