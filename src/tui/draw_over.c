#include "base/text.h"
#include "render/render.h"
#include "tui/ui_private.h"

#include <string.h>

RenderStyle ui_style(const Ui *ui, const Grid *grid)
{
	return (RenderStyle){
	    .width = MAX(grid->columns, 40),
	    .color = TRUE,
	    .unicode = ui->options.unicode,
	    .connection_args = ui->options.connection_args,
	};
}

static void append_help(GString *text, const RenderStyle *style)
{
	static const guint column = 14;

	for (guint i = 0; i < keymap_n(); i++) {
		const KeyBinding *binding = keymap_get(i);
		g_autofree char *prefix = g_strnfill(column, ' ');
		Line line;

		line_begin(&line, text, style, prefix);
		line_blanks(&line, 2);
		line_raw(&line, INK_STRONG, binding->names);
		line_blanks(&line, 1);
		line_pad(&line, column);
		line_words(&line, INK_PLAIN, binding->help);
		line_end(&line);
	}
}

static void append_show(const Ui *ui, GString *text, const RenderStyle *style)
{
	const TopLook *look = ui_view_look(ui);
	guint session = look ? top_look_find(look, ui->over_session) : NO_SESSION;

	if (session != NO_SESSION)
		render_show_text(text, look->graph, session, style);
	else
		g_string_append(text, "  It is not to be seen any more.\n");
}

/* Which server it is must not be in doubt. */
static char *plan_title(const Ui *ui)
{
	g_autofree char *server = ui_server_text(ui);

	return g_strdup_printf("Plan for %s", server);
}

/* Returns the title. Free with g_free. */
static char *append_over(const Ui *ui, GString *text, const RenderStyle *style)
{
	switch (ui->over) {
	case OVER_HELP:
		append_help(text, style);
		return g_strdup("Keys");
	case OVER_SHOW:
		append_show(ui, text, style);
		return g_strdup("All about the session");
	case OVER_PLAN:
		render_plan_text(text, ui->plan, style);
		return plan_title(ui);
	case OVER_RESULT:
		act_result_append(text, ui->result, style);
		return g_strdup("What was done");
	case OVER_NOTHING:
		break;
	}
	return g_strdup("");
}

static char *question_of(const Ui *ui)
{
	g_autoptr(GString) question = g_string_new(NULL);

	if (ui->over != OVER_PLAN || ui->stage != STAGE_ASKING)
		return NULL;
	if (ui->options.server_name) {
		g_autofree char *name = ui_server_text(ui);

		g_string_append_printf(question, "%s: ", name);
	}
	render_plan_question(question, ui->plan);
	g_strchomp(question->str);
	return g_strdup(question->str);
}

/* In few words where there is room for no more. */
static char *bar_text(const Ui *ui, guint shown_to, guint room)
{
	guint left = ui->over_lines - shown_to;
	g_autofree char *whole = g_strdup_printf("%u more lines: Down, PgDn, End", left);

	if (left > 0)
		return text_width(whole) <= room ? g_steal_pointer(&whole)
		                                 : g_strdup_printf("%u more lines", left);
	if (ui->over == OVER_PLAN)
		return g_strdup(ui->stage == STAGE_REFUSED ? "any key goes back" : "");
	return g_strdup("any other key goes back");
}

/* Where it is too long, what answers there are is still to be seen. Returns the columns it takes.
 */
static guint put_question(Grid *grid, guint line, const char *question)
{
	const char *answers = strrchr(question, '[');
	guint needed = answers ? text_width(answers) : 0;
	guint room = grid->columns > needed ? grid->columns - needed : 0;

	if (!answers || room == 0 || text_width(question) <= grid->columns)
		return grid_put(grid, line, 0, grid->columns, FACE_QUESTION, question);
	grid_put(grid, line, 0, room, FACE_QUESTION, question);
	return room + grid_put(grid, line, room, needed, FACE_QUESTION, answers);
}

/* The question is the last line of all: a plan too long for the screen scrolls above it. */
static void draw_question(Ui *ui, Grid *grid, const char *question, gboolean is_read, gint64 now)
{
	guint line = grid->rows - 1;

	ui->is_read |= is_read;
	if (ui->said)
		return;
	grid_fill(grid, line, 0, grid->columns, FACE_QUESTION);
	guint used = put_question(grid, line, question);
	grid->cursor_row = (gint) line;
	grid->cursor_column = (gint) MIN(used + 1, grid->columns - 1);
	if (ui->asked == 0)
		ui->asked = now;
}

gboolean ui_draw_over(Ui *ui, Grid *grid, guint first_row, guint n_rows, gint64 now)
{
	g_autoptr(GString) text = g_string_new(NULL);
	RenderStyle style = ui_style(ui, grid);

	if (ui->over == OVER_NOTHING || (ui->over == OVER_RESULT && ui->is_in_pane))
		return FALSE;
	g_autofree char *title = append_over(ui, text, &style);
	g_autofree char *folded = grid_fold(text->str, grid->columns);
	g_auto(GStrv) lines = g_strsplit(folded, "\n", -1);
	guint n = g_strv_length(lines);
	ui->over_lines = n > 0 && *lines[n - 1] == '\0' ? n - 1 : n;
	ui->over_page = n_rows - 1;
	ui->over_top =
	    MIN(ui->over_top, ui->over_lines > ui->over_page ? ui->over_lines - ui->over_page : 0);
	guint shown_to = MIN(ui->over_top + ui->over_page, ui->over_lines);

	grid_fill(grid, first_row, 0, grid->columns, FACE_TITLE);
	/* Where there is little room the title is cut: that there is more must be seen. */
	guint after = MIN(text_width(title) + 2, grid->columns / 2);
	g_autofree char *bar = bar_text(ui, shown_to, grid->columns - after);
	guint needed = *bar != '\0' ? MIN(text_width(bar) + 2, grid->columns) : 0;
	grid_put(grid, first_row, 0, grid->columns - needed, FACE_TITLE, title);
	grid_put_right(grid, first_row, 0, grid->columns, FACE_TITLE, bar);
	for (guint i = ui->over_top; i < shown_to; i++)
		grid_put(grid, first_row + 1 + i - ui->over_top, 0, grid->columns, FACE_PLAIN, lines[i]);
	g_autofree char *question = question_of(ui);
	if (question)
		draw_question(ui, grid, question, shown_to == ui->over_lines, now);
	return TRUE;
}
