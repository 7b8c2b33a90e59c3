#ifndef PGUNLOCK_TEST_PLAN_WORDS_H
#define PGUNLOCK_TEST_PLAN_WORDS_H

/* A plan made of a scene, and plans and outcomes in a few words, so that a test can say all that it
 * expects in a line. Free the texts with g_free. */

#include "graph_words.h"
#include "plan/outcome.h"
#include "plan/plan.h"
#include "scene.h"

/* A look and what was planned on it. plan is NULL and error set when there is none. */
typedef struct {
	Snapshot *snapshot;
	WaitGraph *graph;
	Plan *plan;
	GError *error;
} Planned;

void planned_clear(Planned *planned);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Planned, planned_clear)

/* Ends the scene: a look without a plan. Names and privileges may be added to its snapshot. */
Planned planned_look(Scene *scene);
/* Plans on it. */
void planned_make(Planned *planned, const Selection *selection);
/* Both. */
Planned planned_of(Scene *scene, const Selection *selection);

/* "4711 gid:order", as typed: an array of SessionRef, the caller's. */
GPtrArray *sessions_named(const char *names);

/* The items, separated by ", ". "101 cancel running frees 3 blocks 102 stmt xact": it is to be
 * cancelled because it runs, frees 3 alone, and the signal's condition is that it still blocks 102,
 * with the same statement and transaction. Further words: "no:REFUSAL" in the place of the reason,
 * "of 3 with 1" for a group's number and what it frees together, "holds 42" for the advisory lock
 * that it must still hold, "inferred". "error 5" for no plan.
 */
char *words_plan(const Planned *planned);
/* "relation 500 AccessShareLock, transactionid 725 ExclusiveLock": an item's locks; a request that
 * waits has a question mark. */
char *words_locks(const Planned *planned, guint item);
/* "101 102": who moves on. */
char *words_freed(const Planned *planned);
/* "holder terminate 100 101 frees 4, queued cancel 102 frees 3" */
char *words_alternatives(const Planned *planned);
/* "same, same 101, gone, went_on": the plan held against a newer look. */
char *words_update(const Planned *shown, const Planned *now);

/* "freed, cancelled_still_holding; granted 1, gave_up 2, waiting 3; next pid:101 gid:a; exit 4" */
char *words_outcome(const Outcome *outcome);

const char *words_refusal(ActRefusal refusal);
const char *words_reason(ActReason reason);

#endif
