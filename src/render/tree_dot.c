#include "base/text.h"
#include "render/edge_index.h"
#include "render/render.h"
#include "render/session_words.h"
#include "render/statement.h"
#include "render/target.h"

enum { MAX_STATEMENT = 60 };

/* In a quoted string of dot a backslash begins an escape, a quote ends it, and &#27; would be the
 * character. */
static void append_quoted(GString *out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			g_string_append_c(out, '\\');
		if (*c == '&')
			g_string_append(out, "&amp;");
		else
			g_string_append_c(out, *c);
	}
}

/* A line of a label; lines are left-justified. */
static void append_label_line(GString *out, const char *text)
{
	if (*text == '\0')
		return;
	append_quoted(out, text);
	g_string_append(out, "\\l");
}

static void append_node(GString *out, const WaitGraph *graph, guint session)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	const Session *facts = snapshot_session(snapshot, session);
	gboolean waits = wait_graph_wait(graph, session, NULL) != NULL;
	g_autofree char *name = session_name_text(facts);
	g_autofree char *application = session_application_text(facts);
	g_autofree char *client = session_client_text(snapshot, facts);
	g_autofree char *state = session_state_words(graph, session);
	g_autofree char *excerpt = session_statement_excerpt(facts, MAX_STATEMENT);
	g_autoptr(GString) statement = g_string_new(NULL);
	guint total = wait_graph_blocked_total(graph, session);
	g_autofree char *blocks = total > 0 ? g_strdup_printf("blocks %u", total) : g_strdup("");

	text_append_fit(statement, excerpt, MAX_STATEMENT, FALSE, TRUE);
	g_string_append_printf(out, "  s%u [label=\"", session);
	append_label_line(out, name);
	append_label_line(out, application);
	if (facts->kind != SESSION_KIND_PREPARED)
		append_label_line(out, client);
	append_label_line(out, state);
	append_label_line(out, blocks);
	append_label_line(out, statement->str);
	g_string_append_printf(out, "\"%s];\n", waits ? "" : ", style=bold");
}

static void append_edge(GString *out, const WaitGraph *graph, const WaitEdge *edge)
{
	const LockQueue *queue = lock_queues_get(wait_graph_queues(graph), edge->queue);
	WaitTarget target = wait_graph_target(graph, edge->waiter);
	const LockTag *row_tag = lock_tag_equal(target.tag, &queue->tag) ? target.row_tag : NULL;
	g_autofree char *what = target_text(wait_graph_snapshot(graph), &queue->tag, row_tag);

	g_string_append_printf(out, "  s%u -> s%u [label=\"%s on ", edge->waiter, edge->blocker,
	                       lock_mode_name(edge->waiter_mode));
	append_quoted(out, what);
	g_string_append_printf(out, "\"%s];\n", edge->kind == EDGE_SOFT ? ", style=dashed" : "");
}

void render_tree_dot(GString *out, const WaitGraph *graph)
{
	g_autoptr(EdgeIndex) edges = edge_index_new(graph, EDGES_SHOWN);
	guint n;
	const guint *participants = wait_graph_participants(graph, &n);

	g_string_append(out, "digraph pgunlock {\n"
	                     "  // an arrow points from who waits to whom it waits for; dashed: that "
	                     "one is only ahead in the queue\n"
	                     "  rankdir=RL;\n"
	                     "  node [shape=box];\n");
	for (guint i = 0; i < n; i++)
		append_node(out, graph, participants[i]);
	for (guint i = 0; i < edge_index_n(edges); i++)
		append_edge(out, graph, edge_index_get(edges, i));
	g_string_append(out, "}\n");
}
