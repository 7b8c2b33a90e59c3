#ifndef PGUNLOCK_POLICY_VERDICT_H
#define PGUNLOCK_POLICY_VERDICT_H

/*
 * What a policy says of a session. The rules are tried in order and the first that matches decides.
 * A condition is met, or not, or that can't be told; a rule of which it can't be told whether it
 * matches ends the search, and nothing is done: it may be one that protects.
 *
 * A rule that acts, or that tells, only matches sessions that somebody waits for, unless it says
 * even_if_not_blocking; one with action = none also protects those that nobody waits for.
 */

#include "model/blocker.h"
#include "policy/policy.h"

#include <glib.h>

/* What is judged. Borrowed. */
typedef struct {
	const char *server; /* its name in the policy file */
	const Blocker *blocker;
	gint64 now;          /* by the server's clock */
	guint second_of_day; /* the guard's local time then, from 0 to 86399 */
} PolicyCase;

/* What one rule asks, and the answer. */
typedef struct {
	RuleCondition condition;
	Answer answer;
} ConditionAnswer;

typedef struct {
	/* YES: the rule decides; UNKNOWN: it can't be told whether it does; NO: no rule matches. */
	Answer answer;
	const Rule *rule; /* borrowed from the policy; NULL for NO */
	/* with UNKNOWN the first condition of it that can't be told */
	RuleCondition unknown;
} Verdict;

Verdict policy_verdict(const Policy *policy, const PolicyCase *judged);

/* Whether one rule matches, with the answers to all that it asks (of ConditionAnswer, in order of
 * asking, appended to answers; none is left out because another one is NO). */
Answer rule_explain(const Rule *rule, const PolicyCase *judged, GArray *answers);

#endif
