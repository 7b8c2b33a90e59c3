#include "base/text.h"
#include "render/advice.h"
#include "render/command.h"
#include "render/headline.h"
#include "render/labels.h"
#include "render/render.h"
#include "render/rows.h"
#include "render/session_words.h"
#include "render/summary.h"
#include "render/target.h"

enum {
	MAX_ROWS = 20,   /* that are held; the rest is counted */
	MAX_HOLDERS = 5, /* of one row */
	MAX_WAITERS = 3,
	MAX_STATEMENT_LINES = 3,
};

typedef struct {
	Labels labels;
	const RenderStyle *style;
	const RowSet *rows;
	const RowVerdicts *verdicts;
	const WaitGraph *graph;
	const Snapshot *snapshot;
} Screen;

static guint n_held(const RowVerdicts *verdicts, const RowSet *rows)
{
	return row_set_n(rows) - row_verdicts_n(verdicts, ROW_FREE);
}

static char *table_text(const Screen *screen)
{
	const RelationName *table = row_set_table(screen->rows);
	GString *text = g_string_new(NULL);

	target_append_relation(text, screen->snapshot, table->database, table->oid);
	return g_string_free(text, FALSE);
}

/* "1 of the 2 rows of login_sessions that match is held." */
static char *answer_text(const Screen *screen)
{
	guint n = row_set_n(screen->rows), held = n_held(screen->verdicts, screen->rows);
	g_autofree char *table = table_text(screen);
	const char *first = row_set_has_more(screen->rows) ? "first " : "";

	if (n == 0)
		return g_strdup_printf("No row of %s matches.", table);
	if (n == 1)
		return g_strdup_printf("The row of %s that matches is %s.", table,
		                       held > 0 ? "held" : "held by nobody");
	if (held == 0)
		return g_strdup_printf("None of the %s%u rows of %s that match is held.", first, n, table);
	return g_strdup_printf("%u of the %s%u rows of %s that match %s held.", held, first, n, table,
	                       held == 1 ? "is" : "are");
}

static void append_place(const Screen *screen, guint row)
{
	const RowFacts *facts = row_set_get(screen->rows, row);
	g_autofree char *target = target_text(screen->snapshot, &facts->tag, NULL);
	g_autoptr(GString) text = g_string_new(target);
	Line line;

	if (names_row_key(snapshot_names(screen->snapshot), &facts->tag) != NULL)
		g_string_append_printf(text, " at (%u,%u)", facts->tag.page, facts->tag.tuple);
	g_string_append_c(screen->labels.out, '\n');
	line_begin(&line, screen->labels.out, screen->style, "  ");
	line_blanks(&line, 2);
	line_words(&line, INK_STRONG, text->str);
	line_end(&line);
}

static void append_holder(const Screen *screen, const char *label, guint session, const char *more)
{
	Line line;

	labels_begin(&screen->labels, &line, label);
	headline_append(&line, screen->graph, session);
	if (*more != '\0') {
		line_words(&line, INK_PLAIN, ",");
		line_blanks(&line, 1);
		line_piece(&line, INK_PLAIN, more);
	}
	line_end(&line);
}

static void append_holders(const Screen *screen, const RowVerdict *verdict)
{
	gboolean said_one_of = FALSE;

	for (guint i = 0; i < MIN(verdict->holders->len, MAX_HOLDERS); i++) {
		const RowHolder *holder = &g_array_index(verdict->holders, RowHolder, i);
		const char *mode = row_mode_name(holder->mode);
		const char *label = i == 0 ? "held by" : "";

		if (!holder->is_certain && !said_one_of) {
			labels_text(&screen->labels, label,
			            i == 0 ? "one of these; nothing in the server tells which:"
			                   : "and perhaps by one of these; nothing in the server tells which:");
			said_one_of = TRUE;
		}
		append_holder(screen, said_one_of ? "" : label, holder->session, mode != NULL ? mode : "");
	}
	if (verdict->holders->len > MAX_HOLDERS) {
		g_autofree char *more = g_strdup_printf("and %u more", verdict->holders->len - MAX_HOLDERS);

		labels_text(&screen->labels, "", more);
	}
	if (verdict->state == ROW_UNTOLD)
		labels_text(&screen->labels, "held by",
		            "a transaction that has ended meanwhile, or belongs to nobody who can be seen: "
		            "look again");
}

/* Of a single holder also what it last did. */
static void append_statement(const Screen *screen, const RowVerdict *verdict)
{
	if (verdict->holders->len != 1)
		return;
	guint session = g_array_index(verdict->holders, RowHolder, 0).session;
	labels_session_statement(&screen->labels, snapshot_session(screen->snapshot, session),
	                         MAX_STATEMENT_LINES);
}

static void append_waiter(const Screen *screen, const char *label, const RowWaiter *waiter)
{
	const Session *session = snapshot_session(screen->snapshot, waiter->session);
	g_autofree char *name = session_name_text(session);
	g_autofree char *application = session_application_text(session);
	g_autofree char *client = session_client_text(screen->snapshot, session);
	g_autofree char *waited = waited_text(wait_graph_waited(screen->graph, waiter->session));
	g_autofree char *since = g_strdup_printf("for %s", waited);
	const char *const pieces[] = {application, client, since};
	Line line;

	labels_begin(&screen->labels, &line, label);
	line_words(&line, INK_STRONG, name);
	for (guint i = 0; i < G_N_ELEMENTS(pieces); i++) {
		if (*pieces[i] == '\0')
			continue;
		line_blanks(&line, 2);
		line_piece(&line, INK_PLAIN, pieces[i]);
	}
	if (waiter->is_inferred)
		line_words(&line, INK_DIM, ", for this row or another that it holds");
	line_end(&line);
}

static void append_waiters(const Screen *screen, const RowVerdict *verdict)
{
	guint n = verdict->waiters->len;

	for (guint i = 0; i < MIN(n, MAX_WAITERS); i++) {
		const RowWaiter *waiter = &g_array_index(verdict->waiters, RowWaiter, i);

		append_waiter(screen, i == 0 ? "wanted by" : "", waiter);
	}
	if (n > MAX_WAITERS) {
		g_autofree char *more = g_strdup_printf("and %u more", n - MAX_WAITERS);

		labels_text(&screen->labels, "", more);
	}
	if (n == 0 && verdict->state != ROW_UNTOLD)
		labels_text(&screen->labels, "wanted by", "nobody");
}

/* What isn't shown, and what can't be. */
static void append_rest(const Screen *screen, guint n_shown)
{
	guint held = n_held(screen->verdicts, screen->rows);
	g_autoptr(GString) text = g_string_new(NULL);
	Line line;

	if (held > n_shown)
		g_string_append_printf(text, "%u more are held.", held - n_shown);
	if (row_set_has_more(screen->rows))
		g_string_append_printf(
		    text,
		    "%sMore than %u rows match: only the first %u were looked at. Narrow the "
		    "condition, or raise --limit.",
		    text->len > 0 ? " " : "", row_set_limit(screen->rows), row_set_limit(screen->rows));
	if (row_set_n(screen->rows) == 0)
		g_string_append_printf(
		    text,
		    "A row that was inserted by a transaction that is still open can't be seen; "
		    "\"pgunlock tree%s\" shows who waits for its key.",
		    screen->style->connection_args);
	if (text->len == 0)
		return;
	g_string_append_c(screen->labels.out, '\n');
	line_begin(&line, screen->labels.out, screen->style, "  ");
	line_blanks(&line, 2);
	line_words(&line, INK_PLAIN, text->str);
	line_end(&line);
}

static gboolean is_refused(const Plan *plan, guint session)
{
	const PlanItem *item = advice_item(plan, session);

	return item != NULL && item->refusal != REFUSAL_NONE;
}

/* What frees those who wait; where release would refuse, status has the reason and what to do
 * instead; of a holder that keeps nobody only where to read more. */
static void append_command(const Screen *screen, const char *shown_ref)
{
	g_autoptr(Plan) plan = advice_new(screen->graph);
	guint first = NO_SESSION;
	gboolean is_waited_for = FALSE;
	gboolean can_release = FALSE;

	for (guint i = 0; i < row_set_n(screen->rows); i++) {
		const RowVerdict *verdict = row_verdicts_get(screen->verdicts, i);
		gboolean is_waited_for_here = verdict->waiters->len > 0;

		is_waited_for |= is_waited_for_here;
		can_release |= is_waited_for_here && verdict->holders->len == 0;
		for (guint j = 0; j < verdict->holders->len; j++) {
			guint holder = g_array_index(verdict->holders, RowHolder, j).session;

			first = first == NO_SESSION ? holder : first;
			can_release |= is_waited_for_here && !is_refused(plan, holder);
		}
	}
	if (first == NO_SESSION && !is_waited_for)
		return;
	g_autofree char *quoted = command_quote(shown_ref);
	g_autofree char *row = g_strdup_printf("--row %s", quoted);
	g_autofree char *release =
	    command_text(screen->style, "release", row, screen->snapshot, NULL, 0, NULL);
	g_autofree char *status =
	    command_text(screen->style, "status", NULL, screen->snapshot, NULL, 0, NULL);
	g_autofree char *show =
	    command_text(screen->style, "show", NULL, screen->snapshot, &first, 1, NULL);

	g_string_append_c(screen->labels.out, '\n');
	if (can_release)
		summary_append_command(screen->labels.out, screen->style, "To free them:", release);
	else
		summary_append_command(screen->labels.out, screen->style,
		                       "More:", is_waited_for ? status : show);
}

void render_rows_text(GString *out, const RowSet *rows, const WaitGraph *graph,
                      const char *shown_ref, const RenderStyle *style)
{
	const RenderStyle readable = line_readable_style(style);
	g_autoptr(RowVerdicts) verdicts = row_verdicts_new(rows, graph);
	const Screen screen = {
	    .labels = labels_new(out, &readable),
	    .style = &readable,
	    .rows = rows,
	    .verdicts = verdicts,
	    .graph = graph,
	    .snapshot = wait_graph_snapshot(graph),
	};
	g_autofree char *answer = answer_text(&screen);
	guint n_shown = 0;

	summary_append_answer(out, screen.snapshot, style,
	                      n_held(verdicts, rows) == 0 ? INK_GOOD : INK_STRONG, answer);
	for (guint i = 0; i < row_set_n(rows) && n_shown < MAX_ROWS; i++) {
		const RowVerdict *verdict = row_verdicts_get(verdicts, i);

		if (verdict->state == ROW_FREE)
			continue;
		n_shown++;
		append_place(&screen, i);
		append_holders(&screen, verdict);
		append_statement(&screen, verdict);
		append_waiters(&screen, verdict);
	}
	append_rest(&screen, n_shown);
	append_command(&screen, shown_ref);
}

char *render_locked_table_hint(const RowRef *ref, const RenderStyle *style)
{
	g_autofree char *table = row_ref_table_text(ref);
	g_autofree char *quoted = command_quote(table);
	g_autofree char *options = g_strdup_printf("--table %s --dry-run", quoted);
	g_autofree char *command = command_text(style, "release", options, NULL, NULL, 0, NULL);

	return g_strdup_printf("the table itself is locked, or somebody waits to: %s shows by whom",
	                       command);
}
