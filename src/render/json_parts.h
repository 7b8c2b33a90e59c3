#ifndef PGUNLOCK_RENDER_JSON_PARTS_H
#define PGUNLOCK_RENDER_JSON_PARTS_H

/* The parts that JSON documents have in common: each has one writer. docs/schema describes them. */

#include "base/json_writer.h"
#include "model/wait_graph.h"
#include "plan/plan.h"
#include "render/edge_index.h"
#include "render/render.h"

#include <glib.h>

/* Opens the document: schema ("pgunlock.COMMAND/1"), server, taken_at. */
void json_document_begin(JsonWriter *json, const char *command, const Snapshot *snapshot);
/* warnings, and closes the document. */
void json_document_end(JsonWriter *json, const Snapshot *snapshot);

/* "pid:4711" as a value. */
void json_session_id(JsonWriter *json, const Snapshot *snapshot, guint session);
/* A key with the array of the ids of these sessions. */
void json_key_session_ids(JsonWriter *json, const char *name, const Snapshot *snapshot,
                          const guint *sessions, guint n);
/* The session object; of a parallel worker with what its whole group waits for and blocks. */
void json_session(JsonWriter *json, const WaitGraph *graph, const EdgeIndex *edges, guint session);

/* The edge object, and the lock object. */
void json_edge(JsonWriter *json, const WaitGraph *graph, const WaitEdge *edge);
void json_lock(JsonWriter *json, const WaitGraph *graph, const Lock *lock);

/* Keys with what they hold: summary; roots; cycles and deadlocks. */
void json_key_summary(JsonWriter *json, const WaitGraph *graph);
void json_key_roots(JsonWriter *json, const WaitGraph *graph);
void json_key_cycles(JsonWriter *json, const WaitGraph *graph);

/* The arrays `plan` and `alternatives` of status, cancel, terminate and release. plan may be NULL:
 * both are empty. */
void json_key_plan(JsonWriter *json, const Plan *plan);
/* The same of the plans of several rounds, one behind the other. The numbers of groups go on from
 * round to round. */
void json_key_plans(JsonWriter *json, const RenderRound *rounds, guint n);

#endif
