#ifndef PGUNLOCK_BASE_TIMESTAMP_H
#define PGUNLOCK_BASE_TIMESTAMP_H

/* Points in time: microseconds since 1970-01-01 00:00 UTC in a gint64. */

#include <glib.h>

/* What SQL calls NULL. Never the result of arithmetic on a real time. */
#define TIMESTAMP_NONE G_MININT64

/* From the binary form of timestamptz: microseconds since 2000-01-01
 * (src/include/datatype/timestamp.h). infinity and -infinity become TIMESTAMP_NONE; what doesn't
 * fit (after the year 294246) becomes the latest time that does. */
gint64 timestamp_from_postgres(gint64 postgres_us);
/* The way back: TIMESTAMP_NONE becomes -infinity. */
gint64 timestamp_to_postgres(gint64 timestamp_us);

/* "2026-11-23T06:31:49.123456Z"; NULL for TIMESTAMP_NONE, and outside of the years 1 to 9999, which
 * RFC 3339 can't express. Free with g_free. */
char *timestamp_to_rfc3339(gint64 timestamp_us);

/* later - earlier, never below 0; 0 when either is TIMESTAMP_NONE. */
gint64 timestamp_age(gint64 later_us, gint64 earlier_us);

#endif
