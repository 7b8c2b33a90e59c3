#include "plan/alarm.h"

#include "base/timestamp.h"

/* Counts a session that has been in that state since then. */
static void measure_age(Alarm *alarm, AlarmMeasure measure, guint *whose, guint session,
                        gint64 age_us)
{
	if (*whose != NO_SESSION && age_us <= alarm->value[measure])
		return;
	alarm->value[measure] = age_us;
	*whose = session;
}

static void measure_session(Alarm *alarm, const Snapshot *snapshot, guint index)
{
	const Session *session = snapshot_session(snapshot, index);
	gint64 now = snapshot_taken_at(snapshot);

	if (session->kind == SESSION_KIND_PREPARED)
		measure_age(alarm, ALARM_OLDEST_PREPARED, &alarm->prepared_session, index,
		            timestamp_age(now, session->prepared_at));
	else if (session->state == SESSION_STATE_IDLE_IN_TRANSACTION ||
	         session->state == SESSION_STATE_IDLE_IN_TRANSACTION_ABORTED)
		measure_age(alarm, ALARM_OLDEST_IDLE, &alarm->idle_session, index,
		            timestamp_age(now, session->state_change));
	else if (session->hidden && session->user != 0)
		alarm->n_hidden++;
}

/* What is seen of a measure that isn't wholly known may be enough to raise an alarm, but not to
 * rule it out. */
static AlarmLevel judge(const AlarmThresholds *thresholds, AlarmMeasure measure, const Alarm *alarm)
{
	gint64 warning = thresholds->warning[measure];
	gint64 critical = thresholds->critical[measure];

	if (alarm->value[measure] > critical)
		return ALARM_CRITICAL;
	if (alarm->value[measure] > warning)
		return ALARM_WARNING;
	return alarm->is_known[measure] || MIN(warning, critical) == ALARM_NO_THRESHOLD ? ALARM_OK
	                                                                                : ALARM_UNKNOWN;
}

/* What is seen to be wrong comes before what isn't known. */
static AlarmLevel worse_level(AlarmLevel a, AlarmLevel b)
{
	static const guint weight[] = {
	    [ALARM_OK] = 0,
	    [ALARM_UNKNOWN] = 1,
	    [ALARM_WARNING] = 2,
	    [ALARM_CRITICAL] = 3,
	};

	return weight[a] >= weight[b] ? a : b;
}

Alarm alarm_of(const WaitGraph *graph, const AlarmThresholds *thresholds)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	Alarm alarm = {.idle_session = NO_SESSION, .prepared_session = NO_SESSION};

	alarm.value[ALARM_BLOCKED] = wait_graph_n_blocked(graph);
	alarm.value[ALARM_ROOTS] = wait_graph_n_roots(graph);
	alarm.value[ALARM_LONGEST_WAIT] = MAX(wait_graph_longest_wait(graph), 0);
	for (guint i = 0; i < snapshot_n_sessions(snapshot); i++)
		measure_session(&alarm, snapshot, i);
	for (AlarmMeasure measure = ALARM_BLOCKED; measure < ALARM_N_MEASURES; measure++)
		alarm.is_known[measure] = TRUE;
	alarm.is_known[ALARM_OLDEST_IDLE] = alarm.n_hidden == 0;
	alarm.is_known[ALARM_LONGEST_WAIT] = wait_graph_knows_all_waits(graph);
	for (AlarmMeasure measure = ALARM_BLOCKED; measure < ALARM_N_MEASURES; measure++) {
		alarm.level[measure] = judge(thresholds, measure, &alarm);
		alarm.worst = worse_level(alarm.worst, alarm.level[measure]);
	}
	return alarm;
}
