#ifndef PGUNLOCK_RENDER_CONDITION_WORDS_H
#define PGUNLOCK_RENDER_CONDITION_WORDS_H

/* What a rule asks and what a session answers, in words. All results are safe text, never NULL, to
 * be freed with g_free. */

#include "policy/verdict.h"

/* "yes", "no", "unknown" */
const char *answer_word(Answer answer);

/* "user = app_*, !app_admin", or for what no key asks for "blocks somebody". */
char *condition_text(const Rule *rule, RuleCondition condition);

/* What the session has there: "app_rw", "for 9m03s", "not known", "none". */
char *condition_fact(const PolicyCase *judged, RuleCondition condition);

/* What people call it, and whose it is: "4711 (login-service, app_rw@10.0.3.7)". */
char *blocker_text(const Blocker *blocker);

/* How often and what is told: "at most 5 in 1m, 10s apart, tells ops". */
char *rule_bounds_text(const Rule *rule);

/* How the target is told, as its key: "webhook", "command". A constant. */
const char *policy_notify_way(const PolicyNotify *notify);

#endif
