#ifndef PGUNLOCK_TUI_PICTURE_H
#define PGUNLOCK_TUI_PICTURE_H

#include "model/wait_graph.h"
#include "render/style.h"
#include "tui/grid.h"
#include "tui/theme.h"

#include <glib.h>

/* Appends the screen as an SVG picture, in the colours of a theme. */
void picture_append_svg(GString *out, const Grid *grid, Theme theme);

/* Appends the blocking trees, as render_tree_text prints them, as such a picture, as wide as they
 * are. Of the style counts how wide they may get and whether groups are unfolded. */
void picture_append_tree(GString *out, const WaitGraph *graph, const RenderStyle *style,
                         Theme theme);

#endif
