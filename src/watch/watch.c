#include "watch/watch.h"

#include "base/duration.h"
#include "base/error.h"
#include "pg/heartbeat.h"
#include "watch/choice.h"
#include "watch/witness.h"

/* Reconnecting to a server that is down or out of connections must not add to its trouble. */
#define FIRST_RETRY_US (1 * DURATION_SECOND)
#define LONGEST_RETRY_US (30 * DURATION_SECOND)
/* Longer than anybody takes in a lock manager that isn't stuck. */
#define ONCE_MORE_US (200 * DURATION_MS)

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
	Witness *witness;
	Snapshot *held;      /* until the witness is there, or NULL */
	gint64 step_started; /* monotonic */
	Choice choice;       /* the step under way */
	Costs costs;         /* on this connection */
	gboolean is_warm;    /* it has asked for the heartbeat once */
	gboolean can_beat;
	gint32 lock_manager_waiter; /* as the last heartbeat said, or 0 */
	gint64 stuck_told;          /* when it was last told that the lock manager is stuck */
	gint64 retry_us;
	WatchOptions options;
	WatchCallbacks callbacks;
};

static void step(Watch *watch);
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

/* Somebody else's statement found out that it is lost, or nobody has yet. */
static void tell_lost(Watch *watch)
{
	g_autoptr(GError) lost = NULL;

	error_set(&lost, PGUNLOCK_ERROR_FAILED, "lost the connection");
	watch->callbacks.trouble(lost, -1, watch->callbacks.user_data);
}

static gboolean on_timer(gpointer user_data)
{
	Watch *watch = user_data;
	stop_timer(watch);
	if (is_connected(watch))
		step(watch);
	else if (watch->options.one_connection)
		tell_lost(watch);
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
	if (!is_connected(watch) && watch->options.one_connection) {
		watch->callbacks.trouble(error, -1, watch->callbacks.user_data);
		return;
	}
	if (!is_connected(watch)) {
		delay_us = watch->retry_us;
		watch->retry_us = MIN(2 * watch->retry_us, LONGEST_RETRY_US);
	}
	step_in(watch, delay_us);
	watch->callbacks.trouble(error, delay_us, watch->callbacks.user_data);
}

static void deliver(Watch *watch, Snapshot *snapshot)
{
	gint64 took_us = g_get_monotonic_time() - watch->step_started;

	watch->retry_us = FIRST_RETRY_US;
	step_in(watch, MAX(watch->options.interval_us - took_us, 0));
	watch->callbacks.snapshot(snapshot, watch->callbacks.user_data);
}

static gboolean is_quiet(const Snapshot *snapshot)
{
	guint n = snapshot_n_locks(snapshot);

	for (guint i = 0; i < n; i++)
		if (!snapshot_lock(snapshot, i)->granted)
			return FALSE;
	return TRUE;
}

static void on_look(Snapshot *snapshot, GError *error, gpointer user_data)
{
	Watch *watch = user_data;
	g_autoptr(GError) trouble = error;

	if (!snapshot) {
		tell_trouble(watch, trouble);
		return;
	}
	choice_looked(&watch->costs, watch->choice, snapshot_n_locks(snapshot), is_quiet(snapshot),
	              watch->step_started, g_get_monotonic_time());
	/* Who sees the tree can count on the witness; and our own login isn't in anybody's way later.
	 */
	if (is_connected(watch) && watch->witness &&
	    witness_keep(watch->witness, watch->connection, snapshot))
		watch->held = snapshot;
	else
		deliver(watch, snapshot);
}

static void on_witness_opened(gpointer user_data)
{
	Watch *watch = user_data;
	if (watch->held)
		deliver(watch, g_steal_pointer(&watch->held));
}

/* As often as it would look. */
static void on_stuck(GError *stuck, gpointer user_data)
{
	Watch *watch = user_data;
	g_autoptr(GError) trouble = stuck;
	gint64 now = g_get_monotonic_time();
	/* What was asked has been answered meanwhile; or not for another reason, and its own time ends
	 * it. */
	if (watch->timer || !is_connected(watch) || !trouble)
		return;
	pg_connection_give_time(watch->connection, watch->options.look.timeout_us);
	if (watch->stuck_told >= watch->step_started &&
	    now - watch->stuck_told + PG_SILENCE_US / 2 < watch->options.interval_us)
		return;
	watch->stuck_told = now;
	watch->callbacks.trouble(trouble, MAX(watch->options.interval_us, PG_SILENCE_US),
	                         watch->callbacks.user_data);
}

/* What our own connection was told may have changed since; the witness knows. */
static void on_silence(GError *stuck, gint64 unanswered_us, gpointer user_data)
{
	Watch *watch = user_data;
	gint32 own_pid = pg_connection_server(watch->connection)->own_pid;
	if (watch->witness && witness_ask(watch->witness, own_pid, unanswered_us, on_stuck, watch))
		g_clear_error(&stuck);
	else
		on_stuck(stuck, watch);
}

/* The stages of a look after the first read catalogs that all databases share, and those take locks
 * as well. */
static void on_later_silence(gint64 unanswered_us, gpointer user_data)
{
	on_silence(NULL, unanswered_us, user_data);
}

static void look(Watch *watch, Choice how)
{
	watch->choice = how;
	watch->step_started = g_get_monotonic_time();
	watch->options.look.only_contended = how == CHOICE_LOOK_AT_CONTENDED;
	pg_look(watch->connection, &watch->options.look, on_look, watch);
}

/* Nobody waits for a lock, it seems; but while the lock manager is stuck nobody gets so far. Who is
 * on the way through it is so only for a moment: the one that still waits in it after a fifth of a
 * second is a reason to look, which tells. TRUE when there is more to ask. */
static gboolean doubt_silence(Watch *watch, gint32 waiter)
{
	gint32 before = watch->lock_manager_waiter;

	watch->lock_manager_waiter = before == 0 ? waiter : 0;
	if (waiter == 0 || (before != 0 && before != waiter))
		return FALSE;
	if (before == 0)
		step_in(watch, ONCE_MORE_US);
	else
		look(watch, CHOICE_LOOK_AT_CONTENDED);
	return TRUE;
}

static void on_heartbeat(const Heartbeat *heartbeat, GError *error, gpointer user_data)
{
	Watch *watch = user_data;
	g_autoptr(GError) trouble = error;

	if (trouble) {
		tell_trouble(watch, trouble);
		return;
	}
	watch->can_beat = heartbeat->n_hidden == 0;
	if (watch->is_warm && watch->can_beat && heartbeat->n_waiting == 0) {
		if (doubt_silence(watch, heartbeat->lock_manager_waiter))
			return;
		SnapshotBuilder *nobody =
		    snapshot_builder_new(pg_connection_server(watch->connection), heartbeat->now);

		deliver(watch, snapshot_builder_finish(nobody));
		return;
	}
	watch->is_warm = TRUE;
	look(watch, choice_next(&watch->costs, FALSE, g_get_monotonic_time()));
}

static void beat(Watch *watch)
{
	watch->choice = CHOICE_HEARTBEAT;
	watch->step_started = g_get_monotonic_time();
	pg_heartbeat(watch->connection, watch->options.look.timeout_us, on_heartbeat, watch);
}

static void step(Watch *watch)
{
	gboolean can_beat = watch->can_beat && !pg_connection_server(watch->connection)->in_recovery;
	Choice choice = choice_next(&watch->costs, can_beat, g_get_monotonic_time());

	if (choice == CHOICE_HEARTBEAT)
		beat(watch);
	else
		look(watch, choice);
}

/* The first heartbeat makes the server read what it needs for it from the catalogs, while nobody
 * has locked them. */
static void begin(Watch *watch)
{
	pg_connection_on_silence(watch->connection, on_later_silence, watch);
	watch->costs = (Costs){0};
	watch->is_warm = FALSE;
	beat(watch);
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
	begin(watch);
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
	watch->options.look.silent = on_silence;
	watch->options.look.silent_data = watch;
	if (!options->without_witness)
		watch->witness = witness_new(options->look.timeout_us, on_witness_opened, watch);
	watch->callbacks = *callbacks;
	begin(watch);
	return watch;
}

PgConnection *watch_connection(const Watch *watch)
{
	return is_connected(watch) ? watch->connection : NULL;
}

gint64 watch_step_started(const Watch *watch)
{
	return watch->step_started;
}

void watch_hurry(Watch *watch, gint64 delay_us)
{
	if (watch->timer && is_connected(watch) &&
	    g_source_get_ready_time(watch->timer) > g_get_monotonic_time() + delay_us)
		step_in(watch, delay_us);
}

void watch_free(Watch *watch)
{
	if (!watch)
		return;
	stop_timer(watch);
	if (watch->attempt)
		watch->attempt->watch = NULL;
	witness_free(watch->witness);
	snapshot_free(watch->held);
	pg_connection_free(watch->connection);
	pg_target_free(watch->target);
	g_main_context_unref(watch->context);
	g_free(watch);
}
