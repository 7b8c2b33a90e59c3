#include "base/error.h"
#include "pg/names.h"
#include "rows.h"

#define DATABASE 5

static Snapshot *new_snapshot(void)
{
	const ServerInfo server = {.host = "db1",
	                           .database = "app",
	                           .database_oid = DATABASE,
	                           .version_num = 150020,
	                           .version = "15.20",
	                           .user = "bob"};

	return snapshot_builder_finish(snapshot_builder_new(&server, 0));
}

static void assert_malformed(gboolean collected, GError **error)
{
	g_assert_false(collected);
	g_assert_error(*error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_FAILED);
	g_clear_error(error);
}

static void test_names(void)
{
	g_autoptr(Snapshot) snapshot = new_snapshot();
	g_autoptr(PGresult) relations = rows_new("ottcbo");
	g_autoptr(PGresult) roles = rows_new("ot");
	g_autoptr(GError) error = NULL;
	const Names *names = snapshot_names(snapshot);

	rows_set_number(relations, 0, 0, 1260);
	rows_set_text(relations, 0, 1, "pg_catalog");
	rows_set_text(relations, 0, 2, "pg_authid");
	rows_set_text(relations, 0, 3, "r");
	rows_set_number(relations, 0, 4, 1);
	rows_set_number(relations, 0, 5, 1260);
	rows_set_number(relations, 1, 0, 16385);
	rows_set_text(relations, 1, 1, "public");
	rows_set_text(relations, 1, 2, "t_\xe4");
	rows_set_text(relations, 1, 3, "i");
	rows_set_number(relations, 1, 4, 0);
	rows_set_number(relations, 1, 5, 16384);
	g_assert_true(collect_relations(snapshot, relations, &error));
	g_assert_no_error(error);
	g_assert_nonnull(names_relation(names, 0, 1260));
	const RelationName *index = names_relation(names, 5, 16385);

	g_assert_nonnull(index);
	g_assert_true(index->relkind == 'i');
	g_assert_cmpuint(index->table_oid, ==, 16384);
	g_assert_true(g_utf8_validate(index->name, -1, NULL));

	rows_set_number(roles, 0, 0, 10);
	rows_set_null(roles, 0, 1);
	assert_malformed(collect_roles(snapshot, roles, &error), &error);
	rows_set_text(roles, 0, 1, "bob");
	g_assert_true(collect_roles(snapshot, roles, &error));
	g_assert_cmpstr(names_role(names, 10), ==, "bob");
}

static void set_ancestor(PGresult *rows, int row, guint32 table, guint32 oid, const char *name)
{
	rows_set_number(rows, row, 0, table);
	rows_set_number(rows, row, 1, oid);
	rows_set_text(rows, row, 2, "public");
	rows_set_text(rows, row, 3, name);
	rows_set_text(rows, row, 4, "p");
}

static void test_ancestors(void)
{
	g_autoptr(Snapshot) snapshot = new_snapshot();
	g_autoptr(PGresult) rows = rows_new("oottc");
	g_autoptr(GError) error = NULL;
	const Names *names = snapshot_names(snapshot);
	const guint32 *ancestors;
	guint n;

	/* the second of it was dropped meanwhile; the next table has none */
	set_ancestor(rows, 0, 16390, 16385, "by_year");
	set_ancestor(rows, 1, 16390, 16384, "all");
	for (int column = 2; column < 5; column++)
		rows_set_null(rows, 1, column);
	rows_set_number(rows, 2, 0, 16395);
	for (int column = 1; column < 5; column++)
		rows_set_null(rows, 2, column);
	set_ancestor(rows, 3, 16399, 16385, "by_year");
	g_assert_true(collect_ancestors(snapshot, rows, &error));
	g_assert_no_error(error);
	ancestors = names_ancestors(names, 5, 16390, &n);
	g_assert_cmpuint(n, ==, 2);
	g_assert_cmpuint(ancestors[0], ==, 16385);
	g_assert_cmpuint(ancestors[1], ==, 16384);
	g_assert_cmpstr(names_relation(names, 5, 16385)->name, ==, "by_year");
	g_assert_null(names_relation(names, 5, 16384));
	g_assert_nonnull(names_ancestors(names, 5, 16395, &n));
	g_assert_cmpuint(n, ==, 0);
	ancestors = names_ancestors(names, 5, 16399, &n);
	g_assert_cmpuint(n, ==, 1);
	g_assert_cmpuint(ancestors[0], ==, 16385);

	rows_set_null(rows, 3, 2);
	assert_malformed(collect_ancestors(snapshot, rows, &error), &error);
	g_assert_false(collect_ancestors_of(snapshot, 6, NULL, &error));
	g_clear_error(&error);
	g_autoptr(PGresult) other_rows = rows_new("ott");

	g_assert_false(collect_ancestors(snapshot, other_rows, &error));
	g_assert_nonnull(error);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/pg/names/names", test_names);
	g_test_add_func("/pg/names/ancestors", test_ancestors);
	return g_test_run();
}
