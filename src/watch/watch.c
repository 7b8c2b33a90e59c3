#include "watch/watch.h"

#include "base/duration.h"
#include "base/error.h"
#include "pg/heartbeat.h"
#include "watch/choice.h"
#include "watch/witness.h"

/* Reconnecting to a server that is down or out of connections must not add to its trouble. */
#define FIRST_RETRY_US (1 * DURATION_SECOND)
#define LONGEST_RETRY_US (30 * DURATION_SECOND)
/* Longer than anybody takes in a lock manager that isn't stuck; and who waits for so long doesn't
 * wait for a moment only. */
#define ONCE_MORE_US (200 * DURATION_MS)
/* What was done once stays in the server's caches for long, but not for ever. */
#define REHEARSAL_US (10 * DURATION_SECOND)

struct Watch {
	GMainContext *context;
	PgTarget *target;
	PgConnection *connection; /* NULL, or no longer usable, between connections */
	PgConnecting *connecting; /* under way, or NULL */
	GSource *timer;           /* until the next step, or NULL */
	Witness *witness;
	PgRowMemory *rows;
	Snapshot *held;        /* until the witness is there, or NULL */
	gint64 step_started;   /* monotonic */
	Costs costs;           /* on this connection */
	gboolean is_kept_warm; /* by LookOptions.keep_warm, as the caller wants it */
	gboolean is_warm;      /* it has asked for the heartbeat once */
	gboolean can_beat;
	gint32 lock_manager_waiter; /* as the last heartbeat said, or 0 */
	gboolean is_look_wanted;    /* in the next step */
	guint n_holds;
	gboolean is_early;     /* the step under way is one that didn't wait for its time */
	gint64 next_rehearsal; /* monotonic */
	gint64 stuck_told;     /* when it was last told that the lock manager is stuck */
	gint64 retry_us;
	WatchOptions options;
	WatchCallbacks callbacks;
};

static void step(Watch *watch);
static void step_in(Watch *watch, gint64 delay_us);
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
	else if (watch->n_holds > 0)
		step_in(watch, FIRST_RETRY_US);
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

static void note_look(Watch *watch, const Snapshot *snapshot)
{
	g_autoptr(GArray) waiting = g_array_new(FALSE, FALSE, sizeof(gint32));
	gboolean is_blind = FALSE;

	for (guint i = 0; i < snapshot_n_locks(snapshot); i++) {
		const Lock *lock = snapshot_lock(snapshot, i);
		const Session *session = snapshot_session(snapshot, lock->session);

		if (lock->granted)
			continue;
		g_array_append_val(waiting, session->pid);
		is_blind |= session_is_unlisted(session);
	}
	g_array_sort(waiting, session_compare_pids);
	choice_looked(&watch->costs, waiting, is_blind, snapshot_n_locks_there(snapshot),
	              watch->step_started, g_get_monotonic_time());
}

static void on_look(Snapshot *snapshot, GError *error, gpointer user_data)
{
	Watch *watch = user_data;
	g_autoptr(GError) trouble = error;

	if (!snapshot) {
		tell_trouble(watch, trouble);
		return;
	}
	note_look(watch, snapshot);
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
	watch->is_look_wanted = FALSE;
	watch->step_started = g_get_monotonic_time();
	watch->options.look.keep_warm =
	    watch->is_kept_warm && watch->step_started >= watch->next_rehearsal;
	if (watch->options.look.keep_warm)
		watch->next_rehearsal = watch->step_started + REHEARSAL_US;
	watch->options.look.form = how == CHOICE_LOOK_AT_CONTENDED ? LOOK_AT_CONTENDED : LOOK_AT_ALL;
	watch->options.look.is_asked_elsewhere = watch->witness && witness_is_there(watch->witness);
	pg_look(watch->connection, &watch->options.look, on_look, watch);
}

/* Nobody else waits for a lock, it seems; but while the lock manager is stuck nobody gets so far.
 * Who is on the way through it is so only for a moment: the one that still waits in it after a
 * fifth of a second is a reason to look, which tells. TRUE when there is more to ask. */
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

static void deliver_nobody(Watch *watch, gint64 now)
{
	SnapshotBuilder *nobody = snapshot_builder_new(pg_connection_server(watch->connection), now);

	deliver(watch, snapshot_builder_finish(nobody));
}

/* Who has just come to wait is worth another question before the next step is due, but not each of
 * them, again and again. */
static void let_stand(Watch *watch, const ChoiceChange *change)
{
	gint64 now = g_get_monotonic_time();
	gint64 delay_us = MAX(watch->options.interval_us - (now - watch->step_started), 0);
	const WatchStanding standing = {
	    .age_us = now - watch->costs.look_ended,
	    .look_us = watch->costs.look_us,
	    .n_more = change->n_more,
	    .n_less = change->n_less,
	};

	watch->is_early = change->n_more > 0 && !watch->is_early && delay_us > ONCE_MORE_US;
	step_in(watch, watch->is_early ? ONCE_MORE_US : delay_us);
	watch->callbacks.stands(&standing, watch->callbacks.user_data);
}

static void on_heartbeat(const Heartbeat *heartbeat, GError *error, gpointer user_data)
{
	Watch *watch = user_data;
	g_autoptr(GError) trouble = error;
	gint64 now = g_get_monotonic_time();
	ChoiceChange change;

	if (trouble) {
		tell_trouble(watch, trouble);
		return;
	}
	watch->can_beat = heartbeat->n_hidden == 0;
	if (!watch->is_warm || !watch->can_beat) {
		watch->is_warm = TRUE;
		look(watch, choice_next(&watch->costs, FALSE, now));
		return;
	}
	if (doubt_silence(watch, heartbeat->lock_manager_waiter))
		return;
	if (choice_heard(&watch->costs, heartbeat->waiting, now, &change))
		look(watch, choice_next(&watch->costs, FALSE, now));
	else if (heartbeat->waiting->len == 0)
		deliver_nobody(watch, heartbeat->now);
	else
		let_stand(watch, &change);
}

static void beat(Watch *watch)
{
	watch->step_started = g_get_monotonic_time();
	pg_heartbeat(watch->connection, watch->options.look.timeout_us, on_heartbeat, watch);
}

static void step(Watch *watch)
{
	gboolean can_beat = watch->can_beat && !watch->is_look_wanted &&
	                    !pg_connection_server(watch->connection)->in_recovery;
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
	costs_clear(&watch->costs);
	costs_init(&watch->costs, watch->options.share_percent);
	watch->costs.beats_when_quiet = watch->options.beats_when_quiet;
	pg_row_memory_forget(watch->rows);
	watch->next_rehearsal = 0;
	watch->is_warm = FALSE;
	beat(watch);
}

static void on_connect(PgConnection *connection, GError *error,
                       G_GNUC_UNUSED gboolean needs_password, gpointer user_data)
{
	Watch *watch = user_data;
	g_autoptr(GError) trouble = error;
	watch->connecting = NULL;
	if (!connection) {
		tell_trouble(watch, trouble);
		return;
	}
	watch->connection = connection;
	begin(watch);
}

static void reconnect(Watch *watch)
{
	gint64 timeout_us = watch->options.look.timeout_us;
	g_clear_pointer(&watch->connection, pg_connection_free);
	watch->connecting =
	    pg_connect(watch->context, watch->target, timeout_us, timeout_us, on_connect, watch);
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
	watch->rows = pg_row_memory_new();
	watch->is_kept_warm = options->look.keep_warm;
	watch->options.look.row_memory = watch->rows;
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

void watch_set_far_names(Watch *watch, gboolean wanted)
{
	watch->options.look.other_names = wanted;
	watch->options.look.row_keys = wanted;
}

void watch_want_look(Watch *watch)
{
	watch->is_look_wanted = TRUE;
}

void watch_hold(Watch *watch)
{
	watch->n_holds++;
}

void watch_let_go(Watch *watch)
{
	g_assert(watch->n_holds > 0);
	watch->n_holds--;
}

void watch_reconnect(Watch *watch)
{
	watch->n_holds = 0;
	stop_timer(watch);
	if (!watch->connecting)
		reconnect(watch);
}

void watch_set_interval(Watch *watch, gint64 interval_us)
{
	watch->options.interval_us = interval_us;
}

void watch_free(Watch *watch)
{
	if (!watch)
		return;
	stop_timer(watch);
	pg_connecting_abandon(watch->connecting);
	witness_free(watch->witness);
	costs_clear(&watch->costs);
	snapshot_free(watch->held);
	pg_connection_free(watch->connection);
	pg_target_free(watch->target);
	pg_row_memory_free(watch->rows);
	g_main_context_unref(watch->context);
	g_free(watch);
}
