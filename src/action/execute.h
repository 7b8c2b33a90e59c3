#ifndef PGUNLOCK_ACTION_EXECUTE_H
#define PGUNLOCK_ACTION_EXECUTE_H

/* Carries a plan out and verifies it: signals, looks until everything is settled or the time is up,
 * escalates a cancel that isn't enough. */

#include "pg/connection.h"
#include "plan/outcome.h"
#include "plan/plan.h"

#include <glib.h>

typedef struct {
	gint64 look_timeout_us; /* of each statement */
	gint64 wait_us;         /* how long waiters are watched */
	/* 0, or how long once the items have their results and no waiter gets on: they wait for
	 * somebody else by then. */
	gint64 stall_us;
	gint64 grace_us;      /* how long a cancelled session may still hold before it is terminated */
	gboolean escalate;    /* release: terminate after the grace; cancel never does */
	gboolean under_lease; /* each signal only while the connection has the lease (pg/lease.h) */
} ExecuteOptions;

typedef enum {
	EXECUTE_SIGNALLED, /* item was signalled, or it came out that it won't be */
	EXECUTE_ESCALATED, /* item is terminated now */
	EXECUTE_SETTLED,   /* item has its result */
} ExecuteEvent;

/* The outcome is borrowed; item is the index of the one that the event is about. */
typedef void (*ExecuteProgress)(ExecuteEvent event, const Outcome *outcome, guint item,
                                gpointer user_data);

/* outcome is always set and the callee's: also after an error it tells how far it came. last is the
 * last look taken, the callee's, or NULL. error (the callee's) is set when the connection was lost
 * or a look failed; what was signalled before stays signalled. */
typedef void (*ExecuteDone)(Outcome *outcome, Snapshot *last, GError *error, gpointer user_data);

typedef struct Execution Execution;

/* The plan and the connection must outlive it. updates (of PlanUpdate) as plan_update gave them
 * after the person said yes, or NULL when the plan is fresh. */
Execution *execute_plan(PgConnection *connection, const Plan *plan, const GArray *updates,
                        const ExecuteOptions *options, ExecuteProgress progress, ExecuteDone done,
                        gpointer user_data);

/* Stops (Ctrl-C): done is called at once, before this returns, with what is known and an
 * INTERRUPTED error. A statement may still be under way: the connection is to be freed next,
 * without running its context in between. */
void execution_stop(Execution *execution);

/* The guarded SQL of the acts of a plan, a statement a line: for --sql. Free with g_free. */
char *plan_to_sql(const Plan *plan);

#endif
