#include "pg/names.h"

#include "base/text.h"
#include "pg/locked_catalogs.h"
#include "pg/request.h"
#include "pg/row_reader.h"

#include <string.h>

typedef struct {
	GHashTable *relations;
	GHashTable *databases;
	GHashTable *roles;
} OidSets;

static void add_oid(GHashTable *set, guint32 oid)
{
	if (oid != 0)
		g_hash_table_add(set, GUINT_TO_POINTER(oid));
}

static void add_tag(OidSets *sets, const LockTag *tag, guint32 own_database)
{
	if (tag->type == LOCK_TYPE_OBJECT && tag->classid == CATALOG_PG_AUTHID)
		add_oid(sets->roles, tag->objid);
	if (tag->type == LOCK_TYPE_OBJECT && tag->classid == CATALOG_PG_DATABASE)
		add_oid(sets->databases, tag->objid);
	if (tag->database != 0)
		add_oid(sets->databases, tag->database);
	/* An oid of another database would find the wrong relation here. */
	if (tag->database == 0 || tag->database == own_database)
		add_oid(sets->relations, tag->relation);
	/* An object of any database is in a catalog, and those have the same oids everywhere. */
	if (tag->type == LOCK_TYPE_OBJECT)
		add_oid(sets->relations, tag->classid);
}

static void add_session_tags(OidSets *sets, const Snapshot *snapshot, guint session)
{
	guint n_locks;
	const Lock *locks = snapshot_session_locks(snapshot, session, &n_locks);
	guint32 own_database = snapshot_server(snapshot)->database_oid;

	for (guint i = 0; i < n_locks; i++)
		add_tag(sets, &locks[i].tag, own_database);
}

static void add_participants(OidSets *sets, const Snapshot *snapshot, const LockQueues *queues)
{
	g_autofree gboolean *is_done = g_new0(gboolean, snapshot_n_sessions(snapshot));

	for (guint i = 0; i < lock_queues_n(queues); i++) {
		const LockQueue *queue = lock_queues_get(queues, i);

		for (guint k = 0; k < queue->n_holders + queue->n_waiters; k++) {
			guint session = k < queue->n_holders ? queue->holders[k].session
			                                     : queue->waiters[k - queue->n_holders].session;

			if (!is_done[session])
				add_session_tags(sets, snapshot, session);
			is_done[session] = TRUE;
		}
	}
}

GArray *oid_set_to_array(GHashTable *set)
{
	GArray *oids = g_array_sized_new(FALSE, FALSE, sizeof(guint32), g_hash_table_size(set));
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init(&iter, set);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		guint32 oid = GPOINTER_TO_UINT(key);

		g_array_append_val(oids, oid);
	}
	return oids;
}

static GArray *take_oids(GHashTable *set)
{
	GArray *oids = oid_set_to_array(set);

	g_hash_table_destroy(set);
	return oids;
}

void wanted_names_init(WantedNames *wanted, const Snapshot *snapshot, const LockQueues *queues,
                       gboolean all_relations)
{
	OidSets sets = {
	    .relations = g_hash_table_new(NULL, NULL),
	    .databases = g_hash_table_new(NULL, NULL),
	    .roles = g_hash_table_new(NULL, NULL),
	};

	for (guint i = 0; i < snapshot_n_sessions(snapshot); i++) {
		const Session *session = snapshot_session(snapshot, i);

		add_oid(sets.databases, session->database);
		add_oid(sets.roles, session->user);
		if (all_relations)
			add_session_tags(&sets, snapshot, i);
	}
	if (!all_relations && queues != NULL)
		add_participants(&sets, snapshot, queues);
	wanted->relations = take_oids(sets.relations);
	wanted->databases = take_oids(sets.databases);
	wanted->roles = take_oids(sets.roles);
}

void wanted_names_clear(WantedNames *wanted)
{
	g_clear_pointer(&wanted->relations, g_array_unref);
	g_clear_pointer(&wanted->databases, g_array_unref);
	g_clear_pointer(&wanted->roles, g_array_unref);
}

/* A name as valid UTF-8; the row is malformed without one. Free with g_free. */
static char *read_name(RowReader *reader, guint column)
{
	const char *bytes = row_text(reader, column);

	if (bytes == NULL) {
		reader->is_malformed = TRUE;
		return NULL;
	}
	return text_repair(bytes, strlen(bytes));
}

enum {
	RELATION_OID,
	RELATION_SCHEMA,
	RELATION_NAME,
	RELATION_KIND,
	RELATION_IS_SHARED,
	RELATION_TABLE_OID,
	RELATION_COLUMN_COUNT
};

static const PgColumn RELATION_COLUMNS[RELATION_COLUMN_COUNT] = {
    [RELATION_OID] = {"oid", PG_TYPE_OID},
    [RELATION_SCHEMA] = {"schema", PG_TYPE_TEXT},
    [RELATION_NAME] = {"name", PG_TYPE_TEXT},
    [RELATION_KIND] = {"relkind", PG_TYPE_CHAR},
    [RELATION_IS_SHARED] = {"relisshared", PG_TYPE_BOOL},
    [RELATION_TABLE_OID] = {"table_oid", PG_TYPE_OID},
};

gboolean collect_relations_of(Snapshot *snapshot, guint32 database, const PGresult *result,
                              GError **error)
{
	const char *purpose = "reading the names of relations";

	if (!pg_result_check(result, purpose, error) ||
	    !pg_columns_check(result, RELATION_COLUMNS, RELATION_COLUMN_COUNT, purpose, error))
		return FALSE;
	for (int row = 0; row < PQntuples(result); row++) {
		RowReader reader = {.result = result, .row = row};
		g_autofree char *schema = read_name(&reader, RELATION_SCHEMA);
		g_autofree char *name = read_name(&reader, RELATION_NAME);
		gboolean is_shared = row_bool(&reader, RELATION_IS_SHARED);
		const RelationName relation = {
		    .database = is_shared ? 0 : database,
		    .oid = row_oid(&reader, RELATION_OID),
		    .schema = schema,
		    .name = name,
		    .relkind = row_char(&reader, RELATION_KIND),
		    .table_oid = row_oid(&reader, RELATION_TABLE_OID),
		};

		if (reader.is_malformed) {
			row_malformed(&reader, purpose, error);
			return FALSE;
		}
		names_add_relation(snapshot_names(snapshot), &relation);
	}
	return TRUE;
}

gboolean collect_relations(Snapshot *snapshot, const PGresult *result, GError **error)
{
	return collect_relations_of(snapshot, snapshot_server(snapshot)->database_oid, result, error);
}

enum {
	ANCESTOR_TABLE_OID,
	ANCESTOR_OID,
	ANCESTOR_SCHEMA,
	ANCESTOR_NAME,
	ANCESTOR_KIND,
	ANCESTOR_COLUMN_COUNT
};

static const PgColumn ANCESTOR_COLUMNS[ANCESTOR_COLUMN_COUNT] = {
    [ANCESTOR_TABLE_OID] = {"table_oid", PG_TYPE_OID}, [ANCESTOR_OID] = {"oid", PG_TYPE_OID},
    [ANCESTOR_SCHEMA] = {"schema", PG_TYPE_TEXT},      [ANCESTOR_NAME] = {"name", PG_TYPE_TEXT},
    [ANCESTOR_KIND] = {"relkind", PG_TYPE_CHAR},
};

/* One row: appends the ancestor, if there is one in it, and keeps its name, unless it was dropped
 * just now. Returns the table's oid. */
static guint32 read_ancestor(RowReader *reader, Names *names, guint32 database, GArray *ancestors)
{
	guint32 table = row_oid(reader, ANCESTOR_TABLE_OID);
	guint32 oid = row_oid(reader, ANCESTOR_OID);

	if (!row_is_null(reader, ANCESTOR_NAME)) {
		g_autofree char *schema = read_name(reader, ANCESTOR_SCHEMA);
		g_autofree char *name = read_name(reader, ANCESTOR_NAME);
		const RelationName relation = {
		    .database = database,
		    .oid = oid,
		    .schema = schema,
		    .name = name,
		    .relkind = row_char(reader, ANCESTOR_KIND),
		    .table_oid = oid,
		};

		if (!reader->is_malformed)
			names_add_relation(names, &relation);
	}
	if (oid != 0)
		g_array_append_val(ancestors, oid);
	return table;
}

gboolean collect_ancestors_of(Snapshot *snapshot, guint32 database, const PGresult *result,
                              GError **error)
{
	const char *purpose = "reading what tables are partitions of";
	g_autoptr(GArray) ancestors = g_array_new(FALSE, FALSE, sizeof(guint32));
	guint32 last_table = 0;

	if (!pg_result_check(result, purpose, error) ||
	    !pg_columns_check(result, ANCESTOR_COLUMNS, ANCESTOR_COLUMN_COUNT, purpose, error))
		return FALSE;
	/* The rows of a table stand together. */
	for (int row = 0; row < PQntuples(result); row++) {
		RowReader reader = {.result = result, .row = row};
		guint before = ancestors->len;
		guint32 table = read_ancestor(&reader, snapshot_names(snapshot), database, ancestors);

		if (reader.is_malformed) {
			row_malformed(&reader, purpose, error);
			return FALSE;
		}
		if (table != last_table)
			g_array_remove_range(ancestors, 0, before);
		last_table = table;
		names_set_ancestors(snapshot_names(snapshot), database, table,
		                    (const guint32 *) (gpointer) ancestors->data, ancestors->len);
	}
	return TRUE;
}

gboolean collect_ancestors(Snapshot *snapshot, const PGresult *result, GError **error)
{
	return collect_ancestors_of(snapshot, snapshot_server(snapshot)->database_oid, result, error);
}

/* Two columns: oid and name. */
static gboolean collect_names(Snapshot *snapshot, const PGresult *result,
                              void (*add)(Names *, guint32, const char *), const char *purpose,
                              GError **error)
{
	static const PgColumn columns[] = {{"oid", PG_TYPE_OID}, {"name", PG_TYPE_TEXT}};

	if (!pg_result_check(result, purpose, error) ||
	    !pg_columns_check(result, columns, G_N_ELEMENTS(columns), purpose, error))
		return FALSE;
	for (int row = 0; row < PQntuples(result); row++) {
		RowReader reader = {.result = result, .row = row};
		guint32 oid = row_oid(&reader, 0);
		g_autofree char *name = read_name(&reader, 1);

		if (reader.is_malformed) {
			row_malformed(&reader, purpose, error);
			return FALSE;
		}
		add(snapshot_names(snapshot), oid, name);
	}
	return TRUE;
}

gboolean collect_databases(Snapshot *snapshot, const PGresult *result, GError **error)
{
	return collect_names(snapshot, result, names_add_database, "reading the names of databases",
	                     error);
}

gboolean collect_roles(Snapshot *snapshot, const PGresult *result, GError **error)
{
	return collect_names(snapshot, result, names_add_role, "reading the names of roles", error);
}
