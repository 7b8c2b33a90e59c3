#ifndef PGUNLOCK_RENDER_OUTCOME_JSON_H
#define PGUNLOCK_RENDER_OUTCOME_JSON_H

#include "base/json_writer.h"
#include "render/render.h"

/* The keys results, waiters, successors and blocked_now of one round or of several. */
void outcome_write_json(JsonWriter *json, const RenderRound *rounds, guint n);

#endif
