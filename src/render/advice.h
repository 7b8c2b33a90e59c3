#ifndef PGUNLOCK_RENDER_ADVICE_H
#define PGUNLOCK_RENDER_ADVICE_H

/* What would end the whole jam, for views that show it beside the culprits. */

#include "plan/plan.h"

#include <glib.h>

/* The plan of a release of everything; NULL when nobody waits or there is none. The caller's. */
Plan *advice_new(const WaitGraph *graph);

/* The item about this session, or NULL. plan may be NULL. */
const PlanItem *advice_item(const Plan *plan, guint session);

/* The sessions of the items that belong together with this one (itself alone when in no group) and
 * are not refused: an array of guint, the caller's. */
GArray *advice_companions(const Plan *plan, const PlanItem *item);

#endif
