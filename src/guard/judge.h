#ifndef PGUNLOCK_GUARD_JUDGE_H
#define PGUNLOCK_GUARD_JUDGE_H

/*
 * Which sessions of a look the policy is asked about, and what it says of each. No I/O.
 *
 * Asked about are the root blockers: whoever waits himself is a victim of theirs, however many he
 * has behind him. The exception is a request that only its place in the queue makes a blocker, and
 * whose going would let others go on (queued DDL): it holds nothing that anybody wants. Sessions
 * that nobody waits for are asked about only where a rule wants that, and of these the clients' and
 * whatever else has a transaction open.
 */

#include "base/duration.h"
#include "guard/seen.h"
#include "model/blocker.h"
#include "model/wait_graph.h"
#include "policy/verdict.h"

#include <glib.h>

typedef enum {
	JUDGED_ROOT,
	JUDGED_QUEUED,    /* its waiting request holds up others */
	JUDGED_BYSTANDER, /* nobody waits for it */
} JudgedAs;

typedef struct {
	guint session; /* in the look's snapshot */
	JudgedAs as;
	/* It was not seen like this for long enough to know that it doesn't only pass (guard/seen.h):
	 * nothing is done before another look. */
	gboolean is_fresh;
	Blocker *blocker; /* owned */
	Verdict verdict;  /* borrows from the policy */
} Judged;

/* What is the same for all sessions of a look. */
typedef struct {
	const Policy *policy;
	const char *server;  /* its name in the policy file */
	const Seen *seen;    /* the looks so far, this one among them; NULL: there was but this one */
	guint second_of_day; /* the guard's local time */
} JudgeContext;

/* How long a session must have been seen to block, at least, before it is acted on. */
#define JUDGE_LEAST_SEEN_US (150 * DURATION_MS)

/* Of Judged, worst first, those that nobody waits for last; the caller's. */
GArray *judge_look(const JudgeContext *context, const WaitGraph *graph);

/* The verdicts anew, at a later time by the server's clock: what waits longer, or idles longer, by
 * now. Whether one of them acts that didn't: then it is time for a look, since what was seen may
 * be no longer so. */
gboolean judge_again(const JudgeContext *context, GArray *judged, gint64 now);

/* Whether the verdict is that something is to be done to the session. */
gboolean judged_acts(const Judged *judged);
/* Whether some of them would be acted on but for being fresh. */
gboolean judge_has_doubts(const GArray *judged);

#endif
