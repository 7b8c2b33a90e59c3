#include "base/text.h"
#include "base/timestamp.h"
#include "render/act_words.h"
#include "render/advice.h"
#include "render/command.h"
#include "render/edge_index.h"
#include "render/headline.h"
#include "render/line.h"
#include "render/render.h"
#include "render/session_words.h"
#include "render/summary.h"
#include "render/target.h"

enum {
	MAX_SHOWN = 5, /* culprits on one screen; the rest is counted */
	MAX_HELD = 3,  /* things that one of them holds */
	MAX_STATEMENT_LINES = 3,
	NARROW = 60, /* below this the left margin shrinks */
};

typedef struct {
	GString *out;
	const RenderStyle *style;
	const WaitGraph *graph;
	const Snapshot *snapshot;
	const EdgeIndex *edges;
	const Plan *plan; /* NULL: none could be made */
	guint margin;     /* of the labels */
	guint text_column;
} Screen;

static void label_begin(Screen *screen, Line *line, const char *label)
{
	g_autofree char *prefix = g_strnfill(screen->text_column, ' ');

	line_begin(line, screen->out, screen->style, prefix);
	line_blanks(line, screen->margin);
	line_words(line, INK_DIM, label);
	line_pad(line, screen->text_column);
}

static void label_text(Screen *screen, const char *label, const char *text)
{
	Line line;

	label_begin(screen, &line, label);
	line_words(&line, INK_PLAIN, text);
	line_end(&line);
}

static void append_headline(Screen *screen, guint session)
{
	g_autofree char *prefix = g_strnfill(screen->margin, ' ');
	Line line;

	line_begin(&line, screen->out, screen->style, prefix);
	line_blanks(&line, 2);
	headline_append(&line, screen->graph, session);
	line_end(&line);
}

/* A session waits for its holder's transaction only because it wants a row that it changed: the
 * mode says nothing then. */
static char *held_text(const Snapshot *snapshot, const HeldTarget *held)
{
	g_autofree char *target = target_text(snapshot, held->target.tag, held->target.row_tag);

	if (held->target.tag->type == LOCK_TYPE_TRANSACTIONID)
		return g_steal_pointer(&target);
	return g_strdup_printf("%s on %s", lock_mode_name(held->mode), target);
}

static void append_held(Screen *screen, guint session)
{
	g_autoptr(GArray) held = g_array_new(FALSE, FALSE, sizeof(HeldTarget));

	wait_graph_append_held(screen->graph, session, held);
	for (guint i = 0; i < MIN(held->len, MAX_HELD); i++) {
		g_autofree char *text = held_text(screen->snapshot, &g_array_index(held, HeldTarget, i));

		label_text(screen, i == 0 ? "holds" : "", text);
	}
	if (held->len > MAX_HELD) {
		g_autofree char *more =
		    g_strdup_printf("and %u more that somebody waits for", held->len - MAX_HELD);
		label_text(screen, "", more);
	}
}

static void append_wanted(Screen *screen, guint session)
{
	const QueueWaiter *wait = wait_graph_wait(screen->graph, session, NULL);
	WaitTarget target = wait_graph_target(screen->graph, session);
	g_autofree char *what = target_text(screen->snapshot, target.tag, target.row_tag);
	g_autofree char *text = g_strdup_printf("%s on %s", lock_mode_name(wait->mode), what);

	label_text(screen, "wants", text);
}

static void append_statement(Screen *screen, guint index)
{
	const Session *session = snapshot_session(screen->snapshot, index);
	guint columns = screen->style->width - screen->text_column;
	g_autofree char *text = session_statement_excerpt(session, MAX_STATEMENT_LINES * columns);
	Line line;

	if (session->hidden)
		return;
	if (*text == '\0')
		return;
	label_begin(screen, &line, session->state == SESSION_STATE_ACTIVE ? "runs" : "last ran");
	line_paragraph(&line, INK_PLAIN, text, MAX_STATEMENT_LINES);
	line_end(&line);
}

static const char *ending_verb(Act act)
{
	return act == ACT_CANCEL ? "cancelling it" : "ending it";
}

/* "12 (1 directly, 11 behind it); ending it frees 12" */
static void append_blocks(Screen *screen, guint session, Act act)
{
	const PlanItem *item = advice_item(screen->plan, session);
	guint total = wait_graph_blocked_total(screen->graph, session);
	guint alone = item != NULL ? item->frees : wait_graph_freed_alone(screen->graph, session);
	guint direct;
	g_autoptr(GString) text = g_string_new(NULL);

	edge_index_blocks(screen->edges, session, &direct);
	g_string_append_printf(text, "%u", total);
	if (direct < total)
		g_string_append_printf(text, " (%u directly, %u behind %s)", direct, total - direct,
		                       direct == 1 ? "that one" : "those");
	if (item != NULL && item->group != 0)
		g_string_append_printf(text, "; %s alone frees %u, with its co-holders %u",
		                       ending_verb(act), alone, item->group_frees);
	else if (alone >= total)
		g_string_append_printf(text, "; %s frees %s", ending_verb(act),
		                       total == 1 ? "it" : "them all");
	else
		g_string_append_printf(text, "; %s alone frees %u", ending_verb(act), alone);
	label_text(screen, "blocks", text->str);
}

/* Co-holders: nobody moves before all of them are gone. */
static void append_companions(Screen *screen, guint session)
{
	const PlanItem *item = advice_item(screen->plan, session);
	g_autoptr(GString) text = g_string_new("held together with ");
	guint n = 0;

	if (item == NULL || item->group == 0)
		return;
	for (guint i = 0; i < plan_n_items(screen->plan); i++) {
		const PlanItem *other = plan_item(screen->plan, i);

		if (other->group != item->group || other == item)
			continue;
		g_autofree char *name =
		    session_name_text(snapshot_session(screen->snapshot, other->session));
		if (n++ < MAX_SHOWN)
			g_string_append_printf(text, "%s%s", n > 1 ? ", " : "", name);
	}
	if (n > MAX_SHOWN)
		g_string_append_printf(text, " and %u more", n - MAX_SHOWN);
	g_string_append(text, ": all must end");
	label_text(screen, "", text->str);
}

static void append_refusal(Screen *screen, guint session, ActRefusal refusal)
{
	g_autofree char *why = refusal_text(screen->snapshot, session, refusal);
	g_autofree char *hint = refusal_hint(screen->snapshot, session, refusal);
	g_autofree char *grant = refusal_grant(screen->snapshot, session, refusal);

	Line line;

	label_begin(screen, &line, "refused");
	line_words(&line, INK_BAD, why);
	if (grant != NULL) {
		line_words(&line, INK_PLAIN, ":");
		line_break(&line);
		line_raw(&line, INK_STRONG, grant);
	}
	if (hint != NULL) {
		line_break(&line);
		line_words(&line, INK_PLAIN, hint);
	}
	line_end(&line);
}

static void append_ending(Screen *screen, guint session)
{
	const PlanItem *item = advice_item(screen->plan, session);
	ActReason reason = REASON_PROCESS;
	Act act = act_to_free(snapshot_session(screen->snapshot, session), &reason);
	ActRefusal refusal;

	if (item != NULL) {
		act = item->act;
		reason = item->reason;
		refusal = item->refusal;
	} else {
		refusal = act_refusal(screen->snapshot, session, act, 0);
	}
	append_blocks(screen, session, act);
	append_companions(screen, session);
	if (act != ACT_NONE) {
		g_autofree char *cost = act_cost_text(screen->snapshot, session, act);
		g_autofree char *text =
		    g_strdup_printf("%s: %s. %s", act_verb(act), reason_text(reason), cost);

		label_text(screen, "ending", text);
	}
	if (refusal != REFUSAL_NONE)
		append_refusal(screen, session, refusal);
}

static void append_session(Screen *screen, guint index)
{
	const Session *session = snapshot_session(screen->snapshot, index);

	g_string_append_c(screen->out, '\n');
	append_headline(screen, index);
	if (wait_graph_wait(screen->graph, index, NULL) != NULL)
		append_wanted(screen, index);
	else
		append_held(screen, index);
	append_statement(screen, index);
	if (session->kind == SESSION_KIND_PREPARED)
		label_text(screen, "lives", "without a session: a restart of the server will not clear it");
	append_ending(screen, index);
}

static gboolean contains(const GArray *sessions, guint session)
{
	for (guint i = 0; i < sessions->len; i++) {
		if (g_array_index(sessions, guint, i) == session)
			return TRUE;
	}
	return FALSE;
}

/* Waiting requests whose cancelling is the least harm stand before the root that they wait for. */
static void add_queued_before(const Screen *screen, guint root, GArray *shown)
{
	for (guint i = 0; screen->plan != NULL && i < plan_n_items(screen->plan); i++) {
		guint session = plan_item(screen->plan, i)->session;

		if (wait_graph_is_root(screen->graph, session) || contains(shown, session))
			continue;
		g_autoptr(GArray) roots = wait_graph_roots_of(screen->graph, session);
		if (contains(roots, root))
			g_array_append_val(shown, session);
	}
}

static GArray *choose_sessions(const Screen *screen)
{
	GArray *shown = g_array_new(FALSE, FALSE, sizeof(guint));
	guint n_roots = MIN(wait_graph_n_roots(screen->graph), MAX_SHOWN);

	for (guint i = 0; i < n_roots; i++) {
		guint root = wait_graph_root(screen->graph, i);

		add_queued_before(screen, root, shown);
		g_array_append_val(shown, root);
	}
	return shown;
}

static void append_cycles(Screen *screen)
{
	for (guint i = 0; i < wait_graph_n_cycles(screen->graph); i++) {
		guint n;
		const guint *members = wait_graph_cycle(screen->graph, i, &n);
		g_autoptr(GString) text = g_string_new(NULL);
		Line line;

		for (guint j = 0; j < MIN(n, MAX_SHOWN); j++) {
			g_autofree char *name =
			    session_name_text(snapshot_session(screen->snapshot, members[j]));
			g_string_append_printf(text, "%s%s", j > 0 ? ", " : "", name);
		}
		if (n > MAX_SHOWN)
			g_string_append_printf(text, " and %u more", n - MAX_SHOWN);
		g_string_append(text, " wait for each other in a circle: a deadlock. The server's own "
		                      "detector ends one of them after deadlock_timeout (1s unless "
		                      "changed); if the circle is gone at the next look, it was that or a "
		                      "movement that this look caught.");
		g_string_append_c(screen->out, '\n');
		line_begin(&line, screen->out, screen->style, "  ");
		line_blanks(&line, 2);
		line_words(&line, INK_WARNING, text->str);
		line_end(&line);
	}
}

static void append_command(Screen *screen, const char *label, const char *options,
                           const guint *sessions, guint n, const char *tail)
{
	g_autofree char *command =
	    command_text(screen->style, "release", options, screen->snapshot, sessions, n, tail);

	summary_append_command(screen->out, screen->style, label, command);
}

/* A prepared transaction wants a word on which way it is to end. */
static void append_prepared_commands(Screen *screen)
{
	for (guint i = 0; i < plan_n_items(screen->plan); i++) {
		const PlanItem *item = plan_item(screen->plan, i);

		if (item->refusal != REFUSAL_PREPARED)
			continue;
		append_command(screen, "To roll it back:", NULL, &item->session, 1, "--rollback");
		append_command(screen, "Or to commit it:", NULL, &item->session, 1, "--commit");
	}
}

static const PlanItem *first_act(const Plan *plan)
{
	for (guint i = 0; i < plan_n_items(plan); i++) {
		if (plan_item(plan, i)->refusal == REFUSAL_NONE)
			return plan_item(plan, i);
	}
	return NULL;
}

static void append_commands_for_several(Screen *screen, const GArray *worst, guint n_acts)
{
	g_autofree char *label = g_strdup_printf("To free %u:", screen->plan->freed->len);
	/* The limit of a selection that needs no word (--max). */
	g_autofree char *max = n_acts > 10 ? g_strdup_printf("--all --max %u", n_acts) : NULL;

	append_command(screen, label, max != NULL ? max : "--all", NULL, 0, NULL);
	append_command(screen, "The worst only:", NULL, (const guint *) (gpointer) worst->data,
	               worst->len, NULL);
}

static void append_commands(Screen *screen)
{
	const PlanItem *first = screen->plan != NULL ? first_act(screen->plan) : NULL;
	guint n_acts = screen->plan != NULL ? plan_n_acts(screen->plan) : 0;

	if (screen->plan == NULL)
		return;
	g_string_append_c(screen->out, '\n');
	append_prepared_commands(screen);
	if (first == NULL)
		return;
	g_autoptr(GArray) worst = advice_companions(screen->plan, first);
	const guint *sessions = (const guint *) (gpointer) worst->data;
	const char *prefer = first->reason == REASON_QUEUED_REQUEST ? "--prefer queued" : NULL;

	if (worst->len < n_acts) {
		append_commands_for_several(screen, worst, n_acts);
		return;
	}
	append_command(screen, prefer != NULL ? "Least harm:" : "To free them:", prefer, sessions,
	               worst->len, NULL);
	for (guint i = 0; i < screen->plan->alternatives->len; i++) {
		const PlanAlternative *way = &g_array_index(screen->plan->alternatives, PlanAlternative, i);

		append_command(screen, way->is_holder ? "Or the root:" : "Or the queued:",
		               way->is_holder ? "--prefer holder" : "--prefer queued", way->sessions,
		               way->n_sessions, NULL);
	}
}

void render_status_text(GString *out, const WaitGraph *graph, const RenderStyle *style)
{
	g_autoptr(EdgeIndex) edges = edge_index_new(graph, EDGES_SHOWN);
	g_autoptr(Plan) plan = advice_new(graph);
	gboolean is_narrow = style->width < NARROW;
	Screen screen = {
	    .out = out,
	    .style = style,
	    .graph = graph,
	    .snapshot = wait_graph_snapshot(graph),
	    .edges = edges,
	    .plan = plan,
	    .margin = is_narrow ? 3 : 8,
	    .text_column = is_narrow ? 13 : 18,
	};
	g_autoptr(GArray) shown = choose_sessions(&screen);
	guint n_roots = wait_graph_n_roots(graph);

	summary_append(out, graph, style);
	for (guint i = 0; i < shown->len; i++)
		append_session(&screen, g_array_index(shown, guint, i));
	if (n_roots > MAX_SHOWN) {
		g_string_append_printf(out, "\n  and %u more blockers: pgunlock tree shows all\n",
		                       n_roots - MAX_SHOWN);
	}
	append_cycles(&screen);
	append_commands(&screen);
	summary_append_hidden(out, graph, style);
}
