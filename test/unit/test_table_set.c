#include "model/table_set.h"

static void test_table_set(void)
{
	g_autoptr(TableSet) tables = table_set_new(5);
	char name[] = "public.login_sessions";

	g_assert_false(table_set_contains(tables, 5, 16384));
	g_assert_cmpuint(table_set_n_matches(tables), ==, 0);
	table_set_add(tables, 16384, name);
	table_set_add(tables, 16390, NULL);
	table_set_add(tables, 1260, "pg_catalog.pg_authid");
	name[0] = 'x';
	g_assert_cmpuint(table_set_n_matches(tables), ==, 2);
	g_assert_cmpstr(table_set_match(tables, 0), ==, "public.login_sessions");
	g_assert_cmpstr(table_set_match(tables, 1), ==, "pg_catalog.pg_authid");
	g_assert_true(table_set_contains(tables, 5, 16384));
	g_assert_true(table_set_contains(tables, 5, 16390));
	/* another database's relation of the same oid is another relation */
	g_assert_false(table_set_contains(tables, 6, 16384));
	/* what all databases share */
	g_assert_true(table_set_contains(tables, 0, 1260));
	g_assert_false(table_set_contains(tables, 5, 16385));
	/* locks on no relation */
	g_assert_false(table_set_contains(tables, 0, 0));
	g_assert_false(table_set_contains(tables, 5, 0));
	table_set_free(NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/table_set", test_table_set);
	return g_test_run();
}
