#ifndef PGUNLOCK_PG_POOLER_ROWS_H
#define PGUNLOCK_PG_POOLER_ROWS_H

/* From the answers of PgBouncer's admin console, in text form, to a snapshot. */

#include "model/snapshot.h"
#include "pg/libpq.h"

#include <glib.h>

/* clients and servers: what SHOW CLIENTS and then SHOW SERVERS gave. Their columns are found by
 * name, since each version of PgBouncer has others. FALSE and an error when the console refused, or
 * when a column is missing without which nobody can be named. */
gboolean pooler_rows_collect(Snapshot *snapshot, const PGresult *clients, const PGresult *servers,
                             GError **error);

#endif
