#ifndef PGUNLOCK_PG_ROW_MEMORY_H
#define PGUNLOCK_PG_ROW_MEMORY_H

/*
 * The keys of rows that somebody waits for, from one look of a watch to the next: to read them
 * takes two round trips and locks on their tables. While a row is waited for in every look it is in
 * its place, and no other takes that; all the same it is read anew after a while, since a column
 * may get another name.
 */

#include "model/lock_queue.h"
#include "model/snapshot.h"

#include <glib.h>

typedef struct PgRowMemory PgRowMemory;

PgRowMemory *pg_row_memory_new(void);
void pg_row_memory_free(PgRowMemory *memory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PgRowMemory, pg_row_memory_free)

/* Another server, or the same after a while. */
void pg_row_memory_forget(PgRowMemory *memory);
/* Adds the keys that it remembers to the snapshot's names. */
void pg_row_memory_recall(const PgRowMemory *memory, Snapshot *snapshot);
/* Remembers the keys of the rows that are waited for in the snapshot, and no others. */
void pg_row_memory_store(PgRowMemory *memory, const Snapshot *snapshot, const LockQueues *queues);

#endif
