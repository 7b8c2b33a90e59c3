#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/row_view.h"
#include "render/rows.h"

static int run_row(Cli *cli, GError **error)
{
	static const LookOptions what = {
	    .names = TRUE, .all_names = TRUE, .privileges_if_waiting = TRUE};
	const Options *options = cli_options(cli);
	g_auto(RowView) seen = {0};
	g_autoptr(PgConnection) connection = cli_connect_to(cli, options->row->database, error);
	if (!connection || !row_view_see(cli, &connection, options->limit, &what, &seen, error))
		return 1;

	g_autoptr(GString) text = g_string_new(NULL);
	if (options->format == FORMAT_JSON) {
		render_rows_json(text, seen.rows, seen.view->graph, TRUE);
	} else {
		g_autofree char *ref = row_ref_to_text(options->row);
		render_rows_text(text, seen.rows, seen.view->graph, ref, &cli->style);
	}
	view_print(cli, seen.view, text);
	return 0;
}

const Command command_row = {
    .name = "row",
    .bit = FOR_ROW,
    .takes = TAKES_ROW,
    .synopsis = "TABLE WHERE",
    .summary = "who holds the rows that match, and who waits for them",
    .description =
        "TABLE and WHERE are as in SELECT ... FROM TABLE WHERE ...: pgunlock row orders 'id = 7'.\n"
        "Reads the rows without waiting for whoever has locked them, with the rights and the\n"
        "search_path of the role that connects, and no longer than 2 s. Not on a standby, which\n"
        "doesn't know who locks rows.",
    .formats = "text|json",
    .run = run_row,
};
