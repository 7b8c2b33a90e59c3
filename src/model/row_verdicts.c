#include "model/row_verdicts.h"

/* Whoever locks or changes a row holds RowShareLock or a stronger one on its table until the
 * transaction ends (documentation, "Explicit Locking"). */
#define MODES_OF_ROW_LOCKERS                                                                       \
	((LockModeSet) (LOCK_MODE_SET_ALL & ~LOCK_MODE_SET(LOCK_MODE_ACCESS_SHARE)))

struct RowVerdicts {
	RowVerdict *rows;
	guint n;
};

const char *row_state_name(RowState state)
{
	static const char *const names[] = {
	    [ROW_FREE] = "free",
	    [ROW_HELD] = "held",
	    [ROW_ONE_OF] = "one_of",
	    [ROW_UNTOLD] = "unknown",
	};

	return names[state];
}

/* What a session is to a row, as far as its locks tell. */
typedef struct {
	gboolean locks_table; /* in a mode with which it can have locked rows */
	gboolean holds_id;    /* the one that is asked for */
	gboolean has_id;
	guint32 oldest_id; /* of the ids that it holds: its transaction's own */
} Standing;

/* Numbers of transactions go round (TransactionIdPrecedes in
 * src/backend/access/transam/transam.c). */
static gboolean precedes(guint32 a, guint32 b)
{
	return (gint32) (a - b) < 0;
}

static Standing standing_of(const Snapshot *snapshot, guint session, const LockTag *row,
                            guint32 xid)
{
	Standing standing = {0};
	guint n;
	const Lock *locks = snapshot_session_locks(snapshot, session, &n);

	for (guint i = 0; i < n; i++) {
		const LockTag *tag = &locks[i].tag;

		if (!locks[i].granted)
			continue;
		if (tag->type == LOCK_TYPE_RELATION && tag->relation == row->relation &&
		    tag->database == row->database && (LOCK_MODE_SET(locks[i].mode) & MODES_OF_ROW_LOCKERS))
			standing.locks_table = TRUE;
		/* Its own it holds exclusively; whose end it waits for it may share for an instant. */
		if (tag->type != LOCK_TYPE_TRANSACTIONID || locks[i].mode != LOCK_MODE_EXCLUSIVE)
			continue;
		standing.holds_id |= tag->transaction == xid;
		if (!standing.has_id || precedes(tag->transaction, standing.oldest_id))
			standing.oldest_id = tag->transaction;
		standing.has_id = TRUE;
	}
	return standing;
}

static gboolean contains(const GArray *sessions, guint session)
{
	for (guint i = 0; i < sessions->len; i++)
		if (g_array_index(sessions, guint, i) == session)
			return TRUE;
	return FALSE;
}

static void add_once(GArray *sessions, guint session)
{
	if (!contains(sessions, session))
		g_array_append_val(sessions, session);
}

static void add_holder(GArray *holders, RowHolder added)
{
	for (guint i = 0; i < holders->len; i++) {
		RowHolder *holder = &g_array_index(holders, RowHolder, i);

		if (holder->session != added.session)
			continue;
		if (holder->is_certain == added.is_certain) {
			/* For sure it is a transaction and a subtransaction of it, and the stronger mode
			 * counts. */
			if (added.is_certain)
				holder->mode = MAX(holder->mode, added.mode);
			else if (holder->mode != added.mode)
				holder->mode = ROW_MODE_UNKNOWN;
		} else if (added.is_certain) {
			holder->mode = added.mode;
			holder->is_certain = TRUE;
		}
		holder->has_id |= added.has_id;
		return;
	}
	g_array_append_val(holders, added);
}

/* A reading of a row's xmax. */
typedef struct {
	GArray *holders;    /* of RowHolder */
	gboolean is_untold; /* a transaction that was in progress belongs to nobody in the look */
} Reading;

static void reading_clear(Reading *reading)
{
	g_clear_pointer(&reading->holders, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reading, reading_clear)

/* Adds whom the locker may be: who holds its id, or, where nobody does though it is in progress
 * even after the look, those whose released subtransaction it may be. One that has ended meanwhile
 * was somebody else's. */
static void read_locker(Reading *reading, const RowLocker *locker, const LockTag *row,
                        const Snapshot *snapshot)
{
	g_autoptr(GArray) candidates = g_array_new(FALSE, FALSE, sizeof(guint));
	gboolean goes_on = locker->in_progress && snapshot_is_in_progress(snapshot, locker->xid);

	for (guint i = 0; i < snapshot_n_sessions(snapshot); i++) {
		guint leader = snapshot_session(snapshot, i)->leader;
		Standing standing = standing_of(snapshot, i, row, locker->xid);

		if (standing.holds_id) {
			/* Who holds the id without the table has not locked this row: the number means
			 * something else. */
			if (standing.locks_table)
				add_holder(reading->holders, (RowHolder){leader, locker->mode, TRUE, TRUE});
			return;
		}
		if (goes_on && standing.locks_table && standing.has_id &&
		    precedes(standing.oldest_id, locker->xid))
			add_once(candidates, leader);
	}
	for (guint i = 0; i < candidates->len; i++)
		add_holder(reading->holders, (RowHolder){g_array_index(candidates, guint, i), locker->mode,
		                                         candidates->len == 1, FALSE});
	reading->is_untold |= candidates->len == 0 && locker->in_progress;
}

static Reading read_transaction(const RowFacts *row, const Snapshot *snapshot)
{
	Reading reading = {.holders = g_array_new(FALSE, FALSE, sizeof(RowHolder))};

	if (row->xmax != 0 && row->kind != XMAX_MULTIXACT)
		read_locker(&reading, &row->transaction, &row->tag, snapshot);
	return reading;
}

static Reading read_multixact(const RowFacts *row, const Snapshot *snapshot)
{
	Reading reading = {.holders = g_array_new(FALSE, FALSE, sizeof(RowHolder))};

	for (guint i = 0; row->kind != XMAX_TRANSACTION && i < row->n_members; i++)
		read_locker(&reading, &row->members[i], &row->tag, snapshot);
	return reading;
}

static gboolean names_any(const GArray *holders, const GArray *sessions)
{
	for (guint i = 0; i < holders->len; i++)
		if (contains(sessions, g_array_index(holders, RowHolder, i).session))
			return TRUE;
	return FALSE;
}

static void rule_out(Reading *reading)
{
	g_array_set_size(reading->holders, 0);
	reading->is_untold = FALSE;
}

/* Of two readings that both make sense a waiter may tell the right one. */
static void choose_by_edges(Reading *transaction, Reading *multixact, const GArray *by_edge)
{
	gboolean is_transaction = names_any(transaction->holders, by_edge);
	gboolean is_multixact = names_any(multixact->holders, by_edge);

	if (is_transaction && !is_multixact)
		rule_out(multixact);
	if (is_multixact && !is_transaction)
		rule_out(transaction);
}

static gboolean makes_sense(const Reading *reading)
{
	return reading->holders->len > 0 || reading->is_untold;
}

static void take_reading(GArray *holders, const Reading *reading, gboolean is_ambiguous)
{
	for (guint i = 0; i < reading->holders->len; i++) {
		RowHolder holder = g_array_index(reading->holders, RowHolder, i);

		if (is_ambiguous) {
			holder.mode = ROW_MODE_UNKNOWN;
			holder.is_certain = FALSE;
		}
		add_holder(holders, holder);
	}
}

/* Whom a waiter waits for is certain, and what else a single locker could have been is then out. */
static void heed_edges(GArray *holders, const GArray *by_edge, gboolean is_single)
{
	for (guint i = 0; i < by_edge->len; i++)
		add_holder(holders,
		           (RowHolder){g_array_index(by_edge, guint, i), ROW_MODE_UNKNOWN, TRUE, FALSE});
	for (guint i = holders->len; is_single && by_edge->len > 0 && i > 0; i--)
		if (!g_array_index(holders, RowHolder, i - 1).is_certain)
			g_array_remove_index(holders, i - 1);
}

static int compare_holders(gconstpointer a, gconstpointer b)
{
	const RowHolder *x = a, *y = b;

	if (x->is_certain != y->is_certain)
		return x->is_certain ? -1 : 1;
	return (x->session > y->session) - (x->session < y->session);
}

static RowState state_of(const GArray *holders, gboolean is_untold)
{
	if (holders->len == 0)
		return is_untold ? ROW_UNTOLD : ROW_FREE;
	/* certain ones stand first */
	return g_array_index(holders, RowHolder, holders->len - 1).is_certain ? ROW_HELD : ROW_ONE_OF;
}

static void judge(RowVerdict *verdict, const RowFacts *row, const Snapshot *snapshot,
                  const GArray *by_edge)
{
	g_auto(Reading) transaction = read_transaction(row, snapshot);
	g_auto(Reading) multixact = read_multixact(row, snapshot);

	choose_by_edges(&transaction, &multixact, by_edge);
	gboolean is_ambiguous = makes_sense(&transaction) && makes_sense(&multixact);

	take_reading(verdict->holders, &transaction, is_ambiguous);
	take_reading(verdict->holders, &multixact, is_ambiguous);
	heed_edges(verdict->holders, by_edge, multixact.holders->len == 0);
	g_array_sort(verdict->holders, compare_holders);
	verdict->state = state_of(verdict->holders, transaction.is_untold || multixact.is_untold);
}

static gboolean is_certain_holder(const GArray *holders, guint session)
{
	for (guint i = 0; i < holders->len; i++) {
		const RowHolder *holder = &g_array_index(holders, RowHolder, i);

		if (holder->session == session && holder->is_certain)
			return TRUE;
	}
	return FALSE;
}

/* What the waiters of the graph tell of the rows: who waits for each, and, as far as they hold its
 * tuple lock, for whom. by_edge: of GArray of guint, one a row. */
static void take_waiters(RowVerdicts *verdicts, const RowSet *rows, const WaitGraph *graph,
                         GPtrArray *by_edge)
{
	g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));
	guint n;
	const guint *participants = wait_graph_participants(graph, &n);

	for (guint i = 0; i < n; i++) {
		RowWaiter waiter = {.session = participants[i]};
		WaitTarget target = wait_graph_target(graph, participants[i]);
		guint row =
		    target.tag ? row_set_find(rows, target.row_tag ? target.row_tag : target.tag) : NO_ROW;

		if (row == NO_ROW)
			continue;
		g_array_append_val(verdicts->rows[row].waiters, waiter);
		if (!target.row_tag)
			continue;
		g_array_set_size(edges, 0);
		wait_graph_append_edges(graph, participants[i], EDGES_HARD, edges);
		for (guint j = 0; j < edges->len; j++)
			add_once(g_ptr_array_index(by_edge, row), g_array_index(edges, WaitEdge, j).blocker);
	}
}

/* Adds the waiter to the rows that one of its blockers holds for sure, if it has locked their table
 * as one that locks rows does. */
static void infer_rows(RowVerdicts *verdicts, const RowSet *rows, const Snapshot *snapshot,
                       guint session, const GArray *edges)
{
	const RowWaiter waiter = {session, TRUE};

	for (guint i = 0; i < verdicts->n; i++) {
		const GArray *holders = verdicts->rows[i].holders;
		gboolean is_blocked = FALSE;

		for (guint j = 0; j < edges->len && !is_blocked; j++)
			is_blocked = is_certain_holder(holders, g_array_index(edges, WaitEdge, j).blocker);
		if (is_blocked && standing_of(snapshot, session, &row_set_get(rows, i)->tag, 0).locks_table)
			g_array_append_val(verdicts->rows[i].waiters, waiter);
	}
}

/* Some wait for a row's holder without the row's tuple lock: who has locked the row already and
 * wants more (heap_update and heap_lock_tuple in src/backend/access/heap/heapam.c), and who has
 * followed the row to a newer version that is changed again (heapam_tuple_lock in
 * heapam_handler.c). */
static void infer_waiters(RowVerdicts *verdicts, const RowSet *rows, const WaitGraph *graph)
{
	g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));
	guint n;
	const guint *participants = wait_graph_participants(graph, &n);

	for (guint i = 0; i < n; i++) {
		WaitTarget target = wait_graph_target(graph, participants[i]);

		if (!target.tag || target.row_tag || target.tag->type != LOCK_TYPE_TRANSACTIONID)
			continue;
		g_array_set_size(edges, 0);
		wait_graph_append_edges(graph, participants[i], EDGES_HARD, edges);
		infer_rows(verdicts, rows, wait_graph_snapshot(graph), participants[i], edges);
	}
}

RowVerdicts *row_verdicts_new(const RowSet *rows, const WaitGraph *graph)
{
	RowVerdicts *verdicts = g_new0(RowVerdicts, 1);
	g_autoptr(GPtrArray) by_edge = g_ptr_array_new_with_free_func((GDestroyNotify) g_array_unref);

	verdicts->n = row_set_n(rows);
	verdicts->rows = g_new0(RowVerdict, MAX(verdicts->n, 1));
	for (guint i = 0; i < verdicts->n; i++) {
		verdicts->rows[i].holders = g_array_new(FALSE, FALSE, sizeof(RowHolder));
		verdicts->rows[i].waiters = g_array_new(FALSE, FALSE, sizeof(RowWaiter));
		g_ptr_array_add(by_edge, g_array_new(FALSE, FALSE, sizeof(guint)));
	}
	take_waiters(verdicts, rows, graph, by_edge);
	for (guint i = 0; i < verdicts->n; i++)
		judge(&verdicts->rows[i], row_set_get(rows, i), wait_graph_snapshot(graph),
		      g_ptr_array_index(by_edge, i));
	infer_waiters(verdicts, rows, graph);
	return verdicts;
}

void row_verdicts_free(RowVerdicts *verdicts)
{
	if (!verdicts)
		return;
	for (guint i = 0; i < verdicts->n; i++) {
		g_array_unref(verdicts->rows[i].holders);
		g_array_unref(verdicts->rows[i].waiters);
	}
	g_free(verdicts->rows);
	g_free(verdicts);
}

const RowVerdict *row_verdicts_get(const RowVerdicts *verdicts, guint row)
{
	g_return_val_if_fail(row < verdicts->n, NULL);
	return &verdicts->rows[row];
}

guint row_verdicts_n(const RowVerdicts *verdicts, RowState state)
{
	guint n = 0;

	for (guint i = 0; i < verdicts->n; i++)
		n += verdicts->rows[i].state == state;
	return n;
}

gboolean row_verdicts_is_holder(const RowVerdicts *verdicts, guint session)
{
	for (guint i = 0; i < verdicts->n; i++)
		for (guint j = 0; j < verdicts->rows[i].holders->len; j++) {
			const RowHolder *holder = &g_array_index(verdicts->rows[i].holders, RowHolder, j);

			if (holder->session == session && holder->is_certain && holder->has_id)
				return TRUE;
		}
	return FALSE;
}
