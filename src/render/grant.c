#include "render/grant.h"

#include "base/sql_ident.h"

char *grant_sql(const Snapshot *snapshot, const char *roles)
{
	const ServerInfo *server = snapshot_server(snapshot);
	g_autofree char *us = sql_ident(server->user);

	if (!privileges_own(snapshot_privileges(snapshot))->lacks_inheritance)
		return g_strdup_printf("GRANT %s TO %s;", roles, us);
	if (server->version_num < 160000)
		return g_strdup_printf("GRANT %s TO %s; ALTER ROLE %s INHERIT;", roles, us, us);
	return g_strdup_printf("GRANT %s TO %s WITH INHERIT TRUE;", roles, us);
}
