#ifndef PGUNLOCK_TUI_EXPORT_H
#define PGUNLOCK_TUI_EXPORT_H

#include "render/style.h"
#include "tui/top_look.h"

#include <glib.h>

/* Writes the blocking tree of a look, all of it, to a new file: as JSON when its name ends in
 * .json, else as text. What is there already is never overwritten. The file is the owner's alone:
 * it has statements in it. */
gboolean export_look(const TopLook *look, const char *path, const RenderStyle *style,
                     GError **error);

#endif
