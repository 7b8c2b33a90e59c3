#include "cli/view.h"

#include "model/row_verdicts.h"
#include "render/render.h"

View *view_new(const Cli *cli, Snapshot *snapshot)
{
	View *view = g_new0(View, 1);
	snapshot_set_advisory_labels(snapshot, cli->advisory_labels);
	view->snapshot = snapshot;
	view->graph = wait_graph_new(snapshot);
	return view;
}

void view_free(View *view)
{
	if (!view)
		return;
	wait_graph_free(view->graph);
	snapshot_free(view->snapshot);
	g_free(view);
}

View *view_look(Cli *cli, PgConnection *connection, const LookOptions *options, GError **error)
{
	Snapshot *snapshot = cli_look(cli, connection, options, error);
	return snapshot ? view_new(cli, snapshot) : NULL;
}

void view_heed_rows(View *view, const RowSet *rows)
{
	g_autoptr(RowVerdicts) verdicts = row_verdicts_new(rows, view->graph);
	g_autoptr(GArray) hidden = row_verdicts_hidden_waits(verdicts, rows, view->graph);

	if (hidden->len == 0)
		return;
	wait_graph_free(view->graph);
	view->graph = wait_graph_new_with(view->snapshot, hidden);
}

static void warn(const Cli *cli, const Snapshot *snapshot)
{
	g_autoptr(GPtrArray) texts = render_warnings(snapshot);
	for (guint i = 0; i < texts->len; i++)
		cli_warn(cli, "%s", (const char *) g_ptr_array_index(texts, i));
}

void view_print(Cli *cli, const View *view, GString *text)
{
	const Options *options = cli_options(cli);
	switch ((Format) options->format) {
	case FORMAT_TEXT:
		if (!options->quiet)
			render_warnings_text(text, view->snapshot, &cli->style);
		break;
	case FORMAT_JSON:
		g_string_append_c(text, '\n');
		break;
	case FORMAT_DOT:
	case FORMAT_SVG:
	case FORMAT_CSV:
		warn(cli, view->snapshot);
		break;
	}
	output_write(cli->output, text);
}
