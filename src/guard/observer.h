#ifndef PGUNLOCK_GUARD_OBSERVER_H
#define PGUNLOCK_GUARD_OBSERVER_H

/*
 * What comes of the looks at one server, whatever connection they came over: incidents, verdicts,
 * acts, numbers, and the statements of open transactions. server.c has the connection and the
 * lease.
 */

#include "guard/tools.h"
#include "pg/connection.h"

#include <glib.h>

typedef enum {
	OBSERVE_ONLY, /* another guard acts, and tells */
	OBSERVE_AND_TELL,
	OBSERVE_AND_ACT, /* but for a dry run */
} ObserverMode;

typedef struct Observer Observer;

/* tools and name are borrowed. settled: the last act that was under way has its result. */
Observer *observer_new(const GuardTools *tools, const char *name,
                       void (*settled)(gpointer user_data), gpointer user_data);
/* Only when no act is under way. */
void observer_free(Observer *observer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Observer, observer_free)

/* A look, or a heartbeat that saw nobody wait, which is a snapshot without sessions. Takes the
 * snapshot. started_us: when it began, by the monotonic clock. connection: for acts and for
 * samples; NULL: it is lost by now. */
void observer_look(Observer *observer, Snapshot *snapshot, gint64 started_us, ObserverMode mode,
                   PgConnection *connection);

/* The last look stands. Whether a rule comes to match by the time that has passed since: then a
 * look is wanted at once. */
gboolean observer_stands(Observer *observer);
/* Whether some would be acted on, but for not being seen for long enough: a look is wanted in
 * JUDGE_LEAST_SEEN_US. */
gboolean observer_has_doubts(const Observer *observer);
/* Whether the next step has to be a look, though nobody waits: a rule is about sessions that nobody
 * waits for. */
gboolean observer_wants_look(const Observer *observer);

/* As guard_incidents_reported. */
void observer_reported(const Observer *observer, gint64 incident);

/* How many acts are under way. */
guint observer_n_acts(const Observer *observer);

/* The connection is to be freed next: acts end with what is known of them. */
void observer_leave(Observer *observer);
/* The policy is about to be another one: nothing of the old one is kept. */
void observer_forget_policy(Observer *observer);

#endif
