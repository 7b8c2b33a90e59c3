#include "render/json_parts.h"

#include "base/duration.h"
#include "base/timestamp.h"
#include "render/act_words.h"
#include "render/lock_facts.h"
#include "render/target.h"

/* -1 for ever, as the server itself writes it. */
static void key_standby_delay(JsonWriter *json, const Snapshot *snapshot)
{
	const char *name = "max_standby_streaming_delay_seconds";
	gint32 delay_ms;

	if (!snapshot_standby_delay(snapshot, &delay_ms))
		json_key_null(json, name);
	else if (delay_ms < 0)
		json_key_int(json, name, -1);
	else
		json_key_seconds(json, name, delay_ms * DURATION_MS);
}

void json_document_begin(JsonWriter *json, const char *command, const Snapshot *snapshot)
{
	const ServerInfo *server = snapshot_server(snapshot);
	g_autofree char *schema = g_strdup_printf("pgunlock.%s/1", command);

	json_begin_object(json);
	json_key_string(json, "schema", schema);
	json_key(json, "server");
	json_begin_object(json);
	json_key_string(json, "host", server->host);
	json_key_int(json, "port", server->port);
	json_key_string(json, "database", server->database);
	json_key_int(json, "version_num", server->version_num);
	json_key_bool(json, "in_recovery", server->in_recovery);
	json_key_string(json, "user", server->user);
	key_standby_delay(json, snapshot);
	json_end_object(json);
	json_key_timestamp(json, "taken_at", snapshot_taken_at(snapshot));
}

void json_document_end(JsonWriter *json, const Snapshot *snapshot)
{
	g_autoptr(GPtrArray) warnings = render_warnings(snapshot);

	json_key(json, "warnings");
	json_begin_array(json);
	for (guint i = 0; i < warnings->len; i++)
		json_string(json, g_ptr_array_index(warnings, i));
	json_end_array(json);
	json_end_object(json);
}

void json_session_id(JsonWriter *json, const Snapshot *snapshot, guint session)
{
	g_autofree char *id = session_id(snapshot_session(snapshot, session));

	json_string(json, id);
}

static void session_ids(JsonWriter *json, const Snapshot *snapshot, const guint *sessions, guint n)
{
	json_begin_array(json);
	for (guint i = 0; i < n; i++)
		json_session_id(json, snapshot, sessions[i]);
	json_end_array(json);
}

void json_key_session_ids(JsonWriter *json, const char *name, const Snapshot *snapshot,
                          const guint *sessions, guint n)
{
	json_key(json, name);
	session_ids(json, snapshot, sessions, n);
}

static void key_waited(JsonWriter *json, const char *name, gint64 waited_us)
{
	if (waited_us == WAITED_UNKNOWN)
		json_key_null(json, name);
	else
		json_key_seconds(json, name, waited_us);
}

static void key_int_unless_zero(JsonWriter *json, const char *name, gint64 value)
{
	if (value != 0)
		json_key_int(json, name, value);
	else
		json_key_null(json, name);
}

static void key_has_written(JsonWriter *json, const Session *session)
{
	if (session->hidden || session_is_unlisted(session))
		json_key_null(json, "has_written");
	else
		json_key_bool(json, "has_written",
		              session->backend_xid != 0 || session->kind == SESSION_KIND_PREPARED);
}

static void write_identity(JsonWriter *json, const Snapshot *snapshot, const Session *session)
{
	g_autofree char *id = session_id(session);
	g_autofree char *log_id = session_log_id(session);
	const Names *names = snapshot_names(snapshot);

	json_key_string(json, "id", id);
	key_int_unless_zero(json, "pid", session->pid);
	json_key_string(json, "gid", session->gid);
	json_key_string(json, "session_id", log_id);
	json_key_timestamp(json, "backend_start", session->backend_start);
	json_key_string(json, "user", names_role(names, session->user));
	json_key_string(json, "database", names_database(names, session->database));
	json_key_string(json, "application_name", session->application_name);
	json_key_string(json, "client_addr", session->client_addr);
	key_int_unless_zero(json, "client_port", session->client_port);
	json_key_string(json, "backend_type", session->backend_type);
	key_int_unless_zero(json, "leader_pid", session->leader_pid);
}

/* behind_pooler null: no pooler was asked. */
static void write_pooler(JsonWriter *json, const Snapshot *snapshot, const Session *session)
{
	const PoolerClient *client = session->pooler_client;

	if (snapshot_has_pooler(snapshot))
		json_key_bool(json, "behind_pooler", session->is_pooled);
	else
		json_key_null(json, "behind_pooler");
	json_key(json, "pooler_client");
	if (client == NULL) {
		json_null(json);
		return;
	}
	json_begin_object(json);
	json_key_string(json, "addr", client->addr);
	key_int_unless_zero(json, "port", client->port);
	json_key_string(json, "application_name", client->application_name);
	json_key_string(json, "user", client->user);
	json_key_string(json, "database", client->database);
	json_end_object(json);
}

static void write_activity(JsonWriter *json, const Session *session)
{
	json_key_string(json, "state", session->state_text);
	json_key_timestamp(json, "xact_start", session->xact_start);
	json_key_timestamp(json, "state_change", session->state_change);
	json_key_timestamp(json, "query_start", session->query_start);
	json_key_timestamp(json, "prepared_at", session->prepared_at);
	json_key_string(json, "query", session->hidden ? NULL : session->query);
	key_has_written(json, session);
	json_key_string(json, "wait_event_type", session->wait_event_type);
	json_key_string(json, "wait_event", session->wait_event);
	json_key_bool(json, "hidden", session->hidden);
}

static const char *order_name(QueueOrder order)
{
	static const char *const names[] = {
	    [QUEUE_ORDER_REPLAYED] = "replayed",
	    [QUEUE_ORDER_SERVER] = "server",
	    [QUEUE_ORDER_UNKNOWN] = "unknown",
	};

	return names[order];
}

static void write_wait(JsonWriter *json, const WaitGraph *graph, guint session)
{
	const LockQueue *queue = NULL;
	const QueueWaiter *wait = wait_graph_wait(graph, session, &queue);

	json_key(json, "wait");
	if (wait == NULL) {
		json_null(json);
		return;
	}
	WaitTarget target = wait_graph_target(graph, session);
	json_begin_object(json);
	json_key(json, "target");
	target_write_json(json, wait_graph_snapshot(graph), target.tag, target.row_tag);
	json_key_string(json, "mode", lock_mode_name(wait->mode));
	json_key_timestamp(json, "since", wait->waitstart);
	key_waited(json, "seconds", wait_graph_waited(graph, session));
	json_key_string(json, "order", order_name(queue->order));
	json_end_object(json);
}

void json_session(JsonWriter *json, const WaitGraph *graph, const EdgeIndex *edges, guint session)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	guint leader = snapshot_session(snapshot, session)->leader;
	const guint *others;
	guint n;

	json_begin_object(json);
	write_identity(json, snapshot, snapshot_session(snapshot, session));
	write_pooler(json, snapshot, snapshot_session(snapshot, session));
	write_activity(json, snapshot_session(snapshot, session));
	write_wait(json, graph, leader);
	others = edge_index_waits_for(edges, leader, &n);
	json_key_session_ids(json, "waits_for", snapshot, others, n);
	json_key_int(json, "blockers_total", wait_graph_n_blockers(graph, leader));
	others = edge_index_blocks(edges, leader, &n);
	json_key_session_ids(json, "blocks", snapshot, others, n);
	json_key_int(json, "blocked_total", wait_graph_blocked_total(graph, leader));
	json_key_int(json, "freed_alone", wait_graph_freed_alone(graph, leader));
	json_key_bool(json, "row_may_be_shared", wait_graph_row_may_be_shared(graph, leader));
	json_key_bool(json, "is_root", wait_graph_is_root(graph, leader));
	json_end_object(json);
}

/* The target of an edge is the waiter's as a person understands it, when the edge is of that wait;
 * members of a lock group may wait in other queues besides. */
static void write_edge_target(JsonWriter *json, const WaitGraph *graph, const WaitEdge *edge)
{
	const LockQueue *queue = lock_queues_get(wait_graph_queues(graph), edge->queue);
	WaitTarget target = wait_graph_target(graph, edge->waiter);
	gboolean same = lock_tag_equal(target.tag, &queue->tag);

	target_write_json(json, wait_graph_snapshot(graph), &queue->tag, same ? target.row_tag : NULL);
}

void json_edge(JsonWriter *json, const WaitGraph *graph, const WaitEdge *edge)
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

void json_lock(JsonWriter *json, const WaitGraph *graph, const Lock *lock)
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
		key_waited(json, "waiting_seconds", lock_waited_us(graph, lock));
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

void json_key_summary(JsonWriter *json, const WaitGraph *graph)
{
	json_key(json, "summary");
	json_begin_object(json);
	json_key_int(json, "blocked", wait_graph_n_blocked(graph));
	json_key_int(json, "roots", wait_graph_n_roots(graph));
	key_waited(json, "longest_wait_seconds", wait_graph_longest_wait(graph));
	json_end_object(json);
}

void json_key_roots(JsonWriter *json, const WaitGraph *graph)
{
	json_key(json, "roots");
	json_begin_array(json);
	for (guint i = 0; i < wait_graph_n_roots(graph); i++)
		json_session_id(json, wait_graph_snapshot(graph), wait_graph_root(graph, i));
	json_end_array(json);
}

static void key_cycles(JsonWriter *json, const char *key, const WaitGraph *graph,
                       gboolean only_deadlocks)
{
	json_key(json, key);
	json_begin_array(json);
	for (guint i = 0; i < wait_graph_n_cycles(graph); i++) {
		guint n;
		const guint *members = wait_graph_cycle(graph, i, &n);

		if (!only_deadlocks || wait_graph_is_deadlock(graph, i))
			session_ids(json, wait_graph_snapshot(graph), members, n);
	}
	json_end_array(json);
}

void json_key_cycles(JsonWriter *json, const WaitGraph *graph)
{
	key_cycles(json, "cycles", graph, FALSE);
	key_cycles(json, "deadlocks", graph, TRUE);
}

static void write_item(JsonWriter *json, const Plan *plan, guint index, guint groups_before)
{
	const PlanItem *item = plan_item(plan, index);
	const Snapshot *snapshot = wait_graph_snapshot(plan->graph);
	gboolean is_refused = item->refusal != REFUSAL_NONE;
	g_autofree char *refused =
	    is_refused ? refusal_text(snapshot, item->session, item->refusal) : NULL;
	g_autofree char *grant =
	    is_refused ? refusal_grant(snapshot, item->session, item->refusal) : NULL;
	g_autofree char *hint =
	    is_refused ? refusal_hint(snapshot, item->session, item->refusal) : NULL;

	json_begin_object(json);
	json_key(json, "session");
	json_session_id(json, snapshot, item->session);
	json_key_string(json, "act", act_name(item->act));
	json_key_string(json, "reason", reason_text(item->reason));
	json_key_string(json, "reason_code", reason_code(item->reason));
	json_key_int(json, "frees", item->frees);
	if (item->group != 0)
		json_key_int(json, "group", groups_before + item->group);
	else
		json_key_null(json, "group");
	json_key_int(json, "group_frees", item->group != 0 ? item->group_frees : item->frees);
	json_key_bool(json, "inferred", item->inferred);
	json_key_string(json, "refused", refused);
	json_key_string(json, "refused_code", is_refused ? refusal_code(item->refusal) : NULL);
	json_key_string(json, "grant", grant);
	json_key_string(json, "hint", hint);
	json_end_object(json);
}

static void write_alternative(JsonWriter *json, const Plan *plan, const PlanAlternative *way)
{
	json_begin_object(json);
	json_key_string(json, "prefer", way->is_holder ? "holder" : "queued");
	json_key_session_ids(json, "sessions", wait_graph_snapshot(plan->graph), way->sessions,
	                     way->n_sessions);
	json_key_string(json, "act", act_name(way->act));
	json_key_int(json, "frees", way->frees);
	json_end_object(json);
}

static void write_items(JsonWriter *json, const RenderRound *rounds, guint n)
{
	guint groups_before = 0;

	for (guint i = 0; i < n; i++) {
		const Plan *plan = rounds[i].plan;
		guint n_groups = 0;

		for (guint j = 0; j < plan_n_items(plan); j++) {
			write_item(json, plan, j, groups_before);
			n_groups = MAX(n_groups, plan_item(plan, j)->group);
		}
		groups_before += n_groups;
	}
}

static void write_alternatives(JsonWriter *json, const Plan *plan)
{
	for (guint i = 0; i < plan->alternatives->len; i++)
		write_alternative(json, plan, &g_array_index(plan->alternatives, PlanAlternative, i));
}

void json_key_plans(JsonWriter *json, const RenderRound *rounds, guint n)
{
	json_key(json, "plan");
	json_begin_array(json);
	write_items(json, rounds, n);
	json_end_array(json);
	json_key(json, "alternatives");
	json_begin_array(json);
	for (guint i = 0; i < n; i++)
		write_alternatives(json, rounds[i].plan);
	json_end_array(json);
}

void json_key_plan(JsonWriter *json, const Plan *plan)
{
	RenderRound only = {.plan = plan};

	json_key_plans(json, &only, plan != NULL ? 1 : 0);
}
