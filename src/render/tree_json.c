#include "render/edge_index.h"
#include "render/json_parts.h"
#include "render/render.h"

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
		json_edge(json, graph, edge_index_get(edges, i));
	json_end_array(json);
	json_document_end(json, snapshot);
}
