#ifndef PGUNLOCK_WATCH_WATCH_H
#define PGUNLOCK_WATCH_WATCH_H

/*
 * Looks at a server again and again over one warm connection, and connects anew when that is lost.
 * Never two looks at once: a look that takes longer than the interval delays the next one. One that
 * hangs because the lock manager is stuck is waited for, and told as trouble meanwhile: another
 * connection would hang as well and stay behind. How it looks, and whether the last look still
 * stands, it chooses by what looking costs (watch/choice.h): LookOptions.form isn't the
 * caller's to set.
 */

#include "pg/connection.h"
#include "pg/look.h"

#include <glib.h>

typedef struct {
	gint64 interval_us;        /* from the start of a step to the start of the next */
	guint share_percent;       /* of the time that looks may take (Costs) */
	gboolean beats_when_quiet; /* as in Costs */
	gboolean without_witness;  /* no second connection: only a look that hangs finds out itself that
	                              the lock manager is stuck */
	gboolean one_connection;   /* when it is lost the watch is over */
	LookOptions look;
} WatchOptions;

/* What stands of the last look. */
typedef struct {
	gint64 age_us;        /* how long ago it ended */
	gint64 look_us;       /* what it took */
	guint n_more, n_less; /* who waits by now and didn't, and the other way round */
} WatchStanding;

/* Each snapshot is the callee's. */
typedef void (*WatchSnapshot)(Snapshot *snapshot, gpointer user_data);
/* The step took no look: the last one stands, as far as is said. */
typedef void (*WatchStands)(const WatchStanding *standing, gpointer user_data);
/* A look or an attempt to connect failed; the watch goes on, and tries again in retry_us. error is
 * borrowed. With one_connection retry_us is -1 once that is lost: nothing comes after it. */
typedef void (*WatchTrouble)(const GError *error, gint64 retry_us, gpointer user_data);

typedef struct {
	WatchSnapshot snapshot;
	WatchStands stands;
	WatchTrouble trouble;
	gpointer user_data;
} WatchCallbacks;

typedef struct Watch Watch;

/* Takes the connection over; the first look starts at once, callbacks come from the connection's
 * context. A callback must not free the watch. */
Watch *watch_new(PgConnection *connection, const WatchOptions *options,
                 const WatchCallbacks *callbacks);
/* The next step takes a look, whatever it costs. May be called in a callback. */
void watch_want_look(Watch *watch);
/* As long as it is held, also a connection that was lost isn't freed, and no other made: somebody
 * still asks over it. Each of these takes one letting go. */
void watch_hold(Watch *watch);
void watch_let_go(Watch *watch);
/* Closes the connection at once, whatever is under way and whoever holds it, and makes another. */
void watch_reconnect(Watch *watch);
/* From the next step on. */
void watch_set_interval(Watch *watch, gint64 interval_us);
/* No callback comes after it. */
void watch_free(Watch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Watch, watch_free)

/* The connection, for statements of the caller's between the looks, or NULL while there is none.
 * Borrowed; from one callback to the next it may be another. */
PgConnection *watch_connection(const Watch *watch);
/* When the last step began, by the monotonic clock: in a callback that which led to it. */
gint64 watch_step_started(const Watch *watch);
/* Whether the looks that follow ask for what may take long: other databases for their names, and
 * tables for the keys of their rows (LookOptions.other_names, row_keys). */
void watch_set_far_names(Watch *watch, gboolean wanted);
/* The next look starts in delay_us, if it would start later. */
void watch_hurry(Watch *watch, gint64 delay_us);

#endif
