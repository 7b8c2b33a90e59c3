#include "model/lock_queue.h"

#include "base/timestamp.h"
#include "model/queue_order.h"

#include <stdlib.h>
#include <string.h>

/* Up to this many waiters the server is asked for the order: its answer is quadratic. */
#define MAX_WAITERS_TO_ASK 20
/* Of 13, where all ask for the same: 1,500 of them cost it a second with its lock table held. */
#define MAX_ALIKE_TO_ASK 200

struct LockQueues {
	const Snapshot *snapshot;
	GArray *queues;     /* of LockQueue */
	GHashTable *by_tag; /* LockTag (in the snapshot) -> index + 1 */
};

/* While a queue is collected its members stand in growing arrays. */
typedef struct {
	GArray *holders;
	GArray *waiters;
} Collecting;

/* n_waits: by leader, to be counted. */
static void collect_waiters(LockQueues *queues, GArray *collecting, guint *n_waits)
{
	const Snapshot *snapshot = queues->snapshot;

	for (guint i = 0; i < snapshot_n_locks(snapshot); i++) {
		const Lock *lock = snapshot_lock(snapshot, i);
		guint index;
		QueueWaiter waiter;

		if (lock->granted)
			continue;
		index = GPOINTER_TO_UINT(g_hash_table_lookup(queues->by_tag, &lock->tag));
		if (!index) {
			LockQueue queue = {.tag = lock->tag};
			Collecting arrays = {g_array_new(FALSE, FALSE, sizeof(QueueHolder)),
			                     g_array_new(FALSE, FALSE, sizeof(QueueWaiter))};

			g_array_append_val(queues->queues, queue);
			g_array_append_val(collecting, arrays);
			index = queues->queues->len;
			g_hash_table_insert(queues->by_tag, (gpointer) (gsize) &lock->tag,
			                    GUINT_TO_POINTER(index));
		}
		waiter = (QueueWaiter){
		    .session = lock->session,
		    .leader = snapshot_session(snapshot, lock->session)->leader,
		    .lock = i,
		    .mode = lock->mode,
		    .waitstart = lock->waitstart,
		};
		g_array_append_val(g_array_index(collecting, Collecting, index - 1).waiters, waiter);
		n_waits[waiter.leader]++;
	}
}

static void collect_holders(LockQueues *queues, GArray *collecting)
{
	const Snapshot *snapshot = queues->snapshot;

	if (queues->queues->len == 0)
		return;
	for (guint i = 0; i < snapshot_n_locks(snapshot); i++) {
		const Lock *lock = snapshot_lock(snapshot, i);
		guint index;
		GArray *holders;
		QueueHolder holder;

		if (!lock->granted)
			continue;
		index = GPOINTER_TO_UINT(g_hash_table_lookup(queues->by_tag, &lock->tag));
		if (!index)
			continue;
		holders = g_array_index(collecting, Collecting, index - 1).holders;
		/* Locks come session by session, so a session's other modes on this tag are just behind. */
		if (holders->len > 0) {
			QueueHolder *last = &g_array_index(holders, QueueHolder, holders->len - 1);

			if (last->session == lock->session) {
				last->held |= LOCK_MODE_SET(lock->mode);
				continue;
			}
		}
		holder = (QueueHolder){
		    .session = lock->session,
		    .leader = snapshot_session(snapshot, lock->session)->leader,
		    .held = LOCK_MODE_SET(lock->mode),
		};
		g_array_append_val(holders, holder);
	}
}

/* By pid, so that edges come out in that order and members of a group side by side. Session indexes
 * tell prepared transactions apart, which have no pid. */
static int compare_holders(gconstpointer a, gconstpointer b, gpointer data)
{
	const QueueHolder *x = a, *y = b;
	gint32 pid_x = snapshot_session(data, x->leader)->pid;
	gint32 pid_y = snapshot_session(data, y->leader)->pid;

	if (pid_x != pid_y)
		return pid_x < pid_y ? -1 : 1;
	return (x->session > y->session) - (x->session < y->session);
}

/* What each waiter's lock group already holds on the tag. held is scratch, by session, all zero
 * before and after. */
static void note_held(LockQueue *queue, LockModeSet *held)
{
	for (guint i = 0; i < queue->n_holders; i++)
		held[queue->holders[i].leader] |= queue->holders[i].held;
	for (guint i = 0; i < queue->n_waiters; i++)
		queue->waiters[i].held = held[queue->waiters[i].leader];
	for (guint i = 0; i < queue->n_holders; i++)
		held[queue->holders[i].leader] = 0;
}

LockQueues *lock_queues_new(const Snapshot *snapshot)
{
	LockQueues *queues = g_new0(LockQueues, 1);
	GArray *collecting = g_array_new(FALSE, FALSE, sizeof(Collecting));
	g_autofree LockModeSet *held = g_new0(LockModeSet, snapshot_n_sessions(snapshot));
	g_autofree guint *n_waits = g_new0(guint, snapshot_n_sessions(snapshot));

	queues->snapshot = snapshot;
	queues->queues = g_array_new(FALSE, FALSE, sizeof(LockQueue));
	queues->by_tag = g_hash_table_new((GHashFunc) lock_tag_hash, (GEqualFunc) lock_tag_equal);
	collect_waiters(queues, collecting, n_waits);
	collect_holders(queues, collecting);
	for (guint i = 0; i < queues->queues->len; i++) {
		LockQueue *queue = &g_array_index(queues->queues, LockQueue, i);
		Collecting *arrays = &g_array_index(collecting, Collecting, i);

		queue->n_holders = arrays->holders->len;
		queue->n_waiters = arrays->waiters->len;
		queue->holders = (QueueHolder *) (gpointer) g_array_free(arrays->holders, FALSE);
		queue->waiters = (QueueWaiter *) (gpointer) g_array_free(arrays->waiters, FALSE);
		g_qsort_with_data(queue->holders, (gint) queue->n_holders, sizeof(QueueHolder),
		                  compare_holders, (gpointer) (gsize) snapshot);
		note_held(queue, held);
		queue->order = queue_order_sort(snapshot, queue, n_waits);
	}
	g_array_unref(collecting);
	return queues;
}

void lock_queues_free(LockQueues *queues)
{
	if (!queues)
		return;
	for (guint i = 0; i < queues->queues->len; i++) {
		g_free(g_array_index(queues->queues, LockQueue, i).holders);
		g_free(g_array_index(queues->queues, LockQueue, i).waiters);
	}
	g_array_unref(queues->queues);
	g_hash_table_destroy(queues->by_tag);
	g_free(queues);
}

guint lock_queues_n(const LockQueues *queues)
{
	return queues->queues->len;
}

const LockQueue *lock_queues_get(const LockQueues *queues, guint index)
{
	return &g_array_index(queues->queues, LockQueue, index);
}

GArray *lock_queues_targets(const LockQueues *queues)
{
	GArray *targets = g_array_new(FALSE, FALSE, sizeof(LockTag));

	for (guint q = 0; q < lock_queues_n(queues); q++) {
		const LockQueue *queue = lock_queues_get(queues, q);

		g_array_append_val(targets, queue->tag);
		for (guint w = 0; queue->tag.type == LOCK_TYPE_TRANSACTIONID && w < queue->n_waiters; w++) {
			guint n;
			const Lock *locks =
			    snapshot_session_locks(queues->snapshot, queue->waiters[w].session, &n);

			for (guint i = 0; i < n; i++)
				if (locks[i].granted && locks[i].tag.type == LOCK_TYPE_TUPLE)
					g_array_append_val(targets, locks[i].tag);
		}
	}
	return targets;
}

const LockQueue *lock_queues_find(const LockQueues *queues, const LockTag *tag)
{
	guint index = GPOINTER_TO_UINT(g_hash_table_lookup(queues->by_tag, tag));

	return index ? lock_queues_get(queues, index - 1) : NULL;
}

/* Whether the replay could be wrong in a way that matters: see docs/decisions. */
static gboolean order_in_doubt(const Snapshot *snapshot, const LockQueue *queue)
{
	LockModeSet requested = 0, conflicting = 0;
	gboolean upgrade = FALSE, no_waitstart = FALSE;

	for (guint i = 0; i < queue->n_waiters; i++) {
		const QueueWaiter *waiter = &queue->waiters[i];

		requested |= LOCK_MODE_SET(waiter->mode);
		conflicting |= lock_mode_conflicts(waiter->mode);
		upgrade |= waiter->held != 0;
		no_waitstart |= waiter->waitstart == TIMESTAMP_NONE;
	}
	/* Requests that don't conflict with each other make no soft blocks, whatever their order. */
	if (queue->n_waiters < 2 || !(requested & conflicting))
		return FALSE;
	gboolean matters = upgrade || (requested & (requested - 1)) != 0;

	if (no_waitstart && snapshot_server(snapshot)->version_num < 140000)
		return matters || queue->n_waiters <= MAX_ALIKE_TO_ASK;
	return matters && queue->n_waiters <= MAX_WAITERS_TO_ASK;
}

GArray *lock_queues_questions(const LockQueues *queues, gboolean everybody)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	GArray *pids = g_array_new(FALSE, FALSE, sizeof(gint32));

	for (guint i = 0; i < queues->queues->len; i++) {
		const LockQueue *queue = lock_queues_get(queues, i);

		if (!everybody && !order_in_doubt(queues->snapshot, queue))
			continue;
		for (guint j = 0; j < queue->n_waiters; j++) {
			gint32 pid = snapshot_session(queues->snapshot, queue->waiters[j].leader)->pid;

			if (g_hash_table_add(seen, GINT_TO_POINTER(pid)))
				g_array_append_val(pids, pid);
		}
	}
	g_array_sort(pids, session_compare_pids);
	return pids;
}
