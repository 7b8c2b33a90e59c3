#ifndef PGUNLOCK_MODEL_LOCK_MANAGER_WAITS_H
#define PGUNLOCK_MODEL_LOCK_MANAGER_WAITS_H

/*
 * Who waits for the lock manager itself, and who may keep it. The table of locks has 16 partitions,
 * each under an LWLock of the tranche LockManager. A backend that doesn't come out of one (a
 * deadlock check that takes minutes holds all 16, exclusively: CheckDeadLock in
 * src/backend/storage/lmgr/proc.c) lets nobody look into pg_locks, lock anything or log in, and
 * nothing ends such a wait: neither statement_timeout nor a signal, since LWLockAcquire holds
 * interrupts off (src/backend/storage/lmgr/lwlock.c).
 */

#include <glib.h>

/* A session that is at work and waits for nothing. Plain data. */
typedef struct {
	gint32 pid;
	guint32 user;                 /* 0: not known */
	const char *application_name; /* this and the query: any bytes, may be NULL */
	const char *query;
	gint64 running_us; /* since its query began; TIMESTAMP_NONE when not known */
} LockManagerRunner;

typedef struct LockManagerWaits LockManagerWaits;

LockManagerWaits *lock_manager_waits_new(void);
void lock_manager_waits_free(LockManagerWaits *waits);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LockManagerWaits, lock_manager_waits_free)

void lock_manager_waits_add_waiter(LockManagerWaits *waits, gint32 pid);
/* Copied. */
void lock_manager_waits_add_runner(LockManagerWaits *waits, const LockManagerRunner *runner);

/*
 * Whether a question about locks that got no answer for a while got none because of this.
 * looker_pid is the backend that was asked: it has to be among those that wait. 0: this was seen
 * just before the question was asked, so that anybody who waited already tells.
 */
gboolean lock_manager_is_stuck(const LockManagerWaits *waits, gint32 looker_pid);

/* But for looker_pid. */
guint lock_manager_n_others(const LockManagerWaits *waits, gint32 looker_pid);
/* The one that has run longest first. */
guint lock_manager_n_runners(const LockManagerWaits *waits);
const LockManagerRunner *lock_manager_runner(const LockManagerWaits *waits, guint index);

#endif
