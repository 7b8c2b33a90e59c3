#include "replay_documents.h"

#include "stage.h"

#include "base/duration.h"
#include "render/replayed.h"

#include <string.h>

static const char *const TEXT = "[server main]\nconninfo = service=main\n"
                                "[rule protect]\nuser = admin\naction = none\n"
                                "[rule leaked]\nstate = idle in transaction\nblocked_for = 30s\n"
                                "action = terminate\nlimit = 2/10m\n"
                                "[rule idle]\nstate = idle\naction = cancel\n"
                                "[rule half]\naction = rollback_prepared\nuser = pgunlock\n"
                                "[rule sleepers]\nuser = sleeper\naction = terminate\n"
                                "even_if_not_blocking = true\n";

static Blocker *blocker_of(gint32 pid, const char *user, const char *application, guint blocked)
{
	Blocker *blocker = blocker_new_empty();

	blocker->pid = pid;
	blocker->backend_start = STAGE_NOW;
	blocker->type = BACKEND_TYPE_CLIENT;
	blocker->backend_type = "client backend";
	blocker->user = user;
	blocker->application = application;
	blocker->state = "idle in transaction";
	blocker->blocked_total = blocked;
	blocker->blocked_since = STAGE_NOW;
	blocker->is_root = TRUE;
	return blocker;
}

ReplayScene replay_scene(void)
{
	g_autoptr(GError) error = NULL;
	ReplayScene scene = {.zone = g_time_zone_new_utc(), .n_samples = 100};
	Blocker *blockers[] = {
	    blocker_of(100, "app_rw", "login-service", 143),
	    blocker_of(200, "bi", "\033[31mreports", 1),
	    blocker_of(300, NULL, NULL, 2),
	    blocker_of(400, "app_rw", "", 3),
	    blocker_of(500, "app_rw", "pool", 1),
	    blocker_of(0, "pgunlock", "", 1),
	    blocker_of(600, "", "", 1),
	};

	/* with a session-level advisory lock: a cancel would be in vain */
	blockers[4]->state = "idle";
	blockers[4]->session_state = SESSION_STATE_IDLE;
	blockers[5]->kind = SESSION_KIND_PREPARED;
	blockers[5]->gid = blockers[5]->gid_bytes = "two-phase";
	blockers[5]->transaction = 700;
	blockers[5]->state = "prepared";
	/* an autovacuum worker */
	blockers[6]->type = BACKEND_TYPE_AUTOVACUUM_WORKER;
	blockers[6]->backend_type = "autovacuum worker";
	blockers[6]->state = "idle";
	scene.policy = policy_parse(TEXT, strlen(TEXT), "/etc/pgunlock.conf", &error);
	g_assert_no_error(error);
	scene.replay = replay_new(scene.policy, scene.zone);
	for (guint i = 0; i < scene.n_samples; i++)
		replay_sample(scene.replay, "main", STAGE_NOW + i * DURATION_SECOND,
		              (const Blocker *const *) (gpointer) blockers,
		              i < 60 ? 2 : G_N_ELEMENTS(blockers));
	replay_sample(scene.replay, "main", STAGE_NOW + 100 * DURATION_SECOND, NULL, 0);
	for (guint i = 0; i < G_N_ELEMENTS(blockers); i++)
		blocker_free(blockers[i]);
	return scene;
}

void replay_scene_clear(ReplayScene *scene)
{
	replay_free(scene->replay);
	policy_free(scene->policy);
	g_time_zone_unref(scene->zone);
}

static ReplayedRun run_of(const ReplayScene *scene)
{
	return (ReplayedRun){
	    .policy = scene->policy,
	    .result = replay_result(scene->replay),
	    .since = STAGE_NOW - DURATION_HOUR,
	    .until = STAGE_NOW + DURATION_HOUR,
	    .n_samples = scene->n_samples,
	    .zone = scene->zone,
	};
}

void text_replay(GString *out, gconstpointer data, const RenderStyle *style)
{
	const ReplayedRun run = run_of(data);

	render_replay_text(out, &run, style);
}

void json_replay(GString *out, gconstpointer data)
{
	const ReplayedRun run = run_of(data);

	render_replay_json(out, &run, TRUE);
}
