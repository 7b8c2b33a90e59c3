#include "base/duration.h"
#include "base/text.h"
#include "render/culprits.h"
#include "tui/ui_private.h"

#include <string.h>

enum {
	GAP = 2,             /* columns between columns */
	LEAST_LIST = 4,      /* rows of the list that the pane below it leaves */
	LEAST_FOR_PANE = 16, /* rows of a screen that has one */
	MOST_PANE = 14,      /* while the list needs the rest */
	MOST_STATEMENT_LINES = 30,
	LEAST_SERVER = 8,  /* columns of its name that tell something */
	LATE_US = 3000000, /* an answer that is older is told in colour */
};

char *ui_server_text(const Ui *ui)
{
	if (ui->options.server_name)
		return text_safe(ui->options.server_name);
	return ui->look ? live_place(ui->look->snapshot) : g_strdup("the server");
}

/* What it is called, and its place and version where there is room. Free with g_free. */
static char *server_text(const Ui *ui, guint columns, guint used)
{
	g_autofree char *called = ui_server_text(ui);
	g_autofree char *server = live_server(ui->look->snapshot);
	g_autofree char *whole = ui->options.server_name ? g_strdup_printf("%s  %s", called, server)
	                                                 : g_steal_pointer(&server);

	return used + text_width(whole) <= columns ? g_steal_pointer(&whole) : g_steal_pointer(&called);
}

static void draw_headline(const Ui *ui, Grid *grid)
{
	if (!ui->look) {
		g_autofree char *name = ui_server_text(ui);
		g_autofree char *text = g_strdup_printf("waiting for the first answer of %s", name);
		grid_put(grid, 0, 0, grid->columns, FACE_DIM, text);
		return;
	}
	gboolean is_quiet = wait_graph_n_blocked(ui->look->graph) == 0;
	g_autofree char *whole = live_answer(ui->look->graph, G_MAXUINT);
	g_autofree char *server = server_text(ui, grid->columns, text_width(whole) + GAP);
	guint needed = MIN(text_width(server), grid->columns / 2) + GAP;
	g_autofree char *answer = live_answer(ui->look->graph, grid->columns - needed);
	guint used = grid_put(grid, 0, 0, grid->columns, is_quiet ? FACE_GOOD : FACE_STRONG, answer);

	/* Which server it is must not be in doubt where sessions are ended. */
	if (used + GAP + LEAST_SERVER <= grid->columns)
		grid_put_right(grid, 0, used + GAP, grid->columns - used - GAP, FACE_DIM, server);
}

static char *sparkline(const Ui *ui, guint columns, gint64 now, guint *most)
{
	guint n = MIN(columns, SAMPLES);
	guint blocked[SAMPLES];
	gint64 slot = now / SAMPLE_US;

	for (guint i = 0; i < n; i++) {
		gint64 at = slot - (gint64) (n - 1 - i);
		const Sample *stretch = &ui->samples[(at % SAMPLES + SAMPLES) % SAMPLES];
		blocked[i] = stretch->slot == at ? stretch->blocked : 0;
	}
	return live_sparkline(blocked, n, ui->options.unicode, most);
}

static void append_word(GString *text, const char *word)
{
	g_string_append_printf(text, "%s%s", text->len > 0 ? "  " : "", word);
}

/* Of what is shown; a view of all sessions is of a look of its own. */
static gint64 picture_age(const Ui *ui, gint64 now)
{
	const TopLook *shown = ui_view_look(ui);
	gint64 apart =
	    shown ? snapshot_taken_at(ui->look->snapshot) - snapshot_taken_at(shown->snapshot) : 0;

	return MAX(now - ui->seen + apart, 0);
}

/* When the server answered last, or whether the same ones still wait. */
static Face append_age(const Ui *ui, GString *text, gint64 now)
{
	Face face = FACE_DIM;
	gint64 age = now - ui->answered;

	if (ui->n_more + ui->n_less > 0) {
		g_autofree char *change = g_strdup_printf("+%u -%u since", ui->n_more, ui->n_less);
		append_word(text, change);
	}
	/* The last look stands: it is asked only whether the same ones wait. */
	gboolean stands = ui->answered - ui->looked > LATE_US;
	gboolean is_same = stands && age <= LATE_US && ui->n_more + ui->n_less == 0 && ui->look &&
	                   wait_graph_n_blocked(ui->look->graph) > 0;
	if (stands) {
		g_autofree char *seen = live_seen(now - ui->looked, is_same);
		append_word(text, seen);
	}
	if (ui->answered > 0 && !is_same) {
		g_autofree char *last = live_age(age);
		append_word(text, last);
		if (age > MAX(LATE_US, ui->options.interval_us + LATE_US))
			face = FACE_BAD;
	}
	return face;
}

/* How things stand: paused, filtered, how old what is shown is. */
static Face status_text(const Ui *ui, GString *text, gint64 now)
{
	if (ui->is_paused) {
		g_autofree char *paused = ui->look ? live_paused(picture_age(ui, now)) : g_strdup("PAUSED");
		append_word(text, paused);
	}
	if (ui->options.read_only)
		append_word(text, "read-only");
	if (ui->filter->len > 0) {
		g_autofree char *filter = g_strdup_printf("filter: %s", ui->filter->str);
		append_word(text, filter);
	}
	if (ui->follows)
		append_word(text, "follow");
	/* What has come since isn't shown. */
	return ui->is_paused ? FACE_WARNING : append_age(ui, text, now);
}

static void draw_status(const Ui *ui, Grid *grid, gint64 now)
{
	guint n = grid->columns >= 140  ? SAMPLES
	          : grid->columns >= 80 ? SAMPLES / 2
	                                : grid->columns / 4;
	guint most;
	g_autofree char *line = sparkline(ui, n, now, &most);
	g_autoptr(GString) status = g_string_new(NULL);
	Face face = status_text(ui, status, now);
	guint used = grid_put(grid, 1, 0, grid->columns, FACE_WARNING, line) + 1;

	if (most > 0) {
		g_autofree char *past = duration_to_text(n * SAMPLE_US);
		g_autofree char *label = g_strdup_printf("at most %u in %s", most, past);

		if (used + text_width(label) + GAP + text_width(status->str) <= grid->columns)
			used += grid_put(grid, 1, used, grid->columns - used, FACE_DIM, label);
	}
	used += GAP;
	if (used < grid->columns)
		grid_put_right(grid, 1, used, grid->columns - used, face, status->str);
}

/* The columns of the view that this width has room for. */
static guint choose_columns(const Ui *ui, const Grid *grid, const RowColumn **chosen)
{
	const ViewKind *kind = view_kind(ui->view);
	guint n = 0;

	for (guint i = 0; i < G_N_ELEMENTS(kind->columns); i++) {
		const RowColumn *column = &kind->columns[i];
		if ((column->most > 0 || column->from > 0) && grid->columns >= column->from)
			chosen[n++] = column;
	}
	return n;
}

/* Columns get wider with what they show, and not narrower again: nothing jumps to and fro. What is
 * left belongs to a statement: how much of that it can use is measured as well. */
static void measure(Ui *ui, const RowSource *source, const RowColumn **columns, guint n,
                    guint screen)
{
	const GArray *rows = ui->rows;

	for (guint i = 0; i < n; i++) {
		guint *width = &ui->widths[ui->view][columns[i]->cell];
		guint most = columns[i]->most > 0 ? columns[i]->most : screen;

		*width = MAX(*width, (guint) strlen(live_cell_title(columns[i]->cell)));
		for (guint r = ui->top; r < MIN(ui->top + ui->page, rows->len); r++) {
			const Row *row = &g_array_index(rows, Row, r);
			Ink ink;
			g_autofree char *cell =
			    row->text ? g_strdup("") : row_cell(source, row, columns[i]->cell, most, &ink);
			guint needed = text_width(cell) + (i == 0 && row->lead ? text_width(row->lead) : 0);
			*width = CLAMP(needed, *width, MAX(most, *width));
		}
	}
}

/* Where a column begins and how wide it is. */
typedef struct {
	guint at;
	guint width;
} Place;

/* How far a column gives way, in the first, the second, the last round. What a session is in keeps
 * room for how long, and the first column, in which the lines of the tree are, for its numbers. */
enum { ROUNDS = 3 };
static guint least_width(const RowColumn *column, guint index, guint lead, guint screen,
                         guint round)
{
	static const guint least[ROUNDS] = {20, 14, 8};
	static const guint of_state[ROUNDS] = {30, 30, 8};
	static const guint numbers[ROUNDS] = {14, 14, 8};

	if (column->is_right)
		return G_MAXUINT;
	if (column->cell == LIVE_STATE)
		return of_state[round];
	return index == 0 ? MAX(least[round], MIN(lead + numbers[round], screen / 2)) : least[round];
}

/* Takes what is too much from the widest columns. */
static guint narrow(Place *places, const RowColumn **columns, guint n, guint lead, guint screen,
                    guint excess, guint round)
{
	while (excess > 0) {
		Place *found = NULL;
		for (guint i = 0; i < n; i++) {
			guint least = least_width(columns[i], i, lead, screen, round);
			if (places[i].width > least && (!found || places[i].width > found->width))
				found = &places[i];
		}
		if (!found)
			break;
		found->width--;
		excess--;
	}
	return excess;
}

static guint lead_width(const Ui *ui)
{
	guint width = 0;

	for (guint r = ui->top; r < MIN(ui->top + ui->page, ui->rows->len); r++) {
		const Row *row = &g_array_index(ui->rows, Row, r);
		if (row->lead && !row->text)
			width = MAX(width, text_width(row->lead));
	}
	return width;
}

/* Where they don't fit, the widest give way until they do; a statement asks for no more than its
 * share, and gets what the others leave. */
static void place_columns(const Ui *ui, const Grid *grid, const RowColumn **columns, guint n,
                          Place *places)
{
	guint needed = n > 0 ? GAP * (n - 1) : 0;
	guint lead = lead_width(ui);

	for (guint i = 0; i < n; i++) {
		guint width = ui->widths[ui->view][columns[i]->cell];
		places[i].width = columns[i]->most > 0 ? width : MIN(width, grid->columns / 4);
		needed += places[i].width;
	}
	guint excess = needed > grid->columns ? needed - grid->columns : 0;
	for (guint round = 0; round < ROUNDS; round++)
		excess = narrow(places, columns, n, lead, grid->columns, excess, round);
	for (guint i = 0, at = 0; i < n; i++) {
		guint left = at < grid->columns ? grid->columns - at : 0;

		places[i].at = at;
		places[i].width = i + 1 == n ? left : MIN(places[i].width, left);
		at += places[i].width + GAP;
	}
}

/* How much of the list is out of sight; NULL: nothing is. */
static char *out_of_sight(const Ui *ui, gboolean is_brief)
{
	guint end = MIN(ui->top + ui->page, ui->rows->len);
	guint below = ui->rows->len - end;
	guint roots = 0;
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = end; i < ui->rows->len && ui->view == VIEW_TREE; i++)
		roots += g_array_index(ui->rows, Row, i).depth == 0;
	if (below + ui->top == 0)
		return NULL;
	if (is_brief)
		return g_strdup_printf("+%u", below + ui->top);
	if (ui->top > 0)
		g_string_append_printf(text, "%u more above", ui->top);
	if (below > 0)
		g_string_append_printf(text, "%s%u more below", ui->top > 0 ? ", " : "", below);
	if (roots > 0)
		g_string_append_printf(text, ", with %u root blocker%s", roots, roots == 1 ? "" : "s");
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *sort_text(const Ui *ui)
{
	return g_strdup_printf("%s, by %s", view_kind(ui->view)->title,
	                       view_kind(ui->view)->sorts[ui->sorts[ui->view]].name);
}

/* At its end this is said, where there is room. */
static void draw_titles(Grid *grid, guint line, const RowColumn **columns, guint n,
                        const Place *places, const char *note)
{
	grid_fill(grid, line, 0, grid->columns, FACE_TITLE);
	for (guint i = 0; i < n; i++) {
		const char *title = live_cell_title(columns[i]->cell);
		if (columns[i]->is_right)
			grid_put_right(grid, line, places[i].at, places[i].width, FACE_TITLE, title);
		else
			grid_put(grid, line, places[i].at, places[i].width, FACE_TITLE, title);
	}
	guint last = n > 0 ? places[n - 1].at + text_width(live_cell_title(columns[n - 1]->cell)) : 0;
	if (last + text_width(note) + GAP <= grid->columns)
		grid_put_right(grid, line, last, grid->columns - last, FACE_TITLE, note);
}

static void draw_text_row(Grid *grid, guint line, const Row *row)
{
	guint used = row->lead ? grid_put(grid, line, 0, grid->columns, FACE_DIM, row->lead) : 0;

	grid_put(grid, line, used, grid->columns - MIN(used, grid->columns), (Face) row->ink,
	         row->text);
}

static void draw_row(const Ui *ui, Grid *grid, const RowSource *source, guint line, const Row *row,
                     const RowColumn **columns, guint n, const Place *places)
{
	const Mark *mark = ui_mark(ui, row->id);

	if (row->text) {
		draw_text_row(grid, line, row);
		return;
	}
	for (guint i = 0; i < n; i++) {
		guint used = 0;
		Ink ink;
		g_autofree char *cell = row_cell(source, row, columns[i]->cell, places[i].width, &ink);
		const char *text = cell;
		if (i == 0 && row->lead)
			used = grid_put(grid, line, 0, places[i].width, FACE_DIM, row->lead);
		if (mark && columns[i]->cell == LIVE_STATE) {
			text = mark->text;
			ink = mark->ink;
		}
		guint width = places[i].width > used ? places[i].width - used : 0;
		if (columns[i]->is_right)
			grid_put_right(grid, line, places[i].at + used, width, (Face) ink, text);
		else
			grid_put(grid, line, places[i].at + used, width, (Face) ink, text);
	}
}

static void scroll_to_selected(Ui *ui)
{
	guint n = ui->rows->len;

	if (ui->at < ui->top)
		ui->top = ui->at;
	else if (ui->page > 0 && ui->at >= ui->top + ui->page)
		ui->top = ui->at - ui->page + 1;
	/* No empty space at the end while there are rows above, but for one that is followed. */
	if (!ui->follows)
		ui->top = MIN(ui->top, n > ui->page ? n - ui->page : 0);
}

static const char *nothing_text(const Ui *ui)
{
	if (ui->view != VIEW_INCIDENTS && !ui_view_look(ui))
		return ui->wide_trouble            ? ui->wide_trouble
		       : ui->is_paused && ui->look ? "Paused before this was looked at: Space goes on."
		                                   : "looking ...";
	return ui->filter->len > 0 || ui->typing == TYPING_FILTER ? "Nothing matches the filter."
	                                                          : view_kind(ui->view)->nothing;
}

static void draw_list(Ui *ui, Grid *grid, guint first, guint n_lines, gboolean has_pane)
{
	const RowColumn *columns[8];
	Place places[8];
	const GArray *rows = ui_rows(ui);
	RowSource source = ui_source(ui);
	guint n = choose_columns(ui, grid, columns);

	ui->list_row = first + 1;
	ui->page = n_lines > 1 ? n_lines - 1 : 0;
	scroll_to_selected(ui);
	measure(ui, &source, columns, n, grid->columns);
	place_columns(ui, grid, columns, n, places);
	g_autofree char *note = has_pane ? sort_text(ui) : out_of_sight(ui, TRUE);
	draw_titles(grid, first, columns, n, places, note ? note : "");
	for (guint i = 0; i < MIN(ui->page, rows->len - ui->top); i++) {
		const Row *row = &g_array_index(rows, Row, ui->top + i);

		draw_row(ui, grid, &source, ui->list_row + i, row, columns, n, places);
		if (ui->top + i == ui->at && !ui->is_gone)
			grid_light(grid, ui->list_row + i);
	}
	if (rows->len == 0)
		grid_put(grid, ui->list_row, 0, grid->columns,
		         ui->view == VIEW_TREE && ui->look && ui->filter->len == 0 ? FACE_GOOD : FACE_DIM,
		         nothing_text(ui));
}

static void detail_text(Ui *ui, const Grid *grid, guint statement_lines, GString *text)
{
	const Row *row = ui_selected(ui);
	const TopLook *look = ui_view_look(ui);
	const RenderStyle style = ui_style(ui, grid);

	if (ui->over == OVER_RESULT)
		act_result_append(text, ui->result, &style);
	else if (row && row->incident)
		live_append_incident(text, row->incident, ui_source(ui).now, statement_lines, &style);
	else if (row && row->session != NO_SESSION)
		live_append_detail(
		    text, look->graph, look->edges, ui->view == VIEW_TREE ? look->advice : NULL,
		    snapshot_session(look->snapshot, row->session)->leader, statement_lines, &style);
	else if (ui->is_gone || (row && row->is_ghost))
		g_string_append(text, "  The selected session is not here any more. Up or Down chooses "
		                      "another.\n");
	else if (row && row->text && row->depth > 0)
		g_string_append(text, "  Right or z unfolds them.\n");
}

static guint count_lines(const char *text)
{
	guint n = 0;

	for (const char *c = text; *c != '\0'; c++)
		n += *c == '\n';
	return n;
}

/* Text anew, and the lines that the pane needs for it. */
static guint write_detail(Ui *ui, const Grid *grid, guint statement_lines, GString *text)
{
	g_autoptr(GString) whole = g_string_new(NULL);

	detail_text(ui, grid, statement_lines, whole);
	g_autofree char *folded = grid_fold(whole->str, grid->columns);
	g_string_assign(text, folded);
	return count_lines(text->str) + 1;
}

/* What the pane of so many lines says, with a statement as long as they allow. Where that takes
 * more, the pane gets what the list leaves empty of the lines that they share. */
static char *fit_pane(Ui *ui, const Grid *grid, guint *pane, guint shared)
{
	guint list = 1 + MAX(ui_rows(ui)->len, LEAST_LIST);
	guint most = MAX(*pane, shared > list ? shared - list : 0);
	g_autoptr(GString) text = g_string_new(NULL);
	guint needed = write_detail(ui, grid, MOST_STATEMENT_LINES, text);

	if (needed > most) {
		/* What is left beside a short statement is for a longer one. */
		needed = write_detail(ui, grid, CULPRITS_STATEMENT_LINES, text);
		if (needed < most)
			needed = write_detail(ui, grid, CULPRITS_STATEMENT_LINES + most - needed, text);
	}
	*pane = CLAMP(needed, *pane, most);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void draw_detail(Ui *ui, Grid *grid, guint first, guint n_lines, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autofree char *more_rows = out_of_sight(ui, FALSE);
	const Row *row = ui_selected(ui);
	guint cut = count_lines(text) + 1 > n_lines ? n_lines - 1 : 0;

	grid_rule(grid, first);
	if (more_rows) {
		g_autofree char *label = g_strdup_printf(" %s ", more_rows);
		grid_put(grid, first, GAP, grid->columns - GAP, FACE_STRONG, label);
	}
	for (guint i = 0; lines[i] && i + 1 < n_lines; i++) {
		const char *hint = row && row->session != NO_SESSION ? "more: Enter" : "more";
		guint taken = i + 1 == cut ? text_width(hint) + GAP : 0;
		grid_put(grid, first + 1 + i, 0, grid->columns - taken, FACE_PLAIN, lines[i]);
		if (taken > 0)
			grid_put_right(grid, first + 1 + i, grid->columns - taken, taken, FACE_STRONG, hint);
	}
}

static guint pane_lines(guint rows)
{
	if (rows < LEAST_FOR_PANE)
		return 0;
	return MIN(MOST_PANE, (rows - 3 - LEAST_LIST) / 2 + 1);
}

static void note_size(Ui *ui, const Grid *grid)
{
	if (ui->drawn_columns != grid->columns)
		memset(ui->widths, 0, sizeof ui->widths);
	/* A plan that has other lines now has to be read to their end; that it has more than were seen
	 * was said of the size before. */
	if (ui->drawn_columns != grid->columns || ui->drawn_rows != grid->rows) {
		ui->is_read = FALSE;
		if (ui->stage == STAGE_ASKING)
			g_clear_pointer(&ui->said, g_free);
	}
	ui->drawn_columns = grid->columns;
	ui->drawn_rows = grid->rows;
}

void ui_draw(Ui *ui, Grid *grid, gint64 now)
{
	guint head = grid->rows >= 8 ? 2 : 1;
	guint below = grid->rows > head + 1 ? grid->rows - head - 1 : 0;
	guint pane = pane_lines(grid->rows);

	note_size(ui, grid);
	grid_clear(grid);
	ui_marks_forget(ui, now);
	ui_said_forget(ui, now);
	/* A long message takes its lines from the pane, or else from the list. */
	Face face;
	g_auto(GStrv) message = ui_bottom_message(ui, grid, now, &face);
	guint n_bottom = message ? MAX(g_strv_length(message), 1) : 1;
	guint more = MIN(n_bottom - 1, below > 0 ? below - 1 : 0);
	below -= more;
	pane -= MIN(more, pane);
	draw_headline(ui, grid);
	if (head > 1)
		draw_status(ui, grid, now);
	g_autofree char *detail = pane > 0 ? fit_pane(ui, grid, &pane, below) : NULL;
	/* What became of an act is shown as a whole, or else over the list, where it can be scrolled.
	 */
	ui->is_in_pane = detail && (ui->over != OVER_RESULT || count_lines(detail) < pane);
	if (below > 0 && !ui_draw_over(ui, grid, head, below, now)) {
		draw_list(ui, grid, head, below - pane, pane > 0);
		if (pane > 0)
			draw_detail(ui, grid, head + below - pane, pane, detail);
	}
	if (grid->rows > 1)
		ui_draw_bottom(ui, grid, message, face);
}
