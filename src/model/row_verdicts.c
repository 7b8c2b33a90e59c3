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

/* Numbers of transactions go round (TransactionIdPrecedes in
 * src/backend/access/transam/transam.c). */
static gboolean precedes(guint32 a, guint32 b)
{
	return (gint32) (a - b) < 0;
}

/* What the locks of a look tell of those who may have locked rows of a set; sessions are their
 * leaders' indices. */
typedef struct {
	const Snapshot *snapshot;
	GHashTable *by_id;       /* of the ids that are held: to the session + 1 */
	GHashTable *by_relation; /* of those that the rows are in, as LockTag: to a set of the sessions
	                          * that hold a mode on it with which they can have locked rows */
	GArray *oldest_ids;      /* guint32, by session: its transaction's own; 0: it has none */
} Standings;

static void standings_clear(Standings *standings)
{
	g_clear_pointer(&standings->by_id, g_hash_table_unref);
	g_clear_pointer(&standings->by_relation, g_hash_table_unref);
	g_clear_pointer(&standings->oldest_ids, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Standings, standings_clear)

static LockTag relation_of(const LockTag *row)
{
	return (LockTag){
	    .type = LOCK_TYPE_RELATION, .database = row->database, .relation = row->relation};
}

static void add_relation(Standings *standings, const LockTag *row)
{
	LockTag tag = relation_of(row);

	if (!g_hash_table_contains(standings->by_relation, &tag))
		g_hash_table_insert(standings->by_relation, g_memdup2(&tag, sizeof(tag)),
		                    g_hash_table_new(NULL, NULL));
}

static void add_id(Standings *standings, guint session, guint32 xid)
{
	guint32 *oldest = &g_array_index(standings->oldest_ids, guint32, session);

	g_hash_table_insert(standings->by_id, GUINT_TO_POINTER(xid), GUINT_TO_POINTER(session + 1));
	if (*oldest == 0 || precedes(xid, *oldest))
		*oldest = xid;
}

static void add_lock(Standings *standings, guint session, const Lock *lock)
{
	if (!lock->granted)
		return;
	/* Its own it holds exclusively; whose end it waits for it may share for an instant. */
	if (lock->tag.type == LOCK_TYPE_TRANSACTIONID && lock->mode == LOCK_MODE_EXCLUSIVE)
		add_id(standings, session, lock->tag.transaction);
	if (lock->tag.type != LOCK_TYPE_RELATION || !(LOCK_MODE_SET(lock->mode) & MODES_OF_ROW_LOCKERS))
		return;
	GHashTable *lockers = g_hash_table_lookup(standings->by_relation, &lock->tag);

	if (lockers)
		g_hash_table_add(lockers, GUINT_TO_POINTER(session));
}

static Standings standings_of(const Snapshot *snapshot, const RowSet *rows)
{
	Standings standings = {
	    .snapshot = snapshot,
	    .by_id = g_hash_table_new(NULL, NULL),
	    .by_relation = g_hash_table_new_full((GHashFunc) lock_tag_hash, (GEqualFunc) lock_tag_equal,
	                                         g_free, (GDestroyNotify) g_hash_table_unref),
	    .oldest_ids = g_array_new(FALSE, TRUE, sizeof(guint32)),
	};

	g_array_set_size(standings.oldest_ids, snapshot_n_sessions(snapshot));
	for (guint i = 0; i < row_set_n(rows); i++)
		add_relation(&standings, &row_set_get(rows, i)->tag);
	for (guint i = 0; i < snapshot_n_locks(snapshot); i++) {
		const Lock *lock = snapshot_lock(snapshot, i);

		add_lock(&standings, snapshot_session(snapshot, lock->session)->leader, lock);
	}
	return standings;
}

/* Those who can have locked rows of its table: a set of sessions. */
static GHashTable *lockers_of(const Standings *standings, const LockTag *row)
{
	LockTag tag = relation_of(row);

	return g_hash_table_lookup(standings->by_relation, &tag);
}

static gboolean can_have_locked(const Standings *standings, guint session, const LockTag *row)
{
	return g_hash_table_contains(lockers_of(standings, row), GUINT_TO_POINTER(session));
}

/* NO_SESSION when nobody does. */
static guint who_holds(const Standings *standings, guint32 xid)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(standings->by_id, GUINT_TO_POINTER(xid))) - 1;
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
                        const Standings *standings)
{
	g_autoptr(GArray) candidates = g_array_new(FALSE, FALSE, sizeof(guint));
	guint holder = who_holds(standings, locker->xid);
	GHashTableIter iter;
	gpointer key;

	/* Who holds the id without the table has not locked this row: the number means something else.
	 */
	if (holder != NO_SESSION) {
		if (can_have_locked(standings, holder, row))
			add_holder(reading->holders, (RowHolder){holder, locker->mode, TRUE});
		return;
	}
	if (!locker->in_progress)
		return;
	g_hash_table_iter_init(&iter, lockers_of(standings, row));
	while (snapshot_is_in_progress(standings->snapshot, locker->xid) &&
	       g_hash_table_iter_next(&iter, &key, NULL)) {
		guint session = GPOINTER_TO_UINT(key);
		guint32 oldest = g_array_index(standings->oldest_ids, guint32, session);

		if (oldest != 0 && precedes(oldest, locker->xid))
			g_array_append_val(candidates, session);
	}
	for (guint i = 0; i < candidates->len; i++)
		add_holder(reading->holders, (RowHolder){g_array_index(candidates, guint, i), locker->mode,
		                                         candidates->len == 1});
	reading->is_untold |= candidates->len == 0;
}

static Reading read_transaction(const RowFacts *row, const Standings *standings)
{
	Reading reading = {.holders = g_array_new(FALSE, FALSE, sizeof(RowHolder))};

	if (row->xmax != 0 && row->kind != XMAX_MULTIXACT)
		read_locker(&reading, &row->transaction, &row->tag, standings);
	return reading;
}

static Reading read_multixact(const RowFacts *row, const Standings *standings)
{
	Reading reading = {.holders = g_array_new(FALSE, FALSE, sizeof(RowHolder))};

	for (guint i = 0; row->kind != XMAX_TRANSACTION && i < row->n_members; i++)
		read_locker(&reading, &row->members[i], &row->tag, standings);
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
		add_holder(holders, (RowHolder){g_array_index(by_edge, guint, i), ROW_MODE_UNKNOWN, TRUE});
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

static void judge(RowVerdict *verdict, const RowFacts *row, const Standings *standings,
                  const GArray *by_edge)
{
	g_auto(Reading) transaction = read_transaction(row, standings);
	g_auto(Reading) multixact = read_multixact(row, standings);

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
static void infer_rows(RowVerdicts *verdicts, const RowSet *rows, const Standings *standings,
                       guint session, const GArray *edges)
{
	const RowWaiter waiter = {session, TRUE};

	for (guint i = 0; i < verdicts->n; i++) {
		const GArray *holders = verdicts->rows[i].holders;
		gboolean is_blocked = FALSE;

		for (guint j = 0; j < edges->len && !is_blocked; j++)
			is_blocked = is_certain_holder(holders, g_array_index(edges, WaitEdge, j).blocker);
		if (is_blocked && can_have_locked(standings, session, &row_set_get(rows, i)->tag))
			g_array_append_val(verdicts->rows[i].waiters, waiter);
	}
}

/* Some wait for a row's holder without the row's tuple lock: who has locked the row already and
 * wants more (heap_update and heap_lock_tuple in src/backend/access/heap/heapam.c), and who has
 * followed the row to a newer version that is changed again (heapam_tuple_lock in
 * heapam_handler.c). */
static void infer_waiters(RowVerdicts *verdicts, const RowSet *rows, const WaitGraph *graph,
                          const Standings *standings)
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
		infer_rows(verdicts, rows, standings, participants[i], edges);
	}
}

RowVerdicts *row_verdicts_new(const RowSet *rows, const WaitGraph *graph)
{
	RowVerdicts *verdicts = g_new0(RowVerdicts, 1);
	g_autoptr(GPtrArray) by_edge = g_ptr_array_new_with_free_func((GDestroyNotify) g_array_unref);
	g_auto(Standings) standings = standings_of(wait_graph_snapshot(graph), rows);

	verdicts->n = row_set_n(rows);
	verdicts->rows = g_new0(RowVerdict, MAX(verdicts->n, 1));
	for (guint i = 0; i < verdicts->n; i++) {
		verdicts->rows[i].holders = g_array_new(FALSE, FALSE, sizeof(RowHolder));
		verdicts->rows[i].waiters = g_array_new(FALSE, FALSE, sizeof(RowWaiter));
		g_ptr_array_add(by_edge, g_array_new(FALSE, FALSE, sizeof(guint)));
	}
	take_waiters(verdicts, rows, graph, by_edge);
	for (guint i = 0; i < verdicts->n; i++)
		judge(&verdicts->rows[i], row_set_get(rows, i), &standings, g_ptr_array_index(by_edge, i));
	infer_waiters(verdicts, rows, graph, &standings);
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

			if (holder->session == session && holder->is_certain)
				return TRUE;
		}
	return FALSE;
}

/* The modes in which a row's tuple lock is taken for what is wanted (tupleLockExtraInfo in
 * src/backend/access/heap/heapam.c): they conflict just as the modes of rows do. */
static LockMode tuple_lock_mode(RowMode mode)
{
	static const LockMode modes[] = {
	    [ROW_MODE_UNKNOWN] = LOCK_MODE_NONE,
	    [ROW_MODE_FOR_KEY_SHARE] = LOCK_MODE_ACCESS_SHARE,
	    [ROW_MODE_FOR_SHARE] = LOCK_MODE_ROW_SHARE,
	    [ROW_MODE_FOR_NO_KEY_UPDATE] = LOCK_MODE_EXCLUSIVE,
	    [ROW_MODE_FOR_UPDATE] = LOCK_MODE_ACCESS_EXCLUSIVE,
	    [ROW_MODE_NO_KEY_UPDATE] = LOCK_MODE_EXCLUSIVE,
	    [ROW_MODE_UPDATE] = LOCK_MODE_ACCESS_EXCLUSIVE,
	};

	return modes[mode];
}

/* In which mode the waiter holds the row's tuple lock while it waits for a transaction:
 * LOCK_MODE_NONE when it does neither. */
static LockMode wanted_mode(const WaitGraph *graph, guint waiter, const LockTag *row)
{
	WaitTarget target = wait_graph_target(graph, waiter);
	guint n;
	const Lock *locks = snapshot_session_locks(wait_graph_snapshot(graph), waiter, &n);

	for (guint i = 0; target.row_tag && i < n; i++)
		if (locks[i].granted && locks[i].tag.type == LOCK_TYPE_TUPLE &&
		    lock_tag_equal(&locks[i].tag, row))
			return locks[i].mode;
	return LOCK_MODE_NONE;
}

static void add_hidden_waits(const RowVerdict *verdict, guint waiter, LockMode wanted,
                             GArray *hidden)
{
	for (guint i = 0; i < verdict->holders->len; i++) {
		const RowHolder *holder = &g_array_index(verdict->holders, RowHolder, i);
		LockMode held = tuple_lock_mode(holder->mode);
		HiddenWait wait = {waiter, holder->session};

		if (holder->is_certain && holder->session != waiter &&
		    (lock_mode_conflicts(wanted) & LOCK_MODE_SET(held)))
			g_array_append_val(hidden, wait);
	}
}

GArray *row_verdicts_hidden_waits(const RowVerdicts *verdicts, const RowSet *rows,
                                  const WaitGraph *graph)
{
	GArray *hidden = g_array_new(FALSE, FALSE, sizeof(HiddenWait));

	for (guint i = 0; i < verdicts->n; i++) {
		const GArray *waiters = verdicts->rows[i].waiters;

		for (guint j = 0; j < waiters->len; j++) {
			guint waiter = g_array_index(waiters, RowWaiter, j).session;
			LockMode wanted = wanted_mode(graph, waiter, &row_set_get(rows, i)->tag);

			if (wanted != LOCK_MODE_NONE)
				add_hidden_waits(&verdicts->rows[i], waiter, wanted, hidden);
		}
	}
	return hidden;
}
