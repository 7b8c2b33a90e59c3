#include "plan/selection.h"

/* A writer or row locker of a table holds one of these on it. */
#define ROW_LOCKERS (LOCK_MODE_SET(LOCK_MODE_ROW_SHARE) | LOCK_MODE_SET(LOCK_MODE_ROW_EXCLUSIVE))

static gboolean locks_rows_of(const Snapshot *snapshot, guint session, const TableSet *tables,
                              guint32 relation)
{
	guint n_locks;
	const Lock *locks = snapshot_session_locks(snapshot, session, &n_locks);

	for (guint i = 0; i < n_locks; i++)
		if (locks[i].granted && locks[i].tag.type == LOCK_TYPE_RELATION &&
		    (relation == 0 || locks[i].tag.relation == relation) &&
		    (LOCK_MODE_SET(locks[i].mode) & ROW_LOCKERS) &&
		    table_set_contains(tables, locks[i].tag.database, locks[i].tag.relation))
			return TRUE;
	return FALSE;
}

/* Whether both hold row locks on one and the same of the tables. */
static gboolean both_lock_rows(const Snapshot *snapshot, guint waiter, guint blocker,
                               const TableSet *tables)
{
	guint n_locks;
	const Lock *locks = snapshot_session_locks(snapshot, waiter, &n_locks);

	for (guint i = 0; i < n_locks; i++)
		if (locks[i].granted && locks[i].tag.type == LOCK_TYPE_RELATION &&
		    (LOCK_MODE_SET(locks[i].mode) & ROW_LOCKERS) &&
		    table_set_contains(tables, locks[i].tag.database, locks[i].tag.relation) &&
		    locks_rows_of(snapshot, blocker, tables, locks[i].tag.relation))
			return TRUE;
	return FALSE;
}

/* Who waits for a virtual transaction does so for the table on which it keeps
 * ShareUpdateExclusiveLock meanwhile: CREATE INDEX CONCURRENTLY and the like. */
static gboolean builds_on(const Snapshot *snapshot, guint waiter, const TableSet *tables)
{
	guint n_locks;
	const Lock *locks = snapshot_session_locks(snapshot, waiter, &n_locks);

	for (guint i = 0; i < n_locks; i++)
		if (locks[i].granted && locks[i].tag.type == LOCK_TYPE_RELATION &&
		    locks[i].mode == LOCK_MODE_SHARE_UPDATE_EXCLUSIVE &&
		    table_set_contains(tables, locks[i].tag.database, locks[i].tag.relation))
			return TRUE;
	return FALSE;
}

Concern wait_concerns_tables(const WaitGraph *graph, guint waiter, const TableSet *tables)
{
	WaitTarget target = wait_graph_target(graph, waiter);
	g_autoptr(GArray) edges = NULL;

	if (!target.tag)
		return CONCERNS_NOT;
	if (table_set_contains(tables, target.tag->database, target.tag->relation))
		return CONCERNS_DIRECTLY;
	if (target.row_tag)
		return table_set_contains(tables, target.row_tag->database, target.row_tag->relation)
		           ? CONCERNS_DIRECTLY
		           : CONCERNS_NOT;
	if (target.tag->type == LOCK_TYPE_VIRTUALXID)
		return builds_on(wait_graph_snapshot(graph), waiter, tables) ? CONCERNS_DIRECTLY
		                                                             : CONCERNS_NOT;
	if (target.tag->type != LOCK_TYPE_TRANSACTIONID)
		return CONCERNS_NOT;
	edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));
	wait_graph_append_edges(graph, waiter, EDGES_HARD, edges);
	for (guint i = 0; i < edges->len; i++)
		if (both_lock_rows(wait_graph_snapshot(graph), waiter,
		                   g_array_index(edges, WaitEdge, i).blocker, tables))
			return CONCERNS_INFERRED;
	return CONCERNS_NOT;
}

Subject selection_subject(const Selection *selection)
{
	return (Subject){
	    .tables = selection->tables, .rows = selection->rows, .advisory = selection->advisory};
}

static gboolean is_on_key(const AdvisoryKey *key, const Snapshot *snapshot, const LockTag *tag)
{
	return advisory_key_is_of(key, tag, snapshot_server(snapshot)->database_oid);
}

Concern wait_concerns(const WaitGraph *graph, guint waiter, const Subject *subject)
{
	const LockTag *tag = wait_graph_target(graph, waiter).tag;
	Concern concern = tag ? CONCERNS_DIRECTLY : CONCERNS_NOT;

	if (subject->tables)
		concern = wait_concerns_tables(graph, waiter, subject->tables);
	if (concern != CONCERNS_NOT && subject->advisory &&
	    !is_on_key(subject->advisory, wait_graph_snapshot(graph), tag))
		concern = CONCERNS_NOT;
	return concern;
}

gboolean subject_has_lock(const Subject *subject, const Snapshot *snapshot, const Lock *lock)
{
	const LockTag *tag = &lock->tag;

	return (!subject->tables ||
	        table_set_contains(subject->tables, tag->database, tag->relation)) &&
	       (!subject->rows || row_set_has_relation(subject->rows, tag)) &&
	       (!subject->advisory || is_on_key(subject->advisory, snapshot, tag));
}
