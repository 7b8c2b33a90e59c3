#include "render/session_words.h"

#include "base/duration.h"
#include "base/sql_ident.h"
#include "base/text.h"
#include "base/timestamp.h"

#include <string.h>

char *count_text(guint n, const char *one, const char *many)
{
	return g_strdup_printf("%u %s", n, n == 1 ? one : many);
}

char *age_text(const Snapshot *snapshot, gint64 since)
{
	return duration_to_text(timestamp_age(snapshot_taken_at(snapshot), since));
}

char *waited_text(gint64 waited_us)
{
	return waited_us == WAITED_UNKNOWN ? g_strdup("an unknown time") : duration_to_text(waited_us);
}

char *longest_wait_text(const WaitGraph *graph)
{
	gint64 longest = wait_graph_longest_wait(graph);
	g_autofree char *text = waited_text(longest);

	if (longest == WAITED_UNKNOWN || wait_graph_knows_all_waits(graph))
		return g_steal_pointer(&text);
	return g_strdup_printf("at least %s", text);
}

char *session_name_text(const Session *session)
{
	if (session->kind == SESSION_KIND_BACKEND)
		return g_strdup_printf("%d", session->pid);
	if (session->gid == NULL)
		return session->transaction != 0
		           ? g_strdup_printf("prepared transaction %u", session->transaction)
		           : g_strdup("a prepared transaction");
	g_autofree char *name = g_strconcat("gid:", session->gid, NULL);
	return text_safe(name);
}

static gboolean is_set(const char *text)
{
	return text != NULL && *text != '\0';
}

/* pg_stat_activity.state: what to say, and since when it is so. */
static const struct {
	const char *words;
	gboolean since_query;
	gboolean since_change;
} state_words[] = {
    [SESSION_STATE_UNKNOWN] = {NULL, FALSE, FALSE},
    [SESSION_STATE_STARTING] = {"logging in", FALSE, FALSE},
    [SESSION_STATE_ACTIVE] = {"active", TRUE, FALSE},
    [SESSION_STATE_IDLE] = {"idle", FALSE, TRUE},
    [SESSION_STATE_IDLE_IN_TRANSACTION] = {"idle in transaction", FALSE, TRUE},
    [SESSION_STATE_IDLE_IN_TRANSACTION_ABORTED] = {"idle in transaction (aborted)", FALSE, TRUE},
    [SESSION_STATE_FASTPATH] = {"in a fast-path function call", TRUE, FALSE},
    [SESSION_STATE_DISABLED] = {"state not tracked (track_activities is off)", FALSE, FALSE},
};

char *session_application_text(const Session *session)
{
	if (is_set(session->application_name))
		return text_safe(session->application_name);
	if (session->state == SESSION_STATE_STARTING)
		return g_strdup(state_words[SESSION_STATE_STARTING].words);
	if (session->type != BACKEND_TYPE_CLIENT && is_set(session->backend_type))
		return text_safe(session->backend_type);
	return g_strdup("");
}

static void append_address(GString *out, const Session *session)
{
	if (session->client_port < 0)
		g_string_append(out, "@[local]");
	else if (is_set(session->client_addr)) {
		g_string_append_c(out, '@');
		text_append_safe(out, session->client_addr);
	}
}

char *session_client_text(const Snapshot *snapshot, const Session *session)
{
	GString *out = g_string_new(NULL);
	const Names *names = snapshot_names(snapshot);
	const char *role = names_role(names, session->user);

	if (role != NULL)
		text_append_safe(out, role);
	else if (session->user != 0)
		g_string_append_printf(out, "role %u", session->user);
	append_address(out, session);
	if (session->database != 0 && session->database != snapshot_server(snapshot)->database_oid) {
		const char *database = names_database(names, session->database);

		g_string_append(out, out->len > 0 ? " in " : "in ");
		if (database != NULL)
			sql_ident_append(out, database);
		else
			g_string_append_printf(out, "database %u", session->database);
	}
	return g_string_free(out, FALSE);
}

static void append_client_place(GString *out, const PoolerClient *client)
{
	if (client->addr == NULL) {
		g_string_append(out, "on a local socket");
		return;
	}
	g_autofree char *addr = text_safe(client->addr);

	g_string_append_printf(out, strchr(addr, ':') != NULL ? "[%s]:%d" : "%s:%d", addr,
	                       client->port);
}

static void append_fact(GString *out, const char *label, const char *fact)
{
	if (!is_set(fact))
		return;
	g_string_append_printf(out, ", %s ", label);
	text_append_safe(out, fact);
}

char *session_pooler_text(const Snapshot *snapshot, const Session *session)
{
	const Names *names = snapshot_names(snapshot);
	const PoolerClient *client = session->pooler_client;

	if (!session->is_pooled)
		return g_strdup("");
	if (client == NULL)
		return g_strdup("PgBouncer: no client at the moment");
	GString *out = g_string_new("PgBouncer: client ");

	append_client_place(out, client);
	append_fact(out, "application", client->application_name);
	if (g_strcmp0(client->user, names_role(names, session->user)) != 0)
		append_fact(out, "user", client->user);
	if (g_strcmp0(client->database, names_database(names, session->database)) != 0)
		append_fact(out, "database", client->database);
	return g_string_free(out, FALSE);
}

static gint64 state_since(const Session *session)
{
	if (state_words[session->state].since_query)
		return session->query_start;
	return state_words[session->state].since_change ? session->state_change : TIMESTAMP_NONE;
}

static void append_prepared(GString *out, const Snapshot *snapshot, const Session *session)
{
	const Names *names = snapshot_names(snapshot);
	const char *owner = names_role(names, session->user);
	const char *database = names_database(names, session->database);

	if (session->gid == NULL) {
		g_string_append(out, "its name could not be read");
		return;
	}
	g_string_append(out, "prepared");
	if (session->prepared_at != TIMESTAMP_NONE) {
		g_autofree char *age = age_text(snapshot, session->prepared_at);
		g_string_append_printf(out, " %s ago", age);
	}
	if (owner != NULL) {
		g_string_append(out, " by ");
		text_append_safe(out, owner);
	} else if (session->user != 0) {
		g_string_append_printf(out, " by role %u", session->user);
	}
	if (database != NULL) {
		g_string_append(out, " in database ");
		sql_ident_append(out, database);
	} else if (session->database != 0) {
		g_string_append_printf(out, " in database %u", session->database);
	}
}

/* States of being busy that say more than "active". */
static const char *busy_with(const Session *session)
{
	if (session->state != SESSION_STATE_ACTIVE)
		return NULL;
	if (g_strcmp0(session->wait_event, "ClientWrite") == 0)
		return "stuck sending to its client";
	if (g_strcmp0(session->wait_event, "SyncRep") == 0)
		return "waiting for a synchronous standby";
	return NULL;
}

static void append_backend_state(GString *out, const Snapshot *snapshot, const Session *session)
{
	const char *busy = busy_with(session);
	gint64 since = state_since(session);

	if (session->hidden) {
		g_string_append(out, "state hidden from role ");
		text_append_safe(out, snapshot_server(snapshot)->user);
		return;
	}
	if (session->state == SESSION_STATE_STARTING && !is_set(session->application_name))
		return; /* said in place of it */
	if (session->state == SESSION_STATE_UNKNOWN) {
		/* without an application_name the backend type is said already */
		if (!is_set(session->backend_type))
			g_string_append(out, "state unknown");
		else if (is_set(session->application_name))
			text_append_safe(out, session->backend_type);
		return;
	}
	g_string_append(out, state_words[session->state].words);
	if (since != TIMESTAMP_NONE) {
		g_autofree char *age = age_text(snapshot, since);
		g_string_append_printf(out, " for %s", age);
	}
	if (busy != NULL)
		g_string_append_printf(out, ", %s", busy);
}

char *session_state_words(const WaitGraph *graph, guint index)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	const Session *session = snapshot_session(snapshot, index);
	GString *out = g_string_new(NULL);

	if (session->kind == SESSION_KIND_PREPARED) {
		append_prepared(out, snapshot, session);
	} else if (wait_graph_wait(graph, session->leader, NULL) != NULL) {
		g_autofree char *waited = waited_text(wait_graph_waited(graph, session->leader));
		g_string_append_printf(out, "waiting %s itself", waited);
	} else {
		append_backend_state(out, snapshot, session);
	}
	return g_string_free(out, FALSE);
}

char *session_transaction_words(const Snapshot *snapshot, const Session *session)
{
	gint64 since = state_since(session);

	if (session->xact_start == TIMESTAMP_NONE || since == TIMESTAMP_NONE)
		return g_strdup("");
	gint64 open_us = timestamp_age(snapshot_taken_at(snapshot), session->xact_start);
	gint64 state_us = timestamp_age(snapshot_taken_at(snapshot), since);
	/* What a tenth more would round away is not worth a line. */
	if (open_us < DURATION_SECOND || open_us - state_us < open_us / 10)
		return g_strdup("");
	g_autofree char *open = duration_to_text(open_us);
	return g_strdup_printf("transaction open for %s", open);
}
