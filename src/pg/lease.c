#include "pg/lease.h"

#include "base/error.h"
#include "pg/lease_internal.h"
#include "pg/row_reader.h"

#define PURPOSE "asking for the lease on this server"
#define SQLSTATE_DIVISION_BY_ZERO "22012"

typedef struct {
	PgConnection *connection;
	gint64 timeout_us;
	gboolean is_first;
	Lease lease;
	PgLeaseDone done;
	gpointer user_data;
} Taking;

static PgParams *key_params(void)
{
	PgParams *params = pg_params_new();

	pg_params_add_int(params, LEASE_KEY_1);
	pg_params_add_int(params, LEASE_KEY_2);
	return params;
}

void lease_add_condition(PgRequest *request)
{
	pg_request_add_condition(request, STATEMENT_LEASE_CHECK, key_params());
}

void lease_add_question(PgRequest *request)
{
	pg_request_add(request, STATEMENT_LEASE_CHECK, key_params());
}

gboolean lease_condition_check(const PGresult *result, const char *purpose, GError **error)
{
	if (pg_result_check(result, purpose, error))
		return TRUE;
	if (g_strcmp0(pg_result_sqlstate(result), SQLSTATE_DIVISION_BY_ZERO) == 0) {
		g_clear_error(error);
		error_set(error, PGUNLOCK_ERROR_REFUSED,
		          "%s was left undone: this session hasn't the lease on the server, or not alone",
		          purpose);
		error_set_hint(error, "all guards of a server must connect to the same database");
	}
	return FALSE;
}

/* The last thing that is done with it. */
static void end(Taking *taking, GError *error)
{
	g_autofree Taking *ending = taking;

	ending->done(&ending->lease, error, ending->user_data);
}

static void send(Taking *taking, PgRequest *request, PgRequestDone done)
{
	pg_request_send(request, taking->timeout_us, done, taking, g_free);
}

static void on_returned(PgRequest *request, GError *error, gpointer user_data)
{
	if (error == NULL)
		pg_result_check(pg_request_result(request, 0), PURPOSE, &error);
	end(user_data, error);
}

static void give_back(Taking *taking)
{
	PgRequest *request = pg_request_new(taking->connection, PURPOSE);

	pg_request_add(request, STATEMENT_LEASE_RETURN, key_params());
	send(taking, request, on_returned);
}

enum { HOLDER_PID, HOLDER_DATABASE, HOLDER_IS_OWN, HOLDER_COLUMN_COUNT };

static const PgColumn HOLDER_COLUMNS[HOLDER_COLUMN_COUNT] = {
    [HOLDER_PID] = {"pid", PG_TYPE_INT4},
    [HOLDER_DATABASE] = {"database", PG_TYPE_OID},
    [HOLDER_IS_OWN] = {"is_own", PG_TYPE_BOOL},
};

/* Somebody else's in another database counts more than one in ours. */
static gboolean read_holders(Lease *lease, const PGresult *result, guint32 own_database,
                             GError **error)
{
	RowReader reader = {.result = result};

	if (!pg_result_check(result, PURPOSE, error) ||
	    !pg_columns_check(result, HOLDER_COLUMNS, HOLDER_COLUMN_COUNT, PURPOSE, error))
		return FALSE;
	for (reader.row = 0; reader.row < PQntuples(result); reader.row++) {
		guint32 database = row_oid(&reader, HOLDER_DATABASE);
		gboolean is_elsewhere = database != own_database;

		if (row_bool(&reader, HOLDER_IS_OWN) || (lease->stand == LEASE_SPLIT && !is_elsewhere))
			continue;
		lease->stand = is_elsewhere ? LEASE_SPLIT : LEASE_ANOTHERS;
		lease->pid = row_int4(&reader, HOLDER_PID);
		lease->database = database;
	}
	if (reader.is_malformed)
		row_malformed(&reader, PURPOSE, error);
	return !reader.is_malformed;
}

static void on_holders(PgRequest *request, GError *error, gpointer user_data)
{
	Taking *taking = user_data;
	gboolean was_taken = taking->lease.stand == LEASE_OURS;
	guint32 own_database = pg_connection_server(taking->connection)->database_oid;

	if (error == NULL)
		read_holders(&taking->lease, pg_request_result(request, 0), own_database, &error);
	if (error == NULL && was_taken && taking->lease.stand != LEASE_OURS)
		give_back(taking);
	else
		end(taking, error);
}

static void ask_holders(Taking *taking)
{
	PgRequest *request = pg_request_new(taking->connection, PURPOSE);

	pg_request_add(request, STATEMENT_LEASE_HOLDERS, key_params());
	/* What the condition of an act needs is in the server's caches then, should its catalogs be
	 * locked later. */
	lease_add_question(request);
	send(taking, request, on_holders);
}

static void on_taken(PgRequest *request, GError *error, gpointer user_data)
{
	static const PgColumn columns[] = {{"taken", PG_TYPE_BOOL}};
	Taking *taking = user_data;
	/* Whether the settings could be made doesn't matter much. */
	const PGresult *result = pg_request_result(request, taking->is_first ? 1 : 0);
	RowReader reader = {.result = result};

	if (error == NULL && pg_result_check(result, PURPOSE, &error) &&
	    pg_columns_check(result, columns, G_N_ELEMENTS(columns), PURPOSE, &error))
		taking->lease.stand =
		    PQntuples(result) == 1 && row_bool(&reader, 0) ? LEASE_OURS : LEASE_ANOTHERS;
	if (error == NULL && (taking->lease.stand == LEASE_OURS || taking->is_first))
		ask_holders(taking);
	else
		end(taking, error);
}

void pg_lease_take(PgConnection *connection, gboolean is_first, gint64 timeout_us, PgLeaseDone done,
                   gpointer user_data)
{
	Taking *taking = g_new0(Taking, 1);
	PgRequest *request = pg_request_new(connection, PURPOSE);

	taking->connection = connection;
	taking->timeout_us = timeout_us;
	taking->is_first = is_first;
	taking->done = done;
	taking->user_data = user_data;
	if (is_first)
		pg_request_add(request, STATEMENT_LEASE_SETTINGS, NULL);
	pg_request_add(request, STATEMENT_LEASE_TAKE, key_params());
	send(taking, request, on_taken);
}
