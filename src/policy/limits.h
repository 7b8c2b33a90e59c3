#ifndef PGUNLOCK_POLICY_LIMITS_H
#define PGUNLOCK_POLICY_LIMITS_H

/*
 * How often a policy has acted, and whether it may once more. For each rule and server: at most so
 * many acts in any span of time (limit), and none for a while after the last one (cooldown). For
 * each application and each statement on a server: when it blocks again right after its sessions
 * were ended so many times, ending one more won't help: a circuit breaker opens, and stays open for
 * as long as the span in which the acts were counted (breaker in [guard]).
 *
 * now_us: a clock that never goes back (g_get_monotonic_time), in microseconds.
 */

#include "policy/policy.h"

#include <glib.h>

typedef enum {
	LIMITS_ALLOW,
	LIMITS_RULE,                /* the rule's limit is used up */
	LIMITS_COOLDOWN,            /* the rule's last act on this server is too recent */
	LIMITS_BREAKER_APPLICATION, /* the breaker is open for its application */
	LIMITS_BREAKER_STATEMENT,   /* for its statement */
} LimitsReason;

typedef struct {
	LimitsReason reason;
	gint64 until_us;      /* when that ends if nothing else happens; 0 for LIMITS_ALLOW */
	gboolean just_opened; /* of a breaker: this question has opened it; told once */
} LimitsAnswer;

typedef struct PolicyLimits PolicyLimits;

PolicyLimits *policy_limits_new(void);
void policy_limits_free(PolicyLimits *limits);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PolicyLimits, policy_limits_free)

/* Whether the rule may act on this session. To be asked when it is about to; opens breakers. */
LimitsAnswer policy_limits_ask(PolicyLimits *limits, const Policy *policy, const Rule *rule,
                               const char *server, const Blocker *blocker, gint64 now_us);
/* The same, when it is about to act on these others at the same moment, of which nothing was noted
 * so far. Those who hold the same lock end together or not at all: between them there is no
 * cooldown. */
LimitsAnswer policy_limits_ask_another(PolicyLimits *limits, const Policy *policy, const Rule *rule,
                                       const char *server, const Blocker *blocker,
                                       const Blocker *const *others, guint n_others, gint64 now_us);
/* That it does. */
void policy_limits_note_act(PolicyLimits *limits, const Policy *policy, const Rule *rule,
                            const char *server, const Blocker *blocker, gint64 now_us);
/* A new policy file was read: breakers close, what was counted for rules stays (by name). */
void policy_limits_reload(PolicyLimits *limits);
/* How many breakers are open; on one server. */
guint policy_limits_n_open_on(const PolicyLimits *limits, const char *server, gint64 now_us);
/* On all. */
guint policy_limits_n_open(const PolicyLimits *limits, gint64 now_us);

/* What two runs of a statement have in common: white space made single blanks, letters outside
 * quotes in lower case, and each number and text constant a question mark; of the first 8 kB. Free
 * with g_free. */
char *statement_shape(const char *statement);

#endif
