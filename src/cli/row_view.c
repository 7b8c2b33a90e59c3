#include "cli/row_view.h"

#include "model/row_verdicts.h"

/* Rows and locks can't be read at the same moment: a holder that ends between the two reads is in
 * the first and not in the second. */
#define MOST_TRIES 3

void row_view_clear(RowView *seen)
{
	g_clear_pointer(&seen->view, view_free);
	g_clear_pointer(&seen->rows, row_set_free);
}

static gboolean is_told(const RowView *seen)
{
	g_autoptr(RowVerdicts) verdicts = row_verdicts_new(seen->rows, seen->view->graph);

	return row_verdicts_n(verdicts, ROW_UNTOLD) == 0;
}

static gboolean see_once(Cli *cli, PgConnection **connection, guint limit, const LookOptions *what,
                         RowView *seen, GError **error)
{
	LookOptions full = *what;

	seen->rows = cli_read_rows(cli, *connection, cli_options(cli)->row, limit, error);
	if (!seen->rows)
		return FALSE;
	full.rows = seen->rows;
	*connection = cli_reconnect(cli, *connection, NULL, error);
	seen->view = *connection ? view_look(cli, *connection, &full, error) : NULL;
	if (!seen->view)
		return FALSE;
	row_set_add_names(seen->rows, snapshot_names(seen->view->snapshot));
	return TRUE;
}

gboolean row_view_see(Cli *cli, PgConnection **connection, guint limit, const LookOptions *what,
                      RowView *seen, GError **error)
{
	guint n_tries = 0;

	do {
		row_view_clear(seen);
		if (!see_once(cli, connection, limit, what, seen, error))
			return FALSE;
	} while (!is_told(seen) && ++n_tries < MOST_TRIES);
	return TRUE;
}
