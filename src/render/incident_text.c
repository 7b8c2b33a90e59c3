#include "base/duration.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "render/history.h"
#include "render/incident_words.h"
#include "render/labels.h"
#include "render/line.h"
#include "render/recorded.h"
#include "render/session_words.h"
#include "render/timeline.h"

enum {
	MAX_WAITERS = 20,   /* shown one by one */
	MAX_IN_A_ROW = 3,   /* of the same kind in the timeline, one after the other */
	TIME_COLUMN = 2,    /* of the timeline */
	OFFSET_COLUMNS = 9, /* "+9m03s" */
	STATEMENT_LINES = 3,
};

typedef struct {
	GString *out;
	const RenderStyle *style;
	const HistoryView *view;
	const IncidentRecord *record;
	const Incident *incident;
	Labels labels;
} Screen;

static void append_heading(const Screen *screen, const char *text)
{
	Line line;

	g_string_append_c(screen->out, '\n');
	line_begin(&line, screen->out, screen->style, NULL);
	line_words(&line, INK_STRONG, text);
	line_end(&line);
}

static void append_answer(const Screen *screen)
{
	const Incident *incident = screen->incident;
	gboolean is_left = incident_is_left(incident, screen->view->now);
	gboolean is_over = incident->ended_at != TIMESTAMP_NONE || is_left;
	g_autofree char *waiters = count_text(screen->record->n_waiters, "session", "sessions");
	g_autofree char *root = recorded_name_text(incident->root);
	g_autofree char *longest = duration_to_text(incident->longest_wait_us);
	g_autofree char *server = text_safe(incident->server != NULL ? incident->server : "?");
	const char *verb = is_over ? "waited" : screen->record->n_waiters == 1 ? "waits" : "wait";
	Line line;

	line_begin(&line, screen->out, screen->style, NULL);
	line_wordsf(&line, INK_STRONG, "Incident %" G_GINT64_FORMAT " on %s: ", incident->id, server);
	line_blanks(&line, 1);
	if (incident->is_deadlock)
		line_wordsf(&line, INK_STRONG, "a deadlock of %s, the longest %s %s.", waiters,
		            is_over ? "waited" : "waits", longest);
	else
		line_wordsf(&line, INK_STRONG, "%s %s for %s, the longest for %s%s.", waiters, verb, root,
		            longest, is_over ? "" : " so far");
	line_end(&line);
}

static void append_root(const Screen *screen)
{
	const SessionFacts *root = screen->incident->root;
	g_autofree char *name = recorded_name_text(root);
	g_autofree char *application = recorded_application_text(root);
	g_autofree char *client = recorded_client_text(root);
	g_autofree char *state = text_safe(root->state != NULL ? root->state : "");
	const struct {
		Ink ink;
		const char *text;
	} pieces[] = {{INK_PLAIN, application}, {INK_PLAIN, client}, {INK_WARNING, state}};
	Line line;

	g_string_append_c(screen->out, '\n');
	line_begin(&line, screen->out, screen->style, "      ");
	line_blanks(&line, 2);
	line_words(&line, INK_STRONG, name);
	for (guint i = 0; i < G_N_ELEMENTS(pieces); i++) {
		if (*pieces[i].text == '\0')
			continue;
		line_blanks(&line, 2);
		line_piece(&line, pieces[i].ink, pieces[i].text);
	}
	line_end(&line);
}

static void append_target(const Screen *screen)
{
	const Incident *incident = screen->incident;
	g_autofree char *target = recorded_target_text(incident->target);
	g_autofree char *text =
	    incident->mode != LOCK_MODE_NONE
	        ? g_strdup_printf("%s on %s", lock_mode_name(incident->mode), target)
	        : g_strdup(target);

	labels_text(&screen->labels, incident->is_deadlock ? "wanted" : "held", text);
}

static void append_times(const Screen *screen)
{
	const Incident *incident = screen->incident;
	g_autofree char *started = moment_text(incident->started_at, screen->view->zone);
	gboolean is_left = incident_is_left(incident, screen->view->now);
	g_autofree char *lasted =
	    is_left ? incident_left_text(incident, screen->view->zone) : incident_lasted_text(incident);
	g_autofree char *ended = moment_text_beside(incident_over_at(screen->record),
	                                            incident->started_at, screen->view->zone);
	g_autofree char *over = incident_over_text(screen->record);
	g_autofree char *when = g_strdup_printf("%s, %s", started, lasted);
	g_autofree char *end = g_strdup_printf("%s: %s", ended, over);

	labels_text(&screen->labels, "began", when);
	if (incident->ended_at != TIMESTAMP_NONE)
		labels_text(&screen->labels, "ended", end);
	else
		labels_text(&screen->labels, "ended",
		            is_left ? "not known: nobody has looked since" : "not yet");
}

static void append_waits(const Screen *screen)
{
	const Incident *incident = screen->incident;
	g_autofree char *waited = duration_to_text(incident->waited_us);
	g_autofree char *peak_at =
	    moment_text_beside(incident->peak_at, incident->started_at, screen->view->zone);
	g_autoptr(GString) text = g_string_new(waited);

	g_string_append(text, " all together");
	if (incident->peak_blocked > 1)
		g_string_append_printf(text, "; %u at once at the most, at %s", incident->peak_blocked,
		                       peak_at);
	labels_text(&screen->labels, "waited", text->str);
}

static void append_neighbours(const Screen *screen)
{
	const struct {
		const char *label;
		gint64 id;
		const char *words;
	} neighbours[] = {
	    {"before", screen->incident->follows, "those who wait here waited there until then"},
	    {"next", screen->record->next, "those who waited here went on waiting there"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(neighbours); i++) {
		g_autofree char *text = g_strdup_printf("incident %" G_GINT64_FORMAT ": %s",
		                                        neighbours[i].id, neighbours[i].words);

		if (neighbours[i].id != 0)
			labels_text(&screen->labels, neighbours[i].label, text);
	}
}

/* "-9m50s", "+0ms": from the first wait. */
static char *offset_text(const Screen *screen, gint64 at)
{
	gint64 offset_us = at - screen->incident->started_at;
	g_autofree char *text = duration_to_text(ABS(offset_us));

	return g_strconcat(offset_us < 0 ? "-" : "+", text, NULL);
}

static void append_moment(const Screen *screen, const Moment *moment)
{
	g_autofree char *time =
	    moment_text_beside(moment->at, screen->incident->started_at, screen->view->zone);
	g_autofree char *offset = offset_text(screen, moment->at);
	guint column = TIME_COLUMN + text_width(time) + 2;
	guint text_column = column + OFFSET_COLUMNS;
	g_autofree char *prefix = g_strnfill(MIN(text_column, screen->style->width / 2), ' ');
	Line line;

	line_begin(&line, screen->out, screen->style, prefix);
	line_blanks(&line, TIME_COLUMN);
	line_words(&line, INK_DIM, time);
	line_blanks(&line, 2);
	line_words(&line, INK_DIM, offset);
	line_blanks(&line, 2);
	line_pad(&line, text_column);
	if (moment->kind == MOMENT_STATEMENT)
		line_paragraph(&line, INK_PLAIN, moment->text, STATEMENT_LINES);
	else
		line_words(&line,
		           moment->kind == MOMENT_ACT || moment->kind == MOMENT_RESULT ? INK_STRONG
		                                                                       : INK_PLAIN,
		           moment->text);
	line_end(&line);
}

/* How many from here on are alike. */
static guint run_length(const GPtrArray *moments, guint first)
{
	guint n = 0;
	MomentKind kind = ((const Moment *) g_ptr_array_index(moments, first))->kind;

	while (first + n < moments->len &&
	       ((const Moment *) g_ptr_array_index(moments, first + n))->kind == kind)
		n++;
	return n;
}

/* Of many who come one after the other only the first ones and the last one. */
static void append_fold(const Screen *screen, guint n)
{
	g_autofree char *prefix = g_strnfill(TIME_COLUMN, ' ');
	Line line;

	line_begin(&line, screen->out, screen->style, prefix);
	line_blanks(&line, TIME_COLUMN);
	line_wordsf(&line, INK_DIM, "%s and %u more", screen->style->unicode ? "…" : "...", n);
	line_end(&line);
}

static void append_timeline(const Screen *screen)
{
	g_autoptr(GPtrArray) moments = timeline_new(screen->record);

	append_heading(screen, "Course");
	for (guint i = 0; i < moments->len;) {
		const Moment *moment = g_ptr_array_index(moments, i);
		guint n = run_length(moments, i);
		gboolean is_folded = moment->kind == MOMENT_WAITER && n > MAX_IN_A_ROW + 2;
		guint n_first = is_folded ? MAX_IN_A_ROW : n;

		for (guint j = 0; j < n_first; j++)
			append_moment(screen, g_ptr_array_index(moments, i + j));
		if (is_folded) {
			append_fold(screen, n - n_first - 1);
			append_moment(screen, g_ptr_array_index(moments, i + n - 1));
		}
		i += n;
	}
}

static void append_waiter(const Screen *screen, const IncidentWaiter *waiter)
{
	g_autofree char *name = recorded_name_text(waiter->session);
	g_autofree char *application = recorded_application_text(waiter->session);
	g_autofree char *client = recorded_client_text(waiter->session);
	g_autofree char *target = recorded_target_text(waiter->target);
	g_autofree char *waited = duration_to_text(waiter->waited_us);
	g_autofree char *how_long = waiter->n_waits > 1
	                                ? g_strdup_printf("%s in %u waits", waited, waiter->n_waits)
	                                : g_strdup(waited);
	g_autofree char *what = g_strdup_printf("%s on %s", lock_mode_name(waiter->mode), target);
	const char *const pieces[] = {how_long, application, client, what,
	                              waiter->since != TIMESTAMP_NONE ? "still waits" : ""};
	Line line;

	line_begin(&line, screen->out, screen->style, "      ");
	line_blanks(&line, 2);
	line_words(&line, INK_STRONG, name);
	for (guint i = 0; i < G_N_ELEMENTS(pieces); i++) {
		if (*pieces[i] == '\0')
			continue;
		line_blanks(&line, 2);
		line_piece(&line, i == 0 ? INK_WARNING : INK_PLAIN, pieces[i]);
	}
	line_end(&line);
}

static gint by_wait(gconstpointer a, gconstpointer b)
{
	const IncidentWaiter *x = *(const IncidentWaiter *const *) a;
	const IncidentWaiter *y = *(const IncidentWaiter *const *) b;

	return x->waited_us != y->waited_us ? (x->waited_us > y->waited_us ? -1 : 1)
	                                    : x->session->pid - y->session->pid;
}

static void append_waiters(const Screen *screen)
{
	const GPtrArray *waiters = screen->incident->waiters;
	g_autoptr(GPtrArray) sorted = g_ptr_array_sized_new(waiters->len);

	for (guint i = 0; i < waiters->len; i++)
		g_ptr_array_add(sorted, g_ptr_array_index(waiters, i));
	g_ptr_array_sort(sorted, by_wait);
	if (sorted->len == 0)
		return;
	append_heading(screen, "Who waited, the longest first");
	for (guint i = 0; i < MIN(sorted->len, MAX_WAITERS); i++)
		append_waiter(screen, g_ptr_array_index(sorted, i));
	if (screen->record->n_waiters > MAX_WAITERS)
		g_string_append_printf(screen->out, "  and %u more; --format json has them\n",
		                       screen->record->n_waiters - MAX_WAITERS);
}

void render_incident_text(GString *out, const IncidentRecord *record, const HistoryView *view,
                          const RenderStyle *style)
{
	const RenderStyle readable = line_readable_style(style);
	const Screen screen = {
	    .out = out,
	    .style = &readable,
	    .view = view,
	    .record = record,
	    .incident = record->incident,
	    .labels = labels_new(out, &readable),
	};

	append_answer(&screen);
	append_root(&screen);
	append_target(&screen);
	append_times(&screen);
	append_waits(&screen);
	append_neighbours(&screen);
	append_timeline(&screen);
	append_waiters(&screen);
}
