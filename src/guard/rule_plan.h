#ifndef PGUNLOCK_GUARD_RULE_PLAN_H
#define PGUNLOCK_GUARD_RULE_PLAN_H

/* From a verdict to a plan. No I/O. */

#include "guard/judge.h"
#include "plan/plan.h"

/* A plan of one item, for the session that was judged, by the rule that acts on it: with all that
 * protects sessions, and with the privileges, as in the commands. NULL and an error, or NULL alone
 * when there is nothing to do. The graph must outlive it. */
Plan *rule_plan_new(const WaitGraph *graph, const Judged *judged, GError **error);

#endif
