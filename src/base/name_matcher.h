#ifndef PGUNLOCK_BASE_NAME_MATCHER_H
#define PGUNLOCK_BASE_NAME_MATCHER_H

/* psql's patterns for names of tables (base/pattern.h), matched here, against names that were read
 * before, instead of by a server. */

#include "base/answer.h"

#include <glib.h>

typedef struct NameMatcher NameMatcher;

/*
 * A pattern as name_pattern_parse takes it, and the same errors. In addition a usage error for what
 * a server would refuse as a regular expression, or would understand in another way than we: a
 * quantifier (+, {2}) with nothing before it that can be repeated, or behind another one.
 */
NameMatcher *name_matcher_new(const char *text, GError **error);
void name_matcher_free(NameMatcher *matcher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NameMatcher, name_matcher_free)

/*
 * Whether a relation of this name is meant. A pattern without a schema means all schemas but
 * pg_catalog, information_schema and pg_toast. database NULL: it isn't known, which matters only
 * to a pattern that names one. Unknown also when matching takes too many steps, and for a name that
 * isn't valid UTF-8.
 */
Answer name_matcher_matches(const NameMatcher *matcher, const char *database, const char *schema,
                            const char *name);

#endif
