#ifndef PGUNLOCK_TEST_LOCK_SITUATION_H
#define PGUNLOCK_TEST_LOCK_SITUATION_H

/* Random situations that can come to be in a lock manager, and what a look would see of them. */

#include "lock_manager.h"

typedef struct {
	guint n_processes;
	guint n_tables; /* few make long queues */
	guint n_steps;
	LockModeSet table_modes;
	gboolean waiters_may_leave; /* cancelled */
	gboolean order_may_change;  /* as after the deadlock detector, but far wilder */
	gboolean groups;            /* parallel workers among them */
	gboolean prepared;          /* prepared transactions among them */
	gboolean rows;              /* tuple locks, and waits for transactions */
} SituationKind;

/* Which one depends only on the seed. */
LockManager *lock_situation_new(guint32 seed, const SituationKind *kind);

typedef enum { WAITSTARTS_SHOWN, WAITSTARTS_MISSING } Waitstarts;

/* Rows and sessions in any order. Without waitstarts it is a 13, and statements began in any order.
 */
Snapshot *lock_situation_look(const LockManager *manager, guint32 seed, Waitstarts waitstarts);
/* Answers pg_blocking_pids for these pids (of gint32). */
void lock_situation_answer(const LockManager *manager, Snapshot *snapshot, const GArray *pids);

/* The session that stands for a process. */
guint lock_situation_session(const LockManager *manager, const Snapshot *snapshot, guint process);

#endif
