#include "model/wait_graph.h"

#include "base/timestamp.h"
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

static void add_nodes(WaitGraph *graph)
{
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
	guint n_holders[LOCK_MODE_COUNT]; /* leaders that hold something in conflict with the mode */
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

static void start_walk(const LockQueue *queue, QueueWalk *walk)
{
	memset(walk, 0, sizeof(*walk));
	memset(walk->ahead, 0xff, sizeof(walk->ahead));
	memset(walk->nearest, 0xff, sizeof(walk->nearest));
	walk->countable = TRUE;
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

/* Those behind this waiter need it from now on. */
static void join_ahead(WaitGraph *graph, QueueWalk *walk, const QueueWaiter *waiter, guint position,
                       gboolean one_by_one)
{
	LockMode mode = waiter->mode;
	guint node = graph->node_of[waiter->leader];
	guint before = walk->ahead[mode];

	if (before == NOTHING) {
		walk->ahead[mode] = node;
	} else if (before != node) {
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
static void add_row_locks_behind_tuple_lock(WaitGraph *graph, const LockQueue *queue,
                                            const HolderNodes *holder_nodes,
                                            const QueueWaiter *waiter)
{
	guint node = graph->node_of[waiter->leader];

	for (guint i = 0; i < queue->n_holders; i++) {
		guint holder = graph->node_of[queue->holders[i].leader];

		if (queue_holder_blocks(&queue->holders[i], waiter) == LOCK_MODE_NONE)
			continue;
		for (guint w = graph->first_wait[holder]; w != NOTHING;
		     w = g_array_index(graph->waits, Wait, w).next) {
			const Wait *wait = &g_array_index(graph->waits, Wait, w);
			const LockQueue *next = lock_queues_get(graph->queues, wait->queue);
			LockModeSet conflicts = lock_mode_conflicts(next->waiters[wait->position].mode);

			if (next->tag.type != LOCK_TYPE_TRANSACTIONID)
				continue;
			for (LockMode mode = LOCK_MODE_FIRST; mode <= LOCK_MODE_LAST; mode++) {
				guint other = holder_nodes[wait->queue].holders[mode];

				if ((conflicts & LOCK_MODE_SET(mode)) && other != NOTHING && other != node)
					dependency_add(graph->dependency, node, other, TRUE);
			}
		}
	}
}

static void add_edges(WaitGraph *graph)
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
			for (guint i = 0; i < queue->n_waiters; i++)
				add_row_locks_behind_tuple_lock(graph, queue, holders, &queue->waiters[i]);
	}
}

/* A 13 has no waitstart: there the age of the statement is what the wait is at most. Later servers
 * leave it out only for an instant after the wait has begun. */
static gint64 age_of_wait(const WaitGraph *graph, const QueueWaiter *waiter)
{
	gint64 now = snapshot_taken_at(graph->snapshot);

	if (waiter->waitstart != TIMESTAMP_NONE)
		return timestamp_age(now, waiter->waitstart);
	if (snapshot_server(graph->snapshot)->version_num >= 140000)
		return 0;
	return timestamp_age(now, snapshot_session(graph->snapshot, waiter->session)->query_start);
}

static const QueueWaiter *wait_entry(const WaitGraph *graph, guint w, const LockQueue **queue)
{
	const Wait *wait = &g_array_index(graph->waits, Wait, w);
	const LockQueue *its_queue = lock_queues_get(graph->queues, wait->queue);

	if (queue)
		*queue = its_queue;
	return &its_queue->waiters[wait->position];
}

static void measure_waits(WaitGraph *graph)
{
	graph->waited = g_new0(gint64, graph->sessions->len + 1);
	for (guint node = 0; node < graph->sessions->len; node++) {
		if (graph->first_wait[node] == NOTHING)
			continue;
		graph->n_blocked++;
		for (guint w = graph->first_wait[node]; w != NOTHING;
		     w = g_array_index(graph->waits, Wait, w).next)
			graph->waited[node] =
			    MAX(graph->waited[node], age_of_wait(graph, wait_entry(graph, w, NULL)));
		graph->longest_wait = MAX(graph->longest_wait, graph->waited[node]);
	}
	graph->longest_behind = dependency_max_behind(graph->dependency, graph->waited);
}

static int compare_numbers(gint64 a, gint64 b)
{
	return (a > b) - (a < b);
}

/* Roots before waiters; roots by how many they block, then by how long; waiters by how long they
 * have waited; at last by pid, so that two looks at the same scene look the same. */
static int compare_participants(gconstpointer a, gconstpointer b, gpointer data)
{
	const WaitGraph *graph = data;
	guint x = *(const guint *) a, y = *(const guint *) b;
	guint node_x = graph->node_of[x], node_y = graph->node_of[y];
	gboolean waits_x = graph->first_wait[node_x] != NOTHING;
	gboolean waits_y = graph->first_wait[node_y] != NOTHING;
	int order = waits_x - waits_y;

	if (order == 0 && !waits_x)
		order = compare_numbers(dependency_total(graph->dependency, node_y),
		                        dependency_total(graph->dependency, node_x));
	if (order == 0 && !waits_x)
		order = compare_numbers(graph->longest_behind[node_y], graph->longest_behind[node_x]);
	if (order == 0)
		order = compare_numbers(graph->waited[node_y], graph->waited[node_x]);
	if (order == 0)
		order = compare_numbers(snapshot_session(graph->snapshot, x)->pid,
		                        snapshot_session(graph->snapshot, y)->pid);
	return order != 0 ? order : compare_numbers(x, y);
}

static void collect_participants(WaitGraph *graph)
{
	for (guint node = 0; node < graph->sessions->len; node++) {
		guint session = wait_graph_session(graph, node);
		gboolean waits = graph->first_wait[node] != NOTHING;

		if (!waits && dependency_total(graph->dependency, node) == 0)
			continue;
		g_array_append_val(graph->participants, session);
		if (!waits)
			graph->n_roots++;
	}
	g_array_sort_with_data(graph->participants, compare_participants, graph);
}

static GArray *sessions_of_nodes(const WaitGraph *graph, GArray *nodes)
{
	for (guint i = 0; i < nodes->len; i++)
		g_array_index(nodes, guint, i) = wait_graph_session(graph, g_array_index(nodes, guint, i));
	return nodes;
}

static int compare_uints(gconstpointer a, gconstpointer b)
{
	return compare_numbers(*(const guint *) a, *(const guint *) b);
}

static void collect_circles(WaitGraph *graph)
{
	for (guint i = 0; i < dependency_n_circles(graph->dependency); i++) {
		guint n;
		const guint *nodes = dependency_circle(graph->dependency, i, &n);
		GArray *circle = g_array_new(FALSE, FALSE, sizeof(guint));

		g_array_append_vals(circle, nodes, n);
		sessions_of_nodes(graph, circle);
		g_array_sort(circle, compare_uints);
		g_array_append_val(graph->circles, circle);
	}
}

WaitGraph *wait_graph_new(const Snapshot *snapshot)
{
	WaitGraph *graph = g_new0(WaitGraph, 1);
	guint n_sessions = snapshot_n_sessions(snapshot);

	graph->snapshot = snapshot;
	graph->queues = lock_queues_new(snapshot);
	graph->sessions = g_array_new(FALSE, FALSE, sizeof(guint));
	graph->waits = g_array_new(FALSE, FALSE, sizeof(Wait));
	graph->participants = g_array_new(FALSE, FALSE, sizeof(guint));
	graph->circles = g_array_new(FALSE, FALSE, sizeof(GArray *));
	graph->tops = g_array_new(FALSE, FALSE, sizeof(guint));
	graph->stamp = g_new0(guint, n_sessions);
	graph->node_of = g_new(guint, n_sessions);
	for (guint i = 0; i < n_sessions; i++)
		graph->node_of[i] = NOTHING;
	add_nodes(graph);
	graph->first_wait = g_new(guint, graph->sessions->len + 1);
	for (guint i = 0; i < graph->sessions->len; i++)
		graph->first_wait[i] = NOTHING;
	graph->dependency = dependency_new(graph->sessions->len);
	add_edges(graph);
	dependency_solve(graph->dependency);
	measure_waits(graph);
	collect_participants(graph);
	collect_circles(graph);
	wait_graph_plant(graph);
	return graph;
}

void wait_graph_free(WaitGraph *graph)
{
	if (!graph)
		return;
	lock_queues_free(graph->queues);
	dependency_free(graph->dependency);
	g_array_unref(graph->sessions);
	g_array_unref(graph->waits);
	g_array_unref(graph->participants);
	g_array_unref(graph->tops);
	for (guint i = 0; i < graph->circles->len; i++)
		g_array_unref(g_array_index(graph->circles, GArray *, i));
	g_array_unref(graph->circles);
	g_free(graph->node_of);
	g_free(graph->first_wait);
	g_free(graph->waited);
	g_free(graph->longest_behind);
	g_free(graph->parent);
	g_free(graph->first_child);
	g_free(graph->children);
	g_free(graph->stamp);
	g_free(graph);
}

const Snapshot *wait_graph_snapshot(const WaitGraph *graph)
{
	return graph->snapshot;
}

const LockQueues *wait_graph_queues(const WaitGraph *graph)
{
	return graph->queues;
}

guint wait_graph_n_roots(const WaitGraph *graph)
{
	return graph->n_roots;
}

guint wait_graph_root(const WaitGraph *graph, guint index)
{
	g_return_val_if_fail(index < graph->n_roots, NO_SESSION);
	return g_array_index(graph->participants, guint, index);
}

gboolean wait_graph_is_root(const WaitGraph *graph, guint session)
{
	guint node = wait_graph_node(graph, session);

	return node != NOTHING && graph->first_wait[node] == NOTHING &&
	       dependency_total(graph->dependency, node) > 0;
}

guint wait_graph_n_cycles(const WaitGraph *graph)
{
	return graph->circles->len;
}

const guint *wait_graph_cycle(const WaitGraph *graph, guint index, guint *n_sessions)
{
	const GArray *circle = g_array_index(graph->circles, GArray *, index);

	*n_sessions = circle->len;
	return (const guint *) (gpointer) circle->data;
}

guint wait_graph_n_blocked(const WaitGraph *graph)
{
	return graph->n_blocked;
}

gint64 wait_graph_longest_wait(const WaitGraph *graph)
{
	return graph->longest_wait;
}

const QueueWaiter *wait_graph_wait(const WaitGraph *graph, guint session, const LockQueue **queue)
{
	guint node = wait_graph_node(graph, session);
	const QueueWaiter *longest = NULL;

	if (node == NOTHING)
		return NULL;
	for (guint w = graph->first_wait[node]; w != NOTHING;
	     w = g_array_index(graph->waits, Wait, w).next) {
		const LockQueue *its_queue;
		const QueueWaiter *waiter = wait_entry(graph, w, &its_queue);

		if (!longest || age_of_wait(graph, waiter) > age_of_wait(graph, longest)) {
			longest = waiter;
			if (queue)
				*queue = its_queue;
		}
	}
	return longest;
}

gint64 wait_graph_waited(const WaitGraph *graph, guint session)
{
	guint node = wait_graph_node(graph, session);

	return node == NOTHING ? 0 : graph->waited[node];
}

guint wait_graph_blocked_total(const WaitGraph *graph, guint session)
{
	guint node = wait_graph_node(graph, session);

	return node == NOTHING ? 0 : dependency_total(graph->dependency, node);
}

guint wait_graph_freed_alone(const WaitGraph *graph, guint session)
{
	guint node = wait_graph_node(graph, session);

	return node == NOTHING ? 0 : dependency_freed_alone(graph->dependency, node);
}

gint64 wait_graph_longest_wait_behind(const WaitGraph *graph, guint session)
{
	guint node = wait_graph_node(graph, session);

	return node == NOTHING ? 0 : graph->longest_behind[node];
}

static GArray *nodes_of_sessions(const WaitGraph *graph, const guint *sessions, guint n)
{
	GArray *nodes = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i < n; i++)
		if (wait_graph_node(graph, sessions[i]) != NOTHING)
			g_array_append_val(nodes, graph->node_of[sessions[i]]);
	return nodes;
}

typedef GArray *(*NodeQuestion)(const Dependency *dependency, const guint *parties, guint n);

static GArray *ask_of_sessions(const WaitGraph *graph, const guint *sessions, guint n,
                               NodeQuestion question)
{
	g_autoptr(GArray) nodes = nodes_of_sessions(graph, sessions, n);
	GArray *answer =
	    question(graph->dependency, (const guint *) (gpointer) nodes->data, nodes->len);

	sessions_of_nodes(graph, answer);
	g_array_sort(answer, compare_uints);
	return answer;
}

GArray *wait_graph_freed_by(const WaitGraph *graph, const guint *sessions, guint n_sessions)
{
	return ask_of_sessions(graph, sessions, n_sessions, dependency_freed_by);
}

GArray *wait_graph_behind(const WaitGraph *graph, const guint *sessions, guint n_sessions)
{
	return ask_of_sessions(graph, sessions, n_sessions, dependency_behind);
}

GArray *wait_graph_roots_of(const WaitGraph *graph, guint waiter)
{
	guint node = wait_graph_node(graph, waiter);
	GArray *roots = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autoptr(GArray) ahead = NULL;

	if (node == NOTHING)
		return roots;
	ahead = dependency_ahead(graph->dependency, node);
	for (guint i = 0; i < ahead->len; i++) {
		guint session = wait_graph_session(graph, g_array_index(ahead, guint, i));

		if (wait_graph_is_root(graph, session))
			g_array_append_val(roots, session);
	}
	g_array_sort_with_data(roots, compare_participants, (gpointer) (gsize) graph);
	return roots;
}

const guint *wait_graph_participants(const WaitGraph *graph, guint *n)
{
	*n = graph->participants->len;
	return (const guint *) (gpointer) graph->participants->data;
}
