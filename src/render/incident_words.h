#ifndef PGUNLOCK_RENDER_INCIDENT_WORDS_H
#define PGUNLOCK_RENDER_INCIDENT_WORDS_H

/* An incident in words. All results are safe text, to be freed with g_free. */

#include "model/incident_record.h"

#include <glib.h>

/* "2026-11-27 03:12:05+01:00", as options take it, and "03:12:05", by the zone's clock; "" for
 * TIMESTAMP_NONE. */
char *moment_text(gint64 at, GTimeZone *zone);
/* The latter where it is the same day as the other moment, else the former. */
char *moment_text_beside(gint64 at, gint64 other, GTimeZone *zone);

/* How long it lasted, or lasts so far, in microseconds. */
gint64 incident_lasted_us(const Incident *incident);
/* It isn't over, as far as is known, and nobody has looked for a while: since its last_seen. */
gboolean incident_is_left(const Incident *incident, gint64 now);
/* For one that is: "for 9m03s until last seen 18:34:58". Free with g_free. */
char *incident_left_text(const Incident *incident, GTimeZone *zone);
/* "for 9m03s", "9m03s so far". */
char *incident_lasted_text(const Incident *incident);
/* Why it is over: "nobody waited for it any more"; "" while it lasts. */
const char *incident_end_words(IncidentEnd end);

/* When it was over, as far as that is known: it was seen to last until its ended_at, but an act
 * that a look led to began later, and what it freed moved on when that was seen. TIMESTAMP_NONE
 * while it lasts. */
gint64 incident_over_at(const IncidentRecord *record);
/* The same in words, with the rule that ended it: "ended by rule leaked-login: nobody waited for it
 * any more". */
char *incident_over_text(const IncidentRecord *record);

/* Whether it wasn't carried out at all, for a reason that its message tells; a dry run isn't meant.
 */
gboolean act_record_is_undone(const ActRecord *act);
/* "terminate by leaked-login", "dry run, would have been: cancel by idle". */
char *act_begun_text(const ActRecord *act);
/* The same with what came of it: "terminate by leaked-login: freed", "terminate by leaked-login was
 * held back: its limit is used up". */
char *act_record_text(const ActRecord *act);

#endif
