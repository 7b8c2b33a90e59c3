#ifndef PGUNLOCK_PG_PRIVILEGES_H
#define PGUNLOCK_PG_PRIVILEGES_H

/* What our role may see and signal, out of the statements of that name; errors as in collect.h. */

#include "model/snapshot.h"
#include "pg/libpq.h"

#include <glib.h>

/* FALSE and an error leave own as it is. */
gboolean own_privileges_read(OwnPrivileges *own, const PGresult *result, GError **error);
gboolean collect_own_privileges(Snapshot *snapshot, const PGresult *result, GError **error);
gboolean collect_role_privileges(Snapshot *snapshot, const PGresult *result, GError **error);

#endif
