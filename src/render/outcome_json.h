#ifndef PGUNLOCK_RENDER_OUTCOME_JSON_H
#define PGUNLOCK_RENDER_OUTCOME_JSON_H

#include "base/json_writer.h"
#include "plan/outcome.h"

/* The keys results, waiters, successors and blocked_now. outcome NULL: nothing was done. */
void outcome_write_json(JsonWriter *json, const Plan *plan, const Outcome *outcome);

#endif
