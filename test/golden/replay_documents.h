#ifndef PGUNLOCK_TEST_REPLAY_DOCUMENTS_H
#define PGUNLOCK_TEST_REPLAY_DOCUMENTS_H

/* What a policy would have done over a history that is made up. */

#include "policy/replay.h"
#include "render/style.h"

typedef struct {
	Policy *policy;
	GTimeZone *zone;
	Replay *replay;
	guint n_samples;
} ReplayScene;

ReplayScene replay_scene(void);
void replay_scene_clear(ReplayScene *scene);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ReplayScene, replay_scene_clear)

/* data: a ReplayScene */
void text_replay(GString *out, gconstpointer data, const RenderStyle *style);
void json_replay(GString *out, gconstpointer data);

#endif
