#include "guard/seen.h"

#include "base/timestamp.h"

/* Who waits, for what: plain data, compared as bytes. */
typedef struct {
	gint64 backend_start;
	gint32 pid;
	LockTag tag;
} Wait;

typedef struct {
	Wait wait;
	gint64 since;
} Seeing;

struct Seen {
	GHashTable *waits; /* of Seeing: itself its key */
};

/* Field by field: there is padding between them. */
static guint hash_wait(gconstpointer data)
{
	const Wait *wait = data;

	return g_int_hash(&wait->pid) ^ g_int64_hash(&wait->backend_start);
}

static gboolean equal_waits(gconstpointer a, gconstpointer b)
{
	const Wait *x = a, *y = b;

	return x->pid == y->pid && x->backend_start == y->backend_start &&
	       lock_tag_equal(&x->tag, &y->tag);
}

static GHashTable *new_waits(void)
{
	return g_hash_table_new_full(hash_wait, equal_waits, NULL, g_free);
}

Seen *seen_new(void)
{
	Seen *seen = g_new0(Seen, 1);

	seen->waits = new_waits();
	return seen;
}

void seen_free(Seen *seen)
{
	if (seen == NULL)
		return;
	g_hash_table_unref(seen->waits);
	g_free(seen);
}

static gboolean find_wait(const WaitGraph *graph, guint session, Wait *wait)
{
	const Session *waiter = snapshot_session(wait_graph_snapshot(graph), session);
	const LockQueue *queue;

	if (wait_graph_wait(graph, session, &queue) == NULL)
		return FALSE;
	*wait = (Wait){.backend_start = waiter->backend_start, .pid = waiter->pid, .tag = queue->tag};
	return TRUE;
}

void seen_look(Seen *seen, const WaitGraph *graph)
{
	g_autoptr(GHashTable) before = seen->waits;
	guint n;
	const guint *participants = wait_graph_participants(graph, &n);

	seen->waits = new_waits();
	for (guint i = 0; i < n; i++) {
		Wait wait;

		if (!find_wait(graph, participants[i], &wait))
			continue;
		const Seeing *earlier = g_hash_table_lookup(before, &wait);
		Seeing *seeing = g_new(Seeing, 1);

		seeing->wait = wait;
		seeing->since =
		    earlier != NULL ? earlier->since : snapshot_taken_at(wait_graph_snapshot(graph));
		g_hash_table_insert(seen->waits, &seeing->wait, seeing);
	}
}

gint64 seen_since(const Seen *seen, const WaitGraph *graph, guint session)
{
	g_autoptr(GArray) behind = wait_graph_behind(graph, &session, 1);
	gint64 since = TIMESTAMP_NONE;

	for (guint i = 0; i < behind->len; i++) {
		const Seeing *seeing = NULL;
		Wait wait;

		if (find_wait(graph, g_array_index(behind, guint, i), &wait))
			seeing = g_hash_table_lookup(seen->waits, &wait);
		if (seeing != NULL && (since == TIMESTAMP_NONE || seeing->since < since))
			since = seeing->since;
	}
	return since;
}
