#include "base/duration.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "render/act_words.h"
#include "render/advice.h"
#include "render/command.h"
#include "render/culprits.h"
#include "render/edge_index.h"
#include "render/headline.h"
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
	SHORT_STATEMENT_LINES = 1,
	DEFAULT_MAX = 10, /* sessions of a plan without --max */
};

static gboolean contains(const GArray *sessions, guint session)
{
	for (guint i = 0; i < sessions->len; i++) {
		if (g_array_index(sessions, guint, i) == session)
			return TRUE;
	}
	return FALSE;
}

/* Waiting requests whose cancelling is the least harm stand before the root that they wait for. */
static void add_queued_before(const Culprits *screen, guint root, GArray *shown)
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

static GArray *choose_sessions(const Culprits *screen)
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

static void append_command(Culprits *screen, const char *label, const char *verb,
                           const char *options, const guint *sessions, guint n, const char *tail)
{
	g_autofree char *command =
	    command_text(screen->style, verb, options, screen->snapshot, sessions, n, tail);

	summary_append_command(screen->out, screen->style, label, command);
}

/* "6002": whom of its circle a member waits for. */
static char *waits_for_text(const Culprits *screen, guint member, const GArray *circle)
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

static void append_member(Culprits *screen, guint member, const GArray *circle)
{
	g_autofree char *wanted = lock_wanted_text(screen->graph, member);
	g_autofree char *blocker = waits_for_text(screen, member, circle);
	g_autofree char *text = g_strdup_printf("%s: %s", blocker, wanted);

	culprits_append_headline(screen, member);
	labels_text(&screen->labels, "waits for", text);
	culprits_append_statement(screen, member, SHORT_STATEMENT_LINES);
}

static char *circle_text(const Culprits *screen, guint index, guint n)
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

static void append_cycle(Culprits *screen, guint index)
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

static void append_cycles(Culprits *screen)
{
	guint n = wait_graph_n_cycles(screen->graph);

	for (guint i = 0; i < MIN(n, MAX_SHOWN); i++)
		append_cycle(screen, i);
	if (n > MAX_SHOWN)
		g_string_append_printf(screen->out, "\n  and %u more circles\n", n - MAX_SHOWN);
}

/* A prepared transaction wants a word on which way it is to end. */
static void append_prepared_commands(Culprits *screen)
{
	for (guint i = 0; i < plan_n_items(screen->plan); i++) {
		const PlanItem *item = plan_item(screen->plan, i);

		if (item->refusal != REFUSAL_PREPARED ||
		    culprits_refusal_of_prepared(screen, item->session) != REFUSAL_NONE)
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

static void append_commands_for_several(Culprits *screen, const PlanItem *first,
                                        const GArray *worst, guint n_acts)
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

static void append_commands_for_one(Culprits *screen, const PlanItem *first, const GArray *worst)
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

static void append_commands(Culprits *screen)
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
static void append_rest(Culprits *screen)
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
	Culprits screen = {
	    .out = out,
	    .style = &readable,
	    .graph = graph,
	    .snapshot = wait_graph_snapshot(graph),
	    .edges = edges,
	    .plan = plan,
	    .labels = labels_new(out, &readable),
	    .statement_lines = CULPRITS_STATEMENT_LINES,
	};
	g_autoptr(GArray) shown = choose_sessions(&screen);

	summary_append(out, graph, style);
	for (guint i = 0; i < shown->len; i++) {
		g_string_append_c(out, '\n');
		culprits_append(&screen, g_array_index(shown, guint, i),
		                i == 0 || shown->len <= MAX_IN_FULL);
	}
	append_rest(&screen);
	append_cycles(&screen);
	append_commands(&screen);
}
