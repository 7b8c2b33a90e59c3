#include "base/duration.h"
#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/program.h"
#include "cli/terminal.h"
#include "tui/top.h"

#include <unistd.h>

#define DEFAULT_INTERVAL_US (2 * DURATION_SECOND)
#define LEAST_INTERVAL_US (100 * DURATION_MS)

static gboolean check_usage(const Options *options, GError **error)
{
	if (options->interval_us >= 0 && options->interval_us < LEAST_INTERVAL_US) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "--interval is too short");
		error_set_hint(error, "looking costs the server something: 100ms is the least");
		return FALSE;
	}
	if (options->budget < 1 || options->budget > 100) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "--budget is a percentage from 1 to 100");
		error_set_hint(error, "--budget 100 looks each time, whatever that costs the server");
		return FALSE;
	}
	if (!terminal_is(STDIN_FILENO) || !terminal_is(STDOUT_FILENO)) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "top needs a terminal");
		error_set_hint(error, "pgunlock tree --watch goes to a file or a program");
		return FALSE;
	}
	return TRUE;
}

static TopOptions top_options(const Cli *cli)
{
	const Options *options = cli_options(cli);

	return (TopOptions){
	    .unicode = cli->style.unicode,
	    .has_color = cli->style.color,
	    .theme = (Theme) options->theme,
	    .read_only = options->read_only,
	    .connection_args = cli->style.connection_args,
	    .interval_us = options->interval_us < 0 ? DEFAULT_INTERVAL_US : options->interval_us,
	    .share_percent = options->budget,
	    .timeout_us = options->timeout_us,
	    .wait_us = options->wait_us,
	    .grace_us = options->grace_us,
	    .row_keys = !options->no_rows,
	    .include_protected = options->include_protected,
	    .max = options->max,
	    .audit = options->audit,
	    .advisory_labels = cli->advisory_labels,
	};
}

static int run_top(Cli *cli, GError **error)
{
	gboolean is_over = FALSE;
	g_autoptr(PgPooler) pooler = NULL;

	if (!check_usage(cli_options(cli), error) || !cli_use_pooler(cli, &pooler, error))
		return PGUNLOCK_ERROR_USAGE;
	PgConnection *connection = cli_connect(cli, NULL, error);
	if (!connection)
		return PGUNLOCK_ERROR_FAILED;
	TopOptions options = top_options(cli);
	options.pooler = pooler;
	g_autoptr(Top) top = top_new(connection, &options, &is_over, error);
	if (!top)
		return PGUNLOCK_ERROR_USAGE;
	/* Ctrl-C is how a watch is meant to end: no word about it. */
	return cli_wait(cli, &is_over, NULL) ? 0 : PGUNLOCK_ERROR_INTERRUPTED;
}

int main(int argc, char **argv)
{
	return program_main(argc, argv, &command_top, run_top);
}
