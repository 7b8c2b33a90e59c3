#include "scene.h"

#include "base/timestamp.h"

#define TABLE 500

static void test_empty(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	SessionRef nobody = {.pid = 100, .backend_start_second = -1};
	guint n;

	scene_begin(&scene, 150000);
	snapshot = scene_end(&scene);
	g_assert_cmpuint(snapshot_n_sessions(snapshot), ==, 0);
	g_assert_cmpuint(snapshot_n_locks(snapshot), ==, 0);
	g_assert_cmpuint(snapshot_find_pid(snapshot, 100), ==, NO_SESSION);
	g_assert_cmpuint(snapshot_find_pid(snapshot, 0), ==, NO_SESSION);
	g_assert_cmpuint(snapshot_find(snapshot, &nobody), ==, NO_SESSION);
	g_assert_null(snapshot_blocking_pids(snapshot, 100, &n));
	g_assert_cmpuint(n, ==, 0);
	g_assert_cmpuint(snapshot_n_warnings(snapshot), ==, 0);
	g_assert_cmpint(snapshot_taken_at(snapshot), ==, SCENE_NOW);
	g_assert_nonnull(snapshot_arena(snapshot));
	g_assert_nonnull(snapshot_names(snapshot));
	g_assert_nonnull(snapshot_privileges(snapshot));
	snapshot_free(NULL);
}

static void test_builder_given_up(void)
{
	ServerInfo server = {.host = "db1"};
	g_autoptr(SnapshotBuilder) builder = snapshot_builder_new(&server, SCENE_NOW);
	Session session = scene_blank_session(100);

	snapshot_builder_add_session(builder, &session);
	snapshot_builder_add_prepared(builder, &(PreparedRow){.transaction = 725, .gid = "order"});
	snapshot_builder_free(NULL);
}

static void test_server(void)
{
	char host[] = "db1";
	ServerInfo server = {
	    .host = host, .port = 5432, .version = "15.20 (Debian\xff)", .own_pid = 100};
	g_autoptr(Snapshot) snapshot =
	    snapshot_builder_finish(snapshot_builder_new(&server, SCENE_NOW));

	host[0] = 'x';
	g_assert_cmpstr(snapshot_server(snapshot)->host, ==, "db1");
	g_assert_cmpint(snapshot_server(snapshot)->port, ==, 5432);
	g_assert_null(snapshot_server(snapshot)->user);
	g_assert_true(g_utf8_validate(snapshot_server(snapshot)->version, -1, NULL));
}

/* Texts come as the server has them, in any encoding. */
static void test_texts(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	Session session = scene_blank_session(100);
	char query[] = "SELECT 'caf\xe9'";
	const Session *seen;

	scene_begin(&scene, 150000);
	session.query = query;
	session.application_name = "\xff\xfe";
	session.state_text = "active";
	session.gid = "not for a backend";
	session.transaction = 7;
	snapshot_builder_add_session(scene.builder, &session);
	query[0] = 'X';
	snapshot = scene_end(&scene);
	seen = snapshot_session(snapshot, 0);
	g_assert_true(g_str_has_prefix(seen->query, "SELECT 'caf"));
	g_assert_true(g_utf8_validate(seen->query, -1, NULL));
	g_assert_true(g_utf8_validate(seen->application_name, -1, NULL));
	g_assert_cmpint(seen->state, ==, SESSION_STATE_ACTIVE);
	g_assert_cmpint(seen->type, ==, BACKEND_TYPE_CLIENT);
	g_assert_cmpint(seen->kind, ==, SESSION_KIND_BACKEND);
	g_assert_null(seen->gid);
	g_assert_null(seen->wait_event);
	g_assert_cmpuint(seen->transaction, ==, 0);
	g_assert_false(seen->hidden);
	g_assert_false(seen->is_self);
}

static void test_self_and_hidden(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	Session self = scene_blank_session(1);
	Session hidden = scene_blank_session(100);
	Session liar = scene_blank_session(101);

	scene_begin(&scene, 150000);
	snapshot_builder_add_session(scene.builder, &self);
	hidden.backend_type = NULL;
	hidden.query = "<insufficient privilege>";
	snapshot_builder_add_session(scene.builder, &hidden);
	/* a process without a type, of which there is none */
	hidden.pid = 102;
	hidden.query = "SELECT 1";
	snapshot_builder_add_session(scene.builder, &hidden);
	/* somebody may send these very words */
	liar.query = "<insufficient privilege>";
	snapshot_builder_add_session(scene.builder, &liar);
	snapshot = scene_end(&scene);
	g_assert_true(snapshot_session(snapshot, scene_find(snapshot, 1))->is_self);
	g_assert_true(snapshot_session(snapshot, scene_find(snapshot, 100))->hidden);
	g_assert_null(snapshot_session(snapshot, scene_find(snapshot, 100))->query);
	g_assert_false(snapshot_session(snapshot, scene_find(snapshot, 101))->hidden);
	g_assert_false(snapshot_session(snapshot, scene_find(snapshot, 102))->hidden);
	g_assert_nonnull(snapshot_session(snapshot, scene_find(snapshot, 101))->query);
}

static void test_leaders(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;

	scene_begin(&scene, 150000);
	scene_worker(&scene, 101, "parallel worker", 100);
	scene_running(&scene, 100);
	/* its leader has gone meanwhile */
	scene_worker(&scene, 102, "parallel worker", 99);
	/* no lock group */
	scene_worker(&scene, 103, "logical replication parallel worker", 100);
	snapshot = scene_end(&scene);
	g_assert_cmpuint(snapshot_session(snapshot, 0)->leader, ==, 1);
	g_assert_cmpuint(snapshot_session(snapshot, 1)->leader, ==, 1);
	g_assert_cmpuint(snapshot_session(snapshot, 2)->leader, ==, 2);
	g_assert_cmpuint(snapshot_session(snapshot, 3)->leader, ==, 3);
}

/* By session, whatever the order of the rows; without those whose process has gone, without
 * SIReadLocks. */
static void test_locks(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	guint n;
	const Lock *locks;

	scene_begin(&scene, 150000);
	scene_lock(&scene, 101, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	scene_lock(&scene, 100, tag_relation(TABLE), "AccessShareLock", GRANTED);
	scene_lock(&scene, 101, tag_relation(TABLE), "SIReadLock", GRANTED);
	scene_lock(&scene, 999, tag_relation(TABLE), "AccessShareLock", GRANTED);
	scene_lock(&scene, 101, tag_transaction(725), "ShareLock", 3);
	scene_idle(&scene, 100);
	scene_idle(&scene, 101);
	scene_idle(&scene, 102);
	snapshot = scene_end(&scene);
	g_assert_cmpuint(snapshot_n_locks(snapshot), ==, 3);
	locks = snapshot_session_locks(snapshot, scene_find(snapshot, 101), &n);
	g_assert_cmpuint(n, ==, 2);
	g_assert_cmpint(locks[0].mode, ==, LOCK_MODE_ROW_EXCLUSIVE);
	g_assert_cmpint(locks[0].waitstart, ==, TIMESTAMP_NONE);
	g_assert_cmpint(locks[1].tag.type, ==, LOCK_TYPE_TRANSACTIONID);
	g_assert_false(locks[1].granted);
	g_assert_cmpint(locks[1].waitstart, ==, SCENE_NOW - 3 * G_GINT64_CONSTANT(1000000));
	g_assert_true(snapshot_lock(snapshot, 2) == &locks[1]);
	snapshot_session_locks(snapshot, scene_find(snapshot, 102), &n);
	g_assert_cmpuint(n, ==, 0);
	for (guint i = 0; i < snapshot_n_locks(snapshot); i++)
		g_assert_cmpuint(snapshot_lock(snapshot, i)->session, <, snapshot_n_sessions(snapshot));
}

static const Session *find_gid(const Snapshot *snapshot, const char *gid)
{
	SessionRef ref = {.gid = (char *) (gsize) gid, .backend_start_second = -1};
	guint found = snapshot_find(snapshot, &ref);

	return found == NO_SESSION ? NULL : snapshot_session(snapshot, found);
}

static void test_prepared(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	const Session *first;
	guint n;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	/* rows in any order, a subtransaction's id before its own */
	scene_prepared_lock(&scene, 1, tag_relation(TABLE), "RowExclusiveLock");
	scene_prepared_lock(&scene, 2, tag_relation(TABLE), "AccessShareLock");
	scene_prepared_lock(&scene, 1, tag_transaction(727), "ExclusiveLock");
	scene_prepared_lock(&scene, 1, tag_transaction(725), "ExclusiveLock");
	scene_prepared(&scene, 730, "order-30", TABLE + 1);
	snapshot_builder_add_prepared(scene.builder, &(PreparedRow){.transaction = 725,
	                                                            .gid = "order-\xff",
	                                                            .prepared_at = SCENE_NOW,
	                                                            .owner = 11,
	                                                            .database = 5});
	/* prepared since the locks were read */
	snapshot_builder_add_prepared(scene.builder,
	                              &(PreparedRow){.transaction = 740, .gid = "order-40"});
	snapshot = scene_end(&scene);
	g_assert_cmpuint(snapshot_n_sessions(snapshot), ==, 5);
	g_assert_cmpuint(snapshot_n_locks(snapshot), ==, 6);
	first = find_gid(snapshot, "order-30");
	g_assert_cmpint(first->kind, ==, SESSION_KIND_PREPARED);
	g_assert_cmpuint(first->transaction, ==, 730);
	g_assert_cmpuint(first->user, ==, SCENE_USER);
	g_assert_cmpint(first->pid, ==, 0);
	g_assert_cmpint(first->backend_start, ==, TIMESTAMP_NONE);
	snapshot_session_locks(snapshot, snapshot_find_same(snapshot, first), &n);
	g_assert_cmpuint(n, ==, 2);
	first = find_gid(snapshot, "order-40");
	snapshot_session_locks(snapshot, snapshot_find_same(snapshot, first), &n);
	g_assert_cmpuint(n, ==, 0);
	/* what is shown isn't its name */
	g_assert_null(find_gid(snapshot, "order-\\xFF"));
	first = find_gid(snapshot, "order-\xff");
	g_assert_nonnull(first);
	g_assert_cmpstr(first->gid, ==, "order-\\xFF");
	g_assert_cmpstr(first->gid_bytes, ==, "order-\xff");
	snapshot_session_locks(snapshot, snapshot_find_same(snapshot, first), &n);
	g_assert_cmpuint(n, ==, 3);
	g_assert_null(find_gid(snapshot, "order-50"));
}

/* Their names couldn't be read: they are told apart by their transaction, the lowest that they hold
 * (those of subtransactions are higher), whatever row comes first. */
static void test_unnamed_prepared(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	guint n_unnamed = 0;

	scene_begin(&scene, 150000);
	scene_prepared_lock(&scene, 1, tag_relation(TABLE), "RowExclusiveLock");
	scene_prepared_lock(&scene, 2, tag_relation(TABLE), "RowExclusiveLock");
	scene_prepared_lock(&scene, 1, tag_transaction(727), "ExclusiveLock");
	scene_prepared_lock(&scene, 1, tag_transaction(725), "ExclusiveLock");
	scene_prepared_lock(&scene, 2, tag_transaction(730), "ExclusiveLock");
	/* numbers go round: the lower one is the later one */
	scene_prepared_lock(&scene, 3, tag_transaction(5), "ExclusiveLock");
	scene_prepared_lock(&scene, 3, tag_transaction(4294967290), "ExclusiveLock");
	snapshot = scene_end(&scene);
	for (guint i = 0; i < snapshot_n_sessions(snapshot); i++) {
		const Session *session = snapshot_session(snapshot, i);

		g_assert_cmpint(session->kind, ==, SESSION_KIND_PREPARED);
		g_assert_null(session->gid);
		g_assert_true(session->transaction == 725 || session->transaction == 730 ||
		              session->transaction == 4294967290);
		g_assert_cmpuint(session->backend_xid, ==, session->transaction);
		g_assert_cmpuint(snapshot_find_same(snapshot, session), ==, i);
		n_unnamed++;
	}
	g_assert_cmpuint(n_unnamed, ==, 3);
}

/* What no server sends: a prepared transaction that waits, two with one transaction id. */
static void test_nonsense_prepared(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;

	scene_begin(&scene, 150000);
	scene_lock(&scene, 0, tag_transaction(720), "ShareLock", 5);
	scene_prepared(&scene, 730, "order-30", TABLE);
	scene_prepared_lock(&scene, 2, tag_transaction(730), "ExclusiveLock");
	scene_prepared_lock(&scene, 2, tag_transaction(731), "ExclusiveLock");
	snapshot = scene_end(&scene);
	g_assert_cmpuint(snapshot_n_sessions(snapshot), ==, 3);
	g_assert_cmpuint(snapshot_n_locks(snapshot), ==, 5);
}

static void test_find(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	Session other;
	SessionRef ref = {.pid = 101, .backend_start_second = -1};

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_idle(&scene, 101);
	scene_prepared(&scene, 730, "order-30", TABLE);
	snapshot = scene_end(&scene);
	g_assert_cmpuint(snapshot_find(snapshot, &ref), ==, scene_find(snapshot, 101));
	ref.backend_start_second = 1;
	g_assert_cmpuint(snapshot_find(snapshot, &ref), ==, NO_SESSION);
	other = *snapshot_session(snapshot, scene_find(snapshot, 100));
	g_assert_cmpuint(snapshot_find_same(snapshot, &other), ==, scene_find(snapshot, 100));
	/* the pid is used again */
	other.backend_start++;
	g_assert_cmpuint(snapshot_find_same(snapshot, &other), ==, NO_SESSION);
	other.pid = 102;
	g_assert_cmpuint(snapshot_find_same(snapshot, &other), ==, NO_SESSION);
	other = (Session){.kind = SESSION_KIND_PREPARED, .transaction = 730};
	g_assert_cmpuint(snapshot_find_same(snapshot, &other), !=, NO_SESSION);
	other.transaction = 731;
	g_assert_cmpuint(snapshot_find_same(snapshot, &other), ==, NO_SESSION);
}

static void test_blocking_pids(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	gint32 pids[] = {100, 0, 100};
	guint n;
	const gint32 *answer;

	scene_begin(&scene, 150000);
	snapshot = scene_end(&scene);
	snapshot_add_blocking_pids(snapshot, 101, pids, 3);
	pids[0] = 7;
	answer = snapshot_blocking_pids(snapshot, 101, &n);
	g_assert_cmpuint(n, ==, 3);
	g_assert_cmpint(answer[0], ==, 100);
	g_assert_cmpint(answer[1], ==, 0);
	/* nobody is in its way, which is an answer, too */
	snapshot_add_blocking_pids(snapshot, 102, NULL, 0);
	g_assert_nonnull(snapshot_blocking_pids(snapshot, 102, &n));
	g_assert_cmpuint(n, ==, 0);
	snapshot_add_blocking_pids(snapshot, 101, pids, 1);
	answer = snapshot_blocking_pids(snapshot, 101, &n);
	g_assert_cmpuint(n, ==, 1);
	g_assert_cmpint(answer[0], ==, 7);
}

static void test_warnings(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;

	scene_begin(&scene, 150000);
	snapshot = scene_end(&scene);
	snapshot_add_warning(snapshot, "the names of %d tables couldn't be read", 3);
	snapshot_add_warning(snapshot, "100%% sure");
	g_assert_cmpuint(snapshot_n_warnings(snapshot), ==, 2);
	g_assert_cmpstr(snapshot_warning(snapshot, 0), ==, "the names of 3 tables couldn't be read");
	g_assert_cmpstr(snapshot_warning(snapshot, 1), ==, "100% sure");
}

static LockTag tag_catalog(guint32 catalog)
{
	return (LockTag){.type = LOCK_TYPE_RELATION, .relation = catalog};
}

static void confirm(Scene *scene, gint32 pid, guint32 local)
{
	const VirtualTransactionId vxid = {pid, local};

	snapshot_builder_confirm(scene->builder, pid, &vxid);
}

/* Of the processes without a session those are asked about who wait or are waited for. */
static void test_unlisted(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(GArray) unlisted = NULL;
	const LockRow of_startup = {
	    .locktype = "relation",
	    .tag = tag_catalog(1260),
	    .virtualtransaction = {1, 0},
	    .pid = 90,
	    .mode = "AccessExclusiveLock",
	    .granted = TRUE,
	};

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_catalog(1260), "AccessExclusiveLock", GRANTED);
	scene_lock(&scene, 202, tag_catalog(1260), "AccessShareLock", 5);
	scene_lock(&scene, 202, tag_catalog(1262), "AccessShareLock", GRANTED);
	scene_lock(&scene, 201, tag_catalog(1262), "RowExclusiveLock", GRANTED);
	scene_running(&scene, 101);
	scene_lock(&scene, 101, tag_catalog(1262), "ExclusiveLock", 3);
	scene_lock(&scene, 203, tag_relation(TABLE), "AccessShareLock", GRANTED);
	scene_prepared_lock(&scene, 700, tag_catalog(1262), "RowExclusiveLock");
	snapshot_builder_add_lock(scene.builder, &of_startup);
	unlisted = snapshot_builder_unlisted(scene.builder);
	g_assert_cmpuint(unlisted->len, ==, 2);
	g_assert_cmpint(g_array_index(unlisted, gint32, 0), ==, 201);
	g_assert_cmpint(g_array_index(unlisted, gint32, 1), ==, 202);
	snapshot = scene_end(&scene);
	g_assert_cmpuint(snapshot_find_pid(snapshot, 201), ==, NO_SESSION);
}

static void test_nobody_unlisted(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(GArray) unlisted = NULL;

	scene_begin(&scene, 150000);
	scene_lock(&scene, 201, tag_catalog(1260), "AccessShareLock", GRANTED);
	unlisted = snapshot_builder_unlisted(scene.builder);
	g_assert_cmpuint(unlisted->len, ==, 0);
	snapshot = scene_end(&scene);
}

/* Who has gone, or is in another transaction by now, is no session. */
static void test_confirmed(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(GArray) unlisted = NULL;
	const Session *session;
	guint n;

	scene_begin(&scene, 150000);
	scene_idle(&scene, 100);
	scene_lock(&scene, 100, tag_catalog(1260), "AccessExclusiveLock", GRANTED);
	for (gint32 pid = 201; pid <= 203; pid++)
		scene_lock(&scene, pid, tag_catalog(1260), "AccessShareLock", 5);
	unlisted = snapshot_builder_unlisted(scene.builder);
	g_assert_cmpuint(unlisted->len, ==, 3);
	confirm(&scene, 201, 1);
	confirm(&scene, 201, 1);
	confirm(&scene, 202, 2);
	confirm(&scene, 100, 1);
	snapshot = scene_end(&scene);
	g_assert_cmpuint(snapshot_n_sessions(snapshot), ==, 2);
	session = snapshot_session(snapshot, scene_find(snapshot, 201));
	g_assert_true(session_is_unlisted(session));
	g_assert_false(session->hidden);
	g_assert_cmpint(session->backend_start, ==, TIMESTAMP_NONE);
	g_assert_cmpint(session->state, ==, SESSION_STATE_STARTING);
	g_assert_cmpuint(session->user, ==, 0);
	snapshot_session_locks(snapshot, scene_find(snapshot, 201), &n);
	g_assert_cmpuint(n, ==, 1);
	g_assert_false(session_is_unlisted(snapshot_session(snapshot, scene_find(snapshot, 100))));
	g_assert_cmpuint(snapshot_n_locks(snapshot), ==, 2);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/snapshot/empty", test_empty);
	g_test_add_func("/snapshot/builder_given_up", test_builder_given_up);
	g_test_add_func("/snapshot/server", test_server);
	g_test_add_func("/snapshot/texts", test_texts);
	g_test_add_func("/snapshot/self_and_hidden", test_self_and_hidden);
	g_test_add_func("/snapshot/leaders", test_leaders);
	g_test_add_func("/snapshot/locks", test_locks);
	g_test_add_func("/snapshot/prepared", test_prepared);
	g_test_add_func("/snapshot/unnamed_prepared", test_unnamed_prepared);
	g_test_add_func("/snapshot/nonsense_prepared", test_nonsense_prepared);
	g_test_add_func("/snapshot/find", test_find);
	g_test_add_func("/snapshot/blocking_pids", test_blocking_pids);
	g_test_add_func("/snapshot/warnings", test_warnings);
	g_test_add_func("/snapshot/unlisted", test_unlisted);
	g_test_add_func("/snapshot/nobody_unlisted", test_nobody_unlisted);
	g_test_add_func("/snapshot/confirmed", test_confirmed);
	return g_test_run();
}
