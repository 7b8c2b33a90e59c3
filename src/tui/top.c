#include "tui/top.h"

#include "base/duration.h"
#include "base/error.h"
#include "tui/acting.h"
#include "tui/export.h"
#include "tui/side.h"
#include "tui/terminal.h"
#include "tui/ui.h"
#include "tui/wide.h"
#include "watch/watch.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* How often ages are drawn anew, and wide looks are thought of. */
#define TICK_MS 250

struct Top {
	TopOptions options;
	gboolean *is_over;
	Terminal *terminal;
	Theme theme;
	gboolean has_mouse;
	Grid *grid;
	RenderStyle style;
	Ui *ui;
	Watch *watch;
	Side *side;
	Wide *wide;
	Acting *acting;
	guint keys, ticks, resizes, redraw; /* sources, or 0 */
};

static void draw(Top *top)
{
	guint rows, columns;

	terminal_size(top->terminal, &rows, &columns);
	if (!top->grid || top->grid->rows != rows || top->grid->columns != columns) {
		grid_free(top->grid);
		top->grid = grid_new(rows, columns, top->options.unicode);
	}
	top->style.width = MAX(columns, 40);
	ui_draw(top->ui, top->grid, g_get_monotonic_time());
	terminal_show(top->terminal, top->grid);
}

static gboolean on_redraw(gpointer user_data)
{
	Top *top = user_data;

	top->redraw = 0;
	draw(top);
	return G_SOURCE_REMOVE;
}

/* Once for all that has come by then. */
static void draw_soon(Top *top)
{
	if (top->redraw == 0)
		top->redraw = g_idle_add_full(G_PRIORITY_HIGH_IDLE, on_redraw, top, NULL);
}

static void look_now(Top *top)
{
	watch_want_look(top->watch);
	watch_hurry(top->watch, 0);
	wide_hurry(top->wide);
	wide_look(top->wide, ui_interval(top->ui), g_get_monotonic_time());
}

static void write_shown(Top *top)
{
	g_autoptr(GError) trouble = NULL;
	g_autofree char *text = NULL;

	draw(top);
	if (!export_look(ui_shown(top->ui), ui_written(top->ui), &top->style, top->grid, top->theme,
	                 &trouble)) {
		ui_say(top->ui, FACE_BAD, trouble->message);
		return;
	}
	text = g_strdup_printf("written to %s", ui_written(top->ui));
	ui_say(top->ui, FACE_GOOD, text);
}

static void change_theme(Top *top)
{
	g_autofree char *text = NULL;

	top->theme = (top->theme + 1) % N_THEMES;
	terminal_set_theme(top->terminal, top->theme);
	text = terminal_has_color(top->terminal)
	           ? g_strdup_printf("colours: %s", theme_name(top->theme))
	           : g_strdup("there are no colours here");
	ui_say(top->ui, FACE_PLAIN, text);
}

static void change_mouse(Top *top)
{
	top->has_mouse = !top->has_mouse;
	terminal_set_mouse(top->terminal, top->has_mouse);
	ui_say(top->ui, FACE_PLAIN,
	       top->has_mouse ? "the mouse selects rows" : "the mouse is the terminal's");
}

static void carry_out(Top *top, Intent intent)
{
	switch (intent) {
	case INTENT_QUIT:
		*top->is_over = TRUE;
		break;
	case INTENT_PLAN:
		acting_plan(top->acting, ui_act(top->ui));
		break;
	case INTENT_CARRY_OUT:
		acting_carry_out(top->acting);
		break;
	case INTENT_DROP:
		acting_drop(top->acting);
		break;
	case INTENT_STOP:
		acting_stop(top->acting);
		break;
	case INTENT_LOOK:
		look_now(top);
		break;
	case INTENT_INTERVAL:
		watch_set_interval(top->watch, ui_interval(top->ui));
		watch_hurry(top->watch, ui_interval(top->ui));
		break;
	case INTENT_WRITE:
		write_shown(top);
		break;
	case INTENT_THEME:
		change_theme(top);
		break;
	case INTENT_MOUSE:
		change_mouse(top);
		break;
	case INTENT_BELL:
		terminal_bell(top->terminal);
		break;
	}
}

static void carry_out_all(Top *top)
{
	Intent intent;

	while (ui_take_intent(top->ui, &intent))
		carry_out(top, intent);
}

static gboolean on_keys(G_GNUC_UNUSED gint fd, GIOCondition condition, gpointer user_data)
{
	Top *top = user_data;
	Key key;
	guint row, column;

	/* Nobody is there any more. */
	if (condition & (G_IO_HUP | G_IO_ERR)) {
		*top->is_over = TRUE;
		top->keys = 0;
		return G_SOURCE_REMOVE;
	}
	while (!*top->is_over && terminal_read(top->terminal, &key, &row, &column)) {
		ui_key(top->ui, key, row, column, g_get_monotonic_time());
		carry_out_all(top);
	}
	if (!*top->is_over)
		draw(top);
	return G_SOURCE_CONTINUE;
}

static gboolean on_tick(gpointer user_data)
{
	Top *top = user_data;

	if (ui_wants_wide_look(top->ui))
		wide_look(top->wide, ui_interval(top->ui), g_get_monotonic_time());
	draw(top);
	return G_SOURCE_CONTINUE;
}

static gboolean on_resize(gpointer user_data)
{
	draw(user_data);
	return G_SOURCE_CONTINUE;
}

static void keep_side(Top *top, const Snapshot *snapshot, gint64 now)
{
	if (!top->options.read_only || ui_wants_wide_look(top->ui))
		side_keep(top->side, top->watch, snapshot, now);
}

static void on_snapshot(Snapshot *snapshot, gpointer user_data)
{
	Top *top = user_data;
	gint64 now = g_get_monotonic_time();
	TopLook *look = top_look_new(snapshot, top->options.advisory_labels);
	gboolean is_doubtful =
	    wait_graph_n_cycles(look->graph) > 0 && !wait_graph_has_deadlock(look->graph);

	keep_side(top, snapshot, now);
	ui_look(top->ui, look, now);
	/* What only passes isn't there in the next look. */
	if (is_doubtful)
		watch_want_look(top->watch);
	draw_soon(top);
}

static void on_stands(const WatchStanding *standing, gpointer user_data)
{
	Top *top = user_data;
	gint64 now = g_get_monotonic_time();

	ui_stands(top->ui, standing->n_more, standing->n_less, now);
	keep_side(top, NULL, now);
	draw_soon(top);
}

static void on_trouble(const GError *error, gint64 retry_us, gpointer user_data)
{
	Top *top = user_data;

	ui_trouble(top->ui, error, retry_us, g_get_monotonic_time());
	draw_soon(top);
}

static void on_wide(Snapshot *snapshot, const GError *error, gpointer user_data)
{
	Top *top = user_data;

	if (snapshot)
		ui_wide_look(top->ui, top_look_new(snapshot, top->options.advisory_labels));
	else
		ui_wide_trouble(top->ui, error);
	draw_soon(top);
}

/* Drawn first, so that what is thrown away is all that was typed before the question was there. */
static void on_planned(const Plan *plan, gpointer user_data)
{
	Top *top = user_data;

	ui_act_plan(top->ui, plan, g_get_monotonic_time());
	draw(top);
	terminal_flush_input(top->terminal);
}

static void on_failed(const GError *error, gpointer user_data)
{
	Top *top = user_data;

	ui_act_failed(top->ui, error);
	look_now(top);
	draw_soon(top);
}

static void on_progress(const Plan *plan, const Outcome *outcome, guint item, gpointer user_data)
{
	Top *top = user_data;

	ui_act_progress(top->ui, plan, outcome, item, g_get_monotonic_time());
	draw_soon(top);
}

static void on_act_over(const char *text, const GError *error, gpointer user_data)
{
	Top *top = user_data;

	/* The screen is gone already: these are its last words. */
	if (!top->terminal) {
		fputs(text, stderr);
		return;
	}
	ui_act_over(top->ui, text, error);
	look_now(top);
	draw_soon(top);
}

static void start_watch(Top *top, PgConnection *connection)
{
	const TopOptions *options = &top->options;
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
	const WatchCallbacks callbacks = {on_snapshot, on_stands, on_trouble, top};

	top->watch = watch_new(connection, &how, &callbacks);
}

static void start_acting(Top *top)
{
	const TopOptions *options = &top->options;
	const ActingOptions how = {
	    .timeout_us = options->timeout_us,
	    .wait_us = options->wait_us,
	    .grace_us = options->grace_us,
	    .row_keys = options->row_keys,
	    .include_protected = options->include_protected,
	    .max = options->max,
	    .audit = options->audit,
	    .advisory_labels = options->advisory_labels,
	    .style = &top->style,
	};
	const ActingCallbacks callbacks = {on_planned, on_failed, on_progress, on_act_over, top};

	top->side = side_new(options->timeout_us);
	top->wide = wide_new(top->side, top->watch, options->timeout_us, on_wide, top);
	top->acting = acting_new(top->side, top->watch, &how, &callbacks);
}

static void listen(Top *top)
{
	g_autoptr(GSource) keys = g_unix_fd_source_new(STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR);

	/* Before anything that a look gives to do. */
	g_source_set_priority(keys, G_PRIORITY_HIGH);
	g_source_set_callback(keys, G_SOURCE_FUNC(on_keys), top, NULL);
	top->keys = g_source_attach(keys, NULL);
	top->ticks = g_timeout_add(TICK_MS, on_tick, top);
}

Top *top_new(PgConnection *connection, const TopOptions *options, gboolean *is_over, GError **error)
{
	g_autoptr(PgConnection) owned = connection;
	g_autoptr(Top) top = g_new0(Top, 1);
	const UiOptions ui_options = {
	    .unicode = options->unicode,
	    .read_only = options->read_only,
	    .connection_args = options->connection_args,
	    .interval_us = options->interval_us,
	};

	top->options = *options;
	top->is_over = is_over;
	top->style = (RenderStyle){
	    .color = TRUE,
	    .unicode = options->unicode,
	    .connection_args = options->connection_args,
	};
	/* Before ncurses, which would take it else. */
	top->resizes = g_unix_signal_add(SIGWINCH, on_resize, top);
	top->terminal = terminal_open(options->has_color, error);
	if (!top->terminal)
		return NULL;
	top->theme = options->theme;
	terminal_set_theme(top->terminal, top->theme);
	top->has_mouse = TRUE;
	terminal_set_mouse(top->terminal, TRUE);
	top->ui = ui_new(&ui_options);
	start_watch(top, g_steal_pointer(&owned));
	start_acting(top);
	listen(top);
	draw(top);
	return g_steal_pointer(&top);
}

void top_free(Top *top)
{
	guint *sources[] = {&top->keys, &top->ticks, &top->resizes, &top->redraw};

	for (guint i = 0; i < G_N_ELEMENTS(sources); i++)
		if (*sources[i] != 0)
			g_source_remove(*sources[i]);
	/* First of all: what follows may take a moment, or go wrong. */
	g_clear_pointer(&top->terminal, terminal_close);
	top->style.color = FALSE;
	if (top->acting)
		acting_stop(top->acting);
	acting_free(top->acting);
	wide_free(top->wide);
	side_free(top->side);
	watch_free(top->watch);
	ui_free(top->ui);
	grid_free(top->grid);
	g_free(top);
}
