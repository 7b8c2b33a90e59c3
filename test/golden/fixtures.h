#ifndef PGUNLOCK_TEST_FIXTURES_H
#define PGUNLOCK_TEST_FIXTURES_H

/* Situations that every renderer is shown. All are looked at by role oncall in database app. */

#include "model/snapshot.h"
#include "plan/selection.h"

typedef struct {
	const char *name;
	Snapshot *(*make)(void);
	/* Too large for JSON and dot files that anybody would read. */
	gboolean text_only;
} Fixture;

extern const Fixture fixtures[];
extern const guint n_fixtures;

#endif
