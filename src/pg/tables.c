#include "pg/look.h"

#include "base/error.h"
#include "base/text.h"
#include "pg/connection_internal.h"
#include "pg/request.h"
#include "pg/row_reader.h"

#include <string.h>

#define PURPOSE "looking the table up"

typedef struct {
	guint32 database;
	char *database_name;
	char *pattern;
	PgTablesDone done;
	gpointer user_data;
} Finding;

static void finding_free(gpointer data)
{
	Finding *finding = data;

	g_free(finding->database_name);
	g_free(finding->pattern);
	g_free(finding);
}

TableSet *tables_read(const PGresult *result, guint32 database, GError **error)
{
	static const PgColumn columns[] = {{"oid", PG_TYPE_OID}, {"matched_as", PG_TYPE_TEXT}};

	if (!pg_result_check(result, PURPOSE, error) ||
	    !pg_columns_check(result, columns, G_N_ELEMENTS(columns), PURPOSE, error))
		return NULL;
	g_autoptr(TableSet) tables = table_set_new(database);

	for (int row = 0; row < PQntuples(result); row++) {
		RowReader reader = {.result = result, .row = row};
		guint32 oid = row_oid(&reader, 0);
		const char *bytes = row_text(&reader, 1);
		g_autofree char *matched_as = bytes != NULL ? text_repair(bytes, strlen(bytes)) : NULL;

		if (reader.is_malformed) {
			row_malformed(&reader, PURPOSE, error);
			return NULL;
		}
		table_set_add(tables, oid, matched_as);
	}
	return g_steal_pointer(&tables);
}

static void set_not_found(const Finding *finding, GError **error)
{
	error_set(error, PGUNLOCK_ERROR_NOT_FOUND, "no table matches %s in database \"%s\"",
	          finding->pattern, finding->database_name);
	error_set_hint(error,
	               "-d names another database, SCHEMA.TABLE another schema; * and ? stand for "
	               "any letters, double quotes keep upper case");
}

static void find_done(PgRequest *request, GError *error, gpointer user_data)
{
	Finding *finding = user_data;
	TableSet *tables = NULL;

	if (error == NULL)
		tables = tables_read(pg_request_result(request, 0), finding->database, &error);
	if (error == NULL && table_set_n_matches(tables) == 0) {
		g_clear_pointer(&tables, table_set_free);
		set_not_found(finding, &error);
	}
	PgTablesDone done = finding->done;
	gpointer data = finding->user_data;

	finding_free(finding);
	done(tables, error, data);
}

void pg_find_tables(PgConnection *connection, const NamePattern *pattern, gint64 timeout_us,
                    PgTablesDone done, gpointer user_data)
{
	const ServerInfo *server = pg_connection_server(connection);
	Finding *finding = g_new0(Finding, 1);
	PgParams *params = pg_params_new();
	PgRequest *request = pg_request_new(connection, PURPOSE);

	finding->database = server->database_oid;
	finding->database_name = g_strdup(server->database);
	finding->pattern = g_strdup(pattern->original);
	finding->done = done;
	finding->user_data = user_data;
	pg_params_add_text(params, pattern->relation.regex);
	pg_params_add_bool(params, pattern->relation.case_sensitive);
	pg_params_add_text(params, pattern->schema.regex);
	pg_params_add_bool(params, pattern->schema.case_sensitive);
	pg_request_add(request, STATEMENT_TABLES, params);
	pg_request_send(request, timeout_us, find_done, finding, finding_free);
}
