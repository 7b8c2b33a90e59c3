#include "model/privileges.h"

struct Privileges {
	OwnPrivileges own;
	GHashTable *roles; /* oid -> RolePrivileges, owned */
};

Privileges *privileges_new(void)
{
	Privileges *privileges = g_new0(Privileges, 1);

	privileges->roles = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	return privileges;
}

void privileges_free(Privileges *privileges)
{
	if (!privileges)
		return;
	g_hash_table_destroy(privileges->roles);
	g_free(privileges);
}

void privileges_set_own(Privileges *privileges, const OwnPrivileges *own)
{
	privileges->own = *own;
}

void privileges_add_role(Privileges *privileges, const RolePrivileges *role)
{
	g_hash_table_replace(privileges->roles, GUINT_TO_POINTER(role->oid),
	                     g_memdup2(role, sizeof(*role)));
}

const OwnPrivileges *privileges_own(const Privileges *privileges)
{
	return &privileges->own;
}

const RolePrivileges *privileges_role(const Privileges *privileges, guint32 oid)
{
	return g_hash_table_lookup(privileges->roles, GUINT_TO_POINTER(oid));
}
