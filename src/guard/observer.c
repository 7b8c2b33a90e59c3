#include "guard/observer.h"

#include "base/duration.h"
#include "guard/acts.h"
#include "guard/incidents.h"
#include "guard/judge.h"
#include "guard/samples.h"
#include "guard/told.h"
#include "render/policy.h"

/* While nobody waits looks may take one part of so many of the time. */
#define PAUSE_PER_LOOK 10
#define SAMPLE_TIMEOUT_US (10 * DURATION_SECOND)

struct Observer {
	const GuardTools *tools;
	const char *name;
	GuardIncidents *incidents;
	GuardActs *acts;
	GuardSamples *samples;
	gint64 sampled_us; /* when it was asked for last, monotonic; 0: never */
	gboolean is_sampling;
	Seen *seen;
	Told *told;
	GuardLook *look;         /* the last, or NULL */
	gint64 sessions_seen_us; /* when a look last saw sessions, monotonic */
	gint64 sessions_took_us; /* what that took */
	GArray *judged;          /* by it, or NULL */
};

static MetricsServer *metrics_of(const Observer *observer)
{
	return metrics_server(observer->tools->metrics, observer->name);
}

Observer *observer_new(const GuardTools *tools, const char *name,
                       void (*settled)(gpointer user_data), gpointer user_data)
{
	Observer *observer = g_new0(Observer, 1);

	observer->tools = tools;
	observer->name = name;
	observer->incidents = guard_incidents_new(tools, name);
	observer->acts = guard_acts_new(tools, name, observer->incidents, settled, user_data);
	observer->samples = guard_samples_new();
	observer->seen = seen_new();
	observer->told = told_new();
	metrics_server_down(metrics_of(observer));
	return observer;
}

void observer_forget_policy(Observer *observer)
{
	g_clear_pointer(&observer->judged, g_array_unref);
}

void observer_leave(Observer *observer)
{
	guard_acts_break_off(observer->acts);
	observer_forget_policy(observer);
	g_clear_pointer(&observer->look, guard_look_unref);
	observer->is_sampling = FALSE;
	metrics_server_down(metrics_of(observer));
}

void observer_free(Observer *observer)
{
	if (observer == NULL)
		return;
	observer_forget_policy(observer);
	g_clear_pointer(&observer->look, guard_look_unref);
	guard_acts_free(observer->acts);
	guard_incidents_free(observer->incidents);
	guard_samples_free(observer->samples);
	seen_free(observer->seen);
	told_free(observer->told);
	g_free(observer);
}

void observer_reported(const Observer *observer, gint64 incident)
{
	guard_incidents_reported(observer->incidents, incident);
}

guint observer_n_acts(const Observer *observer)
{
	return guard_acts_n(observer->acts);
}

/* Once an incident: that is of one transaction, but for a session that somebody waits for all the
 * time, whose transactions may come by the hundred. */
static void record_unknown(const Observer *observer, const Judged *judged, const Incident *incident,
                           const char *why)
{
	const Rule *rule = judged->verdict.rule;
	const Session *session = snapshot_session(observer->look->snapshot, judged->session);
	g_autofree char *id = session_id(session);
	g_autofree char *log_id = session_log_id(session);

	if (observer->tools->history == NULL || incident == NULL ||
	    !told_incident_once(observer->told, incident->id, rule->name, "unknown: recorded"))
		return;
	gint64 now = guard_look_now(observer->look);
	const ActRecord record = {
	    .incident = incident->id,
	    .server = (char *) (gsize) observer->name,
	    .at = now,
	    .act = (char *) (gsize) rule_action_name(rule->action),
	    .by = rule->name,
	    .session = id,
	    .session_id = log_id,
	    .settled_at = now,
	    .result = (char *) (gsize) "unknown",
	    .message = (char *) (gsize) why,
	};

	history_add_act(observer->tools->history, &record);
}

static void tell_unknown(const Observer *observer, const Judged *judged)
{
	const Blocker *blocker = judged->blocker;
	const Rule *rule = judged->verdict.rule;
	const Incident *incident =
	    guard_incidents_find(observer->incidents, observer->look, judged->session);
	g_autofree char *why = render_unknown_words(&judged->verdict);
	g_autofree char *target = tools_target(observer->look->snapshot, blocker);
	Notice notice = notice_begin(NOTICE_POLICY_UNKNOWN, observer->name, g_get_real_time());

	record_unknown(observer, judged, incident, why);
	if (!told_session_once(observer->told, blocker, rule->name, "unknown"))
		return;
	metrics_of(observer)->unknown_verdicts++;
	if (incident != NULL)
		notice.incident = incident->id;
	notice.seen_at = blocker->taken_at;
	notice.started_at = blocker->blocked_since;
	notice.session = tools_notice_session(blocker);
	notice.target = target;
	notice.blocked = blocker->blocked_total;
	notice.rule = rule->name;
	notice.reason = why;
	tools_tell(observer->tools, rule, &notice);
}

static void tell_verdicts(const Observer *observer)
{
	for (guint i = 0; i < observer->judged->len; i++) {
		const Judged *judged = &g_array_index(observer->judged, Judged, i);

		if (judged->is_fresh)
			continue;
		if (judged->verdict.answer == ANSWER_UNKNOWN)
			tell_unknown(observer, judged);
		else if (judged->verdict.answer == ANSWER_YES && judged->verdict.rule->action != RULE_NONE)
			guard_incidents_matched(observer->incidents, observer->look, judged->session,
			                        judged->verdict.rule);
	}
	told_end_look(observer->told);
}

static JudgeContext judge_context(const Observer *observer)
{
	return (JudgeContext){
	    .policy = observer->tools->policy,
	    .server = observer->name,
	    .seen = observer->seen,
	    .second_of_day = tools_second_of_day(),
	};
}

static void judge(Observer *observer, ObserverMode mode, PgConnection *connection)
{
	const JudgeContext context = judge_context(observer);
	gboolean acts = mode == OBSERVE_AND_ACT && connection != NULL;

	observer->judged = judge_look(&context, observer->look->graph);
	tell_verdicts(observer);
	if (acts || policy_guard(observer->tools->policy)->dry_run)
		guard_acts_begin(observer->acts, acts ? connection : NULL, observer->look,
		                 observer->judged);
}

static void measure(const Observer *observer)
{
	MetricsServer *metrics = metrics_of(observer);
	const WaitGraph *graph = observer->look->graph;
	gint64 now = g_get_monotonic_time();
	gint64 longest_us = wait_graph_n_blocked(graph) > 0 ? wait_graph_longest_wait(graph) : 0;

	metrics->is_up = TRUE;
	metrics->blocked_sessions = wait_graph_n_blocked(graph);
	metrics->root_blockers = wait_graph_n_roots(graph);
	metrics->longest_wait_us = longest_us == WAITED_UNKNOWN ? METRICS_UNKNOWN : longest_us;
	if (observer->sampled_us != 0)
		metrics->oldest_idle_in_transaction_us = guard_samples_oldest_idle_us(observer->samples);
	metrics->last_look_at = g_get_real_time();
	metrics->open_breakers = policy_limits_n_open_on(observer->tools->limits, observer->name, now);
	metrics_histogram_add(&metrics->look, now - observer->look->started_us);
}

static void on_transactions(const GArray *transactions, gint64 now, GError *error,
                            gpointer user_data)
{
	Observer *observer = user_data;
	g_autoptr(GError) trouble = error;

	observer->is_sampling = FALSE;
	if (trouble == NULL)
		guard_samples_take(observer->samples, transactions, now);
}

/* At a rate of its own. */
static void sample(Observer *observer, PgConnection *connection)
{
	gint64 now = g_get_monotonic_time();

	if (connection == NULL || observer->is_sampling ||
	    now < observer->sampled_us + policy_guard(observer->tools->policy)->sample_us)
		return;
	observer->is_sampling = TRUE;
	observer->sampled_us = now;
	pg_read_transactions(connection, SAMPLE_TIMEOUT_US, on_transactions, observer);
}

gboolean observer_stands(Observer *observer)
{
	const JudgeContext context = judge_context(observer);

	metrics_of(observer)->last_look_at = g_get_real_time();
	if (observer->judged == NULL)
		return FALSE;
	gint64 since_us = g_get_monotonic_time() - observer->look->started_us;

	return judge_again(&context, observer->judged,
	                   snapshot_taken_at(observer->look->snapshot) + since_us);
}

gboolean observer_has_doubts(const Observer *observer)
{
	return observer->judged != NULL && judge_has_doubts(observer->judged);
}

gboolean observer_wants_look(const Observer *observer)
{
	gint64 now = g_get_monotonic_time();

	return policy_wants_all_sessions(observer->tools->policy, observer->name) &&
	       now >= observer->sessions_seen_us + PAUSE_PER_LOOK * observer->sessions_took_us;
}

/* A look that saw nobody, since nobody waits, says nothing of those whom nobody waits for: what was
 * said of them counts on. */
static gboolean is_blind(const Observer *observer)
{
	return snapshot_n_sessions(observer->look->snapshot) == 0 &&
	       policy_wants_all_sessions(observer->tools->policy, observer->name);
}

void observer_look(Observer *observer, Snapshot *snapshot, gint64 started_us, ObserverMode mode,
                   PgConnection *connection)
{
	observer_forget_policy(observer);
	g_clear_pointer(&observer->look, guard_look_unref);
	observer->look = guard_look_new(snapshot, started_us);
	seen_look(observer->seen, observer->look->graph);
	if (snapshot_n_sessions(snapshot) == 0) {
		guard_incidents_quiet(observer->incidents, snapshot_taken_at(snapshot));
	} else {
		observer->sessions_seen_us = g_get_monotonic_time();
		observer->sessions_took_us = observer->sessions_seen_us - started_us;
		guard_incidents_look(observer->incidents, observer->look, observer->samples, observer->seen,
		                     mode != OBSERVE_ONLY);
	}
	if (mode != OBSERVE_ONLY && !is_blind(observer))
		judge(observer, mode, connection);
	measure(observer);
	sample(observer, connection);
}
