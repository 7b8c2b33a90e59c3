#include "base/text.h"
#include "render/live.h"
#include "tui/ui_private.h"

#include <string.h>

/* The last line of the screen: what is typed, what there is to be said, or else the keys. */

enum {
	MOST_MESSAGE = 6, /* lines of a message */
	LEAST_WIDTH = 10, /* on a narrower screen it is cut */
};

static char *typing_label(const Ui *ui)
{
	static const char *const labels[] = {
	    [TYPING_SEARCH] = "Search: ", [TYPING_FILTER] = "Filter: ", [TYPING_FILE] = "Write to: "};

	if (ui->typing != TYPING_PASSWORD)
		return g_strdup(labels[ui->typing]);
	g_autofree char *name = text_safe(ui->options.server_name ? ui->options.server_name : "");
	return g_strdup_printf("%sPassword for server %s: ", ui->was_rejected ? "Refused. " : "", name);
}

static void draw_typed(const Ui *ui, Grid *grid, guint line)
{
	g_autofree char *label = typing_label(ui);
	guint used = grid_put(grid, line, 0, grid->columns, FACE_QUESTION, label);
	/* Nor is it told how long a password is. */
	g_autofree char *safe = text_safe(ui->typing == TYPING_PASSWORD ? "" : ui->typed->str);
	guint width = text_width(safe);
	guint room = grid->columns > used + 1 ? grid->columns - used - 1 : 1;
	const char *shown = safe;

	/* What is being typed is at the end. */
	for (; width > room && *shown != '\0'; shown = text_next_char(shown))
		width = text_width(shown);
	used += grid_put(grid, line, used, room, FACE_PLAIN, shown);
	grid->cursor_row = (gint) line;
	grid->cursor_column = (gint) MIN(used, grid->columns - 1);
}

static void draw_keys(const Ui *ui, Grid *grid, guint line)
{
	guint at = 0;

	grid_fill(grid, line, 0, grid->columns, FACE_BAR);
	for (guint i = 0; i < keymap_n(); i++) {
		const KeyBinding *binding = keymap_get(i);
		g_autofree char *key =
		    binding->names ? g_strndup(binding->names, strcspn(binding->names, ",")) : NULL;

		if (!binding->label || (binding->acts && ui->options.read_only))
			continue;
		guint needed = text_width(key) + text_width(binding->label) + 2;
		if (at + needed > grid->columns)
			continue;
		at += grid_put(grid, line, at, grid->columns - at, FACE_KEY, key);
		at += grid_put(grid, line, at, grid->columns - at, FACE_BAR, binding->label) + 2;
	}
}

/* What is wrong, and whether anybody need do something about it. */
static char *trouble_text(const Ui *ui, gint64 now)
{
	if (!ui->trouble)
		return g_strdup(ui->wide_trouble);
	if (ui->next_try == 0)
		return g_strdup(ui->trouble);
	g_autofree char *next = live_next_try(ui->next_try - now);
	return g_strdup_printf("%s. %s", ui->trouble, next);
}

static char *bottom_text(const Ui *ui, gint64 now, Face *face)
{
	*face = ui->said_face;
	if (ui->said)
		return g_strdup(ui->said);
	*face = FACE_QUESTION;
	if (ui->stage == STAGE_PLANNING)
		return g_strdup_printf("Looking at %s to plan this ... (Esc gives up)", ui->act.name);
	if (ui->stage == STAGE_RUNNING)
		return g_strdup_printf(ui->is_signalled ? "%s: signalled, watching what comes of it ..."
		                       : ui->is_unsent  ? "%s: not signalled, watching who waited ..."
		                                        : "%s: looking again, then signalling ...",
		                       ui->act.name);
	*face = FACE_BAD;
	return trouble_text(ui, now);
}

/* The question of a plan stands there instead. */
static gboolean is_asking(const Ui *ui)
{
	return ui->over == OVER_PLAN && ui->stage == STAGE_ASKING && !ui->said;
}

char **ui_bottom_message(const Ui *ui, const Grid *grid, gint64 now, Face *face)
{
	g_autofree char *text = bottom_text(ui, now, face);
	g_autoptr(GString) broken = g_string_new(NULL);
	const RenderStyle style = {.width = MAX(grid->columns, LEAST_WIDTH), .unicode = grid->unicode};
	Line line;

	if (!text || ui->typing != TYPING_NOTHING || is_asking(ui))
		return NULL;
	line_begin(&line, broken, &style, NULL);
	line_paragraph(&line, INK_PLAIN, text, CLAMP(grid->rows / 4, 1, MOST_MESSAGE));
	line_end(&line);
	g_strchomp(broken->str);
	return g_strsplit(broken->str, "\n", -1);
}

void ui_draw_bottom(const Ui *ui, Grid *grid, char **message, Face face)
{
	guint last = grid->rows - 1;

	if (is_asking(ui))
		return;
	if (ui->typing != TYPING_NOTHING) {
		if (ui->said)
			grid_put_right(grid, last, grid->columns / 2, (grid->columns + 1) / 2, ui->said_face,
			               ui->said);
		draw_typed(ui, grid, last);
		return;
	}
	if (!message) {
		draw_keys(ui, grid, last);
		return;
	}
	guint first = last + 1 - MIN(MAX(g_strv_length(message), 1), last + 1);
	for (guint i = 0; message[i]; i++)
		grid_put(grid, first + i, 0, grid->columns, face, message[i]);
}
