#ifndef PGUNLOCK_PG_LOOK_H
#define PGUNLOCK_PG_LOOK_H

/*
 * Takes a snapshot of a server: pg_lock_status(), pg_stat_get_activity(NULL) and
 * pg_prepared_xact(), no catalog join among them, so that it answers when catalogs are locked;
 * then, each in a statement of its own, pg_blocking_pids where the order of a queue is in doubt,
 * names, privileges. None of our statements waits longer for a lock than lock_timeout (100 ms), so
 * that nobody queues behind us for long.
 */

#include "base/pattern.h"
#include "model/row_set.h"
#include "model/snapshot.h"
#include "model/table_set.h"
#include "pg/connection.h"
#include "pg/libpq.h"
#include "pg/pooler.h"
#include "pg/row_memory.h"

#include <glib.h>

/* What is read of the locks. */
typedef enum {
	LOOK_AT_ALL,
	/* Only those that tell who waits for whom, chosen by the server: where it has more than some
	 * ten thousand, sending them costs more than choosing. Nobody's other locks are in the snapshot
	 * then. */
	LOOK_AT_CONTENDED,
	/* None: only who waits for whom, where that is known without a copy of the lock table; else the
	 * contended ones. Roots and totals are as in any look; what is waited for is not known, and of
	 * how long only what it is at most (snapshot_has_totals_only). */
	LOOK_AT_TOTALS,
} LookForm;

typedef struct {
	LookForm form;
	gboolean ask_everybody; /* pg_blocking_pids of every waiter: for --all-edges */
	gboolean
	    names; /* what could be needed to show it: relations (of this database), databases, roles */
	gboolean names_if_quiet; /* with names: also when nobody waits for a lock */
	gboolean ancestors;   /* with names: also of the tables that the named ones are partitions of or
	                       * inherit from, other_names included */
	gboolean other_names; /* with names: also of relations of other databases that somebody waits
	                       * for, through short connections to those */
	gboolean all_other_names; /* with that: also of those that nobody waits for */
	const SessionRef *named;  /* with that, or NULL: also of all that this session has locked;
	                           * borrowed */
	gboolean all_names;       /* names of the relations of uncontended locks, too: for locks */
	gboolean row_keys;        /* the keys of rows that somebody waits for: pg/row_keys.h */
	PgRowMemory *row_memory;  /* with that, or NULL: those of the looks before; must outlive it */
	const RowSet *rows; /* NULL, or rows that were read before: asks which of their lockers are
	                     * still in progress after the look; borrowed */
	gboolean privileges;
	gboolean privileges_if_waiting; /* the same, but only when somebody waits */
	PgPooler *pooler; /* NULL, or one to ask who is behind its connections, when somebody waits or
	                   * with all_names; must outlive the look */
	gboolean
	    keep_warm; /* this connection may act later, when catalogs are locked: pg/rehearsal.h */
	/* NULL: the look ends with an error as soon as it is known that the lock manager is stuck
	 * (pg/lock_manager.h). Else it goes on to wait, each of its round trips has all of the time,
	 * and this is called each PG_SILENCE_US that
	 * nothing comes. stuck: what the server said just before it was asked for the locks; NULL if
	 * nobody waited for the lock manager then; the callee's. */
	void (*silent)(GError *stuck, gint64 unanswered_us, gpointer user_data);
	gpointer silent_data;
	/* With that: the callee can ask over another connection, so that this isn't asked ahead, and
	 * stuck is NULL. */
	gboolean is_asked_elsewhere;
	gint64 timeout_us; /* for all of it */
} LookOptions;

/* Exactly one of snapshot and error is set; both are the callee's. What couldn't be read beside the
 * locks themselves is a warning of the snapshot. */
typedef void (*PgLookDone)(Snapshot *snapshot, GError *error, gpointer user_data);
void pg_look(PgConnection *connection, const LookOptions *options, PgLookDone done,
             gpointer user_data);

/* What a --table pattern stands for in the connected database, which has to be the pattern's.
 * NOT_FOUND when nothing matches. The set is the callee's. */
typedef void (*PgTablesDone)(TableSet *tables, GError *error, gpointer user_data);
void pg_find_tables(PgConnection *connection, const NamePattern *pattern, gint64 timeout_us,
                    PgTablesDone done, gpointer user_data);
/* From the answer to that; NULL and an error. */
TableSet *tables_read(const PGresult *result, guint32 database, GError **error);

#endif
