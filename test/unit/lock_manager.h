#ifndef PGUNLOCK_TEST_LOCK_MANAGER_H
#define PGUNLOCK_TEST_LOCK_MANAGER_H

/*
 * PostgreSQL's lock manager in small: who gets a lock at once, who waits where in the queue, who is
 * woken. It follows LockAcquireExtended, LockCheckConflicts and GetBlockerStatusData in
 * src/backend/storage/lmgr/lock.c, ProcSleep (JoinWaitQueue since 18) and ProcLockWakeup in proc.c,
 * and pg_blocking_pids in src/backend/utils/adt/lockfuncs.c, which agree in this from 13 to 18.
 *
 * Nothing of src/model is used to decide anything here but the table of conflicts: it is what the
 * model's answers are compared with.
 */

#include "model/lock_mode.h"
#include "model/lock_tag.h"
#include "model/snapshot.h"

typedef struct LockManager LockManager;

typedef enum { ACQUIRED, ACQUIRE_WAITS, ACQUIRE_DEADLOCK } AcquireResult;

LockManager *lock_manager_new(guint n_processes);
LockManager *lock_manager_copy(const LockManager *manager);
void lock_manager_free(LockManager *manager);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LockManager, lock_manager_free)

guint lock_manager_n_processes(const LockManager *manager);
gint32 lock_manager_pid(const LockManager *manager, guint process);

/* Makes a process that holds nothing a parallel worker of a leader. */
void lock_manager_join_group(LockManager *manager, guint process, guint leader);
guint lock_manager_leader(const LockManager *manager, guint process);

/* A process that doesn't wait asks for a lock. ACQUIRE_DEADLOCK: refused, it has to roll back. */
AcquireResult lock_manager_acquire(LockManager *manager, guint process, const LockTag *tag,
                                   LockMode mode);
gboolean lock_manager_waits(const LockManager *manager, guint process);
/* What it waits for, and how: NULL when it doesn't. The clock ticks a microsecond a wait. */
const LockTag *lock_manager_wait(const LockManager *manager, guint process, LockMode *mode,
                                 gint64 *waitstart);
gint64 lock_manager_clock(const LockManager *manager);
/* All that was ever locked. */
guint lock_manager_n_tags(const LockManager *manager);
const LockTag *lock_manager_tag(const LockManager *manager, guint index);
LockModeSet lock_manager_held_at(const LockManager *manager, guint process, guint index);
LockModeSet lock_manager_held(const LockManager *manager, guint process, const LockTag *tag);
/* Leaves the queue, keeps what it holds. */
void lock_manager_give_up(LockManager *manager, guint process);
/* All that it holds on one tag, as when a savepoint is rolled back. */
void lock_manager_release(LockManager *manager, guint process, const LockTag *tag);
/* Ends the transaction of its group: nobody of it waits or holds anything any more. */
void lock_manager_end(LockManager *manager, guint process);
/* Its locks go to a prepared transaction that has no pid; to be ended like any other. */
void lock_manager_prepare(LockManager *manager, guint process);
gboolean lock_manager_is_prepared(const LockManager *manager, guint process);

/* Two waiters of the queue that the process waits in change places, as the deadlock detector may
 * make them, and who may go is woken. */
void lock_manager_swap_waiters(LockManager *manager, guint process, guint a, guint b);
/* How many wait in the queue that the process waits in. */
guint lock_manager_queue_length(const LockManager *manager, guint process);

/* Why somebody waits. Of members of lock groups always the leaders. */
typedef struct {
	guint waiter;
	guint blocker;
	LockTag tag;
	gboolean hard;
} TrueEdge;

/* Of all waits: of TrueEdge, each once. */
GArray *lock_manager_edges(const LockManager *manager);
/* pg_blocking_pids, repeats included: of gint32. */
GArray *lock_manager_blocking_pids(const LockManager *manager, guint process);

#endif
