#include "base/timestamp.h"

#define US_PER_SECOND G_GINT64_CONSTANT(1000000)

/* 2000-01-01, where PostgreSQL counts from: POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE days in
 * src/include/datatype/timestamp.h. */
#define POSTGRES_EPOCH_US (G_GINT64_CONSTANT(10957) * 86400 * US_PER_SECOND)

/* What a binary timestamptz may be besides a time: DT_NOBEGIN and DT_NOEND there. */
#define POSTGRES_MINUS_INFINITY G_MININT64
#define POSTGRES_INFINITY G_MAXINT64

gint64 timestamp_from_postgres(gint64 postgres_us)
{
	if (postgres_us == POSTGRES_MINUS_INFINITY || postgres_us == POSTGRES_INFINITY)
		return TIMESTAMP_NONE;
	gint64 timestamp_us;
	if (__builtin_add_overflow(postgres_us, POSTGRES_EPOCH_US, &timestamp_us))
		return G_MAXINT64;
	return timestamp_us;
}

gint64 timestamp_to_postgres(gint64 timestamp_us)
{
	if (timestamp_us == TIMESTAMP_NONE)
		return POSTGRES_MINUS_INFINITY;
	gint64 postgres_us;
	if (__builtin_sub_overflow(timestamp_us, POSTGRES_EPOCH_US, &postgres_us))
		return POSTGRES_MINUS_INFINITY + 1;
	return MAX(postgres_us, POSTGRES_MINUS_INFINITY + 1);
}

char *timestamp_to_rfc3339(gint64 timestamp_us)
{
	if (timestamp_us == TIMESTAMP_NONE)
		return NULL;
	gint64 seconds = timestamp_us / US_PER_SECOND;
	gint64 fraction_us = timestamp_us % US_PER_SECOND;
	if (fraction_us < 0) {
		fraction_us += US_PER_SECOND;
		seconds--;
	}
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(seconds);
	if (utc == NULL)
		return NULL;
	int year;
	int month;
	int day;
	g_date_time_get_ymd(utc, &year, &month, &day);
	return g_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", year, month, day,
	                       g_date_time_get_hour(utc), g_date_time_get_minute(utc),
	                       g_date_time_get_second(utc), (int) fraction_us);
}

gint64 timestamp_age(gint64 later_us, gint64 earlier_us)
{
	if (later_us == TIMESTAMP_NONE || earlier_us == TIMESTAMP_NONE || later_us < earlier_us)
		return 0;
	gint64 age_us;
	return __builtin_sub_overflow(later_us, earlier_us, &age_us) ? G_MAXINT64 : age_us;
}
