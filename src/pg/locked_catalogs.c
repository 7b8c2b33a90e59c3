#include "pg/locked_catalogs.h"

static const struct {
	CatalogOid oid;
	const char *name;
} CATALOGS[] = {
    {CATALOG_PG_TYPE, "pg_type"},         {CATALOG_PG_ATTRIBUTE, "pg_attribute"},
    {CATALOG_PG_PROC, "pg_proc"},         {CATALOG_PG_CLASS, "pg_class"},
    {CATALOG_PG_AUTHID, "pg_authid"},     {CATALOG_PG_AUTH_MEMBERS, "pg_auth_members"},
    {CATALOG_PG_DATABASE, "pg_database"}, {CATALOG_PG_INDEX, "pg_index"},
    {CATALOG_PG_INHERITS, "pg_inherits"}, {CATALOG_PG_NAMESPACE, "pg_namespace"},
    {CATALOG_PG_OPERATOR, "pg_operator"}, {CATALOG_PG_DB_ROLE_SETTING, "pg_db_role_setting"},
};

static gboolean is_locked_catalog(const Lock *lock)
{
	return lock->mode == LOCK_MODE_ACCESS_EXCLUSIVE && lock->tag.type == LOCK_TYPE_RELATION &&
	       lock->tag.relation < FIRST_NORMAL_OID;
}

/* catalog 0: any. */
static gboolean find_locked(const Snapshot *snapshot, guint32 catalog, guint32 database)
{
	for (guint i = 0; i < snapshot_n_locks(snapshot); i++) {
		const Lock *lock = snapshot_lock(snapshot, i);

		if (is_locked_catalog(lock) && (catalog == 0 || lock->tag.relation == catalog) &&
		    (lock->tag.database == database || lock->tag.database == 0))
			return TRUE;
	}
	return FALSE;
}

gboolean catalog_is_locked(const Snapshot *snapshot, CatalogOid catalog, guint32 database)
{
	return find_locked(snapshot, catalog, database);
}

gboolean any_catalog_is_locked(const Snapshot *snapshot, guint32 database)
{
	return find_locked(snapshot, 0, database);
}

const char *catalog_name(CatalogOid catalog)
{
	for (guint i = 0; i < G_N_ELEMENTS(CATALOGS); i++)
		if (CATALOGS[i].oid == catalog)
			return CATALOGS[i].name;
	return NULL;
}

void locked_catalogs_add_names(Snapshot *snapshot)
{
	for (guint i = 0; i < snapshot_n_locks(snapshot); i++) {
		const Lock *lock = snapshot_lock(snapshot, i);
		const char *name =
		    is_locked_catalog(lock) ? catalog_name((CatalogOid) lock->tag.relation) : NULL;
		const RelationName relation = {
		    .database = lock->tag.database,
		    .oid = lock->tag.relation,
		    .schema = "pg_catalog",
		    .name = name,
		    .relkind = 'r',
		    .table_oid = lock->tag.relation,
		};

		if (name != NULL)
			names_add_relation(snapshot_names(snapshot), &relation);
	}
}
