#include "tui/rows.h"

#include "base/timestamp.h"

#include <string.h>

/* Of a statement that a filter looks at. */
#define MOST_FILTERED 2000

static gint64 by_blocked(const TopLook *look, guint session, G_GNUC_UNUSED guint lock)
{
	return wait_graph_blocked_total(look->graph, snapshot_session(look->snapshot, session)->leader);
}

static gint64 by_wait(const TopLook *look, guint session, guint lock)
{
	guint leader = snapshot_session(look->snapshot, session)->leader;
	gint64 own = wait_graph_waited(look->graph, leader);

	if (lock != LIVE_NO_LOCK)
		return snapshot_lock(look->snapshot, lock)->granted ? -2 : own;
	return MAX(own, wait_graph_longest_wait_behind(look->graph, leader));
}

static gint64 by_age(const TopLook *look, guint session, G_GNUC_UNUSED guint lock)
{
	const Session *facts = snapshot_session(look->snapshot, session);
	gint64 since = facts->kind == SESSION_KIND_PREPARED ? facts->prepared_at : facts->xact_start;

	return timestamp_age(snapshot_taken_at(look->snapshot), since);
}

static gint64 by_pid(const TopLook *look, guint session, G_GNUC_UNUSED guint lock)
{
	return -(gint64) snapshot_session(look->snapshot, session)->pid;
}

static gint64 by_mode(const TopLook *look, G_GNUC_UNUSED guint session, guint lock)
{
	return lock == LIVE_NO_LOCK ? 0 : (gint64) snapshot_lock(look->snapshot, lock)->mode;
}

static const ViewKind kinds[N_VIEWS] = {
    [VIEW_TREE] = {"Who blocks whom",
                   FALSE,
                   {{LIVE_SESSION, 44, 0, FALSE},
                    {LIVE_BLOCKS, 6, 50, TRUE},
                    {LIVE_STATE, 34, 0, FALSE},
                    {LIVE_LOCK, 60, 60, FALSE},
                    {LIVE_CLIENT, 30, 150, FALSE},
                    {LIVE_STATEMENT, 0, 100, FALSE}},
                   {{"most blocked", by_blocked},
                    {"longest wait", by_wait},
                    {"oldest transaction", by_age},
                    {"pid", by_pid}},
                   "Nobody waits for a lock."},
    [VIEW_LOCKS] = {"All locks",
                    TRUE,
                    {{LIVE_SESSION, 30, 0, FALSE},
                     {LIVE_MODE, 60, 0, FALSE},
                     {LIVE_GRANTED, 14, 60, FALSE},
                     {LIVE_CLIENT, 30, 110, FALSE},
                     {LIVE_TRANSACTION, 8, 90, TRUE},
                     {LIVE_STATEMENT, 0, 130, FALSE}},
                    {{"longest wait", by_wait},
                     {"strongest mode", by_mode},
                     {"oldest transaction", by_age},
                     {"pid", by_pid}},
                    "No lock is to be seen."},
    [VIEW_TRANSACTIONS] = {"Sessions in transactions",
                           TRUE,
                           {{LIVE_SESSION, 30, 0, FALSE},
                            {LIVE_TRANSACTION, 8, 0, TRUE},
                            {LIVE_BLOCKS, 6, 0, TRUE},
                            {LIVE_STATE, 36, 0, FALSE},
                            {LIVE_CLIENT, 30, 100, FALSE},
                            {LIVE_STATEMENT, 0, 80, FALSE}},
                           {{"oldest transaction", by_age},
                            {"most blocked", by_blocked},
                            {"pid", by_pid}},
                           "No session is in a transaction."},
    [VIEW_PREPARED] = {"Prepared transactions",
                       TRUE,
                       {{LIVE_SESSION, 40, 0, FALSE},
                        {LIVE_TRANSACTION, 8, 0, TRUE},
                        {LIVE_BLOCKS, 6, 0, TRUE},
                        {LIVE_STATE, 60, 60, FALSE},
                        {LIVE_LOCK, 0, 100, FALSE}},
                       {{"oldest", by_age}, {"most blocked", by_blocked}},
                       "There is no prepared transaction."},
    [VIEW_INCIDENTS] = {"Incidents since the start",
                        FALSE,
                        {{LIVE_STARTED, 13, 0, FALSE},
                         {LIVE_LASTED, 16, 0, FALSE},
                         {LIVE_PEAK, 6, 0, TRUE},
                         {LIVE_SESSION, 30, 0, FALSE},
                         {LIVE_LOCK, 60, 90, FALSE},
                         {LIVE_CLIENT, 30, 130, FALSE},
                         {LIVE_STATEMENT, 0, 110, FALSE}},
                        {{"latest", NULL}},
                        "No incident since the screen is up."},
};

const ViewKind *view_kind(View view)
{
	return &kinds[view];
}

guint view_n_sorts(View view)
{
	guint n = 0;

	while (n < G_N_ELEMENTS(kinds[view].sorts) && kinds[view].sorts[n].name)
		n++;
	return n;
}

static void clear_row(gpointer data)
{
	Row *row = data;

	g_free(row->id);
	g_free(row->lead);
	g_free(row->text);
	g_free(row->words);
}

char *row_cell(const RowSource *source, const Row *row, LiveCell cell, guint max_columns, Ink *ink)
{
	*ink = row->ink;
	if (row->text)
		return g_strdup(cell == kinds[source->view].columns[0].cell ? row->text : "");
	if (row->incident)
		return live_incident_cell(row->incident, source->now, cell, ink);
	g_assert(source->look);
	return live_session_cell(source->look->graph, row->session, row->lock, cell, max_columns, ink);
}

static void make_words(const RowSource *source, Row *row)
{
	g_autoptr(GString) text = g_string_new(row->text);
	Ink ink;

	for (LiveCell cell = LIVE_SESSION; !row->text && cell < LIVE_N_CELLS; cell++) {
		g_autofree char *words = row_cell(source, row, cell, MOST_FILTERED, &ink);
		g_string_append_printf(text, " %s", words);
	}
	row->words = g_utf8_strdown(text->str, -1);
}

gboolean row_matches(const RowSource *source, Row *row, const char *words)
{
	g_auto(GStrv) all = g_strsplit(words, " ", -1);

	if (!row->words)
		make_words(source, row);
	for (guint i = 0; all[i]; i++)
		if (!strstr(row->words, all[i]))
			return FALSE;
	return TRUE;
}

static guint one_line(G_GNUC_UNUSED const TreeUnit *unit, G_GNUC_UNUSED guint depth,
                      G_GNUC_UNUSED gpointer user_data)
{
	return 1;
}

/* Of a fold: where it stands, since those in it come and go. */
static char *fold_id(const GArray *rows, guint depth)
{
	for (guint i = rows->len; i > 0; i--) {
		const Row *row = &g_array_index(rows, Row, i - 1);
		if (row->depth < depth)
			return g_strdup_printf("fold:%s:%u", row->id, rows->len - i);
	}
	return g_strdup_printf("fold:%u", rows->len);
}

/* Those whom the tree has below rows that are folded are left out. */
static void add_tree(const RowSource *source, GArray *rows)
{
	g_autoptr(GArray) tree = g_array_new(FALSE, TRUE, sizeof(TreeRow));
	g_autoptr(GString) above = g_string_new(NULL);
	guint closed_at = G_MAXUINT;

	tree_rows_append(source->look->graph, source->unfold_alike || *source->filter ? 0 : G_MAXUINT,
	                 one_line, NULL, tree);
	for (guint i = 0; i < tree->len; i++) {
		const TreeRow *from = &g_array_index(tree, TreeRow, i);
		Row row = {.session = NO_SESSION, .lock = LIVE_NO_LOCK, .depth = from->depth};

		if (from->depth > closed_at)
			continue;
		g_string_set_size(above, from->depth > 0 ? from->depth - 1 : 0);
		if (from->kind == ROW_SESSION) {
			row.session = from->unit.session;
			row.id = top_look_identity(source->look, row.session);
			row.has_children = from->has_children;
			row.is_closed = row.has_children && g_hash_table_contains(source->closed, row.id);
		} else {
			row.id = fold_id(rows, row.depth);
			row.text = live_fold_text(from);
			row.ink = INK_DIM;
		}
		closed_at = row.is_closed ? row.depth : G_MAXUINT;
		row.lead = live_tree_lead(above->str, from, row.is_closed, source->unicode);
		g_array_append_val(rows, row);
		if (from->depth > 0)
			g_string_append_c(above, from->is_last ? ' ' : '|');
	}
}

static void add_locks(const RowSource *source, GArray *rows)
{
	const Snapshot *snapshot = source->look->snapshot;

	for (guint i = 0; i < snapshot_n_locks(snapshot); i++) {
		const Lock *lock = snapshot_lock(snapshot, i);
		Row row = {.session = lock->session, .lock = i};
		g_autofree char *session = top_look_identity(source->look, lock->session);

		/* Everybody has his own transaction ids locked; they matter when they are waited for. */
		if (snapshot_session(snapshot, lock->session)->is_self ||
		    (lock->tag.type == LOCK_TYPE_VIRTUALXID && lock->granted))
			continue;
		g_autofree char *data = g_base64_encode((const guchar *) &lock->tag, sizeof lock->tag);
		row.id = g_strdup_printf("%s/%s/%d", session, data, (int) lock->mode);
		g_array_append_val(rows, row);
	}
}

static void add_sessions(const RowSource *source, GArray *rows)
{
	const Snapshot *snapshot = source->look->snapshot;

	for (guint i = 0; i < snapshot_n_sessions(snapshot); i++) {
		const Session *session = snapshot_session(snapshot, i);
		gboolean is_prepared = session->kind == SESSION_KIND_PREPARED;
		Row row = {.session = i, .lock = LIVE_NO_LOCK};

		if (session->is_self || is_prepared != (source->view == VIEW_PREPARED) ||
		    (!is_prepared && !session_is_in_transaction(session)))
			continue;
		row.id = top_look_identity(source->look, i);
		g_array_append_val(rows, row);
	}
}

static void add_incidents(const RowSource *source, GArray *rows)
{
	for (guint i = 0; i < source->incidents->len; i++) {
		const LiveIncident *incident = g_ptr_array_index(source->incidents, i);
		Row row = {.session = NO_SESSION, .lock = LIVE_NO_LOCK, .incident = incident};

		row.id = g_strdup_printf("incident:%u", incident->number);
		g_array_append_val(rows, row);
	}
}

/* A tree keeps its rows together: its top with all that stand below it. */
typedef struct {
	gint64 key;
	guint first, n;
} Block;

static int compare_blocks(gconstpointer a, gconstpointer b)
{
	const Block *x = a;
	const Block *y = b;

	if (x->key != y->key)
		return x->key < y->key ? 1 : -1;
	return (x->first > y->first) - (x->first < y->first);
}

static GArray *sort_rows(const RowSource *source, GArray *rows)
{
	const RowSort *sort = &kinds[source->view].sorts[source->sort];
	g_autoptr(GArray) blocks = g_array_new(FALSE, FALSE, sizeof(Block));

	/* That is how the tree comes. */
	if (!sort->key || (source->view == VIEW_TREE && source->sort == 0))
		return rows;
	for (guint i = 0; i < rows->len; i++) {
		const Row *row = &g_array_index(rows, Row, i);
		if (row->depth > 0 && blocks->len > 0) {
			g_array_index(blocks, Block, blocks->len - 1).n++;
			continue;
		}
		Block block = {.first = i, .n = 1, .key = G_MININT64};
		if (row->session != NO_SESSION)
			block.key = sort->key(source->look, row->session, row->lock);
		g_array_append_val(blocks, block);
	}
	g_array_sort(blocks, compare_blocks);
	GArray *sorted = g_array_sized_new(FALSE, FALSE, sizeof(Row), rows->len);
	for (guint i = 0; i < blocks->len; i++) {
		const Block *block = &g_array_index(blocks, Block, i);
		g_array_append_vals(sorted, &g_array_index(rows, Row, block->first), block->n);
	}
	g_array_free(rows, TRUE); /* not the rows' strings, which are the new array's */
	return sorted;
}

/* A row that stands above one that is meant stays, for the tree to make sense. */
static GArray *filter_rows(const RowSource *source, GArray *rows)
{
	g_autofree char *words = g_utf8_strdown(source->filter, -1);
	GArray *kept = g_array_new(FALSE, FALSE, sizeof(Row));
	guint needed = 0; /* rows of a lesser depth above one that was kept */

	if (*words == '\0') {
		g_array_unref(kept);
		return rows;
	}
	for (guint i = rows->len; i > 0; i--) {
		Row *row = &g_array_index(rows, Row, i - 1);
		if (row_matches(source, row, words) || row->depth < needed) {
			needed = row->depth;
			g_array_append_val(kept, *row);
		} else {
			clear_row(row);
			needed = MIN(needed, row->depth);
		}
	}
	for (guint i = 0; i < kept->len / 2; i++) {
		Row swap = g_array_index(kept, Row, i);
		g_array_index(kept, Row, i) = g_array_index(kept, Row, kept->len - 1 - i);
		g_array_index(kept, Row, kept->len - 1 - i) = swap;
	}
	g_array_free(rows, TRUE);
	return kept;
}

GArray *rows_new(const RowSource *source)
{
	static void (*const add[N_VIEWS])(const RowSource *, GArray *) = {
	    [VIEW_TREE] = add_tree,
	    [VIEW_LOCKS] = add_locks,
	    [VIEW_TRANSACTIONS] = add_sessions,
	    [VIEW_PREPARED] = add_sessions,
	    [VIEW_INCIDENTS] = add_incidents,
	};
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(Row));

	if (source->look || source->view == VIEW_INCIDENTS)
		add[source->view](source, rows);
	rows = filter_rows(source, sort_rows(source, rows));
	g_array_set_clear_func(rows, clear_row);
	return rows;
}
