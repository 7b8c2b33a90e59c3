#ifndef PGUNLOCK_GUARD_SEEN_H
#define PGUNLOCK_GUARD_SEEN_H

/* Since when waiters have been seen to wait: a PostgreSQL 13 doesn't tell how long a wait lasts,
 * and newer ones not for an instant after it has begun. */

#include "model/wait_graph.h"

#include <glib.h>

typedef struct Seen Seen;

Seen *seen_new(void);
void seen_free(Seen *seen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Seen, seen_free)

/* A look was taken: those who wait in it and did so in the one before go on waiting, if it is for
 * the same; all others are forgotten. */
void seen_look(Seen *seen, const WaitGraph *graph);
/* Of those behind the session in the last look the longest that one was seen to wait: since when,
 * by the server's clock; TIMESTAMP_NONE when nobody is. */
gint64 seen_since(const Seen *seen, const WaitGraph *graph, guint session);

#endif
