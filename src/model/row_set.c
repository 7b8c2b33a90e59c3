#include "model/row_set.h"

#include "base/arena.h"

#include <string.h>

struct RowSet {
	Arena *arena;
	RelationName table;
	guint limit;
	gboolean has_more;
	GArray *rows;       /* of RowFacts */
	GHashTable *by_tag; /* of LockTag in the arena, to the row's index + 1 */
};

static const struct {
	const char *name;
	const char *multixact;
	const char *pgrowlocks[2]; /* of a single locker, and of one among several */
} MODES[] = {
    [ROW_MODE_UNKNOWN] = {NULL, NULL, {NULL, NULL}},
    [ROW_MODE_FOR_KEY_SHARE] = {"FOR KEY SHARE", "keysh", {"For Key Share", "Key Share"}},
    [ROW_MODE_FOR_SHARE] = {"FOR SHARE", "sh", {"For Share", "Share"}},
    [ROW_MODE_FOR_NO_KEY_UPDATE] = {"FOR NO KEY UPDATE",
                                    "fornokeyupd",
                                    {"For No Key Update", "For No Key Update"}},
    [ROW_MODE_FOR_UPDATE] = {"FOR UPDATE", "forupd", {"For Update", "For Update"}},
    [ROW_MODE_NO_KEY_UPDATE] = {"NO KEY UPDATE", "nokeyupd", {"No Key Update", "No Key Update"}},
    [ROW_MODE_UPDATE] = {"UPDATE", "upd", {"Update", "Update"}},
};

const char *row_mode_name(RowMode mode)
{
	return MODES[mode].name;
}

RowMode row_mode_from_multixact(const char *status)
{
	for (guint i = ROW_MODE_FOR_KEY_SHARE; i < G_N_ELEMENTS(MODES); i++)
		if (g_strcmp0(MODES[i].multixact, status) == 0)
			return (RowMode) i;
	return ROW_MODE_UNKNOWN;
}

RowMode row_mode_from_pgrowlocks(const char *mode)
{
	for (guint i = ROW_MODE_FOR_KEY_SHARE; i < G_N_ELEMENTS(MODES); i++)
		if (g_strcmp0(MODES[i].pgrowlocks[0], mode) == 0 ||
		    g_strcmp0(MODES[i].pgrowlocks[1], mode) == 0)
			return (RowMode) i;
	return ROW_MODE_UNKNOWN;
}

enum {
	HEAP_XMAX_KEYSHR_LOCK = 0x0010,
	HEAP_XMAX_EXCL_LOCK = 0x0040,
	HEAP_XMAX_LOCK_ONLY = 0x0080,
	HEAP_XMAX_IS_MULTI = 0x1000,
	HEAP_KEYS_UPDATED = 0x2000, /* in t_infomask2 */
};

gboolean row_infomask_is_multixact(guint32 infomask)
{
	return (infomask & HEAP_XMAX_IS_MULTI) != 0;
}

RowMode row_mode_from_infomask(guint32 infomask, guint32 infomask2)
{
	gboolean changes_key = (infomask2 & HEAP_KEYS_UPDATED) != 0;

	if (!(infomask & HEAP_XMAX_LOCK_ONLY))
		return changes_key ? ROW_MODE_UPDATE : ROW_MODE_NO_KEY_UPDATE;
	switch (infomask & (HEAP_XMAX_KEYSHR_LOCK | HEAP_XMAX_EXCL_LOCK)) {
	case HEAP_XMAX_KEYSHR_LOCK:
		return ROW_MODE_FOR_KEY_SHARE;
	case HEAP_XMAX_KEYSHR_LOCK | HEAP_XMAX_EXCL_LOCK: /* HEAP_XMAX_SHR_LOCK */
		return ROW_MODE_FOR_SHARE;
	case HEAP_XMAX_EXCL_LOCK:
		return changes_key ? ROW_MODE_FOR_UPDATE : ROW_MODE_FOR_NO_KEY_UPDATE;
	default:
		return ROW_MODE_UNKNOWN;
	}
}

RowSet *row_set_new(const RelationName *table, guint limit)
{
	RowSet *rows = g_new0(RowSet, 1);

	rows->arena = arena_new();
	rows->table = *table;
	rows->table.schema = arena_strdup(rows->arena, table->schema);
	rows->table.name = arena_strdup(rows->arena, table->name);
	rows->limit = limit;
	rows->rows = g_array_new(FALSE, FALSE, sizeof(RowFacts));
	rows->by_tag = g_hash_table_new((GHashFunc) lock_tag_hash, (GEqualFunc) lock_tag_equal);
	return rows;
}

void row_set_free(RowSet *rows)
{
	if (!rows)
		return;
	g_hash_table_destroy(rows->by_tag);
	g_array_unref(rows->rows);
	arena_free(rows->arena);
	g_free(rows);
}

RowFacts *row_set_add(RowSet *rows, const RowFacts *row)
{
	LockTag *tag = arena_new_array(rows->arena, LockTag, 1);
	RowFacts copy = *row;

	*tag = row->tag;
	copy.key = row_key_copy(&row->key, rows->arena);
	g_array_append_val(rows->rows, copy);
	g_hash_table_replace(rows->by_tag, tag, GUINT_TO_POINTER(rows->rows->len));

	RowFacts *added = row_set_get_mutable(rows, rows->rows->len - 1);

	row_set_set_members(rows, added, row->members, row->n_members);
	return added;
}

void row_set_set_members(RowSet *rows, RowFacts *row, const RowLocker *members, guint n_members)
{
	row->members = arena_new_array(rows->arena, RowLocker, n_members);
	row->n_members = n_members;
	if (n_members > 0)
		memcpy(row->members, members, n_members * sizeof(RowLocker));
}

void row_set_note_more(RowSet *rows)
{
	rows->has_more = TRUE;
}

const RelationName *row_set_table(const RowSet *rows)
{
	return &rows->table;
}

guint row_set_limit(const RowSet *rows)
{
	return rows->limit;
}

gboolean row_set_has_more(const RowSet *rows)
{
	return rows->has_more;
}

guint row_set_n(const RowSet *rows)
{
	return rows->rows->len;
}

RowFacts *row_set_get_mutable(RowSet *rows, guint index)
{
	return &g_array_index(rows->rows, RowFacts, index);
}

const RowFacts *row_set_get(const RowSet *rows, guint index)
{
	g_return_val_if_fail(index < rows->rows->len, NULL);
	return &g_array_index(rows->rows, RowFacts, index);
}

guint row_set_find(const RowSet *rows, const LockTag *tag)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(rows->by_tag, tag)) - 1;
}

static void add_in_progress(GArray *xids, GHashTable *seen, const RowLocker *locker)
{
	if (locker->in_progress && g_hash_table_add(seen, GUINT_TO_POINTER(locker->xid)))
		g_array_append_val(xids, locker->xid);
}

GArray *row_set_in_progress(const RowSet *rows)
{
	GArray *xids = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

	for (guint i = 0; i < rows->rows->len; i++) {
		const RowFacts *row = row_set_get(rows, i);

		add_in_progress(xids, seen, &row->transaction);
		for (guint j = 0; j < row->n_members; j++)
			add_in_progress(xids, seen, &row->members[j]);
	}
	return xids;
}

gboolean row_set_has_relation(const RowSet *rows, const LockTag *tag)
{
	for (guint i = 0; tag->type == LOCK_TYPE_RELATION && i < rows->rows->len; i++) {
		const LockTag *row = &row_set_get(rows, i)->tag;

		if (row->relation == tag->relation && row->database == tag->database)
			return TRUE;
	}
	return FALSE;
}

void row_set_add_names(const RowSet *rows, Names *names)
{
	names_add_relation(names, &rows->table);
	for (guint i = 0; i < rows->rows->len; i++) {
		const RowFacts *row = row_set_get(rows, i);

		if (row->key.n > 0)
			names_add_row_key(names, &row->tag, &row->key);
	}
}
