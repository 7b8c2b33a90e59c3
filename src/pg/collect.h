#ifndef PGUNLOCK_PG_COLLECT_H
#define PGUNLOCK_PG_COLLECT_H

/* From the rows of a look's statements to a snapshot, in one pass each. Whatever the rows hold, the
 * worst that happens is an error. */

#include "model/snapshot.h"
#include "pg/libpq.h"

#include <glib.h>

/* The result of the statement of that name. FALSE and an error when the server refused it or when
 * the answer makes no sense; the rows before that have been added. */
gboolean collect_locks(SnapshotBuilder *builder, const PGresult *result, GError **error);
gboolean collect_contended_locks(SnapshotBuilder *builder, const PGresult *result, GError **error);
/* is_whole: FALSE where the answer isn't, and the locks themselves have to be read. */
gboolean collect_waits(SnapshotBuilder *builder, const PGresult *result, gboolean *is_whole,
                       GError **error);
gboolean collect_activity(SnapshotBuilder *builder, const PGresult *result, GError **error);
gboolean collect_prepared(SnapshotBuilder *builder, const PGresult *result, GError **error);
/* Of the processes in snapshot_builder_unlisted. */
gboolean collect_lock_owners(SnapshotBuilder *builder, const PGresult *result, GError **error);
gboolean collect_clock(gint64 *now, const PGresult *result, GError **error);

/* The same for what is added to a snapshot afterwards. */
gboolean collect_blocking_pids(Snapshot *snapshot, const PGresult *result, GError **error);
gboolean collect_in_progress(Snapshot *snapshot, const PGresult *result, GError **error);
gboolean collect_standby_delay(Snapshot *snapshot, const PGresult *result, GError **error);

#endif
