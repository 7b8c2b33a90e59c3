#include "plan_words.h"

/* Co-holders: all of a waiter's blockers are ended, or none. */

#define TABLE 500

static void holds(Scene *scene, gint32 pid, guint32 relation, const char *mode)
{
	scene_lock(scene, pid, tag_relation(relation), mode, GRANTED);
}

static void readers(Scene *scene, gint32 first, gint32 last, guint32 relation)
{
	for (gint32 pid = first; pid <= last; pid++) {
		scene_session(scene, pid, "idle in transaction", 600, 500, "SELECT 2");
		holds(scene, pid, relation, "AccessShareLock");
	}
}

static void waits(Scene *scene, gint32 pid, guint32 relation, const char *mode, double waited)
{
	scene_session(scene, pid, "active", waited, waited, "SELECT 1");
	scene_lock(scene, pid, tag_relation(relation), mode, waited);
}

/* A session of the replication protocol: protected. */
static void walsender(Scene *scene, gint32 pid, guint32 relation)
{
	Session session = scene_blank_session(pid);

	session.backend_type = "walsender";
	session.state_text = "idle in transaction";
	snapshot_builder_add_session(scene->builder, &session);
	holds(scene, pid, relation, "AccessShareLock");
}

static void assert_plan(Planned *look, Selection selection, const char *expected)
{
	planned_make(look, &selection);
	assert_words(words_plan(look), expected);
}

static void assert_release(Planned *look, Selection selection, const char *expected)
{
	selection.command = COMMAND_RELEASE;
	assert_plan(look, selection, expected);
}

static void assert_named(Planned *look, PlanCommand command, const char *names,
                         const char *expected)
{
	g_autoptr(GPtrArray) sessions = sessions_named(names);

	g_test_message("case %s", names);
	assert_plan(look, (Selection){.command = command, .sessions = sessions}, expected);
}

static Planned three_readers(guint n_behind)
{
	Scene scene;

	scene_begin(&scene, 150000);
	readers(&scene, 100, 102, TABLE);
	waits(&scene, 200, TABLE, "AccessExclusiveLock", 60);
	for (guint i = 0; i < n_behind; i++)
		waits(&scene, 201 + (gint32) i, TABLE, "AccessShareLock", 50.0 - i);
	return planned_look(&scene);
}

static void test_three_readers(void)
{
	g_auto(Planned) look = three_readers(0);
	static const char plan[] = "100 terminate idle frees 0 of 1 with 1 blocks 200 xact, "
	                           "101 terminate idle frees 0 of 1 with 1 blocks 200 xact, "
	                           "102 terminate idle frees 0 of 1 with 1 blocks 200 xact";
	g_autoptr(SessionRef) waiter = session_ref_parse("200", NULL);

	assert_release(&look, (Selection){.all = TRUE}, plan);
	assert_words(words_freed(&look), "200");
	assert_release(&look, (Selection){.waiter = waiter}, plan);
	/* the way in which status writes it down */
	assert_named(&look, COMMAND_RELEASE, "100 101 102", plan);
	g_assert_cmpuint(look.plan->n_waiting, ==, 1);
	assert_named(&look, COMMAND_TERMINATE, "100 101 102",
	             "100 terminate requested frees 0 of 1 with 1, "
	             "101 terminate requested frees 0 of 1 with 1, "
	             "102 terminate requested frees 0 of 1 with 1");
	assert_plan(&look, (Selection){.command = COMMAND_TERMINATE, .blocking = TRUE},
	            "100 terminate requested frees 0 of 1 with 1 blocks 200 xact, "
	            "101 terminate requested frees 0 of 1 with 1 blocks 200 xact, "
	            "102 terminate requested frees 0 of 1 with 1 blocks 200 xact");
}

/* The third isn't named: the two free nobody, alone or together. It is the person's wish. */
static void test_not_all_named(void)
{
	g_auto(Planned) look = three_readers(0);

	assert_named(&look, COMMAND_RELEASE, "100 102",
	             "100 terminate idle frees 0 blocks 200 xact, "
	             "102 terminate idle frees 0 blocks 200 xact");
	assert_words(words_freed(&look), "");
	assert_named(&look, COMMAND_RELEASE, "101", "101 terminate idle frees 0 blocks 200 xact");
}

static void test_behind_ddl(void)
{
	g_auto(Planned) look = three_readers(5);

	assert_release(&look, (Selection){.all = TRUE},
	               "200 cancel queued frees 5 blocks 201 stmt xact");
	assert_words(words_alternatives(&look), "holder terminate 100 101 102 frees 6");
	assert_release(&look, (Selection){.all = TRUE, .prefer = PREFER_HOLDER},
	               "100 terminate idle frees 0 of 6 with 1 blocks 200 xact, "
	               "101 terminate idle frees 0 of 6 with 1 blocks 200 xact, "
	               "102 terminate idle frees 0 of 6 with 1 blocks 200 xact");
	assert_words(words_alternatives(&look), "queued cancel 200 frees 5");
	/* by name the request is one thing, its holders another */
	assert_named(&look, COMMAND_RELEASE, "200 101",
	             "200 cancel queued frees 5 blocks 201 stmt xact, "
	             "101 terminate idle frees 0 blocks 200 xact");
}

static void test_one_protected(void)
{
	Scene scene;
	g_auto(Planned) look = {0};

	scene_begin(&scene, 150000);
	readers(&scene, 100, 101, TABLE);
	walsender(&scene, 102, TABLE);
	waits(&scene, 200, TABLE, "AccessExclusiveLock", 60);
	look = planned_look(&scene);
	assert_release(&look, (Selection){.all = TRUE},
	               "100 terminate no:companion frees 0 of 0 with 1 blocks 200 xact, "
	               "101 terminate no:companion frees 0 of 0 with 1 blocks 200 xact, "
	               "102 terminate no:walsender frees 0 of 0 with 1 blocks 200 xact");
	g_assert_cmpuint(plan_n_acts(look.plan), ==, 0);
	assert_words(words_freed(&look), "");
	assert_named(&look, COMMAND_RELEASE, "102 100 101",
	             "102 terminate no:walsender frees 0 of 0 with 1 blocks 200 xact, "
	             "100 terminate no:companion frees 0 of 0 with 1 blocks 200 xact, "
	             "101 terminate no:companion frees 0 of 0 with 1 blocks 200 xact");
	/* terminate does what it is told */
	assert_named(&look, COMMAND_TERMINATE, "102 100",
	             "102 terminate no:walsender frees 0 of 0 with 1, "
	             "100 terminate requested frees 0 of 0 with 1");
	assert_release(&look, (Selection){.all = TRUE, .include_protected = PROTECTED_WALSENDER},
	               "100 terminate idle frees 0 of 1 with 1 blocks 200 xact, "
	               "101 terminate idle frees 0 of 1 with 1 blocks 200 xact, "
	               "102 terminate idle frees 0 of 1 with 1 blocks 200 xact");
}

static void test_one_prepared(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	const PreparedRow row = {
	    .transaction = 700, .gid = "order", .owner = SCENE_USER, .database = SCENE_DATABASE};

	scene_begin(&scene, 150000);
	readers(&scene, 100, 100, TABLE);
	snapshot_builder_add_prepared(scene.builder, &row);
	scene_prepared_lock(&scene, 1, tag_transaction(700), "ExclusiveLock");
	scene_prepared_lock(&scene, 1, tag_relation(TABLE), "AccessShareLock");
	waits(&scene, 200, TABLE, "AccessExclusiveLock", 60);
	look = planned_look(&scene);
	assert_release(&look, (Selection){.all = TRUE},
	               "order rollback_prepared no:prepared frees 0 of 0 with 1 blocks 200, "
	               "100 terminate no:companion frees 0 of 0 with 1 blocks 200 xact");
	assert_release(&look, (Selection){.all = TRUE, .rollback_prepared = TRUE},
	               "order rollback_prepared prepared frees 0 of 1 with 1 blocks 200, "
	               "100 terminate idle frees 0 of 1 with 1 blocks 200 xact");
	/* who says which way a prepared transaction is to end means that one */
	{
		g_autoptr(GPtrArray) sessions = sessions_named("gid:order 100");

		assert_release(&look,
		               (Selection){.sessions = sessions, .prepared_act = ACT_COMMIT_PREPARED},
		               "order commit_prepared prepared frees 0 of 0 with 1, "
		               "100 commit_prepared no:not-prepared frees 0 of 0 with 1");
	}
}

static void test_one_not_permitted(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	Session other = scene_blank_session(101);
	const OwnPrivileges own = {.known = TRUE};
	const RolePrivileges roles[] = {{.oid = SCENE_USER, .we_have_its_privileges = TRUE},
	                                {.oid = 20}};

	other.user = 20;
	other.state_text = "idle in transaction";
	scene_begin(&scene, 150000);
	readers(&scene, 100, 100, TABLE);
	snapshot_builder_add_session(scene.builder, &other);
	holds(&scene, 101, TABLE, "AccessShareLock");
	waits(&scene, 200, TABLE, "AccessExclusiveLock", 60);
	look = planned_look(&scene);
	privileges_set_own(snapshot_privileges(look.snapshot), &own);
	for (gsize i = 0; i < G_N_ELEMENTS(roles); i++)
		privileges_add_role(snapshot_privileges(look.snapshot), &roles[i]);
	assert_release(&look, (Selection){.all = TRUE},
	               "100 terminate no:companion frees 0 of 0 with 1 blocks 200 xact, "
	               "101 terminate no:signal-backend frees 0 of 0 with 1 blocks 200 xact");
}

/* 100 and 101 keep 200 together, 101 is protected; 100 keeps 300, too. */
static void one_frees_somebody(Scene *scene)
{
	scene_begin(scene, 150000);
	readers(scene, 100, 100, TABLE);
	holds(scene, 100, TABLE + 1, "ShareLock");
	walsender(scene, 101, TABLE);
	waits(scene, 200, TABLE, "AccessExclusiveLock", 60);
	waits(scene, 300, TABLE + 1, "RowExclusiveLock", 50);
}

static void test_frees_somebody_by_itself(void)
{
	Scene scene;
	g_auto(Planned) look = {0};

	one_frees_somebody(&scene);
	look = planned_look(&scene);
	assert_release(&look, (Selection){.all = TRUE},
	               "100 terminate idle frees 1 of 1 with 1 blocks 200 xact, "
	               "101 terminate no:walsender frees 0 of 1 with 1 blocks 200 xact");
	assert_words(words_freed(&look), "300");
	assert_named(&look, COMMAND_RELEASE, "100 101",
	             "100 terminate idle frees 1 of 1 with 1 blocks 200 xact, "
	             "101 terminate no:walsender frees 0 of 1 with 1 blocks 200 xact");
}

/* Somebody else comes free, but it is 200 who is to. */
static void test_frees_somebody_else(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	g_autoptr(SessionRef) waiter = session_ref_parse("200", NULL);
	g_autoptr(SessionRef) other = session_ref_parse("300", NULL);
	g_autoptr(TableSet) tables = table_set_new(SCENE_DATABASE);
	static const char nobody[] = "100 terminate no:companion frees 1 of 0 with 1 blocks 200 xact, "
	                             "101 terminate no:walsender frees 0 of 0 with 1 blocks 200 xact";

	table_set_add(tables, TABLE, "public.t");
	one_frees_somebody(&scene);
	look = planned_look(&scene);
	assert_release(&look, (Selection){.waiter = waiter}, nobody);
	assert_release(&look, (Selection){.tables = tables}, nobody);
	assert_release(&look, (Selection){.waiter = other},
	               "100 terminate idle frees 1 blocks 300 xact");
}

/* A companion that the filters leave out is left alone, and so are the others. */
static void test_one_filtered_out(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	Session other = scene_blank_session(101);

	other.application_name = "reporting";
	other.state_text = "idle in transaction";
	scene_begin(&scene, 150000);
	readers(&scene, 100, 100, TABLE);
	snapshot_builder_add_session(scene.builder, &other);
	holds(&scene, 101, TABLE, "AccessShareLock");
	waits(&scene, 200, TABLE, "AccessExclusiveLock", 60);
	look = planned_look(&scene);
	assert_release(&look, (Selection){.application = "login-*"},
	               "100 terminate no:companion frees 0 blocks 200 xact");
	assert_release(&look, (Selection){.application = "*"},
	               "100 terminate idle frees 0 of 1 with 1 blocks 200 xact, "
	               "101 terminate idle frees 0 of 1 with 1 blocks 200 xact");
}

/* 100 and 101 keep 200; 101 and 102 keep 201: they all belong together, however they are found. 103
 * and 104 keep 202, and 105 keeps 203 alone. */
static void test_groups(void)
{
	Scene scene;
	g_auto(Planned) look = {0};

	scene_begin(&scene, 150000);
	readers(&scene, 100, 101, TABLE);
	holds(&scene, 101, TABLE + 1, "AccessShareLock");
	readers(&scene, 102, 102, TABLE + 1);
	readers(&scene, 103, 104, TABLE + 2);
	readers(&scene, 105, 105, TABLE + 3);
	for (gint32 i = 0; i < 4; i++)
		waits(&scene, 200 + i, TABLE + (guint32) i, "AccessExclusiveLock", 60 - i);
	look = planned_look(&scene);
	assert_release(&look, (Selection){.all = TRUE},
	               "101 terminate idle frees 0 of 2 with 1 blocks 200 xact, "
	               "100 terminate idle frees 0 of 2 with 1 blocks 200 xact, "
	               "102 terminate idle frees 0 of 2 with 1 blocks 201 xact, "
	               "103 terminate idle frees 0 of 1 with 2 blocks 202 xact, "
	               "104 terminate idle frees 0 of 1 with 2 blocks 202 xact, "
	               "105 terminate idle frees 1 blocks 203 xact");
	assert_named(&look, COMMAND_RELEASE, "102 103 100 101 104",
	             "102 terminate idle frees 0 of 2 with 1 blocks 201 xact, "
	             "103 terminate idle frees 0 of 1 with 2 blocks 202 xact, "
	             "100 terminate idle frees 0 of 2 with 1 blocks 200 xact, "
	             "101 terminate idle frees 0 of 2 with 1 blocks 200 xact, "
	             "104 terminate idle frees 0 of 1 with 2 blocks 202 xact");
	/* one of each: 103 isn't left alone because of somebody that it has nothing to do with */
	assert_named(&look, COMMAND_RELEASE, "102 103",
	             "102 terminate idle frees 0 blocks 201 xact, "
	             "103 terminate idle frees 0 blocks 202 xact");
}

/* One that keeps another group's waiter as well is only refused with its own. */
static void test_refused_elsewhere(void)
{
	Scene scene;
	g_auto(Planned) look = {0};

	scene_begin(&scene, 150000);
	readers(&scene, 100, 101, TABLE);
	walsender(&scene, 110, TABLE + 1);
	waits(&scene, 200, TABLE, "AccessExclusiveLock", 60);
	waits(&scene, 201, TABLE + 1, "AccessExclusiveLock", 50);
	look = planned_look(&scene);
	assert_release(&look, (Selection){.all = TRUE},
	               "100 terminate idle frees 0 of 1 with 1 blocks 200 xact, "
	               "101 terminate idle frees 0 of 1 with 1 blocks 200 xact, "
	               "110 terminate no:walsender frees 1 blocks 201 xact");
	assert_named(&look, COMMAND_RELEASE, "100 110",
	             "100 terminate idle frees 0 blocks 200 xact, "
	             "110 terminate no:walsender frees 1 blocks 201 xact");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/plan-group/three-readers", test_three_readers);
	g_test_add_func("/plan-group/not-all-named", test_not_all_named);
	g_test_add_func("/plan-group/behind-ddl", test_behind_ddl);
	g_test_add_func("/plan-group/one-protected", test_one_protected);
	g_test_add_func("/plan-group/one-prepared", test_one_prepared);
	g_test_add_func("/plan-group/one-not-permitted", test_one_not_permitted);
	g_test_add_func("/plan-group/frees-somebody-by-itself", test_frees_somebody_by_itself);
	g_test_add_func("/plan-group/frees-somebody-else", test_frees_somebody_else);
	g_test_add_func("/plan-group/one-filtered-out", test_one_filtered_out);
	g_test_add_func("/plan-group/groups", test_groups);
	g_test_add_func("/plan-group/refused-elsewhere", test_refused_elsewhere);
	return g_test_run();
}
