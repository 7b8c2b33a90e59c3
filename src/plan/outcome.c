#include "plan/outcome_private.h"

#include "base/error.h"
#include "base/timestamp.h"

const char *item_result_name(ItemResult result)
{
	static const char *const names[] = {
	    [RESULT_NONE] = "none",
	    [RESULT_REFUSED] = "refused",
	    [RESULT_ALREADY_GONE] = "already_gone",
	    [RESULT_SIGNALLED] = "signalled",
	    [RESULT_GONE] = "gone",
	    [RESULT_FREED] = "freed",
	    [RESULT_CANCELLED_STILL_HOLDING] = "cancelled_still_holding",
	    [RESULT_STILL_THERE] = "still_there",
	};

	return names[result];
}

Identity outcome_identity_of(const Session *session)
{
	return (Identity){
	    .kind = session->kind,
	    .pid = session->pid,
	    .backend_start = session->backend_start,
	    .transaction = session->transaction,
	    .state = session->state,
	    .xact_start = session->xact_start,
	    .query_start = session->query_start,
	};
}

guint outcome_find_again(const Snapshot *snapshot, const Identity *identity)
{
	Session session = {
	    .kind = identity->kind,
	    .pid = identity->pid,
	    .backend_start = identity->backend_start,
	    .transaction = identity->transaction,
	};

	return snapshot_find_same(snapshot, &session);
}

gboolean outcome_same_statement_runs(const Session *session, const Identity *then)
{
	/* What is hidden by now may go on as before. */
	return session->hidden ||
	       (session->state == then->state && session->query_start == then->query_start);
}

Outcome *outcome_new(const Plan *plan)
{
	Outcome *outcome = g_new0(Outcome, 1);
	const Snapshot *snapshot = wait_graph_snapshot(plan->graph);

	outcome->n_items = plan_n_items(plan);
	outcome->items = g_new0(Item, MAX(outcome->n_items, 1));
	for (guint i = 0; i < outcome->n_items; i++) {
		const PlanItem *planned = plan_item(plan, i);
		Item *item = &outcome->items[i];

		item->identity = outcome_identity_of(snapshot_session(snapshot, planned->session));
		item->locks = g_array_ref(planned->locks);
		item->outcome.act = planned->act;
		if (planned->refusal != REFUSAL_NONE) {
			item->outcome.result = RESULT_REFUSED;
			item->settled = TRUE;
		}
	}
	outcome->command = plan->command;
	outcome->planned_at = snapshot_taken_at(snapshot);
	outcome_watch_waiters(outcome, plan);
	outcome->successors = g_ptr_array_new_with_free_func(g_free);
	return outcome;
}

void outcome_free(Outcome *outcome)
{
	if (!outcome)
		return;
	for (guint i = 0; i < outcome->n_items; i++) {
		g_array_unref(outcome->items[i].locks);
		g_free(outcome->items[i].outcome.message);
		g_free(outcome->items[i].outcome.hint);
		g_free(outcome->items[i].outcome.sqlstate);
	}
	g_free(outcome->items);
	g_array_unref(outcome->waiters);
	g_ptr_array_unref(outcome->successors);
	g_free(outcome);
}

guint outcome_n_items(const Outcome *outcome)
{
	return outcome->n_items;
}

const ItemOutcome *outcome_item(const Outcome *outcome, guint index)
{
	g_return_val_if_fail(index < outcome->n_items, NULL);
	return &outcome->items[index].outcome;
}

gboolean outcome_item_settled(const Outcome *outcome, guint index)
{
	g_return_val_if_fail(index < outcome->n_items, TRUE);
	return outcome->items[index].settled;
}

static void settle(Item *item, ItemResult result, gint64 at_us)
{
	item->outcome.result = result;
	item->outcome.settled_us = at_us;
	item->settled = TRUE;
}

void outcome_signalled(Outcome *outcome, guint index, Act act, gint64 at_us)
{
	Item *item = &outcome->items[index];

	item->outcome.escalated = item->outcome.result != RESULT_NONE;
	item->outcome.result = RESULT_SIGNALLED;
	item->outcome.act = act;
	item->settled = FALSE;
	if (!item->outcome.escalated)
		item->outcome.signalled_us = at_us;
}

static void settle_gone(Item *item, gint64 at_us)
{
	settle(item, item->locks->len > 0 ? RESULT_FREED : RESULT_GONE, at_us);
}

void outcome_already_gone(Outcome *outcome, guint index, gboolean went_on, gint64 at_us)
{
	Item *item = &outcome->items[index];

	if (item->outcome.result == RESULT_NONE) {
		settle(item, RESULT_ALREADY_GONE, at_us);
		item->outcome.went_on = went_on;
	} else if (!went_on) {
		/* An escalation that finds the session gone: the cancel has had its effect after all. */
		settle_gone(item, at_us);
	}
}

void outcome_refused(Outcome *outcome, guint index, const char *message, const char *hint,
                     const char *sqlstate)
{
	Item *item = &outcome->items[index];

	g_free(item->outcome.message);
	g_free(item->outcome.hint);
	g_free(item->outcome.sqlstate);
	item->outcome.message = g_strdup(message);
	item->outcome.hint = g_strdup(hint);
	item->outcome.sqlstate = g_strdup(sqlstate);
	/* An escalation that was refused doesn't undo the cancel. */
	if (item->outcome.result == RESULT_NONE)
		settle(item, RESULT_REFUSED, 0);
}

/* Whether a lock of now is one of the planned: held, or still asked for where the request was what
 * was in the way. A request that was granted meanwhile is in the way as before. */
static gboolean is_planned(const Lock *lock, const GArray *planned)
{
	for (guint i = 0; i < planned->len; i++) {
		const Lock *it = &g_array_index(planned, Lock, i);

		if (lock->mode == it->mode && lock->granted >= it->granted &&
		    lock_tag_equal(&lock->tag, &it->tag))
			return TRUE;
	}
	return FALSE;
}

/* Whether the session, or a member of its group, still has one of the planned locks. Once its
 * transaction has ended, what it holds of the same kind is new; only advisory locks may be held
 * beyond it. */
static gboolean holds_any(const Snapshot *snapshot, guint leader, const Item *item)
{
	gint64 then = item->identity.xact_start;
	gboolean same_transaction =
	    then == TIMESTAMP_NONE || then == snapshot_session(snapshot, leader)->xact_start;

	for (guint session = 0; session < snapshot_n_sessions(snapshot); session++) {
		guint n;
		const Lock *locks;

		if (snapshot_session(snapshot, session)->leader != leader)
			continue;
		locks = snapshot_session_locks(snapshot, session, &n);
		for (guint i = 0; i < n; i++)
			if ((same_transaction || locks[i].tag.type == LOCK_TYPE_ADVISORY) &&
			    is_planned(&locks[i], item->locks))
				return TRUE;
	}
	return FALSE;
}

static void observe_cancelled(Item *item, const Session *session, gboolean holds, gint64 at_us)
{
	if (outcome_same_statement_runs(session, &item->identity))
		return;
	/* A look reads the locks before the states: a statement that ended in between seems to have
	 * left its locks behind. The next look knows. */
	if (!holds)
		settle(item, RESULT_FREED, at_us);
	else if (item->seen_holding && !item->settled)
		settle(item, RESULT_CANCELLED_STILL_HOLDING, at_us);
	item->seen_holding = holds;
}

static void observe_item(Item *item, const Snapshot *snapshot, gint64 at_us)
{
	guint index = outcome_find_again(snapshot, &item->identity);
	gboolean holds;

	if (index == NO_SESSION) {
		settle_gone(item, at_us);
		return;
	}
	holds = holds_any(snapshot, index, item);
	if (item->outcome.act == ACT_CANCEL)
		observe_cancelled(item, snapshot_session(snapshot, index), holds, at_us);
	else if (!holds && item->locks->len > 0)
		settle(item, RESULT_FREED, at_us);
}

/* That it does something else by now doesn't mean that it has let go: an advisory lock outlives the
 * transaction, and the next one may have taken the same again. */
static void observe_left_alone(Item *item, const WaitGraph *graph)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	guint index = outcome_find_again(snapshot, &item->identity);
	gboolean is_in_the_way =
	    index != NO_SESSION &&
	    wait_graph_blocked_total(graph, snapshot_session(snapshot, index)->leader) > 0;

	item->outcome.in_the_way = is_in_the_way;
}

gboolean outcome_left_alone(const Outcome *outcome, const Snapshot *snapshot, guint session)
{
	for (guint i = 0; i < outcome->n_items; i++)
		if (outcome->items[i].outcome.went_on &&
		    outcome_find_again(snapshot, &outcome->items[i].identity) == session)
			return TRUE;
	return FALSE;
}

/* A cancelled session that still holds may let go all the same, when its client has heard of it. */
static gboolean can_change(const Item *item)
{
	return item->outcome.result == RESULT_SIGNALLED ||
	       item->outcome.result == RESULT_CANCELLED_STILL_HOLDING;
}

void outcome_observe(Outcome *outcome, const WaitGraph *graph, gint64 at_us)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);

	outcome->observed = TRUE;
	outcome->last_look_us = at_us;
	for (guint i = 0; i < outcome->n_items; i++)
		if (outcome->items[i].outcome.went_on)
			observe_left_alone(&outcome->items[i], graph);
		else if (can_change(&outcome->items[i]))
			observe_item(&outcome->items[i], snapshot, at_us);
	outcome_observe_waiters(outcome, graph, at_us);
}

void outcome_close(Outcome *outcome, gint64 at_us)
{
	for (guint i = 0; i < outcome->n_items; i++) {
		Item *item = &outcome->items[i];

		if (item->settled || item->outcome.result != RESULT_SIGNALLED)
			continue;
		/* signalled and never looked at again: that is all that can be said */
		if (!outcome->observed)
			settle(item, RESULT_SIGNALLED, at_us);
		else
			settle(item, item->seen_holding ? RESULT_CANCELLED_STILL_HOLDING : RESULT_STILL_THERE,
			       at_us);
	}
}

void outcome_break_off(Outcome *outcome, gint64 at_us)
{
	for (guint i = 0; i < outcome->n_items; i++)
		if (!outcome->items[i].settled && outcome->items[i].outcome.result == RESULT_SIGNALLED)
			settle(&outcome->items[i], RESULT_SIGNALLED, at_us);
}

gint64 outcome_last_look_us(const Outcome *outcome)
{
	return outcome->observed ? outcome->last_look_us : -1;
}

gboolean outcome_items_settled(const Outcome *outcome)
{
	for (guint i = 0; i < outcome->n_items; i++)
		if (!outcome->items[i].settled)
			return FALSE;
	return TRUE;
}

static gboolean all_are_refused(const Outcome *outcome)
{
	for (guint i = 0; i < outcome->n_items; i++)
		if (outcome->items[i].outcome.result != RESULT_REFUSED)
			return FALSE;
	return outcome->n_items > 0;
}

gboolean outcome_waiters_settled(const Outcome *outcome)
{
	return outcome->n_promised == 0 || outcome->moved_surely || outcome->stuck ||
	       all_are_refused(outcome);
}

guint outcome_n_waiters(const Outcome *outcome, WaiterFate fate)
{
	guint n = 0;

	for (guint i = 0; i < outcome->waiters->len; i++)
		n += g_array_index(outcome->waiters, Waiter, i).fate == fate;
	return n;
}

gint64 outcome_last_moved_us(const Outcome *outcome)
{
	return outcome->last_moved_us;
}

guint outcome_n_successors(const Outcome *outcome)
{
	return outcome->successors->len;
}

const char *outcome_successor(const Outcome *outcome, guint index)
{
	return g_ptr_array_index(outcome->successors, index);
}

gboolean outcome_was_observed(const Outcome *outcome)
{
	return outcome->observed;
}

guint outcome_n_blocked_now(const Outcome *outcome)
{
	return outcome->n_blocked_now;
}

/* insufficient_privilege is a refusal; any other error of the server's an error */
static gboolean has_failed(const ItemOutcome *item)
{
	return item->message && g_strcmp0(item->sqlstate, "42501") != 0;
}

/* What one item means for the exit code: 0 when it is done or needed nothing. */
static int item_exit_code(const ItemOutcome *item)
{
	switch (item->result) {
	case RESULT_REFUSED:
		return has_failed(item) ? PGUNLOCK_ERROR_FAILED : PGUNLOCK_ERROR_REFUSED;
	case RESULT_CANCELLED_STILL_HOLDING:
	case RESULT_STILL_THERE:
		return has_failed(item) ? PGUNLOCK_ERROR_FAILED : PGUNLOCK_ERROR_NOT_FREED;
	case RESULT_ALREADY_GONE:
		return item->in_the_way ? PGUNLOCK_ERROR_NOT_FREED : 0;
	case RESULT_NONE:
	case RESULT_SIGNALLED:
	case RESULT_GONE:
	case RESULT_FREED:
		break;
	}
	return 0;
}

/* Whether somebody still waits whom it was about to free: whom the plan promised it, or, since a
 * release is for the waiters' sake, who is meant and behind somebody that it ended. */
static gboolean is_not_freed(const Outcome *outcome)
{
	for (guint i = 0; i < outcome->waiters->len; i++) {
		const Waiter *waiter = &g_array_index(outcome->waiters, Waiter, i);

		if (waiter->fate == WAITER_STILL_WAITING &&
		    (waiter->watched == WATCHED_PROMISED ||
		     (waiter->watched == WATCHED_BEHIND_ACTED && waiter->is_meant &&
		      outcome->command == COMMAND_RELEASE)))
			return TRUE;
	}
	return FALSE;
}

int outcome_exit_code(const Outcome *outcome)
{
	static const int order[] = {PGUNLOCK_ERROR_FAILED, PGUNLOCK_ERROR_NOT_FREED,
	                            PGUNLOCK_ERROR_REFUSED};
	/* Where nothing could be done at all it is no surprise that they wait. */
	gboolean waiting = outcome->observed && !all_are_refused(outcome) && is_not_freed(outcome);

	for (gsize i = 0; i < G_N_ELEMENTS(order); i++) {
		if (order[i] == PGUNLOCK_ERROR_NOT_FREED && waiting)
			return order[i];
		for (guint j = 0; j < outcome->n_items; j++)
			if (item_exit_code(&outcome->items[j].outcome) == order[i])
				return order[i];
	}
	return 0;
}
