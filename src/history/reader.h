#ifndef PGUNLOCK_HISTORY_READER_H
#define PGUNLOCK_HISTORY_READER_H

/* Reads a history, while a guard writes to it, too. A reader changes nothing: a file of an older
 * schema, which a guard hasn't brought up to date, is refused like a newer one. */

#include "model/blocker.h"
#include "model/incident_record.h"

#include <glib.h>

typedef struct HistoryReader HistoryReader;

/* NULL and an error with a hint: NOT_FOUND when there is no such file. */
HistoryReader *history_reader_open(const char *path, GError **error);
void history_reader_free(HistoryReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HistoryReader, history_reader_free)

/* A table that an incident is about, or one that somebody waits for in it. Names are borrowed, NULL
 * when not known. */
typedef gboolean (*HistoryIsTable)(const char *database, const char *schema, const char *name,
                                   gpointer user_data);

/* Which incidents are wanted; zeros and NULL: all of them. */
typedef struct {
	gint64 since; /* that lasted at this time or later; TIMESTAMP_NONE: from the first on */
	gint64 until; /* that had begun by then; TIMESTAMP_NONE: to the last */
	const char *server_glob; /* globs of base/pattern.h */
	const char *user_glob;   /* of the root */
	const char *application_glob;
	HistoryIsTable is_table; /* any table of it for which this is TRUE */
	gpointer is_table_data;
	guint limit; /* so many at most; 0: no limit */
} HistoryFilter;

/* The latest first. Of IncidentRecord, without waiters; the caller's. has_more: there are others
 * beyond the limit. */
GPtrArray *history_list(HistoryReader *reader, const HistoryFilter *filter, gboolean *has_more,
                        GError **error);

/* Acts that belong to no incident: on sessions that nobody waited for. Of ActRecord, the latest
 * first, the caller's. What is not recorded of them (user, application, table) can't be filtered
 * by: with such a filter there are none. has_more as above. */
GPtrArray *history_list_acts(HistoryReader *reader, const HistoryFilter *filter, gboolean *has_more,
                             GError **error);

/* With waiters. NULL, and NOT_FOUND when there is none. */
IncidentRecord *history_get(HistoryReader *reader, gint64 id, GError **error);

/* Who blocked on a server at one moment. blockers are the callee's for the call alone. FALSE stops.
 */
typedef gboolean (*HistorySample)(const char *server, gint64 taken_at,
                                  const Blocker *const *blockers, guint n, gpointer user_data);
/* All samples from since until before until, in order of time. */
gboolean history_read_samples(HistoryReader *reader, gint64 since, gint64 until,
                              HistorySample sample, gpointer user_data, GError **error);

#endif
