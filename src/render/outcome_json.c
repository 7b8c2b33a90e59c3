#include "render/outcome_json.h"

#include "render/json_parts.h"

static void write_result(JsonWriter *json, const Plan *plan, const Outcome *outcome, guint index)
{
	const ItemOutcome *item = outcome_item(outcome, index);

	json_begin_object(json);
	json_key(json, "session");
	json_session_id(json, wait_graph_snapshot(plan->graph), plan_item(plan, index)->session);
	json_key_string(json, "result", item_result_name(item->result));
	if (item->result == RESULT_REFUSED)
		json_key_null(json, "seconds");
	else
		json_key_seconds(json, "seconds", item->settled_us);
	json_key_string(json, "act", act_name(item->act));
	json_key_bool(json, "escalated", item->escalated);
	json_key_bool(json, "went_on", item->went_on);
	json_key_string(json, "message", item->message);
	json_key_string(json, "sqlstate", item->sqlstate);
	json_end_object(json);
}

/* A session that was named exactly and wasn't there when we looked. */
static void write_gone(JsonWriter *json, const char *named)
{
	g_autoptr(SessionRef) ref = session_ref_parse(named, NULL);
	g_autofree char *id =
	    ref != NULL && ref->pid != 0 ? g_strdup_printf("pid:%d", ref->pid) : g_strdup(named);

	json_begin_object(json);
	json_key_string(json, "session", id);
	json_key_string(json, "result", item_result_name(RESULT_ALREADY_GONE));
	json_key_seconds(json, "seconds", 0);
	json_key_string(json, "act", act_name(ACT_NONE));
	json_key_bool(json, "escalated", FALSE);
	json_key_bool(json, "went_on", FALSE);
	json_key_null(json, "message");
	json_key_null(json, "sqlstate");
	json_end_object(json);
}

static void write_waiters(JsonWriter *json, const Plan *plan, const Outcome *outcome)
{
	static const struct {
		const char *name;
		WaiterFate fate;
	} fates[] = {
	    {"granted", WAITER_GRANTED},
	    {"gave_up", WAITER_GAVE_UP},
	    {"still_waiting", WAITER_STILL_WAITING},
	};

	json_key(json, "waiters");
	json_begin_object(json);
	for (guint i = 0; i < G_N_ELEMENTS(fates); i++) {
		guint n = fates[i].fate == WAITER_STILL_WAITING ? plan->freed->len : 0;

		if (outcome != NULL)
			n = outcome_n_waiters(outcome, fates[i].fate);
		json_key_int(json, fates[i].name, n);
	}
	json_key_seconds(json, "last_moved_seconds",
	                 outcome != NULL ? outcome_last_moved_us(outcome) : 0);
	json_end_object(json);
}

void outcome_write_json(JsonWriter *json, const Plan *plan, const Outcome *outcome)
{
	guint n_items = outcome != NULL ? outcome_n_items(outcome) : 0;
	guint n_successors = outcome != NULL ? outcome_n_successors(outcome) : 0;

	json_key(json, "results");
	json_begin_array(json);
	for (guint i = 0; i < plan->gone->len; i++)
		write_gone(json, g_ptr_array_index(plan->gone, i));
	for (guint i = 0; i < n_items; i++) {
		if (outcome_item(outcome, i)->result != RESULT_NONE)
			write_result(json, plan, outcome, i);
	}
	json_end_array(json);
	write_waiters(json, plan, outcome);
	json_key(json, "successors");
	json_begin_array(json);
	for (guint i = 0; i < n_successors; i++)
		json_string(json, outcome_successor(outcome, i));
	json_end_array(json);
	if (outcome != NULL)
		json_key_int(json, "blocked_now", outcome_n_blocked_now(outcome));
	else
		json_key_null(json, "blocked_now");
}
