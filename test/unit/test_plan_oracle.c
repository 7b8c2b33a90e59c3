#include "oracle.h"
#include "plan_words.h"

/* Plans for random situations: whether they keep what they promise, played through in the lock
 * manager that the situations come from. */

#define N_SITUATIONS 300

static const SituationKind tables = {
    .n_processes = 20, .n_tables = 4, .n_steps = 30, .table_modes = LOCK_MODE_SET_ALL};
static const SituationKind ddl = {
    .n_processes = 14, .n_tables = 2, .n_steps = 30, .table_modes = DDL_MODES};
static const SituationKind rows = {.n_processes = 20,
                                   .n_tables = 2,
                                   .n_steps = 40,
                                   .table_modes = DDL_MODES,
                                   .waiters_may_leave = TRUE,
                                   .groups = TRUE,
                                   .rows = TRUE,
                                   .prepared = TRUE};

typedef struct {
	guint n_plans, n_items, n_groups, n_queued, n_dead_ends;
} Tally;

static gboolean contains(const GArray *sessions, guint session)
{
	for (guint i = 0; i < sessions->len; i++)
		if (g_array_index(sessions, guint, i) == session)
			return TRUE;
	return FALSE;
}

static gboolean is_item(const Plan *plan, guint session)
{
	for (guint i = 0; i < plan_n_items(plan); i++)
		if (plan_item(plan, i)->session == session)
			return TRUE;
	return FALSE;
}

static gboolean waits(const Oracle *oracle, guint session)
{
	return wait_graph_wait(oracle->graph, session, NULL) != NULL;
}

/* Those who wait for nobody who could be ended: each other, or a member of their own group. */
static gboolean has_dead_end(const Oracle *oracle)
{
	for (guint session = 0; session < snapshot_n_sessions(oracle->snapshot); session++)
		if (waits(oracle, session) && wait_graph_n_blockers(oracle->graph, session) == 0)
			return TRUE;
	return wait_graph_n_cycles(oracle->graph) > 0;
}

/* The condition that the signal carries, as the server would judge it. */
static gboolean is_blocked_by(const Oracle *oracle, guint waiter, guint blocker)
{
	g_autoptr(GArray) pids =
	    lock_manager_blocking_pids(oracle->manager, oracle->process_of[waiter]);
	gint32 pid = snapshot_session(oracle->snapshot, blocker)->pid;

	for (guint i = 0; i < pids->len; i++)
		if (g_array_index(pids, gint32, i) == pid)
			return TRUE;
	return FALSE;
}

/* Nobody is protected: who is refused would be ended for nothing, since those behind it wait for
 * each other, too. */
static void check_refusals(const Oracle *oracle, const Plan *plan)
{
	for (guint i = 0; i < plan_n_items(plan); i++)
		if (plan_item(plan, i)->refusal != REFUSAL_NONE &&
		    (plan_item(plan, i)->refusal != REFUSAL_COMPANION || !has_dead_end(oracle)))
			oracle_fail(oracle, "item %u is refused: %s", i,
			            words_refusal(plan_item(plan, i)->refusal));
}

static void check_conditions(const Oracle *oracle, const Plan *plan)
{
	for (guint i = 0; i < plan_n_items(plan); i++) {
		const PlanItem *item = plan_item(plan, i);

		if (item->waiter == NO_SESSION)
			oracle_fail(oracle, "nobody is the reason of item %u", i);
		else if (!is_blocked_by(oracle, item->waiter, item->session))
			oracle_fail(oracle, "item %u doesn't block who is its reason", i);
		if (waits(oracle, item->session) != (item->reason == REASON_QUEUED_REQUEST))
			oracle_fail(oracle, "item %u: a waiter, or none that is queued", i);
		if (item->locks->len == 0)
			oracle_fail(oracle, "item %u has nothing to let go of", i);
	}
}

/* Against the same look nothing has changed. */
static void check_update(const Oracle *oracle, const Plan *plan)
{
	g_autoptr(GArray) updates = plan_update(plan, oracle->graph);

	for (guint i = 0; i < plan_n_items(plan); i++) {
		const PlanUpdate *update = &g_array_index(updates, PlanUpdate, i);
		guint waiter = plan_item(plan, i)->waiter;

		if (update->change != PLAN_SAME ||
		    update->waiter_pid != snapshot_session(oracle->snapshot, waiter)->pid)
			oracle_fail(oracle, "item %u isn't what it was", i);
	}
}

/* Without any one of them somebody that is meant stays. */
static void check_none_is_too_much(const Oracle *oracle, const Plan *plan, guint only)
{
	for (guint left_out = 0; left_out < plan_n_items(plan); left_out++) {
		g_autoptr(GArray) others = g_array_new(FALSE, FALSE, sizeof(guint));
		g_autoptr(GArray) freed = NULL;
		gboolean is_needed = plan_item(plan, left_out)->refusal != REFUSAL_NONE;

		for (guint i = 0; i < plan_n_items(plan); i++)
			if (i != left_out && plan_item(plan, i)->refusal == REFUSAL_NONE)
				g_array_append_val(others, plan_item(plan, i)->session);
		freed = wait_graph_freed_by(oracle->graph, (const guint *) (gpointer) others->data,
		                            others->len);
		for (guint i = 0; i < plan->freed->len; i++) {
			guint waiter = g_array_index(plan->freed, guint, i);

			is_needed |= !contains(freed, waiter) && (only == NO_SESSION || only == waiter);
		}
		if (!is_needed)
			oracle_fail(oracle, "item %u is ended for nothing", left_out);
	}
}

/* Ends the sessions, then whoever waits no more of those who did, and so on: how many. */
static guint play(const Oracle *oracle, const guint *sessions, guint n, GArray *moved)
{
	g_autoptr(LockManager) manager = lock_manager_copy(oracle->manager);
	gboolean goes_on = TRUE;

	for (guint i = 0; i < n; i++)
		lock_manager_end(manager, oracle->process_of[sessions[i]]);
	g_array_set_size(moved, 0);
	while (goes_on) {
		goes_on = FALSE;
		for (guint process = 0; process < lock_manager_n_processes(manager); process++) {
			guint session = oracle->session_of[process];
			gboolean was_ended = contains(moved, session);

			for (guint i = 0; i < n; i++)
				was_ended |= sessions[i] == session;
			if (was_ended || !waits(oracle, session) || lock_manager_waits(manager, process))
				continue;
			lock_manager_end(manager, process);
			g_array_append_val(moved, session);
			goes_on = TRUE;
		}
	}
	return moved->len;
}

/* What is promised to come free comes free. */
static void check_promises(const Oracle *oracle, const Plan *plan)
{
	g_autoptr(GArray) sessions = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autoptr(GArray) moved = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i < plan_n_items(plan); i++) {
		const PlanItem *item = plan_item(plan, i);
		guint n = play(oracle, &item->session, 1, moved);

		if (n != item->frees)
			oracle_fail(oracle, "item %u frees %u, not %u", i, n, item->frees);
		if (item->refusal == REFUSAL_NONE)
			g_array_append_val(sessions, item->session);
	}
	for (guint i = 0; i < plan->alternatives->len; i++) {
		const PlanAlternative *way = &g_array_index(plan->alternatives, PlanAlternative, i);

		if (play(oracle, way->sessions, way->n_sessions, moved) != way->frees)
			oracle_fail(oracle, "alternative %u frees %u, not %u", i, moved->len, way->frees);
	}
	if (play(oracle, (const guint *) (gpointer) sessions->data, sessions->len, moved) !=
	    plan->freed->len)
		oracle_fail(oracle, "all together free %u, not %u", moved->len, plan->freed->len);
	for (guint i = 0; i < plan->freed->len; i++)
		if (!contains(moved, g_array_index(plan->freed, guint, i)))
			oracle_fail(oracle, "somebody else comes free");
}

static void check_plan(const Oracle *oracle, const SituationKind *kind, const Plan *plan,
                       guint only, Tally *tally)
{
	guint n_groups = 0;

	check_refusals(oracle, plan);
	check_conditions(oracle, plan);
	check_update(oracle, plan);
	check_none_is_too_much(oracle, plan, only);
	if (!kind->rows)
		check_promises(oracle, plan);
	for (guint i = 0; i < plan_n_items(plan); i++) {
		n_groups = MAX(n_groups, plan_item(plan, i)->group);
		tally->n_queued += plan_item(plan, i)->reason == REASON_QUEUED_REQUEST ? 1 : 0;
	}
	tally->n_groups += n_groups;
	tally->n_items += plan_n_items(plan);
	tally->n_plans++;
}

static Plan *release(const Oracle *oracle, Selection selection)
{
	g_autoptr(GError) error = NULL;
	Plan *plan;

	selection.command = COMMAND_RELEASE;
	selection.rollback_prepared = TRUE;
	plan = plan_new(oracle->graph, &selection, &error);
	if (!plan && selection.prefer != PREFER_QUEUED && !has_dead_end(oracle))
		oracle_fail(oracle, "no plan: %s", error->message);
	return plan;
}

static void check_release_all(const Oracle *oracle, const SituationKind *kind, Prefer prefer,
                              Tally *tally)
{
	g_autoptr(Plan) plan = release(oracle, (Selection){.all = TRUE, .prefer = prefer});

	if (!plan)
		return;
	check_plan(oracle, kind, plan, NO_SESSION, tally);
	if (prefer == PREFER_QUEUED || has_dead_end(oracle))
		return;
	for (guint session = 0; session < snapshot_n_sessions(oracle->snapshot); session++)
		if (waits(oracle, session) && !contains(plan->freed, session) && !is_item(plan, session))
			oracle_fail(oracle, "session %u is left waiting", session);
}

static void check_release_each(const Oracle *oracle, const SituationKind *kind, Tally *tally)
{
	for (guint session = 0; session < snapshot_n_sessions(oracle->snapshot); session++) {
		const Session *it = snapshot_session(oracle->snapshot, session);
		SessionRef waiter = {.pid = it->pid, .backend_start_second = -1};
		g_autoptr(Plan) plan = NULL;

		if (!waits(oracle, session) || it->leader != session)
			continue;
		plan = release(oracle, (Selection){.waiter = &waiter});
		if (!plan)
			continue;
		check_plan(oracle, kind, plan, session, tally);
		if (is_item(plan, session) || (!contains(plan->freed, session) && !has_dead_end(oracle)))
			oracle_fail(oracle, "session %u isn't freed", session);
	}
}

static void check_select(const Oracle *oracle)
{
	const Selection selection = {.command = COMMAND_TERMINATE, .blocking = TRUE};
	g_autoptr(Plan) plan = plan_new(oracle->graph, &selection, NULL);
	guint n = plan ? plan_n_items(plan) : 0;

	if (n != wait_graph_n_roots(oracle->graph))
		oracle_fail(oracle, "%u roots, %u selected", wait_graph_n_roots(oracle->graph), n);
	for (guint i = 0; i < n; i++)
		if (waits(oracle, plan_item(plan, i)->session) ||
		    !is_blocked_by(oracle, plan_item(plan, i)->waiter, plan_item(plan, i)->session))
			oracle_fail(oracle, "item %u blocks nobody, or waits", i);
}

static void check_situations(const SituationKind *kind)
{
	Tally tally = {0};

	for (guint32 seed = 0; seed < N_SITUATIONS && !g_test_failed(); seed++) {
		g_autoptr(Oracle) oracle = oracle_new(seed, kind, WAITSTARTS_SHOWN, ASK_EVERYBODY);

		check_release_all(oracle, kind, PREFER_DEFAULT, &tally);
		check_release_all(oracle, kind, PREFER_HOLDER, &tally);
		check_release_all(oracle, kind, PREFER_QUEUED, &tally);
		check_release_each(oracle, kind, &tally);
		check_select(oracle);
		tally.n_dead_ends += has_dead_end(oracle) ? 1 : 0;
	}
	g_test_message("%u plans, %u items, %u groups, %u queued requests, %u with dead ends",
	               tally.n_plans, tally.n_items, tally.n_groups, tally.n_queued, tally.n_dead_ends);
	/* A test of nothing proves nothing. */
	g_assert_cmpuint(tally.n_items, >, tally.n_plans);
	g_assert_cmpuint(tally.n_groups, >, N_SITUATIONS);
	g_assert_cmpuint(tally.n_queued, >, 20);
}

static void test_tables(void)
{
	check_situations(&tables);
}

static void test_ddl(void)
{
	check_situations(&ddl);
}

static void test_rows(void)
{
	check_situations(&rows);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/plan-oracle/tables", test_tables);
	g_test_add_func("/plan-oracle/ddl", test_ddl);
	g_test_add_func("/plan-oracle/rows", test_rows);
	return g_test_run();
}
