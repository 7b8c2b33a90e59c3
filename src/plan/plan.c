#include "plan/plan.h"

#include "base/error.h"
#include "base/pattern.h"
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

/* Whether somebody outside the session's group waits for what this lock is on, in conflict with it.
 * A request that waits itself holds up those behind it in the queue. */
static gboolean others_wait_for(const WaitGraph *graph, const Lock *lock, guint leader)
{
	const LockQueue *queue = lock_queues_find(wait_graph_queues(graph), &lock->tag);
	gboolean ahead = lock->granted;

	for (guint i = 0; queue && i < queue->n_waiters; i++) {
		const QueueWaiter *waiter = &queue->waiters[i];

		if (waiter->leader == leader)
			ahead = ahead || waiter->mode == lock->mode;
		else if (ahead && (lock_mode_conflicts(waiter->mode) & LOCK_MODE_SET(lock->mode)))
			return TRUE;
	}
	return FALSE;
}

/* Its own ids: nobody is kept from anything by them but those who wait for its end. */
static gboolean is_own_id(const Lock *lock)
{
	return lock->tag.type == LOCK_TYPE_VIRTUALXID || lock->tag.type == LOCK_TYPE_TRANSACTIONID;
}

static GArray *locks_to_free(const Planning *planning, guint leader)
{
	GArray *locks = g_array_new(FALSE, FALSE, sizeof(Lock));
	gboolean blocks = wait_graph_blocked_total(planning->graph, leader) > 0;

	for (guint session = 0; session < snapshot_n_sessions(planning->snapshot); session++) {
		guint n;
		const Lock *own;

		if (snapshot_session(planning->snapshot, session)->leader != leader)
			continue;
		own = snapshot_session_locks(planning->snapshot, session, &n);
		for (guint i = 0; i < n; i++)
			if (blocks ? others_wait_for(planning->graph, &own[i], leader) : !is_own_id(&own[i]))
				g_array_append_val(locks, own[i]);
	}
	return locks;
}

PlanItem *planning_add_item(const Planning *planning, guint session, Act act, ActReason reason)
{
	gboolean is_active =
	    snapshot_session(planning->snapshot, session)->state == SESSION_STATE_ACTIVE;
	PlanItem item = {
	    .session = session,
	    .act = act,
	    .reason = reason,
	    .refusal =
	        act_refusal(planning->snapshot, session, act, planning->selection->include_protected),
	    .frees = wait_graph_freed_alone(planning->graph, session),
	    .same_statement = act == ACT_CANCEL && is_active,
	    .waiter = NO_SESSION,
	    .locks = locks_to_free(planning, session),
	};

	g_array_append_val(planning->plan->items, item);
	return &g_array_index(planning->plan->items, PlanItem, planning->plan->items->len - 1);
}

static int compare_edges(gconstpointer a, gconstpointer b, gpointer data)
{
	const WaitEdge *x = a, *y = b;
	gint64 waited_x, waited_y;

	if (x->blocker != y->blocker)
		return x->blocker < y->blocker ? -1 : 1;
	waited_x = wait_graph_waited(data, x->waiter);
	waited_y = wait_graph_waited(data, y->waiter);
	return (waited_x < waited_y) - (waited_x > waited_y);
}

static GArray *collect_hard_edges(const WaitGraph *graph)
{
	GArray *edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));
	guint n;
	const guint *participants = wait_graph_participants(graph, &n);

	for (guint i = 0; i < n; i++)
		wait_graph_append_edges(graph, participants[i], EDGES_HARD, edges);
	g_array_sort_with_data(edges, compare_edges, (gpointer) (gsize) graph);
	return edges;
}

guint planning_direct_waiter(const Planning *planning, guint blocker, const TableSet *tables,
                             gboolean *inferred)
{
	const GArray *edges = planning->hard_edges;
	guint first = 0, end = edges->len;
	guint found = NO_SESSION;

	while (first < end) {
		guint middle = first + (end - first) / 2;

		if (g_array_index(edges, WaitEdge, middle).blocker < blocker)
			first = middle + 1;
		else
			end = middle;
	}
	*inferred = FALSE;
	for (; first < edges->len; first++) {
		const WaitEdge *edge = &g_array_index(edges, WaitEdge, first);
		Concern concern;

		if (edge->blocker != blocker)
			break;
		concern = tables ? wait_concerns_tables(planning->graph, edge->waiter, tables)
		                 : CONCERNS_DIRECTLY;
		if (concern == CONCERNS_DIRECTLY) {
			*inferred = FALSE;
			return edge->waiter;
		}
		if (concern == CONCERNS_INFERRED && found == NO_SESSION) {
			found = edge->waiter;
			*inferred = TRUE;
		}
	}
	return found;
}

gboolean planning_session_matches(const Planning *planning, guint index)
{
	const Selection *selection = planning->selection;
	const Session *session = snapshot_session(planning->snapshot, index);

	if (selection->user) {
		const char *user = names_role(snapshot_names(planning->snapshot), session->user);

		if (!user || !glob_matches(selection->user, user, FALSE))
			return FALSE;
	}
	if (selection->application &&
	    (!session->application_name ||
	     !glob_matches(selection->application, session->application_name, FALSE)))
		return FALSE;
	if (selection->idle_in_transaction) {
		gint64 now = snapshot_taken_at(planning->snapshot);

		if (session->state != SESSION_STATE_IDLE_IN_TRANSACTION &&
		    session->state != SESSION_STATE_IDLE_IN_TRANSACTION_ABORTED)
			return FALSE;
		if (timestamp_age(now, session->state_change) < selection->idle_for_us)
			return FALSE;
	}
	return TRUE;
}

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
		blocking = others_wait_for(planning->graph, &locks[i],
		                           snapshot_session(planning->snapshot, index)->leader);
		if (selection->all_holders ? !selection->tables && !is_own_id(&locks[i]) : blocking)
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

/* cancel and terminate by filters: granted holders that block somebody, never waiters. */
static gboolean plan_selected(const Planning *planning, GError **error)
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
	g_autoptr(GArray) hard_edges = collect_hard_edges(graph);
	Planning planning = {plan, graph, wait_graph_snapshot(graph), selection, hard_edges};
	gboolean ok;

	if (selection->sessions && selection->sessions->len > 0)
		ok = plan_named(&planning, error);
	else if (selection->command == COMMAND_RELEASE)
		ok = planning_release(&planning, error);
	else
		ok = plan_selected(&planning, error);
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
	g_autoptr(GArray) hard_edges = collect_hard_edges(now);
	const Snapshot *snapshot = wait_graph_snapshot(now);
	Planning planning = {NULL, now, snapshot, NULL, hard_edges};

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
			guint waiter = planning_direct_waiter(&planning, session, NULL, &inferred);

			if (waiter != NO_SESSION)
				update.waiter_pid = snapshot_session(snapshot, waiter)->pid;
			else if (wait_graph_blocked_total(now, session) == 0)
				update.change = PLAN_WENT_ON;
		}
		g_array_append_val(updates, update);
	}
	return updates;
}
