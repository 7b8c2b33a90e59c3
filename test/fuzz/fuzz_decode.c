#include "fuzz.h"

#include "base/error.h"
#include "pg/collect.h"
#include "pg/libpq.h"
#include "pg/names.h"
#include "pg/privileges.h"
#include "pg/row_reader.h"

#include <string.h>

/*
 * What a server answers, taken over by the decoders. The first byte chooses the statement; then
 * each value is a byte of length (255: NULL) and that many bytes, row after row.
 */

typedef gboolean (*CollectRows)(SnapshotBuilder *, const PGresult *, GError **);
typedef gboolean (*CollectFacts)(Snapshot *, const PGresult *, GError **);

#define B PG_TYPE_BOOL
#define C PG_TYPE_CHAR
#define D PG_TYPE_INT2
#define I PG_TYPE_INT4
#define O PG_TYPE_OID
#define X PG_TYPE_XID
#define T PG_TYPE_TEXT
#define Z PG_TYPE_TIMESTAMPTZ
#define A PG_TYPE_INT4_ARRAY

static const struct {
	PgType types[20]; /* up to 0 */
	CollectRows rows;
	CollectFacts facts;
} STATEMENTS[] = {
    {{T, O, O, I, D, T, X, O, O, D, T, I, T, B, B, Z}, collect_locks, NULL},
    {{I, Z, I, T, O, O, T, T, T, I, T, Z, Z, Z, T, T, X, X, T}, collect_activity, NULL},
    {{X, T, Z, O, O}, collect_prepared, NULL},
    {{I, A}, NULL, collect_blocking_pids},
    {{O, T, T, C, B, O}, NULL, collect_relations},
    {{O, T}, NULL, collect_databases},
    {{O, T}, NULL, collect_roles},
    {{B, B, B, B, B}, NULL, collect_own_privileges},
    {{O, B, B}, NULL, collect_role_privileges},
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
	g_assert_true(is_collected == (error == NULL));
	check_texts(snapshot);
	return 0;
}
