#include "base/error.h"
#include "base/name_matcher.h"
#include "base/timestamp.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/program.h"
#include "history/reader.h"
#include "render/history.h"

static gboolean is_table(const char *database, const char *schema, const char *name,
                         gpointer user_data)
{
	return name_matcher_matches(user_data, database, schema, name) == ANSWER_YES;
}

static void print(Cli *cli, GString *text)
{
	if (cli_options(cli)->format == FORMAT_JSON)
		g_string_append_c(text, '\n');
	output_write(cli->output, text);
}

static void render_list(const Cli *cli, const GPtrArray *records, const HistoryView *view,
                        GString *text)
{
	switch ((Format) cli_options(cli)->format) {
	case FORMAT_JSON:
		render_history_json(text, records, view, TRUE);
		break;
	case FORMAT_CSV:
		render_history_csv(text, records);
		break;
	case FORMAT_TEXT:
	case FORMAT_DOT:
	case FORMAT_SVG:
		render_history_text(text, records, view, &cli->style);
		break;
	}
}

static int list(Cli *cli, HistoryReader *reader, HistoryView *view, GError **error)
{
	const Options *options = cli_options(cli);
	g_autoptr(NameMatcher) table = NULL;
	if (options->table && !(table = name_matcher_new(options->table->original, error)))
		return PGUNLOCK_ERROR_USAGE;
	const HistoryFilter filter = {
	    .since = options->since,
	    .until = options->until,
	    .server_glob = options->server,
	    .user_glob = options->user,
	    .application_glob = options->application,
	    .is_table = table ? is_table : NULL,
	    .is_table_data = table,
	    .limit = options->limit,
	};
	g_autoptr(GPtrArray) records = history_list(reader, &filter, &view->has_more, error);
	if (!records)
		return PGUNLOCK_ERROR_FAILED;
	gboolean has_more_acts;
	g_autoptr(GPtrArray) acts = history_list_acts(reader, &filter, &has_more_acts, error);
	if (!acts)
		return PGUNLOCK_ERROR_FAILED;
	view->acts = acts;
	view->has_more = view->has_more || has_more_acts;
	g_autoptr(GString) text = g_string_new(NULL);
	render_list(cli, records, view, text);
	view->acts = NULL;
	print(cli, text);
	return 0;
}

static int show(Cli *cli, HistoryReader *reader, const HistoryView *view, GError **error)
{
	g_autoptr(IncidentRecord) record = history_get(reader, cli_options(cli)->incident, error);
	if (!record)
		return PGUNLOCK_ERROR_NOT_FOUND;
	g_autoptr(GString) text = g_string_new(NULL);
	if (cli_options(cli)->format == FORMAT_JSON)
		render_incident_json(text, record, view, TRUE);
	else
		render_incident_text(text, record, view, &cli->style);
	print(cli, text);
	return 0;
}

/* What narrows a list down means nothing for one incident. */
static gboolean check_show(const Options *options, GError **error)
{
	static const char *const of_lists[] = {"table", "user",  "application", "server",
	                                       "since", "until", "limit"};
	for (guint i = 0; i < G_N_ELEMENTS(of_lists); i++) {
		if (option_is_typed(options, of_lists[i])) {
			g_autofree char *file = history_option_text(options->history);
			error_set(error, PGUNLOCK_ERROR_USAGE, "option --%s is not for history show",
			          of_lists[i]);
			error_set_hint(error, "it is for the list: pgunlock history%s --%s", file, of_lists[i]);
			return FALSE;
		}
	}
	if (options->format == FORMAT_CSV) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "history show has no format csv");
		error_set_hint(error, "--format text|json");
		return FALSE;
	}
	return TRUE;
}

static int run_history(Cli *cli, GError **error)
{
	const Options *options = cli_options(cli);
	const char *path = options->history ? options->history : HISTORY_DEFAULT_PATH;
	if (options->incident && !check_show(options, error))
		return PGUNLOCK_ERROR_USAGE;
	if (options->since != TIMESTAMP_NONE && options->until != TIMESTAMP_NONE &&
	    options->since > options->until) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "--since is later than --until");
		error_set_hint(error, "a time of day means the last time that the clock showed it; a date "
		                      "may stand before it");
		return PGUNLOCK_ERROR_USAGE;
	}
	g_autoptr(HistoryReader) reader = history_reader_open(path, error);
	if (!reader)
		return PGUNLOCK_ERROR_FAILED;
	g_autoptr(GTimeZone) zone = g_time_zone_new_local();
	HistoryView view = {
	    .path = path,
	    .since = options->since,
	    .until = options->until,
	    .zone = zone,
	    .now = g_get_real_time(),
	};
	return options->incident ? show(cli, reader, &view, error) : list(cli, reader, &view, error);
}

int main(int argc, char **argv)
{
	return program_main(argc, argv, &command_history, run_history);
}
