#include "cli/act_flow.h"
#include "cli/commands.h"

static int run_cancel(Cli *cli, GError **error)
{
	return act_flow_run(cli, COMMAND_CANCEL, error);
}

const Command command_cancel = {
    .name = "cancel",
    .bit = FOR_CANCEL,
    .takes = TAKES_SESSIONS,
    .synopsis = "[SESSION...]",
    .summary = "end the statement that a session runs",
    .description = "Cancels what runs in the sessions named, or in those that the options select: "
                   "holders that\n"
                   "block somebody, never waiters. The session stays connected. To a session that "
                   "is idle in a\n"
                   "transaction a cancel does nothing: that is refused.",
    .formats = "text|json",
    .run = run_cancel,
};
