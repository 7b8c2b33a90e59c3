#include "model/wait_graph_private.h"

#include <string.h>

LockMode queue_holder_blocks(const QueueHolder *holder, const QueueWaiter *waiter)
{
	LockModeSet in_the_way = holder->held & lock_mode_conflicts(waiter->mode);

	if (holder->leader == waiter->leader || !in_the_way)
		return LOCK_MODE_NONE;
	return (LockMode) g_bit_nth_msf(in_the_way, -1);
}

gboolean queue_waiter_blocks(const QueueWaiter *ahead, const QueueWaiter *waiter)
{
	return ahead->leader != waiter->leader &&
	       (lock_mode_conflicts(waiter->mode) & LOCK_MODE_SET(ahead->mode)) != 0;
}

static guint add_node(WaitGraph *graph, guint leader)
{
	if (graph->node_of[leader] == NOTHING) {
		graph->node_of[leader] = graph->sessions->len;
		g_array_append_val(graph->sessions, leader);
	}
	return graph->node_of[leader];
}

void wait_graph_add_nodes(WaitGraph *graph, const GArray *hidden)
{
	for (guint i = 0; hidden && i < hidden->len; i++) {
		add_node(graph, g_array_index(hidden, HiddenWait, i).waiter);
		add_node(graph, g_array_index(hidden, HiddenWait, i).blocker);
	}
	for (guint q = 0; q < lock_queues_n(graph->queues); q++) {
		const LockQueue *queue = lock_queues_get(graph->queues, q);
		LockModeSet in_the_way = 0;

		for (guint i = 0; i < queue->n_waiters; i++) {
			add_node(graph, queue->waiters[i].leader);
			in_the_way |= lock_mode_conflicts(queue->waiters[i].mode);
		}
		for (guint i = 0; i < queue->n_holders; i++)
			if (queue->holders[i].held & in_the_way)
				add_node(graph, queue->holders[i].leader);
	}
}

/*
 * While edges are added: for a queue, the node that stands for all holders of a mode, and, as the
 * waiters are gone through in order, the node that stands for all waiters so far that ask for a
 * mode. A waiter then needs at most one node of each kind for every mode that it conflicts with.
 */
typedef struct {
	guint holders[LOCK_MODE_COUNT]; /* node or NOTHING */
} HolderNodes;

typedef struct {
	guint ahead[LOCK_MODE_COUNT];   /* node or NOTHING */
	guint nearest[LOCK_MODE_COUNT]; /* position of the last waiter so far that asks for the mode */
	guint n_ahead[LOCK_MODE_COUNT];
	guint
	    wanted_until[LOCK_MODE_COUNT]; /* no waiter from this position on conflicts with the mode */
	guint n_holders[LOCK_MODE_COUNT];  /* leaders that hold something in conflict with the mode */
	/* What the last waiter of the same mode needed: what a further one need not say again. */
	gboolean has_precursor[LOCK_MODE_COUNT];
	guint precursor_ahead[LOCK_MODE_COUNT][LOCK_MODE_COUNT];
	gboolean countable; /* no leader counts twice: blockers are the sum of the numbers above */
} QueueWalk;

static void add_holder_nodes(WaitGraph *graph, const LockQueue *queue, HolderNodes *nodes)
{
	LockModeSet in_the_way = 0;

	memset(nodes, 0xff, sizeof(*nodes)); /* NOTHING */
	for (guint i = 0; i < queue->n_waiters; i++)
		in_the_way |= lock_mode_conflicts(queue->waiters[i].mode);
	for (LockMode mode = LOCK_MODE_FIRST; mode <= LOCK_MODE_LAST; mode++) {
		guint n = 0, first = NOTHING;

		if (!(in_the_way & LOCK_MODE_SET(mode)))
			continue;
		for (guint i = 0; i < queue->n_holders; i++) {
			guint node;

			if (!(queue->holders[i].held & LOCK_MODE_SET(mode)))
				continue;
			node = graph->node_of[queue->holders[i].leader];
			if (++n == 1) {
				first = node;
			} else {
				if (n == 2) {
					nodes->holders[mode] = dependency_add_helper(graph->dependency);
					dependency_add(graph->dependency, nodes->holders[mode], first, FALSE);
				}
				dependency_add(graph->dependency, nodes->holders[mode], node, FALSE);
			}
		}
		if (n == 1)
			nodes->holders[mode] = first;
	}
}

static void note_wanted(const LockQueue *queue, QueueWalk *walk)
{
	guint last_of[LOCK_MODE_COUNT] = {0}; /* position of the last that asks for the mode, and 1 */

	for (guint i = 0; i < queue->n_waiters; i++)
		last_of[queue->waiters[i].mode] = i + 1;
	for (LockMode mode = LOCK_MODE_FIRST; mode <= LOCK_MODE_LAST; mode++)
		for (LockMode other = LOCK_MODE_FIRST; other <= LOCK_MODE_LAST; other++)
			if (lock_mode_conflicts(mode) & LOCK_MODE_SET(other))
				walk->wanted_until[mode] = MAX(walk->wanted_until[mode], last_of[other]);
}

static void start_walk(const LockQueue *queue, QueueWalk *walk)
{
	memset(walk, 0, sizeof(*walk));
	memset(walk->ahead, 0xff, sizeof(walk->ahead));
	memset(walk->nearest, 0xff, sizeof(walk->nearest));
	walk->countable = TRUE;
	note_wanted(queue, walk);
	for (LockMode mode = LOCK_MODE_FIRST; mode <= LOCK_MODE_LAST; mode++) {
		guint last = NOTHING;

		for (guint i = 0; i < queue->n_holders; i++)
			if ((queue->holders[i].held & lock_mode_conflicts(mode)) &&
			    queue->holders[i].leader != last) {
				last = queue->holders[i].leader;
				walk->n_holders[mode]++;
			}
	}
}

/* A waiter in whose own way its group stands, as a holder or in the queue: its blockers are
 * everybody but itself, which no common node can say. */
static void add_blockers_one_by_one(WaitGraph *graph, const LockQueue *queue, guint position)
{
	const QueueWaiter *waiter = &queue->waiters[position];
	guint node = graph->node_of[waiter->leader];

	for (guint i = 0; i < queue->n_holders; i++)
		if (queue_holder_blocks(&queue->holders[i], waiter) != LOCK_MODE_NONE)
			dependency_add(graph->dependency, node, graph->node_of[queue->holders[i].leader],
			               FALSE);
	for (guint i = 0; i < position; i++)
		if (queue_waiter_blocks(&queue->waiters[i], waiter))
			dependency_add(graph->dependency, node, graph->node_of[queue->waiters[i].leader],
			               FALSE);
}

static void add_blockers(WaitGraph *graph, const HolderNodes *holders, QueueWalk *walk,
                         const QueueWaiter *waiter)
{
	LockModeSet conflicts = lock_mode_conflicts(waiter->mode);
	guint node = graph->node_of[waiter->leader];
	gboolean precursor = walk->has_precursor[waiter->mode];
	const guint *precursor_ahead = walk->precursor_ahead[waiter->mode];

	for (LockMode mode = LOCK_MODE_FIRST; mode <= LOCK_MODE_LAST; mode++) {
		if (!(conflicts & LOCK_MODE_SET(mode)))
			continue;
		if (holders->holders[mode] != NOTHING)
			dependency_add(graph->dependency, node, holders->holders[mode], precursor);
		if (walk->ahead[mode] != NOTHING)
			dependency_add(graph->dependency, node, walk->ahead[mode],
			               precursor && precursor_ahead[mode] == walk->ahead[mode]);
	}
	if (lock_mode_conflicts_with_itself(waiter->mode)) {
		walk->has_precursor[waiter->mode] = TRUE;
		memcpy(walk->precursor_ahead[waiter->mode], walk->ahead, sizeof(walk->ahead));
	}
}

/* Those behind this waiter that conflict with it need it from now on. */
static void join_ahead(WaitGraph *graph, QueueWalk *walk, const QueueWaiter *waiter, guint position,
                       gboolean one_by_one)
{
	LockMode mode = waiter->mode;
	guint node = graph->node_of[waiter->leader];
	guint before = walk->ahead[mode];

	if (before == NOTHING) {
		walk->ahead[mode] = node;
	} else if (before != node && position + 1 < walk->wanted_until[mode]) {
		guint helper = dependency_add_helper(graph->dependency);

		dependency_add(graph->dependency, helper, node, FALSE);
		dependency_add(graph->dependency, helper, before,
		               !one_by_one && lock_mode_conflicts_with_itself(mode));
		walk->ahead[mode] = helper;
	}
	walk->nearest[mode] = position;
	walk->n_ahead[mode]++;
}

static void note_wait(WaitGraph *graph, guint q, const QueueWalk *walk, const QueueWaiter *waiter,
                      guint position)
{
	LockModeSet conflicts = lock_mode_conflicts(waiter->mode);
	guint node = graph->node_of[waiter->leader];
	guint index = graph->waits->len;
	guint *link = &graph->first_wait[node];
	Wait wait = {.queue = q, .position = position, .nearest = NOTHING, .next = NOTHING};

	for (LockMode mode = LOCK_MODE_FIRST; mode <= LOCK_MODE_LAST; mode++) {
		if (!(conflicts & LOCK_MODE_SET(mode)) || walk->nearest[mode] == NOTHING)
			continue;
		wait.n_blockers += walk->n_ahead[mode];
		if (wait.nearest == NOTHING || walk->nearest[mode] > wait.nearest)
			wait.nearest = walk->nearest[mode];
	}
	wait.n_blockers += walk->n_holders[waiter->mode];
	if (!walk->countable)
		wait.n_blockers = NOTHING;
	while (*link != NOTHING)
		link = &g_array_index(graph->waits, Wait, *link).next;
	*link = index;
	g_array_append_val(graph->waits, wait);
}

static void add_queue(WaitGraph *graph, guint q, const HolderNodes *holders)
{
	const LockQueue *queue = lock_queues_get(graph->queues, q);
	QueueWalk walk;
	guint stamp = ++graph->last_stamp;

	start_walk(queue, &walk);
	for (guint i = 0; i < queue->n_waiters; i++) {
		const QueueWaiter *waiter = &queue->waiters[i];
		gboolean own_group = graph->stamp[waiter->leader] == stamp ||
		                     (waiter->held & lock_mode_conflicts(waiter->mode)) != 0;

		/* From the first waiter on that also holds something, sums could count it twice. */
		walk.countable = walk.countable && !own_group && waiter->held == 0;
		note_wait(graph, q, &walk, waiter, i);
		if (own_group)
			add_blockers_one_by_one(graph, queue, i);
		else
			add_blockers(graph, holders, &walk, waiter);
		join_ahead(graph, &walk, waiter, i, own_group);
		graph->stamp[waiter->leader] = stamp;
	}
}

/*
 * The tuple lock of a row is only the place in the line for it: whoever gets it goes on to wait for
 * the transaction that the present holder of the tuple lock waits for. So those who wait for a
 * tuple lock need that transaction's end, too, or they would seem freed by the end of the first in
 * line.
 */
typedef struct {
	GArray *nodes; /* of guint */
	GHashTable *seen;
} RowLocks;

static void note_row_lock(RowLocks *row_locks, guint node)
{
	if (g_hash_table_add(row_locks->seen, GUINT_TO_POINTER(node)))
		g_array_append_val(row_locks->nodes, node);
}

/* What the holder of a tuple lock goes for: the nodes of those whose transaction it waits for. */
static void note_row_locks(const WaitGraph *graph, guint holder, const HolderNodes *holder_nodes,
                           RowLocks *row_locks)
{
	for (guint w = graph->first_wait[holder]; w != NOTHING;
	     w = g_array_index(graph->waits, Wait, w).next) {
		const Wait *wait = &g_array_index(graph->waits, Wait, w);
		const LockQueue *queue = lock_queues_get(graph->queues, wait->queue);
		LockModeSet conflicts = lock_mode_conflicts(queue->waiters[wait->position].mode);

		if (queue->tag.type != LOCK_TYPE_TRANSACTIONID)
			continue;
		for (LockMode mode = LOCK_MODE_FIRST; mode <= LOCK_MODE_LAST; mode++)
			if ((conflicts & LOCK_MODE_SET(mode)) &&
			    holder_nodes[wait->queue].holders[mode] != NOTHING)
				note_row_lock(row_locks, holder_nodes[wait->queue].holders[mode]);
	}
}

/* For one of the modes in which the tuple lock is held. */
static void add_row_locks_of_mode(WaitGraph *graph, const LockQueue *queue,
                                  const HolderNodes *holder_nodes, LockMode held)
{
	RowLocks row_locks = {g_array_new(FALSE, FALSE, sizeof(guint)), g_hash_table_new(NULL, NULL)};

	for (guint i = 0; i < queue->n_holders; i++) {
		guint holder = graph->node_of[queue->holders[i].leader];

		/* Who is in nobody's way has no node. */
		if (holder != NOTHING && (queue->holders[i].held & LOCK_MODE_SET(held)))
			note_row_locks(graph, holder, holder_nodes, &row_locks);
	}
	for (guint i = 0; i < queue->n_waiters; i++) {
		guint node = graph->node_of[queue->waiters[i].leader];

		if (!(lock_mode_conflicts(queue->waiters[i].mode) & LOCK_MODE_SET(held)))
			continue;
		for (guint j = 0; j < row_locks.nodes->len; j++) {
			guint other = g_array_index(row_locks.nodes, guint, j);

			if (other != node)
				dependency_add(graph->dependency, node, other, TRUE);
		}
	}
	g_array_unref(row_locks.nodes);
	g_hash_table_destroy(row_locks.seen);
}

static void add_row_locks_behind_tuple_lock(WaitGraph *graph, const LockQueue *queue,
                                            const HolderNodes *holder_nodes)
{
	LockModeSet held = 0;

	for (guint i = 0; i < queue->n_holders; i++)
		held |= queue->holders[i].held;
	for (LockMode mode = LOCK_MODE_FIRST; mode <= LOCK_MODE_LAST; mode++)
		if (held & LOCK_MODE_SET(mode))
			add_row_locks_of_mode(graph, queue, holder_nodes, mode);
}

void wait_graph_add_dependencies(WaitGraph *graph, const GArray *hidden)
{
	guint n_queues = lock_queues_n(graph->queues);
	g_autofree HolderNodes *holders = g_new(HolderNodes, n_queues);

	for (guint q = 0; q < n_queues; q++)
		add_holder_nodes(graph, lock_queues_get(graph->queues, q), &holders[q]);
	for (guint q = 0; q < n_queues; q++)
		add_queue(graph, q, &holders[q]);
	for (guint q = 0; q < n_queues; q++) {
		const LockQueue *queue = lock_queues_get(graph->queues, q);

		if (queue->tag.type == LOCK_TYPE_TUPLE)
			add_row_locks_behind_tuple_lock(graph, queue, holders);
	}
	for (guint i = 0; hidden && i < hidden->len; i++) {
		const HiddenWait *wait = &g_array_index(hidden, HiddenWait, i);

		dependency_add(graph->dependency, graph->node_of[wait->waiter],
		               graph->node_of[wait->blocker], FALSE);
	}
}
