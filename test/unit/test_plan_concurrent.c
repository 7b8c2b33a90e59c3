#include "plan_words.h"

/* CREATE INDEX CONCURRENTLY and the like: they wait for transactions that may never have touched
 * their table, and keep the table meanwhile. */

#define TABLE 500
#define OTHER_TABLE 600

static TableSet *the_table(void)
{
	TableSet *tables = table_set_new(SCENE_DATABASE);

	table_set_add(tables, TABLE, "public.orders");
	return tables;
}

static void waits(Scene *scene, gint32 pid, LockTag tag, const char *mode, double waited)
{
	scene_session(scene, pid, "active", waited, waited, "SELECT 1");
	scene_lock(scene, pid, tag, mode, waited);
}

/* 101 builds an index and waits for 100, which is idle in a transaction and holds another table. */
static void build(Scene *scene)
{
	scene_begin(scene, 150000);
	scene_idle(scene, 100);
	scene_lock(scene, 100, tag_virtualxid(3, 9), "ExclusiveLock", GRANTED);
	scene_lock(scene, 100, tag_relation(OTHER_TABLE), "AccessShareLock", GRANTED);
	waits(scene, 101, tag_virtualxid(3, 9), "ShareLock", 60);
	scene_lock(scene, 101, tag_relation(TABLE), "ShareUpdateExclusiveLock", GRANTED);
}

static void assert_release(Planned *look, Selection selection, const char *expected)
{
	selection.command = COMMAND_RELEASE;
	planned_make(look, &selection);
	assert_words(words_plan(look), expected);
}

static void assert_release_for(Planned *look, const char *waiter, const char *expected)
{
	g_autoptr(SessionRef) ref = session_ref_parse(waiter, NULL);

	assert_release(look, (Selection){.waiter = ref}, expected);
}

/* Nobody is behind it: cancelling it would free nobody. */
static void test_alone(void)
{
	static const char end[] = "100 terminate idle frees 1 blocks 101 xact";
	g_autoptr(TableSet) tables = the_table();
	g_auto(Planned) look = {0};
	Scene scene;

	build(&scene);
	look = planned_look(&scene);
	assert_release(&look, (Selection){.all = TRUE}, end);
	assert_release(&look, (Selection){.tables = tables}, end);
	assert_release_for(&look, "101", end);
}

/* Another DDL waits for the build's lock: it is begun anew more easily than a stranger's
 * transaction. */
static void test_behind_it(void)
{
	static const char cancel[] = "101 cancel concurrent frees 1 blocks 102 stmt xact";
	static const char end[] = "100 terminate idle frees 2 blocks 101 xact";
	g_autoptr(TableSet) tables = the_table();
	g_auto(Planned) look = {0};
	Scene scene;

	build(&scene);
	waits(&scene, 102, tag_relation(TABLE), "ShareUpdateExclusiveLock", 30);
	look = planned_look(&scene);
	assert_release(&look, (Selection){.all = TRUE}, cancel);
	assert_words(words_alternatives(&look), "holder terminate 100 frees 2");
	assert_words(words_locks(&look, 0), "relation 500 ShareUpdateExclusiveLock");
	assert_release(&look, (Selection){.tables = tables}, cancel);
	assert_release_for(&look, "102", cancel);
	assert_release(&look, (Selection){.all = TRUE, .prefer = PREFER_HOLDER}, end);
	assert_words(words_alternatives(&look), "queued cancel 101 frees 1");
	/* a mode that only the root holds */
	assert_release(&look, (Selection){.all = TRUE, .modes = LOCK_MODE_SET(LOCK_MODE_EXCLUSIVE)},
	               end);
	/* it is what is to go on */
	assert_release_for(&look, "101", end);
}

/* By name it is the same act for the same reason. */
static void test_named(void)
{
	g_auto(Planned) look = {0};
	g_autoptr(GPtrArray) named = sessions_named("101");
	Scene scene;

	build(&scene);
	waits(&scene, 102, tag_relation(TABLE), "ShareUpdateExclusiveLock", 30);
	look = planned_look(&scene);
	assert_release(&look, (Selection){.sessions = named},
	               "101 cancel concurrent frees 1 blocks 102 stmt xact");
}

/* Of two requests the one that loses nothing, where it is enough. */
static void test_queue_behind_it(void)
{
	g_auto(Planned) look = {0};
	Scene scene;

	build(&scene);
	waits(&scene, 102, tag_relation(TABLE), "AccessExclusiveLock", 30);
	waits(&scene, 103, tag_relation(TABLE), "AccessShareLock", 20);
	look = planned_look(&scene);
	assert_release(&look, (Selection){.all = TRUE},
	               "101 cancel concurrent frees 2 blocks 102 stmt xact");
	assert_release_for(&look, "103", "102 cancel queued frees 1 blocks 103 stmt xact");
}

/* It holds nothing yet and only waits for its turn. */
static void test_in_the_queue(void)
{
	g_auto(Planned) look = {0};
	Scene scene;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 100, tag_relation(TABLE), "ShareUpdateExclusiveLock", GRANTED);
	waits(&scene, 101, tag_relation(TABLE), "ShareUpdateExclusiveLock", 60);
	waits(&scene, 102, tag_relation(TABLE), "ShareUpdateExclusiveLock", 30);
	look = planned_look(&scene);
	/* cancelling it frees nobody: 102 waits for 100 as well */
	assert_release(&look, (Selection){.all = TRUE}, "100 terminate idle frees 2 blocks 101 xact");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/plan-concurrent/alone", test_alone);
	g_test_add_func("/plan-concurrent/behind-it", test_behind_it);
	g_test_add_func("/plan-concurrent/named", test_named);
	g_test_add_func("/plan-concurrent/queue-behind-it", test_queue_behind_it);
	g_test_add_func("/plan-concurrent/in-the-queue", test_in_the_queue);
	return g_test_run();
}
