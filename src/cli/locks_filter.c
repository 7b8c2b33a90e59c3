#include "cli/locks_filter.h"

#include "base/timestamp.h"
#include "plan/selection.h"
#include "render/render.h"

#include <string.h>

static gboolean is_of_sessions(const Session *session, const GPtrArray *refs)
{
	for (guint i = 0; i < refs->len; i++)
		if (session_ref_matches(g_ptr_array_index(refs, i), session))
			return TRUE;
	return FALSE;
}

static gboolean is_of_tables(const WaitGraph *graph, const Lock *lock, const TableSet *tables)
{
	if (table_set_contains(tables, lock->tag.database, lock->tag.relation))
		return TRUE;
	const Session *session = snapshot_session(wait_graph_snapshot(graph), lock->session);
	return !lock->granted && wait_concerns_tables(graph, session->leader, tables) != CONCERNS_NOT;
}

static gboolean is_of_advisory(const Lock *lock, const AdvisoryChoice *choice)
{
	AdvisoryKey key;
	return advisory_key_of(&lock->tag, &key) &&
	       (!choice->has_key || advisory_key_equal(&key, &choice->key));
}

/* Transactions and shared relations have no database: those count with their session. */
static gboolean is_of_database(const Lock *lock, const Session *session, guint32 database)
{
	return lock->tag.database == database ||
	       (lock->tag.database == 0 && session->database == database);
}

static gboolean is_listed(const WaitGraph *graph, const Lock *lock, const LocksFilter *filter)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	const Session *session = snapshot_session(snapshot, lock->session);
	return !session->is_self && !(filter->only_waiting && lock->granted) &&
	       !(filter->only_granted && !lock->granted) &&
	       (!filter->modes || (filter->modes & LOCK_MODE_SET(lock->mode))) &&
	       (filter->all_databases ||
	        is_of_database(lock, session, snapshot_server(snapshot)->database_oid)) &&
	       (!filter->sessions || is_of_sessions(session, filter->sessions)) &&
	       (!filter->advisory || is_of_advisory(lock, filter->advisory)) &&
	       (!filter->tables || is_of_tables(graph, lock, filter->tables));
}

/* What is compared is worked out once a lock, smaller first; then texts, then the pid. */
typedef struct {
	guint lock;
	gint64 first;
	gint64 second;
	char *text; /* owned, or NULL */
	gint32 pid;
} SortKey;

static gint64 transaction_start(const Session *session)
{
	gint64 start =
	    session->kind == SESSION_KIND_PREPARED ? session->prepared_at : session->xact_start;
	return start == TIMESTAMP_NONE ? G_MAXINT64 : start;
}

/* Waiters before holders; a wait without a start (13, or a moment old) is the shortest. */
static void key_waiting(SortKey *key, const Lock *lock, const Session *session)
{
	key->first = lock->granted ? 1 : 0;
	if (lock->granted)
		key->second = transaction_start(session);
	else
		key->second = lock->waitstart == TIMESTAMP_NONE ? G_MAXINT64 : lock->waitstart;
}

static int compare_keys(gconstpointer a, gconstpointer b)
{
	const SortKey *x = a;
	const SortKey *y = b;
	int by_text = g_strcmp0(x->text, y->text);
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->second != y->second)
		return x->second < y->second ? -1 : 1;
	if (by_text != 0)
		return by_text;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->lock < y->lock ? -1 : x->lock > y->lock;
}

static void clear_key(gpointer key)
{
	g_free(((SortKey *) key)->text);
}

static char *target_text(const Snapshot *snapshot, const Lock *lock)
{
	GString *text = g_string_new(NULL);
	render_target(text, snapshot, &lock->tag, NULL);
	return g_string_free(text, FALSE);
}

static SortKey key_of(const Snapshot *snapshot, guint index, LocksSort sort)
{
	const Lock *lock = snapshot_lock(snapshot, index);
	const Session *session = snapshot_session(snapshot, lock->session);
	SortKey key = {.lock = index, .pid = session->pid};
	switch (sort) {
	case SORT_WAITING:
		key_waiting(&key, lock, session);
		break;
	case SORT_AGE:
		key.first = transaction_start(session);
		break;
	case SORT_MODE:
		key.first = -(gint64) lock->mode;
		break;
	case SORT_TARGET:
		key.text = target_text(snapshot, lock);
		break;
	case SORT_USER:
		key.text = g_strdup(names_role(snapshot_names(snapshot), session->user));
		break;
	case SORT_PID:
		break;
	}
	return key;
}

GArray *locks_select(const WaitGraph *graph, const LocksFilter *filter, LocksSort sort)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(SortKey));
	g_array_set_clear_func(keys, clear_key);
	for (guint i = 0; i < snapshot_n_locks(snapshot); i++) {
		if (is_listed(graph, snapshot_lock(snapshot, i), filter)) {
			SortKey key = key_of(snapshot, i, sort);
			g_array_append_val(keys, key);
		}
	}
	g_array_sort(keys, compare_keys);

	GArray *locks = g_array_sized_new(FALSE, FALSE, sizeof(guint), keys->len);
	for (guint i = 0; i < keys->len; i++)
		g_array_append_val(locks, g_array_index(keys, SortKey, i).lock);
	return locks;
}
