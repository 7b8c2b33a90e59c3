#include "base/error.h"
#include "policy/conditions.h"

#include <string.h>

static Answer globs(const char *list_text, const char *fact)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GlobList) list = glob_list_parse(list_text, FALSE, &error);

	g_assert_no_error(error);
	return glob_list_matches(list, fact);
}

static void test_globs(void)
{
	g_assert_cmpint(globs("app_*", "app_rw"), ==, ANSWER_YES);
	g_assert_cmpint(globs("app_*", "App_rw"), ==, ANSWER_NO);
	g_assert_cmpint(globs("app_*", "shop"), ==, ANSWER_NO);
	g_assert_cmpint(globs(" app_* , shop ", "shop"), ==, ANSWER_YES);
	g_assert_cmpint(globs("a b,c", "a b"), ==, ANSWER_YES);
	g_assert_cmpint(globs("app (x, y", "app (x"), ==, ANSWER_YES);
	g_assert_cmpint(globs("\"a,b", "b"), ==, ANSWER_YES);
	g_assert_cmpint(globs("*", ""), ==, ANSWER_YES);
	g_assert_cmpint(globs("?*", ""), ==, ANSWER_NO);
	glob_list_free(NULL);
}

static void test_negated(void)
{
	g_assert_cmpint(globs("app_*, !app_admin", "app_rw"), ==, ANSWER_YES);
	g_assert_cmpint(globs("app_*, !app_admin", "app_admin"), ==, ANSWER_NO);
	g_assert_cmpint(globs("! app_admin ,app_*", "app_admin"), ==, ANSWER_NO);
	g_assert_cmpint(globs("app_*, !app_admin", "shop"), ==, ANSWER_NO);
	g_assert_cmpint(globs("!a, !b", "c"), ==, ANSWER_YES);
	g_assert_cmpint(globs("!a, !b", "b"), ==, ANSWER_NO);
	g_assert_cmpint(globs("!a", ""), ==, ANSWER_YES);
}

static void test_unknown_text(void)
{
	g_assert_cmpint(globs("a", NULL), ==, ANSWER_UNKNOWN);
	g_assert_cmpint(globs("!a", NULL), ==, ANSWER_UNKNOWN);
	g_assert_cmpint(globs("*", "a\xef\xbf\xbd"), ==, ANSWER_UNKNOWN);
}

static void test_any_case(void)
{
	g_autoptr(GlobList) list = glob_list_parse("Idle In*", TRUE, NULL);

	g_assert_cmpint(glob_list_matches(list, "idle in transaction"), ==, ANSWER_YES);
	g_assert_cmpint(glob_list_matches(list, "idle"), ==, ANSWER_NO);
}

static void test_items(void)
{
	g_autoptr(GlobList) list = glob_list_parse("a, !b*", FALSE, NULL);

	g_assert_cmpstr(glob_list_item(list, 0), ==, "a");
	g_assert_cmpstr(glob_list_item(list, 1), ==, "b*");
	g_assert_null(glob_list_item(list, 2));
	g_assert_cmpstr(glob_list_text(list), ==, "a, !b*");
}

static void test_empty_items(void)
{
	static const char *const texts[] = {"", ",", "a,", ",a", "a,,b", "!", "a, ! ,b", " "};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(glob_list_parse(texts[i], FALSE, &error));
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
	}
}

static Answer clients(const char *text, const char *address, gint32 port)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(ClientList) list = client_list_parse(text, &error);

	g_assert_no_error(error);
	return client_list_matches(list, address, port);
}

static void test_clients(void)
{
	g_assert_cmpint(clients("10.0.0.0/8", "10.1.2.3", 5000), ==, ANSWER_YES);
	g_assert_cmpint(clients("10.0.0.0/8", "11.1.2.3", 5000), ==, ANSWER_NO);
	g_assert_cmpint(clients("10.0.0.0/8, 2001:db8::/32", "2001:db8::7", 5000), ==, ANSWER_YES);
	g_assert_cmpint(clients("10.0.0.0/8, !10.0.0.1", "10.0.0.1", 5000), ==, ANSWER_NO);
	g_assert_cmpint(clients("local", "", -1), ==, ANSWER_YES);
	g_assert_cmpint(clients("local", "10.1.2.3", 5000), ==, ANSWER_NO);
	g_assert_cmpint(clients("0.0.0.0/0", "", -1), ==, ANSWER_NO);
	g_assert_cmpint(clients("!local", "", -1), ==, ANSWER_NO);
	/* nobody: a process of the server */
	g_assert_cmpint(clients("local", "", 0), ==, ANSWER_NO);
	g_assert_cmpint(clients("::/0", "", 0), ==, ANSWER_NO);
	g_assert_cmpint(clients("!::/0", "", 0), ==, ANSWER_YES);
	g_assert_cmpint(clients("local", NULL, 0), ==, ANSWER_UNKNOWN);
	g_assert_cmpint(clients("::/0", "somewhere", 5000), ==, ANSWER_UNKNOWN);
	client_list_free(NULL);
}

static void test_client_errors(void)
{
	static const char *const texts[] = {"db1.example", "10.0.0.1/8", "10.0.0.0/8,", "Local", ""};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(client_list_parse(texts[i], &error));
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
	}
}

static const BlockerName PARTITION_NAMES[] = {
    {"public", "login_1_pkey"}, {"public", "login_1"}, {"app", "login"}};
static const BlockerName ORDER_NAMES[] = {{"public", "orders"}};
static const BlockerName UNREADABLE_NAMES[] = {{"public", "t_\xef\xbf\xbd"}};

#define RELATION(names, all)                                                                       \
	{                                                                                              \
		5, 16384, "shop", names, G_N_ELEMENTS(names), all                                          \
	}
static const BlockerRelation PARTITION = RELATION(PARTITION_NAMES, TRUE);
static const BlockerRelation PARTLY_KNOWN = RELATION(PARTITION_NAMES, FALSE);
static const BlockerRelation UNREADABLE = RELATION(UNREADABLE_NAMES, TRUE);
static const BlockerRelation NAMELESS = {.oid = 16384};
static const BlockerRelation EITHER[] = {RELATION(PARTITION_NAMES, TRUE),
                                         RELATION(ORDER_NAMES, TRUE)};

static Answer tables(const char *text, const BlockerRelation *relations, guint n, gboolean inferred)
{
	const BlockerTarget target = {
	    .relations = relations, .n_relations = n, .is_inferred = inferred, .knows_relations = TRUE};
	g_autoptr(GError) error = NULL;
	g_autoptr(TableList) list = table_list_parse(text, &error);

	g_assert_no_error(error);
	return table_list_matches(list, &target);
}

static Answer table(const char *text, const BlockerRelation *relation)
{
	return tables(text, relation, 1, FALSE);
}

static void test_tables(void)
{
	g_assert_cmpint(table("login", &PARTITION), ==, ANSWER_YES);
	g_assert_cmpint(table("login_1", &PARTITION), ==, ANSWER_YES);
	g_assert_cmpint(table("login_1_pkey", &PARTITION), ==, ANSWER_YES);
	g_assert_cmpint(table("app.login", &PARTITION), ==, ANSWER_YES);
	g_assert_cmpint(table("public.login", &PARTITION), ==, ANSWER_NO);
	g_assert_cmpint(table("shop.app.login", &PARTITION), ==, ANSWER_YES);
	g_assert_cmpint(table("orders", &PARTITION), ==, ANSWER_NO);
	g_assert_cmpint(table("orders, login", &PARTITION), ==, ANSWER_YES);
	g_assert_cmpint(table("*, !login", &PARTITION), ==, ANSWER_NO);
	g_assert_cmpint(table("!orders", &PARTITION), ==, ANSWER_YES);
	g_assert_cmpint(table("(logon|login), \"a,b\", x{1,3}, [,]", &PARTITION), ==, ANSWER_YES);
	table_list_free(NULL);
}

static void test_unknown_tables(void)
{
	const BlockerTarget unknown = {.knows_relations = FALSE};
	g_autoptr(TableList) list = table_list_parse("login", NULL);

	g_assert_cmpint(table_list_matches(list, &unknown), ==, ANSWER_UNKNOWN);
	g_assert_cmpint(table("login", &PARTLY_KNOWN), ==, ANSWER_YES);
	g_assert_cmpint(table("orders", &PARTLY_KNOWN), ==, ANSWER_UNKNOWN);
	g_assert_cmpint(table("!login", &PARTLY_KNOWN), ==, ANSWER_NO);
	g_assert_cmpint(table("!orders", &PARTLY_KNOWN), ==, ANSWER_UNKNOWN);
	g_assert_cmpint(table("login", &NAMELESS), ==, ANSWER_UNKNOWN);
	g_assert_cmpint(table("t_*", &UNREADABLE), ==, ANSWER_UNKNOWN);
}

static void test_several_tables(void)
{
	/* about each of them */
	g_assert_cmpint(tables("orders", EITHER, 2, FALSE), ==, ANSWER_YES);
	g_assert_cmpint(tables("login", EITHER, 2, FALSE), ==, ANSWER_YES);
	g_assert_cmpint(tables("audit", EITHER, 2, FALSE), ==, ANSWER_NO);
	/* about one of them, nobody knows which */
	g_assert_cmpint(tables("orders", EITHER, 2, TRUE), ==, ANSWER_UNKNOWN);
	g_assert_cmpint(tables("audit", EITHER, 2, TRUE), ==, ANSWER_NO);
	g_assert_cmpint(tables("(orders|login)", EITHER, 2, TRUE), ==, ANSWER_YES);
	g_assert_cmpint(tables("orders", &EITHER[1], 1, TRUE), ==, ANSWER_YES);
	/* about no table at all */
	g_assert_cmpint(tables("*", NULL, 0, FALSE), ==, ANSWER_NO);
	g_assert_cmpint(tables("!orders", NULL, 0, FALSE), ==, ANSWER_YES);
}

static void test_table_errors(void)
{
	static const char *const texts[] = {"", "a,", "a++", "\"a", "[", "a)"};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(table_list_parse(texts[i], &error));
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
	}
}

static LockModeSet modes(const char *text)
{
	g_autoptr(GError) error = NULL;
	LockModeSet set = 0xff;

	g_assert_true(lock_mode_list_parse(text, &set, &error));
	g_assert_no_error(error);
	return set;
}

static void test_modes(void)
{
	const LockModeSet access_exclusive = LOCK_MODE_SET(LOCK_MODE_ACCESS_EXCLUSIVE);
	const LockModeSet share = LOCK_MODE_SET(LOCK_MODE_SHARE);

	g_assert_cmpuint(modes("AccessExclusiveLock"), ==, access_exclusive);
	g_assert_cmpuint(modes("access-exclusive, share"), ==, access_exclusive | share);
	g_assert_cmpuint(modes("!share"), ==, LOCK_MODE_SET_ALL & ~share);
	g_assert_cmpuint(modes("*exclusive*"), ==,
	                 LOCK_MODE_SET(LOCK_MODE_ROW_EXCLUSIVE) |
	                     LOCK_MODE_SET(LOCK_MODE_SHARE_UPDATE_EXCLUSIVE) |
	                     LOCK_MODE_SET(LOCK_MODE_SHARE_ROW_EXCLUSIVE) |
	                     LOCK_MODE_SET(LOCK_MODE_EXCLUSIVE) | access_exclusive);
	g_assert_cmpuint(modes("*exclusive*, !row*, !share*, !exclusive"), ==, access_exclusive);

	LockModeSet set = 0;
	g_autoptr(GError) error = NULL;

	g_assert_false(lock_mode_list_parse("sharing", &set, &error));
	g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
	g_assert_false(lock_mode_list_parse("share,", &set, NULL));
}

static gboolean hours(const char *text, guint hour, guint minute, guint second)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(DayHours) span = day_hours_parse(text, &error);

	g_assert_no_error(error);
	return day_hours_contain(span, (hour * 60 + minute) * 60 + second);
}

static void test_hours(void)
{
	g_assert_true(hours("08:00-20:00", 8, 0, 0));
	g_assert_true(hours("08:00 - 20:00", 19, 59, 59));
	g_assert_false(hours("08:00-20:00", 7, 59, 59));
	g_assert_false(hours("08:00-20:00", 20, 0, 0));
	g_assert_true(hours("22:00-06:30", 23, 0, 0));
	g_assert_true(hours("22:00-06:30", 0, 0, 0));
	g_assert_true(hours("22:00-06:30", 6, 29, 59));
	g_assert_false(hours("22:00-06:30", 6, 30, 0));
	g_assert_false(hours("22:00-06:30", 21, 59, 59));
	g_assert_true(hours("00:00-24:00", 23, 59, 59));
	g_assert_true(hours("12:00-24:00", 23, 59, 59));
	g_assert_false(hours("12:00-24:00", 0, 0, 0));
	g_assert_true(hours("12:00-00:00", 23, 59, 59));
}

static void test_hour_errors(void)
{
	static const char *const texts[] = {
	    "",
	    "08:00",
	    "8:00-20:00",
	    "08:00-20",
	    "08:00-20:00x",
	    "08.00-20.00",
	    "08:60-20:00",
	    "25:00-26:00",
	    "24:00-08:00",
	    "08:00-24:01",
	    "08:00-08:00",
	    "08:00--20:00",
	    "08:00-20:0",
	    "0x:00-20:00",
	    "00:00-20:0x",
	    "08:00 20:00",
	    "0:000-20:00",
	    "08:x0-20:00",
	};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;

		g_test_message("%s", texts[i]);
		g_assert_null(day_hours_parse(texts[i], &error));
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
	}
}

static Answer statement(const char *regex, const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(StatementPattern) pattern = statement_pattern_parse(regex, &error);

	g_assert_no_error(error);
	return statement_pattern_matches(pattern, text);
}

static void test_statements(void)
{
	g_assert_cmpint(statement("^update", "UPDATE login SET x = 1"), ==, ANSWER_YES);
	g_assert_cmpint(statement("^update", " UPDATE login"), ==, ANSWER_NO);
	g_assert_cmpint(statement("login", "UPDATE login"), ==, ANSWER_YES);
	g_assert_cmpint(statement("^update.*where", "update a\nset b\nwhere c"), ==, ANSWER_YES);
	g_assert_cmpint(statement("\303\244", "\303\204"), ==, ANSWER_YES);
	g_assert_cmpint(statement("a", ""), ==, ANSWER_NO);
	g_assert_cmpint(statement("a", NULL), ==, ANSWER_UNKNOWN);
	g_assert_cmpint(statement("a", "a\xef\xbf\xbd"), ==, ANSWER_UNKNOWN);
	g_assert_cmpint(statement("a", "a\xff"), ==, ANSWER_UNKNOWN);
	statement_pattern_free(NULL);
}

/* filler: of this many bytes, then the text. */
static Answer behind(guint n, const char *text, const char *regex)
{
	g_autofree char *filler = g_strnfill(n, 'x');
	g_autofree char *all = g_strconcat(filler, text, NULL);

	return statement(regex, all);
}

static void test_long_statements(void)
{
	g_assert_cmpint(behind(STATEMENT_MATCHED_BYTES - 1, "y", "y"), ==, ANSWER_YES);
	g_assert_cmpint(behind(STATEMENT_MATCHED_BYTES - 1, "y", "y$"), ==, ANSWER_YES);
	g_assert_cmpint(behind(STATEMENT_MATCHED_BYTES, "y", "y"), ==, ANSWER_NO);
	/* what is cut has no end */
	g_assert_cmpint(behind(STATEMENT_MATCHED_BYTES, "y", "x$"), ==, ANSWER_NO);
	/* a character is not cut */
	g_assert_cmpint(behind(STATEMENT_MATCHED_BYTES - 1, "\303\244", "\303\244"), ==, ANSWER_NO);
	g_assert_cmpint(behind(STATEMENT_MATCHED_BYTES - 2, "\303\244z", "\303\244"), ==, ANSWER_YES);
	/* what can't be read behind that is not looked at */
	g_assert_cmpint(behind(STATEMENT_MATCHED_BYTES, "\xef\xbf\xbd", "x"), ==, ANSWER_YES);
	g_assert_cmpint(behind(STATEMENT_MATCHED_BYTES - 3, "\xef\xbf\xbd", "x"), ==, ANSWER_UNKNOWN);
}

static void test_too_many_steps(void)
{
	g_assert_cmpint(statement("((x+)+)+[bc]", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), ==,
	                ANSWER_UNKNOWN);
}

static void test_statement_errors(void)
{
	static const char *const texts[] = {"(", "[", "a**", "\\", "(?<x", "\xff"};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(statement_pattern_parse(texts[i], &error));
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		g_assert_null(strstr(error->message, "LIMIT"));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/policy/globs", test_globs);
	g_test_add_func("/policy/globs/negated", test_negated);
	g_test_add_func("/policy/globs/unknown", test_unknown_text);
	g_test_add_func("/policy/globs/any-case", test_any_case);
	g_test_add_func("/policy/globs/items", test_items);
	g_test_add_func("/policy/globs/empty-items", test_empty_items);
	g_test_add_func("/policy/clients", test_clients);
	g_test_add_func("/policy/clients/errors", test_client_errors);
	g_test_add_func("/policy/tables", test_tables);
	g_test_add_func("/policy/tables/unknown", test_unknown_tables);
	g_test_add_func("/policy/tables/several", test_several_tables);
	g_test_add_func("/policy/tables/errors", test_table_errors);
	g_test_add_func("/policy/modes", test_modes);
	g_test_add_func("/policy/hours", test_hours);
	g_test_add_func("/policy/hours/errors", test_hour_errors);
	g_test_add_func("/policy/statements", test_statements);
	g_test_add_func("/policy/statements/long", test_long_statements);
	g_test_add_func("/policy/statements/too-many-steps", test_too_many_steps);
	g_test_add_func("/policy/statements/errors", test_statement_errors);
	return g_test_run();
}
