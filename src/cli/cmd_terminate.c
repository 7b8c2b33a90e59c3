#include "cli/act_flow.h"
#include "cli/commands.h"

static int run_terminate(Cli *cli, GError **error)
{
	return act_flow_run(cli, COMMAND_TERMINATE, error);
}

const Command command_terminate = {
    .name = "terminate",
    .bit = FOR_TERMINATE,
    .takes = TAKES_SESSIONS,
    .synopsis = "[SESSION...]",
    .summary = "end a session, and with it its transaction and its locks",
    .description =
        "Ends the sessions named, or those that the options select: holders that block somebody,\n"
        "never waiters. What they have not committed is rolled back, and their clients have to\n"
        "connect again.",
    .formats = "text|json",
    .run = run_terminate,
};
