#include "model/wait_graph_private.h"

/* Under whom a waiter is shown, for each mode that may be asked for: the holder that blocks most.
 * Worked out once a queue, not once a waiter. */
typedef struct {
	guint node[LOCK_MODE_COUNT];
} WorstHolders;

/* Who blocks more; then who has the lower pid, or transaction. */
static gboolean is_worse(const WaitGraph *graph, guint node, guint than)
{
	const Session *session, *than_session;
	guint total, than_total;

	if (than == NOTHING)
		return TRUE;
	total = dependency_total(graph->dependency, node);
	than_total = dependency_total(graph->dependency, than);
	if (total != than_total)
		return total > than_total;
	session = snapshot_session(graph->snapshot, wait_graph_session(graph, node));
	than_session = snapshot_session(graph->snapshot, wait_graph_session(graph, than));
	if (session->pid != than_session->pid)
		return session->pid < than_session->pid;
	return session->transaction < than_session->transaction;
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
		     w = g_array_index(graph->waits, Wait, w).next) {
			const Wait *wait = &g_array_index(graph->waits, Wait, w);

			graph->parent[node] = find_parent(graph, wait, &worst[wait->queue]);
		}
	}
}

/* Whether the way up from a node ends at a top, or comes to a circle of parents and goes round. */
typedef enum { WAY_UNKNOWN, WAY_WALKED, WAY_ENDS, WAY_GOES_ROUND } WayUp;

static WayUp *find_ways_up(const WaitGraph *graph)
{
	WayUp *ways = g_new0(WayUp, graph->sessions->len + 1);

	for (guint start = 0; start < graph->sessions->len; start++) {
		guint node = start;
		WayUp way;

		while (node != NOTHING && ways[node] == WAY_UNKNOWN) {
			ways[node] = WAY_WALKED;
			node = graph->parent[node];
		}
		way = node == NOTHING ? WAY_ENDS : ways[node] == WAY_WALKED ? WAY_GOES_ROUND : ways[node];
		for (node = start; node != NOTHING && ways[node] == WAY_WALKED; node = graph->parent[node])
			ways[node] = way;
	}
	return ways;
}

/* Of those in a waiter's way one from whom the way up ends: the worst hard one, or else the nearest
 * soft one. */
static guint find_parent_outside(const WaitGraph *graph, guint node, const WayUp *ways)
{
	g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));
	guint parent = NOTHING;

	wait_graph_append_edges(graph, wait_graph_session(graph, node), EDGES_ALL, edges);
	for (guint i = 0; i < edges->len; i++) {
		const WaitEdge *edge = &g_array_index(edges, WaitEdge, i);
		guint blocker = graph->node_of[edge->blocker];

		if (ways[blocker] == WAY_ENDS && (edge->kind == EDGE_HARD || parent == NOTHING) &&
		    is_worse(graph, blocker, parent))
			parent = blocker;
	}
	return parent;
}

/* Whether anybody from whom the way up ends is ahead of a member: a look at all edges can be spared
 * where not. */
static gboolean has_way_out(const WaitGraph *graph, guint member, const WayUp *ways)
{
	g_autoptr(GArray) ahead = dependency_ahead(graph->dependency, member);

	for (guint i = 0; i < ahead->len; i++)
		if (ways[g_array_index(ahead, guint, i)] == WAY_ENDS)
			return TRUE;
	return FALSE;
}

/* Hangs a circle of parents below somebody outside who is in the way of a member, too. FALSE when
 * there is none of both any more. */
static gboolean hang_a_circle(WaitGraph *graph)
{
	g_autofree WayUp *ways = find_ways_up(graph);

	for (guint i = 0; i < dependency_n_circles(graph->dependency); i++) {
		guint n;
		const guint *members = dependency_circle(graph->dependency, i, &n);

		if (!has_way_out(graph, members[0], ways))
			continue;
		for (guint j = 0; j < n; j++) {
			guint parent = NOTHING;

			if (ways[members[j]] == WAY_GOES_ROUND)
				parent = find_parent_outside(graph, members[j], ways);
			if (parent != NOTHING) {
				graph->parent[members[j]] = parent;
				return TRUE;
			}
		}
	}
	return FALSE;
}

/* In circles of parents that are left the member of the lowest index becomes a top. */
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
	if (dependency_n_circles(graph->dependency) > 0) {
		while (hang_a_circle(graph))
			;
		cut_circles(graph);
	}

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
