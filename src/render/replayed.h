#ifndef PGUNLOCK_RENDER_REPLAYED_H
#define PGUNLOCK_RENDER_REPLAYED_H

/* What a policy would have done, over a history (guard --replay). */

#include "policy/replay.h"
#include "render/style.h"

#include <glib.h>

/* What was replayed: result as of replay_result, over the samples from since until before until
 * (microseconds since 1970). */
typedef struct {
	const Policy *policy;
	const GPtrArray *result; /* of Replayed */
	gint64 since;
	gint64 until;
	guint n_samples;
	GTimeZone *zone; /* the person's */
} ReplayedRun;

void render_replay_text(GString *out, const ReplayedRun *run, const RenderStyle *style);
void render_replay_json(GString *out, const ReplayedRun *run, gboolean pretty);

#endif
