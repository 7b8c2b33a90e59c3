#ifndef PGUNLOCK_CLI_ACT_ROUND_H
#define PGUNLOCK_CLI_ACT_ROUND_H

/* One round of cancel, terminate or release, once its plan is agreed to: signals, verifies, keeps
 * the audit log. */

#include "cli/cli.h"
#include "cli/view.h"
#include "pg/connection.h"
#include "plan/outcome.h"
#include "plan/plan.h"

#include <glib.h>

typedef struct {
	View *view; /* the look that the plan was made from */
	Plan *plan;
	Outcome *outcome;         /* NULL: nothing was carried out */
	View *after;              /* the last look, or NULL */
	gboolean has_log_trouble; /* said once, not twice */
} ActRound;

/* Takes view over and makes the plan. NULL and an error as plan_new gives it. */
ActRound *act_round_new(View *view, const Selection *selection, GError **error);
void act_round_free(ActRound *round);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ActRound, act_round_free)

/*
 * Carries the plan out and prints each step. updates (of PlanUpdate) as plan_update gave them after
 * the person said yes, or NULL. Sets round->outcome and round->after, also with an error: what was
 * signalled before stays signalled. Ctrl-C is such an error, of the code INTERRUPTED.
 */
gboolean act_round_execute(Cli *cli, ActRound *round, PgConnection *connection,
                           const GArray *updates, GError **error);

#endif
