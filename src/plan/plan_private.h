#ifndef PGUNLOCK_PLAN_PLAN_PRIVATE_H
#define PGUNLOCK_PLAN_PLAN_PRIVATE_H

/* What is shared while a plan is made: by plan.c (named sessions), plan_select.c (selections by
 * filters), plan_release.c (the least that frees), plan_group.c (co-holders) and plan_update.c (a
 * plan held against a newer look). planning.c has what they all need. */

#include "model/row_verdicts.h"
#include "plan/plan.h"

typedef struct {
	Plan *plan;
	const WaitGraph *graph;
	const Snapshot *snapshot;
	const Selection *selection;
	GArray *hard_edges;        /* of WaitEdge: by blocker, then longest wait first */
	Concern *concerns;         /* by session: whether its wait is one that the selection is about */
	RowVerdicts *row_verdicts; /* of --row with --all-holders; else NULL */
} Planning;

/* An item for this session at the end of the plan; refusal, frees and locks are worked out. */
PlanItem *planning_add_item(const Planning *planning, guint session, Act act, ActReason reason);

/* For Planning.hard_edges; the array is the caller's. */
GArray *planning_hard_edges(const WaitGraph *graph);

/* Where in hard_edges those of this blocker begin. */
guint planning_first_edge(const Planning *planning, guint blocker);

/* For Planning.concerns: all waits that concern the subject; with only the wait of that session
 * alone, none if it is NO_SESSION. Free with g_free. */
Concern *planning_concerns(const WaitGraph *graph, const Subject *subject, const guint *only);

/* Of those that this session blocks by what it holds one whose wait the selection is about
 * directly, else one for which that is inferred, else any other; of several the one that has waited
 * longest. NO_SESSION when it blocks nobody so. */
guint planning_direct_waiter(const Planning *planning, guint blocker, gboolean *inferred);

/* Of those that wait behind this session's own request, in conflict with it, the next whose wait
 * the selection is about, else the next. NO_SESSION when there is none. */
guint planning_waiter_behind(const Planning *planning, guint session);

/* Whether somebody outside the session's group waits for what this lock is on, in conflict with it.
 * A request that waits itself holds up those behind it in the queue. only_concerned: somebody whose
 * wait the selection is about. */
gboolean planning_others_wait_for(const Planning *planning, const Lock *lock, guint leader,
                                  gboolean only_concerned);

/* Whether it is CREATE INDEX CONCURRENTLY or the like, waiting for others to end: these alone wait
 * for virtual transactions (WaitForLockers in src/backend/storage/lmgr/lmgr.c,
 * WaitForOlderSnapshots in src/backend/commands/indexcmds.c). They run outside of transaction
 * blocks, so that they hold nothing but what the statement itself needs. */
gboolean planning_is_concurrent_ddl(const WaitGraph *graph, guint session);

/* A session's own ids: nobody is kept from anything by them but those who wait for its end. */
gboolean planning_is_own_id(const Lock *lock);

/* Whether the session passes the filters that are about the session itself: user, application, idle
 * in transaction. What isn't known doesn't match. */
gboolean planning_session_matches(const Planning *planning, guint session_index);

/* A lock that it holds and that passes --table, --advisory and --mode: one that keeps somebody
 * waiting, with only_concerned somebody whose wait the selection is about; with --all-holders any.
 * Those who keep rows of a table do so by the mode they hold on the table, too. NULL when it holds
 * none. */
const Lock *planning_matching_lock(const Planning *planning, guint leader, gboolean only_concerned);

/* Adds the items of a cancel or terminate by filters: granted holders that block somebody, never
 * waiters. */
gboolean planning_select(const Planning *planning, GError **error);

/* For each of the sessions the index of the first that it belongs together with: roots that share a
 * waiter do. Free with g_free. */
guint *planning_join(const WaitGraph *graph, const guint *sessions, guint n);

/* To be called once all items are there: numbers the groups of co-holders, and in a release refuses
 * those that would be ended for nothing. */
void planning_group(const Planning *planning);

/* Adds the items of a release that is not of named sessions. */
gboolean planning_release(const Planning *planning, GError **error);

#endif
