#ifndef PGUNLOCK_TEST_OUTCOME_WORDS_H
#define PGUNLOCK_TEST_OUTCOME_WORDS_H

/*
 * Looks in a line each, for tests of what became of a plan: "100:holds 101:first 102:line".
 *
 * Those who are in the way, in a transaction of ten minutes, with a transaction id and a lock on a
 * table: holds (idle in it), sits, pauses (the same, known to be so for minutes, for half a
 * second), works (runs a statement), works2 (runs another), savepoint (failed, the locks kept);
 * stale (it has just ended: the locks were read before the state). Without any lock: stays (idle in
 * the transaction), rolledback (it has ended).
 *
 * Those who wait, in a transaction of a minute: first (in line for a row of 100), second (for a row
 * of 101), line (behind the first); runs (its statement goes on), done (that has ended, and its
 * transaction), owner (that has ended, its transaction has an id now), failed; next (another
 * statement in another transaction), again (that waits in the line). other: another session with
 * this pid; gone: none.
 *
 * After a comma locks: table, reads, key (a table strongly, a table weakly, an advisory key),
 * wants-table, wants-read, wants-key.
 */

#include "plan_words.h"

Planned look_of(const char *words);

/* The outcome of a plan for these sessions; of all with NULL. The plan and its look are gone by
 * then. */
Outcome *outcome_of(PlanCommand command, const char *sessions, const char *words);

void observe(Outcome *outcome, const char *words, gint64 at_us);

#define assert_outcome(outcome, expected) assert_words(words_outcome(outcome), expected)

#endif
