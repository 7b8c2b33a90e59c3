#include "render/timeline.h"

#include "base/duration.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "render/incident_words.h"
#include "render/recorded.h"
#include "render/session_words.h"

enum { MOST_COLUMNS = 400 }; /* of a statement */

const char *moment_kind_name(MomentKind kind)
{
	static const char *const names[] = {
	    [MOMENT_TRANSACTION] = "transaction",
	    [MOMENT_STATEMENT] = "statement",
	    [MOMENT_WAITER] = "waiter",
	    [MOMENT_PEAK] = "peak",
	    [MOMENT_ACT] = "act",
	    [MOMENT_NOTICE] = "notice",
	    [MOMENT_RESULT] = "result",
	    [MOMENT_GAP] = "gap",
	    [MOMENT_END] = "end",
	};

	return names[kind];
}

static void moment_free(gpointer data)
{
	Moment *moment = data;

	g_free(moment->session);
	g_free(moment->text);
	g_free(moment);
}

/* Takes its texts. What has no time isn't there. */
static void add(GPtrArray *moments, Moment moment)
{
	gpointer copy = g_memdup2(&moment, sizeof(moment));

	if (moment.at == TIMESTAMP_NONE)
		moment_free(copy);
	else
		g_ptr_array_add(moments, copy);
}

static void add_root(GPtrArray *moments, const Incident *incident)
{
	const SessionFacts *root = incident->root;
	g_autofree char *name = recorded_name_text(root);

	if (root->kind == SESSION_KIND_PREPARED)
		add(moments, (Moment){.at = root->prepared_at,
		                      .kind = MOMENT_TRANSACTION,
		                      .session = session_facts_id(root),
		                      .text = g_strdup_printf("%s was prepared", name)});
	else
		add(moments, (Moment){.at = root->xact_start,
		                      .kind = MOMENT_TRANSACTION,
		                      .session = session_facts_id(root),
		                      .text = g_strdup_printf("%s began its transaction", name)});
}

static void add_statements(GPtrArray *moments, const IncidentRecord *record)
{
	const SessionFacts *root = record->incident->root;
	gboolean has_last = FALSE;

	for (guint i = 0; i < record->statements->len; i++) {
		const StatementRecord *statement = g_ptr_array_index(record->statements, i);
		g_autofree char *name = recorded_id_text(statement->session);
		g_autofree char *text = recorded_statement_text(statement->statement, MOST_COLUMNS);

		has_last |= statement->began_at == root->query_start;
		add(moments, (Moment){.at = statement->began_at,
		                      .kind = MOMENT_STATEMENT,
		                      .session = g_strdup(statement->session),
		                      .text = g_strdup_printf("%s ran  %s", name, text)});
	}
	g_autofree char *last = recorded_statement_text(root->query, MOST_COLUMNS);
	g_autofree char *name = recorded_name_text(root);
	if (!has_last && *last != '\0')
		add(moments, (Moment){.at = root->query_start,
		                      .kind = MOMENT_STATEMENT,
		                      .session = session_facts_id(root),
		                      .text = g_strdup_printf("%s ran  %s", name, last)});
}

static void add_waiters(GPtrArray *moments, const Incident *incident)
{
	for (guint i = 0; i < incident->waiters->len; i++) {
		const IncidentWaiter *waiter = g_ptr_array_index(incident->waiters, i);
		g_autofree char *name = recorded_name_text(waiter->session);
		g_autofree char *application = recorded_application_text(waiter->session);
		g_autofree char *target = recorded_target_text(waiter->target);

		add(moments, (Moment){.at = waiter->first_at,
		                      .kind = MOMENT_WAITER,
		                      .session = session_facts_id(waiter->session),
		                      .text = g_strdup_printf("%s%s%s came to wait for %s", name,
		                                              *application != '\0' ? " " : "", application,
		                                              target)});
	}
}

static void add_peak(GPtrArray *moments, const Incident *incident)
{
	if (incident->peak_blocked > 1)
		add(moments, (Moment){.at = incident->peak_at,
		                      .kind = MOMENT_PEAK,
		                      .session = NULL,
		                      .text = g_strdup_printf("%u waited at once, the most",
		                                              incident->peak_blocked)});
}

static void add_gaps(GPtrArray *moments, const Incident *incident)
{
	for (guint i = 0; i < incident->gaps->len; i++) {
		const IncidentGap *gap = &g_array_index(incident->gaps, IncidentGap, i);
		g_autofree char *length = duration_to_text(timestamp_age(gap->until, gap->since));

		add(moments, (Moment){.at = gap->since,
		                      .kind = MOMENT_GAP,
		                      .session = NULL,
		                      .text = g_strdup_printf("nobody looked for %s: %s", length,
		                                              gap->is_away ? "the guard was away"
		                                                           : "the server gave no answer")});
	}
}

static void add_acts(GPtrArray *moments, const GPtrArray *acts)
{
	for (guint i = 0; i < acts->len; i++) {
		const ActRecord *act = g_ptr_array_index(acts, i);
		/* What wasn't done has no result of its own. */
		gboolean is_whole =
		    act->settled_at == TIMESTAMP_NONE || act->dry_run || act_record_is_undone(act);
		g_autofree char *text = is_whole ? act_record_text(act) : act_begun_text(act);
		g_autofree char *name = recorded_id_text(act->session);

		add(moments, (Moment){.at = act->at,
		                      .kind = MOMENT_ACT,
		                      .session = g_strdup(act->session),
		                      .text = g_strdup_printf("%s: %s", name, text)});
		if (is_whole)
			continue;
		g_autofree char *took = duration_to_text(timestamp_age(act->settled_at, act->at));
		g_autofree char *result = text_safe(act->result != NULL ? act->result : "?");
		g_autofree char *message = text_safe(act->message != NULL ? act->message : "");
		g_autofree char *waiters = count_text(act->n_freed, "waiter", "waiters");
		g_autofree char *moved =
		    act->n_freed > 0 ? g_strdup_printf(", %s moved on", waiters) : g_strdup("");

		add(moments,
		    (Moment){.at = act->settled_at,
		             .kind = MOMENT_RESULT,
		             .session = g_strdup(act->session),
		             .text = g_strdup_printf("%s: %s after %s%s%s%s", name, result, took, moved,
		                                     *message != '\0' ? ": " : "", message)});
	}
}

static void add_notices(GPtrArray *moments, const GPtrArray *notices)
{
	for (guint i = 0; i < notices->len; i++) {
		const NoticeRecord *notice = g_ptr_array_index(notices, i);
		g_autofree char *to = text_safe(notice->notifier != NULL ? notice->notifier : "?");
		g_autofree char *event = text_safe(notice->event != NULL ? notice->event : "?");
		g_autofree char *message = text_safe(notice->message != NULL ? notice->message : "");
		g_autofree char *tries = count_text(notice->n_tries, "try", "tries");

		add(moments,
		    (Moment){.at = notice->at,
		             .kind = MOMENT_NOTICE,
		             .session = NULL,
		             .text = notice->delivered
		                         ? g_strdup_printf("%s was told: %s", to, event)
		                         : g_strdup_printf("%s could not be told: %s (%s%s%s)", to, event,
		                                           tries, *message != '\0' ? ", " : "", message)});
	}
}

static gint compare(gconstpointer a, gconstpointer b)
{
	const Moment *x = *(const Moment *const *) a;
	const Moment *y = *(const Moment *const *) b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (gint) x->kind - (gint) y->kind;
}

GPtrArray *timeline_new(const IncidentRecord *record)
{
	GPtrArray *moments = g_ptr_array_new_with_free_func(moment_free);
	const Incident *incident = record->incident;

	add_root(moments, incident);
	add_statements(moments, record);
	add_waiters(moments, incident);
	add_peak(moments, incident);
	add_gaps(moments, incident);
	add_acts(moments, record->acts);
	add_notices(moments, record->notices);
	g_autofree char *over = incident_over_text(record);
	add(moments, (Moment){.at = incident_over_at(record),
	                      .kind = MOMENT_END,
	                      .session = NULL,
	                      .text = g_strdup_printf("over: %s", over)});
	/* Stable: those of the same moment and kind stay in order. */
	g_ptr_array_sort(moments, compare);
	return moments;
}
