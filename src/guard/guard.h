#ifndef PGUNLOCK_GUARD_GUARD_H
#define PGUNLOCK_GUARD_GUARD_H

/*
 * The daemon: watches the servers of a policy file, keeps their history, acts by the rules, tells
 * people, exports numbers. Runs on the default main context until SIGTERM or SIGINT; SIGHUP reads
 * the policy file again.
 */

#include <glib.h>

/* Runs until it is told to end. is_verbose: logs more. FALSE and an error when it can't begin. */
gboolean guard_run(const char *config, gboolean is_verbose, GError **error);

#endif
