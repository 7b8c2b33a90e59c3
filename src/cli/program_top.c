#include "base/duration.h"
#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/connection_args.h"
#include "cli/program.h"
#include "cli/terminal.h"
#include "policy/policy.h"
#include "tui/top.h"

#include <unistd.h>

#define DEFAULT_INTERVAL_US (2 * DURATION_SECOND)
#define LEAST_INTERVAL_US (100 * DURATION_MS)

static gboolean check_usage(const Options *options, GError **error)
{
	if (options->interval_us >= 0 && options->interval_us < LEAST_INTERVAL_US) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "--interval is too short");
		error_set_hint(error, "looking costs the server something: 100ms is the least");
		return FALSE;
	}
	if (options->budget < 1 || options->budget > 100) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "--budget is a percentage from 1 to 100");
		error_set_hint(error, "--budget 100 looks each time, whatever that costs the server");
		return FALSE;
	}
	if (options->config &&
	    (options->host || options->port || options->username || options->dbname)) {
		error_set(error, PGUNLOCK_ERROR_USAGE,
		          "--config names the servers, and so do the connection options");
		error_set_hint(error, "leave one of them away");
		return FALSE;
	}
	if (options->config && options->password) {
		error_set(error, PGUNLOCK_ERROR_USAGE,
		          "--password is for one server, --config for several");
		error_set_hint(error, "Enter on a server that wants a password asks for it");
		return FALSE;
	}
	if (options->config && options->pooler) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "--pooler is for one server, --config for several");
		error_set_hint(error, "leave one of them away");
		return FALSE;
	}
	if (!terminal_is(STDIN_FILENO) || !terminal_is(STDOUT_FILENO)) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "top needs a terminal");
		error_set_hint(error, "pgunlock tree --watch goes to a file or a program");
		return FALSE;
	}
	return TRUE;
}

static TopOptions top_options(const Cli *cli)
{
	const Options *options = cli_options(cli);

	return (TopOptions){
	    .unicode = cli->style.unicode,
	    .has_color = cli->style.color,
	    .theme = (Theme) options->theme,
	    .read_only = options->read_only,
	    .connection_args = cli->style.connection_args,
	    .interval_us = options->interval_us < 0 ? DEFAULT_INTERVAL_US : options->interval_us,
	    .share_percent = options->budget,
	    .timeout_us = options->timeout_us,
	    .wait_us = options->wait_us,
	    .grace_us = options->grace_us,
	    .row_keys = !options->no_rows,
	    .asks_password = !options->no_password,
	    .include_protected = options->include_protected,
	    .max = options->max,
	    .audit = options->audit,
	    .advisory_labels = cli->advisory_labels,
	};
}

/* The servers of the policy file, and what they are made of. */
typedef struct {
	Policy *policy;
	GArray *servers;      /* of TopServer */
	GPtrArray *arguments; /* of char *: the connection options of each */
} Servers;

static void servers_clear(Servers *servers)
{
	g_clear_pointer(&servers->servers, g_array_unref);
	g_clear_pointer(&servers->arguments, g_ptr_array_unref);
	g_clear_pointer(&servers->policy, policy_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Servers, servers_clear)

static gboolean read_servers(const char *path, Servers *servers, GError **error)
{
	g_autoptr(GError) trouble = NULL;
	g_autofree char *bytes = NULL;
	gsize length;

	if (!g_file_get_contents(path, &bytes, &length, &trouble)) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "--config: %s", trouble->message);
		return FALSE;
	}
	servers->policy = policy_parse(bytes, length, path, error);
	if (!servers->policy)
		return FALSE;
	servers->servers = g_array_new(FALSE, FALSE, sizeof(TopServer));
	servers->arguments = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < policy_n_servers(servers->policy); i++) {
		const PolicyServer *said = policy_server(servers->policy, i);
		const Options named = {.dbname = said->conninfo};
		TopServer server = {.name = said->name, .conninfo = said->conninfo};
		char *arguments = connection_args(&named);

		g_ptr_array_add(servers->arguments, arguments);
		server.connection_args = arguments;
		g_array_append_val(servers->servers, server);
	}
	return TRUE;
}

/* One server by the connection options, or those of the policy file. */
static gboolean begin(Cli *cli, PgConnection **connection, Servers *servers, GError **error)
{
	const char *config = cli_options(cli)->config;

	if (config)
		return read_servers(config, servers, error);
	*connection = cli_connect(cli, NULL, error);
	return *connection != NULL;
}

static int run_top(Cli *cli, GError **error)
{
	gboolean is_over = FALSE;
	g_autoptr(PgPooler) pooler = NULL;
	g_auto(Servers) servers = {0};
	PgConnection *connection = NULL;

	if (!check_usage(cli_options(cli), error) || !cli_use_pooler(cli, &pooler, error))
		return PGUNLOCK_ERROR_USAGE;
	if (!begin(cli, &connection, &servers, error))
		return PGUNLOCK_ERROR_FAILED;
	TopOptions options = top_options(cli);
	options.pooler = pooler;
	if (servers.servers) {
		options.servers = (const TopServer *) (gpointer) servers.servers->data;
		options.n_servers = servers.servers->len;
	}
	g_autoptr(Top) top = top_new(connection, &options, &is_over, error);
	if (!top)
		return PGUNLOCK_ERROR_USAGE;
	/* Ctrl-C is how a watch is meant to end: no word about it. */
	return cli_wait(cli, &is_over, NULL) ? 0 : PGUNLOCK_ERROR_INTERRUPTED;
}

int main(int argc, char **argv)
{
	return program_main(argc, argv, &command_top, run_top);
}
