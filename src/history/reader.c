#include "history/reader.h"

#include "base/error.h"
#include "base/pattern.h"
#include "base/timestamp.h"
#include "history/blocker_json.h"
#include "history/store.h"

struct HistoryReader {
	Database *database;
};

HistoryReader *history_reader_open(const char *path, GError **error)
{
	Database *database = database_open(path, DATABASE_READS, error);

	if (database == NULL)
		return NULL;
	HistoryReader *reader = g_new0(HistoryReader, 1);

	reader->database = database;
	return reader;
}

void history_reader_free(HistoryReader *reader)
{
	if (reader == NULL)
		return;
	database_free(reader->database);
	g_free(reader);
}

/* --- what belongs to an incident ------------------------------------------------------------ */

/* One query for an incident, each row of which is read into the record. */
typedef void (*ReadRow)(Query *query, IncidentRecord *record);

static gboolean read_rows(Database *database, DatabaseStatement which, IncidentRecord *record,
                          ReadRow read, GError **error)
{
	Query query;

	query_begin(&query, database, which);
	query_bind_int(&query, ":incident", record->incident->id);
	while (query_next(&query))
		read(&query, record);
	return query_end(&query, "read", error);
}

static void read_statement(Query *query, IncidentRecord *record)
{
	StatementRecord *statement = g_new0(StatementRecord, 1);

	statement->incident = record->incident->id;
	statement->session = query_text(query);
	statement->began_at = query_int(query);
	statement->seen_at = query_int(query);
	statement->statement = query_text(query);
	g_ptr_array_add(record->statements, statement);
}

static ActRecord *act_of_row(Query *query)
{
	ActRecord *act = g_new0(ActRecord, 1);

	act->id = query_int(query);
	act->server = query_text(query);
	act->at = query_int(query);
	act->act = query_text(query);
	act->by = query_text(query);
	act->dry_run = query_int(query) != 0;
	act->session = query_text(query);
	act->session_id = query_text(query);
	act->settled_at = query_time(query);
	act->result = query_text(query);
	act->message = query_text(query);
	act->n_freed = (guint) query_int(query);
	return act;
}

static void read_act(Query *query, IncidentRecord *record)
{
	ActRecord *act = act_of_row(query);

	act->incident = record->incident->id;
	g_ptr_array_add(record->acts, act);
}

static void read_notice(Query *query, IncidentRecord *record)
{
	NoticeRecord *notice = g_new0(NoticeRecord, 1);

	notice->incident = record->incident->id;
	notice->server = query_text(query);
	notice->at = query_int(query);
	notice->event = query_text(query);
	notice->notifier = query_text(query);
	notice->delivered = query_int(query) != 0;
	notice->n_tries = (guint) query_int(query);
	notice->message = query_text(query);
	g_ptr_array_add(record->notices, notice);
}

static void read_n_waiters(Query *query, IncidentRecord *record)
{
	record->n_waiters = (guint) query_int(query) + record->incident->n_unlisted;
}

static gboolean read_next(Database *database, IncidentRecord *record, GError **error)
{
	Query query;

	query_begin(&query, database, SQL_STATEMENT_GET_NEXT);
	query_bind_int(&query, ":id", record->incident->id);
	if (query_next(&query))
		record->next = query_int(&query);
	return query_end(&query, "read", error);
}

static gboolean read_parts(Database *database, IncidentRecord *record, GError **error)
{
	static const struct {
		DatabaseStatement which;
		ReadRow read;
	} parts[] = {
	    {SQL_STATEMENT_COUNT_WAITERS, read_n_waiters},
	    {SQL_STATEMENT_GET_STATEMENTS, read_statement},
	    {SQL_STATEMENT_GET_ACTS, read_act},
	    {SQL_STATEMENT_GET_NOTICES, read_notice},
	};

	for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
		if (!read_rows(database, parts[i].which, record, parts[i].read, error))
			return FALSE;
	return store_read_gaps(database, record->incident, error) && read_next(database, record, error);
}

/* --- the list ------------------------------------------------------------------------------- */

static gboolean is_matched(const char *glob, const char *text)
{
	return glob == NULL || (text != NULL && glob_matches(glob, text, FALSE));
}

static gboolean concerns_table(Database *database, gint64 incident, const HistoryFilter *filter,
                               gboolean *concerns, GError **error)
{
	Query query;

	*concerns = filter->is_table == NULL;
	if (*concerns)
		return TRUE;
	query_begin(&query, database, SQL_STATEMENT_GET_CONCERNED);
	query_bind_int(&query, ":incident", incident);
	while (!*concerns && query_next(&query)) {
		g_autofree char *of_database = query_text(&query);
		g_autofree char *schema = query_text(&query);
		g_autofree char *name = query_text(&query);

		/* Nobody's name is empty. */
		*concerns = filter->is_table(*of_database != '\0' ? of_database : NULL,
		                             *schema != '\0' ? schema : NULL, name, filter->is_table_data);
	}
	return query_end(&query, "read", error);
}

/* The row's incident if it is wanted, else NULL. */
static Incident *read_wanted(Database *database, Query *query, const HistoryFilter *filter,
                             GError **error)
{
	g_autofree char *server = query_text(query);
	g_autofree char *user = query_text(query);
	g_autofree char *application = query_text(query);
	gboolean concerns;

	/* Before its documents are read, which takes longer. */
	if (!is_matched(filter->server_glob, server) || !is_matched(filter->user_glob, user) ||
	    !is_matched(filter->application_glob, application))
		return NULL;
	g_autoptr(Incident) incident = store_read_incident(query);
	if (!concerns_table(database, incident->id, filter, &concerns, error) || !concerns)
		return NULL;
	return g_steal_pointer(&incident);
}

static void bind_period(Query *query, const HistoryFilter *filter)
{
	query_bind_int(query, ":since",
	               filter->since != TIMESTAMP_NONE ? filter->since : TIMESTAMP_NONE + 1);
	query_bind_int(query, ":until", filter->until != TIMESTAMP_NONE ? filter->until : G_MAXINT64);
}

static gboolean list(Database *database, const HistoryFilter *filter, GPtrArray *records,
                     gboolean *has_more, GError **error)
{
	g_autoptr(GError) cause = NULL;
	Query query;

	query_begin(&query, database, SQL_STATEMENT_LIST_INCIDENTS);
	bind_period(&query, filter);
	*has_more = FALSE;
	while (cause == NULL && query_next(&query)) {
		Incident *incident = read_wanted(database, &query, filter, &cause);

		if (incident == NULL)
			continue;
		*has_more = filter->limit > 0 && records->len == filter->limit;
		if (*has_more) {
			incident_free(incident);
			break;
		}
		g_ptr_array_add(records, incident_record_new(incident));
	}
	query_end(&query, "read", cause == NULL ? &cause : NULL);
	for (guint i = 0; cause == NULL && i < records->len; i++)
		read_parts(database, g_ptr_array_index(records, i), &cause);
	if (cause == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&cause));
	return FALSE;
}

GPtrArray *history_list(HistoryReader *reader, const HistoryFilter *filter, gboolean *has_more,
                        GError **error)
{
	g_autoptr(GPtrArray) records =
	    g_ptr_array_new_with_free_func((GDestroyNotify) incident_record_free);
	/* One state of the file for all of it, whatever the guard writes meanwhile. */
	gboolean went_well = database_begin(reader->database, error);

	if (went_well)
		went_well = list(reader->database, filter, records, has_more, error);
	database_roll_back(reader->database);
	return went_well ? g_steal_pointer(&records) : NULL;
}

GPtrArray *history_list_acts(HistoryReader *reader, const HistoryFilter *filter, gboolean *has_more,
                             GError **error)
{
	g_autoptr(GPtrArray) acts = g_ptr_array_new_with_free_func((GDestroyNotify) act_record_free);
	Query query;

	*has_more = FALSE;
	if (filter->user_glob != NULL || filter->application_glob != NULL || filter->is_table != NULL)
		return g_steal_pointer(&acts);
	query_begin(&query, reader->database, SQL_STATEMENT_LIST_ACTS);
	bind_period(&query, filter);
	while (!*has_more && query_next(&query)) {
		g_autoptr(ActRecord) act = act_of_row(&query);

		if (!is_matched(filter->server_glob, act->server))
			continue;
		*has_more = filter->limit > 0 && acts->len == filter->limit;
		if (!*has_more)
			g_ptr_array_add(acts, g_steal_pointer(&act));
	}
	return query_end(&query, "read", error) ? g_steal_pointer(&acts) : NULL;
}

/* --- one ------------------------------------------------------------------------------------ */

static IncidentRecord *get(Database *database, gint64 id, GError **error)
{
	g_autoptr(IncidentRecord) record = NULL;
	Query query;

	query_begin(&query, database, SQL_STATEMENT_GET_INCIDENT);
	query_bind_int(&query, ":id", id);
	if (query_next(&query))
		record = incident_record_new(store_read_incident(&query));
	if (!query_end(&query, "read", error))
		return NULL;
	if (record == NULL) {
		g_autofree char *file = history_option_text(database_path(database));

		error_set(error, PGUNLOCK_ERROR_NOT_FOUND,
		          "there is no incident %" G_GINT64_FORMAT " in %s", id, database_path(database));
		error_set_hint(error, "\"pgunlock history%s\" lists them", file);
		return NULL;
	}
	if (!store_read_waiters(database, record->incident, error) ||
	    !read_parts(database, record, error))
		return NULL;
	return g_steal_pointer(&record);
}

IncidentRecord *history_get(HistoryReader *reader, gint64 id, GError **error)
{
	IncidentRecord *record =
	    database_begin(reader->database, error) ? get(reader->database, id, error) : NULL;

	database_roll_back(reader->database);
	return record;
}

/* --- samples -------------------------------------------------------------------------------- */

gboolean history_read_samples(HistoryReader *reader, gint64 since, gint64 until,
                              HistorySample sample, gpointer user_data, GError **error)
{
	gboolean goes_on = TRUE;
	Query query;

	query_begin(&query, reader->database, SQL_STATEMENT_GET_SAMPLES);
	query_bind_int(&query, ":since", since);
	query_bind_int(&query, ":until", until);
	while (goes_on && query_next(&query)) {
		g_autofree char *server = query_text(&query);
		gint64 at = query_int(&query);
		g_autofree char *text = query_text(&query);
		g_autoptr(GPtrArray) blockers = blockers_from_json(text);

		goes_on =
		    sample(server, at, (const Blocker *const *) blockers->pdata, blockers->len, user_data);
	}
	return query_end(&query, "read", error);
}
