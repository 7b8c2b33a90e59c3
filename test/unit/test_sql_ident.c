#include "base/sql_ident.h"

static void test_identifiers(void)
{
	static const char *const names[][2] = {
	    {"orders", "orders"},         {"_x1", "_x1"},
	    {"Orders", "\"Orders\""},     {"user", "\"user\""},
	    {"values", "\"values\""},     {"valuesx", "valuesx"},
	    {"1st", "\"1st\""},           {"", "\"\""},
	    {"a b", "\"a b\""},           {"a\"b", "\"a\"\"b\""},
	    {"größe", "\"größe\""},       {"a\\b", "\"a\\b\""},
	    {"a\033b", "U&\"a\\001Bb\""}, {"a  \"\\", "U&\"a \\0020\"\"\\\\\""},
	    {"\u202e", "U&\"\\202E\""},   {"\U000e0041", "U&\"\\+0E0041\""},
	};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *ident = sql_ident(names[i][0]);
		g_assert_cmpstr(ident, ==, names[i][1]);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/sql_ident/identifiers", test_identifiers);
	return g_test_run();
}
