#include "model/blocker.h"
#include "scene.h"

#include "base/duration.h"

#include <string.h>

#define TABLE 20500
#define PARTITION 20501
#define INDEX 20502
#define ROOT_TABLE 20503
#define OTHER_TABLE 20600

typedef struct {
	Snapshot *snapshot;
	WaitGraph *graph;
	Blocker *blocker;
} Look;

static void look_clear(Look *look)
{
	blocker_free(look->blocker);
	wait_graph_free(look->graph);
	snapshot_free(look->snapshot);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Look, look_clear)

static void add_table(Names *names, guint32 oid, const char *name, char kind, guint32 table)
{
	const RelationName relation = {SCENE_DATABASE, oid, "public", name, kind, table};

	names_add_relation(names, &relation);
}

static void add_names(Snapshot *snapshot)
{
	Names *names = snapshot_names(snapshot);
	const guint32 ancestors[] = {TABLE, ROOT_TABLE};

	names_add_database(names, SCENE_DATABASE, "app");
	names_add_role(names, SCENE_USER, "app_rw");
	add_table(names, TABLE, "login_2026", 'p', TABLE);
	add_table(names, PARTITION, "login_2026_01", 'r', PARTITION);
	add_table(names, INDEX, "login_2026_01_pkey", 'i', PARTITION);
	add_table(names, ROOT_TABLE, "login", 'p', ROOT_TABLE);
	add_table(names, OTHER_TABLE, "orders", 'r', OTHER_TABLE);
	names_set_ancestors(names, SCENE_DATABASE, TABLE, &ancestors[1], 1);
	names_set_ancestors(names, SCENE_DATABASE, PARTITION, ancestors, 2);
	names_set_ancestors(names, SCENE_DATABASE, OTHER_TABLE, NULL, 0);
}

static Look look_at(Scene *scene, gint32 pid)
{
	Look look = {.snapshot = scene_end(scene)};

	add_names(look.snapshot);
	look.graph = wait_graph_new(look.snapshot);
	look.blocker = blocker_new(look.graph, scene_find(look.snapshot, pid), TIMESTAMP_NONE);
	return look;
}

static gint64 ago(double seconds)
{
	return SCENE_NOW - (gint64) (seconds * DURATION_SECOND);
}

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

static Look look_at_relation(guint32 relation)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_running(&scene, 101);
	scene_lock(&scene, 100, tag_relation(relation), "ShareLock", GRANTED);
	scene_lock(&scene, 100, tag_relation(relation), "AccessShareLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(relation), "AccessExclusiveLock", 30);
	return look_at(&scene, 100);
}

static void assert_names(const BlockerRelation *relation, const char *const *names)
{
	g_assert_cmpuint(relation->n_names, ==, g_strv_length((char **) (gsize) names));
	for (guint i = 0; i < relation->n_names; i++) {
		g_assert_cmpstr(relation->names[i].schema, ==, "public");
		g_assert_cmpstr(relation->names[i].name, ==, names[i]);
	}
}

static void test_names_of_a_relation(void)
{
	static const struct {
		guint32 oid;
		const char *names[5];
	} cases[] = {
	    {INDEX, {"login_2026_01_pkey", "login_2026_01", "login_2026", "login"}},
	    {PARTITION, {"login_2026_01", "login_2026", "login"}},
	    {TABLE, {"login_2026", "login"}},
	    {OTHER_TABLE, {"orders"}},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Look) look = look_at_relation(cases[i].oid);
		const BlockerTarget *target = &look.blocker->targets[0];

		g_assert_cmpuint(look.blocker->n_targets, ==, 1);
		g_assert_cmpint(target->mode, ==, LOCK_MODE_SHARE);
		g_assert_false(target->has_row);
		g_assert_cmpuint(target->n_relations, ==, 1);
		assert_names(&target->relations[0], cases[i].names);
		g_assert_true(target->relations[0].knows_names);
	}
	/* its ancestors were not read */
	g_auto(Look) look = look_at_relation(ROOT_TABLE);

	assert_names(&look.blocker->targets[0].relations[0], (const char *const[]){"login", NULL});
	g_assert_false(look.blocker->targets[0].relations[0].knows_names);
}

static void test_names_that_lack(void)
{
	const guint32 ancestors[] = {TABLE, ROOT_TABLE};
	Scene scene;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_running(&scene, 101);
	scene_lock(&scene, 100, tag_relation(INDEX), "ShareLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(INDEX), "AccessExclusiveLock", 30);
	g_autoptr(Snapshot) snapshot = scene_end(&scene);
	Names *names = snapshot_names(snapshot);

	add_table(names, INDEX, "login_pkey", 'i', PARTITION);
	add_table(names, ROOT_TABLE, "login", 'p', ROOT_TABLE);
	names_set_ancestors(names, SCENE_DATABASE, PARTITION, ancestors, 2);
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	g_autoptr(Blocker) blocker = blocker_new(graph, scene_find(snapshot, 100), TIMESTAMP_NONE);

	assert_names(&blocker->targets[0].relations[0],
	             (const char *const[]){"login_pkey", "login", NULL});
	g_assert_false(blocker->targets[0].relations[0].knows_names);
}

static void test_shared_relation(void)
{
	const LockTag tag = {.type = LOCK_TYPE_RELATION, .relation = 1260};
	const RelationName name = {0, 1260, "pg_catalog", "pg_authid", 'r', 1260};
	Scene scene;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_running(&scene, 101);
	scene_lock(&scene, 100, tag, "ShareLock", GRANTED);
	scene_lock(&scene, 101, tag, "AccessExclusiveLock", 30);
	g_autoptr(Snapshot) snapshot = scene_end(&scene);

	names_add_relation(snapshot_names(snapshot), &name);
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	g_autoptr(Blocker) blocker = blocker_new(graph, scene_find(snapshot, 100), TIMESTAMP_NONE);

	g_assert_cmpstr(blocker->targets[0].relations[0].database, ==, "");
	g_assert_true(blocker->targets[0].relations[0].knows_names);
	g_assert_null(blocker->user);
}

static void test_without_relations(void)
{
	static const struct {
		LockType type;
		gboolean is_known;
	} cases[] = {
	    {LOCK_TYPE_ADVISORY, TRUE},          {LOCK_TYPE_OBJECT, TRUE},
	    {LOCK_TYPE_FROZENID, TRUE},          {LOCK_TYPE_USERLOCK, TRUE},
	    {LOCK_TYPE_APPLYTRANSACTION, FALSE}, {LOCK_TYPE_OTHER, FALSE},
	    {LOCK_TYPE_VIRTUALXID, FALSE},       {LOCK_TYPE_SPECTOKEN, FALSE},
	    {LOCK_TYPE_TRANSACTIONID, FALSE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		const LockTag tag = {.type = cases[i].type, .database = SCENE_DATABASE, .transaction = 7};
		Scene scene;

		scene_begin(&scene, 150000);
		scene_idle(&scene, 100);
		scene_running(&scene, 101);
		scene_lock(&scene, 100, tag, "ExclusiveLock", GRANTED);
		scene_lock(&scene, 101, tag, "ExclusiveLock", 30);
		g_auto(Look) look = look_at(&scene, 100);

		g_assert_cmpuint(look.blocker->n_targets, ==, 1);
		g_assert_cmpuint(look.blocker->targets[0].n_relations, ==, 0);
		g_assert_cmpint(look.blocker->targets[0].knows_relations, ==, cases[i].is_known);
	}
}

/* Both have locked rows of a table: the wait is for one of them. */
static void test_inferred(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	for (gint32 pid = 101; pid < 105; pid++)
		scene_running(&scene, pid);
	scene_lock(&scene, 100, tag_transaction(725), "ExclusiveLock", GRANTED);
	scene_lock(&scene, 100, tag_relation(PARTITION), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 100, tag_relation(PARTITION), "RowShareLock", GRANTED);
	scene_lock(&scene, 100, tag_relation(OTHER_TABLE), "RowShareLock", GRANTED);
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessShareLock", GRANTED);
	for (gint32 pid = 101; pid < 105; pid++)
		scene_lock(&scene, pid, tag_transaction(725), "ShareLock", 20);
	/* two of the same, one of the other, one of both */
	scene_lock(&scene, 101, tag_relation(PARTITION), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 102, tag_relation(PARTITION), "RowShareLock", GRANTED);
	scene_lock(&scene, 103, tag_relation(OTHER_TABLE), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 104, tag_relation(OTHER_TABLE), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 104, tag_relation(PARTITION), "RowExclusiveLock", GRANTED);
	g_auto(Look) look = look_at(&scene, 100);
	const BlockerTarget *targets = look.blocker->targets;

	g_assert_cmpuint(look.blocker->n_targets, ==, 3);
	g_assert_cmpuint(targets[0].n_waiters, ==, 2);
	g_assert_cmpuint(targets[0].n_relations, ==, 1);
	g_assert_cmpuint(targets[0].relations[0].oid, ==, PARTITION);
	g_assert_cmpuint(targets[1].n_waiters, ==, 1);
	g_assert_cmpuint(targets[1].relations[0].oid, ==, OTHER_TABLE);
	g_assert_cmpuint(targets[2].n_relations, ==, 2);
	for (guint i = 0; i < 3; i++) {
		g_assert_true(targets[i].is_inferred);
		g_assert_true(targets[i].knows_relations);
		g_assert_false(targets[i].has_row);
	}
}

/* The same oid in another database is another table. */
static void test_inferred_elsewhere(void)
{
	const LockTag elsewhere = {
	    .type = LOCK_TYPE_RELATION, .database = SCENE_DATABASE + 1, .relation = TABLE};
	const LockTag shared = {.type = LOCK_TYPE_RELATION, .relation = TABLE};
	Scene scene;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_running(&scene, 101);
	scene_lock(&scene, 100, tag_transaction(725), "ExclusiveLock", GRANTED);
	scene_lock(&scene, 100, elsewhere, "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 100, tag_relation(OTHER_TABLE), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 100, shared, "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 101, tag_transaction(725), "ShareLock", 20);
	scene_lock(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 101, shared, "RowExclusiveLock", GRANTED);
	g_auto(Look) look = look_at(&scene, 100);

	g_assert_cmpuint(look.blocker->n_targets, ==, 1);
	g_assert_cmpuint(look.blocker->targets[0].n_relations, ==, 1);
	g_assert_cmpuint(look.blocker->targets[0].relations[0].database_oid, ==, 0);
}

static void test_concurrent_build(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_running(&scene, 101);
	scene_lock(&scene, 100, tag_virtualxid(3, 17), "ExclusiveLock", GRANTED);
	scene_lock(&scene, 101, tag_virtualxid(3, 17), "ShareLock", 30);
	scene_lock(&scene, 101, tag_relation(TABLE), "ShareUpdateExclusiveLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(OTHER_TABLE), "RowExclusiveLock", GRANTED);
	g_auto(Look) look = look_at(&scene, 100);

	g_assert_cmpuint(look.blocker->n_targets, ==, 1);
	g_assert_cmpuint(look.blocker->targets[0].n_relations, ==, 1);
	g_assert_cmpuint(look.blocker->targets[0].relations[0].oid, ==, TABLE);
	g_assert_false(look.blocker->targets[0].is_inferred);
}

/* DDL that waits itself, and all others behind its request. */
static void test_queued_request(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	for (gint32 pid = 101; pid < 105; pid++)
		scene_running(&scene, pid);
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessShareLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(TABLE), "RowShareLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(TABLE), "AccessExclusiveLock", 60);
	scene_lock(&scene, 102, tag_relation(TABLE), "AccessShareLock", 50);
	scene_lock(&scene, 103, tag_relation(TABLE), "AccessShareLock", 40);
	scene_lock(&scene, 104, tag_relation(TABLE), "ExclusiveLock", 30);
	g_auto(Look) look = look_at(&scene, 101);
	const BlockerTarget *targets = look.blocker->targets;

	g_assert_false(look.blocker->is_root);
	g_assert_cmpuint(look.blocker->blocked_total, ==, 3);
	g_assert_cmpint(look.blocker->blocked_since, ==, ago(50));
	g_assert_cmpuint(look.blocker->n_targets, ==, 2);
	g_assert_false(targets[0].holds);
	g_assert_cmpint(targets[0].mode, ==, LOCK_MODE_ACCESS_EXCLUSIVE);
	g_assert_cmpuint(targets[0].n_waiters, ==, 2);
	/* what it holds is in the way of this one already */
	g_assert_true(targets[1].holds);
	g_assert_cmpint(targets[1].mode, ==, LOCK_MODE_ROW_SHARE);
	g_assert_cmpuint(targets[1].n_waiters, ==, 1);
}

/* What a worker holds its leader holds; a worker that waits has the rows of both. */
static void test_lock_group(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_worker(&scene, 200, "parallel worker", 100);
	scene_running(&scene, 101);
	scene_worker(&scene, 201, "parallel worker", 101);
	scene_lock(&scene, 200, tag_relation(TABLE), "RowShareLock", GRANTED);
	scene_lock(&scene, 200, tag_transaction(725), "ExclusiveLock", GRANTED);
	scene_lock(&scene, 201, tag_transaction(725), "ShareLock", 20);
	scene_lock(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	g_auto(Look) look = look_at(&scene, 100);

	g_assert_cmpuint(look.blocker->n_targets, ==, 1);
	g_assert_cmpuint(look.blocker->targets[0].n_relations, ==, 1);
	g_assert_cmpuint(look.blocker->targets[0].relations[0].oid, ==, TABLE);
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
	g_assert_cmpint(seen_on_13(ago(5)), ==, ago(5));
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
		session.state_change = ago(7);
		session.query = "SELECT 1";
		g_auto(Look) look = look_at_session(&session);

		g_assert_cmpstr(look.blocker->state, ==, cases[i].shown);
		g_assert_cmpint(look.blocker->in_transaction, ==, cases[i].in_transaction);
		g_assert_cmpint(look.blocker->is_idle, ==, cases[i].is_idle);
		g_assert_cmpint(look.blocker->idle_since, ==,
		                cases[i].is_idle == ANSWER_YES ? ago(7) : TIMESTAMP_NONE);
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

	add_names(snapshot);
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
	g_test_add_func("/blocker/names-of-a-relation", test_names_of_a_relation);
	g_test_add_func("/blocker/names-that-lack", test_names_that_lack);
	g_test_add_func("/blocker/shared-relation", test_shared_relation);
	g_test_add_func("/blocker/without-relations", test_without_relations);
	g_test_add_func("/blocker/inferred", test_inferred);
	g_test_add_func("/blocker/inferred-elsewhere", test_inferred_elsewhere);
	g_test_add_func("/blocker/concurrent-build", test_concurrent_build);
	g_test_add_func("/blocker/queued-request", test_queued_request);
	g_test_add_func("/blocker/lock-group", test_lock_group);
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
