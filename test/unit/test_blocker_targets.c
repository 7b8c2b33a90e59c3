#include "blocker_look.h"

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

	add_blocker_table(names, INDEX, "login_pkey", 'i', PARTITION);
	add_blocker_table(names, ROOT_TABLE, "login", 'p', ROOT_TABLE);
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
	g_assert_cmpint(look.blocker->blocked_since, ==, blocker_ago(50));
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

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/blocker/names-of-a-relation", test_names_of_a_relation);
	g_test_add_func("/blocker/names-that-lack", test_names_that_lack);
	g_test_add_func("/blocker/shared-relation", test_shared_relation);
	g_test_add_func("/blocker/without-relations", test_without_relations);
	g_test_add_func("/blocker/inferred", test_inferred);
	g_test_add_func("/blocker/inferred-elsewhere", test_inferred_elsewhere);
	g_test_add_func("/blocker/concurrent-build", test_concurrent_build);
	g_test_add_func("/blocker/queued-request", test_queued_request);
	g_test_add_func("/blocker/lock-group", test_lock_group);
	return g_test_run();
}
