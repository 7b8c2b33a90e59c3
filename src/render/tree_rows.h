#ifndef PGUNLOCK_RENDER_TREE_ROWS_H
#define PGUNLOCK_RENDER_TREE_ROWS_H

/* Which sessions of a tree are shown, and in what order: alike waiters folded, and no more than
 * fits into a number of lines. Without recursion: trees may be deeper than the stack. */

#include "model/wait_graph.h"
#include "render/alike.h"

#include <glib.h>

typedef enum {
	ROW_SESSION,
	ROW_FOLD, /* several alike */
	ROW_MORE, /* those of the same parent that there was no room for */
} TreeRowKind;

typedef struct {
	TreeRowKind kind;
	TreeUnit unit;         /* of MORE: n, shortest and longest of those left out directly */
	guint n_behind;        /* of MORE: everybody behind those left out */
	guint depth;           /* 0 for tops */
	gboolean is_last;      /* of its parent's rows */
	gboolean has_children; /* rows below it that are its own */
	guint siblings;        /* rows of one parent share this number */
} TreeRow;

/* Lines that a session takes at a depth. */
typedef guint (*TreeMeasure)(const TreeUnit *unit, guint depth, gpointer user_data);

/* Appends to rows (of TreeRow), in the order in which they are printed. max_lines 0: everything,
 * nothing folded. While there are lines, sessions show their next child in turn: the first roots
 * and the nearest to them come first, but no root takes the room of all others. */
void tree_rows_append(const WaitGraph *graph, guint max_lines, TreeMeasure measure,
                      gpointer user_data, GArray *rows);

#endif
