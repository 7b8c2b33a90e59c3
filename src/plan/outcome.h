#ifndef PGUNLOCK_PLAN_OUTCOME_H
#define PGUNLOCK_PLAN_OUTCOME_H

/*
 * What became of a plan: fed with what was signalled and with looks taken afterwards, it judges
 * what was reached. Signalled is not gone, gone is not freed. No I/O: action does that. Times are
 * microseconds since the first signal, by our own monotonic clock.
 */

#include "plan/plan.h"

#include <glib.h>

typedef enum {
	RESULT_NONE, /* not yet */
	RESULT_REFUSED,
	RESULT_ALREADY_GONE, /* no such backend any more, or its transaction ended by itself: nothing
	                        was signalled */
	RESULT_SIGNALLED,
	RESULT_GONE,  /* no backend with that pid and backend_start */
	RESULT_FREED, /* and it holds none of the planned locks */
	RESULT_CANCELLED_STILL_HOLDING,
	RESULT_STILL_THERE,
} ItemResult;

/* As in JSON: "already_gone". */
const char *item_result_name(ItemResult result);

typedef struct {
	ItemResult result;
	Act act; /* the last one carried out: terminate after a cancel that wasn't enough */
	gboolean escalated;
	gint64 signalled_us;
	gint64 settled_us;   /* when the result was reached */
	gboolean went_on;    /* already_gone because it went on to other work: left alone */
	gboolean in_the_way; /* and somebody is behind it all the same in the last look */
	char *message;       /* the server's words, when it refused the signal, or the terminate after a
	                        cancel; else NULL */
	char *hint;          /* what to do about that, or NULL */
	char *sqlstate;
} ItemOutcome;

typedef enum { WAITER_STILL_WAITING, WAITER_GRANTED, WAITER_GAVE_UP } WaiterFate;

typedef struct Outcome Outcome;

/* Copies what it needs of the plan: the plan's snapshot may go before the outcome. Refused items
 * are settled at once. */
Outcome *outcome_new(const Plan *plan);
void outcome_free(Outcome *outcome);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Outcome, outcome_free)

guint outcome_n_items(const Outcome *outcome);
const ItemOutcome *outcome_item(const Outcome *outcome, guint index);

/* Whether the item has a result. It stands, but for cancelled_still_holding: an escalation follows
 * it, and it becomes freed when the session lets go of its own accord. */
gboolean outcome_item_settled(const Outcome *outcome, guint index);

/* What was done to item index. A second signal to the same item is an escalation; one that isn't
 * carried out, because the server refused it or the session has changed, leaves the item as it was.
 */
void outcome_signalled(Outcome *outcome, guint index, Act act, gint64 at_us);
void outcome_already_gone(Outcome *outcome, guint index, gboolean went_on, gint64 at_us);
void outcome_refused(Outcome *outcome, guint index, const char *message, const char *hint,
                     const char *sqlstate);

/* A look taken at_us. Settles what it can. */
void outcome_observe(Outcome *outcome, const WaitGraph *graph, gint64 at_us);
/* No more looks will come: the time is up. */
void outcome_close(Outcome *outcome, gint64 at_us);
/* No more looks will come before the time is up: what isn't settled stays signalled, and nobody
 * knows what comes of it. */
void outcome_break_off(Outcome *outcome, gint64 at_us);
/* When the last look was taken, or -1: there was none. */
gint64 outcome_last_look_us(const Outcome *outcome);

/* Every item is settled. */
gboolean outcome_items_settled(const Outcome *outcome);
/* And every waiter that the acts were to free has moved on, or won't by anything of ours: every act
 * was refused, or whoever still waits does so for those who were left alone and for others, who
 * have been idle in their transactions since before the plan. (Of those who share a row a waiter
 * waits for one after the other, and only that one is to be seen: MultiXactIdWait in
 * src/backend/access/heap/heapam.c.) */
gboolean outcome_waiters_settled(const Outcome *outcome);

/* How many of those that stood behind the sessions of the plan met this fate: those whom the acts
 * were to free, and those whom others keep as well. */
guint outcome_n_waiters(const Outcome *outcome, WaiterFate fate);
/* When the last waiter moved on. */
gint64 outcome_last_moved_us(const Outcome *outcome);

/* In the last look: the roots that those who still wait are behind. Ids as in JSON, owned by the
 * outcome. */
guint outcome_n_successors(const Outcome *outcome);
const char *outcome_successor(const Outcome *outcome, guint index);
/* Whether a look was taken; how many waited in the last one altogether. */
gboolean outcome_was_observed(const Outcome *outcome);
guint outcome_n_blocked_now(const Outcome *outcome);

/* The exit code of the whole: of 1, 4, 5, 3 the first that occurred, else 0. */
int outcome_exit_code(const Outcome *outcome);

#endif
