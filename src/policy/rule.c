#include "policy/rule.h"

static const struct {
	const char *name;
	gboolean acts;
} ACTIONS[RULE_ACTION_COUNT] = {
    [RULE_NONE] = {"none", FALSE},      [RULE_NOTIFY] = {"notify", FALSE},
    [RULE_CANCEL] = {"cancel", TRUE},   [RULE_TERMINATE] = {"terminate", TRUE},
    [RULE_RELEASE] = {"release", TRUE}, [RULE_ROLLBACK_PREPARED] = {"rollback_prepared", TRUE},
};

const char *rule_action_name(RuleAction action)
{
	return ACTIONS[action].name;
}

gboolean rule_action_acts(RuleAction action)
{
	return ACTIONS[action].acts;
}

gboolean rule_is_of_prepared(const Rule *rule)
{
	return rule->action == RULE_ROLLBACK_PREPARED;
}

gboolean rule_is_of_backends(const Rule *rule)
{
	return rule->action == RULE_CANCEL || rule->action == RULE_TERMINATE;
}

gboolean rule_asks_who_blocks(const Rule *rule)
{
	return rule->action != RULE_NONE && !rule->even_if_not_blocking;
}

gboolean rule_acts_on_anybody(const Rule *rule)
{
	return rule->action != RULE_NONE && rule->even_if_not_blocking;
}
