#ifndef PGUNLOCK_PG_LEASE_H
#define PGUNLOCK_PG_LEASE_H

/*
 * Of several guards of one server one acts: the one whose connection has the lease. That is a
 * session-level advisory lock on the server itself, so it is gone the moment the session is, and
 * nobody can have it who isn't connected there. Whether its role may signal isn't asked. Advisory
 * keys belong to a database: all guards of a server must connect to the same one. Where they don't,
 * more than one would have it; that is looked for, and then nobody acts.
 */

#include "pg/connection.h"

#include <glib.h>

/* The key, in its form of two integers (pg_locks: classid, objid, objsubid 2): "pgun", "lock". Part
 * of what is promised: guards of all versions must use the same. */
#define LEASE_KEY_1 0x7067756e /* 1885828462 */
#define LEASE_KEY_2 0x6c6f636b /* 1819239275 */

typedef enum {
	LEASE_OURS,
	LEASE_ANOTHERS, /* a session of the same database has it */
	LEASE_SPLIT, /* a session of another database has it, and ours has let go of it if it had it */
} LeaseStand;

typedef struct {
	LeaseStand stand;
	gint32 pid; /* who has it, when it isn't ours; 0: not known */
	guint32 database;
} Lease;

/* error is the callee's; lease means something without one. */
typedef void (*PgLeaseDone)(const Lease *lease, GError *error, gpointer user_data);

/* Asks for it. Not over a connection that has it already. is_first: the first time on this
 * connection, which prepares the session for it; only then is_another's pid told (it costs a look
 * at pg_locks). */
void pg_lease_take(PgConnection *connection, gboolean is_first, gint64 timeout_us, PgLeaseDone done,
                   gpointer user_data);

#endif
