#ifndef PGUNLOCK_RENDER_CSV_H
#define PGUNLOCK_RENDER_CSV_H

/* Comma-separated values as RFC 4180 wants them. */

#include <glib.h>

/* One field of a row, NULL: empty; then a comma, or the end of the row. Quoted where it has to be.
 * Line breaks inside quotes stay; any other control character, and what a terminal could take for
 * one, becomes as in all text. */
void csv_append_field(GString *out, const char *value, gboolean is_last);

/* Seconds with all six decimals. Free with g_free. */
char *csv_seconds(gint64 duration_us);

#endif
