#ifndef PGUNLOCK_PG_SIGNAL_H
#define PGUNLOCK_PG_SIGNAL_H

/* The statements that act. Each carries its own condition, so that what has changed since the look
 * isn't hit. */

#include "pg/connection.h"

#include <glib.h>

typedef enum { SIGNAL_CANCEL, SIGNAL_TERMINATE } SignalKind;

/* Plain data; strings borrowed for the call. pid and backend_start are always compared. */
typedef struct {
	SignalKind kind;
	gint32 pid;
	gint64 backend_start;
	gboolean same_statement; /* still active with query_start */
	gint64 query_start;
	gboolean
	    same_transaction; /* still in state, and xact_start IS NOT DISTINCT FROM the one seen */
	const char *state;    /* as in pg_stat_activity; NULL is compared as NULL */
	gint64 xact_start;    /* TIMESTAMP_NONE is compared as NULL */
	gint32 waiter_pid;    /* 0, or: still in this waiter's pg_blocking_pids */
	const LockTag *held;  /* NULL, or, without a waiter_pid: still holds this advisory lock */
	gboolean under_lease; /* only while this connection, and no other, has the lease (pg/lease.h) */
} SignalRequest;

typedef enum {
	SIGNAL_SENT,
	SIGNAL_GONE,    /* no backend with that pid and backend_start */
	SIGNAL_CHANGED, /* it is there, but the rest of the condition doesn't hold any more */
	SIGNAL_DENIED,  /* the server refused: error has its words and SQLSTATE */
	SIGNAL_FAILED,  /* anything else, a timeout among it: error says what */
} SignalOutcome;

/* error is set for DENIED and FAILED and is the callee's. */
typedef void (*PgSignalDone)(SignalOutcome outcome, GError *error, gpointer user_data);
void pg_signal(PgConnection *connection, const SignalRequest *request, gint64 timeout_us,
               PgSignalDone done, gpointer user_data);

/* The same statement with its values written in, to be run in psql: for --sql. Ends with a
 * semicolon. Free with g_free. */
char *pg_signal_sql(const SignalRequest *request);

/* ROLLBACK PREPARED or COMMIT PREPARED, in the transaction's own database, through a connection of
 * its own there when this one is to another database (pg/elsewhere.h). database is that database's
 * name. under_lease: the lease is asked about just before, since neither can be in a transaction
 * block.
 * SIGNAL_GONE: no such prepared transaction. */
void pg_finish_prepared(PgConnection *connection, const char *database, const char *gid,
                        gboolean commit, gboolean under_lease, gint64 timeout_us, PgSignalDone done,
                        gpointer user_data);
char *pg_finish_prepared_sql(const char *gid, gboolean commit);

#endif
