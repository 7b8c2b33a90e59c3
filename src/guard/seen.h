#ifndef PGUNLOCK_GUARD_SEEN_H
#define PGUNLOCK_GUARD_SEEN_H

/*
 * What one look alone doesn't tell of those who wait and block, but several do.
 *
 * Since when somebody waits: a PostgreSQL 13 doesn't tell, and newer ones not for an instant after
 * the wait has begun. And since when somebody blocks: of a queue of logins that have all waited for
 * minutes the one who got the lock a moment ago blocks the others, who have waited for minutes. It
 * is a victim who is about to move on, not the culprit: it can't have blocked anybody while it
 * waited itself.
 */

#include "model/blocker.h"
#include "model/wait_graph.h"

#include <glib.h>

typedef struct Seen Seen;

Seen *seen_new(void);
void seen_free(Seen *seen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Seen, seen_free)

/* A look was taken. Who neither waits nor blocks in it is forgotten. */
void seen_look(Seen *seen, const WaitGraph *graph);

/* The facts of a session of the last look. One that was seen to wait itself has blocked others
 * since it was seen first not to wait any more, or later. */
Blocker *seen_blocker(const Seen *seen, const WaitGraph *graph, guint session);
/* Whether it is certain that it has been what it is (a root that blocks, or a request in the queue)
 * for a moment: in the last look and in one at least least_us before. */
gboolean seen_for(const Seen *seen, const WaitGraph *graph, guint session, gint64 least_us);

#endif
