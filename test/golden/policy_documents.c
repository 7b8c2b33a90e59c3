#include "policy_documents.h"

#include "stage.h"

#include <string.h>

#define NOON (12 * 60 * 60)

const PolicyFixture policy_fixtures[] = {
    {"leaked", "[guard]\n"
               "dry_run = false\n"
               "\n"
               "[server main]\n"
               "conninfo = service=main password=secret\n"
               "[server reports]\n"
               "conninfo = host=db2\n"
               "\n"
               "[notify ops]\n"
               "webhook = https://hooks.example/secret\n"
               "[notify dba]\n"
               "command = mail -s \"locks\" dba\n"
               "\n"
               "[rule protect]\n"
               "user = admin, deploy\n"
               "backend_type = client backend\n"
               "action = none\n"
               "\n"
               "[rule forgotten]\n"
               "backend_type = prepared transaction\n"
               "in_transaction_for = 1h\n"
               "action = notify\n"
               "notify = dba\n"
               "\n"
               "[rule queued-ddl]\n"
               "mode = access-exclusive\n"
               "table = orders\n"
               "blocked_for = 5s\n"
               "action = cancel\n"
               "cooldown = 1m\n"
               "\n"
               "[rule leaked]\n"
               "server = main\n"
               "state = idle in transaction*\n"
               "idle_for = 30s\n"
               "blocked_sessions = 2\n"
               "hours = 08:00-20:00\n"
               "statement = ^(update|select .* for update)\n"
               "action = terminate\n"
               "limit = 5/1m\n"
               "notify = ops, !dba\n"
               "\n"
               "[rule late]\n"
               "client = local\n"
               "database = app\n"
               "application = *\n"
               "target_type = transactionid\n"
               "action = release\n"},
    {"smallest", "[server main]\nconninfo = service=main\n"},
    {"other-ways", "[guard]\nhistory = off\naudit = off\nmetrics = off\n"
                   "[server a]\nconninfo = x\n"
                   "[notify file]\nwebhook_file = /run/secret\n"
                   "[notify env]\nwebhook_env = SECRET\n"
                   "[rule sleepers]\n"
                   "application = \302\200x \342\200\256y*\n"
                   "idle_for = 1d\n"
                   "action = terminate\n"
                   "even_if_not_blocking = true\n"
                   "[rule old]\n"
                   "in_transaction_for = 2d\n"
                   "action = rollback_prepared\n"},
};
const guint n_policy_fixtures = G_N_ELEMENTS(policy_fixtures);

gboolean policy_explains(const Fixture *fixture)
{
	static const char *const names[] = {"login",      "hostile",    "hidden", "prepared",
	                                    "ddl-queue",  "lock-types", "quiet",  "states",
	                                    "logging-in", NULL};

	return g_strv_contains(names, fixture->name);
}

PolicyScene policy_scene_of(const PolicyFixture *fixture)
{
	g_autoptr(GError) error = NULL;
	PolicyScene scene = {
	    .policy = policy_parse(fixture->text, strlen(fixture->text), "/etc/pgunlock.conf", &error),
	    .blockers = g_ptr_array_new_with_free_func((GDestroyNotify) blocker_free),
	    .sessions = g_array_new(FALSE, FALSE, sizeof(ExplainedSession)),
	    .warnings = g_ptr_array_new(),
	};

	g_assert_no_error(error);
	if (strcmp(fixture->name, "other-ways") == 0)
		g_ptr_array_add(scene.warnings, (gpointer) (gsize) "[notify file]: cannot \033read it");
	return scene;
}

/* Login is a partition, the others are none. */
static void add_ancestors(Snapshot *snapshot)
{
	const guint32 tables[] = {TABLE_LOGIN, TABLE_ORDERS, TABLE_STOCK};
	const guint32 parent = TABLE_STOCK;

	for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
		names_set_ancestors(snapshot_names(snapshot), DATABASE_APP, tables[i], &parent,
		                    tables[i] == TABLE_LOGIN);
}

void policy_scene_look(PolicyScene *scene, Snapshot *snapshot)
{
	gboolean somebody_waits;

	scene->snapshot = snapshot;
	add_ancestors(snapshot);
	scene->graph = wait_graph_new(snapshot);
	somebody_waits = wait_graph_n_blocked(scene->graph) > 0;
	for (guint i = 0; i < snapshot_n_sessions(snapshot); i++) {
		ExplainedSession session = {
		    .judged = {.server = "main", .now = STAGE_NOW, .second_of_day = NOON + 34 * 60}};

		if (snapshot_session(snapshot, i)->leader != i ||
		    (somebody_waits && wait_graph_blocked_total(scene->graph, i) == 0))
			continue;
		session.judged.blocker = blocker_new(scene->graph, i, TIMESTAMP_NONE);
		g_ptr_array_add(scene->blockers, (gpointer) (gsize) session.judged.blocker);
		if (scene->sessions->len == 1)
			session.refusal = "it is refused: role oncall may not signal \033[31mit";
		g_array_append_val(scene->sessions, session);
	}
	if (scene->sessions->len > 2)
		g_ptr_array_add(scene->warnings, (gpointer) (gsize) "server reports: no \033connection");
}

void policy_scene_clear(PolicyScene *scene)
{
	g_ptr_array_unref(scene->warnings);
	g_array_unref(scene->sessions);
	g_ptr_array_unref(scene->blockers);
	g_clear_pointer(&scene->graph, wait_graph_free);
	g_clear_pointer(&scene->snapshot, snapshot_free);
	policy_free(scene->policy);
}

void text_policy(GString *out, gconstpointer data, const RenderStyle *style)
{
	const PolicyScene *scene = data;

	render_policy_text(out, scene->policy, scene->warnings, style);
}

void json_policy(GString *out, gconstpointer data)
{
	const PolicyScene *scene = data;

	render_policy_json(out, scene->policy, scene->warnings, TRUE);
}

static const ExplainedSession *sessions_of(const PolicyScene *scene)
{
	return (const ExplainedSession *) (gpointer) scene->sessions->data;
}

void text_explain(GString *out, gconstpointer data, const RenderStyle *style)
{
	const PolicyScene *scene = data;

	render_explain_text(out, scene->policy, sessions_of(scene), scene->sessions->len,
	                    scene->warnings->len > 0 ? scene->warnings : NULL, style);
}

void json_explain(GString *out, gconstpointer data)
{
	const PolicyScene *scene = data;

	render_explain_json(out, scene->policy, sessions_of(scene), scene->sessions->len,
	                    scene->warnings->len > 0 ? scene->warnings : NULL, TRUE);
}
