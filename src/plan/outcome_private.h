#ifndef PGUNLOCK_PLAN_OUTCOME_PRIVATE_H
#define PGUNLOCK_PLAN_OUTCOME_PRIVATE_H

/* What outcome.c (the sessions that are acted on, the exit code) and outcome_waiters.c (those whom
 * that frees) share. */

#include "plan/outcome.h"

/* What is needed to find a session again and to tell whether it still does what it did. */
typedef struct {
	SessionKind kind;
	gint32 pid;
	gint64 backend_start;
	guint32 transaction;
	SessionState state;
	gint64 xact_start;
	gint64 query_start;
} Identity;

typedef struct {
	ItemOutcome outcome;
	Identity identity;
	GArray *locks; /* of Lock: only tag, mode and granted mean anything here */
	gboolean settled;
	gboolean seen_holding; /* the last look found it holding though its statement had ended */
} Item;

/* Why a waiter is watched. */
typedef enum {
	WATCHED_PROMISED,      /* the acts free it: what the plan said */
	WATCHED_BEHIND_ACTED,  /* behind a session that is ended, and kept by others, too */
	WATCHED_BEHIND_REFUSED /* behind a session that nothing is done to */
} Watched;

typedef struct {
	Identity identity;
	Watched watched;
	gboolean is_meant; /* its wait is one that the plan is about */
	WaiterFate fate;
	gboolean over;             /* its statement has ended: nothing more can happen to it */
	gboolean seems_to_give_up; /* in the last look it did */
} Waiter;

struct Outcome {
	Item *items;
	guint n_items;
	PlanCommand command;
	GArray *waiters; /* of Waiter, the promised ones first */
	guint n_promised;
	gint64 last_moved_us;
	GPtrArray *successors; /* of char *: ids */
	guint n_blocked_now;
	gboolean observed; /* a look was taken after the signals */
	gint64 last_look_us;
	gboolean all_moved;    /* in the last look nobody waited */
	gboolean moved_surely; /* and that stands: see outcome_observe */
	gint64 planned_at;     /* when the look of the plan was taken, by the server's clock */
	gboolean seems_stuck;  /* in the last look nobody was left who could move by himself */
	gboolean stuck;        /* and in the one before */
};

Identity outcome_identity_of(const Session *session);
/* NO_SESSION when it is there no more. */
guint outcome_find_again(const Snapshot *snapshot, const Identity *identity);
/* Whether the session is one of the items, and was left alone. */
gboolean outcome_left_alone(const Outcome *outcome, const Snapshot *snapshot, guint session);
gboolean outcome_same_statement_runs(const Session *session, const Identity *then);

/* Collects the waiters of a new outcome. */
void outcome_watch_waiters(Outcome *outcome, const Plan *plan);
/* What a look says of them; the items must have been judged by it before. */
void outcome_observe_waiters(Outcome *outcome, const WaitGraph *graph, gint64 at_us);

#endif
