#ifndef PGUNLOCK_TUI_SERVER_SCREEN_H
#define PGUNLOCK_TUI_SERVER_SCREEN_H

/* One server on the live screen: its ui with what feeds it and what carries out its intents. It
 * goes on while another one is on the screen. */

#include "render/style.h"
#include "tui/top.h"
#include "tui/ui.h"

#include <glib.h>

typedef struct ServerScreen ServerScreen;

typedef struct {
	/* What it shows has changed. */
	void (*changed)(ServerScreen *screen, gpointer user_data);
	/* A question is to be shown, and what was typed before it to be thrown away. */
	void (*asks)(ServerScreen *screen, gpointer user_data);
	/* What became of an act that was under way when the screen was freed. */
	void (*last_words)(const char *text, gpointer user_data);
	gpointer user_data;
} ServerCallbacks;

/* Of a connection, which it takes, or, when that is NULL, of a conninfo that it connects to by
 * itself, again and again. What options and style point to is borrowed; connection_args and name
 * are, too. */
ServerScreen *server_screen_new(PgConnection *connection, const TopServer *server,
                                const TopOptions *options, const RenderStyle *style,
                                const ServerCallbacks *callbacks);
/* Stops what is under way. */
void server_screen_free(ServerScreen *screen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ServerScreen, server_screen_free)

Ui *server_screen_ui(const ServerScreen *screen);
const char *server_screen_name(const ServerScreen *screen);
/* Those intents of its ui that are about the server; FALSE: it is none of them. */
gboolean server_screen_carry_out(ServerScreen *screen, Intent intent);
/* A moment has passed, while it is on the screen. */
void server_screen_tick(ServerScreen *screen);

#endif
