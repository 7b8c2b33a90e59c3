#ifndef PGUNLOCK_POLICY_DOUBTFUL_H
#define PGUNLOCK_POLICY_DOUBTFUL_H

/* What is right by the letter, and may well be meant otherwise. */

#include "policy/policy.h"

/* Where in a value something stands that looks like a comment: a blank and one of these marks
 * behind it. NULL: nowhere. Borrowed from text. */
const char *policy_comment(const char *text, const char *marks);

/* Adds to doubts what may not be meant in this rule, each a sentence to be freed with g_free. */
void policy_doubtful(const Rule *rule, GPtrArray *doubts);

#endif
