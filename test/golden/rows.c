#include "rows.h"

#include "stage.h"

static const RelationName login = {DATABASE_APP,     TABLE_LOGIN, "public",
                                   "login_sessions", 'r',         TABLE_LOGIN};

gboolean rows_has_any(const Snapshot *snapshot)
{
	for (guint i = 0; i < snapshot_n_locks(snapshot); i++)
		if (snapshot_lock(snapshot, i)->tag.type == LOCK_TYPE_TUPLE)
			return TRUE;
	return FALSE;
}

static guint32 first_transaction(const Snapshot *snapshot)
{
	for (guint i = 0; i < snapshot_n_locks(snapshot); i++) {
		const Lock *lock = snapshot_lock(snapshot, i);

		if (lock->tag.type == LOCK_TYPE_TRANSACTIONID && lock->granted)
			return lock->tag.transaction;
	}
	return 0;
}

static void add_row(RowSet *rows, const LockTag *tag, const char *value, guint32 xmax)
{
	const char *columns[] = {"user_id", "Day"};
	const char *values[] = {value, NULL};
	const RowFacts row = {
	    .tag = *tag,
	    .key = {value != NULL ? 2 : 0, columns, values},
	    .xmax = xmax,
	    .transaction = {xmax, ROW_MODE_FOR_UPDATE, xmax != 0},
	};

	row_set_add(rows, &row);
}

RowSet *rows_of(const Snapshot *snapshot)
{
	RowSet *rows = row_set_new(&login, 100);
	LockTag tag = on_row(TABLE_LOGIN, 7, 1);

	for (guint i = 0; i < snapshot_n_locks(snapshot); i++) {
		const LockTag *found = &snapshot_lock(snapshot, i)->tag;

		if (found->type == LOCK_TYPE_TUPLE && row_set_find(rows, found) == NO_ROW)
			add_row(rows, found, NULL, first_transaction(snapshot));
	}
	add_row(rows, &tag, "43", 0);
	tag.tuple = 2;
	add_row(rows, &tag, "44", 9);
	tag.tuple = 3;
	add_row(rows, &tag, "it's \x1b[31m red, and long enough to be cut off somewhere",
	        first_transaction(snapshot));
	row_set_note_more(rows);
	row_set_add_names(rows, snapshot_names(snapshot));
	return rows;
}

RowSet *rows_none(void)
{
	return row_set_new(&login, 100);
}
