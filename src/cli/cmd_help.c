#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/help.h"

static int run_help(Cli *cli, G_GNUC_UNUSED GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	if (cli->line.topic)
		help_command(text, cli->line.topic, cli->style.width);
	else
		help_general(text, cli->style.width);
	output_write(cli->output, text);
	return 0;
}

const Command command_help = {
    .name = "help",
    .bit = FOR_HELP,
    .takes = TAKES_COMMAND,
    .synopsis = "[COMMAND]",
    .summary = "says more about a command",
    .description = "Lists the commands, or explains one with all its options.",
    .run = run_help,
};
