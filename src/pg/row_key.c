#include "pg/row_key.h"

#include "base/sql_ident.h"
#include "base/text.h"
#include "pg/request.h"
#include "pg/template.h"

#include <string.h>

/* Characters of a value that are read: a key may be as long as its column allows. */
#define LONGEST_VALUE 200

void keyed_table_free(KeyedTable *table)
{
	if (table == NULL)
		return;
	g_free(table->schema);
	g_free(table->name);
	g_ptr_array_unref(table->columns);
	g_free(table);
}

enum { KEY_RELATION, KEY_SCHEMA, KEY_NAME, KEY_COLUMN, KEY_COLUMN_COUNT };

static const PgColumn KEY_COLUMNS[KEY_COLUMN_COUNT] = {
    [KEY_RELATION] = {"relation", PG_TYPE_OID},
    [KEY_SCHEMA] = {"schema", PG_TYPE_TEXT},
    [KEY_NAME] = {"name", PG_TYPE_TEXT},
    [KEY_COLUMN] = {"column", PG_TYPE_TEXT},
};

GPtrArray *keyed_tables_read(const PGresult *result, GError **error)
{
	const char *purpose = "reading the tables' keys";

	if (!pg_result_check(result, purpose, error) ||
	    !pg_columns_check(result, KEY_COLUMNS, KEY_COLUMN_COUNT, purpose, error))
		return NULL;
	g_autoptr(GPtrArray) tables = g_ptr_array_new_with_free_func((GDestroyNotify) keyed_table_free);
	KeyedTable *table = NULL;

	for (int row = 0; row < PQntuples(result); row++) {
		RowReader reader = {.result = result, .row = row};
		guint32 oid = row_oid(&reader, KEY_RELATION);
		const char *schema = row_text(&reader, KEY_SCHEMA);
		const char *name = row_text(&reader, KEY_NAME);
		const char *column = row_text(&reader, KEY_COLUMN);

		if (reader.is_malformed || schema == NULL || name == NULL || column == NULL) {
			row_malformed(&reader, purpose, error);
			return NULL;
		}
		if (table == NULL || table->oid != oid) {
			table = g_new0(KeyedTable, 1);
			*table = (KeyedTable){oid, g_strdup(schema), g_strdup(name),
			                      g_ptr_array_new_with_free_func(g_free)};
			g_ptr_array_add(tables, table);
		}
		g_ptr_array_add(table->columns, g_strdup(column));
	}
	return g_steal_pointer(&tables);
}

char *keyed_table_sql(const KeyedTable *table)
{
	GString *sql = g_string_new(NULL);

	sql_quote_append(sql, table->schema);
	g_string_append_c(sql, '.');
	sql_quote_append(sql, table->name);
	return g_string_free(sql, FALSE);
}

/* The values as the types' own output functions write them, which only superusers can make: a cast
 * to text may be a function of anybody's (CREATE CAST). */
static char *key_list(const KeyedTable *key)
{
	GString *sql = g_string_new(NULL);

	for (guint i = 0; key != NULL && i < key->columns->len; i++) {
		g_string_append(sql, ", pg_catalog.\"left\"(pg_catalog.format('%s', ");
		sql_quote_append(sql, g_ptr_array_index(key->columns, i));
		g_string_append_printf(sql, "), %d)", LONGEST_VALUE);
	}
	return g_string_free(sql, FALSE);
}

char *row_statement(StatementId statement, int version_num, const KeyedTable *key,
                    const char *table, const char *condition, guint limit)
{
	g_autofree char *name = table == NULL ? keyed_table_sql(key) : NULL;
	g_autofree char *list = key_list(key);
	g_autofree char *limit_text = g_strdup_printf("%u", limit);
	const SqlPiece pieces[] = {
	    {"key", list},
	    {"table", table != NULL ? table : name},
	    {"condition", condition != NULL ? condition : ""},
	    {"limit", limit_text},
	};

	return sql_template_fill(statement_sql(statement, version_num), pieces, G_N_ELEMENTS(pieces));
}

gboolean row_columns_check(const PGresult *result, const KeyedTable *key, const char *purpose,
                           GError **error)
{
	static const PgColumn own[] = {
	    {"tableoid", PG_TYPE_OID}, {"ctid", PG_TYPE_TID}, {"xmax", PG_TYPE_XID}};
	const PgColumn of_key = {"a column of the key", PG_TYPE_TEXT};
	g_autoptr(GArray) columns = g_array_new(FALSE, FALSE, sizeof(PgColumn));

	g_array_append_vals(columns, own, G_N_ELEMENTS(own));
	for (guint i = 0; key != NULL && i < key->columns->len; i++)
		g_array_append_val(columns, of_key);
	return pg_columns_check(result, (const PgColumn *) (gpointer) columns->data, columns->len,
	                        purpose, error);
}

static const char *keep_repaired(const char *bytes, Arena *arena)
{
	g_autofree char *repaired = bytes != NULL ? text_repair(bytes, strlen(bytes)) : NULL;

	return arena_strdup(arena, repaired);
}

RowKey row_key_read(RowReader *reader, const KeyedTable *key, Arena *arena)
{
	guint n = key != NULL ? key->columns->len : 0;
	const char **columns = arena_new_array(arena, const char *, n);
	const char **values = arena_new_array(arena, const char *, n);

	for (guint i = 0; i < n; i++) {
		columns[i] = keep_repaired(g_ptr_array_index(key->columns, i), arena);
		values[i] = keep_repaired(row_text(reader, ROW_KEY + i), arena);
	}
	return (RowKey){n, columns, values};
}
