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
	json_key_string(json, "hint", item->hint);
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
	json_key_null(json, "hint");
	json_key_null(json, "sqlstate");
	json_end_object(json);
}

static void write_results(JsonWriter *json, const RenderRound *round)
{
	guint n_items = round->outcome != NULL ? outcome_n_items(round->outcome) : 0;

	for (guint i = 0; i < round->plan->gone->len; i++)
		write_gone(json, g_ptr_array_index(round->plan->gone, i));
	for (guint i = 0; i < n_items; i++) {
		if (outcome_item(round->outcome, i)->result != RESULT_NONE)
			write_result(json, round->plan, round->outcome, i);
	}
}

/* Those who moved on in any round, and those who wait after the last. */
static void write_waiters(JsonWriter *json, const RenderRound *rounds, guint n)
{
	const RenderRound *last = &rounds[n - 1];
	guint granted = 0;
	guint gave_up = 0;
	gint64 last_moved_us = 0;

	for (guint i = 0; i < n; i++) {
		if (rounds[i].outcome == NULL)
			continue;
		granted += outcome_n_waiters(rounds[i].outcome, WAITER_GRANTED);
		gave_up += outcome_n_waiters(rounds[i].outcome, WAITER_GAVE_UP);
		last_moved_us = MAX(last_moved_us, outcome_last_moved_us(rounds[i].outcome));
	}
	json_key(json, "waiters");
	json_begin_object(json);
	json_key_int(json, "granted", granted);
	json_key_int(json, "gave_up", gave_up);
	json_key_int(json, "still_waiting",
	             last->outcome != NULL ? outcome_n_waiters(last->outcome, WAITER_STILL_WAITING)
	                                   : last->plan->freed->len);
	json_key_seconds(json, "last_moved_seconds", last_moved_us);
	json_end_object(json);
}

void outcome_write_json(JsonWriter *json, const RenderRound *rounds, guint n)
{
	const Outcome *last = rounds[n - 1].outcome;
	guint n_successors = last != NULL ? outcome_n_successors(last) : 0;

	json_key(json, "results");
	json_begin_array(json);
	for (guint i = 0; i < n; i++)
		write_results(json, &rounds[i]);
	json_end_array(json);
	write_waiters(json, rounds, n);
	json_key(json, "successors");
	json_begin_array(json);
	for (guint i = 0; i < n_successors; i++)
		json_string(json, outcome_successor(last, i));
	json_end_array(json);
	if (last != NULL && outcome_was_observed(last))
		json_key_int(json, "blocked_now", outcome_n_blocked_now(last));
	else
		json_key_null(json, "blocked_now");
}
