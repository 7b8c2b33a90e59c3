#include "graph_words.h"

static void append_name(const WaitGraph *graph, GString *words, guint session)
{
	const Session *it = snapshot_session(wait_graph_snapshot(graph), session);

	if (it->kind == SESSION_KIND_BACKEND)
		g_string_append_printf(words, "%d", it->pid);
	else
		g_string_append(words, it->gid ? it->gid : "?");
}

static void separate(GString *words, const char *separator)
{
	if (words->len > 0 && words->str[words->len - 1] != '(')
		g_string_append(words, separator);
}

char *words_edges(const WaitGraph *graph, EdgeSelection selection)
{
	GString *words = g_string_new(NULL);
	g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));
	guint n;
	const guint *participants = wait_graph_participants(graph, &n);

	for (guint i = 0; i < n; i++)
		wait_graph_append_edges(graph, participants[i], selection, edges);
	for (guint i = 0; i < edges->len; i++) {
		const WaitEdge *edge = &g_array_index(edges, WaitEdge, i);

		separate(words, " ");
		append_name(graph, words, edge->waiter);
		g_string_append_c(words, edge->kind == EDGE_HARD ? '-' : '~');
		append_name(graph, words, edge->blocker);
	}
	return g_string_free(words, FALSE);
}

char *words_roots(const WaitGraph *graph)
{
	GString *words = g_string_new(NULL);

	for (guint i = 0; i < wait_graph_n_roots(graph); i++) {
		guint root = wait_graph_root(graph, i);

		separate(words, " ");
		append_name(graph, words, root);
		g_string_append_printf(words, ":%u/%u", wait_graph_blocked_total(graph, root),
		                       wait_graph_freed_alone(graph, root));
	}
	return g_string_free(words, FALSE);
}

static void append_below(const WaitGraph *graph, GString *words, guint session)
{
	guint n;
	const guint *children = wait_graph_children(graph, session, &n);

	separate(words, " ");
	append_name(graph, words, session);
	if (n == 0)
		return;
	g_string_append_c(words, '(');
	for (guint i = 0; i < n; i++)
		append_below(graph, words, children[i]);
	g_string_append_c(words, ')');
}

char *words_tree(const WaitGraph *graph)
{
	GString *words = g_string_new(NULL);

	for (guint i = 0; i < wait_graph_n_tops(graph); i++)
		append_below(graph, words, wait_graph_top(graph, i));
	return g_string_free(words, FALSE);
}

char *words_cycles(const WaitGraph *graph)
{
	GString *words = g_string_new(NULL);

	for (guint i = 0; i < wait_graph_n_cycles(graph); i++) {
		guint n;
		const guint *members = wait_graph_cycle(graph, i, &n);

		separate(words, ", ");
		for (guint j = 0; j < n; j++) {
			if (j > 0)
				g_string_append_c(words, ' ');
			append_name(graph, words, members[j]);
		}
	}
	return g_string_free(words, FALSE);
}

char *words_sessions(const WaitGraph *graph, GArray *sessions)
{
	GString *words = g_string_new(NULL);

	for (guint i = 0; i < sessions->len; i++) {
		separate(words, " ");
		append_name(graph, words, g_array_index(sessions, guint, i));
	}
	g_array_unref(sessions);
	return g_string_free(words, FALSE);
}
