#ifndef PGUNLOCK_RENDER_ITEM_WORDS_H
#define PGUNLOCK_RENDER_ITEM_WORDS_H

/* What became of one item of a plan, in a line. */

#include "plan/outcome.h"
#include "render/line.h"

#include <glib.h>

/* What was reached: "gone after 8ms"; NULL when nothing was done yet. Safe text, to be freed with
 * g_free. */
char *item_result_text(const Plan *plan, guint index, const ItemOutcome *item);
Ink item_result_ink(ItemResult result);

#endif
