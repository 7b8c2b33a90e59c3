#include "render/incident_words.h"

#include "base/duration.h"
#include "base/text.h"
#include "base/timestamp.h"

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
	return format_time(at, zone, "%Y-%m-%d %H:%M:%S");
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

char *incident_lasted_text(const Incident *incident)
{
	g_autofree char *lasted = duration_to_text(incident_lasted_us(incident));

	if (incident->ended_at == TIMESTAMP_NONE)
		return g_strdup_printf("%s so far", lasted);
	/* Whoever isn't watched may go on. */
	return g_strdup_printf(incident->end == INCIDENT_UNSEEN ? "for %s at least" : "for %s", lasted);
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
