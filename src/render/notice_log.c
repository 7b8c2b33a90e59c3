#include "base/duration.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "render/notice.h"
#include "render/notice_words.h"

/* Fixed, so that a kind can be looked for: journalctl MESSAGE_ID=... */
static const char *const message_ids[N_NOTICE_KINDS] = {
    [NOTICE_INCIDENT_STARTED] = "5d0a3c1be94f4a0e8b9e5b6a4f1f7a01",
    [NOTICE_INCIDENT_ESCALATED] = "0b8f6f0f2c1d4c8fa1d86a6a25a9d3e2",
    [NOTICE_ACTED] = "c2a55a7d7a5b4f43b9f1f5c0f6f4be93",
    [NOTICE_INCIDENT_ENDED] = "e1f2b6d5c0b74f1d9a6a1d1f8d3c5aa4",
    [NOTICE_BREAKER_OPENED] = "7a4d9ce60fdc4f26b0f3f1a9e7b18cd5",
    [NOTICE_POLICY_UNKNOWN] = "93bb1f2e5d9c47d5a2f50f7f3a5de0c6",
    [NOTICE_HISTORY_TROUBLE] = "4be1a3f4a7c84c3f8c1e0f6b9d72f5e7",
    [NOTICE_NOTICES_LOST] = "af60d7c2b41e4bd0bb2d9f8a6c3e19f8",
};

typedef struct {
	GString *value;
	const Notice *notice;
} Fact;

static void add_text(const Fact *fact, const char *text, guint max_chars)
{
	if (text != NULL)
		notice_append_escaped(fact->value, text, max_chars, MARKUP_PLAIN);
}

static void add_name(const Fact *fact, const char *name)
{
	add_text(fact, name, NOTICE_MAX_TEXT);
}

static void add_number(const Fact *fact, gint64 number)
{
	g_string_append_printf(fact->value, "%" G_GINT64_FORMAT, number);
}

static void add_seconds(const Fact *fact, gint64 duration_us)
{
	g_string_append_printf(fact->value, "%" G_GINT64_FORMAT ".%03d", duration_us / DURATION_SECOND,
	                       (int) (duration_us % DURATION_SECOND / DURATION_MS));
}

static void fact_kind(const Fact *fact)
{
	add_name(fact, notice_kind_name(fact->notice->kind));
}

static void fact_server(const Fact *fact)
{
	add_name(fact, fact->notice->server);
}

static void fact_incident(const Fact *fact)
{
	if (fact->notice->incident > 0)
		add_number(fact, fact->notice->incident);
}

static void fact_session(const Fact *fact)
{
	g_autofree char *id = notice_session_id(&fact->notice->session);

	if (notice_has_session(fact->notice))
		add_name(fact, id);
}

static void fact_session_id(const Fact *fact)
{
	const Session same = {
	    .kind = SESSION_KIND_BACKEND,
	    .pid = fact->notice->session.pid,
	    .backend_start = fact->notice->session.backend_start,
	};

	if (same.pid == 0)
		return;
	g_autofree char *log_id = session_log_id(&same);
	add_name(fact, log_id);
}

static void fact_user(const Fact *fact)
{
	add_name(fact, fact->notice->session.user);
}

static void fact_database(const Fact *fact)
{
	add_name(fact, fact->notice->session.database);
}

static void fact_application(const Fact *fact)
{
	add_name(fact, fact->notice->session.application_name);
}

static void fact_client(const Fact *fact)
{
	add_name(fact, fact->notice->session.client_addr);
}

static void fact_state(const Fact *fact)
{
	add_name(fact, fact->notice->session.state);
}

static void fact_target(const Fact *fact)
{
	add_name(fact, fact->notice->target);
}

static void fact_blocked(const Fact *fact)
{
	if (notice_has_session(fact->notice))
		add_number(fact, fact->notice->blocked);
}

static void fact_longest_wait(const Fact *fact)
{
	if (notice_has_session(fact->notice) && fact->notice->longest_wait_us != WAITED_UNKNOWN)
		add_seconds(fact, fact->notice->longest_wait_us);
}

static void fact_rule(const Fact *fact)
{
	add_name(fact, fact->notice->rule);
}

static void fact_act(const Fact *fact)
{
	if (notice_has_act(fact->notice))
		add_name(fact, act_name(fact->notice->act));
}

static void fact_result(const Fact *fact)
{
	if (notice_has_act(fact->notice))
		add_name(fact,
		         fact->notice->is_dry_run ? "dry_run" : item_result_name(fact->notice->result));
}

static void fact_granted(const Fact *fact)
{
	if (notice_has_result(fact->notice))
		add_number(fact, fact->notice->granted);
}

static void fact_still_waiting(const Fact *fact)
{
	if (notice_has_result(fact->notice))
		add_number(fact, fact->notice->still_waiting);
}

static void fact_reason(const Fact *fact)
{
	add_name(fact, fact->notice->reason);
}

static void fact_query(const Fact *fact)
{
	add_text(fact, fact->notice->session.query, NOTICE_MAX_TEXT);
}

/* In a line "key=value", in the journal "PGUNLOCK_KEY=value". A writer that appends nothing has
 * nothing to say. */
static const struct {
	const char *key;
	void (*add)(const Fact *fact);
} facts[] = {
    {"kind", fact_kind},
    {"server", fact_server},
    {"incident", fact_incident},
    {"session", fact_session},
    {"session_id", fact_session_id},
    {"user", fact_user},
    {"database", fact_database},
    {"application", fact_application},
    {"client", fact_client},
    {"state", fact_state},
    {"target", fact_target},
    {"blocked", fact_blocked},
    {"longest_wait_seconds", fact_longest_wait},
    {"rule", fact_rule},
    {"act", fact_act},
    {"result", fact_result},
    {"granted", fact_granted},
    {"still_waiting", fact_still_waiting},
    {"reason", fact_reason},
    {"query", fact_query},
};

static gboolean needs_quotes(const char *value)
{
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == ' ' || *p == '"' || *p == '=' || *p == '\\')
			return TRUE;
	}
	return FALSE;
}

static void append_value(GString *out, const char *value)
{
	if (!needs_quotes(value)) {
		g_string_append(out, value);
		return;
	}
	g_string_append_c(out, '"');
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *p);
	}
	g_string_append_c(out, '"');
}

void render_notice_log(GString *out, const Notice *notice)
{
	g_autoptr(GString) value = g_string_new(NULL);
	const Fact fact = {value, notice};

	notice_append_headline(out, notice, MARKUP_PLAIN);
	for (guint i = 0; i < G_N_ELEMENTS(facts); i++) {
		g_string_truncate(value, 0);
		facts[i].add(&fact);
		if (value->len == 0)
			continue;
		g_string_append_printf(out, " %s=", facts[i].key);
		append_value(out, value->str);
	}
}

GPtrArray *render_notice_journal(const Notice *notice)
{
	GPtrArray *fields = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) value = g_string_new(NULL);
	const Fact fact = {value, notice};

	notice_append_headline(value, notice, MARKUP_PLAIN);
	g_ptr_array_add(fields, g_strdup_printf("MESSAGE=%s", value->str));
	g_ptr_array_add(fields, g_strdup_printf("MESSAGE_ID=%s", message_ids[notice->kind]));
	g_ptr_array_add(fields, g_strdup_printf("PRIORITY=%d", notice_priority(notice)));
	for (guint i = 0; i < G_N_ELEMENTS(facts); i++) {
		g_string_truncate(value, 0);
		facts[i].add(&fact);
		if (value->len == 0)
			continue;
		g_autofree char *name = g_ascii_strup(facts[i].key, -1);
		g_ptr_array_add(fields, g_strdup_printf("PGUNLOCK_%s=%s", name, value->str));
	}
	return fields;
}
