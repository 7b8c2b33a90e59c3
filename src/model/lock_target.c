#include "model/lock_target.h"

#include <string.h>

static char **copy_row_values(const char *const *values, guint n)
{
	char **copy = g_new0(char *, n + 1);

	for (guint i = 0; i < n; i++)
		copy[i] = g_strdup(values[i]);
	return copy;
}

/* The shape of a tag of a type that has a relation at all. */
static gboolean has_relation(const LockTag *tag)
{
	return tag->type == LOCK_TYPE_RELATION || tag->type == LOCK_TYPE_EXTEND ||
	       tag->type == LOCK_TYPE_PAGE || tag->type == LOCK_TYPE_TUPLE;
}

static void add_table(GPtrArray *tables, const RelationName *name)
{
	if (name == NULL || name->schema == NULL || name->name == NULL)
		return;
	g_ptr_array_add(tables, g_strdup(name->schema));
	g_ptr_array_add(tables, g_strdup(name->name));
}

static char **table_names(const Names *names, guint32 database, const RelationName *name)
{
	GPtrArray *tables = g_ptr_array_new();
	guint32 table = name->table_oid != 0 ? name->table_oid : name->oid;
	guint n = 0;
	const guint32 *ancestors = names_ancestors(names, database, table, &n);

	add_table(tables, name);
	if (table != name->oid)
		add_table(tables, names_relation(names, database, table));
	for (guint i = 0; ancestors != NULL && i < n; i++)
		add_table(tables, names_relation(names, database, ancestors[i]));
	g_ptr_array_add(tables, NULL);
	return (char **) g_ptr_array_free(tables, FALSE);
}

static void add_relation(LockTarget *target, const Snapshot *snapshot, const LockTag *place)
{
	const Names *names = snapshot_names(snapshot);
	const RelationName *name =
	    has_relation(place) ? names_relation(names, place->database, place->relation) : NULL;

	if (name == NULL)
		return;
	target->schema = g_strdup(name->schema);
	target->relation = g_strdup(name->name);
	target->relkind = name->relkind;
	target->tables = table_names(names, place->database, name);
}

LockTarget *lock_target_new(const Snapshot *snapshot, const LockTag *tag, const LockTag *row_tag)
{
	LockTarget *target = g_new0(LockTarget, 1);
	const LockTag *place = row_tag != NULL ? row_tag : tag;
	const RowKey *key =
	    place->type == LOCK_TYPE_TUPLE ? names_row_key(snapshot_names(snapshot), place) : NULL;

	target->tag = *tag;
	target->has_row = row_tag != NULL;
	if (row_tag != NULL)
		target->row_tag = *row_tag;
	target->is_elsewhere =
	    place->database != 0 && place->database != snapshot_server(snapshot)->database_oid;
	target->database = place->database != 0 && place->type != LOCK_TYPE_SPECTOKEN
	                       ? g_strdup(snapshot_database_name(snapshot, place->database))
	                       : NULL;
	add_relation(target, snapshot, place);
	if (key != NULL) {
		target->n_key = key->n;
		target->key_columns = copy_row_values(key->columns, key->n);
		target->key_values = copy_row_values(key->values, key->n);
	}
	target->advisory_label = g_strdup(snapshot_advisory_label(snapshot, tag));
	return target;
}

LockTarget *lock_target_copy(const LockTarget *target)
{
	if (target == NULL)
		return NULL;
	LockTarget *copy = g_new(LockTarget, 1);

	*copy = *target;
	copy->database = g_strdup(target->database);
	copy->schema = g_strdup(target->schema);
	copy->relation = g_strdup(target->relation);
	copy->tables = g_strdupv(target->tables);
	copy->advisory_label = g_strdup(target->advisory_label);
	copy->key_columns = copy_row_values((const char *const *) target->key_columns, target->n_key);
	copy->key_values = copy_row_values((const char *const *) target->key_values, target->n_key);
	return copy;
}

static void free_values(char **values, guint n)
{
	for (guint i = 0; i < n; i++)
		g_free(values[i]);
	g_free(values);
}

void lock_target_free(LockTarget *target)
{
	if (target == NULL)
		return;
	g_free(target->database);
	g_free(target->schema);
	g_free(target->relation);
	g_strfreev(target->tables);
	free_values(target->key_columns, target->n_key);
	free_values(target->key_values, target->n_key);
	g_free(target->advisory_label);
	g_free(target);
}

const LockTag *lock_target_place(const LockTarget *target)
{
	return target->has_row ? &target->row_tag : &target->tag;
}

gboolean lock_target_equal(const LockTarget *a, const LockTarget *b)
{
	return lock_tag_equal(&a->tag, &b->tag) && a->has_row == b->has_row &&
	       (!a->has_row || lock_tag_equal(&a->row_tag, &b->row_tag));
}
