#include "projector.h"

Projector projector_new(gint64 least_wait_us)
{
	const IncidentOptions options = {.least_wait_us = least_wait_us,
	                                 .linger_us = 5 * DURATION_SECOND,
	                                 .gap_us = 30 * DURATION_SECOND};

	return (Projector){.tracker = incident_tracker_new("main", &options),
	                   .told = g_string_new(NULL)};
}

void projector_clear(Projector *projector)
{
	incident_tracker_free(projector->tracker);
	g_string_free(projector->told, TRUE);
	incident_free(projector->ended);
}

const char *projector_tell(Projector *projector, const GArray *events)
{
	static const char *const kinds[] = {"begun", "changed", "ended"};

	g_string_truncate(projector->told, 0);
	for (guint i = 0; i < events->len; i++) {
		const IncidentEvent *event = &g_array_index(events, IncidentEvent, i);

		if (event->kind == INCIDENT_BEGUN)
			event->incident->id = ++projector->last_id;
		g_string_append_printf(projector->told, "%s%s %d", i > 0 ? ", " : "", kinds[event->kind],
		                       (int) event->incident->id);
		if (event->kind == INCIDENT_ENDED) {
			g_string_append_printf(projector->told, " %s", incident_end_name(event->incident->end));
			incident_free(projector->ended);
			projector->ended = incident_copy(event->incident, FALSE);
		}
	}
	return projector->told->str;
}

gint64 projector_monotonic(double second)
{
	return (gint64) ((second + 7) * 1e6);
}

const char *projector_look_at(Projector *projector, double second, double own_second,
                              const char *words)
{
	g_auto(FilmLook) look = film_look(second, words);

	return projector_tell(projector, incident_tracker_look(projector->tracker, look.graph,
	                                                       projector_monotonic(own_second)));
}

const char *projector_look(Projector *projector, double second, const char *words)
{
	return projector_look_at(projector, second, second, words);
}

const char *projector_quiet(Projector *projector, double second)
{
	return projector_tell(projector,
	                      incident_tracker_quiet(projector->tracker, projector_monotonic(second)));
}

const Incident *projector_only(const Projector *projector)
{
	g_assert_cmpuint(incident_tracker_n(projector->tracker), ==, 1);
	return incident_tracker_get(projector->tracker, 0);
}

const IncidentWaiter *incident_waiter(const Incident *incident, guint index)
{
	g_assert_cmpuint(incident->waiters->len, >, index);
	return g_ptr_array_index(incident->waiters, index);
}
