#include "render/advice.h"

Plan *advice_new(const WaitGraph *graph)
{
	const Selection everything = {.command = COMMAND_RELEASE, .all = TRUE};

	if (wait_graph_n_blocked(graph) == 0)
		return NULL;
	return plan_new(graph, &everything, NULL);
}

const PlanItem *advice_item(const Plan *plan, guint session)
{
	for (guint i = 0; plan != NULL && i < plan_n_items(plan); i++) {
		if (plan_item(plan, i)->session == session)
			return plan_item(plan, i);
	}
	return NULL;
}

GArray *advice_companions(const Plan *plan, const PlanItem *item)
{
	GArray *sessions = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i < plan_n_items(plan); i++) {
		const PlanItem *other = plan_item(plan, i);
		gboolean together = other == item || (item->group != 0 && other->group == item->group);

		if (together && other->refusal == REFUSAL_NONE)
			g_array_append_val(sessions, other->session);
	}
	return sessions;
}
