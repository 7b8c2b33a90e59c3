#include "render/json_parts.h"
#include "render/lock_facts.h"
#include "render/render.h"
#include "render/target.h"

static void write_lock(JsonWriter *json, const WaitGraph *graph, const Lock *lock)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	const Session *session = snapshot_session(snapshot, lock->session);
	const Names *names = snapshot_names(snapshot);
	g_autoptr(GArray) blockers = lock_blockers(graph, lock);

	json_begin_object(json);
	json_key(json, "session");
	json_session_id(json, snapshot, lock->session);
	if (session->pid != 0)
		json_key_int(json, "pid", session->pid);
	else
		json_key_null(json, "pid");
	json_key(json, "target");
	target_write_json(json, snapshot, &lock->tag, NULL);
	json_key_string(json, "mode", lock_mode_name(lock->mode));
	json_key_bool(json, "granted", lock->granted);
	json_key_bool(json, "fast_path", lock->fast_path);
	json_key_timestamp(json, "waiting_since", lock->waitstart);
	if (lock->granted)
		json_key_null(json, "waiting_seconds");
	else
		json_key_seconds(json, "waiting_seconds", lock_waited_us(graph, lock));
	json_key_session_ids(json, "waits_for", snapshot, (const guint *) (gpointer) blockers->data,
	                     blockers->len);
	json_key_string(json, "user", names_role(names, session->user));
	json_key_string(json, "database", names_database(names, session->database));
	json_key_string(json, "application_name", session->application_name);
	json_key_string(json, "state", session->state_text);
	json_key_timestamp(json, "xact_start", session->xact_start);
	json_key_string(json, "query", session->query);
	json_end_object(json);
}

void render_locks_json(GString *out, const WaitGraph *graph, const guint *locks, guint n_locks,
                       gboolean pretty)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, pretty);
	const Snapshot *snapshot = wait_graph_snapshot(graph);

	json_document_begin(json, "locks", snapshot);
	json_key(json, "locks");
	json_begin_array(json);
	for (guint i = 0; i < n_locks; i++)
		write_lock(json, graph, snapshot_lock(snapshot, locks[i]));
	json_end_array(json);
	json_document_end(json, snapshot);
}
