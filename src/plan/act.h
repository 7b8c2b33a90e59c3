#ifndef PGUNLOCK_PLAN_ACT_H
#define PGUNLOCK_PLAN_ACT_H

/* What can be done to a session, why, and why not: codes; render owns the words. */

#include "model/snapshot.h"

#include <glib.h>

typedef enum {
	ACT_NONE,
	ACT_CANCEL,
	ACT_TERMINATE,
	ACT_ROLLBACK_PREPARED,
	ACT_COMMIT_PREPARED,
} Act;

/* "cancel", "terminate", "rollback_prepared", "commit_prepared", "none": as in JSON. */
const char *act_name(Act act);

/* Why this act is the right one. */
typedef enum {
	REASON_REQUESTED,           /* the person named the session and the act */
	REASON_RUNNING,             /* runs a statement: cancel is enough, terminate if it isn't */
	REASON_IDLE_IN_TRANSACTION, /* cancel does nothing to it */
	REASON_ABORTED_HOLDING,     /* aborted under a savepoint, still holds locks */
	REASON_STUCK_IN_WRITE,      /* Client/ClientWrite: ignores cancel */
	REASON_SESSION_LOCK,   /* idle, outside a transaction: holds a session-level advisory lock */
	REASON_QUEUED_REQUEST, /* its own waiting request holds up everybody behind it */
	REASON_PREPARED,       /* a prepared transaction: only ROLLBACK or COMMIT PREPARED ends it */
	REASON_CONCURRENT_DDL, /* CREATE INDEX CONCURRENTLY and the like, which waits for others' ends
	                          and holds up everybody behind it */
	REASON_SYNC_REP,       /* committed, waits for a synchronous standby: cancel ends the wait */
	REASON_AUTOVACUUM,     /* cancel makes it leave the table */
	REASON_REPLICATION_WORKER, /* a cancel is an error, which ends it, too */
	REASON_PROCESS,            /* a process of the server without a state */
} ActReason;

/* Why nothing will be done to it. */
typedef enum {
	REFUSAL_NONE,
	REFUSAL_SELF,           /* our own backend */
	REFUSAL_STARTUP,        /* the startup process can't be signalled */
	REFUSAL_SYSTEM_PROCESS, /* checkpointer and the like hold no locks of ours to free */
	REFUSAL_WALSENDER,      /* protected kinds: from here ... */
	REFUSAL_LOGICAL_REPLICATION,
	REFUSAL_WRAPAROUND_VACUUM,
	REFUSAL_BACKGROUND_WORKER,
	REFUSAL_SYNC_REP,           /* ... to here: unless --include-protected */
	REFUSAL_CANCEL_IDLE,        /* cancel does nothing: it runs no statement */
	REFUSAL_CANCEL_STUCK,       /* cancel does nothing: it is stuck in ClientWrite */
	REFUSAL_PREPARED,           /* a prepared transaction, and nobody said to roll it back */
	REFUSAL_PREPARED_UNNAMED,   /* a prepared transaction whose gid couldn't be read */
	REFUSAL_PREPARED_ELSEWHERE, /* a prepared transaction of a database whose name couldn't be read
	                             */
	REFUSAL_NOT_PREPARED, /* --rollback or --commit for a session that is no prepared transaction */
	REFUSAL_IDENTITY_HIDDEN, /* backend_start hidden: needs pg_read_all_stats */
	REFUSAL_LOGGING_IN,      /* before 18: the server doesn't show yet when it began */
	REFUSAL_NEEDS_SUPERUSER, /* a superuser's session */
	REFUSAL_NEEDS_SIGNAL_BACKEND,
	REFUSAL_NEEDS_SIGNAL_AUTOVACUUM,
	REFUSAL_NEEDS_OWNER, /* a prepared transaction of another role */
	REFUSAL_COMPANION,   /* another blocker of the same waiters is refused: ending this one alone
	                        frees nobody */
} ActRefusal;

/* The kinds of --include-protected, as bits. */
typedef enum {
	PROTECTED_WALSENDER = 1 << 0,
	PROTECTED_LOGICAL_REPLICATION = 1 << 1,
	PROTECTED_WRAPAROUND_VACUUM = 1 << 2,
	PROTECTED_BACKGROUND_WORKER = 1 << 3,
	PROTECTED_SYNC_REP = 1 << 4,
} ProtectedKinds;

/* A comma-separated list of "walsender", "logical-replication", "anti-wraparound",
 * "background-worker", "syncrep"; adds to *kinds. */
gboolean protected_kinds_parse(const char *text, ProtectedKinds *kinds, GError **error);

/* The right act to make this session let go of its locks, whatever it waits for or not, and why. */
Act act_to_free(const Session *session, ActReason *reason);

/* Whether act may be done to the session: protections, what makes no sense, and what the server
 * would refuse (pg_signal_backend in src/backend/storage/ipc/signalfuncs.c;
 * FinishPreparedTransaction in src/backend/access/transam/twophase.c). */
ActRefusal act_refusal(const Snapshot *snapshot, guint session_index, Act act,
                       ProtectedKinds included);

/* The same by what the session is and does alone (its kind, type, state, wait and statement): of
 * one that was only recorded nothing else is known. */
ActRefusal act_refusal_by_session(const Session *session, Act act);

/* Whether a session in this state runs no statement that could be cancelled. */
gboolean act_cancel_is_pointless(SessionState state);

/* Whether an autovacuum worker works to prevent wraparound: it then doesn't give way. (Its query
 * ends in "(to prevent wraparound)".) */
gboolean session_prevents_wraparound(const Session *session);

#endif
