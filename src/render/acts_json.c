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

/* Whether a session is in the plan or the alternatives of this round: a later round doesn't write
 * it again. */
static gboolean is_in_round(const RenderRound *round, const Session *session)
{
	guint index = snapshot_find_same(wait_graph_snapshot(round->plan->graph), session);

	for (guint i = 0; index != NO_SESSION && i < plan_n_items(round->plan); i++) {
		if (plan_item(round->plan, i)->session == index)
			return TRUE;
	}
	for (guint i = 0; index != NO_SESSION && i < round->plan->alternatives->len; i++) {
		const PlanAlternative *way = &g_array_index(round->plan->alternatives, PlanAlternative, i);

		for (guint j = 0; j < way->n_sessions; j++) {
			if (way->sessions[j] == index)
				return TRUE;
		}
	}
	return FALSE;
}

typedef struct {
	JsonWriter *json;
	const RenderRound *rounds;
	guint round; /* the present one */
	EdgeIndex *edges;
	gboolean *is_written; /* a session of the present round's snapshot each */
} SessionsWriter;

static void write_session(const SessionsWriter *writer, guint index)
{
	const WaitGraph *graph = writer->rounds[writer->round].plan->graph;
	const Session *session = snapshot_session(wait_graph_snapshot(graph), index);

	for (guint i = 0; i < writer->round; i++) {
		if (is_in_round(&writer->rounds[i], session))
			return;
	}
	if (!writer->is_written[index])
		json_session(writer->json, graph, writer->edges, index);
	writer->is_written[index] = TRUE;
}

/* Sessions in full, once each: those of the plan, then those of its alternatives. */
static void write_sessions_of_round(JsonWriter *json, const RenderRound *rounds, guint round)
{
	const Plan *plan = rounds[round].plan;
	g_autoptr(EdgeIndex) edges = edge_index_new(plan->graph, EDGES_SHOWN);
	guint n_sessions = snapshot_n_sessions(wait_graph_snapshot(plan->graph));
	g_autofree gboolean *is_written = g_new0(gboolean, n_sessions + 1);
	SessionsWriter writer = {json, rounds, round, edges, is_written};

	for (guint i = 0; i < plan_n_items(plan); i++)
		write_session(&writer, plan_item(plan, i)->session);
	for (guint i = 0; i < plan->alternatives->len; i++) {
		const PlanAlternative *way = &g_array_index(plan->alternatives, PlanAlternative, i);

		for (guint j = 0; j < way->n_sessions; j++)
			write_session(&writer, way->sessions[j]);
	}
}

void render_rounds_json(GString *out, const RenderRound *rounds, guint n, int exit, gboolean pretty)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, pretty);
	const Plan *first = rounds[0].plan;
	const Plan *last = rounds[n - 1].plan;

	json_document_begin(json, command_name(first->command), wait_graph_snapshot(first->graph));
	json_key_plans(json, rounds, n);
	json_key(json, "sessions");
	json_begin_array(json);
	for (guint i = 0; i < n; i++)
		write_sessions_of_round(json, rounds, i);
	json_end_array(json);
	outcome_write_json(json, rounds, n);
	json_key_int(json, "exit", exit);
	json_document_end(json, wait_graph_snapshot(last->graph));
}

void render_acts_json(GString *out, const Plan *plan, const Outcome *outcome, int exit,
                      gboolean pretty)
{
	RenderRound only = {plan, outcome};

	render_rounds_json(out, &only, 1, exit, pretty);
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
                       const char *os_user, const char *rule)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);
	const ServerInfo *server = snapshot_server(wait_graph_snapshot(plan->graph));
	RenderRound round = {plan, outcome};

	json_begin_object(json);
	json_key_string(json, "schema", "pgunlock.audit/1");
	json_key_timestamp(json, "at", at);
	json_key_string(json, "os_user", os_user);
	json_key_string(json, "rule", rule);
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
	outcome_write_json(json, &round, 1);
	json_end_object(json);
}
