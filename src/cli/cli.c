#include "cli/cli.h"

#include "base/error.h"
#include "base/text.h"
#include "cli/advisory_file.h"
#include "cli/completion.h"
#include "cli/connection_args.h"
#include "cli/program.h"
#include "cli/terminal.h"
#include "render/render.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const Options *cli_options(const Cli *cli)
{
	return &cli->line.options;
}

gboolean cli_wait(Cli *cli, const gboolean *done, GError **error)
{
	while (!*done && !cli->is_interrupted)
		g_main_context_iteration(NULL, TRUE);
	if (*done)
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_INTERRUPTED, "interrupted");
	return FALSE;
}

void cli_print_text(Cli *cli, GString *text)
{
	if (cli_options(cli)->format == FORMAT_TEXT)
		output_write(cli->output, text);
	else
		g_string_truncate(text, 0);
}

static void say(const char *kind, const char *text)
{
	g_autofree char *repaired = text_repair(text, strlen(text));
	g_autofree char *safe = text_safe(repaired);
	fprintf(stderr, "pgunlock: %s%s\n", kind, safe);
}

void cli_note(const Cli *cli, const char *format, ...)
{
	if (!cli_options(cli)->verbose)
		return;
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	say("", text);
}

void cli_warn(const Cli *cli, const char *format, ...)
{
	if (cli_options(cli)->quiet)
		return;
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	say("warning: ", text);
}

void cli_warn_error(const Cli *cli, const GError *error)
{
	const char *hint = error_hint(error);
	cli_warn(cli, "%s", error->message);
	if (hint && !cli_options(cli)->quiet)
		fprintf(stderr, "hint: %s\n", hint);
}

static RenderStyle style_of(const Cli *cli, int fd)
{
	return (RenderStyle){
	    .width = terminal_width(fd),
	    .color = terminal_wants_color(fd, (ColorWhen) cli_options(cli)->color),
	    .unicode = terminal_has_unicode(),
	    .full = cli_options(cli)->full,
	    .connection_args = cli->connection_args,
	};
}

/* On standard error for people; for programs that asked for JSON also where they read, unless a
 * document is there already. */
static int print_error(Cli *cli, const GError *error)
{
	RenderStyle style = style_of(cli, STDERR_FILENO);
	g_autoptr(GString) text = g_string_new(NULL);

	int code = error_exit_code(error);

	if (cli->line.command->fail) {
		code = cli->line.command->fail(cli, error);
	} else if (cli_options(cli)->format == FORMAT_JSON && !output_has_begun(cli->output)) {
		render_error_json(text, error, &style, TRUE);
		g_string_append_c(text, '\n');
		output_write(cli->output, text);
	}
	render_error_text(text, error, &style);
	fputs(text->str, stderr);
	return code;
}

/* One dispatch: after it the signal has its default effect again, so a second Ctrl-C ends whatever
 * hangs. */
static gboolean on_interrupt(gpointer user_data)
{
	Cli *cli = user_data;
	cli->is_interrupted = TRUE;
	return G_SOURCE_REMOVE;
}

static void handle_signals(Cli *cli)
{
	struct sigaction hangup;

	/* A reader that is gone is told by EPIPE; libpq asks for the same. */
	signal(SIGPIPE, SIG_IGN);
	g_unix_signal_add(SIGINT, on_interrupt, cli);
	g_unix_signal_add(SIGTERM, on_interrupt, cli);
	/* Under nohup it stays ignored. */
	if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
		g_unix_signal_add(SIGHUP, on_interrupt, cli);
}

/* A descriptor that came closed would be the next one to be opened: a socket to a server, into
 * which output would then be written. Standard output is opened so that writing still fails. */
static void open_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR);
}

static int print_version(Cli *cli)
{
	g_autoptr(GString) text = g_string_new("pgunlock " PGUNLOCK_VERSION "\n");
	output_write(cli->output, text);
	return 0;
}

static int print_completion(Cli *cli)
{
	g_autoptr(GString) text = g_string_new(NULL);
	completion_bash(text);
	output_write(cli->output, text);
	return 0;
}

/* NULL: another program has it. */
static CommandRun function_of(const Cli *cli)
{
	const Command *command = cli->line.command;
	if (cli->program && cli->program->command == command)
		return cli->program->run;
	return command->run;
}

static int run(Cli *cli, int argc, char **argv, GError **error)
{
	gboolean is_right = command_line_parse(argc, argv, &cli->line, error);
	cli->connection_args = connection_args(cli_options(cli));
	cli->style = style_of(cli, STDOUT_FILENO);
	if (!is_right)
		return PGUNLOCK_ERROR_USAGE;
	if (cli_options(cli)->version)
		return print_version(cli);
	if (cli_options(cli)->completion)
		return print_completion(cli);
	CommandRun command_run = function_of(cli);
	if (!command_run) {
		program_become(cli->line.command, cli->argv, error);
		return PGUNLOCK_ERROR_FAILED;
	}
	handle_signals(cli);
	if ((cli->line.command->bit & FOR_TARGETS) && !advisory_file_read(cli, error))
		return PGUNLOCK_ERROR_USAGE;
	return command_run(cli, error);
}

int cli_main(int argc, char **argv, const CliProgram *program)
{
	/* Reading the options reorders them. */
	g_autofree char **typed = g_new0(char *, (gsize) argc + 1);
	memcpy(typed, argv, (gsize) argc * sizeof(*argv));
	Cli cli = {.program = program, .argv = typed, .output = output_new()};
	GError *error = NULL;

	open_standard_files();
	int code = run(&cli, argc, argv, &error);
	if (!error && !output_finish(cli.output, &error))
		g_assert(error);
	if (error)
		code = print_error(&cli, error);

	g_clear_error(&error);
	g_free(cli.connection_args);
	advisory_labels_free(cli.advisory_labels);
	command_line_clear(&cli.line);
	output_free(cli.output);
	return code;
}
