#include "pg/collect.h"

#include "base/error.h"
#include "pg/request.h"
#include "pg/row_reader.h"

enum {
	LOCK_LOCKTYPE,
	LOCK_DATABASE,
	LOCK_RELATION,
	LOCK_PAGE,
	LOCK_TUPLE,
	LOCK_VIRTUALXID,
	LOCK_TRANSACTIONID,
	LOCK_CLASSID,
	LOCK_OBJID,
	LOCK_OBJSUBID,
	LOCK_VIRTUALTRANSACTION,
	LOCK_PID,
	LOCK_MODE,
	LOCK_GRANTED,
	LOCK_FASTPATH,
	LOCK_WAITSTART,
	LOCK_COLUMN_COUNT,
	LOCK_LOCKS = LOCK_COLUMN_COUNT, /* of those that the server has chosen */
	CONTENDED_COLUMN_COUNT
};

static const PgColumn LOCK_COLUMNS[CONTENDED_COLUMN_COUNT] = {
    [LOCK_LOCKTYPE] = {"locktype", PG_TYPE_TEXT},
    [LOCK_DATABASE] = {"database", PG_TYPE_OID},
    [LOCK_RELATION] = {"relation", PG_TYPE_OID},
    [LOCK_PAGE] = {"page", PG_TYPE_INT4},
    [LOCK_TUPLE] = {"tuple", PG_TYPE_INT2},
    [LOCK_VIRTUALXID] = {"virtualxid", PG_TYPE_TEXT},
    [LOCK_TRANSACTIONID] = {"transactionid", PG_TYPE_XID},
    [LOCK_CLASSID] = {"classid", PG_TYPE_OID},
    [LOCK_OBJID] = {"objid", PG_TYPE_OID},
    [LOCK_OBJSUBID] = {"objsubid", PG_TYPE_INT2},
    [LOCK_VIRTUALTRANSACTION] = {"virtualtransaction", PG_TYPE_TEXT},
    [LOCK_PID] = {"pid", PG_TYPE_INT4},
    [LOCK_MODE] = {"mode", PG_TYPE_TEXT},
    [LOCK_GRANTED] = {"granted", PG_TYPE_BOOL},
    [LOCK_FASTPATH] = {"fastpath", PG_TYPE_BOOL},
    [LOCK_WAITSTART] = {"waitstart", PG_TYPE_TIMESTAMPTZ},
    [LOCK_LOCKS] = {"locks", PG_TYPE_INT4},
};

enum {
	ACTIVITY_PID,
	ACTIVITY_BACKEND_START,
	ACTIVITY_LEADER_PID,
	ACTIVITY_BACKEND_TYPE,
	ACTIVITY_DATABASE,
	ACTIVITY_USER,
	ACTIVITY_APPLICATION_NAME,
	ACTIVITY_CLIENT_ADDR,
	ACTIVITY_CLIENT_HOSTNAME,
	ACTIVITY_CLIENT_PORT,
	ACTIVITY_STATE,
	ACTIVITY_XACT_START,
	ACTIVITY_QUERY_START,
	ACTIVITY_STATE_CHANGE,
	ACTIVITY_WAIT_EVENT_TYPE,
	ACTIVITY_WAIT_EVENT,
	ACTIVITY_BACKEND_XID,
	ACTIVITY_BACKEND_XMIN,
	ACTIVITY_QUERY,
	ACTIVITY_COLUMN_COUNT
};

static const PgColumn ACTIVITY_COLUMNS[ACTIVITY_COLUMN_COUNT] = {
    [ACTIVITY_PID] = {"pid", PG_TYPE_INT4},
    [ACTIVITY_BACKEND_START] = {"backend_start", PG_TYPE_TIMESTAMPTZ},
    [ACTIVITY_LEADER_PID] = {"leader_pid", PG_TYPE_INT4},
    [ACTIVITY_BACKEND_TYPE] = {"backend_type", PG_TYPE_TEXT},
    [ACTIVITY_DATABASE] = {"datid", PG_TYPE_OID},
    [ACTIVITY_USER] = {"usesysid", PG_TYPE_OID},
    [ACTIVITY_APPLICATION_NAME] = {"application_name", PG_TYPE_TEXT},
    [ACTIVITY_CLIENT_ADDR] = {"client_addr", PG_TYPE_TEXT},
    [ACTIVITY_CLIENT_HOSTNAME] = {"client_hostname", PG_TYPE_TEXT},
    [ACTIVITY_CLIENT_PORT] = {"client_port", PG_TYPE_INT4},
    [ACTIVITY_STATE] = {"state", PG_TYPE_TEXT},
    [ACTIVITY_XACT_START] = {"xact_start", PG_TYPE_TIMESTAMPTZ},
    [ACTIVITY_QUERY_START] = {"query_start", PG_TYPE_TIMESTAMPTZ},
    [ACTIVITY_STATE_CHANGE] = {"state_change", PG_TYPE_TIMESTAMPTZ},
    [ACTIVITY_WAIT_EVENT_TYPE] = {"wait_event_type", PG_TYPE_TEXT},
    [ACTIVITY_WAIT_EVENT] = {"wait_event", PG_TYPE_TEXT},
    [ACTIVITY_BACKEND_XID] = {"backend_xid", PG_TYPE_XID},
    [ACTIVITY_BACKEND_XMIN] = {"backend_xmin", PG_TYPE_XID},
    [ACTIVITY_QUERY] = {"query", PG_TYPE_TEXT},
};

enum {
	PREPARED_TRANSACTION,
	PREPARED_GID,
	PREPARED_AT,
	PREPARED_OWNER,
	PREPARED_DATABASE,
	PREPARED_COLUMN_COUNT
};

static const PgColumn PREPARED_COLUMNS[PREPARED_COLUMN_COUNT] = {
    [PREPARED_TRANSACTION] = {"transaction", PG_TYPE_XID},
    [PREPARED_GID] = {"gid", PG_TYPE_TEXT},
    [PREPARED_AT] = {"prepared", PG_TYPE_TIMESTAMPTZ},
    [PREPARED_OWNER] = {"ownerid", PG_TYPE_OID},
    [PREPARED_DATABASE] = {"dbid", PG_TYPE_OID},
};

static gboolean check_result(const PGresult *result, const PgColumn *columns, guint n_columns,
                             const char *purpose, GError **error)
{
	return pg_result_check(result, purpose, error) &&
	       pg_columns_check(result, columns, n_columns, purpose, error);
}

/* A virtual transaction id that may be NULL, then all zero. */
static VirtualTransactionId read_vxid(RowReader *reader, guint column)
{
	VirtualTransactionId vxid = {0};
	const char *text = row_text(reader, column);

	if (text != NULL && !virtual_transaction_id_parse(text, &vxid))
		reader->is_malformed = TRUE;
	return vxid;
}

static void add_lock(SnapshotBuilder *builder, RowReader *reader)
{
	const LockRow row = {
	    .locktype = row_text(reader, LOCK_LOCKTYPE),
	    .tag =
	        {
	            .database = row_oid(reader, LOCK_DATABASE),
	            .relation = row_oid(reader, LOCK_RELATION),
	            /* A block number has 32 bits without a sign, though pg_locks calls it an integer.
	             */
	            .page = (guint32) row_int4(reader, LOCK_PAGE),
	            .tuple = (guint16) row_int2(reader, LOCK_TUPLE),
	            .virtualxid = read_vxid(reader, LOCK_VIRTUALXID),
	            .transaction = row_oid(reader, LOCK_TRANSACTIONID),
	            .classid = row_oid(reader, LOCK_CLASSID),
	            .objid = row_oid(reader, LOCK_OBJID),
	            .objsubid = row_int2(reader, LOCK_OBJSUBID),
	        },
	    .virtualtransaction = read_vxid(reader, LOCK_VIRTUALTRANSACTION),
	    .pid = row_int4(reader, LOCK_PID),
	    .mode = row_text(reader, LOCK_MODE),
	    .granted = row_bool(reader, LOCK_GRANTED),
	    .fast_path = row_bool(reader, LOCK_FASTPATH),
	    .waitstart = row_timestamp(reader, LOCK_WAITSTART),
	};

	if (row.locktype == NULL || row.mode == NULL)
		reader->is_malformed = TRUE;
	if (!reader->is_malformed)
		snapshot_builder_add_lock(builder, &row);
}

static void add_session(SnapshotBuilder *builder, RowReader *reader)
{
	const Session session = {
	    .pid = row_int4(reader, ACTIVITY_PID),
	    .backend_start = row_timestamp(reader, ACTIVITY_BACKEND_START),
	    .leader_pid = row_int4(reader, ACTIVITY_LEADER_PID),
	    .backend_type = row_text(reader, ACTIVITY_BACKEND_TYPE),
	    .database = row_oid(reader, ACTIVITY_DATABASE),
	    .user = row_oid(reader, ACTIVITY_USER),
	    .application_name = row_text(reader, ACTIVITY_APPLICATION_NAME),
	    .client_addr = row_text(reader, ACTIVITY_CLIENT_ADDR),
	    .client_hostname = row_text(reader, ACTIVITY_CLIENT_HOSTNAME),
	    .client_port = row_int4(reader, ACTIVITY_CLIENT_PORT),
	    .state_text = row_text(reader, ACTIVITY_STATE),
	    .xact_start = row_timestamp(reader, ACTIVITY_XACT_START),
	    .query_start = row_timestamp(reader, ACTIVITY_QUERY_START),
	    .state_change = row_timestamp(reader, ACTIVITY_STATE_CHANGE),
	    .wait_event_type = row_text(reader, ACTIVITY_WAIT_EVENT_TYPE),
	    .wait_event = row_text(reader, ACTIVITY_WAIT_EVENT),
	    .backend_xid = row_oid(reader, ACTIVITY_BACKEND_XID),
	    .backend_xmin = row_oid(reader, ACTIVITY_BACKEND_XMIN),
	    .query = row_text(reader, ACTIVITY_QUERY),
	};

	/* 0 means something else in a snapshot. */
	if (session.pid <= 0)
		reader->is_malformed = TRUE;
	if (!reader->is_malformed)
		snapshot_builder_add_session(builder, &session);
}

static void add_prepared(SnapshotBuilder *builder, RowReader *reader)
{
	const PreparedRow row = {
	    .transaction = row_oid(reader, PREPARED_TRANSACTION),
	    .gid = row_text(reader, PREPARED_GID),
	    .prepared_at = row_timestamp(reader, PREPARED_AT),
	    .owner = row_oid(reader, PREPARED_OWNER),
	    .database = row_oid(reader, PREPARED_DATABASE),
	};

	if (row.gid == NULL)
		reader->is_malformed = TRUE;
	if (!reader->is_malformed)
		snapshot_builder_add_prepared(builder, &row);
}

static gboolean collect_rows(SnapshotBuilder *builder, const PGresult *result,
                             void (*add)(SnapshotBuilder *, RowReader *), const char *purpose,
                             GError **error)
{
	int n_rows = PQntuples(result);

	for (int row = 0; row < n_rows; row++) {
		RowReader reader = {.result = result, .row = row};

		add(builder, &reader);
		if (reader.is_malformed) {
			row_malformed(&reader, purpose, error);
			return FALSE;
		}
	}
	return TRUE;
}

gboolean collect_locks(SnapshotBuilder *builder, const PGresult *result, GError **error)
{
	const char *purpose = "reading the locks";

	return check_result(result, LOCK_COLUMNS, LOCK_COLUMN_COUNT, purpose, error) &&
	       collect_rows(builder, result, add_lock, purpose, error);
}

gboolean collect_contended_locks(SnapshotBuilder *builder, const PGresult *result, GError **error)
{
	const char *purpose = "reading the locks that somebody waits for";
	RowReader reader = {.result = result};

	if (!check_result(result, LOCK_COLUMNS, CONTENDED_COLUMN_COUNT, purpose, error) ||
	    !collect_rows(builder, result, add_lock, purpose, error))
		return FALSE;
	/* Each row says the same. */
	gint32 locks = PQntuples(result) > 0 ? row_int4(&reader, LOCK_LOCKS) : 0;

	if (reader.is_malformed || locks < 0) {
		row_malformed(&reader, purpose, error);
		return FALSE;
	}
	snapshot_builder_set_n_locks(builder, (guint) locks);
	return TRUE;
}

gboolean collect_activity(SnapshotBuilder *builder, const PGresult *result, GError **error)
{
	const char *purpose = "reading the sessions";

	return check_result(result, ACTIVITY_COLUMNS, ACTIVITY_COLUMN_COUNT, purpose, error) &&
	       collect_rows(builder, result, add_session, purpose, error);
}

gboolean collect_prepared(SnapshotBuilder *builder, const PGresult *result, GError **error)
{
	const char *purpose = "reading the prepared transactions";

	return check_result(result, PREPARED_COLUMNS, PREPARED_COLUMN_COUNT, purpose, error) &&
	       collect_rows(builder, result, add_prepared, purpose, error);
}

enum { WAIT_WAITING, WAIT_HIDDEN, WAIT_PID, WAIT_BLOCKERS, WAIT_COLUMN_COUNT };

static const PgColumn WAIT_COLUMNS[WAIT_COLUMN_COUNT] = {
    [WAIT_WAITING] = {"waiting", PG_TYPE_INT4},
    [WAIT_HIDDEN] = {"hidden", PG_TYPE_INT4},
    [WAIT_PID] = {"pid", PG_TYPE_INT4},
    [WAIT_BLOCKERS] = {"blockers", PG_TYPE_INT4_ARRAY},
};

/* Whether it tells all: not of a prepared transaction, which has no pid, nor where somebody is
 * hidden, nor of very many. */
static gboolean add_wait(SnapshotBuilder *builder, RowReader *reader, GArray *blockers)
{
	gint32 pid = row_int4(reader, WAIT_PID);

	g_array_set_size(blockers, 0);
	row_int4s(reader, WAIT_BLOCKERS, blockers);
	if (row_int4(reader, WAIT_HIDDEN) != 0 || (pid == 0) != (row_int4(reader, WAIT_WAITING) == 0))
		return FALSE;
	for (guint i = 0; i < blockers->len; i++)
		if (g_array_index(blockers, gint32, i) == 0)
			return FALSE;
	/* Without any it waits no longer. */
	if (blockers->len > 0 && !reader->is_malformed)
		snapshot_builder_add_wait(builder, pid, (const gint32 *) (gpointer) blockers->data,
		                          blockers->len);
	return TRUE;
}

gboolean collect_waits(SnapshotBuilder *builder, const PGresult *result, gboolean *is_whole,
                       GError **error)
{
	const char *purpose = "reading who waits for whom";
	g_autoptr(GArray) blockers = g_array_new(FALSE, FALSE, sizeof(gint32));

	if (!check_result(result, WAIT_COLUMNS, WAIT_COLUMN_COUNT, purpose, error))
		return FALSE;
	*is_whole = PQntuples(result) > 0;
	for (int row = 0; row < PQntuples(result); row++) {
		RowReader reader = {.result = result, .row = row};

		*is_whole &= add_wait(builder, &reader, blockers);
		if (reader.is_malformed) {
			row_malformed(&reader, purpose, error);
			return FALSE;
		}
	}
	return TRUE;
}

enum { OWNER_PID, OWNER_VIRTUALTRANSACTION, OWNER_COLUMN_COUNT };

static const PgColumn OWNER_COLUMNS[OWNER_COLUMN_COUNT] = {
    [OWNER_PID] = {"pid", PG_TYPE_INT4},
    [OWNER_VIRTUALTRANSACTION] = {"virtualtransaction", PG_TYPE_TEXT},
};

static void confirm_owner(SnapshotBuilder *builder, RowReader *reader)
{
	gint32 pid = row_int4(reader, OWNER_PID);
	VirtualTransactionId vxid = read_vxid(reader, OWNER_VIRTUALTRANSACTION);

	if (!reader->is_malformed)
		snapshot_builder_confirm(builder, pid, &vxid);
}

gboolean collect_lock_owners(SnapshotBuilder *builder, const PGresult *result, GError **error)
{
	const char *purpose = "reading who is logging in";

	return check_result(result, OWNER_COLUMNS, OWNER_COLUMN_COUNT, purpose, error) &&
	       collect_rows(builder, result, confirm_owner, purpose, error);
}

gboolean collect_clock(gint64 *now, const PGresult *result, GError **error)
{
	static const PgColumn columns[] = {{"clock_timestamp", PG_TYPE_TIMESTAMPTZ}};
	const char *purpose = "reading the server's clock";
	RowReader reader = {.result = result};

	if (!check_result(result, columns, G_N_ELEMENTS(columns), purpose, error))
		return FALSE;
	if (PQntuples(result) != 1 || row_is_null(&reader, 0))
		reader.is_malformed = TRUE;
	else
		*now = row_timestamp(&reader, 0);
	if (reader.is_malformed)
		row_malformed(&reader, purpose, error);
	return !reader.is_malformed;
}

gboolean collect_blocking_pids(Snapshot *snapshot, const PGresult *result, GError **error)
{
	static const PgColumn columns[] = {{"pid", PG_TYPE_INT4}, {"blockers", PG_TYPE_INT4_ARRAY}};
	const char *purpose = "asking the server who blocks whom";
	g_autoptr(GArray) blockers = g_array_new(FALSE, FALSE, sizeof(gint32));

	if (!check_result(result, columns, G_N_ELEMENTS(columns), purpose, error))
		return FALSE;
	for (int row = 0; row < PQntuples(result); row++) {
		RowReader reader = {.result = result, .row = row};
		gint32 pid = row_int4(&reader, 0);

		g_array_set_size(blockers, 0);
		row_int4s(&reader, 1, blockers);
		if (reader.is_malformed) {
			row_malformed(&reader, purpose, error);
			return FALSE;
		}
		snapshot_add_blocking_pids(snapshot, pid, (const gint32 *) (gpointer) blockers->data,
		                           blockers->len);
	}
	return TRUE;
}

gboolean collect_standby_delay(Snapshot *snapshot, const PGresult *result, GError **error)
{
	static const PgColumn columns[] = {{"standby_delay", PG_TYPE_INT4}};
	const char *purpose = "reading max_standby_streaming_delay";
	RowReader reader = {.result = result};
	gint32 delay_ms = 0;

	if (!check_result(result, columns, G_N_ELEMENTS(columns), purpose, error))
		return FALSE;
	if (PQntuples(result) != 1 || row_is_null(&reader, 0))
		reader.is_malformed = TRUE;
	else
		delay_ms = row_int4(&reader, 0);
	if (reader.is_malformed)
		row_malformed(&reader, purpose, error);
	else
		snapshot_set_standby_delay(snapshot, delay_ms);
	return !reader.is_malformed;
}

gboolean collect_in_progress(Snapshot *snapshot, const PGresult *result, GError **error)
{
	static const PgColumn columns[] = {{"xid", PG_TYPE_OID}};
	const char *purpose = "asking which lockers of rows are still in progress";

	if (!check_result(result, columns, G_N_ELEMENTS(columns), purpose, error))
		return FALSE;
	for (int row = 0; row < PQntuples(result); row++) {
		RowReader reader = {.result = result, .row = row};
		guint32 xid = row_oid(&reader, 0);

		if (reader.is_malformed) {
			row_malformed(&reader, purpose, error);
			return FALSE;
		}
		snapshot_add_in_progress(snapshot, xid);
	}
	return TRUE;
}
