#include "base/duration.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "render/command.h"
#include "render/history.h"
#include "render/incident_words.h"
#include "render/line.h"
#include "render/recorded.h"
#include "render/session_words.h"
#include "render/summary.h"

enum { ID_COLUMNS = 6 };

static void next_piece(Line *line, Ink ink, const char *text)
{
	if (*text == '\0')
		return;
	line_blanks(line, 2);
	line_piece(line, ink, text);
}

static void next_piecef(Line *line, Ink ink, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void next_piecef(Line *line, Ink ink, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	next_piece(line, ink, text);
}

/* " since 2026-11-27 03:00:00 until ..." */
static char *period_text(const HistoryView *view)
{
	GString *text = g_string_new(NULL);
	g_autofree char *since = moment_text(view->since, view->zone);
	g_autofree char *until = moment_text(view->until, view->zone);

	if (*since != '\0')
		g_string_append_printf(text, " since %s", since);
	if (*until != '\0')
		g_string_append_printf(text, " until %s", until);
	return g_string_free(text, FALSE);
}

typedef struct {
	guint n_open;
	guint n_left;     /* of those that nobody has looked at for a while */
	gint64 last_seen; /* the latest of these */
	gint64 waited_us;
	gint64 longest_us;
	gint64 worst; /* id of the one with that wait */
} Sums;

static Sums sum_up(const GPtrArray *records, gint64 now)
{
	Sums sums = {.last_seen = TIMESTAMP_NONE};

	for (guint i = 0; i < records->len; i++) {
		const Incident *incident =
		    ((const IncidentRecord *) g_ptr_array_index(records, i))->incident;

		if (incident_is_left(incident, now)) {
			sums.n_left++;
			sums.last_seen = MAX(sums.last_seen, incident->last_seen);
		} else {
			sums.n_open += incident->ended_at == TIMESTAMP_NONE ? 1 : 0;
		}
		sums.waited_us += incident->waited_us;
		if (incident->longest_wait_us >= sums.longest_us) {
			sums.longest_us = incident->longest_wait_us;
			sums.worst = incident->id;
		}
	}
	return sums;
}

static char *answer(const GPtrArray *records, const HistoryView *view)
{
	const Sums sums = sum_up(records, view->now);
	g_autofree char *incidents = count_text(records->len, "incident", "incidents");
	g_autofree char *period = period_text(view);
	g_autofree char *longest = duration_to_text(sums.longest_us);
	g_autofree char *waited = duration_to_text(sums.waited_us);
	GString *text = g_string_new(NULL);

	if (records->len == 0) {
		g_string_append_printf(text, "No incident%s.", period);
		return g_string_free(text, FALSE);
	}
	g_string_append_printf(text, "%s%s%s", view->has_more ? "The latest " : "", incidents, period);
	if (sums.n_open > 0)
		g_string_append_printf(text, ", %u of them not over", sums.n_open);
	if (sums.n_left > 0) {
		g_autofree char *seen = moment_text_beside(sums.last_seen, view->now, view->zone);

		g_string_append_printf(text,
		                       ", %u of them not over when last seen%s %s; nobody has looked since",
		                       sums.n_left, sums.n_left == 1 ? "" : ", at the latest", seen);
	}
	g_string_append_printf(text,
	                       ". The longest wait lasted %s (incident %" G_GINT64_FORMAT
	                       "), all waits together %s.",
	                       longest, sums.worst, waited);
	return g_string_free(text, FALSE);
}

static void append_when(Line *line, const IncidentRecord *record, const HistoryView *view)
{
	const Incident *incident = record->incident;
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, incident->id);
	g_autofree char *started = moment_text(incident->started_at, view->zone);
	g_autofree char *lasted = incident_is_left(incident, view->now)
	                              ? incident_left_text(incident, view->zone)
	                              : incident_lasted_text(incident);
	g_autofree char *longest = duration_to_text(incident->longest_wait_us);
	g_autofree char *server = text_safe(incident->server != NULL ? incident->server : "?");

	line_words(line, INK_STRONG, id);
	line_blanks(line, 1);
	line_pad(line, ID_COLUMNS - 1);
	line_blanks(line, 1);
	line_piece(line, INK_PLAIN, started);
	next_piece(line, incident->ended_at == TIMESTAMP_NONE ? INK_WARNING : INK_PLAIN, lasted);
	next_piecef(line, INK_PLAIN, "%u blocked, the longest for %s", incident->peak_blocked, longest);
	next_piecef(line, INK_DIM, "on %s", server);
}

static void append_who(Line *line, const Incident *incident)
{
	const SessionFacts *root = incident->root;
	g_autofree char *name = recorded_name_text(root);
	g_autofree char *application = recorded_application_text(root);
	g_autofree char *client = recorded_client_text(root);
	g_autofree char *target = recorded_target_text(incident->target);

	line_break(line);
	if (incident->is_deadlock) {
		line_words(line, INK_WARNING, "deadlock");
		line_blanks(line, 2);
	}
	line_piece(line, INK_PLAIN, name);
	next_piece(line, INK_PLAIN, application);
	next_piece(line, INK_PLAIN, client);
	next_piecef(line, INK_PLAIN, "%s %s", incident->is_deadlock ? "wanted" : "held", target);
}

static void append_acts(Line *line, const IncidentRecord *record)
{
	guint n = record->acts->len;

	if (n == 0)
		return;
	g_autofree char *last = act_record_text(g_ptr_array_index(record->acts, n - 1));
	g_autofree char *before = count_text(n - 1, "act", "acts");
	line_break(line);
	line_words(line, INK_PLAIN, last);
	if (n > 1)
		next_piecef(line, INK_DIM, "after %s before", before);
}

static void append_lone_act(GString *out, const ActRecord *act, const HistoryView *view,
                            const RenderStyle *style)
{
	g_autofree char *prefix = g_strnfill(ID_COLUMNS, ' ');
	g_autofree char *at = moment_text(act->at, view->zone);
	g_autofree char *session = recorded_id_text(act->session);
	g_autofree char *log_id = text_safe(act->session_id != NULL ? act->session_id : "");
	g_autofree char *text = act_record_text(act);
	g_autofree char *server = text_safe(act->server != NULL ? act->server : "?");
	Line line;

	line_begin(&line, out, style, prefix);
	line_blanks(&line, ID_COLUMNS);
	line_piece(&line, INK_PLAIN, at);
	next_piece(&line, INK_STRONG, session);
	next_piece(&line, INK_DIM, log_id);
	next_piecef(&line, INK_DIM, "on %s", server);
	line_break(&line);
	line_words(&line, INK_PLAIN, text);
	line_end(&line);
}

/* On sessions that nobody waited for. */
static void append_lone_acts(GString *out, const HistoryView *view, const RenderStyle *style)
{
	Line line;

	if (view->acts == NULL || view->acts->len == 0)
		return;
	g_string_append_c(out, '\n');
	line_begin(&line, out, style, NULL);
	line_words(&line, INK_STRONG, "Acts on sessions that nobody waited for, the latest first");
	line_end(&line);
	for (guint i = 0; i < view->acts->len; i++)
		append_lone_act(out, g_ptr_array_index(view->acts, i), view, style);
}

void render_history_text(GString *out, const GPtrArray *records, const HistoryView *view,
                         const RenderStyle *style)
{
	g_autofree char *sentence = answer(records, view);
	g_autofree char *prefix = g_strnfill(ID_COLUMNS, ' ');
	Line line;

	line_begin(&line, out, style, NULL);
	line_words(&line, records->len > 0 ? INK_STRONG : INK_GOOD, sentence);
	line_end(&line);
	if (records->len > 0)
		g_string_append_c(out, '\n');
	for (guint i = 0; i < records->len; i++) {
		const IncidentRecord *record = g_ptr_array_index(records, i);

		line_begin(&line, out, style, prefix);
		append_when(&line, record, view);
		append_who(&line, record->incident);
		append_acts(&line, record);
		line_end(&line);
	}
	append_lone_acts(out, view, style);
	if (!view->has_more)
		return;
	g_string_append_c(out, '\n');
	line_begin(&line, out, style, NULL);
	line_words(&line, INK_PLAIN, "There are more: --limit N, --since WHEN, --until WHEN.");
	line_end(&line);
}
