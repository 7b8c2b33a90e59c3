#include "watch/choice.h"

#include "base/duration.h"

/* Where the two ways of looking cost the same. */
#define MANY_LOCKS 10000
/* The number of locks is learned anew after so many looks that don't see all. */
#define LOOKS_AT_CONTENDED 30
/* While nobody waits looks may take one part of so many of the time, */
#define LOOKS_SHARE 100
/* but however slow they are (the network may be), whom the heartbeat misses waits unseen no longer.
 */
#define LONGEST_UNSEEN_US (10 * DURATION_SECOND)

Choice choice_next(const Costs *costs, gboolean can_beat, gint64 now)
{
	gint64 pause_us = MIN((LOOKS_SHARE - 1) * costs->look_us, LONGEST_UNSEEN_US);

	if (!costs->knows_n_locks)
		return costs->look_us == 0 ? CHOICE_LOOK_AT_CONTENDED : CHOICE_LOOK_AT_ALL;
	if (costs->n_locks <= MANY_LOCKS)
		return CHOICE_LOOK_AT_ALL;
	if (costs->was_quiet && can_beat && now < costs->look_ended + pause_us)
		return CHOICE_HEARTBEAT;
	return costs->looks_since < LOOKS_AT_CONTENDED ? CHOICE_LOOK_AT_CONTENDED : CHOICE_LOOK_AT_ALL;
}

void choice_looked(Costs *costs, Choice how, guint n_locks, gboolean is_quiet, gint64 started,
                   gint64 ended)
{
	if (how == CHOICE_LOOK_AT_ALL) {
		costs->knows_n_locks = TRUE;
		costs->n_locks = n_locks;
		costs->looks_since = 0;
	} else {
		costs->looks_since++;
	}
	costs->was_quiet = is_quiet;
	costs->look_ended = ended;
	costs->look_us = ended - started;
}
