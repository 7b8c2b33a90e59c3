#include "plan/plan_private.h"

/* Whether the session is no longer what it was chosen for, as far as the item's condition says. */
static gboolean went_on(const PlanItem *item, const Session *then, const Session *now)
{
	if (item->same_transaction &&
	    (then->state != now->state || then->xact_start != now->xact_start))
		return TRUE;
	return item->same_statement &&
	       (now->state != then->state || then->query_start != now->query_start);
}

GArray *plan_update(const Plan *shown, const WaitGraph *now)
{
	GArray *updates = g_array_new(FALSE, TRUE, sizeof(PlanUpdate));
	g_autoptr(GArray) hard_edges = planning_hard_edges(now);
	const Snapshot *snapshot = wait_graph_snapshot(now);
	g_autofree Concern *concerns = planning_concerns(now, NULL, NULL);
	const Planning planning = {
	    .graph = now, .snapshot = snapshot, .hard_edges = hard_edges, .concerns = concerns};

	for (guint i = 0; i < shown->items->len; i++) {
		const PlanItem *item = plan_item(shown, i);
		const Session *then = snapshot_session(wait_graph_snapshot(shown->graph), item->session);
		guint session = snapshot_find_same(snapshot, then);
		PlanUpdate update = {PLAN_SAME, 0};

		if (session == NO_SESSION) {
			update.change = PLAN_GONE;
		} else if (went_on(item, then, snapshot_session(snapshot, session))) {
			update.change = PLAN_WENT_ON;
		} else if (item->waiter != NO_SESSION) {
			gboolean inferred;
			guint waiter = planning_direct_waiter(&planning, session, &inferred);

			if (waiter != NO_SESSION)
				update.waiter_pid = snapshot_session(snapshot, waiter)->pid;
			else if (wait_graph_blocked_total(now, session) == 0)
				update.change = PLAN_WENT_ON;
		}
		g_array_append_val(updates, update);
	}
	return updates;
}
