#ifndef PGUNLOCK_GUARD_INCIDENTS_H
#define PGUNLOCK_GUARD_INCIDENTS_H

/*
 * The incidents of one server, as they begin, change and end: into the history, and to people. Told
 * to people is an incident from the moment on that a rule of the policy, one that acts or tells,
 * matches its root: then that it is there, later that it has become worse, and its end. Not one
 * notice a poll. A guard that goes on with what another one left open in the history tells no
 * beginning that was told, but its end.
 */

#include "guard/guard_look.h"
#include "guard/samples.h"
#include "guard/seen.h"
#include "guard/tools.h"

#include <glib.h>

typedef struct GuardIncidents GuardIncidents;

/* Picks up what a former guard left open in the history. tools and name are borrowed. */
GuardIncidents *guard_incidents_new(const GuardTools *tools, const char *name);
void guard_incidents_free(GuardIncidents *incidents);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GuardIncidents, guard_incidents_free)

/* A look was taken; samples: statements that were seen in open transactions; seen: since when
 * waiters have been seen to wait; judges: else another guard judges, and tells what becomes worse.
 */
void guard_incidents_look(GuardIncidents *incidents, const GuardLook *look,
                          const GuardSamples *samples, const Seen *seen, gboolean judges);
/* A heartbeat said that nobody waits; now: by the server's clock. */
void guard_incidents_quiet(GuardIncidents *incidents, gint64 now);

/* That of this root of a look, or, when it waits itself, of the root above it; NULL: none. Borrowed
 * until the next look. */
const Incident *guard_incidents_find(const GuardIncidents *incidents, const GuardLook *look,
                                     guint session);

/* A rule begins to act on this session; rule NULL: it freed nobody by that. For the words at the
 * end of its incident, which may be seen before the act has its result. */
void guard_incidents_acting(GuardIncidents *incidents, const GuardLook *look, guint session,
                            const char *rule);

/* A rule that acts or tells has matched this session of the last look. */
void guard_incidents_matched(GuardIncidents *incidents, const GuardLook *look, guint session,
                             const Rule *rule);
/* One target has got the beginning of the incident with this id, or never will. */
void guard_incidents_reported(const GuardIncidents *incidents, gint64 id);

#endif
