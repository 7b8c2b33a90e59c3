#ifndef PGUNLOCK_POLICY_FUTILE_H
#define PGUNLOCK_POLICY_FUTILE_H

/* Rules that are right by the letter, and that nothing ever comes of. */

#include "policy/policy.h"

/* Why the rule never does anything, as far as the file tells: no state (or kind of session) that
 * it asks for is one that its action can be done in, or a rule above it takes all that it would
 * match. NULL: that isn't so. Free with g_free. */
char *policy_futile(const Policy *policy, guint rule);

#endif
