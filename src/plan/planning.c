#include "plan/plan_private.h"

#include "base/pattern.h"
#include "base/timestamp.h"
#include "model/row_verdicts.h"

static void narrow_to_rows(Concern *concerns, const RowVerdicts *verdicts, guint n_rows,
                           guint n_sessions)
{
	g_autofree Concern *by_row = g_new0(Concern, n_sessions + 1);

	for (guint i = 0; i < n_rows; i++) {
		const GArray *waiters = row_verdicts_get(verdicts, i)->waiters;

		for (guint j = 0; j < waiters->len; j++) {
			const RowWaiter *waiter = &g_array_index(waiters, RowWaiter, j);

			if (!waiter->is_inferred)
				by_row[waiter->session] = CONCERNS_DIRECTLY;
			else if (by_row[waiter->session] == CONCERNS_NOT)
				by_row[waiter->session] = CONCERNS_INFERRED;
		}
	}
	for (guint i = 0; i < n_sessions; i++)
		if (concerns[i] != CONCERNS_NOT && by_row[i] != CONCERNS_DIRECTLY)
			concerns[i] = by_row[i];
}

Concern *planning_concerns(const WaitGraph *graph, const Subject *subject, const guint *only)
{
	Concern *concerns = g_new0(Concern, snapshot_n_sessions(wait_graph_snapshot(graph)) + 1);
	guint n;
	const guint *participants = wait_graph_participants(graph, &n);

	for (guint i = 0; i < n; i++) {
		guint session = participants[i];

		if (!wait_graph_wait(graph, session, NULL) || (only && *only != session))
			continue;
		concerns[session] = wait_concerns(graph, session, subject);
	}
	if (subject->rows) {
		g_autoptr(RowVerdicts) verdicts = row_verdicts_new(subject->rows, graph);

		narrow_to_rows(concerns, verdicts, row_set_n(subject->rows),
		               snapshot_n_sessions(wait_graph_snapshot(graph)));
	}
	return concerns;
}

gboolean planning_others_wait_for(const Planning *planning, const Lock *lock, guint leader,
                                  gboolean only_concerned)
{
	const LockQueue *queue = lock_queues_find(wait_graph_queues(planning->graph), &lock->tag);
	gboolean ahead = lock->granted;

	for (guint i = 0; queue && i < queue->n_waiters; i++) {
		const QueueWaiter *waiter = &queue->waiters[i];

		if (waiter->leader == leader)
			ahead = ahead || waiter->mode == lock->mode;
		else if (ahead && (lock_mode_conflicts(waiter->mode) & LOCK_MODE_SET(lock->mode)) &&
		         (!only_concerned || planning->concerns[waiter->leader] != CONCERNS_NOT))
			return TRUE;
	}
	return FALSE;
}

gboolean planning_is_concurrent_ddl(const WaitGraph *graph, guint session)
{
	const LockQueue *queue;

	return wait_graph_wait(graph, session, &queue) != NULL &&
	       queue->tag.type == LOCK_TYPE_VIRTUALXID;
}

gboolean planning_is_own_id(const Lock *lock)
{
	return lock->tag.type == LOCK_TYPE_VIRTUALXID || lock->tag.type == LOCK_TYPE_TRANSACTIONID;
}

static void append_transaction(const Planning *planning, guint leader, GArray *locks)
{
	guint n;
	const Lock *own = snapshot_session_locks(planning->snapshot, leader, &n);

	for (guint i = 0; i < n; i++)
		if (own[i].granted && own[i].tag.type == LOCK_TYPE_TRANSACTIONID &&
		    own[i].mode == LOCK_MODE_EXCLUSIVE)
			g_array_append_val(locks, own[i]);
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
			if (blocks ? planning_others_wait_for(planning, &own[i], leader, FALSE)
			           : !planning_is_own_id(&own[i]))
				g_array_append_val(locks, own[i]);
	}
	/* It blocks by a row alone, and whom it blocks waits for another one who shares it: its
	 * transaction is what has to end. */
	if (blocks && locks->len == 0)
		append_transaction(planning, leader, locks);
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

GArray *planning_hard_edges(const WaitGraph *graph)
{
	GArray *edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));
	guint n;
	const guint *participants = wait_graph_participants(graph, &n);

	for (guint i = 0; i < n; i++)
		wait_graph_append_edges(graph, participants[i], EDGES_HARD, edges);
	g_array_sort_with_data(edges, compare_edges, (gpointer) (gsize) graph);
	return edges;
}

guint planning_first_edge(const Planning *planning, guint blocker)
{
	const GArray *edges = planning->hard_edges;
	guint first = 0, end = edges->len;

	while (first < end) {
		guint middle = first + (end - first) / 2;

		if (g_array_index(edges, WaitEdge, middle).blocker < blocker)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

/* How well a waiter does as the reason for an act; the longest wait decides among equals. */
static guint rank_of(const Planning *planning, guint waiter)
{
	static const guint by_concern[] = {
	    [CONCERNS_NOT] = 0,
	    [CONCERNS_INFERRED] = 2,
	    [CONCERNS_DIRECTLY] = 4,
	};

	return by_concern[planning->concerns[waiter]] +
	       (plan_waiter_pid(planning->snapshot, waiter) != 0 ? 1 : 0);
}

guint planning_direct_waiter(const Planning *planning, guint blocker, gboolean *inferred)
{
	const GArray *edges = planning->hard_edges;
	guint found = NO_SESSION;

	for (guint i = planning_first_edge(planning, blocker); i < edges->len; i++) {
		const WaitEdge *edge = &g_array_index(edges, WaitEdge, i);

		if (edge->blocker != blocker)
			break;
		if (found == NO_SESSION || rank_of(planning, edge->waiter) > rank_of(planning, found))
			found = edge->waiter;
	}
	*inferred = found != NO_SESSION && planning->concerns[found] == CONCERNS_INFERRED;
	return found;
}

/* The same in one queue; of several requests of a parallel query any counts. */
static guint waiter_behind_in(const Planning *planning, const LockQueue *queue, guint session)
{
	LockModeSet requested = 0;
	guint found = NO_SESSION;

	for (guint i = 0; i < queue->n_waiters; i++) {
		const QueueWaiter *waiter = &queue->waiters[i];

		if (waiter->leader == session) {
			requested |= LOCK_MODE_SET(waiter->mode);
		} else if (requested & lock_mode_conflicts(waiter->mode)) {
			if (planning->concerns[waiter->leader] != CONCERNS_NOT)
				return waiter->leader;
			if (found == NO_SESSION)
				found = waiter->leader;
		}
	}
	return found;
}

guint planning_waiter_behind(const Planning *planning, guint session)
{
	const LockQueues *queues = wait_graph_queues(planning->graph);
	guint found = NO_SESSION;

	for (guint i = 0; i < lock_queues_n(queues); i++) {
		guint waiter = waiter_behind_in(planning, lock_queues_get(queues, i), session);

		if (waiter != NO_SESSION && planning->concerns[waiter] != CONCERNS_NOT)
			return waiter;
		if (found == NO_SESSION)
			found = waiter;
	}
	return found;
}

gboolean planning_session_matches(const Planning *planning, guint session_index)
{
	const Selection *selection = planning->selection;
	const Session *session = snapshot_session(planning->snapshot, session_index);

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
