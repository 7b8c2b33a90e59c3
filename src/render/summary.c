#include "render/summary.h"

#include "base/duration.h"
#include "base/text.h"
#include "render/render.h"
#include "render/session_words.h"

#include <string.h>

enum {
	GAP_BEFORE_SERVER = 8,
	COMMAND_INDENT = 2,
	COMMAND_COLUMN = 16, /* so that commands stand below each other */
};

static char *server_text(const Snapshot *snapshot)
{
	const ServerInfo *server = snapshot_server(snapshot);
	GString *out = g_string_new(NULL);

	if (server->host != NULL)
		text_append_safe(out, server->host);
	g_string_append_printf(out, ":%d ", server->port);
	text_append_safe(out, server->database != NULL ? server->database : "");
	g_string_append(out, ", PostgreSQL ");
	text_append_safe(out, server->version != NULL ? server->version : "");
	if (server->in_recovery)
		g_string_append(out, ", standby");
	return g_string_free(out, FALSE);
}

static const char *circle_words(const WaitGraph *graph)
{
	return wait_graph_has_deadlock(graph) ? "a deadlock" : "a circle that may pass";
}

/* Roots and circles beside each other: who is behind no root is kept by a circle alone. */
static char *sentence_with_deadlock(const WaitGraph *graph, const char *blocked,
                                    const char *longest)
{
	g_autoptr(GArray) roots = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i < wait_graph_n_roots(graph); i++) {
		guint root = wait_graph_root(graph, i);
		g_array_append_val(roots, root);
	}
	g_autoptr(GArray) behind =
	    wait_graph_behind(graph, (const guint *) (gpointer) roots->data, roots->len);
	guint n_locked = wait_graph_n_blocked(graph) - MIN(behind->len, wait_graph_n_blocked(graph));

	if (n_locked == 0)
		return g_strdup_printf("%s wait for %u, some of them in %s. The longest has waited "
		                       "%s.",
		                       blocked, roots->len, circle_words(graph), longest);
	return g_strdup_printf("%s wait: %u for %u, %u because of %s. The longest has waited "
	                       "%s.",
	                       blocked, behind->len, roots->len, n_locked, circle_words(graph),
	                       longest);
}

char *summary_answer(const WaitGraph *graph)
{
	guint n_blocked = wait_graph_n_blocked(graph);
	guint n_roots = wait_graph_n_roots(graph);
	g_autofree char *longest = longest_wait_text(graph);
	const char *waits = n_blocked == 1 ? "waits" : "wait";
	g_autofree char *blocked = count_text(n_blocked, "session", "sessions");

	if (n_blocked == 0)
		return g_strdup("Nobody waits for a lock.");
	if (n_roots == 0)
		return g_strdup_printf("%s %s because of %s. The longest has waited %s.", blocked, waits,
		                       circle_words(graph), longest);
	if (wait_graph_n_cycles(graph) > 0)
		return sentence_with_deadlock(graph, blocked, longest);
	if (n_blocked == 1)
		return g_strdup_printf("1 session waits for %u, for %s now.", n_roots, longest);
	return g_strdup_printf("%s wait for %u. The longest has waited %s.", blocked, n_roots, longest);
}

char *summary_brief(const WaitGraph *graph)
{
	guint n_blocked = wait_graph_n_blocked(graph);
	guint n_roots = wait_graph_n_roots(graph);
	g_autofree char *longest = longest_wait_text(graph);

	if (n_roots == 0 && n_blocked > 0)
		return g_strdup_printf("%u wait: %s, longest %s", n_blocked, circle_words(graph), longest);
	if (wait_graph_n_cycles(graph) > 0)
		return g_strdup_printf("%u wait for %u, and %s, longest %s", n_blocked, n_roots,
		                       circle_words(graph), longest);
	return g_strdup_printf("%u wait for %u, longest %s", n_blocked, n_roots, longest);
}

void summary_append_answer(GString *out, const Snapshot *snapshot, const RenderStyle *style,
                           Ink ink, const char *answer)
{
	g_autofree char *server = server_text(snapshot);
	guint needed = text_width(answer) + GAP_BEFORE_SERVER + text_width(server);
	Line line;

	line_begin(&line, out, style, NULL);
	line_words(&line, ink, answer);
	if (needed <= style->width)
		line_blanks(&line, GAP_BEFORE_SERVER);
	else
		line_break(&line);
	line_words(&line, INK_DIM, server);
	line_end(&line);
}

void summary_append(GString *out, const WaitGraph *graph, const RenderStyle *style)
{
	g_autofree char *answer = summary_answer(graph);

	summary_append_answer(out, wait_graph_snapshot(graph), style,
	                      wait_graph_n_blocked(graph) == 0 ? INK_GOOD : INK_STRONG, answer);
}

void summary_append_command(GString *out, const RenderStyle *style, const char *label,
                            const char *command)
{
	Line line;

	line_begin(&line, out, style, "  ");
	line_words(&line, INK_PLAIN, label);
	line_blanks(&line, COMMAND_INDENT);
	if (*label != '\0')
		line_pad(&line, COMMAND_COLUMN);
	if (text_width(command) > line_room(&line))
		line_break(&line);
	line_raw(&line, INK_STRONG, command);
	line_end(&line);
}
