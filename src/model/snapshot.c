#include "model/snapshot_private.h"

#include "base/text.h"

#include <string.h>

typedef struct {
	guint n;
	gint32 *pids;
} BlockingPids;

const char *snapshot_keep_text(Arena *arena, const char *bytes)
{
	gsize len;
	g_autofree char *repaired = NULL;

	if (!bytes)
		return NULL;
	len = strlen(bytes);
	if (g_utf8_validate_len(bytes, len, NULL))
		return arena_strndup(arena, bytes, len);
	repaired = text_repair(bytes, len);
	return arena_strdup(arena, repaired);
}

void snapshot_free(Snapshot *snapshot)
{
	if (!snapshot)
		return;
	g_hash_table_destroy(snapshot->by_pid);
	g_hash_table_destroy(snapshot->blocking_pids);
	g_hash_table_destroy(snapshot->in_progress);
	names_free(snapshot->names);
	privileges_free(snapshot->privileges);
	g_ptr_array_unref(snapshot->warnings);
	arena_free(snapshot->arena);
	g_free(snapshot);
}

const ServerInfo *snapshot_server(const Snapshot *snapshot)
{
	return &snapshot->server;
}

gint64 snapshot_taken_at(const Snapshot *snapshot)
{
	return snapshot->taken_at;
}

guint snapshot_n_sessions(const Snapshot *snapshot)
{
	return snapshot->n_sessions;
}

const Session *snapshot_session(const Snapshot *snapshot, guint index)
{
	g_return_val_if_fail(index < snapshot->n_sessions, NULL);
	return &snapshot->sessions[index];
}

guint snapshot_n_locks(const Snapshot *snapshot)
{
	return snapshot->n_locks;
}

gboolean snapshot_has_totals_only(const Snapshot *snapshot)
{
	return snapshot->has_totals_only;
}

guint snapshot_n_locks_there(const Snapshot *snapshot)
{
	return snapshot->n_locks_there;
}

const Lock *snapshot_lock(const Snapshot *snapshot, guint index)
{
	g_return_val_if_fail(index < snapshot->n_locks, NULL);
	return &snapshot->locks[index];
}

const Lock *snapshot_session_locks(const Snapshot *snapshot, guint session, guint *n_locks)
{
	g_return_val_if_fail(session < snapshot->n_sessions, NULL);
	*n_locks = snapshot->first_lock[session + 1] - snapshot->first_lock[session];
	return snapshot->locks + snapshot->first_lock[session];
}

const Arena *snapshot_arena(const Snapshot *snapshot)
{
	return snapshot->arena;
}

guint snapshot_find_pid(const Snapshot *snapshot, gint32 pid)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(snapshot->by_pid, GINT_TO_POINTER(pid))) - 1;
}

guint snapshot_find(const Snapshot *snapshot, const SessionRef *ref)
{
	for (guint i = 0; i < snapshot->n_sessions; i++)
		if (session_ref_matches(ref, &snapshot->sessions[i]))
			return i;
	return NO_SESSION;
}

guint snapshot_find_same(const Snapshot *snapshot, const Session *session)
{
	guint found;

	if (session->kind == SESSION_KIND_PREPARED) {
		for (guint i = 0; i < snapshot->n_sessions; i++)
			if (snapshot->sessions[i].kind == SESSION_KIND_PREPARED &&
			    snapshot->sessions[i].transaction == session->transaction)
				return i;
		return NO_SESSION;
	}
	found = snapshot_find_pid(snapshot, session->pid);
	if (found == NO_SESSION || snapshot->sessions[found].hidden ||
	    snapshot->sessions[found].backend_start == session->backend_start)
		return found;
	return NO_SESSION;
}

const char *snapshot_database_name(const Snapshot *snapshot, guint32 database)
{
	if (database == snapshot->server.database_oid)
		return snapshot->server.database;
	return names_database(snapshot->names, database);
}

Names *snapshot_names(const Snapshot *snapshot)
{
	return snapshot->names;
}

Privileges *snapshot_privileges(const Snapshot *snapshot)
{
	return snapshot->privileges;
}

void snapshot_add_blocking_pids(Snapshot *snapshot, gint32 waiter_pid, const gint32 *blocker_pids,
                                guint n)
{
	BlockingPids *answer = arena_alloc(snapshot->arena, sizeof(*answer));

	answer->n = n;
	answer->pids = arena_new_array(snapshot->arena, gint32, n);
	if (n)
		memcpy(answer->pids, blocker_pids, n * sizeof(gint32));
	g_hash_table_insert(snapshot->blocking_pids, GINT_TO_POINTER(waiter_pid), answer);
}

const gint32 *snapshot_blocking_pids(const Snapshot *snapshot, gint32 waiter_pid, guint *n)
{
	const BlockingPids *answer =
	    g_hash_table_lookup(snapshot->blocking_pids, GINT_TO_POINTER(waiter_pid));

	*n = answer ? answer->n : 0;
	return answer ? answer->pids : NULL;
}

void snapshot_set_advisory_labels(Snapshot *snapshot, const AdvisoryLabels *labels)
{
	snapshot->advisory_labels = labels;
}

const char *snapshot_advisory_label(const Snapshot *snapshot, const LockTag *tag)
{
	AdvisoryKey key;

	if (!snapshot->advisory_labels || !advisory_key_of(tag, &key))
		return NULL;
	return advisory_labels_find(snapshot->advisory_labels,
	                            snapshot_database_name(snapshot, tag->database), &key);
}

static PoolerClient *keep_client(Arena *arena, const PoolerClient *client)
{
	PoolerClient *kept = arena_alloc(arena, sizeof(*kept));

	kept->addr = snapshot_keep_text(arena, client->addr);
	kept->port = client->port;
	kept->application_name = snapshot_keep_text(arena, client->application_name);
	kept->user = snapshot_keep_text(arena, client->user);
	kept->database = snapshot_keep_text(arena, client->database);
	return kept;
}

void snapshot_set_pooler(Snapshot *snapshot, const PoolerConnection *connections, guint n)
{
	g_autofree guint *n_found = g_new0(guint, snapshot->n_sessions + 1);

	snapshot->has_pooler = TRUE;
	for (guint i = 0; i < n; i++) {
		const PoolerConnection *connection = &connections[i];
		guint found =
		    connection->pid != 0 ? snapshot_find_pid(snapshot, connection->pid) : NO_SESSION;

		if (found == NO_SESSION || !pooler_connection_is_to(connection, &snapshot->sessions[found]))
			continue;
		gboolean is_only = ++n_found[found] == 1;

		snapshot->sessions[found].is_pooled = is_only;
		snapshot->sessions[found].pooler_client =
		    is_only && connection->has_client ? keep_client(snapshot->arena, &connection->client)
		                                      : NULL;
	}
}

gboolean snapshot_has_pooler(const Snapshot *snapshot)
{
	return snapshot->has_pooler;
}

void snapshot_set_n_hidden(Snapshot *snapshot, guint n)
{
	snapshot->n_hidden = n;
}

guint snapshot_n_hidden(const Snapshot *snapshot)
{
	return snapshot->n_hidden;
}

void snapshot_set_standby_delay(Snapshot *snapshot, gint32 delay_ms)
{
	snapshot->has_standby_delay = TRUE;
	snapshot->standby_delay_ms = delay_ms;
}

gboolean snapshot_standby_delay(const Snapshot *snapshot, gint32 *delay_ms)
{
	*delay_ms = snapshot->standby_delay_ms;
	return snapshot->has_standby_delay;
}

void snapshot_add_in_progress(Snapshot *snapshot, guint32 xid)
{
	g_hash_table_add(snapshot->in_progress, GUINT_TO_POINTER(xid));
}

gboolean snapshot_is_in_progress(const Snapshot *snapshot, guint32 xid)
{
	return g_hash_table_contains(snapshot->in_progress, GUINT_TO_POINTER(xid));
}

void snapshot_add_warning(Snapshot *snapshot, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_ptr_array_add(snapshot->warnings, g_strdup_vprintf(format, args));
	va_end(args);
}

guint snapshot_n_warnings(const Snapshot *snapshot)
{
	return snapshot->warnings->len;
}

const char *snapshot_warning(const Snapshot *snapshot, guint index)
{
	return g_ptr_array_index(snapshot->warnings, index);
}
