#ifndef PGUNLOCK_BASE_DURATION_H
#define PGUNLOCK_BASE_DURATION_H

/* Lengths of time: always microseconds in a gint64, as PostgreSQL counts them. */

#include <glib.h>

#define DURATION_MS G_GINT64_CONSTANT(1000)
#define DURATION_SECOND G_GINT64_CONSTANT(1000000)
#define DURATION_MINUTE (60 * DURATION_SECOND)
#define DURATION_HOUR (60 * DURATION_MINUTE)
#define DURATION_DAY (24 * DURATION_HOUR)

/* Reads "500ms", "30s", "5m", "2h", "1d" (a whole or decimal number, not negative, and a unit; "0"
 * alone is allowed). On anything else, or on overflow, returns FALSE and sets a usage error that
 * names the text and the form. What is less than a microsecond is dropped. */
gboolean duration_parse(const char *text, gint64 *duration_us, GError **error);

/* Two units at the most, for people: "0ms", "850ms", "4.2s", "51s", "4m12s", "9m03s", "2h12m",
 * "3d4h"; "22m" when the second one is zero. Below 10 s tenths are shown. Never rounded up.
 * Negative durations (clocks differ) read "0ms". Free with g_free. */
char *duration_to_text(gint64 duration_us);

#endif
