#include "render/incident_words.h"

#include "base/duration.h"
#include "base/text.h"
#include "base/timestamp.h"

/* Looks of a guard that follows an incident are hardly ever so far apart, and neither are the
 * clocks of the server and of whoever reads this. */
#define LEFT_US (2 * DURATION_MINUTE)

static GDateTime *local_time(gint64 at, GTimeZone *zone)
{
	g_autoptr(GDateTime) utc =
	    at != TIMESTAMP_NONE ? g_date_time_new_from_unix_utc(at / DURATION_SECOND) : NULL;

	return utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;
}

static char *format_time(gint64 at, GTimeZone *zone, const char *format)
{
	g_autoptr(GDateTime) local = local_time(at, zone);

	return local != NULL ? g_date_time_format(local, format) : g_strdup("");
}

char *moment_text(gint64 at, GTimeZone *zone)
{
	return format_time(at, zone, "%Y-%m-%d %H:%M:%S%:z");
}

char *moment_text_beside(gint64 at, gint64 other, GTimeZone *zone)
{
	g_autofree char *day = format_time(at, zone, "%Y-%m-%d");
	g_autofree char *other_day = format_time(other, zone, "%Y-%m-%d");

	if (g_strcmp0(day, other_day) != 0)
		return moment_text(at, zone);
	return format_time(at, zone, "%H:%M:%S");
}

gint64 incident_lasted_us(const Incident *incident)
{
	gint64 end = incident->ended_at != TIMESTAMP_NONE ? incident->ended_at : incident->last_seen;

	return timestamp_age(end, incident->started_at);
}

gboolean incident_is_left(const Incident *incident, gint64 now)
{
	return incident->ended_at == TIMESTAMP_NONE && now != TIMESTAMP_NONE &&
	       timestamp_age(now, incident->last_seen) > LEFT_US;
}

char *incident_lasted_text(const Incident *incident)
{
	g_autofree char *lasted = duration_to_text(incident_lasted_us(incident));

	if (incident->ended_at == TIMESTAMP_NONE)
		return g_strdup_printf("%s so far", lasted);
	/* Whoever isn't watched may go on. */
	return g_strdup_printf(incident->end == INCIDENT_UNSEEN ? "for %s at least" : "for %s", lasted);
}

char *incident_left_text(const Incident *incident, GTimeZone *zone)
{
	g_autofree char *lasted = duration_to_text(incident_lasted_us(incident));
	g_autofree char *seen = moment_text_beside(incident->last_seen, incident->started_at, zone);

	return g_strdup_printf("for %s until last seen %s", lasted, seen);
}

const char *incident_end_words(IncidentEnd end)
{
	static const char *const words[] = {
	    [INCIDENT_LASTS] = "",
	    [INCIDENT_RELEASED] = "nobody waited for it any more",
	    [INCIDENT_MERGED] = "it came to wait itself, so that all of them waited for somebody else",
	    [INCIDENT_RESTARTED] = "the server was restarted",
	    [INCIDENT_UNSEEN] = "it was over when the server was looked at again after a while",
	};

	return words[end];
}

/* What the history calls the results of acts that weren't carried out. */
static const struct {
	const char *result;
	const char *words;
} undone[] = {
    {"refused", "was refused"},
    {"limited", "was held back"},
    {"breaker_open", "was held back"},
    {"unknown", "was held back, its rule can't be judged"},
};

/* NULL: it was carried out, or would have been. */
static const char *undone_words(const ActRecord *act)
{
	for (guint i = 0; i < G_N_ELEMENTS(undone); i++)
		if (g_strcmp0(act->result, undone[i].result) == 0)
			return undone[i].words;
	return NULL;
}

gboolean act_record_is_undone(const ActRecord *act)
{
	return undone_words(act) != NULL;
}

static gboolean has_freed(const ActRecord *act)
{
	return !act->dry_run && (act->n_freed > 0 || g_strcmp0(act->result, "freed") == 0 ||
	                         g_strcmp0(act->result, "gone") == 0);
}

gint64 incident_over_at(const IncidentRecord *record)
{
	gint64 over_at = record->incident->ended_at;

	if (over_at == TIMESTAMP_NONE)
		return over_at;
	for (guint i = 0; i < record->acts->len; i++) {
		const ActRecord *act = g_ptr_array_index(record->acts, i);

		if (!act->dry_run && !act_record_is_undone(act))
			over_at = MAX(over_at, has_freed(act) ? act->settled_at : act->at);
	}
	return over_at;
}

char *incident_over_text(const IncidentRecord *record)
{
	const char *words = incident_end_words(record->incident->end);
	const ActRecord *last = NULL;

	for (guint i = 0; i < record->acts->len; i++)
		if (has_freed(g_ptr_array_index(record->acts, i)))
			last = g_ptr_array_index(record->acts, i);
	if (record->incident->end != INCIDENT_RELEASED)
		return g_strdup(words);
	if (last == NULL)
		return g_strdup_printf("%s; no rule of this guard ended it", words);
	g_autofree char *by = text_safe(last->by != NULL ? last->by : "?");

	return g_strdup_printf("ended by rule %s: %s", by, words);
}

char *act_begun_text(const ActRecord *act)
{
	GString *text = g_string_new(act->dry_run ? "dry run, would have been: " : "");

	text_append_safe(text, act->act != NULL ? act->act : "?");
	g_string_append(text, " by ");
	text_append_safe(text, act->by != NULL ? act->by : "?");
	return g_string_free(text, FALSE);
}

char *act_record_text(const ActRecord *act)
{
	g_autofree char *begun = act_begun_text(act);
	GString *text = g_string_new(begun);
	const char *why_not = undone_words(act);

	if (why_not != NULL) {
		/* Of a dry run nothing else is kept as undone. */
		g_string_append(text, act->dry_run ? ", but that would be " : " ");
		g_string_append(text, act->dry_run ? "refused" : why_not);
		if (act->message != NULL) {
			g_string_append(text, ": ");
			text_append_safe(text, act->message);
		}
		return g_string_free(text, FALSE);
	}
	if (act->result != NULL) {
		g_string_append(text, ": ");
		text_append_safe(text, act->result);
	} else if (!act->dry_run) {
		g_string_append(text, ": what came of it isn't known");
	}
	if (act->message != NULL) {
		g_string_append(text, " (");
		text_append_safe(text, act->message);
		g_string_append_c(text, ')');
	}
	return g_string_free(text, FALSE);
}
