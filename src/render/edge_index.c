#include "render/edge_index.h"

/* Lists of sessions by session, all in one array. */
typedef struct {
	guint *first; /* where each session's list begins; one more at the end */
	guint *items;
} Adjacency;

struct EdgeIndex {
	GArray *edges; /* of WaitEdge */
	Adjacency waits_for;
	Adjacency blocks;
};

/* Edges of one waiter stand together from first on; in one queue a blocker appears once, so only a
 * waiter with edges in several queues can name one again. */
static gboolean is_repeated(const GArray *edges, guint first, guint index)
{
	const WaitEdge *edge = &g_array_index(edges, WaitEdge, index);

	if (g_array_index(edges, WaitEdge, first).queue == edge->queue)
		return FALSE;
	for (guint i = first; i < index; i++) {
		if (g_array_index(edges, WaitEdge, i).blocker == edge->blocker)
			return TRUE;
	}
	return FALSE;
}

static void fill(Adjacency *adjacency, const GArray *edges, const gboolean *repeated, guint n,
                 gboolean by_waiter)
{
	g_autofree guint *next = g_new0(guint, n + 1);

	adjacency->first = g_new0(guint, n + 1);
	adjacency->items = g_new(guint, edges->len + 1);
	for (guint i = 0; i < edges->len; i++) {
		const WaitEdge *edge = &g_array_index(edges, WaitEdge, i);

		if (!repeated[i])
			adjacency->first[(by_waiter ? edge->waiter : edge->blocker) + 1]++;
	}
	for (guint i = 0; i < n; i++) {
		adjacency->first[i + 1] += adjacency->first[i];
		next[i] = adjacency->first[i];
	}
	for (guint i = 0; i < edges->len; i++) {
		const WaitEdge *edge = &g_array_index(edges, WaitEdge, i);

		if (repeated[i])
			continue;
		if (by_waiter)
			adjacency->items[next[edge->waiter]++] = edge->blocker;
		else
			adjacency->items[next[edge->blocker]++] = edge->waiter;
	}
}

EdgeIndex *edge_index_new(const WaitGraph *graph, EdgeSelection selection)
{
	EdgeIndex *index = g_new0(EdgeIndex, 1);
	guint n_sessions = snapshot_n_sessions(wait_graph_snapshot(graph));
	guint n;
	const guint *participants = wait_graph_participants(graph, &n);
	g_autofree gboolean *repeated = NULL;

	index->edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));
	for (guint i = 0; i < n; i++)
		wait_graph_append_edges(graph, participants[i], selection, index->edges);
	repeated = g_new0(gboolean, index->edges->len + 1);
	for (guint i = 0, first = 0; i < index->edges->len; i++) {
		if (edge_index_get(index, first)->waiter != edge_index_get(index, i)->waiter)
			first = i;
		repeated[i] = is_repeated(index->edges, first, i);
	}
	fill(&index->waits_for, index->edges, repeated, n_sessions, TRUE);
	fill(&index->blocks, index->edges, repeated, n_sessions, FALSE);
	return index;
}

void edge_index_free(EdgeIndex *index)
{
	if (index == NULL)
		return;
	g_array_unref(index->edges);
	g_free(index->waits_for.first);
	g_free(index->waits_for.items);
	g_free(index->blocks.first);
	g_free(index->blocks.items);
	g_free(index);
}

guint edge_index_n(const EdgeIndex *index)
{
	return index->edges->len;
}

const WaitEdge *edge_index_get(const EdgeIndex *index, guint edge)
{
	return &g_array_index(index->edges, WaitEdge, edge);
}

static const guint *list(const Adjacency *adjacency, guint session, guint *n)
{
	*n = adjacency->first[session + 1] - adjacency->first[session];
	return adjacency->items + adjacency->first[session];
}

const guint *edge_index_waits_for(const EdgeIndex *index, guint session, guint *n)
{
	return list(&index->waits_for, session, n);
}

const guint *edge_index_blocks(const EdgeIndex *index, guint session, guint *n)
{
	return list(&index->blocks, session, n);
}
