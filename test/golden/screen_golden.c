/*
 * What the live screen shows of every fixture, at several sizes, and after some keys.
 *
 *   screen_golden DIRECTORY           compares; shows what differs
 *   screen_golden --update DIRECTORY  writes the files anew: look at the difference in git
 *
 * Besides, whatever the golden files say: no control character comes through, and no row is wider
 * than the screen.
 */

#include "fixtures.h"
#include "golden.h"
#include "stage.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/text.h"
#include "tui/picture.h"
#include "tui/server_list.h"
#include "tui/ui.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#define START (1000 * DURATION_SECOND)

typedef struct {
	const char *name;
	guint columns, rows;
	gboolean unicode;
} Size;

static const Size sizes[] = {
    {"96x30", 96, 30, TRUE},
    {"40x10", 40, 10, TRUE},
    {"80x24, ASCII", 80, 24, FALSE},
    {"250x70", 250, 70, TRUE},
};

static Ui *begin(const Size *size, const Fixture *fixture)
{
	const UiOptions options = {
	    .unicode = size->unicode, .connection_args = " -h db1", .interval_us = 2 * DURATION_SECOND};
	Ui *ui = ui_new(&options);

	ui_look(ui, top_look_new(fixture->make(), NULL), START);
	ui_wide_look(ui, top_look_new(fixture->make(), NULL));
	return ui;
}

static void check_line(Golden *golden, const char *name, const char *line, gboolean unicode)
{
	for (const char *c = line; *c != '\0'; c = text_next_char(c)) {
		if (!text_char_is_safe(g_utf8_get_char(c)))
			golden_fail(golden, name, "lets a control character through", NULL);
		if (!unicode && (guchar) *c >= 0x80)
			golden_fail(golden, name, "is not ASCII", line);
	}
}

static void check(Golden *golden, const char *name, const char *text, const Size *size)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i]; i++) {
		/* One for the mark of the selected row. */
		if (text_width(lines[i]) > size->columns + 1)
			golden_fail(golden, name, "has a row that is too wide", lines[i]);
		check_line(golden, name, lines[i], size->unicode);
	}
}

static void shoot(Golden *golden, GString *file, const char *name, const char *what, Ui *ui,
                  const Size *size)
{
	g_autoptr(Grid) grid = grid_new(size->rows, size->columns, size->unicode);

	ui_draw(ui, grid, START + DURATION_SECOND);
	g_autofree char *text = grid_to_text(grid);
	check(golden, name, text, size);
	g_string_append_printf(file, "==== %s%s\n%s", size->name, what, text);
}

static void press(Ui *ui, const char *keys)
{
	Intent intent;

	for (const char *key = keys; *key != '\0'; key++)
		ui_key(ui, (Key) *key, 0, 0, START + DURATION_SECOND);
	while (ui_take_intent(ui, &intent))
		;
}

static void run_fixture(Golden *golden, const Fixture *fixture)
{
	g_autofree char *name = g_strdup_printf("%s.txt", fixture->name);
	g_autoptr(GString) file = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autoptr(Ui) ui = begin(&sizes[i], fixture);
		shoot(golden, file, name, "", ui, &sizes[i]);
	}
	golden_compare(golden, name, file->str);
}

/* Of the views and what lies over them, one fixture each is enough. */
static const struct {
	const char *name, *fixture, *keys;
} scripts[] = {
    {"locks", "login", "2"},
    {"transactions", "login", "3"},
    {"prepared", "prepared", "4"},
    {"incidents", "login", "5"},
    {"help", "login", "?"},
    {"show", "login", "\n"},
    {"filter", "login", "f4825"},
    {"search", "login", "/4825"},
    {"nothing-matches", "login", "fno such thing\n"},
    {"paused", "login", " "},
    {"folded", "login", "h"},
    {"unfolded", "login", "z"},
    {"sorted", "login", "ssF"},
    {"file", "login", "w"},
    {"hostile-locks", "hostile", "2"},
    {"hostile-transactions", "hostile", "3"},
    {"hostile-show", "hostile", "\n"},
};

static const Fixture *find_fixture(const char *name)
{
	for (guint i = 0; i < n_fixtures; i++)
		if (strcmp(fixtures[i].name, name) == 0)
			return &fixtures[i];
	return NULL;
}

static void run_script(Golden *golden, guint index)
{
	const Fixture *fixture = find_fixture(scripts[index].fixture);
	g_autofree char *name = g_strdup_printf("top-%s.txt", scripts[index].name);
	g_autoptr(GString) file = g_string_new(NULL);

	if (!fixture) {
		golden_fail(golden, name, "there is no such fixture", scripts[index].fixture);
		return;
	}
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autoptr(Ui) ui = begin(&sizes[i], fixture);
		Grid *grid = grid_new(sizes[i].rows, sizes[i].columns, TRUE);

		ui_draw(ui, grid, START);
		grid_free(grid);
		press(ui, scripts[index].keys);
		shoot(golden, file, name, "", ui, &sizes[i]);
	}
	golden_compare(golden, name, file->str);
}

/* Before the first answer, after trouble, and while the last answer gets old. */
static void run_trouble(Golden *golden)
{
	const Fixture *fixture = find_fixture("login");
	g_autoptr(GString) file = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	error_set(&error, PGUNLOCK_ERROR_CONNECT, "could not connect to db1: Connection refused");
	error_set_hint(&error, "is the \033[31mserver running?");
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		const UiOptions options = {
		    .unicode = sizes[i].unicode, .connection_args = "", .read_only = TRUE};
		g_autoptr(Ui) nothing = ui_new(&options);
		g_autoptr(Ui) ui = begin(&sizes[i], fixture);
		g_autoptr(Grid) grid = grid_new(sizes[i].rows, sizes[i].columns, sizes[i].unicode);

		shoot(golden, file, "top-trouble.txt", ", before the first answer", nothing, &sizes[i]);
		ui_trouble(ui, error, DURATION_SECOND, START);
		ui_draw(ui, grid, START + 75 * DURATION_SECOND);
		g_autofree char *text = grid_to_text(grid);
		check(golden, "top-trouble.txt", text, &sizes[i]);
		g_string_append_printf(file, "==== %s, in trouble\n%s", sizes[i].name, text);
	}
	golden_compare(golden, "top-trouble.txt", file->str);
}

/* A letter for the face of each cell, of the rows in which they differ. */
static void append_faces(GString *file, const Grid *grid, guint row)
{
	static const char letters[FACE_N] = {
	    [FACE_PLAIN] = ' ',   [FACE_STRONG] = 's', [FACE_DIM] = 'd',     [FACE_GOOD] = 'g',
	    [FACE_WARNING] = 'w', [FACE_BAD] = 'b',    [FACE_KEYWORD] = 'K', [FACE_LITERAL] = 'L',
	    [FACE_TITLE] = 't',   [FACE_BAR] = '_',    [FACE_KEY] = '^',     [FACE_RULE] = '-',
	    [FACE_QUESTION] = '?'};
	g_autoptr(GString) faces = g_string_new(" ");

	for (guint column = 0; column < grid->columns; column++) {
		const GridCell *cell = grid_at(grid, row, column);
		gboolean is_blank = strcmp(cell->text, " ") == 0 && cell->face < FACE_TITLE;
		g_string_append_c(faces, is_blank ? ' ' : letters[cell->face]);
	}
	g_strchomp(faces->str);
	g_string_append_printf(file, "%s\n", faces->str);
}

/* In what faces: the selected session, whose statement goes over several lines. */
static void run_faces(Golden *golden)
{
	const Fixture *fixture = find_fixture("ddl-queue");
	g_autoptr(GString) file = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autoptr(Ui) ui = begin(&sizes[i], fixture);
		g_autoptr(Grid) grid = grid_new(sizes[i].rows, sizes[i].columns, sizes[i].unicode);

		ui_draw(ui, grid, START + DURATION_SECOND);
		g_autofree char *text = grid_to_text(grid);
		g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
		g_string_append_printf(file, "==== %s\n", sizes[i].name);
		for (guint row = 0; row < grid->rows; row++) {
			g_string_append_printf(file, "%s\n", lines[row]);
			append_faces(file, grid, row);
		}
	}
	golden_compare(golden, "top-faces.txt", file->str);
}

/* What came of an act: the session is gone. */
static ActResult *result_of(TopLook *look)
{
	ActResult *result = g_new0(ActResult, 1);

	result->end = ACT_DONE;
	result->plan = g_steal_pointer(&look->advice);
	result->look = look;
	result->after = top_look_new(find_fixture("quiet")->make(), NULL);
	result->outcome = outcome_new(result->plan);
	for (guint i = 0; i < plan_n_items(result->plan); i++)
		outcome_signalled(result->outcome, i, plan_item(result->plan, i)->act, DURATION_MS);
	outcome_observe(result->outcome, result->after->graph, 8 * DURATION_MS);
	outcome_close(result->outcome, 9 * DURATION_MS);
	return result;
}

/* A plan with its question, and what came of it: below the list, or over it where there is no room.
 */
static void run_act(Golden *golden)
{
	g_autoptr(GString) file = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autoptr(Ui) ui = begin(&sizes[i], find_fixture("ddl-queue"));
		g_autoptr(Grid) grid = grid_new(sizes[i].rows, sizes[i].columns, TRUE);
		TopLook *then = top_look_new(find_fixture("ddl-queue")->make(), NULL);

		ui_draw(ui, grid, START);
		press(ui, "R");
		ui_act_plan(ui, then->advice, START);
		shoot(golden, file, "top-act.txt", ", the plan", ui, &sizes[i]);
		ui_act_over(ui, result_of(then));
		shoot(golden, file, "top-act.txt", ", what came of it", ui, &sizes[i]);
	}
	golden_compare(golden, "top-act.txt", file->str);
}

/* The trees as a picture, for a report. */
static void run_tree_picture(Golden *golden, const char *fixture)
{
	const RenderStyle style = {.width = 120, .connection_args = ""};
	g_autoptr(Snapshot) snapshot = find_fixture(fixture)->make();
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	g_autofree char *name = g_strdup_printf("%s.tree.svg", fixture);
	g_autoptr(GString) picture = g_string_new(NULL);

	picture_append_tree(picture, graph, &style, THEME_LIGHT);
	g_auto(GStrv) lines = g_strsplit(picture->str, "\n", -1);
	for (guint i = 0; lines[i]; i++)
		check_line(golden, name, lines[i], TRUE);
	golden_compare(golden, name, picture->str);
}

static void shoot_list(Golden *golden, GString *file, ServerList *list, const Size *size)
{
	g_autoptr(Grid) grid = grid_new(size->rows, size->columns, size->unicode);

	server_list_draw(list, grid, START + DURATION_SECOND);
	g_autofree char *text = grid_to_text(grid);
	check(golden, "top-servers.txt", text, size);
	g_string_append_printf(file, "==== %s\n%s", size->name, text);
}

/* The list of several servers, and the question for the password of one. */
static void run_servers(Golden *golden)
{
	g_autoptr(GString) file = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	error_set(&error, PGUNLOCK_ERROR_CONNECT, "cannot connect to db3:5432: it says \033[31mno");
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		const UiOptions options = {
		    .unicode = sizes[i].unicode, .server_name = "secret", .connection_args = ""};
		g_autoptr(Ui) calm = begin(&sizes[i], find_fixture("quiet"));
		g_autoptr(Ui) jammed = begin(&sizes[i], find_fixture("login"));
		g_autoptr(Ui) fresh = ui_new(&options);
		g_autoptr(Ui) secret = ui_new(&options);
		ServerList list;

		server_list_init(&list);
		server_list_add(&list, "calm", calm);
		server_list_add(&list, "jammed", jammed);
		server_list_add(&list, "fresh", fresh);
		server_list_add(&list, "sec\033[2Jret", secret);
		ui_want_password(secret, error, FALSE);
		shoot_list(golden, file, &list, &sizes[i]);
		ui_want_password(secret, error, TRUE);
		shoot_list(golden, file, &list, &sizes[i]);
		ui_enter(secret);
		press(secret, "not to be seen");
		shoot(golden, file, "top-servers.txt", ", the password", secret, &sizes[i]);
		server_list_clear(&list);
	}
	golden_compare(golden, "top-servers.txt", file->str);
}

int main(int argc, char **argv)
{
	Golden golden = {.update = argc == 3 && strcmp(argv[1], "--update") == 0};

	if (argc != 2 + golden.update) {
		fputs("usage: screen_golden [--update] DIRECTORY\n", stderr);
		return 2;
	}
	golden.directory = argv[argc - 1];
	for (guint i = 0; i < n_fixtures; i++)
		run_fixture(&golden, &fixtures[i]);
	for (guint i = 0; i < G_N_ELEMENTS(scripts); i++)
		run_script(&golden, i);
	run_tree_picture(&golden, "login");
	run_tree_picture(&golden, "hostile");
	run_trouble(&golden);
	run_faces(&golden);
	run_act(&golden);
	run_servers(&golden);
	return golden_end(&golden);
}
