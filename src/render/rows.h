#ifndef PGUNLOCK_RENDER_ROWS_H
#define PGUNLOCK_RENDER_ROWS_H

/* row: the rows that match, who holds them and who waits for them. */

#include "base/row_ref.h"
#include "model/row_verdicts.h"
#include "render/style.h"

#include <glib.h>

/* graph: of a look that was taken after the rows had been read. shown_ref: the rows as --row takes
 * them ("login_sessions WHERE user_id = 42"), for commands that are suggested. */
void render_rows_text(GString *out, const RowSet *rows, const WaitGraph *graph,
                      const char *shown_ref, const RenderStyle *style);
/* What to do when the rows can't be read because their table is locked. Free with g_free. */
char *render_locked_table_hint(const RowRef *ref, const RenderStyle *style);
void render_rows_json(GString *out, const RowSet *rows, const WaitGraph *graph, gboolean pretty);

#endif
