#include "base/timestamp.h"
#include "model/incident_private.h"

Tracked *tracked_new(Incident *incident)
{
	Tracked *tracked = g_new0(Tracked, 1);

	tracked->incident = incident;
	tracked->by_pid = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < incident->waiters->len; i++) {
		IncidentWaiter *waiter = g_ptr_array_index(incident->waiters, i);
		g_hash_table_insert(tracked->by_pid, GINT_TO_POINTER(waiter->session->pid), waiter);
	}
	return tracked;
}

void tracked_free(Tracked *tracked)
{
	incident_free(tracked->incident);
	g_hash_table_unref(tracked->by_pid);
	g_free(tracked);
}

IncidentWaiter *tracked_find_waiter(const Tracked *tracked, const Session *session)
{
	IncidentWaiter *waiter =
	    session->kind == SESSION_KIND_BACKEND
	        ? g_hash_table_lookup(tracked->by_pid, GINT_TO_POINTER(session->pid))
	        : NULL;

	return waiter != NULL && session_facts_are_of(waiter->session, session) ? waiter : NULL;
}

static gint64 waitstart_of(const WaitGraph *graph, guint session)
{
	return wait_graph_wait(graph, session, NULL)->waitstart;
}

/* Whether what the session waits in now is the wait that the waiter was last seen in. A 13 has no
 * waitstart, and any server lacks it for a moment after the wait has begun: then by the statement.
 */
static gboolean is_same_wait(const IncidentWaiter *waiter, const WaitGraph *graph, guint session)
{
	const Session *seen = snapshot_session(wait_graph_snapshot(graph), session);
	gint64 waitstart = waitstart_of(graph, session);

	if (waiter->since == TIMESTAMP_NONE)
		return FALSE;
	if (waiter->waitstart != TIMESTAMP_NONE && waitstart != TIMESTAMP_NONE)
		return waiter->waitstart == waitstart;
	return waiter->session->query_start == seen->query_start;
}

gboolean tracked_was_waiting(const Tracked *tracked, const WaitGraph *graph, guint session)
{
	const IncidentWaiter *waiter =
	    tracked_find_waiter(tracked, snapshot_session(wait_graph_snapshot(graph), session));

	return waiter != NULL && is_same_wait(waiter, graph, session);
}

LockTarget *incident_wait_target(const WaitGraph *graph, guint session)
{
	const WaitTarget target = wait_graph_target(graph, session);

	return lock_target_new(wait_graph_snapshot(graph), target.tag, target.row_tag);
}

static IncidentWaiter *add_waiter(Tracked *tracked, gint32 pid)
{
	IncidentWaiter *waiter = g_new0(IncidentWaiter, 1);

	waiter->first_at = TIMESTAMP_NONE;
	waiter->since = TIMESTAMP_NONE;
	g_ptr_array_add(tracked->incident->waiters, waiter);
	g_hash_table_insert(tracked->by_pid, GINT_TO_POINTER(pid), waiter);
	return waiter;
}

static void begin_wait(IncidentWaiter *waiter, guint64 look, const WaitGraph *graph, guint session,
                       gint64 since)
{
	session_facts_free(waiter->session);
	lock_target_free(waiter->target);
	waiter->session = session_facts_new(wait_graph_snapshot(graph), session);
	waiter->target = incident_wait_target(graph, session);
	waiter->mode = wait_graph_wait(graph, session, NULL)->mode;
	waiter->n_waits++;
	waiter->since = since;
	waiter->last_seen = since;
	if (waiter->first_at == TIMESTAMP_NONE)
		waiter->first_at = since;
	waiter->changed_in = look;
}

/* Names that a look couldn't read the next one may. */
static void learn_names(IncidentWaiter *waiter, const WaitGraph *graph, guint session)
{
	if (waiter->target->relation == NULL ||
	    (waiter->target->has_row && waiter->target->n_key == 0)) {
		lock_target_free(waiter->target);
		waiter->target = incident_wait_target(graph, session);
	}
}

void tracked_see_waiter(Tracked *tracked, guint64 look, const WaitGraph *graph, guint session,
                        gint64 since)
{
	gint64 taken_at = snapshot_taken_at(wait_graph_snapshot(graph));
	const Session *seen = snapshot_session(wait_graph_snapshot(graph), session);
	Incident *incident = tracked->incident;
	IncidentWaiter *waiter = tracked_find_waiter(tracked, seen);

	if (waiter == NULL && incident->waiters->len >= INCIDENT_MOST_WAITERS) {
		incident->waited_us += timestamp_age(taken_at, MAX(since, incident->last_seen));
		return;
	}
	if (waiter == NULL)
		waiter = add_waiter(tracked, seen->pid);
	if (is_same_wait(waiter, graph, session))
		learn_names(waiter, graph, session);
	else
		begin_wait(waiter, look, graph, session, since);
	gint64 more_us = timestamp_age(taken_at, waiter->last_seen);

	waiter->waitstart = waitstart_of(graph, session);
	waiter->seen_in = look;
	waiter->waited_us += more_us;
	waiter->last_seen = MAX(waiter->last_seen, taken_at);
	incident->waited_us += more_us;
	incident->longest_wait_us =
	    MAX(incident->longest_wait_us, timestamp_age(waiter->last_seen, waiter->since));
}

gboolean tracked_end_waits(Tracked *tracked, guint64 look)
{
	const GPtrArray *waiters = tracked->incident->waiters;
	gboolean any = FALSE;

	for (guint i = 0; i < waiters->len; i++) {
		IncidentWaiter *waiter = g_ptr_array_index(waiters, i);

		if (waiter->since == TIMESTAMP_NONE || waiter->seen_in == look)
			continue;
		waiter->since = TIMESTAMP_NONE;
		waiter->changed_in = look;
		any = TRUE;
	}
	return any;
}
