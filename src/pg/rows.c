#include "pg/rows.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/sql_ident.h"
#include "base/text.h"
#include "pg/request.h"
#include "pg/row_key.h"
#include "pg/row_locks.h"
#include "pg/sqlstate.h"

#include <string.h>

/*
 * begin -> settings, and what the table's name means by the search_path -> its key and kind -> its
 * rows -> what their headers mean (row_locks)
 *
 * Between our own statements and the person's the search_path changes: no operator of ours may be
 * one of somebody else's making.
 */

#define PURPOSE "reading the rows"
#define LONGEST_READ_US (2 * DURATION_SECOND)

#define SQLSTATE_CANCELLED "57014"
#define SQLSTATE_READ_ONLY "25006"

typedef struct {
	PgConnection *connection;
	char *table_sql;
	char *condition;
	char *shown;  /* the table as it was named, as people write it in SQL */
	char *schema; /* NULL: none was named */
	char *locked_hint;
	guint limit;
	gint64 deadline; /* by g_get_monotonic_time */
	PgRowsDone done;
	gpointer user_data;
	char *search_path;
	guint32 oid;
	KeyedTable *key; /* NULL: it has none that we may read */
	RowExtensions extensions;
	RowSet *rows;
} Reading;

static void reading_free(gpointer data)
{
	Reading *reading = data;

	g_free(reading->table_sql);
	g_free(reading->condition);
	g_free(reading->shown);
	g_free(reading->schema);
	g_free(reading->locked_hint);
	g_free(reading->search_path);
	keyed_table_free(reading->key);
	row_extensions_clear(&reading->extensions);
	row_set_free(reading->rows);
	g_free(reading);
}

static void end(Reading *reading, GError *error)
{
	RowSet *rows = error == NULL ? g_steal_pointer(&reading->rows) : NULL;
	PgRowsDone done = reading->done;
	gpointer user_data = reading->user_data;

	reading_free(reading);
	done(rows, error, user_data);
}

static void send(Reading *reading, PgRequest *request, PgRequestDone done)
{
	gint64 left = reading->deadline - g_get_monotonic_time();

	pg_request_send(request, MAX(left, 0), done, reading, reading_free);
}

static void add_settings(const Reading *reading, PgRequest *request)
{
	PgParams *params = pg_params_new();
	gint64 left = reading->deadline - g_get_monotonic_time();

	pg_params_add_timeout(params, MIN(left, LONGEST_READ_US));
	pg_params_add_text(params, reading->search_path);
	pg_request_add(request, STATEMENT_ROW_SETTINGS, params);
}

static PgParams *oid_params(guint32 oid)
{
	PgParams *params = pg_params_new();

	pg_params_add_int(params, oid);
	return params;
}

static void locks_done(GError *error, gpointer user_data)
{
	end(user_data, error);
}

/* SQLSTATE classes of what a person wrote: wrong syntax, unknown columns; values that are no such.
 */
static gboolean is_about_condition(const char *sqlstate)
{
	return sqlstate != NULL &&
	       (g_str_has_prefix(sqlstate, "42") || g_str_has_prefix(sqlstate, "22") ||
	        strcmp(sqlstate, SQLSTATE_READ_ONLY) == 0 ||
	        /* a parameter in it, which nobody gives a value */
	        strcmp(sqlstate, SQLSTATE_PROTOCOL_VIOLATION) == 0);
}

/* What the server said to the person's own statement, with what to do. */
static void explain_read_error(const Reading *reading, GError **error)
{
	const char *sqlstate = error_sqlstate(*error);

	if (g_strcmp0(sqlstate, SQLSTATE_CANCELLED) == 0) {
		error_set_hint(
		    error,
		    "it is given %d s: a condition on an indexed column is faster (EXPLAIN shows "
		    "whether there is an index for it)",
		    (int) (LONGEST_READ_US / DURATION_SECOND));
	} else if (g_strcmp0(sqlstate, SQLSTATE_LOCK_TIMEOUT) == 0) {
		error_set_hint(error, "%s", reading->locked_hint);
	} else if (g_strcmp0(sqlstate, SQLSTATE_DENIED) == 0) {
		/* something that the condition names: the table itself may be read */
		(*error)->code = PGUNLOCK_ERROR_REFUSED;
		error_set_hint(error, "where policies may hide rows (row-level security) only a role with "
		                      "BYPASSRLS can tell who holds one");
	} else if (is_about_condition(sqlstate)) {
		(*error)->code = PGUNLOCK_ERROR_USAGE;
		error_set_hint(error,
		               "the condition goes after WHERE in a SELECT from %s as it is: pgunlock "
		               "row login_sessions 'user_id = 42'",
		               reading->shown);
	}
}

static gboolean take_rows(Reading *reading, const PGresult *result, GError **error)
{
	g_autoptr(Arena) arena = arena_new();
	int n_rows = PQntuples(result);

	if (!row_columns_check(result, reading->key, PURPOSE, error))
		return FALSE;
	if (n_rows > (int) reading->limit) {
		n_rows = (int) reading->limit;
		row_set_note_more(reading->rows);
	}
	for (int row = 0; row < n_rows; row++) {
		RowReader reader = {.result = result, .row = row};
		RowFacts facts = {
		    .tag = {.type = LOCK_TYPE_TUPLE,
		            .database = row_set_table(reading->rows)->database,
		            .relation = row_oid(&reader, ROW_TABLEOID)},
		    .key = row_key_read(&reader, reading->key, arena),
		    .xmax = row_oid(&reader, ROW_XMAX),
		};

		row_tid(&reader, ROW_CTID, &facts.tag.page, &facts.tag.tuple);
		facts.transaction.xid = facts.xmax;
		if (reader.is_malformed) {
			row_malformed(&reader, PURPOSE, error);
			return FALSE;
		}
		row_set_add(reading->rows, &facts);
	}
	return TRUE;
}

enum { READ_BEGIN, READ_ROWS, READ_END };

static void read_done(PgRequest *request, GError *error, gpointer user_data)
{
	Reading *reading = user_data;
	const PGresult *result = pg_request_result(request, READ_ROWS);

	if (error == NULL && pg_result_check(pg_request_result(request, READ_BEGIN), PURPOSE, &error) &&
	    !pg_result_check(result, PURPOSE, &error))
		explain_read_error(reading, &error);
	if (error == NULL)
		take_rows(reading, result, &error);
	if (error != NULL)
		end(reading, error);
	else
		row_locks_read(reading->connection, reading->rows, &reading->extensions,
		               reading->deadline - g_get_monotonic_time(), locks_done, reading,
		               reading_free);
}

static void read_rows(Reading *reading)
{
	PgRequest *request = pg_request_new(reading->connection, PURPOSE);
	g_autofree char *sql =
	    row_statement(STATEMENT_ROW_READ, pg_connection_server(reading->connection)->version_num,
	                  reading->key, reading->table_sql, reading->condition, reading->limit + 1);

	/* what a function in the condition writes all the same is undone: lo_create isn't stopped */
	pg_request_add(request, STATEMENT_ROW_BEGIN, NULL);
	pg_request_add_sql(request, sql);
	pg_request_add(request, STATEMENT_ROW_END, NULL);
	send(reading, request, read_done);
}

enum {
	TABLE_OID,
	TABLE_SCHEMA,
	TABLE_NAME,
	TABLE_KIND,
	TABLE_IS_SHARED,
	TABLE_MAY_READ,
	TABLE_COLUMN_COUNT
};

static const PgColumn TABLE_COLUMNS[TABLE_COLUMN_COUNT] = {
    [TABLE_OID] = {"oid", PG_TYPE_OID},
    [TABLE_SCHEMA] = {"schema", PG_TYPE_TEXT},
    [TABLE_NAME] = {"name", PG_TYPE_TEXT},
    [TABLE_KIND] = {"relkind", PG_TYPE_CHAR},
    [TABLE_IS_SHARED] = {"relisshared", PG_TYPE_BOOL},
    [TABLE_MAY_READ] = {"may_read", PG_TYPE_BOOL},
};

/* Only of these single rows are locked. */
static gboolean has_row_locks(char relkind)
{
	return relkind == 'r' || relkind == 'p';
}

static void set_no_table(const Reading *reading, GError **error)
{
	error_set(error, PGUNLOCK_ERROR_NOT_FOUND, "there is no table %s in database \"%s\"",
	          reading->shown, pg_connection_server(reading->connection)->database);
	error_set_hint(error,
	               "-d names another database; a table that isn't in the search_path wants its "
	               "schema: SCHEMA.TABLE");
}

/* Of a row's place and xmax no column's privilege is enough. */
static void set_may_not_read(const Reading *reading, GError **error)
{
	g_autofree char *role = sql_ident(pg_connection_server(reading->connection)->user);

	error_set(error, PGUNLOCK_ERROR_REFUSED, "role %s may not read %s", role, reading->shown);
	error_set_hint(error, "GRANT SELECT ON %s TO %s;", reading->shown, role);
}

static gboolean take_table(Reading *reading, const PGresult *result, GError **error)
{
	RowReader reader = {.result = result};
	const ServerInfo *server = pg_connection_server(reading->connection);

	if (!pg_result_check(result, PURPOSE, error) ||
	    !pg_columns_check(result, TABLE_COLUMNS, TABLE_COLUMN_COUNT, PURPOSE, error))
		return FALSE;
	if (PQntuples(result) != 1) { /* dropped this moment */
		set_no_table(reading, error);
		return FALSE;
	}
	const char *schema = row_text(&reader, TABLE_SCHEMA);
	const char *name = row_text(&reader, TABLE_NAME);
	g_autofree char *schema_text = text_repair(schema, schema != NULL ? strlen(schema) : 0);
	g_autofree char *name_text = text_repair(name, name != NULL ? strlen(name) : 0);
	const RelationName table = {
	    .database = row_bool(&reader, TABLE_IS_SHARED) ? 0 : server->database_oid,
	    .oid = row_oid(&reader, TABLE_OID),
	    .schema = schema_text,
	    .name = name_text,
	    .relkind = row_char(&reader, TABLE_KIND),
	    .table_oid = row_oid(&reader, TABLE_OID),
	};

	gboolean may_read = row_bool(&reader, TABLE_MAY_READ);

	if (reader.is_malformed) {
		row_malformed(&reader, PURPOSE, error);
		return FALSE;
	}
	if (!has_row_locks(table.relkind)) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "%s is no table, and only rows of tables are locked",
		          reading->shown);
		error_set_hint(error, "of a view name the table behind it");
		return FALSE;
	}
	if (!may_read) {
		set_may_not_read(reading, error);
		return FALSE;
	}
	reading->rows = row_set_new(&table, reading->limit);
	return TRUE;
}

static gboolean take_key(Reading *reading, const PGresult *result, GError **error)
{
	g_autoptr(GPtrArray) tables = keyed_tables_read(result, error);

	if (tables == NULL)
		return FALSE;
	if (tables->len > 0)
		reading->key = g_ptr_array_steal_index(tables, 0);
	return TRUE;
}

enum { ABOUT_NO_SEARCH_PATH, ABOUT_TABLE, ABOUT_KEY, ABOUT_EXTENSIONS, ABOUT_SETTINGS };

static void about_done(PgRequest *request, GError *error, gpointer user_data)
{
	Reading *reading = user_data;

	if (error == NULL)
		take_table(reading, pg_request_result(request, ABOUT_TABLE), &error);
	if (error == NULL)
		take_key(reading, pg_request_result(request, ABOUT_KEY), &error);
	if (error == NULL)
		row_extensions_take(&reading->extensions, pg_request_result(request, ABOUT_EXTENSIONS),
		                    &error);
	if (error == NULL)
		pg_result_check(pg_request_result(request, ABOUT_SETTINGS), PURPOSE, &error);
	if (error != NULL)
		end(reading, error);
	else
		read_rows(reading);
}

static void ask_about_table(Reading *reading)
{
	PgRequest *request = pg_request_new(reading->connection, "looking the table up");

	pg_request_add(request, STATEMENT_ROW_NO_SEARCH_PATH, NULL);
	pg_request_add(request, STATEMENT_ROW_TABLE, oid_params(reading->oid));
	pg_request_add(request, STATEMENT_ROW_KEYS, pg_params_of_oids(&reading->oid, 1));
	pg_request_add(request, STATEMENT_ROW_EXTENSIONS, oid_params(reading->oid));
	add_settings(reading, request);
	send(reading, request, about_done);
}

/* The one value of an answer of one row. */
static gboolean check_single(const PGresult *result, PgColumn column, GError **error)
{
	const char *purpose = "looking the table up";

	if (!pg_result_check(result, purpose, error) ||
	    !pg_columns_check(result, &column, 1, purpose, error))
		return FALSE;
	if (PQntuples(result) == 1)
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_FAILED, "%s: %d rows instead of one", purpose,
	          PQntuples(result));
	return FALSE;
}

/* A table's name is only looked up in a schema that we may use. */
static void set_may_not_enter(const Reading *reading, GError **error)
{
	g_autofree char *role = sql_ident(pg_connection_server(reading->connection)->user);
	g_autofree char *schema = reading->schema != NULL ? sql_ident(reading->schema) : NULL;

	(*error)->code = PGUNLOCK_ERROR_REFUSED;
	if (schema != NULL)
		error_set_hint(error, "GRANT USAGE ON SCHEMA %s TO %s;", schema, role);
}

static void resolve_done(PgRequest *request, GError *error, gpointer user_data)
{
	Reading *reading = user_data;
	const PGresult *result = pg_request_result(request, 1);
	RowReader reader = {.result = result};

	if (error == NULL && pg_result_check(pg_request_result(request, 0), PURPOSE, &error) &&
	    check_single(result, (PgColumn){"oid", PG_TYPE_OID}, &error))
		reading->oid = row_oid(&reader, 0);
	if (error != NULL && g_strcmp0(error_sqlstate(error), SQLSTATE_DENIED) == 0)
		set_may_not_enter(reading, &error);
	if (error == NULL && reading->oid == 0)
		set_no_table(reading, &error);
	if (error != NULL)
		end(reading, error);
	else
		ask_about_table(reading);
}

static gboolean check_primary(const PgConnection *connection, GError **error)
{
	if (!pg_connection_server(connection)->in_recovery)
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_REFUSED,
	          "this server is a standby, and who locks rows isn't known there: the transactions in "
	          "its rows are the primary's");
	error_set_hint(error, "connect to the primary; pg_stat_wal_receiver says where it is");
	return FALSE;
}

static void search_path_done(PgRequest *request, GError *error, gpointer user_data)
{
	Reading *reading = user_data;
	const PGresult *result = pg_request_result(request, 0);
	RowReader reader = {.result = result};

	if (error == NULL && check_primary(reading->connection, &error) &&
	    check_single(result, (PgColumn){"search_path", PG_TYPE_TEXT}, &error))
		reading->search_path = g_strdup(row_text(&reader, 0));
	if (error != NULL) {
		end(reading, error);
		return;
	}
	PgRequest *next = pg_request_new(reading->connection, "looking the table up");
	PgParams *params = pg_params_new();

	pg_params_add_text(params, reading->table_sql);
	add_settings(reading, next);
	pg_request_add(next, STATEMENT_ROW_RESOLVE, params);
	send(reading, next, resolve_done);
}

static char *shown_name(const RowRef *ref)
{
	GString *name = g_string_new(NULL);

	if (ref->schema != NULL) {
		sql_ident_append(name, ref->schema);
		g_string_append_c(name, '.');
	}
	sql_ident_append(name, ref->table);
	return g_string_free(name, FALSE);
}

void pg_read_rows(PgConnection *connection, const RowRef *ref, guint limit, const char *locked_hint,
                  gint64 timeout_us, PgRowsDone done, gpointer user_data)
{
	Reading *reading = g_new0(Reading, 1);

	reading->connection = connection;
	reading->table_sql = row_ref_table_sql(ref);
	reading->condition = g_strdup(ref->condition);
	reading->shown = shown_name(ref);
	reading->schema = g_strdup(ref->schema);
	reading->locked_hint = g_strdup(locked_hint);
	reading->limit = limit;
	reading->deadline = g_get_monotonic_time() + timeout_us;
	reading->done = done;
	reading->user_data = user_data;
	PgRequest *request = pg_request_new(connection, "looking the table up");

	pg_request_add(request, STATEMENT_ROW_SEARCH_PATH, NULL);
	send(reading, request, search_path_done);
}
