#include "base/duration.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "render/act_words.h"
#include "render/advice.h"
#include "render/command.h"
#include "render/cost_words.h"
#include "render/edge_index.h"
#include "render/headline.h"
#include "render/labels.h"
#include "render/line.h"
#include "render/lock_facts.h"
#include "render/refusal.h"
#include "render/render.h"
#include "render/replay_words.h"
#include "render/session_words.h"
#include "render/summary.h"
#include "render/target.h"

#include <string.h>

enum {
	MAX_SHOWN = 5,   /* culprits on one screen; the rest is counted */
	MAX_IN_FULL = 2, /* of more than these only the first is shown in full */
	MAX_HELD = 3,    /* things that one of them holds */
	MAX_STATEMENT_LINES = 3,
	SHORT_STATEMENT_LINES = 1,
	DEFAULT_MAX = 10, /* sessions of a plan without --max */
};

typedef struct {
	GString *out;
	const RenderStyle *style;
	const WaitGraph *graph;
	const Snapshot *snapshot;
	const EdgeIndex *edges;
	const Plan *plan; /* NULL: none could be made */
	Labels labels;
} Screen;

static void append_headline(Screen *screen, guint session)
{
	g_autofree char *prefix = g_strnfill(screen->labels.margin, ' ');
	Line line;

	line_begin(&line, screen->out, screen->style, prefix);
	line_blanks(&line, 2);
	headline_append(&line, screen->graph, session);
	line_end(&line);
}

static void append_pooler(Screen *screen, guint index)
{
	g_autofree char *text =
	    session_pooler_text(screen->snapshot, snapshot_session(screen->snapshot, index));

	if (*text != '\0')
		labels_text(&screen->labels, "behind", text);
}

static void append_held(Screen *screen, guint session, guint max)
{
	g_autoptr(GPtrArray) held = lock_held_texts(screen->graph, session, max);

	for (guint i = 0; i < held->len; i++)
		labels_text(&screen->labels, i == 0 ? "holds" : "", g_ptr_array_index(held, i));
}

static void append_wanted(Screen *screen, guint session)
{
	g_autofree char *text = lock_wanted_text(screen->graph, session);

	labels_text(&screen->labels, "wants", text);
}

static void append_statement(Screen *screen, guint index, guint max_lines)
{
	const Session *session = snapshot_session(screen->snapshot, index);
	guint columns = screen->style->width - screen->labels.column;
	g_autofree char *text = session_statement_excerpt(session, max_lines * columns);

	if (session->hidden)
		return;
	if (*text == '\0')
		return;
	labels_paragraph(&screen->labels, session->state == SESSION_STATE_ACTIVE ? "runs" : "last ran",
	                 text, max_lines);
}

/* The co-holders without whom nobody moves: "5104, 5105". */
static char *companions_text(Screen *screen, const PlanItem *item)
{
	GString *text = g_string_new(NULL);
	guint n = 0;

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
	return g_string_free(text, FALSE);
}

/* What would be done to the session, why, and why not. */
typedef struct {
	Act act;
	ActReason reason;
	ActRefusal refusal;
} Ending;

static gboolean nobody_can_end(ActRefusal refusal)
{
	return refusal == REFUSAL_STARTUP || refusal == REFUSAL_SYSTEM_PROCESS;
}

/* "12 sessions: 1 directly, 11 behind that one; ending this one frees all" */
static void append_blocks(Screen *screen, guint session, const Ending *ending)
{
	const PlanItem *item = advice_item(screen->plan, session);
	guint total = wait_graph_blocked_total(screen->graph, session);
	guint alone = item != NULL ? item->frees : wait_graph_freed_alone(screen->graph, session);
	const char *verb = ending->act == ACT_CANCEL ? "cancelling" : "ending";
	guint direct;
	g_autofree char *sessions = count_text(total, "session", "sessions");
	g_autoptr(GString) text = g_string_new(sessions);

	edge_index_blocks(screen->edges, session, &direct);
	if (direct < total)
		g_string_append_printf(text, ": %u directly, %u behind %s", direct, total - direct,
		                       direct == 1 ? "that one" : "those");
	if (nobody_can_end(ending->refusal)) {
		labels_text(&screen->labels, "blocks", text->str);
		return;
	}
	g_string_append_printf(text, "; %s this one frees ", verb);
	if (alone >= total)
		g_string_append(text, total == 1 ? "it" : "all");
	else if (alone > 0)
		g_string_append_printf(text, "%u of them", alone);
	else
		g_string_append(text, "nobody");
	if (alone > 0 && wait_graph_row_may_be_shared(screen->graph, session))
		g_string_append(text, UNLESS_SHARED);
	if (item != NULL && item->group != 0 && alone < total) {
		g_autofree char *others = companions_text(screen, item);
		g_string_append_printf(text, " as long as %s hold%s it, too", others,
		                       strchr(others, ',') == NULL ? "s" : "");
	}
	labels_text(&screen->labels, "blocks", text->str);
}

static void append_replay(Screen *screen, guint session)
{
	g_autofree char *note = replay_note(screen->graph, session);

	if (note != NULL)
		labels_text(&screen->labels, "replay", note);
}

static void append_refusal(Screen *screen, guint session, ActRefusal refusal)
{
	Line line;

	labels_begin(&screen->labels, &line, "refused");
	refusal_append(&line, screen->graph, session, refusal);
	line_end(&line);
}

/* What nobody can end, or not in a way that is known, needs no words on what ending it costs. */
static gboolean is_hopeless(ActRefusal refusal)
{
	return nobody_can_end(refusal) || refusal == REFUSAL_SELF ||
	       refusal == REFUSAL_IDENTITY_HIDDEN || refusal == REFUSAL_LOGGING_IN;
}

static Ending ending_of(const Screen *screen, guint session)
{
	const PlanItem *item = advice_item(screen->plan, session);
	Ending ending = {.reason = REASON_PROCESS};

	if (item != NULL)
		return (Ending){item->act, item->reason, item->refusal};
	ending.act = act_to_free(snapshot_session(screen->snapshot, session), &ending.reason);
	ending.refusal = act_refusal(screen->snapshot, session, ending.act, 0);
	return ending;
}

/* That nobody said which way a prepared transaction is to end is the first thing to say of it, but
 * it may be that we must not end it at all. */
static ActRefusal refusal_of_prepared(const Screen *screen, guint session)
{
	return act_refusal(screen->snapshot, session, ACT_ROLLBACK_PREPARED, 0);
}

static void append_prepared_ending(Screen *screen, guint index)
{
	const Session *session = snapshot_session(screen->snapshot, index);
	const char *database = names_database(snapshot_names(screen->snapshot), session->database);
	ActRefusal refusal = refusal_of_prepared(screen, index);
	g_autoptr(GString) text = g_string_new("only by ROLLBACK PREPARED or COMMIT PREPARED");

	if (session->database != 0) {
		g_string_append(text, database != NULL ? " in database " : " in ");
		target_append_database(text, screen->snapshot, session->database);
	}
	g_string_append(text, ". It may be half of a distributed commit: its coordinator knows which. "
	                      "No session stands behind it, and a restart of the server does not clear "
	                      "it.");
	labels_text(&screen->labels, "ending", text->str);
	if (refusal != REFUSAL_NONE)
		append_refusal(screen, index, refusal);
}

static void append_ending(Screen *screen, guint session, const Ending *ending)
{
	if (snapshot_session(screen->snapshot, session)->kind == SESSION_KIND_PREPARED) {
		append_prepared_ending(screen, session);
		return;
	}
	if (ending->act != ACT_NONE && !is_hopeless(ending->refusal)) {
		g_autofree char *cost = act_cost_text(screen->graph, session, ending->act);
		const char *escalation =
		    act_escalation_text(COMMAND_RELEASE, snapshot_session(screen->snapshot, session),
		                        ending->act, ending->reason);
		g_autofree char *text = g_strdup_printf(
		    "%s, because %s. %s%s%s", act_verb(ending->act), reason_text(ending->reason), cost,
		    escalation != NULL ? " " : "", escalation != NULL ? escalation : "");

		labels_text(&screen->labels, "ending", text);
	}
	if (ending->refusal != REFUSAL_NONE)
		append_refusal(screen, session, ending->refusal);
}

/* In few words: only that it is refused and why. */
static void append_brief_refusal(Screen *screen, guint session, const Ending *ending)
{
	gboolean is_prepared =
	    snapshot_session(screen->snapshot, session)->kind == SESSION_KIND_PREPARED;
	ActRefusal refusal = is_prepared ? refusal_of_prepared(screen, session) : ending->refusal;

	if (refusal == REFUSAL_NONE)
		return;
	g_autofree char *why = refusal_text(screen->snapshot, session, refusal);
	labels_text(&screen->labels, "refused", why);
}

static void append_session(Screen *screen, guint index, gboolean in_full)
{
	Ending ending = ending_of(screen, index);

	g_string_append_c(screen->out, '\n');
	append_headline(screen, index);
	append_pooler(screen, index);
	if (wait_graph_wait(screen->graph, index, NULL) != NULL)
		append_wanted(screen, index);
	else
		append_held(screen, index, in_full ? MAX_HELD : 1);
	if (in_full)
		append_statement(screen, index, MAX_STATEMENT_LINES);
	append_blocks(screen, index, &ending);
	append_replay(screen, index);
	if (in_full)
		append_ending(screen, index, &ending);
	else
		append_brief_refusal(screen, index, &ending);
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

static void append_command(Screen *screen, const char *label, const char *verb, const char *options,
                           const guint *sessions, guint n, const char *tail)
{
	g_autofree char *command =
	    command_text(screen->style, verb, options, screen->snapshot, sessions, n, tail);

	summary_append_command(screen->out, screen->style, label, command);
}

/* "6002": whom of its circle a member waits for. */
static char *waits_for_text(const Screen *screen, guint member, const GArray *circle)
{
	g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));

	wait_graph_append_edges(screen->graph, member, EDGES_SHOWN, edges);
	for (guint i = 0; i < edges->len; i++) {
		guint blocker = g_array_index(edges, WaitEdge, i).blocker;

		if (contains(circle, blocker))
			return session_name_text(snapshot_session(screen->snapshot, blocker));
	}
	return g_strdup("another of them");
}

static void append_member(Screen *screen, guint member, const GArray *circle)
{
	g_autofree char *wanted = lock_wanted_text(screen->graph, member);
	g_autofree char *blocker = waits_for_text(screen, member, circle);
	g_autofree char *text = g_strdup_printf("%s: %s", blocker, wanted);

	append_headline(screen, member);
	labels_text(&screen->labels, "waits for", text);
	append_statement(screen, member, SHORT_STATEMENT_LINES);
}

static char *circle_text(const Screen *screen, guint index, guint n)
{
	gint64 age = wait_graph_cycle_age(screen->graph, index);
	gint64 timeout_us = snapshot_server(screen->snapshot)->deadlock_timeout_us;
	gboolean is_deadlock = wait_graph_is_deadlock(screen->graph, index);
	g_autofree char *lasted = duration_to_text(age);
	g_autofree char *since = age != WAITED_UNKNOWN ? g_strdup_printf(", for %s", lasted) : NULL;
	g_autofree char *timeout = duration_to_text(timeout_us);
	g_autofree char *when =
	    timeout_us != 0 ? g_strdup_printf("%s here", timeout) : g_strdup("1s by default");

	return g_strdup_printf("%s: %u sessions wait for each other in a circle%s. %s ends one of them "
	                       "by itself after deadlock_timeout (%s).%s",
	                       is_deadlock ? "A deadlock" : "Perhaps a deadlock", n,
	                       since != NULL ? since : "",
	                       is_deadlock ? "The server" : "If it doesn't pass, the server", when,
	                       is_deadlock ? "" : " Look again.");
}

static void append_cycle(Screen *screen, guint index)
{
	guint n, choice = plan_deadlock_choice(screen->graph, index);
	const guint *members = wait_graph_cycle(screen->graph, index, &n);
	g_autoptr(GArray) circle = g_array_new(FALSE, FALSE, sizeof(guint));
	Line line;

	g_array_append_vals(circle, members, n);
	g_autofree char *text = circle_text(screen, index, n);
	g_string_append_c(screen->out, '\n');
	line_begin(&line, screen->out, screen->style, "  ");
	line_blanks(&line, 2);
	line_words(&line, INK_WARNING, text);
	line_end(&line);
	for (guint i = 0; i < MIN(n, MAX_SHOWN); i++)
		append_member(screen, members[i], circle);
	if (n > MAX_SHOWN)
		g_string_append_printf(screen->out, "  and %u more\n", n - MAX_SHOWN);
	if (choice == NO_SESSION || !wait_graph_is_deadlock(screen->graph, index))
		return;
	append_command(screen, "To end it:", "cancel", NULL, &choice, 1, NULL);
}

static void append_cycles(Screen *screen)
{
	guint n = wait_graph_n_cycles(screen->graph);

	for (guint i = 0; i < MIN(n, MAX_SHOWN); i++)
		append_cycle(screen, i);
	if (n > MAX_SHOWN)
		g_string_append_printf(screen->out, "\n  and %u more circles\n", n - MAX_SHOWN);
}

/* A prepared transaction wants a word on which way it is to end. */
static void append_prepared_commands(Screen *screen)
{
	for (guint i = 0; i < plan_n_items(screen->plan); i++) {
		const PlanItem *item = plan_item(screen->plan, i);

		if (item->refusal != REFUSAL_PREPARED ||
		    refusal_of_prepared(screen, item->session) != REFUSAL_NONE)
			continue;
		append_command(screen, "To undo it:", "release", NULL, &item->session, 1, "--rollback");
		append_command(screen, "Or to keep it:", "release", NULL, &item->session, 1, "--commit");
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

static void append_commands_for_several(Screen *screen, const PlanItem *first, const GArray *worst,
                                        guint n_acts)
{
	guint n_worst = first->group != 0 ? first->group_frees : first->frees;
	g_autofree char *all = g_strdup_printf("To free %u:", screen->plan->freed->len);
	g_autofree char *some = g_strdup_printf("Or only %u:", n_worst);
	g_autofree char *options =
	    n_acts > DEFAULT_MAX ? g_strdup_printf("--all --max %u", n_acts) : g_strdup("--all");

	append_command(screen, all, "release", options, NULL, 0, NULL);
	append_command(screen, some, "release", NULL, (const guint *) (gpointer) worst->data,
	               worst->len, NULL);
}

static void append_commands_for_one(Screen *screen, const PlanItem *first, const GArray *worst)
{
	gboolean is_queued =
	    first->reason == REASON_QUEUED_REQUEST || first->reason == REASON_CONCURRENT_DDL;

	guint n_freed = screen->plan->freed->len;
	g_autofree char *label = n_freed < wait_graph_n_blocked(screen->graph)
	                             ? g_strdup_printf("To free %u:", n_freed)
	                             : g_strdup("To free them:");

	append_command(screen, is_queued ? "Least harm:" : label, "release",
	               is_queued ? "--prefer queued" : NULL, (const guint *) (gpointer) worst->data,
	               worst->len, NULL);
	for (guint i = 0; i < screen->plan->alternatives->len; i++) {
		const PlanAlternative *way = &g_array_index(screen->plan->alternatives, PlanAlternative, i);

		append_command(screen, way->is_holder ? "Or the root:" : "Or the queue:", "release",
		               way->is_holder ? "--prefer holder" : "--prefer queued", way->sessions,
		               way->n_sessions, NULL);
	}
}

static void append_commands(Screen *screen)
{
	const PlanItem *first = screen->plan != NULL ? first_act(screen->plan) : NULL;
	gsize before = screen->out->len;

	if (screen->plan == NULL)
		return;
	append_prepared_commands(screen);
	if (first != NULL) {
		g_autoptr(GArray) worst = advice_companions(screen->plan, first);
		guint n_acts = plan_n_acts(screen->plan);

		if (worst->len < n_acts)
			append_commands_for_several(screen, first, worst, n_acts);
		else
			append_commands_for_one(screen, first, worst);
	}
	if (screen->out->len > before)
		g_string_insert_c(screen->out, (gssize) before, '\n');
}

/* What there was no room for. */
static void append_rest(Screen *screen)
{
	guint n_more = wait_graph_n_roots(screen->graph);
	g_autofree char *command = g_strdup_printf("pgunlock tree%s", screen->style->connection_args);
	g_autofree char *label = NULL;

	if (n_more <= MAX_SHOWN)
		return;
	n_more -= MAX_SHOWN;
	label = g_strdup_printf("and %u more that block%s:", n_more, n_more == 1 ? "s" : "");
	g_string_append_c(screen->out, '\n');
	summary_append_command(screen->out, screen->style, label, command);
}

void render_status_text(GString *out, const WaitGraph *graph, const RenderStyle *style)
{
	g_autoptr(EdgeIndex) edges = edge_index_new(graph, EDGES_SHOWN);
	g_autoptr(Plan) plan = advice_new(graph);
	const RenderStyle readable = line_readable_style(style);
	Screen screen = {
	    .out = out,
	    .style = &readable,
	    .graph = graph,
	    .snapshot = wait_graph_snapshot(graph),
	    .edges = edges,
	    .plan = plan,
	    .labels = labels_new(out, &readable),
	};
	g_autoptr(GArray) shown = choose_sessions(&screen);

	summary_append(out, graph, style);
	for (guint i = 0; i < shown->len; i++)
		append_session(&screen, g_array_index(shown, guint, i),
		               i == 0 || shown->len <= MAX_IN_FULL);
	append_rest(&screen);
	append_cycles(&screen);
	append_commands(&screen);
}
