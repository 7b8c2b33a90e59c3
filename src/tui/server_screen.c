#include "tui/server_screen.h"

#include "base/duration.h"
#include "base/error.h"
#include "tui/acting.h"
#include "tui/side.h"
#include "tui/wide.h"
#include "watch/watch.h"

#include <string.h>

/* Connecting to a server that is down must not add to its trouble. */
#define FIRST_RETRY_US (1 * DURATION_SECOND)
#define LONGEST_RETRY_US (30 * DURATION_SECOND)

#define SQLSTATE_WRONG_PASSWORD "28P01"

struct ServerScreen {
	TopServer server;
	TopOptions options;
	const RenderStyle *terminal_style;
	RenderStyle style; /* the same, with the connection options of this server */
	ServerCallbacks callbacks;
	Ui *ui;
	PgConnecting *connecting; /* under way, or NULL */
	guint retry;              /* source, or 0 */
	gint64 retry_us;
	char *password; /* that was typed, until it is known to be right; or NULL */
	Watch *watch;   /* NULL until it is connected, and so are these: */
	Side *side;
	Wide *wide;
	Acting *acting;
	gboolean is_closing;
};

static void follow_style(ServerScreen *screen)
{
	screen->style = *screen->terminal_style;
	screen->style.connection_args = screen->server.connection_args;
}

static void draw_soon(ServerScreen *screen)
{
	screen->callbacks.changed(screen, screen->callbacks.user_data);
}

static void connect_server(ServerScreen *screen);

static void look_now(ServerScreen *screen)
{
	if (!screen->watch) {
		connect_server(screen);
		return;
	}
	watch_want_look(screen->watch);
	watch_hurry(screen->watch, 0);
	wide_hurry(screen->wide);
	wide_look(screen->wide, ui_interval(screen->ui), g_get_monotonic_time());
}

static void keep_side(ServerScreen *screen, const Snapshot *snapshot, gint64 now)
{
	if (!screen->options.read_only || ui_wants_wide_look(screen->ui))
		side_keep(screen->side, screen->watch, snapshot, now);
}

static void on_snapshot(Snapshot *snapshot, gpointer user_data)
{
	ServerScreen *screen = user_data;
	gint64 now = g_get_monotonic_time();
	TopLook *look = top_look_new(snapshot, screen->options.advisory_labels);
	gboolean is_doubtful =
	    wait_graph_n_cycles(look->graph) > 0 && !wait_graph_has_deadlock(look->graph);

	keep_side(screen, snapshot, now);
	ui_look(screen->ui, look, now);
	/* What only passes isn't there in the next look. */
	if (is_doubtful)
		watch_want_look(screen->watch);
	draw_soon(screen);
}

static void on_stands(const WatchStanding *standing, gpointer user_data)
{
	ServerScreen *screen = user_data;
	gint64 now = g_get_monotonic_time();

	ui_stands(screen->ui, standing->n_more, standing->n_less, now);
	keep_side(screen, NULL, now);
	draw_soon(screen);
}

static void on_trouble(const GError *error, gint64 retry_us, gpointer user_data)
{
	ServerScreen *screen = user_data;

	ui_trouble(screen->ui, error, retry_us, g_get_monotonic_time());
	draw_soon(screen);
}

static void on_wide(Snapshot *snapshot, const GError *error, gpointer user_data)
{
	ServerScreen *screen = user_data;

	if (snapshot)
		ui_wide_look(screen->ui, top_look_new(snapshot, screen->options.advisory_labels));
	else
		ui_wide_trouble(screen->ui, error);
	draw_soon(screen);
}

static void on_planned(const Plan *plan, gpointer user_data)
{
	ServerScreen *screen = user_data;

	ui_act_plan(screen->ui, plan, g_get_monotonic_time());
	screen->callbacks.asks(screen, screen->callbacks.user_data);
}

static void on_failed(const GError *error, gpointer user_data)
{
	ServerScreen *screen = user_data;

	ui_act_failed(screen->ui, error);
	look_now(screen);
	draw_soon(screen);
}

static void on_progress(const Plan *plan, const Outcome *outcome, guint item, gpointer user_data)
{
	ServerScreen *screen = user_data;

	ui_act_progress(screen->ui, plan, outcome, item, g_get_monotonic_time());
	draw_soon(screen);
}

static void say_last_words(const ServerScreen *screen, const ActResult *result)
{
	g_autoptr(GString) text = g_string_new(NULL);

	act_result_append(text, result, &screen->style);
	screen->callbacks.last_words(text->str, screen->callbacks.user_data);
}

static void on_act_over(ActResult *result, gpointer user_data)
{
	ServerScreen *screen = user_data;

	if (screen->is_closing) {
		say_last_words(screen, result);
		act_result_free(result);
		return;
	}
	ui_act_over(screen->ui, result);
	look_now(screen);
	draw_soon(screen);
}

static void start_watch(ServerScreen *screen, PgConnection *connection)
{
	const TopOptions *options = &screen->options;
	const WatchOptions how = {
	    .interval_us = options->interval_us,
	    .share_percent = options->share_percent,
	    .look =
	        {
	            .names = TRUE,
	            .row_keys = options->row_keys,
	            .privileges_if_waiting = TRUE,
	            .pooler = options->pooler,
	            .keep_warm = TRUE,
	            .timeout_us = options->timeout_us,
	        },
	};
	const WatchCallbacks callbacks = {on_snapshot, on_stands, on_trouble, screen};

	screen->watch = watch_new(connection, &how, &callbacks);
}

static void start_acting(ServerScreen *screen)
{
	const TopOptions *options = &screen->options;
	const ActingOptions how = {
	    .timeout_us = options->timeout_us,
	    .wait_us = options->wait_us,
	    .grace_us = options->grace_us,
	    .row_keys = options->row_keys,
	    .include_protected = options->include_protected,
	    .max = options->max,
	    .audit = options->audit,
	    .advisory_labels = options->advisory_labels,
	};
	const ActingCallbacks callbacks = {on_planned, on_failed, on_progress, on_act_over, screen};

	screen->side = side_new(options->timeout_us);
	screen->wide = wide_new(screen->side, screen->watch, options->timeout_us, on_wide, screen);
	screen->acting = acting_new(screen->side, screen->watch, &how, &callbacks);
}

static void begin(ServerScreen *screen, PgConnection *connection)
{
	start_watch(screen, connection);
	start_acting(screen);
}

static gboolean on_retry(gpointer user_data)
{
	ServerScreen *screen = user_data;

	screen->retry = 0;
	connect_server(screen);
	return G_SOURCE_REMOVE;
}

static void forget_password(ServerScreen *screen)
{
	if (screen->password)
		explicit_bzero(screen->password, strlen(screen->password));
	g_clear_pointer(&screen->password, g_free);
}

/* A password that was refused is not tried again: too many such attempts lock a person out. */
static void connect_failed(ServerScreen *screen, const GError *error, gboolean needs_password)
{
	gboolean is_rejected = g_strcmp0(error_sqlstate(error), SQLSTATE_WRONG_PASSWORD) == 0;

	if (screen->options.asks_password && (needs_password || is_rejected)) {
		forget_password(screen);
		ui_want_password(screen->ui, error, is_rejected);
		return;
	}
	ui_trouble(screen->ui, error, screen->retry_us, g_get_monotonic_time());
	screen->retry = g_timeout_add((guint) (screen->retry_us / DURATION_MS), on_retry, screen);
	screen->retry_us = MIN(2 * screen->retry_us, LONGEST_RETRY_US);
}

static void on_connect(PgConnection *connection, GError *error, gboolean needs_password,
                       gpointer user_data)
{
	ServerScreen *screen = user_data;
	g_autoptr(GError) trouble = error;

	screen->connecting = NULL;
	if (connection) {
		forget_password(screen);
		begin(screen, connection);
		return;
	}
	connect_failed(screen, trouble, needs_password);
	draw_soon(screen);
}

static void connect_server(ServerScreen *screen)
{
	gint64 timeout_us = screen->options.timeout_us;
	g_autoptr(PgTarget) target = pg_target_new();

	if (screen->connecting)
		return;
	if (screen->retry != 0)
		g_source_remove(screen->retry);
	screen->retry = 0;
	pg_target_set(target, "dbname", screen->server.conninfo);
	pg_target_set(target, "password", screen->password);
	screen->connecting = pg_connect(NULL, target, timeout_us, timeout_us, on_connect, screen);
}

ServerScreen *server_screen_new(PgConnection *connection, const TopServer *server,
                                const TopOptions *options, const RenderStyle *style,
                                const ServerCallbacks *callbacks)
{
	ServerScreen *screen = g_new0(ServerScreen, 1);
	const UiOptions ui_options = {
	    .unicode = options->unicode,
	    .read_only = options->read_only,
	    .has_servers = options->n_servers > 0,
	    .server_name = server->name,
	    .connection_args = server->connection_args,
	    .interval_us = options->interval_us,
	};

	screen->server = *server;
	screen->options = *options;
	screen->terminal_style = style;
	follow_style(screen);
	screen->callbacks = *callbacks;
	screen->retry_us = FIRST_RETRY_US;
	screen->ui = ui_new(&ui_options);
	if (connection)
		begin(screen, connection);
	else
		connect_server(screen);
	return screen;
}

void server_screen_free(ServerScreen *screen)
{
	if (!screen)
		return;
	screen->is_closing = TRUE;
	follow_style(screen);
	pg_connecting_abandon(screen->connecting);
	if (screen->retry != 0)
		g_source_remove(screen->retry);
	if (screen->acting)
		acting_stop(screen->acting);
	acting_free(screen->acting);
	wide_free(screen->wide);
	side_free(screen->side);
	watch_free(screen->watch);
	forget_password(screen);
	ui_free(screen->ui);
	g_free(screen);
}

Ui *server_screen_ui(const ServerScreen *screen)
{
	return screen->ui;
}

const char *server_screen_name(const ServerScreen *screen)
{
	return screen->server.name;
}

static void change_interval(ServerScreen *screen)
{
	/* Of one that isn't connected yet from the beginning. */
	screen->options.interval_us = ui_interval(screen->ui);
	if (!screen->watch)
		return;
	watch_set_interval(screen->watch, ui_interval(screen->ui));
	watch_hurry(screen->watch, ui_interval(screen->ui));
}

gboolean server_screen_carry_out(ServerScreen *screen, Intent intent)
{
	follow_style(screen);
	switch (intent) {
	case INTENT_PLAN:
		acting_plan(screen->acting, ui_act(screen->ui));
		return TRUE;
	case INTENT_CARRY_OUT:
		acting_carry_out(screen->acting);
		return TRUE;
	case INTENT_DROP:
		acting_drop(screen->acting);
		return TRUE;
	case INTENT_STOP:
		acting_stop(screen->acting);
		return TRUE;
	case INTENT_LOOK:
		look_now(screen);
		return TRUE;
	case INTENT_PASSWORD:
		forget_password(screen);
		screen->password = ui_take_password(screen->ui);
		/* One without it, or with another. */
		g_clear_pointer(&screen->connecting, pg_connecting_abandon);
		connect_server(screen);
		return TRUE;
	case INTENT_INTERVAL:
		change_interval(screen);
		return TRUE;
	default:
		return FALSE;
	}
}

void server_screen_tick(ServerScreen *screen)
{
	follow_style(screen);
	if (screen->watch && ui_wants_wide_look(screen->ui))
		wide_look(screen->wide, ui_interval(screen->ui), g_get_monotonic_time());
}
