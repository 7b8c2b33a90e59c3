#ifndef PGUNLOCK_TUI_PICTURE_H
#define PGUNLOCK_TUI_PICTURE_H

#include "tui/grid.h"
#include "tui/theme.h"

#include <glib.h>

/* Appends the screen as an SVG picture, in the colours of a theme. */
void picture_append_svg(GString *out, const Grid *grid, Theme theme);

#endif
