#include "base/duration.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "render/line.h"
#include "render/lock_facts.h"
#include "render/render.h"
#include "render/session_words.h"
#include "render/statement.h"
#include "render/target.h"

enum {
	MAX_CELL = 48,   /* columns up to which the cells of a column are made equally wide */
	MEASURED = 1000, /* rows looked at for that */
	MAX_BLOCKERS = 3,
	MIN_STATEMENT = 24,
	TABLE_WIDTH = 150, /* from here on a lock is a line; below, locks stand under their session */
	INDENT = 6,
};

typedef enum {
	CELL_SESSION,
	CELL_MODE,
	CELL_WAIT,
	CELL_USER,
	CELL_APPLICATION,
	CELL_STATE,
	N_CELLS,
} Cell;

typedef struct {
	const WaitGraph *graph;
	const Snapshot *snapshot;
	const RenderStyle *style;
	guint widths[N_CELLS];
} Table;

static char *mode_cell(const Table *table, const Lock *lock)
{
	g_autofree char *what = target_text(table->snapshot, &lock->tag, NULL);

	return g_strdup_printf("%s on %s", lock_mode_name(lock->mode), what);
}

/* "granted", "waits 4m12s for 4711, 4712 and 3 more" */
static char *wait_cell(const Table *table, const Lock *lock)
{
	g_autoptr(GArray) blockers = NULL;
	g_autofree char *waited = NULL;
	GString *text;

	if (lock->granted)
		return g_strdup("granted");
	blockers = lock_blockers(table->graph, lock);
	waited = waited_text(lock_waited_us(table->graph, lock));
	text = g_string_new("waits ");
	g_string_append(text, waited);
	for (guint i = 0; i < MIN(blockers->len, MAX_BLOCKERS); i++) {
		g_autofree char *name =
		    session_name_text(snapshot_session(table->snapshot, g_array_index(blockers, guint, i)));
		g_string_append_printf(text, "%s%s", i > 0 ? ", " : " for ", name);
	}
	if (blockers->len > MAX_BLOCKERS)
		g_string_append_printf(text, " and %u more", blockers->len - MAX_BLOCKERS);
	return g_string_free(text, FALSE);
}

/* "active", with the age of its transaction. */
static char *state_cell(const Table *table, const Session *session)
{
	GString *text = g_string_new(NULL);

	if (session->kind == SESSION_KIND_PREPARED) {
		g_autofree char *age = age_text(table->snapshot, session->prepared_at);
		g_string_append_printf(text, "prepared %s ago", age);
		return g_string_free(text, FALSE);
	}
	if (session->hidden)
		g_string_append(text, "state hidden");
	else if (session->state_text != NULL)
		text_append_safe(text, session->state_text);
	if (session->xact_start != TIMESTAMP_NONE) {
		g_autofree char *age = age_text(table->snapshot, session->xact_start);
		g_string_append_printf(text, "%stransaction %s", text->len > 0 ? ", " : "", age);
	}
	return g_string_free(text, FALSE);
}

static char *cell_text(const Table *table, const Lock *lock, Cell cell)
{
	const Session *session = snapshot_session(table->snapshot, lock->session);

	switch (cell) {
	case CELL_SESSION:
		return session_name_text(session);
	case CELL_MODE:
		return mode_cell(table, lock);
	case CELL_WAIT:
		return wait_cell(table, lock);
	case CELL_USER:
		return session_client_text(table->snapshot, session);
	case CELL_APPLICATION:
		return session_application_text(session);
	case CELL_STATE:
		return state_cell(table, session);
	case N_CELLS:
		break;
	}
	return g_strdup("");
}

static void measure(Table *table, const guint *locks, guint n_locks)
{
	for (guint i = 0; i < MIN(n_locks, MEASURED); i++) {
		const Lock *lock = snapshot_lock(table->snapshot, locks[i]);

		for (Cell cell = CELL_SESSION; cell < N_CELLS; cell++) {
			g_autofree char *text = cell_text(table, lock, cell);
			guint width = text_width(text);

			if (width <= MAX_CELL)
				table->widths[cell] = MAX(table->widths[cell], width);
		}
	}
}

static Ink cell_ink(const Lock *lock, Cell cell)
{
	if (cell == CELL_SESSION)
		return INK_STRONG;
	return cell == CELL_WAIT && !lock->granted ? INK_WARNING : INK_PLAIN;
}

static void append_statement(Line *line, const Session *session)
{
	g_autofree char *statement = session_statement_excerpt(session, line->style->width);

	if (*statement == '\0')
		return;
	line_blanks(line, 2);
	line_rest(line, INK_PLAIN, statement, MIN_STATEMENT);
}

/* One line, cells below each other as long as none is wider than its column. */
static void append_row(GString *out, const Table *table, const Lock *lock)
{
	guint column = 0;
	Line line;

	line_begin(&line, out, table->style, "      ");
	for (Cell cell = CELL_SESSION; cell < N_CELLS; cell++) {
		g_autofree char *text = cell_text(table, lock, cell);

		if (table->widths[cell] == 0 && *text == '\0')
			continue;
		line_pad(&line, MAX(column, line.column > 0 ? line.column + 2 : 0));
		line_piece(&line, cell_ink(lock, cell), text);
		column += table->widths[cell] + 2;
	}
	append_statement(&line, snapshot_session(table->snapshot, lock->session));
	line_end(&line);
}

/* The cells of these kinds that say something, with two blanks between. */
static void append_cells(Line *line, const Table *table, const Lock *lock, const Cell *cells,
                         guint n_cells)
{
	for (guint i = 0; i < n_cells; i++) {
		g_autofree char *text = cell_text(table, lock, cells[i]);

		if (*text == '\0')
			continue;
		if (i > 0)
			line_blanks(line, 2);
		line_piece(line, cell_ink(lock, cells[i]), text);
	}
}

/* A session, and below it those of its locks that follow one another. Returns how many. */
static guint append_session(GString *out, const Table *table, const guint *locks, guint n_locks)
{
	static const Cell who[] = {CELL_SESSION, CELL_APPLICATION, CELL_USER, CELL_STATE};
	static const Cell what[] = {CELL_WAIT, CELL_MODE};
	const Lock *first = snapshot_lock(table->snapshot, locks[0]);
	guint n = 0;
	Line line;

	line_begin(&line, out, table->style, "      ");
	append_cells(&line, table, first, who, G_N_ELEMENTS(who));
	append_statement(&line, snapshot_session(table->snapshot, first->session));
	line_end(&line);
	while (n < n_locks && snapshot_lock(table->snapshot, locks[n])->session == first->session) {
		line_begin(&line, out, table->style, "          ");
		line_blanks(&line, INDENT);
		append_cells(&line, table, snapshot_lock(table->snapshot, locks[n]), what,
		             G_N_ELEMENTS(what));
		line_end(&line);
		n++;
	}
	return n;
}

static void append_count(GString *out, const Table *table, const guint *locks, guint n_locks)
{
	g_autofree char *all = count_text(n_locks, "lock", "locks");
	guint n_waiting = 0;
	Line line;

	for (guint i = 0; i < n_locks; i++)
		n_waiting += !snapshot_lock(table->snapshot, locks[i])->granted;
	line_begin(&line, out, table->style, NULL);
	if (n_locks == 0)
		line_words(&line, INK_GOOD, "No locks match.");
	else if (n_waiting == 0)
		line_wordsf(&line, INK_STRONG, "%s, all granted.", all);
	else
		line_wordsf(&line, INK_STRONG, "%s, %u of them not granted yet.", all, n_waiting);
	line_end(&line);
}

void render_locks_text(GString *out, const WaitGraph *graph, const guint *locks, guint n_locks,
                       const RenderStyle *style)
{
	Table table = {.graph = graph, .snapshot = wait_graph_snapshot(graph), .style = style};

	append_count(out, &table, locks, n_locks);
	if (style->width >= TABLE_WIDTH) {
		measure(&table, locks, n_locks);
		for (guint i = 0; i < n_locks; i++)
			append_row(out, &table, snapshot_lock(table.snapshot, locks[i]));
	} else {
		for (guint i = 0; i < n_locks;)
			i += append_session(out, &table, locks + i, n_locks - i);
	}
}
