#include "base/error.h"
#include "pg/pooler.h"
#include "pg/pooler_rows.h"
#include "rows.h"

#include <string.h>

/* The console's answers of several versions of PgBouncer. */

/* One row: values by column, separated by blanks; "-" for an empty one. */
static void set_row(PGresult *rows, int row, const char *values)
{
	g_auto(GStrv) parts = g_strsplit(values, " ", -1);

	for (int i = 0; parts[i] != NULL; i++)
		rows_set_text(rows, row, i, strcmp(parts[i], "-") == 0 ? "" : parts[i]);
}

static Snapshot *sessions(void)
{
	const ServerInfo server = {.version_num = 150000};
	SnapshotBuilder *builder = snapshot_builder_new(&server, 1);

	for (gint32 pid = 100; pid < 104; pid++) {
		const Session session = {.pid = pid,
		                         .backend_type = "client backend",
		                         .client_addr = pid == 103 ? NULL : "10.0.0.5",
		                         .client_port = pid == 103 ? -1 : 50000 + pid};

		snapshot_builder_add_session(builder, &session);
	}
	return snapshot_builder_finish(builder);
}

static const Session *session_of(const Snapshot *snapshot, gint32 pid)
{
	return snapshot_session(snapshot, snapshot_find_pid(snapshot, pid));
}

static void test_collect(void)
{
	g_autoptr(Snapshot) snapshot = sessions();
	g_autoptr(PGresult) clients =
	    rows_new_named("type user database addr port ptr link application_name");
	g_autoptr(PGresult) servers =
	    rows_new_named("local_port local_addr remote_pid link ptr addr port");
	g_autoptr(GError) error = NULL;

	set_row(clients, 0, "C app_rw app 10.0.0.7 53211 0xc1 0x51 checkout");
	set_row(clients, 1, "C shop pool unix 6432 0xc2 0x54 -");
	set_row(clients, 2, "C app_rw app 10.0.0.9 1 0xc3 0x99 moved-on");
	set_row(servers, 0, "50100 10.0.0.5 100 0xc1 0x51 127.0.0.1 5432");
	set_row(servers, 1, "50101 10.0.0.5 101 - 0x52 127.0.0.1 5432");
	/* its client is on another connection by now */
	set_row(servers, 2, "50102 10.0.0.5 102 0xc3 0x53 127.0.0.1 5432");
	set_row(servers, 3, "5432 unix(4711@localhost) 103 0xc2 0x54 unix 5432");
	set_row(servers, 4, "x - -5 0xc7 0x55 - -");
	g_assert_true(pooler_rows_collect(snapshot, clients, servers, &error));
	g_assert_no_error(error);
	g_assert_true(snapshot_has_pooler(snapshot));

	const PoolerClient *client = session_of(snapshot, 100)->pooler_client;

	g_assert_nonnull(client);
	g_assert_cmpstr(client->addr, ==, "10.0.0.7");
	g_assert_cmpint(client->port, ==, 53211);
	g_assert_cmpstr(client->application_name, ==, "checkout");
	g_assert_cmpstr(client->user, ==, "app_rw");
	g_assert_cmpstr(client->database, ==, "app");
	g_assert_true(session_of(snapshot, 101)->is_pooled);
	g_assert_null(session_of(snapshot, 101)->pooler_client);
	g_assert_false(session_of(snapshot, 102)->is_pooled);
	client = session_of(snapshot, 103)->pooler_client;
	g_assert_nonnull(client);
	g_assert_null(client->addr);
	g_assert_null(client->application_name);
	g_assert_cmpstr(client->user, ==, "shop");
}

/* Fewer columns, in another order. */
static void test_other_versions(void)
{
	g_autoptr(Snapshot) snapshot = sessions();
	g_autoptr(PGresult) clients = rows_new_named("link ptr port addr");
	g_autoptr(PGresult) servers = rows_new_named("ptr link remote_pid local_addr local_port new");

	set_row(clients, 0, "0x51 0xc1 53211 10.0.0.7");
	set_row(servers, 0, "0x51 0xc1 100 10.0.0.5 50100 what");
	g_assert_true(pooler_rows_collect(snapshot, clients, servers, NULL));

	const PoolerClient *client = session_of(snapshot, 100)->pooler_client;

	g_assert_nonnull(client);
	g_assert_cmpint(client->port, ==, 53211);
	g_assert_null(client->application_name);
	g_assert_null(client->user);
}

static void test_lacking(void)
{
	g_autoptr(Snapshot) snapshot = sessions();
	g_autoptr(PGresult) clients = rows_new_named("ptr link addr port");
	g_autoptr(PGresult) no_ptr = rows_new_named("link addr port");
	g_autoptr(PGresult) no_pid = rows_new_named("ptr link local_addr local_port");
	g_autoptr(PGresult) failed = PQmakeEmptyPGresult(NULL, PGRES_FATAL_ERROR);
	g_autoptr(GError) no_column = NULL;
	g_autoptr(GError) no_client_column = NULL;

	g_assert_false(pooler_rows_collect(snapshot, clients, no_pid, &no_column));
	g_assert_error(no_column, PGUNLOCK_ERROR, PGUNLOCK_ERROR_FAILED);
	g_assert_nonnull(strstr(no_column->message, "remote_pid"));
	g_assert_false(pooler_rows_collect(snapshot, no_ptr, no_pid, &no_client_column));
	g_assert_nonnull(strstr(no_client_column->message, "ptr"));
	g_assert_false(pooler_rows_collect(snapshot, clients, failed, NULL));
	g_assert_false(pooler_rows_collect(snapshot, failed, no_pid, NULL));
	g_assert_false(snapshot_has_pooler(snapshot));
}

static void test_conninfo(void)
{
	static const char *const right[] = {"host=db1 port=6432", "postgresql://u:p@db1:6432/",
	                                    "postgres://db1", "user=x", ""};
	static const char *const wrong[] = {"db1",        "host=db1 port",
	                                    "nonsense=1", "postgresql://[::1",
	                                    "host='db1",  "service=no_such_service"};

	for (gsize i = 0; i < G_N_ELEMENTS(right); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(PgPooler) pooler = pg_pooler_new(NULL, right[i], &error);

		g_test_message("%s", right[i]);
		g_assert_no_error(error);
		g_assert_nonnull(pooler);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;

		g_test_message("%s", wrong[i]);
		g_assert_null(pg_pooler_new(NULL, wrong[i], &error));
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/pg/pooler/collect", test_collect);
	g_test_add_func("/pg/pooler/other-versions", test_other_versions);
	g_test_add_func("/pg/pooler/lacking", test_lacking);
	g_test_add_func("/pg/pooler/conninfo", test_conninfo);
	return g_test_run();
}
