#include "documents.h"

#include "rows.h"
#include "stage.h"

#include "base/duration.h"
#include "base/error.h"
#include "render/rows.h"

static Plan *make_plan(const WaitGraph *graph, PlanCommand command)
{
	const Selection selection = {
	    .command = command,
	    .all = command == COMMAND_RELEASE,
	    .blocking = command != COMMAND_RELEASE,
	};

	return plan_new(graph, &selection, NULL);
}

Scene scene_of(Snapshot *snapshot)
{
	Scene scene = {.snapshot = snapshot};
	Stage stage;

	scene.graph = wait_graph_new(snapshot);
	scene.release = make_plan(scene.graph, COMMAND_RELEASE);
	scene.cancel = make_plan(scene.graph, COMMAND_CANCEL);
	scene.terminate = make_plan(scene.graph, COMMAND_TERMINATE);
	stage_begin(&stage);
	scene.quiet = stage_end(&stage);
	scene.quiet_graph = wait_graph_new(scene.quiet);
	return scene;
}

void scene_clear(Scene *scene)
{
	g_clear_pointer(&scene->release, plan_free);
	g_clear_pointer(&scene->cancel, plan_free);
	g_clear_pointer(&scene->terminate, plan_free);
	g_clear_pointer(&scene->graph, wait_graph_free);
	g_clear_pointer(&scene->snapshot, snapshot_free);
	g_clear_pointer(&scene->quiet_graph, wait_graph_free);
	g_clear_pointer(&scene->quiet, snapshot_free);
}

gboolean scene_has(const Scene *scene, Needs needs)
{
	switch (needs) {
	case NEEDS_LOOK:
		break;
	case NEEDS_RELEASE:
		return scene->release != NULL;
	case NEEDS_CANCEL:
		return scene->cancel != NULL;
	case NEEDS_TERMINATE:
		return scene->terminate != NULL;
	case NEEDS_SESSION:
		return snapshot_n_sessions(scene->snapshot) > 0;
	case NEEDS_ROW:
		return rows_has_any(scene->snapshot);
	}
	return TRUE;
}

#define CONNECTION " -h db1"

const TextStyle text_styles[] = {
    {"96 columns", {.width = 96, .unicode = TRUE, .connection_args = CONNECTION}},
    {"40 columns", {.width = 40, .unicode = TRUE, .connection_args = CONNECTION}},
    {"200 columns", {.width = 200, .unicode = TRUE, .connection_args = CONNECTION}},
    {"96 columns, in full",
     {.width = 96, .unicode = TRUE, .full = TRUE, .connection_args = CONNECTION}},
    {"80 columns, ASCII", {.width = 80, .connection_args = CONNECTION}},
    {"80 columns, colour",
     {.width = 80, .color = TRUE, .unicode = TRUE, .connection_args = CONNECTION}},
};
const guint n_text_styles = G_N_ELEMENTS(text_styles);

static void text_status(GString *out, const Scene *scene, const RenderStyle *style)
{
	render_status_text(out, scene->graph, style);
	render_warnings_text(out, scene->snapshot, style);
}

static void text_tree(GString *out, const Scene *scene, const RenderStyle *style)
{
	render_tree_text(out, scene->graph, style);
}

static guint *all_locks(const Scene *scene, guint *n)
{
	guint *locks;

	*n = snapshot_n_locks(scene->snapshot);
	locks = g_new(guint, *n + 1);
	for (guint i = 0; i < *n; i++)
		locks[i] = i;
	return locks;
}

static void text_locks(GString *out, const Scene *scene, const RenderStyle *style)
{
	guint n;
	g_autofree guint *locks = all_locks(scene, &n);

	render_locks_text(out, scene->graph, locks, n, style);
}

/* The worst root, else anybody; and the one that has waited longest. */
static guint somebody(const Scene *scene)
{
	return wait_graph_n_roots(scene->graph) > 0 ? wait_graph_root(scene->graph, 0) : 0;
}

static void text_show(GString *out, const Scene *scene, const RenderStyle *style)
{
	guint n;
	const guint *participants = wait_graph_participants(scene->graph, &n);
	guint n_roots = wait_graph_n_roots(scene->graph);

	render_show_text(out, scene->graph, somebody(scene), style);
	if (n_roots < n) {
		g_string_append(out, "--\n");
		render_show_text(out, scene->graph, participants[n_roots], style);
	}
}

static void text_release(GString *out, const Scene *scene, const RenderStyle *style)
{
	render_plan_text(out, scene->release, style);
}

static void text_cancel(GString *out, const Scene *scene, const RenderStyle *style)
{
	render_plan_text(out, scene->cancel, style);
}

static void text_terminate(GString *out, const Scene *scene, const RenderStyle *style)
{
	render_plan_text(out, scene->terminate, style);
}

/* Signals all that may be signalled. */
static Outcome *signal_all(const Plan *plan)
{
	Outcome *outcome = outcome_new(plan);

	for (guint i = 0; i < plan_n_items(plan); i++) {
		if (plan_item(plan, i)->refusal == REFUSAL_NONE)
			outcome_signalled(outcome, i, plan_item(plan, i)->act, (gint64) i * DURATION_MS);
	}
	return outcome;
}

static void append_progress(GString *out, const Scene *scene, const Outcome *outcome,
                            const RenderStyle *style)
{
	for (guint i = 0; i < outcome_n_items(outcome); i++)
		render_item_progress(out, scene->release, outcome, i, style);
}

/* How a release may go: everybody moves on; nobody does; stopped in between; the server says no. */
static void text_outcome(GString *out, const Scene *scene, const RenderStyle *style)
{
	g_autoptr(Outcome) freed = signal_all(scene->release);
	g_autoptr(Outcome) stuck = signal_all(scene->release);
	g_autoptr(Outcome) stopped = outcome_new(scene->release);
	g_autoptr(Outcome) broken = signal_all(scene->release);
	g_autoptr(Outcome) denied = outcome_new(scene->release);

	if (plan_n_items(scene->release) == 0)
		return;
	append_progress(out, scene, freed, style);
	outcome_observe(freed, scene->quiet_graph, 8 * DURATION_MS);
	outcome_observe(freed, scene->quiet_graph, 61 * DURATION_MS);
	outcome_close(freed, 62 * DURATION_MS);
	append_progress(out, scene, freed, style);
	render_outcome_text(out, scene->release, freed, scene->quiet_graph, style);
	g_string_append(out, "--\n");
	outcome_observe(stuck, scene->graph, 8 * DURATION_MS);
	outcome_close(stuck, 15 * DURATION_SECOND);
	append_progress(out, scene, stuck, style);
	render_outcome_text(out, scene->release, stuck, scene->graph, style);
	g_string_append(out, "--\n");
	if (plan_item(scene->release, 0)->refusal == REFUSAL_NONE)
		outcome_signalled(stopped, 0, plan_item(scene->release, 0)->act, 0);
	render_interrupted_text(out, scene->release, stopped, style);
	g_string_append(out, "--\n");
	outcome_observe(broken, scene->graph, 8 * DURATION_MS);
	outcome_break_off(broken, 3 * DURATION_SECOND);
	render_broken_off_text(out, scene->release, broken, style);
	g_string_append(out, "--\n");
	outcome_refused(denied, 0, "permission denied to terminate process",
	                "only roles with the SUPERUSER attribute may terminate it", "42501");
	for (guint i = 1; i < outcome_n_items(denied); i++)
		outcome_already_gone(denied, i, i % 2 == 0, DURATION_MS);
	outcome_close(denied, DURATION_MS);
	append_progress(out, scene, denied, style);
	render_outcome_text(out, scene->release, denied, scene->graph, style);
}

static void text_row(GString *out, const Scene *scene, const RenderStyle *style)
{
	g_autoptr(RowSet) rows = rows_of(scene->snapshot);
	g_autoptr(RowSet) none = rows_none();

	render_rows_text(out, rows, scene->graph, "login_sessions WHERE token = '\x1b'", style);
	g_string_append(out, "--\n");
	render_rows_text(out, none, scene->graph, "login_sessions WHERE false", style);
}

const TextDocument text_documents[] = {
    {"status", text_status, NEEDS_LOOK, FALSE, TRUE},
    {"tree", text_tree, NEEDS_LOOK, TRUE, TRUE},
    {"locks", text_locks, NEEDS_LOOK, FALSE, FALSE},
    {"show", text_show, NEEDS_SESSION, FALSE, FALSE},
    {"row", text_row, NEEDS_ROW, FALSE, FALSE},
    {"release", text_release, NEEDS_RELEASE, FALSE, TRUE},
    {"cancel", text_cancel, NEEDS_CANCEL, FALSE, FALSE},
    {"terminate", text_terminate, NEEDS_TERMINATE, FALSE, FALSE},
    {"outcome", text_outcome, NEEDS_RELEASE, FALSE, TRUE},
};
const guint n_text_documents = G_N_ELEMENTS(text_documents);

static void json_status(GString *out, const Scene *scene)
{
	render_status_json(out, scene->graph, TRUE);
	g_string_append_c(out, '\n');
}

static void json_tree(GString *out, const Scene *scene)
{
	render_tree_json(out, scene->graph, EDGES_SHOWN, TRUE);
	g_string_append_c(out, '\n');
}

static void dot_tree(GString *out, const Scene *scene)
{
	render_tree_dot(out, scene->graph);
}

static void json_locks(GString *out, const Scene *scene)
{
	guint n;
	g_autofree guint *locks = all_locks(scene, &n);

	render_locks_json(out, scene->graph, locks, n, TRUE);
	g_string_append_c(out, '\n');
}

static void json_show(GString *out, const Scene *scene)
{
	render_show_json(out, scene->graph, somebody(scene), TRUE);
	g_string_append_c(out, '\n');
}

static void json_row(GString *out, const Scene *scene)
{
	g_autoptr(RowSet) rows = rows_of(scene->snapshot);

	render_rows_json(out, rows, scene->graph, TRUE);
	g_string_append_c(out, '\n');
}

/* However wide it gets. */
static void data_check(GString *out, const Scene *scene)
{
	static const AlarmThresholds thresholds = {
	    {ALARM_NO_THRESHOLD, ALARM_NO_THRESHOLD, 30 * DURATION_SECOND, 5 * DURATION_MINUTE,
	     DURATION_HOUR},
	    {100, ALARM_NO_THRESHOLD, 5 * DURATION_MINUTE, DURATION_HOUR, DURATION_DAY},
	};
	const Alarm alarm = alarm_of(scene->graph, &thresholds);

	render_check(out, scene->graph, &alarm, &thresholds);
}

static void csv_locks(GString *out, const Scene *scene)
{
	guint n;
	g_autofree guint *locks = all_locks(scene, &n);

	render_locks_csv(out, scene->graph, locks, n);
}

static void json_dry_run(GString *out, const Scene *scene)
{
	render_acts_json(out, scene->release, NULL, 0, TRUE);
	g_string_append_c(out, '\n');
}

static void json_release(GString *out, const Scene *scene)
{
	g_autoptr(Outcome) outcome = signal_all(scene->release);

	outcome_observe(outcome, scene->quiet_graph, 8 * DURATION_MS);
	outcome_observe(outcome, scene->quiet_graph, 61 * DURATION_MS);
	outcome_close(outcome, 62 * DURATION_MS);
	render_acts_json(out, scene->release, outcome, outcome_exit_code(outcome), TRUE);
	g_string_append_c(out, '\n');
}

static void json_cancel(GString *out, const Scene *scene)
{
	render_acts_json(out, scene->cancel, NULL, 0, TRUE);
	g_string_append_c(out, '\n');
}

static void json_terminate(GString *out, const Scene *scene)
{
	g_autoptr(Outcome) outcome = signal_all(scene->terminate);

	outcome_close(outcome, DURATION_SECOND);
	render_acts_json(out, scene->terminate, outcome, outcome_exit_code(outcome), TRUE);
	g_string_append_c(out, '\n');
}

static void jsonl_audit(GString *out, const Scene *scene)
{
	g_autoptr(Outcome) outcome = signal_all(scene->release);

	render_audit_line(out, scene->release, NULL, STAGE_NOW, "alice", NULL);
	g_string_append_c(out, '\n');
	outcome_observe(outcome, scene->graph, 8 * DURATION_MS);
	outcome_close(outcome, DURATION_SECOND);
	render_audit_line(out, scene->release, outcome, STAGE_NOW + DURATION_SECOND, "alice",
	                  "leaked-login");
	g_string_append_c(out, '\n');
}

/* The terminal breaks it where it must. */
static void data_question(GString *out, const Scene *scene)
{
	render_plan_question(out, scene->release);
	g_string_append(out, "y\n");
}

const DataDocument data_documents[] = {
    {"status.json", json_status, NEEDS_LOOK},
    {"tree.json", json_tree, NEEDS_LOOK},
    {"tree.dot", dot_tree, NEEDS_LOOK},
    {"locks.json", json_locks, NEEDS_LOOK},
    {"locks.csv", csv_locks, NEEDS_LOOK},
    {"show.json", json_show, NEEDS_SESSION},
    {"row.json", json_row, NEEDS_ROW},
    {"check.txt", data_check, NEEDS_LOOK},
    {"question.txt", data_question, NEEDS_RELEASE},
    {"dry-run.json", json_dry_run, NEEDS_RELEASE},
    {"release.json", json_release, NEEDS_RELEASE},
    {"cancel.json", json_cancel, NEEDS_CANCEL},
    {"terminate.json", json_terminate, NEEDS_TERMINATE},
    {"audit.jsonl", jsonl_audit, NEEDS_RELEASE},
};
const guint n_data_documents = G_N_ELEMENTS(data_documents);
