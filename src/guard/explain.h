#ifndef PGUNLOCK_GUARD_EXPLAIN_H
#define PGUNLOCK_GUARD_EXPLAIN_H

/* One look at each server of a policy, and what the policy says of everybody who blocks: for guard
 * --explain. Nothing is done, and no lease is taken. */

#include "policy/policy.h"
#include "render/policy.h"

#include <glib.h>

typedef struct Explain Explain;

/* Begins. *done becomes TRUE, in the default main context, when all servers have answered or
 * failed. policy is borrowed. */
Explain *explain_new(const Policy *policy, gboolean *done);
void explain_free(Explain *explain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Explain, explain_free)

/* Of ExplainedSession, in the order of the servers; borrowed. */
const GArray *explain_sessions(const Explain *explain);
/* What couldn't be seen, a sentence each. */
const GPtrArray *explain_warnings(const Explain *explain);
/* The first failure, when no server could be seen at all; else NULL. Borrowed. */
const GError *explain_failure(const Explain *explain);

#endif
