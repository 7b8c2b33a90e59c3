#include "cli/act_flow.h"

#include "action/execute.h"
#include "base/error.h"
#include "cli/act_request.h"
#include "cli/act_round.h"
#include "cli/connect.h"
#include "cli/prompt.h"
#include "cli/row_view.h"
#include "cli/terminal.h"
#include "render/render.h"

#include <unistd.h>

static const LookOptions what_to_see = {
    .names = TRUE, .other_names = TRUE, .row_keys = TRUE, .privileges = TRUE, .keep_warm = TRUE};

/* A selection of more is no longer about rows. */
#define MOST_ROWS 100

typedef struct {
	Cli *cli;
	PgConnection *connection;
	TableSet *tables;
	Selection selection;
	GPtrArray *rows;       /* of RowSet: of each round, whose plan borrows them */
	GPtrArray *successors; /* of SessionRef: what a later round is about, or NULL */
	GPtrArray *rounds;     /* of ActRound */
} ActFlow;

static void act_flow_clear(ActFlow *flow)
{
	g_clear_pointer(&flow->rounds, g_ptr_array_unref);
	g_clear_pointer(&flow->rows, g_ptr_array_unref);
	g_clear_pointer(&flow->successors, g_ptr_array_unref);
	g_clear_pointer(&flow->tables, table_set_free);
	g_clear_pointer(&flow->connection, pg_connection_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ActFlow, act_flow_clear)

static ActRound *last_round(const ActFlow *flow)
{
	return g_ptr_array_index(flow->rounds, flow->rounds->len - 1);
}

static ActRound *first_round(const ActFlow *flow)
{
	return g_ptr_array_index(flow->rounds, 0);
}

/* What came of a round. */
typedef enum { ROUND_OVER, ROUND_CARRIED_OUT, ROUND_FAILED } RoundEnd;

/* The rows, where the selection has any, and the look. All that acts goes through the connection
 * that the look has gone through. */
static View *see(ActFlow *flow, GError **error)
{
	g_auto(RowView) seen = {0};
	if (!cli_options(flow->cli)->row)
		return view_look(flow->cli, flow->connection, &what_to_see, error);
	if (!row_view_see(flow->cli, &flow->connection, MOST_ROWS, &what_to_see, &seen, error) ||
	    !act_request_check_rows(seen.rows, error))
		return NULL;
	view_heed_rows(seen.view, seen.rows);
	flow->selection.rows = seen.rows;
	g_ptr_array_add(flow->rows, g_steal_pointer(&seen.rows));
	return g_steal_pointer(&seen.view);
}

static PgConnection *connect_flow(Cli *cli, GError **error)
{
	const Options *options = cli_options(cli);
	if (options->row && options->row->database)
		return cli_connect_to(cli, options->row->database, error);
	return cli_connect(cli, options->table, error);
}

static gboolean open_flow(ActFlow *flow, Cli *cli, PlanCommand command, GError **error)
{
	const Options *options = cli_options(cli);
	*flow = (ActFlow){.cli = cli};
	flow->rounds = g_ptr_array_new_with_free_func((GDestroyNotify) act_round_free);
	flow->rows = g_ptr_array_new_with_free_func((GDestroyNotify) row_set_free);
	if (!act_request_check(command, options, error))
		return FALSE;
	flow->connection = connect_flow(cli, error);
	if (!flow->connection)
		return FALSE;
	if (options->table) {
		flow->tables = cli_find_tables(cli, flow->connection, options->table, error);
		if (!flow->tables || !act_request_check_tables(options->table, flow->tables, error))
			return FALSE;
	}
	flow->selection = act_request_selection(command, options, flow->tables);
	return TRUE;
}

static gboolean plan_round(ActFlow *flow, GError **error)
{
	/* Rows are read in each round: whoever came to one in the round before may have changed it, and
	 * then it is in another place. */
	g_autoptr(View) view = see(flow, error);
	if (!view)
		return FALSE;
	ActRound *round = act_round_new(g_steal_pointer(&view), &flow->selection, error);
	if (!round)
		return FALSE;
	g_ptr_array_add(flow->rounds, round);
	return TRUE;
}

/* With --quiet and --yes nobody wants to read it; a question is never asked without it. */
static void print_plan(const ActFlow *flow)
{
	Cli *cli = flow->cli;
	const Options *options = cli_options(cli);
	const ActRound *round = last_round(flow);
	g_autoptr(GString) text = g_string_new(NULL);

	if (options->sql) {
		g_autofree char *sql = plan_to_sql(round->plan);
		g_string_append(text, sql);
	} else if (!options->quiet || !options->yes || options->dry_run) {
		render_plan_text(text, round->plan, &cli->style);
		if (!options->quiet)
			render_warnings_text(text, round->view->snapshot, &cli->style);
	}
	cli_print_text(cli, text);
}

static gboolean ask(const ActFlow *flow, gboolean *is_yes, GError **error)
{
	Cli *cli = flow->cli;
	g_autoptr(GString) question = g_string_new(NULL);
	if (cli_options(cli)->format != FORMAT_TEXT || !prompt_can_ask()) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "%s, so nobody can say yes to the plan",
		          cli_options(cli)->format == FORMAT_TEXT ? "standard input is no terminal"
		                                                  : "--format json doesn't ask");
		error_set_hint(error, "--yes acts without asking, --dry-run only shows the plan");
		return FALSE;
	}
	/* The output goes to a file or a program: the question then goes to standard error, and nobody
	 * is asked about what he hasn't seen. */
	if (!terminal_is(STDOUT_FILENO))
		render_plan_text(question, last_round(flow)->plan, &cli->style);
	render_plan_question(question, last_round(flow)->plan);
	if (!prompt_yes(cli, question->str, is_yes, error))
		return FALSE;
	if (!*is_yes) {
		g_string_assign(question, "Nothing was done.\n");
		cli_print_text(cli, question);
	}
	return TRUE;
}

/* While the person thought, the world went on. Nothing is looked at that isn't needed. */
static GArray *look_again(const ActFlow *flow, GError **error)
{
	const LookOptions what = {.rows = flow->selection.rows};
	g_autoptr(View) now = view_look(flow->cli, flow->connection, &what, error);
	return now ? plan_update(last_round(flow)->plan, now->graph) : NULL;
}

/* What its end leaves to say, in text. */
static void print_outcome(const ActFlow *flow, const GError *failure)
{
	Cli *cli = flow->cli;
	const ActRound *round = last_round(flow);
	g_autoptr(GString) text = g_string_new(NULL);
	const View *after = round->after ? round->after : round->view;
	if (g_error_matches(failure, PGUNLOCK_ERROR, PGUNLOCK_ERROR_INTERRUPTED))
		render_interrupted_text(text, round->plan, round->outcome, &cli->style);
	else if (failure)
		render_broken_off_text(text, round->plan, round->outcome, &cli->style);
	else
		render_outcome_text(text, round->plan, round->outcome, after->graph, &cli->style);
	cli_print_text(cli, text);
}

static RoundEnd carry_out(const ActFlow *flow, int *code, GError **error)
{
	ActRound *round = last_round(flow);
	g_autoptr(GArray) updates = NULL;
	GError *failure = NULL;

	if (!cli_options(flow->cli)->yes) {
		gboolean is_yes = FALSE;
		if (!ask(flow, &is_yes, error))
			return ROUND_FAILED;
		if (!is_yes) {
			*code = PGUNLOCK_ERROR_REFUSED;
			return ROUND_OVER;
		}
		updates = look_again(flow, error);
		if (!updates)
			return ROUND_FAILED;
	}
	act_round_execute(flow->cli, round, flow->connection, updates, &failure);
	print_outcome(flow, failure);
	if (failure) {
		g_propagate_error(error, failure);
		return ROUND_FAILED;
	}
	*code = outcome_exit_code(round->outcome);
	return ROUND_CARRIED_OUT;
}

static RoundEnd run_round(ActFlow *flow, int *code, GError **error)
{
	const Options *options = cli_options(flow->cli);
	if (!plan_round(flow, error))
		return ROUND_FAILED;

	ActRound *round = last_round(flow);
	gboolean only_shown = options->dry_run || options->sql;
	print_plan(flow);
	*code = 0;
	if (plan_n_acts(round->plan) == 0) {
		if (plan_n_items(round->plan) > 0)
			*code = PGUNLOCK_ERROR_REFUSED;
		if (!only_shown)
			round->outcome = outcome_new(round->plan);
		return ROUND_OVER;
	}
	return only_shown ? ROUND_OVER : carry_out(flow, code, error);
}

/* The same selection again; of sessions named one by one those who came to stand in their place. */
static void select_successors(ActFlow *flow)
{
	const Outcome *outcome = last_round(flow)->outcome;
	if (cli_options(flow->cli)->sessions->len == 0)
		return;
	GPtrArray *successors = g_ptr_array_new_with_free_func((GDestroyNotify) session_ref_free);
	for (guint i = 0; i < outcome_n_successors(outcome); i++) {
		SessionRef *ref = session_ref_parse(outcome_successor(outcome, i), NULL);
		if (ref)
			g_ptr_array_add(successors, ref);
	}
	g_clear_pointer(&flow->successors, g_ptr_array_unref);
	flow->successors = successors;
	flow->selection.sessions = successors;
}

/* Of two exit codes the one that counts for the whole. */
static int worse_code(int a, int b)
{
	static const int by_weight[] = {PGUNLOCK_ERROR_FAILED, PGUNLOCK_ERROR_NOT_FREED,
	                                PGUNLOCK_ERROR_REFUSED, PGUNLOCK_ERROR_NOT_FOUND};
	for (guint i = 0; i < G_N_ELEMENTS(by_weight); i++)
		if (a == by_weight[i] || b == by_weight[i])
			return by_weight[i];
	return 0;
}

/* FALSE with an error. */
static gboolean run_rounds(ActFlow *flow, int *code, GError **error)
{
	guint n_rounds = cli_options(flow->cli)->rounds;
	int before = 0;
	for (guint n = 1;; n++) {
		GError *failure = NULL;
		int now = 0;
		RoundEnd end = run_round(flow, &now, &failure);
		if (n > 1 && g_error_matches(failure, PGUNLOCK_ERROR, PGUNLOCK_ERROR_NOT_FOUND)) {
			/* The successor ended by itself. */
			g_clear_error(&failure);
			end = ROUND_OVER;
		}
		if (end == ROUND_FAILED) {
			g_propagate_error(error, failure);
			return FALSE;
		}
		gboolean goes_on = end == ROUND_CARRIED_OUT && n < n_rounds &&
		                   outcome_n_successors(last_round(flow)->outcome) > 0;
		if (!goes_on) {
			*code = worse_code(before, now);
			return TRUE;
		}
		/* Not freed, but a later round is about just that. */
		if (now != PGUNLOCK_ERROR_NOT_FREED)
			before = worse_code(before, now);
		select_successors(flow);
	}
}

static void print_json(const ActFlow *flow, int code)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree RenderRound *rounds = g_new0(RenderRound, flow->rounds->len);
	for (guint i = 0; i < flow->rounds->len; i++) {
		const ActRound *round = g_ptr_array_index(flow->rounds, i);
		rounds[i] = (RenderRound){round->plan, round->outcome};
	}
	render_rounds_json(text, rounds, flow->rounds->len, code, TRUE);
	g_string_append_c(text, '\n');
	output_write(flow->cli->output, text);
}

int act_flow_run(Cli *cli, PlanCommand command, GError **error)
{
	g_auto(ActFlow) flow = {0};
	int code = 0;
	GError *failure = NULL;
	if (!open_flow(&flow, cli, command, error))
		return PGUNLOCK_ERROR_FAILED;

	if (!run_rounds(&flow, &code, &failure))
		code = error_exit_code(failure);
	/* An error after signals went out doesn't hide what they did. */
	gboolean was_carried_out = flow.rounds->len > 0 && first_round(&flow)->outcome;
	gboolean has_facts = !failure || was_carried_out;
	if (g_error_matches(failure, PGUNLOCK_ERROR, PGUNLOCK_ERROR_INTERRUPTED)) {
		if (!was_carried_out)
			g_prefix_error(&failure, "nothing was signalled: ");
		else if (last_round(&flow)->outcome)
			g_clear_error(&failure); /* told as an outcome */
	}
	if (cli_options(cli)->format == FORMAT_JSON && has_facts)
		print_json(&flow, code);
	if (failure)
		g_propagate_error(error, failure);
	return code;
}
