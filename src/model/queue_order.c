#include "model/queue_order.h"

#include "base/timestamp.h"

#include <stdlib.h>
#include <string.h>

/* Who has no waitstart has only just begun to wait, or the server is a 13, which has none: then the
 * start of the statement is the best guess. */
static int compare_arrival(gconstpointer a, gconstpointer b, gpointer data)
{
	const QueueWaiter *x = a, *y = b;
	const Snapshot *snapshot = data;
	gint64 start_x = x->waitstart, start_y = y->waitstart;

	if (start_x == TIMESTAMP_NONE && start_y == TIMESTAMP_NONE) {
		start_x = snapshot_session(snapshot, x->session)->query_start;
		start_y = snapshot_session(snapshot, y->session)->query_start;
	} else if (start_x == TIMESTAMP_NONE || start_y == TIMESTAMP_NONE) {
		return start_x == TIMESTAMP_NONE ? 1 : -1;
	}
	if (start_x != start_y)
		return start_x < start_y ? -1 : 1;
	return (x->lock > y->lock) - (x->lock < y->lock);
}

/* ProcSleep puts a waiter that already holds locks on the object in front of the first waiter whose
 * request conflicts with them; everybody else goes to the end. Members of one lock group don't
 * count against each other. */
static void replay_insertions(LockQueue *queue)
{
	QueueWaiter *waiters = queue->waiters;

	for (guint i = 1; i < queue->n_waiters; i++) {
		QueueWaiter arriving = waiters[i];
		guint at = 0;

		if (!arriving.held)
			continue;
		while (at < i && (waiters[at].leader == arriving.leader ||
		                  !(lock_mode_conflicts(waiters[at].mode) & arriving.held)))
			at++;
		memmove(&waiters[at + 1], &waiters[at], (i - at) * sizeof(*waiters));
		waiters[at] = arriving;
	}
}

/* What pg_blocking_pids said of one waiter, as sets over leaders. */
typedef struct {
	gboolean known;
	GHashTable *blockers; /* leader's index + 1 */
} Answer;

static gboolean read_answers(const Snapshot *snapshot, const LockQueue *queue, Answer *answers)
{
	gboolean any = FALSE;

	for (guint i = 0; i < queue->n_waiters; i++) {
		guint n;
		gint32 pid = snapshot_session(snapshot, queue->waiters[i].leader)->pid;
		const gint32 *pids = snapshot_blocking_pids(snapshot, pid, &n);

		/* An empty answer is that of somebody who waits no longer. */
		answers[i].known = pids != NULL && n > 0;
		if (!answers[i].known)
			continue;
		any = TRUE;
		answers[i].blockers = g_hash_table_new(NULL, NULL);
		for (guint j = 0; j < n; j++) {
			guint session = snapshot_find_pid(snapshot, pids[j]);

			if (session != NO_SESSION)
				g_hash_table_add(answers[i].blockers,
				                 GUINT_TO_POINTER(snapshot_session(snapshot, session)->leader + 1));
		}
	}
	return any;
}

typedef enum { PAIR_UNKNOWN, PAIR_FIRST_AHEAD, PAIR_SECOND_AHEAD, PAIR_CONTRADICTION } PairOrder;

/* Whether b's request being ahead of a's can be told from a's answer: not when b holds a lock that
 * blocks a anyway. */
static gboolean tells(const QueueWaiter *a, const Answer *answer, const QueueWaiter *b)
{
	return answer->known && !(lock_mode_conflicts(a->mode) & b->held);
}

static gboolean names(const Answer *answer, const QueueWaiter *b)
{
	return g_hash_table_contains(answer->blockers, GUINT_TO_POINTER(b->leader + 1));
}

/* Of two waiters whose requests conflict the one behind names the one ahead. */
static PairOrder pair_order(const QueueWaiter *a, const Answer *of_a, const QueueWaiter *b,
                            const Answer *of_b)
{
	gboolean b_ahead = FALSE, a_ahead = FALSE;

	if (a->leader == b->leader || !(lock_mode_conflicts(a->mode) & LOCK_MODE_SET(b->mode)))
		return PAIR_UNKNOWN;
	if (tells(a, of_a, b)) {
		b_ahead |= names(of_a, b);
		a_ahead |= !names(of_a, b);
	}
	if (tells(b, of_b, a)) {
		a_ahead |= names(of_b, a);
		b_ahead |= !names(of_b, a);
	}
	if (a_ahead && b_ahead)
		return PAIR_CONTRADICTION;
	return a_ahead ? PAIR_FIRST_AHEAD : b_ahead ? PAIR_SECOND_AHEAD : PAIR_UNKNOWN;
}

/* The order that agrees with all pairs and stays as near to the present one as it can: of those
 * that nobody has to precede any more the first. FALSE when the answers contradict each other; the
 * queue is then as it was. */
static gboolean sort_by_answers(LockQueue *queue, const Answer *answers)
{
	guint n = queue->n_waiters;
	g_autofree guint8 *ahead = g_new0(guint8, (gsize) n * n); /* [i * n + j]: i before j */
	g_autofree guint *n_ahead = g_new0(guint, n);
	g_autofree QueueWaiter *sorted = g_new(QueueWaiter, n);

	for (guint i = 0; i < n; i++) {
		for (guint j = i + 1; j < n; j++) {
			PairOrder order =
			    pair_order(&queue->waiters[i], &answers[i], &queue->waiters[j], &answers[j]);

			if (order == PAIR_CONTRADICTION)
				return FALSE;
			if (order == PAIR_FIRST_AHEAD) {
				ahead[(gsize) i * n + j] = 1;
				n_ahead[j]++;
			} else if (order == PAIR_SECOND_AHEAD) {
				ahead[(gsize) j * n + i] = 1;
				n_ahead[i]++;
			}
		}
	}
	for (guint placed = 0; placed < n; placed++) {
		guint next = 0;

		while (next < n && n_ahead[next] != 0)
			next++;
		if (next == n)
			return FALSE;
		sorted[placed] = queue->waiters[next];
		n_ahead[next] = G_MAXUINT; /* placed */
		for (guint j = 0; j < n; j++)
			if (ahead[(gsize) next * n + j])
				n_ahead[j]--;
	}
	memcpy(queue->waiters, sorted, n * sizeof(*sorted));
	return TRUE;
}

static gboolean has_all_waitstarts(const LockQueue *queue)
{
	for (guint i = 0; i < queue->n_waiters; i++)
		if (queue->waiters[i].waitstart == TIMESTAMP_NONE)
			return FALSE;
	return TRUE;
}

QueueOrder queue_order_sort(const Snapshot *snapshot, LockQueue *queue)
{
	g_autofree Answer *answers = g_new0(Answer, queue->n_waiters);
	gboolean asked, agreed = FALSE;

	g_qsort_with_data(queue->waiters, (gint) queue->n_waiters, sizeof(QueueWaiter), compare_arrival,
	                  (gpointer) (gsize) snapshot);
	replay_insertions(queue);
	asked = read_answers(snapshot, queue, answers);
	if (asked)
		agreed = sort_by_answers(queue, answers);
	for (guint i = 0; i < queue->n_waiters; i++)
		g_clear_pointer(&answers[i].blockers, g_hash_table_unref);
	if (agreed)
		return QUEUE_ORDER_SERVER;
	return !asked && has_all_waitstarts(queue) ? QUEUE_ORDER_REPLAYED : QUEUE_ORDER_UNKNOWN;
}
