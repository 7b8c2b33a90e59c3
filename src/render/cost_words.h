#ifndef PGUNLOCK_RENDER_COST_WORDS_H
#define PGUNLOCK_RENDER_COST_WORDS_H

/* What an act costs, in whole sentences of safe text. */

#include "model/wait_graph.h"
#include "plan/act.h"
#include "plan/selection.h"

#include <glib.h>

/* What is lost by it, what stays behind, and what its client notices. Free with g_free. */
char *act_cost_text(const WaitGraph *graph, guint session_index, Act act);

/* What follows a cancel that isn't enough: a release goes on to terminate after its grace. NULL
 * where nothing follows. */
const char *act_escalation_text(PlanCommand command, const Session *session, Act act,
                                ActReason reason);

#endif
