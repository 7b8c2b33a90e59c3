#ifndef PGUNLOCK_PLAN_PLAN_PRIVATE_H
#define PGUNLOCK_PLAN_PLAN_PRIVATE_H

/* What plan.c (named sessions, selections by filters) and plan_release.c (the least that frees)
 * share while a plan is made. */

#include "plan/plan.h"

typedef struct {
	Plan *plan;
	const WaitGraph *graph;
	const Snapshot *snapshot;
	const Selection *selection;
	GArray *hard_edges; /* of WaitEdge: by blocker, then longest wait first */
} Planning;

/* An item for this session at the end of the plan; refusal, frees and locks are worked out. */
PlanItem *planning_add_item(const Planning *planning, guint session, Act act, ActReason reason);

/* Whether the session passes the filters that are about the session itself: user, application, idle
 * in transaction. What isn't known doesn't match. */
gboolean planning_session_matches(const Planning *planning, guint session);

/* Of those that this session blocks by what it holds the one that has waited longest, or
 * NO_SESSION. With tables only those whose wait concerns them, and a wait that does so directly
 * before one that is inferred to. */
guint planning_direct_waiter(const Planning *planning, guint blocker, const TableSet *tables,
                             gboolean *inferred);

/* Adds the items of a release that is not of named sessions. */
gboolean planning_release(const Planning *planning, GError **error);

#endif
