#include "render/grant.h"

#include "base/sql_ident.h"

char *grant_sql(const Snapshot *snapshot, const char *roles)
{
	const ServerInfo *server = snapshot_server(snapshot);

	return grant_sql_to(server->user, server->version_num,
	                    privileges_own(snapshot_privileges(snapshot)), roles);
}

char *grant_sql_to(const char *role, int version_num, const OwnPrivileges *own, const char *roles)
{
	g_autofree char *us = sql_ident(role);

	if (!own->lacks_inheritance)
		return g_strdup_printf("GRANT %s TO %s;", roles, us);
	if (version_num < 160000)
		return g_strdup_printf("GRANT %s TO %s; ALTER ROLE %s INHERIT;", roles, us, us);
	return g_strdup_printf("GRANT %s TO %s WITH INHERIT TRUE;", roles, us);
}
