#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/view.h"
#include "model/row_verdicts.h"
#include "render/rows.h"

/* Rows and locks can't be read at the same moment: a holder that ends between the two reads is in
 * the first and not in the second. Then both are read again. */
#define MOST_TRIES 3

typedef struct {
	PgConnection *connection;
	RowSet *rows;
	View *view;
} Seen;

static void seen_clear(Seen *seen)
{
	g_clear_pointer(&seen->connection, pg_connection_free);
	g_clear_pointer(&seen->view, view_free);
	g_clear_pointer(&seen->rows, row_set_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Seen, seen_clear)

static gboolean is_told(const Seen *seen)
{
	g_autoptr(RowVerdicts) verdicts = row_verdicts_new(seen->rows, seen->view->graph);

	return row_verdicts_n(verdicts, ROW_UNTOLD) == 0;
}

/* The condition may have done anything to its session's settings: the look is taken through a new
 * connection. */
static gboolean see(Cli *cli, Seen *seen, GError **error)
{
	static const LookOptions what = {
	    .names = TRUE, .all_names = TRUE, .privileges_if_waiting = TRUE};
	const Options *options = cli_options(cli);

	g_clear_pointer(&seen->rows, row_set_free);
	g_clear_pointer(&seen->view, view_free);
	seen->rows = cli_read_rows(cli, seen->connection, options->row, options->limit, error);
	if (!seen->rows)
		return FALSE;
	seen->connection = cli_reconnect(cli, seen->connection, NULL, error);
	seen->view = seen->connection ? view_look(cli, seen->connection, &what, error) : NULL;
	if (!seen->view)
		return FALSE;
	row_set_add_names(seen->rows, snapshot_names(seen->view->snapshot));
	return TRUE;
}

static int run_row(Cli *cli, GError **error)
{
	g_auto(Seen) seen = {0};
	guint n_tries = 0;
	seen.connection = cli_connect_to(cli, cli_options(cli)->row->database, error);
	if (!seen.connection)
		return 1;
	do {
		if (!see(cli, &seen, error))
			return 1;
	} while (!is_told(&seen) && ++n_tries < MOST_TRIES);

	g_autoptr(GString) text = g_string_new(NULL);
	if (cli_options(cli)->format == FORMAT_JSON) {
		render_rows_json(text, seen.rows, seen.view->graph, TRUE);
	} else {
		g_autofree char *ref = row_ref_to_text(cli_options(cli)->row);
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
