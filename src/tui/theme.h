#ifndef PGUNLOCK_TUI_THEME_H
#define PGUNLOCK_TUI_THEME_H

/* What faces look like: of the 8 colours that every terminal with colours has, since people have
 * chosen those for their background. Without colours only attributes tell them apart. */

#include "tui/grid.h"

typedef enum { THEME_DARK, THEME_LIGHT, THEME_NONE, N_THEMES } Theme;

/* Colours as in ANSI (0 black to 7 white), -1 for the terminal's own. */
typedef struct {
	gint8 foreground;
	gint8 background;
	gboolean bold, dim, reverse, underline;
} ThemeLook;

const ThemeLook *theme_look(Theme theme, Face face);
/* Of a cell in the selected row. */
ThemeLook theme_lit(Theme theme, Face face);
/* "dark" */
const char *theme_name(Theme theme);

#endif
