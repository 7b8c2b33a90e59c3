#ifndef PGUNLOCK_GUARD_GUARD_LOOK_H
#define PGUNLOCK_GUARD_GUARD_LOOK_H

/* A look that several have use for: what was judged by it, and the acts that came of that, which
 * outlive the next look. */

#include "model/wait_graph.h"

#include <glib.h>

typedef struct {
	Snapshot *snapshot;
	WaitGraph *graph;
	gint64 started_us; /* when the look began, by the monotonic clock */
} GuardLook;

/* Takes the snapshot over. */
GuardLook *guard_look_new(Snapshot *snapshot, gint64 started_us);
GuardLook *guard_look_ref(GuardLook *look);
void guard_look_unref(GuardLook *look);
/* Now by the server's clock: what it said at the look, and what has passed since. A little late, by
 * as much of the look as was over when the server said so. */
gint64 guard_look_now(const GuardLook *look);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GuardLook, guard_look_unref)

#endif
