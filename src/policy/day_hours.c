#include "base/error.h"
#include "policy/conditions.h"

#define SECONDS_PER_MINUTE 60
#define MINUTES_PER_DAY (24 * 60)

struct DayHours {
	guint first; /* minutes since midnight */
	guint end;   /* the first that doesn't belong to it any more */
};

/* Reads HH:MM at text; what follows it, or NULL. 24:00 is midnight as the end of a day. */
static const char *parse_time(const char *text, guint *minutes)
{
	if (!g_ascii_isdigit(text[0]) || !g_ascii_isdigit(text[1]) || text[2] != ':' ||
	    !g_ascii_isdigit(text[3]) || !g_ascii_isdigit(text[4]))
		return NULL;
	guint minute = (guint) (text[3] - '0') * 10 + (guint) (text[4] - '0');

	*minutes = ((guint) (text[0] - '0') * 10 + (guint) (text[1] - '0')) * 60 + minute;
	return minute < 60 && *minutes <= MINUTES_PER_DAY ? text + 5 : NULL;
}

static const char *skip_blanks(const char *text)
{
	while (*text == ' ' || *text == '\t')
		text++;
	return text;
}

static const char *parse_range(const char *text, DayHours *hours)
{
	text = parse_time(text, &hours->first);
	if (text == NULL || *(text = skip_blanks(text)) != '-')
		return NULL;
	return parse_time(skip_blanks(text + 1), &hours->end);
}

DayHours *day_hours_parse(const char *text, GError **error)
{
	DayHours hours = {0};
	const char *rest = parse_range(text, &hours);

	if (rest == NULL || *rest != '\0' || hours.first == MINUTES_PER_DAY) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is no span of the day", text);
		return NULL;
	}
	if (hours.first == hours.end) {
		error_set(error, PGUNLOCK_ERROR_USAGE,
		          "\"%s\" ends where it begins: for the whole day leave it out", text);
		return NULL;
	}
	return g_memdup2(&hours, sizeof(hours));
}

void day_hours_free(DayHours *hours)
{
	g_free(hours);
}

gboolean day_hours_contain(const DayHours *hours, guint second_of_day)
{
	guint minute = second_of_day / SECONDS_PER_MINUTE;

	if (hours->first < hours->end)
		return hours->first <= minute && minute < hours->end;
	return hours->first <= minute || minute < hours->end;
}
