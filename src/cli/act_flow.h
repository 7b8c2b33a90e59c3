#ifndef PGUNLOCK_CLI_ACT_FLOW_H
#define PGUNLOCK_CLI_ACT_FLOW_H

/* What cancel, terminate and release have in common: look, plan, ask, look again, act, verify, say
 * what came of it; and with --rounds the same again for whoever is next. */

#include "cli/cli.h"
#include "plan/selection.h"

#include <glib.h>

/* The command, from its options to its exit code. */
int act_flow_run(Cli *cli, PlanCommand command, GError **error);

#endif
