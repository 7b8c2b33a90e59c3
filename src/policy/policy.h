#ifndef PGUNLOCK_POLICY_POLICY_H
#define PGUNLOCK_POLICY_POLICY_H

/*
 * The guard's policy file, parsed: what is watched, who is told, and the rules, in the order in
 * which they are tried. policy/keys.h has the table of all keys. Nothing here is opened, resolved
 * or connected to: conninfo, paths and addresses are texts as they were written.
 */

#include "policy/rule.h"

#include <glib.h>

/* Where something listens. */
typedef struct {
	char *host; /* a name or an address, without brackets; NULL: nowhere */
	guint16 port;
} PolicyAddress;

/* What [guard] says. A path is NULL for "off". */
typedef struct {
	gint64 poll_us;   /* from one look at a server to the next */
	gint64 sample_us; /* from one reading of the statements of open transactions to the next */
	char *history;
	gint64 keep_us;    /* how long incidents are kept */
	gint64 keep_bytes; /* how large the history may get */
	char *audit;
	PolicyAddress metrics;
	gboolean dry_run;
	PolicyRate breaker; /* the circuit breaker: so many acts on the same within so long open it */
} PolicyGuard;

typedef struct {
	guint line;
	char *name;
	char *conninfo;
	guint conninfo_line;
} PolicyServer;

/* Exactly one of these is not NULL. */
typedef struct {
	guint line;
	char *name;
	char *webhook;      /* the address itself: a secret, not to be shown */
	char *webhook_file; /* a file that holds it */
	char *webhook_env;  /* an environment variable that holds it */
	char *command;
} PolicyNotify;

typedef struct Policy Policy;

/*
 * bytes: any at all. file: its name, for errors: "FILE:3: ...", usage errors with a hint that says
 * what is allowed. NULL when anything at all is wrong with it: a policy is taken whole or not.
 */
Policy *policy_parse(const char *bytes, gsize length, const char *file, GError **error);
void policy_free(Policy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Policy, policy_free)

const char *policy_file(const Policy *policy);
const PolicyGuard *policy_guard(const Policy *policy);
/* In the order of the file; at least one server. */
guint policy_n_servers(const Policy *policy);
const PolicyServer *policy_server(const Policy *policy, guint index);
guint policy_n_notify(const Policy *policy);
const PolicyNotify *policy_notify(const Policy *policy, guint index);
guint policy_n_rules(const Policy *policy);
const Rule *policy_rule(const Policy *policy, guint index);

/* NULL when there is none of that name. */
const PolicyServer *policy_find_server(const Policy *policy, const char *name);
const PolicyNotify *policy_find_notify(const Policy *policy, const char *name);
const Rule *policy_find_rule(const Policy *policy, const char *name);

/* Whether some rule for this server may act on sessions that nobody waits for, so that a look has
 * to see these, too. */
gboolean policy_wants_all_sessions(const Policy *policy, const char *server);
/* Whether what the rule does is to be told to this target: rules without the key notify tell all.
 * rule NULL: what no rule has to do with, which is told to all, too. */
gboolean policy_tells(const Rule *rule, const PolicyNotify *notify);

#endif
