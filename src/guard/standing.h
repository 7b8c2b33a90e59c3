#ifndef PGUNLOCK_GUARD_STANDING_H
#define PGUNLOCK_GUARD_STANDING_H

/*
 * How the guard stands on one server: what its role lacks there for what the policy wants, and
 * whether the server is that of another section, too. Told in the log when the guard connects, and
 * when it changes, not at each poll and not only at the first act.
 */

#include "guard/tools.h"
#include "model/snapshot.h"
#include "pg/connection.h"

#include <glib.h>

typedef struct Standing Standing;

/* tools and name are borrowed. */
Standing *standing_new(const GuardTools *tools, const char *name);
/* Only when no connection of it is open any more. */
void standing_free(Standing *standing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Standing, standing_free)

/* The guard is connected: asks over this connection. */
void standing_arrive(Standing *standing, PgConnection *connection);
/* It isn't any more. */
void standing_leave(Standing *standing);
/* A look knows as well what the role may do, when somebody waited: a GRANT, or a REVOKE, shows. */
void standing_look(Standing *standing, const Snapshot *snapshot);
/* The policy is another one: it may want more. */
void standing_check(Standing *standing);
/* The same, and what it lacks is told though it was told before: it begins to matter. */
void standing_check_anew(Standing *standing);
/* Whether it was told that the role lacks anything. */
gboolean standing_lacks(const Standing *standing);

#endif
