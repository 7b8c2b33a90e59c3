#ifndef PGUNLOCK_RENDER_SUMMARY_H
#define PGUNLOCK_RENDER_SUMMARY_H

/* What several text views begin and end with. */

#include "model/wait_graph.h"
#include "render/line.h"
#include "render/style.h"

#include <glib.h>

/* The answer in a line, and the server it is about: "12 sessions wait for 1. ..." */
void summary_append(GString *out, const WaitGraph *graph, const RenderStyle *style);

/* The same with another answer, which is safe text. */
void summary_append_answer(GString *out, const Snapshot *snapshot, const RenderStyle *style,
                           Ink ink, const char *answer);

/* "LABEL  COMMAND" on one line if it fits, else the command on a line of its own: it is never
 * broken, whatever the width. */
void summary_append_command(GString *out, const RenderStyle *style, const char *label,
                            const char *command);

/* The answer alone, safe text to be freed with g_free. */
char *summary_answer(const WaitGraph *graph);
/* The same in few words. */
char *summary_brief(const WaitGraph *graph);

#endif
