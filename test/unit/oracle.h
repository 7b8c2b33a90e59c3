#ifndef PGUNLOCK_TEST_ORACLE_H
#define PGUNLOCK_TEST_ORACLE_H

/* A random situation of a lock manager, what a look saw of it, and the graph made of that: to be
 * held against each other. */

#include "lock_situation.h"

#include "model/wait_graph.h"

typedef enum { ASK_NOBODY, ASK_IN_DOUBT, ASK_EVERYBODY } Asked;

typedef struct {
	guint32 seed;
	LockManager *manager;
	Snapshot *snapshot;
	WaitGraph *graph;
	guint *session_of; /* by process */
	guint *process_of; /* by session */
} Oracle;

/* asked: of whom pg_blocking_pids was asked. */
Oracle *oracle_new(guint32 seed, const SituationKind *kind, Waitstarts waitstarts, Asked asked);
void oracle_free(Oracle *oracle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Oracle, oracle_free)

/* Fails the test and says for which seed. */
void oracle_fail(const Oracle *oracle, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* All edges of the graph: of WaitEdge, the caller's. */
GArray *oracle_edges(const Oracle *oracle, EdgeSelection selection);

/* Sets of modes for tables. */
#define DDL_MODES                                                                                  \
	(LOCK_MODE_SET(LOCK_MODE_ACCESS_SHARE) | LOCK_MODE_SET(LOCK_MODE_ROW_EXCLUSIVE) |              \
	 LOCK_MODE_SET(LOCK_MODE_SHARE) | LOCK_MODE_SET(LOCK_MODE_ACCESS_EXCLUSIVE))
#define STRONG_MODES                                                                               \
	(LOCK_MODE_SET(LOCK_MODE_EXCLUSIVE) | LOCK_MODE_SET(LOCK_MODE_ACCESS_EXCLUSIVE))

#endif
