#ifndef PGUNLOCK_TUI_THEME_H
#define PGUNLOCK_TUI_THEME_H

/*
 * What faces look like, with colours and without, where only attributes tell them apart.
 *
 * Whether a terminal's background is dark or light can't be known: few set COLORFGBG, and then it
 * is passed on to where it isn't true any more (tmux, ssh); and the answer to a question (OSC 11)
 * comes among the keys, late over a slow line, when it would be taken for keys that act. So nothing
 * is asked. THEME_ANY, which is what there is unless a person chooses, has only colours that can be
 * read on either: of the 8 that every terminal has those are two, of the 256 that most have there
 * are enough. The others may use more of the 8, which people have chosen for their background.
 */

#include "tui/grid.h"

typedef enum { THEME_ANY, THEME_DARK, THEME_LIGHT, THEME_NONE, N_THEMES } Theme;

/* Colours as in ANSI (0 black to 7 white, 16 to 255 as xterm has them), -1 for the terminal's own.
 */
typedef struct {
	gint16 foreground;
	gint16 background;
	gboolean bold, dim, reverse, underline;
} ThemeLook;

/* n_colors: that the terminal has. */
ThemeLook theme_look(Theme theme, guint n_colors, Face face);
/* Of a cell in the selected row. */
ThemeLook theme_lit(Theme theme, Face face);
/* "dark" */
const char *theme_name(Theme theme);

#endif
