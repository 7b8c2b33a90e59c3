#include "render/refusal.h"

#include "render/act_words.h"
#include "render/command.h"

static void append_remedy(Line *line, const Snapshot *snapshot, guint session,
                          const RefusalRemedy *remedy)
{
	for (guint i = 0; i < G_N_ELEMENTS(remedy->tails); i++) {
		g_autofree char *command = NULL;

		if (i > 0 && remedy->tails[i] == NULL)
			continue;
		command = command_text(line->style, remedy->command, NULL, snapshot, &session, 1,
		                       remedy->tails[i]);
		line_break(line);
		line_raw(line, INK_STRONG, command);
	}
}

void refusal_append(Line *line, const WaitGraph *graph, guint session, ActRefusal refusal)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	g_autofree char *why = refusal_text(snapshot, session, refusal);
	g_autofree char *grant = refusal_grant(snapshot, session, refusal);
	g_autofree char *hint = refusal_hint(snapshot, session, refusal);
	const RefusalRemedy remedy = refusal_remedy(snapshot, session, refusal);

	line_words(line, INK_BAD, why);
	if (grant != NULL) {
		line_break(line);
		line_raw(line, INK_STRONG, grant);
	}
	if (remedy.command != NULL) {
		append_remedy(line, snapshot, session, &remedy);
	} else if (hint != NULL) {
		line_break(line);
		line_words(line, INK_PLAIN, hint);
	}
}
