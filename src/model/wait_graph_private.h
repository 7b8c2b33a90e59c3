#ifndef PGUNLOCK_MODEL_WAIT_GRAPH_PRIVATE_H
#define PGUNLOCK_MODEL_WAIT_GRAPH_PRIVATE_H

/* What wait_graph.c (who takes part, the answers), wait_dependency.c (from queues to nodes),
 * wait_edges.c (single edges, what is waited for), wait_circles.c, wait_sharers.c (who may share a
 * row) and wait_tree.c share. */

#include "model/dependency.h"
#include "model/wait_graph.h"

/* No node, no waiter, ... */
#define NOTHING G_MAXUINT

/* One row of a queue: a node may wait in several, when several members of its group wait. */
typedef struct {
	guint queue;
	guint position;
	guint nearest; /* position of the nearest waiter ahead with a conflicting request, or NOTHING */
	guint n_blockers; /* NOTHING: to be counted one by one */
	guint next;       /* of the same node, index into waits, or NOTHING */
} Wait;

struct WaitGraph {
	const Snapshot *snapshot;
	LockQueues *queues;

	/* Nodes: the leaders that wait or are in the way of one that does, as parties of the
	 * dependency. */
	GArray *sessions; /* of guint, by node */
	guint *node_of;   /* by session, or NOTHING */
	Dependency *dependency;

	GArray *waits;     /* of Wait */
	guint *first_wait; /* by node, index into waits, or NOTHING */
	gint64 *waited;    /* by node */
	gint64 *longest_behind;
	guint n_blocked;
	gint64 longest_wait;
	guint n_timeless; /* waiters whose waits have an unknown length */

	GArray *participants; /* of guint: sessions */
	guint n_roots;        /* the first of them */
	GArray *circles;      /* of GArray of guint: sessions */
	gboolean *was_seen;   /* by circle: in an earlier look, too; NULL: there was none */

	guint *parent;      /* by node: a node, or NOTHING */
	GArray *tops;       /* of guint: sessions */
	guint *first_child; /* by node, and one more: the end; into children */
	guint *children;    /* sessions */

	GArray *row_lockers; /* see wait_sharers.c */

	guint *stamp; /* by session: scratch, to see each blocker once */
	guint last_stamp;
};

/* Whether the leader is above this waiter as a holder. The strongest of the modes in the way, or
 * LOCK_MODE_NONE. */
LockMode queue_holder_blocks(const QueueHolder *holder, const QueueWaiter *waiter);
gboolean queue_waiter_blocks(const QueueWaiter *ahead, const QueueWaiter *waiter);

static inline guint wait_graph_node(const WaitGraph *graph, guint session)
{
	return graph->node_of[session];
}

static inline guint wait_graph_session(const WaitGraph *graph, guint node)
{
	return g_array_index(graph->sessions, guint, node);
}

/* Fills sessions and node_of; then, with first_wait and dependency made for as many nodes, waits
 * and the edges of the dependency. */
void wait_graph_add_nodes(WaitGraph *graph, const GArray *hidden);
void wait_graph_add_dependencies(WaitGraph *graph, const GArray *hidden);

/* Fills row_lockers. */
void wait_graph_note_row_lockers(WaitGraph *graph);

/* Fills parent, tops and children. The participants must be there. */
void wait_graph_plant(WaitGraph *graph);

#endif
