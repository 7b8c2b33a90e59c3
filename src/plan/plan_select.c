#include "plan/plan_private.h"

#include "base/error.h"

/* Whether it holds a lock that passes --table and --mode. Without a table its own ids don't count,
 * unless they are what others wait for. */
static gboolean holds_matching(const Planning *planning, guint index)
{
	const Selection *selection = planning->selection;
	LockModeSet modes = selection->modes ? selection->modes : LOCK_MODE_SET_ALL;
	guint n;
	const Lock *locks = snapshot_session_locks(planning->snapshot, index, &n);

	for (guint i = 0; i < n; i++) {
		gboolean blocking;

		if (!locks[i].granted || !(modes & LOCK_MODE_SET(locks[i].mode)))
			continue;
		if (selection->tables &&
		    table_set_contains(selection->tables, locks[i].tag.database, locks[i].tag.relation))
			return TRUE;
		blocking = planning_others_wait_for(planning, &locks[i],
		                                    snapshot_session(planning->snapshot, index)->leader);
		if (selection->all_holders ? !selection->tables && !planning_is_own_id(&locks[i])
		                           : blocking)
			return TRUE;
	}
	return FALSE;
}

static gboolean is_selected(const Planning *planning, guint index, guint *waiter,
                            gboolean *inferred)
{
	const Selection *selection = planning->selection;
	const Session *session = snapshot_session(planning->snapshot, index);

	*waiter = NO_SESSION;
	*inferred = FALSE;
	if (session->leader != index || session->is_self ||
	    wait_graph_wait(planning->graph, index, NULL))
		return FALSE;
	if (selection->blocking && !wait_graph_is_root(planning->graph, index))
		return FALSE;
	if (!selection->all_holders) {
		*waiter = planning_direct_waiter(planning, index, selection->tables, inferred);
		if (*waiter == NO_SESSION)
			return FALSE;
	}
	return holds_matching(planning, index) && planning_session_matches(planning, index);
}

static int compare_worst_first(gconstpointer a, gconstpointer b, gpointer data)
{
	const PlanItem *x = a, *y = b;
	guint total_x = wait_graph_blocked_total(data, x->session);
	guint total_y = wait_graph_blocked_total(data, y->session);

	return (total_x < total_y) - (total_x > total_y);
}

gboolean planning_select(const Planning *planning, GError **error)
{
	Plan *plan = planning->plan;
	Act act = plan->command == COMMAND_CANCEL ? ACT_CANCEL : ACT_TERMINATE;

	for (guint i = 0; i < snapshot_n_sessions(planning->snapshot); i++) {
		guint waiter;
		gboolean inferred;
		PlanItem *item;
		gboolean prepared = snapshot_session(planning->snapshot, i)->kind == SESSION_KIND_PREPARED;

		if (!is_selected(planning, i, &waiter, &inferred))
			continue;
		item = planning_add_item(
		    planning, i,
		    prepared && planning->selection->rollback_prepared ? ACT_ROLLBACK_PREPARED : act,
		    prepared ? REASON_PREPARED : REASON_REQUESTED);
		item->same_transaction = TRUE;
		item->waiter = waiter;
		item->inferred = inferred;
	}
	g_array_sort_with_data(plan->items, compare_worst_first, (gpointer) (gsize) planning->graph);
	if (plan->items->len == 0) {
		error_set(error, PGUNLOCK_ERROR_NOT_FOUND, "no session matched");
		error_set_hint(error, "%s",
		               planning->selection->all_holders
		                   ? "waiters are never selected; \"pgunlock locks\" shows who holds what"
		                   : "only holders that block somebody are selected, never waiters; "
		                     "--all-holders widens to holders that block nobody");
		return FALSE;
	}
	return TRUE;
}
