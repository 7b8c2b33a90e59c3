#ifndef PGUNLOCK_RENDER_LOCK_FACTS_H
#define PGUNLOCK_RENDER_LOCK_FACTS_H

/* What the views of single locks show beside the row of pg_locks itself. */

#include "model/wait_graph.h"

#include <glib.h>

/* How long it has waited, in microseconds, or WAITED_UNKNOWN; 0 when granted. */
gint64 lock_waited_us(const WaitGraph *graph, const Lock *lock);

/* Whom this request waits for, as edges that are shown (the shown ones of EdgeSelection): an array
 * of guint, the caller's; empty when granted. */
GArray *lock_blockers(const WaitGraph *graph, const Lock *lock);

/* What a blocker holds that others wait for: "AccessShareLock on orders". Safe text, to be freed
 * with g_free. */
char *lock_held_text(const Snapshot *snapshot, const HeldTarget *held);
/* What a session holds that others wait for, most waited for first, at most max of them and then
 * how many more: an array of such texts, the caller's; empty when nobody waits for what it holds.
 */
GPtrArray *lock_held_texts(const WaitGraph *graph, guint session, guint max);
/* What a waiter asks for: "AccessExclusiveLock on orders". The same. */
char *lock_wanted_text(const WaitGraph *graph, guint waiter);

#endif
