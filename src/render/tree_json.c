#include "render/edge_index.h"
#include "render/json_parts.h"
#include "render/render.h"
#include "render/target.h"

/* The target of an edge is the waiter's as a person understands it, when the edge is of that wait;
 * members of a lock group may wait in other queues besides. */
static void write_edge_target(JsonWriter *json, const WaitGraph *graph, const WaitEdge *edge)
{
	const LockQueue *queue = lock_queues_get(wait_graph_queues(graph), edge->queue);
	WaitTarget target = wait_graph_target(graph, edge->waiter);
	gboolean same = lock_tag_equal(target.tag, &queue->tag);

	target_write_json(json, wait_graph_snapshot(graph), &queue->tag, same ? target.row_tag : NULL);
}

static void write_edge(JsonWriter *json, const WaitGraph *graph, const WaitEdge *edge)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);

	json_begin_object(json);
	json_key(json, "waiter");
	json_session_id(json, snapshot, edge->waiter);
	json_key(json, "blocker");
	json_session_id(json, snapshot, edge->blocker);
	json_key_string(json, "kind", edge->kind == EDGE_HARD ? "hard" : "soft");
	json_key(json, "target");
	write_edge_target(json, graph, edge);
	json_key_string(json, "waiter_mode", lock_mode_name(edge->waiter_mode));
	json_key_string(json, "blocker_mode", lock_mode_name(edge->blocker_mode));
	json_end_object(json);
}

void render_tree_json(GString *out, const WaitGraph *graph, EdgeSelection shown, gboolean pretty)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, pretty);
	g_autoptr(EdgeIndex) edges = edge_index_new(graph, shown);
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	guint n;
	const guint *participants = wait_graph_participants(graph, &n);

	json_document_begin(json, "tree", snapshot);
	json_key_summary(json, graph);
	json_key_roots(json, graph);
	json_key_cycles(json, graph);
	json_key(json, "sessions");
	json_begin_array(json);
	for (guint i = 0; i < n; i++)
		json_session(json, graph, edges, participants[i]);
	json_end_array(json);
	json_key(json, "edges");
	json_begin_array(json);
	for (guint i = 0; i < edge_index_n(edges); i++)
		write_edge(json, graph, edge_index_get(edges, i));
	json_end_array(json);
	json_document_end(json, snapshot);
}
