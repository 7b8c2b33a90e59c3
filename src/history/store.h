#ifndef PGUNLOCK_HISTORY_STORE_H
#define PGUNLOCK_HISTORY_STORE_H

/* Single writes to the file, and the reads that a writer needs. Internal to the room. Where nothing
 * else is said the caller has begun a transaction. */

#include "history/database.h"
#include "model/incident_record.h"

#include <glib.h>

/* The incident as it is now, and those of its waiters that are in it; under its id. */
gboolean store_put_incident(Database *database, const Incident *incident, GError **error);
gboolean store_put_statement(Database *database, const StatementRecord *statement, GError **error);
/* Under its id. */
gboolean store_put_act(Database *database, const ActRecord *act, GError **error);
gboolean store_settle_act(Database *database, const ActRecord *act, GError **error);
/* Says of those that have no result that there will be none. No transaction is needed. */
gboolean store_abandon_acts(Database *database, GError **error);
gboolean store_put_notice(Database *database, const NoticeRecord *notice, GError **error);
gboolean store_put_sample(Database *database, const char *server, gint64 at, const char *blockers,
                          GError **error);
/* Ends it where it was seen last. */
gboolean store_end_incident(Database *database, gint64 id, GError **error);

/* The highest ids that were ever given. No transaction is needed. */
gboolean store_last_ids(Database *database, gint64 *incident, gint64 *act, GError **error);

/* Of Incident, with their waiters; the caller's (the array frees them). */
GPtrArray *store_read_open(Database *database, GError **error);
/* From the columns that get_incident.sql and its like have in common. */
Incident *store_read_incident(Query *query);
gboolean store_read_gaps(Database *database, Incident *incident, GError **error);
gboolean store_read_waiters(Database *database, Incident *incident, GError **error);

/* Removes what ended before then, and, as far as that isn't enough, the oldest beyond so many bytes
 * (0: no limit); in transactions of its own, some at a time. is_done: nothing more is to be
 * removed: else to be called again. */
gboolean store_trim(Database *database, gint64 before, gint64 max_bytes, gboolean *is_done,
                    GError **error);

#endif
