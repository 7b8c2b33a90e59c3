#include "plan_words.h"

#include "base/duration.h"
#include "base/error.h"

/* The least that frees: release of a table, a waiter, everybody. */

#define TABLE 500
#define OTHER_TABLE 600

static TableSet *the_table(void)
{
	TableSet *tables = table_set_new(SCENE_DATABASE);

	table_set_add(tables, TABLE, "public.orders");
	return tables;
}

static void idle(Scene *scene, gint32 pid)
{
	scene_session(scene, pid, "idle in transaction", 600, 500, "SELECT 2");
}

static void holds(Scene *scene, gint32 pid, LockTag tag, const char *mode)
{
	idle(scene, pid);
	scene_lock(scene, pid, tag, mode, GRANTED);
}

static void waits(Scene *scene, gint32 pid, LockTag tag, const char *mode, double waited)
{
	scene_session(scene, pid, "active", waited, waited, "SELECT 1");
	scene_lock(scene, pid, tag, mode, waited);
}

static void assert_release(Planned *look, Selection selection, const char *expected)
{
	selection.command = COMMAND_RELEASE;
	planned_make(look, &selection);
	assert_words(words_plan(look), expected);
}

static void assert_release_all(Planned *look, const char *expected)
{
	assert_release(look, (Selection){.all = TRUE}, expected);
}

static void assert_release_for(Planned *look, const char *waiter, const char *expected)
{
	g_autoptr(SessionRef) ref = session_ref_parse(waiter, NULL);

	g_test_message("--waiter %s", waiter);
	assert_release(look, (Selection){.waiter = ref}, expected);
}

static void test_nobody_waits(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	g_autoptr(TableSet) tables = the_table();

	scene_begin(&scene, 150000);
	holds(&scene, 100, tag_relation(TABLE), "AccessExclusiveLock");
	look = planned_look(&scene);
	assert_release_all(&look, "");
	g_assert_cmpuint(look.plan->n_waiting, ==, 0);
	assert_release(&look, (Selection){.tables = tables}, "");
	assert_release_for(&look, "100", "");
}

static void test_login_incident(void)
{
	Scene scene;
	g_auto(Planned) login = {0};
	g_autoptr(TableSet) tables = the_table();
	const char *plan = "100 terminate idle frees 4 blocks 101 xact";

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 4);
	login = planned_look(&scene);
	assert_release_all(&login, plan);
	assert_words(words_freed(&login), "101 102 103 104");
	assert_words(words_locks(&login, 0), "transactionid 725 ExclusiveLock");
	assert_words(words_alternatives(&login), "");
	g_assert_cmpuint(login.plan->n_waiting, ==, 4);
	assert_release(&login, (Selection){.tables = tables}, plan);
	assert_release_for(&login, "101", plan);
	assert_release_for(&login, "104", plan);
	g_assert_cmpuint(login.plan->n_waiting, ==, 1);
	/* the first in line has nothing of its own to give up, whatever is preferred */
	assert_release(&login, (Selection){.all = TRUE, .prefer = PREFER_HOLDER}, plan);
	assert_release(&login, (Selection){.all = TRUE, .prefer = PREFER_QUEUED}, "error 5");
	g_assert_nonnull(strstr(error_hint(login.error), "--prefer holder"));
}

/* 100 holds up 101 and that one 102: the root of it all. */
static void test_chain(void)
{
	Scene scene;
	g_auto(Planned) chain = {0};
	g_autoptr(TableSet) tables = the_table();

	scene_begin(&scene, 150000);
	holds(&scene, 100, tag_relation(OTHER_TABLE), "ShareLock");
	waits(&scene, 101, tag_relation(OTHER_TABLE), "AccessExclusiveLock", 40);
	scene_lock(&scene, 101, tag_relation(TABLE), "ShareLock", GRANTED);
	waits(&scene, 102, tag_relation(TABLE), "RowExclusiveLock", 30);
	chain = planned_look(&scene);
	assert_release_all(&chain, "100 terminate idle frees 2 blocks 101 xact");
	/* also for the table that it doesn't hold itself, and for the last of them */
	assert_release(&chain, (Selection){.tables = tables},
	               "100 terminate idle frees 2 blocks 101 xact");
	g_assert_cmpuint(chain.plan->n_waiting, ==, 1);
	assert_release_for(&chain, "102", "100 terminate idle frees 2 blocks 101 xact");
}

/* A reader, a migration behind it, n queries behind that one. */
static void ddl_queue(Scene *scene, guint n)
{
	scene_begin(scene, 150000);
	holds(scene, 100, tag_relation(TABLE), "AccessShareLock");
	waits(scene, 101, tag_relation(TABLE), "AccessExclusiveLock", 60);
	for (guint i = 0; i < n; i++)
		waits(scene, 102 + (gint32) i, tag_relation(TABLE), "AccessShareLock", 50.0 - i);
}

static void test_ddl_queue(void)
{
	static const char cancel[] = "101 cancel queued frees 3 blocks 102 stmt xact";
	static const char end[] = "100 terminate idle frees 4 blocks 101 xact";
	Scene scene;
	g_auto(Planned) look = {0};
	g_autoptr(TableSet) tables = the_table();

	ddl_queue(&scene, 3);
	look = planned_look(&scene);
	assert_release_all(&look, cancel);
	assert_words(words_alternatives(&look), "holder terminate 100 frees 4");
	assert_words(words_locks(&look, 0), "relation 500 AccessExclusiveLock?");
	assert_words(words_freed(&look), "102 103 104");
	assert_release(&look, (Selection){.tables = tables}, cancel);
	assert_release(&look, (Selection){.tables = tables, .prefer = PREFER_QUEUED}, cancel);
	assert_words(words_alternatives(&look), "holder terminate 100 frees 4");
	assert_release(&look, (Selection){.tables = tables, .prefer = PREFER_HOLDER}, end);
	assert_words(words_alternatives(&look), "queued cancel 101 frees 3");
	assert_words(words_freed(&look), "101 102 103 104");
}

/* Whatever blocks a waiter is never the waiter itself. */
static void test_ddl_queue_for_waiter(void)
{
	Scene scene;
	g_auto(Planned) look = {0};

	ddl_queue(&scene, 3);
	look = planned_look(&scene);
	assert_release_for(&look, "101", "100 terminate idle frees 4 blocks 101 xact");
	assert_words(words_alternatives(&look), "");
	assert_release_for(&look, "104", "101 cancel queued frees 3 blocks 104 stmt xact");
	assert_words(words_alternatives(&look), "holder terminate 100 frees 4");
}

static void test_ddl_alone(void)
{
	Scene scene;
	g_auto(Planned) look = {0};

	ddl_queue(&scene, 0);
	look = planned_look(&scene);
	assert_release_all(&look, "100 terminate idle frees 1 blocks 101 xact");
	assert_words(words_alternatives(&look), "");
	assert_release(&look, (Selection){.all = TRUE, .prefer = PREFER_QUEUED}, "error 5");
}

/* The reader also keeps somebody from a row elsewhere, whom the migration has nothing to do with.
 */
static void test_ddl_queue_and_more(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	g_autoptr(TableSet) tables = the_table();

	ddl_queue(&scene, 2);
	scene_lock(&scene, 100, tag_transaction(725), "ExclusiveLock", GRANTED);
	waits(&scene, 200, tag_transaction(725), "ShareLock", 90);
	scene_lock(&scene, 200, tag_tuple(OTHER_TABLE, 0, 1), "ExclusiveLock", GRANTED);
	look = planned_look(&scene);
	assert_release(&look, (Selection){.tables = tables},
	               "101 cancel queued frees 2 blocks 102 stmt xact");
	assert_release_for(&look, "103", "101 cancel queued frees 2 blocks 103 stmt xact");
	assert_release_for(&look, "200", "100 terminate idle frees 4 blocks 200 xact");
	assert_release_all(&look, "100 terminate idle frees 4 blocks 200 xact");
	assert_words(words_alternatives(&look), "");
}

/* Two migrations: neither frees the others by going. */
static void test_two_ddl(void)
{
	Scene scene;
	g_auto(Planned) look = {0};

	ddl_queue(&scene, 0);
	waits(&scene, 102, tag_relation(TABLE), "AccessExclusiveLock", 50);
	waits(&scene, 103, tag_relation(TABLE), "AccessShareLock", 40);
	look = planned_look(&scene);
	assert_release_all(&look, "100 terminate idle frees 3 blocks 101 xact");
	assert_words(words_alternatives(&look), "");
}

/* It has done something before that others wait for: that would be lost for them. */
static void test_ddl_that_holds(void)
{
	Scene scene;
	g_auto(Planned) look = {0};

	ddl_queue(&scene, 2);
	scene_lock(&scene, 101, tag_relation(OTHER_TABLE), "AccessExclusiveLock", GRANTED);
	waits(&scene, 200, tag_relation(OTHER_TABLE), "AccessShareLock", 10);
	look = planned_look(&scene);
	assert_release_all(&look, "100 terminate idle frees 4 blocks 101 xact");
	assert_words(words_alternatives(&look), "");
	/* by name it is the person's wish, and not its request is what they wait for */
	{
		g_autoptr(GPtrArray) sessions = sessions_named("101");

		assert_release(&look, (Selection){.sessions = sessions},
		               "101 cancel running frees 3 blocks 200 stmt xact");
	}
}

static void test_kinds_of_requests(void)
{
	static const struct {
		LockTag tag;
		const char *held, *wanted, *behind;
		gboolean is_ddl;
	} cases[] = {
	    /* VACUUM FULL, ALTER; CREATE INDEX; VACUUM, CREATE INDEX CONCURRENTLY; ALTER TYPE */
	    {{.type = LOCK_TYPE_RELATION, .relation = TABLE},
	     "AccessShareLock",
	     "AccessExclusiveLock",
	     "RowExclusiveLock",
	     TRUE},
	    {{.type = LOCK_TYPE_RELATION, .relation = TABLE},
	     "RowExclusiveLock",
	     "ShareLock",
	     "RowExclusiveLock",
	     TRUE},
	    {{.type = LOCK_TYPE_RELATION, .relation = TABLE},
	     "ShareLock",
	     "ShareUpdateExclusiveLock",
	     "ShareLock",
	     TRUE},
	    {{.type = LOCK_TYPE_OBJECT, .classid = 1247, .objid = 9},
	     "AccessShareLock",
	     "AccessExclusiveLock",
	     "AccessShareLock",
	     TRUE},
	    /* an UPDATE behind one CREATE INDEX and ahead of another is somebody's work */
	    {{.type = LOCK_TYPE_RELATION, .relation = TABLE},
	     "ShareLock",
	     "RowExclusiveLock",
	     "ShareLock",
	     FALSE},
	    /* and so is what an application does with keys of its own */
	    {{.type = LOCK_TYPE_ADVISORY, .objid = 42, .objsubid = 1},
	     "ShareLock",
	     "ExclusiveLock",
	     "ShareLock",
	     FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		Scene scene;
		g_auto(Planned) look = {0};

		scene_begin(&scene, 150000);
		holds(&scene, 100, cases[i].tag, cases[i].held);
		waits(&scene, 101, cases[i].tag, cases[i].wanted, 60);
		waits(&scene, 102, cases[i].tag, cases[i].behind, 50);
		look = planned_look(&scene);
		g_test_message("case %zu", i);
		planned_make(&look, &(Selection){.command = COMMAND_RELEASE, .all = TRUE});
		g_assert_cmpuint(plan_n_items(look.plan), ==, 1);
		g_assert_cmpint(plan_item(look.plan, 0)->session, ==,
		                snapshot_find_pid(look.snapshot, cases[i].is_ddl ? 101 : 100));
		/* who asks for it gets it */
		assert_release(&look, (Selection){.all = TRUE, .prefer = PREFER_QUEUED},
		               "101 cancel queued frees 1 blocks 102 stmt xact");
	}
}

/* Behind the request, but not because of it: CREATE INDEX keeps the UPDATE, whatever becomes of the
 * VACUUM in between. */
static void test_not_all_behind_request(void)
{
	for (gint32 update = 102; update <= 104; update += 2) {
		Scene scene;
		g_auto(Planned) look = {0};
		g_autoptr(TableSet) tables = the_table();
		g_autoptr(GPtrArray) sessions = sessions_named("101");

		scene_begin(&scene, 150000);
		holds(&scene, 100, tag_relation(TABLE), "ShareLock");
		waits(&scene, 101, tag_relation(TABLE), "ShareUpdateExclusiveLock", 60);
		if (update == 102)
			waits(&scene, update, tag_relation(TABLE), "RowExclusiveLock", 50);
		/* another CREATE INDEX, and somebody behind that one elsewhere */
		waits(&scene, 103, tag_relation(TABLE), "ShareLock", 40);
		scene_lock(&scene, 103, tag_advisory(0, 42, 1), "ExclusiveLock", GRANTED);
		waits(&scene, 110, tag_advisory(0, 42, 1), "ExclusiveLock", 30);
		if (update == 104)
			waits(&scene, update, tag_relation(TABLE), "RowExclusiveLock", 20);
		look = planned_look(&scene);
		/* the UPDATE is ahead of the second CREATE INDEX, or behind it */
		assert_release(&look, (Selection){.tables = tables},
		               "100 terminate idle frees 4 blocks 101 xact");
		assert_release(&look, (Selection){.sessions = sessions},
		               update == 102 ? "error 5"
		                             : "101 cancel queued frees 2 blocks 103 stmt xact");
	}
}

/* Whom the request holds up holds up the one that is meant. */
static void test_meant_further_back(void)
{
	Scene scene;
	g_auto(Planned) look = {0};

	ddl_queue(&scene, 2);
	scene_lock(&scene, 103, tag_relation(OTHER_TABLE), "ShareLock", GRANTED);
	waits(&scene, 200, tag_relation(OTHER_TABLE), "RowExclusiveLock", 10);
	look = planned_look(&scene);
	assert_release_for(&look, "200", "101 cancel queued frees 3 blocks 102 stmt xact");
}

/* It may not be cancelled: then it is the reader's turn. */
static void test_ddl_refused(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	const OwnPrivileges own = {.known = TRUE};
	const RolePrivileges role = {.oid = SCENE_USER, .is_superuser = TRUE};
	Session worker = scene_blank_session(101);

	worker.backend_type = "pg_cron";
	worker.state_text = "active";
	worker.user = SCENE_USER + 1;
	scene_begin(&scene, 150000);
	holds(&scene, 100, tag_relation(TABLE), "AccessShareLock");
	snapshot_builder_add_session(scene.builder, &worker);
	scene_lock(&scene, 101, tag_relation(TABLE), "AccessExclusiveLock", 60);
	waits(&scene, 102, tag_relation(TABLE), "AccessShareLock", 50);
	look = planned_look(&scene);
	assert_release_all(&look, "100 terminate idle frees 2 blocks 101 xact");
	assert_release(&look,
	               (Selection){.all = TRUE, .include_protected = PROTECTED_BACKGROUND_WORKER},
	               "101 cancel queued frees 1 blocks 102 stmt xact");
	/* nor may the reader be ended */
	privileges_set_own(snapshot_privileges(look.snapshot), &own);
	privileges_add_role(snapshot_privileges(look.snapshot), &role);
	assert_release_all(&look, "100 terminate no:superuser frees 2 blocks 101 xact");
}

/* The filters say whose sessions may be ended: of the others neither root nor request. */
static void test_filters(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	Session reader = scene_blank_session(100), migration = scene_blank_session(101);
	const LockModeSet access_share = LOCK_MODE_SET(LOCK_MODE_ACCESS_SHARE);
	static const char end[] = "100 terminate idle frees 2 blocks 101 xact";
	static const char cancel[] = "101 cancel queued frees 1 blocks 102 stmt xact";

	reader.state_text = "idle in transaction";
	reader.state_change = SCENE_NOW - 60 * DURATION_SECOND;
	reader.user = 20;
	reader.application_name = "reporting";
	migration.state_text = "active";
	migration.user = 21;
	migration.application_name = "migrator";
	scene_begin(&scene, 150000);
	snapshot_builder_add_session(scene.builder, &reader);
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessShareLock", GRANTED);
	snapshot_builder_add_session(scene.builder, &migration);
	scene_lock(&scene, 101, tag_relation(TABLE), "AccessExclusiveLock", 60);
	waits(&scene, 102, tag_relation(TABLE), "AccessShareLock", 50);
	look = planned_look(&scene);
	names_add_role(snapshot_names(look.snapshot), 20, "bi");
	names_add_role(snapshot_names(look.snapshot), 21, "deploy");

	assert_release(&look, (Selection){.user = "*"}, cancel);
	assert_release(&look, (Selection){.user = "bi"}, end);
	assert_release(&look, (Selection){.application = "report*"}, end);
	assert_release(&look, (Selection){.idle_in_transaction = TRUE}, end);
	assert_release(&look, (Selection){.modes = access_share}, end);
	assert_release(&look, (Selection){.modes = LOCK_MODE_SET_ALL}, cancel);
	assert_release(&look, (Selection){.user = "bi", .prefer = PREFER_QUEUED}, "error 5");
	/* nobody of deploy is a root */
	assert_release(&look, (Selection){.user = "deploy"}, "error 3");
	assert_release(&look, (Selection){.application = "migrator"}, "error 3");
	assert_release(&look, (Selection){.modes = LOCK_MODE_SET(LOCK_MODE_SHARE)}, "error 3");
	assert_release(&look,
	               (Selection){.idle_in_transaction = TRUE, .idle_for_us = 61 * DURATION_SECOND},
	               "error 3");
}

/* Of a row's holder the mode that it holds on the table counts as well. */
static void test_mode_of_a_rows_table(void)
{
	Scene scene;
	g_auto(Planned) login = {0};
	g_autoptr(TableSet) tables = the_table();
	const LockModeSet row_exclusive = LOCK_MODE_SET(LOCK_MODE_ROW_EXCLUSIVE);

	scene_begin(&scene, 150000);
	scene_login_incident(&scene, 2);
	login = planned_look(&scene);
	assert_release(&login, (Selection){.tables = tables, .modes = row_exclusive},
	               "100 terminate idle frees 2 blocks 101 xact");
	assert_release(&login, (Selection){.modes = row_exclusive}, "error 3");
	assert_release(&login, (Selection){.modes = LOCK_MODE_SET(LOCK_MODE_EXCLUSIVE)},
	               "100 terminate idle frees 2 blocks 101 xact");
}

/* The worst first; each is freed by itself. */
static void test_two_jams(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	g_autoptr(TableSet) tables = the_table();

	ddl_queue(&scene, 1);
	scene_session(&scene, 200, "active", 60, 50, "UPDATE u");
	scene_lock(&scene, 200, tag_relation(OTHER_TABLE), "ShareLock", GRANTED);
	for (gint32 i = 0; i < 3; i++)
		waits(&scene, 201 + i, tag_relation(OTHER_TABLE), "RowExclusiveLock", 30 - i);
	look = planned_look(&scene);
	assert_release_all(&look, "200 cancel running frees 3 blocks 201 stmt xact, "
	                          "101 cancel queued frees 1 blocks 102 stmt xact");
	assert_words(words_freed(&look), "102 201 202 203");
	assert_words(words_alternatives(&look), "holder terminate 100 frees 2");
	g_assert_cmpuint(look.plan->n_waiting, ==, 5);
	assert_release(&look, (Selection){.tables = tables},
	               "101 cancel queued frees 1 blocks 102 stmt xact");
	/* who asks for queued requests only doesn't find a holder ended */
	assert_release(&look, (Selection){.all = TRUE, .prefer = PREFER_QUEUED},
	               "101 cancel queued frees 1 blocks 102 stmt xact");
	assert_release(&look, (Selection){.all = TRUE, .max = 1}, "error 5");
}

static void test_prepared(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	const PreparedRow row = {
	    .transaction = 700, .gid = "order", .owner = SCENE_USER, .database = SCENE_DATABASE};

	scene_begin(&scene, 150000);
	snapshot_builder_add_prepared(scene.builder, &row);
	scene_prepared_lock(&scene, 1, tag_transaction(700), "ExclusiveLock");
	waits(&scene, 101, tag_transaction(700), "ShareLock", 60);
	/* its name couldn't be read */
	scene_prepared_lock(&scene, 2, tag_relation(TABLE), "ShareLock");
	waits(&scene, 102, tag_relation(TABLE), "RowExclusiveLock", 50);
	look = planned_look(&scene);
	assert_release_all(&look, "order rollback_prepared no:prepared frees 1 blocks 101, "
	                          "? rollback_prepared no:unnamed frees 1 blocks 102");
	assert_release(&look, (Selection){.all = TRUE, .rollback_prepared = TRUE},
	               "order rollback_prepared prepared frees 1 blocks 101, "
	               "? rollback_prepared no:unnamed frees 1 blocks 102");
	assert_words(words_locks(&look, 0), "transactionid 700 ExclusiveLock");
}

/* Nobody is to blame alone; the server ends one of them. 100 waits behind one of the circle, 200
 * for somebody who has gone since. */
static Planned deadlock(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	waits(&scene, 101, tag_relation(TABLE), "ShareLock", 2);
	scene_lock(&scene, 101, tag_relation(OTHER_TABLE), "RowExclusiveLock", GRANTED);
	waits(&scene, 102, tag_relation(OTHER_TABLE), "ShareLock", 1);
	scene_lock(&scene, 102, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 102, tag_advisory(0, 42, 1), "ExclusiveLock", GRANTED);
	waits(&scene, 100, tag_advisory(0, 42, 1), "ExclusiveLock", 3);
	waits(&scene, 200, tag_advisory(0, 43, 1), "ExclusiveLock", 4);
	return planned_look(&scene);
}

static void test_deadlock(void)
{
	g_auto(Planned) look = deadlock();
	g_autoptr(TableSet) tables = the_table();

	assert_release_all(&look, "error 5");
	g_assert_nonnull(strstr(look.error->message, "circle"));
	/* the youngest, by its exact name */
	g_assert_nonnull(strstr(error_hint(look.error), "pgunlock cancel 6553e2f0.66"));
	assert_release_for(&look, "101", "error 5");
	assert_release_for(&look, "100", "error 5");
	assert_release(&look, (Selection){.tables = tables}, "error 5");
	/* that one has nothing to do with it */
	assert_release_for(&look, "200", "");
	assert_release(&look, (Selection){.user = "nobody"}, "error 3");
}

static guint choice_with(const Snapshot *snapshot, const WaitGraph *graph, gboolean may)
{
	const OwnPrivileges own = {.known = TRUE};
	const RolePrivileges role = {.oid = SCENE_USER, .we_have_its_privileges = may};

	privileges_set_own(snapshot_privileges(snapshot), &own);
	privileges_add_role(snapshot_privileges(snapshot), &role);
	return plan_deadlock_choice(graph, 0);
}

static void test_deadlock_choice(void)
{
	g_auto(Planned) look = deadlock();

	g_assert_cmpuint(plan_deadlock_choice(look.graph, 0), ==,
	                 snapshot_find_pid(look.snapshot, 102));
	g_assert_cmpuint(choice_with(look.snapshot, look.graph, TRUE), ==,
	                 snapshot_find_pid(look.snapshot, 102));
	g_assert_cmpuint(choice_with(look.snapshot, look.graph, FALSE), ==, NO_SESSION);
	assert_release_all(&look, "error 5");
	g_assert_null(strstr(error_hint(look.error), "pgunlock cancel"));
}

/* Whoever was in the way has gone since: the waiter is about to get its lock. */
static void test_waiter_without_blocker(void)
{
	Scene scene;
	g_auto(Planned) look = {0};

	scene_begin(&scene, 150000);
	waits(&scene, 101, tag_relation(TABLE), "ShareLock", 2);
	look = planned_look(&scene);
	assert_release_all(&look, "");
	g_assert_cmpuint(look.plan->n_waiting, ==, 1);
}

static void test_waiter_named(void)
{
	Scene scene;
	g_auto(Planned) look = {0};
	Session hidden = scene_blank_session(103);

	hidden.backend_start = G_MININT64;
	ddl_queue(&scene, 1);
	snapshot_builder_add_session(scene.builder, &hidden);
	scene_lock(&scene, 103, tag_relation(TABLE), "AccessShareLock", 40);
	look = planned_look(&scene);
	assert_release_for(&look, "4711", "error 3");
	g_assert_nonnull(error_hint(look.error));
	assert_release_for(&look, "gid:order", "error 3");
	g_assert_cmpstr(look.error->message, ==, "there is no prepared transaction \"order\"");
	/* 101 of another time: it waits no more */
	assert_release_for(&look, "1.65", "");
	g_assert_cmpuint(look.plan->gone->len, ==, 1);
	g_assert_cmpuint(look.plan->n_waiting, ==, 0);
	/* whether it is the one that is meant can't be seen */
	assert_release_for(&look, "6553f0f0.67", "error 5");
	assert_release_for(&look, "103", "101 cancel queued frees 2 blocks 103 stmt xact");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/plan-release/nobody-waits", test_nobody_waits);
	g_test_add_func("/plan-release/login-incident", test_login_incident);
	g_test_add_func("/plan-release/chain", test_chain);
	g_test_add_func("/plan-release/ddl-queue", test_ddl_queue);
	g_test_add_func("/plan-release/ddl-queue-for-waiter", test_ddl_queue_for_waiter);
	g_test_add_func("/plan-release/ddl-alone", test_ddl_alone);
	g_test_add_func("/plan-release/ddl-queue-and-more", test_ddl_queue_and_more);
	g_test_add_func("/plan-release/two-ddl", test_two_ddl);
	g_test_add_func("/plan-release/ddl-that-holds", test_ddl_that_holds);
	g_test_add_func("/plan-release/kinds-of-requests", test_kinds_of_requests);
	g_test_add_func("/plan-release/not-all-behind-request", test_not_all_behind_request);
	g_test_add_func("/plan-release/meant-further-back", test_meant_further_back);
	g_test_add_func("/plan-release/ddl-refused", test_ddl_refused);
	g_test_add_func("/plan-release/filters", test_filters);
	g_test_add_func("/plan-release/mode-of-a-rows-table", test_mode_of_a_rows_table);
	g_test_add_func("/plan-release/two-jams", test_two_jams);
	g_test_add_func("/plan-release/prepared", test_prepared);
	g_test_add_func("/plan-release/deadlock", test_deadlock);
	g_test_add_func("/plan-release/deadlock-choice", test_deadlock_choice);
	g_test_add_func("/plan-release/waiter-without-blocker", test_waiter_without_blocker);
	g_test_add_func("/plan-release/waiter-named", test_waiter_named);
	return g_test_run();
}
