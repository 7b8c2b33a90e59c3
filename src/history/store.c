#include "history/store.h"

#include "base/timestamp.h"
#include "history/facts_json.h"

enum {
	MOST_FORGOTTEN = 200, /* of one kind in one transaction */
	MOST_OLDEST = 100,    /* incidents that go at once for the size's sake, ... */
	MOST_SAMPLES = 1000,  /* ... and samples */
};

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static gboolean put_concerned(Database *database, gint64 incident, const LockTarget *target,
                              const char *schema, const char *name, GError **error)
{
	Query query;

	query_begin(&query, database, SQL_STATEMENT_PUT_CONCERNED);
	query_bind_int(&query, ":incident", incident);
	query_bind_text(&query, ":database", or_empty(target->database));
	query_bind_text(&query, ":schema", schema);
	query_bind_text(&query, ":name", name);
	return query_run(&query, "write a table to", error);
}

static gboolean put_tables(Database *database, gint64 incident, const LockTarget *target,
                           GError **error)
{
	char *const *table = target != NULL ? target->tables : NULL;

	for (; table != NULL && table[0] != NULL && table[1] != NULL; table += 2)
		if (!put_concerned(database, incident, target, table[0], table[1], error))
			return FALSE;
	return TRUE;
}

static gboolean put_waiter(Database *database, gint64 incident, const IncidentWaiter *waiter,
                           GError **error)
{
	g_autofree char *session = session_facts_to_json(waiter->session);
	g_autofree char *target = lock_target_to_json(waiter->target);
	gint64 started = waiter->session->backend_start;
	Query query;

	query_begin(&query, database, SQL_STATEMENT_PUT_WAITER);
	query_bind_int(&query, ":incident", incident);
	query_bind_int(&query, ":pid", waiter->session->pid);
	query_bind_int(&query, ":backend_start", started != TIMESTAMP_NONE ? started : 0);
	query_bind_text(&query, ":session", session);
	query_bind_text(&query, ":target", target);
	query_bind_text(&query, ":mode", lock_mode_name(waiter->mode));
	query_bind_int(&query, ":waits", waiter->n_waits);
	query_bind_int(&query, ":first_at", waiter->first_at);
	query_bind_time(&query, ":since", waiter->since);
	query_bind_int(&query, ":last_seen", waiter->last_seen);
	query_bind_int(&query, ":waited_us", waiter->waited_us);
	query_bind_time(&query, ":waitstart", waiter->waitstart);
	return query_run(&query, "write a waiter to", error) &&
	       put_tables(database, incident, waiter->target, error);
}

static gboolean put_row(Database *database, const Incident *incident, GError **error)
{
	g_autofree char *root = session_facts_to_json(incident->root);
	g_autofree char *target = lock_target_to_json(incident->target);
	Query query;

	query_begin(&query, database, SQL_STATEMENT_PUT_INCIDENT);
	query_bind_int(&query, ":id", incident->id);
	query_bind_text(&query, ":server", incident->server);
	query_bind_time(&query, ":server_started_at", incident->server_started_at);
	query_bind_int(&query, ":started_at", incident->started_at);
	query_bind_int(&query, ":last_seen", incident->last_seen);
	query_bind_time(&query, ":ended_at", incident->ended_at);
	query_bind_text(&query, ":ending", incident_end_name(incident->end));
	query_bind_int(&query, ":is_deadlock", incident->is_deadlock);
	query_bind_text(&query, ":root", root);
	query_bind_text(&query, ":root_user", incident->root->user);
	query_bind_text(&query, ":root_application", incident->root->application_name);
	query_bind_text(&query, ":target", target);
	query_bind_text(&query, ":mode", target != NULL ? lock_mode_name(incident->mode) : NULL);
	query_bind_int(&query, ":blocked", incident->n_blocked);
	query_bind_int(&query, ":peak_blocked", incident->peak_blocked);
	query_bind_time(&query, ":peak_at", incident->peak_at);
	query_bind_int(&query, ":longest_wait_us", incident->longest_wait_us);
	query_bind_int(&query, ":waited_us", incident->waited_us);
	query_bind_int(&query, ":unlisted", incident->n_unlisted);
	if (incident->follows != 0)
		query_bind_int(&query, ":follows", incident->follows);
	query_bind_text(&query, ":told_rule", incident->told_rule);
	query_bind_int(&query, ":told_blocked", incident->told_blocked);
	query_bind_int(&query, ":told_wait_us", incident->told_wait_us);
	query_bind_text(&query, ":acted_rule", incident->acted_rule);
	return query_run(&query, "write an incident to", error);
}

static gboolean put_gaps(Database *database, const Incident *incident, GError **error)
{
	for (guint i = 0; i < incident->gaps->len; i++) {
		const IncidentGap *gap = &g_array_index(incident->gaps, IncidentGap, i);
		Query query;

		query_begin(&query, database, SQL_STATEMENT_PUT_GAP);
		query_bind_int(&query, ":incident", incident->id);
		query_bind_int(&query, ":since", gap->since);
		query_bind_int(&query, ":until", gap->until);
		query_bind_int(&query, ":is_away", gap->is_away);
		if (!query_run(&query, "write a gap to", error))
			return FALSE;
	}
	return TRUE;
}

gboolean store_put_incident(Database *database, const Incident *incident, GError **error)
{
	if (!put_row(database, incident, error) || !put_gaps(database, incident, error) ||
	    !put_tables(database, incident->id, incident->target, error))
		return FALSE;
	for (guint i = 0; i < incident->waiters->len; i++)
		if (!put_waiter(database, incident->id, g_ptr_array_index(incident->waiters, i), error))
			return FALSE;
	return TRUE;
}

gboolean store_put_statement(Database *database, const StatementRecord *statement, GError **error)
{
	g_autofree char *text = facts_cut(statement->statement);
	Query query;

	query_begin(&query, database, SQL_STATEMENT_PUT_STATEMENT);
	query_bind_int(&query, ":incident", statement->incident);
	query_bind_text(&query, ":session", statement->session);
	query_bind_int(&query, ":began_at", statement->began_at);
	query_bind_int(&query, ":seen_at", statement->seen_at);
	query_bind_text(&query, ":statement", text);
	return query_run(&query, "write a statement to", error);
}

static void bind_result(Query *query, const ActRecord *act)
{
	query_bind_int(query, ":id", act->id);
	query_bind_time(query, ":settled_at", act->settled_at);
	query_bind_text(query, ":result", act->result);
	query_bind_text(query, ":message", act->message);
	query_bind_int(query, ":freed", act->n_freed);
}

gboolean store_put_act(Database *database, const ActRecord *act, GError **error)
{
	Query query;

	query_begin(&query, database, SQL_STATEMENT_PUT_ACT);
	bind_result(&query, act);
	query_bind_int(&query, ":incident", act->incident);
	query_bind_text(&query, ":server", act->server);
	query_bind_int(&query, ":at", act->at);
	query_bind_text(&query, ":act", act->act);
	query_bind_text(&query, ":author", act->by);
	query_bind_int(&query, ":dry_run", act->dry_run);
	query_bind_text(&query, ":session", act->session);
	query_bind_text(&query, ":session_id", act->session_id);
	return query_run(&query, "write an act to", error);
}

gboolean store_settle_act(Database *database, const ActRecord *act, GError **error)
{
	Query query;

	query_begin(&query, database, SQL_STATEMENT_SETTLE_ACT);
	bind_result(&query, act);
	return query_run(&query, "write the result of an act to", error);
}

gboolean store_abandon_acts(Database *database, GError **error)
{
	Query query;

	query_begin(&query, database, SQL_STATEMENT_ABANDON_ACTS);
	query_bind_text(&query, ":message", "the guard ended in the middle of it");
	return query_run(&query, "write to", error);
}

gboolean store_put_notice(Database *database, const NoticeRecord *notice, GError **error)
{
	Query query;

	query_begin(&query, database, SQL_STATEMENT_PUT_NOTICE);
	query_bind_int(&query, ":incident", notice->incident);
	query_bind_text(&query, ":server", notice->server);
	query_bind_int(&query, ":at", notice->at);
	query_bind_text(&query, ":event", notice->event);
	query_bind_text(&query, ":notifier", notice->notifier);
	query_bind_int(&query, ":delivered", notice->delivered);
	query_bind_int(&query, ":tries", notice->n_tries);
	query_bind_text(&query, ":message", notice->message);
	return query_run(&query, "write a notice to", error);
}

gboolean store_put_sample(Database *database, const char *server, gint64 at, const char *blockers,
                          GError **error)
{
	Query query;

	query_begin(&query, database, SQL_STATEMENT_PUT_SAMPLE);
	query_bind_text(&query, ":server", server);
	query_bind_int(&query, ":at", at);
	query_bind_text(&query, ":blockers", blockers);
	return query_run(&query, "write a sample to", error);
}

gboolean store_end_incident(Database *database, gint64 id, GError **error)
{
	Query query;

	query_begin(&query, database, SQL_STATEMENT_END_WAITS);
	query_bind_int(&query, ":incident", id);
	if (!query_run(&query, "end waits in", error))
		return FALSE;
	query_begin(&query, database, SQL_STATEMENT_END_INCIDENT);
	query_bind_int(&query, ":id", id);
	query_bind_text(&query, ":ending", incident_end_name(INCIDENT_UNSEEN));
	return query_run(&query, "end an incident in", error);
}

static gboolean read_last_id(Database *database, DatabaseStatement which, gint64 *id,
                             GError **error)
{
	Query query;

	query_begin(&query, database, which);
	*id = query_next(&query) ? query_int(&query) : 0;
	return query_end(&query, "read", error);
}

gboolean store_last_ids(Database *database, gint64 *incident, gint64 *act, GError **error)
{
	return read_last_id(database, SQL_STATEMENT_LAST_INCIDENT, incident, error) &&
	       read_last_id(database, SQL_STATEMENT_LAST_ACT, act, error);
}

/* --- reading -------------------------------------------------------------------------------- */

static LockMode read_mode(Query *query)
{
	g_autofree char *name = query_text(query);

	return name != NULL ? lock_mode_from_name(name) : LOCK_MODE_NONE;
}

Incident *store_read_incident(Query *query)
{
	Incident *incident = incident_new(NULL);

	incident->id = query_int(query);
	incident->server = query_text(query);
	incident->server_started_at = query_time(query);
	incident->started_at = query_int(query);
	incident->last_seen = query_int(query);
	incident->ended_at = query_time(query);
	g_autofree char *ending = query_text(query);
	incident_end_from_name(ending, &incident->end);
	incident->is_deadlock = query_int(query) != 0;
	g_autofree char *root = query_text(query);
	incident->root = session_facts_from_json(root);
	g_autofree char *target = query_text(query);
	incident->target = lock_target_from_json(target);
	incident->mode = read_mode(query);
	incident->n_blocked = (guint) query_int(query);
	incident->peak_blocked = (guint) query_int(query);
	incident->peak_at = query_time(query);
	incident->longest_wait_us = query_int(query);
	incident->waited_us = query_int(query);
	incident->n_unlisted = (guint) query_int(query);
	incident->follows = query_int(query);
	incident->told_rule = query_text(query);
	incident->told_blocked = (guint) query_int(query);
	incident->told_wait_us = query_int(query);
	incident->acted_rule = query_text(query);
	return incident;
}

static IncidentWaiter *read_waiter(Query *query, gint64 incident_seen)
{
	IncidentWaiter *waiter = g_new0(IncidentWaiter, 1);
	g_autofree char *session = query_text(query);
	g_autofree char *target = query_text(query);

	waiter->session = session_facts_from_json(session);
	waiter->target = lock_target_from_json(target);
	waiter->mode = read_mode(query);
	waiter->n_waits = (guint) query_int(query);
	waiter->first_at = query_int(query);
	waiter->since = query_time(query);
	waiter->last_seen = query_int(query);
	waiter->waited_us = query_int(query);
	waiter->waitstart = query_time(query);
	/* One that goes on waiting isn't written anew with each look. */
	if (waiter->since != TIMESTAMP_NONE) {
		waiter->waited_us += timestamp_age(incident_seen, waiter->last_seen);
		waiter->last_seen = MAX(waiter->last_seen, incident_seen);
	}
	return waiter;
}

gboolean store_read_waiters(Database *database, Incident *incident, GError **error)
{
	Query query;

	query_begin(&query, database, SQL_STATEMENT_GET_WAITERS);
	query_bind_int(&query, ":incident", incident->id);
	while (query_next(&query))
		g_ptr_array_add(incident->waiters, read_waiter(&query, incident->last_seen));
	return query_end(&query, "read", error);
}

gboolean store_read_gaps(Database *database, Incident *incident, GError **error)
{
	Query query;

	query_begin(&query, database, SQL_STATEMENT_GET_GAPS);
	query_bind_int(&query, ":incident", incident->id);
	while (query_next(&query)) {
		IncidentGap gap;

		gap.since = query_int(&query);
		gap.until = query_int(&query);
		gap.is_away = query_int(&query) != 0;
		g_array_append_val(incident->gaps, gap);
	}
	return query_end(&query, "read", error);
}

GPtrArray *store_read_open(Database *database, GError **error)
{
	g_autoptr(GPtrArray) incidents = g_ptr_array_new_with_free_func((GDestroyNotify) incident_free);
	Query query;

	query_begin(&query, database, SQL_STATEMENT_OPEN_INCIDENTS);
	while (query_next(&query))
		g_ptr_array_add(incidents, store_read_incident(&query));
	if (!query_end(&query, "read", error))
		return NULL;
	for (guint i = 0; i < incidents->len; i++) {
		Incident *incident = g_ptr_array_index(incidents, i);

		if (!store_read_waiters(database, incident, error) ||
		    !store_read_gaps(database, incident, error))
			return NULL;
	}
	return g_steal_pointer(&incidents);
}

/* --- what is too old, or too much ----------------------------------------------------------- */

static const DatabaseStatement forgetting[] = {
    SQL_STATEMENT_FORGET_INCIDENTS,
    SQL_STATEMENT_FORGET_ACTS,
    SQL_STATEMENT_FORGET_NOTICES,
    SQL_STATEMENT_FORGET_SAMPLES,
};

/* n: how many rows went. */
static gboolean forget(Database *database, DatabaseStatement which, gint64 before, gint64 *n,
                       GError **error)
{
	Query query;

	query_begin(&query, database, which);
	query_bind_int(&query, ":before", before);
	query_bind_int(&query, ":most", MOST_FORGOTTEN);
	if (!query_run(&query, "remove what is old from", error))
		return FALSE;
	*n += database_changes(database);
	return TRUE;
}

static gboolean forget_before(Database *database, gint64 before, gint64 *n, GError **error)
{
	*n = 0;
	if (!database_begin(database, error))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(forgetting); i++) {
		if (!forget(database, forgetting[i], before, n, error)) {
			database_roll_back(database);
			return FALSE;
		}
	}
	return database_commit(database, error);
}

/* TIMESTAMP_NONE: there is nothing. */
static gboolean read_oldest(Database *database, DatabaseStatement which, gint64 most,
                            gint64 *before, GError **error)
{
	Query query;

	query_begin(&query, database, which);
	query_bind_int(&query, ":most", most);
	*before = query_next(&query) ? query_time(&query) : TIMESTAMP_NONE;
	return query_end(&query, "read", error);
}

/* Before when that was which goes first: incidents or samples, whichever are older. */
static gboolean find_oldest(Database *database, gint64 *before, GError **error)
{
	gint64 incidents, samples;

	if (!read_oldest(database, SQL_STATEMENT_OLDEST_END, MOST_OLDEST, &incidents, error) ||
	    !read_oldest(database, SQL_STATEMENT_OLDEST_SAMPLE, MOST_SAMPLES, &samples, error))
		return FALSE;
	if (incidents == TIMESTAMP_NONE || samples == TIMESTAMP_NONE)
		*before = MAX(incidents, samples);
	else
		*before = MIN(incidents, samples);
	return TRUE;
}

gboolean store_trim(Database *database, gint64 before, gint64 max_bytes, gboolean *is_done,
                    GError **error)
{
	gint64 n = 0;
	gint64 bytes = 0;

	*is_done = FALSE;
	if (!forget_before(database, before, &n, error) ||
	    !database_used_bytes(database, &bytes, error))
		return FALSE;
	if (n == 0 && max_bytes > 0 && bytes > max_bytes) {
		gint64 oldest;

		if (!find_oldest(database, &oldest, error) ||
		    (oldest != TIMESTAMP_NONE && !forget_before(database, oldest, &n, error)))
			return FALSE;
	}
	*is_done = n == 0;
	return database_shrink(database, error);
}
