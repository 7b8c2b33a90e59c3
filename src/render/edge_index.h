#ifndef PGUNLOCK_RENDER_EDGE_INDEX_H
#define PGUNLOCK_RENDER_EDGE_INDEX_H

/* The edges of a graph in both directions, written out once for a renderer that shows them. */

#include "model/wait_graph.h"

#include <glib.h>

typedef struct EdgeIndex EdgeIndex;

/* The edges of all waiters, in the order of the graph's participants. */
EdgeIndex *edge_index_new(const WaitGraph *graph, EdgeSelection selection);
void edge_index_free(EdgeIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EdgeIndex, edge_index_free)

guint edge_index_n(const EdgeIndex *index);
const WaitEdge *edge_index_get(const EdgeIndex *index, guint edge);

/* Whom a session waits for and whom it blocks, each once, in the order of the edges: indexes of
 * sessions; borrowed. */
const guint *edge_index_waits_for(const EdgeIndex *index, guint session, guint *n);
const guint *edge_index_blocks(const EdgeIndex *index, guint session, guint *n);

#endif
