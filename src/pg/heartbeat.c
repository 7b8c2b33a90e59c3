#include "pg/heartbeat.h"

#include "model/session.h"
#include "pg/request.h"
#include "pg/row_reader.h"

#define PURPOSE "asking whether anybody waits"

typedef struct {
	PgHeartbeatDone done;
	gpointer user_data;
} Asking;

enum { BEAT_WAITING, BEAT_HIDDEN, BEAT_LOCK_MANAGER_WAITER, BEAT_NOW, BEAT_COLUMN_COUNT };

static const PgColumn BEAT_COLUMNS[BEAT_COLUMN_COUNT] = {
    [BEAT_WAITING] = {"waiting", PG_TYPE_INT4_ARRAY},
    [BEAT_HIDDEN] = {"hidden", PG_TYPE_INT4},
    [BEAT_LOCK_MANAGER_WAITER] = {"lock_manager_waiter", PG_TYPE_INT4},
    [BEAT_NOW] = {"now", PG_TYPE_TIMESTAMPTZ},
};

void heartbeat_clear(Heartbeat *heartbeat)
{
	g_clear_pointer(&heartbeat->waiting, g_array_unref);
}

/* A pid of 0: that backend has gone between two columns. */
static GArray *read_waiting(RowReader *reader)
{
	GArray *pids = g_array_new(FALSE, FALSE, sizeof(gint32));

	row_int4s(reader, BEAT_WAITING, pids);
	g_array_sort(pids, session_compare_pids);
	if (pids->len > 0 && g_array_index(pids, gint32, 0) < 0)
		reader->is_malformed = TRUE;
	while (pids->len > 0 && g_array_index(pids, gint32, 0) == 0)
		g_array_remove_index(pids, 0);
	return pids;
}

gboolean heartbeat_read(Heartbeat *heartbeat, const PGresult *result, GError **error)
{
	RowReader reader = {.result = result};

	if (!pg_result_check(result, PURPOSE, error) ||
	    !pg_columns_check(result, BEAT_COLUMNS, BEAT_COLUMN_COUNT, PURPOSE, error))
		return FALSE;
	if (PQntuples(result) != 1) {
		row_malformed(&reader, PURPOSE, error);
		return FALSE;
	}
	g_autoptr(GArray) waiting = read_waiting(&reader);
	gint32 hidden = row_int4(&reader, BEAT_HIDDEN);

	*heartbeat = (Heartbeat){
	    .waiting = g_steal_pointer(&waiting),
	    .n_hidden = (guint) hidden,
	    .lock_manager_waiter = row_int4(&reader, BEAT_LOCK_MANAGER_WAITER),
	    .now = row_timestamp(&reader, BEAT_NOW),
	};
	if (hidden < 0 || row_is_null(&reader, BEAT_NOW))
		reader.is_malformed = TRUE;
	if (reader.is_malformed) {
		row_malformed(&reader, PURPOSE, error);
		heartbeat_clear(heartbeat);
	}
	return !reader.is_malformed;
}

static void answered(PgRequest *request, GError *error, gpointer user_data)
{
	g_autofree Asking *asking = user_data;
	g_auto(Heartbeat) heartbeat = {0};

	if (error == NULL)
		heartbeat_read(&heartbeat, pg_request_result(request, 0), &error);
	asking->done(&heartbeat, error, asking->user_data);
}

void pg_heartbeat(PgConnection *connection, gint64 timeout_us, PgHeartbeatDone done,
                  gpointer user_data)
{
	Asking *asking = g_new(Asking, 1);
	PgRequest *request = pg_request_new(connection, PURPOSE);

	*asking = (Asking){done, user_data};
	pg_request_add(request, STATEMENT_HEARTBEAT, NULL);
	pg_request_send(request, timeout_us, answered, asking, g_free);
}
