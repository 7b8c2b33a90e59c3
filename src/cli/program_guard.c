#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/program.h"
#include "guard/guard.h"

#include <signal.h>
#include <stdio.h>

static gboolean check_usage(const Options *options, GError **error)
{
	int n_ways = (options->check_config != 0) + (options->explain != 0) + (options->replay.to != 0);

	if (n_ways <= 1)
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_USAGE,
	          "--check-config, --explain and --replay don't go together");
	return FALSE;
}

static int run_guard(Cli *cli, GError **error)
{
	const Options *options = cli_options(cli);
	const char *config = options->config ? options->config : GUARD_DEFAULT_CONFIG;

	if (!check_usage(options, error))
		return PGUNLOCK_ERROR_USAGE;
	return guard_run(config, options->verbose, error) ? 0 : PGUNLOCK_ERROR_FAILED;
}

int main(int argc, char **argv)
{
	return program_main(argc, argv, &command_guard, run_guard);
}
