#include "base/error.h"
#include "base/timestamp.h"
#include "pg/target.h"

#include <glib/gstdio.h>
#include <string.h>

/* libpq reads these; a test starts without any of them. */
static const char *const VARIABLES[] = {
    "PGDATABASE",        "PGHOST", "PGHOSTADDR",  "PGPORT", "PGSERVICE", "PGSERVICEFILE",
    "PGCONNECT_TIMEOUT", "PGUSER", "PGSYSCONFDIR"};

static void clear_environment(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(VARIABLES); i++)
		g_unsetenv(VARIABLES[i]);
}

static void test_has_database(void)
{
	static const struct {
		const char *dbname;
		gboolean has_database;
	} cases[] = {
	    {NULL, FALSE},
	    {"app", TRUE},
	    {"host=db1 user=bob", FALSE},
	    {"host=db1 dbname=app", TRUE},
	    {"postgresql://bob@db1", FALSE},
	    {"postgresql://bob@db1:5433/app", TRUE},
	    {"postgresql://db1/?dbname=app", TRUE},
	};

	clear_environment();
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(PgTarget) target = pg_target_new();
		g_autoptr(GError) error = NULL;
		gboolean has_database = !cases[i].has_database;

		g_test_message("dbname %s", cases[i].dbname);
		pg_target_set(target, "dbname", cases[i].dbname);
		g_assert_true(pg_target_has_database(target, &has_database, &error));
		g_assert_no_error(error);
		g_assert_cmpint(has_database, ==, cases[i].has_database);
	}
}

static void test_environment(void)
{
	g_autoptr(PgTarget) target = pg_target_new();
	g_autoptr(GError) error = NULL;
	gboolean has_database = FALSE;

	clear_environment();
	g_setenv("PGDATABASE", "app", TRUE);
	g_assert_true(pg_target_has_database(target, &has_database, &error));
	g_assert_true(has_database);
	clear_environment();
}

static void test_service(void)
{
	g_autofree char *path = NULL;
	int file = g_file_open_tmp("pg_service-XXXXXX", &path, NULL);
	g_autoptr(PgTarget) target = pg_target_new();
	g_auto(TargetFacts) facts = {0};
	g_autoptr(GError) error = NULL;
	gboolean has_database = TRUE;

	g_close(file, NULL);
	clear_environment();
	g_assert_true(g_file_set_contents(
	    path, "[with]\nhost=db1\nport=5433\ndbname=app\n[without]\nhost=db2\n", -1, NULL));
	g_setenv("PGSERVICEFILE", path, TRUE);
	pg_target_set(target, "service", "without");
	g_assert_true(pg_target_has_database(target, &has_database, &error));
	g_assert_false(has_database);
	pg_target_set(target, "service", "with");
	g_assert_true(pg_target_look_up(target, &facts, &error));
	g_assert_no_error(error);
	g_assert_true(facts.has_database);
	g_assert_cmpstr(facts.host, ==, "db1");
	g_assert_cmpstr(facts.port, ==, "5433");
	pg_target_set(target, "service", "missing");
	g_assert_false(pg_target_has_database(target, &has_database, &error));
	g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
	g_assert_nonnull(strstr(error->message, "missing"));
	g_unlink(path);
	clear_environment();
}

static void test_unusable(void)
{
	static const char *const conninfos[] = {"host=db1 nosuchkey=1", "host='db1",
	                                        "postgresql://[::1/x"};

	clear_environment();
	for (guint i = 0; i < G_N_ELEMENTS(conninfos); i++) {
		g_autoptr(PgTarget) target = pg_target_new();
		g_autoptr(GError) error = NULL;
		gboolean has_database;

		g_test_message("conninfo %s", conninfos[i]);
		pg_target_set(target, "dbname", conninfos[i]);
		g_assert_false(pg_target_has_database(target, &has_database, &error));
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		g_assert_null(strchr(error->message, '\n'));
	}
}

static void test_facts(void)
{
	g_autoptr(PgTarget) target = pg_target_new();
	g_auto(TargetFacts) facts = {0};
	g_autoptr(GError) error = NULL;

	clear_environment();
	g_setenv("PGCONNECT_TIMEOUT", "7", TRUE);
	pg_target_set(target, "host", "a,b");
	pg_target_set(target, "port", "1");
	/* As in psql the conninfo wins over -h. */
	pg_target_set(target, "dbname", "host=c hostaddr=10.0.0.1");
	pg_target_set(target, "port", "2");
	g_assert_true(pg_target_look_up(target, &facts, &error));
	g_assert_no_error(error);
	g_assert_cmpstr(facts.host, ==, "c");
	g_assert_cmpstr(facts.hostaddr, ==, "10.0.0.1");
	g_assert_cmpstr(facts.port, ==, "2");
	g_assert_cmpstr(facts.connect_timeout, ==, "7");
	clear_environment();
}

static void test_options(void)
{
	g_autoptr(PgTarget) target = pg_target_new();

	pg_target_set(target, "host", "db1");
	pg_target_set(target, "dbname", "host=db2");
	pg_target_set_database(target, "app");
	g_autoptr(PgTarget) copy = pg_target_copy(target);

	pg_target_set(target, "host", NULL);
	g_assert_null(pg_target_get(target, "host"));
	g_assert_cmpstr(pg_target_get(copy, "host"), ==, "db1");
	g_assert_cmpstr(pg_target_get(copy, "dbname"), ==, "app");
	g_auto(TargetParameters) parameters = {0};

	target_parameters_init(&parameters, copy);
	target_parameters_append(&parameters, "user", NULL);
	const char *const *keywords = target_parameters_keywords(&parameters);
	const char *const *values = target_parameters_values(&parameters);

	g_assert_cmpstr(keywords[0], ==, "host");
	g_assert_cmpstr(keywords[1], ==, "dbname");
	g_assert_cmpstr(values[1], ==, "host=db2");
	g_assert_cmpstr(keywords[2], ==, "dbname");
	g_assert_cmpstr(values[2], ==, "app");
	g_assert_null(keywords[3]);
	g_assert_null(values[3]);
}

static void test_pinned(void)
{
	g_autoptr(PgTarget) target = pg_target_new();

	g_assert_cmpint(pg_target_started_at(target), ==, TIMESTAMP_NONE);
	pg_target_set(target, "dbname", "host=db1,db2 port=5432,5433 dbname=app");
	pg_target_pin(target, "db2", NULL, "5433", 7);
	g_autoptr(PgTarget) copy = pg_target_copy(target);
	g_auto(TargetFacts) facts = {0};
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(pg_target_started_at(copy), ==, 7);
	g_assert_true(pg_target_look_up(copy, &facts, &error));
	g_assert_no_error(error);
	g_assert_cmpstr(facts.host, ==, "db2");
	g_assert_null(facts.hostaddr);
	g_assert_cmpstr(facts.port, ==, "5433");
}

static void test_conninfo(void)
{
	static const struct {
		const char *text;
		const char *error; /* NULL: it is taken */
	} cases[] = {
	    {"", NULL},
	    {"app", NULL},
	    {"service=nowhere", NULL},
	    {"host=/tmp user='a b'", NULL},
	    {"postgresql://db1/app?sslmode=require", NULL},
	    {"hots=/tmp", "invalid connection option \"hots\""},
	    {"host='/tmp", "unterminated quoted string"},
	    {"host=db1 app", "missing \"=\" after \"app\""},
	    {"postgres://[db1", "URI"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_true(pg_conninfo_check(cases[i].text, &error) == (cases[i].error == NULL));
		if (cases[i].error == NULL)
			continue;
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		g_assert_nonnull(error != NULL ? strstr(error->message, cases[i].error) : NULL);
	}
}

static void test_places(void)
{
	static const struct {
		const char *conninfo;
		const char *other;
		gboolean are_same;
	} cases[] = {
	    {"host=db1", "host=db1 port=5432 user=guard dbname=app", TRUE},
	    {"host=db1", "postgresql://guard@db1/app?application_name=x", TRUE},
	    {"host=db1", "host=db2", FALSE},
	    {"host=db1", "host=db1 port=5433", FALSE},
	    {"host=db1", "host=db1 hostaddr=10.0.0.1", FALSE},
	    {"dbname=app", "user=guard", TRUE},
	    {"host=a,b", "host=a,b target_session_attrs=any", TRUE},
	    {"host=a,b target_session_attrs=read-write", "host=a,b target_session_attrs=read-only",
	     FALSE},
	};

	clear_environment();
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *place = pg_conninfo_place(cases[i].conninfo);
		g_autofree char *other = pg_conninfo_place(cases[i].other);

		g_test_message("%s and %s", cases[i].conninfo, cases[i].other);
		g_assert_nonnull(place);
		g_assert_cmpint(g_strcmp0(place, other) == 0, ==, cases[i].are_same);
	}
	g_assert_null(pg_conninfo_place("service=there_is_no_such_service"));
	g_setenv("PGHOST", "db1", TRUE);
	g_autofree char *database = pg_conninfo_database("host=db1 dbname=app");
	g_autofree char *of_uri = pg_conninfo_database("postgresql://db1/shop");

	g_assert_cmpstr(database, ==, "app");
	g_assert_cmpstr(of_uri, ==, "shop");
	g_assert_null(pg_conninfo_database("service=there_is_no_such_service"));
	g_autofree char *from_environment = pg_conninfo_place("dbname=app");
	g_autofree char *said = pg_conninfo_place("host=db1");

	g_assert_cmpstr(from_environment, ==, said);
	clear_environment();
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/pg/target/has-database", test_has_database);
	g_test_add_func("/pg/target/environment", test_environment);
	g_test_add_func("/pg/target/service", test_service);
	g_test_add_func("/pg/target/unusable", test_unusable);
	g_test_add_func("/pg/target/facts", test_facts);
	g_test_add_func("/pg/target/options", test_options);
	g_test_add_func("/pg/target/conninfo", test_conninfo);
	g_test_add_func("/pg/target/pinned", test_pinned);
	g_test_add_func("/pg/target/places", test_places);
	return g_test_run();
}
