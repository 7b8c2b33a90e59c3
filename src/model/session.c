#include "model/session.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/timestamp.h"

#include <string.h>

static const struct {
	const char *text;
	SessionState state;
} states[] = {
    {"starting", SESSION_STATE_STARTING},
    {"active", SESSION_STATE_ACTIVE},
    {"idle", SESSION_STATE_IDLE},
    {"idle in transaction", SESSION_STATE_IDLE_IN_TRANSACTION},
    {"idle in transaction (aborted)", SESSION_STATE_IDLE_IN_TRANSACTION_ABORTED},
    {"fastpath function call", SESSION_STATE_FASTPATH},
    {"disabled", SESSION_STATE_DISABLED},
};

SessionState session_state_from_text(const char *text)
{
	for (gsize i = 0; text && i < G_N_ELEMENTS(states); i++)
		if (strcmp(states[i].text, text) == 0)
			return states[i].state;
	return SESSION_STATE_UNKNOWN;
}

const char *session_state_word(guint index)
{
	return index < G_N_ELEMENTS(states) ? states[index].text : NULL;
}

int session_compare_pids(gconstpointer a, gconstpointer b)
{
	const gint32 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

gboolean session_is_unlisted(const Session *session)
{
	return session->state == SESSION_STATE_STARTING && session->state_text == NULL;
}

/* GetBackendTypeDesc in src/backend/utils/init/miscinit.c. A background worker shows its own
 * bgw_type instead, which is any text: hence the last resort. */
static const struct {
	const char *text;
	BackendType type;
} types[] = {
    {"client backend", BACKEND_TYPE_CLIENT},
    {"standalone backend", BACKEND_TYPE_CLIENT},
    {"parallel worker", BACKEND_TYPE_PARALLEL_WORKER},
    {"autovacuum worker", BACKEND_TYPE_AUTOVACUUM_WORKER},
    {"walsender", BACKEND_TYPE_WALSENDER},
    {"startup", BACKEND_TYPE_STARTUP},
    {"logical replication launcher", BACKEND_TYPE_LOGICAL_REPLICATION},
    {"logical replication worker", BACKEND_TYPE_LOGICAL_REPLICATION}, /* to 16 */
    {"logical replication apply worker", BACKEND_TYPE_LOGICAL_REPLICATION},
    {"logical replication parallel worker", BACKEND_TYPE_LOGICAL_REPLICATION},
    {"logical replication tablesync worker", BACKEND_TYPE_LOGICAL_REPLICATION},
    {"archiver", BACKEND_TYPE_SYSTEM},
    {"autovacuum launcher", BACKEND_TYPE_SYSTEM},
    {"background writer", BACKEND_TYPE_SYSTEM},
    {"checkpointer", BACKEND_TYPE_SYSTEM},
    {"dead-end client backend", BACKEND_TYPE_SYSTEM},
    {"io worker", BACKEND_TYPE_SYSTEM},
    {"logger", BACKEND_TYPE_SYSTEM},
    {"slotsync worker", BACKEND_TYPE_SYSTEM},
    {"stats collector", BACKEND_TYPE_SYSTEM},
    {"walreceiver", BACKEND_TYPE_SYSTEM},
    {"walsummarizer", BACKEND_TYPE_SYSTEM},
    {"walwriter", BACKEND_TYPE_SYSTEM},
};

BackendType backend_type_from_text(const char *text)
{
	if (!text)
		return BACKEND_TYPE_UNKNOWN;
	for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
		if (strcmp(types[i].text, text) == 0)
			return types[i].type;
	return BACKEND_TYPE_BACKGROUND_WORKER;
}

const char *backend_type_word(guint index)
{
	return index < G_N_ELEMENTS(types) ? types[index].text : NULL;
}

char *session_id(const Session *session)
{
	if (session->kind == SESSION_KIND_BACKEND)
		return g_strdup_printf("pid:%d", session->pid);
	if (session->gid && strcmp(session->gid, session->gid_bytes) == 0)
		return g_strdup_printf("gid:%s", session->gid);
	/* It is unreadable, or another one could be shown as the same. */
	return g_strdup_printf("xid:%u", session->transaction);
}

char *session_log_id(const Session *session)
{
	if (session->kind != SESSION_KIND_BACKEND || session->backend_start == TIMESTAMP_NONE)
		return NULL;
	return g_strdup_printf("%" G_GINT64_MODIFIER "x.%x", session->backend_start / DURATION_SECOND,
	                       (guint) session->pid);
}

char *session_exact_name(const Session *session)
{
	char *log_id = session_log_id(session);

	if (log_id)
		return log_id;
	if (session->kind == SESSION_KIND_BACKEND)
		return g_strdup_printf("%d", session->pid);
	return session_id(session);
}

gboolean session_is_in_transaction(const Session *session)
{
	return session->xact_start != TIMESTAMP_NONE || session->backend_xid != 0 ||
	       session->state == SESSION_STATE_IDLE_IN_TRANSACTION ||
	       session->state == SESSION_STATE_IDLE_IN_TRANSACTION_ABORTED;
}

/* With the extended protocol the transaction begins with Parse and the statement with Execute,
 * which come in one packet. An application's BEGIN and its next statement are a round trip apart.
 */
#define SAME_START_US (2 * DURATION_MS)

gboolean session_has_earlier_work(const Session *session)
{
	return session->xact_start != TIMESTAMP_NONE && session->query_start != TIMESTAMP_NONE &&
	       session->query_start - session->xact_start > SAME_START_US;
}

static gboolean parse_hex(const char *text, gsize len, guint64 max, guint64 *value)
{
	*value = 0;
	if (len == 0 || len > 16)
		return FALSE;
	for (gsize i = 0; i < len; i++) {
		if (!g_ascii_isxdigit(text[i]))
			return FALSE;
		*value = *value * 16 + (guint64) g_ascii_xdigit_value(text[i]);
	}
	return *value <= max;
}

static gboolean parse_pid(const char *text, gint32 *pid)
{
	guint64 value;

	if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT32, &value, NULL))
		return FALSE;
	*pid = (gint32) value;
	return TRUE;
}

static gboolean parse_log_id(const char *text, SessionRef *ref)
{
	const char *dot = strchr(text, '.');
	guint64 second, pid;

	/* year 9999 is far below the bound that keeps microseconds inside a gint64 */
	if (!dot || !parse_hex(text, (gsize) (dot - text), G_MAXINT64 / DURATION_SECOND, &second) ||
	    !parse_hex(dot + 1, strlen(dot + 1), G_MAXINT32, &pid) || pid == 0)
		return FALSE;
	ref->backend_start_second = (gint64) second;
	ref->pid = (gint32) pid;
	return TRUE;
}

static gboolean parse_transaction(const char *text, guint32 *transaction)
{
	guint64 value;

	if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT32, &value, NULL))
		return FALSE;
	*transaction = (guint32) value;
	return TRUE;
}

SessionRef *session_ref_parse(const char *text, GError **error)
{
	g_autoptr(SessionRef) ref = g_new0(SessionRef, 1);
	gboolean is_valid = TRUE;

	ref->text = g_strdup(text);
	ref->backend_start_second = -1;
	if (g_str_has_prefix(text, "gid:") && text[4] != '\0')
		ref->gid = g_strdup(text + strlen("gid:"));
	else if (g_str_has_prefix(text, "xid:"))
		is_valid = parse_transaction(text + strlen("xid:"), &ref->transaction);
	else if (!parse_pid(g_str_has_prefix(text, "pid:") ? text + strlen("pid:") : text, &ref->pid) &&
	         !parse_log_id(text, ref))
		is_valid = FALSE;
	if (!is_valid) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is not a session", text);
		error_set_hint(error, "a session is a pid (4711), the server log's session id "
		                      "(6743a1b2.1267), or gid:NAME of a prepared transaction");
		return NULL;
	}
	return g_steal_pointer(&ref);
}

void session_ref_free(SessionRef *ref)
{
	if (!ref)
		return;
	g_free(ref->text);
	g_free(ref->gid);
	g_free(ref);
}

gboolean session_ref_is_prepared(const SessionRef *ref)
{
	return ref->gid || ref->transaction != 0;
}

gboolean session_ref_matches(const SessionRef *ref, const Session *session)
{
	if (session_ref_is_prepared(ref))
		return session->kind == SESSION_KIND_PREPARED &&
		       (ref->gid ? g_strcmp0(ref->gid, session->gid_bytes) == 0
		                 : ref->transaction == session->transaction);
	if (session->kind != SESSION_KIND_BACKEND || session->pid != ref->pid)
		return FALSE;
	return ref->backend_start_second < 0 ||
	       (session->backend_start != TIMESTAMP_NONE &&
	        session->backend_start / DURATION_SECOND == ref->backend_start_second);
}
