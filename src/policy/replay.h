#ifndef PGUNLOCK_POLICY_REPLAY_H
#define PGUNLOCK_POLICY_REPLAY_H

/*
 * What a policy would have done: it is run over the samples of a history, one moment after the
 * other, with its limits, as if each session that it ends had been gone from then on. No I/O.
 *
 * What it would have saved is what was waited behind such a session from then on until it stopped
 * blocking: as far as the history goes, and if nobody else had been in the way instead.
 */

#include "plan/act.h"
#include "policy/limits.h"
#include "policy/verdict.h"

#include <glib.h>

typedef enum {
	REPLAYED_ACT,
	REPLAYED_REFUSED, /* it is not done to such a session, or in vain */
	REPLAYED_LIMITED, /* a limit, a cooldown or the circuit breaker would have kept it from that */
	REPLAYED_UNKNOWN, /* a condition can't be told from what was recorded */
} ReplayedKind;

typedef struct {
	ReplayedKind kind;
	gint64 at; /* by the server's clock */
	char *server;
	char *rule;
	RuleAction action;
	RuleCondition unknown; /* that can't be told */
	LimitsReason limits;   /* for LIMITED */
	ActRefusal refusal;    /* for REFUSED, as far as what was recorded tells: not privileges */
	char *session;         /* "pid:4711" */
	char *user;            /* these as they were at that time, or NULL */
	char *application;
	guint blocked;   /* behind it then */
	gint64 saved_us; /* waiting, of all behind it together, until it stopped blocking */
} Replayed;

typedef struct Replay Replay;

/* zone: of the clock by which a rule's hours are meant. policy and zone are borrowed. */
Replay *replay_new(const Policy *policy, GTimeZone *zone);
void replay_free(Replay *replay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Replay, replay_free)

/* Who blocked on a server at one moment. In order of time for each server; borrowed. */
void replay_sample(Replay *replay, const char *server, gint64 taken_at,
                   const Blocker *const *blockers, guint n);

/* Of Replayed, in the order in which they came; borrowed. Complete when all samples were given. */
const GPtrArray *replay_result(const Replay *replay);

#endif
