#ifndef PGUNLOCK_MODEL_INCIDENT_H
#define PGUNLOCK_MODEL_INCIDENT_H

/*
 * An incident: a root blocker and everybody behind it, from the first wait to the last. The tracker
 * is fed with one look after the other at one server and tells which incidents begin, change and
 * end. Pure: no I/O, no clock.
 *
 * An incident is its root: a session (pid and backend_start, or a prepared transaction) in one
 * transaction. When its root begins another transaction and nobody goes on with a wait for it from
 * before, that is another incident. When the root ends and a waiter becomes the next root, that is
 * another incident, too, and it says which one it follows. When the root comes to wait itself, its
 * incident is over and merged: its waiters go on in that of the root above it. A circle of sessions
 * that wait for each other has no root: one of its members stands for it.
 */

#include "base/duration.h"
#include "model/lock_target.h"
#include "model/session_facts.h"
#include "model/wait_graph.h"

#include <glib.h>

/* The guard's history, where nobody says otherwise. */
#define HISTORY_DEFAULT_PATH "/var/lib/pgunlock/history.db"

/* So many waiters of one incident are kept one by one. */
#define INCIDENT_MOST_WAITERS 10000

/* How an incident ended. */
typedef enum {
	INCIDENT_LASTS,
	INCIDENT_RELEASED,  /* nobody waits behind its root any more */
	INCIDENT_MERGED,    /* its root waits itself: it goes on in another incident */
	INCIDENT_RESTARTED, /* the server was restarted */
	INCIDENT_UNSEEN, /* nobody looked for a while (the guard was down, the connection was lost), and
	                    when somebody did again it was over: it ended at last_seen or later */
} IncidentEnd;

/* As in JSON: "released", "merged", "restarted", "unseen"; NULL while it lasts. */
const char *incident_end_name(IncidentEnd end);
/* FALSE when it is none of these. */
gboolean incident_end_from_name(const char *name, IncidentEnd *end);

/* Who waited. A session that waits several times (it gave up and tried again) is one of them. Times
 * are microseconds since 1970 by the server's clock. */
typedef struct {
	SessionFacts *session; /* as of its present or last wait */
	LockTarget *target;    /* what it waits for, or waited for last */
	LockMode mode;
	guint n_waits;
	gint64 first_at;  /* it came to wait behind this root */
	gint64 since;     /* its present wait, behind this root; TIMESTAMP_NONE: it doesn't wait now */
	gint64 last_seen; /* waiting */
	gint64 waited_us; /* all its waits behind this root, up to last_seen */
	gint64 waitstart; /* by which the tracker knows that it is still the same wait */
	guint64 seen_in;  /* the number of the tracker's look that saw it wait last, ... */
	guint64 changed_in; /* ... and that saw it begin to wait, or not wait any more, last */
} IncidentWaiter;

/* Nobody looked meanwhile. */
typedef struct {
	gint64 since; /* the last look before it, and the first one after it */
	gint64 until;
	gboolean is_away; /* a guard began to look anew; else the server gave no answer */
} IncidentGap;

/* So many gaps of one incident are kept, the first ones. */
#define INCIDENT_MOST_GAPS 100

/* Plain data, owned by whoever made it. Times as above. */
typedef struct {
	gint64 id;    /* in the history; 0: not there, or not yet */
	char *server; /* its name in the policy file */
	gint64 server_started_at;
	SessionFacts *root;   /* as it was seen last while it blocked */
	LockTarget *target;   /* what most of its waiters wait for */
	LockMode mode;        /* in which the root holds that; of a deadlock, in which it wants it */
	gboolean is_deadlock; /* a circle; root is one of its members */
	gint64 started_at;    /* the first wait for this root */
	gint64 last_seen;     /* the last look in which anybody waited for it */
	gint64 ended_at;      /* TIMESTAMP_NONE while it lasts */
	IncidentEnd end;
	guint n_blocked; /* behind the root at last_seen, directly or behind others */
	guint peak_blocked;
	gint64 peak_at;
	gint64 longest_wait_us; /* of a single wait behind this root */
	gint64 waited_us;       /* all waits of all waiters together */
	gint64 follows;     /* id of the incident from which most of its first waiters came; 0: none */
	GPtrArray *waiters; /* of IncidentWaiter, owned, in the order in which they came; the first
	                       INCIDENT_MOST_WAITERS of them */
	guint n_unlisted;   /* how many more waited at once at the most */
	GArray *gaps;       /* of IncidentGap, in order */

	/* What is left for whoever goes on with it; the guard's to write. */
	char *told_rule;     /* people know of it, by this rule; NULL: they don't */
	guint told_blocked;  /* as it was told last */
	gint64 told_wait_us; /* likewise */
	char *acted_rule;    /* that acted on it last, unless in vain; or NULL */

	guint64 look; /* the number of the tracker's look that changed it last */
} Incident;

Incident *incident_new(const char *server);
/* With only_changed without the waiters that didn't change in the look that changed it last. */
Incident *incident_copy(const Incident *incident, gboolean only_changed);
void incident_free(Incident *incident);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Incident, incident_free)

void incident_waiter_free(IncidentWaiter *waiter);

typedef struct {
	/* An incident begins only when somebody has waited so long behind its root: short waits are a
	 * busy server's daily life. It still started with the first wait. */
	gint64 least_wait_us;
	/* A root that nobody waits for at the moment, but that is still in its transaction, may be
	 * waited for again a moment later (a lock_timeout, and the next try): so long it stays the same
	 * incident. */
	gint64 linger_us;
	/* Looks that are farther apart are a gap. */
	gint64 gap_us;
} IncidentOptions;

#define INCIDENT_OPTIONS_DEFAULT                                                                   \
	{                                                                                              \
		.least_wait_us = DURATION_SECOND, .linger_us = 5 * DURATION_SECOND,                        \
		.gap_us = 30 * DURATION_SECOND                                                             \
	}

typedef enum { INCIDENT_BEGUN, INCIDENT_CHANGED, INCIDENT_ENDED } IncidentEventKind;

/* CHANGED: it was seen again, so at least its last_seen and waited_us are others. The incident is
 * the tracker's; one that ended lives until the next call. Only id and what was told and done may
 * be written by others. */
typedef struct {
	IncidentEventKind kind;
	Incident *incident;
} IncidentEvent;

typedef struct IncidentTracker IncidentTracker;

/* Of the server with this name. Both are copied. */
IncidentTracker *incident_tracker_new(const char *server, const IncidentOptions *options);
void incident_tracker_free(IncidentTracker *tracker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IncidentTracker, incident_tracker_free)

/* Before the first look: an incident that a former process left open in the history. Takes it. The
 * first look picks it up again, or ends it at its last_seen. */
void incident_tracker_resume(IncidentTracker *tracker, Incident *incident);

/*
 * A look was taken. monotonic_us: when, by our own monotonic clock, by which gaps and lingering are
 * measured: the server's clock may jump. Returns the events (of IncidentEvent), those that ended
 * first; borrowed until the next call.
 */
const GArray *incident_tracker_look(IncidentTracker *tracker, const WaitGraph *graph,
                                    gint64 monotonic_us);
/* The same for a heartbeat that saw nobody wait: nothing is known of the sessions then. */
const GArray *incident_tracker_quiet(IncidentTracker *tracker, gint64 monotonic_us);

/* Those that last. */
guint incident_tracker_n(const IncidentTracker *tracker);
Incident *incident_tracker_get(const IncidentTracker *tracker, guint index);
/* That of this root, or of the circle that it is in; NULL: none. */
Incident *incident_tracker_find(const IncidentTracker *tracker, const Session *root);

#endif
