#include "blocker_look.h"

#include "base/duration.h"

static void test_login_incident(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 5);
	g_auto(Look) look = look_at(&scene, 100);
	const Blocker *blocker = look.blocker;
	const Session *session = snapshot_session(look.snapshot, scene_find(look.snapshot, 100));

	g_assert_cmpint(blocker->kind, ==, SESSION_KIND_BACKEND);
	g_assert_cmpint(blocker->taken_at, ==, SCENE_NOW);
	g_assert_cmpint(blocker->pid, ==, 100);
	g_assert_cmpint(blocker->backend_start, ==, session->backend_start);
	g_assert_null(blocker->gid);
	g_assert_cmpstr(blocker->database, ==, "app");
	g_assert_cmpstr(blocker->user, ==, "app_rw");
	g_assert_cmpstr(blocker->application, ==, session->application_name);
	g_assert_true(blocker->application != session->application_name);
	g_assert_cmpstr(blocker->client_addr, ==, "10.0.3.7");
	g_assert_cmpint(blocker->type, ==, BACKEND_TYPE_CLIENT);
	g_assert_cmpstr(blocker->backend_type, ==, "client backend");
	g_assert_cmpstr(blocker->state, ==, "idle in transaction");
	g_assert_cmpstr(blocker->statement, ==, session->query);
	g_assert_cmpint(blocker->in_transaction, ==, ANSWER_YES);
	g_assert_cmpint(blocker->transaction_since, ==, session->xact_start);
	g_assert_cmpint(blocker->is_idle, ==, ANSWER_YES);
	g_assert_cmpint(blocker->idle_since, ==, session->state_change);
	g_assert_cmpuint(blocker->blocked_total, ==, 5);
	g_assert_true(blocker->is_root);
	g_assert_false(blocker->blocked_since_is_seen);
	g_assert_cmpint(SCENE_NOW - blocker->blocked_since, ==,
	                wait_graph_longest_wait_behind(look.graph, scene_find(look.snapshot, 100)));
	g_assert_cmpuint(blocker->n_targets, ==, 1);
	g_assert_cmpint(blocker->targets[0].tag.type, ==, LOCK_TYPE_TRANSACTIONID);
	g_assert_true(blocker->targets[0].has_row);
	g_assert_cmpuint(blocker->targets[0].row_tag.relation, ==, 500);
	g_assert_cmpint(blocker->targets[0].mode, ==, LOCK_MODE_EXCLUSIVE);
	g_assert_true(blocker->targets[0].holds);
	g_assert_true(blocker->targets[0].knows_relations);
	g_assert_false(blocker->targets[0].is_inferred);
	g_assert_cmpuint(blocker->targets[0].n_waiters, ==, 1);
	g_assert_cmpuint(blocker->targets[0].n_relations, ==, 1);
	/* nobody has read its name */
	g_assert_cmpuint(blocker->targets[0].relations[0].n_names, ==, 0);
	g_assert_false(blocker->targets[0].relations[0].knows_names);
	g_assert_cmpuint(blocker->targets[0].relations[0].oid, ==, 500);
	g_assert_cmpstr(blocker->targets[0].relations[0].database, ==, "app");
}

static void test_outlives_its_snapshot(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 2);
	Look look = look_at(&scene, 100);
	g_autoptr(Blocker) kept = g_steal_pointer(&look.blocker);

	look_clear(&look);
	g_assert_cmpstr(kept->user, ==, "app_rw");
	g_assert_cmpstr(kept->targets[0].relations[0].database, ==, "app");
}

/* In the graph a wait without a waitstart has the age of its statement, which may be an hour. */
static void test_undated_wait(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_session(&scene, 101, "active", 3600, 3600, "SELECT 1");
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessExclusiveLock", GRANTED);
	scene_undated_wait(&scene, 101, tag_relation(TABLE), "AccessShareLock");
	g_auto(Look) look = look_at(&scene, 100);

	g_assert_cmpuint(look.blocker->blocked_total, ==, 1);
	g_assert_cmpint(look.blocker->blocked_since, ==, SCENE_NOW);
	g_assert_false(look.blocker->blocked_since_is_seen);
}

static gint64 seen_on_13(gint64 seen_since)
{
	Scene scene;

	scene_begin(&scene, 130000);
	scene_idle(&scene, 100);
	scene_session(&scene, 101, "active", 3600, 3600, "SELECT 1");
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessExclusiveLock", GRANTED);
	scene_undated_wait(&scene, 101, tag_relation(TABLE), "AccessShareLock");
	g_autoptr(Snapshot) snapshot = scene_end(&scene);
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	g_autoptr(Blocker) blocker = blocker_new(graph, scene_find(snapshot, 100), seen_since);

	g_assert_true(blocker->blocked_since_is_seen);
	return blocker->blocked_since;
}

static void test_seen_since(void)
{
	g_assert_cmpint(seen_on_13(TIMESTAMP_NONE), ==, SCENE_NOW);
	g_assert_cmpint(seen_on_13(blocker_ago(5)), ==, blocker_ago(5));
	g_assert_cmpint(seen_on_13(SCENE_NOW + 5), ==, SCENE_NOW);
}

static void test_blocks_nobody(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessExclusiveLock", GRANTED);
	g_auto(Look) look = look_at(&scene, 100);

	g_assert_cmpuint(look.blocker->blocked_total, ==, 0);
	g_assert_cmpint(look.blocker->blocked_since, ==, TIMESTAMP_NONE);
	g_assert_cmpuint(look.blocker->n_targets, ==, 0);
	g_assert_false(look.blocker->is_root);
}

static Look look_at_session(const Session *session)
{
	Scene scene;

	scene_begin(&scene, 150000);
	snapshot_builder_add_session(scene.builder, session);
	return look_at(&scene, session->pid);
}

static void test_states(void)
{
	static const struct {
		const char *state;
		const char *shown;
		Answer in_transaction;
		Answer is_idle;
	} cases[] = {
	    {"active", "active", ANSWER_NO, ANSWER_NO},
	    {"idle", "idle", ANSWER_NO, ANSWER_YES},
	    {"idle in transaction", "idle in transaction", ANSWER_YES, ANSWER_YES},
	    {"idle in transaction (aborted)", "idle in transaction (aborted)", ANSWER_YES, ANSWER_YES},
	    {"fastpath function call", "fastpath function call", ANSWER_NO, ANSWER_NO},
	    {"starting", "starting", ANSWER_NO, ANSWER_NO},
	    {"disabled", NULL, ANSWER_UNKNOWN, ANSWER_UNKNOWN},
	    {NULL, NULL, ANSWER_NO, ANSWER_UNKNOWN},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		Session session = scene_blank_session(100);

		session.state_text = cases[i].state;
		session.state_change = blocker_ago(7);
		session.query = "SELECT 1";
		g_auto(Look) look = look_at_session(&session);

		g_assert_cmpstr(look.blocker->state, ==, cases[i].shown);
		g_assert_cmpint(look.blocker->in_transaction, ==, cases[i].in_transaction);
		g_assert_cmpint(look.blocker->is_idle, ==, cases[i].is_idle);
		g_assert_cmpint(look.blocker->idle_since, ==,
		                cases[i].is_idle == ANSWER_YES ? blocker_ago(7) : TIMESTAMP_NONE);
		/* with track_activities off it is an old one */
		g_assert_cmpstr(look.blocker->statement, ==,
		                g_strcmp0(cases[i].state, "disabled") == 0 ? NULL : "SELECT 1");
	}
}

static void test_hidden(void)
{
	const Session session = {
	    .pid = 100,
	    .backend_start = TIMESTAMP_NONE,
	    .database = SCENE_DATABASE,
	    .user = SCENE_USER,
	    .query = "<insufficient privilege>",
	    .xact_start = TIMESTAMP_NONE,
	    .query_start = TIMESTAMP_NONE,
	    .state_change = TIMESTAMP_NONE,
	};
	g_auto(Look) look = look_at_session(&session);
	const Blocker *blocker = look.blocker;

	g_assert_true(blocker->hidden);
	g_assert_cmpstr(blocker->database, ==, "app");
	g_assert_cmpstr(blocker->user, ==, "app_rw");
	g_assert_null(blocker->application);
	g_assert_null(blocker->client_addr);
	g_assert_null(blocker->backend_type);
	g_assert_null(blocker->state);
	g_assert_null(blocker->statement);
	g_assert_cmpint(blocker->in_transaction, ==, ANSWER_UNKNOWN);
	g_assert_cmpint(blocker->is_idle, ==, ANSWER_UNKNOWN);
}

/* A process of the server has no user and no client; a client backend that shows none hides it. */
static void test_processes(void)
{
	static const struct {
		const char *type;
		const char *nothing;
		Answer in_transaction;
	} cases[] = {
	    {"autovacuum worker", "", ANSWER_NO},
	    {"pg_cron launcher", "", ANSWER_NO},
	    {"walsender", "", ANSWER_UNKNOWN},
	    {"client backend", NULL, ANSWER_NO},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		Session session = scene_blank_session(100);

		session.backend_type = cases[i].type;
		session.state_text = "active";
		session.user = session.database = 0;
		session.client_addr = NULL;
		session.client_port = 0;
		g_auto(Look) look = look_at_session(&session);

		g_assert_cmpstr(look.blocker->user, ==, cases[i].nothing);
		g_assert_cmpstr(look.blocker->database, ==, cases[i].nothing);
		g_assert_cmpstr(look.blocker->client_addr, ==, cases[i].nothing);
		g_assert_cmpint(look.blocker->in_transaction, ==, cases[i].in_transaction);
	}
}

static void test_unix_socket(void)
{
	Session session = scene_blank_session(100);

	session.client_addr = NULL;
	session.client_port = -1;
	g_auto(Look) look = look_at_session(&session);

	g_assert_cmpstr(look.blocker->client_addr, ==, "");
	g_assert_cmpint(look.blocker->client_port, ==, -1);
}

/* Before 18 nothing is known of who logs in. */
static void test_unlisted(void)
{
	const VirtualTransactionId vxid = {100, 1};
	Scene scene;

	scene_begin(&scene, 150000);
	scene_running(&scene, 101);
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessShareLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(TABLE), "AccessExclusiveLock", 5);
	g_autoptr(GArray) unlisted = snapshot_builder_unlisted(scene.builder);

	g_assert_cmpuint(unlisted->len, ==, 1);
	snapshot_builder_confirm(scene.builder, 100, &vxid);
	g_auto(Look) look = look_at(&scene, 100);

	g_assert_cmpstr(look.blocker->state, ==, "starting");
	g_assert_null(look.blocker->user);
	g_assert_null(look.blocker->database);
	g_assert_null(look.blocker->statement);
	g_assert_cmpint(look.blocker->in_transaction, ==, ANSWER_UNKNOWN);
	g_assert_cmpint(look.blocker->is_idle, ==, ANSWER_NO);
}

static Blocker *prepared_blocker(const char *gid)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_running(&scene, 101);
	scene_prepared(&scene, 731, gid, TABLE);
	scene_lock(&scene, 101, tag_relation(TABLE), "AccessExclusiveLock", 5);
	g_autoptr(Snapshot) snapshot = scene_end(&scene);

	add_blocker_names(snapshot);
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	return blocker_new(graph, wait_graph_root(graph, 0), TIMESTAMP_NONE);
}

static void test_prepared(void)
{
	g_autoptr(Blocker) blocker = prepared_blocker("order-1");

	g_assert_cmpint(blocker->kind, ==, SESSION_KIND_PREPARED);
	g_assert_cmpint(blocker->pid, ==, 0);
	g_assert_cmpstr(blocker->gid, ==, "order-1");
	g_assert_cmpstr(blocker->gid_bytes, ==, "order-1");
	g_assert_cmpuint(blocker->transaction, ==, 731);
	g_assert_cmpstr(blocker->state, ==, "prepared");
	g_assert_cmpstr(blocker->backend_type, ==, "prepared transaction");
	g_assert_cmpstr(blocker->application, ==, "");
	g_assert_cmpstr(blocker->client_addr, ==, "");
	g_assert_cmpstr(blocker->statement, ==, "");
	g_assert_cmpint(blocker->in_transaction, ==, ANSWER_YES);
	g_assert_cmpint(blocker->is_idle, ==, ANSWER_NO);
	g_assert_cmpint(blocker->transaction_since, !=, TIMESTAMP_NONE);
	g_assert_cmpuint(blocker->blocked_total, ==, 1);
}

static void test_same(void)
{
	g_autoptr(Blocker) one = prepared_blocker("order-1");
	g_autoptr(Blocker) again = prepared_blocker("order-1");
	g_autoptr(Blocker) other = prepared_blocker("order-2");
	g_auto(Look) first = look_at_relation(TABLE);
	g_auto(Look) second = look_at_relation(OTHER_TABLE);

	g_assert_true(blocker_is_same(one, again));
	g_assert_false(blocker_is_same(one, other));
	again->transaction++;
	g_assert_false(blocker_is_same(one, again));
	g_assert_false(blocker_is_same(one, first.blocker));
	g_assert_true(blocker_is_same(first.blocker, second.blocker));
	second.blocker->backend_start++;
	g_assert_false(blocker_is_same(first.blocker, second.blocker));
	second.blocker->backend_start--;
	second.blocker->pid++;
	g_assert_false(blocker_is_same(first.blocker, second.blocker));
}

static void test_empty(void)
{
	g_autoptr(Blocker) blocker = blocker_new_empty();

	g_assert_null(blocker->user);
	g_assert_cmpint(blocker->taken_at, ==, TIMESTAMP_NONE);
	g_assert_cmpint(blocker->in_transaction, ==, ANSWER_UNKNOWN);
	g_assert_cmpint(blocker->is_idle, ==, ANSWER_UNKNOWN);
	blocker_free(NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/blocker/login-incident", test_login_incident);
	g_test_add_func("/blocker/outlives-its-snapshot", test_outlives_its_snapshot);
	g_test_add_func("/blocker/undated-wait", test_undated_wait);
	g_test_add_func("/blocker/seen-since", test_seen_since);
	g_test_add_func("/blocker/blocks-nobody", test_blocks_nobody);
	g_test_add_func("/blocker/states", test_states);
	g_test_add_func("/blocker/hidden", test_hidden);
	g_test_add_func("/blocker/processes", test_processes);
	g_test_add_func("/blocker/unix-socket", test_unix_socket);
	g_test_add_func("/blocker/unlisted", test_unlisted);
	g_test_add_func("/blocker/prepared", test_prepared);
	g_test_add_func("/blocker/same", test_same);
	g_test_add_func("/blocker/empty", test_empty);
	return g_test_run();
}
