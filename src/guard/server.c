#include "guard/server.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/timestamp.h"
#include "guard/backoff.h"
#include "guard/judge.h"
#include "guard/observer.h"
#include "guard/server_states.h"
#include "guard/standing.h"
#include "pg/lease.h"
#include "watch/watch.h"

#define CONNECT_TIMEOUT_US (10 * DURATION_SECOND)
#define LOOK_TIMEOUT_US (10 * DURATION_SECOND)
/* Of the time, while the same sessions wait. A rule that comes to match is a reason to look at any
 * time. */
#define LOOK_SHARE_PERCENT 10
/* To ask other databases of the server for their names takes logins there, which may hang, and
 * rows for their keys two round trips more. Looks that take longer do without for a while: acts
 * shall come in time. */
#define SLOW_LOOK_US (500 * DURATION_MS)
#define WITHOUT_NAMES_US (1 * DURATION_MINUTE)
/* While a guard in another database has the lease: to see that takes a look at pg_locks. On the
 * average: two that both gave it back must not both ask again at the same time. */
#define SPLIT_RETRY_US (10 * DURATION_SECOND)

struct GuardServer {
	const GuardTools *tools;
	char *name;
	char *conninfo;
	PgTarget *target;
	ServerState state;
	Backoff backoff;
	guint timer;              /* source: until the beginning, or the next attempt; or 0 */
	guint loss;               /* source: the loss of the connection is about to be told; or 0 */
	guint settle;             /* source: likewise that all acts are settled */
	PgConnecting *connecting; /* under way, or NULL */
	Watch *watch;             /* over the connection, or NULL */
	gint64 leading_us;        /* monotonic: since when the lease is ours */
	gint64 ask_us;            /* when to ask for the lease again */
	char *trouble;            /* the last that was told since it was well, or NULL */
	gint32 holder;            /* the backend that was told to have the lease; 0: none */
	gboolean is_left;         /* that is one of ours, which a lost connection left behind */
	gboolean is_asking;
	gboolean was_asked; /* over this connection */

	Standing *standing;
	Observer *observer;
	gint64 names_us; /* monotonic: from then on names are asked for that may take long */
	gint64 poll_us;  /* of the policy that the watch was begun by */
	gboolean is_dry_run;

	void (*off)(GuardServer *server, gpointer user_data);
	gpointer user_data;
};

static void handle(GuardServer *server, ServerEvent event);
static void on_settled(gpointer user_data);

static MetricsServer *metrics_of(const GuardServer *server)
{
	return metrics_server(server->tools->metrics, server->name);
}

/* The lock must vanish soon with a host that went silent: both ends ask. What conninfo says
 * overrides it. */
static PgTarget *new_target(const char *conninfo)
{
	PgTarget *target = pg_target_new();

	pg_target_set(target, "keepalives", "1");
	pg_target_set(target, "keepalives_idle", "5");
	pg_target_set(target, "keepalives_interval", "2");
	pg_target_set(target, "keepalives_count", "3");
	pg_target_set(target, "dbname", conninfo);
	return target;
}

GuardServer *guard_server_new(const GuardTools *tools, const PolicyServer *policy_server,
                              void (*off)(GuardServer *server, gpointer user_data),
                              gpointer user_data)
{
	GuardServer *server = g_new0(GuardServer, 1);

	server->tools = tools;
	server->name = g_strdup(policy_server->name);
	server->conninfo = g_strdup(policy_server->conninfo);
	server->target = new_target(server->conninfo);
	server->standing = standing_new(tools, server->name);
	server->observer = observer_new(tools, server->name, on_settled, server);
	server->off = off;
	server->user_data = user_data;
	return server;
}

void guard_server_reported(const GuardServer *server, gint64 incident)
{
	observer_reported(server->observer, incident);
}

void guard_server_forget_policy(GuardServer *server)
{
	observer_forget_policy(server->observer);
}

static void clear_source(guint *source)
{
	if (*source != 0)
		g_source_remove(*source);
	*source = 0;
}

/* All that belongs to the connection, which is closed. */
static void leave(GuardServer *server)
{
	observer_leave(server->observer);
	standing_leave(server->standing);
	clear_source(&server->timer);
	clear_source(&server->loss);
	g_clear_pointer(&server->connecting, pg_connecting_abandon);
	g_clear_pointer(&server->watch, watch_free);
	server->is_asking = server->was_asked = server->is_left = FALSE;
	server->holder = 0;
}

void guard_server_free(GuardServer *server)
{
	if (server == NULL)
		return;
	leave(server);
	clear_source(&server->settle);
	observer_free(server->observer);
	standing_free(server->standing);
	pg_target_free(server->target);
	g_free(server->trouble);
	g_free(server->conninfo);
	g_free(server->name);
	g_free(server);
}

const char *guard_server_name(const GuardServer *server)
{
	return server->name;
}

/* What stays the same is said once. */
static void tell_trouble(GuardServer *server, const GError *error)
{
	gboolean is_new = g_strcmp0(server->trouble, error->message) != 0;

	journal_error(server->tools->journal, is_new ? JOURNAL_WARNING : JOURNAL_DEBUG, server->name,
	              error);
	if (!is_new)
		return;
	g_free(server->trouble);
	server->trouble = g_strdup(error->message);
}

/* The events that come by timers. */

static gboolean on_begin(gpointer data)
{
	GuardServer *server = data;

	server->timer = 0;
	handle(server, SERVER_BEGIN);
	return G_SOURCE_REMOVE;
}

static gboolean on_retry(gpointer data)
{
	GuardServer *server = data;

	server->timer = 0;
	handle(server, SERVER_RETRY);
	return G_SOURCE_REMOVE;
}

static gboolean on_loss(gpointer data)
{
	GuardServer *server = data;

	server->loss = 0;
	handle(server, SERVER_LOST);
	return G_SOURCE_REMOVE;
}

static gboolean on_all_settled(gpointer data)
{
	GuardServer *server = data;

	server->settle = 0;
	if (observer_n_acts(server->observer) == 0)
		handle(server, SERVER_SETTLED);
	return G_SOURCE_REMOVE;
}

/* Comes from within the last act. */
static void on_settled(gpointer user_data)
{
	GuardServer *server = user_data;

	if ((server->state == SERVER_STOPPING || server->state == SERVER_RENEWING) &&
	    server->settle == 0)
		server->settle = g_idle_add(on_all_settled, server);
}

/* Connecting. */

static void on_connect(PgConnection *connection, GError *error,
                       G_GNUC_UNUSED gboolean needs_password, gpointer user_data);

static void connect_server(GuardServer *server)
{
	server->connecting =
	    pg_connect(NULL, server->target, CONNECT_TIMEOUT_US, LOOK_TIMEOUT_US, on_connect, server);
}

static void wait_for_retry(GuardServer *server)
{
	gint64 delay_us = backoff_next(&server->backoff, g_random_double());

	clear_source(&server->timer);
	server->timer = g_timeout_add((guint) (delay_us / DURATION_MS), on_retry, server);
}

/* The lease. */

/* The name of the holder's database where one of our sections is connected to it. Free with
 * g_free. */
static char *database_words(const GuardServer *server, const Lease *lease)
{
	const Places *places = server->tools->places;
	const char *twin = NULL;

	places_owner(places, server->name, lease->pid, &twin);
	const char *database = twin != NULL ? places_database(places, twin) : NULL;

	return database != NULL ? g_strdup(database) : g_strdup_printf("oid %u", lease->database);
}

/* Who has it: "another guard", "[server again] of this guard", ... Free with g_free. */
static char *holder_words(const GuardServer *server, const Lease *lease)
{
	const char *twin;

	switch (places_owner(server->tools->places, server->name, lease->pid, &twin)) {
	case PLACES_LEFT:
		return g_strdup("a connection that this guard had before");
	case PLACES_TWINS:
		return g_strdup_printf("[server %s] of this guard, which is the same server,", twin);
	case PLACES_NOBODYS:
		break;
	}
	return g_strdup("another guard");
}

static void tell_stand(const GuardServer *server, const Lease *lease)
{
	Journal *journal = server->tools->journal;
	const char *name = server->name;
	g_autofree char *holder = holder_words(server, lease);
	g_autofree char *database = database_words(server, lease);

	if (server->is_left) {
		journal_log(journal, JOURNAL_NOTICE, name,
		            "%s still has the lease (backend %d): nothing is done until the server has "
		            "noticed that it is lost, which takes some seconds",
		            holder, lease->pid);
		return;
	}
	switch (lease->stand) {
	case LEASE_OURS:
		journal_log(journal, JOURNAL_NOTICE, name, "this guard has the lease: it acts%s",
		            standing_lacks(server->standing)
		                ? " where its role may, which lacks what was said; no other guard acts here"
		                : "");
		break;
	case LEASE_ANOTHERS:
		journal_log(journal, JOURNAL_NOTICE, name,
		            "%s has the lease (backend %d): this one watches, and takes over when that one "
		            "is gone",
		            holder, lease->pid);
		break;
	case LEASE_SPLIT:
		journal_log(journal, JOURNAL_ERROR, name,
		            "%s has the lease (backend %d), connected to another database (%s): nothing is "
		            "done until all guards of this server connect to the same database",
		            holder, lease->pid, database);
		break;
	}
}

static void on_lease(const Lease *lease, GError *error, gpointer user_data)
{
	static const ServerEvent events[] = {
	    [LEASE_OURS] = SERVER_GOT_LEASE,
	    [LEASE_ANOTHERS] = SERVER_REFUSED_LEASE,
	    [LEASE_SPLIT] = SERVER_SPLIT_LEASE,
	};
	GuardServer *server = user_data;
	g_autoptr(GError) trouble = error;
	ServerState before = server->state;

	server->is_asking = FALSE;
	server->ask_us = 0;
	if (trouble != NULL) {
		/* One that is still connected asks again at the next poll. */
		server->was_asked = FALSE;
		tell_trouble(server, trouble);
		return;
	}
	if (lease->stand == LEASE_SPLIT)
		server->ask_us = g_get_monotonic_time() + SPLIT_RETRY_US / 2 +
		                 (gint64) (g_random_double() * SPLIT_RETRY_US);
	handle(server, events[lease->stand]);
	if (server->state == before && (lease->pid == 0 || lease->pid == server->holder))
		return;
	server->holder = lease->pid;
	server->is_left =
	    places_owner(server->tools->places, server->name, lease->pid, NULL) == PLACES_LEFT;
	if (!server->is_left)
		places_forget_left(server->tools->places, server->name);
	tell_stand(server, lease);
}

/* In a dry run nothing is to be done, and a guard that acts shall have the lease. */
static void ask_for_lease(GuardServer *server)
{
	PgConnection *connection = watch_connection(server->watch);

	if (policy_guard(server->tools->policy)->dry_run) {
		handle(server, SERVER_NO_LEASE);
		return;
	}
	if (connection == NULL || server->is_asking || g_get_monotonic_time() < server->ask_us)
		return;
	server->is_asking = TRUE;
	/* Once the server has noticed that what is left of us is gone, another guard may be faster. */
	pg_lease_take(connection, !server->was_asked || server->ask_us != 0 || server->is_left,
	              LOOK_TIMEOUT_US, on_lease, server);
	server->was_asked = TRUE;
}

/* What comes of a look. */

/* Nothing is done by a look that began before the lease was ours: somebody else might have acted
 * since. */
static ObserverMode mode_of(const GuardServer *server, gint64 started_us)
{
	if (!server_state_judges(server->state))
		return OBSERVE_ONLY;
	if (server->state == SERVER_LEADING)
		return started_us >= server->leading_us ? OBSERVE_AND_ACT : OBSERVE_ONLY;
	return OBSERVE_AND_TELL;
}

static void ration_names(GuardServer *server, gint64 started_us)
{
	gint64 now = g_get_monotonic_time();

	if (now >= server->names_us && now - started_us > SLOW_LOOK_US)
		server->names_us = now + WITHOUT_NAMES_US;
	watch_set_far_names(server->watch, now >= server->names_us);
}

static void on_snapshot(Snapshot *snapshot, gpointer user_data)
{
	GuardServer *server = user_data;
	gint64 started_us = watch_step_started(server->watch);

	ration_names(server, started_us);
	backoff_reset(&server->backoff);
	g_clear_pointer(&server->trouble, g_free);
	standing_look(server->standing, snapshot);
	observer_look(server->observer, snapshot, started_us, mode_of(server, started_us),
	              watch_connection(server->watch));
	if (observer_has_doubts(server->observer)) {
		watch_want_look(server->watch);
		watch_hurry(server->watch, JUDGE_LEAST_SEEN_US);
	} else if (observer_wants_look(server->observer)) {
		watch_want_look(server->watch);
	}
	handle(server, SERVER_POLLED);
}

/* The last look stands; but what lasts longer by now may be reason to act. */
static void on_stands(G_GNUC_UNUSED const WatchStanding *standing, gpointer user_data)
{
	GuardServer *server = user_data;

	if (observer_stands(server->observer)) {
		watch_want_look(server->watch);
		watch_hurry(server->watch, 0);
	}
	handle(server, SERVER_POLLED);
}

static void on_trouble(const GError *error, gint64 retry_us, gpointer user_data)
{
	GuardServer *server = user_data;

	metrics_of(server)->failed_looks++;
	metrics_of(server)->is_up = FALSE;
	tell_trouble(server, error);
	/* The watch can't be freed in here. */
	if (retry_us < 0 && server->loss == 0)
		server->loss = g_idle_add(on_loss, server);
}

static void begin_to_watch(GuardServer *server, PgConnection *connection)
{
	const PolicyGuard *policy = policy_guard(server->tools->policy);
	const WatchOptions options = {
	    .interval_us = policy->poll_us,
	    .share_percent = LOOK_SHARE_PERCENT,
	    .beats_when_quiet = TRUE,
	    .without_witness = TRUE,
	    .one_connection = TRUE,
	    .look =
	        {
	            .names = TRUE,
	            /* Rules may be about sessions that nobody waits for. */
	            .names_if_quiet = TRUE,
	            .ancestors = TRUE,
	            .other_names = TRUE,
	            .row_keys = TRUE,
	            .privileges_if_waiting = TRUE,
	            .keep_warm = TRUE,
	            .timeout_us = LOOK_TIMEOUT_US,
	        },
	};
	const WatchCallbacks callbacks = {on_snapshot, on_stands, on_trouble, server};

	server->poll_us = policy->poll_us;
	server->is_dry_run = policy->dry_run;
	server->watch = watch_new(connection, &options, &callbacks);
}

static void on_connect(PgConnection *connection, GError *error,
                       G_GNUC_UNUSED gboolean needs_password, gpointer user_data)
{
	GuardServer *server = user_data;
	g_autoptr(GError) trouble = error;

	server->connecting = NULL;
	if (connection == NULL) {
		metrics_of(server)->failed_connects++;
		tell_trouble(server, trouble);
		handle(server, SERVER_FAILED);
		return;
	}
	journal_log(server->tools->journal, JOURNAL_INFO, server->name,
	            "connected to %s, port %d, database %s, PostgreSQL %s",
	            pg_connection_server(connection)->host, pg_connection_server(connection)->port,
	            pg_connection_server(connection)->database,
	            pg_connection_server(connection)->version);
	begin_to_watch(server, connection);
	standing_arrive(server->standing, connection);
	handle(server, SERVER_CONNECTED);
}

/* Carrying out what the table says. */

static void finish(GuardServer *server)
{
	if (observer_n_acts(server->observer) == 0 && server->settle == 0)
		server->settle = g_idle_add(on_all_settled, server);
}

static void carry_out(GuardServer *server, ServerAction action)
{
	switch (action) {
	case SERVER_DO_NOTHING:
	case SERVER_N_ACTIONS:
		break;
	case SERVER_DO_CONNECT:
		connect_server(server);
		break;
	case SERVER_DO_WAIT:
		wait_for_retry(server);
		break;
	case SERVER_DO_WATCH:
	case SERVER_DO_ASK_AGAIN:
		ask_for_lease(server);
		break;
	case SERVER_DO_LEAD:
		server->leading_us = g_get_monotonic_time();
		watch_want_look(server->watch);
		watch_hurry(server->watch, 0);
		break;
	case SERVER_DO_LEAVE:
		leave(server);
		wait_for_retry(server);
		break;
	case SERVER_DO_RENEW:
		leave(server);
		connect_server(server);
		break;
	case SERVER_DO_FINISH:
		finish(server);
		break;
	case SERVER_DO_END:
		leave(server);
		server->off(server, server->user_data);
		break;
	}
}

static void handle(GuardServer *server, ServerEvent event)
{
	ServerStep step = server_step(server->state, event);

	server->state = step.next;
	metrics_of(server)->has_lease =
	    server->state == SERVER_LEADING || server->state == SERVER_RENEWING;
	carry_out(server, step.action);
}

void guard_server_begin(GuardServer *server, gint64 delay_us)
{
	server->timer = g_timeout_add((guint) (delay_us / DURATION_MS), on_begin, server);
}

void guard_server_stop(GuardServer *server)
{
	if (server->state == SERVER_OFF) {
		clear_source(&server->timer);
		server->off(server, server->user_data);
	} else {
		handle(server, SERVER_STOP);
	}
}

void guard_server_reload(GuardServer *server, const PolicyServer *said)
{
	const PolicyGuard *policy = policy_guard(server->tools->policy);
	gboolean is_elsewhere = g_strcmp0(server->conninfo, said->conninfo) != 0;

	if (server->is_dry_run && !policy->dry_run)
		standing_check_anew(server->standing);
	else
		standing_check(server->standing);
	if (is_elsewhere) {
		g_free(server->conninfo);
		server->conninfo = g_strdup(said->conninfo);
		pg_target_free(server->target);
		server->target = new_target(server->conninfo);
	}
	if (is_elsewhere || server->poll_us != policy->poll_us || server->is_dry_run != policy->dry_run)
		handle(server, SERVER_RENEW);
}
