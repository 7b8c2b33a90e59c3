#include "guard/acts.h"

#include "action/execute.h"
#include "audit/audit.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/timestamp.h"
#include "guard/rule_plan.h"
#include "guard/told.h"

#include <string.h>

/* That of a session was said what would be done to it: as if it were gone then. */
#define DRY_RUN "dry run"

#define LOOK_TIMEOUT_US (10 * DURATION_SECOND)
#define WAIT_US (15 * DURATION_SECOND)
#define GRACE_US (5 * DURATION_SECOND)

/* What one rule does to one session, from the verdict to the result. */
typedef struct {
	GuardActs *acts;
	GuardLook *look;
	char *rule;
	Plan *plan; /* of one item */
	Blocker *blocker;
	gint64 incident; /* its id in the history; 0: none */
	gint64 record;   /* that of the act */
	gint64 began_at; /* by the server's clock */
	gint64 at_us;    /* monotonic, of the look that it came of: co-holders' is the same */
	Execution *execution;
} RuleAct;

struct GuardActs {
	const GuardTools *tools;
	const char *name;
	GuardIncidents *incidents;
	Told *told;
	GPtrArray *under_way; /* of RuleAct */
	gboolean is_breaking_off;
	void (*settled)(gpointer user_data);
	gpointer user_data;
};

static void rule_act_free(gpointer data)
{
	RuleAct *act = data;

	plan_free(act->plan);
	guard_look_unref(act->look);
	blocker_free(act->blocker);
	g_free(act->rule);
	g_free(act);
}

GuardActs *guard_acts_new(const GuardTools *tools, const char *name, GuardIncidents *incidents,
                          void (*settled)(gpointer user_data), gpointer user_data)
{
	GuardActs *acts = g_new0(GuardActs, 1);

	acts->tools = tools;
	acts->name = name;
	acts->incidents = incidents;
	acts->told = told_new();
	acts->under_way = g_ptr_array_new();
	acts->settled = settled;
	acts->user_data = user_data;
	return acts;
}

void guard_acts_free(GuardActs *acts)
{
	if (acts == NULL)
		return;
	g_assert(acts->under_way->len == 0);
	g_ptr_array_unref(acts->under_way);
	told_free(acts->told);
	g_free(acts);
}

guint guard_acts_n(const GuardActs *acts)
{
	return acts->under_way->len;
}

/* What came of an act, or why there was none. */
typedef struct {
	const ItemOutcome *outcome; /* NULL: nothing was done */
	const char *result;         /* as in metrics and history */
	const char *message;
	guint granted, gave_up, still_waiting;
	gboolean is_dry_run;
} ActResult;

/* In a dry run; what would be refused there has a message. */
static gboolean would_be_done(const ActResult *result)
{
	return result->is_dry_run && result->message == NULL;
}

static const Session *session_of(const RuleAct *act)
{
	return snapshot_session(act->look->snapshot, plan_item(act->plan, 0)->session);
}

/* result NULL: it is about to be done. */
static void record_act(RuleAct *act, const ActResult *result)
{
	History *history = act->acts->tools->history;
	g_autofree char *id = session_id(session_of(act));
	g_autofree char *log_id = session_log_id(session_of(act));

	if (history == NULL)
		return;
	ActRecord record = {
	    .incident = act->incident,
	    .server = (char *) (gsize) act->acts->name,
	    .at = act->began_at,
	    .act = (char *) (gsize) act_name(plan_item(act->plan, 0)->act),
	    .by = act->rule,
	    .session = id,
	    .session_id = log_id,
	    .settled_at = TIMESTAMP_NONE,
	};

	if (result != NULL) {
		record.dry_run = result->is_dry_run;
		record.settled_at = guard_look_now(act->look);
		if (!would_be_done(result))
			record.result = (char *) (gsize) result->result;
		record.message = (char *) (gsize) result->message;
		record.n_freed = result->granted;
	}
	if (act->record == 0)
		act->record = history_add_act(history, &record);
	if (result != NULL)
		history_settle_act(history, act->record, &record);
}

static Notice notice_of(const RuleAct *act, NoticeKind kind)
{
	const Blocker *blocker = act->blocker;
	Notice notice = notice_begin(kind, act->acts->name, g_get_real_time());

	notice.seen_at = blocker->taken_at;
	notice.incident = act->incident;
	notice.started_at = blocker->blocked_since;
	notice.blocked = blocker->blocked_total;
	if (blocker->blocked_since != TIMESTAMP_NONE)
		notice.longest_wait_us = timestamp_age(blocker->taken_at, blocker->blocked_since);
	notice.rule = act->rule;
	notice.act = plan_item(act->plan, 0)->act;
	return notice;
}

static void send_notice(const RuleAct *act, Notice *notice)
{
	const GuardTools *tools = act->acts->tools;
	g_autofree char *target = tools_target(act->look->snapshot, act->blocker);

	notice->target = target;
	notice->session = tools_notice_session(act->blocker);
	tools_tell(tools, policy_find_rule(tools->policy, act->rule), notice);
}

static void settle(RuleAct *act, const ActResult *result)
{
	const ItemOutcome *outcome = result->outcome;
	Notice notice = notice_of(act, NOTICE_ACTED);

	const char *counted =
	    result->is_dry_run && !would_be_done(result) ? "dry_run_refused" : result->result;

	(*metrics_acts(act->acts->tools->metrics, act->acts->name, act->rule, counted))++;
	record_act(act, result);
	notice.is_dry_run = result->is_dry_run;
	notice.result = RESULT_REFUSED;
	notice.granted = result->granted;
	notice.gave_up = result->gave_up;
	notice.still_waiting = result->still_waiting;
	notice.reason = result->message;
	if (outcome != NULL) {
		notice.result = outcome->result;
		if (outcome->act != ACT_NONE)
			notice.act = outcome->act;
		if (outcome->signalled_us > 0)
			notice.took_us = MAX(outcome->settled_us - outcome->signalled_us, 0);
	}
	send_notice(act, &notice);
}

/* Freeing matters more than the log. */
static void keep_log(const RuleAct *act, const Outcome *outcome)
{
	const GuardTools *tools = act->acts->tools;
	const char *path = policy_guard(tools->policy)->audit;
	g_autoptr(GError) error = NULL;

	if (path == NULL || audit_append(path, act->rule, act->plan, outcome, &error))
		return;
	metrics_guard(tools->metrics)->audit_errors++;
	journal_error(tools->journal, JOURNAL_ERROR, act->acts->name, error);
}

static gboolean may_have_freed(ItemResult result)
{
	return result == RESULT_FREED || result == RESULT_GONE || result == RESULT_SIGNALLED;
}

static void on_done(Outcome *outcome, Snapshot *last, GError *error, gpointer user_data)
{
	RuleAct *act = user_data;
	GuardActs *acts = act->acts;
	g_autoptr(Outcome) known = outcome;
	g_autoptr(Snapshot) unused = last;
	g_autoptr(GError) trouble = error;
	const ItemOutcome *item = outcome_item(known, 0);
	const ActResult result = {
	    .outcome = item,
	    .result = item_result_name(item->result),
	    .message = item->message == NULL && trouble != NULL ? trouble->message : item->message,
	    .granted = outcome_n_waiters(known, WAITER_GRANTED),
	    .gave_up = outcome_n_waiters(known, WAITER_GAVE_UP),
	    .still_waiting = outcome_n_waiters(known, WAITER_STILL_WAITING),
	};

	keep_log(act, known);
	settle(act, &result);
	if (!may_have_freed(item->result) && result.granted == 0)
		guard_incidents_acting(acts->incidents, act->look, plan_item(act->plan, 0)->session, NULL);
	g_ptr_array_remove(acts->under_way, act);
	rule_act_free(act);
	if (acts->under_way->len == 0 && !acts->is_breaking_off)
		acts->settled(acts->user_data);
}

void guard_acts_break_off(GuardActs *acts)
{
	acts->is_breaking_off = TRUE;
	while (acts->under_way->len > 0) {
		const RuleAct *act = g_ptr_array_index(acts->under_way, 0);

		execution_stop(act->execution);
	}
	acts->is_breaking_off = FALSE;
}

static void carry_out(RuleAct *act, PgConnection *connection)
{
	const ExecuteOptions options = {
	    .look_timeout_us = LOOK_TIMEOUT_US,
	    .wait_us = WAIT_US,
	    .grace_us = GRACE_US,
	    .escalate = act->plan->command == COMMAND_RELEASE,
	    .under_lease = TRUE,
	};

	keep_log(act, NULL);
	record_act(act, NULL);
	guard_incidents_acting(act->acts->incidents, act->look, plan_item(act->plan, 0)->session,
	                       act->rule);
	g_ptr_array_add(act->acts->under_way, act);
	act->execution = execute_plan(connection, act->plan, NULL, &options, NULL, on_done, act);
}

/* NULL and an error, or NULL alone when there is nothing to do. */
static RuleAct *plan_act(GuardActs *acts, GuardLook *look, const Judged *judged, GError **error)
{
	const Incident *incident = guard_incidents_find(acts->incidents, look, judged->session);
	Plan *plan = rule_plan_new(look->graph, judged, error);

	if (plan == NULL)
		return NULL;
	RuleAct *act = g_new0(RuleAct, 1);

	act->acts = acts;
	act->look = guard_look_ref(look);
	act->rule = g_strdup(judged->verdict.rule->name);
	act->plan = plan;
	act->blocker = blocker_new(look->graph, judged->session, judged->blocker->blocked_since);
	act->blocker->blocked_since = judged->blocker->blocked_since;
	act->incident = incident != NULL ? incident->id : 0;
	act->began_at = guard_look_now(look);
	return act;
}

/* Once a session, for as long as nothing changes. */
static void tell_refused(RuleAct *act, gboolean is_dry_run)
{
	g_autofree char *grant = NULL;
	g_autofree char *why = render_refusal(act->plan, 0, &grant);
	const ActResult refused = {
	    .result = item_result_name(RESULT_REFUSED),
	    .message = why,
	    .is_dry_run = is_dry_run,
	};

	if (told_once(act->acts->told, act->blocker, act->rule,
	              is_dry_run ? "refused in a dry run" : "refused"))
		settle(act, &refused);
}

static void note_act(const RuleAct *act)
{
	const GuardTools *tools = act->acts->tools;
	const Rule *rule = policy_find_rule(tools->policy, act->rule);

	policy_limits_note_act(tools->limits, tools->policy, rule, act->acts->name, act->blocker,
	                       act->at_us);
}

static void tell_dry_run(RuleAct *act)
{
	static const ActResult dry = {.result = "dry_run", .is_dry_run = TRUE};

	told_once(act->acts->told, act->blocker, act->rule, DRY_RUN);
	note_act(act);
	settle(act, &dry);
}

/* The limits' reasons, by LimitsReason. */
static const struct {
	const char *result; /* in metrics */
	const char *words;
	const char *dry_words; /* in a dry run; NULL: the same */
} LIMITED[] = {
    [LIMITS_ALLOW] = {NULL, NULL, NULL},
    [LIMITS_RULE] = {"limited", "the limit is used up", NULL},
    [LIMITS_COOLDOWN] = {"limited", "its last act was too recent: nothing is done for now", NULL},
    [LIMITS_BREAKER_APPLICATION] =
        {"breaker_open",
         "sessions of this application were ended again and again, and block again: they are left "
         "alone",
         "sessions of this application would have been ended again and again, and block again: "
         "they would be left alone"},
    [LIMITS_BREAKER_STATEMENT] =
        {"breaker_open",
         "sessions with this statement were ended again and again, and block again: they are left "
         "alone",
         "sessions with this statement would have been ended again and again, and block again: "
         "they would be left alone"},
};

/* act NULL: there is nothing to be done. */
static void tell_held(GuardActs *acts, const RuleAct *act, const char *rule, NoticeKind kind,
                      const ActResult *held)
{
	(*metrics_acts(acts->tools->metrics, acts->name, rule, held->result))++;
	if (act == NULL)
		return;
	Notice notice = notice_of(act, kind);

	notice.reason = held->message;
	send_notice(act, &notice);
}

/* Whose limit, how much it is, and when it lets the next act pass. Free with g_free. */
static char *limited_words(const Rule *rule, const LimitsAnswer *limits, gint64 now_us,
                           gboolean is_dry_run)
{
	const char *dry_words = is_dry_run ? LIMITED[limits->reason].dry_words : NULL;

	if (limits->reason != LIMITS_RULE)
		return g_strdup(dry_words != NULL ? dry_words : LIMITED[limits->reason].words);
	g_autofree char *span = duration_to_text(rule->limit.within_us);
	g_autofree char *left = duration_to_text(MAX(limits->until_us - now_us, 0));

	return g_strdup_printf("rule %s's limit is used up (%u in %s): nothing is done by it for %s",
	                       rule->name, rule->limit.n, span, left);
}

/* Once a session; a cooldown, which is over in a moment, is only recorded. */
static void tell_limited(GuardActs *acts, GuardLook *look, const Judged *judged,
                         const LimitsAnswer *limits, gint64 now_us)
{
	const char *rule = judged->verdict.rule->name;
	NoticeKind kind = limits->just_opened ? NOTICE_BREAKER_OPENED : NOTICE_INCIDENT_ESCALATED;
	gboolean is_new = told_once(acts->told, judged->blocker, rule, LIMITED[limits->reason].words);

	if (!is_new && !limits->just_opened)
		return;
	RuleAct *act = plan_act(acts, look, judged, NULL);
	g_autofree char *words = limited_words(judged->verdict.rule, limits, now_us,
	                                       policy_guard(acts->tools->policy)->dry_run);
	const ActResult held = {.result = LIMITED[limits->reason].result, .message = words};

	if (act != NULL)
		record_act(act, &held);
	if (limits->reason != LIMITS_COOLDOWN)
		tell_held(acts, act, rule, kind, &held);
	if (act != NULL)
		rule_act_free(act);
}

static gboolean has_all(const GArray *some, const GArray *all)
{
	guint found = 0;

	/* both are ascending */
	for (guint i = 0; i < all->len && found < some->len; i++)
		found += g_array_index(all, guint, i) == g_array_index(some, guint, found);
	return found == some->len;
}

static gboolean has_any(const GArray *some, const GArray *all)
{
	for (guint i = 0, j = 0; i < some->len && j < all->len;) {
		guint a = g_array_index(some, guint, i), b = g_array_index(all, guint, j);

		if (a == b)
			return TRUE;
		i += a < b;
		j += b < a;
	}
	return FALSE;
}

/* Who moves on when all of these end. */
static GArray *freed_by(const WaitGraph *graph, const GPtrArray *planned)
{
	g_autoptr(GArray) sessions = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i < planned->len; i++) {
		const RuleAct *act = g_ptr_array_index(planned, i);

		g_array_append_val(sessions, plan_item(act->plan, 0)->session);
	}
	return wait_graph_freed_by(graph, (const guint *) (gpointer) sessions->data, sessions->len);
}

/* Takes out those who would be ended in vain: everybody behind them is kept by others as well, who
 * are left alone. */
static gboolean drop_some_vain(const WaitGraph *graph, GPtrArray *planned, gboolean is_dry_run)
{
	g_autoptr(GArray) freed = freed_by(graph, planned);
	guint n = planned->len;

	for (guint i = n; i-- > 0;) {
		RuleAct *act = g_ptr_array_index(planned, i);
		PlanItem *item = &g_array_index(act->plan->items, PlanItem, 0);
		g_autoptr(GArray) behind = wait_graph_behind(graph, &item->session, 1);

		if (behind->len == 0 || has_any(behind, freed))
			continue;
		item->refusal = REFUSAL_COMPANION;
		tell_refused(act, is_dry_run);
		g_ptr_array_remove_index(planned, i);
	}
	return planned->len < n;
}

typedef struct {
	GuardLook *look;
	GHashTable *busy;   /* indexes of sessions that are being acted on */
	GPtrArray *planned; /* of RuleAct, owned */
	gint64 now_us;      /* monotonic */
	gboolean is_dry_run;
} Round;

/* Whom acts of this rule are planned for in this round already. Free with g_ptr_array_unref. */
static GPtrArray *find_planned(const Round *round, const char *rule)
{
	GPtrArray *found = g_ptr_array_new();

	for (guint i = 0; i < round->planned->len; i++) {
		const RuleAct *act = g_ptr_array_index(round->planned, i);

		if (strcmp(act->rule, rule) == 0)
			g_ptr_array_add(found, act->blocker);
	}
	return found;
}

static void consider(GuardActs *acts, Round *round, const Judged *judged)
{
	const GuardTools *tools = acts->tools;
	const Rule *rule = judged->verdict.rule;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) others = find_planned(round, rule->name);
	LimitsAnswer limits = policy_limits_ask_another(
	    tools->limits, tools->policy, rule, acts->name, judged->blocker,
	    (const Blocker *const *) (gpointer) others->pdata, others->len, round->now_us);

	if (limits.reason != LIMITS_ALLOW) {
		tell_limited(acts, round->look, judged, &limits, round->now_us);
		return;
	}
	RuleAct *act = plan_act(acts, round->look, judged, &error);

	if (act == NULL) {
		if (error != NULL && told_once(acts->told, judged->blocker, NULL, "no plan"))
			journal_error(tools->journal, JOURNAL_WARNING, acts->name, error);
	} else if (plan_item(act->plan, 0)->refusal != REFUSAL_NONE) {
		tell_refused(act, round->is_dry_run);
		rule_act_free(act);
	} else {
		g_ptr_array_add(round->planned, act);
	}
}

/* Those of a round that are in the queue, or are not. A request in the queue is left alone when the
 * ends of others let all behind it go on. */
static void consider_all(GuardActs *acts, Round *round, const GArray *judged, gboolean queued)
{
	const WaitGraph *graph = round->look->graph;
	g_autoptr(GArray) freed = freed_by(graph, round->planned);

	for (guint i = 0; i < judged->len; i++) {
		const Judged *one = &g_array_index(judged, Judged, i);
		g_autoptr(GArray) behind = NULL;

		if ((one->as == JUDGED_QUEUED) != queued || !judged_acts(one) || one->is_fresh ||
		    g_hash_table_contains(round->busy, GUINT_TO_POINTER(one->session + 1)) ||
		    (round->is_dry_run &&
		     told_already(acts->told, one->blocker, one->verdict.rule->name, DRY_RUN)))
			continue;
		behind = wait_graph_behind(graph, &one->session, 1);
		if (!queued || !has_all(behind, freed))
			consider(acts, round, one);
	}
	/* One that is left alone may make the ends of others vain. */
	while (drop_some_vain(graph, round->planned, round->is_dry_run))
		continue;
}

/* Sessions of this look that are being acted on; a session that isn't there any more is none. */
static GHashTable *find_busy(const GuardActs *acts, const Snapshot *snapshot)
{
	GHashTable *busy = g_hash_table_new(NULL, NULL);

	for (guint i = 0; i < acts->under_way->len; i++) {
		guint now = snapshot_find_same(snapshot, session_of(g_ptr_array_index(acts->under_way, i)));

		if (now != NO_SESSION)
			g_hash_table_add(busy, GUINT_TO_POINTER(now + 1));
	}
	return busy;
}

void guard_acts_begin(GuardActs *acts, PgConnection *connection, GuardLook *look,
                      const GArray *judged)
{
	const GuardTools *tools = acts->tools;
	Round round = {
	    .look = look,
	    .now_us = g_get_monotonic_time(),
	    .is_dry_run = connection == NULL || policy_guard(tools->policy)->dry_run,
	};
	g_autoptr(GHashTable) busy = find_busy(acts, look->snapshot);
	g_autoptr(GPtrArray) planned = g_ptr_array_new_with_free_func(rule_act_free);

	round.busy = busy;
	round.planned = planned;
	consider_all(acts, &round, judged, FALSE);
	consider_all(acts, &round, judged, TRUE);
	while (planned->len > 0) {
		RuleAct *act = g_ptr_array_steal_index(planned, 0);

		act->at_us = round.now_us;
		if (round.is_dry_run) {
			tell_dry_run(act);
			rule_act_free(act);
		} else {
			note_act(act);
			carry_out(act, connection);
		}
	}
	told_end_look(acts->told);
}
