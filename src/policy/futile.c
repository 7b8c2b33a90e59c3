#include "policy/futile.h"

#include "plan/act.h"
#include "policy/keys.h"

/* A prepared transaction in the words of the file: policy/keys.c. */
#define STATE_PREPARED "prepared"
#define TYPE_PREPARED "prepared transaction"

/* Whether anything comes of the action in a state, as the file spells it. One of its words is no
 * state of a backend: that of prepared transactions. */
static gboolean suits(RuleAction action, const char *word)
{
	SessionState state = session_state_from_text(word);
	gboolean is_prepared = state == SESSION_STATE_UNKNOWN;

	switch (action) {
	case RULE_CANCEL:
		return !is_prepared && !act_cancel_is_pointless(state);
	case RULE_TERMINATE:
	case RULE_RELEASE: /* of prepared ones nobody said to roll them back: REFUSAL_PREPARED */
		return !is_prepared;
	case RULE_ROLLBACK_PREPARED:
		return is_prepared;
	default:
		return TRUE;
	}
}

/* What is to be written instead where prepared transactions are among those that are asked for. */
static const char *hint_at_prepared(const Rule *rule, const GlobList *asked, const char *word)
{
	gboolean are_meant = !rule_is_of_prepared(rule) && glob_list_matches(asked, word) == ANSWER_YES;

	return are_meant ? "; of prepared transactions there is action = rollback_prepared" : "";
}

static char *wrong_state(const Rule *rule)
{
	g_autoptr(GPtrArray) suited = g_ptr_array_new();
	const PolicyKey *key = policy_key_of_condition(RULE_STATE);
	const char *word;

	if (rule->state == NULL)
		return NULL;
	for (guint i = 0; (word = key->word(i)) != NULL; i++) {
		if (!suits(rule->action, word))
			continue;
		if (glob_list_matches(rule->state, word) != ANSWER_NO)
			return NULL;
		g_ptr_array_add(suited, (gpointer) (gsize) word);
	}
	g_ptr_array_add(suited, NULL);
	g_autofree char *words = g_strjoinv(", ", (char **) suited->pdata);

	return g_strdup_printf("nothing comes of action = %s in a state of %s: that takes one of %s%s",
	                       rule_action_name(rule->action), glob_list_text(rule->state), words,
	                       hint_at_prepared(rule, rule->state, STATE_PREPARED));
}

/* Of types only this one tells who is meant: others than the known ones are allowed there. */
static char *wrong_type(const Rule *rule)
{
	const char *text = rule->text[RULE_BACKEND_TYPE];

	if (text == NULL || g_ascii_strcasecmp(text, TYPE_PREPARED) != 0 ||
	    suits(rule->action, STATE_PREPARED))
		return NULL;
	return g_strdup_printf("nothing comes of action = %s with a backend_type of %s%s",
	                       rule_action_name(rule->action), text,
	                       hint_at_prepared(rule, rule->backend_type, TYPE_PREPARED));
}

/* Whether first, which asks for nothing but a time, matches whatever later does, as soon. */
static gboolean takes_all_of(const Rule *first, const Rule *later)
{
	for (guint i = 0; i < RULE_CONDITION_COUNT; i++)
		if (first->text[i] != NULL && i != RULE_BLOCKED_FOR)
			return FALSE;
	if ((rule_is_of_prepared(first) && !rule_is_of_prepared(later)) ||
	    (rule_is_of_backends(first) && !rule_is_of_backends(later)))
		return FALSE;
	if (rule_asks_who_blocks(first) && !rule_asks_who_blocks(later))
		return FALSE;
	return first->blocked_for_us <= later->blocked_for_us;
}

char *policy_futile(const Policy *policy, guint rule)
{
	const Rule *it = policy_rule(policy, rule);

	for (guint i = 0; i < rule; i++)
		if (takes_all_of(policy_rule(policy, i), it))
			return g_strdup_printf(
			    "it is never asked: the rule %s above it matches all that it could",
			    policy_rule(policy, i)->name);
	char *why = wrong_state(it);

	return why != NULL ? why : wrong_type(it);
}
