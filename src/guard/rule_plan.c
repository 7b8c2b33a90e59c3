#include "guard/rule_plan.h"

/* What a rule's action is among the commands. */
static Selection selection_for(const Rule *rule, const Judged *judged, const Session *session)
{
	static const struct {
		PlanCommand command;
		Act prepared_act;
	} by_action[RULE_ACTION_COUNT] = {
	    [RULE_CANCEL] = {COMMAND_CANCEL, ACT_NONE},
	    [RULE_TERMINATE] = {COMMAND_TERMINATE, ACT_NONE},
	    [RULE_RELEASE] = {COMMAND_RELEASE, ACT_NONE},
	    [RULE_ROLLBACK_PREPARED] = {COMMAND_RELEASE, ACT_ROLLBACK_PREPARED},
	};
	Selection selection = {
	    .command = by_action[rule->action].command,
	    .prepared_act = by_action[rule->action].prepared_act,
	    .as_seen = TRUE,
	};
	ActReason reason;

	/* Nobody waits for it: it is nothing that a release could be about. */
	if (rule->action == RULE_RELEASE && judged->as == JUDGED_BYSTANDER)
		selection.command =
		    act_to_free(session, &reason) == ACT_CANCEL ? COMMAND_CANCEL : COMMAND_TERMINATE;
	return selection;
}

Plan *rule_plan_new(const WaitGraph *graph, const Judged *judged, GError **error)
{
	const Session *session = snapshot_session(wait_graph_snapshot(graph), judged->session);
	g_autofree char *name = session_exact_name(session);
	g_autoptr(SessionRef) ref = session_ref_parse(name, error);

	if (ref == NULL)
		return NULL;
	g_autoptr(GPtrArray) refs = g_ptr_array_new();
	Selection selection = selection_for(judged->verdict.rule, judged, session);

	g_ptr_array_add(refs, ref);
	selection.sessions = refs;
	g_autoptr(Plan) plan = plan_new(graph, &selection, error);
	gboolean is_it =
	    plan != NULL && plan_n_items(plan) == 1 && plan_item(plan, 0)->session == judged->session;

	return is_it ? g_steal_pointer(&plan) : NULL;
}
