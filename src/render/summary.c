#include "render/summary.h"

#include "base/duration.h"
#include "base/text.h"
#include "render/act_words.h"
#include "render/line.h"
#include "render/render.h"
#include "render/session_words.h"
#include "render/sql_ident.h"

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

static char *sentence(const WaitGraph *graph)
{
	guint n_blocked = wait_graph_n_blocked(graph);
	guint n_roots = wait_graph_n_roots(graph);
	g_autofree char *longest = duration_to_text(wait_graph_longest_wait(graph));
	const char *waits = n_blocked == 1 ? "waits" : "wait";
	g_autofree char *blocked = count_text(n_blocked, "session", "sessions");

	if (n_blocked == 0)
		return g_strdup("Nobody waits for a lock.");
	if (n_roots == 0)
		return g_strdup_printf("%s %s because of a deadlock. The longest has waited %s.", blocked,
		                       waits, longest);
	if (n_blocked == 1)
		return g_strdup_printf("1 session waits for %u, for %s now.", n_roots, longest);
	return g_strdup_printf("%s wait for %u. The longest has waited %s.", blocked, n_roots, longest);
}

void summary_append(GString *out, const WaitGraph *graph, const RenderStyle *style)
{
	g_autofree char *answer = sentence(graph);
	g_autofree char *server = server_text(wait_graph_snapshot(graph));
	guint needed = text_width(answer) + GAP_BEFORE_SERVER + text_width(server);
	Line line;

	line_begin(&line, out, style, NULL);
	line_words(&line, wait_graph_n_blocked(graph) == 0 ? INK_GOOD : INK_STRONG, answer);
	if (needed <= style->width)
		line_blanks(&line, GAP_BEFORE_SERVER);
	else
		line_break(&line);
	line_words(&line, INK_DIM, server);
	line_end(&line);
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

void summary_append_hidden(GString *out, const WaitGraph *graph, const RenderStyle *style)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	guint n;
	const guint *participants = wait_graph_participants(graph, &n);
	guint n_hidden = 0;
	guint example = 0;
	Line line;

	for (guint i = 0; i < n; i++) {
		if (!snapshot_session(snapshot, participants[i])->hidden)
			continue;
		n_hidden++;
		example = participants[i];
	}
	if (n_hidden == 0)
		return;
	g_autofree char *sessions = count_text(n_hidden, "session", "sessions");
	g_autofree char *role = sql_ident(snapshot_server(snapshot)->user);
	g_autofree char *grant = refusal_grant(snapshot, example, REFUSAL_IDENTITY_HIDDEN);
	g_string_append_c(out, '\n');
	line_begin(&line, out, style, NULL);
	line_wordsf(&line, INK_WARNING,
	            "The state and the statement of %s are hidden from role %s. To see them:", sessions,
	            role);
	line_break(&line);
	line_blanks(&line, COMMAND_INDENT);
	line_raw(&line, INK_STRONG, grant);
	line_end(&line);
}

void render_warnings_text(GString *out, const Snapshot *snapshot, const RenderStyle *style)
{
	for (guint i = 0; i < snapshot_n_warnings(snapshot); i++) {
		g_autofree char *text = text_safe(snapshot_warning(snapshot, i));
		Line line;

		line_begin(&line, out, style, "  ");
		line_words(&line, INK_WARNING, "warning:");
		line_blanks(&line, 1);
		line_words(&line, INK_PLAIN, text);
		line_end(&line);
	}
}
