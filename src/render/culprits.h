#ifndef PGUNLOCK_RENDER_CULPRITS_H
#define PGUNLOCK_RENDER_CULPRITS_H

/* What is said of a session that is in the way, or of one that waits: who it is, what it holds or
 * wants, what it runs, whom it blocks, what ending it does and costs. */

#include "model/wait_graph.h"
#include "plan/plan.h"
#include "render/edge_index.h"
#include "render/labels.h"

#include <glib.h>

/* What that is read from; all borrowed. */
typedef struct {
	GString *out;
	const RenderStyle *style;
	const WaitGraph *graph;
	const Snapshot *snapshot;
	const EdgeIndex *edges; /* the shown ones */
	const Plan *plan;       /* of a release of everything, or NULL: none could be made */
	Labels labels;
	guint statement_lines; /* at most, where it is told in full */
} Culprits;

/* Where there is no reason for more. */
#define CULPRITS_STATEMENT_LINES 3

/* The lines about one session. in_full: with its statement, and what ending it costs. */
void culprits_append(const Culprits *culprits, guint session, gboolean in_full);

/* Parts of that. */
void culprits_append_headline(const Culprits *culprits, guint session);
void culprits_append_statement(const Culprits *culprits, guint session, guint max_lines);

/* That nobody said which way a prepared transaction is to end is the first thing to say of it, but
 * it may be that we must not end it at all: that. */
ActRefusal culprits_refusal_of_prepared(const Culprits *culprits, guint session);

#endif
