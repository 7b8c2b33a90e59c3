#include "tui/wide.h"

#include "pg/look.h"

/* So many times as long as a look took there is none. */
#define PAUSE_PER_LOOK 20

struct Wide {
	Side *side;
	Watch *watch;
	gint64 timeout_us;
	WideDone done;
	gpointer user_data;
	gboolean is_busy;
	gboolean is_watchs;
	guint n_closed;        /* of the connection, when it was asked */
	gint64 started, ended; /* monotonic */
	gboolean is_hurried;
};

Wide *wide_new(Side *side, Watch *watch, gint64 timeout_us, WideDone done, gpointer user_data)
{
	Wide *wide = g_new0(Wide, 1);

	wide->side = side;
	wide->watch = watch;
	wide->timeout_us = timeout_us;
	wide->done = done;
	wide->user_data = user_data;
	return wide;
}

void wide_free(Wide *wide)
{
	g_free(wide);
}

static void on_look(Snapshot *snapshot, GError *error, gpointer user_data)
{
	Wide *wide = user_data;
	g_autoptr(GError) trouble = error;

	wide->is_busy = FALSE;
	wide->ended = g_get_monotonic_time();
	side_give_back(wide->side, wide->watch, wide->is_watchs);
	wide->done(snapshot, trouble, wide->user_data);
}

static gboolean is_time(const Wide *wide, gint64 interval_us, gint64 now)
{
	gint64 took = wide->ended - wide->started;

	return wide->is_hurried ||
	       (now >= wide->started + interval_us && now >= wide->ended + PAUSE_PER_LOOK * took);
}

void wide_look(Wide *wide, gint64 interval_us, gint64 now)
{
	const LookOptions what = {
	    .names = TRUE,
	    .all_names = TRUE,
	    .privileges = TRUE,
	    .timeout_us = wide->timeout_us,
	};

	if (wide->is_busy && side_n_closed(wide->side, wide->is_watchs) != wide->n_closed)
		wide->is_busy = FALSE;
	if (wide->is_busy || !is_time(wide, interval_us, now))
		return;
	PgConnection *connection = side_take(wide->side, wide->watch, &wide->is_watchs);
	if (!connection)
		return;
	wide->n_closed = side_n_closed(wide->side, wide->is_watchs);
	wide->is_hurried = FALSE;
	wide->is_busy = TRUE;
	wide->started = now;
	pg_look(connection, &what, on_look, wide);
}

void wide_hurry(Wide *wide)
{
	wide->is_hurried = TRUE;
}
