#ifndef PGUNLOCK_PG_ROW_KEYS_H
#define PGUNLOCK_PG_ROW_KEYS_H

/* The keys of the rows that somebody waits for, so that a person sees "user_id=42" and not a place
 * in a file. */

#include "model/lock_queue.h"
#include "pg/connection.h"

#include <glib.h>

/* Called once. connection_lost: the connection broke, or the time was up while the server was still
 * to answer: nothing more can be asked through it. */
typedef void (*PgRowKeysDone)(gboolean connection_lost, gpointer user_data);

/* Reads those that the snapshot's names don't have yet by their ctid (a TID scan each, in a
 * read-only transaction with a statement_timeout of 500 ms) and adds them to the snapshot's names.
 * Only of tables in the connected database that our role may read and that nobody has locked, or
 * wants to, so that we would wait for them or their indexes; of the others the keys stay unknown. A
 * table that could run its owner's code as us is left out, with a warning (sql/row_readable.sql;
 * what remains possible: docs/decisions/0003-rows.md). What fails is a warning of the snapshot.
 * dropped: as in pg_request_send. */
void pg_row_keys(PgConnection *connection, Snapshot *snapshot, const LockQueues *queues,
                 gint64 timeout_us, PgRowKeysDone done, gpointer user_data, GDestroyNotify dropped);

/* Whether there is a row whose key could be read. */
gboolean pg_row_keys_are_wanted(const Snapshot *snapshot, const LockQueues *queues);

#endif
