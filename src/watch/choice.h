#ifndef PGUNLOCK_WATCH_CHOICE_H
#define PGUNLOCK_WATCH_CHOICE_H

/*
 * What a watch asks the server next, by what the last answers cost: pure, so that it is tested
 * without a server.
 *
 * All locks are sent faster than the server chooses among them while they are few, and far slower
 * when they are many: the last look at all of them tells; the first one, when nothing is known, is
 * at the contended ones, which never costs much more. And where there are many and nobody waited,
 * asking whether anybody does (pg/heartbeat.h) is nearly free and touches no lock partition, but
 * misses some waiters: it fills the time until another look costs no more than its share.
 */

#include <glib.h>

typedef enum {
	CHOICE_LOOK_AT_ALL,
	CHOICE_LOOK_AT_CONTENDED,
	CHOICE_HEARTBEAT,
} Choice;

typedef struct {
	gint64 look_ended, look_us; /* the last look, by the monotonic clock, and what it took */
	gboolean was_quiet;         /* it saw nobody wait */
	gboolean knows_n_locks;     /* all have been looked at once */
	guint n_locks;              /* then, the last time */
	guint looks_since;          /* that saw the contended ones alone */
} Costs;

/* costs all zero: nothing is known yet. can_beat: a heartbeat would tell who waits (not on a
 * standby, whose startup process waits without saying so). now as look_ended. */
Choice choice_next(const Costs *costs, gboolean can_beat, gint64 now);
/* A look ended, which saw so many locks. */
void choice_looked(Costs *costs, Choice how, guint n_locks, gboolean is_quiet, gint64 started,
                   gint64 ended);

#endif
