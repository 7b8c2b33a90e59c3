#include "pg/row_memory.h"

#include "base/arena.h"
#include "base/duration.h"

#define LIFETIME_US (10 * DURATION_SECOND)

typedef struct {
	LockTag tag;
	RowKey key;
	gint64 read_at; /* monotonic */
} RememberedRow;

struct PgRowMemory {
	Arena *arena;     /* of the rows */
	GHashTable *rows; /* tag -> RememberedRow, both in it */
};

PgRowMemory *pg_row_memory_new(void)
{
	PgRowMemory *memory = g_new0(PgRowMemory, 1);

	memory->arena = arena_new();
	memory->rows = g_hash_table_new((GHashFunc) lock_tag_hash, (GEqualFunc) lock_tag_equal);
	return memory;
}

static void clear(PgRowMemory *memory)
{
	g_hash_table_destroy(memory->rows);
	arena_free(memory->arena);
}

void pg_row_memory_free(PgRowMemory *memory)
{
	if (memory == NULL)
		return;
	clear(memory);
	g_free(memory);
}

/* Puts what next remembers in the place of what memory does. */
static void replace(PgRowMemory *memory, PgRowMemory *next)
{
	clear(memory);
	*memory = *next;
	g_free(next);
}

void pg_row_memory_forget(PgRowMemory *memory)
{
	replace(memory, pg_row_memory_new());
}

static gboolean is_fresh(const RememberedRow *row, gint64 now)
{
	return now < row->read_at + LIFETIME_US;
}

void pg_row_memory_recall(const PgRowMemory *memory, Snapshot *snapshot)
{
	gint64 now = g_get_monotonic_time();
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, memory->rows);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const RememberedRow *row = value;

		if (is_fresh(row, now))
			names_add_row_key(snapshot_names(snapshot), &row->tag, &row->key);
	}
}

/* A key that isn't fresh has been read again. */
static void add_row(PgRowMemory *next, const PgRowMemory *memory, const LockTag *tag,
                    const RowKey *key, gint64 now)
{
	const RememberedRow *before = g_hash_table_lookup(memory->rows, tag);
	RememberedRow *row = arena_alloc(next->arena, sizeof(*row));

	row->tag = *tag;
	row->key = row_key_copy(key, next->arena);
	row->read_at = before != NULL && is_fresh(before, now) ? before->read_at : now;
	g_hash_table_replace(next->rows, &row->tag, row);
}

void pg_row_memory_store(PgRowMemory *memory, const Snapshot *snapshot, const LockQueues *queues)
{
	gint64 now = g_get_monotonic_time();
	g_autoptr(GArray) targets = lock_queues_targets(queues);
	PgRowMemory *next = pg_row_memory_new();

	for (guint i = 0; i < targets->len; i++) {
		const LockTag *tag = &g_array_index(targets, LockTag, i);
		const RowKey *key =
		    tag->type == LOCK_TYPE_TUPLE ? names_row_key(snapshot_names(snapshot), tag) : NULL;

		if (key != NULL && key->n > 0 && !g_hash_table_contains(next->rows, tag))
			add_row(next, memory, tag, key, now);
	}
	replace(memory, next);
}
