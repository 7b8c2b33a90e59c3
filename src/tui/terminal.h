#ifndef PGUNLOCK_TUI_TERMINAL_H
#define PGUNLOCK_TUI_TERMINAL_H

/* The screen and the keys, through ncurses: puts a grid on the screen and reads keys. All that
 * knows of ncurses is in its source file. */

#include "tui/grid.h"
#include "tui/keymap.h"
#include "tui/theme.h"

#include <glib.h>

typedef struct Terminal Terminal;

/* Takes the terminal on standard input and output. has_color: colours may be used. An error where
 * there is no terminal, or one that can't be drawn on. LC_CTYPE must have been set, and handlers
 * for SIGINT, SIGTERM, SIGWINCH and SIGTSTP. One at a time. */
Terminal *terminal_open(gboolean has_color, GError **error);
/* Gives the terminal back as it was. */
void terminal_close(Terminal *terminal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Terminal, terminal_close)

/* Gives it back for a while; terminal_show takes it again, and draws all of it. */
void terminal_leave(Terminal *terminal);

/* Whether it has colours, and they may be used: else the theme is THEME_NONE whatever is set. */
gboolean terminal_has_color(const Terminal *terminal);
void terminal_set_theme(Terminal *terminal, Theme theme);
void terminal_set_mouse(Terminal *terminal, gboolean is_taken);

/* The size that it has now. */
void terminal_size(Terminal *terminal, guint *rows, guint *columns);
void terminal_show(Terminal *terminal, const Grid *grid);
/* The next key that was pressed, without waiting: FALSE when there is none. */
gboolean terminal_read(Terminal *terminal, Key *key, guint *row, guint *column);
/* Throws away what was typed so far. */
void terminal_flush_input(Terminal *terminal);
void terminal_bell(Terminal *terminal);

#endif
