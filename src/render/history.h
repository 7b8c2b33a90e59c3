#ifndef PGUNLOCK_RENDER_HISTORY_H
#define PGUNLOCK_RENDER_HISTORY_H

/* history: what a guard has recorded. As in render/render.h: text ends with a newline, JSON is one
 * document without one. */

#include "model/incident_record.h"
#include "render/style.h"

#include <glib.h>

/* What was asked for, and how points in time are shown to people. */
typedef struct {
	const char *path;      /* of the file */
	gint64 since;          /* TIMESTAMP_NONE: from the first on */
	gint64 until;          /* TIMESTAMP_NONE: to the last */
	gboolean has_more;     /* there are others beyond the limit */
	const GPtrArray *acts; /* of a list: those that belong to no incident, of ActRecord, the latest
	                          first; NULL: none */
	GTimeZone *zone;       /* the person's */
	gint64 now; /* when this is shown: what nobody has looked at for long is not told as if
	               it lasted; TIMESTAMP_NONE: not known */
} HistoryView;

/* records: of IncidentRecord, the latest first. */
void render_history_text(GString *out, const GPtrArray *records, const HistoryView *view,
                         const RenderStyle *style);
void render_history_json(GString *out, const GPtrArray *records, const HistoryView *view,
                         gboolean pretty);
void render_history_csv(GString *out, const GPtrArray *records);

/* history show: the whole course of one, with its waiters. */
void render_incident_text(GString *out, const IncidentRecord *record, const HistoryView *view,
                          const RenderStyle *style);
void render_incident_json(GString *out, const IncidentRecord *record, const HistoryView *view,
                          gboolean pretty);

#endif
