#ifndef PGUNLOCK_WATCH_WITNESS_H
#define PGUNLOCK_WATCH_WITNESS_H

/*
 * A second connection to the server that is watched, for one question alone: whether the lock
 * manager is stuck (pg/lock_manager.h). It can answer while the first connection hangs in that, and
 * no other could be opened by then. There is none where connection slots are scarce.
 */

#include "model/snapshot.h"
#include "pg/connection.h"
#include "pg/lock_manager.h"

#include <glib.h>

typedef struct Witness Witness;

/* timeout_us: for counting the slots. opened: an attempt to open the connection has ended, well or
 * not. */
typedef void (*WitnessOpened)(gpointer user_data);
Witness *witness_new(gint64 timeout_us, WitnessOpened opened, gpointer user_data);
/* Nothing is called back after it. */
void witness_free(Witness *witness);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Witness, witness_free)

/* After each look over connection that went well: opens the witness's own if it has none, and keeps
 * now and then what its question needs in that one's caches. The roles of the snapshot's sessions
 * are remembered by name. TRUE when an attempt has begun: opened is called later. */
gboolean witness_keep(Witness *witness, PgConnection *connection, const Snapshot *snapshot);

/* Whether there is a connection to ask over. */
gboolean witness_is_there(const Witness *witness);

/* FALSE, and nothing is asked, when there is no connection to ask over. done as in
 * pg_ask_lock_manager; a question that comes while another is under way isn't asked. */
gboolean witness_ask(Witness *witness, gint32 looker_pid, gint64 unanswered_us,
                     PgLockManagerDone done, gpointer user_data);

#endif
