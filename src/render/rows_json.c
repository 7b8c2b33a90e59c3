#include "render/json_parts.h"
#include "render/rows.h"
#include "render/target.h"

static void write_key(JsonWriter *json, const RowKey *key)
{
	json_key(json, "key");
	if (key->n == 0)
		json_null(json);
	else
		target_write_row_key(json, key);
}

static void write_waiters(JsonWriter *json, const char *name, const RowVerdict *verdict,
                          gboolean only_inferred, const Snapshot *snapshot)
{
	json_key(json, name);
	json_begin_array(json);
	for (guint i = 0; i < verdict->waiters->len; i++) {
		const RowWaiter *waiter = &g_array_index(verdict->waiters, RowWaiter, i);

		if (waiter->is_inferred || !only_inferred)
			json_session_id(json, snapshot, waiter->session);
	}
	json_end_array(json);
}

static void write_row(JsonWriter *json, const RowFacts *row, const RowVerdict *verdict,
                      const Snapshot *snapshot)
{
	g_autofree char *ctid = g_strdup_printf("(%u,%u)", row->tag.page, row->tag.tuple);

	json_begin_object(json);
	json_key_string(json, "ctid", ctid);
	write_key(json, &row->key);
	json_key(json, "target");
	target_write_json(json, snapshot, &row->tag, NULL);
	json_key_string(json, "state", row_state_name(verdict->state));
	json_key(json, "holders");
	json_begin_array(json);
	for (guint i = 0; i < verdict->holders->len; i++) {
		const RowHolder *holder = &g_array_index(verdict->holders, RowHolder, i);

		json_begin_object(json);
		json_key(json, "session");
		json_session_id(json, snapshot, holder->session);
		json_key_string(json, "mode", row_mode_name(holder->mode));
		json_key_bool(json, "certain", holder->is_certain);
		json_end_object(json);
	}
	json_end_array(json);
	write_waiters(json, "waiters", verdict, FALSE, snapshot);
	write_waiters(json, "inferred_waiters", verdict, TRUE, snapshot);
	json_end_object(json);
}

/* Those who hold any of the rows or wait for one, each once. */
static GArray *sessions_of(const RowVerdicts *verdicts, guint n_rows, guint n_sessions)
{
	GArray *sessions = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autofree gboolean *is_in = g_new0(gboolean, n_sessions + 1);

	for (guint i = 0; i < n_rows; i++) {
		const RowVerdict *verdict = row_verdicts_get(verdicts, i);

		for (guint j = 0; j < verdict->holders->len + verdict->waiters->len; j++) {
			guint session =
			    j < verdict->holders->len
			        ? g_array_index(verdict->holders, RowHolder, j).session
			        : g_array_index(verdict->waiters, RowWaiter, j - verdict->holders->len).session;

			if (!is_in[session])
				g_array_append_val(sessions, session);
			is_in[session] = TRUE;
		}
	}
	return sessions;
}

void render_rows_json(GString *out, const RowSet *rows, const WaitGraph *graph, gboolean pretty)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, pretty);
	g_autoptr(EdgeIndex) edges = edge_index_new(graph, EDGES_SHOWN);
	g_autoptr(RowVerdicts) verdicts = row_verdicts_new(rows, graph);
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	const RelationName *table = row_set_table(rows);
	g_autoptr(GArray) sessions =
	    sessions_of(verdicts, row_set_n(rows), snapshot_n_sessions(snapshot));

	json_document_begin(json, "row", snapshot);
	json_key(json, "table");
	json_begin_object(json);
	json_key_string(json, "schema", table->schema);
	json_key_string(json, "name", table->name);
	json_key_int(json, "oid", table->oid);
	json_end_object(json);
	json_key_int(json, "limit", row_set_limit(rows));
	json_key_bool(json, "more_match", row_set_has_more(rows));
	json_key(json, "rows");
	json_begin_array(json);
	for (guint i = 0; i < row_set_n(rows); i++)
		write_row(json, row_set_get(rows, i), row_verdicts_get(verdicts, i), snapshot);
	json_end_array(json);
	json_key(json, "sessions");
	json_begin_array(json);
	for (guint i = 0; i < sessions->len; i++)
		json_session(json, graph, edges, g_array_index(sessions, guint, i));
	json_end_array(json);
	json_document_end(json, snapshot);
}
