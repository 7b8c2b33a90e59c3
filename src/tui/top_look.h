#ifndef PGUNLOCK_TUI_TOP_LOOK_H
#define PGUNLOCK_TUI_TOP_LOOK_H

/* A look with all that panels show of it, worked out once. */

#include "model/wait_graph.h"
#include "plan/plan.h"
#include "render/edge_index.h"

#include <glib.h>

typedef struct {
	Snapshot *snapshot;
	WaitGraph *graph;
	EdgeIndex *edges;
	Plan *advice; /* or NULL */
} TopLook;

/* Takes the snapshot; labels are borrowed, or NULL. */
TopLook *top_look_new(Snapshot *snapshot, const AdvisoryLabels *labels);
void top_look_free(TopLook *look);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TopLook, top_look_free)

/* Looks at all locks read no keys of rows: to gets those that another look knows, of rows for which
 * the same session has or wants the same lock in both. */
void top_look_lend_row_keys(const TopLook *from, TopLook *to);

/* What tells a session from every other, also from a later one with the same pid. Free with g_free.
 */
char *top_look_identity(const TopLook *look, guint session);
/* NO_SESSION when it isn't there. */
guint top_look_find(const TopLook *look, const char *identity);

#endif
