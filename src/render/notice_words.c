#include "render/notice_words.h"

#include "base/duration.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "render/session_words.h"

#include <string.h>

enum { PRIORITY_ERROR = 3, PRIORITY_WARNING, PRIORITY_NOTICE, PRIORITY_INFO };

static const struct {
	const char *name;
	int priority;
} kinds[N_NOTICE_KINDS] = {
    [NOTICE_INCIDENT_STARTED] = {"incident_started", PRIORITY_WARNING},
    [NOTICE_INCIDENT_ESCALATED] = {"incident_escalated", PRIORITY_ERROR},
    [NOTICE_ACTED] = {"acted", PRIORITY_NOTICE},
    [NOTICE_INCIDENT_ENDED] = {"incident_ended", PRIORITY_INFO},
    [NOTICE_BREAKER_OPENED] = {"breaker_opened", PRIORITY_ERROR},
    [NOTICE_POLICY_UNKNOWN] = {"policy_unknown", PRIORITY_WARNING},
    [NOTICE_HISTORY_TROUBLE] = {"history_trouble", PRIORITY_ERROR},
    [NOTICE_NOTICES_LOST] = {"notices_lost", PRIORITY_WARNING},
};

/* What came of an act: "rule NAME terminated SESSION: TAIL", or when it didn't get so far "rule
 * NAME could not terminate SESSION: TAIL". */
static const struct {
	const char *lead; /* NULL: it was carried out, the verb is in the past */
	const char *tail;
	int priority;
} results[] = {
    [RESULT_NONE] = {"set out to ", "the result isn't known", PRIORITY_WARNING},
    [RESULT_REFUSED] = {"could not ", NULL, PRIORITY_ERROR},
    [RESULT_ALREADY_GONE] = {"set out to ", "it had ended by itself", PRIORITY_NOTICE},
    [RESULT_SIGNALLED] = {"signalled, to ", "its end was not seen", PRIORITY_WARNING},
    [RESULT_GONE] = {NULL, "it is gone", PRIORITY_NOTICE},
    [RESULT_FREED] = {NULL, "its locks are free", PRIORITY_NOTICE},
    [RESULT_CANCELLED_STILL_HOLDING] = {NULL, "it still holds its locks", PRIORITY_ERROR},
    [RESULT_STILL_THERE] = {"tried to ", "it is still there", PRIORITY_ERROR},
};

static const struct {
	const char *verb;
	const char *past;
} acts[] = {
    [ACT_NONE] = {"do nothing to", "did nothing to"},
    [ACT_CANCEL] = {"cancel the statement of", "cancelled the statement of"},
    [ACT_TERMINATE] = {"terminate", "terminated"},
    [ACT_ROLLBACK_PREPARED] = {"roll back", "rolled back"},
    [ACT_COMMIT_PREPARED] = {"commit", "committed"},
};

Notice notice_begin(NoticeKind kind, const char *server, gint64 at)
{
	return (Notice){
	    .kind = kind,
	    .at = at,
	    .seen_at = TIMESTAMP_NONE,
	    .server = server,
	    .started_at = TIMESTAMP_NONE,
	    .session =
	        {
	            .backend_start = TIMESTAMP_NONE,
	            .state_since = TIMESTAMP_NONE,
	            .xact_start = TIMESTAMP_NONE,
	        },
	    .longest_wait_us = WAITED_UNKNOWN,
	    .lost_since = TIMESTAMP_NONE,
	};
}

const char *notice_kind_name(NoticeKind kind)
{
	return kinds[kind].name;
}

int notice_priority(const Notice *notice)
{
	return notice_has_result(notice) ? results[notice->result].priority
	                                 : kinds[notice->kind].priority;
}

const char *notice_priority_name(const Notice *notice)
{
	static const char *const names[] = {
	    [PRIORITY_ERROR] = "error",
	    [PRIORITY_WARNING] = "warning",
	    [PRIORITY_NOTICE] = "notice",
	    [PRIORITY_INFO] = "info",
	};

	return names[notice_priority(notice)];
}

gboolean notice_has_session(const Notice *notice)
{
	const NoticeSession *session = &notice->session;

	return session->pid != 0 || session->gid_bytes != NULL || session->transaction != 0;
}

char *notice_session_id(const NoticeSession *session)
{
	const Session same = {
	    .kind = session->pid != 0 ? SESSION_KIND_BACKEND : SESSION_KIND_PREPARED,
	    .pid = session->pid,
	    .gid = session->gid,
	    .gid_bytes = session->gid_bytes,
	    .transaction = session->transaction,
	};

	return session_id(&same);
}

gboolean notice_has_act(const Notice *notice)
{
	return notice->kind == NOTICE_ACTED;
}

gboolean notice_has_result(const Notice *notice)
{
	return notice_has_act(notice) && !notice->is_dry_run;
}

char *notice_cut(const char *bytes, guint max_chars, gboolean *is_cut)
{
	const gsize max_bytes = (gsize) max_chars * 4; /* the longest characters */

	if (is_cut != NULL)
		*is_cut = FALSE;
	if (bytes == NULL)
		return NULL;
	gsize length = strnlen(bytes, max_bytes + 1);
	gboolean is_longer = length > max_bytes;
	g_autofree char *valid = text_repair(bytes, MIN(length, max_bytes));
	if (g_utf8_strlen(valid, -1) > (glong) max_chars) {
		*g_utf8_offset_to_pointer(valid, (glong) max_chars) = '\0';
		is_longer = TRUE;
	}
	if (is_cut != NULL)
		*is_cut = is_longer;
	return g_steal_pointer(&valid);
}

/* Slack's three entities; and no backquote, which would end the code span. */
static void append_for_chat(GString *out, const char *safe)
{
	for (const char *p = safe; *p != '\0'; p++) {
		switch (*p) {
		case '&':
			g_string_append(out, "&amp;");
			break;
		case '<':
			g_string_append(out, "&lt;");
			break;
		case '>':
			g_string_append(out, "&gt;");
			break;
		case '`':
			g_string_append_c(out, '\'');
			break;
		default:
			g_string_append_c(out, *p);
		}
	}
}

void notice_append_escaped(GString *out, const char *bytes, guint max_chars, Markup markup)
{
	gboolean is_cut;
	g_autofree char *cut = notice_cut(bytes, max_chars, &is_cut);
	g_autofree char *safe = text_safe(cut != NULL ? cut : "");

	if (markup == MARKUP_CHAT)
		append_for_chat(out, safe);
	else
		g_string_append(out, safe);
	if (is_cut)
		g_string_append(out, "…");
}

void notice_append_foreign(GString *out, const char *bytes, guint max_chars, Markup markup)
{
	const char *quote = markup == MARKUP_CHAT ? "`" : "";

	g_string_append(out, quote);
	notice_append_escaped(out, bytes, max_chars, markup);
	g_string_append(out, quote);
}

static gboolean is_set(const char *text)
{
	return text != NULL && *text != '\0';
}

/* "4711", "gid:order-4711" */
static void append_name(GString *out, const NoticeSession *session)
{
	if (session->pid != 0) {
		g_string_append_printf(out, "%d", session->pid);
	} else {
		g_autofree char *id = notice_session_id(session);
		notice_append_escaped(out, id, NOTICE_MAX_NAME, MARKUP_PLAIN);
	}
}

/* "4711 (login-service, app_rw@10.0.3.7)" */
static void append_session(GString *out, const NoticeSession *session, Markup markup)
{
	g_autoptr(GString) whole = g_string_new(NULL);
	const char *what =
	    is_set(session->application_name) ? session->application_name : session->backend_type;

	append_name(whole, session);
	if (is_set(what) || is_set(session->user)) {
		g_string_append(whole, " (");
		if (is_set(what))
			notice_append_escaped(whole, what, NOTICE_MAX_NAME, MARKUP_PLAIN);
		if (is_set(what) && is_set(session->user))
			g_string_append(whole, ", ");
		if (is_set(session->user))
			notice_append_escaped(whole, session->user, NOTICE_MAX_NAME, MARKUP_PLAIN);
		if (is_set(session->user) && is_set(session->client_addr)) {
			g_string_append_c(whole, '@');
			notice_append_escaped(whole, session->client_addr, NOTICE_MAX_NAME, MARKUP_PLAIN);
		}
		g_string_append_c(whole, ')');
	}
	notice_append_foreign(out, whole->str, G_MAXUINT / 8, markup);
}

/* "143 sessions, the longest for 4m12s, on row (0,1) of login_sessions" */
static void append_blocked(GString *out, const Notice *notice, Markup markup)
{
	if (notice->blocked == 0) {
		g_string_append(out, "nobody");
	} else {
		g_autofree char *count = count_text(notice->blocked, "session", "sessions");
		g_string_append(out, count);
		if (notice->longest_wait_us != WAITED_UNKNOWN) {
			g_autofree char *longest = duration_to_text(notice->longest_wait_us);
			g_string_append_printf(out, notice->blocked == 1 ? " for %s" : ", the longest for %s",
			                       longest);
		}
	}
	if (is_set(notice->target)) {
		g_string_append(out, notice->blocked > 1 ? ", on " : " on ");
		notice_append_foreign(out, notice->target, NOTICE_MAX_TARGET, markup);
	}
}

static void append_reason(GString *out, const Notice *notice, Markup markup)
{
	if (!is_set(notice->reason))
		return;
	g_string_append(out, ": ");
	notice_append_foreign(out, notice->reason, NOTICE_MAX_TEXT, markup);
}

static void append_rule(GString *out, const Notice *notice, Markup markup)
{
	g_string_append(out, "rule ");
	notice_append_foreign(out, notice->rule, NOTICE_MAX_NAME, markup);
}

static void append_incident(GString *out, const Notice *notice, const char *blocks, Markup markup)
{
	append_session(out, &notice->session, markup);
	g_string_append(out, blocks);
	append_blocked(out, notice, markup);
}

static void append_started(GString *out, const Notice *notice, Markup markup)
{
	append_incident(out, notice, " blocks ", markup);
	append_reason(out, notice, markup);
}

static void append_escalated(GString *out, const Notice *notice, Markup markup)
{
	append_incident(out, notice, " still blocks ", markup);
	append_reason(out, notice, markup);
}

static void append_ended(GString *out, const Notice *notice, Markup markup)
{
	g_string_append(out, "it is over");
	if (notice->started_at != TIMESTAMP_NONE && notice->seen_at != TIMESTAMP_NONE) {
		g_autofree char *lasted =
		    duration_to_text(timestamp_age(notice->seen_at, notice->started_at));
		g_string_append_printf(out, " after %s", lasted);
	}
	g_string_append(out, ": ");
	append_incident(out, notice, " blocked up to ", markup);
	append_reason(out, notice, markup);
}

static void append_waiters(GString *out, const Notice *notice)
{
	const struct {
		guint n;
		const char *one;
		const char *many;
	} fates[] = {
	    {notice->granted, "waiter went on", "waiters went on"},
	    {notice->gave_up, "gave up", "gave up"},
	    {notice->still_waiting, "still waits", "still wait"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(fates); i++) {
		g_autofree char *text = count_text(fates[i].n, fates[i].one, fates[i].many);
		if (fates[i].n > 0)
			g_string_append_printf(out, ", %s", text);
	}
}

static void append_result(GString *out, const Notice *notice, Markup markup)
{
	const char *lead = results[notice->result].lead;
	const char *tail = results[notice->result].tail;

	append_rule(out, notice, markup);
	g_string_append_printf(out, " %s%s ", lead != NULL ? lead : "",
	                       lead != NULL ? acts[notice->act].verb : acts[notice->act].past);
	append_session(out, &notice->session, markup);
	if (tail != NULL)
		g_string_append_printf(out, ": %s", tail);
	append_waiters(out, notice);
	append_reason(out, notice, markup);
}

static void append_acted(GString *out, const Notice *notice, Markup markup)
{
	if (!notice->is_dry_run) {
		append_result(out, notice, markup);
		return;
	}
	g_string_append(out, "dry run: ");
	append_rule(out, notice, markup);
	/* Only what would be refused has a reason. */
	g_string_append_printf(out, is_set(notice->reason) ? " would be refused to %s " : " would %s ",
	                       acts[notice->act].verb);
	append_incident(out, notice, ", which blocks ", markup);
	append_reason(out, notice, markup);
}

static void append_breaker(GString *out, const Notice *notice, Markup markup)
{
	append_rule(out, notice, markup);
	g_string_append(out, " leaves sessions like this one alone now: ");
	append_incident(out, notice, " blocks ", markup);
	append_reason(out, notice, markup);
}

static void append_unknown(GString *out, const Notice *notice, Markup markup)
{
	append_rule(out, notice, markup);
	g_string_append(out, " can't be judged, so nothing is done: ");
	append_incident(out, notice, " blocks ", markup);
	append_reason(out, notice, markup);
}

static void append_history(GString *out, const Notice *notice, Markup markup)
{
	g_string_append(out, "the history can't be kept");
	append_reason(out, notice, markup);
}

static void append_lost(GString *out, const Notice *notice, G_GNUC_UNUSED Markup markup)
{
	g_autofree char *count = count_text(notice->n_lost, "notice", "notices");
	g_autofree char *since = timestamp_to_rfc3339(notice->lost_since);

	g_string_append_printf(out, "%s did not get through", count);
	if (since != NULL)
		g_string_append_printf(out, ", the first one of %s", since);
	g_string_append(out, "; the guard's log has them");
}

void notice_append_headline(GString *out, const Notice *notice, Markup markup)
{
	static void (*const writers[N_NOTICE_KINDS])(GString *, const Notice *, Markup) = {
	    [NOTICE_INCIDENT_STARTED] = append_started,
	    [NOTICE_INCIDENT_ESCALATED] = append_escalated,
	    [NOTICE_ACTED] = append_acted,
	    [NOTICE_INCIDENT_ENDED] = append_ended,
	    [NOTICE_BREAKER_OPENED] = append_breaker,
	    [NOTICE_POLICY_UNKNOWN] = append_unknown,
	    [NOTICE_HISTORY_TROUBLE] = append_history,
	    [NOTICE_NOTICES_LOST] = append_lost,
	};

	if (is_set(notice->server)) {
		notice_append_foreign(out, notice->server, NOTICE_MAX_NAME, markup);
		g_string_append(out, ": ");
	}
	writers[notice->kind](out, notice, markup);
}

char *notice_headline(const Notice *notice)
{
	GString *out = g_string_new(NULL);

	notice_append_headline(out, notice, MARKUP_PLAIN);
	return g_string_free(out, FALSE);
}

void notice_append_state(GString *out, const Notice *notice, Markup markup)
{
	const NoticeSession *session = &notice->session;

	if (!is_set(session->state))
		return;
	notice_append_foreign(out, session->state, NOTICE_MAX_NAME, markup);
	if (session->state_since != TIMESTAMP_NONE && notice->seen_at != TIMESTAMP_NONE) {
		g_autofree char *age =
		    duration_to_text(timestamp_age(notice->seen_at, session->state_since));
		g_string_append_printf(out, " for %s", age);
	}
}
