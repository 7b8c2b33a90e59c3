#ifndef PGUNLOCK_PLAN_SELECTION_H
#define PGUNLOCK_PLAN_SELECTION_H

/* What a person asked for: which sessions, and what to do with them. */

#include "model/advisory_key.h"
#include "model/lock_mode.h"
#include "model/row_set.h"
#include "model/session.h"
#include "model/table_set.h"
#include "model/wait_graph.h"
#include "plan/act.h"

#include <glib.h>

typedef enum {
	COMMAND_CANCEL,
	COMMAND_TERMINATE,
	COMMAND_RELEASE,
} PlanCommand;

typedef enum {
	PREFER_DEFAULT, /* queued where it is DDL and its going frees everybody else that is meant */
	PREFER_QUEUED,  /* any queued request, and nothing else */
	PREFER_HOLDER,
} Prefer;

/* Plain data; strings and sets are the caller's and must outlive the plan. What wasn't asked for is
 * NULL, 0, FALSE. */
typedef struct {
	PlanCommand command;

	GPtrArray *sessions; /* of SessionRef; empty or NULL: a selection by the filters below */
	gboolean as_seen;    /* of those sessions: only while they are as they were seen (the state, the
	                      * transaction, and in the way of somebody who waits), because that is why
	                      * they were chosen */
	SessionRef *waiter;  /* release --waiter */
	gboolean all;        /* release --all */

	TableSet *tables;
	const RowSet *rows;
	const AdvisoryKey *advisory; /* of the connected database */
	LockModeSet modes;
	const char *user;             /* glob over the role's name */
	const char *application;      /* glob over application_name */
	gboolean idle_in_transaction; /* only sessions idle in a transaction for at least idle_for_us */
	gint64 idle_for_us;
	gboolean blocking;    /* roots only */
	gboolean all_holders; /* also holders that block nobody */

	ProtectedKinds include_protected;
	Prefer prefer;
	gboolean rollback_prepared; /* prepared transactions among the culprits may be rolled back */
	Act prepared_act; /* release gid:NAME --rollback or --commit: that act; else ACT_NONE */
	guint max;        /* a plan of more sessions is refused; 0: no limit */
} Selection;

/* What a wait is to be for. A part that is NULL asks for nothing; all that are there have to be
 * met. Borrowed. */
typedef struct {
	const TableSet *tables;
	const RowSet *rows;
	const AdvisoryKey *advisory;
} Subject;

typedef enum {
	CONCERNS_NOT,
	CONCERNS_DIRECTLY, /* the target is one of the tables, or the waiter holds the tuple lock of a
	                      row of it */
	CONCERNS_INFERRED, /* a wait on a transaction, and both sides hold row locks on one of the
	                      tables, or both have locked one of the rows */
} Concern;

/* What a selection is about. Borrows from it. */
Subject selection_subject(const Selection *selection);

/* Whether the waiter's wait concerns the subject, but for its rows, which planning_concerns looks
 * at; any wait does when it asks for nothing. */
Concern wait_concerns(const WaitGraph *graph, guint waiter, const Subject *subject);

/* Whether a lock is on what the subject asks for. */
gboolean subject_has_lock(const Subject *subject, const Snapshot *snapshot, const Lock *lock);

/* Whether the waiter's wait concerns one of the tables. */
Concern wait_concerns_tables(const WaitGraph *graph, guint waiter, const TableSet *tables);

#endif
