#ifndef PGUNLOCK_GUARD_TOLD_H
#define PGUNLOCK_GUARD_TOLD_H

/* What has been said of a session already, so that it isn't said at each poll. */

#include "model/blocker.h"

#include <glib.h>

typedef struct Told Told;

Told *told_new(void);
void told_free(Told *told);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Told, told_free)

/* TRUE the first time that this is said of the session, in its present transaction, under the rule
 * (NULL: none). what: a literal. */
gboolean told_once(Told *told, const Blocker *blocker, const char *rule, const char *what);
/* The same, whatever transaction it is in. */
gboolean told_session_once(Told *told, const Blocker *blocker, const char *rule, const char *what);
/* The same of an incident, by its id in the history. */
gboolean told_incident_once(Told *told, gint64 incident, const char *rule, const char *what);
/* Whether it was said already; it isn't forgotten then. */
gboolean told_already(Told *told, const Blocker *blocker, const char *rule, const char *what);
/* A look is over: what wasn't asked for since the last call is forgotten. */
void told_end_look(Told *told);

#endif
