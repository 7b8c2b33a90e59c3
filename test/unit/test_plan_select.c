#include "plan_words.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/timestamp.h"

#include <string.h>

/* cancel and terminate by filters. */

#define TABLE 500
#define PARTITION 501
#define INDEX 502
#define OTHER_TABLE 600
#define OTHER_DATABASE 6
#define EXCLUSIVE                                                                                  \
	(LOCK_MODE_SET(LOCK_MODE_ROW_EXCLUSIVE) | LOCK_MODE_SET(LOCK_MODE_SHARE_UPDATE_EXCLUSIVE) |    \
	 LOCK_MODE_SET(LOCK_MODE_SHARE_ROW_EXCLUSIVE) | LOCK_MODE_SET(LOCK_MODE_EXCLUSIVE) |           \
	 LOCK_MODE_SET(LOCK_MODE_ACCESS_EXCLUSIVE))

static TableSet *the_table(void)
{
	TableSet *tables = table_set_new(SCENE_DATABASE);

	table_set_add(tables, TABLE, "public.login_sessions");
	table_set_add(tables, PARTITION, NULL);
	table_set_add(tables, INDEX, NULL);
	return tables;
}

static void idle(Scene *scene, gint32 pid)
{
	scene_session(scene, pid, "idle in transaction", 600, 500, "SELECT 2");
}

static void running(Scene *scene, gint32 pid)
{
	scene_session(scene, pid, "active", 60, 50, "SELECT 1");
}

static void holds(Scene *scene, gint32 pid, LockTag tag, const char *mode)
{
	idle(scene, pid);
	scene_lock(scene, pid, tag, mode, GRANTED);
}

static void waits(Scene *scene, gint32 pid, LockTag tag, const char *mode, double waited)
{
	running(scene, pid);
	scene_lock(scene, pid, tag, mode, waited);
}

static void assert_select(Planned *look, Selection selection, const char *expected)
{
	planned_make(look, &selection);
	assert_words(words_plan(look), expected);
}

/* 100 holds a row, 101 to 103 wait for it; 110 has read the table, 111 has changed another row of
 * it, 112 does nothing, and we look. */
static Planned login_incident(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	scene_session(&scene, 1, "active", 0, 0, "SELECT pg_lock_status()");
	scene_lock(&scene, 1, tag_relation(TABLE), "AccessShareLock", GRANTED);
	scene_lock(&scene, 1, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	holds(&scene, 110, tag_relation(TABLE), "AccessShareLock");
	scene_lock(&scene, 110, tag_virtualxid(110, 1), "ExclusiveLock", GRANTED);
	holds(&scene, 111, tag_relation(TABLE), "RowExclusiveLock");
	scene_lock(&scene, 111, tag_transaction(730), "ExclusiveLock", GRANTED);
	scene_session(&scene, 112, "idle", -1, 10, "COMMIT");
	scene_lock(&scene, 112, tag_virtualxid(112, 1), "ExclusiveLock", GRANTED);
	scene_login_incident(&scene, 3);
	return planned_look(&scene);
}

static void test_by_table(void)
{
	g_auto(Planned) login = login_incident();
	g_autoptr(TableSet) tables = the_table();

	assert_select(&login, (Selection){.command = COMMAND_TERMINATE, .tables = tables},
	              "100 terminate requested frees 3 blocks 101 xact");
	assert_words(words_freed(&login), "101 102 103");
	assert_select(&login, (Selection){.command = COMMAND_CANCEL, .tables = tables},
	              "100 cancel no:cancel-idle frees 3 blocks 101 xact");
	assert_words(words_freed(&login), "");
	assert_select(&login, (Selection){.command = COMMAND_TERMINATE, .blocking = TRUE},
	              "100 terminate requested frees 3 blocks 101 xact");
}

/* All that hold the table in a strong mode, waiters spared. */
static void test_all_holders(void)
{
	g_auto(Planned) login = login_incident();
	g_autoptr(TableSet) tables = the_table();
	Selection selection = {
	    .command = COMMAND_TERMINATE, .tables = tables, .modes = EXCLUSIVE, .all_holders = TRUE};

	assert_select(&login, selection,
	              "100 terminate requested frees 3 xact, 111 terminate requested frees 0 xact");
	assert_words(words_locks(&login, 0), "transactionid 725 ExclusiveLock");
	assert_words(words_locks(&login, 1), "relation 500 RowExclusiveLock");
	selection.blocking = TRUE;
	assert_select(&login, selection, "100 terminate requested frees 3 xact");
	selection.blocking = FALSE;
	selection.modes = LOCK_MODE_SET(LOCK_MODE_ACCESS_SHARE);
	assert_select(&login, selection, "110 terminate requested frees 0 xact");
	/* of any lock, but one's own ids are none */
	selection = (Selection){.command = COMMAND_TERMINATE, .all_holders = TRUE};
	assert_select(&login, selection,
	              "100 terminate requested frees 3 xact, 110 terminate requested frees 0 xact, "
	              "111 terminate requested frees 0 xact");
}

/* A row of the table, locked by this transaction. */
static RowSet *a_row(guint32 page, guint16 tuple, guint32 xmax)
{
	const RelationName table = {SCENE_DATABASE, TABLE, "public", "login_sessions", 'r', TABLE};
	RowSet *rows = row_set_new(&table, 100);
	const RowFacts row = {
	    .tag = tag_tuple(TABLE, page, tuple),
	    .xmax = xmax,
	    .transaction = {xmax, ROW_MODE_UNKNOWN, TRUE},
	};

	row_set_add(rows, &row);
	return rows;
}

static void test_by_row(void)
{
	g_auto(Planned) login = login_incident();
	g_autoptr(RowSet) held = a_row(0, 1, 725);
	g_autoptr(RowSet) free = a_row(0, 2, 700);
	g_autoptr(RowSet) unwanted = a_row(0, 3, 730); /* 111 has changed it */

	assert_select(&login, (Selection){.command = COMMAND_TERMINATE, .rows = held},
	              "100 terminate requested frees 3 blocks 101 xact");
	assert_select(&login, (Selection){.command = COMMAND_TERMINATE, .rows = free}, "error 3");
	assert_select(&login, (Selection){.command = COMMAND_TERMINATE, .rows = unwanted}, "error 3");
	assert_select(&login,
	              (Selection){.command = COMMAND_TERMINATE, .rows = unwanted, .all_holders = TRUE},
	              "111 terminate requested frees 0 xact");
	assert_select(&login, (Selection){.command = COMMAND_TERMINATE, .rows = held, .user = "nobody"},
	              "error 3");
	assert_select(&login, (Selection){.command = COMMAND_RELEASE, .rows = held},
	              "100 terminate idle frees 3 blocks 101 xact");
	assert_select(&login, (Selection){.command = COMMAND_RELEASE, .rows = free}, "");
}

/* Nothing tells which of two has locked the row, and nobody waits: neither is ended. */
static void test_ambiguous_holder_of_a_row(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	g_autoptr(RowSet) rows = a_row(0, 1, 740);

	scene_begin(&scene, 150000);
	for (gint32 pid = 110; pid < 112; pid++) {
		holds(&scene, pid, tag_relation(TABLE), "RowExclusiveLock");
		scene_lock(&scene, pid, tag_transaction(620 + (guint32) pid), "ExclusiveLock", GRANTED);
	}
	look = planned_look(&scene);
	snapshot_add_in_progress(look.snapshot, 740);
	assert_select(&look,
	              (Selection){.command = COMMAND_TERMINATE, .rows = rows, .all_holders = TRUE},
	              "error 3");
}

/* Both have locked the row, and one of them wants more. */
static void test_inferred_waiter_of_a_row(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	g_autoptr(RowSet) rows = a_row(0, 1, 3);
	RowLocker members[] = {{730, ROW_MODE_FOR_SHARE, TRUE}, {731, ROW_MODE_FOR_SHARE, TRUE}};

	/* the transaction 3 has ended long ago */
	row_set_get_mutable(rows, 0)->transaction.in_progress = FALSE;
	row_set_set_members(rows, row_set_get_mutable(rows, 0), members, G_N_ELEMENTS(members));
	scene_begin(&scene, 150000);
	for (gint32 pid = 110; pid < 112; pid++) {
		holds(&scene, pid, tag_relation(TABLE), "RowShareLock");
		scene_lock(&scene, pid, tag_transaction(620 + (guint32) pid), "ExclusiveLock", GRANTED);
	}
	scene_lock(&scene, 111, tag_transaction(730), "ShareLock", 5);
	look = planned_look(&scene);
	assert_select(&look, (Selection){.command = COMMAND_TERMINATE, .rows = rows},
	              "110 terminate requested frees 1 blocks 111 xact inferred");
}

static void test_by_mode(void)
{
	static const struct {
		LockMode mode;
		gboolean selected, of_table;
	} cases[] = {
	    /* of its transaction, for whose end they wait */
	    {LOCK_MODE_EXCLUSIVE, TRUE, TRUE},
	    /* of the table whose row it keeps */
	    {LOCK_MODE_ROW_EXCLUSIVE, FALSE, TRUE},
	    {LOCK_MODE_ACCESS_SHARE, FALSE, FALSE},
	    {LOCK_MODE_ACCESS_EXCLUSIVE, FALSE, FALSE},
	};
	g_auto(Planned) login = login_incident();
	g_autoptr(TableSet) tables = the_table();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		Selection selection = {.command = COMMAND_TERMINATE, .modes = LOCK_MODE_SET(cases[i].mode)};
		const char *found = "100 terminate requested frees 3 blocks 101 xact";

		g_test_message("case %s", lock_mode_name(cases[i].mode));
		assert_select(&login, selection, cases[i].selected ? found : "error 3");
		selection.tables = tables;
		assert_select(&login, selection, cases[i].of_table ? found : "error 3");
	}
}

/* Who is selected without --all-holders is selected with it. */
static void test_all_holders_widens(void)
{
	g_auto(Planned) login = login_incident();
	g_autoptr(TableSet) tables = the_table();
	Selection selection = {.command = COMMAND_TERMINATE,
	                       .modes = LOCK_MODE_SET(LOCK_MODE_EXCLUSIVE),
	                       .all_holders = TRUE};

	assert_select(&login, selection, "100 terminate requested frees 3 xact");
	selection.tables = tables;
	assert_select(&login, selection, "100 terminate requested frees 3 xact");
}

/* CREATE INDEX waits for a writer; that the writer has also read is not what it waits for, and
 * neither is what the writer holds of another table. */
static void test_mode_of_the_lock_in_the_way(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	g_autoptr(TableSet) tables = the_table();
	Selection selection = {.command = COMMAND_TERMINATE, .tables = tables};

	scene_begin(&scene, 150000);
	holds(&scene, 100, tag_relation(TABLE), "RowExclusiveLock");
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessShareLock", GRANTED);
	scene_lock(&scene, 100, tag_relation(OTHER_TABLE), "AccessExclusiveLock", GRANTED);
	waits(&scene, 101, tag_relation(TABLE), "ShareLock", 40);
	waits(&scene, 102, tag_relation(OTHER_TABLE), "AccessShareLock", 50);
	/* a reader of both is in nobody's way */
	holds(&scene, 103, tag_relation(TABLE), "AccessShareLock");
	look = planned_look(&scene);
	selection.modes = LOCK_MODE_SET(LOCK_MODE_ROW_EXCLUSIVE);
	assert_select(&look, selection, "100 terminate requested frees 2 blocks 101 xact");
	selection.modes = LOCK_MODE_SET(LOCK_MODE_ACCESS_SHARE);
	assert_select(&look, selection, "error 3");
	selection.modes = LOCK_MODE_SET(LOCK_MODE_ACCESS_EXCLUSIVE);
	assert_select(&look, selection, "error 3");
	selection.tables = NULL;
	assert_select(&look, selection, "100 terminate requested frees 2 blocks 102 xact");
}

/* A wait that names the table counts before one that only may be about it, however long. */
static void test_direct_before_inferred(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	g_autoptr(TableSet) tables = the_table();
	const Selection selection = {.command = COMMAND_TERMINATE, .tables = tables};

	scene_begin(&scene, 150000);
	holds(&scene, 100, tag_relation(TABLE), "RowExclusiveLock");
	scene_lock(&scene, 100, tag_transaction(725), "ExclusiveLock", GRANTED);
	scene_lock(&scene, 100, tag_relation(OTHER_TABLE), "RowExclusiveLock", GRANTED);
	waits(&scene, 101, tag_relation(OTHER_TABLE), "ShareLock", 90);
	waits(&scene, 102, tag_transaction(725), "ShareLock", 80);
	scene_lock(&scene, 102, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	waits(&scene, 103, tag_transaction(725), "ShareLock", 85);
	scene_lock(&scene, 103, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	waits(&scene, 104, tag_relation(TABLE), "AccessExclusiveLock", 70);
	waits(&scene, 105, tag_relation(TABLE), "AccessExclusiveLock", 60);
	look = planned_look(&scene);
	assert_select(&look, selection, "100 terminate requested frees 5 blocks 104 xact");
}

static void test_inferred(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	g_autoptr(TableSet) tables = the_table();
	Selection selection = {.command = COMMAND_TERMINATE, .tables = tables};

	scene_begin(&scene, 150000);
	holds(&scene, 100, tag_relation(TABLE), "RowExclusiveLock");
	scene_lock(&scene, 100, tag_transaction(725), "ExclusiveLock", GRANTED);
	waits(&scene, 101, tag_transaction(725), "ShareLock", 90);
	waits(&scene, 102, tag_transaction(725), "ShareLock", 80);
	scene_lock(&scene, 102, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	waits(&scene, 103, tag_transaction(725), "ShareLock", 70);
	scene_lock(&scene, 103, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	look = planned_look(&scene);
	assert_select(&look, selection, "100 terminate requested frees 3 blocks 102 xact inferred");
	selection.all_holders = TRUE;
	assert_select(&look, selection, "100 terminate requested frees 3 xact");
	selection = (Selection){.command = COMMAND_TERMINATE, .blocking = TRUE};
	assert_select(&look, selection, "100 terminate requested frees 3 blocks 101 xact");
}

static void test_partitions_and_indexes(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	g_autoptr(TableSet) tables = the_table();

	scene_begin(&scene, 150000);
	holds(&scene, 100, tag_relation(PARTITION), "AccessExclusiveLock");
	waits(&scene, 101, tag_relation(PARTITION), "AccessShareLock", 30);
	holds(&scene, 200, tag_relation(INDEX), "AccessExclusiveLock");
	waits(&scene, 201, tag_relation(INDEX), "AccessShareLock", 20);
	waits(&scene, 202, tag_relation(INDEX), "AccessShareLock", 10);
	holds(&scene, 300, tag_relation(OTHER_TABLE), "AccessExclusiveLock");
	waits(&scene, 301, tag_relation(OTHER_TABLE), "AccessShareLock", 90);
	look = planned_look(&scene);
	/* worst first */
	assert_select(&look, (Selection){.command = COMMAND_TERMINATE, .tables = tables},
	              "200 terminate requested frees 2 blocks 201 xact, "
	              "100 terminate requested frees 1 blocks 101 xact");
}

/* Databases of one template share the oids of their tables. */
static void test_two_databases(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	g_autoptr(TableSet) tables = the_table();
	LockTag theirs = tag_relation(TABLE);
	Selection selection = {.command = COMMAND_TERMINATE, .tables = tables};

	theirs.database = OTHER_DATABASE;
	scene_begin(&scene, 150000);
	holds(&scene, 100, tag_relation(TABLE), "ShareLock");
	waits(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", 30);
	holds(&scene, 200, theirs, "ShareLock");
	waits(&scene, 201, theirs, "RowExclusiveLock", 60);
	waits(&scene, 202, theirs, "RowExclusiveLock", 60);
	look = planned_look(&scene);
	assert_select(&look, selection, "100 terminate requested frees 1 blocks 101 xact");
	selection.all_holders = TRUE;
	assert_select(&look, selection, "100 terminate requested frees 1 xact");
	selection.modes = LOCK_MODE_SET(LOCK_MODE_SHARE);
	assert_select(&look, selection, "100 terminate requested frees 1 xact");
}

/* Neither a waiter, though others wait for what it holds, nor ourselves. */
static void test_never_waiters(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	g_autoptr(TableSet) tables = the_table();
	Selection selection = {.command = COMMAND_TERMINATE, .tables = tables};

	scene_begin(&scene, 150000);
	holds(&scene, 100, tag_relation(OTHER_TABLE), "ShareLock");
	waits(&scene, 101, tag_relation(OTHER_TABLE), "RowExclusiveLock", 60);
	scene_lock(&scene, 101, tag_relation(TABLE), "ShareLock", GRANTED);
	waits(&scene, 102, tag_relation(TABLE), "RowExclusiveLock", 50);
	scene_session(&scene, 1, "active", 10, 10, "LOCK TABLE login_sessions");
	scene_lock(&scene, 1, tag_relation(TABLE), "ShareLock", GRANTED);
	look = planned_look(&scene);
	assert_select(&look, selection, "error 3");
	g_assert_nonnull(
	    strstr(look.error->message, "pid:101 holds it, but waits itself behind pid:100"));
	g_assert_nonnull(strstr(error_hint(look.error), "pgunlock terminate "));
	selection.all_holders = TRUE;
	assert_select(&look, selection, "error 3");
	g_assert_null(strstr(error_hint(look.error), "--all-holders"));
	assert_select(&look, (Selection){.command = COMMAND_TERMINATE, .blocking = TRUE},
	              "100 terminate requested frees 1 blocks 101 xact");
}

/* What isn't known matches nothing, not even "*". */
static void test_by_user_and_application(void)
{
	static const struct {
		const char *user, *application, *plan;
	} cases[] = {
	    {"app_*", NULL, "100 app_rw, 200 app_ro"},
	    {"*", NULL, "100 app_rw, 200 app_ro"},
	    {"APP_RW", NULL, ""},
	    {"app_rw", NULL, "100 app_rw"},
	    {"app_r?", "login*", "100 app_rw"},
	    {NULL, "login-service", "100 app_rw"},
	    {NULL, "*", "100 app_rw, 200 app_ro"},
	    {NULL, "", "200 app_ro"},
	    {"app_ro", "login*", ""},
	};
	Scene scene;
	g_auto(Planned) look = {0};

	scene_begin(&scene, 150000);
	for (guint i = 0; i < 3; i++) {
		Session session = scene_blank_session(100 * (gint32) (i + 1));

		session.user = 20 + i; /* the third role's name couldn't be read */
		session.application_name = i == 0 ? "login-service" : i == 1 ? "" : NULL;
		session.state_text = "idle in transaction";
		snapshot_builder_add_session(scene.builder, &session);
		scene_lock(&scene, session.pid, tag_relation(TABLE + i), "ShareLock", GRANTED);
		waits(&scene, session.pid + 1, tag_relation(TABLE + i), "RowExclusiveLock", 60 - i);
	}
	look = planned_look(&scene);
	names_add_role(snapshot_names(look.snapshot), 20, "app_rw");
	names_add_role(snapshot_names(look.snapshot), 21, "app_ro");
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) found = g_string_new(NULL);
		const Selection selection = {.command = COMMAND_TERMINATE,
		                             .user = cases[i].user,
		                             .application = cases[i].application};

		planned_make(&look, &selection);
		for (guint j = 0; look.plan && j < plan_n_items(look.plan); j++) {
			const Session *it = snapshot_session(look.snapshot, plan_item(look.plan, j)->session);

			g_string_append_printf(found, "%s%d %s", j ? ", " : "", it->pid,
			                       names_role(snapshot_names(look.snapshot), it->user));
		}
		g_assert_cmpstr(found->str, ==, cases[i].plan);
	}
}

static void test_by_idleness(void)
{
	static const struct {
		const char *state;
		double since;
		gint64 idle_for_us;
		gboolean selected;
	} cases[] = {
	    {"idle in transaction", 300, 300 * DURATION_SECOND, TRUE},
	    {"idle in transaction", 300, 300 * DURATION_SECOND + 1, FALSE},
	    {"idle in transaction (aborted)", 301, 300 * DURATION_SECOND, TRUE},
	    {"idle in transaction", 0, 0, TRUE},
	    {"idle in transaction", -1, 0, TRUE},
	    {"idle in transaction", -1, 1, FALSE},
	    {"active", 600, 0, FALSE},
	    {"idle", 600, 0, FALSE},
	    {NULL, 600, 0, FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		Scene scene;
		g_auto(Planned) look = {0};
		const Selection selection = {.command = COMMAND_TERMINATE,
		                             .idle_in_transaction = TRUE,
		                             .idle_for_us = cases[i].idle_for_us};

		scene_begin(&scene, 150000);
		/* in a transaction of long ago: how long it has been idle is what counts */
		scene_session(&scene, 100, cases[i].state, 9000, cases[i].since, "SELECT 1");
		scene_lock(&scene, 100, tag_relation(TABLE), "ShareLock", GRANTED);
		waits(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", 60);
		look = planned_look(&scene);
		g_test_message("case %zu", i);
		assert_select(&look, selection,
		              cases[i].selected ? "100 terminate requested frees 1 blocks 101 xact"
		                                : "error 3");
	}
}

/* A lock that only a worker of the parallel query holds. */
static void test_lock_of_worker(void)
{
	Scene scene;
	Session worker = scene_blank_session(201);
	g_auto(Planned) look = {0};
	g_autoptr(TableSet) tables = the_table();

	worker.backend_type = "parallel worker";
	worker.leader_pid = 200;
	worker.state_text = "active";
	scene_begin(&scene, 150000);
	running(&scene, 200);
	snapshot_builder_add_session(scene.builder, &worker);
	scene_lock(&scene, 201, tag_relation(INDEX), "AccessShareLock", GRANTED);
	waits(&scene, 300, tag_relation(INDEX), "AccessExclusiveLock", 40);
	look = planned_look(&scene);
	assert_select(&look, (Selection){.command = COMMAND_CANCEL, .tables = tables},
	              "200 cancel requested frees 1 blocks 300 stmt xact");
	assert_select(&look, (Selection){.command = COMMAND_CANCEL, .all_holders = TRUE},
	              "200 cancel requested frees 1 stmt xact");
}

static void test_prepared(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	g_autoptr(TableSet) tables = the_table();
	const PreparedRow row = {
	    .transaction = 700, .gid = "order", .owner = SCENE_USER, .database = SCENE_DATABASE};
	Selection selection = {.command = COMMAND_TERMINATE, .tables = tables};

	scene_begin(&scene, 150000);
	snapshot_builder_add_prepared(scene.builder, &row);
	scene_prepared_lock(&scene, 1, tag_transaction(700), "ExclusiveLock");
	scene_prepared_lock(&scene, 1, tag_relation(TABLE), "ShareLock");
	waits(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", 40);
	look = planned_look(&scene);
	assert_select(&look, selection, "order terminate no:prepared frees 1 blocks 101 xact");
	selection.rollback_prepared = TRUE;
	assert_select(&look, selection, "order rollback_prepared prepared frees 1 blocks 101 xact");
}

static void test_max(void)
{
	g_auto(Planned) login = login_incident();
	Selection selection = {.command = COMMAND_TERMINATE, .all_holders = TRUE, .max = 2};

	assert_select(&login, selection, "error 5");
	selection.max = 3;
	planned_make(&login, &selection);
	g_assert_no_error(login.error);
	g_assert_cmpuint(plan_n_acts(login.plan), ==, 3);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/plan-select/by-table", test_by_table);
	g_test_add_func("/plan-select/all-holders", test_all_holders);
	g_test_add_func("/plan-select/by-row", test_by_row);
	g_test_add_func("/plan-select/ambiguous-holder-of-a-row", test_ambiguous_holder_of_a_row);
	g_test_add_func("/plan-select/inferred-waiter-of-a-row", test_inferred_waiter_of_a_row);
	g_test_add_func("/plan-select/by-mode", test_by_mode);
	g_test_add_func("/plan-select/all-holders-widens", test_all_holders_widens);
	g_test_add_func("/plan-select/mode-of-the-lock-in-the-way", test_mode_of_the_lock_in_the_way);
	g_test_add_func("/plan-select/direct-before-inferred", test_direct_before_inferred);
	g_test_add_func("/plan-select/inferred", test_inferred);
	g_test_add_func("/plan-select/partitions-and-indexes", test_partitions_and_indexes);
	g_test_add_func("/plan-select/two-databases", test_two_databases);
	g_test_add_func("/plan-select/never-waiters", test_never_waiters);
	g_test_add_func("/plan-select/by-user-and-application", test_by_user_and_application);
	g_test_add_func("/plan-select/by-idleness", test_by_idleness);
	g_test_add_func("/plan-select/lock-of-worker", test_lock_of_worker);
	g_test_add_func("/plan-select/prepared", test_prepared);
	g_test_add_func("/plan-select/max", test_max);
	return g_test_run();
}
