#include "plan/plan.h"

#include "base/error.h"
#include "base/timestamp.h"
#include "plan/plan_private.h"

static void clear_item(gpointer data)
{
	g_array_unref(((PlanItem *) data)->locks);
}

static void clear_alternative(gpointer data)
{
	g_free(((PlanAlternative *) data)->sessions);
}

static Plan *plan_empty(const WaitGraph *graph, PlanCommand command)
{
	Plan *plan = g_new0(Plan, 1);

	plan->graph = graph;
	plan->command = command;
	plan->items = g_array_new(FALSE, TRUE, sizeof(PlanItem));
	g_array_set_clear_func(plan->items, clear_item);
	plan->alternatives = g_array_new(FALSE, TRUE, sizeof(PlanAlternative));
	g_array_set_clear_func(plan->alternatives, clear_alternative);
	plan->gone = g_ptr_array_new_with_free_func(g_free);
	return plan;
}

void plan_free(Plan *plan)
{
	if (!plan)
		return;
	g_array_unref(plan->items);
	g_array_unref(plan->alternatives);
	g_ptr_array_unref(plan->gone);
	g_clear_pointer(&plan->freed, g_array_unref);
	g_free(plan);
}

guint plan_n_items(const Plan *plan)
{
	return plan->items->len;
}

const PlanItem *plan_item(const Plan *plan, guint index)
{
	g_return_val_if_fail(index < plan->items->len, NULL);
	return &g_array_index(plan->items, PlanItem, index);
}

guint plan_n_acts(const Plan *plan)
{
	guint n = 0;

	for (guint i = 0; i < plan->items->len; i++)
		n += plan_item(plan, i)->refusal == REFUSAL_NONE;
	return n;
}

/* What is right for one named session. */
static void plan_named_session(const Planning *planning, guint index)
{
	const Selection *selection = planning->selection;
	/* The leader of a parallel query goes on or fails with its workers; it is who can be acted on.
	 */
	guint leader = snapshot_session(planning->snapshot, index)->leader;
	const Session *session = snapshot_session(planning->snapshot, leader);
	gboolean inferred;
	PlanItem *item;

	if (planning->plan->command == COMMAND_CANCEL) {
		item = planning_add_item(planning, leader, ACT_CANCEL, REASON_REQUESTED);
		/* Some run something without being active: a function call of the fast path, a worker of
		 * an extension. */
		item->same_transaction = !item->same_statement;
	} else if (planning->plan->command == COMMAND_TERMINATE) {
		planning_add_item(planning, leader, ACT_TERMINATE, REASON_REQUESTED);
	} else if (selection->prepared_act != ACT_NONE) {
		planning_add_item(planning, leader, selection->prepared_act, REASON_PREPARED);
	} else if (wait_graph_blocked_total(planning->graph, leader) > 0) {
		ActReason reason;
		Act act = act_to_free(session, &reason);

		if (wait_graph_wait(planning->graph, leader, NULL))
			reason = REASON_QUEUED_REQUEST;
		item = planning_add_item(planning, leader, act, reason);
		if (act == ACT_ROLLBACK_PREPARED && !selection->rollback_prepared)
			item->refusal = REFUSAL_PREPARED;
		item->same_transaction = act != ACT_ROLLBACK_PREPARED;
		item->waiter = planning_direct_waiter(planning, leader, NULL, &inferred);
		planning->plan->n_waiting += wait_graph_blocked_total(planning->graph, leader);
	}
}

static gboolean plan_named(const Planning *planning, GError **error)
{
	g_autoptr(GHashTable) planned = g_hash_table_new(NULL, NULL);

	for (guint i = 0; i < planning->selection->sessions->len; i++) {
		const SessionRef *ref = g_ptr_array_index(planning->selection->sessions, i);
		guint index = snapshot_find(planning->snapshot, ref);
		guint by_pid = ref->pid ? snapshot_find_pid(planning->snapshot, ref->pid) : NO_SESSION;

		/* With its backend_start hidden we can't tell whether it is the one that is meant: the plan
		 * says so. */
		if (index == NO_SESSION && by_pid != NO_SESSION &&
		    snapshot_session(planning->snapshot, by_pid)->backend_start == TIMESTAMP_NONE)
			index = by_pid;
		if (index != NO_SESSION) {
			guint leader = snapshot_session(planning->snapshot, index)->leader;

			if (g_hash_table_add(planned, GUINT_TO_POINTER(leader + 1)))
				plan_named_session(planning, index);
		} else if (ref->backend_start_second >= 0) {
			g_ptr_array_add(planning->plan->gone, g_strdup(ref->text));
		} else {
			error_set(error, PGUNLOCK_ERROR_NOT_FOUND,
			          ref->gid ? "there is no prepared transaction \"%s\""
			                   : "there is no session %s",
			          ref->gid ? ref->gid : ref->text);
			error_set_hint(error, "\"pgunlock tree\" shows who blocks whom, \"pgunlock locks\" who "
			                      "holds what");
			return FALSE;
		}
	}
	return TRUE;
}

static void work_out_freed(Plan *plan)
{
	g_autoptr(GArray) sessions = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i < plan->items->len; i++)
		if (plan_item(plan, i)->refusal == REFUSAL_NONE)
			g_array_append_val(sessions, plan_item(plan, i)->session);
	plan->freed =
	    wait_graph_freed_by(plan->graph, (const guint *) (gpointer) sessions->data, sessions->len);
}

Plan *plan_new(const WaitGraph *graph, const Selection *selection, GError **error)
{
	g_autoptr(Plan) plan = plan_empty(graph, selection->command);
	g_autoptr(GArray) hard_edges = planning_hard_edges(graph);
	Planning planning = {plan, graph, wait_graph_snapshot(graph), selection, hard_edges};
	gboolean ok;

	if (selection->sessions && selection->sessions->len > 0)
		ok = plan_named(&planning, error);
	else if (selection->command == COMMAND_RELEASE)
		ok = planning_release(&planning, error);
	else
		ok = planning_select(&planning, error);
	if (!ok)
		return NULL;
	if (selection->max && plan_n_acts(plan) > selection->max) {
		error_set(error, PGUNLOCK_ERROR_REFUSED,
		          "the plan would end %u sessions, more than --max %u", plan_n_acts(plan),
		          selection->max);
		error_set_hint(error, "narrow the selection, or allow it with --max %u", plan_n_acts(plan));
		return NULL;
	}
	work_out_freed(plan);
	return g_steal_pointer(&plan);
}
