#include "pg/elsewhere.h"

#include "base/error.h"
#include "pg/connection_internal.h"
#include "pg/request.h"
#include "pg/row_reader.h"
#include "pg/target.h"

#define PURPOSE "counting the connection slots"

/* One for ours, one that stays. */
#define SLOTS_NEEDED 2

typedef struct {
	GMainContext *context;
	PgTarget *target;
	char *database;
	gint64 timeout_us;
	PgConnectDone done;
	gpointer user_data;
} Elsewhere;

static void elsewhere_free(Elsewhere *elsewhere)
{
	pg_target_free(elsewhere->target);
	g_main_context_unref(elsewhere->context);
	g_free(elsewhere->database);
	g_free(elsewhere);
}

static void elsewhere_fail(Elsewhere *elsewhere, GError *error)
{
	PgConnectDone done = elsewhere->done;
	gpointer user_data = elsewhere->user_data;

	elsewhere_free(elsewhere);
	done(NULL, error, FALSE, user_data);
}

static void elsewhere_dropped(gpointer data)
{
	GError *error = NULL;

	error_set(&error, PGUNLOCK_ERROR_CONNECT, "the connection was closed while " PURPOSE);
	elsewhere_fail(data, error);
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
	Elsewhere *elsewhere = user_data;

	if (error == NULL)
		slots_check(pg_request_result(request, 0), elsewhere->database, &error);
	if (error != NULL) {
		elsewhere_fail(elsewhere, error);
		return;
	}
	pg_connect(elsewhere->context, elsewhere->target, elsewhere->timeout_us, elsewhere->timeout_us,
	           elsewhere->done, elsewhere->user_data);
	elsewhere_free(elsewhere);
}

void pg_connect_elsewhere(PgConnection *connection, const char *database, gint64 ask_timeout_us,
                          gint64 connect_timeout_us, PgConnectDone done, gpointer user_data)
{
	Elsewhere *elsewhere = g_new0(Elsewhere, 1);
	PgRequest *request = pg_request_new(connection, PURPOSE);

	elsewhere->context = g_main_context_ref(pg_connection_context(connection));
	elsewhere->target = pg_target_of_same_server(connection);
	elsewhere->database = g_strdup(database);
	elsewhere->timeout_us = connect_timeout_us;
	elsewhere->done = done;
	elsewhere->user_data = user_data;
	pg_target_set_database(elsewhere->target, database);
	pg_request_add(request, STATEMENT_SLOTS, NULL);
	pg_request_send(request, ask_timeout_us, slots_done, elsewhere, elsewhere_dropped);
}
