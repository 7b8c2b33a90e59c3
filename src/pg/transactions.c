#include "pg/transactions.h"

#include "base/text.h"
#include "base/timestamp.h"
#include "pg/request.h"
#include "pg/row_reader.h"

#include <string.h>

#define PURPOSE "reading the statements of open transactions"

typedef struct {
	PgTransactionsDone done;
	gpointer user_data;
} Asking;

enum {
	OPEN_PID,
	OPEN_BACKEND_START,
	OPEN_XACT_START,
	OPEN_QUERY_START,
	OPEN_STATE_CHANGE,
	OPEN_STATE,
	OPEN_QUERY,
	OPEN_NOW,
	OPEN_COLUMN_COUNT
};

static const PgColumn OPEN_COLUMNS[OPEN_COLUMN_COUNT] = {
    [OPEN_PID] = {"pid", PG_TYPE_INT4},
    [OPEN_BACKEND_START] = {"backend_start", PG_TYPE_TIMESTAMPTZ},
    [OPEN_XACT_START] = {"xact_start", PG_TYPE_TIMESTAMPTZ},
    [OPEN_QUERY_START] = {"query_start", PG_TYPE_TIMESTAMPTZ},
    [OPEN_STATE_CHANGE] = {"state_change", PG_TYPE_TIMESTAMPTZ},
    [OPEN_STATE] = {"state", PG_TYPE_TEXT},
    [OPEN_QUERY] = {"query", PG_TYPE_TEXT},
    [OPEN_NOW] = {"now", PG_TYPE_TIMESTAMPTZ},
};

static void clear_transaction(gpointer data)
{
	g_free(((OpenTransaction *) data)->query);
}

GArray *transactions_read(const PGresult *result, gint64 *now, GError **error)
{
	RowReader reader = {.result = result};

	if (!pg_result_check(result, PURPOSE, error) ||
	    !pg_columns_check(result, OPEN_COLUMNS, OPEN_COLUMN_COUNT, PURPOSE, error))
		return NULL;
	g_autoptr(GArray) transactions = g_array_new(FALSE, FALSE, sizeof(OpenTransaction));

	g_array_set_clear_func(transactions, clear_transaction);
	for (reader.row = 0; reader.row < PQntuples(result) && !reader.is_malformed; reader.row++) {
		const char *query = row_text(&reader, OPEN_QUERY);
		const char *state = row_text(&reader, OPEN_STATE);
		OpenTransaction open = {
		    .pid = row_int4(&reader, OPEN_PID),
		    .backend_start = row_timestamp(&reader, OPEN_BACKEND_START),
		    .xact_start = row_timestamp(&reader, OPEN_XACT_START),
		    .query_start = row_timestamp(&reader, OPEN_QUERY_START),
		    .state_change = row_timestamp(&reader, OPEN_STATE_CHANGE),
		    .is_idle = state != NULL && g_str_has_prefix(state, "idle"),
		};

		if (query != NULL)
			open.query = text_repair(query, MIN(strlen(query), OPEN_STATEMENT_BYTES));
		*now = row_timestamp(&reader, OPEN_NOW);
		g_array_append_val(transactions, open);
	}
	if (reader.is_malformed) {
		row_malformed(&reader, PURPOSE, error);
		return NULL;
	}
	return g_steal_pointer(&transactions);
}

static void answered(PgRequest *request, GError *error, gpointer user_data)
{
	g_autofree Asking *asking = user_data;
	g_autoptr(GArray) transactions = NULL;
	gint64 now = TIMESTAMP_NONE;

	if (error == NULL)
		transactions = transactions_read(pg_request_result(request, 0), &now, &error);
	asking->done(transactions, now, error, asking->user_data);
}

void pg_read_transactions(PgConnection *connection, gint64 timeout_us, PgTransactionsDone done,
                          gpointer user_data)
{
	Asking *asking = g_new(Asking, 1);
	PgRequest *request = pg_request_new(connection, PURPOSE);

	*asking = (Asking){done, user_data};
	pg_request_add(request, STATEMENT_TRANSACTIONS, NULL);
	pg_request_send(request, timeout_us, answered, asking, g_free);
}
