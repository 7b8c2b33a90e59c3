#include "model/wait_graph_private.h"

/* Whoever locks or changes a row holds one of these on its table until the transaction ends
 * (documentation, "Explicit Locking"). */
#define ROW_LOCKERS (LOCK_MODE_SET(LOCK_MODE_ROW_SHARE) | LOCK_MODE_SET(LOCK_MODE_ROW_EXCLUSIVE))

typedef struct {
	guint32 database;
	guint32 relation;
	guint leader;
} RowLocker;

static int compare_row_lockers(gconstpointer a, gconstpointer b)
{
	const RowLocker *x = a, *y = b;

	if (x->database != y->database)
		return x->database < y->database ? -1 : 1;
	if (x->relation != y->relation)
		return x->relation < y->relation ? -1 : 1;
	return (x->leader > y->leader) - (x->leader < y->leader);
}

/* Whoever has locked a row has given its transaction an id: it is what the row names. */
static gboolean has_transaction_id(const Lock *locks, guint n)
{
	for (guint i = 0; i < n; i++)
		if (locks[i].granted && locks[i].tag.type == LOCK_TYPE_TRANSACTIONID &&
		    locks[i].mode == LOCK_MODE_EXCLUSIVE)
			return TRUE;
	return FALSE;
}

void wait_graph_note_row_lockers(WaitGraph *graph)
{
	graph->row_lockers = g_array_new(FALSE, FALSE, sizeof(RowLocker));
	for (guint session = 0; session < snapshot_n_sessions(graph->snapshot); session++) {
		guint n;
		const Lock *locks = snapshot_session_locks(graph->snapshot, session, &n);

		if (!has_transaction_id(locks, n))
			continue;
		for (guint i = 0; i < n; i++) {
			const RowLocker locker = {
			    .database = locks[i].tag.database,
			    .relation = locks[i].tag.relation,
			    .leader = snapshot_session(graph->snapshot, session)->leader,
			};

			if (locks[i].granted && locks[i].tag.type == LOCK_TYPE_RELATION &&
			    (ROW_LOCKERS & LOCK_MODE_SET(locks[i].mode)))
				g_array_append_val(graph->row_lockers, locker);
		}
	}
	g_array_sort(graph->row_lockers, compare_row_lockers);
}

static guint first_row_locker(const WaitGraph *graph, const LockTag *row)
{
	const RowLocker wanted = {row->database, row->relation, 0};
	guint first = 0, end = graph->row_lockers->len;

	while (first < end) {
		guint middle = first + (end - first) / 2;

		if (compare_row_lockers(&g_array_index(graph->row_lockers, RowLocker, middle), &wanted) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

static int compare_sessions(gconstpointer a, gconstpointer b)
{
	const guint *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Whether somebody other than the blocker and those behind it locks rows of this one's table. */
static gboolean others_lock_rows(const WaitGraph *graph, guint blocker, GArray *behind,
                                 const LockTag *row)
{
	for (guint i = first_row_locker(graph, row); i < graph->row_lockers->len; i++) {
		const RowLocker *locker = &g_array_index(graph->row_lockers, RowLocker, i);

		if (locker->database != row->database || locker->relation != row->relation)
			break;
		if (locker->leader != blocker &&
		    !g_array_binary_search(behind, &locker->leader, compare_sessions, NULL))
			return TRUE;
	}
	return FALSE;
}

gboolean wait_graph_row_may_be_shared(const WaitGraph *graph, guint blocker)
{
	g_autoptr(GArray) behind = NULL;
	guint n;
	const Lock *locks = snapshot_session_locks(graph->snapshot, blocker, &n);

	for (guint i = 0; i < n; i++) {
		const LockQueue *queue = locks[i].granted && locks[i].tag.type == LOCK_TYPE_TRANSACTIONID
		                             ? lock_queues_find(graph->queues, &locks[i].tag)
		                             : NULL;

		for (guint w = 0; queue && w < queue->n_waiters; w++) {
			WaitTarget target = wait_graph_target(graph, queue->waiters[w].leader);

			if (!target.row_tag || queue->waiters[w].leader == blocker)
				continue;
			if (!behind)
				behind = wait_graph_behind(graph, &blocker, 1);
			if (others_lock_rows(graph, blocker, behind, target.row_tag))
				return TRUE;
		}
	}
	return FALSE;
}
