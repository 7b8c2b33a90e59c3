#ifndef PGUNLOCK_RENDER_GRANT_H
#define PGUNLOCK_RENDER_GRANT_H

/* The SQL that gives our role what it lacks. */

#include "model/snapshot.h"

#include <glib.h>

/* "GRANT pg_read_all_stats, pg_signal_backend TO oncall;" for these roles, with what it takes that
 * their privileges are inherited. Safe text that can be run as it is; free with g_free. */
char *grant_sql(const Snapshot *snapshot, const char *roles);
/* The same for this role of a server of this version. */
char *grant_sql_to(const char *role, int version_num, const OwnPrivileges *own, const char *roles);

#endif
