#ifndef PGUNLOCK_MODEL_ADVISORY_LABELS_H
#define PGUNLOCK_MODEL_ADVISORY_LABELS_H

/*
 * What the keys of advisory locks are called, out of a file that people write, a line each:
 *
 *   # a comment; empty lines don't count, either
 *   42 = nightly-import
 *   1000-1999 = invoices
 *   -5..5 = around zero
 *   7,1 = tenant 1 jobs
 *   7,* = tenant jobs
 *   [database app]
 *   42 = the import of app
 *   [all databases]
 *   * = somebody's
 *
 * A key is a number, or two with a comma between. In the place of a number may stand a range, both
 * ends counted, or a star for any. The dash of a range is for numbers that aren't negative; two
 * dots always do. What follows [database NAME] is for that database only. The first line that
 * matches wins.
 */

#include "model/advisory_key.h"

#include <glib.h>

typedef struct AdvisoryLabels AdvisoryLabels;

/* bytes: any at all. file: its name, for errors: "FILE, line 3: ...", usage errors with a hint. */
AdvisoryLabels *advisory_labels_parse(const char *bytes, gsize length, const char *file,
                                      GError **error);
void advisory_labels_free(AdvisoryLabels *labels);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AdvisoryLabels, advisory_labels_free)

/* NULL when no line matches. database NULL: it isn't known which; then only lines for all databases
 * can match. Valid UTF-8, but not safe for a terminal; borrowed. */
const char *advisory_labels_find(const AdvisoryLabels *labels, const char *database,
                                 const AdvisoryKey *key);

#endif
