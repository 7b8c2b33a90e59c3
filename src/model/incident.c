#include "model/incident.h"

#include "base/timestamp.h"

static const char *const end_names[] = {
    [INCIDENT_LASTS] = NULL,      [INCIDENT_RELEASED] = "released",
    [INCIDENT_MERGED] = "merged", [INCIDENT_RESTARTED] = "restarted",
    [INCIDENT_UNSEEN] = "unseen",
};

const char *incident_end_name(IncidentEnd end)
{
	return end_names[end];
}

gboolean incident_end_from_name(const char *name, IncidentEnd *end)
{
	for (guint i = 0; i < G_N_ELEMENTS(end_names); i++) {
		if (g_strcmp0(end_names[i], name) == 0) {
			*end = (IncidentEnd) i;
			return TRUE;
		}
	}
	return FALSE;
}

static IncidentWaiter *waiter_copy(const IncidentWaiter *waiter)
{
	IncidentWaiter *copy = g_new(IncidentWaiter, 1);

	*copy = *waiter;
	copy->session = session_facts_copy(waiter->session);
	copy->target = lock_target_copy(waiter->target);
	return copy;
}

void incident_waiter_free(IncidentWaiter *waiter)
{
	session_facts_free(waiter->session);
	lock_target_free(waiter->target);
	g_free(waiter);
}

static GPtrArray *new_waiters(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify) incident_waiter_free);
}

Incident *incident_new(const char *server)
{
	Incident *incident = g_new0(Incident, 1);

	incident->server = g_strdup(server);
	incident->server_started_at = TIMESTAMP_NONE;
	incident->started_at = TIMESTAMP_NONE;
	incident->last_seen = TIMESTAMP_NONE;
	incident->ended_at = TIMESTAMP_NONE;
	incident->peak_at = TIMESTAMP_NONE;
	incident->waiters = new_waiters();
	incident->gaps = g_array_new(FALSE, FALSE, sizeof(IncidentGap));
	return incident;
}

Incident *incident_copy(const Incident *incident, gboolean only_changed)
{
	Incident *copy = g_new(Incident, 1);

	*copy = *incident;
	copy->server = g_strdup(incident->server);
	copy->root = session_facts_copy(incident->root);
	copy->target = lock_target_copy(incident->target);
	copy->gaps = g_array_copy(incident->gaps);
	copy->told_rule = g_strdup(incident->told_rule);
	copy->acted_rule = g_strdup(incident->acted_rule);
	copy->waiters = new_waiters();
	for (guint i = 0; i < incident->waiters->len; i++) {
		const IncidentWaiter *waiter = g_ptr_array_index(incident->waiters, i);

		if (!only_changed || waiter->changed_in == incident->look)
			g_ptr_array_add(copy->waiters, waiter_copy(waiter));
	}
	return copy;
}

void incident_free(Incident *incident)
{
	if (incident == NULL)
		return;
	g_free(incident->server);
	session_facts_free(incident->root);
	lock_target_free(incident->target);
	g_ptr_array_unref(incident->waiters);
	g_array_unref(incident->gaps);
	g_free(incident->told_rule);
	g_free(incident->acted_rule);
	g_free(incident);
}
