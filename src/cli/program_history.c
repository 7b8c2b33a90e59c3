#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/program.h"

static int run_history(Cli *cli, GError **error)
{
	error_set(error, PGUNLOCK_ERROR_FAILED, "there is no history of %s yet",
	          cli_options(cli)->history);
	return PGUNLOCK_ERROR_FAILED;
}

int main(int argc, char **argv)
{
	return program_main(argc, argv, &command_history, run_history);
}
