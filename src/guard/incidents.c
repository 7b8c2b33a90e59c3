#include "guard/incidents.h"

#include "base/duration.h"
#include "base/timestamp.h"
#include "render/render.h"

/* Worse: twice as many as when it was told last, or twice as long, but not before these. */
#define LEAST_WORSE_BLOCKED 10
#define LEAST_WORSE_US (1 * DURATION_MINUTE)

/* What people know of an incident. */
typedef struct {
	const Incident *incident; /* the tracker's */
	char *rule;               /* that matched first */
	char *target;             /* as it is shown */
	guint told_blocked;
	gint64 told_wait_us;
} Known;

struct GuardIncidents {
	const GuardTools *tools;
	const char *name;
	IncidentTracker *tracker;
	GHashTable *known;    /* Incident -> Known */
	gboolean has_sampled; /* somebody blocked in the last sample that the history got */
};

static void known_free(gpointer data)
{
	Known *known = data;

	g_free(known->rule);
	g_free(known->target);
	g_free(known);
}

/* What a rule acts on, or tells of, shall be an incident by then. */
static gint64 least_wait(const Policy *policy, gint64 least_us)
{
	for (guint i = 0; i < policy_n_rules(policy); i++) {
		const Rule *rule = policy_rule(policy, i);

		if (rule->action != RULE_NONE)
			least_us = MIN(least_us, rule->blocked_for_us);
	}
	return least_us;
}

GuardIncidents *guard_incidents_new(const GuardTools *tools, const char *name)
{
	IncidentOptions options = INCIDENT_OPTIONS_DEFAULT;
	GuardIncidents *incidents = g_new0(GuardIncidents, 1);

	incidents->tools = tools;
	incidents->name = name;
	options.least_wait_us = least_wait(tools->policy, options.least_wait_us);
	incidents->tracker = incident_tracker_new(name, &options);
	incidents->known = g_hash_table_new_full(NULL, NULL, NULL, known_free);
	if (tools->history != NULL) {
		g_autoptr(GPtrArray) open = history_take_open(tools->history, name);

		for (guint i = 0; i < open->len; i++)
			incident_tracker_resume(incidents->tracker, g_ptr_array_index(open, i));
	}
	return incidents;
}

void guard_incidents_free(GuardIncidents *incidents)
{
	if (incidents == NULL)
		return;
	g_hash_table_unref(incidents->known);
	incident_tracker_free(incidents->tracker);
	g_free(incidents);
}

static NoticeSession session_of(const SessionFacts *facts)
{
	return (NoticeSession){
	    .pid = facts->pid,
	    .backend_start = facts->backend_start,
	    .gid = facts->gid,
	    .gid_bytes = facts->gid,
	    .transaction = facts->transaction,
	    .user = facts->user,
	    .database = facts->database,
	    .application_name = facts->application_name,
	    .client_addr = facts->client_addr,
	    .backend_type = facts->backend_type,
	    .state = facts->state,
	    .state_since = facts->state_change,
	    .xact_start = facts->xact_start,
	    .query = facts->query,
	};
}

static void tell(const GuardIncidents *incidents, const Known *known, NoticeKind kind)
{
	const Incident *incident = known->incident;
	const Rule *rule = policy_find_rule(incidents->tools->policy, known->rule);
	gboolean is_over = kind == NOTICE_INCIDENT_ENDED;
	Notice notice = notice_begin(kind, incidents->name, g_get_real_time());

	notice.seen_at = incident->last_seen;
	notice.incident = incident->id;
	notice.started_at = incident->started_at;
	notice.session = session_of(incident->root);
	notice.target = known->target;
	notice.blocked = is_over ? incident->peak_blocked : incident->n_blocked;
	notice.longest_wait_us = incident->longest_wait_us;
	notice.rule = known->rule;
	notice.reason = is_over ? incident_end_name(incident->end) : NULL;
	tools_tell(incidents->tools, rule, &notice);
}

static void tell_if_worse(const GuardIncidents *incidents, Known *known)
{
	const Incident *incident = known->incident;
	gboolean are_more = incident->n_blocked >= MAX(2 * known->told_blocked, LEAST_WORSE_BLOCKED);
	gboolean is_longer = incident->longest_wait_us >= MAX(2 * known->told_wait_us, LEAST_WORSE_US);

	if (!are_more && !is_longer)
		return;
	known->told_blocked = MAX(incident->n_blocked, known->told_blocked);
	known->told_wait_us = MAX(incident->longest_wait_us, known->told_wait_us);
	tell(incidents, known, NOTICE_INCIDENT_ESCALATED);
}

static void tell_events(GuardIncidents *incidents, const GArray *events)
{
	for (guint i = 0; i < events->len; i++) {
		const IncidentEvent *event = &g_array_index(events, IncidentEvent, i);
		Known *known = g_hash_table_lookup(incidents->known, event->incident);

		if (event->kind == INCIDENT_BEGUN)
			metrics_server(incidents->tools->metrics, incidents->name)->incidents++;
		if (known == NULL)
			continue;
		if (event->kind == INCIDENT_ENDED) {
			tell(incidents, known, NOTICE_INCIDENT_ENDED);
			g_hash_table_remove(incidents->known, event->incident);
		} else {
			tell_if_worse(incidents, known);
		}
	}
}

static void record(GuardIncidents *incidents, const GArray *events)
{
	if (incidents->tools->history != NULL && events->len > 0)
		history_record(incidents->tools->history, (const IncidentEvent *) (gpointer) events->data,
		               events->len);
	tell_events(incidents, events);
}

static void add_statement(const GuardIncidents *incidents, const Incident *incident,
                          gint64 query_start, gint64 seen_at, char *query)
{
	g_autofree char *id = session_facts_id(incident->root);
	const StatementRecord statement = {
	    .incident = incident->id,
	    .session = id,
	    .began_at = query_start,
	    .seen_at = seen_at,
	    .statement = query,
	};

	if (query != NULL)
		history_add_statement(incidents->tools->history, &statement);
}

/* What the root has run so far, and what it runs now. */
static void add_statements(const GuardIncidents *incidents, const Incident *incident,
                           const GuardSamples *samples)
{
	const GArray *sampled = guard_samples_of(samples, incident->root);

	for (guint i = 0; sampled != NULL && i < sampled->len; i++) {
		const SampledStatement *one = &g_array_index(sampled, SampledStatement, i);

		add_statement(incidents, incident, one->query_start, one->seen_at, one->query);
	}
	add_statement(incidents, incident, incident->root->query_start, incident->last_seen,
	              incident->root->query);
}

/* Who blocks now, for policies to be replayed over. */
static void add_sample(GuardIncidents *incidents, const GuardLook *look)
{
	g_autoptr(GPtrArray) blockers = g_ptr_array_new_with_free_func((GDestroyNotify) blocker_free);

	for (guint i = 0; i < wait_graph_n_roots(look->graph); i++)
		g_ptr_array_add(blockers,
		                blocker_new(look->graph, wait_graph_root(look->graph, i), TIMESTAMP_NONE));
	if (blockers->len == 0 && !incidents->has_sampled)
		return;
	incidents->has_sampled = blockers->len > 0;
	history_add_sample(incidents->tools->history, incidents->name,
	                   snapshot_taken_at(look->snapshot),
	                   (const Blocker *const *) (gpointer) blockers->pdata, blockers->len);
}

void guard_incidents_look(GuardIncidents *incidents, const GuardLook *look,
                          const GuardSamples *samples)
{
	const GArray *events =
	    incident_tracker_look(incidents->tracker, look->graph, g_get_monotonic_time());

	record(incidents, events);
	if (incidents->tools->history == NULL)
		return;
	for (guint i = 0; i < incident_tracker_n(incidents->tracker); i++)
		add_statements(incidents, incident_tracker_get(incidents->tracker, i), samples);
	add_sample(incidents, look);
}

void guard_incidents_quiet(GuardIncidents *incidents, gint64 now)
{
	record(incidents, incident_tracker_quiet(incidents->tracker, g_get_monotonic_time()));
	if (incidents->tools->history != NULL && incidents->has_sampled) {
		incidents->has_sampled = FALSE;
		history_add_sample(incidents->tools->history, incidents->name, now, NULL, 0);
	}
}

const Incident *guard_incidents_find(const GuardIncidents *incidents, const Session *root)
{
	return incident_tracker_find(incidents->tracker, root);
}

/* What most of those behind it wait for. */
static char *target_text(const GuardLook *look, guint session)
{
	g_autoptr(GArray) held = g_array_new(FALSE, FALSE, sizeof(HeldTarget));
	GString *text = g_string_new(NULL);

	wait_graph_append_held(look->graph, session, held);
	if (held->len > 0) {
		const WaitTarget *target = &g_array_index(held, HeldTarget, 0).target;

		render_target(text, look->snapshot, target->tag, target->row_tag);
	}
	return g_string_free(text, held->len == 0);
}

void guard_incidents_matched(GuardIncidents *incidents, const GuardLook *look, guint session,
                             const Rule *rule)
{
	const Incident *incident =
	    incident_tracker_find(incidents->tracker, snapshot_session(look->snapshot, session));

	if (incident == NULL || g_hash_table_contains(incidents->known, incident))
		return;
	Known *known = g_new0(Known, 1);

	known->incident = incident;
	known->rule = g_strdup(rule->name);
	known->target = target_text(look, session);
	known->told_blocked = incident->n_blocked;
	known->told_wait_us = incident->longest_wait_us;
	g_hash_table_insert(incidents->known, (gpointer) (gsize) incident, known);
	tell(incidents, known, NOTICE_INCIDENT_STARTED);
}
