#include "base/row_ref.h"

#include "base/error.h"

/* Tables and conditions as people type them. */

/* "database/schema/table/condition", with - for what isn't named; "error" for a usage error. */
static char *words(RowRef *parsed, GError *failure)
{
	g_autoptr(RowRef) ref = parsed;
	g_autoptr(GError) error = failure;

	g_assert_true((ref == NULL) != (error == NULL));
	if (ref == NULL) {
		g_assert_true(g_error_matches(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE));
		g_assert_nonnull(error_hint(error));
		return g_strdup("error");
	}
	return g_strdup_printf("%s/%s/%s/%s", ref->database ? ref->database : "-",
	                       ref->schema ? ref->schema : "-", ref->table, ref->condition);
}

static void test_one_text(void)
{
	static const struct {
		const char *text;
		const char *expected;
	} cases[] = {
	    {"login_sessions WHERE user_id = 42", "-/-/login_sessions/user_id = 42"},
	    {"login_sessions user_id = 42", "-/-/login_sessions/user_id = 42"},
	    {"  Login_Sessions\n where\tuser_id = 42  ", "-/-/login_sessions/user_id = 42"},
	    {"orders where(id = 1) or (id = 2)", "-/-/orders/(id = 1) or (id = 2)"},
	    {"orders whereabouts = 'here'", "-/-/orders/whereabouts = 'here'"},
	    {"archive.Orders id=1", "-/archive/orders/id=1"},
	    {"shop.public.orders id=1", "shop/public/orders/id=1"},
	    {"\"Odd \"\"Name\"\".x\" id=1", "-/-/Odd \"Name\".x/id=1"},
	    {"\"Öl\".ÖL id=1", "-/Öl/Öl/id=1"}, /* ASCII alone is folded */
	    {"t$1 id=1", "-/-/t$1/id=1"},
	    {"orders", "error"},
	    {"orders WHERE", "error"},
	    {"orders WHERE  ", "error"},
	    {"", "error"},
	    {"1orders id=1", "error"},
	    {"a.b.c.d id=1", "error"},
	    {"a. id=1", "error"},
	    {"\"open id=1", "error"},
	    {"\"\" id=1", "error"},
	    {"orders;drop id=1", "error"},
	    {"orders(id) id=1", "error"},
	    {"orders id='\xff'", "error"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		GError *error = NULL;
		RowRef *ref = row_ref_parse(cases[i].text, &error);
		g_autofree char *said = words(ref, error);

		g_assert_cmpstr(said, ==, cases[i].expected);
	}
}

static void test_two_texts(void)
{
	static const struct {
		const char *table;
		const char *condition;
		const char *expected;
	} cases[] = {
	    {"login_sessions", "user_id = 42", "-/-/login_sessions/user_id = 42"},
	    {"login_sessions", "WHERE user_id = 42", "-/-/login_sessions/user_id = 42"},
	    {" public.\"T\" ", "true", "-/public/T/true"},
	    {"login_sessions where", "user_id = 42", "error"},
	    {"login_*", "user_id = 42", "error"},
	    {"login_sessions", "", "error"},
	    {"\xff", "true", "error"},
	    {"t", "\xff", "error"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		GError *error = NULL;
		RowRef *ref = row_ref_new(cases[i].table, cases[i].condition, &error);
		g_autofree char *said = words(ref, error);

		g_assert_cmpstr(said, ==, cases[i].expected);
	}
}

static void test_table_in_sql(void)
{
	g_autoptr(RowRef) plain = row_ref_new("Orders", "true", NULL);
	g_autoptr(RowRef) odd = row_ref_new("shop.\"a\"\"b\".\"C d\"", "true", NULL);
	g_autofree char *plain_sql = row_ref_table_sql(plain);
	g_autofree char *odd_sql = row_ref_table_sql(odd);

	g_assert_cmpstr(plain_sql, ==, "\"orders\"");
	g_assert_cmpstr(odd_sql, ==, "\"a\"\"b\".\"C d\"");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/row_ref/one_text", test_one_text);
	g_test_add_func("/row_ref/two_texts", test_two_texts);
	g_test_add_func("/row_ref/table_in_sql", test_table_in_sql);
	return g_test_run();
}
