#ifndef PGUNLOCK_TEST_POLICY_DOCUMENTS_H
#define PGUNLOCK_TEST_POLICY_DOCUMENTS_H

/* Policies, and what the first of them says of the sessions of some fixtures. */

#include "fixtures.h"

#include "model/wait_graph.h"
#include "render/policy.h"

typedef struct {
	const char *name;
	const char *text;
} PolicyFixture;

extern const PolicyFixture policy_fixtures[];
extern const guint n_policy_fixtures;

typedef struct {
	Policy *policy;
	Snapshot *snapshot; /* NULL: nothing was looked at */
	WaitGraph *graph;
	GPtrArray *blockers; /* of Blocker */
	GArray *sessions;    /* of ExplainedSession */
	GPtrArray *warnings;
} PolicyScene;

/* Whether the sessions of this fixture are explained. */
gboolean policy_explains(const Fixture *fixture);

PolicyScene policy_scene_of(const PolicyFixture *fixture);
/* All that block anybody, or, where nobody does, all sessions. Takes the snapshot. */
void policy_scene_look(PolicyScene *scene, Snapshot *snapshot);
void policy_scene_clear(PolicyScene *scene);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PolicyScene, policy_scene_clear)

/* data: a PolicyScene */
void text_policy(GString *out, gconstpointer data, const RenderStyle *style);
void json_policy(GString *out, gconstpointer data);
void text_explain(GString *out, gconstpointer data, const RenderStyle *style);
void json_explain(GString *out, gconstpointer data);

#endif
