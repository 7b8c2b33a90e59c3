#include "base/error.h"
#include "base/pattern.h"

#include <string.h>

typedef struct {
	const char *glob;
	const char *text;
	gboolean matches;
} GlobCase;

static void test_glob(void)
{
	static const GlobCase cases[] = {
	    {"", "", TRUE},
	    {"", "a", FALSE},
	    {"a", "", FALSE},
	    {"*", "", TRUE},
	    {"***", "", TRUE},
	    {"*", "anything", TRUE},
	    {"?", "", FALSE},
	    {"?", "a", TRUE},
	    {"?", "ab", FALSE},
	    {"?*", "a", TRUE},
	    {"*?", "", FALSE},
	    {"app_*", "app_rw", TRUE},
	    {"app_*", "app", FALSE},
	    {"app_*", "myapp_rw", FALSE},
	    {"*_rw", "app_rw", TRUE},
	    {"*_rw", "app_rw_rw", TRUE},
	    {"*_rw", "app_rwx", FALSE},
	    {"*ab*ab", "abab", TRUE},
	    {"*ab*ab", "ab", FALSE},
	    {"a*b*c", "axxbxxbxc", TRUE},
	    {"a*b*c", "axxcxxb", FALSE},
	    {"a**c", "abc", TRUE},
	    {"App", "app", FALSE},
	    /* nothing else is special */
	    {"[a-z]", "b", FALSE},
	    {"[a-z]", "[a-z]", TRUE},
	    {"a\\*", "a\\bc", TRUE},
	    {"a\\*", "a*", FALSE},
	    {"a.c", "abc", FALSE},
	    {"%", "a", FALSE},
	    /* characters, not bytes */
	    {"gr??e", "größe", TRUE},
	    {"?", "🔒", TRUE},
	    {"*ß*", "größe", TRUE},
	    {"*\u00e4", "\u00e5\u00e4", TRUE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s on %s", cases[i].glob, cases[i].text);
		g_assert_cmpint(glob_matches(cases[i].glob, cases[i].text, FALSE), ==, cases[i].matches);
	}
}

static void test_glob_ignores_case(void)
{
	g_assert_true(glob_matches("*EXCLUSIVE*", "AccessExclusiveLock", TRUE));
	g_assert_false(glob_matches("*EXCLUSIVE*", "AccessExclusiveLock", FALSE));
	g_assert_true(glob_matches("GRÖSSE", "grösse", TRUE));
	g_assert_true(glob_matches("Ärger", "äRGER", TRUE));
	g_assert_false(glob_matches("GRÖSSE", "größe", TRUE));
}

/* The textbook's recursion, as an oracle for short texts. */
static gboolean matches_simply(const char *glob, const char *text)
{
	if (*glob == '\0')
		return *text == '\0';
	if (*glob == '*')
		return matches_simply(glob + 1, text) || (*text != '\0' && matches_simply(glob, text + 1));
	return *text != '\0' && (*glob == '?' || *glob == *text) && matches_simply(glob + 1, text + 1);
}

static void random_text(GRand *random, const char *alphabet, char *text, gint size)
{
	gint len = g_rand_int_range(random, 0, size);
	for (gint i = 0; i < len; i++)
		text[i] = alphabet[g_rand_int_range(random, 0, (gint32) strlen(alphabet))];
	text[len] = '\0';
}

static void test_glob_against_recursion(void)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(7);
	guint n_matches = 0;
	for (guint i = 0; i < 200000; i++) {
		char glob[9];
		char text[12];
		random_text(random, "ab*?", glob, sizeof(glob));
		random_text(random, "ab", text, sizeof(text));
		gboolean expected = matches_simply(glob, text);
		if (glob_matches(glob, text, FALSE) != expected)
			g_error("\"%s\" on \"%s\" should be %d", glob, text, expected);
		n_matches += (guint) expected;
	}
	g_assert_cmpuint(n_matches, >, 10000);
}

/* With backtracking into every star this would take longer than the universe has. */
static void test_glob_pathological(void)
{
	g_autoptr(GString) glob = g_string_new(NULL);
	for (guint i = 0; i < 100; i++)
		g_string_append(glob, "*a");
	g_string_append(glob, "*b");
	g_autofree char *text = g_strnfill(20000, 'a');
	g_assert_false(glob_matches(glob->str, text, FALSE));
	g_string_truncate(glob, glob->len - 1);
	g_assert_true(glob_matches(glob->str, text, FALSE));
	g_autofree char *large = g_strnfill((gsize) 1024 * 1024, 'a');
	g_assert_true(glob_matches("*a*a*?", large, TRUE));
	g_autofree char *stars = g_strnfill((gsize) 1024 * 1024, '*');
	g_assert_true(glob_matches(stars, large, TRUE));
}

typedef struct {
	const char *text;
	const char *relation; /* regex */
	const char *literal;
	const char *schema; /* regex */
	const char *schema_literal;
	const char *database;
	gboolean case_sensitive;
	gboolean database_case_sensitive;
} NameCase;

static void test_name_pattern(void)
{
	static const NameCase cases[] = {
	    {"orders", "^(orders)$", "orders"},
	    {"ORDERS", "^(orders)$", "orders"},
	    {"\"Orders\"", "^(Orders)$", "Orders", .case_sensitive = TRUE},
	    {"My\"Orders\"X", "^(myOrdersx)$", "myOrdersx", .case_sensitive = TRUE},
	    {"\"a\"\"b\"", "^(a\"b)$", "a\"b", .case_sensitive = TRUE},
	    {"\"\"\"\"", "^(\")$", "\"", .case_sensitive = TRUE},
	    {"a\"\"b", "^(ab)$", "ab", .case_sensitive = TRUE},
	    {"\"a.b\"", "^(a\\.b)$", "a.b", .case_sensitive = TRUE},
	    {"\"a*\"", "^(a\\*)$", "a*", .case_sensitive = TRUE},
	    {"\"a\"*", "^(a.*)$", NULL, .case_sensitive = TRUE},
	    {"\"|*+?()[]{}.^$\\\"", "^(\\|\\*\\+\\?\\(\\)\\[\\]\\{\\}\\.\\^\\$\\\\)$",
	     "|*+?()[]{}.^$\\", .case_sensitive = TRUE},
	    {"order*", "^(order.*)$", NULL},
	    {"order?", "^(order.)$", NULL},
	    {"**", "^(.*.*)$", NULL},
	    {"app.orders", "^(orders)$", "orders", "^(app)$", "app"},
	    {"*.*", "^(.*)$", NULL, "^(.*)$", NULL},
	    {"\"App\".orders", "^(orders)$", "orders", "^(App)$", "App"},
	    {"shop.app.orders", "^(orders)$", "orders", "^(app)$", "app", "shop"},
	    {"SHOP.APP.ORD*", "^(ord.*)$", NULL, "^(app)$", "app", "shop"},
	    {"\"My.Shop*\".a.b", "^(b)$", "b", "^(a)$", "a", "My.Shop*",
	     .database_case_sensitive = TRUE},
	    {"a$b", "^(a\\$b)$", "a$b"},
	    {"a\\b", "^(a\\\\b)$", "a\\b"},
	    {"a-b c", "^(a-b c)$", "a-b c"},
	    {"größe", "^(größe)$", "größe"},
	    /* only ASCII folds */
	    {"GRÖSSE", "^(grÖsse)$", "grÖsse"},
	    /* regular expressions */
	    {"a|b", "^(a|b)$", NULL},
	    {"(a|b)+{2}", "^((a|b)+{2})$", NULL},
	    {"t[0-9A-Z]", "^(t[0-9a-z])$", NULL},
	    {"t[^a.*?\"(]", "^(t[^a.*?\"(])$", NULL},
	    {"t[\\[]", "^(t[\\\\\\[])$", NULL},
	    {"t[)]", "^(t[)])$", NULL},
	    {"a]", "^(a\\])$", "a]"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const NameCase *c = &cases[i];
		g_test_message("case %s", c->text);
		g_autoptr(GError) error = NULL;
		g_autoptr(NamePattern) pattern = name_pattern_parse(c->text, &error);
		g_assert_no_error(error);
		g_assert_nonnull(pattern);
		g_assert_cmpstr(pattern->original, ==, c->text);
		g_assert_cmpstr(pattern->relation.regex, ==, c->relation);
		g_assert_cmpstr(pattern->relation.literal, ==, c->literal);
		g_assert_cmpint(pattern->relation.case_sensitive, ==, c->case_sensitive);
		g_assert_cmpstr(pattern->schema.regex, ==, c->schema);
		g_assert_cmpstr(pattern->schema.literal, ==, c->schema_literal);
		g_assert_cmpstr(pattern->database, ==, c->database);
		g_assert_cmpint(pattern->database_case_sensitive, ==, c->database_case_sensitive);
	}
}

static void test_name_pattern_refuses(void)
{
	static const char *const cases[] = {
	    "",         "\"\"",    ".",   "a.",      ".a",    "a..b",    "..",        "a.b.",
	    "a.\"\".b", "\"a",     "a\"", "\"a\"\"", "a.\"b", "a.b.c.d", "*.a.b",     "a?.b.c",
	    "a|b.c.d",  "[a].b.c", "(a",  "a)",      "a)|(b", "(a.b)",   "((a)",      "[",
	    "a[",       "[]",      "[^]", "[a",      "[^",    "\xff",    "a\xe2\x82", "\xc0\xae.a",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *printable = g_strescape(cases[i], NULL);
		g_test_message("case %s", printable);
		g_autoptr(GError) error = NULL;
		g_autoptr(NamePattern) pattern = name_pattern_parse(cases[i], &error);
		g_assert_null(pattern);
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		g_assert_nonnull(error_hint(error));
	}
	g_assert_null(name_pattern_parse("a..b", NULL));
}

static void test_name_pattern_says_what_is_wrong(void)
{
	static const char *const cases[][2] = {
	    {"a.b.c.d", "more than three parts"},
	    {"a..b", "a name is missing"},
	    {"\"a", "a quote is not closed"},
	    {"*.a.b", "plain name"},
	    {"a)", "no ( before"},
	    {"(a", "no ) behind"},
	    {"[", "[ ] is empty or not closed"},
	    {"\xff", "UTF-8"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(name_pattern_parse(cases[i][0], &error));
		g_assert_nonnull(strstr(error->message, cases[i][1]));
	}
}

static void test_name_pattern_large(void)
{
	const gsize size = (gsize) 1024 * 1024;
	static const char fill[] = {'a', '*', '"', '.', '(', '[', '$', '\\'};
	for (gsize i = 0; i < sizeof(fill); i++) {
		g_autofree char *text = g_strnfill(size, fill[i]);
		g_autoptr(GError) error = NULL;
		g_autoptr(NamePattern) pattern = name_pattern_parse(text, &error);
		g_assert_cmpint(pattern == NULL, ==, error != NULL);
		g_assert_cmpint(pattern != NULL, ==, strchr("a*\"$\\", fill[i]) != NULL);
	}
	name_pattern_free(NULL);
}

/* The brackets that anchor an expression are its first and its last, whatever was typed. */
static void test_name_pattern_stays_anchored(void)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(11);
	guint n_parsed = 0;
	for (guint i = 0; i < 300000; i++) {
		char text[10];
		random_text(random, "a()[]|\\\"^*.", text, sizeof(text));
		g_autoptr(NamePattern) pattern = name_pattern_parse(text, NULL);
		if (pattern == NULL)
			continue;
		n_parsed++;
		const char *regex = pattern->relation.regex;
		gint depth = 0;
		gboolean is_set = FALSE;
		for (const char *p = regex + 1; strcmp(p, "$") != 0; p++) {
			if (*p == '\\')
				p++;
			else if (is_set)
				is_set = *p != ']';
			else if (*p == '[')
				is_set = TRUE;
			else if (*p == '(')
				depth++;
			else if (*p == ')')
				depth--;
			if (depth == 0 && p[1] != '$')
				g_error("\"%s\" breaks out of %s", text, regex);
		}
		g_assert_cmpint(depth, ==, 0);
	}
	g_assert_cmpuint(n_parsed, >, 10000);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/pattern/glob", test_glob);
	g_test_add_func("/pattern/glob-ignores-case", test_glob_ignores_case);
	g_test_add_func("/pattern/glob-against-recursion", test_glob_against_recursion);
	g_test_add_func("/pattern/glob-pathological", test_glob_pathological);
	g_test_add_func("/pattern/name", test_name_pattern);
	g_test_add_func("/pattern/name-refuses", test_name_pattern_refuses);
	g_test_add_func("/pattern/name-says-what-is-wrong", test_name_pattern_says_what_is_wrong);
	g_test_add_func("/pattern/name-large", test_name_pattern_large);
	g_test_add_func("/pattern/name-stays-anchored", test_name_pattern_stays_anchored);
	return g_test_run();
}
