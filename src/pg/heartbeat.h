#ifndef PGUNLOCK_PG_HEARTBEAT_H
#define PGUNLOCK_PG_HEARTBEAT_H

/*
 * The question that costs nothing: which backends say of themselves that they wait for a lock
 * (wait_event_type). It reads their status alone, no lock table, whose partitions a look holds
 * while it copies.
 *
 * It doesn't tell of all: not of sessions that are hidden from our role, not of a standby's startup
 * process, which waits without saying so, and before 18 not of those that wait while they are still
 * logging in.
 */

#include "pg/connection.h"
#include "pg/libpq.h"

#include <glib.h>

typedef struct {
	GArray *waiting; /* of gint32: the pids of those that wait, ascending */
	guint n_hidden;  /* that it could not be asked about */
	/* Of those that wait for the lock manager itself (pg/lock_manager.h) the lowest pid; 0: nobody
	 * does. For a moment somebody often does on a busy server. */
	gint32 lock_manager_waiter;
	gint64 now; /* by the server's clock */
} Heartbeat;

void heartbeat_clear(Heartbeat *heartbeat);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Heartbeat, heartbeat_clear)

/* From the answer to STATEMENT_HEARTBEAT, into one that is all zero, or clear. */
gboolean heartbeat_read(Heartbeat *heartbeat, const PGresult *result, GError **error);

/* error is the callee's; heartbeat, which is borrowed, means something without one. */
typedef void (*PgHeartbeatDone)(const Heartbeat *heartbeat, GError *error, gpointer user_data);

void pg_heartbeat(PgConnection *connection, gint64 timeout_us, PgHeartbeatDone done,
                  gpointer user_data);

#endif
