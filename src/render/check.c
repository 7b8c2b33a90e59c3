#include "base/duration.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "render/grant.h"
#include "render/headline.h"
#include "render/render.h"
#include "render/session_words.h"

static const char *const level_names[] = {
    [ALARM_OK] = "OK",
    [ALARM_WARNING] = "WARNING",
    [ALARM_CRITICAL] = "CRITICAL",
    [ALARM_UNKNOWN] = "UNKNOWN",
};

static const struct {
	const char *label;
	gboolean is_time;
} measures[] = {
    [ALARM_BLOCKED] = {"blocked", FALSE},
    [ALARM_ROOTS] = {"roots", FALSE},
    [ALARM_LONGEST_WAIT] = {"longest_wait", TRUE},
    [ALARM_OLDEST_IDLE] = {"oldest_idle_in_transaction", TRUE},
    [ALARM_OLDEST_PREPARED] = {"prepared_oldest", TRUE},
};

/* Behind the first "|" monitoring systems look for numbers. */
static void append_words(GString *out, const char *text)
{
	g_autofree char *safe = text_safe(text);

	g_string_append(out, g_strdelimit(safe, "|", '/'));
}

static void begin(GString *out, AlarmLevel level)
{
	g_string_append_printf(out, "PGUNLOCK %s - ", level_names[level]);
}

/* "4711 login-service app_rw@10.0.3.7 idle in transaction for 9m03s" */
static void append_session(GString *out, const WaitGraph *graph, guint session)
{
	const RenderStyle endless = {.width = G_MAXINT, .connection_args = ""};
	g_autoptr(GString) text = g_string_new(NULL);
	Line line;

	line_begin(&line, text, &endless, NULL);
	headline_append(&line, graph, session);
	line_end(&line);
	g_string_truncate(text, text->len - 1);
	g_string_replace(text, "  ", " ", 0);
	append_words(out, text->str);
}

static void append_answer(GString *out, const WaitGraph *graph)
{
	g_autofree char *longest = longest_wait_text(graph);
	guint n_blocked = wait_graph_n_blocked(graph);

	if (n_blocked == 0) {
		g_string_append(out, "nobody waits for a lock");
		return;
	}
	g_string_append_printf(out, "%u session%s for %u, the longest for %s%s", n_blocked,
	                       n_blocked == 1 ? " waits" : "s wait", wait_graph_n_roots(graph),
	                       snapshot_has_totals_only(wait_graph_snapshot(graph)) ? "at most " : "",
	                       longest);
	if (wait_graph_n_roots(graph) > 0) {
		g_string_append(out, "; the worst is ");
		append_session(out, graph, wait_graph_root(graph, 0));
	}
}

/* As the worst root. */
static gboolean is_named(const WaitGraph *graph, guint session)
{
	return wait_graph_n_roots(graph) > 0 && wait_graph_root(graph, 0) == session;
}

static gboolean is_raised(const Alarm *alarm, AlarmMeasure measure)
{
	return alarm->level[measure] == ALARM_WARNING || alarm->level[measure] == ALARM_CRITICAL;
}

/* What has raised the level beside the waits, and what couldn't be seen. */
static void append_others(GString *out, const WaitGraph *graph, const Alarm *alarm)
{
	if (is_raised(alarm, ALARM_OLDEST_IDLE) && !is_named(graph, alarm->idle_session)) {
		g_string_append(out, "; an old transaction: ");
		append_session(out, graph, alarm->idle_session);
	}
	if (is_raised(alarm, ALARM_OLDEST_PREPARED) && !is_named(graph, alarm->prepared_session)) {
		g_string_append(out, "; an old prepared transaction: ");
		append_session(out, graph, alarm->prepared_session);
	}
	if (alarm->n_hidden > 0) {
		g_autofree char *grant = grant_sql(wait_graph_snapshot(graph), "pg_read_all_stats");

		g_string_append_printf(
		    out, "; %u session%s hidden, and idle transactions among them can't be seen: ",
		    alarm->n_hidden, alarm->n_hidden == 1 ? " is" : "s are");
		append_words(out, grant);
	}
}

/* Seconds with what decimals there are: the writer of JSON knows how. */
static void append_number(GString *out, gint64 value, gboolean is_time)
{
	if (is_time) {
		g_autoptr(JsonWriter) json = json_writer_new(out, FALSE);

		json_seconds(json, value);
	} else {
		g_string_append_printf(out, "%" G_GINT64_FORMAT, value);
	}
}

static void append_threshold(GString *out, gint64 threshold, gboolean is_time)
{
	g_string_append_c(out, ';');
	if (threshold != ALARM_NO_THRESHOLD)
		append_number(out, threshold, is_time);
}

/* label=value[unit];[warning];[critical];[least] */
static void append_perfdata(GString *out, const Alarm *alarm, const AlarmThresholds *thresholds)
{
	g_string_append(out, " |");
	for (guint i = 0; i < ALARM_N_MEASURES; i++) {
		gboolean is_time = measures[i].is_time;

		g_string_append_printf(out, " %s=", measures[i].label);
		if (!alarm->is_known[i]) {
			g_string_append_c(out, 'U');
			continue;
		}
		append_number(out, alarm->value[i], is_time);
		g_string_append(out, is_time ? "s" : "");
		append_threshold(out, thresholds->warning[i], is_time);
		append_threshold(out, thresholds->critical[i], is_time);
		g_string_append(out, ";0");
	}
}

void render_check(GString *out, const WaitGraph *graph, const Alarm *alarm,
                  const AlarmThresholds *thresholds)
{
	begin(out, alarm->worst);
	append_answer(out, graph);
	append_others(out, graph, alarm);
	append_perfdata(out, alarm, thresholds);
	g_string_append_c(out, '\n');
}

void render_check_error(GString *out, const GError *error)
{
	begin(out, ALARM_UNKNOWN);
	append_words(out, error->message);
	g_string_append_c(out, '\n');
}
