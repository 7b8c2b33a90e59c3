#include "cli/connection_args.h"

#include <string.h>

static void test_without_password(void)
{
	static const struct {
		const char *typed;
		const char *shown; /* NULL: nothing can be told */
	} cases[] = {
	    {"app", "app"},
	    {"my app", "my app"},
	    {"postgresql://db1/app", "postgresql://db1/app"},
	    {"postgresql://me@db1:5433/app", "postgresql://me@db1:5433/app"},
	    {"postgresql://me:secret@db1/app", "postgresql://me@db1/app"},
	    {"postgres://me:se:cret@db1", "postgres://me@db1"},
	    {"postgres://:secret@db1", "postgres://@db1"},
	    {"postgresql:///app?host=/tmp&password=secret", "postgresql:///app?host=/tmp"},
	    {"postgresql://db1/app?password=secret&user=me", "postgresql://db1/app?user=me"},
	    {"postgresql://db1/app?pass%77ord=secret", "postgresql://db1/app"},
	    {"postgresql://db1/app?sslpassword=x&sslmode=require",
	     "postgresql://db1/app?sslmode=require"},
	    {"postgresql://db1/?pass%zzord=secret", NULL},
	    {"host=db1 password=secret user=me", "host=db1 user=me"},
	    {"password=secret", ""},
	    {"host=db1 password = 'se cret' user=me", "host=db1 user=me"},
	    {"password='it\\'s secret' host=db1", "host=db1"},
	    {"password=se\\ cret host=db1", "host=db1"},
	    {"host = 'a b' dbname=app", "host = 'a b' dbname=app"},
	    {"sslpassword=x host=db1", "host=db1"},
	    {"password='secret", NULL},
	    {"host=db1 password secret", NULL},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *shown = without_password(cases[i].typed);
		g_test_message("%s", cases[i].typed);
		g_assert_cmpstr(shown, ==, cases[i].shown);
	}
}

static void test_args(void)
{
	Options nothing = {0};
	g_autofree char *none = connection_args(&nothing);
	g_assert_cmpstr(none, ==, "");

	Options all = {.host = (char[]){"/var/run/my socket"},
	               .port = (char[]){"5433"},
	               .username = (char[]){"o'neill"},
	               .dbname = (char[]){"host=db1 password=secret"}};
	g_autofree char *typed = connection_args(&all);
	g_autofree char *words = g_strconcat("pgunlock", typed, NULL);
	g_auto(GStrv) argv = NULL;
	int argc = 0;
	g_assert_true(g_shell_parse_argv(words, &argc, &argv, NULL));
	static const char *const expected[] = {
	    "pgunlock", "-h", "/var/run/my socket", "-p", "5433", "-U", "o'neill", "-d", "host=db1"};
	g_assert_cmpint(argc, ==, G_N_ELEMENTS(expected));
	for (int i = 0; i < MIN(argc, (int) G_N_ELEMENTS(expected)); i++)
		g_assert_cmpstr(argv[i], ==, expected[i]);
}

static void test_args_are_safe(void)
{
	Options hostile = {.username = (char[]){"my\x1b[31mrole"}};
	g_autofree char *typed = connection_args(&hostile);
	g_assert_null(strchr(typed, '\x1b'));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/cli/without-password", test_without_password);
	g_test_add_func("/cli/connection-args", test_args);
	g_test_add_func("/cli/connection-args-are-safe", test_args_are_safe);
	return g_test_run();
}
