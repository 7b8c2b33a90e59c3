#include "model/names.h"

static void test_unknown(void)
{
	g_autoptr(Names) names = names_new();

	g_assert_null(names_database(names, 5));
	g_assert_null(names_role(names, 10));
	g_assert_null(names_relation(names, 5, 16384));
	g_assert_null(names_relation(names, 0, 0));
	names_free(NULL);
}

/* What was handed out stays as it was. */
static void test_replaced(void)
{
	g_autoptr(Names) names = names_new();
	char text[] = "app";
	const char *first;
	const RelationName *relation;

	names_add_database(names, 5, text);
	text[0] = 'x';
	first = names_database(names, 5);
	g_assert_cmpstr(first, ==, "app");
	names_add_database(names, 5, "shop");
	g_assert_cmpstr(names_database(names, 5), ==, "shop");
	g_assert_cmpstr(first, ==, "app");

	names_add_role(names, 5, "alice");
	names_add_role(names, 5, "bob");
	g_assert_cmpstr(names_role(names, 5), ==, "bob");
	g_assert_cmpstr(names_database(names, 5), ==, "shop");

	names_add_relation(names, &(RelationName){5, 16384, "public", "login", 'r', 16384});
	relation = names_relation(names, 5, 16384);
	names_add_relation(names, &(RelationName){5, 16384, "public", "renamed", 'r', 16384});
	g_assert_cmpstr(relation->name, ==, "login");
	g_assert_cmpstr(names_relation(names, 5, 16384)->name, ==, "renamed");
}

static void test_relations(void)
{
	g_autoptr(Names) names = names_new();
	const RelationName *relation;

	names_add_relation(names, &(RelationName){5, 16384, "public", "login", 'r', 16384});
	names_add_relation(names, &(RelationName){6, 16384, "other", "tenant", 'r', 16384});
	names_add_relation(names, &(RelationName){5, 16390, "public", "login_pkey", 'i', 16384});
	names_add_relation(names, &(RelationName){0, 1260, "pg_catalog", "pg_authid", 'r', 1260});
	g_assert_cmpstr(names_relation(names, 5, 16384)->name, ==, "login");
	g_assert_cmpstr(names_relation(names, 6, 16384)->schema, ==, "other");
	g_assert_cmpstr(names_relation(names, 0, 1260)->name, ==, "pg_authid");
	g_assert_null(names_relation(names, 5, 1260));
	g_assert_null(names_relation(names, 7, 16384));
	relation = names_relation(names, 5, 16390);
	g_assert_true(relation->relkind == 'i');
	g_assert_cmpuint(relation->table_oid, ==, 16384);
	g_assert_cmpuint(relation->oid, ==, 16390);
}

static void test_ancestors(void)
{
	g_autoptr(Names) names = names_new();
	const guint32 *ancestors;
	guint32 oids[] = {16400, 16410};
	guint n = 7;

	g_assert_null(names_ancestors(names, 5, 16384, &n));
	g_assert_cmpuint(n, ==, 0);
	names_set_ancestors(names, 5, 16384, oids, 2);
	oids[0] = 1;
	ancestors = names_ancestors(names, 5, 16384, &n);
	g_assert_cmpuint(n, ==, 2);
	g_assert_cmpuint(ancestors[0], ==, 16400);
	g_assert_cmpuint(ancestors[1], ==, 16410);
	g_assert_null(names_ancestors(names, 6, 16384, &n));
	names_set_ancestors(names, 6, 16384, NULL, 0);
	g_assert_nonnull(names_ancestors(names, 6, 16384, &n));
	g_assert_cmpuint(n, ==, 0);
	/* a table of the system */
	g_assert_nonnull(names_ancestors(names, 5, 1259, &n));
	g_assert_cmpuint(n, ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/names/unknown", test_unknown);
	g_test_add_func("/names/replaced", test_replaced);
	g_test_add_func("/names/relations", test_relations);
	g_test_add_func("/names/ancestors", test_ancestors);
	return g_test_run();
}
