#ifndef PGUNLOCK_RENDER_REFUSAL_H
#define PGUNLOCK_RENDER_REFUSAL_H

/* Why nothing is done to a session, onto a line and the lines below it: the reason, the GRANT that
 * would allow it or the command that does it instead, each on a line of its own. */

#include "model/wait_graph.h"
#include "plan/act.h"
#include "render/line.h"

void refusal_append(Line *line, const WaitGraph *graph, guint session, ActRefusal refusal);

#endif
