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
	plan->waiter = plan->only_waits = NO_SESSION;
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

gint32 plan_waiter_pid(const Snapshot *snapshot, guint waiter)
{
	const Session *session;

	if (waiter == NO_SESSION)
		return 0;
	session = snapshot_session(snapshot, waiter);
	return session->type == BACKEND_TYPE_STARTUP ? 0 : session->pid;
}

/* Finds who is meant, the leader in place of a worker: a parallel query goes on or fails as a
 * whole, and its leader is who can be acted on. NO_SESSION for one named exactly that is there no
 * more. */
static gboolean find_named(const Planning *planning, const SessionRef *ref, guint *leader,
                           GError **error)
{
	const Snapshot *snapshot = planning->snapshot;
	guint found = snapshot_find(snapshot, ref);
	guint by_pid = ref->pid ? snapshot_find_pid(snapshot, ref->pid) : NO_SESSION;

	/* With its backend_start hidden we can't tell whether it is the one that is meant. */
	if (found == NO_SESSION && by_pid != NO_SESSION &&
	    snapshot_session(snapshot, by_pid)->backend_start == TIMESTAMP_NONE)
		found = by_pid;
	*leader = NO_SESSION;
	if (found != NO_SESSION) {
		*leader = snapshot_session(snapshot, found)->leader;
	} else if (ref->backend_start_second >= 0) {
		g_ptr_array_add(planning->plan->gone, g_strdup(ref->text));
	} else {
		error_set(error, PGUNLOCK_ERROR_NOT_FOUND,
		          session_ref_is_prepared(ref) ? "there is no prepared transaction \"%s\""
		                                       : "there is no session %s",
		          ref->gid ? ref->gid : ref->text);
		error_set_hint(error, "\"pgunlock tree\" shows who blocks whom, \"pgunlock locks\" who "
		                      "holds what");
		return FALSE;
	}
	return TRUE;
}

gboolean plan_only_waits(const WaitGraph *graph, guint session)
{
	return wait_graph_wait(graph, session, NULL) != NULL &&
	       wait_graph_freed_alone(graph, session) == 0;
}

/* Somebody whom the session keeps: by what it holds, else by its own waiting request. */
static void bind_to_waiter(const Planning *planning, guint leader, PlanItem *item)
{
	gboolean inferred;

	item->waiter = planning_direct_waiter(planning, leader, &inferred);
	if (item->waiter != NO_SESSION)
		return;
	item->waiter = planning_waiter_behind(planning, leader);
	item->by_request = item->waiter != NO_SESSION;
}

static void release_named(const Planning *planning, guint leader)
{
	const Session *session = snapshot_session(planning->snapshot, leader);
	ActReason reason;
	Act act = act_to_free(session, &reason);
	PlanItem *item;

	item = planning_add_item(planning, leader, act, reason);
	if (act == ACT_ROLLBACK_PREPARED && item->refusal == REFUSAL_NONE &&
	    !planning->selection->rollback_prepared)
		item->refusal = REFUSAL_PREPARED;
	item->same_transaction = act != ACT_ROLLBACK_PREPARED;
	bind_to_waiter(planning, leader, item);
	if (item->by_request)
		item->reason = REASON_QUEUED_REQUEST;
	else if (planning_is_concurrent_ddl(planning->graph, leader))
		item->reason = REASON_CONCURRENT_DDL;
}

static void bind_to_what_was_seen(const Planning *planning, guint leader, PlanItem *item)
{
	if (!planning->selection->as_seen)
		return;
	item->same_transaction = !item->same_statement;
	bind_to_waiter(planning, leader, item);
}

/* What is right for one named session. */
static void plan_named_session(const Planning *planning, guint leader)
{
	Act prepared_act = planning->selection->prepared_act;
	PlanItem *item;

	if (planning->plan->command == COMMAND_CANCEL) {
		item = planning_add_item(planning, leader, ACT_CANCEL, REASON_REQUESTED);
		/* Some run something without being active: a function call of the fast path, a worker of
		 * an extension. */
		item->same_transaction = !item->same_statement;
		bind_to_what_was_seen(planning, leader, item);
	} else if (planning->plan->command == COMMAND_TERMINATE) {
		item = planning_add_item(planning, leader, ACT_TERMINATE, REASON_REQUESTED);
		bind_to_what_was_seen(planning, leader, item);
	} else if (prepared_act != ACT_NONE) {
		planning_add_item(planning, leader, prepared_act, REASON_PREPARED);
	} else if (wait_graph_blocked_total(planning->graph, leader) > 0) {
		release_named(planning, leader);
	} else if (plan_only_waits(planning->graph, leader)) {
		planning->plan->only_waits = leader;
	}
}

/* How many are behind any of the items. */
static guint count_waiting(const Plan *plan)
{
	g_autofree gboolean *seen =
	    g_new0(gboolean, snapshot_n_sessions(wait_graph_snapshot(plan->graph)) + 1);
	guint n = 0;

	for (guint i = 0; i < plan->items->len; i++) {
		g_autoptr(GArray) behind = wait_graph_behind(plan->graph, &plan_item(plan, i)->session, 1);

		for (guint j = 0; j < behind->len; j++) {
			gboolean *counted = &seen[g_array_index(behind, guint, j)];

			n += !*counted;
			*counted = TRUE;
		}
	}
	return n;
}

/* Whoever names a session in the middle of a queue means what holds it up: its own end is a loss
 * that frees nobody. */
static gboolean check_for_victims(const Planning *planning, GError **error)
{
	const Plan *plan = planning->plan;
	g_autoptr(GArray) sessions = g_array_new(FALSE, FALSE, sizeof(guint));
	guint victim = NO_SESSION;

	for (guint i = 0; i < plan->items->len; i++) {
		guint session = plan_item(plan, i)->session;

		g_array_append_val(sessions, session);
		if (plan_only_waits(plan->graph, session))
			victim = session;
	}
	if (victim == NO_SESSION)
		return TRUE;
	g_autoptr(GArray) freed =
	    wait_graph_freed_by(plan->graph, (const guint *) (gpointer) sessions->data, sessions->len);

	if (freed->len > 0)
		return TRUE;
	g_autofree char *name = session_exact_name(snapshot_session(planning->snapshot, victim));

	error_set(error, PGUNLOCK_ERROR_REFUSED, "%s waits itself: nobody goes on when it ends", name);
	error_set_hint(error, "\"pgunlock release --waiter %s\" ends what it waits for", name);
	return FALSE;
}

static gboolean plan_named(const Planning *planning, GError **error)
{
	g_autoptr(GHashTable) planned = g_hash_table_new(NULL, NULL);

	for (guint i = 0; i < planning->selection->sessions->len; i++) {
		guint leader;

		if (!find_named(planning, g_ptr_array_index(planning->selection->sessions, i), &leader,
		                error))
			return FALSE;
		if (leader != NO_SESSION && g_hash_table_add(planned, GUINT_TO_POINTER(leader + 1)))
			plan_named_session(planning, leader);
	}
	planning->plan->n_waiting = count_waiting(planning->plan);
	return planning->plan->command != COMMAND_RELEASE ||
	       planning->selection->prepared_act != ACT_NONE || check_for_victims(planning, error);
}

/* For --waiter. */
static gboolean find_waiter(const Planning *planning, GError **error)
{
	const SessionRef *ref = planning->selection->waiter;
	Plan *plan = planning->plan;

	if (!ref)
		return TRUE;
	if (!find_named(planning, ref, &plan->waiter, error))
		return FALSE;
	if (plan->waiter != NO_SESSION && ref->backend_start_second >= 0 &&
	    snapshot_session(planning->snapshot, plan->waiter)->backend_start == TIMESTAMP_NONE) {
		error_set(error, PGUNLOCK_ERROR_REFUSED,
		          "whether session %d is still %s can't be seen without pg_read_all_stats",
		          ref->pid, ref->text);
		error_set_hint(error, "--waiter %d means whoever has that pid now", ref->pid);
		return FALSE;
	}
	plan->only_waiter = TRUE;
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

static gboolean plan_filtered(Planning *planning, GError **error)
{
	Plan *plan = planning->plan;

	plan->subject = selection_subject(planning->selection);
	if (!find_waiter(planning, error))
		return FALSE;
	g_free(planning->concerns);
	planning->concerns = planning_concerns(planning->graph, &plan->subject,
	                                       plan->only_waiter ? &plan->waiter : NULL);
	return plan->command == COMMAND_RELEASE ? planning_release(planning, error)
	                                        : planning_select(planning, error);
}

static gboolean check_max(const Plan *plan, guint max, GError **error)
{
	guint n_acts = plan_n_acts(plan);

	if (max == 0 || n_acts <= max)
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_REFUSED, "the plan would end %u sessions, more than --max %u",
	          n_acts, max);
	error_set_hint(error, "narrow the selection, or allow it with --max %u", n_acts);
	return FALSE;
}

Plan *plan_new(const WaitGraph *graph, const Selection *selection, GError **error)
{
	g_autoptr(Plan) plan = plan_empty(graph, selection->command);
	g_autoptr(GArray) hard_edges = planning_hard_edges(graph);
	g_autoptr(RowVerdicts) row_verdicts =
	    selection->rows && selection->all_holders ? row_verdicts_new(selection->rows, graph) : NULL;
	Planning planning = {
	    .plan = plan,
	    .graph = graph,
	    .snapshot = wait_graph_snapshot(graph),
	    .selection = selection,
	    .hard_edges = hard_edges,
	    .concerns = planning_concerns(graph, &plan->subject, NULL),
	    .row_verdicts = row_verdicts,
	};
	gboolean ok;

	if (selection->sessions && selection->sessions->len > 0)
		ok = plan_named(&planning, error);
	else
		ok = plan_filtered(&planning, error);
	if (ok)
		planning_group(&planning);
	g_free(planning.concerns);
	if (!ok || !check_max(plan, selection->max, error))
		return NULL;
	work_out_freed(plan);
	return g_steal_pointer(&plan);
}
