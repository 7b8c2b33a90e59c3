#include "render/show.h"

#include "plan/plan.h"
#include "render/act_words.h"
#include "render/cost_words.h"

static gboolean does_nothing(ActRefusal refusal)
{
	switch (refusal) {
	case REFUSAL_SELF:
	case REFUSAL_STARTUP:
	case REFUSAL_SYSTEM_PROCESS:
	case REFUSAL_CANCEL_IDLE:
	case REFUSAL_CANCEL_STUCK:
	case REFUSAL_PREPARED:
	case REFUSAL_PREPARED_UNNAMED:
	case REFUSAL_NOT_PREPARED:
		return TRUE;
	default:
		return FALSE;
	}
}

ShownAct shown_act(const WaitGraph *graph, guint session, Act act)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	guint leader = snapshot_session(snapshot, session)->leader;
	ActReason reason;
	ShownAct shown = {
	    .act = act,
	    .session = leader,
	    .refusal = act_refusal(snapshot, leader, act, 0),
	    /* which of the two ends of a prepared transaction is right nobody here knows */
	    .is_right = act_to_free(snapshot_session(snapshot, leader), &reason) == act &&
	                act != ACT_ROLLBACK_PREPARED && !plan_only_waits(graph, leader),
	};

	shown.does_nothing = does_nothing(shown.refusal);
	shown.frees = shown.does_nothing ? 0 : wait_graph_freed_alone(graph, leader);
	return shown;
}

char *shown_act_effect(const WaitGraph *graph, const ShownAct *act)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);

	if (!act->does_nothing)
		return act_cost_text(graph, act->session, act->act);
	return g_strdup(snapshot_session(snapshot, act->session)->kind == SESSION_KIND_PREPARED
	                    ? "Nothing: no session stands behind it."
	                    : "Nothing: what it holds it keeps.");
}

char *shown_act_reason(const WaitGraph *graph, const ShownAct *act)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	ActReason reason;
	Act right = act_to_free(snapshot_session(snapshot, act->session), &reason);

	if (act->refusal != REFUSAL_NONE)
		return refusal_text(snapshot, act->session, act->refusal);
	if (act->act == ACT_TERMINATE && right == ACT_CANCEL)
		return g_strdup(reason == REASON_AUTOVACUUM || reason == REASON_SYNC_REP
		                    ? "cancel is enough"
		                    : "it runs a statement, so that cancel is enough, and leaves it "
		                      "connected");
	return g_strdup(reason_text(reason));
}

guint shown_lock_waiters(const WaitGraph *graph, const Lock *lock)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	const LockQueue *queue = lock_queues_find(wait_graph_queues(graph), &lock->tag);
	guint leader = snapshot_session(snapshot, lock->session)->leader;
	guint n = 0;

	if (!lock->granted)
		return 0;
	for (guint i = 0; queue != NULL && i < queue->n_waiters; i++)
		n += queue->waiters[i].leader != leader &&
		     (lock_mode_conflicts(queue->waiters[i].mode) & LOCK_MODE_SET(lock->mode)) != 0;
	return n;
}

/* Smaller stands earlier. */
static guint rank(const WaitGraph *graph, const Lock *lock)
{
	if (!lock->granted)
		return 0;
	if (shown_lock_waiters(graph, lock) > 0)
		return 1;
	return lock->tag.type == LOCK_TYPE_VIRTUALXID || lock->tag.type == LOCK_TYPE_TRANSACTIONID ? 3
	                                                                                           : 2;
}

static gint compare_locks(gconstpointer a, gconstpointer b, gpointer graph)
{
	const Lock *x = a, *y = b;
	guint rank_x = rank(graph, x), rank_y = rank(graph, y);

	if (rank_x != rank_y)
		return rank_x < rank_y ? -1 : 1;
	return (gint) y->mode - (gint) x->mode;
}

GArray *shown_locks(const WaitGraph *graph, guint session)
{
	GArray *locks = g_array_new(FALSE, FALSE, sizeof(Lock));
	guint n;
	const Lock *own = snapshot_session_locks(wait_graph_snapshot(graph), session, &n);

	g_array_append_vals(locks, own, n);
	/* Stable: what is alike stays in the server's order. */
	g_array_sort_with_data(locks, compare_locks, (gpointer) (gsize) graph);
	return locks;
}
