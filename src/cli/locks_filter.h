#ifndef PGUNLOCK_CLI_LOCKS_FILTER_H
#define PGUNLOCK_CLI_LOCKS_FILTER_H

/* Which locks of a snapshot are listed, and in which order. */

#include "cli/options.h"
#include "model/table_set.h"
#include "model/wait_graph.h"

#include <glib.h>

/* What wasn't asked for is NULL, 0, FALSE. Borrowed. */
typedef struct {
	const TableSet *tables;         /* of a waiter also the wait that concerns them by its row */
	const AdvisoryChoice *advisory; /* only locks on advisory keys of applications, or on its one */
	LockModeSet modes;
	const GPtrArray *sessions; /* of SessionRef */
	gboolean only_waiting;
	gboolean only_granted;
	gboolean all_databases; /* else those of the connected one, and what has no database but a
	                           session of the connected one */
} LocksFilter;

/* Indexes into the snapshot's locks, sorted; ties by pid, then as in the snapshot. Our own
 * backend's locks are left out: they come from looking. The array (of guint) is the caller's. */
GArray *locks_select(const WaitGraph *graph, const LocksFilter *filter, LocksSort sort);

#endif
