#ifndef PGUNLOCK_MODEL_WAIT_GRAPH_H
#define PGUNLOCK_MODEL_WAIT_GRAPH_H

/*
 * Who waits for whom. A waiter is blocked hard by a session that holds a conflicting mode on the
 * same tag, and soft by one that is ahead of it in the queue with a conflicting request: together
 * exactly what pg_blocking_pids says. The members of a lock group (a parallel query) stand as one,
 * under their leader; members never block each other.
 *
 * Edges of a queue are quadratic in number, so they are written out only on demand; everything else
 * is worked out on the queues in time proportional to their length.
 *
 * Sessions are indexes into the snapshot; all functions take a group's leader (Session.leader).
 */

#include "model/lock_queue.h"
#include "model/snapshot.h"

#include <glib.h>

typedef enum { EDGE_HARD, EDGE_SOFT } EdgeKind;

typedef struct {
	guint waiter;  /* leader's index */
	guint blocker; /* leader's index */
	EdgeKind kind;
	guint queue; /* index into the queues */
	LockMode waiter_mode;
	LockMode blocker_mode; /* of several held modes that conflict, the strongest */
} WaitEdge;

typedef struct WaitGraph WaitGraph;

/* Borrows the snapshot, which must outlive the graph and must not get new answers meanwhile. Never
 * NULL. */
WaitGraph *wait_graph_new(const Snapshot *snapshot);
/* A wait that the queues don't show: the waiter's next ones for the same row. */
typedef struct {
	guint waiter;  /* leader's index */
	guint blocker; /* leader's index */
} HiddenWait;
/* The same with waits that are known from elsewhere (of HiddenWait): they count for who is behind
 * whom and who moves on, but are no edges. */
WaitGraph *wait_graph_new_with(const Snapshot *snapshot, const GArray *hidden);
void wait_graph_free(WaitGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WaitGraph, wait_graph_free)

const Snapshot *wait_graph_snapshot(const WaitGraph *graph);
const LockQueues *wait_graph_queues(const WaitGraph *graph);

/* Root blockers, worst (most blocked, then longest waited for) first. A root blocks somebody and
 * waits for nothing. */
guint wait_graph_n_roots(const WaitGraph *graph);
guint wait_graph_root(const WaitGraph *graph, guint index);
gboolean wait_graph_is_root(const WaitGraph *graph, guint session);

/* Groups of sessions that wait for each other in a circle. Each member once. */
guint wait_graph_n_cycles(const WaitGraph *graph);
const guint *wait_graph_cycle(const WaitGraph *graph, guint index, guint *n_sessions);
/* How long a circle has stood, which is since its latest wait, in microseconds, or WAITED_UNKNOWN.
 */
gint64 wait_graph_cycle_age(const WaitGraph *graph, guint cycle);
/* Whether a circle is a deadlock, or may be in passing: a look is no single moment, and a queue
 * that the server has yet to put in another order makes circles, too. It is one when it is older
 * than the server's deadlock_timeout (or 3 s, where that is longer), or was seen twice. */
gboolean wait_graph_is_deadlock(const WaitGraph *graph, guint cycle);
gboolean wait_graph_has_deadlock(const WaitGraph *graph);
/* Tells which circles an earlier look at the same server saw, too: of the same members, in the same
 * waits. earlier is not needed afterwards. */
void wait_graph_compare_cycles(WaitGraph *graph, const WaitGraph *earlier);

/* How long a wait has lasted that the server doesn't tell this role: a 13 shows only when the
 * statement began, and hides that of other roles' sessions. */
#define WAITED_UNKNOWN G_GINT64_CONSTANT(-1)

/* How many wait; the longest wait in microseconds (from waitstart; where that is missing from
 * query_start), of those that are known, or WAITED_UNKNOWN when none is. */
guint wait_graph_n_blocked(const WaitGraph *graph);
gint64 wait_graph_longest_wait(const WaitGraph *graph);
gboolean wait_graph_knows_all_waits(const WaitGraph *graph);

/* Whether the session (or a member of its group) waits for a lock, and for which queue entry: NULL
 * when it doesn't. Of several members' waits the longest. */
const QueueWaiter *wait_graph_wait(const WaitGraph *graph, guint session, const LockQueue **queue);
/* How long it has waited, in microseconds, or WAITED_UNKNOWN; 0 when it doesn't. */
gint64 wait_graph_waited(const WaitGraph *graph, guint session);

/* Everybody behind it, directly or behind others. */
guint wait_graph_blocked_total(const WaitGraph *graph, guint session);
/* Those of them that move on when only this one ends. A waiter on a row's tuple lock also counts as
 * waiting for whoever the tuple lock's holder waits for: it is next to wait there. */
guint wait_graph_freed_alone(const WaitGraph *graph, guint session);
/* Whether it may be only one of several that share a row which somebody behind it wants: a waiter
 * waits for their transactions one after the other, and is seen to wait for one (MultiXactIdWait in
 * src/backend/access/heap/heapam.c). There is evidence for it when somebody else, who isn't behind
 * it, has locked rows of the same table. */
gboolean wait_graph_row_may_be_shared(const WaitGraph *graph, guint blocker);
/* The longest wait of those behind it, in microseconds; in a circle its own counts, too. */
gint64 wait_graph_longest_wait_behind(const WaitGraph *graph, guint session);

/* Those who move on when all of these end or give up their waits: indexes, ascending; the array (of
 * guint) is the caller's. */
GArray *wait_graph_freed_by(const WaitGraph *graph, const guint *sessions, guint n_sessions);
/* Everybody behind any of these, without these themselves: indexes, ascending; the caller's. */
GArray *wait_graph_behind(const WaitGraph *graph, const guint *sessions, guint n_sessions);
/* The roots that a waiter is, directly or behind others, behind: indexes in the order of the roots;
 * the caller's. */
GArray *wait_graph_roots_of(const WaitGraph *graph, guint waiter);

typedef enum {
	EDGES_SHOWN, /* per waiter the hard ones, at most 20, and of the soft ones the nearest ahead */
	EDGES_HARD,  /* all hard ones, no soft ones */
	EDGES_ALL    /* equal to pg_blocking_pids */
} EdgeSelection;

/* The edges from a waiter to those it waits for; hard ones first, in order of pid; a blocker
 * appears once in a queue, hard if it is both. Appends to edges (of WaitEdge). */
void wait_graph_append_edges(const WaitGraph *graph, guint waiter, EdgeSelection selection,
                             GArray *edges);
/* How many EDGES_ALL would give. */
guint wait_graph_n_blockers(const WaitGraph *graph, guint waiter);

/* The tree that people are shown: each waiter under one parent, the hard blocker worst for it, or
 * else the nearest soft one ahead. Roots, and one member of each circle that has no root above it,
 * are the tops. Children are in order of their wait, longest first. */
guint wait_graph_n_tops(const WaitGraph *graph);
guint wait_graph_top(const WaitGraph *graph, guint index);
const guint *wait_graph_children(const WaitGraph *graph, guint session, guint *n_children);
/* NO_SESSION for tops and for sessions that don't take part. */
guint wait_graph_parent(const WaitGraph *graph, guint session);

/* All that wait or block: leaders' indexes, roots first (worst first), then waiters, longest wait
 * first. */
const guint *wait_graph_participants(const WaitGraph *graph, guint *n);

/* What this waiter waits for, as a person understands it: the tag of its wait, and for a wait on a
 * transactionid the row whose tuple lock it holds meanwhile. row_tag is NULL when there is none. */
typedef struct {
	const LockTag *tag;
	const LockTag *row_tag;
} WaitTarget;
WaitTarget wait_graph_target(const WaitGraph *graph, guint waiter);

/* What a root holds that others wait for directly: the distinct targets of its direct waiters with
 * the mode it holds, most waited for first. Appends to held. */
typedef struct {
	WaitTarget target;
	LockMode mode;
	guint n_waiters;
} HeldTarget;
void wait_graph_append_held(const WaitGraph *graph, guint blocker, GArray *held);

#endif
