#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/program.h"
#include "guard/config.h"
#include "guard/explain.h"
#include "guard/guard.h"
#include "history/reader.h"
#include "policy/replay.h"
#include "render/policy.h"
#include "render/replayed.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

static void print(Cli *cli, GString *text)
{
	if (cli_options(cli)->format == FORMAT_JSON)
		g_string_append_c(text, '\n');
	output_write(cli->output, text);
}

static int check_config(Cli *cli, const Policy *policy)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GPtrArray) warnings = guard_config_warnings(policy);

	guard_config_check_places(policy, warnings);
	if (cli_options(cli)->format == FORMAT_JSON)
		render_policy_json(text, policy, warnings, TRUE);
	else
		render_policy_text(text, policy, warnings, &cli->style);
	print(cli, text);
	return 0;
}

static int explain(Cli *cli, const Policy *policy, GError **error)
{
	gboolean is_done = FALSE;
	Explain *explained = explain_new(policy, &is_done);
	/* After Ctrl-C what is under way may still come back to it: the process ends anyway. */
	if (!cli_wait(cli, &is_done, error))
		return PGUNLOCK_ERROR_INTERRUPTED;
	g_autoptr(Explain) done = explained;
	g_autoptr(GString) text = g_string_new(NULL);
	const GArray *sessions = explain_sessions(done);
	const GPtrArray *warnings = explain_warnings(done);
	const ExplainedSession *all = (const ExplainedSession *) (gpointer) sessions->data;

	if (explain_failure(done)) {
		g_propagate_error(error, g_error_copy(explain_failure(done)));
		return PGUNLOCK_ERROR_CONNECT;
	}
	if (cli_options(cli)->format == FORMAT_JSON)
		render_explain_json(text, policy, all, sessions->len, warnings, TRUE);
	else
		render_explain_text(text, policy, all, sessions->len, warnings, &cli->style);
	print(cli, text);
	return 0;
}

typedef struct {
	Replay *replay;
	guint n_samples;
} Replaying;

static gboolean on_sample(const char *server, gint64 taken_at, const Blocker *const *blockers,
                          guint n, gpointer user_data)
{
	Replaying *replaying = user_data;

	replaying->n_samples += n > 0;
	replay_sample(replaying->replay, server, taken_at, blockers, n);
	return TRUE;
}

static int replay(Cli *cli, const Policy *policy, GError **error)
{
	const MomentRange *range = &cli_options(cli)->replay;
	const char *path = policy_guard(policy)->history;
	if (!path) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "the policy keeps no history (history = off)");
		return PGUNLOCK_ERROR_USAGE;
	}
	g_autoptr(HistoryReader) reader = history_reader_open(path, error);
	if (!reader)
		return PGUNLOCK_ERROR_FAILED;
	g_autoptr(GTimeZone) zone = g_time_zone_new_local();
	g_autoptr(Replay) replayed = replay_new(policy, zone);
	g_autoptr(GString) text = g_string_new(NULL);
	Replaying replaying = {.replay = replayed};

	if (!history_read_samples(reader, range->from, range->to, on_sample, &replaying, error))
		return PGUNLOCK_ERROR_FAILED;
	const ReplayedRun run = {
	    .policy = policy,
	    .result = replay_result(replayed),
	    .since = range->from,
	    .until = range->to,
	    .n_samples = replaying.n_samples,
	    .zone = zone,
	};
	if (cli_options(cli)->format == FORMAT_JSON)
		render_replay_json(text, &run, TRUE);
	else
		render_replay_text(text, &run, &cli->style);
	print(cli, text);
	return 0;
}

static gboolean check_usage(const Options *options, GError **error)
{
	int n_ways = (options->check_config != 0) + (options->explain != 0) + (options->replay.to != 0);
	if (n_ways <= 1)
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_USAGE,
	          "--check-config, --explain and --replay don't go together");
	error_set_hint(error, "each reads the policy file first, and says what is wrong with it");
	return FALSE;
}

/* NULL: none is named, and there is none where it is by default. */
static const char *find_config(const Options *options, GError **error)
{
	if (options->config)
		return options->config;
	if (g_access(GUARD_DEFAULT_CONFIG, F_OK) == 0 || errno != ENOENT)
		return GUARD_DEFAULT_CONFIG;
	error_set(error, PGUNLOCK_ERROR_USAGE, "there is no policy file %s", GUARD_DEFAULT_CONFIG);
	error_set_hint(error, "--config FILE names another; pgunlock.conf(5) describes it");
	return NULL;
}

static int run_guard(Cli *cli, GError **error)
{
	const Options *options = cli_options(cli);

	if (!check_usage(options, error))
		return PGUNLOCK_ERROR_USAGE;
	const char *config = find_config(options, error);
	if (!config)
		return PGUNLOCK_ERROR_USAGE;
	if (!options->check_config && !options->explain && !options->replay.to)
		return guard_run(config, options->verbose, error) ? 0 : PGUNLOCK_ERROR_FAILED;
	g_autoptr(Policy) policy = guard_config_read(config, error);
	if (!policy)
		return PGUNLOCK_ERROR_USAGE;
	if (options->check_config)
		return check_config(cli, policy);
	return options->explain ? explain(cli, policy, error) : replay(cli, policy, error);
}

int main(int argc, char **argv)
{
	return program_main(argc, argv, &command_guard, run_guard);
}
