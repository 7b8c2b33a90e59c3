#ifndef PGUNLOCK_PLAN_PLAN_PRIVATE_H
#define PGUNLOCK_PLAN_PLAN_PRIVATE_H

/* What is shared while a plan is made: by plan.c (named sessions), plan_select.c (selections by
 * filters), plan_release.c (the least that frees) and plan_update.c (a plan held against a newer
 * look). planning.c has what they all need. */

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

/* All hard edges in the order of Planning.hard_edges; the array is the caller's. */
GArray *planning_hard_edges(const WaitGraph *graph);

/* Whether somebody outside the session's group waits for what this lock is on, in conflict with it.
 * A request that waits itself holds up those behind it in the queue. */
gboolean planning_others_wait_for(const Planning *planning, const Lock *lock, guint leader);

/* A session's own ids: nobody is kept from anything by them but those who wait for its end. */
gboolean planning_is_own_id(const Lock *lock);

/* Whether the session passes the filters that are about the session itself: user, application, idle
 * in transaction. What isn't known doesn't match. */
gboolean planning_session_matches(const Planning *planning, guint session_index);

/* Of those that this session blocks by what it holds the one that has waited longest, or
 * NO_SESSION. With tables only those whose wait concerns them, and a wait that does so directly
 * before one that is inferred to. */
guint planning_direct_waiter(const Planning *planning, guint blocker, const TableSet *tables,
                             gboolean *inferred);

/* Adds the items of a cancel or terminate by filters: granted holders that block somebody, never
 * waiters. */
gboolean planning_select(const Planning *planning, GError **error);

/* Adds the items of a release that is not of named sessions. */
gboolean planning_release(const Planning *planning, GError **error);

#endif
