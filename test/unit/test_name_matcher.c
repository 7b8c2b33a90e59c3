#include "base/error.h"
#include "base/name_matcher.h"

static Answer match_in(const char *pattern, const char *database, const char *schema,
                       const char *name)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(NameMatcher) matcher = name_matcher_new(pattern, &error);

	g_assert_no_error(error);
	return name_matcher_matches(matcher, database, schema, name);
}

static Answer match(const char *pattern, const char *name)
{
	return match_in(pattern, "app", "public", name);
}

static void test_relation(void)
{
	static const struct {
		const char *pattern;
		const char *name;
		Answer answer;
	} cases[] = {
	    {"login", "login", ANSWER_YES},
	    {"login", "Login", ANSWER_YES},
	    {"LOGIN", "login", ANSWER_YES},
	    {"login", "logins", ANSWER_NO},
	    {"login", "a_login", ANSWER_NO},
	    {"\"Login\"", "Login", ANSWER_YES},
	    {"\"Login\"", "login", ANSWER_NO},
	    {"\"a.b*\"", "a.b*", ANSWER_YES},
	    {"\"a.b*\"", "a.bc", ANSWER_NO},
	    {"log*", "login_sessions", ANSWER_YES},
	    {"*", "anything\nat all", ANSWER_YES},
	    {"l?gin", "lagin", ANSWER_YES},
	    {"l?gin", "lgin", ANSWER_NO},
	    {"log[i-j]n", "login", ANSWER_YES},
	    {"log[^i]n", "login", ANSWER_NO},
	    {"a[x\\]b", "a\\b", ANSWER_YES},
	    {"(login|audit)_?", "audit_x", ANSWER_YES},
	    {"lo+gin", "looogin", ANSWER_YES},
	    {"lo{2}gin", "login", ANSWER_NO},
	    {"lo{2}gin", "loogin", ANSWER_YES},
	    {"lo{2,}gin", "looogin", ANSWER_YES},
	    {"lo{1,2}gin", "looogin", ANSWER_NO},
	    {"[lm]+x", "lmlx", ANSWER_YES},
	    {"(ab){2}", "abab", ANSWER_YES},
	    {"a$b", "a$b", ANSWER_YES},
	    {"a\\b", "a\\b", ANSWER_YES},
	    {"login", "login\n", ANSWER_NO},
	    {"t\303\244ble", "t\303\244ble", ANSWER_YES},
	    {"t?ble", "t\303\244ble", ANSWER_YES},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].pattern);
		g_assert_cmpint(match(cases[i].pattern, cases[i].name), ==, cases[i].answer);
	}
}

static void test_schema(void)
{
	g_assert_cmpint(match_in("t", "app", "sales", "t"), ==, ANSWER_YES);
	g_assert_cmpint(match_in("public.t", "app", "sales", "t"), ==, ANSWER_NO);
	g_assert_cmpint(match_in("s*.t", "app", "sales", "t"), ==, ANSWER_YES);
	g_assert_cmpint(match_in("*.t", "app", "pg_catalog", "t"), ==, ANSWER_YES);
	/* the system's own only when they are named */
	g_assert_cmpint(match_in("pg_class", "app", "pg_catalog", "pg_class"), ==, ANSWER_NO);
	g_assert_cmpint(match_in("*", "app", "pg_toast", "pg_toast_1"), ==, ANSWER_NO);
	g_assert_cmpint(match_in("*", "app", "information_schema", "x"), ==, ANSWER_NO);
	g_assert_cmpint(match_in("pg_catalog.pg_class", "app", "pg_catalog", "pg_class"), ==,
	                ANSWER_YES);
}

static void test_database(void)
{
	g_assert_cmpint(match_in("app.public.t", "app", "public", "t"), ==, ANSWER_YES);
	g_assert_cmpint(match_in("APP.public.t", "app", "public", "t"), ==, ANSWER_YES);
	g_assert_cmpint(match_in("\"APP\".public.t", "app", "public", "t"), ==, ANSWER_NO);
	g_assert_cmpint(match_in("shop.public.t", "app", "public", "t"), ==, ANSWER_NO);
	g_assert_cmpint(match_in("app.public.t", NULL, "public", "t"), ==, ANSWER_UNKNOWN);
	/* whatever the database is */
	g_assert_cmpint(match_in("app.public.t", NULL, "public", "x"), ==, ANSWER_NO);
	g_assert_cmpint(match_in("app.sales.t", NULL, "public", "t"), ==, ANSWER_NO);
	g_assert_cmpint(match_in("public.t", NULL, "public", "t"), ==, ANSWER_YES);
}

/* An expression that goes round in circles. */
static void test_too_many_steps(void)
{
	g_assert_cmpint(match("((a+)+)+[bc]", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), ==,
	                ANSWER_UNKNOWN);
	g_assert_cmpint(match("a*", "a\xff"), ==, ANSWER_UNKNOWN);
}

static void test_errors(void)
{
	static const char *const patterns[] = {
	    "",
	    "a.",
	    "\"a",
	    "[]",
	    "a.b.c.d",
	    "(a",
	    "a)",
	    "\xff",
	    "+a",
	    "a++",
	    "a*+",
	    "(+)",
	    "a|+b",
	    "^+",
	    "{2}",
	    "a{2}{3}",
	    "a{",
	    "a{}",
	    "a{x}",
	    "a{3,2}",
	    "a{256}",
	    "a{,2}",
	    "a{2",
	    "a{2,3",
	    "[z-a]",
	    "s.+a",
	    "+s.a",
	    "a.b{99999999999999999999}",
	    "((((a{255}){255}){255}){255}){255}",
	};

	for (guint i = 0; i < G_N_ELEMENTS(patterns); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(NameMatcher) matcher = name_matcher_new(patterns[i], &error);

		g_test_message("%s", patterns[i]);
		g_assert_null(matcher);
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		g_assert_nonnull(error_hint(error));
		g_assert_true(g_str_has_prefix(error->message, "invalid table pattern"));
	}
	name_matcher_free(NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/name-matcher/relation", test_relation);
	g_test_add_func("/name-matcher/schema", test_schema);
	g_test_add_func("/name-matcher/database", test_database);
	g_test_add_func("/name-matcher/too-many-steps", test_too_many_steps);
	g_test_add_func("/name-matcher/errors", test_errors);
	return g_test_run();
}
