#ifndef PGUNLOCK_MODEL_PRIVILEGES_H
#define PGUNLOCK_MODEL_PRIVILEGES_H

/* What our role may see and signal: facts only, read by pg; plan draws the conclusions. */

#include <glib.h>

typedef struct {
	gboolean known; /* FALSE: could not be read (the catalog was locked, say), then nothing else
	                   here means anything */
	gboolean is_superuser;
	gboolean has_signal_backend;           /* privileges of pg_signal_backend */
	gboolean has_read_all_stats;           /* privileges of pg_read_all_stats */
	gboolean has_signal_autovacuum_worker; /* privileges of pg_signal_autovacuum_worker (18 on) */
	gboolean lacks_inheritance; /* a plain GRANT of a role would not give its privileges: ours is
	                               NOINHERIT, or such a member already (16 on) */
} OwnPrivileges;

typedef struct {
	guint32 oid;
	gboolean is_superuser;
	gboolean we_have_its_privileges; /* pg_has_role(oid, 'USAGE'): we are that role, or a member
	                                    that inherits */
} RolePrivileges;

typedef struct Privileges Privileges;

Privileges *privileges_new(void);
void privileges_free(Privileges *privileges);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Privileges, privileges_free)

void privileges_set_own(Privileges *privileges, const OwnPrivileges *own);
void privileges_add_role(Privileges *privileges, const RolePrivileges *role);

const OwnPrivileges *privileges_own(const Privileges *privileges);
/* NULL when not known. */
const RolePrivileges *privileges_role(const Privileges *privileges, guint32 oid);

#endif
