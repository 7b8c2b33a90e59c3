#include "cli/cli.h"
#include "cli/commands.h"
#include "demo/demo.h"

static void print_text(const char *text, gpointer data)
{
	Cli *cli = data;
	g_autoptr(GString) copy = g_string_new(text);

	output_write(cli->output, copy);
}

static int run_demo(Cli *cli, GError **error)
{
	DemoOptions options = {
	    .bindir = cli_options(cli)->bindir,
	    .keep = cli_options(cli)->keep,
	    .color = cli->style.color,
	};

	return demo_run(&options, print_text, cli, error) ? 0 : 1;
}

const Command command_demo = {
    .name = "demo",
    .bit = FOR_DEMO,
    .synopsis = "",
    .summary = "the login incident on a throw-away server, freed before your eyes",
    .description =
        "Starts a server of its own in a temporary directory, as an unprivileged user, and plays\n"
        "an application whose users can't log in: one of its connections crashed half-way and "
        "left\n"
        "a row locked. Shows status, releases, shows that everybody logs in again, and clears\n"
        "everything away. Touches no other server.",
    .run = run_demo,
};
