#include "tui/top.h"

#include "base/duration.h"
#include "base/error.h"
#include "tui/export.h"
#include "tui/server_list.h"
#include "tui/server_screen.h"
#include "tui/suspend.h"
#include "tui/terminal.h"
#include "tui/ui.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* How often ages are drawn anew, and wide looks are thought of. */
#define TICK_MS 250
/* Whoever didn't get to that for so long stood still. */
#define STANDSTILL_US (4 * DURATION_MS * TICK_MS)

struct Top {
	TopOptions options;
	gboolean *is_over;
	Terminal *terminal;
	Theme theme;
	gboolean has_mouse;
	Grid *grid;
	RenderStyle style;
	GPtrArray *screens;   /* of ServerScreen */
	ServerScreen *active; /* on the screen; NULL: the list of all */
	ServerList list;
	guint keys, ticks, resizes, redraw; /* sources, or 0 */
	gint64 ticked;                      /* monotonic */
};

static Ui *ui_of(const Top *top)
{
	return server_screen_ui(top->active);
}

static void draw(Top *top)
{
	gint64 now = g_get_monotonic_time();
	guint rows, columns;

	terminal_size(top->terminal, &rows, &columns);
	if (!top->grid || top->grid->rows != rows || top->grid->columns != columns) {
		grid_free(top->grid);
		top->grid = grid_new(rows, columns, top->options.unicode);
	}
	top->style.width = MAX(columns, 40);
	if (top->active)
		ui_draw(ui_of(top), top->grid, now);
	else
		server_list_draw(&top->list, top->grid, now);
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

static void write_shown(Top *top)
{
	g_autoptr(GError) trouble = NULL;
	g_autofree char *text = NULL;

	draw(top);
	if (!export_look(ui_shown(ui_of(top)), ui_written(ui_of(top)), &top->style, top->grid,
	                 top->theme, &trouble)) {
		ui_say(ui_of(top), FACE_BAD, trouble->message);
		return;
	}
	text = g_strdup_printf("written to %s", ui_written(ui_of(top)));
	ui_say(ui_of(top), FACE_GOOD, text);
}

static void change_theme(Top *top)
{
	g_autofree char *text = NULL;

	top->theme = (top->theme + 1) % N_THEMES;
	terminal_set_theme(top->terminal, top->theme);
	text = terminal_has_color(top->terminal)
	           ? g_strdup_printf("colours: %s", theme_name(top->theme))
	           : g_strdup("there are no colours here");
	ui_say(ui_of(top), FACE_PLAIN, text);
}

static void change_mouse(Top *top)
{
	top->has_mouse = !top->has_mouse;
	terminal_set_mouse(top->terminal, top->has_mouse);
	ui_say(ui_of(top), FACE_PLAIN,
	       top->has_mouse ? "the mouse selects rows" : "the mouse is the terminal's");
}

static void carry_out(Top *top, Intent intent)
{
	if (server_screen_carry_out(top->active, intent))
		return;
	switch (intent) {
	case INTENT_QUIT:
		*top->is_over = TRUE;
		break;
	case INTENT_SERVERS:
		top->active = NULL;
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
	default:
		break;
	}
}

static void carry_out_all(Top *top)
{
	Intent intent;

	while (top->active && ui_take_intent(ui_of(top), &intent))
		carry_out(top, intent);
}

static void list_key(Top *top, Key key, guint row)
{
	switch (server_list_key(&top->list, key, row)) {
	case LIST_ENTER:
		top->active = g_ptr_array_index(top->screens, top->list.at);
		ui_enter(ui_of(top));
		break;
	case LIST_QUIT:
		*top->is_over = TRUE;
		break;
	case LIST_STAYS:
		break;
	}
}

/* Keys that came while nobody could see what they would do, since the process was stopped or the
 * machine stood still: they may have been for a shell. */
static void throw_keys_away(Top *top)
{
	top->ticked = g_get_monotonic_time();
	if (top->active)
		ui_act_ask_anew(ui_of(top));
	draw(top);
	terminal_flush_input(top->terminal);
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
	/* Elsewhere a key does nothing that can't be undone, and may be part of a word. */
	if (g_get_monotonic_time() - top->ticked > STANDSTILL_US && top->active &&
	    ui_act_asks(ui_of(top)))
		throw_keys_away(top);
	while (!*top->is_over && terminal_read(top->terminal, &key, &row, &column)) {
		if (!top->active) {
			list_key(top, key, row);
			continue;
		}
		ui_key(ui_of(top), key, row, column, g_get_monotonic_time());
		carry_out_all(top);
	}
	if (!*top->is_over)
		draw(top);
	return G_SOURCE_CONTINUE;
}

static gboolean on_tick(gpointer user_data)
{
	Top *top = user_data;

	top->ticked = g_get_monotonic_time();
	if (top->active)
		server_screen_tick(top->active);
	draw(top);
	return G_SOURCE_CONTINUE;
}

static gboolean on_resize(gpointer user_data)
{
	draw(user_data);
	return G_SOURCE_CONTINUE;
}

static void on_suspend(gpointer user_data)
{
	Top *top = user_data;

	terminal_leave(top->terminal);
	suspend_stop();
	throw_keys_away(top);
}

static void on_changed(ServerScreen *screen, gpointer user_data)
{
	Top *top = user_data;

	if (!top->active || screen == top->active)
		draw_soon(top);
}

/* Drawn first, so that what is thrown away is all that was typed before the question was there. */
static void on_asks(ServerScreen *screen, gpointer user_data)
{
	Top *top = user_data;

	if (screen != top->active)
		return;
	draw(top);
	terminal_flush_input(top->terminal);
}

/* The terminal is given back by then. */
static void on_last_words(const char *text, G_GNUC_UNUSED gpointer user_data)
{
	fputs(text, stderr);
}

static void listen(Top *top)
{
	g_autoptr(GSource) keys = g_unix_fd_source_new(STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR);

	/* Before anything that a look gives to do. */
	g_source_set_priority(keys, G_PRIORITY_HIGH);
	g_source_set_callback(keys, G_SOURCE_FUNC(on_keys), top, NULL);
	top->keys = g_source_attach(keys, NULL);
	top->ticked = g_get_monotonic_time();
	top->ticks = g_timeout_add(TICK_MS, on_tick, top);
}

static void add_screen(Top *top, PgConnection *connection, const TopServer *server)
{
	const ServerCallbacks callbacks = {on_changed, on_asks, on_last_words, top};
	ServerScreen *screen =
	    server_screen_new(connection, server, &top->options, &top->style, &callbacks);

	g_ptr_array_add(top->screens, screen);
	server_list_add(&top->list, server_screen_name(screen), server_screen_ui(screen));
}

static void add_screens(Top *top, PgConnection *connection)
{
	const TopServer only = {.connection_args = top->options.connection_args};

	if (connection) {
		add_screen(top, connection, &only);
		top->active = g_ptr_array_index(top->screens, 0);
	}
	for (guint i = 0; i < top->options.n_servers; i++)
		add_screen(top, NULL, &top->options.servers[i]);
}

Top *top_new(PgConnection *connection, const TopOptions *options, gboolean *is_over, GError **error)
{
	g_autoptr(PgConnection) owned = connection;
	g_autoptr(Top) top = g_new0(Top, 1);

	top->options = *options;
	top->is_over = is_over;
	top->style = (RenderStyle){
	    .color = TRUE,
	    .unicode = options->unicode,
	    .connection_args = options->connection_args,
	};
	top->screens = g_ptr_array_new_with_free_func((GDestroyNotify) server_screen_free);
	server_list_init(&top->list);
	/* Before ncurses, which would take them else. */
	top->resizes = g_unix_signal_add(SIGWINCH, on_resize, top);
	suspend_listen(on_suspend, top);
	top->terminal = terminal_open(options->has_color, error);
	if (!top->terminal)
		return NULL;
	top->theme = options->theme;
	terminal_set_theme(top->terminal, top->theme);
	top->has_mouse = TRUE;
	terminal_set_mouse(top->terminal, TRUE);
	add_screens(top, g_steal_pointer(&owned));
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
	suspend_forget();
	top->style.color = FALSE;
	top->active = NULL;
	g_ptr_array_unref(top->screens);
	server_list_clear(&top->list);
	grid_free(top->grid);
	g_free(top);
}
