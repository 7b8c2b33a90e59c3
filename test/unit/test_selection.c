#include "plan_words.h"

#define TABLE 500
#define PARTITION 501
#define INDEX 502
#define OTHER_TABLE 600
#define OTHER_DATABASE 6

/* 100 holds, 101 waits for what it holds. The table has a partition and an index. */
static void begin(Scene *scene)
{
	scene_begin(scene, 150000);
	scene_session(scene, 100, "idle in transaction", 60, 50, "SELECT 1");
	scene_session(scene, 101, "active", 40, 40, "SELECT 2");
}

static void waits_for(Scene *scene, LockTag tag, const char *held, const char *wanted)
{
	scene_lock(scene, 100, tag, held, GRANTED);
	scene_lock(scene, 101, tag, wanted, 40);
}

static void waits_for_transaction(Scene *scene)
{
	waits_for(scene, tag_transaction(725), "ExclusiveLock", "ShareLock");
}

static Concern concern_of(Scene *scene, gint32 pid)
{
	g_auto(Planned) look = planned_look(scene);
	g_autoptr(TableSet) tables = table_set_new(SCENE_DATABASE);

	table_set_add(tables, TABLE, "public.t");
	table_set_add(tables, PARTITION, NULL);
	table_set_add(tables, INDEX, NULL);
	return wait_concerns_tables(look.graph, snapshot_find_pid(look.snapshot, pid), tables);
}

static void test_by_target(void)
{
	const LockTag about_it[] = {
	    tag_relation(TABLE),
	    tag_relation(PARTITION),
	    tag_relation(INDEX),
	    tag_tuple(TABLE, 3, 4),
	    {.type = LOCK_TYPE_PAGE, .database = SCENE_DATABASE, .relation = INDEX, .page = 7},
	    {.type = LOCK_TYPE_EXTEND, .database = SCENE_DATABASE, .relation = TABLE},
	    /* in all databases */
	    {.type = LOCK_TYPE_RELATION, .relation = TABLE},
	};
	const LockTag about_other_things[] = {
	    tag_relation(OTHER_TABLE),
	    tag_tuple(OTHER_TABLE, 3, 4),
	    /* the same oid elsewhere is another table */
	    {.type = LOCK_TYPE_RELATION, .database = OTHER_DATABASE, .relation = TABLE},
	    {.type = LOCK_TYPE_TUPLE, .database = OTHER_DATABASE, .relation = TABLE, .tuple = 1},
	    tag_advisory(0, TABLE, 1),
	    tag_virtualxid(100, TABLE),
	    tag_transaction(TABLE),
	};
	Scene scene;

	for (gsize i = 0; i < G_N_ELEMENTS(about_it); i++) {
		begin(&scene);
		waits_for(&scene, about_it[i], "AccessExclusiveLock", "ExclusiveLock");
		g_assert_cmpint(concern_of(&scene, 101), ==, CONCERNS_DIRECTLY);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(about_other_things); i++) {
		begin(&scene);
		waits_for(&scene, about_other_things[i], "AccessExclusiveLock", "ExclusiveLock");
		g_assert_cmpint(concern_of(&scene, 101), ==, CONCERNS_NOT);
	}
}

static void test_no_wait(void)
{
	Scene scene;

	begin(&scene);
	waits_for(&scene, tag_relation(TABLE), "AccessExclusiveLock", "AccessShareLock");
	g_assert_cmpint(concern_of(&scene, 100), ==, CONCERNS_NOT);
}

static void test_by_tuple_lock(void)
{
	Scene scene;

	begin(&scene);
	waits_for_transaction(&scene);
	scene_lock(&scene, 101, tag_tuple(TABLE, 0, 1), "ExclusiveLock", GRANTED);
	g_assert_cmpint(concern_of(&scene, 101), ==, CONCERNS_DIRECTLY);

	/* It says which row: of another table, whatever else both lock. */
	begin(&scene);
	waits_for_transaction(&scene);
	scene_lock(&scene, 100, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 101, tag_tuple(OTHER_TABLE, 0, 1), "ExclusiveLock", GRANTED);
	g_assert_cmpint(concern_of(&scene, 101), ==, CONCERNS_NOT);
}

/* A unique key that another transaction has just inserted: the wait names no table. */
static void test_inferred(void)
{
	static const struct {
		guint32 holders, waiters;
		const char *held, *wanted;
		Concern concern;
	} cases[] = {
	    {TABLE, TABLE, "RowExclusiveLock", "RowExclusiveLock", CONCERNS_INFERRED},
	    {TABLE, TABLE, "RowShareLock", "RowExclusiveLock", CONCERNS_INFERRED},
	    {TABLE, TABLE, "RowExclusiveLock", "RowShareLock", CONCERNS_INFERRED},
	    {PARTITION, PARTITION, "RowExclusiveLock", "RowExclusiveLock", CONCERNS_INFERRED},
	    {INDEX, INDEX, "RowExclusiveLock", "RowExclusiveLock", CONCERNS_INFERRED},
	    /* one of them only reads, or neither locks rows */
	    {TABLE, TABLE, "AccessShareLock", "RowExclusiveLock", CONCERNS_NOT},
	    {TABLE, TABLE, "RowExclusiveLock", "AccessShareLock", CONCERNS_NOT},
	    {TABLE, TABLE, "AccessShareLock", "ShareUpdateExclusiveLock", CONCERNS_NOT},
	    /* rows of different tables */
	    {TABLE, PARTITION, "RowExclusiveLock", "RowExclusiveLock", CONCERNS_NOT},
	    {TABLE, OTHER_TABLE, "RowExclusiveLock", "RowExclusiveLock", CONCERNS_NOT},
	    {OTHER_TABLE, TABLE, "RowExclusiveLock", "RowExclusiveLock", CONCERNS_NOT},
	    {OTHER_TABLE, OTHER_TABLE, "RowExclusiveLock", "RowExclusiveLock", CONCERNS_NOT},
	};
	Scene scene;

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		begin(&scene);
		waits_for_transaction(&scene);
		scene_lock(&scene, 100, tag_relation(cases[i].holders), cases[i].held, GRANTED);
		scene_lock(&scene, 101, tag_relation(cases[i].waiters), cases[i].wanted, GRANTED);
		g_test_message("case %zu", i);
		g_assert_cmpint(concern_of(&scene, 101), ==, cases[i].concern);
	}
}

/* Only a wait on a transaction is a wait for rows: CREATE INDEX CONCURRENTLY waits for the virtual
 * ids of transactions that may never have touched its table. */
static void test_not_inferred(void)
{
	const LockTag tags[] = {tag_virtualxid(100, 1), tag_advisory(0, 1, 1)};
	Scene scene;

	for (gsize i = 0; i < G_N_ELEMENTS(tags); i++) {
		begin(&scene);
		waits_for(&scene, tags[i], "ExclusiveLock", "ShareLock");
		scene_lock(&scene, 100, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
		scene_lock(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
		g_assert_cmpint(concern_of(&scene, 101), ==, CONCERNS_NOT);
	}
}

/* It concerns the table that it keeps meanwhile. */
static void test_by_concurrent_build(void)
{
	static const struct {
		guint32 relation;
		const char *mode;
		Concern concern;
	} cases[] = {
	    {TABLE, "ShareUpdateExclusiveLock", CONCERNS_DIRECTLY},
	    {OTHER_TABLE, "ShareUpdateExclusiveLock", CONCERNS_NOT},
	    {TABLE, "AccessShareLock", CONCERNS_NOT},
	};
	Scene scene;

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		begin(&scene);
		waits_for(&scene, tag_virtualxid(100, 1), "ExclusiveLock", "ShareLock");
		scene_lock(&scene, 101, tag_relation(cases[i].relation), cases[i].mode, GRANTED);
		g_test_message("case %zu", i);
		g_assert_cmpint(concern_of(&scene, 101), ==, cases[i].concern);
	}
}

/* Databases of one template share the oids of their tables. */
static void test_not_inferred_elsewhere(void)
{
	LockTag elsewhere = tag_relation(TABLE);
	Scene scene;

	elsewhere.database = OTHER_DATABASE;
	begin(&scene);
	waits_for_transaction(&scene);
	scene_lock(&scene, 100, elsewhere, "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 101, elsewhere, "RowExclusiveLock", GRANTED);
	g_assert_cmpint(concern_of(&scene, 101), ==, CONCERNS_NOT);

	/* one in this database, one in that */
	begin(&scene);
	waits_for_transaction(&scene);
	scene_lock(&scene, 100, elsewhere, "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	g_assert_cmpint(concern_of(&scene, 101), ==, CONCERNS_NOT);
}

/* What is only asked for is not held. */
static void test_not_inferred_from_requests(void)
{
	Scene scene;

	begin(&scene);
	waits_for_transaction(&scene);
	scene_session(&scene, 102, "idle in transaction", 60, 50, "LOCK TABLE t");
	scene_lock(&scene, 102, tag_relation(TABLE), "AccessExclusiveLock", GRANTED);
	scene_lock(&scene, 100, tag_relation(TABLE), "RowExclusiveLock", 30);
	scene_lock(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", 30);
	g_assert_cmpint(concern_of(&scene, 101), ==, CONCERNS_NOT);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/selection/by-target", test_by_target);
	g_test_add_func("/selection/no-wait", test_no_wait);
	g_test_add_func("/selection/by-tuple-lock", test_by_tuple_lock);
	g_test_add_func("/selection/by-concurrent-build", test_by_concurrent_build);
	g_test_add_func("/selection/inferred", test_inferred);
	g_test_add_func("/selection/not-inferred", test_not_inferred);
	g_test_add_func("/selection/not-inferred-elsewhere", test_not_inferred_elsewhere);
	g_test_add_func("/selection/not-inferred-from-requests", test_not_inferred_from_requests);
	return g_test_run();
}
