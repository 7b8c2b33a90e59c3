#include "pg/arrival.h"

#include "pg/privileges.h"
#include "pg/request.h"
#include "pg/row_reader.h"

#define PURPOSE "reading what our role may do"

typedef struct {
	PgArrivalDone done;
	gpointer user_data;
} Asking;

enum { ASKED_PRIVILEGES, ASKED_CLUSTER };

/* Borrowed from the result. */
static const char *read_cluster(const PGresult *result)
{
	static const PgColumn columns[] = {{"system_identifier", PG_TYPE_TEXT}};
	RowReader reader = {.result = result};

	if (!pg_result_check(result, PURPOSE, NULL) ||
	    !pg_columns_check(result, columns, G_N_ELEMENTS(columns), PURPOSE, NULL) ||
	    PQntuples(result) != 1)
		return NULL;
	const char *cluster = row_text(&reader, 0);

	return reader.is_malformed ? NULL : cluster;
}

static void answered(PgRequest *request, GError *error, gpointer user_data)
{
	g_autofree Asking *asking = user_data;
	g_autoptr(GError) lost = error;
	PgArrival arrival = {.own = {.known = FALSE}};
	GError *refused = NULL;

	if (lost == NULL) {
		own_privileges_read(&arrival.own, pg_request_result(request, ASKED_PRIVILEGES), &refused);
		arrival.cluster = read_cluster(pg_request_result(request, ASKED_CLUSTER));
	}
	asking->done(&arrival, refused, asking->user_data);
}

void pg_read_arrival(PgConnection *connection, gint64 timeout_us, PgArrivalDone done,
                     gpointer user_data)
{
	Asking *asking = g_new(Asking, 1);
	PgRequest *request = pg_request_new(connection, PURPOSE);

	*asking = (Asking){done, user_data};
	pg_request_add(request, STATEMENT_OWN_PRIVILEGES, NULL);
	pg_request_add(request, STATEMENT_CLUSTER, NULL);
	pg_request_send(request, timeout_us, answered, asking, g_free);
}
