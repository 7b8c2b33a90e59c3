#ifndef PGUNLOCK_HISTORY_BLOCKER_JSON_H
#define PGUNLOCK_HISTORY_BLOCKER_JSON_H

/* What a sample keeps: the facts of all who blocked at one moment, as one document of our own. */

#include "model/blocker.h"

#include <glib.h>

/* Free with g_free. */
char *blockers_to_json(const Blocker *const *blockers, guint n);
/* Of Blocker, the caller's. What is damaged in it is not known, and what is no such document gives
 * none. */
GPtrArray *blockers_from_json(const char *text);

#endif
