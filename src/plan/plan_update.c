#include "plan/plan_private.h"

/* Whether the session is no longer what it was chosen for, as far as the item's condition says. */
static gboolean went_on(const PlanItem *item, const Session *then, const Session *now)
{
	/* Lost from sight, since our role lost a privilege: the signal will be refused for it. */
	if (now->hidden)
		return FALSE;
	if (item->same_transaction &&
	    (then->state != now->state || then->xact_start != now->xact_start))
		return TRUE;
	return item->same_statement &&
	       (now->state != then->state || then->query_start != now->query_start);
}

static gboolean blocks_any_wanted(const Planning *planning, guint session)
{
	g_autoptr(GArray) behind = wait_graph_behind(planning->graph, &session, 1);

	for (guint i = 0; i < behind->len; i++)
		if (planning->concerns[g_array_index(behind, guint, i)] != CONCERNS_NOT)
			return TRUE;
	return FALSE;
}

/* Somebody that it still keeps in the way for which it was chosen: by its request, or by what it
 * holds. A queued request that was granted meanwhile is none any more. */
static guint waiter_of_now(const Planning *planning, const PlanItem *item, guint session)
{
	gboolean inferred;

	if (!blocks_any_wanted(planning, session))
		return NO_SESSION;
	if (item->by_request)
		return planning_waiter_behind(planning, session);
	return planning_direct_waiter(planning, session, &inferred);
}

static gboolean still_holds(const Snapshot *now, guint session, const Lock *held)
{
	guint n_locks;
	const Lock *locks = snapshot_session_locks(now, session, &n_locks);

	for (guint i = 0; i < n_locks; i++)
		if (locks[i].granted && lock_tag_equal(&locks[i].tag, &held->tag))
			return TRUE;
	return FALSE;
}

static PlanUpdate update_item(const Plan *shown, const PlanItem *item, const Planning *planning)
{
	const Session *then = snapshot_session(wait_graph_snapshot(shown->graph), item->session);
	guint session = snapshot_find_same(planning->snapshot, then);
	guint waiter;

	if (session == NO_SESSION)
		return (PlanUpdate){PLAN_GONE, 0};
	if (went_on(item, then, snapshot_session(planning->snapshot, session)))
		return (PlanUpdate){PLAN_WENT_ON, 0};
	if (item->held && !still_holds(planning->snapshot, session, item->held))
		return (PlanUpdate){PLAN_WENT_ON, 0};
	if (item->waiter == NO_SESSION)
		return (PlanUpdate){PLAN_SAME, 0};
	waiter = waiter_of_now(planning, item, session);
	if (waiter == NO_SESSION)
		return (PlanUpdate){PLAN_WENT_ON, 0};
	return (PlanUpdate){PLAN_SAME, plan_waiter_pid(planning->snapshot, waiter)};
}

/* The waits that the shown plan was about, as they are now. */
static Concern *concerns_of_now(const Plan *shown, const WaitGraph *now)
{
	guint only = NO_SESSION;

	if (shown->only_waiter && shown->waiter != NO_SESSION)
		only =
		    snapshot_find_same(wait_graph_snapshot(now),
		                       snapshot_session(wait_graph_snapshot(shown->graph), shown->waiter));
	return planning_concerns(now, &shown->subject, shown->only_waiter ? &only : NULL);
}

GArray *plan_update(const Plan *shown, const WaitGraph *now)
{
	GArray *updates = g_array_new(FALSE, TRUE, sizeof(PlanUpdate));
	g_autoptr(GArray) hard_edges = planning_hard_edges(now);
	g_autofree Concern *concerns = concerns_of_now(shown, now);
	const Planning planning = {
	    .graph = now,
	    .snapshot = wait_graph_snapshot(now),
	    .hard_edges = hard_edges,
	    .concerns = concerns,
	};

	for (guint i = 0; i < shown->items->len; i++) {
		PlanUpdate update = update_item(shown, plan_item(shown, i), &planning);

		g_array_append_val(updates, update);
	}
	return updates;
}
