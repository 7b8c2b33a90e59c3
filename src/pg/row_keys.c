#include "pg/row_keys.h"

#include "base/error.h"
#include "base/sql_ident.h"
#include "base/text.h"
#include "model/lock_mode.h"
#include "pg/request.h"
#include "pg/row_key.h"
#include "pg/template.h"

#include <string.h>

#define PURPOSE "reading the keys of rows"
/* Rows of so many tables at most, and so many rows of each: more are on no screen. */
#define MOST_TABLES 10
#define MOST_ROWS 100

typedef struct {
	guint32 relation;
	GArray *tags; /* of LockTag: rows of it, each once */
	const KeyedTable *key;
} WantedRows;

typedef struct {
	PgConnection *connection;
	Snapshot *snapshot;
	gint64 deadline; /* by g_get_monotonic_time */
	GArray *wanted;  /* of WantedRows */
	GPtrArray *keys; /* of KeyedTable */
	PgRowKeysDone done;
	gpointer user_data;
	GDestroyNotify dropped;
} RowKeys;

static void clear_wanted(gpointer data)
{
	g_array_unref(((WantedRows *) data)->tags);
}

static void row_keys_free(RowKeys *row_keys)
{
	g_array_unref(row_keys->wanted);
	g_clear_pointer(&row_keys->keys, g_ptr_array_unref);
	g_free(row_keys);
}

static void row_keys_dropped(gpointer data)
{
	RowKeys *row_keys = data;

	if (row_keys->dropped != NULL)
		row_keys->dropped(row_keys->user_data);
	row_keys_free(row_keys);
}

static void end(RowKeys *row_keys, gboolean connection_lost)
{
	PgRowKeysDone done = row_keys->done;
	gpointer user_data = row_keys->user_data;

	row_keys_free(row_keys);
	done(connection_lost, user_data);
}

static void add_row(GArray *wanted, const LockTag *tag)
{
	WantedRows rows = {.relation = tag->relation};
	WantedRows *found = NULL;

	for (guint i = 0; i < wanted->len && found == NULL; i++)
		if (g_array_index(wanted, WantedRows, i).relation == tag->relation)
			found = &g_array_index(wanted, WantedRows, i);
	if (found == NULL && wanted->len == MOST_TABLES)
		return;
	if (found == NULL) {
		rows.tags = g_array_new(FALSE, FALSE, sizeof(LockTag));
		g_array_append_val(wanted, rows);
		found = &g_array_index(wanted, WantedRows, wanted->len - 1);
	}
	for (guint i = 0; i < found->tags->len; i++)
		if (lock_tag_equal(&g_array_index(found->tags, LockTag, i), tag))
			return;
	if (found->tags->len < MOST_ROWS)
		g_array_append_val(found->tags, *tag);
}

static void add_tag(GArray *wanted, const Snapshot *snapshot, const LockTag *tag)
{
	/* A relation of another database isn't ours; those of all databases have no rows of interest.
	 */
	if (tag->type == LOCK_TYPE_TUPLE && tag->database == snapshot_server(snapshot)->database_oid &&
	    names_row_key(snapshot_names(snapshot), tag) == NULL)
		add_row(wanted, tag);
}

/* With ACCESS EXCLUSIVE held or asked for by anybody we would stand in the queue. */
static gboolean would_wait(const Snapshot *snapshot, guint32 relation)
{
	for (guint i = 0; i < snapshot_n_locks(snapshot); i++) {
		const Lock *lock = snapshot_lock(snapshot, i);

		if (lock->mode == LOCK_MODE_ACCESS_EXCLUSIVE && lock->tag.type == LOCK_TYPE_RELATION &&
		    lock->tag.relation == relation &&
		    lock->tag.database == snapshot_server(snapshot)->database_oid)
			return TRUE;
	}
	return FALSE;
}

static void remove_wanted(GArray *wanted, guint32 relation)
{
	for (guint i = wanted->len; i > 0; i--)
		if (g_array_index(wanted, WantedRows, i - 1).relation == relation)
			g_array_remove_index(wanted, i - 1);
}

static GArray *collect_wanted(const Snapshot *snapshot, const LockQueues *queues)
{
	GArray *wanted = g_array_new(FALSE, FALSE, sizeof(WantedRows));
	g_autoptr(GArray) targets = lock_queues_targets(queues);

	g_array_set_clear_func(wanted, clear_wanted);
	for (guint i = 0; i < targets->len; i++)
		add_tag(wanted, snapshot, &g_array_index(targets, LockTag, i));
	for (guint i = wanted->len; i > 0; i--)
		if (would_wait(snapshot, g_array_index(wanted, WantedRows, i - 1).relation))
			g_array_remove_index(wanted, i - 1);
	return wanted;
}

gboolean pg_row_keys_are_wanted(const Snapshot *snapshot, const LockQueues *queues)
{
	g_autoptr(GArray) wanted = collect_wanted(snapshot, queues);

	return wanted->len > 0;
}

static const KeyedTable *find_key(const RowKeys *row_keys, guint32 relation)
{
	for (guint i = 0; i < row_keys->keys->len; i++) {
		const KeyedTable *table = g_ptr_array_index(row_keys->keys, i);

		if (table->oid == relation)
			return table;
	}
	return NULL;
}

static void warn(const RowKeys *row_keys, const GError *failure)
{
	snapshot_add_warning(row_keys->snapshot, "%s: rows are shown by their places",
	                     failure->message);
}

/* The statements that are asked of all tables. */
enum { ASKED_KEYS, ASKED_READABLE, ASKED_INDEXES };

/* From the answer to STATEMENT_ROW_READABLE: the set of their oids; NULL and an error. */
static GHashTable *readable_tables_read(const PGresult *result, GError **error)
{
	static const PgColumn columns[] = {{"relation", PG_TYPE_OID}};
	g_autoptr(GHashTable) oids = g_hash_table_new(NULL, NULL);

	if (!pg_result_check(result, PURPOSE, error) ||
	    !pg_columns_check(result, columns, G_N_ELEMENTS(columns), PURPOSE, error))
		return NULL;
	for (int i = 0; i < PQntuples(result); i++) {
		RowReader reader = {.result = result, .row = i};

		g_hash_table_add(oids, GUINT_TO_POINTER(row_oid(&reader, 0)));
		if (reader.is_malformed) {
			row_malformed(&reader, PURPOSE, error);
			return NULL;
		}
	}
	return g_steal_pointer(&oids);
}

static gboolean take_rows(const RowKeys *row_keys, const WantedRows *rows, const PGresult *result,
                          GError **error)
{
	g_autoptr(Arena) arena = arena_new();

	if (!pg_result_check(result, PURPOSE, error) ||
	    !row_columns_check(result, rows->key, PURPOSE, error))
		return FALSE;
	for (int i = 0; i < PQntuples(result); i++) {
		RowReader reader = {.result = result, .row = i};
		LockTag tag = g_array_index(rows->tags, LockTag, 0);
		RowKey key = row_key_read(&reader, rows->key, arena);

		row_tid(&reader, ROW_CTID, &tag.page, &tag.tuple);
		if (reader.is_malformed) {
			row_malformed(&reader, PURPOSE, error);
			return FALSE;
		}
		names_add_row_key(snapshot_names(row_keys->snapshot), &tag, &key);
	}
	return TRUE;
}

/* Leaves out what we would wait for at one of its indexes. */
static gboolean leave_out_locked(RowKeys *row_keys, const PGresult *result, GError **error)
{
	static const PgColumn columns[] = {{"relation", PG_TYPE_OID}, {"index", PG_TYPE_OID}};

	if (!pg_result_check(result, PURPOSE, error) ||
	    !pg_columns_check(result, columns, G_N_ELEMENTS(columns), PURPOSE, error))
		return FALSE;
	for (int row = 0; row < PQntuples(result); row++) {
		RowReader reader = {.result = result, .row = row};
		guint32 relation = row_oid(&reader, 0);
		guint32 index = row_oid(&reader, 1);

		if (reader.is_malformed) {
			row_malformed(&reader, PURPOSE, error);
			return FALSE;
		}
		if (would_wait(row_keys->snapshot, index))
			remove_wanted(row_keys->wanted, relation);
	}
	return TRUE;
}

/* Why not even one row of it has a key now. */
static void warn_of_table(const RowKeys *row_keys, const KeyedTable *table, const char *why)
{
	g_autofree char *schema = text_repair(table->schema, strlen(table->schema));
	g_autofree char *name = text_repair(table->name, strlen(table->name));
	g_autofree char *schema_ident = sql_ident(schema);
	g_autofree char *name_ident = sql_ident(name);

	snapshot_add_warning(row_keys->snapshot, "rows of %s.%s are shown by their places: %s",
	                     schema_ident, name_ident, why);
}

/* Planning would run somebody else's code. */
static void warn_unreadable(const RowKeys *row_keys, const KeyedTable *table)
{
	warn_of_table(row_keys, table,
	              "to read it might run functions that its indexes or statistics use, as our role");
}

/* Of each table these statements: the transaction's beginning, its limits, the lock, whether it is
 * still readable, the rows, its end. */
enum { STEP_BEGIN, STEP_LIMITS, STEP_LOCK, STEP_JUDGE, STEP_ROWS, STEP_END, STEPS_PER_TABLE };

#define SQLSTATE_UNREADABLE "22012" /* of STATEMENT_ROW_JUDGE */

/* Each statement behind one that failed fails, too, and says less. */
static void take_table(const RowKeys *row_keys, const WantedRows *rows, const PgRequest *request,
                       guint first_step)
{
	const PGresult *results[STEP_ROWS + 1];
	g_autoptr(GError) failure = NULL;

	for (guint step = STEP_BEGIN; step <= STEP_ROWS; step++) {
		results[step] = pg_request_result(request, first_step + step);
		if (results[step] == NULL) /* the connection has ended: that is said once */
			return;
	}
	if (g_strcmp0(pg_result_sqlstate(results[STEP_JUDGE]), SQLSTATE_UNREADABLE) == 0) {
		warn_unreadable(row_keys, rows->key);
		return;
	}
	for (guint step = STEP_BEGIN; step < STEP_ROWS && failure == NULL; step++)
		pg_result_check(results[step], PURPOSE, &failure);
	if (failure == NULL)
		take_rows(row_keys, rows, results[STEP_ROWS], &failure);
	if (failure != NULL)
		warn_of_table(row_keys, rows->key, failure->message);
}

static void rows_done(PgRequest *request, GError *error, gpointer user_data)
{
	RowKeys *row_keys = user_data;
	gboolean connection_lost = error != NULL;
	g_autoptr(GError) failure = error;
	guint step = 0;

	for (guint i = 0; i < row_keys->wanted->len; i++) {
		const WantedRows *rows = &g_array_index(row_keys->wanted, WantedRows, i);

		if (rows->key == NULL)
			continue;
		take_table(row_keys, rows, request, step);
		step += STEPS_PER_TABLE;
	}
	if (failure != NULL)
		warn(row_keys, failure);
	end(row_keys, connection_lost);
}

static void add_judge(PgRequest *request, int version_num, const KeyedTable *table)
{
	const SqlPiece readable = {"readable", statement_sql(STATEMENT_ROW_READABLE, version_num)};
	g_autofree char *sql =
	    sql_template_fill(statement_sql(STATEMENT_ROW_JUDGE, version_num), &readable, 1);
	g_autofree char *name = keyed_table_sql(table);
	PgParams *params = pg_params_of_oids(&table->oid, 1);

	pg_params_add_text(params, name);
	pg_request_add_sql_params(request, sql, params);
}

static void add_table(const RowKeys *row_keys, PgRequest *request, const WantedRows *rows)
{
	int version_num = pg_connection_server(row_keys->connection)->version_num;
	g_autofree char *lock =
	    row_statement(STATEMENT_ROW_LOCK, version_num, rows->key, NULL, NULL, 0);
	g_autofree char *read =
	    row_statement(STATEMENT_ROW_BY_CTID, version_num, rows->key, NULL, NULL, 0);
	PgParams *params = pg_params_new();

	pg_params_add_tids(params, rows->tags);
	pg_request_add(request, STATEMENT_ROW_BEGIN, NULL);
	pg_request_add(request, STATEMENT_ROW_LIMITS, NULL);
	pg_request_add_sql(request, lock);
	add_judge(request, version_num, rows->key);
	pg_request_add_sql_params(request, read, params);
	pg_request_add(request, STATEMENT_ROW_END, NULL);
}

/* The key of each that has one and may be read. */
static gboolean take_keys(RowKeys *row_keys, const PgRequest *request, GError **error)
{
	g_autoptr(GHashTable) readable = NULL;

	row_keys->keys = keyed_tables_read(pg_request_result(request, ASKED_KEYS), error);
	if (row_keys->keys == NULL)
		return FALSE;
	readable = readable_tables_read(pg_request_result(request, ASKED_READABLE), error);
	if (readable == NULL ||
	    !leave_out_locked(row_keys, pg_request_result(request, ASKED_INDEXES), error))
		return FALSE;
	for (guint i = 0; i < row_keys->wanted->len; i++) {
		WantedRows *wanted = &g_array_index(row_keys->wanted, WantedRows, i);
		const KeyedTable *key = find_key(row_keys, wanted->relation);

		if (key != NULL && !g_hash_table_contains(readable, GUINT_TO_POINTER(key->oid)))
			warn_unreadable(row_keys, key);
		else
			wanted->key = key;
	}
	return TRUE;
}

static void keys_done(PgRequest *request, GError *error, gpointer user_data)
{
	RowKeys *row_keys = user_data;
	gboolean connection_lost = error != NULL;
	g_autoptr(GError) failure = error;
	guint n_tables = 0;

	if (failure == NULL)
		take_keys(row_keys, request, &failure);
	if (failure != NULL) {
		warn(row_keys, failure);
		end(row_keys, connection_lost);
		return;
	}
	g_autoptr(PgRequest) rows = pg_request_new(row_keys->connection, PURPOSE);

	for (guint i = 0; i < row_keys->wanted->len; i++) {
		const WantedRows *wanted = &g_array_index(row_keys->wanted, WantedRows, i);

		if (wanted->key == NULL)
			continue;
		add_table(row_keys, rows, wanted);
		n_tables++;
	}
	if (n_tables == 0) {
		end(row_keys, FALSE);
		return;
	}
	gint64 left = row_keys->deadline - g_get_monotonic_time();

	pg_request_send(g_steal_pointer(&rows), MAX(left, 0), rows_done, row_keys, row_keys_dropped);
}

void pg_row_keys(PgConnection *connection, Snapshot *snapshot, const LockQueues *queues,
                 gint64 timeout_us, PgRowKeysDone done, gpointer user_data, GDestroyNotify dropped)
{
	static const StatementId questions[] = {[ASKED_KEYS] = STATEMENT_ROW_KEYS,
	                                        [ASKED_READABLE] = STATEMENT_ROW_READABLE,
	                                        [ASKED_INDEXES] = STATEMENT_ROW_INDEXES};
	RowKeys *row_keys = g_new0(RowKeys, 1);
	g_autoptr(GArray) oids = g_array_new(FALSE, FALSE, sizeof(guint32));
	PgRequest *request = pg_request_new(connection, PURPOSE);

	row_keys->connection = connection;
	row_keys->snapshot = snapshot;
	row_keys->deadline = g_get_monotonic_time() + timeout_us;
	row_keys->wanted = collect_wanted(snapshot, queues);
	row_keys->done = done;
	row_keys->user_data = user_data;
	row_keys->dropped = dropped;
	for (guint i = 0; i < row_keys->wanted->len; i++)
		g_array_append_val(oids, g_array_index(row_keys->wanted, WantedRows, i).relation);
	for (guint i = 0; i < G_N_ELEMENTS(questions); i++)
		pg_request_add(request, questions[i],
		               pg_params_of_oids((const guint32 *) (gpointer) oids->data, oids->len));
	pg_request_send(request, MAX(timeout_us, 0), keys_done, row_keys, row_keys_dropped);
}
