#include "fuzz.h"

#include "base/error.h"
#include "pg/collect.h"
#include "pg/config.h"
#include "pg/elsewhere.h"
#include "pg/heartbeat.h"
#include "pg/libpq.h"
#include "pg/lock_manager.h"
#include "pg/look.h"
#include "pg/names.h"
#include "pg/privileges.h"
#include "pg/row_key.h"
#include "pg/row_locks.h"
#include "pg/row_reader.h"
#include "pg/transactions.h"

#include <string.h>

/*
 * What a server answers, taken over by the decoders. The first byte chooses the statement; then
 * each value is a byte of length (255: NULL) and that many bytes, row after row.
 */

typedef gboolean (*CollectRows)(SnapshotBuilder *, const PGresult *, GError **);
typedef gboolean (*CollectFacts)(Snapshot *, const PGresult *, GError **);
typedef gboolean (*Read)(const PGresult *, GError **);

static gboolean read_relations_of(Snapshot *snapshot, const PGresult *result, GError **error)
{
	return collect_relations_of(snapshot, 7, result, error);
}

static gboolean read_waits(SnapshotBuilder *builder, const PGresult *result, GError **error)
{
	gboolean is_whole;

	return collect_waits(builder, result, &is_whole, error);
}

static gboolean read_lock_manager(const PGresult *result, GError **error)
{
	g_autoptr(LockManagerWaits) waits = collect_lock_manager(result, error);

	return waits != NULL;
}

static gboolean read_heartbeat(const PGresult *result, GError **error)
{
	g_auto(Heartbeat) heartbeat = {0};

	return heartbeat_read(&heartbeat, result, error);
}

static gboolean read_clock(const PGresult *result, GError **error)
{
	gint64 now;

	return collect_clock(&now, result, error);
}

static gboolean read_transactions(const PGresult *result, GError **error)
{
	gint64 now;
	g_autoptr(GArray) transactions = transactions_read(result, &now, error);

	return transactions != NULL;
}

static gboolean read_slots(const PGresult *result, GError **error)
{
	return slots_check(result, "app", error);
}

static gboolean read_tables(const PGresult *result, GError **error)
{
	g_autoptr(TableSet) tables = tables_read(result, 7, error);

	return tables != NULL;
}

static gboolean read_extensions(const PGresult *result, GError **error)
{
	RowExtensions extensions = {0};
	gboolean is_read = row_extensions_take(&extensions, result, error);

	row_extensions_clear(&extensions);
	return is_read;
}

static gboolean read_keys(const PGresult *result, GError **error)
{
	g_autoptr(GPtrArray) tables = keyed_tables_read(result, error);

	return tables != NULL;
}

/* Rows with a key of one column, as pg/rows and pg/row_keys read them. */
static gboolean read_rows(const PGresult *result, GError **error)
{
	g_autoptr(KeyedTable) key = g_new0(KeyedTable, 1);
	g_autoptr(Arena) arena = arena_new();

	key->columns = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(key->columns, g_strdup("id"));
	g_assert_true(row_columns_check(result, key, "reading", error));
	for (int i = 0; i < PQntuples(result); i++) {
		RowReader reader = {.result = result, .row = i};
		LockTag tag = {.relation = row_oid(&reader, ROW_TABLEOID)};
		RowKey read = row_key_read(&reader, key, arena);

		row_tid(&reader, ROW_CTID, &tag.page, &tag.tuple);
		g_assert_true(read.values[0] == NULL || g_utf8_validate(read.values[0], -1, NULL));
	}
	return TRUE;
}

static gboolean take_row_locks(RowLocksTake take, const PGresult *result)
{
	static const RelationName table = {.database = 7,
	                                   .oid = 1,
	                                   .schema = "public",
	                                   .name = "stock",
	                                   .relkind = 'r',
	                                   .table_oid = 1};
	g_autoptr(RowSet) rows = row_set_new(&table, 10);

	for (guint16 tuple = 1; tuple <= 3; tuple++) {
		const RowFacts facts = {
		    .tag = {.type = LOCK_TYPE_TUPLE, .database = 7, .relation = 1, .tuple = tuple},
		    .xmax = 700 + tuple / 2,
		};

		row_set_add(rows, &facts);
	}
	take(rows, 0, result);
	return TRUE;
}

static gboolean read_status(const PGresult *result, G_GNUC_UNUSED GError **error)
{
	return take_row_locks(row_locks_take_status, result);
}

static gboolean read_members(const PGresult *result, G_GNUC_UNUSED GError **error)
{
	return take_row_locks(row_locks_take_members, result);
}

static gboolean read_pgrowlocks(const PGresult *result, G_GNUC_UNUSED GError **error)
{
	return take_row_locks(row_locks_take_pgrowlocks, result);
}

static gboolean read_page(const PGresult *result, G_GNUC_UNUSED GError **error)
{
	return take_row_locks(row_locks_take_page, result);
}

static gboolean read_config(guint part, const PGresult *result, GError **error)
{
	g_autoptr(ServerConfig) config = server_config_new();

	return config_read_part(config, part, result, error);
}

static gboolean read_config_0(const PGresult *result, GError **error)
{
	return read_config(0, result, error);
}

static gboolean read_config_1(const PGresult *result, GError **error)
{
	return read_config(1, result, error);
}

static gboolean read_config_2(const PGresult *result, GError **error)
{
	return read_config(2, result, error);
}

static gboolean read_config_3(const PGresult *result, GError **error)
{
	return read_config(3, result, error);
}

static gboolean read_config_4(const PGresult *result, GError **error)
{
	return read_config(4, result, error);
}

#define B PG_TYPE_BOOL
#define C PG_TYPE_CHAR
#define D PG_TYPE_INT2
#define I PG_TYPE_INT4
#define O PG_TYPE_OID
#define P PG_TYPE_TID
#define X PG_TYPE_XID
#define T PG_TYPE_TEXT
#define Z PG_TYPE_TIMESTAMPTZ
#define A PG_TYPE_INT4_ARRAY

static const struct {
	PgType types[20]; /* up to 0 */
	CollectRows rows;
	CollectFacts facts;
	Read read;
} STATEMENTS[] = {
    {{T, O, O, I, D, T, X, O, O, D, T, I, T, B, B, Z}, collect_locks, NULL, NULL},
    {{T, O, O, I, D, T, X, O, O, D, T, I, T, B, B, Z, I}, collect_contended_locks, NULL, NULL},
    {{I, I, I, A}, read_waits, NULL, NULL},
    {{I, Z, I, T, O, O, T, T, T, I, T, Z, Z, Z, T, T, X, X, T}, collect_activity, NULL, NULL},
    {{X, T, Z, O, O}, collect_prepared, NULL, NULL},
    {{I, A}, NULL, collect_blocking_pids, NULL},
    {{O, T, T, C, B, O}, NULL, collect_relations, NULL},
    {{O, T}, NULL, collect_databases, NULL},
    {{O, T}, NULL, collect_roles, NULL},
    {{B, B, B, B, B}, NULL, collect_own_privileges, NULL},
    {{O, B, B}, NULL, collect_role_privileges, NULL},
    {{I, T}, collect_lock_owners, NULL, NULL},
    {{I}, NULL, collect_standby_delay, NULL},
    {{O, T, T, C, B, O}, NULL, read_relations_of, NULL},
    {{I, B, O, T, Z, T, Z}, NULL, NULL, read_lock_manager},
    {{I, I, I}, NULL, NULL, read_slots},
    {{O, T}, NULL, NULL, read_tables},
    {{T, T}, NULL, NULL, read_extensions},
    {{O, T, T, T}, NULL, NULL, read_keys},
    {{O, P, X, T}, NULL, NULL, read_rows},
    {{B}, NULL, NULL, read_status},
    {{X, T, B}, NULL, NULL, read_members},
    {{P, X, B, T}, NULL, NULL, read_pgrowlocks},
    {{I, X, I, I}, NULL, NULL, read_page},
    {{T, T, T, B}, NULL, NULL, read_config_0},
    {{O, O, T, T, B, T, T}, NULL, NULL, read_config_1},
    {{O, T, B, B, B}, NULL, NULL, read_config_2},
    {{T, B}, NULL, NULL, read_config_3},
    {{B}, NULL, NULL, read_config_4},
    {{A, I, I, Z}, NULL, NULL, read_heartbeat},
    {{Z}, NULL, NULL, read_clock},
    {{O}, NULL, collect_in_progress, NULL},
    {{O, O, T, T, C}, NULL, collect_ancestors, NULL},
    {{I, Z, Z, Z, Z, T, T, Z}, NULL, NULL, read_transactions},
};

/* Takes the values from *data. */
static PGresult *make_rows(const PgType *types, const uint8_t *data, size_t size)
{
	PGresult *rows = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc columns[20] = {0};
	char name[] = "column";
	int n_columns = 0;

	for (; types[n_columns] != 0; n_columns++) {
		columns[n_columns].name = name;
		columns[n_columns].typid = types[n_columns];
		columns[n_columns].format = 1;
	}
	g_assert_true(PQsetResultAttrs(rows, n_columns, columns));
	for (int value = 0; size > 0; value++) {
		size_t length = MIN(data[0], size - 1);
		gboolean is_null = data[0] == 255;
		char bytes[256];

		if (is_null)
			length = 0;
		memcpy(bytes, data + 1, length);
		g_assert_true(PQsetvalue(rows, value / n_columns, value % n_columns, bytes,
		                         is_null ? -1 : (int) length));
		data += 1 + length;
		size -= 1 + length;
	}
	return rows;
}

static void check_texts(const Snapshot *snapshot)
{
	for (guint i = 0; i < snapshot_n_sessions(snapshot); i++) {
		const Session *session = snapshot_session(snapshot, i);

		g_assert_true(session->query == NULL || g_utf8_validate(session->query, -1, NULL));
		g_assert_true(session->gid == NULL || g_utf8_validate(session->gid, -1, NULL));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const ServerInfo server = {.host = "", .database = "", .version = "", .user = ""};

	if (size == 0)
		return 0;
	guint which = data[0] % G_N_ELEMENTS(STATEMENTS);
	g_autoptr(PGresult) rows = make_rows(STATEMENTS[which].types, data + 1, size - 1);
	g_autoptr(SnapshotBuilder) builder = snapshot_builder_new(&server, 0);
	g_autoptr(GError) error = NULL;
	gboolean is_collected = TRUE;

	if (STATEMENTS[which].rows != NULL)
		is_collected = STATEMENTS[which].rows(builder, rows, &error);
	g_autoptr(Snapshot) snapshot = snapshot_builder_finish(g_steal_pointer(&builder));

	if (STATEMENTS[which].facts != NULL)
		is_collected = STATEMENTS[which].facts(snapshot, rows, &error);
	if (STATEMENTS[which].read != NULL)
		is_collected = STATEMENTS[which].read(rows, &error);
	g_assert_true(is_collected == (error == NULL));
	check_texts(snapshot);
	return 0;
}
