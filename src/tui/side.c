#include "tui/side.h"

#include "base/duration.h"
#include "pg/elsewhere.h"
#include "pg/locked_catalogs.h"
#include "pg/look.h"

/* Between two attempts to open it, and between two looks to keep it warm. */
#define RETRY_US (30 * DURATION_SECOND)
#define WARM_US (60 * DURATION_SECOND)

struct Side {
	PgConnection *connection; /* or NULL */
	PgConnecting *connecting; /* under way, or NULL */
	gint64 timeout_us;
	gint64 next_attempt, next_warming; /* monotonic */
	guint n_users;
	guint n_closed[2]; /* its own, the watch's */
	gboolean is_warming;
};

Side *side_new(gint64 timeout_us)
{
	Side *side = g_new0(Side, 1);

	side->timeout_us = timeout_us;
	return side;
}

void side_free(Side *side)
{
	if (!side)
		return;
	pg_connecting_abandon(side->connecting);
	pg_connection_free(side->connection);
	g_free(side);
}

static void on_connect(PgConnection *connection, GError *error,
                       G_GNUC_UNUSED gboolean needs_password, gpointer user_data)
{
	Side *side = user_data;
	/* Nobody needs it yet: whoever does then gets the watch's connection, or is told. */
	g_autoptr(GError) trouble = error;

	side->connecting = NULL;
	side->connection = connection;
}

static void on_warm(Snapshot *snapshot, GError *error, gpointer user_data)
{
	Side *side = user_data;
	g_autoptr(GError) trouble = error;

	snapshot_free(snapshot);
	side->is_warming = FALSE;
	side->n_users--;
}

/* As a plan is made, so that the same is in the caches. */
static void warm(Side *side)
{
	const LookOptions what = {
	    .form = LOOK_AT_CONTENDED,
	    .names = TRUE,
	    .privileges = TRUE,
	    .keep_warm = TRUE,
	    .timeout_us = side->timeout_us,
	};

	side->is_warming = TRUE;
	side->n_users++;
	pg_look(side->connection, &what, on_warm, side);
}

static gboolean is_there(const Side *side)
{
	return side->connection && pg_connection_is_usable(side->connection);
}

void side_keep(Side *side, Watch *watch, const Snapshot *snapshot, gint64 now)
{
	PgConnection *model = watch_connection(watch);

	if (is_there(side)) {
		if (!side->is_warming && now >= side->next_warming) {
			side->next_warming = now + WARM_US;
			warm(side);
		}
		return;
	}
	if (side->connecting || side->n_users > 0 || !model || !snapshot || now < side->next_attempt)
		return;
	/* A login might only stand in the queue. */
	if (any_catalog_is_locked(snapshot, pg_connection_server(model)->database_oid))
		return;
	g_clear_pointer(&side->connection, pg_connection_free);
	side->next_attempt = now + RETRY_US;
	side->next_warming = 0;
	side->connecting = pg_connect_elsewhere(model, pg_connection_server(model)->database,
	                                        side->timeout_us, side->timeout_us, on_connect, side);
}

PgConnection *side_take(Side *side, Watch *watch, gboolean *is_watchs)
{
	*is_watchs = !is_there(side);
	if (*is_watchs) {
		PgConnection *connection = watch_connection(watch);
		if (connection)
			watch_hold(watch);
		return connection;
	}
	side->n_users++;
	return side->connection;
}

void side_give_back(Side *side, Watch *watch, gboolean is_watchs)
{
	if (is_watchs)
		watch_let_go(watch);
	else
		side->n_users--;
}

void side_close(Side *side, Watch *watch, gboolean is_watchs)
{
	side->n_closed[is_watchs]++;
	if (is_watchs) {
		watch_reconnect(watch);
		return;
	}
	g_clear_pointer(&side->connection, pg_connection_free);
	side->n_users = 0;
	side->is_warming = FALSE;
	side->next_attempt = 0;
}

guint side_n_closed(const Side *side, gboolean is_watchs)
{
	return side->n_closed[is_watchs];
}
