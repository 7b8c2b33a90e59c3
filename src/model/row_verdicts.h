#ifndef PGUNLOCK_MODEL_ROW_VERDICTS_H
#define PGUNLOCK_MODEL_ROW_VERDICTS_H

/*
 * Who holds each of some rows, and who waits for it: what was read of the rows (row_set) held
 * against a look at the locks that was taken afterwards.
 *
 * A running transaction holds a lock on its own id, and so does each of its subtransactions, until
 * that is released (RELEASE SAVEPOINT; the end of a PL/pgSQL block with EXCEPTION): then its id is
 * still in the rows that it locked, still in progress, and belongs to one of the transactions that
 * are older and hold a row locker's lock on the table (CommitSubTransaction in
 * src/backend/access/transam/xact.c). In progress it must have been after the look, too, so the
 * look has to be told (snapshot_add_in_progress): else it may just have ended. Whom a waiter for
 * the row waits for is sure in any case.
 */

#include "model/row_set.h"
#include "model/wait_graph.h"

#include <glib.h>

typedef struct {
	guint session; /* leader's index */
	RowMode mode;
	gboolean is_certain; /* else it is one of several that may be meant */
} RowHolder;

typedef struct {
	guint session; /* leader's index */
	/* It waits, without any row's tuple lock, for a holder of this row, and locks rows of this
	 * table: it wants this row, or another one that the holder has locked. */
	gboolean is_inferred;
} RowWaiter;

typedef enum {
	ROW_FREE,   /* nobody: what is in xmax is left over from a transaction that has ended */
	ROW_HELD,   /* by all of the holders */
	ROW_ONE_OF, /* not every holder is certain */
	ROW_UNTOLD, /* somebody has locked it who isn't in the look: most likely the transaction has
	               just ended, and the row should be read again */
} RowState;

/* Names for JSON: "free", "held", "one_of", "unknown". */
const char *row_state_name(RowState state);

typedef struct {
	RowState state;
	GArray *holders; /* of RowHolder: certain ones first, each session once */
	GArray
	    *waiters; /* of RowWaiter: in the order of the graph's participants, inferred ones last */
} RowVerdict;

typedef struct RowVerdicts RowVerdicts;

/* Borrows both until it returns. Never NULL. */
RowVerdicts *row_verdicts_new(const RowSet *rows, const WaitGraph *graph);
void row_verdicts_free(RowVerdicts *verdicts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RowVerdicts, row_verdicts_free)

/* By the row's index in the set. */
const RowVerdict *row_verdicts_get(const RowVerdicts *verdicts, guint row);
/* How many rows are in this state. */
guint row_verdicts_n(const RowVerdicts *verdicts, RowState state);
/* Of those who are next in line for one of the rows, whom they will wait for besides the one that
 * the server shows: the certain holders whose mode is in the way of the one that the waiter wants.
 * An array of HiddenWait, the caller's. */
GArray *row_verdicts_hidden_waits(const RowVerdicts *verdicts, const RowSet *rows,
                                  const WaitGraph *graph);
/* Whether it is a certain holder of any of the rows: it holds the id that the row names, or that id
 * was in progress after the look and can be nobody else's. Sure enough to end it though nobody
 * waits. */
gboolean row_verdicts_is_holder(const RowVerdicts *verdicts, guint session);

#endif
