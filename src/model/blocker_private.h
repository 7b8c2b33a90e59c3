#ifndef PGUNLOCK_MODEL_BLOCKER_PRIVATE_H
#define PGUNLOCK_MODEL_BLOCKER_PRIVATE_H

/* blocker.c (who it is and what it does) has blocker_targets.c (what others wait for) for a part of
 * its work. */

#include "model/blocker.h"

/* Fills targets. */
void blocker_add_targets(Blocker *blocker, const WaitGraph *graph, guint session);

#endif
