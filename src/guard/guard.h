#ifndef PGUNLOCK_GUARD_GUARD_H
#define PGUNLOCK_GUARD_GUARD_H

/*
 * The daemon: watches the servers of a policy file, keeps their history, acts by the rules, tells
 * people, exports numbers. Runs on the default main context until SIGTERM or SIGINT; SIGHUP reads
 * the policy file again.
 */

#include "policy/policy.h"

#include <glib.h>

/* Reads and checks a policy file, and what it names as far as that can be told without connecting.
 * NULL and an error. Free with policy_free. */
Policy *guard_read_policy(const char *path, GError **error);

/* Runs until it is told to end. is_verbose: logs more. FALSE and an error when it can't begin. */
gboolean guard_run(const char *config, gboolean is_verbose, GError **error);

#endif
