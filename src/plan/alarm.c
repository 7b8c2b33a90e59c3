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

static AlarmLevel judge(const AlarmThresholds *thresholds, AlarmMeasure measure, gint64 value)
{
	if (value > thresholds->critical[measure])
		return ALARM_CRITICAL;
	return value > thresholds->warning[measure] ? ALARM_WARNING : ALARM_OK;
}

Alarm alarm_of(const WaitGraph *graph, const AlarmThresholds *thresholds)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	Alarm alarm = {.idle_session = NO_SESSION, .prepared_session = NO_SESSION};

	alarm.value[ALARM_BLOCKED] = wait_graph_n_blocked(graph);
	alarm.value[ALARM_ROOTS] = wait_graph_n_roots(graph);
	alarm.value[ALARM_LONGEST_WAIT] = wait_graph_longest_wait(graph);
	for (guint i = 0; i < snapshot_n_sessions(snapshot); i++)
		measure_session(&alarm, snapshot, i);
	for (AlarmMeasure measure = ALARM_BLOCKED; measure < ALARM_N_MEASURES; measure++) {
		alarm.is_known[measure] = measure != ALARM_OLDEST_IDLE || alarm.n_hidden == 0;
		alarm.level[measure] = judge(thresholds, measure, alarm.value[measure]);
		alarm.worst = MAX(alarm.worst, alarm.level[measure]);
	}
	return alarm;
}
