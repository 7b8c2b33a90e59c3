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

static const QueueWaiter *waiter_of(const WaitGraph *graph, const Wait *wait)
{
	return &lock_queues_get(graph->queues, wait->queue)->waiters[wait->position];
}

/* Members of a lock group stand side by side: they make one edge, with the strongest mode. */
static void append_hard_edges(const WaitGraph *graph, const Wait *wait, guint max, GArray *edges)
{
	const LockQueue *queue = lock_queues_get(graph->queues, wait->queue);
	const QueueWaiter *waiter = waiter_of(graph, wait);
	guint i = 0;

	while (i < queue->n_holders) {
		WaitEdge edge = {waiter->leader, queue->holders[i].leader,
		                 EDGE_HARD,      wait->queue,
		                 waiter->mode,   LOCK_MODE_NONE};

		for (; i < queue->n_holders && queue->holders[i].leader == edge.blocker; i++)
			edge.blocker_mode =
			    MAX(edge.blocker_mode, queue_holder_blocks(&queue->holders[i], waiter));
		/* Beyond what is shown still to be seen: a hard blocker is never listed as a soft one. */
		if (edge.blocker_mode != LOCK_MODE_NONE && first_seen(graph, edge.blocker) &&
		    edges->len < max)
			g_array_append_val(edges, edge);
	}
}

static void append_soft_edges(const WaitGraph *graph, const Wait *wait, EdgeSelection selection,
                              GArray *edges)
{
	const LockQueue *queue = lock_queues_get(graph->queues, wait->queue);
	const QueueWaiter *waiter = waiter_of(graph, wait);

	/* nearest is the nearest that asks for a conflicting mode; no one nearer needs a look */
	for (guint ahead = wait->nearest; ahead != NOTHING; ahead = ahead > 0 ? ahead - 1 : NOTHING) {
		const QueueWaiter *other = &queue->waiters[ahead];
		WaitEdge edge = {waiter->leader, other->leader, EDGE_SOFT,
		                 wait->queue,    waiter->mode,  other->mode};

		if (!queue_waiter_blocks(other, waiter) || !first_seen(graph, other->leader))
			continue;
		g_array_append_val(edges, edge);
		if (selection == EDGES_SHOWN)
			return;
	}
}

/* Of the waits of a node from w on those in one queue, which stand side by side: several when
 * several members of a lock group wait there. Returns the first wait in another queue. */
static guint append_edges_of_queue(const WaitGraph *graph, guint w, EdgeSelection selection,
                                   guint max_hard, GArray *edges)
{
	guint queue = wait_at(graph, w)->queue;
	guint next;

	begin_seeing(graph);
	for (next = w; next != NOTHING && wait_at(graph, next)->queue == queue;
	     next = wait_at(graph, next)->next)
		append_hard_edges(graph, wait_at(graph, next), max_hard, edges);
	if (selection != EDGES_HARD)
		for (; w != next; w = wait_at(graph, w)->next)
			append_soft_edges(graph, wait_at(graph, w), selection, edges);
	return next;
}

void wait_graph_append_edges(const WaitGraph *graph, guint waiter, EdgeSelection selection,
                             GArray *edges)
{
	guint node = wait_graph_node(graph, waiter);
	guint max_hard = selection == EDGES_SHOWN ? edges->len + MAX_HARD_EDGES_SHOWN : G_MAXUINT;
	guint w = node == NOTHING ? NOTHING : graph->first_wait[node];

	while (w != NOTHING)
		w = append_edges_of_queue(graph, w, selection, max_hard, edges);
}

guint wait_graph_n_blockers(const WaitGraph *graph, guint waiter)
{
	guint node = wait_graph_node(graph, waiter);
	guint w = node == NOTHING ? NOTHING : graph->first_wait[node];
	guint n = 0;

	while (w != NOTHING) {
		const Wait *wait = wait_at(graph, w);

		if (wait->n_blockers != NOTHING &&
		    (wait->next == NOTHING || wait_at(graph, wait->next)->queue != wait->queue)) {
			n += wait->n_blockers;
			w = wait->next;
		} else {
			g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));

			w = append_edges_of_queue(graph, w, EDGES_ALL, G_MAXUINT, edges);
			n += edges->len;
		}
	}
	return n;
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

/* What waiters of one queue wait for differs by the rows that they mean only. */
static void count_held(const WaitGraph *graph, const LockQueue *queue, const QueueHolder *holder,
                       GArray *held)
{
	g_autoptr(GHashTable) by_row =
	    g_hash_table_new((GHashFunc) lock_tag_hash, (GEqualFunc) lock_tag_equal);
	const LockTag no_row = {0};

	for (guint i = 0; i < queue->n_waiters; i++) {
		HeldTarget target = {
		    .target = target_of(graph, queue, &queue->waiters[i]),
		    .mode = queue_holder_blocks(holder, &queue->waiters[i]),
		    .n_waiters = 1,
		};
		const LockTag *row = target.target.row_tag ? target.target.row_tag : &no_row;
		guint known;

		if (target.mode == LOCK_MODE_NONE)
			continue;
		known = GPOINTER_TO_UINT(g_hash_table_lookup(by_row, row));
		if (known) {
			HeldTarget *same = &g_array_index(held, HeldTarget, known - 1);

			same->n_waiters++;
			same->mode = MAX(same->mode, target.mode);
			continue;
		}
		g_array_append_val(held, target);
		g_hash_table_insert(by_row, (gpointer) (gsize) row, GUINT_TO_POINTER(held->len));
	}
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
		QueueHolder group = {.leader = blocker};

		for (guint h = 0; h < queue->n_holders; h++)
			if (queue->holders[h].leader == blocker)
				group.held |= queue->holders[h].held;
		if (group.held)
			count_held(graph, queue, &group, found);
	}
	g_array_sort(found, compare_held);
	g_array_append_vals(held, found->data, found->len);
}
