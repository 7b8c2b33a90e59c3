#include "pg/privileges.h"

#include "pg/request.h"
#include "pg/row_reader.h"

gboolean own_privileges_read(OwnPrivileges *own, const PGresult *result, GError **error)
{
	static const PgColumn columns[] = {{"rolsuper", PG_TYPE_BOOL},
	                                   {"signal_backend", PG_TYPE_BOOL},
	                                   {"read_all_stats", PG_TYPE_BOOL},
	                                   {"signal_autovacuum_worker", PG_TYPE_BOOL},
	                                   {"lacks_inheritance", PG_TYPE_BOOL}};
	const char *purpose = "reading our role's privileges";
	RowReader reader = {.result = result};

	if (!pg_result_check(result, purpose, error) ||
	    !pg_columns_check(result, columns, G_N_ELEMENTS(columns), purpose, error))
		return FALSE;
	if (PQntuples(result) != 1)
		reader.is_malformed = TRUE;
	if (!reader.is_malformed) {
		const OwnPrivileges read = {
		    .known = TRUE,
		    .is_superuser = row_bool(&reader, 0),
		    .has_signal_backend = row_bool(&reader, 1),
		    .has_read_all_stats = row_bool(&reader, 2),
		    .has_signal_autovacuum_worker = row_bool(&reader, 3),
		    .lacks_inheritance = row_bool(&reader, 4),
		};

		if (!reader.is_malformed)
			*own = read;
	}
	if (reader.is_malformed)
		row_malformed(&reader, purpose, error);
	return !reader.is_malformed;
}

gboolean collect_own_privileges(Snapshot *snapshot, const PGresult *result, GError **error)
{
	OwnPrivileges own;

	if (!own_privileges_read(&own, result, error))
		return FALSE;
	privileges_set_own(snapshot_privileges(snapshot), &own);
	return TRUE;
}

gboolean collect_role_privileges(Snapshot *snapshot, const PGresult *result, GError **error)
{
	static const PgColumn columns[] = {
	    {"oid", PG_TYPE_OID}, {"rolsuper", PG_TYPE_BOOL}, {"usage", PG_TYPE_BOOL}};
	const char *purpose = "reading the privileges over other roles";

	if (!pg_result_check(result, purpose, error) ||
	    !pg_columns_check(result, columns, G_N_ELEMENTS(columns), purpose, error))
		return FALSE;
	for (int row = 0; row < PQntuples(result); row++) {
		RowReader reader = {.result = result, .row = row};
		const RolePrivileges role = {
		    .oid = row_oid(&reader, 0),
		    .is_superuser = row_bool(&reader, 1),
		    .we_have_its_privileges = row_bool(&reader, 2),
		};

		if (reader.is_malformed) {
			row_malformed(&reader, purpose, error);
			return FALSE;
		}
		privileges_add_role(snapshot_privileges(snapshot), &role);
	}
	return TRUE;
}
