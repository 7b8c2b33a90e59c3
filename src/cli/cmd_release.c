#include "cli/act_flow.h"
#include "cli/commands.h"

static int run_release(Cli *cli, GError **error)
{
	return act_flow_run(cli, COMMAND_RELEASE, error);
}

const Command command_release = {
    .name = "release",
    .bit = FOR_RELEASE,
    .takes = TAKES_SESSIONS,
    .synopsis = "[SESSION...]",
    .summary = "the least that frees: picks the culprits and the right act for each",
    .description =
        "Ends what blocks: the sessions named, or whatever blocks a table, a waiter, or anybody.\n"
        "Cancels where that is enough, terminates where it is not, verifies that the locks are "
        "gone,\n"
        "and says who is next.",
    .formats = "text|json",
    .run = run_release,
};
