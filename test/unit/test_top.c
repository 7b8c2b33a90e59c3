#include "shown.h"

#include "base/error.h"
#include "tui/server_list.h"

#include <string.h>

/* What is selected, what keys ask for, what is drawn. */

static void test_the_selection_is_no_row(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);

	shown_look(&shown, shown_login(3));
	shown_assert_lit(&shown, "100");
	shown_press(&shown, "j");
	shown_assert_lit(&shown, "101");
	shown_look(&shown, shown_login_and_worse());
	shown_assert_lit(&shown, "101");
	shown_press(&shown, "gj");
	shown_assert_lit(&shown, "64");
}

static void test_nobody_else_is_selected_instead(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);

	shown_look(&shown, shown_login(3));
	shown_press(&shown, "jjj");
	shown_assert_lit(&shown, "103");
	shown_look(&shown, shown_login(2));
	shown_assert_lit(&shown, "");
	g_assert_true(shown_has(&shown, "not here any more"));
	shown_press(&shown, "K");
	g_assert_true(shown_has(&shown, "is gone: choose another"));
	shown_assert_no_intent(&shown);
	shown_look(&shown, shown_login(3));
	shown_assert_lit(&shown, "103");
}

static void test_an_act_names_whom_it_is_about(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);

	shown_look(&shown, shown_login(3));
	shown_press(&shown, "K");
	shown_assert_intent(&shown, INTENT_PLAN);
	const UiAct *act = ui_act(shown.ui);
	g_assert_nonnull(act);
	g_assert_cmpint(act->command, ==, COMMAND_TERMINATE);
	g_assert_cmpstr(act->name, ==, "100");
	g_assert_false(act->is_of_waiter);
	/* one at a time */
	shown_press(&shown, "C");
	shown_assert_no_intent(&shown);
	shown_press_key(&shown, KEY_ESCAPE);
	shown_assert_intent(&shown, INTENT_DROP);
	g_assert_null(ui_act(shown.ui));
}

static void test_release_of_a_waiter(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);

	shown_look(&shown, shown_login(1));
	shown_press(&shown, "jR");
	shown_assert_intent(&shown, INTENT_PLAN);
	g_assert_true(ui_act(shown.ui)->is_of_waiter);
	g_assert_cmpstr(ui_act(shown.ui)->name, ==, "101");
}

static void test_read_only(void)
{
	g_auto(Shown) shown = shown_begin(TRUE);

	shown_look(&shown, shown_login(3));
	shown_press(&shown, "CKR");
	shown_assert_no_intent(&shown);
	g_assert_true(shown_has(&shown, "nothing is ended with --read-only"));
}

static void test_pause(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);

	shown_look(&shown, shown_login(3));
	shown_press(&shown, " ");
	shown_look(&shown, shown_login(1));
	g_assert_true(shown_has(&shown, "PAUSED  seen 1s ago\n"));
	g_assert_true(shown_has(&shown, "3 sessions wait"));
	/* the age is that of the picture, whatever has come since */
	shown.now += 3 * DURATION_SECOND;
	ui_stands(shown.ui, 1, 0, shown.now);
	g_assert_true(shown_has(&shown, "PAUSED  seen 4s ago\n"));
	shown_press(&shown, "r");
	g_assert_true(shown_has(&shown, "paused: nothing new is shown until Space goes on"));
	shown_assert_no_intent(&shown);
	shown_press(&shown, " ");
	g_assert_true(shown_has(&shown, "1 session waits"));
	g_assert_true(shown_has(&shown, "last answer just now\n"));
	shown.now += 2 * DURATION_SECOND;
	shown_press(&shown, " ");
	g_assert_true(shown_has(&shown, "PAUSED  seen 5s ago\n"));
	shown_press(&shown, " ");
	shown_look(&shown, shown_login(2));
	shown_press(&shown, " ");
	g_assert_true(shown_has(&shown, "PAUSED  seen just now\n"));
	/* a view that nobody has looked for so far */
	shown_press(&shown, "2");
	g_assert_true(shown_has(&shown, "Paused before this was looked at: Space goes on."));
	shown_press(&shown, " ");
	g_assert_true(shown_has(&shown, "looking ..."));
	shown_press(&shown, "r");
	shown_assert_intent(&shown, INTENT_LOOK);
}

static void test_late_answers_are_told(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);
	g_autoptr(GError) error = NULL;

	shown_look(&shown, shown_login(3));
	g_assert_true(shown_has(&shown, "last answer just now"));
	shown.now += 4 * DURATION_SECOND;
	g_assert_true(shown_has(&shown, "last answer 4s ago"));
	error_set(&error, PGUNLOCK_ERROR_FAILED, "lost the connection\033[2J");
	ui_trouble(shown.ui, error, DURATION_SECOND, shown.now);
	g_assert_true(shown_has(&shown, "lost the connection\\x1b[2J. Next try in 1s."));
	shown.now += 2 * DURATION_SECOND;
	g_assert_true(shown_has(&shown, "lost the connection\\x1b[2J. Trying again ..."));
	ui_trouble(shown.ui, error, -1, shown.now);
	g_assert_true(shown_has(&shown, "lost the connection\\x1b[2J\n"));
	ui_stands(shown.ui, 2, 1, shown.now);
	g_assert_true(shown_has(&shown, "+2 -1 since"));
}

/* Whoever is in a policy file is connected to by no option. */
static void test_hints_are_of_the_policy_file(void)
{
	const UiOptions options = {.connection_args = "", .server_name = "db1"};
	g_autoptr(Ui) ui = ui_new(&options);
	g_autoptr(GError) error = NULL;
	Face face;

	error_set(&error, PGUNLOCK_ERROR_CONNECT, "cannot connect to db1:5432");
	error_set_hint(&error, "nothing listens there: are -h and -p right (or PGHOST and PGPORT)?");
	ui_trouble(ui, error, DURATION_SECOND, SHOWN_START);
	g_autofree char *text = ui_summary(ui, SHOWN_START, &face);
	g_assert_cmpstr(text, ==,
	                "cannot connect to db1:5432 (nothing listens there: are host and port in its "
	                "conninfo right?)");
}

/* One age, and what it is the age of. */
static void test_a_look_that_stands(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);

	shown_look(&shown, shown_login(3));
	shown.now += 10 * DURATION_SECOND;
	ui_stands(shown.ui, 0, 0, shown.now);
	g_assert_true(shown_has(&shown, "locks seen 10s ago, the same still wait\n"));
	shown.now += 5 * DURATION_SECOND;
	g_assert_true(shown_has(&shown, "locks seen 15s ago  last answer 5s ago\n"));
	ui_stands(shown.ui, 1, 0, shown.now);
	g_assert_true(shown_has(&shown, "+1 -0 since  locks seen 15s ago  last answer just now\n"));
}

static void test_typing(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);

	shown_look(&shown, shown_login(3));
	shown_press(&shown, "/103\n");
	shown_assert_lit(&shown, "103");
	shown_press(&shown, "f");
	shown_press(&shown, "101");
	g_assert_true(shown_has(&shown, "Filter: 101"));
	shown_assert_lit(&shown, "100"); /* above 101, and 103 is hidden */
	shown_press_key(&shown, KEY_BACK);
	shown_press_key(&shown, KEY_RETURN);
	g_assert_true(shown_has(&shown, "filter: 10"));
	shown_press_key(&shown, KEY_ESCAPE);
	g_assert_false(shown_has(&shown, "filter: 10"));
	/* what a terminal would obey isn't typed */
	shown_press(&shown, "f");
	shown_press_key(&shown, (Key) 0x9b);
	shown_press_key(&shown, (Key) 0x202e);
	shown_press(&shown, "x\n");
	g_assert_true(shown_has(&shown, "filter: x "));
}

static Snapshot *long_statement(void)
{
	g_autoptr(GString) statement = g_string_new("SELECT 1");
	Scene scene;

	for (guint i = 0; i < 40; i++)
		g_string_append_printf(statement, ", a_rather_long_column_%u", i);
	g_string_append(statement, " FROM t WHERE what_counts");
	scene_begin(&scene, 150000);
	scene_session(&scene, 100, "active", 100, 0, statement->str);
	scene_lock(&scene, 100, tag_relation(900), "AccessExclusiveLock", GRANTED);
	scene_running(&scene, 101);
	scene_lock(&scene, 101, tag_relation(900), "AccessShareLock", 101);
	return scene_end(&scene);
}

/* The pane takes what the list leaves empty; what it has no room for it says there is. */
static void test_room_for_the_statement(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);

	shown_resize(&shown, 40, 120);
	shown_look(&shown, long_statement());
	g_assert_true(shown_has(&shown, "what_counts"));
	g_assert_true(shown_has(&shown, "ending "));
	g_assert_false(shown_has(&shown, "more: Enter"));
	shown_resize(&shown, 16, 60);
	g_assert_false(shown_has(&shown, "what_counts"));
	g_assert_true(shown_has(&shown, "more: Enter"));
}

/* What is on the screen, its rows put together again. */
static char *unfolded(Shown *shown)
{
	g_autofree char *screen = shown_draw(shown);
	g_auto(GStrv) rows = g_strsplit(screen, "\n", -1);

	for (guint i = 0; rows[i]; i++)
		g_strchug(rows[i]);
	return g_strjoinv("", rows);
}

/* What is to be typed is there to its end, however narrow the screen. */
static void test_commands_are_whole(void)
{
	static const guint columns[] = {110, 60, 40, 24, 17};
	static const char gid[] = "gid:order_4711_of_the_shop_in_the_north_and_of_what_it_ordered";
	Scene scene;

	for (guint i = 0; i < G_N_ELEMENTS(columns); i++) {
		g_auto(Shown) shown = shown_begin(FALSE);

		scene_begin(&scene, 150000);
		scene_prepared(&scene, 733, gid + strlen("gid:"), 500);
		scene_running(&scene, 101);
		scene_lock(&scene, 101, tag_relation(500), "AccessExclusiveLock", 50);
		shown_resize(&shown, 150, columns[i]);
		shown_look(&shown, scene_end(&scene));
		shown_press(&shown, "\n");
		g_autofree char *screen = unfolded(&shown);
		g_autofree char *command = g_strdup_printf("pgunlock release %s --rollback", gid);
		g_test_message("%u columns: %s", columns[i], screen);
		/* A blank at the end of a row isn't to be seen. */
		g_auto(GStrv) on_screen = g_strsplit(screen, " ", -1);
		g_auto(GStrv) words = g_strsplit(command, " ", -1);
		g_autofree char *there = g_strjoinv("", on_screen);
		g_autofree char *wanted = g_strjoinv("", words);
		g_assert_nonnull(strstr(there, wanted));
	}
}

/* Who is told of is named, or counted. */
static void test_who_is_not_listed_is_counted(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);

	shown_resize(&shown, 60, 110);
	shown_look(&shown, shown_login(6));
	shown_press(&shown, "\n");
	g_assert_true(shown_has(&shown, "blocks    6 sessions: 1 directly, 5 behind that one\n"));
	g_assert_true(shown_has(&shown, "                  and 5 more\n"));
	shown_press_key(&shown, KEY_ESCAPE);
	shown_press(&shown, "zG");
	shown_assert_lit(&shown, "106");
	shown_press(&shown, "\n");
	g_assert_true(shown_has(&shown, "waits     5 sessions stand in its way\n"));
	g_assert_true(shown_has(&shown, "                  and 3 more\n"));
}

/* Where a column begins, by its title. */
static guint column_at(Shown *shown, const char *title)
{
	g_autofree char *screen = shown_draw(shown);
	const char *found = strstr(screen, title);

	g_assert_nonnull(found);
	const char *line = g_strrstr_len(screen, found - screen, "\n");
	return found && line ? (guint) (found - line) - 2 : 0;
}

/* A deep tree, long names and long locks leave room for a statement that needs it. */
static void test_the_widths_of_columns(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);

	shown_resize(&shown, 30, 100);
	shown_look(&shown, long_statement());
	g_assert_cmpuint(column_at(&shown, "STATEMENT"), <=, 76);
	g_assert_true(shown_has(&shown, "AccessExclusiveLock"));
	g_assert_true(shown_has(&shown, "waits "));
	shown_resize(&shown, 30, 200);
	g_assert_cmpuint(column_at(&shown, "STATEMENT"), <=, 150);
	shown_resize(&shown, 30, 40);
	g_assert_cmpuint(column_at(&shown, "STATE"), <=, 22);
}

static void test_rows_out_of_sight_are_told(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);

	shown_look(&shown, shown_login_and_worse());
	g_assert_false(shown_has(&shown, "more below"));
	shown_resize(&shown, 16, 80);
	g_assert_true(shown_has(&shown, " 1 more below "));
	shown_press(&shown, "G");
	g_assert_true(shown_has(&shown, " 1 more above "));
	g_assert_false(shown_has(&shown, "below"));
	/* without a pane: beside the titles */
	shown_resize(&shown, 8, 80);
	shown_press(&shown, "g");
	g_assert_true(shown_has(&shown, " +4\n"));
}

static void test_what_is_said_goes_again(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);

	shown_look(&shown, shown_login(3));
	shown_press(&shown, "F");
	g_assert_true(shown_has(&shown, "the selected session stays on its line"));
	shown_press(&shown, "F");
	g_assert_true(shown_has(&shown, "follow is off"));
	ui_say(shown.ui, FACE_BAD, "cannot write /nonexistent/foo");
	g_assert_true(shown_has(&shown, "cannot write /nonexistent/foo"));
	shown.now += 9 * DURATION_SECOND;
	g_assert_true(shown_has(&shown, "cannot write /nonexistent/foo"));
	shown.now += 2 * DURATION_SECOND;
	g_assert_false(shown_has(&shown, "cannot write"));
	g_assert_true(shown_has(&shown, "KTerminate"));
}

static void test_interval_and_file(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);

	shown_look(&shown, shown_login(3));
	shown_press(&shown, "-");
	shown_assert_intent(&shown, INTENT_INTERVAL);
	g_assert_cmpint(ui_interval(shown.ui), ==, DURATION_SECOND);
	shown_press(&shown, "++");
	g_assert_cmpint(ui_interval(shown.ui), ==, 5 * DURATION_SECOND);
	shown_assert_intent(&shown, INTENT_INTERVAL);
	shown_assert_intent(&shown, INTENT_INTERVAL);
	shown_press(&shown, "w");
	shown_press_key(&shown, (Key) ('U' - '@'));
	shown_press(&shown, "a.json\n");
	shown_assert_intent(&shown, INTENT_WRITE);
	g_assert_cmpstr(ui_written(shown.ui), ==, "a.json");
}

static void test_incidents(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);
	Scene quiet;

	shown_look(&shown, shown_login(3));
	shown_press(&shown, "5");
	shown_assert_intent(&shown, INTENT_LOOK);
	g_assert_true(shown_has(&shown, "lasts     4m12s so far, since "));
	scene_begin(&quiet, 150000);
	shown_look(&shown, scene_end(&quiet));
	shown.now += 10 * DURATION_SECOND;
	scene_begin(&quiet, 150000);
	shown_look(&shown, scene_end(&quiet));
	g_assert_true(shown_has(&shown, "lasted"));
	g_assert_true(shown_has(&shown, "3 at most"));
	g_assert_true(shown_has(&shown, "lasted    4m12s, from "));
}

/* Every key does one thing, and every action has words for the help. */
static void assert_list(ServerList *list, Grid *grid, const char *text)
{
	server_list_draw(list, grid, SHOWN_START + DURATION_SECOND);
	g_autofree char *screen = grid_to_text(grid);

	g_test_message("%s", screen);
	g_assert_nonnull(strstr(screen, text));
}

/* One row has one name in all views: by its key, which only looks at who waits read. */
static void test_a_row_has_one_name(void)
{
	static const char *const columns[] = {"user_id"};
	static const char *const values[] = {"42"};
	const RowKey key = {1, columns, values};
	const LockTag row = tag_tuple(500, 0, 1);
	g_auto(Shown) shown = shown_begin(FALSE);
	Snapshot *login = shown_login(3);
	Scene other;

	names_add_row_key(snapshot_names(login), &row, &key);
	shown_look(&shown, login);
	g_assert_true(shown_has(&shown, "(user_id=42)"));
	shown_press(&shown, "2");
	shown_assert_intent(&shown, INTENT_LOOK);
	ui_wide_look(shown.ui, top_look_new(shown_login(3), NULL));
	g_assert_true(shown_has(&shown, "ExclusiveLock on row relation 500 (user_id=42)"));
	g_assert_false(shown_has(&shown, "row (0,1)"));
	/* another session at that place: it may be another row by now */
	scene_begin(&other, 150000);
	scene_running(&other, 900);
	scene_lock(&other, 900, tag_tuple(500, 0, 1), "ExclusiveLock", GRANTED);
	ui_wide_look(shown.ui, top_look_new(scene_end(&other), NULL));
	g_assert_true(shown_has(&shown, "row (0,1) of relation 500"));
	g_assert_false(shown_has(&shown, "user_id=42)  "));
}

static void test_several_servers(void)
{
	g_auto(Shown) calm = shown_begin(FALSE);
	g_auto(Shown) jammed = shown_begin(FALSE);
	g_auto(Shown) gone = shown_begin(FALSE);
	g_autoptr(Grid) grid = grid_new(6, 70, TRUE);
	g_autoptr(GError) error = NULL;
	ServerList list;

	server_list_init(&list);
	server_list_add(&list, "calm", calm.ui);
	server_list_add(&list, "jam\033[2Jmed", jammed.ui);
	server_list_add(&list, "gone", gone.ui);
	assert_list(&list, grid, ">calm");
	assert_list(&list, grid, "connecting ...");
	shown_look(&jammed, shown_login(3));
	error_set(&error, PGUNLOCK_ERROR_CONNECT, "refused\033[2J");
	ui_trouble(gone.ui, error, DURATION_SECOND, SHOWN_START);
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
	shown_press(&calm, "S");
	shown_assert_no_intent(&calm);
	g_assert_true(shown_has(&calm, "there is one server"));
}

/* It is asked for when somebody goes there, is never on the screen, and nothing of it stays. */
static void test_password(void)
{
	g_auto(Shown) shown = shown_begin(FALSE);
	g_autoptr(GError) error = NULL;

	error_set(&error, PGUNLOCK_ERROR_CONNECT, "db1 says no\033[2J");
	ui_enter(shown.ui);
	g_assert_false(shown_has(&shown, "Password for"));
	ui_want_password(shown.ui, error, FALSE);
	g_assert_true(shown_has(&shown, "A password is needed: Enter asks for it."));
	ui_enter(shown.ui);
	shown_press(&shown, "se cretX");
	shown_press_key(&shown, KEY_BACK);
	g_assert_true(shown_has(&shown, "Password for server "));
	g_assert_false(shown_has(&shown, "secret") || shown_has(&shown, "se c") ||
	               shown_has(&shown, "*"));
	shown_press(&shown, "\n");
	shown_assert_intent(&shown, INTENT_PASSWORD);
	g_autofree char *typed = ui_take_password(shown.ui);
	g_assert_cmpstr(typed, ==, "se cret");
	g_assert_null(ui_take_password(shown.ui));
	/* what is typed next begins with nothing */
	shown_press(&shown, "/");
	g_assert_false(shown_has(&shown, "cret"));
	shown_press_key(&shown, KEY_ESCAPE);
	ui_want_password(shown.ui, error, TRUE);
	/* asked for again at once: none of it is a command */
	g_assert_true(shown_has(&shown, "Refused. Password for server "));
	shown_press(&shown, "qKCR");
	shown_assert_no_intent(&shown);
	shown_press_key(&shown, KEY_ESCAPE);
	g_assert_true(
	    shown_has(&shown, "The password was refused: Enter asks for it again. db1 says no\\x1b"));
	shown_press(&shown, "\nabc");
	shown_press_key(&shown, KEY_ESCAPE);
	shown_assert_no_intent(&shown);
	shown_look(&shown, shown_login(1));
	g_assert_false(shown_has(&shown, "password"));
	ui_enter(shown.ui);
	g_assert_false(shown_has(&shown, "Password for"));
}

/* Whatever is pressed, on whatever size: it draws, and acts on nothing without a plan. */
static void test_any_keys(void)
{
	static const guint sizes[][2] = {{1, 1}, {2, 5}, {8, 20}, {24, 80}, {70, 250}};
	g_autoptr(GRand) chance = g_rand_new_with_seed(1);

	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_auto(Shown) shown = shown_begin(FALSE);
		Intent intent;
		grid_free(shown.grid);
		shown.grid = grid_new(sizes[i][0], sizes[i][1], i % 2 == 0);
		for (guint n = 0; n < 500; n++) {
			Key key = g_rand_boolean(chance)
			              ? g_rand_int_range(chance, 1, 127)
			              : g_rand_int_range(chance, KEY_ARROW_UP, KEY_WHEEL_DOWN + 1);
			if (n % 20 == 0)
				shown_look(&shown, n % 40 == 0 ? shown_login(n % 7) : shown_login_and_worse());
			if (n % 100 == 0)
				ui_wide_look(shown.ui, top_look_new(shown_login(n % 5), NULL));
			ui_key(shown.ui, key, n % 30, n % 80, shown.now);
			g_free(shown_draw(&shown));
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
	g_test_add_func("/top/pause", test_pause);
	g_test_add_func("/top/late-answers", test_late_answers_are_told);
	g_test_add_func("/top/hints-of-the-policy-file", test_hints_are_of_the_policy_file);
	g_test_add_func("/top/a-look-that-stands", test_a_look_that_stands);
	g_test_add_func("/top/typing", test_typing);
	g_test_add_func("/top/room-for-the-statement", test_room_for_the_statement);
	g_test_add_func("/top/commands-are-whole", test_commands_are_whole);
	g_test_add_func("/top/who-is-not-listed", test_who_is_not_listed_is_counted);
	g_test_add_func("/top/widths", test_the_widths_of_columns);
	g_test_add_func("/top/rows-out-of-sight", test_rows_out_of_sight_are_told);
	g_test_add_func("/top/what-is-said", test_what_is_said_goes_again);
	g_test_add_func("/top/interval-and-file", test_interval_and_file);
	g_test_add_func("/top/incidents", test_incidents);
	g_test_add_func("/top/one-name", test_a_row_has_one_name);
	g_test_add_func("/top/several-servers", test_several_servers);
	g_test_add_func("/top/password", test_password);
	g_test_add_func("/top/any-keys", test_any_keys);
	return g_test_run();
}
