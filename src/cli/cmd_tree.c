#include "base/duration.h"
#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "cli/view.h"
#include "render/render.h"
#include "tui/picture.h"
#include "watch/watch.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_INTERVAL_US (2 * DURATION_SECOND)
#define LEAST_INTERVAL_US (100 * DURATION_MS)

static void render_tree(const Cli *cli, const View *view, GString *text, gboolean pretty)
{
	const Options *options = cli_options(cli);
	switch ((Format) options->format) {
	case FORMAT_JSON:
		render_tree_json(text, view->graph, options->all_edges ? EDGES_ALL : EDGES_SHOWN, pretty);
		break;
	case FORMAT_DOT:
		render_tree_dot(text, view->graph);
		break;
	case FORMAT_SVG:
		/* It will mostly stand on paper, or on a page. */
		picture_append_tree(text, view->graph, &cli->style, THEME_LIGHT);
		break;
	case FORMAT_TEXT:
	case FORMAT_CSV:
		render_tree_text(text, view->graph, &cli->style);
		break;
	}
}

/* On a terminal each tree stands where the last one stood: home, every line cleared to its end, and
 * what is left of the last one below it. What doesn't fit would scroll the top out of sight. */
static void redraw(Cli *cli, GString *text)
{
	guint height = terminal_height(STDOUT_FILENO);
	g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);
	guint n = g_strv_length(lines);
	if (n > 0 && !*lines[n - 1])
		n--;
	guint shown = height > 1 && n > height - 1 ? height - 2 : n;

	g_string_assign(text, "\033[H");
	for (guint i = 0; i < shown; i++)
		g_string_append_printf(text, "%s\033[K\n", lines[i]);
	if (shown < n)
		g_string_append_printf(text, "(%u more lines)\033[K\n", n - shown);
	g_string_append(text, "\033[J");
	output_write(cli->output, text);
}

typedef struct {
	Cli *cli;
	Watch *watch;
	gboolean in_place;
	gboolean is_over;
	char *hint;     /* the last that was given, or NULL */
	View *previous; /* the last look, or NULL: what is seen twice didn't only pass */
} Watching;

/* standing: NULL for a look that has just been taken. */
static void show(Watching *watching, const WatchStanding *standing)
{
	Cli *cli = watching->cli;
	const View *view = watching->previous;
	g_autoptr(GString) text = g_string_new(NULL);

	cli->style.width = terminal_width(STDOUT_FILENO);
	render_tree(cli, view, text, FALSE);
	if (standing && cli_options(cli)->format == FORMAT_TEXT)
		render_standing_text(text, standing->age_us, standing->look_us, standing->n_more,
		                     standing->n_less, &cli->style);
	if (watching->in_place) {
		if (!cli_options(cli)->quiet)
			render_warnings_text(text, view->snapshot, &cli->style);
		redraw(cli, text);
	} else {
		view_print(cli, view, text);
	}
	watching->is_over = output_is_closed(cli->output);
}

static void on_snapshot(Snapshot *snapshot, gpointer user_data)
{
	Watching *watching = user_data;
	View *view = view_new(watching->cli, snapshot);

	if (watching->previous)
		wait_graph_compare_cycles(view->graph, watching->previous->graph);
	view_free(watching->previous);
	watching->previous = view;
	if (wait_graph_n_cycles(view->graph) > 0 && !wait_graph_has_deadlock(view->graph))
		watch_want_look(watching->watch);
	show(watching, NULL);
}

static void on_stands(const WatchStanding *standing, gpointer user_data)
{
	show(user_data, standing);
}

static void on_trouble(const GError *error, gint64 retry_us, gpointer user_data)
{
	Watching *watching = user_data;
	Cli *cli = watching->cli;
	g_autofree char *retry = duration_to_text(retry_us);

	cli_warn(cli, "%s; next try in %s", error->message, retry);
	/* Trouble often stays the same for a while. */
	if (!cli_options(cli)->quiet && error_hint(error) &&
	    g_strcmp0(error_hint(error), watching->hint) != 0)
		fprintf(stderr, "hint: %s\n", error_hint(error));
	g_free(watching->hint);
	watching->hint = g_strdup(error_hint(error));
	if (cli_options(cli)->format != FORMAT_JSON)
		return;
	g_autoptr(GString) text = g_string_new(NULL);
	render_error_json(text, error, &cli->style, FALSE);
	g_string_append_c(text, '\n');
	output_write(cli->output, text);
	watching->is_over = output_is_closed(cli->output);
}

static int watch_tree(Cli *cli, PgConnection *connection, const LookOptions *what)
{
	const Options *options = cli_options(cli);
	WatchOptions often = {.look = cli_look_options(cli, what)};
	Watching watching = {.cli = cli};

	often.interval_us = options->interval_us < 0 ? DEFAULT_INTERVAL_US : options->interval_us;
	often.share_percent = options->budget;
	watching.in_place = options->format == FORMAT_TEXT && terminal_is(STDOUT_FILENO);
	if (watching.in_place) {
		g_autoptr(GString) clear = g_string_new("\033[2J");
		output_write(cli->output, clear);
	}

	WatchCallbacks callbacks = {on_snapshot, on_stands, on_trouble, &watching};
	g_autoptr(Watch) watch = watch_new(connection, &often, &callbacks);
	watching.watch = watch;
	/* Ctrl-C is how a watch is meant to end: no word about it. */
	gboolean is_closed = cli_wait(cli, &watching.is_over, NULL);
	g_free(watching.hint);
	view_free(watching.previous);
	return is_closed ? 0 : PGUNLOCK_ERROR_INTERRUPTED;
}

static gboolean check_usage(const Options *options, GError **error)
{
	if (!options->watch && options->interval_us >= 0) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "--interval is for --watch");
		error_set_hint(error, "pgunlock tree --watch --interval 2s");
		return FALSE;
	}
	if (options->watch && options->interval_us >= 0 && options->interval_us < LEAST_INTERVAL_US) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "--interval is too short");
		error_set_hint(error, "looking costs the server something: 100ms is the least");
		return FALSE;
	}
	if (!options->watch && option_is_typed(options, "budget")) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "--budget is for --watch");
		error_set_hint(error, "pgunlock tree --watch --budget 10");
		return FALSE;
	}
	if (options->budget < 1 || options->budget > 100) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "--budget is a percentage from 1 to 100");
		error_set_hint(error, "--budget 100 looks each time, whatever that costs the server");
		return FALSE;
	}
	if (options->watch && options->format != FORMAT_TEXT && options->format != FORMAT_JSON) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "--watch has no format %s",
		          format_name((Format) options->format));
		error_set_hint(error, "--format json prints a document a line");
		return FALSE;
	}
	return TRUE;
}

static int run_tree(Cli *cli, GError **error)
{
	const Options *options = cli_options(cli);
	LookOptions what = {
	    .form = LOOK_AT_CONTENDED, /* a watch finds out what is cheaper */
	    .names = TRUE,
	    .row_keys = TRUE,
	    .other_names = !options->watch,
	    .ask_everybody = options->all_edges,
	    .keep_warm = options->watch,
	};
	g_autoptr(PgPooler) pooler = NULL;
	if (!check_usage(options, error) || !cli_use_pooler(cli, &pooler, error))
		return PGUNLOCK_ERROR_USAGE;
	what.pooler = pooler;
	g_autoptr(PgConnection) connection = cli_connect(cli, NULL, error);
	if (!connection)
		return 1;
	if (options->watch)
		return watch_tree(cli, g_steal_pointer(&connection), &what);

	g_autoptr(View) view = view_look(cli, connection, &what, error);
	if (!view)
		return 1;
	g_autoptr(GString) text = g_string_new(NULL);
	render_tree(cli, view, text, TRUE);
	view_print(cli, view, text);
	return 0;
}

const Command command_tree = {
    .name = "tree",
    .bit = FOR_TREE,
    .synopsis = "",
    .summary = "everybody who blocks or waits, as trees",
    .description =
        "The blocking trees, worst root first: who waits behind whom, how long, for what.",
    .formats = "text|json|dot|svg",
    .run = run_tree,
};
