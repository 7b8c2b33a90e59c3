#ifndef PGUNLOCK_RENDER_REPLAY_WORDS_H
#define PGUNLOCK_RENDER_REPLAY_WORDS_H

/* The startup process of a standby replays WAL: what it waits for, what waits for it, and what ends
 * that. Results are freed with g_free. */

#include "model/wait_graph.h"

#include <glib.h>

/* For a session in whose way replay stands, in whole sentences: what becomes of both by itself.
 * NULL when the startup process isn't behind it. */
char *replay_note(const WaitGraph *graph, guint session);

/* What would make the startup process let go of its locks, by what it waits for at the moment. */
char *replay_hint(const Snapshot *snapshot, const Session *startup);

#endif
