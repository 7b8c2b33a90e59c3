#include "render/refusal.h"

#include "render/act_words.h"
#include "render/command.h"

void refusal_append(Line *line, const WaitGraph *graph, guint session, ActRefusal refusal)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	g_autofree char *why = refusal_text(snapshot, session, refusal);
	g_autofree char *grant = refusal_grant(snapshot, session, refusal);
	g_autofree char *hint = refusal_hint(snapshot, session, refusal);
	const char *tail;
	const char *instead = refusal_command(refusal, &tail);

	line_words(line, INK_BAD, why);
	if (grant != NULL) {
		line_break(line);
		line_raw(line, INK_STRONG, grant);
	}
	if (instead != NULL) {
		g_autofree char *command =
		    command_text(line->style, instead, NULL, snapshot, &session, 1, tail);

		line_break(line);
		line_raw(line, INK_STRONG, command);
	} else if (hint != NULL) {
		line_break(line);
		line_words(line, INK_PLAIN, hint);
	}
}
