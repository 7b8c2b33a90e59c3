#ifndef PGUNLOCK_TEST_PROJECTOR_H
#define PGUNLOCK_TEST_PROJECTOR_H

/* Shows a film to a tracker of incidents. */

#include "film.h"

#include "model/incident.h"

/* A tracker, and what it told of the last look: "begun 1, changed 2", with the incidents numbered
 * as they began, which is what their ids are. */
typedef struct {
	IncidentTracker *tracker;
	gint64 last_id;
	GString *told;
	Incident *ended; /* a copy of the last one */
} Projector;

Projector projector_new(gint64 least_wait_us);
void projector_clear(Projector *projector);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Projector, projector_clear)

/* What these events tell, as above; borrowed until the next call. */
const char *projector_tell(Projector *projector, const GArray *events);
/* Our own clock runs with the server's, but starts elsewhere. */
gint64 projector_monotonic(double second);

/* A look, or a heartbeat without waiters, and what is told of it. */
const char *projector_look(Projector *projector, double second, const char *words);
const char *projector_look_at(Projector *projector, double second, double own_second,
                              const char *words);
const char *projector_quiet(Projector *projector, double second);

/* The one that lasts, and one of its waiters. */
const Incident *projector_only(const Projector *projector);
const IncidentWaiter *incident_waiter(const Incident *incident, guint index);

#define assert_seconds(us, seconds) g_assert_cmpint((us), ==, (gint64) ((seconds) *1e6))

#endif
