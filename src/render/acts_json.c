#include "base/timestamp.h"
#include "render/act_words.h"
#include "render/json_parts.h"
#include "render/outcome_json.h"
#include "render/render.h"

static const char *command_name(PlanCommand command)
{
	static const char *const names[] = {
	    [COMMAND_CANCEL] = "cancel",
	    [COMMAND_TERMINATE] = "terminate",
	    [COMMAND_RELEASE] = "release",
	};

	return names[command];
}

/* Sessions in full, once each: those of the plan, then those of its alternatives. */
static void write_sessions(JsonWriter *json, const Plan *plan)
{
	g_autoptr(EdgeIndex) edges = edge_index_new(plan->graph, EDGES_SHOWN);
	guint n_sessions = snapshot_n_sessions(wait_graph_snapshot(plan->graph));
	g_autofree gboolean *written = g_new0(gboolean, n_sessions + 1);

	json_key(json, "sessions");
	json_begin_array(json);
	for (guint i = 0; i < plan_n_items(plan); i++) {
		json_session(json, plan->graph, edges, plan_item(plan, i)->session);
		written[plan_item(plan, i)->session] = TRUE;
	}
	for (guint i = 0; i < plan->alternatives->len; i++) {
		const PlanAlternative *way = &g_array_index(plan->alternatives, PlanAlternative, i);

		for (guint j = 0; j < way->n_sessions; j++) {
			if (!written[way->sessions[j]])
				json_session(json, plan->graph, edges, way->sessions[j]);
			written[way->sessions[j]] = TRUE;
		}
	}
	json_end_array(json);
}

void render_acts_json(GString *out, const Plan *plan, const Outcome *outcome, int exit,
                      gboolean pretty)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, pretty);
	const Snapshot *snapshot = wait_graph_snapshot(plan->graph);

	json_document_begin(json, command_name(plan->command), snapshot);
	json_key_plan(json, plan);
	write_sessions(json, plan);
	outcome_write_json(json, plan, outcome);
	json_key_int(json, "exit", exit);
	json_document_end(json, snapshot);
}

static void write_audit_item(JsonWriter *json, const Plan *plan, guint index)
{
	const PlanItem *item = plan_item(plan, index);
	const Snapshot *snapshot = wait_graph_snapshot(plan->graph);
	const Session *session = snapshot_session(snapshot, item->session);
	const Names *names = snapshot_names(snapshot);
	gboolean is_refused = item->refusal != REFUSAL_NONE;
	g_autofree char *id = session_id(session);
	g_autofree char *log_id = session_log_id(session);

	json_begin_object(json);
	json_key_string(json, "session", id);
	json_key_string(json, "session_id", log_id);
	json_key_timestamp(json, "backend_start", session->backend_start);
	json_key_string(json, "user", names_role(names, session->user));
	json_key_string(json, "database", names_database(names, session->database));
	json_key_string(json, "application_name", session->application_name);
	json_key_string(json, "client_addr", session->client_addr);
	json_key_string(json, "state", session->state_text);
	json_key_timestamp(json, "xact_start", session->xact_start);
	json_key_string(json, "act", act_name(item->act));
	json_key_string(json, "reason", reason_code(item->reason));
	json_key_int(json, "frees", item->frees);
	json_key_string(json, "refused", is_refused ? refusal_code(item->refusal) : NULL);
	json_end_object(json);
}

void render_audit_line(GString *out, const Plan *plan, const Outcome *outcome, gint64 at,
                       const char *os_user)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);
	const ServerInfo *server = snapshot_server(wait_graph_snapshot(plan->graph));

	json_begin_object(json);
	json_key_string(json, "schema", "pgunlock.audit/1");
	json_key_timestamp(json, "at", at);
	json_key_string(json, "os_user", os_user);
	json_key_string(json, "role", server->user);
	json_key_string(json, "host", server->host);
	json_key_int(json, "port", server->port);
	json_key_string(json, "database", server->database);
	json_key_string(json, "command", command_name(plan->command));
	json_key_string(json, "stage", outcome == NULL ? "planned" : "done");
	json_key(json, "plan");
	json_begin_array(json);
	for (guint i = 0; i < plan_n_items(plan); i++)
		write_audit_item(json, plan, i);
	json_end_array(json);
	outcome_write_json(json, plan, outcome);
	json_end_object(json);
}
