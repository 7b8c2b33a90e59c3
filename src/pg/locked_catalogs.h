#ifndef PGUNLOCK_PG_LOCKED_CATALOGS_H
#define PGUNLOCK_PG_LOCKED_CATALOGS_H

/*
 * System catalogs that somebody has locked ACCESS EXCLUSIVE (VACUUM FULL, REINDEX, LOCK TABLE), or
 * wants to: whoever reads them queues behind that. A look sees such locks itself, so that what
 * would only run into its lock_timeout needn't be tried.
 */

#include "model/snapshot.h"

/* Oids of catalogs are the same in every database and version (src/include/catalog/pg_*.h). */
typedef enum {
	CATALOG_PG_TYPE = 1247,
	CATALOG_PG_ATTRIBUTE = 1249,
	CATALOG_PG_PROC = 1255,
	CATALOG_PG_CLASS = 1259,
	CATALOG_PG_AUTHID = 1260,
	CATALOG_PG_AUTH_MEMBERS = 1261,
	CATALOG_PG_DATABASE = 1262,
	CATALOG_PG_INDEX = 2610,
	CATALOG_PG_INHERITS = 2611,
	CATALOG_PG_NAMESPACE = 2615,
	CATALOG_PG_OPERATOR = 2617,
	CATALOG_PG_DB_ROLE_SETTING = 2964,
} CatalogOid;

/* Whether this one is locked; of those that aren't shared the database's. */
gboolean catalog_is_locked(const Snapshot *snapshot, CatalogOid catalog, guint32 database);
/* Whether any is that is shared or the database's, also such as aren't named above. A login there
 * may hang then. */
gboolean any_catalog_is_locked(const Snapshot *snapshot, guint32 database);

/* "pg_class" */
const char *catalog_name(CatalogOid catalog);
/* Gives those that are locked their names, which can't be read while they are. */
void locked_catalogs_add_names(Snapshot *snapshot);

#endif
