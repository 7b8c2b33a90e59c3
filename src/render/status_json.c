#include "render/advice.h"
#include "render/json_parts.h"
#include "render/render.h"
#include "render/target.h"

static void write_holds(JsonWriter *json, const WaitGraph *graph, guint root)
{
	g_autoptr(GArray) held = g_array_new(FALSE, FALSE, sizeof(HeldTarget));

	wait_graph_append_held(graph, root, held);
	for (guint i = 0; i < held->len; i++) {
		const HeldTarget *what = &g_array_index(held, HeldTarget, i);

		json_begin_object(json);
		json_key(json, "session");
		json_session_id(json, wait_graph_snapshot(graph), root);
		json_key(json, "target");
		target_write_json(json, wait_graph_snapshot(graph), what->target.tag, what->target.row_tag);
		json_key_string(json, "mode", lock_mode_name(what->mode));
		json_key_int(json, "waiters", what->n_waiters);
		json_end_object(json);
	}
}

/* The roots, and those whose ending the plan prefers to theirs. */
static void write_sessions(JsonWriter *json, const WaitGraph *graph, const EdgeIndex *edges,
                           const Plan *plan)
{
	json_key(json, "sessions");
	json_begin_array(json);
	for (guint i = 0; i < wait_graph_n_roots(graph); i++)
		json_session(json, graph, edges, wait_graph_root(graph, i));
	for (guint i = 0; plan != NULL && i < plan_n_items(plan); i++) {
		if (!wait_graph_is_root(graph, plan_item(plan, i)->session))
			json_session(json, graph, edges, plan_item(plan, i)->session);
	}
	json_end_array(json);
}

void render_status_json(GString *out, const WaitGraph *graph, gboolean pretty)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, pretty);
	g_autoptr(EdgeIndex) edges = edge_index_new(graph, EDGES_SHOWN);
	g_autoptr(Plan) plan = advice_new(graph);
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	guint n_roots = wait_graph_n_roots(graph);

	json_document_begin(json, "status", snapshot);
	json_key_summary(json, graph);
	json_key_roots(json, graph);
	json_key_cycles(json, graph);
	write_sessions(json, graph, edges, plan);
	json_key(json, "holds");
	json_begin_array(json);
	for (guint i = 0; i < n_roots; i++)
		write_holds(json, graph, wait_graph_root(graph, i));
	json_end_array(json);
	json_key_plan(json, plan);
	json_document_end(json, snapshot);
}
