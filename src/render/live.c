#include "render/live.h"

#include "base/duration.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "render/culprits.h"
#include "render/item_words.h"
#include "render/session_words.h"
#include "render/summary.h"

#include <string.h>

char *live_fold_text(const TreeRow *row)
{
	g_autofree char *shortest = waited_text(row->unit.shortest_us);
	g_autofree char *longest = waited_text(row->unit.longest_us);

	if (strcmp(shortest, longest) == 0)
		return g_strdup_printf("%u more like these, waiting %s", row->unit.n, longest);
	return g_strdup_printf("%u more like these, waiting %s to %s", row->unit.n, shortest, longest);
}

/* Levels that are drawn; deeper ones are numbered. */
#define MOST_LEVELS 8

char *live_tree_lead(const char *above, const TreeRow *row, gboolean is_closed, gboolean unicode)
{
	GString *lead = g_string_new(NULL);

	if (row->depth > MOST_LEVELS) {
		g_string_append_printf(lead, "%*s[%u] ", 2 * (MOST_LEVELS - 1), "", row->depth);
	} else if (row->depth > 0) {
		for (guint i = 0; i + 1 < row->depth; i++)
			g_string_append(lead, above[i] != '|' ? "  " : unicode ? "│ " : "| ");
		if (unicode)
			g_string_append(lead, row->is_last ? "└ " : "├ ");
		else
			g_string_append(lead, row->is_last ? "` " : "|-");
	}
	if (is_closed)
		g_string_append(lead, "+ ");
	return g_string_free(lead, FALSE);
}

char *live_answer(const WaitGraph *graph, guint width)
{
	g_autofree char *whole = summary_answer(graph);

	if (text_width(whole) <= width || wait_graph_n_blocked(graph) == 0)
		return g_steal_pointer(&whole);
	return summary_brief(graph);
}

char *live_place(const Snapshot *snapshot)
{
	const ServerInfo *server = snapshot_server(snapshot);
	g_autoptr(GString) text = g_string_new(NULL);

	text_append_safe(text, server->host ? server->host : "");
	g_string_append_printf(text, ":%d ", server->port);
	text_append_safe(text, server->database ? server->database : "");
	return g_string_free(g_steal_pointer(&text), FALSE);
}

char *live_server(const Snapshot *snapshot)
{
	const ServerInfo *server = snapshot_server(snapshot);
	g_autofree char *place = live_place(snapshot);
	g_autoptr(GString) text = g_string_new(place);
	/* What the packager has appended is for bug reports. */
	g_autofree char *version =
	    server->version ? g_strndup(server->version, strcspn(server->version, " (")) : g_strdup("");

	g_string_append(text, ", PostgreSQL ");
	text_append_safe(text, version);
	if (server->in_recovery)
		g_string_append(text, ", standby");
	return g_string_free(g_steal_pointer(&text), FALSE);
}

char *live_sparkline(const guint *blocked, guint n, gboolean unicode, guint *most)
{
	static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const letters[] = {" ", ".", ".", ":", "-", "=", "+", "*", "#"};
	const guint n_steps = G_N_ELEMENTS(blocks) - 1;
	GString *line = g_string_new(NULL);

	*most = 0;
	for (guint i = 0; i < n; i++)
		*most = MAX(*most, blocked[i]);
	for (guint i = 0; i < n; i++) {
		/* Whoever waits is seen, however many more there were. */
		guint step =
		    blocked[i] == 0
		        ? 0
		        : 1 + (guint) ((guint64) (blocked[i] - 1) * (n_steps - 1) / MAX(*most - 1, 1));

		g_string_append(line, unicode ? blocks[step] : letters[step]);
	}
	return g_string_free(line, FALSE);
}

/* Below 10 s tenths would be told, which flicker. */
static char *whole_seconds(gint64 age_us)
{
	gint64 seconds = age_us / DURATION_SECOND;

	return seconds < 10 ? g_strdup_printf("%ds", (int) seconds)
	                    : duration_to_text(seconds * DURATION_SECOND);
}

char *live_seen(gint64 age_us, gboolean is_same)
{
	g_autofree char *age = whole_seconds(age_us);

	return g_strdup_printf("locks seen %s ago%s", age, is_same ? ", the same still wait" : "");
}

char *live_age(gint64 age_us)
{
	g_autofree char *age = whole_seconds(age_us);

	return age_us < DURATION_SECOND ? g_strdup("last answer just now")
	                                : g_strdup_printf("last answer %s ago", age);
}

char *live_paused(gint64 age_us)
{
	g_autofree char *age = whole_seconds(age_us);

	return age_us < DURATION_SECOND ? g_strdup("PAUSED  seen just now")
	                                : g_strdup_printf("PAUSED  seen %s ago", age);
}

char *live_next_try(gint64 wait_us)
{
	if (wait_us <= 0)
		return g_strdup("Trying again ...");
	g_autofree char *wait = whole_seconds(MAX(wait_us, DURATION_SECOND));

	return g_strdup_printf("Next try in %s.", wait);
}

char *live_item_result(const Plan *plan, const Outcome *outcome, guint item, Ink *ink)
{
	const ItemOutcome *result = outcome_item(outcome, item);
	char *text = item_result_text(plan, item, result);

	*ink = item_result_ink(result->result);
	return text != NULL ? text : g_strdup("");
}

void live_append_detail(GString *out, const WaitGraph *graph, const EdgeIndex *edges,
                        const Plan *advice, guint session, guint statement_lines,
                        const RenderStyle *style)
{
	const RenderStyle readable = line_readable_style(style);
	const Culprits culprits = {
	    .out = out,
	    .style = &readable,
	    .graph = graph,
	    .snapshot = wait_graph_snapshot(graph),
	    .edges = edges,
	    .plan = advice,
	    .labels = labels_new(out, &readable),
	    .statement_lines = statement_lines,
	};

	culprits_append(&culprits, session, TRUE);
}

void live_append_incident(GString *out, const LiveIncident *incident, gint64 now,
                          guint statement_lines, const RenderStyle *style)
{
	const RenderStyle readable = line_readable_style(style);
	const Labels labels = labels_new(out, &readable);
	gboolean lasts = incident->ended_at == TIMESTAMP_NONE;
	g_autofree char *lasted = live_lasted(incident, now);
	g_autofree char *started = live_clock(incident->started_at);
	g_autofree char *ended = lasts ? NULL : live_clock(incident->ended_at);
	g_autofree char *longest = waited_text(incident->longest_wait_us);
	g_autofree char *waiting =
	    g_strdup_printf("%u at most, %u in the end; the longest for %s", incident->peak_blocked,
	                    incident->n_blocked, longest);
	g_autofree char *who = g_strdup_printf("%s  %s", incident->session, incident->client);
	g_autofree char *when = lasts
	                            ? g_strdup_printf("%s so far, since %s UTC", lasted, started)
	                            : g_strdup_printf("%s, from %s to %s UTC", lasted, started, ended);

	labels_text(&labels, "root", who);
	labels_text(&labels, lasts ? "lasts" : "lasted", when);
	labels_text(&labels, "waited", waiting);
	labels_text(&labels, "holds", incident->lock);
	labels_statement(&labels, "last ran", &incident->statement, statement_lines);
}
