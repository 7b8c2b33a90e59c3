#include "base/timestamp.h"
#include "pg/params.h"
#include "pg/resolve.h"
#include "pg/signal.h"
#include "pg/statements.h"

#include <string.h>

/* A whole statement for every version that there is and will be. */
static void test_every_version(void)
{
	for (int id = 0; id < STATEMENT_COUNT; id++) {
		for (int major = OLDEST_MAJOR; major <= NEWEST_MAJOR + 2; major++) {
			const char *sql = statement_sql((StatementId) id, major * 10000 + 3);

			g_test_message("statement %d on %d", id, major);
			g_assert_nonnull(sql);
			if (sql != NULL)
				g_assert_null(strpbrk(sql, ";"));
		}
	}
	g_assert_null(statement_sql(STATEMENT_LOCKS, 120000));
}

static void test_version_ranges(void)
{
	g_assert_null(strstr(statement_sql(STATEMENT_LOCKS, 130023), "l.waitstart"));
	g_assert_nonnull(strstr(statement_sql(STATEMENT_LOCKS, 140000), "l.waitstart"));
	g_assert_null(strstr(statement_sql(STATEMENT_SETTINGS, 130023), "idle_session_timeout"));
	g_assert_nonnull(strstr(statement_sql(STATEMENT_SETTINGS, 140000), "idle_session_timeout"));
	g_assert_null(
	    strstr(statement_sql(STATEMENT_OWN_PRIVILEGES, 170000), "'pg_signal_autovacuum_worker'"));
	g_assert_nonnull(
	    strstr(statement_sql(STATEMENT_OWN_PRIVILEGES, 180000), "'pg_signal_autovacuum_worker'"));
}

static void test_substitute(void)
{
	g_autoptr(PgParams) params = pg_params_new();
	const guint32 oid_values[] = {1, 4294967295};
	g_autoptr(GArray) oids = g_array_new(FALSE, FALSE, sizeof(guint32));

	g_array_append_vals(oids, oid_values, 2);
	pg_params_add_int(params, 7);
	pg_params_add_int(params, -7);
	pg_params_add_bool(params, TRUE);
	pg_params_add_timestamp(params, 1);
	pg_params_add_timestamp(params, TIMESTAMP_NONE);
	pg_params_add_text(params, "it's");
	pg_params_add_text(params, "\\' $1");
	pg_params_add_text(params, "");
	pg_params_add_oids(params, oids);
	pg_params_add_text(params, "ten");
	g_autofree char *sql = pg_params_substitute(params, "$1 $2 $3 $4 $5 $6 $7 $8 $9 $10 $");

	g_assert_cmpstr(sql, ==,
	                "7 '-7' true '1970-01-01T00:00:00.000001Z' NULL 'it''s' E'\\\\'' $1' '' "
	                "'{1,4294967295}' 'ten' $");
}

static void test_timeouts(void)
{
	g_autoptr(PgParams) params = pg_params_new();

	pg_params_add_timeout(params, 1999);
	pg_params_add_timeout(params, 999); /* 0 would be no limit at all */
	pg_params_add_timeout(params, -1);
	g_autofree char *sql = pg_params_substitute(params, "$1 $2 $3");

	g_assert_cmpstr(sql, ==, "1 1 1");
}

static void test_signal_sql(void)
{
	SignalRequest request = {
	    .kind = SIGNAL_TERMINATE,
	    .pid = 4711,
	    .backend_start = 1,
	    .same_transaction = TRUE,
	    .state = "idle in transaction",
	    .xact_start = TIMESTAMP_NONE,
	    .waiter_pid = 4712,
	};
	g_autofree char *blocker = pg_signal_sql(&request);

	g_assert_nonnull(strstr(blocker, "pg_catalog.pg_terminate_backend(4711::pg_catalog.int4)"));
	g_assert_nonnull(strstr(blocker, "pg_catalog.pg_blocking_pids(4712::pg_catalog.int4)"));
	g_assert_nonnull(strstr(blocker, "'1970-01-01T00:00:00.000001Z'"));
	g_assert_nonnull(strstr(blocker, "'idle in transaction'"));
	g_assert_true(g_str_has_suffix(blocker, ";"));
	g_assert_null(strchr(blocker, '$'));
	request.kind = SIGNAL_CANCEL;
	request.waiter_pid = 0;
	g_autofree char *cancel = pg_signal_sql(&request);

	g_assert_nonnull(strstr(cancel, "pg_catalog.pg_cancel_backend(4711::pg_catalog.int4)"));
	g_assert_null(strstr(cancel, "pg_blocking_pids"));
	g_assert_null(strstr(cancel, "pg_terminate_backend"));
	g_assert_null(strchr(cancel, '$'));
}

static void test_holder_sql(void)
{
	const LockTag tag = {.type = LOCK_TYPE_ADVISORY,
	                     .database = 16400,
	                     .classid = 4294967295,
	                     .objid = 7,
	                     .objsubid = 2};
	SignalRequest request = {.kind = SIGNAL_TERMINATE, .pid = 4711, .held = &tag};
	g_autofree char *terminate = pg_signal_sql(&request);

	g_assert_nonnull(strstr(terminate, "pg_catalog.pg_terminate_backend(4711::pg_catalog.int4)"));
	g_assert_nonnull(strstr(terminate, "(16400::pg_catalog.oid, 4294967295::pg_catalog.oid, "
	                                   "7::pg_catalog.oid, 2::pg_catalog.int2)"));
	g_assert_null(strchr(terminate, '$'));
	request.kind = SIGNAL_CANCEL;
	g_autofree char *cancel = pg_signal_sql(&request);

	g_assert_nonnull(strstr(cancel, "pg_catalog.pg_cancel_backend(4711::pg_catalog.int4)"));
	g_assert_nonnull(strstr(cancel, "4294967295::pg_catalog.oid"));
	/* the reason is the waiter */
	request.waiter_pid = 4712;
	g_autofree char *blocker = pg_signal_sql(&request);

	g_assert_nonnull(strstr(blocker, "pg_catalog.pg_blocking_pids(4712::pg_catalog.int4)"));
	g_assert_null(strstr(blocker, "pg_lock_status"));
}

static void test_finish_sql(void)
{
	g_autofree char *rollback = pg_finish_prepared_sql("a'b", FALSE);
	g_autofree char *commit = pg_finish_prepared_sql("a\\b", TRUE);

	g_assert_cmpstr(rollback, ==, "ROLLBACK PREPARED 'a''b';");
	g_assert_cmpstr(commit, ==, "COMMIT PREPARED E'a\\\\b';");
	/* what a terminal can't show, and what is no UTF-8, byte by byte */
	g_autofree char *bytes = pg_finish_prepared_sql("\033\xff 日  '\u202e", FALSE);

	g_assert_cmpstr(bytes, ==, "ROLLBACK PREPARED E'\\x1B\\xFF 日 \\x20''\\xE2\\x80\\xAE';");
}

static void assert_places(const char *host, const char *hostaddr, const char *port,
                          const char *expected)
{
	g_autoptr(GPtrArray) places = pg_places_new(host, hostaddr, port);

	g_test_message("%s / %s / %s", host, hostaddr, port);
	if (expected == NULL) {
		g_assert_null(places);
		return;
	}
	g_assert_nonnull(places);
	g_autofree char *hosts = pg_places_list(places, 0, PLACE_HOST);
	g_autofree char *addresses = pg_places_list(places, 0, PLACE_ADDRESS);
	g_autofree char *ports = pg_places_list(places, 0, PLACE_PORT);
	g_autofree char *all = g_strdup_printf("%s / %s / %s%s", hosts, addresses, ports,
	                                       pg_places_need_lookup(places) ? " ?" : "");

	g_assert_cmpstr(all, ==, expected);
}

static void test_places(void)
{
	assert_places(NULL, NULL, "5432", NULL);
	assert_places("", NULL, NULL, NULL);
	assert_places("db1", NULL, "5432", "db1 /  / 5432 ?");
	assert_places("10.0.0.1", NULL, "5432", "10.0.0.1 / 10.0.0.1 / 5432");
	assert_places("::1", NULL, NULL, "::1 / ::1 / ");
	assert_places("/run/pg", NULL, "5432", "/run/pg /  / 5432");
	assert_places("@pg", NULL, "5432", "@pg /  / 5432");
	assert_places("db1,db2", NULL, "1,2", "db1,db2 / , / 1,2 ?");
	assert_places("db1, 10.0.0.1,/run", NULL, "7", "db1,10.0.0.1,/run / ,10.0.0.1, / 7,7,7 ?");
	assert_places("db1,db2", "10.0.0.1,10.0.0.2", "1", "db1,db2 / 10.0.0.1,10.0.0.2 / 1,1");
	assert_places("db1,db2", "10.0.0.1,", "1", "db1,db2 / 10.0.0.1, / 1,1 ?");
	assert_places(NULL, "10.0.0.1", "1", " / 10.0.0.1 / 1");
	assert_places("db1,db2", "10.0.0.1", "1", NULL);
	assert_places("db1,db2", NULL, "1,2,3", NULL);
}

typedef struct {
	GMainLoop *loop;
	char *addresses;
	guint n_problems;
} LookupAnswer;

static void on_looked_up(GPtrArray *places, const GPtrArray *problems, gpointer user_data)
{
	LookupAnswer *answer = user_data;

	answer->addresses = pg_places_list(places, 0, PLACE_ADDRESS);
	answer->n_problems = problems->len;
	g_ptr_array_unref(places);
	g_main_loop_quit(answer->loop);
}

/* Names with a label that is too long fail without asking anybody. */
static void look_up(void)
{
	g_autoptr(GMainContext) context = g_main_context_new();
	g_autoptr(GMainLoop) loop = g_main_loop_new(context, FALSE);
	g_autofree char *long_name = g_strnfill(70, 'x');
	g_autofree char *hosts = g_strconcat("10.0.0.1,", long_name, ",/run/pg", NULL);
	g_autoptr(GPtrArray) places = pg_places_new(hosts, NULL, "1");
	LookupAnswer answer = {.loop = loop};
	PgLookup *lookup = pg_lookup_start(context, places, on_looked_up, &answer);

	g_main_loop_run(loop);
	g_assert_cmpstr(answer.addresses, ==, "10.0.0.1,");
	g_assert_cmpuint(answer.n_problems, ==, 1);
	pg_lookup_free(lookup);
	g_free(answer.addresses);
}

/* Nobody waits for the thread that looks up: it may live on for a moment, also when all that it
 * answered to is gone; what the resolver keeps for it is freed with it. */
static void wait_for_threads(void)
{
	guint n;

	do {
		g_autoptr(GDir) threads = g_dir_open("/proc/self/task", 0, NULL);

		for (n = 0; g_dir_read_name(threads) != NULL;)
			n++;
		g_thread_yield();
	} while (n > 1);
}

static void test_lookup(void)
{
	look_up();
	wait_for_threads();
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/pg/statements/every-version", test_every_version);
	g_test_add_func("/pg/statements/version-ranges", test_version_ranges);
	g_test_add_func("/pg/params/substitute", test_substitute);
	g_test_add_func("/pg/params/timeouts", test_timeouts);
	g_test_add_func("/pg/signal/sql", test_signal_sql);
	g_test_add_func("/pg/signal/holder-sql", test_holder_sql);
	g_test_add_func("/pg/signal/finish-sql", test_finish_sql);
	g_test_add_func("/pg/resolve/places", test_places);
	g_test_add_func("/pg/resolve/lookup", test_lookup);
	return g_test_run();
}
