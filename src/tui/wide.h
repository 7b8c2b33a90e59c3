#ifndef PGUNLOCK_TUI_WIDE_H
#define PGUNLOCK_TUI_WIDE_H

/* Looks at all sessions and all locks, for the views that list them: only while one of those is
 * shown, and never more often than a share of the time allows. */

#include "tui/side.h"

#include <glib.h>

typedef struct Wide Wide;

/* Exactly one of snapshot (the callee's) and error (borrowed) is set. */
typedef void (*WideDone)(Snapshot *snapshot, const GError *error, gpointer user_data);

/* side and watch are borrowed. */
Wide *wide_new(Side *side, Watch *watch, gint64 timeout_us, WideDone done, gpointer user_data);
void wide_free(Wide *wide);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Wide, wide_free)

/* One is wanted: takes it if it is time. now: monotonic. */
void wide_look(Wide *wide, gint64 interval_us, gint64 now);
/* The next one that is wanted is taken at once. */
void wide_hurry(Wide *wide);

#endif
