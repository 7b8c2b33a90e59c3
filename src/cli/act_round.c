#include "cli/act_round.h"

#include "action/execute.h"
#include "audit/audit.h"
#include "base/error.h"
#include "render/render.h"

ActRound *act_round_new(View *view, const Selection *selection, GError **error)
{
	ActRound *round = g_new0(ActRound, 1);
	round->view = view;
	round->plan = plan_new(view->graph, selection, error);
	if (!round->plan)
		g_clear_pointer(&round, act_round_free);
	return round;
}

void act_round_free(ActRound *round)
{
	if (!round)
		return;
	g_clear_pointer(&round->outcome, outcome_free);
	g_clear_pointer(&round->plan, plan_free);
	view_free(round->after);
	view_free(round->view);
	g_free(round);
}

/* Freeing matters more than the log: at three in the morning a full disk must not keep the jam. */
static void keep_log(Cli *cli, ActRound *round)
{
	g_autoptr(GError) trouble = NULL;
	if (audit_append(cli_options(cli)->audit, NULL, round->plan, round->outcome, &trouble))
		return;
	if (!round->has_log_trouble)
		cli_warn_error(cli, trouble);
	round->has_log_trouble = TRUE;
}

typedef struct {
	Cli *cli;
	ActRound *round;
	gboolean is_done;
	GError *error;
} Running;

static void on_progress(G_GNUC_UNUSED ExecuteEvent event, const Outcome *outcome, guint item,
                        gpointer user_data)
{
	Running *running = user_data;
	Cli *cli = running->cli;
	if (cli_options(cli)->quiet)
		return;
	g_autoptr(GString) text = g_string_new(NULL);
	render_item_progress(text, running->round->plan, outcome, item, &cli->style);
	cli_print_text(cli, text);
}

static void on_done(Outcome *outcome, Snapshot *last, GError *error, gpointer user_data)
{
	Running *running = user_data;
	running->round->outcome = outcome;
	running->round->after = last ? view_new(running->cli, last) : NULL;
	running->error = error;
	running->is_done = TRUE;
}

gboolean act_round_execute(Cli *cli, ActRound *round, PgConnection *connection,
                           const GArray *updates, GError **error)
{
	const Options *options = cli_options(cli);
	ExecuteOptions how = {
	    .look_timeout_us = options->timeout_us,
	    .wait_us = options->wait_us,
	    .grace_us = options->grace_us,
	    .escalate = round->plan->command == COMMAND_RELEASE,
	};
	Running running = {.cli = cli, .round = round};
	g_autoptr(GError) interrupted = NULL;

	keep_log(cli, round);
	Execution *execution =
	    execute_plan(connection, round->plan, updates, &how, on_progress, on_done, &running);
	if (!cli_wait(cli, &running.is_done, &interrupted)) {
		execution_stop(execution);
		while (!running.is_done)
			g_main_context_iteration(NULL, TRUE);
	}
	keep_log(cli, round);

	if (interrupted) {
		g_clear_error(&running.error);
		g_propagate_error(error, g_steal_pointer(&interrupted));
		return FALSE;
	}
	if (running.error) {
		g_propagate_error(error, running.error);
		return FALSE;
	}
	return TRUE;
}
