#include "base/duration.h"
#include "base/text.h"
#include "render/line.h"
#include "render/render.h"
#include "render/session_words.h"
#include "render/statement.h"
#include "render/summary.h"
#include "render/target.h"
#include "render/tree_rows.h"

#include <string.h>

enum {
	LEVEL_COLUMNS = 3,
	MIN_LEVELS = 2, /* that are drawn by indentation; deeper ones are numbered */
	MAX_LEVELS = 10,
	TEXT_COLUMNS = 34, /* that indentation leaves to the text, where the width allows */
	MAX_LINES = 60,    /* of the whole output, unless everything is asked for */
	FEWEST_LINES = 10, /* for the tree itself, whatever stands above and below it */
	MAX_HEAD = 36,     /* columns up to which heads are made equally wide */
	MIN_STATEMENT = 24,
	MAX_ALSO = 3,
};

typedef struct {
	GString *out;
	const RenderStyle *style;
	const WaitGraph *graph;
	const Snapshot *snapshot;
	guint max_levels;
	guint head_width;     /* of the present siblings */
	gboolean numbered;    /* a level was written as a number */
	GString *guides;      /* of the levels above the present row: one byte each, '|' or ' ' */
	GArray *edge_scratch; /* of WaitEdge */
} Tree;

/* What is drawn for a level. */
typedef struct {
	const char *through;
	const char *none;
	const char *branch;
	const char *last;
} Guides;

static const Guides *guides_of(const Tree *tree)
{
	static const Guides unicode = {"│  ", "   ", "├─ ", "└─ "};
	static const Guides ascii = {"|  ", "   ", "|- ", "`- "};

	return tree->style->unicode ? &unicode : &ascii;
}

/* Guides of the levels that a row at this depth stands under, as far as levels are drawn. */
static void append_guides(const Tree *tree, GString *to, guint levels)
{
	const Guides *guides = guides_of(tree);

	for (guint i = 0; i < levels; i++)
		g_string_append(to, tree->guides->str[i] == '|' ? guides->through : guides->none);
}

/* Levels above a row's own that are drawn. */
static guint levels_above(const Tree *tree, guint depth)
{
	return depth == 0 ? 0 : MIN(depth - 1, tree->max_levels - 1);
}

static void begin_row(Tree *tree, Line *line, const TreeRow *row)
{
	const Guides *guides = guides_of(tree);
	guint above = levels_above(tree, row->depth);
	gboolean is_deep = row->depth > tree->max_levels;
	g_autoptr(GString) lead = g_string_new(NULL);
	g_autoptr(GString) prefix = g_string_new(NULL);

	append_guides(tree, lead, above);
	append_guides(tree, prefix, above);
	if (row->depth > 0 && !is_deep) {
		g_string_append(lead, row->is_last ? guides->last : guides->branch);
		g_string_append(prefix, row->is_last ? guides->none : guides->through);
	} else if (is_deep) {
		g_string_append(prefix, guides->none);
	}
	g_string_append(prefix, row->has_children && row->depth < tree->max_levels ? guides->through
	                                                                           : guides->none);
	g_string_append(prefix, " ");
	line_begin(line, tree->out, tree->style, prefix->str);
	line_raw(line, INK_DIM, lead->str);
	if (is_deep) {
		g_autofree char *level = g_strdup_printf("[%u] ", row->depth);

		line_raw(line, INK_DIM, level);
		tree->numbered = TRUE;
	}
}

static char *head_text(const Tree *tree, guint session)
{
	const Session *facts = snapshot_session(tree->snapshot, session);
	g_autofree char *name = session_name_text(facts);
	g_autofree char *application = session_application_text(facts);

	if (facts->kind == SESSION_KIND_PREPARED || *application == '\0')
		return g_steal_pointer(&name);
	return g_strdup_printf("%s  %s", name, application);
}

static const WaitEdge *edge_to(const Tree *tree, guint blocker)
{
	for (guint i = 0; i < tree->edge_scratch->len; i++) {
		const WaitEdge *edge = &g_array_index(tree->edge_scratch, WaitEdge, i);

		if (edge->blocker == blocker)
			return edge;
	}
	return NULL;
}

/* In which mode it is held, or asked for by the one ahead. */
static char *held_text(const Tree *tree, guint session)
{
	const WaitEdge *edge = edge_to(tree, wait_graph_parent(tree->graph, session));

	if (edge == NULL)
		return g_strdup("");
	return g_strdup_printf(edge->kind == EDGE_HARD ? "held: %s" : "ahead: %s",
	                       lock_mode_name(edge->blocker_mode));
}

/* The other holders that it waits for: "also waits for 5103, 5104". */
static char *also_text(const Tree *tree, guint session)
{
	guint parent = wait_graph_parent(tree->graph, session);
	g_autoptr(GString) text = g_string_new(NULL);
	guint n = 0;

	for (guint i = 0; i < tree->edge_scratch->len; i++) {
		const WaitEdge *edge = &g_array_index(tree->edge_scratch, WaitEdge, i);

		if (edge->kind != EDGE_HARD || edge->blocker == parent)
			continue;
		g_autofree char *name = session_name_text(snapshot_session(tree->snapshot, edge->blocker));
		if (n++ < MAX_ALSO)
			g_string_append_printf(text, "%s%s", n > 1 ? ", " : "also waits for ", name);
	}
	if (n > MAX_ALSO)
		g_string_append_printf(text, " and %u more", n - MAX_ALSO);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void next_piece(Line *line, Ink ink, const char *text)
{
	if (*text == '\0')
		return;
	line_blanks(line, 2);
	line_piece(line, ink, text);
}

static void append_wait(Tree *tree, Line *line, guint session)
{
	const QueueWaiter *wait = wait_graph_wait(tree->graph, session, NULL);
	WaitTarget target = wait_graph_target(tree->graph, session);
	g_autofree char *waited = waited_text(wait_graph_waited(tree->graph, session));
	g_autofree char *waits = g_strdup_printf("waits %s", waited);
	g_autofree char *what = target_text(tree->snapshot, target.tag, target.row_tag);
	g_autofree char *wants = g_strdup_printf("%s on %s", lock_mode_name(wait->mode), what);

	g_array_set_size(tree->edge_scratch, 0);
	wait_graph_append_edges(tree->graph, session, EDGES_SHOWN, tree->edge_scratch);
	g_autofree char *held = held_text(tree, session);
	g_autofree char *also = also_text(tree, session);

	next_piece(line, INK_WARNING, waits);
	if (line->column < line->prefix_width + MAX_HEAD + 16)
		line_pad(line, tree->head_width + 2 + 12);
	next_piece(line, INK_PLAIN, wants);
	next_piece(line, INK_DIM, held);
	next_piece(line, INK_PLAIN, also);
}

static gboolean is_in_cycle(const WaitGraph *graph, guint session, guint *cycle)
{
	for (guint i = 0; i < wait_graph_n_cycles(graph); i++) {
		guint n;
		const guint *members = wait_graph_cycle(graph, i, &n);

		for (guint j = 0; j < n; j++) {
			if (members[j] == session) {
				*cycle = i;
				return TRUE;
			}
		}
	}
	return FALSE;
}

static void append_circle(Tree *tree, Line *line, guint session)
{
	guint cycle, n;
	const guint *members;

	if (!is_in_cycle(tree->graph, session, &cycle))
		return;
	members = wait_graph_cycle(tree->graph, cycle, &n);
	g_autoptr(GString) text = g_string_new(
	    wait_graph_is_deadlock(tree->graph, cycle) ? "deadlock with " : "in a circle with ");
	guint written = 0;
	for (guint i = 0; i < n; i++) {
		if (members[i] == session)
			continue;
		g_autofree char *name = session_name_text(snapshot_session(tree->snapshot, members[i]));
		if (written++ < MAX_ALSO)
			g_string_append_printf(text, "%s%s", written > 1 ? ", " : "", name);
	}
	if (written > MAX_ALSO)
		g_string_append_printf(text, " and %u more", written - MAX_ALSO);
	next_piece(line, INK_BAD, text->str);
}

static void append_blocker(Tree *tree, Line *line, guint session)
{
	const Session *facts = snapshot_session(tree->snapshot, session);
	g_autofree char *client = session_client_text(tree->snapshot, facts);
	g_autofree char *state = session_state_words(tree->graph, session);
	g_autofree char *blocks =
	    g_strdup_printf("blocks %u", wait_graph_blocked_total(tree->graph, session));
	guint n_children;

	wait_graph_children(tree->graph, session, &n_children);
	if (facts->kind != SESSION_KIND_PREPARED)
		next_piece(line, INK_PLAIN, client);
	next_piece(line, INK_WARNING, state);
	if (facts->kind == SESSION_KIND_PREPARED)
		next_piece(line, INK_PLAIN, "no session: a restart will not clear it");
	next_piece(line, INK_STRONG, blocks);
	if (n_children == 0)
		next_piece(line, INK_DIM, "shown under another that holds it, too");
}

static void append_pooler(const Tree *tree, Line *line, const Session *session)
{
	g_autofree char *pooler = session_pooler_text(tree->snapshot, session);
	g_autofree char *text = g_strdup_printf("behind %s", pooler);

	if (*pooler != '\0')
		next_piece(line, INK_PLAIN, text);
}

static void append_session(Tree *tree, const TreeRow *row)
{
	const Session *session = snapshot_session(tree->snapshot, row->unit.session);
	g_autofree char *head = head_text(tree, row->unit.session);
	g_autofree char *statement = session_statement_excerpt(session, tree->style->width);
	Line line;

	begin_row(tree, &line, row);
	line_words(&line, row->depth == 0 ? INK_STRONG : INK_PLAIN, head);
	if (wait_graph_wait(tree->graph, row->unit.session, NULL) != NULL) {
		line_pad(&line, tree->head_width);
		append_wait(tree, &line, row->unit.session);
		if (row->depth == 0)
			append_circle(tree, &line, row->unit.session);
	} else {
		append_blocker(tree, &line, row->unit.session);
	}
	append_pooler(tree, &line, session);
	if (session->hidden)
		next_piece(&line, INK_DIM, "statement hidden");
	if (*statement != '\0') {
		line_blanks(&line, 2);
		line_rest(&line, INK_PLAIN, statement, MIN_STATEMENT);
	}
	line_end(&line);
}

static char *range_text(const TreeUnit *unit)
{
	g_autofree char *shortest = waited_text(unit->shortest_us);
	g_autofree char *longest = waited_text(unit->longest_us);

	if (strcmp(shortest, longest) == 0)
		return g_strdup_printf("waiting %s", longest);
	return g_strdup_printf("waiting %s to %s", shortest, longest);
}

static void append_fold(Tree *tree, const TreeRow *row)
{
	g_autofree char *range = range_text(&row->unit);
	g_autoptr(GString) text = g_string_new(NULL);
	Line line;

	if (row->kind == ROW_FOLD)
		g_string_append_printf(text, "%u more like these, %s", row->unit.n, range);
	else if (row->depth == 0)
		g_string_append_printf(text, "%u more that block", row->unit.n);
	else
		g_string_append_printf(text, "%u more, %s", row->unit.n, range);
	if (row->n_behind > 0)
		g_string_append_printf(text, ", and %u behind %s", row->n_behind,
		                       row->unit.n == 1 ? "it" : "them");
	begin_row(tree, &line, row);
	line_words(&line, INK_PLAIN, text->str);
	line_end(&line);
}

/* Keeps the guides of the levels above in step with the row that comes. */
static void enter_row(Tree *tree, const TreeRow *row)
{
	if (row->depth == 0)
		return;
	g_string_set_size(tree->guides, row->depth - 1);
}

static void leave_row(Tree *tree, const TreeRow *row)
{
	if (row->depth > 0)
		g_string_append_c(tree->guides, row->is_last ? ' ' : '|');
}

/* The widest head among the rows of one parent, with what stands before it; heads that are wider
 * than reasonable don't count. */
static guint widest_head(const Tree *tree, const GArray *rows, guint first)
{
	const TreeRow *row = &g_array_index(rows, TreeRow, first);
	guint widest = 0;

	for (guint i = first; i < rows->len; i++) {
		const TreeRow *other = &g_array_index(rows, TreeRow, i);

		if (other->depth < row->depth)
			break;
		if (other->siblings != row->siblings || other->kind != ROW_SESSION)
			continue;
		g_autofree char *head = head_text(tree, other->unit.session);
		guint width = text_width(head);
		if (width <= MAX_HEAD)
			widest = MAX(widest, width);
	}
	return widest;
}

/* widths: of heads by group of siblings (0: none yet), worked out when its first row comes. */
static void align_siblings(Tree *tree, GArray *widths, const GArray *rows, guint index)
{
	const TreeRow *row = &g_array_index(rows, TreeRow, index);
	guint *width;
	guint lead = row->depth > tree->max_levels ? (tree->max_levels - 1) * LEVEL_COLUMNS + 4
	                                           : row->depth * LEVEL_COLUMNS;

	if (row->kind != ROW_SESSION)
		return;
	if (widths->len <= row->siblings)
		g_array_set_size(widths, row->siblings + 1);
	width = &g_array_index(widths, guint, row->siblings);
	if (*width == 0)
		*width = widest_head(tree, rows, index);
	tree->head_width = lead + *width;
}

static guint count_lines(const char *text)
{
	guint n = 0;

	for (const char *c = text; (c = strchr(c, '\n')) != NULL; c++)
		n++;
	return n;
}

static guint measure_lines(const TreeUnit *unit, guint depth, gpointer user_data)
{
	Tree *tree = user_data;
	GString *out = tree->out;
	g_autoptr(GString) scratch = g_string_new(NULL);
	const TreeRow row = {.kind = ROW_SESSION, .unit = *unit, .depth = depth, .is_last = TRUE};

	if (unit->n > 1)
		return 1;
	g_string_set_size(tree->guides, levels_above(tree, depth));
	memset(tree->guides->str, ' ', tree->guides->len);
	tree->head_width = 0;
	tree->out = scratch;
	append_session(tree, &row);
	tree->out = out;
	return count_lines(scratch->str);
}

static gboolean is_shortened(const GArray *rows)
{
	for (guint i = 0; i < rows->len; i++) {
		if (g_array_index(rows, TreeRow, i).kind != ROW_SESSION)
			return TRUE;
	}
	return FALSE;
}

static void append_footer(Tree *tree, const GArray *rows)
{
	Line line;

	if (tree->numbered) {
		line_begin(&line, tree->out, tree->style, NULL);
		line_words(&line, INK_DIM,
		           "[n] is a level of the tree: each waits for the nearest above "
		           "it with a lower number.");
		line_end(&line);
	}
	if (is_shortened(rows)) {
		line_begin(&line, tree->out, tree->style, NULL);
		line_words(&line, INK_DIM, "Not everybody is shown: --full shows all.");
		line_end(&line);
	}
}

static void append_rows(Tree *tree, const GArray *rows)
{
	g_autoptr(GArray) widths = g_array_new(FALSE, TRUE, sizeof(guint));

	tree->numbered = FALSE;
	g_string_set_size(tree->guides, 0);
	for (guint i = 0; i < rows->len; i++) {
		const TreeRow *row = &g_array_index(rows, TreeRow, i);

		enter_row(tree, row);
		align_siblings(tree, widths, rows, i);
		if (row->kind == ROW_SESSION)
			append_session(tree, row);
		else
			append_fold(tree, row);
		leave_row(tree, row);
	}
}

/* The whole output with at most max_lines for the rows (0: no limit). Returns how many lines it
 * has. */
static guint append_tree(Tree *tree, guint max_lines)
{
	g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(TreeRow));
	gsize before = tree->out->len;

	summary_append(tree->out, tree->graph, tree->style);
	if (wait_graph_n_blocked(tree->graph) > 0)
		g_string_append_c(tree->out, '\n');
	tree_rows_append(tree->graph, max_lines, measure_lines, tree, rows);
	append_rows(tree, rows);
	append_footer(tree, rows);
	return count_lines(tree->out->str + before);
}

void render_tree_text(GString *out, const WaitGraph *graph, const RenderStyle *style)
{
	guint levels = style->width > TEXT_COLUMNS ? (style->width - TEXT_COLUMNS) / LEVEL_COLUMNS : 0;
	guint max_lines = style->full ? 0 : MAX_LINES;
	gsize before = out->len;
	guint n_lines;
	Tree tree = {
	    .out = out,
	    .style = style,
	    .graph = graph,
	    .snapshot = wait_graph_snapshot(graph),
	    .max_levels = CLAMP(levels, MIN_LEVELS, MAX_LEVELS),
	    .guides = g_string_new(NULL),
	    .edge_scratch = g_array_new(FALSE, FALSE, sizeof(WaitEdge)),
	};

	/* How many lines a row takes is only known exactly once its siblings are, and some stand above
	 * and below the rows: what is too long is made again, that much shorter. */
	n_lines = append_tree(&tree, max_lines);
	while (max_lines > FEWEST_LINES && n_lines > MAX_LINES) {
		max_lines = MAX(max_lines - MIN(n_lines - MAX_LINES, max_lines), FEWEST_LINES);
		g_string_truncate(out, before);
		n_lines = append_tree(&tree, max_lines);
	}
	g_string_free(tree.guides, TRUE);
	g_array_unref(tree.edge_scratch);
}
