#ifndef PGUNLOCK_MODEL_SNAPSHOT_H
#define PGUNLOCK_MODEL_SNAPSHOT_H

/*
 * One look at a server: its sessions and their locks, in one arena, freed at once. Built row by row
 * by pg/collect (or by a unit test) through a builder; after that it is only read, except that
 * answers of pg_blocking_pids and names are added to it.
 *
 * The server's tables are read one after the other and aren't one snapshot there: a lock whose
 * process has gone since, and a process that came since, are left out. Whether a process without a
 * session has gone or is only logging in takes a second reading: snapshot_builder_unlisted.
 */

#include "base/arena.h"
#include "model/advisory_labels.h"
#include "model/lock_mode.h"
#include "model/lock_tag.h"
#include "model/names.h"
#include "model/pooler.h"
#include "model/privileges.h"
#include "model/session.h"

#include <glib.h>

#define NO_SESSION G_MAXUINT

/* Facts about the server and about our own connection to it. */
typedef struct {
	const char *host; /* as given: a name, an address, a socket directory */
	int port;
	const char *database;
	guint32 database_oid;
	int version_num;     /* 150020 */
	const char *version; /* "15.20" and whatever the packager appended */
	gint64 started_at;   /* pg_postmaster_start_time(): tells servers apart */
	gboolean in_recovery;
	gint32 own_pid;
	const char *user; /* current_user of our connection */
	guint32 user_oid;
	gint64 deadlock_timeout_us; /* the server's setting; 0: not known */
} ServerInfo;

typedef struct {
	guint session; /* index into sessions: the process itself, not its group's leader */
	LockTag tag;
	LockMode mode;
	gboolean granted;
	gboolean fast_path;
	gint64 waitstart; /* TIMESTAMP_NONE when granted, on 13, and for an instant after the wait has
	                     begun */
} Lock;

typedef struct Snapshot Snapshot;

/* One row of pg_lock_status(). */
typedef struct {
	const char *locktype;
	LockTag tag; /* its type is taken from locktype */
	VirtualTransactionId virtualtransaction;
	gint32 pid; /* 0 for NULL: a prepared transaction */
	const char *mode;
	gboolean granted;
	gboolean fast_path;
	gint64 waitstart;
} LockRow;

/* One row of pg_prepared_xact(). */
typedef struct {
	guint32 transaction;
	const char *gid; /* any bytes */
	gint64 prepared_at;
	guint32 owner;
	guint32 database;
} PreparedRow;

typedef struct SnapshotBuilder SnapshotBuilder;

SnapshotBuilder *snapshot_builder_new(const ServerInfo *server, gint64 taken_at);
void snapshot_builder_free(SnapshotBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SnapshotBuilder, snapshot_builder_free)

/* Where the moment is known only after the rows. */
void snapshot_builder_set_taken_at(SnapshotBuilder *builder, gint64 taken_at);

/* In any order. Strings are copied and repaired to UTF-8: they may hold any bytes. In a session,
 * leader, kind, type, state, hidden and is_self are worked out here from the texts; the caller
 * fills the rest. */
void snapshot_builder_add_session(SnapshotBuilder *builder, const Session *row);
void snapshot_builder_add_lock(SnapshotBuilder *builder, const LockRow *row);
void snapshot_builder_add_prepared(SnapshotBuilder *builder, const PreparedRow *row);
/* A wait of which only the blockers are known (pg_blocking_pids of it, with or without repeats): it
 * stands as a lock of type other that they hold and it wants. */
void snapshot_builder_add_wait(SnapshotBuilder *builder, gint32 waiter_pid,
                               const gint32 *blocker_pids, guint n);

/* Processes that hold or want a lock and have no session so far, where it matters: they wait, or
 * somebody waits for what they hold. Most have gone between the two reads. But one that is still
 * logging in has no row in pg_stat_activity before 18, however long it waits (pgstat_bestart comes
 * last in InitPostgres, src/backend/utils/init/postinit.c). Pids, ascending, without repeats: the
 * caller's. */
GArray *snapshot_builder_unlisted(SnapshotBuilder *builder);
/* After that, a row of pg_lock_status() read again: if its process is one of these and still in the
 * transaction that the first reading saw, it gets a session with nothing but its pid. */
void snapshot_builder_confirm(SnapshotBuilder *builder, gint32 pid,
                              const VirtualTransactionId *virtualtransaction);

/* How many locks the server had, where not all were added as rows. */
void snapshot_builder_set_n_locks(SnapshotBuilder *builder, guint n);

/* Joins the rows and frees the builder. SIReadLocks are dropped, they block nobody. Prepared
 * transactions: rows without a pid are grouped by virtualtransaction, and a group is named by its
 * granted transactionid row; a group that can't be named is kept with gid NULL (the transaction
 * ended while we looked, or its name couldn't be read). */
Snapshot *snapshot_builder_finish(SnapshotBuilder *builder);

void snapshot_free(Snapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Snapshot, snapshot_free)

const ServerInfo *snapshot_server(const Snapshot *snapshot);
gint64 snapshot_taken_at(const Snapshot *snapshot); /* by the server's clock */
guint snapshot_n_sessions(const Snapshot *snapshot);
const Session *snapshot_session(const Snapshot *snapshot, guint index);
guint snapshot_n_locks(const Snapshot *snapshot);
const Lock *snapshot_lock(const Snapshot *snapshot, guint index);
/* Whether waits are known by their blockers alone: then nobody's locks are, and a wait lasts as
 * long as its statement at most. */
gboolean snapshot_has_totals_only(const Snapshot *snapshot);
/* How many the server had, those among them that it didn't send, or whose process was gone; of very
 * many perhaps not all are counted (pg/sql/locks_contended_*.sql). */
guint snapshot_n_locks_there(const Snapshot *snapshot);
/* All in one array, sorted by session: those of one session are lock[first] to lock[first + n - 1].
 */
const Lock *snapshot_session_locks(const Snapshot *snapshot, guint session, guint *n_locks);
const Arena *snapshot_arena(const Snapshot *snapshot);

/* NO_SESSION when there is none. */
guint snapshot_find_pid(const Snapshot *snapshot, gint32 pid);
guint snapshot_find(const Snapshot *snapshot, const SessionRef *ref);
/* The session with this pid and backend_start, or this prepared transaction: the identity that a
 * person was shown. One with this pid that is hidden by now counts: nobody can say that it is
 * another. */
guint snapshot_find_same(const Snapshot *snapshot, const Session *session);

/* A database's name: our own always, another one's when it could be read, else NULL. */
const char *snapshot_database_name(const Snapshot *snapshot, guint32 database);
/* Names, owned by the snapshot; empty at first. */
Names *snapshot_names(const Snapshot *snapshot);
/* What our role may do, owned by the snapshot; all unknown at first. */
Privileges *snapshot_privileges(const Snapshot *snapshot);

/* What pg_blocking_pids said of a waiter, asked by pid just after the snapshot was taken. 0 stands
 * for any prepared transaction. Copied. */
void snapshot_add_blocking_pids(Snapshot *snapshot, gint32 waiter_pid, const gint32 *blocker_pids,
                                guint n);
/* NULL when it was not asked. */
const gint32 *snapshot_blocking_pids(const Snapshot *snapshot, gint32 waiter_pid, guint *n);

/* What advisory keys are called; NULL, as at first: nothing is known of that. Borrowed: must
 * outlive the snapshot. */
void snapshot_set_advisory_labels(Snapshot *snapshot, const AdvisoryLabels *labels);
/* The name of the key that the lock is on, NULL when it has none or it is another kind of lock. Not
 * safe for a terminal; borrowed from the labels. */
const char *snapshot_advisory_label(const Snapshot *snapshot, const LockTag *tag);

/* All connections of a pooler to servers. Those that lead to sessions of this snapshot are noted in
 * these; copied. Where two seem to lead to one session neither is. */
void snapshot_set_pooler(Snapshot *snapshot, const PoolerConnection *connections, guint n);
/* Whether that was done. */
gboolean snapshot_has_pooler(const Snapshot *snapshot);

/* How many of the sessions that a view shows the server tells this role nothing about; 0 at first.
 */
void snapshot_set_n_hidden(Snapshot *snapshot, guint n);
guint snapshot_n_hidden(const Snapshot *snapshot);

/* max_standby_streaming_delay of a standby, in milliseconds: how late the replay of streamed WAL
 * may be before the server ends those who are in its way; -1: it waits for ever. Known only once it
 * is set. */
void snapshot_set_standby_delay(Snapshot *snapshot, gint32 delay_ms);
gboolean snapshot_standby_delay(const Snapshot *snapshot, gint32 *delay_ms);

/* Notes a transaction, or subtransaction, that was still in progress after the locks had been read:
 * its end can't be why nobody holds its id. Nothing is known of others. */
void snapshot_add_in_progress(Snapshot *snapshot, guint32 xid);
gboolean snapshot_is_in_progress(const Snapshot *snapshot, guint32 xid);

/* What couldn't be read, a sentence each, for people and JSON. */
void snapshot_add_warning(Snapshot *snapshot, const char *format, ...) G_GNUC_PRINTF(2, 3);
guint snapshot_n_warnings(const Snapshot *snapshot);
const char *snapshot_warning(const Snapshot *snapshot, guint index);

#endif
