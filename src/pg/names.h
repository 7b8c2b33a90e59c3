#ifndef PGUNLOCK_PG_NAMES_H
#define PGUNLOCK_PG_NAMES_H

/* Which names a snapshot needs to be shown, and taking them over. */

#include "model/lock_queue.h"
#include "model/snapshot.h"
#include "pg/libpq.h"

#include <glib.h>

/* An array of guint32, the caller's, of a hash table that is a set of oids (GUINT_TO_POINTER). */
GArray *oid_set_to_array(GHashTable *set);

/* Oids without repeats (arrays of guint32). */
typedef struct {
	GArray *relations; /* of the connected database, or shared by all */
	GArray *databases;
	GArray *roles;
} WantedNames;

/* Relations that those who wait or block hold locks on, or with all_relations those that anybody
 * does; databases and roles of all sessions. queues: NULL when nobody waits. */
void wanted_names_init(WantedNames *wanted, const Snapshot *snapshot, const LockQueues *queues,
                       gboolean all_relations);
void wanted_names_clear(WantedNames *wanted);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(WantedNames, wanted_names_clear)

/* The results of the statements of that name; errors as in collect.h. */
gboolean collect_relations(Snapshot *snapshot, const PGresult *result, GError **error);
gboolean collect_relations_of(Snapshot *snapshot, guint32 database, const PGresult *result,
                              GError **error);
gboolean collect_ancestors(Snapshot *snapshot, const PGresult *result, GError **error);
gboolean collect_ancestors_of(Snapshot *snapshot, guint32 database, const PGresult *result,
                              GError **error);
gboolean collect_databases(Snapshot *snapshot, const PGresult *result, GError **error);
gboolean collect_roles(Snapshot *snapshot, const PGresult *result, GError **error);

#endif
