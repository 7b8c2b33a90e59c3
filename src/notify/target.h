#ifndef PGUNLOCK_NOTIFY_TARGET_H
#define PGUNLOCK_NOTIFY_TARGET_H

/* Where a target leads, once what the policy says of it has been read. */

#include "notify/notify.h"

#include <gio/gio.h>

/* Exactly one of address and words is set. */
typedef struct {
	GUri *address; /* a secret, but for its host */
	char **words;  /* of the command */
} Route;

/* Reads the file or the environment variable where the address is in one. The error names the
 * target, and never what is secret. */
gboolean route_resolve(Route *route, const NotifyTarget *target, GError **error);
void route_clear(Route *route);

#endif
