#include "plan_words.h"

/* Selections by an advisory key, above all of sessions that hold one outside any transaction: of
 * those only the lock itself tells that they are still what was meant. */

#define TABLE 500
#define OTHER_DATABASE 6

static const AdvisoryKey key_42 = {.number = 42};

static LockTag key(guint32 number)
{
	return tag_advisory(0, number, 1);
}

static void idle(Scene *scene, gint32 pid, LockTag tag)
{
	scene_session(scene, pid, "idle", -1, 50, "SELECT pg_advisory_lock(42)");
	scene_lock(scene, pid, tag, "ExclusiveLock", GRANTED);
}

static void waits(Scene *scene, gint32 pid, LockTag tag, double waited)
{
	scene_running(scene, pid);
	scene_lock(scene, pid, tag, "ExclusiveLock", waited);
}

/* 100 holds the key and 101 waits for it; the same with 200 and 201 for the key's namesake in
 * another database, with 300 and 301 for another key, with 400 and 401 for a table. 110 holds the
 * key of two integers that has the same bits, and is in nobody's way. */
static Planned keys(void)
{
	LockTag elsewhere = key(42);
	Scene scene;

	elsewhere.database = OTHER_DATABASE;
	scene_begin(&scene, 150000);
	idle(&scene, 100, key(42));
	waits(&scene, 101, key(42), 40);
	idle(&scene, 110, tag_advisory(0, 42, 2));
	idle(&scene, 200, elsewhere);
	waits(&scene, 201, elsewhere, 60);
	idle(&scene, 300, key(43));
	waits(&scene, 301, key(43), 50);
	scene_idle(&scene, 400);
	scene_lock(&scene, 400, tag_relation(TABLE), "ExclusiveLock", GRANTED);
	waits(&scene, 401, tag_relation(TABLE), 70);
	return planned_look(&scene);
}

static void assert_plan(Planned *look, Selection selection, const char *expected)
{
	planned_make(look, &selection);
	assert_words(words_plan(look), expected);
}

static void test_select(void)
{
	g_auto(Planned) look = keys();
	const AdvisoryKey nobodys = {.number = 7};
	const AdvisoryKey pair = {.is_pair = TRUE, .second = 42};
	Selection selection = {.command = COMMAND_TERMINATE, .advisory = &key_42};

	assert_plan(&look, selection, "100 terminate requested frees 1 blocks 101 xact");
	selection.command = COMMAND_CANCEL;
	assert_plan(&look, selection, "100 cancel no:cancel-idle frees 1 blocks 101 xact");
	selection = (Selection){.command = COMMAND_TERMINATE, .advisory = &nobodys};
	assert_plan(&look, selection, "error 3");
	/* it blocks nobody */
	selection.advisory = &pair;
	assert_plan(&look, selection, "error 3");
	selection.all_holders = TRUE;
	assert_plan(&look, selection, "110 terminate requested frees 0 holds 42 xact");
	selection.advisory = &key_42;
	assert_plan(&look, selection, "100 terminate requested frees 1 holds 42 xact");
}

static void test_narrows(void)
{
	g_auto(Planned) look = keys();
	g_autoptr(TableSet) tables = table_set_new(SCENE_DATABASE);
	Selection selection = {
	    .command = COMMAND_TERMINATE, .advisory = &key_42, .application = "nobody"};

	table_set_add(tables, TABLE, "public.t");
	assert_plan(&look, selection, "error 3");
	selection.application = NULL;
	selection.modes = LOCK_MODE_SET(LOCK_MODE_SHARE);
	assert_plan(&look, selection, "error 3");
	selection.modes = LOCK_MODE_SET(LOCK_MODE_EXCLUSIVE);
	assert_plan(&look, selection, "100 terminate requested frees 1 blocks 101 xact");
	/* no wait is for both, and no lock is on both */
	selection.tables = tables;
	assert_plan(&look, selection, "error 3");
	selection.all_holders = TRUE;
	assert_plan(&look, selection, "error 3");
}

static void test_release(void)
{
	g_auto(Planned) look = keys();
	const AdvisoryKey nobodys = {.number = 7};

	assert_plan(&look, (Selection){.command = COMMAND_RELEASE, .advisory = &key_42},
	            "100 terminate session-lock frees 1 blocks 101 xact");
	assert_words(words_freed(&look), "101");
	g_assert_cmpuint(look.plan->n_waiting, ==, 1);
	assert_plan(&look, (Selection){.command = COMMAND_RELEASE, .advisory = &nobodys}, "");
}

/* Who holds the key may wait itself: whoever is at the root is in the way. */
static void test_release_root(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_relation(TABLE), "ExclusiveLock", GRANTED);
	waits(&scene, 101, tag_relation(TABLE), 50);
	scene_lock(&scene, 101, key(42), "ExclusiveLock", GRANTED);
	waits(&scene, 102, key(42), 40);
	g_auto(Planned) look = planned_look(&scene);

	assert_plan(&look, (Selection){.command = COMMAND_RELEASE, .advisory = &key_42},
	            "100 terminate idle frees 2 blocks 101 xact");
	/* a waiter is never selected */
	assert_plan(&look, (Selection){.command = COMMAND_TERMINATE, .advisory = &key_42}, "error 3");
}

/* With any filter an idle session is only ended while it holds what it was chosen for. */
static void test_all_holders(void)
{
	g_auto(Planned) look = keys();
	Selection selection = {
	    .command = COMMAND_TERMINATE, .all_holders = TRUE, .modes = LOCK_MODE_SET_ALL};

	assert_plan(&look, selection,
	            "100 terminate requested frees 1 holds 42 xact, "
	            "200 terminate requested frees 1 holds 42 xact, "
	            "300 terminate requested frees 1 holds 43 xact, "
	            "400 terminate requested frees 1 xact, "
	            "110 terminate requested frees 0 holds 42 xact");
}

/* 100 with these locks, and nobody waiting. */
static Planned holder_of(const LockTag *tags, guint n_tags)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_session(&scene, 100, "idle", -1, 50, "SELECT pg_advisory_lock(42)");
	for (guint i = 0; i < n_tags; i++)
		scene_lock(&scene, 100, tags[i], "ExclusiveLock", GRANTED);
	return planned_look(&scene);
}

static void test_update(void)
{
	const LockTag both[] = {key(42), key(43)};
	g_auto(Planned) shown = holder_of(both, 2);
	g_auto(Planned) same = holder_of(both, 2);
	g_auto(Planned) only_42 = holder_of(both, 1);
	g_auto(Planned) only_43 = holder_of(both + 1, 1);
	g_auto(Planned) none = holder_of(NULL, 0);
	const LockTag requested[] = {key(42)};
	Scene scene;

	assert_plan(&shown,
	            (Selection){.command = COMMAND_TERMINATE, .advisory = &key_42, .all_holders = TRUE},
	            "100 terminate requested frees 0 holds 42 xact");
	assert_words(words_update(&shown, &same), "same");
	assert_words(words_update(&shown, &only_42), "same");
	assert_words(words_update(&shown, &only_43), "went_on");
	assert_words(words_update(&shown, &none), "went_on");

	/* it let the key go and wants it back */
	scene_begin(&scene, 150000);
	scene_session(&scene, 100, "idle", -1, 50, "SELECT pg_advisory_lock(42)");
	scene_lock(&scene, 100, requested[0], "ExclusiveLock", 1);
	g_auto(Planned) wants = planned_look(&scene);

	assert_words(words_update(&shown, &wants), "went_on");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/plan-advisory/select", test_select);
	g_test_add_func("/plan-advisory/narrows", test_narrows);
	g_test_add_func("/plan-advisory/release", test_release);
	g_test_add_func("/plan-advisory/release-root", test_release_root);
	g_test_add_func("/plan-advisory/all-holders", test_all_holders);
	g_test_add_func("/plan-advisory/update", test_update);
	return g_test_run();
}
