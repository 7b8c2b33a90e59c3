#ifndef PGUNLOCK_TUI_ROWS_H
#define PGUNLOCK_TUI_ROWS_H

/* The rows of the views: each with an identity that outlives the look it was made from, by which
 * the selection is held. Pure. */

#include "render/live.h"
#include "tui/top_look.h"

#include <glib.h>

typedef enum {
	VIEW_TREE,
	VIEW_LOCKS,
	VIEW_TRANSACTIONS,
	VIEW_PREPARED,
	VIEW_INCIDENTS,
	N_VIEWS,
} View;

/* A column of a view. */
typedef struct {
	LiveCell cell;
	guint most; /* columns wide at most; 0: what is left */
	guint from; /* only on screens at least so wide */
	gboolean is_right;
} RowColumn;

/* A way to sort a view; the first is the one to begin with. */
typedef struct {
	const char *name;
	gint64 (*key)(const TopLook *look, guint session, guint lock); /* the largest first */
} RowSort;

typedef struct {
	const char *title;
	gboolean is_wide; /* needs a look at all sessions and locks */
	RowColumn columns[8];
	RowSort sorts[5];
	const char *nothing; /* said when there are no rows */
} ViewKind;

const ViewKind *view_kind(View view);
guint view_n_sorts(View view);

typedef struct {
	char *id;      /* owned */
	guint session; /* of the look; NO_SESSION: of none, and nothing can be done to it */
	guint lock;    /* LIVE_NO_LOCK for none */
	char *lead;    /* of the tree; or NULL */
	char *text;    /* instead of cells: of a fold, or of a session that is gone; or NULL */
	Ink ink;       /* of that */
	guint depth;
	gboolean has_children;
	gboolean is_closed;
	gboolean is_ghost;            /* of a session that was ended and is gone */
	const LiveIncident *incident; /* borrowed, or NULL */
	char *words; /* lower case, all that a filter looks at; or NULL: not made yet */
} Row;

/* What rows are made from; all borrowed. */
typedef struct {
	View view;
	const TopLook *look;        /* NULL: none yet */
	const GPtrArray *incidents; /* of LiveIncident, the latest first */
	GHashTable *closed;         /* identities of sessions whose children are folded */
	gboolean unfold_alike;
	guint sort;
	const char *filter; /* "" for none */
	gboolean unicode;
	gint64 now; /* by the server's clock */
} RowSource;

/* Rows (of Row, freed with the array), the caller's. */
GArray *rows_new(const RowSource *source);
/* A cell of a row. Free with g_free. */
char *row_cell(const RowSource *source, const Row *row, LiveCell cell, guint max_columns, Ink *ink);
/* Whether all words (lower case) are in what the row says, in any column. */
gboolean row_matches(const RowSource *source, Row *row, const char *words);

#endif
