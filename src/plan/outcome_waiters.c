#include "base/duration.h"
#include "base/timestamp.h"
#include "plan/outcome_private.h"
#include "plan/plan_private.h"

/* Those whom the acts were to free: what becomes of them, and who is in their way next. */

/* While the waiters are collected. */
typedef struct {
	const Snapshot *snapshot;
	Concern *concerns;
	gboolean *seen; /* by session */
} Watching;

/* Those of the sessions that aren't watched yet. */
static void watch(Outcome *outcome, const Watching *watching, const GArray *sessions,
                  Watched watched)
{
	for (guint i = 0; i < sessions->len; i++) {
		guint session = g_array_index(sessions, guint, i);
		Waiter waiter = {
		    .identity = outcome_identity_of(snapshot_session(watching->snapshot, session)),
		    .watched = watched,
		    .is_meant = watching->concerns[session] != CONCERNS_NOT,
		};

		if (!watching->seen[session])
			g_array_append_val(outcome->waiters, waiter);
		watching->seen[session] = TRUE;
	}
}

void outcome_watch_waiters(Outcome *outcome, const Plan *plan)
{
	const Snapshot *snapshot = wait_graph_snapshot(plan->graph);
	g_autofree gboolean *seen = g_new0(gboolean, snapshot_n_sessions(snapshot) + 1);
	g_autofree Concern *concerns =
	    planning_concerns(plan->graph, &plan->subject, plan->only_waiter ? &plan->waiter : NULL);
	const Watching watching = {snapshot, concerns, seen};

	outcome->waiters = g_array_new(FALSE, TRUE, sizeof(Waiter));
	/* A waiter that is ended itself has nothing to wait for. */
	for (guint i = 0; i < plan_n_items(plan); i++)
		seen[plan_item(plan, i)->session] = plan_item(plan, i)->refusal == REFUSAL_NONE;
	watch(outcome, &watching, plan->freed, WATCHED_PROMISED);
	outcome->n_promised = outcome->waiters->len;
	for (Watched watched = WATCHED_BEHIND_ACTED; watched <= WATCHED_BEHIND_REFUSED; watched++)
		for (guint i = 0; i < plan_n_items(plan); i++) {
			const PlanItem *item = plan_item(plan, i);
			g_autoptr(GArray) behind = wait_graph_behind(plan->graph, &item->session, 1);

			if ((item->refusal == REFUSAL_NONE) == (watched == WATCHED_BEHIND_ACTED))
				watch(outcome, &watching, behind, watched);
		}
}

static gboolean any_let_go(const Outcome *outcome)
{
	for (guint i = 0; i < outcome->n_items; i++)
		if (outcome->items[i].outcome.result == RESULT_FREED ||
		    outcome->items[i].outcome.result == RESULT_GONE ||
		    outcome->items[i].outcome.result == RESULT_ALREADY_GONE)
			return TRUE;
	return FALSE;
}

/* A waiter that waits for no lock any more has moved on, and so has one that ran on to another
 * statement or vanished once something was let go: a client that logs in and leaves looks like
 * this. Before that it has given up. */
static WaiterFate fate_of(const WaitGraph *graph, const Identity *waiter, gboolean let_go,
                          gboolean *same_statement)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	guint index = outcome_find_again(snapshot, waiter);
	const Session *session;

	*same_statement = FALSE;
	if (index == NO_SESSION)
		return let_go ? WAITER_GRANTED : WAITER_GAVE_UP;
	session = snapshot_session(snapshot, index);
	if (session->state == SESSION_STATE_IDLE_IN_TRANSACTION_ABORTED)
		return WAITER_GAVE_UP;
	*same_statement = outcome_same_statement_runs(session, waiter);
	if (*same_statement)
		return wait_graph_wait(graph, session->leader, NULL) ? WAITER_STILL_WAITING
		                                                     : WAITER_GRANTED;
	return let_go ? WAITER_GRANTED : WAITER_GAVE_UP;
}

/* Nothing that a later look shows can change it. A look reads the locks before the states: who
 * seems to have given up before anything was let go may have been served in between, so that is
 * only believed when the next look says so, too. */
static gboolean is_over(Waiter *waiter, WaiterFate fate, gboolean let_go, gboolean same_statement)
{
	gboolean believed = fate != WAITER_GAVE_UP || let_go || waiter->seems_to_give_up;

	waiter->seems_to_give_up = fate == WAITER_GAVE_UP;
	return fate != WAITER_STILL_WAITING && !same_statement && believed;
}

/* One that goes from the row's tuple lock to the next transaction waits for nothing for a moment.
 * So that somebody moved on is believed at once only if its statement has ended, else when two
 * looks in a row agree; and until then each is looked at again. */
static void judge_waiters(Outcome *outcome, const WaitGraph *graph, gint64 at_us)
{
	gboolean let_go = any_let_go(outcome);
	gboolean nobody_waits = TRUE, surely = TRUE;

	for (guint i = 0; i < outcome->waiters->len; i++) {
		Waiter *waiter = &g_array_index(outcome->waiters, Waiter, i);
		gboolean same_statement;
		WaiterFate fate;

		if (waiter->over)
			continue;
		fate = fate_of(graph, &waiter->identity, let_go, &same_statement);
		if (fate != WAITER_STILL_WAITING && waiter->fate == WAITER_STILL_WAITING)
			outcome->last_moved_us = at_us;
		waiter->fate = fate;
		waiter->over = is_over(waiter, fate, let_go, same_statement);
		if (waiter->watched != WATCHED_PROMISED)
			continue;
		nobody_waits = nobody_waits && fate != WAITER_STILL_WAITING;
		surely = surely && waiter->over;
	}
	outcome->moved_surely = nobody_waits && (surely || outcome->all_moved);
	outcome->all_moved = nobody_waits;
}

/* Whoever has been idle in a transaction for so long isn't between two statements of a program. */
#define AT_REST_US (1 * DURATION_SECOND)

/* Whether the root was left alone, or sits still in its transaction, and has since before the plan
 * was made: so it is none of those that waited, who may be about to hand on what they got. What the
 * server doesn't tell of it doesn't count. */
static gboolean sits_in_the_way(const Outcome *outcome, const Snapshot *snapshot, guint root)
{
	const Session *session = snapshot_session(snapshot, root);
	gint64 since = TIMESTAMP_NONE;

	if (outcome_left_alone(outcome, snapshot, root))
		return TRUE;
	if (session->kind == SESSION_KIND_PREPARED)
		since = session->prepared_at;
	else if (session->state == SESSION_STATE_IDLE_IN_TRANSACTION ||
	         session->state == SESSION_STATE_IDLE_IN_TRANSACTION_ABORTED)
		since = session->state_change;
	return since != TIMESTAMP_NONE && since < outcome->planned_at &&
	       timestamp_age(snapshot_taken_at(snapshot), since) >= AT_REST_US;
}

/* Whether whoever still waits of those whom the acts were to free is behind nobody but such. */
static gboolean nobody_can_move(const Outcome *outcome, const WaitGraph *graph)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	gboolean anybody = FALSE;

	for (guint i = 0; i < outcome->n_promised; i++) {
		const Waiter *waiter = &g_array_index(outcome->waiters, Waiter, i);
		g_autoptr(GArray) roots = NULL;
		guint index;

		if (waiter->fate != WAITER_STILL_WAITING)
			continue;
		index = outcome_find_again(snapshot, &waiter->identity);
		roots = wait_graph_roots_of(graph, snapshot_session(snapshot, index)->leader);
		for (guint r = 0; r < roots->len; r++)
			if (!sits_in_the_way(outcome, snapshot, g_array_index(roots, guint, r)))
				return FALSE;
		/* In a circle: the server itself ends that. */
		if (roots->len == 0)
			return FALSE;
		anybody = TRUE;
	}
	return anybody;
}

static void note_successors(Outcome *outcome, const WaitGraph *graph)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	const Snapshot *snapshot = wait_graph_snapshot(graph);

	g_ptr_array_set_size(outcome->successors, 0);
	for (guint i = 0; i < outcome->waiters->len; i++) {
		const Waiter *waiter = &g_array_index(outcome->waiters, Waiter, i);
		g_autoptr(GArray) roots = NULL;
		guint index;

		if (waiter->fate != WAITER_STILL_WAITING)
			continue;
		/* it was there to be seen waiting */
		index = outcome_find_again(snapshot, &waiter->identity);
		roots = wait_graph_roots_of(graph, snapshot_session(snapshot, index)->leader);
		for (guint r = 0; r < roots->len; r++) {
			guint root = g_array_index(roots, guint, r);

			if (g_hash_table_add(seen, GUINT_TO_POINTER(root + 1)))
				g_ptr_array_add(outcome->successors, session_id(snapshot_session(snapshot, root)));
		}
	}
}

void outcome_observe_waiters(Outcome *outcome, const WaitGraph *graph, gint64 at_us)
{
	gboolean seemed_stuck = outcome->seems_stuck;

	judge_waiters(outcome, graph, at_us);
	outcome->seems_stuck = nobody_can_move(outcome, graph);
	outcome->stuck = seemed_stuck && outcome->seems_stuck;
	outcome->n_blocked_now = wait_graph_n_blocked(graph);
	note_successors(outcome, graph);
}
