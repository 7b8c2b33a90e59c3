#include "model/names.h"

struct Names {
	Arena *arena; /* of all strings and entries: what was handed out stays valid */
	GHashTable *databases;
	GHashTable *roles;
	GHashTable *relations;
	GHashTable *ancestors; /* of relation_key to Ancestors */
	GHashTable *row_keys;  /* of LockTag to RowKey */
};

typedef struct {
	guint64 key;
	guint n;
	guint32 *oids;
} Ancestors;

RowKey row_key_copy(const RowKey *key, Arena *arena)
{
	const char **columns = arena_new_array(arena, const char *, key->n);
	const char **values = arena_new_array(arena, const char *, key->n);

	for (guint i = 0; i < key->n; i++) {
		columns[i] = arena_strdup(arena, key->columns[i]);
		values[i] = arena_strdup(arena, key->values[i]);
	}
	return (RowKey){key->n, columns, values};
}

static guint64 relation_key(guint32 database, guint32 oid)
{
	return ((guint64) database << 32) | oid;
}

Names *names_new(void)
{
	Names *names = g_new0(Names, 1);

	names->arena = arena_new();
	names->databases = g_hash_table_new(NULL, NULL);
	names->roles = g_hash_table_new(NULL, NULL);
	names->relations = g_hash_table_new(g_int64_hash, g_int64_equal);
	names->ancestors = g_hash_table_new(g_int64_hash, g_int64_equal);
	names->row_keys = g_hash_table_new((GHashFunc) lock_tag_hash, (GEqualFunc) lock_tag_equal);
	return names;
}

void names_free(Names *names)
{
	if (!names)
		return;
	g_hash_table_destroy(names->databases);
	g_hash_table_destroy(names->roles);
	g_hash_table_destroy(names->relations);
	g_hash_table_destroy(names->ancestors);
	g_hash_table_destroy(names->row_keys);
	arena_free(names->arena);
	g_free(names);
}

void names_add_database(Names *names, guint32 oid, const char *name)
{
	g_hash_table_replace(names->databases, GUINT_TO_POINTER(oid),
	                     (gpointer) (gsize) arena_strdup(names->arena, name));
}

void names_add_role(Names *names, guint32 oid, const char *name)
{
	g_hash_table_replace(names->roles, GUINT_TO_POINTER(oid),
	                     (gpointer) (gsize) arena_strdup(names->arena, name));
}

void names_add_relation(Names *names, const RelationName *relation)
{
	struct {
		guint64 key;
		RelationName relation;
	} *entry = arena_alloc(names->arena, sizeof(*entry));

	entry->key = relation_key(relation->database, relation->oid);
	entry->relation = *relation;
	entry->relation.schema = arena_strdup(names->arena, relation->schema);
	entry->relation.name = arena_strdup(names->arena, relation->name);
	g_hash_table_replace(names->relations, &entry->key, &entry->relation);
}

void names_set_ancestors(Names *names, guint32 database, guint32 table, const guint32 *ancestors,
                         guint n)
{
	Ancestors *entry = arena_alloc(names->arena, sizeof(*entry));

	entry->key = relation_key(database, table);
	entry->n = n;
	entry->oids = arena_new_array(names->arena, guint32, n);
	for (guint i = 0; i < n; i++)
		entry->oids[i] = ancestors[i];
	g_hash_table_replace(names->ancestors, &entry->key, entry);
}

void names_add_row_key(Names *names, const LockTag *tag, const RowKey *key)
{
	struct {
		LockTag tag;
		RowKey key;
	} *entry = arena_alloc(names->arena, sizeof(*entry));

	entry->tag = *tag;
	entry->key = row_key_copy(key, names->arena);
	g_hash_table_replace(names->row_keys, &entry->tag, &entry->key);
}

const char *names_database(const Names *names, guint32 oid)
{
	return g_hash_table_lookup(names->databases, GUINT_TO_POINTER(oid));
}

const char *names_role(const Names *names, guint32 oid)
{
	return g_hash_table_lookup(names->roles, GUINT_TO_POINTER(oid));
}

const RelationName *names_relation(const Names *names, guint32 database, guint32 oid)
{
	guint64 key = relation_key(database, oid);

	return g_hash_table_lookup(names->relations, &key);
}

const guint32 *names_ancestors(const Names *names, guint32 database, guint32 table, guint *n)
{
	static const guint32 none[] = {0};
	guint64 key = relation_key(database, table);
	const Ancestors *entry = g_hash_table_lookup(names->ancestors, &key);

	*n = entry != NULL ? entry->n : 0;
	if (entry == NULL && table < FIRST_NORMAL_OID)
		return none; /* the system's own tables inherit nothing */
	return entry != NULL ? entry->oids : NULL;
}

const RowKey *names_row_key(const Names *names, const LockTag *tag)
{
	return g_hash_table_lookup(names->row_keys, tag);
}
