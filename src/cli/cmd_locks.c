#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/locks_filter.h"
#include "cli/view.h"
#include "render/render.h"

static void render_locks(const Cli *cli, const View *view, const GArray *locks, GString *text)
{
	const guint *indexes = (const guint *) (const void *) locks->data;
	switch ((Format) cli_options(cli)->format) {
	case FORMAT_JSON:
		render_locks_json(text, view->graph, indexes, locks->len, TRUE);
		break;
	case FORMAT_CSV:
		render_locks_csv(text, view->graph, indexes, locks->len);
		break;
	case FORMAT_TEXT:
	case FORMAT_DOT:
	case FORMAT_SVG:
		render_locks_text(text, view->graph, indexes, locks->len, &cli->style);
		break;
	}
}

static gboolean are_sessions_there(const Snapshot *snapshot, const GPtrArray *refs, GError **error)
{
	for (guint i = 0; refs && i < refs->len; i++) {
		const SessionRef *ref = g_ptr_array_index(refs, i);
		if (snapshot_find(snapshot, ref) == NO_SESSION) {
			error_set(error, PGUNLOCK_ERROR_NOT_FOUND, "there is no session %s", ref->text);
			return FALSE;
		}
	}
	return TRUE;
}

static int run_locks(Cli *cli, GError **error)
{
	const Options *options = cli_options(cli);
	const LookOptions what = {.names = TRUE,
	                          .row_keys = TRUE,
	                          .other_names = options->all_databases,
	                          .all_other_names = options->all_databases,
	                          .all_names = TRUE};
	if (options->waiting && options->granted) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "--waiting and --granted contradict each other");
		error_set_hint(error, "without either both are listed");
		return PGUNLOCK_ERROR_USAGE;
	}
	g_autoptr(PgConnection) connection = cli_connect(cli, options->table, error);
	if (!connection)
		return 1;
	g_autoptr(TableSet) tables = NULL;
	if (options->table && !(tables = cli_find_tables(cli, connection, options->table, error)))
		return 1;
	g_autoptr(View) view = view_look(cli, connection, &what, error);
	if (!view || !are_sessions_there(view->snapshot, options->session_filter, error))
		return 1;

	LocksFilter filter = {
	    .tables = tables,
	    .advisory = options->advisory.is_given ? &options->advisory : NULL,
	    .modes = options->modes,
	    .sessions = options->session_filter,
	    .only_waiting = options->waiting,
	    .only_granted = options->granted,
	    .all_databases = options->all_databases,
	};
	g_autoptr(GArray) locks = locks_select(view->graph, &filter, (LocksSort) options->sort);
	g_autoptr(GString) text = g_string_new(NULL);
	render_locks(cli, view, locks, text);
	view_print(cli, view, text);
	return 0;
}

const Command command_locks = {
    .name = "locks",
    .bit = FOR_LOCKS,
    .synopsis = "",
    .summary = "who locks what, in which mode, or waits for it",
    .description =
        "The locks of the connected database's sessions, a line each, those that are waited for\n"
        "first. The options narrow one another.",
    .formats = "text|json|csv",
    .run = run_locks,
};
