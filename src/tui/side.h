#ifndef PGUNLOCK_TUI_SIDE_H
#define PGUNLOCK_TUI_SIDE_H

/*
 * A second connection beside the watch's, for what takes long or must not wait for a look: acts,
 * and looks at all locks. It is opened ahead and kept warm, since in a jam nobody may get in any
 * more (no slot is left, catalogs are locked). Where there is none, the watch's own is used,
 * between its looks.
 */

#include "watch/watch.h"

#include <glib.h>

typedef struct Side Side;

/* timeout_us: to open it, and of each statement to keep it warm. The watch is borrowed. */
Side *side_new(gint64 timeout_us);
/* Nothing is called back afterwards to whoever uses it. */
void side_free(Side *side);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Side, side_free)

/* After each answer over the watch's connection: opens the connection where there is none and slots
 * remain for others, now and then looks over it, to keep the server's caches as an act needs them.
 * snapshot: the look that was the answer; NULL: none was, and none is opened. */
void side_keep(Side *side, Watch *watch, const Snapshot *snapshot, gint64 now);

/* The connection to ask over, or NULL: there is none at all. What is asked has an end, well or not,
 * before side_give_back, which takes what this gave. *is_watchs: it is the watch's. */
PgConnection *side_take(Side *side, Watch *watch, gboolean *is_watchs);
void side_give_back(Side *side, Watch *watch, gboolean is_watchs);
/* Closes it at once, whatever is under way, and whoever else has taken it: those get no word of it
 * but from side_n_closed. */
void side_close(Side *side, Watch *watch, gboolean is_watchs);
/* How often that was done. */
guint side_n_closed(const Side *side, gboolean is_watchs);

#endif
