#include "base/timestamp.h"
#include "render/csv.h"
#include "render/lock_facts.h"
#include "render/render.h"
#include "render/target.h"

/* A row of the table: what all columns are made from. */
typedef struct {
	const WaitGraph *graph;
	const Snapshot *snapshot;
	const Lock *lock;
	const Session *session;
	const RelationName *relation; /* NULL: none, or its name is not known */
} CsvRow;

/* A column: its name, and its value, which is the caller's; NULL for nothing. */
typedef struct {
	const char *name;
	char *(*value)(const CsvRow *row);
} CsvColumn;

static char *column_session(const CsvRow *row)
{
	return session_id(row->session);
}

static char *column_pid(const CsvRow *row)
{
	return row->session->pid != 0 ? g_strdup_printf("%d", row->session->pid) : NULL;
}

static char *column_session_id(const CsvRow *row)
{
	return session_log_id(row->session);
}

static char *column_target(const CsvRow *row)
{
	return target_text(row->snapshot, &row->lock->tag, NULL);
}

static char *column_kind(const CsvRow *row)
{
	return g_strdup(lock_type_name(row->lock->tag.type));
}

static char *column_lock_database(const CsvRow *row)
{
	return g_strdup(names_database(snapshot_names(row->snapshot), row->lock->tag.database));
}

static char *column_schema(const CsvRow *row)
{
	return row->relation != NULL ? g_strdup(row->relation->schema) : NULL;
}

static char *column_relation(const CsvRow *row)
{
	return row->relation != NULL ? g_strdup(row->relation->name) : NULL;
}

static char *column_mode(const CsvRow *row)
{
	return g_strdup(lock_mode_name(row->lock->mode));
}

static char *bool_text(gboolean value)
{
	return g_strdup(value ? "true" : "false");
}

static char *column_granted(const CsvRow *row)
{
	return bool_text(row->lock->granted);
}

static char *column_fast_path(const CsvRow *row)
{
	return bool_text(row->lock->fast_path);
}

static char *column_waiting_since(const CsvRow *row)
{
	return timestamp_to_rfc3339(row->lock->waitstart);
}

static char *column_waiting_seconds(const CsvRow *row)
{
	gint64 waited_us = lock_waited_us(row->graph, row->lock);

	return row->lock->granted || waited_us == WAITED_UNKNOWN ? NULL : csv_seconds(waited_us);
}

static char *column_waits_for(const CsvRow *row)
{
	g_autoptr(GArray) blockers = lock_blockers(row->graph, row->lock);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < blockers->len; i++) {
		g_autofree char *id =
		    session_id(snapshot_session(row->snapshot, g_array_index(blockers, guint, i)));
		g_string_append_printf(text, "%s%s", i > 0 ? " " : "", id);
	}
	return g_string_free(text, FALSE);
}

static char *column_user(const CsvRow *row)
{
	return g_strdup(names_role(snapshot_names(row->snapshot), row->session->user));
}

static char *column_database(const CsvRow *row)
{
	return g_strdup(names_database(snapshot_names(row->snapshot), row->session->database));
}

static char *column_application(const CsvRow *row)
{
	return g_strdup(row->session->application_name);
}

static char *column_client(const CsvRow *row)
{
	return g_strdup(row->session->client_addr);
}

static char *column_state(const CsvRow *row)
{
	return g_strdup(row->session->state_text);
}

static char *column_transaction_seconds(const CsvRow *row)
{
	if (row->session->xact_start == TIMESTAMP_NONE)
		return NULL;
	return csv_seconds(timestamp_age(snapshot_taken_at(row->snapshot), row->session->xact_start));
}

static char *column_query(const CsvRow *row)
{
	return g_strdup(row->session->query);
}

static const CsvColumn columns[] = {
    {"session", column_session},
    {"pid", column_pid},
    {"session_id", column_session_id},
    {"target", column_target},
    {"kind", column_kind},
    {"lock_database", column_lock_database},
    {"schema", column_schema},
    {"relation", column_relation},
    {"mode", column_mode},
    {"granted", column_granted},
    {"fast_path", column_fast_path},
    {"waiting_since", column_waiting_since},
    {"waiting_seconds", column_waiting_seconds},
    {"waits_for", column_waits_for},
    {"user", column_user},
    {"database", column_database},
    {"application_name", column_application},
    {"client_addr", column_client},
    {"state", column_state},
    {"transaction_seconds", column_transaction_seconds},
    {"query", column_query},
};

void render_locks_csv(GString *out, const WaitGraph *graph, const guint *locks, guint n_locks)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);

	for (guint c = 0; c < G_N_ELEMENTS(columns); c++) {
		csv_append_field(out, columns[c].name, c + 1 == G_N_ELEMENTS(columns));
	}
	for (guint i = 0; i < n_locks; i++) {
		const Lock *lock = snapshot_lock(snapshot, locks[i]);
		const CsvRow row = {
		    .graph = graph,
		    .snapshot = snapshot,
		    .lock = lock,
		    .session = snapshot_session(snapshot, lock->session),
		    .relation =
		        names_relation(snapshot_names(snapshot), lock->tag.database, lock->tag.relation),
		};

		for (guint c = 0; c < G_N_ELEMENTS(columns); c++) {
			g_autofree char *value = columns[c].value(&row);

			csv_append_field(out, value, c + 1 == G_N_ELEMENTS(columns));
		}
	}
}
