#ifndef PGUNLOCK_RENDER_ALIKE_H
#define PGUNLOCK_RENDER_ALIKE_H

/* The children of a session in the tree, those that say the same put together. */

#include "model/wait_graph.h"

#include <glib.h>

/* One child, or several that are alike. */
typedef struct {
	guint session;      /* the one, or the first of those */
	guint n;            /* how many */
	gint64 shortest_us; /* of the waits that are known; WAITED_UNKNOWN when none is */
	gint64 longest_us;
} TreeUnit;

#define TREE_UNIT_EMPTY                                                                            \
	(TreeUnit)                                                                                     \
	{                                                                                              \
		.shortest_us = WAITED_UNKNOWN, .longest_us = WAITED_UNKNOWN                                \
	}
/* Of waits within unit; either may be WAITED_UNKNOWN. */
void tree_unit_add_waits(TreeUnit *unit, gint64 shortest_us, gint64 longest_us);

/* Alike are children that nobody waits for, with the same target, mode, blockers, application and
 * statement, but for numbers and text constants in that. They stand together, the first few on
 * their own, the others as one unit. In order of the wait, longest first, groups by their longest.
 * fold FALSE: everybody on their own, as given. Appends to units (of TreeUnit). */
void alike_append_units(const WaitGraph *graph, const guint *children, guint n_children,
                        gboolean fold, GArray *units);

#endif
