#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/view.h"
#include "render/render.h"

static int run_status(Cli *cli, GError **error)
{
	LookOptions what = {.form = LOOK_AT_CONTENDED,
	                    .names = TRUE,
	                    .other_names = TRUE,
	                    .row_keys = TRUE,
	                    .privileges_if_waiting = TRUE};
	g_autoptr(PgPooler) pooler = NULL;
	if (!cli_use_pooler(cli, &pooler, error))
		return PGUNLOCK_ERROR_USAGE;
	what.pooler = pooler;
	g_autoptr(PgConnection) connection = cli_connect(cli, NULL, error);
	g_autoptr(View) view = connection ? view_look(cli, connection, &what, error) : NULL;
	if (!view)
		return 1;

	g_autoptr(GString) text = g_string_new(NULL);
	if (cli_options(cli)->format == FORMAT_JSON)
		render_status_json(text, view->graph, TRUE);
	else
		render_status_text(text, view->graph, &cli->style);
	view_print(cli, view, text);
	return 0;
}

const Command command_status = {
    .name = "status",
    .bit = FOR_STATUS,
    .synopsis = "",
    .summary = "who holds up whom, since when, and what to type to free them",
    .description =
        "The one-screen answer: how many sessions wait, and for each root blocker who it is,\n"
        "what it holds, what it last ran, what ending it costs and whom it frees. The last lines\n"
        "are the command to type and, where there is a choice, the others. This is what runs when\n"
        "no command is named.",
    .formats = "text|json",
    .run = run_status,
};
