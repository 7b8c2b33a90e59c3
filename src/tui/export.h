#ifndef PGUNLOCK_TUI_EXPORT_H
#define PGUNLOCK_TUI_EXPORT_H

#include "render/style.h"
#include "tui/grid.h"
#include "tui/theme.h"
#include "tui/top_look.h"

#include <glib.h>

/* Writes to a new file: when its name ends in .svg the screen, as a picture; else the blocking tree
 * of the look, all of it, as JSON when its name ends in .json, or as text. What is there already is
 * never overwritten. The file is the owner's alone: it has statements in it. */
gboolean export_look(const TopLook *look, const char *path, const RenderStyle *style,
                     const Grid *grid, Theme theme, GError **error);

#endif
