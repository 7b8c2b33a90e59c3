#ifndef PGUNLOCK_PG_OTHER_NAMES_H
#define PGUNLOCK_PG_OTHER_NAMES_H

/* The names of relations in databases that we aren't connected to: each database tells only its
 * own, so each takes a short connection of its own (pg/elsewhere.h). */

#include "model/lock_queue.h"
#include "pg/look.h"

/* Called once; what couldn't be read is a warning of the snapshot by then. */
typedef void (*PgOtherNamesDone)(gpointer user_data);

/* For the relations of other databases that somebody waits for, and those that the options want.
 * Takes no more than timeout_us, one connection at a time, and at most the three databases with the
 * most to name. snapshot and queues (its own) must last until done. */
void pg_other_names(PgConnection *connection, Snapshot *snapshot, const LockQueues *queues,
                    const LookOptions *options, gint64 timeout_us, PgOtherNamesDone done,
                    gpointer user_data);

#endif
