#include "base/text.h"
#include "render/act_words.h"
#include "render/advice.h"
#include "render/command.h"
#include "render/cost_words.h"
#include "render/headline.h"
#include "render/line.h"
#include "render/lock_facts.h"
#include "render/refusal.h"
#include "render/render.h"
#include "render/session_words.h"
#include "render/summary.h"

enum {
	ACT_COLUMN = 2,
	NAME_COLUMN = 13, /* "terminate" and two blanks */
	NARROW = 60,
	NARROW_COLUMN = 4,
	MAX_NAMED = 5,
	MAX_HELD = 2, /* things that others wait for */
};

typedef struct {
	const char *one;
	const char *many;
} ActObject;

/* What the acts of a plan do, as the question puts it. */
static const ActObject act_objects[] = {
    [ACT_NONE] = {NULL, NULL},
    [ACT_CANCEL] = {"cancel 1 statement", "cancel %u statements"},
    [ACT_TERMINATE] = {"end 1 session", "end %u sessions"},
    [ACT_ROLLBACK_PREPARED] = {"roll back 1 prepared transaction",
                               "roll back %u prepared transactions"},
    [ACT_COMMIT_PREPARED] = {"commit 1 prepared transaction", "commit %u prepared transactions"},
};

static guint count_acts(const Plan *plan, Act act)
{
	guint n = 0;

	for (guint i = 0; i < plan_n_items(plan); i++)
		n += plan_item(plan, i)->refusal == REFUSAL_NONE && plan_item(plan, i)->act == act;
	return n;
}

/* "End 1 session, free 12 waiters" */
static char *what_it_does(const Plan *plan)
{
	GString *text = g_string_new(NULL);

	for (Act act = ACT_CANCEL; act <= ACT_COMMIT_PREPARED; act++) {
		guint n = count_acts(plan, act);
		g_autofree char *number = g_strdup_printf("%u", n);
		g_auto(GStrv) around = g_strsplit(act_objects[act].many, "%u", 2);

		if (n == 0)
			continue;
		if (text->len > 0)
			g_string_append(text, ", ");
		if (n == 1)
			g_string_append(text, act_objects[act].one);
		else
			g_string_append_printf(text, "%s%s%s", around[0], number, around[1]);
	}
	if (text->len == 0)
		g_string_append(text, "nothing can be done");
	else if (plan->freed->len > 0)
		g_string_append_printf(text, ", free %u waiter%s", plan->freed->len,
		                       plan->freed->len == 1 ? "" : "s");
	text->str[0] = g_ascii_toupper(text->str[0]);
	return g_string_free(text, FALSE);
}

void render_plan_question(GString *out, const Plan *plan)
{
	g_autofree char *what = what_it_does(plan);

	g_string_append_printf(out, "%s? %s[y/N] ", what,
	                       plan->freed->len == 0 ? "It frees nobody. " : "");
}

static guint text_column(const RenderStyle *style)
{
	return style->width < NARROW ? NARROW_COLUMN : NAME_COLUMN;
}

static void item_line(GString *out, const RenderStyle *style, Ink ink, const char *text)
{
	g_autofree char *prefix = g_strnfill(text_column(style), ' ');
	Line line;

	line_begin(&line, out, style, prefix);
	line_pad(&line, text_column(style));
	line_words(&line, ink, text);
	line_end(&line);
}

static void append_frees(GString *out, const RenderStyle *style, const Plan *plan,
                         const PlanItem *item)
{
	g_autoptr(GArray) together = NULL;
	g_autofree char *text = NULL;

	if (item->group == 0) {
		gboolean may_be_shared = wait_graph_row_may_be_shared(plan->graph, item->session);

		text = item->frees > 0
		           ? g_strdup_printf("frees %u%s", item->frees, may_be_shared ? UNLESS_SHARED : "")
		           : g_strdup("frees nobody by itself");
		item_line(out, style, INK_GOOD, text);
		return;
	}
	together = advice_companions(plan, item);
	text = g_strdup_printf("frees %u alone, %u when all %u that hold it together have ended",
	                       item->frees, item->group_frees, together->len);
	item_line(out, style, INK_GOOD, text);
}

static void append_refusal(GString *out, const RenderStyle *style, const Plan *plan,
                           const PlanItem *item)
{
	g_autofree char *prefix = g_strnfill(text_column(style), ' ');
	Line line;

	line_begin(&line, out, style, prefix);
	line_pad(&line, text_column(style));
	refusal_append(&line, plan->graph, item->session, item->refusal);
	line_end(&line);
}

static void append_reason(GString *out, const RenderStyle *style, const Plan *plan,
                          const PlanItem *item)
{
	g_autofree char *cost = act_cost_text(plan->graph, item->session, item->act);
	const char *escalation = act_escalation_text(
	    plan->command, snapshot_session(wait_graph_snapshot(plan->graph), item->session), item->act,
	    item->reason);

	if (item->reason != REASON_REQUESTED) {
		g_autofree char *because = g_strdup_printf("because %s", reason_text(item->reason));

		item_line(out, style, INK_PLAIN, because);
	}
	if (item->inferred)
		item_line(out, style, INK_PLAIN,
		          "chosen by inference: it and its waiter both hold row locks on the table, and "
		          "the wait names only a transaction");
	item_line(out, style, INK_PLAIN, cost);
	if (escalation != NULL)
		item_line(out, style, INK_WARNING, escalation);
}

/* What it stands in the way with: of those that only wait their request. */
static void append_lock(GString *out, const RenderStyle *style, const Plan *plan,
                        const PlanItem *item)
{
	g_autoptr(GPtrArray) held = lock_held_texts(plan->graph, item->session, MAX_HELD);

	for (guint i = 0; i < held->len; i++) {
		g_autofree char *text =
		    g_strconcat(i == 0 ? "holds " : "", (const char *) g_ptr_array_index(held, i), NULL);

		item_line(out, style, INK_PLAIN, text);
	}
	if (held->len == 0 && wait_graph_wait(plan->graph, item->session, NULL) != NULL) {
		g_autofree char *wanted = lock_wanted_text(plan->graph, item->session);
		g_autofree char *text = g_strconcat("wants ", wanted, NULL);

		item_line(out, style, INK_PLAIN, text);
	}
}

static void append_item(GString *out, const RenderStyle *style, const Plan *plan, guint index)
{
	const PlanItem *item = plan_item(plan, index);
	gboolean is_refused = item->refusal != REFUSAL_NONE;
	g_autofree char *prefix = g_strnfill(text_column(style), ' ');
	Line line;

	line_begin(&line, out, style, prefix);
	line_blanks(&line, ACT_COLUMN);
	line_words(&line, is_refused ? INK_BAD : INK_STRONG,
	           is_refused ? "refused" : act_verb(item->act));
	line_blanks(&line, 2);
	line_pad(&line, text_column(style));
	headline_append(&line, plan->graph, item->session);
	line_end(&line);
	append_lock(out, style, plan, item);
	if (is_refused) {
		append_refusal(out, style, plan, item);
		return;
	}
	append_frees(out, style, plan, item);
	append_reason(out, style, plan, item);
}

static void append_alternative(GString *out, const RenderStyle *style, const Plan *plan,
                               const PlanAlternative *way)
{
	const Snapshot *snapshot = wait_graph_snapshot(plan->graph);
	const char *prefer = way->is_holder ? "--prefer holder" : "--prefer queued";
	g_autofree char *command =
	    command_text(style, "release", prefer, snapshot, way->sessions, way->n_sessions, NULL);
	g_autoptr(GString) text = g_string_new("Instead: ");
	Line line;

	g_string_append(text, act_verb(way->act));
	for (guint i = 0; i < MIN(way->n_sessions, MAX_NAMED); i++) {
		g_autofree char *name = session_name_text(snapshot_session(snapshot, way->sessions[i]));
		g_string_append_printf(text, "%s %s", i > 0 ? "," : "", name);
	}
	if (way->n_sessions > MAX_NAMED)
		g_string_append_printf(text, " and %u more", way->n_sessions - MAX_NAMED);
	g_string_append_printf(text, ", %s, which frees %u:",
	                       way->is_holder ? "the holder" : "the request in the queue", way->frees);
	line_begin(&line, out, style, NULL);
	line_words(&line, INK_PLAIN, text->str);
	line_end(&line);
	summary_append_command(out, style, "", command);
}

static void append_line(GString *out, const RenderStyle *style, Ink ink, const char *text)
{
	Line line;

	line_begin(&line, out, style, NULL);
	line_words(&line, ink, text);
	line_end(&line);
}

static void append_gone(GString *out, const RenderStyle *style, const Plan *plan)
{
	for (guint i = 0; i < plan->gone->len; i++) {
		g_autofree char *name = text_safe(g_ptr_array_index(plan->gone, i));
		g_autofree char *text = g_strdup_printf("%s is gone already.", name);

		append_line(out, style, INK_GOOD, text);
	}
}

/* As fits what was selected. */
static char *nobody_waits_text(const Plan *plan)
{
	const Snapshot *snapshot = wait_graph_snapshot(plan->graph);

	if (plan->only_waiter && plan->waiter != NO_SESSION) {
		g_autofree char *name = session_name_text(snapshot_session(snapshot, plan->waiter));
		return g_strdup_printf("%s waits for nobody: there is nothing to release.", name);
	}
	if (wait_graph_n_blocked(plan->graph) == 0)
		return g_strdup("Nobody waits for a lock: there is nothing to release.");
	if (plan->only_waits != NO_SESSION) {
		g_autofree char *name = session_name_text(snapshot_session(snapshot, plan->only_waits));
		return g_strdup_printf("%s only waits itself: nobody waits for it.", name);
	}
	return g_strdup("Nobody waits for what was selected: there is nothing to release.");
}

/* A key of another database, a name with a slip: what is waited for is worth a look then. */
static void append_other_waits(GString *out, const RenderStyle *style, const Plan *plan)
{
	guint n = wait_graph_n_blocked(plan->graph);
	g_autofree char *label = g_strdup_printf("%u wait%s for something else:", n, n == 1 ? "s" : "");
	g_autofree char *command =
	    command_text(style, "status", NULL, wait_graph_snapshot(plan->graph), NULL, 0, NULL);

	if (n > 0)
		summary_append_command(out, style, label, command);
}

static void append_release_of_what_it_waits_for(GString *out, const RenderStyle *style,
                                                const Plan *plan)
{
	g_autofree char *command = command_text(
	    style, "release", "--waiter", wait_graph_snapshot(plan->graph), &plan->only_waits, 1, NULL);

	summary_append_command(out, style, "To let it go on:", command);
}

static void append_empty(GString *out, const RenderStyle *style, const Plan *plan)
{
	g_autofree char *text = nobody_waits_text(plan);

	if (plan->gone->len > 0)
		return;
	if (plan->command != COMMAND_RELEASE || plan->n_waiting == 0) {
		append_line(out, style, INK_GOOD, text);
		if (plan->only_waits != NO_SESSION)
			append_release_of_what_it_waits_for(out, style, plan);
		else
			append_other_waits(out, style, plan);
	} else {
		append_line(out, style, INK_WARNING,
		            "Those who wait, wait for each other in a circle: the server's deadlock "
		            "detector ends one of them.");
	}
}

void render_plan_text(GString *out, const Plan *plan, const RenderStyle *style)
{
	const RenderStyle readable = line_readable_style(style);
	g_autofree char *what = what_it_does(plan);
	g_autofree char *head = g_strdup_printf("Plan: %c%s.", g_ascii_tolower(what[0]), what + 1);

	append_gone(out, &readable, plan);
	if (plan_n_items(plan) == 0) {
		append_empty(out, &readable, plan);
		return;
	}
	append_line(out, &readable, INK_STRONG, head);
	for (guint i = 0; i < plan_n_items(plan); i++)
		append_item(out, &readable, plan, i);
	for (guint i = 0; i < plan->alternatives->len; i++)
		append_alternative(out, &readable, plan,
		                   &g_array_index(plan->alternatives, PlanAlternative, i));
}

char *render_refusal(const Plan *plan, guint item, char **grant)
{
	const PlanItem *refused = plan_item(plan, item);
	const Snapshot *snapshot = wait_graph_snapshot(plan->graph);

	if (grant != NULL)
		*grant = NULL;
	if (refused->refusal == REFUSAL_NONE)
		return NULL;
	if (grant != NULL)
		*grant = refusal_grant(snapshot, refused->session, refused->refusal);
	return refusal_text(snapshot, refused->session, refused->refusal);
}
