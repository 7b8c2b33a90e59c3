#include "model/pooler.h"
#include "scene.h"

/* What a pooler's console tells, held against the sessions of a look. */

static Session session_from(const char *addr, gint32 port)
{
	Session session = scene_blank_session(100);

	session.client_addr = addr;
	session.client_port = port;
	return session;
}

static void test_same_end(void)
{
	const Session tcp = session_from("10.0.0.5", 51198);
	const Session local = session_from(NULL, -1);
	const Session hidden = session_from(NULL, 0);
	const struct {
		const char *what;
		PoolerConnection connection;
		gboolean tcp, local, hidden;
	} cases[] = {
	    {"the same", {.pid = 100, .local_addr = "10.0.0.5", .local_port = 51198}, 1, 0, 1},
	    {"another pid", {.pid = 101, .local_addr = "10.0.0.5", .local_port = 51198}, 0, 0, 0},
	    {"another port", {.pid = 100, .local_addr = "10.0.0.5", .local_port = 51199}, 0, 0, 1},
	    {"another host", {.pid = 100, .local_addr = "10.0.0.6", .local_port = 51198}, 0, 0, 1},
	    {"a socket", {.pid = 100, .is_unix_socket = TRUE}, 0, 1, 1},
	    {"not told", {.pid = 100}, 1, 1, 1},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].what);
		g_assert_cmpint(pooler_connection_is_to(&cases[i].connection, &tcp), ==, cases[i].tcp);
		g_assert_cmpint(pooler_connection_is_to(&cases[i].connection, &local), ==, cases[i].local);
		g_assert_cmpint(pooler_connection_is_to(&cases[i].connection, &hidden), ==,
		                cases[i].hidden);
	}
}

static void test_prepared(void)
{
	const PoolerConnection connection = {.pid = 0};
	const Session prepared = {.kind = SESSION_KIND_PREPARED};

	g_assert_false(pooler_connection_is_to(&connection, &prepared));
}

static Snapshot *three_sessions(void)
{
	Scene scene;

	scene_begin(&scene, 150000);
	for (gint32 pid = 100; pid < 103; pid++) {
		Session session = scene_blank_session(pid);

		session.client_addr = "10.0.0.5";
		session.client_port = 50000 + pid;
		snapshot_builder_add_session(scene.builder, &session);
	}
	return scene_end(&scene);
}

static const Session *session_of(const Snapshot *snapshot, gint32 pid)
{
	return snapshot_session(snapshot, scene_find(snapshot, pid));
}

static void test_snapshot(void)
{
	g_autoptr(Snapshot) snapshot = three_sessions();
	char application[] = "check\xffout";
	const PoolerConnection connections[] = {
	    {.pid = 100,
	     .local_addr = "10.0.0.5",
	     .local_port = 50100,
	     .has_client = TRUE,
	     .client = {"10.0.0.7", 53211, application, "app_rw", "app"}},
	    {.pid = 101, .local_addr = "10.0.0.5", .local_port = 50101},
	    /* of another server, that has given the same pid */
	    {.pid = 102, .local_addr = "10.0.0.5", .local_port = 40000, .has_client = TRUE},
	    {.pid = 999, .has_client = TRUE},
	    {.pid = 0, .has_client = TRUE},
	};

	g_assert_false(snapshot_has_pooler(snapshot));
	g_assert_false(session_of(snapshot, 100)->is_pooled);
	snapshot_set_pooler(snapshot, connections, G_N_ELEMENTS(connections));
	/* copied */
	application[0] = 'X';
	g_assert_true(snapshot_has_pooler(snapshot));

	const Session *session = session_of(snapshot, 100);

	g_assert_true(session->is_pooled);
	g_assert_cmpstr(session->pooler_client->addr, ==, "10.0.0.7");
	g_assert_cmpint(session->pooler_client->port, ==, 53211);
	g_assert_cmpstr(session->pooler_client->application_name, ==, "check\xef\xbf\xbdout");
	g_assert_cmpstr(session->pooler_client->user, ==, "app_rw");
	g_assert_cmpstr(session->pooler_client->database, ==, "app");
	g_assert_true(session_of(snapshot, 101)->is_pooled);
	g_assert_null(session_of(snapshot, 101)->pooler_client);
	g_assert_false(session_of(snapshot, 102)->is_pooled);
	g_assert_null(session_of(snapshot, 102)->pooler_client);
}

/* Of two that may be meant neither is. */
static void test_ambiguous(void)
{
	g_autoptr(Snapshot) snapshot = three_sessions();
	const PoolerConnection connections[] = {
	    {.pid = 100, .has_client = TRUE},
	    {.pid = 101, .has_client = TRUE},
	    {.pid = 100},
	    {.pid = 100, .has_client = TRUE},
	};

	snapshot_set_pooler(snapshot, connections, G_N_ELEMENTS(connections));
	g_assert_false(session_of(snapshot, 100)->is_pooled);
	g_assert_null(session_of(snapshot, 100)->pooler_client);
	g_assert_true(session_of(snapshot, 101)->is_pooled);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/pooler/same-end", test_same_end);
	g_test_add_func("/pooler/prepared", test_prepared);
	g_test_add_func("/pooler/snapshot", test_snapshot);
	g_test_add_func("/pooler/ambiguous", test_ambiguous);
	return g_test_run();
}
