#include "base/timestamp.h"
#include "render/csv.h"
#include "render/history.h"
#include "render/incident_words.h"
#include "render/recorded.h"

/* A column: its name, and its value, which is the caller's; NULL for nothing. */
typedef struct {
	const char *name;
	char *(*value)(const IncidentRecord *record);
} CsvColumn;

static char *id_text(gint64 id)
{
	return id != 0 ? g_strdup_printf("%" G_GINT64_FORMAT, id) : NULL;
}

static char *column_id(const IncidentRecord *record)
{
	return id_text(record->incident->id);
}

static char *column_server(const IncidentRecord *record)
{
	return g_strdup(record->incident->server);
}

static char *column_started_at(const IncidentRecord *record)
{
	return timestamp_to_rfc3339(record->incident->started_at);
}

static char *column_last_seen_at(const IncidentRecord *record)
{
	return timestamp_to_rfc3339(record->incident->last_seen);
}

static char *column_ended_at(const IncidentRecord *record)
{
	return timestamp_to_rfc3339(record->incident->ended_at);
}

static char *column_end(const IncidentRecord *record)
{
	return g_strdup(incident_end_name(record->incident->end));
}

static char *column_lasted_seconds(const IncidentRecord *record)
{
	return csv_seconds(incident_lasted_us(record->incident));
}

static char *column_peak_blocked(const IncidentRecord *record)
{
	return g_strdup_printf("%u", record->incident->peak_blocked);
}

static char *column_waiters_total(const IncidentRecord *record)
{
	return g_strdup_printf("%u", record->n_waiters);
}

static char *column_waited_seconds(const IncidentRecord *record)
{
	return csv_seconds(record->incident->waited_us);
}

static char *column_longest_wait_seconds(const IncidentRecord *record)
{
	return csv_seconds(record->incident->longest_wait_us);
}

static char *column_is_deadlock(const IncidentRecord *record)
{
	return g_strdup(record->incident->is_deadlock ? "true" : "false");
}

static char *column_root(const IncidentRecord *record)
{
	return session_facts_id(record->incident->root);
}

static char *column_session_id(const IncidentRecord *record)
{
	return session_facts_log_id(record->incident->root);
}

static char *column_user(const IncidentRecord *record)
{
	return g_strdup(record->incident->root->user);
}

static char *column_database(const IncidentRecord *record)
{
	return g_strdup(record->incident->root->database);
}

static char *column_application(const IncidentRecord *record)
{
	return g_strdup(record->incident->root->application_name);
}

static char *column_client(const IncidentRecord *record)
{
	return g_strdup(record->incident->root->client_addr);
}

static char *column_state(const IncidentRecord *record)
{
	return g_strdup(record->incident->root->state);
}

static char *column_target(const IncidentRecord *record)
{
	return record->incident->target != NULL ? recorded_target_text(record->incident->target) : NULL;
}

static char *column_mode(const IncidentRecord *record)
{
	LockMode mode = record->incident->mode;

	return mode != LOCK_MODE_NONE ? g_strdup(lock_mode_name(mode)) : NULL;
}

static char *column_follows(const IncidentRecord *record)
{
	return id_text(record->incident->follows);
}

static char *column_acts(const IncidentRecord *record)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < record->acts->len; i++) {
		g_autofree char *act = act_record_text(g_ptr_array_index(record->acts, i));

		g_string_append_printf(text, "%s%s", i > 0 ? "; " : "", act);
	}
	return g_string_free(text, FALSE);
}

static char *column_query(const IncidentRecord *record)
{
	return g_strdup(record->incident->root->query);
}

static const CsvColumn columns[] = {
    {"id", column_id},
    {"server", column_server},
    {"started_at", column_started_at},
    {"last_seen_at", column_last_seen_at},
    {"ended_at", column_ended_at},
    {"end", column_end},
    {"lasted_seconds", column_lasted_seconds},
    {"peak_blocked", column_peak_blocked},
    {"waiters_total", column_waiters_total},
    {"waited_seconds", column_waited_seconds},
    {"longest_wait_seconds", column_longest_wait_seconds},
    {"is_deadlock", column_is_deadlock},
    {"root", column_root},
    {"session_id", column_session_id},
    {"user", column_user},
    {"database", column_database},
    {"application_name", column_application},
    {"client_addr", column_client},
    {"state", column_state},
    {"target", column_target},
    {"mode", column_mode},
    {"follows", column_follows},
    {"acts", column_acts},
    {"query", column_query},
};

void render_history_csv(GString *out, const GPtrArray *records)
{
	for (guint c = 0; c < G_N_ELEMENTS(columns); c++)
		csv_append_field(out, columns[c].name, c + 1 == G_N_ELEMENTS(columns));
	for (guint i = 0; i < records->len; i++) {
		for (guint c = 0; c < G_N_ELEMENTS(columns); c++) {
			g_autofree char *value = columns[c].value(g_ptr_array_index(records, i));

			csv_append_field(out, value, c + 1 == G_N_ELEMENTS(columns));
		}
	}
}
