#include "model/row_set.h"

/* What is read of rows, before anybody is held against it. */

static void test_modes_have_one_name(void)
{
	static const struct {
		RowMode mode;
		const char *name;
		const char *multixact;
		const char *pgrowlocks;
		guint32 infomask, infomask2;
	} modes[] = {
	    {ROW_MODE_FOR_KEY_SHARE, "FOR KEY SHARE", "keysh", "For Key Share", 0x0090, 0},
	    {ROW_MODE_FOR_SHARE, "FOR SHARE", "sh", "For Share", 0x00d0, 0},
	    {ROW_MODE_FOR_NO_KEY_UPDATE, "FOR NO KEY UPDATE", "fornokeyupd", "For No Key Update",
	     0x00c0, 0},
	    {ROW_MODE_FOR_UPDATE, "FOR UPDATE", "forupd", "For Update", 0x00c0, 0x2000},
	    {ROW_MODE_NO_KEY_UPDATE, "NO KEY UPDATE", "nokeyupd", "No Key Update", 0x0100, 0x8001},
	    {ROW_MODE_UPDATE, "UPDATE", "upd", "Update", 0x0100, 0x2001},
	};

	for (guint i = 0; i < G_N_ELEMENTS(modes); i++) {
		g_assert_cmpstr(row_mode_name(modes[i].mode), ==, modes[i].name);
		g_assert_cmpint(row_mode_from_multixact(modes[i].multixact), ==, modes[i].mode);
		g_assert_cmpint(row_mode_from_pgrowlocks(modes[i].pgrowlocks), ==, modes[i].mode);
		g_assert_cmpint(row_mode_from_infomask(modes[i].infomask, modes[i].infomask2), ==,
		                modes[i].mode);
	}
	g_assert_cmpint(row_mode_from_pgrowlocks("Key Share"), ==, ROW_MODE_FOR_KEY_SHARE);
	g_assert_cmpint(row_mode_from_pgrowlocks("Share"), ==, ROW_MODE_FOR_SHARE);
}

static void test_what_no_mode_is(void)
{
	g_assert_null(row_mode_name(ROW_MODE_UNKNOWN));
	g_assert_cmpint(row_mode_from_multixact("new"), ==, ROW_MODE_UNKNOWN);
	g_assert_cmpint(row_mode_from_multixact(NULL), ==, ROW_MODE_UNKNOWN);
	g_assert_cmpint(row_mode_from_pgrowlocks(NULL), ==, ROW_MODE_UNKNOWN);
	/* locked by nobody's mode */
	g_assert_cmpint(row_mode_from_infomask(0x0080, 0), ==, ROW_MODE_UNKNOWN);
	g_assert_true(row_infomask_is_multixact(0x10d0));
	g_assert_false(row_infomask_is_multixact(0x00d0));
}

static RowSet *two_rows(void)
{
	const RelationName table = {5, 500, "public", "orders", 'p', 500};
	const char *columns[] = {"id", "day"};
	const char *values[] = {"7", NULL};
	RowLocker members[] = {{10, ROW_MODE_FOR_SHARE, TRUE}, {11, ROW_MODE_UPDATE, FALSE}};
	RowFacts row = {
	    .tag = {.type = LOCK_TYPE_TUPLE, .database = 5, .relation = 501, .page = 0, .tuple = 1},
	    .key = {2, columns, values},
	    .xmax = 3,
	    .members = members,
	    .n_members = 2,
	};
	RowSet *rows = row_set_new(&table, 100);

	row_set_add(rows, &row);
	/* what it was copied from may go */
	columns[0] = values[0] = "gone";
	members[0].xid = 0;
	row.tag.tuple = 2;
	row.key.n = 0;
	row.n_members = 0;
	row_set_add(rows, &row);
	return rows;
}

static void test_keeps_what_it_was_given(void)
{
	g_autoptr(RowSet) rows = two_rows();
	const RowFacts *first = row_set_get(rows, 0);

	g_assert_cmpuint(row_set_n(rows), ==, 2);
	g_assert_cmpuint(row_set_limit(rows), ==, 100);
	g_assert_false(row_set_has_more(rows));
	row_set_note_more(rows);
	g_assert_true(row_set_has_more(rows));
	g_assert_cmpstr(row_set_table(rows)->name, ==, "orders");
	g_assert_cmpuint(first->key.n, ==, 2);
	g_assert_cmpstr(first->key.columns[0], ==, "id");
	g_assert_cmpstr(first->key.values[0], ==, "7");
	g_assert_null(first->key.values[1]);
	g_assert_cmpuint(first->n_members, ==, 2);
	g_assert_cmpuint(first->members[0].xid, ==, 10);
	g_assert_cmpuint(row_set_get(rows, 1)->n_members, ==, 0);
}

static void test_finds_a_row_by_its_place(void)
{
	g_autoptr(RowSet) rows = two_rows();
	LockTag tag = row_set_get(rows, 1)->tag;

	g_assert_cmpuint(row_set_find(rows, &tag), ==, 1);
	tag.page = 9;
	g_assert_cmpuint(row_set_find(rows, &tag), ==, NO_ROW);
	/* the same place in another database */
	tag = row_set_get(rows, 1)->tag;
	tag.database = 6;
	g_assert_cmpuint(row_set_find(rows, &tag), ==, NO_ROW);
}

static void test_in_progress(void)
{
	g_autoptr(RowSet) rows = two_rows();
	RowFacts *second = row_set_get_mutable(rows, 1);
	const RowLocker members[] = {{10, ROW_MODE_FOR_SHARE, TRUE}, {12, ROW_MODE_FOR_SHARE, TRUE}};

	row_set_set_members(rows, second, members, G_N_ELEMENTS(members));
	second->transaction = (RowLocker){13, ROW_MODE_UNKNOWN, TRUE};
	g_autoptr(GArray) xids = row_set_in_progress(rows);

	g_assert_cmpuint(xids->len, ==, 3);
	g_assert_cmpuint(g_array_index(xids, guint32, 0), ==, 10);
	g_assert_cmpuint(g_array_index(xids, guint32, 1), ==, 13);
	g_assert_cmpuint(g_array_index(xids, guint32, 2), ==, 12);
}

static void test_names(void)
{
	g_autoptr(RowSet) rows = two_rows();
	g_autoptr(Names) names = names_new();
	const RowKey *key;

	row_set_add_names(rows, names);
	g_assert_cmpstr(names_relation(names, 5, 500)->name, ==, "orders");
	key = names_row_key(names, &row_set_get(rows, 0)->tag);
	g_assert_nonnull(key);
	g_assert_cmpstr(key->values[0], ==, "7");
	g_assert_null(names_row_key(names, &row_set_get(rows, 1)->tag));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/row_set/modes_have_one_name", test_modes_have_one_name);
	g_test_add_func("/row_set/what_no_mode_is", test_what_no_mode_is);
	g_test_add_func("/row_set/keeps_what_it_was_given", test_keeps_what_it_was_given);
	g_test_add_func("/row_set/finds_a_row_by_its_place", test_finds_a_row_by_its_place);
	g_test_add_func("/row_set/in_progress", test_in_progress);
	g_test_add_func("/row_set/names", test_names);
	return g_test_run();
}
