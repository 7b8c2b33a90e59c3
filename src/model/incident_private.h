#ifndef PGUNLOCK_MODEL_INCIDENT_PRIVATE_H
#define PGUNLOCK_MODEL_INCIDENT_PRIVATE_H

/* What incident_tracker.c (which incidents there are) and incident_waits.c (who waits in one, and
 * how long) share. */

#include "model/incident.h"

/* An incident that lasts, and what is known of it besides. */
typedef struct {
	Incident *incident;
	GHashTable *by_pid;  /* of its IncidentWaiter: the latest with this pid */
	gboolean is_quiet;   /* nobody waited for it in the last look, ... */
	gint64 quiet_since;  /* ... since this one, by our own monotonic clock */
	gboolean is_matched; /* in the present look */
} Tracked;

/* Takes the incident. */
Tracked *tracked_new(Incident *incident);
void tracked_free(Tracked *tracked);

/* NULL: the session has not waited in it, or isn't kept one by one. */
IncidentWaiter *tracked_find_waiter(const Tracked *tracked, const Session *session);
/* Whether the session, which waits now, was last seen in this incident, in this very wait. */
gboolean tracked_was_waiting(const Tracked *tracked, const WaitGraph *graph, guint session);

/* What the session waits for. */
LockTarget *incident_wait_target(const WaitGraph *graph, guint session);

/* The session waits for the root, since this time; look: the number of the present look. */
void tracked_see_waiter(Tracked *tracked, guint64 look, const WaitGraph *graph, guint session,
                        gint64 since);
/* Those whom the present look didn't see don't wait any more. Whether there were any. */
gboolean tracked_end_waits(Tracked *tracked, guint64 look);

#endif
