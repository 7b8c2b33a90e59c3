#include "guard/seen.h"

#include "base/timestamp.h"

/* Who takes part. */
typedef struct {
	gint64 backend_start;
	gint32 pid;
	guint32 transaction; /* of a prepared transaction */
} Key;

typedef struct {
	Key key;
	gboolean is_waiting;
	LockTag tag;         /* for which it waits */
	gint64 since;        /* in all looks from this one on it waits for that, or doesn't wait */
	gboolean has_waited; /* it was seen to wait before */
} Seeing;

struct Seen {
	GHashTable *sessions; /* of Seeing: its key -> itself */
};

static guint hash_key(gconstpointer data)
{
	const Key *key = data;

	return g_int_hash(&key->pid) ^ g_int64_hash(&key->backend_start) ^ key->transaction;
}

static gboolean equal_keys(gconstpointer a, gconstpointer b)
{
	const Key *x = a, *y = b;

	return x->pid == y->pid && x->backend_start == y->backend_start &&
	       x->transaction == y->transaction;
}

static GHashTable *new_sessions(void)
{
	return g_hash_table_new_full(hash_key, equal_keys, NULL, g_free);
}

Seen *seen_new(void)
{
	Seen *seen = g_new0(Seen, 1);

	seen->sessions = new_sessions();
	return seen;
}

void seen_free(Seen *seen)
{
	if (seen == NULL)
		return;
	g_hash_table_unref(seen->sessions);
	g_free(seen);
}

static Key key_of(const WaitGraph *graph, guint index)
{
	const Session *session = snapshot_session(wait_graph_snapshot(graph), index);

	return (Key){session->backend_start, session->pid, session->transaction};
}

static Seeing *see(const WaitGraph *graph, guint index, GHashTable *before)
{
	gint64 now = snapshot_taken_at(wait_graph_snapshot(graph));
	Seeing *seeing = g_new0(Seeing, 1);
	const LockQueue *queue;
	const Seeing *earlier;

	seeing->key = key_of(graph, index);
	seeing->is_waiting = wait_graph_wait(graph, index, &queue) != NULL;
	if (seeing->is_waiting)
		seeing->tag = queue->tag;
	earlier = g_hash_table_lookup(before, &seeing->key);
	gboolean is_same = earlier != NULL && earlier->is_waiting == seeing->is_waiting &&
	                   (!seeing->is_waiting || lock_tag_equal(&earlier->tag, &seeing->tag));

	seeing->since = is_same ? earlier->since : now;
	seeing->has_waited = earlier != NULL && (earlier->has_waited || earlier->is_waiting);
	return seeing;
}

void seen_look(Seen *seen, const WaitGraph *graph)
{
	g_autoptr(GHashTable) before = seen->sessions;
	guint n;
	const guint *participants = wait_graph_participants(graph, &n);

	seen->sessions = new_sessions();
	for (guint i = 0; i < n; i++) {
		Seeing *seeing = see(graph, participants[i], before);

		g_hash_table_insert(seen->sessions, &seeing->key, seeing);
	}
}

static const Seeing *find(const Seen *seen, const WaitGraph *graph, guint session)
{
	const Key key = key_of(graph, session);

	return g_hash_table_lookup(seen->sessions, &key);
}

/* Of those behind the session the longest that one was seen to wait. */
static gint64 waiters_since(const Seen *seen, const WaitGraph *graph, guint session)
{
	g_autoptr(GArray) behind = wait_graph_behind(graph, &session, 1);
	gint64 since = TIMESTAMP_NONE;

	for (guint i = 0; i < behind->len; i++) {
		const Seeing *seeing = find(seen, graph, g_array_index(behind, guint, i));

		if (seeing != NULL && (since == TIMESTAMP_NONE || seeing->since < since))
			since = seeing->since;
	}
	return since;
}

Blocker *seen_blocker(const Seen *seen, const WaitGraph *graph, guint session)
{
	const Seeing *seeing = find(seen, graph, session);
	Blocker *blocker = blocker_new(graph, session, waiters_since(seen, graph, session));

	if (seeing != NULL && !seeing->is_waiting && seeing->has_waited &&
	    blocker->blocked_since != TIMESTAMP_NONE)
		blocker->blocked_since = MAX(blocker->blocked_since, seeing->since);
	return blocker;
}

gboolean seen_for(const Seen *seen, const WaitGraph *graph, guint session, gint64 least_us)
{
	const Seeing *seeing = find(seen, graph, session);
	gint64 now = snapshot_taken_at(wait_graph_snapshot(graph));

	return seeing != NULL && timestamp_age(now, seeing->since) >= least_us;
}
