#ifndef PGUNLOCK_WATCH_CHOICE_H
#define PGUNLOCK_WATCH_CHOICE_H

/*
 * What a watch asks the server next, by what the last answers cost and said: pure, so that it is
 * tested without a server.
 *
 * A look copies the lock table, and while the server does that nobody else gets at it. The
 * heartbeat (pg/heartbeat.h) touches no lock and tells who waits. So once a look has been taken,
 * looks get a share of the time; in between the heartbeat is asked, and as long as the same
 * sessions wait the last look stands. When others wait, a larger share may be spent. What is cheap
 * anyway is looked at each time.
 *
 * All locks are sent faster than the server chooses among them while they are few, and far slower
 * when they are many: each look tells how many there are. The first one, when nothing is known, is
 * at the contended ones, which never costs much more.
 */

#include <glib.h>

typedef enum {
	CHOICE_LOOK_AT_ALL,
	CHOICE_LOOK_AT_CONTENDED,
	CHOICE_HEARTBEAT,
} Choice;

typedef struct {
	guint share_percent; /* of the time that looks may take while the same sessions wait; 100: look
	                        each time, whatever it costs */
	gboolean beats_when_quiet; /* while nobody waits the heartbeat is enough, however cheap looks
	                              are: for one of hundreds of servers. FALSE at first */
	gboolean has_looked;
	gint64 look_ended, look_us; /* the last look, by the monotonic clock, and what it took */
	guint n_locks;              /* that the server had then */
	gboolean is_blind;          /* it saw somebody wait whom heartbeats don't tell of */
	GArray *waiting;            /* of gint32: who waited in it, ascending */
	GArray *beat;               /* who waited by the last heartbeat since, or NULL */
} Costs;

void costs_init(Costs *costs, guint share_percent);
void costs_clear(Costs *costs);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Costs, costs_clear)

/* can_beat: a heartbeat would tell who waits (not on a standby, whose startup process waits without
 * saying so, and not while sessions are hidden from our role). now as look_ended. */
Choice choice_next(const Costs *costs, gboolean can_beat, gint64 now);

/* A look ended, which saw these wait (of gint32, ascending; copied), is_blind as in Costs. */
void choice_looked(Costs *costs, const GArray *waiting, gboolean is_blind, guint n_locks,
                   gint64 started, gint64 ended);

/* How those who wait differ from those in the last look. */
typedef struct {
	guint n_more; /* who wait now and didn't */
	guint n_less; /* who waited and don't now */
} ChoiceChange;

/* A heartbeat said that these wait (as above), after a look. Whether that is reason to look now.
 * Who comes to wait for a moment isn't: only who does so in two heartbeats counts. */
gboolean choice_heard(Costs *costs, const GArray *waiting, gint64 now, ChoiceChange *change);

#endif
