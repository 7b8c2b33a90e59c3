#include "base/error.h"
#include "pg/connect_error.h"
#include "pg/resolve.h"

#include <errno.h>
#include <string.h>

typedef struct {
	const char *libpq;
	const char *message;
	const char *sqlstate;
	const char *hint; /* a part of it; NULL: none */
} ErrorCase;

/* As libpq 15 writes them with PQERRORS_VERBOSE. */
static const ErrorCase CASES[] = {
    {"connection to server at \"db1\" (10.0.0.1), port 5432 failed: FATAL:  28P01: password "
     "authentication failed for user \"bob\"\nLOCATION:  auth_failed, auth.c:338\n",
     "cannot connect to db1:5432: password authentication failed for user \"bob\"", "28P01",
     "sudo -u postgres pgunlock"},
    {"connection to server at \"::1\", port 5432 failed: FATAL:  3D000: database \"x\" does not "
     "exist\nLOCATION:  InitPostgres, postinit.c:874\n",
     "cannot connect to [::1]:5432: database \"x\" does not exist", "3D000",
     "sudo -u postgres pgunlock"},
    {"connection to server on socket \"/run/pg/.s.PGSQL.5432\" failed: FATAL:  53300: sorry, too "
     "many clients already\n",
     "cannot connect to /run/pg/.s.PGSQL.5432: sorry, too many clients already", "53300",
     "even the slots for superusers are taken: on the server's own host, ps -ef"},
    {"connection to server on socket \"/run/pg/.s.PGSQL.5432\" failed: FATAL:  53300: remaining "
     "connection slots are reserved for roles with the SUPERUSER attribute\n",
     "cannot connect to /run/pg/.s.PGSQL.5432: remaining connection slots are reserved for roles "
     "with the SUPERUSER attribute",
     "53300", "superusers still get in"},
    {"connection to server on socket \"/run/pg/.s.PGSQL.5432\" failed: FATAL:  53300: remaining "
     "connection slots are reserved for non-replication superuser connections\n",
     "cannot connect to /run/pg/.s.PGSQL.5432: remaining connection slots are reserved for "
     "non-replication superuser connections",
     "53300", "sudo -u postgres pgunlock"},
    {"connection to server on socket \"/run/pg/.s.PGSQL.5432\" failed: FATAL:  53300: remaining "
     "connection slots are reserved for roles with privileges of the "
     "\"pg_use_reserved_connections\" role\n",
     "cannot connect to /run/pg/.s.PGSQL.5432: remaining connection slots are reserved for roles "
     "with privileges of the \"pg_use_reserved_connections\" role",
     "53300", "members of pg_use_reserved_connections and superusers still get in"},
    {"connection to server on socket \"/run/pg/.s.PGSQL.5432\" failed: FATAL:  53300: too many "
     "connections for role \"oncall\"\n",
     "cannot connect to /run/pg/.s.PGSQL.5432: too many connections for role \"oncall\"", "53300",
     "another role (-U)"},
    {"connection to server on socket \"/run/pg/.s.PGSQL.5432\" failed: FATAL:  53300: too many "
     "connections for database \"app\"\n",
     "cannot connect to /run/pg/.s.PGSQL.5432: too many connections for database \"app\"", "53300",
     "-d OTHERDATABASE"},
    {"connection to server on socket \"/run/pg/.s.PGSQL.5432\" failed: FATAL:  53300: zu viele "
     "Clients\n",
     "cannot connect to /run/pg/.s.PGSQL.5432: zu viele Clients", "53300", "never kill -9"},
    {"connection to server on socket \"/run/pg/.s.PGSQL.5432\" failed: FATAL:  57P03: the database "
     "system is starting up\n",
     "cannot connect to /run/pg/.s.PGSQL.5432: the database system is starting up", "57P03",
     "try again"},
    {"connection to server on socket \"/run/pg/.s.PGSQL.1\" failed: No such file or "
     "directory\n\tIs "
     "the server running locally and accepting connections on that socket?\n",
     "cannot connect to /run/pg/.s.PGSQL.1: no such file or directory", NULL, "nothing listens"},
    {"connection to server at \"localhost\" (::1), port 1 failed: Connection refused\n\tIs the "
     "server running on that host and accepting TCP/IP connections?\nconnection to server at "
     "\"localhost\" (127.0.0.1), port 1 failed: Connection refused\n\tIs the server running on "
     "that "
     "host and accepting TCP/IP connections?\n",
     "cannot connect to localhost:1: connection refused", NULL, "nothing listens"},
    {"connection to server at \"db1\" (10.0.0.1), port 5432 failed: Connection refused\n\tIs the "
     "server running on that host and accepting TCP/IP connections?\nconnection to server at "
     "\"db2\" (10.0.0.2), port 5433 failed: FATAL:  57P03: the database system is shutting down\n",
     "cannot connect to db1:5432 (connection refused), db2:5433 (the database system is shutting "
     "down)",
     "57P03", "try again"},
    /* First with encryption, then without: the first one tells more. */
    {"connection to server at \"db1\" (10.0.0.1), port 5432 failed: FATAL:  28P01: password "
     "authentication failed for user \"bob\"\nconnection to server at \"db1\" (10.0.0.1), port "
     "5432 "
     "failed: FATAL:  28000: no pg_hba.conf entry for host \"10.0.0.9\", no encryption\n",
     "cannot connect to db1:5432: password authentication failed for user \"bob\"", "28P01",
     "password"},
    {"connection to server at \"db1\" (10.0.0.1), port 5432 failed: FATAL:  28000: no pg_hba.conf "
     "entry for host \"10.0.0.9\", SSL encryption\nconnection to server at \"db1\" (10.0.0.1), "
     "port "
     "5432 failed: FATAL:  3D000: database \"x\" does not exist\n",
     "cannot connect to db1:5432: database \"x\" does not exist", "3D000", "-d"},
    /* The severity in the server's language. */
    {"connection to server at \"db1\" (10.0.0.1), port 5432 failed: FATALE:  28000: il ruolo "
     "\"bob\" non esiste\n",
     "cannot connect to db1:5432: il ruolo \"bob\" non esiste", "28000", "-U"},
    {"connection to server at \"db1\" (10.0.0.1), port 5432 failed: SSL error: tlsv1 alert\n",
     "cannot connect to db1:5432: SSL error: tlsv1 alert", NULL, NULL},
    {"connection to server at \"db1\" (10.0.0.1), port 5432 failed: server closed the connection "
     "unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while "
     "processing the request.\n",
     "cannot connect to db1:5432: server closed the connection unexpectedly", NULL, NULL},
    {"something else\nin two lines\n", "cannot connect to here:1: something else", NULL, NULL},
    {"connection to server at \"db1", "cannot connect to here:1: connection to server at \"db1",
     NULL, NULL},
    {"connection to server at \"db1\" (10.0.0.1), port 5432 failed: FATAL:  28000: \xff\n",
     "cannot connect to db1:5432: \xef\xbf\xbd", "28000", "-U"},
};

static GPtrArray *new_failures(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify) connect_failure_free);
}

static void test_parse(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
		g_autoptr(GPtrArray) failures = new_failures();
		g_autoptr(GError) error = NULL;

		g_test_message("case %u", i);
		connect_failures_parse(failures, CASES[i].libpq, "here:1", NULL);
		connect_error_set(&error, failures);
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_CONNECT);
		g_assert_cmpstr(error->message, ==, CASES[i].message);
		g_assert_cmpstr(error_sqlstate(error), ==, CASES[i].sqlstate);
		if (CASES[i].hint == NULL)
			g_assert_null(error_hint(error));
		else
			g_assert_nonnull(strstr(error_hint(error), CASES[i].hint));
	}
}

/* libpq names the place before it knows what goes wrong there. */
static void test_nothing_told(void)
{
	static const char *const messages[] = {
	    "", "connection to server at \"db1\" (10.0.0.1), port 5432 failed: ", "\n\n"};

	for (guint i = 0; i < G_N_ELEMENTS(messages); i++) {
		g_autoptr(GPtrArray) failures = new_failures();

		connect_failures_parse(failures, messages[i], "here:1", NULL);
		g_assert_cmpuint(failures->len, ==, 0);
	}
}

/* libpq, given addresses, doesn't say the name. */
static void test_names_of_addresses(void)
{
	g_autoptr(GPtrArray) places = pg_places_new("db1,db2", "10.0.0.1,10.0.0.2", "5432,5433");
	g_autoptr(GPtrArray) failures = new_failures();
	g_autoptr(GError) error = NULL;

	connect_failures_parse(
	    failures,
	    "connection to server at \"10.0.0.1\", port 5432 failed: Connection refused\n"
	    "connection to server at \"10.0.0.2\", port 5433 failed: Connection refused\n"
	    "connection to server at \"10.0.0.3\", port 5433 failed: Connection refused\n",
	    "here:1", places);
	connect_error_set(&error, failures);
	g_assert_cmpstr(error->message, ==,
	                "cannot connect to db1:5432 (connection refused), db2:5433 (connection "
	                "refused), 10.0.0.3:5433 (connection refused)");
}

/* What timed out before is told, too. */
static void test_collected(void)
{
	g_autoptr(GPtrArray) failures = new_failures();
	g_autoptr(GError) error = NULL;

	g_ptr_array_add(failures, connect_failure_new("db1:5432", "no answer within 5s", ""));
	connect_failures_parse(failures,
	                       "connection to server at \"db2\" (10.0.0.2), port 5432 failed: FATAL:  "
	                       "53300: too many\n",
	                       "db2:5432", NULL);
	connect_error_set(&error, failures);
	g_assert_cmpstr(error->message, ==,
	                "cannot connect to db1:5432 (no answer within 5s), db2:5432 (too many)");
	g_assert_cmpstr(error_sqlstate(error), ==, "53300");
}

/* Whether slots are left for others the server says; where it doesn't, nor do we. */
static void test_no_slots_promised(void)
{
	g_autoptr(ConnectFailure) full =
	    connect_failure_new("db1:5432", "sorry, too many clients already", "53300");

	g_assert_null(strstr(full->hint, "reserved"));
	g_assert_nonnull(strstr(full->hint, "kill PID"));
}

static void test_databases(void)
{
	static const char *const databases[] = {"postgres", "template1"};
	g_autoptr(GPtrArray) failures = new_failures();
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(databases); i++) {
		connect_failures_add(failures, connect_failure_new("db1:5432", "no answer", ""));
		connect_failures_add(failures, connect_failure_new("db1:5432", "no answer in 2s", ""));
		connect_failure_set_database(g_ptr_array_index(failures, i), databases[i]);
	}
	connect_error_set(&error, failures);
	g_assert_cmpstr(error->message, ==,
	                "cannot connect to database postgres at db1:5432 (no answer in 2s), database "
	                "template1 at db1:5432 (no answer in 2s)");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/pg/connect-error/parse", test_parse);
	g_test_add_func("/pg/connect-error/nothing-told", test_nothing_told);
	g_test_add_func("/pg/connect-error/names-of-addresses", test_names_of_addresses);
	g_test_add_func("/pg/connect-error/collected", test_collected);
	g_test_add_func("/pg/connect-error/no-slots-promised", test_no_slots_promised);
	g_test_add_func("/pg/connect-error/databases", test_databases);
	return g_test_run();
}
