#ifndef PGUNLOCK_RENDER_HEADLINE_H
#define PGUNLOCK_RENDER_HEADLINE_H

/* "4711  login-service  app_rw@10.0.3.7  idle in transaction for 9m03s", onto a line. */

#include "model/wait_graph.h"
#include "render/line.h"

void headline_append(Line *line, const WaitGraph *graph, guint session);

#endif
