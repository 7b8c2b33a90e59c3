#include "render/act_words.h"
#include "render/json_parts.h"
#include "render/render.h"
#include "render/show.h"

static void key_act(JsonWriter *json, const char *name, const WaitGraph *graph, guint session,
                    Act act)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	const ShownAct shown = shown_act(graph, session, act);
	gboolean is_refused = shown.refusal != REFUSAL_NONE;
	g_autofree char *effect = shown_act_effect(graph, &shown);
	g_autofree char *reason = shown_act_reason(graph, &shown);
	g_autofree char *grant =
	    is_refused ? refusal_grant(snapshot, shown.session, shown.refusal) : NULL;
	g_autofree char *hint =
	    is_refused ? refusal_hint(snapshot, shown.session, shown.refusal) : NULL;

	json_key(json, name);
	json_begin_object(json);
	json_key(json, "session");
	json_session_id(json, snapshot, shown.session);
	json_key_bool(json, "allowed", !is_refused);
	json_key_bool(json, "recommended", !is_refused && shown.is_right);
	json_key_string(json, "effect", effect);
	json_key_int(json, "frees", shown.frees);
	json_key_string(json, "reason", reason);
	json_key_string(json, "refused_code", is_refused ? refusal_code(shown.refusal) : NULL);
	json_key_string(json, "grant", grant);
	json_key_string(json, "hint", hint);
	json_end_object(json);
}

static void key_act_if(JsonWriter *json, const char *name, gboolean applies, const WaitGraph *graph,
                       guint session, Act act)
{
	if (applies)
		key_act(json, name, graph, session, act);
	else
		json_key_null(json, name);
}

static void key_locks(JsonWriter *json, const WaitGraph *graph, guint session)
{
	g_autoptr(GArray) locks = shown_locks(graph, session);

	json_key(json, "locks");
	json_begin_array(json);
	for (guint i = 0; i < locks->len; i++)
		json_lock(json, graph, &g_array_index(locks, Lock, i));
	json_end_array(json);
}

/* Those between the session and whom it waits for or blocks. */
static void key_edges(JsonWriter *json, const WaitGraph *graph, const EdgeIndex *edges,
                      guint session)
{
	guint leader = snapshot_session(wait_graph_snapshot(graph), session)->leader;

	json_key(json, "edges");
	json_begin_array(json);
	for (guint i = 0; i < edge_index_n(edges); i++) {
		const WaitEdge *edge = edge_index_get(edges, i);

		if (edge->waiter == leader || edge->blocker == leader)
			json_edge(json, graph, edge);
	}
	json_end_array(json);
}

static void key_privileges(JsonWriter *json, const Snapshot *snapshot, guint session)
{
	const OwnPrivileges *own = privileges_own(snapshot_privileges(snapshot));
	const RolePrivileges *role =
	    privileges_role(snapshot_privileges(snapshot), snapshot_session(snapshot, session)->user);

	json_key(json, "privileges");
	if (!own->known) {
		json_null(json);
		return;
	}
	json_begin_object(json);
	json_key_bool(json, "superuser", own->is_superuser);
	json_key_bool(json, "pg_read_all_stats", own->has_read_all_stats);
	json_key_bool(json, "pg_signal_backend", own->has_signal_backend);
	json_key_bool(json, "pg_signal_autovacuum_worker", own->has_signal_autovacuum_worker);
	if (role != NULL) {
		json_key_bool(json, "member_of_its_role", role->we_have_its_privileges);
		json_key_bool(json, "its_role_is_superuser", role->is_superuser);
	} else {
		json_key_null(json, "member_of_its_role");
		json_key_null(json, "its_role_is_superuser");
	}
	json_end_object(json);
}

void render_show_json(GString *out, const WaitGraph *graph, guint session, gboolean pretty)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, pretty);
	g_autoptr(EdgeIndex) edges = edge_index_new(graph, EDGES_SHOWN);
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	gboolean is_prepared = snapshot_session(snapshot, session)->kind == SESSION_KIND_PREPARED;

	json_document_begin(json, "show", snapshot);
	json_key(json, "session");
	json_session(json, graph, edges, session);
	key_locks(json, graph, session);
	key_edges(json, graph, edges, session);
	key_privileges(json, snapshot, session);
	key_act(json, "cancel", graph, session, ACT_CANCEL);
	key_act(json, "terminate", graph, session, ACT_TERMINATE);
	key_act_if(json, "rollback_prepared", is_prepared, graph, session, ACT_ROLLBACK_PREPARED);
	key_act_if(json, "commit_prepared", is_prepared, graph, session, ACT_COMMIT_PREPARED);
	json_document_end(json, snapshot);
}
