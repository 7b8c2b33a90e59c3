#ifndef PGUNLOCK_BASE_MOMENT_H
#define PGUNLOCK_BASE_MOMENT_H

/* Points in time as people type them. */

#include <glib.h>

/*
 * Reads, into microseconds since 1970:
 *   2026-11-27T03:12:05.25Z, 2026-11-27T03:12:05+01:00   RFC 3339
 *   2026-11-27 03:12, 2026-11-27T03:12:05, 2026-11-27    by the clock of zone; 00:00 of that day
 *   03:12, 03:12:05                                      the last time that zone's clock showed it
 *   2h, 90s, 1d                                          so long before now
 *   now
 * zone NULL: UTC. On anything else, a time that zone's clock skips among it, returns FALSE and sets
 * a usage error that names the text and the forms.
 */
gboolean moment_parse(const char *text, gint64 now, GTimeZone *zone, gint64 *moment,
                      GError **error);

#endif
