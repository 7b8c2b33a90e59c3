#include "plan/plan_private.h"

/* Co-holders: roots that keep the same waiters. Ending one of them only leaves the waiter to the
 * others. */

static guint find_first(guint *joined, guint i)
{
	while (joined[i] != i)
		i = joined[i] = joined[joined[i]];
	return i;
}

guint *planning_join(const WaitGraph *graph, const guint *sessions, guint n)
{
	guint *joined = g_new0(guint, n + 1);
	g_autofree guint *first = g_new0(guint, snapshot_n_sessions(wait_graph_snapshot(graph)) + 1);

	for (guint i = 0; i < n; i++) {
		g_autoptr(GArray) behind = NULL;

		joined[i] = i;
		if (!wait_graph_is_root(graph, sessions[i]))
			continue;
		behind = wait_graph_behind(graph, &sessions[i], 1);
		for (guint j = 0; j < behind->len; j++) {
			guint waiter = g_array_index(behind, guint, j);
			guint a = find_first(joined, i), b;

			if (first[waiter] == 0)
				first[waiter] = i + 1;
			b = find_first(joined, first[waiter] - 1);
			joined[MAX(a, b)] = MIN(a, b);
		}
	}
	for (guint i = 0; i < n; i++)
		joined[i] = find_first(joined, i);
	return joined;
}

static PlanItem *item_at(const Plan *plan, guint index)
{
	return &g_array_index(plan->items, PlanItem, index);
}

/* Whom those of the items that aren't refused free together: of all, or of those joined with first.
 */
static GArray *freed_by(const Plan *plan, const guint *joined, guint first)
{
	g_autoptr(GArray) sessions = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i < plan->items->len; i++)
		if (item_at(plan, i)->refusal == REFUSAL_NONE && (!joined || joined[i] == first))
			g_array_append_val(sessions, item_at(plan, i)->session);
	return wait_graph_freed_by(plan->graph, (const guint *) (gpointer) sessions->data,
	                           sessions->len);
}

/* Whether one of the freed (ascending) is behind the session, and its wait is one that is meant. */
static gboolean helps(const Planning *planning, guint session, const GArray *freed)
{
	g_autoptr(GArray) behind = wait_graph_behind(planning->graph, &session, 1);
	guint j = 0;

	for (guint i = 0; i < behind->len; i++) {
		guint waiter = g_array_index(behind, guint, i);

		while (j < freed->len && g_array_index(freed, guint, j) < waiter)
			j++;
		if (j < freed->len && g_array_index(freed, guint, j) == waiter &&
		    planning->concerns[waiter] != CONCERNS_NOT)
			return TRUE;
	}
	return FALSE;
}

static gboolean any_refused(const Plan *plan, const guint *joined, guint first)
{
	for (guint i = 0; i < plan->items->len; i++)
		if (joined[i] == first && item_at(plan, i)->refusal != REFUSAL_NONE)
			return TRUE;
	return FALSE;
}

/* All of a waiter's blockers or none: when one isn't ended, those that would be ended for nothing
 * aren't either. Whoever was named alone is ended all the same. */
static void refuse_companions(const Planning *planning, const guint *joined)
{
	const Plan *plan = planning->plan;
	gboolean is_named = planning->selection->sessions && planning->selection->sessions->len > 0;
	g_autoptr(GArray) freed = freed_by(plan, NULL, 0);

	for (guint i = 0; i < plan->items->len; i++) {
		PlanItem *item = item_at(plan, i);

		if (item->refusal != REFUSAL_NONE || !wait_graph_is_root(planning->graph, item->session) ||
		    (is_named && !any_refused(plan, joined, joined[i])))
			continue;
		if (!helps(planning, item->session, freed))
			item->refusal = REFUSAL_COMPANION;
	}
}

/* A group of which nobody comes free is none, unless a refusal is the reason: others that aren't in
 * the plan hold it, too. */
static void number_groups(const Plan *plan, const guint *joined)
{
	g_autofree guint *n_members = g_new0(guint, plan->items->len + 1);
	guint n_groups = 0;

	for (guint i = 0; i < plan->items->len; i++)
		n_members[joined[i]]++;
	for (guint first = 0; first < plan->items->len; first++) {
		g_autoptr(GArray) freed = NULL;

		if (n_members[first] < 2)
			continue;
		freed = freed_by(plan, joined, first);
		if (freed->len == 0 && !any_refused(plan, joined, first))
			continue;
		n_groups++;
		for (guint i = first; i < plan->items->len; i++)
			if (joined[i] == first) {
				item_at(plan, i)->group = n_groups;
				item_at(plan, i)->group_frees = freed->len;
			}
	}
}

void planning_group(const Planning *planning)
{
	const Plan *plan = planning->plan;
	g_autoptr(GArray) sessions = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autofree guint *joined = NULL;

	for (guint i = 0; i < plan->items->len; i++)
		g_array_append_val(sessions, item_at(plan, i)->session);
	joined =
	    planning_join(planning->graph, (const guint *) (gpointer) sessions->data, sessions->len);
	if (plan->command == COMMAND_RELEASE && planning->selection->prepared_act == ACT_NONE)
		refuse_companions(planning, joined);
	number_groups(plan, joined);
}
