#include "render/json_parts.h"
#include "render/render.h"

void render_locks_json(GString *out, const WaitGraph *graph, const guint *locks, guint n_locks,
                       gboolean pretty)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, pretty);
	const Snapshot *snapshot = wait_graph_snapshot(graph);

	json_document_begin(json, "locks", snapshot);
	json_key(json, "locks");
	json_begin_array(json);
	for (guint i = 0; i < n_locks; i++)
		json_lock(json, graph, snapshot_lock(snapshot, locks[i]));
	json_end_array(json);
	json_document_end(json, snapshot);
}
