#include "watch/watch.h"

#include "base/duration.h"

/* Reconnecting to a server that is down or out of connections must not add to its trouble. */
#define FIRST_RETRY_US (1 * DURATION_SECOND)
#define LONGEST_RETRY_US (30 * DURATION_SECOND)

/* A connection attempt can't be called off: it outlives a watch that was freed meanwhile and then
 * finds that nobody wants its connection any more. */
typedef struct {
	Watch *watch; /* NULL once the watch is gone */
} Attempt;

struct Watch {
	GMainContext *context;
	PgTarget *target;
	PgConnection *connection; /* NULL, or no longer usable, between connections */
	Attempt *attempt;         /* under way, or NULL */
	GSource *timer;           /* until the next step, or NULL */
	gint64 look_started;      /* monotonic */
	gint64 retry_us;
	WatchOptions options;
	WatchCallbacks callbacks;
};

static void look(Watch *watch);
static void reconnect(Watch *watch);

static gboolean is_connected(const Watch *watch)
{
	return watch->connection && pg_connection_is_usable(watch->connection);
}

static void stop_timer(Watch *watch)
{
	if (!watch->timer)
		return;
	g_source_destroy(watch->timer);
	g_clear_pointer(&watch->timer, g_source_unref);
}

static gboolean on_timer(gpointer user_data)
{
	Watch *watch = user_data;
	stop_timer(watch);
	if (is_connected(watch))
		look(watch);
	else
		reconnect(watch);
	return G_SOURCE_REMOVE;
}

static void step_in(Watch *watch, gint64 delay_us)
{
	stop_timer(watch);
	watch->timer = g_timeout_source_new((guint) (delay_us / DURATION_MS));
	g_source_set_callback(watch->timer, on_timer, watch, NULL);
	g_source_attach(watch->timer, watch->context);
}

static void tell_trouble(Watch *watch, const GError *error)
{
	gint64 delay_us = watch->options.interval_us;
	if (!is_connected(watch)) {
		delay_us = watch->retry_us;
		watch->retry_us = MIN(2 * watch->retry_us, LONGEST_RETRY_US);
	}
	step_in(watch, delay_us);
	watch->callbacks.trouble(error, delay_us, watch->callbacks.user_data);
}

static void on_look(Snapshot *snapshot, GError *error, gpointer user_data)
{
	Watch *watch = user_data;
	g_autoptr(GError) trouble = error;
	if (snapshot) {
		gint64 took_us = g_get_monotonic_time() - watch->look_started;
		watch->retry_us = FIRST_RETRY_US;
		step_in(watch, MAX(watch->options.interval_us - took_us, 0));
		watch->callbacks.snapshot(snapshot, watch->callbacks.user_data);
		return;
	}
	tell_trouble(watch, trouble);
}

static void look(Watch *watch)
{
	watch->look_started = g_get_monotonic_time();
	pg_look(watch->connection, &watch->options.look, on_look, watch);
}

static void on_connect(PgConnection *connection, GError *error,
                       G_GNUC_UNUSED gboolean needs_password, gpointer user_data)
{
	Attempt *attempt = user_data;
	Watch *watch = attempt->watch;
	g_autoptr(GError) trouble = error;
	g_autoptr(PgConnection) ready = connection;
	g_free(attempt);
	if (!watch)
		return;
	watch->attempt = NULL;
	if (!ready) {
		tell_trouble(watch, trouble);
		return;
	}
	watch->connection = g_steal_pointer(&ready);
	look(watch);
}

static void reconnect(Watch *watch)
{
	gint64 timeout_us = watch->options.look.timeout_us;
	g_clear_pointer(&watch->connection, pg_connection_free);
	watch->attempt = g_new0(Attempt, 1);
	watch->attempt->watch = watch;
	pg_connect(watch->context, watch->target, timeout_us, timeout_us, on_connect, watch->attempt);
}

Watch *watch_new(PgConnection *connection, const WatchOptions *options,
                 const WatchCallbacks *callbacks)
{
	Watch *watch = g_new0(Watch, 1);
	watch->context = g_main_context_ref(pg_connection_context(connection));
	watch->target = pg_target_copy(pg_connection_target(connection));
	watch->connection = connection;
	watch->retry_us = FIRST_RETRY_US;
	watch->options = *options;
	watch->callbacks = *callbacks;
	look(watch);
	return watch;
}

void watch_free(Watch *watch)
{
	if (!watch)
		return;
	stop_timer(watch);
	if (watch->attempt)
		watch->attempt->watch = NULL;
	pg_connection_free(watch->connection);
	pg_target_free(watch->target);
	g_main_context_unref(watch->context);
	g_free(watch);
}
