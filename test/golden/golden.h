#ifndef PGUNLOCK_TEST_GOLDEN_H
#define PGUNLOCK_TEST_GOLDEN_H

/* Golden files: what came out is compared with a file, or written to it. */

#include <glib.h>

typedef struct {
	const char *directory;
	gboolean update;
	guint n_checked;
	guint n_failed;
} Golden;

/* A failure about this file, with a line that shows it, or NULL. */
void golden_fail(Golden *golden, const char *name, const char *what, const char *line);
void golden_compare(Golden *golden, const char *name, const char *actual);
/* Says how it went; the exit code. */
int golden_end(const Golden *golden);

#endif
