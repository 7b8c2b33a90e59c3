#include "base/json_writer.h"
#include "render/history.h"
#include "render/recorded.h"
#include "render/timeline.h"

static void key_id(JsonWriter *json, const char *name, gint64 id)
{
	if (id != 0)
		json_key_int(json, name, id);
	else
		json_key_null(json, name);
}

static void document_begin(JsonWriter *json, const char *schema, const HistoryView *view)
{
	json_begin_object(json);
	json_key_string(json, "schema", schema);
	json_key_string(json, "history", view->path);
}

static void write_statement(JsonWriter *json, const StatementRecord *statement)
{
	json_begin_object(json);
	json_key_string(json, "session", statement->session);
	json_key_timestamp(json, "began_at", statement->began_at);
	json_key_timestamp(json, "seen_at", statement->seen_at);
	json_key_string(json, "statement", statement->statement);
	json_end_object(json);
}

static void write_act(JsonWriter *json, const ActRecord *act)
{
	json_begin_object(json);
	json_key_timestamp(json, "at", act->at);
	json_key_string(json, "server", act->server);
	json_key_string(json, "act", act->act);
	json_key_string(json, "by", act->by);
	json_key_bool(json, "dry_run", act->dry_run);
	json_key_string(json, "session", act->session);
	json_key_string(json, "session_id", act->session_id);
	json_key_timestamp(json, "settled_at", act->settled_at);
	json_key_string(json, "result", act->result);
	json_key_string(json, "message", act->message);
	json_key_int(json, "freed", act->n_freed);
	json_end_object(json);
}

static void write_notice(JsonWriter *json, const NoticeRecord *notice)
{
	json_begin_object(json);
	json_key_timestamp(json, "at", notice->at);
	json_key_string(json, "event", notice->event);
	json_key_string(json, "notify", notice->notifier);
	json_key_bool(json, "delivered", notice->delivered);
	json_key_int(json, "tries", notice->n_tries);
	json_key_string(json, "message", notice->message);
	json_end_object(json);
}

static void write_parts(JsonWriter *json, const IncidentRecord *record)
{
	json_key(json, "statements");
	json_begin_array(json);
	for (guint i = 0; i < record->statements->len; i++)
		write_statement(json, g_ptr_array_index(record->statements, i));
	json_end_array(json);
	json_key(json, "acts");
	json_begin_array(json);
	for (guint i = 0; i < record->acts->len; i++)
		write_act(json, g_ptr_array_index(record->acts, i));
	json_end_array(json);
	json_key(json, "notices");
	json_begin_array(json);
	for (guint i = 0; i < record->notices->len; i++)
		write_notice(json, g_ptr_array_index(record->notices, i));
	json_end_array(json);
}

static void write_incident(JsonWriter *json, const IncidentRecord *record)
{
	const Incident *incident = record->incident;

	json_begin_object(json);
	json_key_int(json, "id", incident->id);
	json_key_string(json, "server", incident->server);
	json_key(json, "root");
	recorded_session_json(json, incident->root);
	json_key_bool(json, "is_deadlock", incident->is_deadlock);
	json_key(json, "target");
	recorded_target_json(json, incident->target);
	json_key_string(json, "mode",
	                incident->mode != LOCK_MODE_NONE ? lock_mode_name(incident->mode) : NULL);
	json_key_timestamp(json, "started_at", incident->started_at);
	json_key_timestamp(json, "last_seen_at", incident->last_seen);
	json_key_timestamp(json, "ended_at", incident->ended_at);
	json_key_string(json, "end", incident_end_name(incident->end));
	json_key_int(json, "blocked", incident->n_blocked);
	json_key_int(json, "peak_blocked", incident->peak_blocked);
	json_key_timestamp(json, "peak_at", incident->peak_at);
	json_key_int(json, "waiters_total", record->n_waiters);
	json_key_seconds(json, "waited_seconds", incident->waited_us);
	json_key_seconds(json, "longest_wait_seconds", incident->longest_wait_us);
	key_id(json, "follows", incident->follows);
	key_id(json, "followed_by", record->next);
	write_parts(json, record);
	json_end_object(json);
}

void render_history_json(GString *out, const GPtrArray *records, const HistoryView *view,
                         gboolean pretty)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, pretty);

	document_begin(json, "pgunlock.history/1", view);
	json_key_timestamp(json, "since", view->since);
	json_key_timestamp(json, "until", view->until);
	json_key(json, "incidents");
	json_begin_array(json);
	for (guint i = 0; i < records->len; i++)
		write_incident(json, g_ptr_array_index(records, i));
	json_end_array(json);
	json_key(json, "acts");
	json_begin_array(json);
	for (guint i = 0; view->acts != NULL && i < view->acts->len; i++)
		write_act(json, g_ptr_array_index(view->acts, i));
	json_end_array(json);
	json_key_bool(json, "has_more", view->has_more);
	json_end_object(json);
}

static void write_waiter(JsonWriter *json, const IncidentWaiter *waiter)
{
	json_begin_object(json);
	json_key(json, "session");
	recorded_session_json(json, waiter->session);
	json_key(json, "target");
	recorded_target_json(json, waiter->target);
	json_key_string(json, "mode",
	                waiter->mode != LOCK_MODE_NONE ? lock_mode_name(waiter->mode) : NULL);
	json_key_int(json, "waits", waiter->n_waits);
	json_key_timestamp(json, "first_at", waiter->first_at);
	json_key_timestamp(json, "since", waiter->since);
	json_key_timestamp(json, "last_seen_at", waiter->last_seen);
	json_key_seconds(json, "waited_seconds", waiter->waited_us);
	json_end_object(json);
}

static void write_moment(JsonWriter *json, const Moment *moment)
{
	json_begin_object(json);
	json_key_timestamp(json, "at", moment->at);
	json_key_string(json, "event", moment_kind_name(moment->kind));
	json_key_string(json, "session", moment->session);
	json_key_string(json, "text", moment->text);
	json_end_object(json);
}

void render_incident_json(GString *out, const IncidentRecord *record, const HistoryView *view,
                          gboolean pretty)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, pretty);
	g_autoptr(GPtrArray) moments = timeline_new(record);
	const GPtrArray *waiters = record->incident->waiters;

	document_begin(json, "pgunlock.incident/1", view);
	json_key(json, "incident");
	write_incident(json, record);
	json_key(json, "waiters");
	json_begin_array(json);
	for (guint i = 0; i < waiters->len; i++)
		write_waiter(json, g_ptr_array_index(waiters, i));
	json_end_array(json);
	json_key(json, "timeline");
	json_begin_array(json);
	for (guint i = 0; i < moments->len; i++)
		write_moment(json, g_ptr_array_index(moments, i));
	json_end_array(json);
	json_end_object(json);
}
