#include "model/table_set.h"

struct TableSet {
	guint32 database;
	GHashTable *oids;
	GPtrArray *matches;
};

TableSet *table_set_new(guint32 database)
{
	TableSet *tables = g_new0(TableSet, 1);

	tables->database = database;
	tables->oids = g_hash_table_new(NULL, NULL);
	tables->matches = g_ptr_array_new_with_free_func(g_free);
	return tables;
}

void table_set_free(TableSet *tables)
{
	if (!tables)
		return;
	g_hash_table_destroy(tables->oids);
	g_ptr_array_unref(tables->matches);
	g_free(tables);
}

void table_set_add(TableSet *tables, guint32 oid, const char *matched_as)
{
	g_hash_table_add(tables->oids, GUINT_TO_POINTER(oid));
	if (matched_as)
		g_ptr_array_add(tables->matches, g_strdup(matched_as));
}

gboolean table_set_contains(const TableSet *tables, guint32 database, guint32 oid)
{
	/* Shared catalogs have database 0 in their lock tags. */
	return (database == tables->database || database == 0) && oid != 0 &&
	       g_hash_table_contains(tables->oids, GUINT_TO_POINTER(oid));
}

guint table_set_n_matches(const TableSet *tables)
{
	return tables->matches->len;
}

const char *table_set_match(const TableSet *tables, guint index)
{
	return g_ptr_array_index(tables->matches, index);
}
