#include "model/wait_graph.h"

#include "model/wait_graph_private.h"

/* Hard blockers that are shown of one waiter. */
#define MAX_HARD_EDGES_SHOWN 20

static const Wait *wait_at(const WaitGraph *graph, guint w)
{
	return &g_array_index(graph->waits, Wait, w);
}

/* Whether this is the first time since begin_seeing that the leader is met. */
static gboolean first_seen(const WaitGraph *graph, guint leader)
{
	if (graph->stamp[leader] == graph->last_stamp)
		return FALSE;
	graph->stamp[leader] = graph->last_stamp;
	return TRUE;
}

static void begin_seeing(const WaitGraph *graph)
{
	/* Scratch memory of a graph that is otherwise only read. */
	((WaitGraph *) (gsize) graph)->last_stamp++;
}

static void append_edges_of_wait(const WaitGraph *graph, const Wait *wait, EdgeSelection selection,
                                 GArray *edges)
{
	const LockQueue *queue = lock_queues_get(graph->queues, wait->queue);
	const QueueWaiter *waiter = &queue->waiters[wait->position];
	guint before = edges->len;
	guint ahead = wait->nearest;

	begin_seeing(graph);
	for (guint i = 0; i < queue->n_holders; i++) {
		LockMode mode = queue_holder_blocks(&queue->holders[i], waiter);
		WaitEdge edge = {
		    waiter->leader, queue->holders[i].leader, EDGE_HARD, wait->queue, waiter->mode, mode};

		if (mode == LOCK_MODE_NONE || !first_seen(graph, edge.blocker))
			continue;
		/* Beyond what is shown still to be seen: a hard blocker is never listed as a soft one. */
		if (selection != EDGES_SHOWN || edges->len - before < MAX_HARD_EDGES_SHOWN)
			g_array_append_val(edges, edge);
	}
	/* nearest is the nearest that asks for a conflicting mode; no one nearer needs a look */
	while (selection != EDGES_HARD && ahead != NOTHING) {
		const QueueWaiter *other = &queue->waiters[ahead];
		WaitEdge edge = {waiter->leader, other->leader, EDGE_SOFT,
		                 wait->queue,    waiter->mode,  other->mode};

		if (queue_waiter_blocks(other, waiter) && first_seen(graph, other->leader)) {
			g_array_append_val(edges, edge);
			if (selection == EDGES_SHOWN)
				break;
		}
		ahead = ahead > 0 ? ahead - 1 : NOTHING;
	}
}

void wait_graph_append_edges(const WaitGraph *graph, guint waiter, EdgeSelection selection,
                             GArray *edges)
{
	guint node = wait_graph_node(graph, waiter);

	if (node == NOTHING)
		return;
	for (guint w = graph->first_wait[node]; w != NOTHING; w = wait_at(graph, w)->next)
		append_edges_of_wait(graph, wait_at(graph, w), selection, edges);
}

guint wait_graph_n_blockers(const WaitGraph *graph, guint waiter)
{
	guint node = wait_graph_node(graph, waiter);
	guint n = 0;

	if (node == NOTHING)
		return 0;
	for (guint w = graph->first_wait[node]; w != NOTHING; w = wait_at(graph, w)->next) {
		const Wait *wait = wait_at(graph, w);

		if (wait->n_blockers != NOTHING) {
			n += wait->n_blockers;
		} else {
			g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));

			append_edges_of_wait(graph, wait, EDGES_ALL, edges);
			n += edges->len;
		}
	}
	return n;
}

/* Under whom a waiter is shown, for each mode that may be asked for: the holder that blocks most.
 * Worked out once a queue, not once a waiter. */
typedef struct {
	guint node[LOCK_MODE_COUNT];
} WorstHolders;

static gboolean is_worse(const WaitGraph *graph, guint node, guint than)
{
	guint total, than_total;

	if (than == NOTHING)
		return TRUE;
	total = dependency_total(graph->dependency, node);
	than_total = dependency_total(graph->dependency, than);
	if (total != than_total)
		return total > than_total;
	return snapshot_session(graph->snapshot, wait_graph_session(graph, node))->pid <
	       snapshot_session(graph->snapshot, wait_graph_session(graph, than))->pid;
}

static void find_worst_holders(const WaitGraph *graph, const LockQueue *queue, WorstHolders *worst)
{
	for (LockMode mode = LOCK_MODE_NONE; mode <= LOCK_MODE_LAST; mode++) {
		worst->node[mode] = NOTHING;
		for (guint i = 0; i < queue->n_holders; i++) {
			guint node = graph->node_of[queue->holders[i].leader];

			/* Who is in nobody's way has no node. */
			if (node != NOTHING && (queue->holders[i].held & lock_mode_conflicts(mode)) &&
			    is_worse(graph, node, worst->node[mode]))
				worst->node[mode] = node;
		}
	}
}

static guint find_parent(const WaitGraph *graph, const Wait *wait, const WorstHolders *worst)
{
	const LockQueue *queue = lock_queues_get(graph->queues, wait->queue);
	const QueueWaiter *waiter = &queue->waiters[wait->position];
	guint node = graph->node_of[waiter->leader];
	guint parent = worst->node[waiter->mode];

	if (parent != NOTHING && parent != node)
		return parent;
	parent = NOTHING;
	if (waiter->held & lock_mode_conflicts(waiter->mode))
		for (guint i = 0; i < queue->n_holders; i++) {
			guint holder = graph->node_of[queue->holders[i].leader];

			if (queue_holder_blocks(&queue->holders[i], waiter) != LOCK_MODE_NONE &&
			    is_worse(graph, holder, parent))
				parent = holder;
		}
	for (guint ahead = wait->nearest; parent == NOTHING && ahead != NOTHING;
	     ahead = ahead > 0 ? ahead - 1 : NOTHING)
		if (queue_waiter_blocks(&queue->waiters[ahead], waiter))
			parent = graph->node_of[queue->waiters[ahead].leader];
	return parent;
}

static void find_parents(WaitGraph *graph)
{
	guint n_queues = lock_queues_n(graph->queues);
	g_autofree WorstHolders *worst = g_new(WorstHolders, n_queues);

	for (guint q = 0; q < n_queues; q++)
		find_worst_holders(graph, lock_queues_get(graph->queues, q), &worst[q]);
	for (guint node = 0; node < graph->sessions->len; node++) {
		graph->parent[node] = NOTHING;
		for (guint w = graph->first_wait[node]; w != NOTHING && graph->parent[node] == NOTHING;
		     w = wait_at(graph, w)->next)
			graph->parent[node] =
			    find_parent(graph, wait_at(graph, w), &worst[wait_at(graph, w)->queue]);
	}
}

/* Parents that go in a circle: its member of the lowest index becomes a top. */
static void cut_circles(WaitGraph *graph)
{
	g_autofree guint *walk_of = g_new0(guint, graph->sessions->len + 1);

	for (guint start = 0; start < graph->sessions->len; start++) {
		guint node = start;
		guint lowest;

		while (node != NOTHING && walk_of[node] == 0) {
			walk_of[node] = start + 1;
			node = graph->parent[node];
		}
		if (node == NOTHING || walk_of[node] != start + 1)
			continue;
		lowest = node;
		for (guint next = graph->parent[node]; next != node; next = graph->parent[next])
			lowest = MIN(lowest, next);
		graph->parent[lowest] = NOTHING;
	}
}

void wait_graph_plant(WaitGraph *graph)
{
	guint n = graph->sessions->len;
	guint *next;

	graph->parent = g_new(guint, n + 1);
	find_parents(graph);
	cut_circles(graph);

	graph->first_child = g_new0(guint, n + 2);
	graph->children = g_new(guint, n + 1);
	next = graph->first_child + 1;
	for (guint node = 0; node < n; node++)
		if (graph->parent[node] != NOTHING)
			next[graph->parent[node] + 1]++;
	for (guint node = 0; node < n; node++)
		next[node + 1] += next[node];
	/* The participants are in the order in which tops and children are to be. */
	for (guint i = 0; i < graph->participants->len; i++) {
		guint session = g_array_index(graph->participants, guint, i);
		guint parent = graph->parent[graph->node_of[session]];

		if (parent == NOTHING)
			g_array_append_val(graph->tops, session);
		else
			graph->children[next[parent]++] = session;
	}
}

guint wait_graph_n_tops(const WaitGraph *graph)
{
	return graph->tops->len;
}

guint wait_graph_top(const WaitGraph *graph, guint index)
{
	g_return_val_if_fail(index < graph->tops->len, NO_SESSION);
	return g_array_index(graph->tops, guint, index);
}

const guint *wait_graph_children(const WaitGraph *graph, guint session, guint *n_children)
{
	guint node = wait_graph_node(graph, session);

	if (node == NOTHING) {
		*n_children = 0;
		return NULL;
	}
	*n_children = graph->first_child[node + 1] - graph->first_child[node];
	return graph->children + graph->first_child[node];
}

guint wait_graph_parent(const WaitGraph *graph, guint session)
{
	guint node = wait_graph_node(graph, session);

	if (node == NOTHING || graph->parent[node] == NOTHING)
		return NO_SESSION;
	return wait_graph_session(graph, graph->parent[node]);
}

static WaitTarget target_of(const WaitGraph *graph, const LockQueue *queue,
                            const QueueWaiter *waiter)
{
	WaitTarget target = {.tag = &queue->tag};
	guint n_locks;
	const Lock *locks;

	if (queue->tag.type != LOCK_TYPE_TRANSACTIONID)
		return target;
	/* heap_acquire_tuplock in src/backend/access/heap/heapam.c: taken before the wait for the
	 * transaction, one at a time, given back once the row is had. */
	locks = snapshot_session_locks(graph->snapshot, waiter->session, &n_locks);
	for (guint i = 0; i < n_locks; i++)
		if (locks[i].granted && locks[i].tag.type == LOCK_TYPE_TUPLE)
			target.row_tag = &locks[i].tag;
	return target;
}

WaitTarget wait_graph_target(const WaitGraph *graph, guint waiter)
{
	const LockQueue *queue = NULL;
	const QueueWaiter *wait = wait_graph_wait(graph, waiter, &queue);

	return wait ? target_of(graph, queue, wait) : (WaitTarget){NULL, NULL};
}

static gboolean same_target(const WaitTarget *a, const WaitTarget *b)
{
	if (!lock_tag_equal(a->tag, b->tag) || !a->row_tag != !b->row_tag)
		return FALSE;
	return !a->row_tag || lock_tag_equal(a->row_tag, b->row_tag);
}

static void count_held(GArray *held, guint from, const HeldTarget *target)
{
	for (guint i = from; i < held->len; i++) {
		HeldTarget *known = &g_array_index(held, HeldTarget, i);

		if (same_target(&known->target, &target->target)) {
			known->n_waiters++;
			known->mode = MAX(known->mode, target->mode);
			return;
		}
	}
	g_array_append_val(held, *target);
}

static int compare_held(gconstpointer a, gconstpointer b)
{
	const HeldTarget *x = a, *y = b;

	return (x->n_waiters < y->n_waiters) - (x->n_waiters > y->n_waiters);
}

void wait_graph_append_held(const WaitGraph *graph, guint blocker, GArray *held)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(HeldTarget));

	for (guint q = 0; q < lock_queues_n(graph->queues); q++) {
		const LockQueue *queue = lock_queues_get(graph->queues, q);
		guint first = found->len;

		for (guint h = 0; h < queue->n_holders; h++) {
			if (queue->holders[h].leader != blocker)
				continue;
			for (guint i = 0; i < queue->n_waiters; i++) {
				HeldTarget target = {
				    .target = target_of(graph, queue, &queue->waiters[i]),
				    .mode = queue_holder_blocks(&queue->holders[h], &queue->waiters[i]),
				    .n_waiters = 1,
				};

				if (target.mode != LOCK_MODE_NONE)
					count_held(found, first, &target);
			}
		}
	}
	g_array_sort(found, compare_held);
	g_array_append_vals(held, found->data, found->len);
}
