#include "base/moment.h"

#include "base/duration.h"
#include "base/error.h"

#include <string.h>

#define US_PER_DAY (24 * DURATION_HOUR)

/* Reads exactly n digits; NULL when there are fewer. */
static const char *read_digits(const char *text, guint n, int *number)
{
	*number = 0;
	for (guint i = 0; i < n; i++, text++) {
		if (!g_ascii_isdigit(*text))
			return NULL;
		*number = *number * 10 + (*text - '0');
	}
	return text;
}

/* "03:12", "03:12:05", "03:12:05.25": microseconds since midnight. NULL when it is none; else what
 * follows it. */
static const char *read_time(const char *text, gint64 *since_midnight)
{
	int hours, minutes, seconds = 0;
	gint64 us = 0;

	text = read_digits(text, 2, &hours);
	if (text == NULL || *text != ':')
		return NULL;
	text = read_digits(text + 1, 2, &minutes);
	if (text != NULL && *text == ':')
		text = read_digits(text + 1, 2, &seconds);
	if (text == NULL || hours > 23 || minutes > 59 || seconds > 59)
		return NULL;
	if (text[0] == '.' && g_ascii_isdigit(text[1])) {
		gint64 unit = DURATION_SECOND;
		/* Digits beyond the microsecond count for nothing. */
		for (text++; g_ascii_isdigit(*text); text++) {
			unit /= 10;
			us += (*text - '0') * unit;
		}
	}
	*since_midnight = ((hours * 60 + minutes) * 60 + seconds) * DURATION_SECOND + us;
	return text;
}

/* "Z", "+01:00", "-0530": the zone, the caller's. NULL when it is none. */
static GTimeZone *read_offset(const char *text)
{
	int hours, minutes;

	if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
		return g_time_zone_new_utc();
	if (*text != '+' && *text != '-')
		return NULL;
	const char *rest = read_digits(text + 1, 2, &hours);
	if (rest != NULL && *rest == ':')
		rest++;
	rest = rest != NULL ? read_digits(rest, 2, &minutes) : NULL;
	if (rest == NULL || *rest != '\0' || hours > 23 || minutes > 59)
		return NULL;
	int seconds = (hours * 60 + minutes) * 60;
	return g_time_zone_new_offset(*text == '-' ? -seconds : seconds);
}

/* FALSE when the zone's clock never shows that. */
static gboolean moment_of(GTimeZone *zone, int year, int month, int day, gint64 since_midnight,
                          gint64 *moment)
{
	gint64 second = since_midnight / DURATION_SECOND;
	int hour = (int) (second / 3600);
	int minute = (int) (second / 60 % 60);
	g_autoptr(GDateTime) time =
	    g_date_time_new(zone, year, month, day, hour, minute, (gdouble) (second % 60));

	if (time == NULL || g_date_time_get_hour(time) != hour ||
	    g_date_time_get_minute(time) != minute)
		return FALSE;
	*moment = g_date_time_to_unix(time) * DURATION_SECOND + since_midnight % DURATION_SECOND;
	return TRUE;
}

/* "2026-11-27", with a time behind it or not. */
static gboolean parse_date(const char *text, GTimeZone *zone, gint64 *moment)
{
	int year, month, day;
	gint64 since_midnight = 0;
	g_autoptr(GTimeZone) offset = NULL;

	text = read_digits(text, 4, &year);
	if (text == NULL || *text != '-')
		return FALSE;
	text = read_digits(text + 1, 2, &month);
	if (text == NULL || *text != '-')
		return FALSE;
	text = read_digits(text + 1, 2, &day);
	if (text == NULL)
		return FALSE;
	if (*text == 'T' || *text == 't' || *text == ' ') {
		text = read_time(text + 1, &since_midnight);
		if (text == NULL)
			return FALSE;
		if (*text != '\0' && (offset = read_offset(text)) == NULL)
			return FALSE;
	} else if (*text != '\0') {
		return FALSE;
	}
	return moment_of(offset != NULL ? offset : zone, year, month, day, since_midnight, moment);
}

/* "03:12": today, or yesterday when that is still to come. */
static gboolean parse_time(const char *text, gint64 now, GTimeZone *zone, gint64 *moment)
{
	gint64 since_midnight;
	const char *rest = read_time(text, &since_midnight);

	if (rest == NULL || *rest != '\0')
		return FALSE;
	for (guint days_ago = 0; days_ago < 3; days_ago++) {
		g_autoptr(GDateTime) utc =
		    g_date_time_new_from_unix_utc((now - days_ago * US_PER_DAY) / DURATION_SECOND);
		g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;
		int year, month, day;

		if (local == NULL)
			return FALSE;
		g_date_time_get_ymd(local, &year, &month, &day);
		if (moment_of(zone, year, month, day, since_midnight, moment) && *moment <= now)
			return TRUE;
	}
	return FALSE;
}

gboolean moment_parse(const char *text, gint64 now, GTimeZone *zone, gint64 *moment, GError **error)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	gint64 ago_us;

	if (zone == NULL)
		zone = utc;
	if (strcmp(text, "now") == 0) {
		*moment = now;
		return TRUE;
	}
	if (parse_date(text, zone, moment) || parse_time(text, now, zone, moment))
		return TRUE;
	if (duration_parse(text, &ago_us, NULL) && !__builtin_sub_overflow(now, ago_us, moment))
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_USAGE,
	          "\"%s\" is no time: expected one as in 2026-11-27T03:12:00Z, \"2026-11-27 03:12\", "
	          "03:12, or 2h (ago)",
	          text);
	return FALSE;
}
