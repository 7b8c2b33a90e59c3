#ifndef PGUNLOCK_PLAN_PLAN_H
#define PGUNLOCK_PLAN_PLAN_H

/* What would be done: made from a snapshot, its graph, a selection and the privileges; shown before
 * it is carried out. No I/O. */

#include "model/wait_graph.h"
#include "plan/act.h"
#include "plan/selection.h"

#include <glib.h>

typedef struct {
	guint session; /* in the plan's snapshot */
	Act act;       /* what was asked for, or is right; also when refused */
	ActReason reason;
	ActRefusal refusal; /* REFUSAL_NONE: it will be done */
	guint frees;        /* waiters that move on when only this one ends */
	/* Co-holders: items with the same group (from 1) block the same waiters; a release ends them
	 * together or not at all. 0 for an item alone. */
	guint group;
	guint group_frees; /* what the group frees together */

	/* The condition that the signal carries beyond pid and backend_start. */
	gboolean same_statement;   /* cancel of an active session: still active with this query_start */
	gboolean same_transaction; /* release and selections, and cancel of a session that isn't active:
	                              still this state and xact_start */
	guint waiter;              /* NO_SESSION, or a waiter that it must still block ... */
	gboolean by_request;       /* ... by what it waits for itself, not by what it holds */

	/* NULL, or an advisory lock that it must still hold: where no waiter is the reason, but this
	 * lock is. Neither state nor transaction tell that it does. */
	const Lock *held;

	/* What it must hold no longer to be freed: those of its locks that others wait for; of a
	 * session that blocks nobody all but its own transaction ids. */
	GArray *locks;     /* of Lock */
	gboolean inferred; /* it was selected by table through an inferred wait */
} PlanItem;

/* Another way to the same end, offered beside the plan. */
typedef struct {
	guint *sessions;
	guint n_sessions;
	Act act; /* of the first */
	guint frees;
	gboolean is_holder; /* else the queued request */
} PlanAlternative;

typedef struct {
	const WaitGraph *graph; /* borrowed */
	PlanCommand command;
	GArray *items;        /* of PlanItem */
	GArray *freed;        /* indexes of the waiters that all acts together free */
	GArray *alternatives; /* of PlanAlternative */
	GPtrArray *gone; /* of char *: sessions named exactly (%c) that are there no more, the one of
	                    --waiter among them */
	guint n_waiting; /* how many waits it is about: for a selection of a release those selected (0
	                    when nobody waits), for sessions by name those behind any of them */

	/* What the selection was about, for plan_update: the subject, borrowed; and whether only the
	 * wait of one session, which is NO_SESSION when that was gone already. */
	Subject subject;
	gboolean only_waiter;
	guint waiter;
	/* Of a release of named sessions one that only waits (plan_only_waits), so that it isn't in the
	 * plan; NO_SESSION: there is none. */
	guint only_waits;
} Plan;

/*
 * Makes the plan. Errors: NOT_FOUND for a named session that doesn't exist, or when nothing matched
 * a selection for cancel or terminate; REFUSED for more sessions than selection->max, and for a
 * release of sessions in the middle of a queue, by which nobody would be freed. A release that
 * finds nobody waiting is an empty plan. The graph must outlive the plan.
 */
Plan *plan_new(const WaitGraph *graph, const Selection *selection, GError **error);
void plan_free(Plan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plan, plan_free)

guint plan_n_items(const Plan *plan);
const PlanItem *plan_item(const Plan *plan, guint index);
/* How many items are not refused. */
guint plan_n_acts(const Plan *plan);

/* Whether a session waits itself and nobody would go on if it alone ended: what it waits for is
 * what has to end, as with --waiter. */
gboolean plan_only_waits(const WaitGraph *graph, guint session);

/* The pid of a waiter whose pg_blocking_pids a signal may ask: 0 for NO_SESSION and for the startup
 * process of a standby, of which that function knows nothing even while it waits
 * (BackendPidGetProcWithLock in src/backend/storage/ipc/procarray.c). */
gint32 plan_waiter_pid(const Snapshot *snapshot, guint waiter);

/* How the session of an item stands in a newer look. */
typedef enum {
	PLAN_SAME,
	PLAN_GONE,    /* no such session any more */
	PLAN_WENT_ON, /* there, but no longer what it was chosen for: its transaction or statement is
	               * another, or it blocks nobody any more */
} PlanChange;

typedef struct {
	PlanChange change;
	gint32 waiter_pid; /* 0, or a waiter of now that it must still block when it is signalled */
} PlanUpdate;

/* Of a circle of the graph the member whose cancelling costs least, of those that may be cancelled:
 * the one whose transaction is the youngest. NO_SESSION when none may be. */
guint plan_deadlock_choice(const WaitGraph *graph, guint cycle);

/* The plan as it was shown, held against a newer look: an array of PlanUpdate, one an item, the
 * caller's. The plan itself never gets a session or an act that wasn't shown. */
GArray *plan_update(const Plan *shown, const WaitGraph *now);

#endif
