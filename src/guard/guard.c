#include "guard/guard.h"

#include "audit/audit.h"
#include "base/duration.h"
#include "guard/config.h"
#include "guard/metrics_server.h"
#include "guard/server.h"
#include "guard/service.h"
#include "guard/tools.h"
#include "render/session_words.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>

/* A history that couldn't be opened is tried again: the disk may have room by then. */
#define HISTORY_RETRY_S 10
/* When it ends: how long notices may still take. */
#define FINISH_US (5 * DURATION_SECOND)

typedef struct {
	char *config;
	GuardTools tools;
	MetricsHttp *http;
	char *metrics_address; /* where that listens; NULL: nowhere */
	GPtrArray *servers;    /* of GuardServer */
	GMainLoop *loop;
	guint history_retry; /* source; 0: there is no need */
	gboolean is_stopping;
} Guard;

static GuardServer *find_server(const Guard *guard, const char *name)
{
	for (guint i = 0; i < guard->servers->len; i++) {
		GuardServer *server = g_ptr_array_index(guard->servers, i);

		if (g_strcmp0(guard_server_name(server), name) == 0)
			return server;
	}
	return NULL;
}

/* Notices. */

static void on_report(const NoticeReport *report, gpointer data)
{
	const Guard *guard = data;
	const NoticeRecord record = {
	    .incident = report->incident,
	    .server = (char *) (gsize) report->server,
	    .at = g_get_real_time(),
	    .event = (char *) (gsize) notice_kind_name(report->kind),
	    .notifier = (char *) (gsize) report->target,
	    .delivered = report->fate == NOTICE_SENT,
	    .n_tries = report->attempts,
	    .message = (char *) (gsize) report->error,
	};

	if (guard->tools.history != NULL)
		history_add_notice(guard->tools.history, &record);
	const GuardServer *server =
	    report->kind == NOTICE_INCIDENT_STARTED ? find_server(guard, report->server) : NULL;

	if (server != NULL)
		guard_server_reported(server, report->incident);
}

/* The history. */

static void tell_history_trouble(const Guard *guard, const char *reason)
{
	Notice notice = notice_begin(NOTICE_HISTORY_TROUBLE, NULL, g_get_real_time());

	notice.reason = reason;
	tools_tell(&guard->tools, NULL, &notice);
}

static void on_history_trouble(const GError *error, guint64 n_lost, gpointer user_data)
{
	const Guard *guard = user_data;

	if (error != NULL) {
		metrics_guard(guard->tools.metrics)->history_errors++;
		tell_history_trouble(guard, error->message);
	} else {
		journal_log(guard->tools.journal, JOURNAL_NOTICE, NULL,
		            "the history can be written again; %" G_GUINT64_FORMAT " records were lost",
		            n_lost);
	}
}

static gboolean try_history(Guard *guard, GError **error)
{
	const PolicyGuard *policy = policy_guard(guard->tools.policy);
	const HistoryOptions options = {.keep_us = policy->keep_us, .max_bytes = policy->keep_bytes};

	if (policy->history == NULL)
		return TRUE;
	guard->tools.history =
	    history_open(policy->history, &options, on_history_trouble, guard, error);
	return guard->tools.history != NULL;
}

static gboolean on_history_retry(gpointer data)
{
	Guard *guard = data;

	if (!try_history(guard, NULL))
		return G_SOURCE_CONTINUE;
	guard->history_retry = 0;
	journal_log(guard->tools.journal, JOURNAL_NOTICE, NULL, "the history can be written now");
	/* What an earlier guard left open nobody has followed since. */
	if (guard->tools.history != NULL)
		history_end_others(guard->tools.history);
	return G_SOURCE_REMOVE;
}

/* Without it the guard acts all the same: freeing matters more. */
static void open_history(Guard *guard)
{
	g_autoptr(GError) error = NULL;

	if (try_history(guard, &error))
		return;
	metrics_guard(guard->tools.metrics)->history_errors++;
	journal_error(guard->tools.journal, JOURNAL_ERROR, NULL, error);
	tell_history_trouble(guard, error->message);
	guard->history_retry = g_timeout_add_seconds(HISTORY_RETRY_S, on_history_retry, guard);
}

/* The audit log. Told when it is named: the guard acts without it all the same. */
static void check_audit(const Guard *guard)
{
	const char *path = policy_guard(guard->tools.policy)->audit;
	g_autoptr(GError) error = NULL;

	if (path == NULL || audit_check_place(path, &error))
		return;
	metrics_guard(guard->tools.metrics)->audit_errors++;
	journal_error(guard->tools.journal, JOURNAL_ERROR, NULL, error);
}

/* Metrics. */

static void refresh(Metrics *metrics, gpointer data)
{
	const Guard *guard = data;
	HistoryState state;

	for (guint i = 0; i < notifier_n_targets(guard->tools.notifier); i++) {
		const NotifyCounts counts = notifier_counts(guard->tools.notifier, i);

		*metrics_notices(metrics, counts.target) = (MetricsNotices){
		    .sent = counts.sent,
		    .failed = counts.failed,
		    .dropped = counts.dropped,
		    .queued = counts.queued,
		};
	}
	if (guard->tools.history != NULL) {
		history_state(guard->tools.history, &state);
		metrics_guard(metrics)->history_bytes = state.bytes;
	}
}

/* NULL: nowhere. Free with g_free. */
static char *metrics_address(const Policy *policy)
{
	const PolicyAddress *where = &policy_guard(policy)->metrics;

	if (where->host == NULL)
		return NULL;
	return g_strdup_printf(strchr(where->host, ':') != NULL ? "[%s]:%u" : "%s:%u", where->host,
	                       where->port);
}

/* address NULL: nowhere. */
static gboolean listen_for_metrics(Guard *guard, const char *address, GError **error)
{
	g_clear_pointer(&guard->http, metrics_http_free);
	g_clear_pointer(&guard->metrics_address, g_free);
	if (address == NULL)
		return TRUE;
	guard->http = metrics_http_new(address, guard->tools.metrics, refresh, guard, error);
	if (guard->http != NULL)
		guard->metrics_address = g_strdup(address);
	return guard->http != NULL;
}

static const char *or_off(const char *text)
{
	return text != NULL ? text : "off";
}

/* Where that can't be, they stay where they were: what a person did to the file is no reason to be
 * without them. */
static void move_metrics(Guard *guard)
{
	Journal *journal = guard->tools.journal;
	g_autofree char *old = g_strdup(guard->metrics_address);
	g_autofree char *new = metrics_address(guard->tools.policy);
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) worse = NULL;

	if (g_strcmp0(old, new) == 0)
		return;
	if (listen_for_metrics(guard, new, &error)) {
		journal_log(journal, JOURNAL_NOTICE, NULL, "metrics: %s from now on, %s before",
		            or_off(new), or_off(old));
		return;
	}
	if (!listen_for_metrics(guard, old, &worse))
		journal_error(journal, JOURNAL_ERROR, NULL, worse);
	g_prefix_error(&error, "metrics stay at %s: ", or_off(guard->metrics_address));
	journal_error(journal, JOURNAL_ERROR, NULL, error);
}

/* Servers. */

static void on_finished(gpointer data)
{
	g_main_loop_quit(((const Guard *) data)->loop);
}

static void on_off(GuardServer *server, gpointer user_data)
{
	Guard *guard = user_data;
	g_autofree char *name = g_strdup(guard_server_name(server));

	g_ptr_array_remove_fast(guard->servers, server);
	metrics_forget_server(guard->tools.metrics, name);
	places_forget(guard->tools.places, name);
	if (guard->is_stopping && guard->servers->len == 0)
		notifier_finish(guard->tools.notifier, FINISH_US, on_finished, guard);
}

/* Those that are new are spread over one poll. */
static void add_servers(Guard *guard)
{
	const Policy *policy = guard->tools.policy;
	guint n = policy_n_servers(policy);

	for (guint i = 0; i < n; i++) {
		const PolicyServer *said = policy_server(policy, i);
		GuardServer *server;

		if (find_server(guard, said->name) != NULL)
			continue;
		server = guard_server_new(&guard->tools, said, on_off, guard);
		g_ptr_array_add(guard->servers, server);
		guard_server_begin(server, policy_guard(policy)->poll_us * i / n);
	}
	if (guard->tools.history != NULL)
		history_end_others(guard->tools.history);
}

/* Signals. */

/* To go through: each may be gone when it has been told to stop. */
static GPtrArray *all_servers(const Guard *guard)
{
	GPtrArray *all = g_ptr_array_new();

	for (guint i = 0; i < guard->servers->len; i++)
		g_ptr_array_add(all, g_ptr_array_index(guard->servers, i));
	return all;
}

static void stop_servers(Guard *guard)
{
	g_autoptr(GPtrArray) all = all_servers(guard);

	for (guint i = 0; i < all->len; i++)
		guard_server_stop(g_ptr_array_index(all, i));
}

static gboolean on_stop(gpointer data)
{
	Guard *guard = data;

	if (guard->is_stopping) {
		g_main_loop_quit(guard->loop);
		return G_SOURCE_CONTINUE;
	}
	guard->is_stopping = TRUE;
	service_stopping();
	journal_log(guard->tools.journal, JOURNAL_NOTICE, NULL,
	            "told to end: acts in hand are carried through first");
	stop_servers(guard);
	return G_SOURCE_CONTINUE;
}

/* A target that can't be told must not keep the guard from acting. */
static void warn_of(const Guard *guard, const Policy *policy)
{
	g_autoptr(GPtrArray) warnings = guard_config_warnings(policy);

	for (guint i = 0; i < warnings->len; i++)
		journal_log(guard->tools.journal, JOURNAL_WARNING, NULL, "%s",
		            (const char *) g_ptr_array_index(warnings, i));
}

/* It can't be changed under incidents that last. */
static void warn_of_history(const Guard *guard, const Policy *next)
{
	const char *new = policy_guard(next)->history;
	const char *old = guard->tools.history != NULL ? history_path(guard->tools.history)
	                  : guard->history_retry != 0  ? new
	                                               : NULL;

	if (g_strcmp0(old, new) != 0)
		journal_log(guard->tools.journal, JOURNAL_WARNING, NULL,
		            "history = %s takes effect when the guard is restarted: until then it is %s",
		            or_off(new), or_off(old));
}

static void forget_targets(const Guard *guard, const Policy *next)
{
	const Policy *old = guard->tools.policy;

	for (guint i = 0; i < policy_n_notify(old); i++)
		if (policy_find_notify(next, policy_notify(old, i)->name) == NULL)
			metrics_forget_target(guard->tools.metrics, policy_notify(old, i)->name);
}

static void take_policy(Guard *guard, Policy *next)
{
	g_autoptr(GPtrArray) all = all_servers(guard);
	const PolicyGuard *policy = policy_guard(next);
	const HistoryOptions options = {.keep_us = policy->keep_us, .max_bytes = policy->keep_bytes};

	forget_targets(guard, next);
	for (guint i = 0; i < all->len; i++)
		guard_server_forget_policy(g_ptr_array_index(all, i));
	policy_free(guard->tools.policy);
	guard->tools.policy = next;
	policy_limits_reload(guard->tools.limits);
	metrics_guard(guard->tools.metrics)->is_dry_run = policy->dry_run;
	if (guard->tools.history != NULL)
		history_set_options(guard->tools.history, &options);
	for (guint i = 0; i < all->len; i++) {
		GuardServer *server = g_ptr_array_index(all, i);
		const PolicyServer *said = policy_find_server(next, guard_server_name(server));

		if (said != NULL)
			guard_server_reload(server, said);
		else
			guard_server_stop(server);
	}
	add_servers(guard);
}

static void tell_reload(const Guard *guard, gboolean was_dry_run)
{
	gboolean is_dry_run = policy_guard(guard->tools.policy)->dry_run;
	const char *change = is_dry_run == was_dry_run ? ""
	                     : is_dry_run
	                         ? "; dry_run: from now on what the rules would do is told, not done"
	                         : "; no dry_run any more: from now on what the rules say is done";

	journal_log(guard->tools.journal, JOURNAL_NOTICE, NULL, "the policy was read again%s", change);
}

/* A file that is wrong anywhere changes nothing. */
static gboolean on_reload(gpointer data)
{
	Guard *guard = data;
	MetricsGuard *metrics = metrics_guard(guard->tools.metrics);
	g_autoptr(GError) error = NULL;
	g_autoptr(Policy) next = NULL;

	gboolean was_dry_run = policy_guard(guard->tools.policy)->dry_run;

	if (guard->is_stopping)
		return G_SOURCE_CONTINUE;
	service_reloading();
	next = guard_config_read(guard->config, &error);
	metrics->last_reload_worked =
	    next != NULL && guard_config_notifier(next, guard->tools.notifier, &error);
	if (metrics->last_reload_worked) {
		warn_of(guard, next);
		warn_of_history(guard, next);
		take_policy(guard, g_steal_pointer(&next));
		move_metrics(guard);
		metrics->last_reload_at = g_get_real_time();
		tell_reload(guard, was_dry_run);
	} else {
		g_prefix_error(&error, "the policy was refused, the one before stays: ");
		journal_error(guard->tools.journal, JOURNAL_ERROR, NULL, error);
	}
	service_ready();
	service_status("watching %u servers", policy_n_servers(guard->tools.policy));
	return G_SOURCE_CONTINUE;
}

/* The whole. */

static void guard_clear(Guard *guard)
{
	g_clear_handle_id(&guard->history_retry, g_source_remove);
	g_clear_pointer(&guard->http, metrics_http_free);
	g_clear_pointer(&guard->metrics_address, g_free);
	g_clear_pointer(&guard->servers, g_ptr_array_unref);
	g_clear_pointer(&guard->tools.notifier, notifier_free);
	g_clear_pointer(&guard->tools.history, history_free);
	g_clear_pointer(&guard->tools.limits, policy_limits_free);
	g_clear_pointer(&guard->tools.places, places_free);
	g_clear_pointer(&guard->tools.metrics, metrics_free);
	g_clear_pointer(&guard->tools.policy, policy_free);
	g_clear_pointer(&guard->tools.journal, journal_free);
	g_clear_pointer(&guard->loop, g_main_loop_unref);
	g_clear_pointer(&guard->config, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Guard, guard_clear)

static gboolean set_up(Guard *guard, gboolean is_verbose, GError **error)
{
	guard->tools.policy = guard_config_read(guard->config, error);
	if (guard->tools.policy == NULL)
		return FALSE;
	g_autofree char *address = metrics_address(guard->tools.policy);

	guard->tools.limits = policy_limits_new();
	guard->tools.places = places_new();
	guard->tools.metrics = metrics_new();
	guard->tools.journal = journal_new(JOURNAL_AUTOMATIC);
	if (is_verbose)
		journal_set_least(guard->tools.journal, JOURNAL_DEBUG);
	guard->tools.notifier = notifier_new(guard->tools.journal, NULL);
	notifier_set_report(guard->tools.notifier, on_report, guard);
	if (!guard_config_notifier(guard->tools.policy, guard->tools.notifier, error) ||
	    !listen_for_metrics(guard, address, error))
		return FALSE;
	MetricsGuard *metrics = metrics_guard(guard->tools.metrics);

	warn_of(guard, guard->tools.policy);
	metrics->version = PGUNLOCK_VERSION;
	metrics->started_at = metrics->last_reload_at = g_get_real_time();
	metrics->last_reload_worked = TRUE;
	metrics->is_dry_run = policy_guard(guard->tools.policy)->dry_run;
	open_history(guard);
	check_audit(guard);
	return TRUE;
}

static gboolean is_watched(const char *server, gpointer user_data)
{
	return policy_find_server(user_data, server) != NULL;
}

static const struct {
	int number;
	GSourceFunc function;
} SIGNALS[] = {{SIGTERM, on_stop}, {SIGINT, on_stop}, {SIGHUP, on_reload}};

gboolean guard_run(const char *config, gboolean is_verbose, GError **error)
{
	g_auto(Guard) guard = {.config = g_strdup(config)};
	guint sources[G_N_ELEMENTS(SIGNALS)];
	guint watchdog;

	/* A file that may not grow any more is an error to be told, not the end. */
	signal(SIGXFSZ, SIG_IGN);
	guard.servers = g_ptr_array_new_with_free_func((GDestroyNotify) guard_server_free);
	guard.loop = g_main_loop_new(NULL, FALSE);
	if (!set_up(&guard, is_verbose, error))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(SIGNALS); i++)
		sources[i] = g_unix_signal_add(SIGNALS[i].number, SIGNALS[i].function, &guard);
	/* What was left open of servers that aren't watched any more is ended by add_servers. */
	guint n_open = guard.tools.history != NULL
	                   ? history_n_open(guard.tools.history, is_watched, guard.tools.policy)
	                   : 0;
	g_autofree char *open = count_text(n_open, "incident", "incidents");
	g_autofree char *going_on = g_strdup_printf(", going on with %s of the history", open);

	add_servers(&guard);
	watchdog = service_watchdog_start();
	journal_log(guard.tools.journal, JOURNAL_NOTICE, NULL, "watching %u server%s%s%s",
	            guard.servers->len, guard.servers->len == 1 ? "" : "s", n_open > 0 ? going_on : "",
	            policy_guard(guard.tools.policy)->dry_run
	                ? "; dry_run: what the rules would do is told, not done"
	                : "");
	service_ready();
	service_status("watching %u servers", guard.servers->len);
	g_main_loop_run(guard.loop);
	for (guint i = 0; i < G_N_ELEMENTS(SIGNALS); i++)
		g_source_remove(sources[i]);
	if (watchdog != 0)
		g_source_remove(watchdog);
	journal_log(guard.tools.journal, JOURNAL_NOTICE, NULL, "ended");
	return TRUE;
}
