#include "model/snapshot_private.h"

#include "base/text.h"
#include "base/timestamp.h"

#include <stdlib.h>
#include <string.h>

/* A row of pg_locks before its session is known. */
typedef struct {
	Lock lock;
	gint32 pid;
	VirtualTransactionId virtualtransaction;
} RawLock;

struct SnapshotBuilder {
	Snapshot *snapshot;
	GArray *sessions; /* of Session, strings in the snapshot's arena */
	GArray *locks;    /* of RawLock */
	GArray *prepared; /* of PreparedRow, strings in the snapshot's arena */
	/* pid -> index in locks, plus one, of its first row there; those not confirmed so far */
	GHashTable *unlisted;
};

/* What the server shows of a session that this role may not look into (pg_stat_get_activity in
 * src/backend/utils/adt/pgstatfuncs.c). */
#define INSUFFICIENT_PRIVILEGE "<insufficient privilege>"

/* A name that a person has to recognize: each byte that is not part of a character as \xE9. */
static const char *keep_gid(Arena *arena, const char *bytes)
{
	g_autoptr(GString) shown = g_string_new(NULL);
	const char *end;

	for (; bytes && !g_utf8_validate(bytes, -1, &end); bytes = end + 1) {
		g_string_append_len(shown, bytes, end - bytes);
		g_string_append_printf(shown, "\\x%02X", (guchar) *end);
	}
	if (!bytes)
		return NULL;
	g_string_append(shown, bytes);
	return arena_strdup(arena, shown->str);
}

SnapshotBuilder *snapshot_builder_new(const ServerInfo *server, gint64 taken_at)
{
	SnapshotBuilder *builder = g_new0(SnapshotBuilder, 1);
	Snapshot *snapshot = g_new0(Snapshot, 1);
	Arena *arena = arena_new();

	snapshot->arena = arena;
	snapshot->server = *server;
	snapshot->server.host = snapshot_keep_text(arena, server->host);
	snapshot->server.database = snapshot_keep_text(arena, server->database);
	snapshot->server.version = snapshot_keep_text(arena, server->version);
	snapshot->server.user = snapshot_keep_text(arena, server->user);
	snapshot->taken_at = taken_at;
	snapshot->by_pid = g_hash_table_new(NULL, NULL);
	snapshot->blocking_pids = g_hash_table_new(NULL, NULL);
	snapshot->in_progress = g_hash_table_new(NULL, NULL);
	snapshot->names = names_new();
	snapshot->privileges = privileges_new();
	snapshot->warnings = g_ptr_array_new_with_free_func(g_free);

	builder->snapshot = snapshot;
	builder->sessions = g_array_new(FALSE, FALSE, sizeof(Session));
	builder->locks = g_array_new(FALSE, FALSE, sizeof(RawLock));
	builder->prepared = g_array_new(FALSE, FALSE, sizeof(PreparedRow));
	builder->unlisted = g_hash_table_new(NULL, NULL);
	return builder;
}

void snapshot_builder_free(SnapshotBuilder *builder)
{
	if (!builder)
		return;
	snapshot_free(builder->snapshot);
	g_array_unref(builder->sessions);
	g_array_unref(builder->locks);
	g_array_unref(builder->prepared);
	g_hash_table_unref(builder->unlisted);
	g_free(builder);
}

void snapshot_builder_add_session(SnapshotBuilder *builder, const Session *row)
{
	Arena *arena = builder->snapshot->arena;
	Session session = *row;

	session.kind = SESSION_KIND_BACKEND;
	session.backend_type = snapshot_keep_text(arena, row->backend_type);
	session.type = backend_type_from_text(session.backend_type);
	session.application_name = snapshot_keep_text(arena, row->application_name);
	session.client_addr = snapshot_keep_text(arena, row->client_addr);
	session.client_hostname = snapshot_keep_text(arena, row->client_hostname);
	session.state_text = snapshot_keep_text(arena, row->state_text);
	session.state = session_state_from_text(session.state_text);
	session.wait_event_type = snapshot_keep_text(arena, row->wait_event_type);
	session.wait_event = snapshot_keep_text(arena, row->wait_event);
	session.query = snapshot_keep_text(arena, row->query);
	session.is_pooled = FALSE;
	session.pooler_client = NULL;
	session.gid = session.gid_bytes = NULL;
	session.prepared_at = TIMESTAMP_NONE;
	session.transaction = 0;
	session.hidden = session.type == BACKEND_TYPE_UNKNOWN &&
	                 g_strcmp0(session.query, INSUFFICIENT_PRIVILEGE) == 0;
	if (session.hidden)
		session.query = NULL;
	session.is_self = session.pid == builder->snapshot->server.own_pid;
	if (session.type != BACKEND_TYPE_PARALLEL_WORKER)
		session.leader_pid = 0;
	g_array_append_val(builder->sessions, session);
}

void snapshot_builder_add_lock(SnapshotBuilder *builder, const LockRow *row)
{
	RawLock raw = {
	    .lock = {.tag = row->tag,
	             .mode = lock_mode_from_name(row->mode),
	             .granted = row->granted,
	             .fast_path = row->fast_path,
	             .waitstart = row->granted ? TIMESTAMP_NONE : row->waitstart},
	    .pid = row->pid,
	    .virtualtransaction = row->virtualtransaction,
	};

	/* SIReadLock, which blocks nobody, or a mode that no lock method of this server has */
	if (raw.lock.mode == LOCK_MODE_NONE)
		return;
	raw.lock.tag.type = lock_type_from_name(row->locktype);
	g_array_append_val(builder->locks, raw);
}

void snapshot_builder_add_wait(SnapshotBuilder *builder, gint32 waiter_pid,
                               const gint32 *blocker_pids, guint n)
{
	RawLock raw = {
	    .lock = {.tag = {.type = LOCK_TYPE_OTHER, .objid = (guint32) waiter_pid},
	             .mode = LOCK_MODE_ACCESS_EXCLUSIVE,
	             .waitstart = TIMESTAMP_NONE},
	    .pid = waiter_pid,
	};

	builder->snapshot->has_totals_only = TRUE;
	g_array_append_val(builder->locks, raw);
	raw.lock.granted = TRUE;
	for (guint i = 0; i < n; i++) {
		gboolean is_repeated = FALSE;

		for (guint k = 0; k < i && !is_repeated; k++)
			is_repeated = blocker_pids[k] == blocker_pids[i];
		raw.pid = blocker_pids[i];
		if (!is_repeated)
			g_array_append_val(builder->locks, raw);
	}
}

void snapshot_builder_set_taken_at(SnapshotBuilder *builder, gint64 taken_at)
{
	builder->snapshot->taken_at = taken_at;
}

void snapshot_builder_set_n_locks(SnapshotBuilder *builder, guint n)
{
	builder->snapshot->n_locks_there = n;
}

void snapshot_builder_add_prepared(SnapshotBuilder *builder, const PreparedRow *row)
{
	PreparedRow prepared = *row;

	/* It ends the transaction only as it is. */
	prepared.gid = row->gid ? arena_strdup(builder->snapshot->arena, row->gid) : NULL;
	g_array_append_val(builder->prepared, prepared);
}

static GHashTable *known_pids(const SnapshotBuilder *builder)
{
	GHashTable *pids = g_hash_table_new(NULL, NULL);

	for (guint i = 0; i < builder->sessions->len; i++)
		g_hash_table_add(pids, GINT_TO_POINTER(g_array_index(builder->sessions, Session, i).pid));
	return pids;
}

/* The tags that somebody waits for; they are those of the locks. */
static GHashTable *wanted_tags(const SnapshotBuilder *builder)
{
	GHashTable *wanted = g_hash_table_new((GHashFunc) lock_tag_hash, (GEqualFunc) lock_tag_equal);

	for (guint i = 0; i < builder->locks->len; i++) {
		RawLock *raw = &g_array_index(builder->locks, RawLock, i);

		if (!raw->lock.granted)
			g_hash_table_add(wanted, &raw->lock.tag);
	}
	return wanted;
}

GArray *snapshot_builder_unlisted(SnapshotBuilder *builder)
{
	g_autoptr(GHashTable) known = NULL;
	g_autoptr(GHashTable) wanted = wanted_tags(builder);
	GArray *unlisted = g_array_new(FALSE, FALSE, sizeof(gint32));

	if (g_hash_table_size(wanted) == 0)
		return unlisted;
	known = known_pids(builder);
	for (guint i = 0; i < builder->locks->len; i++) {
		const RawLock *raw = &g_array_index(builder->locks, RawLock, i);

		/* The startup process is no login: it has no transaction of its own. */
		if (raw->pid == 0 || raw->virtualtransaction.local == 0 ||
		    !g_hash_table_contains(wanted, &raw->lock.tag) ||
		    !g_hash_table_add(known, GINT_TO_POINTER(raw->pid)))
			continue;
		g_hash_table_insert(builder->unlisted, GINT_TO_POINTER(raw->pid), GUINT_TO_POINTER(i + 1));
		g_array_append_val(unlisted, raw->pid);
	}
	g_array_sort(unlisted, session_compare_pids);
	return unlisted;
}

void snapshot_builder_confirm(SnapshotBuilder *builder, gint32 pid,
                              const VirtualTransactionId *virtualtransaction)
{
	const Session session = {
	    .kind = SESSION_KIND_BACKEND,
	    .pid = pid,
	    .backend_start = TIMESTAMP_NONE,
	    .state = SESSION_STATE_STARTING,
	    .xact_start = TIMESTAMP_NONE,
	    .query_start = TIMESTAMP_NONE,
	    .state_change = TIMESTAMP_NONE,
	    .prepared_at = TIMESTAMP_NONE,
	};
	guint row = GPOINTER_TO_UINT(g_hash_table_lookup(builder->unlisted, GINT_TO_POINTER(pid)));
	const RawLock *raw = row ? &g_array_index(builder->locks, RawLock, row - 1) : NULL;

	if (!raw || raw->virtualtransaction.backend != virtualtransaction->backend ||
	    raw->virtualtransaction.local != virtualtransaction->local)
		return;
	g_hash_table_remove(builder->unlisted, GINT_TO_POINTER(pid));
	g_array_append_val(builder->sessions, session);
}

/* row: NULL when its name isn't known. */
static guint add_prepared_session(SnapshotBuilder *builder, const PreparedRow *row)
{
	Session session = {
	    .kind = SESSION_KIND_PREPARED,
	    .backend_start = TIMESTAMP_NONE,
	    .xact_start = TIMESTAMP_NONE,
	    .query_start = TIMESTAMP_NONE,
	    .state_change = TIMESTAMP_NONE,
	    .prepared_at = row ? row->prepared_at : TIMESTAMP_NONE,
	    .gid = row ? keep_gid(builder->snapshot->arena, row->gid) : NULL,
	    .gid_bytes = row ? row->gid : NULL,
	    .user = row ? row->owner : 0,
	    .database = row ? row->database : 0,
	    .transaction = row ? row->transaction : 0,
	    .backend_xid = row ? row->transaction : 0,
	};

	g_array_append_val(builder->sessions, session);
	return builder->sessions->len - 1;
}

/* A prepared transaction without a name is known by its own transaction id: of those that it holds
 * the first, the others are its subtransactions'. The numbers go round (TransactionIdPrecedes in
 * src/backend/access/transam/transam.c). */
static void note_transaction(Session *session, const Lock *lock)
{
	guint32 transaction = lock->tag.transaction;

	if (session->gid || !lock->granted || lock->tag.type != LOCK_TYPE_TRANSACTIONID)
		return;
	if (session->transaction == 0 || (gint32) (transaction - session->transaction) < 0)
		session->transaction = session->backend_xid = transaction;
}

static guint64 vxid_key(const VirtualTransactionId *vxid)
{
	return ((guint64) (guint32) vxid->backend << 32) | vxid->local;
}

/* One session for each group of rows without a pid. Their lock.session is set. */
static void join_prepared(SnapshotBuilder *builder)
{
	g_autoptr(GHashTable) by_transaction = g_hash_table_new(NULL, NULL);
	g_autoptr(GHashTable) groups = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	g_autoptr(GHashTable) named = g_hash_table_new(NULL, NULL);

	for (guint i = 0; i < builder->prepared->len; i++) {
		PreparedRow *row = &g_array_index(builder->prepared, PreparedRow, i);

		g_hash_table_insert(by_transaction, GUINT_TO_POINTER(row->transaction), row);
	}
	/* First the rows that name a group: its own transaction id, which it holds exclusively. (A
	 * prepared transaction with subtransactions holds theirs, too: those name nothing.) */
	for (guint i = 0; i < builder->locks->len; i++) {
		const RawLock *raw = &g_array_index(builder->locks, RawLock, i);
		guint64 key = vxid_key(&raw->virtualtransaction);
		const PreparedRow *row;

		if (raw->pid != 0 || raw->lock.tag.type != LOCK_TYPE_TRANSACTIONID || !raw->lock.granted)
			continue;
		row = g_hash_table_lookup(by_transaction, GUINT_TO_POINTER(raw->lock.tag.transaction));
		if (row && g_hash_table_add(named, GUINT_TO_POINTER(row->transaction)))
			g_hash_table_insert(groups, g_memdup2(&key, sizeof(key)),
			                    GUINT_TO_POINTER(add_prepared_session(builder, row) + 1));
	}
	for (guint i = 0; i < builder->locks->len; i++) {
		RawLock *raw = &g_array_index(builder->locks, RawLock, i);
		guint64 key = vxid_key(&raw->virtualtransaction);
		guint session;

		if (raw->pid != 0)
			continue;
		session = GPOINTER_TO_UINT(g_hash_table_lookup(groups, &key));
		if (!session) {
			session = add_prepared_session(builder, NULL) + 1;
			g_hash_table_insert(groups, g_memdup2(&key, sizeof(key)), GUINT_TO_POINTER(session));
		}
		raw->lock.session = session - 1;
		note_transaction(&g_array_index(builder->sessions, Session, session - 1), &raw->lock);
	}
	/* Prepared since the locks were read: known by name, without locks. */
	for (guint i = 0; i < builder->prepared->len; i++) {
		const PreparedRow *row = &g_array_index(builder->prepared, PreparedRow, i);

		if (g_hash_table_add(named, GUINT_TO_POINTER(row->transaction)))
			add_prepared_session(builder, row);
	}
}

static void find_leaders(Snapshot *snapshot)
{
	for (guint i = 0; i < snapshot->n_sessions; i++) {
		Session *session = &snapshot->sessions[i];
		guint leader =
		    session->leader_pid ? snapshot_find_pid(snapshot, session->leader_pid) : NO_SESSION;

		session->leader = leader == NO_SESSION ? i : leader;
	}
}

/* Moves the locks into the snapshot, sorted by session (counting sort: one pass to count, one to
 * place); drops those whose process has gone since. */
static void place_locks(Snapshot *snapshot, GArray *raw_locks)
{
	guint *next = g_new0(guint, snapshot->n_sessions + 1);

	for (guint i = 0; i < raw_locks->len; i++) {
		RawLock *raw = &g_array_index(raw_locks, RawLock, i);

		if (raw->pid != 0)
			raw->lock.session = snapshot_find_pid(snapshot, raw->pid);
		if (raw->lock.session != NO_SESSION)
			next[raw->lock.session]++;
	}
	snapshot->first_lock = arena_new_array(snapshot->arena, guint, snapshot->n_sessions + 1);
	for (guint i = 0; i < snapshot->n_sessions; i++) {
		snapshot->first_lock[i + 1] = snapshot->first_lock[i] + next[i];
		next[i] = snapshot->first_lock[i];
	}
	snapshot->n_locks = snapshot->first_lock[snapshot->n_sessions];
	snapshot->locks = arena_new_array(snapshot->arena, Lock, snapshot->n_locks);
	for (guint i = 0; i < raw_locks->len; i++) {
		const Lock *lock = &g_array_index(raw_locks, RawLock, i).lock;

		if (lock->session != NO_SESSION)
			snapshot->locks[next[lock->session]++] = *lock;
	}
	g_free(next);
}

Snapshot *snapshot_builder_finish(SnapshotBuilder *builder)
{
	join_prepared(builder);
	Snapshot *snapshot = g_steal_pointer(&builder->snapshot);

	snapshot->n_sessions = builder->sessions->len;
	snapshot->sessions = arena_new_array(snapshot->arena, Session, snapshot->n_sessions);
	if (snapshot->n_sessions)
		memcpy(snapshot->sessions, builder->sessions->data, snapshot->n_sessions * sizeof(Session));
	for (guint i = 0; i < snapshot->n_sessions; i++)
		if (snapshot->sessions[i].pid)
			g_hash_table_insert(snapshot->by_pid, GINT_TO_POINTER(snapshot->sessions[i].pid),
			                    GUINT_TO_POINTER(i + 1));
	snapshot->n_locks_there = MAX(snapshot->n_locks_there, builder->locks->len);
	find_leaders(snapshot);
	place_locks(snapshot, builder->locks);
	snapshot_builder_free(builder);
	return snapshot;
}
