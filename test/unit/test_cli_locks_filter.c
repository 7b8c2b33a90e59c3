#include "cli/locks_filter.h"

#include "scene.h"

#define LOGIN 500
#define ORDERS 600
#define OTHER_DATABASE 77

/* The login incident with two waiters; 200 reads orders, 300 has a lock in another database, 1 is
 * our own look. */
static Snapshot *scene(void)
{
	Scene scene;
	LockTag elsewhere = tag_relation(LOGIN);
	Session foreign = scene_blank_session(300);

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 2);
	scene_session(&scene, 200, "active", 900, 900, "SELECT FROM orders");
	scene_lock(&scene, 200, tag_relation(ORDERS), "AccessShareLock", GRANTED);
	foreign.database = OTHER_DATABASE;
	elsewhere.database = OTHER_DATABASE;
	snapshot_builder_add_session(scene.builder, &foreign);
	scene_lock(&scene, 300, elsewhere, "AccessExclusiveLock", GRANTED);
	/* 101 and 200 hold advisory key 42, 200 also 1,2; 102 has a lock of an extension, 300 one on
	 * the key in another database. */
	scene_lock(&scene, 200, tag_advisory(0, 42, 1), "ExclusiveLock", GRANTED);
	scene_lock(&scene, 200, tag_advisory(1, 2, 2), "ShareLock", GRANTED);
	scene_lock(&scene, 102, tag_advisory(1, 2, 4), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 101, tag_advisory(0, 42, 1), "RowShareLock", GRANTED);
	elsewhere = tag_advisory(0, 42, 1);
	elsewhere.database = OTHER_DATABASE;
	scene_lock(&scene, 300, elsewhere, "ExclusiveLock", GRANTED);
	scene_session(&scene, 1, "active", 0, 0, "SELECT");
	scene_lock(&scene, 1, tag_relation(LOGIN), "AccessShareLock", GRANTED);
	return scene_end(&scene);
}

/* "100 101 ...": the pids of the selected locks, in order. */
static char *pids_of(const LocksFilter *filter, LocksSort sort)
{
	g_autoptr(Snapshot) snapshot = scene();
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	g_autoptr(GArray) locks = locks_select(graph, filter, sort);
	GString *pids = g_string_new(NULL);
	gint32 last = 0;
	for (guint i = 0; i < locks->len; i++) {
		const Lock *lock = snapshot_lock(snapshot, g_array_index(locks, guint, i));
		gint32 pid = snapshot_session(snapshot, lock->session)->pid;
		if (pid != last)
			g_string_append_printf(pids, "%s%d", pids->len ? " " : "", pid);
		last = pid;
	}
	return g_string_free(pids, FALSE);
}

static GPtrArray *refs(const char *text)
{
	GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify) session_ref_free);
	g_ptr_array_add(list, session_ref_parse(text, NULL));
	return list;
}

static void test_filters(void)
{
	g_autoptr(TableSet) login = table_set_new(SCENE_DATABASE);
	g_autoptr(TableSet) orders = table_set_new(SCENE_DATABASE);
	g_autoptr(GPtrArray) second = refs("102");
	table_set_add(login, LOGIN, "public.login_sessions");
	table_set_add(orders, ORDERS, "public.orders");

	const AdvisoryChoice any = {.is_given = TRUE};
	const AdvisoryChoice one = {.is_given = TRUE, .has_key = TRUE, .key = {.number = 42}};
	const AdvisoryChoice nobodys = {.is_given = TRUE, .has_key = TRUE, .key = {.number = 2}};
	const AdvisoryChoice pair = {
	    .is_given = TRUE, .has_key = TRUE, .key = {.is_pair = TRUE, .first = 1, .second = 2}};
	const struct {
		const char *what;
		LocksFilter filter;
		const char *pids;
	} cases[] = {
	    {"this database, not ourselves", {0}, "100 101 102 200"},
	    {"all databases", {.all_databases = TRUE}, "100 101 102 200 300"},
	    {"one table, without its namesake elsewhere",
	     {.tables = login, .all_databases = TRUE},
	     "100 101 102"},
	    {"another table", {.tables = orders}, "200"},
	    {"waiting", {.only_waiting = TRUE}, "101 102"},
	    {"a wait for a row counts for its table",
	     {.only_waiting = TRUE, .tables = login},
	     "101 102"},
	    {"waiting for another table", {.only_waiting = TRUE, .tables = orders}, ""},
	    {"granted to a session", {.only_granted = TRUE, .sessions = second}, "102"},
	    {"a session", {.sessions = second}, "102"},
	    {"any advisory key", {.advisory = &any}, "101 200"},
	    {"any in any database", {.advisory = &any, .all_databases = TRUE}, "101 200 300"},
	    {"one key", {.advisory = &pair}, "200"},
	    {"one key in any database", {.advisory = &one, .all_databases = TRUE}, "101 200 300"},
	    {"a key that nobody has", {.advisory = &nobodys}, ""},
	    {"mode", {.modes = LOCK_MODE_SET(LOCK_MODE_ACCESS_SHARE)}, "200"},
	    {"mode and table", {.modes = LOCK_MODE_SET(LOCK_MODE_ACCESS_SHARE), .tables = login}, ""},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *pids = pids_of(&cases[i].filter, SORT_PID);
		g_test_message("%s", cases[i].what);
		g_assert_cmpstr(pids, ==, cases[i].pids);
	}
}

static void test_sort(void)
{
	g_autoptr(TableSet) login = table_set_new(SCENE_DATABASE);
	LocksFilter waiting = {.only_waiting = TRUE};
	LocksFilter all = {.all_databases = TRUE};
	table_set_add(login, LOGIN, "public.login_sessions");

	g_autofree char *by_wait = pids_of(&waiting, SORT_WAITING);
	g_assert_cmpstr(by_wait, ==, "101 102");
	g_autofree char *by_age = pids_of(&all, SORT_AGE);
	/* 300 is in no transaction. */
	g_assert_true(g_str_has_suffix(by_age, " 300"));
	g_autofree char *waiters_first = pids_of(&all, SORT_WAITING);
	g_assert_true(g_str_has_prefix(waiters_first, "101 102 "));
	g_autofree char *by_mode = pids_of(&all, SORT_MODE);
	g_assert_true(g_str_has_prefix(by_mode, "300 "));
	g_autofree char *by_target = pids_of(&all, SORT_TARGET);
	g_assert_cmpuint(strlen(by_target), >, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/cli/locks-filter", test_filters);
	g_test_add_func("/cli/locks-sort", test_sort);
	return g_test_run();
}
