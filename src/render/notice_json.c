#include "render/notice_json.h"

#include "base/timestamp.h"
#include "render/notice_words.h"

static void key_cut(JsonWriter *json, const char *name, const char *bytes, guint max_chars)
{
	g_autofree char *cut = notice_cut(bytes, max_chars, NULL);

	json_key_string(json, name, cut);
}

static void key_text(JsonWriter *json, const char *name, const char *bytes)
{
	key_cut(json, name, bytes, NOTICE_MAX_TEXT);
}

/* Who comes over a socket has no address: some say so by an empty one. */
static gboolean is_set(const char *text)
{
	return text != NULL && *text != '\0';
}

static void key_positive(JsonWriter *json, const char *name, gint64 value)
{
	if (value > 0)
		json_key_int(json, name, value);
	else
		json_key_null(json, name);
}

static void write_session(JsonWriter *json, const NoticeSession *session)
{
	const Session same = {
	    .kind = session->pid != 0 ? SESSION_KIND_BACKEND : SESSION_KIND_PREPARED,
	    .pid = session->pid,
	    .backend_start = session->backend_start,
	};
	g_autofree char *id = notice_session_id(session);
	g_autofree char *log_id = session_log_id(&same);
	gboolean is_cut;
	g_autofree char *query = notice_cut(session->query, NOTICE_MAX_QUERY, &is_cut);

	json_begin_object(json);
	key_text(json, "id", id);
	key_positive(json, "pid", session->pid);
	key_text(json, "gid", session->gid);
	json_key_string(json, "session_id", log_id);
	json_key_timestamp(json, "backend_start", session->backend_start);
	key_text(json, "user", session->user);
	key_text(json, "database", session->database);
	key_text(json, "application_name", session->application_name);
	key_text(json, "client_addr", is_set(session->client_addr) ? session->client_addr : NULL);
	key_text(json, "backend_type", session->backend_type);
	key_text(json, "state", session->state);
	json_key_timestamp(json, "state_since", session->state_since);
	json_key_timestamp(json, "xact_start", session->xact_start);
	json_key_string(json, "query", query);
	json_key_bool(json, "query_truncated", is_cut);
	json_end_object(json);
}

static void write_blocked(JsonWriter *json, const Notice *notice)
{
	if (!notice_has_session(notice)) {
		json_key_null(json, "blocked");
		json_key_null(json, "longest_wait_seconds");
		return;
	}
	json_key_int(json, "blocked", notice->blocked);
	if (notice->longest_wait_us == WAITED_UNKNOWN)
		json_key_null(json, "longest_wait_seconds");
	else
		json_key_seconds(json, "longest_wait_seconds", notice->longest_wait_us);
}

static void write_act(JsonWriter *json, const Notice *notice)
{
	if (!notice_has_act(notice)) {
		json_key_null(json, "act");
		return;
	}
	json_key(json, "act");
	json_begin_object(json);
	json_key_string(json, "act", act_name(notice->act));
	json_key_bool(json, "dry_run", notice->is_dry_run);
	if (notice_has_result(notice)) {
		json_key_string(json, "result", item_result_name(notice->result));
		json_key_seconds(json, "seconds", notice->took_us);
	} else {
		json_key_null(json, "result");
		json_key_null(json, "seconds");
	}
	json_key(json, "waiters");
	json_begin_object(json);
	json_key_int(json, "granted", notice->granted);
	json_key_int(json, "gave_up", notice->gave_up);
	json_key_int(json, "still_waiting", notice->still_waiting);
	json_end_object(json);
	json_end_object(json);
}

static void write_lost(JsonWriter *json, const Notice *notice)
{
	json_key(json, "lost");
	if (notice->kind != NOTICE_NOTICES_LOST) {
		json_null(json);
		return;
	}
	json_begin_object(json);
	json_key_int(json, "notices", notice->n_lost);
	json_key_timestamp(json, "since", notice->lost_since);
	json_end_object(json);
}

void notice_write_json(JsonWriter *json, const Notice *notice)
{
	g_autofree char *headline = notice_headline(notice);

	json_begin_object(json);
	json_key_string(json, "schema", "pgunlock.notice/1");
	json_key_string(json, "kind", notice_kind_name(notice->kind));
	json_key_string(json, "priority", notice_priority_name(notice));
	json_key_string(json, "headline", headline);
	json_key_timestamp(json, "at", notice->at);
	key_text(json, "server", notice->server);
	json_key_timestamp(json, "seen_at", notice->seen_at);
	key_positive(json, "incident", notice->incident);
	json_key_timestamp(json, "started_at", notice->started_at);
	json_key(json, "session");
	if (notice_has_session(notice))
		write_session(json, &notice->session);
	else
		json_null(json);
	key_text(json, "target", notice->target);
	write_blocked(json, notice);
	key_text(json, "rule", notice->rule);
	write_act(json, notice);
	key_text(json, "reason", notice->reason);
	write_lost(json, notice);
	json_end_object(json);
}

void render_notice_json(GString *out, const Notice *notice)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);

	notice_write_json(json, notice);
}
