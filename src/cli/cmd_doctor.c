#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/view.h"
#include "doctor/doctor.h"
#include "render/render.h"

static int run_doctor(Cli *cli, GError **error)
{
	static const LookOptions what = {.names = TRUE, .privileges = TRUE};
	g_autoptr(PgConnection) connection = cli_connect(cli, NULL, error);
	g_autoptr(View) view = connection ? view_look(cli, connection, &what, error) : NULL;
	if (!view)
		return 1;
	g_autoptr(ServerConfig) config = cli_read_config(cli, connection, view->snapshot, error);
	if (!config)
		return 1;

	g_autoptr(GPtrArray) checks = doctor_examine(view->snapshot, config);
	g_autoptr(GString) text = g_string_new(NULL);
	if (cli_options(cli)->format == FORMAT_JSON)
		doctor_json(text, view->snapshot, checks, TRUE);
	else
		doctor_text(text, view->snapshot, checks, &cli->style);
	view_print(cli, view, text);
	return 0;
}

const Command command_doctor = {
    .name = "doctor",
    .bit = FOR_DOCTOR,
    .synopsis = "",
    .summary = "settings and privileges that let locks jam, and the SQL that mends them",
    .description =
        "Looks at what keeps locks from being held for ever and from going unnoticed: timeouts,\n"
        "of the server and of roles and databases, logging, keepalives, prepared transactions,\n"
        "and what our own role may do. Changes nothing.",
    .formats = "text|json",
    .run = run_doctor,
};
