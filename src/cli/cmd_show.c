#include "base/error.h"
#include "base/timestamp.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/view.h"
#include "render/render.h"

static gboolean is_one_named(const Options *options, GError **error)
{
	if (options->sessions->len == 1)
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_USAGE, "%s",
	          options->sessions->len == 0 ? "show which session?" : "show takes one session");
	error_set_hint(error, "a pid, a session id of the server's log, or gid:NAME; \"pgunlock tree\" "
	                      "shows who blocks whom");
	return FALSE;
}

/* One that is named exactly but whose start is hidden from us is shown: nothing is done to it. */
static guint find_session(const Snapshot *snapshot, const SessionRef *ref, GError **error)
{
	guint found = snapshot_find(snapshot, ref);
	guint by_pid = ref->pid != 0 ? snapshot_find_pid(snapshot, ref->pid) : NO_SESSION;

	if (found == NO_SESSION && by_pid != NO_SESSION &&
	    snapshot_session(snapshot, by_pid)->backend_start == TIMESTAMP_NONE)
		found = by_pid;
	if (found == NO_SESSION) {
		error_set(error, PGUNLOCK_ERROR_NOT_FOUND,
		          session_ref_is_prepared(ref) ? "there is no prepared transaction \"%s\""
		                                       : "there is no session %s",
		          ref->gid != NULL ? ref->gid : ref->text);
		error_set_hint(error, "\"pgunlock tree\" shows who blocks whom, \"pgunlock locks\" who "
		                      "holds what");
	}
	return found;
}

static int run_show(Cli *cli, GError **error)
{
	g_autoptr(PgPooler) pooler = NULL;
	const Options *options = cli_options(cli);
	if (!is_one_named(options, error) || !cli_use_pooler(cli, &pooler, error))
		return PGUNLOCK_ERROR_USAGE;
	const SessionRef *ref = g_ptr_array_index(options->sessions, 0);
	const LookOptions what = {.names = TRUE,
	                          .other_names = TRUE,
	                          .row_keys = TRUE,
	                          .named = ref,
	                          .all_names = TRUE,
	                          .privileges = TRUE,
	                          .pooler = pooler};
	g_autoptr(PgConnection) connection = cli_connect(cli, NULL, error);
	g_autoptr(View) view = connection ? view_look(cli, connection, &what, error) : NULL;
	if (!view)
		return 1;
	guint session = find_session(view->snapshot, ref, error);
	if (session == NO_SESSION)
		return PGUNLOCK_ERROR_NOT_FOUND;

	g_autoptr(GString) text = g_string_new(NULL);
	if (options->format == FORMAT_JSON)
		render_show_json(text, view->graph, session, TRUE);
	else
		render_show_text(text, view->graph, session, &cli->style);
	view_print(cli, view, text);
	return 0;
}

const Command command_show = {
    .name = "show",
    .bit = FOR_SHOW,
    .takes = TAKES_SESSIONS,
    .synopsis = "SESSION",
    .summary = "all about one session, and what cancel and terminate would do to it",
    .description =
        "Who it is and where from, its transaction and statement, its locks, whom it blocks and\n"
        "what blocks it, what cancel and terminate would do, and why; what our role may do.",
    .formats = "text|json",
    .run = run_show,
};
