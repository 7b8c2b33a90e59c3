#ifndef PGUNLOCK_CLI_CLI_H
#define PGUNLOCK_CLI_CLI_H

/* One run of the program: what was asked for, where it prints, whether Ctrl-C was pressed. */

#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "model/advisory_labels.h"
#include "render/style.h"

#include <glib.h>

/* The command that this very program runs, of those that are programs of their own. */
typedef struct {
	const Command *command;
	CommandRun run;
} CliProgram;

struct Cli {
	const CliProgram *program; /* NULL: none, it is pgunlock itself */
	char *const *argv;         /* in the order in which it was typed */
	CommandLine line;
	Output *output;
	RenderStyle style; /* of standard output */
	char *connection_args;
	AdvisoryLabels *advisory_labels; /* NULL: there is no such file, or no need of it */
	gboolean is_interrupted;         /* SIGINT, SIGTERM or SIGHUP came */
};

/*
 * The whole program: reads the command line, runs the command, prints its error if it ends with
 * one, and gives the exit code. LC_CTYPE must have been set. program: see cli/program.h; NULL in
 * pgunlock itself. A command that another program runs makes this process that program.
 */
int cli_main(int argc, char **argv, const CliProgram *program);

const Options *cli_options(const Cli *cli);

/* Runs the default main context until *done, at most until a signal interrupts. Then, FALSE and an
 * error of the code INTERRUPTED. What *done stands for may still come if the context is run
 * again. */
gboolean cli_wait(Cli *cli, const gboolean *done, GError **error);

/* Prints text, or keeps JSON, DOT and CSV from being mixed with it: nothing when the format is
 * another. Empties the text. */
void cli_print_text(Cli *cli, GString *text);

/* A line on standard error: with -v only, and always unless -q. */
void cli_note(const Cli *cli, const char *format, ...) G_GNUC_PRINTF(2, 3);
void cli_warn(const Cli *cli, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* An error that doesn't end the command, as a warning with its hint. */
void cli_warn_error(const Cli *cli, const GError *error);

#endif
