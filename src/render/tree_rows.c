#include "render/tree_rows.h"

/* A session, or the root above all tops, with its units: as many of them as are shown. */
typedef struct {
	GArray *units; /* of TreeUnit */
	guint depth;   /* of its units */
	guint n_shown;
	GArray *parents; /* of guint, beside units: index of the Parent that a shown unit is, or
	                    NO_PARENT */
} Parent;

#define NO_PARENT G_MAXUINT

typedef struct {
	const WaitGraph *graph;
	gboolean all;
	guint lines_left;
	TreeMeasure measure;
	gpointer user_data;
	GArray *parents; /* of Parent; the first stands above the tops */
} Chooser;

static Parent *parent_at(const Chooser *chooser, guint index)
{
	return &g_array_index(chooser->parents, Parent, index);
}

static guint add_parent(Chooser *chooser, const guint *children, guint n_children, guint depth)
{
	Parent parent = {
	    .units = g_array_new(FALSE, FALSE, sizeof(TreeUnit)),
	    .parents = g_array_new(FALSE, FALSE, sizeof(guint)),
	    .depth = depth,
	};

	alike_append_units(chooser->graph, children, n_children, !chooser->all && depth > 0,
	                   parent.units);
	g_array_append_val(chooser->parents, parent);
	return chooser->parents->len - 1;
}

static void clear_parent(gpointer data)
{
	Parent *parent = data;

	g_array_unref(parent->units);
	g_array_unref(parent->parents);
}

/* Takes a unit's lines from those that are left. A parent with hidden units needs one more line,
 * which says so: it was taken when the parent came and is given back with its last unit. */
static gboolean take_lines(Chooser *chooser, const Parent *parent, const TreeUnit *unit,
                           gboolean becomes_parent)
{
	guint given_back = parent->n_shown + 1 == parent->units->len ? 1 : 0;
	guint needed;

	if (chooser->all)
		return TRUE;
	needed = chooser->measure(unit, parent->depth, chooser->user_data) + (becomes_parent ? 1 : 0);
	if (needed > chooser->lines_left + given_back)
		return FALSE;
	chooser->lines_left = chooser->lines_left + given_back - needed;
	return TRUE;
}

/* Shows the next unit of a parent. FALSE: there was no room. */
static gboolean show_next(Chooser *chooser, guint index, GArray *growing)
{
	Parent *parent = parent_at(chooser, index);
	TreeUnit unit = g_array_index(parent->units, TreeUnit, parent->n_shown);
	guint depth = parent->depth;
	guint child = NO_PARENT;
	guint n_children = 0;
	const guint *children = NULL;

	if (unit.n == 1)
		children = wait_graph_children(chooser->graph, unit.session, &n_children);
	if (!take_lines(chooser, parent, &unit, n_children > 0))
		return FALSE;
	if (n_children > 0) {
		child = add_parent(chooser, children, n_children, depth + 1);
		g_array_append_val(growing, child);
		parent = parent_at(chooser, index);
	}
	g_array_append_val(parent->parents, child);
	parent->n_shown++;
	return TRUE;
}

/* In turn: who has shown one waits until all others have. */
static void choose(Chooser *chooser)
{
	g_autoptr(GArray) growing = g_array_new(FALSE, FALSE, sizeof(guint));
	const guint first = 0;

	if (parent_at(chooser, first)->units->len == 0)
		return;
	g_array_append_val(growing, first);
	for (guint turn = 0; turn < growing->len; turn++) {
		guint index = g_array_index(growing, guint, turn);

		if (show_next(chooser, index, growing) &&
		    parent_at(chooser, index)->n_shown < parent_at(chooser, index)->units->len)
			g_array_append_val(growing, index);
	}
}

static TreeRow more_row(const Chooser *chooser, const Parent *parent)
{
	TreeRow row = {.kind = ROW_MORE, .depth = parent->depth, .is_last = TRUE};
	g_autoptr(GArray) hidden = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autoptr(GArray) behind = NULL;

	row.unit = TREE_UNIT_EMPTY;
	for (guint i = parent->n_shown; i < parent->units->len; i++) {
		const TreeUnit *unit = &g_array_index(parent->units, TreeUnit, i);

		row.unit.n += unit->n;
		row.unit.session = unit->session;
		tree_unit_add_waits(&row.unit, unit->shortest_us, unit->longest_us);
		if (unit->n == 1)
			g_array_append_val(hidden, unit->session);
	}
	behind =
	    wait_graph_behind(chooser->graph, (const guint *) (gpointer) hidden->data, hidden->len);
	row.n_behind = behind->len;
	return row;
}

typedef struct {
	guint parent;
	guint next;
} Frame;

/* One row of a parent; returns the parent that the row's session is, or NO_PARENT. */
static guint emit(const Chooser *chooser, Frame *frame, GArray *rows)
{
	const Parent *parent = parent_at(chooser, frame->parent);
	gboolean has_more = parent->n_shown < parent->units->len;
	TreeRow row;
	guint child = NO_PARENT;

	if (frame->next == parent->n_shown) {
		row = more_row(chooser, parent);
	} else {
		row = (TreeRow){.unit = g_array_index(parent->units, TreeUnit, frame->next),
		                .depth = parent->depth};
		row.kind = row.unit.n > 1 ? ROW_FOLD : ROW_SESSION;
		row.is_last = frame->next + 1 == parent->n_shown && !has_more;
		child = g_array_index(parent->parents, guint, frame->next);
		row.has_children = child != NO_PARENT;
	}
	row.siblings = frame->parent;
	g_array_append_val(rows, row);
	frame->next++;
	return child;
}

static void emit_all(const Chooser *chooser, GArray *rows)
{
	g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(Frame));
	const Frame first = {0, 0};

	g_array_append_val(stack, first);
	while (stack->len > 0) {
		Frame *frame = &g_array_index(stack, Frame, stack->len - 1);
		const Parent *parent = parent_at(chooser, frame->parent);
		guint n_rows = parent->n_shown + (parent->n_shown < parent->units->len ? 1 : 0);
		guint child;

		if (frame->next == n_rows) {
			g_array_set_size(stack, stack->len - 1);
			continue;
		}
		child = emit(chooser, frame, rows);
		if (child != NO_PARENT) {
			const Frame next = {child, 0};
			g_array_append_val(stack, next);
		}
	}
}

void tree_rows_append(const WaitGraph *graph, guint max_lines, TreeMeasure measure,
                      gpointer user_data, GArray *rows)
{
	guint n_tops = wait_graph_n_tops(graph);
	g_autofree guint *tops = g_new(guint, n_tops + 1);
	Chooser chooser = {
	    .graph = graph,
	    .all = max_lines == 0,
	    .lines_left = max_lines > 0 ? max_lines - 1 : 0,
	    .measure = measure,
	    .user_data = user_data,
	    .parents = g_array_new(FALSE, FALSE, sizeof(Parent)),
	};

	g_array_set_clear_func(chooser.parents, clear_parent);
	for (guint i = 0; i < n_tops; i++)
		tops[i] = wait_graph_top(graph, i);
	add_parent(&chooser, tops, n_tops, 0);
	choose(&chooser);
	emit_all(&chooser, rows);
	g_array_unref(chooser.parents);
}
