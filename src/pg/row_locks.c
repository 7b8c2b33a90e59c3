#include "pg/row_locks.h"

#include "base/sql_ident.h"
#include "pg/request.h"
#include "pg/row_reader.h"
#include "pg/template.h"

#include <string.h>

#define PURPOSE "asking who locked the rows"

typedef struct Asking Asking;

/* A statement of the request, and what to do with its answer. */
typedef struct {
	RowLocksTake take;
	guint row;            /* of those that it is about the first */
	const char *expected; /* SQLSTATE of an answer that there is nothing to take; NULL: any */
} Question;

/* pg_xact_status of a number that hasn't been given out; pg_get_multixact_members of one that is no
 * multixact's, an internal error. */
#define SQLSTATE_IN_THE_FUTURE "22023"
#define SQLSTATE_NO_MULTIXACT "XX000"

struct Asking {
	RowSet *rows;
	GArray *questions; /* of Question, by statement; the first statement has none */
	RowLocksDone done;
	gpointer user_data;
	GDestroyNotify dropped;
};

enum { EXTENSION_NAME, EXTENSION_SCHEMA, EXTENSION_COLUMN_COUNT };

gboolean row_extensions_take(RowExtensions *extensions, const PGresult *result, GError **error)
{
	static const PgColumn columns[EXTENSION_COLUMN_COUNT] = {
	    [EXTENSION_NAME] = {"name", PG_TYPE_TEXT}, [EXTENSION_SCHEMA] = {"schema", PG_TYPE_TEXT}};

	if (!pg_result_check(result, PURPOSE, error) ||
	    !pg_columns_check(result, columns, EXTENSION_COLUMN_COUNT, PURPOSE, error))
		return FALSE;
	for (int row = 0; row < PQntuples(result); row++) {
		RowReader reader = {.result = result, .row = row};
		const char *name = row_text(&reader, EXTENSION_NAME);
		const char *schema = row_text(&reader, EXTENSION_SCHEMA);

		if (reader.is_malformed || name == NULL || schema == NULL) {
			row_malformed(&reader, PURPOSE, error);
			return FALSE;
		}
		GString *quoted = g_string_new(NULL);
		char **slot =
		    strcmp(name, "pgrowlocks") == 0 ? &extensions->pgrowlocks : &extensions->pageinspect;

		sql_quote_append(quoted, schema);
		g_free(*slot);
		*slot = g_string_free(quoted, FALSE);
	}
	return TRUE;
}

void row_extensions_clear(RowExtensions *extensions)
{
	g_clear_pointer(&extensions->pgrowlocks, g_free);
	g_clear_pointer(&extensions->pageinspect, g_free);
}

/* A number that can't be one of the kind asked about is refused by the server: nothing to take. */
static gboolean has_columns(const PGresult *result, const PgColumn *columns, guint n)
{
	return result != NULL && PQresultStatus(result) == PGRES_TUPLES_OK &&
	       pg_columns_check(result, columns, n, PURPOSE, NULL);
}

void row_locks_take_status(RowSet *rows, guint first, const PGresult *result)
{
	static const PgColumn columns[] = {{"in_progress", PG_TYPE_BOOL}};
	guint32 xmax = row_set_get(rows, first)->xmax;
	RowReader reader = {.result = result};

	if (!has_columns(result, columns, G_N_ELEMENTS(columns)) || PQntuples(result) != 1)
		return;
	for (guint i = first; i < row_set_n(rows); i++) {
		RowFacts *row = row_set_get_mutable(rows, i);

		if (row->xmax == xmax)
			row->transaction.in_progress = row_bool(&reader, 0);
	}
}

enum { MEMBER_XID, MEMBER_MODE, MEMBER_IN_PROGRESS, MEMBER_COLUMN_COUNT };

void row_locks_take_members(RowSet *rows, guint first, const PGresult *result)
{
	static const PgColumn columns[MEMBER_COLUMN_COUNT] = {
	    [MEMBER_XID] = {"xid", PG_TYPE_XID},
	    [MEMBER_MODE] = {"mode", PG_TYPE_TEXT},
	    [MEMBER_IN_PROGRESS] = {"in_progress", PG_TYPE_BOOL},
	};
	guint32 xmax = row_set_get(rows, first)->xmax;
	g_autoptr(GArray) members = g_array_new(FALSE, FALSE, sizeof(RowLocker));

	if (!has_columns(result, columns, G_N_ELEMENTS(columns)))
		return;
	for (int i = 0; i < PQntuples(result); i++) {
		RowReader reader = {.result = result, .row = i};
		const RowLocker member = {
		    .xid = row_oid(&reader, MEMBER_XID),
		    .mode = row_mode_from_multixact(row_text(&reader, MEMBER_MODE)),
		    .in_progress = row_bool(&reader, MEMBER_IN_PROGRESS),
		};

		if (reader.is_malformed)
			return;
		g_array_append_val(members, member);
	}
	for (guint i = first; i < row_set_n(rows); i++) {
		RowFacts *row = row_set_get_mutable(rows, i);

		if (row->xmax == xmax)
			row_set_set_members(rows, row, (const RowLocker *) (gpointer) members->data,
			                    members->len);
	}
}

/* What an extension tells of the row at this place, if it is about the xmax that was read: a row
 * may be locked anew since. */
static void set_kind(RowSet *rows, const LockTag *tag, guint32 xmax, gboolean is_multixact,
                     RowMode mode)
{
	guint found = row_set_find(rows, tag);
	RowFacts *row = found != NO_ROW ? row_set_get_mutable(rows, found) : NULL;

	if (row == NULL || row->xmax != xmax)
		return;
	row->kind = is_multixact ? XMAX_MULTIXACT : XMAX_TRANSACTION;
	row->transaction.mode = is_multixact ? ROW_MODE_UNKNOWN : mode;
}

enum { LOCKED_CTID, LOCKED_XMAX, LOCKED_IS_MULTIXACT, LOCKED_MODE, LOCKED_COLUMN_COUNT };

/* pgrowlocks names only rows that are locked now: the others are as they were. */
void row_locks_take_pgrowlocks(RowSet *rows, guint first, const PGresult *result)
{
	static const PgColumn columns[LOCKED_COLUMN_COUNT] = {
	    [LOCKED_CTID] = {"ctid", PG_TYPE_TID},
	    [LOCKED_XMAX] = {"xmax", PG_TYPE_XID},
	    [LOCKED_IS_MULTIXACT] = {"is_multixact", PG_TYPE_BOOL},
	    [LOCKED_MODE] = {"mode", PG_TYPE_TEXT},
	};
	LockTag tag = row_set_get(rows, first)->tag;

	if (!has_columns(result, columns, G_N_ELEMENTS(columns)))
		return;
	for (int i = 0; i < PQntuples(result); i++) {
		RowReader reader = {.result = result, .row = i};
		guint32 xmax = row_oid(&reader, LOCKED_XMAX);
		gboolean is_multixact = row_bool(&reader, LOCKED_IS_MULTIXACT);
		RowMode mode = row_mode_from_pgrowlocks(row_text(&reader, LOCKED_MODE));

		row_tid(&reader, LOCKED_CTID, &tag.page, &tag.tuple);
		if (!reader.is_malformed)
			set_kind(rows, &tag, xmax, is_multixact, mode);
	}
}

enum { ITEM_TUPLE, ITEM_XMAX, ITEM_INFOMASK, ITEM_INFOMASK2, ITEM_COLUMN_COUNT };

void row_locks_take_page(RowSet *rows, guint first, const PGresult *result)
{
	static const PgColumn columns[ITEM_COLUMN_COUNT] = {
	    [ITEM_TUPLE] = {"tuple", PG_TYPE_INT4},
	    [ITEM_XMAX] = {"xmax", PG_TYPE_XID},
	    [ITEM_INFOMASK] = {"infomask", PG_TYPE_INT4},
	    [ITEM_INFOMASK2] = {"infomask2", PG_TYPE_INT4},
	};
	LockTag tag = row_set_get(rows, first)->tag;

	if (!has_columns(result, columns, G_N_ELEMENTS(columns)))
		return;
	for (int i = 0; i < PQntuples(result); i++) {
		RowReader reader = {.result = result, .row = i};
		guint32 xmax = row_oid(&reader, ITEM_XMAX);
		guint32 infomask = (guint32) row_int4(&reader, ITEM_INFOMASK);
		guint32 infomask2 = (guint32) row_int4(&reader, ITEM_INFOMASK2);

		tag.tuple = (guint16) row_int4(&reader, ITEM_TUPLE);
		if (!reader.is_malformed)
			set_kind(rows, &tag, xmax, row_infomask_is_multixact(infomask),
			         row_mode_from_infomask(infomask, infomask2));
	}
}

static void ask(Asking *asking, RowLocksTake take, guint row, const char *expected)
{
	const Question question = {take, row, expected};

	g_array_append_val(asking->questions, question);
}

static PgParams *number_params(guint32 number)
{
	PgParams *params = pg_params_new();

	pg_params_add_int(params, number);
	return params;
}

static gboolean same_number(const RowFacts *a, const RowFacts *b)
{
	return a->xmax == b->xmax;
}

static gboolean same_table(const RowFacts *a, const RowFacts *b)
{
	return a->tag.relation == b->tag.relation;
}

static gboolean same_page(const RowFacts *a, const RowFacts *b)
{
	return same_table(a, b) && a->tag.page == b->tag.page;
}

/* Whether a row before this one, locked at some time, is the same in this way: then it was asked
 * about. */
static gboolean was_before(const RowSet *rows, guint row,
                           gboolean (*same)(const RowFacts *, const RowFacts *))
{
	for (guint i = 0; i < row; i++)
		if (row_set_get(rows, i)->xmax != 0 && same(row_set_get(rows, i), row_set_get(rows, row)))
			return TRUE;
	return FALSE;
}

static void add_template(PgRequest *request, const PgConnection *connection, StatementId statement,
                         const char *schema, PgParams *params)
{
	const SqlPiece piece = {"schema", schema};
	g_autofree char *sql = sql_template_fill(
	    statement_sql(statement, pg_connection_server(connection)->version_num), &piece, 1);

	pg_request_add_sql_params(request, sql, params);
}

static void ask_about_row(Asking *asking, PgRequest *request, const PgConnection *connection,
                          const RowExtensions *extensions, guint index)
{
	const RowFacts *row = row_set_get(asking->rows, index);

	if (!was_before(asking->rows, index, same_number)) {
		pg_request_add(request, STATEMENT_ROW_STATUS, number_params(row->xmax));
		ask(asking, row_locks_take_status, index, SQLSTATE_IN_THE_FUTURE);
		pg_request_add(request, STATEMENT_ROW_MEMBERS, number_params(row->xmax));
		ask(asking, row_locks_take_members, index, SQLSTATE_NO_MULTIXACT);
	}
	/* One page each is cheaper than the whole table. */
	if (extensions->pageinspect != NULL) {
		if (was_before(asking->rows, index, same_page))
			return;
		PgParams *params = number_params(row->tag.relation);

		pg_params_add_int(params, row->tag.page);
		add_template(request, connection, STATEMENT_ROW_PAGEINSPECT, extensions->pageinspect,
		             params);
		ask(asking, row_locks_take_page, index, NULL);
	} else if (extensions->pgrowlocks != NULL && !was_before(asking->rows, index, same_table)) {
		add_template(request, connection, STATEMENT_ROW_PGROWLOCKS, extensions->pgrowlocks,
		             number_params(row->tag.relation));
		ask(asking, row_locks_take_pgrowlocks, index, NULL);
	}
}

static void asking_free(Asking *asking)
{
	g_array_unref(asking->questions);
	g_free(asking);
}

static void asking_dropped(gpointer data)
{
	Asking *asking = data;

	if (asking->dropped != NULL)
		asking->dropped(asking->user_data);
	asking_free(asking);
}

/* What an extension couldn't tell is no error, and no more is what was expected. */
static gboolean check_answer(const Question *question, const PGresult *result, GError **error)
{
	if (question->expected == NULL ||
	    (PQresultStatus(result) == PGRES_FATAL_ERROR &&
	     g_strcmp0(pg_result_sqlstate(result), question->expected) == 0))
		return TRUE;
	return pg_result_check(result, PURPOSE, error);
}

static void answered(PgRequest *request, GError *error, gpointer user_data)
{
	Asking *asking = user_data;
	RowLocksDone done = asking->done;
	gpointer data = asking->user_data;

	if (error == NULL)
		pg_result_check(pg_request_result(request, 0), PURPOSE, &error);
	for (guint i = 0; error == NULL && i < asking->questions->len; i++) {
		const Question *question = &g_array_index(asking->questions, Question, i);
		const PGresult *result = pg_request_result(request, i + 1);

		if (check_answer(question, result, &error))
			question->take(asking->rows, question->row, result);
	}
	asking_free(asking);
	done(error, data);
}

void row_locks_read(PgConnection *connection, RowSet *rows, const RowExtensions *extensions,
                    gint64 timeout_us, RowLocksDone done, gpointer user_data,
                    GDestroyNotify dropped)
{
	Asking *asking = g_new0(Asking, 1);
	PgRequest *request = pg_request_new(connection, PURPOSE);

	asking->rows = rows;
	asking->questions = g_array_new(FALSE, FALSE, sizeof(Question));
	asking->done = done;
	asking->user_data = user_data;
	asking->dropped = dropped;
	pg_request_add(request, STATEMENT_ROW_NO_SEARCH_PATH, NULL);
	for (guint i = 0; i < row_set_n(rows); i++)
		if (row_set_get(rows, i)->xmax != 0)
			ask_about_row(asking, request, connection, extensions, i);
	pg_request_send(request, MAX(timeout_us, 0), answered, asking, asking_dropped);
}
