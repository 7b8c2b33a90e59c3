#ifndef PGUNLOCK_GUARD_CONFIG_H
#define PGUNLOCK_GUARD_CONFIG_H

/* The policy file as the guard takes it, at its start, when it reads it again, and when it is only
 * asked about it (--check-config and the like): what the parser can't know is looked at here. */

#include "notify/notify.h"
#include "policy/policy.h"

#include <glib.h>

/* Reads and checks it. NULL and a usage error, "FILE:3: ..." where a place is to blame: the file
 * can't be read, policy_parse refuses it, or libpq can't make anything of a conninfo. */
Policy *guard_config_read(const char *path, GError **error);

/* What may well be a mistake, or lacks at this moment, but is no reason to refuse the policy, a
 * sentence each (char *; not yet safe for a terminal, no secrets): a target that nobody could be
 * told at, a glob with quotes in it, a server that stands there twice. Never NULL; the caller's. */
GPtrArray *guard_config_warnings(const Policy *policy);

/* Adds to them what the guard says itself when it opens its files at the start: where those can't
 * be. Makes nothing. */
void guard_config_check_places(const Policy *policy, GPtrArray *warnings);

/* Lets the notifier tell the policy's targets. One whose address can't be read is a target all the
 * same: whatever it would be told fails. FALSE and an error: nothing was changed. */
gboolean guard_config_notifier(const Policy *policy, Notifier *notifier, GError **error);

#endif
