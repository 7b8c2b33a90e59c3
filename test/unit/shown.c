#include "shown.h"

#include <string.h>

Shown shown_begin(gboolean read_only)
{
	const UiOptions options = {.unicode = TRUE,
	                           .connection_args = "",
	                           .interval_us = 2 * DURATION_SECOND,
	                           .read_only = read_only};

	return (Shown){.ui = ui_new(&options), .grid = grid_new(30, 110, TRUE), .now = SHOWN_START};
}

void shown_clear(Shown *shown)
{
	ui_free(shown->ui);
	grid_free(shown->grid);
}

void shown_resize(Shown *shown, guint rows, guint columns)
{
	grid_free(shown->grid);
	shown->grid = grid_new(rows, columns, TRUE);
}

char *shown_draw(Shown *shown)
{
	ui_draw(shown->ui, shown->grid, shown->now);
	return grid_to_text(shown->grid);
}

gboolean shown_has(Shown *shown, const char *text)
{
	g_autofree char *screen = shown_draw(shown);

	if (strstr(screen, text))
		return TRUE;
	g_test_message("no \"%s\" on\n%s", text, screen);
	return FALSE;
}

/* The row that is lit. "" for none. */
static char *shown_lit(Shown *shown)
{
	g_autofree char *screen = shown_draw(shown);
	g_auto(GStrv) lines = g_strsplit(screen, "\n", -1);

	for (guint i = 0; lines[i]; i++)
		if (lines[i][0] == '>')
			return g_strdup(lines[i] + 1);
	return g_strdup("");
}

void shown_assert_lit(Shown *shown, const char *beginning)
{
	g_autofree char *row = shown_lit(shown);
	const char *name = strpbrk(row, "0123456789");

	g_test_message("lit: %s", row);
	if (*beginning == '\0')
		g_assert_cmpstr(row, ==, "");
	else
		g_assert_true(name && g_str_has_prefix(name, beginning));
}

void shown_press_key(Shown *shown, Key key)
{
	g_autofree char *before = shown_draw(shown);

	ui_key(shown->ui, key, 0, 0, shown->now);
}

void shown_press(Shown *shown, const char *keys)
{
	for (const char *key = keys; *key != '\0'; key++)
		shown_press_key(shown, (Key) *key);
}

void shown_assert_intent(Shown *shown, Intent expected)
{
	Intent intent;

	g_assert_true(ui_take_intent(shown->ui, &intent));
	g_assert_cmpint(intent, ==, expected);
}

void shown_assert_no_intent(Shown *shown)
{
	Intent intent;

	g_assert_false(ui_take_intent(shown->ui, &intent));
}

Snapshot *shown_login(guint n_waiters)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_session(&scene, 1, "active", 0, 0, "SELECT pg_lock_status()");
	scene_login_incident(&scene, n_waiters);
	return scene_end(&scene);
}

Snapshot *shown_login_and_worse(void)
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

void shown_look(Shown *shown, Snapshot *snapshot)
{
	shown->now += DURATION_SECOND;
	ui_look(shown->ui, top_look_new(snapshot, NULL), shown->now);
}
