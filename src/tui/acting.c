#include "tui/acting.h"

#include "action/execute.h"
#include "audit/audit.h"
#include "base/duration.h"
#include "base/error.h"
#include "pg/look.h"

/* One act at a time: while this one only watches waiters that don't get on, another can't begin. */
#define STALL_US (2 * DURATION_SECOND)

typedef enum {
	STATE_IDLE,
	STATE_PLANNING,
	STATE_PLANNED,
	STATE_CHECKING, /* looks again, after the yes */
	STATE_RUNNING,
} State;

struct Acting {
	Side *side;
	Watch *watch;
	ActingOptions options;
	ActingCallbacks callbacks;
	State state;
	gboolean is_dropped; /* while planning: the answer is of no use any more */
	gboolean is_wanted;  /* and then this act is planned: */
	PlanCommand command;
	char *typed;
	gboolean is_of_waiter;

	PgConnection *connection; /* taken, or NULL */
	gboolean is_watchs;
	TopLook *look; /* that the plan was made of */
	Plan *plan;
	Execution *execution;
	GError *log_trouble;
};

Acting *acting_new(Side *side, Watch *watch, const ActingOptions *options,
                   const ActingCallbacks *callbacks)
{
	Acting *acting = g_new0(Acting, 1);

	acting->side = side;
	acting->watch = watch;
	acting->options = *options;
	acting->callbacks = *callbacks;
	return acting;
}

static void give_back(Acting *acting)
{
	if (acting->connection)
		side_give_back(acting->side, acting->watch, acting->is_watchs);
	acting->connection = NULL;
}

static void forget(Acting *acting)
{
	give_back(acting);
	g_clear_pointer(&acting->plan, plan_free);
	g_clear_pointer(&acting->look, top_look_free);
	g_clear_error(&acting->log_trouble);
	acting->execution = NULL;
	acting->state = STATE_IDLE;
}

void acting_free(Acting *acting)
{
	if (!acting)
		return;
	acting->callbacks = (ActingCallbacks){0};
	acting_stop(acting);
	forget(acting);
	g_free(acting->typed);
	g_free(acting);
}

static void fail(Acting *acting, GError *error)
{
	g_autoptr(GError) owned = error;

	forget(acting);
	acting->callbacks.failed(owned, acting->callbacks.user_data);
}

static Plan *plan_of(const Acting *acting, GError **error)
{
	g_autoptr(GPtrArray) sessions =
	    g_ptr_array_new_with_free_func((GDestroyNotify) session_ref_free);
	g_autoptr(SessionRef) waiter = NULL;
	SessionRef *ref = session_ref_parse(acting->typed, error);
	Selection selection = {
	    .command = acting->command,
	    /* A row was chosen for what stands in it. */
	    .as_seen = TRUE,
	    .include_protected = acting->options.include_protected,
	    .max = acting->options.max,
	};

	if (!ref)
		return NULL;
	if (acting->is_of_waiter) {
		waiter = ref;
		selection.waiter = waiter;
	} else {
		g_ptr_array_add(sessions, ref);
		selection.sessions = sessions;
	}
	return plan_new(acting->look->graph, &selection, error);
}

static void begin_planning(Acting *acting);

static void on_planning_look(Snapshot *snapshot, GError *error, gpointer user_data)
{
	Acting *acting = user_data;
	gboolean was_dropped = acting->is_dropped;

	acting->is_dropped = FALSE;
	if (was_dropped) {
		g_clear_error(&error);
		snapshot_free(snapshot);
		forget(acting);
		if (acting->is_wanted)
			begin_planning(acting);
		return;
	}
	if (!snapshot) {
		fail(acting, error);
		return;
	}
	acting->look = top_look_new(snapshot, acting->options.advisory_labels);
	acting->plan = plan_of(acting, &error);
	if (!acting->plan) {
		fail(acting, error);
		return;
	}
	give_back(acting);
	acting->state = STATE_PLANNED;
	acting->callbacks.planned(acting->plan, acting->callbacks.user_data);
}

static gboolean take(Acting *acting)
{
	GError *error = NULL;

	acting->connection = side_take(acting->side, acting->watch, &acting->is_watchs);
	if (acting->connection)
		return TRUE;
	error_set(&error, PGUNLOCK_ERROR_CONNECT, "there is no connection to the server to act over");
	fail(acting, error);
	return FALSE;
}

static void begin_planning(Acting *acting)
{
	const LookOptions what = {
	    .names = TRUE,
	    .other_names = TRUE,
	    .row_keys = acting->options.row_keys,
	    .privileges = TRUE,
	    .keep_warm = TRUE,
	    .timeout_us = acting->options.timeout_us,
	};

	acting->is_wanted = FALSE;
	if (!take(acting))
		return;
	acting->state = STATE_PLANNING;
	pg_look(acting->connection, &what, on_planning_look, acting);
}

void acting_plan(Acting *acting, const UiAct *act)
{
	acting->command = act->command;
	acting->is_of_waiter = act->is_of_waiter;
	g_free(acting->typed);
	acting->typed = g_strdup(act->typed);
	acting->is_wanted = TRUE;
	if (acting->state == STATE_IDLE)
		begin_planning(acting);
}

void acting_drop(Acting *acting)
{
	acting->is_wanted = FALSE;
	if (acting->state == STATE_PLANNING)
		acting->is_dropped = TRUE;
	else if (acting->state == STATE_PLANNED)
		forget(acting);
}

/* Freeing matters more than the log. */
static void keep_log(Acting *acting, const Outcome *outcome)
{
	g_clear_error(&acting->log_trouble);
	audit_append(acting->options.audit, NULL, acting->plan, outcome, &acting->log_trouble);
}

static void on_progress(G_GNUC_UNUSED ExecuteEvent event, const Outcome *outcome, guint item,
                        gpointer user_data)
{
	Acting *acting = user_data;

	if (acting->callbacks.progress)
		acting->callbacks.progress(acting->plan, outcome, item, acting->callbacks.user_data);
}

/* Hands over what became of it. */
static void end(Acting *acting, ActResult *result)
{
	forget(acting);
	if (acting->callbacks.over)
		acting->callbacks.over(result, acting->callbacks.user_data);
	else
		act_result_free(result);
}

static void on_done(Outcome *outcome, Snapshot *last, GError *error, gpointer user_data)
{
	Acting *acting = user_data;
	g_autoptr(GError) failure = error;
	gboolean is_stopped = g_error_matches(failure, PGUNLOCK_ERROR, PGUNLOCK_ERROR_INTERRUPTED);
	ActResult *result = g_new0(ActResult, 1);

	keep_log(acting, outcome);
	*result = (ActResult){
	    .end = is_stopped ? ACT_STOPPED
	           : failure  ? ACT_BROKEN_OFF
	                      : ACT_DONE,
	    .look = g_steal_pointer(&acting->look),
	    .plan = g_steal_pointer(&acting->plan),
	    .outcome = outcome,
	    .after = last ? top_look_new(last, acting->options.advisory_labels) : NULL,
	    .trouble = failure && !is_stopped ? g_strdup(failure->message) : NULL,
	    .log_trouble = acting->log_trouble ? g_strdup(acting->log_trouble->message) : NULL,
	};
	/* After a stop a statement may still be under way: that connection is of no use any more. */
	if (is_stopped) {
		side_close(acting->side, acting->watch, acting->is_watchs);
		acting->connection = NULL;
	}
	end(acting, result);
}

static void on_second_look(Snapshot *snapshot, GError *error, gpointer user_data)
{
	Acting *acting = user_data;
	const ExecuteOptions how = {
	    .look_timeout_us = acting->options.timeout_us,
	    .wait_us = acting->options.wait_us,
	    .stall_us = STALL_US,
	    .grace_us = acting->options.grace_us,
	    .escalate = acting->command == COMMAND_RELEASE,
	};

	if (!snapshot) {
		g_prefix_error(&error, "nothing was signalled: ");
		fail(acting, error);
		return;
	}
	g_autoptr(TopLook) now = top_look_new(snapshot, acting->options.advisory_labels);
	g_autoptr(GArray) updates = plan_update(acting->plan, now->graph);
	keep_log(acting, NULL);
	acting->state = STATE_RUNNING;
	acting->execution =
	    execute_plan(acting->connection, acting->plan, updates, &how, on_progress, on_done, acting);
}

void acting_carry_out(Acting *acting)
{
	const LookOptions what = {.timeout_us = acting->options.timeout_us};

	if (acting->state != STATE_PLANNED || !take(acting))
		return;
	acting->state = STATE_CHECKING;
	pg_look(acting->connection, &what, on_second_look, acting);
}

void acting_stop(Acting *acting)
{
	switch (acting->state) {
	case STATE_RUNNING:
		execution_stop(acting->execution);
		break;
	case STATE_PLANNING:
	case STATE_CHECKING:
		side_close(acting->side, acting->watch, acting->is_watchs);
		acting->connection = NULL;
		end(acting, g_new0(ActResult, 1));
		break;
	case STATE_IDLE:
	case STATE_PLANNED:
		break;
	}
}
