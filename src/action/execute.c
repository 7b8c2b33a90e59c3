#include "action/execute.h"

#include "action/request.h"
#include "base/duration.h"
#include "base/error.h"
#include "pg/look.h"

/*
 * One after the other: signal every item; then look, judge, wait a little, and look again until
 * everything is settled or the time is up; a cancel that wasn't enough is followed by a terminate.
 * There is always exactly one thing under way: a statement, or the timer until the next look.
 */

/* The first looks follow each other fast, since most locks are gone within milliseconds; later ones
 * slower, and never so fast that looking is more than a fifth of the time. */
#define FIRST_PAUSE_US (5 * DURATION_MS)
#define LONGEST_PAUSE_US (250 * DURATION_MS)
#define PAUSE_PER_LOOK 4

struct Execution {
	PgConnection *connection;
	const Plan *plan;
	ExecuteOptions options;
	ExecuteProgress progress;
	ExecuteDone done;
	gpointer user_data;

	Outcome *outcome;
	GArray *updates;    /* of PlanUpdate, or NULL */
	gboolean *reported; /* by item: its result was told */
	gint64 *signalled_us;
	gboolean *escalated;
	guint next; /* item to signal */
	guint escalating;
	gint64 started; /* g_get_monotonic_time of the first signal */
	gint64 last_signal_us;
	gint64 moved_us; /* when an item or a waiter was last seen to have got on */
	guint n_open;    /* of them that hadn't by then */
	gint64 look_started;
	gint64 pause_us;
	GSource *timer;
	Snapshot *last;
	WaitGraph *graph; /* of last */
};

static gint64 elapsed(const Execution *execution)
{
	return g_get_monotonic_time() - execution->started;
}

static const Session *planned_session(const Execution *execution, guint item)
{
	return snapshot_session(wait_graph_snapshot(execution->plan->graph),
	                        plan_item(execution->plan, item)->session);
}

static void clear_timer(Execution *execution)
{
	if (execution->timer) {
		g_source_destroy(execution->timer);
		g_clear_pointer(&execution->timer, g_source_unref);
	}
}

static void start_timer(Execution *execution, gint64 delay_us, GSourceFunc function)
{
	clear_timer(execution);
	execution->timer = g_timeout_source_new((guint) (delay_us / DURATION_MS));
	g_source_set_callback(execution->timer, function, execution, NULL);
	g_source_attach(execution->timer, pg_connection_context(execution->connection));
}

static void tell(Execution *execution, ExecuteEvent event, guint item)
{
	if (execution->progress)
		execution->progress(event, execution->outcome, item, execution->user_data);
}

/* Ends the execution: the last thing that is done with it. */
static void finish(Execution *execution, GError *error)
{
	ExecuteDone done = execution->done;
	Outcome *outcome = execution->outcome;
	Snapshot *last = g_steal_pointer(&execution->last);
	gpointer user_data = execution->user_data;

	if (error != NULL)
		outcome_break_off(outcome, elapsed(execution));
	else
		outcome_close(outcome, elapsed(execution));
	for (guint item = 0; item < plan_n_items(execution->plan); item++)
		if (error == NULL && !execution->reported[item] &&
		    outcome_item(outcome, item)->signalled_us > 0)
			tell(execution, EXECUTE_SETTLED, item);
	clear_timer(execution);
	g_clear_pointer(&execution->graph, wait_graph_free);
	g_clear_pointer(&execution->updates, g_array_unref);
	g_free(execution->reported);
	g_free(execution->signalled_us);
	g_free(execution->escalated);
	g_free(execution);
	done(outcome, last, error, user_data);
}

static gboolean look_again(gpointer data);
static void signal_next(Execution *execution);

/* Of one whose signal came to nothing there is no more to say. */
static void tell_signalled(Execution *execution, guint item)
{
	execution->reported[item] = outcome_item_settled(execution->outcome, item);
	tell(execution, EXECUTE_SIGNALLED, item);
}

static void take_outcome(Execution *execution, guint item, Act act, SignalOutcome result,
                         const GError *error)
{
	gint64 now = elapsed(execution);

	switch (result) {
	case SIGNAL_SENT:
		outcome_signalled(execution->outcome, item, act, now);
		execution->signalled_us[item] = now;
		execution->last_signal_us = now;
		break;
	case SIGNAL_GONE:
		outcome_already_gone(execution->outcome, item, FALSE, now);
		break;
	case SIGNAL_CHANGED:
		outcome_already_gone(execution->outcome, item, TRUE, now);
		break;
	case SIGNAL_DENIED:
	case SIGNAL_FAILED:
		outcome_refused(execution->outcome, item, error->message, error_hint(error),
		                error_sqlstate(error));
		break;
	}
}

static void on_signalled(SignalOutcome result, GError *error, gpointer data)
{
	Execution *execution = data;
	guint item = execution->next++;

	take_outcome(execution, item, plan_item(execution->plan, item)->act, result, error);
	g_clear_error(&error);
	tell_signalled(execution, item);
	signal_next(execution);
}

/* A signal that wasn't sent because the update says that there is nothing left to do to the item.
 */
static gboolean already_done(Execution *execution, guint item)
{
	const PlanUpdate *update;

	if (!execution->updates)
		return FALSE;
	update = &g_array_index(execution->updates, PlanUpdate, item);
	if (update->change == PLAN_SAME)
		return FALSE;
	outcome_already_gone(execution->outcome, item, update->change == PLAN_WENT_ON,
	                     elapsed(execution));
	tell_signalled(execution, item);
	return TRUE;
}

static gint32 waiter_of(const Execution *execution, guint item)
{
	const PlanItem *planned = plan_item(execution->plan, item);
	gint32 waiter = planned_waiter_pid(execution->plan, planned);

	if (waiter != 0 && execution->updates)
		waiter = g_array_index(execution->updates, PlanUpdate, item).waiter_pid;
	return waiter;
}

static void send_signal(Execution *execution, guint item)
{
	const PlanItem *planned = plan_item(execution->plan, item);
	const Session *session = planned_session(execution, item);

	if (session->kind == SESSION_KIND_PREPARED) {
		const Snapshot *snapshot = wait_graph_snapshot(execution->plan->graph);

		pg_finish_prepared(execution->connection,
		                   snapshot_database_name(snapshot, session->database), session->gid_bytes,
		                   planned->act == ACT_COMMIT_PREPARED, execution->options.under_lease,
		                   execution->options.look_timeout_us, on_signalled, execution);
	} else {
		SignalRequest request =
		    signal_request_of(execution->plan, planned, waiter_of(execution, item));

		request.under_lease = execution->options.under_lease;
		pg_signal(execution->connection, &request, execution->options.look_timeout_us, on_signalled,
		          execution);
	}
}

static void signal_next(Execution *execution)
{
	while (execution->next < plan_n_items(execution->plan)) {
		guint item = execution->next;

		if (plan_item(execution->plan, item)->refusal == REFUSAL_NONE &&
		    !already_done(execution, item)) {
			send_signal(execution, item);
			return;
		}
		execution->next++;
	}
	if (plan_n_acts(execution->plan) == 0)
		finish(execution, NULL);
	else
		look_again(execution);
}

/* Somebody whom the session keeps from a lock that it holds, as far as the server can be asked
 * about that, or 0. */
static gint32 anybody_blocked_by(const WaitGraph *graph, guint blocker)
{
	g_autoptr(GArray) behind = wait_graph_behind(graph, &blocker, 1);
	g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));

	for (guint i = 0; i < behind->len; i++) {
		guint waiter = g_array_index(behind, guint, i);
		gint32 pid = plan_waiter_pid(wait_graph_snapshot(graph), waiter);

		g_array_set_size(edges, 0);
		wait_graph_append_edges(graph, waiter, EDGES_HARD, edges);
		for (guint j = 0; j < edges->len && pid != 0; j++)
			if (g_array_index(edges, WaitEdge, j).blocker == blocker)
				return pid;
	}
	return 0;
}

static gboolean may_escalate(const Execution *execution, guint item)
{
	const ItemOutcome *outcome = outcome_item(execution->outcome, item);

	return execution->options.escalate && !execution->escalated[item] &&
	       outcome->act == ACT_CANCEL &&
	       (outcome->result == RESULT_SIGNALLED ||
	        outcome->result == RESULT_CANCELLED_STILL_HOLDING);
}

static void on_escalated(SignalOutcome result, GError *error, gpointer data)
{
	Execution *execution = data;
	guint item = execution->escalating;

	/* Changed: that waiter isn't blocked by it any more. The next look says whether another is. */
	execution->escalated[item] = result != SIGNAL_CHANGED;
	if (result != SIGNAL_CHANGED) {
		take_outcome(execution, item, ACT_TERMINATE, result, error);
		tell(execution, EXECUTE_ESCALATED, item);
	}
	g_clear_error(&error);
	look_again(execution);
}

/* Terminates the first item whose cancel wasn't enough in its time. It is the same session, and it
 * still blocks somebody: that its statement and state have changed is what the cancel did. FALSE
 * when there is none. */
static gboolean escalate(Execution *execution)
{
	for (guint item = 0; item < plan_n_items(execution->plan); item++) {
		const Session *session = planned_session(execution, item);
		SignalRequest request = {
		    .kind = SIGNAL_TERMINATE,
		    .pid = session->pid,
		    .backend_start = session->backend_start,
		    .under_lease = execution->options.under_lease,
		};
		guint now;

		if (!may_escalate(execution, item) ||
		    elapsed(execution) < execution->signalled_us[item] + execution->options.grace_us)
			continue;
		now = snapshot_find_same(execution->last, session);
		if (now == NO_SESSION || wait_graph_blocked_total(execution->graph, now) == 0)
			continue;
		request.waiter_pid = anybody_blocked_by(execution->graph, now);
		execution->escalating = item;
		pg_signal(execution->connection, &request, execution->options.look_timeout_us, on_escalated,
		          execution);
		return TRUE;
	}
	return FALSE;
}

static gboolean escalation_is_pending(const Execution *execution)
{
	for (guint item = 0; item < plan_n_items(execution->plan); item++) {
		guint now = snapshot_find_same(execution->last, planned_session(execution, item));

		if (may_escalate(execution, item) && now != NO_SESSION &&
		    wait_graph_blocked_total(execution->graph, now) > 0)
			return TRUE;
	}
	return FALSE;
}

static void report_settled(Execution *execution)
{
	for (guint item = 0; item < plan_n_items(execution->plan); item++)
		if (!execution->reported[item] && outcome_item_settled(execution->outcome, item) &&
		    !may_escalate(execution, item)) {
			execution->reported[item] = TRUE;
			tell(execution, EXECUTE_SETTLED, item);
		}
}

/* Items without a result, and waiters that wait. */
static guint count_open(const Execution *execution)
{
	guint n = outcome_n_waiters(execution->outcome, WAITER_STILL_WAITING);

	for (guint item = 0; item < plan_n_items(execution->plan); item++)
		n += !outcome_item_settled(execution->outcome, item);
	return n;
}

static void note_moves(Execution *execution)
{
	guint n_open = count_open(execution);

	if (n_open != execution->n_open)
		execution->moved_us = elapsed(execution);
	execution->n_open = n_open;
}

static gboolean is_over(const Execution *execution)
{
	gint64 stall_us = execution->options.stall_us;
	gint64 moved_us = MAX(execution->last_signal_us, execution->moved_us);

	if (escalation_is_pending(execution))
		return FALSE;
	if (outcome_items_settled(execution->outcome) &&
	    (outcome_waiters_settled(execution->outcome) ||
	     (stall_us > 0 && elapsed(execution) >= moved_us + stall_us)))
		return TRUE;
	return elapsed(execution) >= execution->last_signal_us + execution->options.wait_us;
}

static void on_look(Snapshot *snapshot, GError *error, gpointer data)
{
	Execution *execution = data;
	gint64 took = g_get_monotonic_time() - execution->look_started;

	if (!snapshot) {
		finish(execution, error);
		return;
	}
	g_clear_pointer(&execution->graph, wait_graph_free);
	g_clear_pointer(&execution->last, snapshot_free);
	execution->last = snapshot;
	execution->graph = wait_graph_new(snapshot);
	outcome_observe(execution->outcome, execution->graph, elapsed(execution));
	report_settled(execution);
	note_moves(execution);
	if (escalate(execution))
		return;
	if (is_over(execution)) {
		finish(execution, NULL);
		return;
	}
	start_timer(execution, MAX(execution->pause_us, PAUSE_PER_LOOK * took), look_again);
	execution->pause_us = MIN(2 * execution->pause_us, LONGEST_PAUSE_US);
}

static gboolean look_again(gpointer data)
{
	Execution *execution = data;
	LookOptions look = {.names = TRUE, .timeout_us = execution->options.look_timeout_us};

	clear_timer(execution);
	execution->look_started = g_get_monotonic_time();
	pg_look(execution->connection, &look, on_look, execution);
	return G_SOURCE_REMOVE;
}

static gboolean begin(gpointer data)
{
	Execution *execution = data;

	clear_timer(execution);
	execution->started = g_get_monotonic_time();
	signal_next(execution);
	return G_SOURCE_REMOVE;
}

Execution *execute_plan(PgConnection *connection, const Plan *plan, const GArray *updates,
                        const ExecuteOptions *options, ExecuteProgress progress, ExecuteDone done,
                        gpointer user_data)
{
	Execution *execution = g_new0(Execution, 1);
	guint n = MAX(plan_n_items(plan), 1);

	execution->connection = connection;
	execution->plan = plan;
	execution->options = *options;
	execution->progress = progress;
	execution->done = done;
	execution->user_data = user_data;
	execution->outcome = outcome_new(plan);
	if (updates)
		execution->updates = g_array_copy((GArray *) (gsize) updates);
	execution->reported = g_new0(gboolean, n);
	execution->signalled_us = g_new0(gint64, n);
	execution->escalated = g_new0(gboolean, n);
	execution->pause_us = FIRST_PAUSE_US;
	execution->started = g_get_monotonic_time();
	start_timer(execution, 0, begin);
	return execution;
}

void execution_stop(Execution *execution)
{
	GError *error = NULL;

	error_set(&error, PGUNLOCK_ERROR_INTERRUPTED, "interrupted");
	finish(execution, error);
}
