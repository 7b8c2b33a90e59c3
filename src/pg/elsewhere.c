#include "pg/elsewhere.h"

#include "base/error.h"
#include "pg/connection_internal.h"
#include "pg/request.h"
#include "pg/row_reader.h"
#include "pg/target.h"

#define PURPOSE "counting the connection slots"

/* One for ours, one that stays. */
#define SLOTS_NEEDED 2

static void slots_dropped(gpointer user_data)
{
	GError *error = NULL;

	error_set(&error, PGUNLOCK_ERROR_CONNECT, "the connection was closed while " PURPOSE);
	pg_connecting_go_on(user_data, error);
}

enum { SLOTS_ALL, SLOTS_KEPT, SLOTS_TAKEN, SLOTS_COLUMN_COUNT };

static const PgColumn SLOTS_COLUMNS[SLOTS_COLUMN_COUNT] = {
    [SLOTS_ALL] = {"slots", PG_TYPE_INT4},
    [SLOTS_KEPT] = {"kept", PG_TYPE_INT4},
    [SLOTS_TAKEN] = {"taken", PG_TYPE_INT4},
};

gboolean slots_check(const PGresult *result, const char *database, GError **error)
{
	RowReader reader = {.result = result};

	if (!pg_result_check(result, PURPOSE, error) ||
	    !pg_columns_check(result, SLOTS_COLUMNS, SLOTS_COLUMN_COUNT, PURPOSE, error))
		return FALSE;
	if (PQntuples(result) != 1)
		reader.is_malformed = TRUE;
	gint32 all = reader.is_malformed ? 0 : row_int4(&reader, SLOTS_ALL);
	gint32 kept = reader.is_malformed ? 0 : row_int4(&reader, SLOTS_KEPT);
	gint32 taken = reader.is_malformed ? 0 : row_int4(&reader, SLOTS_TAKEN);

	if (reader.is_malformed) {
		row_malformed(&reader, PURPOSE, error);
		return FALSE;
	}
	/* In 64 bits: the numbers may be any. */
	if ((gint64) all - kept - taken >= SLOTS_NEEDED)
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_CONNECT,
	          "no second connection was opened, to database \"%s\": of %d connection slots %d are "
	          "taken and %d kept for others, and the last one is not for us",
	          database, all, taken, kept);
	error_set_hint(error, "with -d %s the one connection that pgunlock needs is enough", database);
	return FALSE;
}

static void slots_done(PgRequest *request, GError *error, gpointer user_data)
{
	PgConnecting *connecting = user_data;

	if (error == NULL)
		slots_check(pg_request_result(request, 0), pg_connecting_database(connecting), &error);
	pg_connecting_go_on(connecting, error);
}

PgConnecting *pg_connect_elsewhere(PgConnection *connection, const char *database,
                                   gint64 ask_timeout_us, gint64 connect_timeout_us,
                                   PgConnectDone done, gpointer user_data)
{
	g_autoptr(PgTarget) target = pg_target_of_same_server(connection);
	PgRequest *request = pg_request_new(connection, PURPOSE);

	pg_target_set_database(target, database);
	pg_request_add(request, STATEMENT_SLOTS, NULL);
	PgConnecting *connecting = pg_connecting_after(request, pg_connection_context(connection),
	                                               target, connect_timeout_us, done, user_data);

	pg_request_send(request, ask_timeout_us, slots_done, connecting, slots_dropped);
	return connecting;
}
