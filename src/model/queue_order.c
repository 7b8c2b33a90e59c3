#include "model/queue_order.h"

#include "base/timestamp.h"

#include <stdlib.h>
#include <string.h>

/* Who has no waitstart has only just begun to wait, or the server is a 13, which has none: then the
 * start of the statement is the best guess. The startup process of a standby has no statement and
 * comes first, which is right: nobody else there can take a lock that others' requests conflict
 * with, so it is what they wait for. */
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

/* What pg_blocking_pids said of one waiter. It speaks of all waits of a lock group at once. */
typedef struct {
	guint8 *blockers; /* a bit for each session, set for leaders: each pair of a long queue asks for
	                   * one; NULL: it is not known */
	gboolean waits_here_alone; /* no other member of its group waits in this queue, ... */
	gboolean waits_alone;      /* ... or in any */
} Answer;

/* last_of: leader's index + 1 -> the Answer of the last member of its group met in this queue. */
static void note_fellow(GHashTable *last_of, guint leader, Answer *answer)
{
	Answer *fellow = g_hash_table_lookup(last_of, GUINT_TO_POINTER(leader + 1));

	if (fellow)
		fellow->waits_here_alone = answer->waits_here_alone = FALSE;
	g_hash_table_insert(last_of, GUINT_TO_POINTER(leader + 1), answer);
}

static gboolean names(const Answer *answer, guint leader)
{
	return (answer->blockers[leader / 8] >> (leader % 8)) & 1;
}

static guint8 *read_blockers(const Snapshot *snapshot, const gint32 *pids, guint n)
{
	guint8 *blockers = g_new0(guint8, snapshot_n_sessions(snapshot) / 8 + 1);

	for (guint i = 0; i < n; i++) {
		guint session = snapshot_find_pid(snapshot, pids[i]);

		if (session != NO_SESSION) {
			guint leader = snapshot_session(snapshot, session)->leader;

			blockers[leader / 8] |= (guint8) (1U << (leader % 8));
		}
	}
	return blockers;
}

static gboolean read_answers(const Snapshot *snapshot, const LockQueue *queue, const guint *n_waits,
                             Answer *answers)
{
	g_autoptr(GHashTable) last_of = g_hash_table_new(NULL, NULL);
	gboolean any = FALSE;

	for (guint i = 0; i < queue->n_waiters; i++) {
		guint n, leader = queue->waiters[i].leader;
		gint32 pid = snapshot_session(snapshot, leader)->pid;
		const gint32 *pids = snapshot_blocking_pids(snapshot, pid, &n);

		answers[i].waits_alone = n_waits[leader] == 1;
		answers[i].waits_here_alone = TRUE;
		if (!answers[i].waits_alone)
			note_fellow(last_of, leader, &answers[i]);
		/* An empty answer is that of somebody who waits no longer. */
		if (pids == NULL || n == 0)
			continue;
		any = TRUE;
		answers[i].blockers = read_blockers(snapshot, pids, n);
	}
	return any;
}

typedef enum {
	PAIR_IRRELEVANT, /* neither order makes an edge, or either makes the same ones */
	PAIR_UNKNOWN,
	PAIR_FIRST_AHEAD,
	PAIR_SECOND_AHEAD,
	PAIR_CONTRADICTION
} PairOrder;

/* Of two waiters whose requests conflict the one behind names the one ahead. Whether b is ahead of
 * a can't be told from a's answer when b holds a lock that blocks a anyway; nor, when it names b's
 * group, which wait of theirs is meant if there are several. */
static void hear(const QueueWaiter *a, const Answer *of_a, const QueueWaiter *b, const Answer *of_b,
                 gboolean *a_ahead, gboolean *b_ahead)
{
	if (of_a->blockers == NULL || (lock_mode_conflicts(a->mode) & b->held))
		return;
	if (!names(of_a, b->leader))
		*a_ahead = TRUE;
	else if (of_a->waits_alone && of_b->waits_here_alone)
		*b_ahead = TRUE;
}

static PairOrder pair_order(const QueueWaiter *a, const Answer *of_a, const QueueWaiter *b,
                            const Answer *of_b)
{
	gboolean a_ahead = FALSE, b_ahead = FALSE;

	if (a->leader == b->leader || !(lock_mode_conflicts(a->mode) & LOCK_MODE_SET(b->mode)))
		return PAIR_IRRELEVANT;
	if ((lock_mode_conflicts(a->mode) & b->held) && (lock_mode_conflicts(b->mode) & a->held))
		return PAIR_IRRELEVANT;
	hear(a, of_a, b, of_b, &a_ahead, &b_ahead);
	hear(b, of_b, a, of_a, &b_ahead, &a_ahead);
	if (a_ahead && b_ahead)
		return PAIR_CONTRADICTION;
	return a_ahead ? PAIR_FIRST_AHEAD : b_ahead ? PAIR_SECOND_AHEAD : PAIR_UNKNOWN;
}

/* Who has to be ahead of whom. */
typedef struct {
	guint n;
	guint8 *ahead;  /* [i * n + j]: i before j */
	guint *n_ahead; /* of j: how many i */
	guint n_unknown;
} Constraints;

static void constrain(Constraints *constraints, guint first, guint second)
{
	constraints->ahead[(gsize) first * constraints->n + second] = 1;
	constraints->n_ahead[second]++;
}

/* FALSE when the answers contradict each other. */
static gboolean collect_constraints(const LockQueue *queue, const Answer *answers,
                                    Constraints *constraints)
{
	for (guint i = 0; i < queue->n_waiters; i++)
		for (guint j = i + 1; j < queue->n_waiters; j++) {
			PairOrder order =
			    pair_order(&queue->waiters[i], &answers[i], &queue->waiters[j], &answers[j]);

			if (order == PAIR_CONTRADICTION)
				return FALSE;
			if (order == PAIR_FIRST_AHEAD)
				constrain(constraints, i, j);
			else if (order == PAIR_SECOND_AHEAD)
				constrain(constraints, j, i);
			else if (order == PAIR_UNKNOWN)
				constraints->n_unknown++;
		}
	return TRUE;
}

/* The order that keeps to the constraints and stays as near to the present one as it can: of those
 * that nobody has to precede any more the first. FALSE when they go in a circle; the queue is then
 * as it was. */
static gboolean sort_by_constraints(LockQueue *queue, Constraints *constraints)
{
	guint n = queue->n_waiters;
	g_autofree QueueWaiter *sorted = g_new(QueueWaiter, n);

	for (guint placed = 0; placed < n; placed++) {
		guint next = 0;

		while (next < n && constraints->n_ahead[next] != 0)
			next++;
		if (next == n)
			return FALSE;
		sorted[placed] = queue->waiters[next];
		constraints->n_ahead[next] = G_MAXUINT; /* placed */
		for (guint j = 0; j < n; j++)
			if (constraints->ahead[(gsize) next * n + j])
				constraints->n_ahead[j]--;
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

static QueueOrder sort_by_answers(LockQueue *queue, const Answer *answers)
{
	guint n = queue->n_waiters;
	g_autofree guint8 *ahead = g_new0(guint8, (gsize) n * n);
	g_autofree guint *n_ahead = g_new0(guint, n);
	Constraints constraints = {.n = n, .ahead = ahead, .n_ahead = n_ahead};

	if (!collect_constraints(queue, answers, &constraints) ||
	    !sort_by_constraints(queue, &constraints))
		return QUEUE_ORDER_UNKNOWN;
	if (constraints.n_unknown == 0)
		return QUEUE_ORDER_SERVER;
	return has_all_waitstarts(queue) ? QUEUE_ORDER_REPLAYED : QUEUE_ORDER_UNKNOWN;
}

QueueOrder queue_order_sort(const Snapshot *snapshot, LockQueue *queue, const guint *n_waits)
{
	g_autofree Answer *answers = g_new0(Answer, queue->n_waiters);
	QueueOrder order;

	g_qsort_with_data(queue->waiters, (gint) queue->n_waiters, sizeof(QueueWaiter), compare_arrival,
	                  (gpointer) (gsize) snapshot);
	replay_insertions(queue);
	if (read_answers(snapshot, queue, n_waits, answers))
		order = sort_by_answers(queue, answers);
	else
		order = has_all_waitstarts(queue) ? QUEUE_ORDER_REPLAYED : QUEUE_ORDER_UNKNOWN;
	for (guint i = 0; i < queue->n_waiters; i++)
		g_free(answers[i].blockers);
	return order;
}
