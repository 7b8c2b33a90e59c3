#include "guard/incidents.h"

#include "base/duration.h"
#include "base/timestamp.h"
#include "render/incident_words.h"
#include "render/recorded.h"
#include "render/render.h"

/* Worse: twice as many as when it was told last, or twice as long, but not before these. */
#define LEAST_WORSE_BLOCKED 10
#define LEAST_WORSE_US (1 * DURATION_MINUTE)

/* Waits that last get fewer samples: one each time that so much of it has passed again, */
#define SAMPLES_PER_TIME 20
/* but not fewer than this. */
#define LONGEST_UNSAMPLED_US (30 * DURATION_SECOND)

/* What is known of an incident beyond its course, and isn't kept. */
typedef struct {
	Incident *incident; /* the tracker's */
	gint64 stated_at;   /* the latest beginning of a statement that the history got */
	char *rule;         /* that matched first: it was told; NULL: not yet */
	char *target;       /* as it was shown then; NULL: it was told by another guard */
	guint n_telling;    /* targets that the beginning is on its way to */
} Known;

struct GuardIncidents {
	const GuardTools *tools;
	const char *name;
	IncidentTracker *tracker;
	GHashTable *known; /* Incident -> Known */
	/* The samples that the history gets: who blocked in the last one, since when somebody does, and
	 * when that was (monotonic). */
	GArray *sampled; /* of gint32: pids of the roots, in their order */
	gint64 sampling_since_us;
	gint64 sampled_us;
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
	incidents->sampled = g_array_new(FALSE, FALSE, sizeof(gint32));
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
	g_array_unref(incidents->sampled);
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

/* How it ended, half a sentence. Free with g_free. */
static char *end_text(const Incident *incident)
{
	const char *words = incident_end_words(incident->end);

	if (incident->end != INCIDENT_RELEASED)
		return g_strdup(words);
	if (incident->acted_rule == NULL)
		return g_strdup_printf("%s; no rule of this guard ended it", words);
	return g_strdup_printf("ended by rule %s", incident->acted_rule);
}

/* To how many. */
static guint tell(const GuardIncidents *incidents, const Known *known, NoticeKind kind)
{
	const Incident *incident = known->incident;
	const Rule *rule = policy_find_rule(incidents->tools->policy, known->rule);
	gboolean is_over = kind == NOTICE_INCIDENT_ENDED;
	Notice notice = notice_begin(kind, incidents->name, g_get_real_time());
	g_autofree char *end = is_over ? end_text(incident) : NULL;
	g_autofree char *recorded = recorded_target_text(incident->target);

	notice.seen_at = incident->last_seen;
	notice.incident = incident->id;
	notice.started_at = incident->started_at;
	notice.session = session_of(incident->root);
	notice.target = known->target != NULL ? known->target : recorded;
	notice.blocked = is_over ? incident->peak_blocked : incident->n_blocked;
	notice.longest_wait_us = incident->longest_wait_us;
	notice.rule = is_over && incident->acted_rule != NULL ? incident->acted_rule : known->rule;
	notice.reason = end;
	return tools_tell(incidents->tools, rule, &notice);
}

static void tell_if_worse(const GuardIncidents *incidents, const Known *known)
{
	Incident *incident = known->incident;
	gboolean are_more = incident->n_blocked >= MAX(2 * incident->told_blocked, LEAST_WORSE_BLOCKED);
	gboolean is_longer =
	    incident->longest_wait_us >= MAX(2 * incident->told_wait_us, LEAST_WORSE_US);

	if (!are_more && !is_longer)
		return;
	incident->told_blocked = MAX(incident->n_blocked, incident->told_blocked);
	incident->told_wait_us = MAX(incident->longest_wait_us, incident->told_wait_us);
	tell(incidents, known, NOTICE_INCIDENT_ESCALATED);
}

static Known *known_of(const GuardIncidents *incidents, Incident *incident)
{
	Known *known = g_hash_table_lookup(incidents->known, incident);

	if (known != NULL)
		return known;
	known = g_new0(Known, 1);
	known->incident = incident;
	known->rule = g_strdup(incident->told_rule);
	g_hash_table_insert(incidents->known, incident, known);
	return known;
}

static void tell_events(GuardIncidents *incidents, const GArray *events, gboolean judges)
{
	for (guint i = 0; i < events->len; i++) {
		const IncidentEvent *event = &g_array_index(events, IncidentEvent, i);
		const Known *known = known_of(incidents, event->incident);
		gboolean is_told = known->rule != NULL;

		if (event->kind == INCIDENT_BEGUN)
			metrics_server(incidents->tools->metrics, incidents->name)->incidents++;
		if (is_told && event->kind == INCIDENT_ENDED)
			tell(incidents, known, NOTICE_INCIDENT_ENDED);
		else if (is_told && judges)
			tell_if_worse(incidents, known);
		if (event->kind == INCIDENT_ENDED)
			g_hash_table_remove(incidents->known, event->incident);
	}
}

/* What has been told by now is recorded with them. */
static void record(GuardIncidents *incidents, const GArray *events, gboolean judges)
{
	tell_events(incidents, events, judges);
	if (incidents->tools->history != NULL && events->len > 0)
		history_record(incidents->tools->history, (const IncidentEvent *) (gpointer) events->data,
		               events->len);
}

/* What was told or done since: the guard may be killed before the next look. */
static void remember(const GuardIncidents *incidents, Incident *incident)
{
	const IncidentEvent event = {.kind = INCIDENT_CHANGED, .incident = incident};

	if (incidents->tools->history != NULL)
		history_record(incidents->tools->history, &event, 1);
}

/* Everybody has been told, or can't be: whoever goes on with it needn't. Before that a guard that
 * is killed leaves it to be told twice rather than never. */
static void remember_told(const GuardIncidents *incidents, const Known *known)
{
	g_free(known->incident->told_rule);
	known->incident->told_rule = g_strdup(known->rule);
	remember(incidents, known->incident);
}

static void add_statement(const GuardIncidents *incidents, Known *known, gint64 query_start,
                          gint64 seen_at, const char *query)
{
	const Incident *incident = known->incident;
	g_autofree char *id = session_facts_id(incident->root);
	const StatementRecord statement = {
	    .incident = incident->id,
	    .session = id,
	    .began_at = query_start,
	    .seen_at = seen_at,
	    .statement = (char *) (gsize) query,
	};

	if (query == NULL || query_start <= known->stated_at)
		return;
	known->stated_at = query_start;
	history_add_statement(incidents->tools->history, &statement);
}

/* What the root has run so far, and what it runs now, unless that is there already. */
static void add_statements(const GuardIncidents *incidents, Incident *incident,
                           const GuardSamples *samples)
{
	Known *known = known_of(incidents, incident);
	const SessionFacts *root = incident->root;
	const GArray *sampled = guard_samples_of(samples, root);

	for (guint i = 0; sampled != NULL && i < sampled->len; i++) {
		const SampledStatement *one = &g_array_index(sampled, SampledStatement, i);

		add_statement(incidents, known, one->query_start, one->seen_at, one->query);
	}
	add_statement(incidents, known, root->query_start, incident->last_seen, root->query);
}

/* Whether others block than in the last sample; they are noted. */
static gboolean are_others(GuardIncidents *incidents, const WaitGraph *graph)
{
	g_autoptr(GArray) before = incidents->sampled;
	guint n = wait_graph_n_roots(graph);
	gboolean are_same = before->len == n;

	incidents->sampled = g_array_new(FALSE, FALSE, sizeof(gint32));
	for (guint i = 0; i < n; i++) {
		gint32 pid = snapshot_session(wait_graph_snapshot(graph), wait_graph_root(graph, i))->pid;

		are_same = are_same && g_array_index(before, gint32, i) == pid;
		g_array_append_val(incidents->sampled, pid);
	}
	return !are_same;
}

static gboolean is_sample_due(GuardIncidents *incidents, const WaitGraph *graph)
{
	gint64 now = g_get_monotonic_time();
	gboolean was_quiet = incidents->sampled->len == 0;
	gint64 pause_us;

	if (are_others(incidents, graph)) {
		if (was_quiet)
			incidents->sampling_since_us = now;
		incidents->sampled_us = now;
		return TRUE;
	}
	pause_us = MIN((now - incidents->sampling_since_us) / SAMPLES_PER_TIME, LONGEST_UNSAMPLED_US);
	if (incidents->sampled->len == 0 || now < incidents->sampled_us + pause_us)
		return FALSE;
	incidents->sampled_us = now;
	return TRUE;
}

/* Who blocks now, for policies to be replayed over. */
static void add_sample(GuardIncidents *incidents, const GuardLook *look, const Seen *seen)
{
	if (!is_sample_due(incidents, look->graph))
		return;
	g_autoptr(GPtrArray) blockers = g_ptr_array_new_with_free_func((GDestroyNotify) blocker_free);

	for (guint i = 0; i < wait_graph_n_roots(look->graph); i++)
		g_ptr_array_add(blockers, seen_blocker(seen, look->graph, wait_graph_root(look->graph, i)));
	history_add_sample(incidents->tools->history, incidents->name,
	                   snapshot_taken_at(look->snapshot),
	                   (const Blocker *const *) (gpointer) blockers->pdata, blockers->len);
}

void guard_incidents_look(GuardIncidents *incidents, const GuardLook *look,
                          const GuardSamples *samples, const Seen *seen, gboolean judges)
{
	const GArray *events =
	    incident_tracker_look(incidents->tracker, look->graph, g_get_monotonic_time());

	record(incidents, events, judges);
	if (incidents->tools->history == NULL)
		return;
	for (guint i = 0; i < incident_tracker_n(incidents->tracker); i++)
		add_statements(incidents, incident_tracker_get(incidents->tracker, i), samples);
	add_sample(incidents, look, seen);
}

void guard_incidents_quiet(GuardIncidents *incidents, gint64 now)
{
	record(incidents, incident_tracker_quiet(incidents->tracker, g_get_monotonic_time()), FALSE);
	if (incidents->tools->history != NULL && incidents->sampled->len > 0) {
		g_array_set_size(incidents->sampled, 0);
		history_add_sample(incidents->tools->history, incidents->name, now, NULL, 0);
	}
}

static Incident *find(const GuardIncidents *incidents, const GuardLook *look, guint session)
{
	g_autoptr(GArray) roots = wait_graph_roots_of(look->graph, session);
	Incident *incident =
	    incident_tracker_find(incidents->tracker, snapshot_session(look->snapshot, session));

	for (guint i = 0; incident == NULL && i < roots->len; i++)
		incident = incident_tracker_find(
		    incidents->tracker, snapshot_session(look->snapshot, g_array_index(roots, guint, i)));
	return incident;
}

const Incident *guard_incidents_find(const GuardIncidents *incidents, const GuardLook *look,
                                     guint session)
{
	return find(incidents, look, session);
}

void guard_incidents_acting(GuardIncidents *incidents, const GuardLook *look, guint session,
                            const char *rule)
{
	Incident *incident = find(incidents, look, session);

	if (incident == NULL)
		return;
	g_free(incident->acted_rule);
	incident->acted_rule = g_strdup(rule);
	remember(incidents, incident);
}

/* What most of those behind it wait for; behind one who only queues, what the incident is about. */
static char *target_text(const GuardLook *look, guint session, const Incident *incident)
{
	g_autoptr(GArray) held = g_array_new(FALSE, FALSE, sizeof(HeldTarget));
	GString *text = g_string_new(NULL);

	wait_graph_append_held(look->graph, session, held);
	if (held->len > 0) {
		const WaitTarget *target = &g_array_index(held, HeldTarget, 0).target;

		render_target(text, look->snapshot, target->tag, target->row_tag);
	}
	if (text->len == 0 && incident->target != NULL) {
		g_autofree char *recorded = recorded_target_text(incident->target);

		g_string_append(text, recorded);
	}
	return g_string_free(text, text->len == 0);
}

void guard_incidents_matched(GuardIncidents *incidents, const GuardLook *look, guint session,
                             const Rule *rule)
{
	Incident *incident = find(incidents, look, session);
	Known *known = incident != NULL ? known_of(incidents, incident) : NULL;

	if (known == NULL || known->rule != NULL)
		return;
	known->rule = g_strdup(rule->name);
	known->target = target_text(look, session, incident);
	incident->told_blocked = incident->n_blocked;
	incident->told_wait_us = incident->longest_wait_us;
	known->n_telling = tell(incidents, known, NOTICE_INCIDENT_STARTED);
	if (known->n_telling == 0)
		remember_told(incidents, known);
}

void guard_incidents_reported(const GuardIncidents *incidents, gint64 id)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, incidents->known);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		Known *known = value;

		if (known->incident->id != id || known->n_telling == 0)
			continue;
		known->n_telling--;
		if (known->n_telling == 0)
			remember_told(incidents, known);
	}
}
