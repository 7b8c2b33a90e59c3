#include "fuzz.h"

#include "base/error.h"
#include "base/row_ref.h"

#include <string.h>

/* What was understood reads back the same, and the table can't be more than a name in SQL. */

static void assert_only_names(const char *sql)
{
	gboolean in_quotes = FALSE;

	for (; *sql != '\0'; sql++) {
		if (*sql == '"')
			in_quotes = !in_quotes;
		else
			g_assert_true(in_quotes || *sql == '.');
	}
	g_assert_false(in_quotes);
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	g_autofree char *text = g_strndup((const char *) data, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(RowRef) ref = row_ref_parse(text, &error);

	g_assert_true((ref == NULL) == (error != NULL));
	if (ref == NULL)
		return 0;
	g_autofree char *sql = row_ref_table_sql(ref);
	g_autofree char *again_text = row_ref_to_text(ref);
	g_autoptr(RowRef) again = row_ref_parse(again_text, NULL);

	assert_only_names(sql);
	g_assert_nonnull(again);
	g_assert_cmpstr(again->database, ==, ref->database);
	g_assert_cmpstr(again->schema, ==, ref->schema);
	g_assert_cmpstr(again->table, ==, ref->table);
	/* a second WHERE stays in the condition */
	g_assert_cmpstr(again->condition, ==, ref->condition);
	g_assert_true(*ref->condition != '\0' && g_utf8_validate(ref->condition, -1, NULL));
	return 0;
}
