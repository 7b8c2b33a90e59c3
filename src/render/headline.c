#include "render/headline.h"

#include "render/session_words.h"

static void next_piece(Line *line, Ink ink, const char *text)
{
	if (*text == '\0')
		return;
	line_blanks(line, 2);
	line_piece(line, ink, text);
}

void headline_append(Line *line, const WaitGraph *graph, guint session)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	const Session *facts = snapshot_session(snapshot, session);
	g_autofree char *name = session_name_text(facts);
	g_autofree char *application = session_application_text(facts);
	g_autofree char *client = session_client_text(snapshot, facts);
	g_autofree char *state = session_state_words(graph, session);
	g_autofree char *open = session_transaction_words(snapshot, facts);

	line_words(line, INK_STRONG, name);
	if (facts->kind != SESSION_KIND_PREPARED) {
		next_piece(line, INK_PLAIN, application);
		next_piece(line, INK_PLAIN, client);
	}
	next_piece(line, INK_WARNING, state);
	if (*open != '\0' && *state != '\0') {
		line_words(line, INK_PLAIN, ",");
		line_blanks(line, 1);
		line_piece(line, INK_PLAIN, open);
	}
}
