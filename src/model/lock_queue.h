#ifndef PGUNLOCK_MODEL_LOCK_QUEUE_H
#define PGUNLOCK_MODEL_LOCK_QUEUE_H

/*
 * The things that somebody waits for: for each its holders, and its waiters in the order in which
 * the server will serve them.
 *
 * The order is the server's own. It isn't a column of pg_locks, and waitstart alone is not it: a
 * waiter that already holds a lock on the object is put ahead of the first waiter whose request
 * conflicts with what it holds (ProcSleep in src/backend/storage/lmgr/proc.c). We replay that, and
 * where the replay could be wrong and it would matter, pg_blocking_pids is asked; docs/decisions
 * says when and why.
 */

#include "model/lock_mode.h"
#include "model/lock_tag.h"
#include "model/snapshot.h"

#include <glib.h>

typedef enum {
	QUEUE_ORDER_REPLAYED, /* by waitstart and the server's rule of insertion */
	QUEUE_ORDER_SERVER,   /* the answers of pg_blocking_pids tell of every pair that matters */
	QUEUE_ORDER_UNKNOWN,  /* no waitstart (13) and too few answers, or the answers contradict each
	                         other: the queue was moving */
} QueueOrder;

typedef struct {
	guint session;    /* the process that holds */
	guint leader;     /* its lock group's leader, itself where there is none */
	LockModeSet held; /* all modes that it holds on this tag */
} QueueHolder;

typedef struct {
	guint session;
	guint leader;
	guint lock; /* index of its row in the snapshot */
	LockMode mode;
	LockModeSet held; /* what its lock group already holds on this tag */
	gint64 waitstart;
} QueueWaiter;

typedef struct {
	LockTag tag;
	QueueHolder *holders; /* by pid */
	guint n_holders;
	QueueWaiter *waiters; /* first is next */
	guint n_waiters;
	QueueOrder order;
} LockQueue;

typedef struct LockQueues LockQueues;

/* The queues of a snapshot, ordered with what answers of pg_blocking_pids it has. Borrows the
 * snapshot. Never NULL. */
LockQueues *lock_queues_new(const Snapshot *snapshot);
void lock_queues_free(LockQueues *queues);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LockQueues, lock_queues_free)

guint lock_queues_n(const LockQueues *queues);
const LockQueue *lock_queues_get(const LockQueues *queues, guint index);
const LockQueue *lock_queues_find(const LockQueues *queues, const LockTag *tag);

/* What is waited for, as far as a tag says so: the tags of the queues, and of those who wait for a
 * transaction the row whose tuple lock they hold meanwhile. An array of LockTag, perhaps with
 * repeats; the caller's. */
GArray *lock_queues_targets(const LockQueues *queues);

/* Pids whose pg_blocking_pids would make the order certain, of lock groups the leaders': those in
 * queues of at most 20 waiters whose requests conflict and where the modes differ or a waiter holds
 * the tag; on 13, which has no waitstart, in all queues whose requests conflict, but for those of
 * more than 200 that all ask for the same mode and hold nothing: whatever their order, they have
 * the same roots. With everybody, all that wait. The array (of gint32, ascending, no repeats) is
 * the caller's; empty when there is nothing to ask. */
GArray *lock_queues_questions(const LockQueues *queues, gboolean everybody);

#endif
