#include "oracle.h"

#include <string.h>

/* What the graph says beyond single edges, in random situations: against the plainest way to work
 * it out from the edges, and against what becomes of the lock manager when a session is ended. */

typedef struct {
	Oracle *oracle;
	guint n; /* sessions */
	/* [a * n + b] */
	gboolean *waits_for; /* an edge from a to b */
	gboolean *needs;     /* that, and what those who wait for a row's tuple lock need besides */
	gboolean *behind;    /* a is behind b */
} Plain;

static gsize at(const Plain *plain, guint a, guint b)
{
	return (gsize) a * plain->n + b;
}

/* Whoever has a tuple lock waits for a transaction; and so will those behind it. */
static void add_needs_of_rows(Plain *plain, const WaitEdge *edge)
{
	const LockQueues *queues = wait_graph_queues(plain->oracle->graph);

	if (edge->kind != EDGE_HARD ||
	    lock_queues_get(queues, edge->queue)->tag.type != LOCK_TYPE_TUPLE)
		return;
	for (guint q = 0; q < lock_queues_n(queues); q++) {
		const LockQueue *queue = lock_queues_get(queues, q);

		if (queue->tag.type != LOCK_TYPE_TRANSACTIONID)
			continue;
		for (guint i = 0; i < queue->n_waiters; i++)
			for (guint h = 0; h < queue->n_holders; h++)
				if (queue->waiters[i].leader == edge->blocker &&
				    queue->holders[h].leader != edge->waiter &&
				    (queue->holders[h].held & lock_mode_conflicts(queue->waiters[i].mode)))
					plain->needs[at(plain, edge->waiter, queue->holders[h].leader)] = TRUE;
	}
}

static Plain *plain_new(guint32 seed, const SituationKind *kind, Asked asked)
{
	Plain *plain = g_new0(Plain, 1);
	g_autoptr(GArray) edges = NULL;

	plain->oracle = oracle_new(seed, kind, WAITSTARTS_SHOWN, asked);
	plain->n = snapshot_n_sessions(plain->oracle->snapshot);
	plain->waits_for = g_new0(gboolean, at(plain, plain->n, 0));
	plain->needs = g_new0(gboolean, at(plain, plain->n, 0));
	edges = oracle_edges(plain->oracle, EDGES_ALL);
	for (guint i = 0; i < edges->len; i++) {
		const WaitEdge *edge = &g_array_index(edges, WaitEdge, i);

		plain->waits_for[at(plain, edge->waiter, edge->blocker)] = TRUE;
		plain->needs[at(plain, edge->waiter, edge->blocker)] = TRUE;
		add_needs_of_rows(plain, edge);
	}
	plain->behind = g_memdup2(plain->waits_for, at(plain, plain->n, 0) * sizeof(gboolean));
	for (guint by = 0; by < plain->n; by++)
		for (guint a = 0; a < plain->n; a++)
			for (guint b = 0; b < plain->n; b++)
				if (plain->behind[at(plain, a, by)] && plain->behind[at(plain, by, b)])
					plain->behind[at(plain, a, b)] = TRUE;
	return plain;
}

static void plain_free(Plain *plain)
{
	oracle_free(plain->oracle);
	g_free(plain->waits_for);
	g_free(plain->needs);
	g_free(plain->behind);
	g_free(plain);
}

static gboolean contains(const guint *sessions, guint n, guint session)
{
	for (guint i = 0; i < n; i++)
		if (sessions[i] == session)
			return TRUE;
	return FALSE;
}

static gboolean waits_for_anybody(const Plain *plain, const gboolean *gone, guint session)
{
	for (guint other = 0; other < plain->n; other++)
		if (plain->needs[at(plain, session, other)] && !gone[other])
			return TRUE;
	return FALSE;
}

static gboolean needs_anybody(const Plain *plain, guint session)
{
	for (guint other = 0; other < plain->n; other++)
		if (plain->needs[at(plain, session, other)])
			return TRUE;
	return FALSE;
}

static GArray *plain_freed_by(const Plain *plain, const guint *sessions, guint n)
{
	GArray *freed = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autofree gboolean *gone = g_new0(gboolean, plain->n);
	gboolean any = TRUE;

	for (guint i = 0; i < n; i++)
		gone[sessions[i]] = TRUE;
	while (any) {
		any = FALSE;
		for (guint session = 0; session < plain->n; session++) {
			if (gone[session] || !needs_anybody(plain, session) ||
			    waits_for_anybody(plain, gone, session))
				continue;
			gone[session] = any = TRUE;
		}
	}
	for (guint session = 0; session < plain->n; session++)
		if (gone[session] && !contains(sessions, n, session))
			g_array_append_val(freed, session);
	return freed;
}

static GArray *plain_behind(const Plain *plain, const guint *sessions, guint n)
{
	GArray *behind = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint session = 0; session < plain->n; session++) {
		gboolean is_behind = FALSE;

		for (guint i = 0; i < n; i++)
			is_behind |= plain->behind[at(plain, session, sessions[i])];
		if (is_behind && !contains(sessions, n, session))
			g_array_append_val(behind, session);
	}
	return behind;
}

/* Takes both. */
static void expect_same(const Plain *plain, GArray *got, GArray *expected, const char *what)
{
	if (got->len != expected->len ||
	    (got->len > 0 && memcmp(got->data, expected->data, got->len * sizeof(guint)) != 0))
		oracle_fail(plain->oracle, "%s: %u, not %u", what, got->len, expected->len);
	g_array_unref(got);
	g_array_unref(expected);
}

static void expect(const Plain *plain, gboolean as_expected, const char *what, guint session)
{
	if (!as_expected)
		oracle_fail(plain->oracle, "%s of process %u", what, plain->oracle->process_of[session]);
}

static gboolean is_waiting(const Plain *plain, guint session)
{
	return wait_graph_wait(plain->oracle->graph, session, NULL) != NULL;
}

static gint64 plain_waited(const Plain *plain, guint session)
{
	const LockManager *manager = plain->oracle->manager;
	guint leader = plain->oracle->process_of[session];
	gint64 waited = 0;

	for (guint process = 0; process < lock_manager_n_processes(manager); process++) {
		LockMode mode;
		gint64 waitstart;

		if (lock_manager_leader(manager, process) == leader &&
		    lock_manager_wait(manager, process, &mode, &waitstart))
			waited = MAX(waited, snapshot_taken_at(plain->oracle->snapshot) - waitstart);
	}
	return waited;
}

static void check_session(const Plain *plain, guint session)
{
	const WaitGraph *graph = plain->oracle->graph;
	GArray *behind = plain_behind(plain, &session, 1);
	GArray *freed = plain_freed_by(plain, &session, 1);
	gint64 longest = 0;

	expect(plain, wait_graph_blocked_total(graph, session) == behind->len, "total", session);
	expect(plain, wait_graph_freed_alone(graph, session) == freed->len, "freed alone", session);
	expect(plain,
	       wait_graph_is_root(graph, session) == (behind->len > 0 && !is_waiting(plain, session)),
	       "root", session);
	expect(plain, wait_graph_waited(graph, session) == plain_waited(plain, session), "waited",
	       session);
	for (guint other = 0; other < plain->n; other++)
		if (plain->behind[at(plain, other, session)])
			longest = MAX(longest, plain_waited(plain, other));
	expect(plain, wait_graph_longest_wait_behind(graph, session) == longest, "longest wait behind",
	       session);
	expect_same(plain, wait_graph_behind(graph, &session, 1), behind, "behind one");
	expect_same(plain, wait_graph_freed_by(graph, &session, 1), freed, "freed by one");
}

static void check_sets(const Plain *plain)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(plain->oracle->seed);

	for (guint i = 0; i < 4; i++) {
		guint set[3];
		guint n = 0;

		while (n < G_N_ELEMENTS(set)) {
			guint process = (guint) g_rand_int_range(
			    rand, 0, (gint32) lock_manager_n_processes(plain->oracle->manager));

			set[n++] =
			    plain->oracle->session_of[lock_manager_leader(plain->oracle->manager, process)];
		}
		expect_same(plain, wait_graph_behind(plain->oracle->graph, set, n),
		            plain_behind(plain, set, n), "behind set");
		expect_same(plain, wait_graph_freed_by(plain->oracle->graph, set, n),
		            plain_freed_by(plain, set, n), "freed by set");
	}
}

static void check_roots(const Plain *plain)
{
	const WaitGraph *graph = plain->oracle->graph;
	guint n_roots = 0, n_waiting = 0;

	for (guint session = 0; session < plain->n; session++) {
		n_roots += wait_graph_is_root(graph, session) ? 1 : 0;
		n_waiting += is_waiting(plain, session) ? 1 : 0;
	}
	expect(plain, wait_graph_n_roots(graph) == n_roots, "number of roots", 0);
	expect(plain, wait_graph_n_blocked(graph) == n_waiting, "number of waiters", 0);
	for (guint i = 0; i < n_roots; i++) {
		guint root = wait_graph_root(graph, i);

		expect(plain, wait_graph_is_root(graph, root), "listed root", root);
		expect(plain,
		       i == 0 || wait_graph_blocked_total(graph, wait_graph_root(graph, i - 1)) >=
		                     wait_graph_blocked_total(graph, root),
		       "order of roots", root);
	}
	for (guint session = 0; session < plain->n; session++) {
		g_autoptr(GArray) roots = wait_graph_roots_of(graph, session);
		guint n = 0;

		for (guint root = 0; root < plain->n; root++)
			n += plain->behind[at(plain, session, root)] && wait_graph_is_root(graph, root) ? 1 : 0;
		expect(plain, roots->len == n, "number of roots", session);
		for (guint i = 0; i < roots->len; i++)
			expect(plain, plain->behind[at(plain, session, g_array_index(roots, guint, i))],
			       "a root", session);
	}
}

/* Of the roots also by the server's own edges, which the graph's are not always. */
static void check_roots_by_server(const Plain *plain)
{
	const WaitGraph *graph = plain->oracle->graph;
	g_autoptr(GArray) edges = lock_manager_edges(plain->oracle->manager);
	g_autofree gboolean *behind = g_new(gboolean, plain->n);
	guint n_roots = 0;

	for (guint process = 0; process < plain->n; process++) {
		guint root = plain->oracle->session_of[process];
		guint n_behind = 0;
		gboolean any = TRUE;

		if (lock_manager_waits(plain->oracle->manager, process))
			continue;
		memset(behind, 0, plain->n * sizeof(gboolean));
		while (any) {
			any = FALSE;
			for (guint i = 0; i < edges->len; i++) {
				const TrueEdge *edge = &g_array_index(edges, TrueEdge, i);

				if (behind[edge->waiter] || (edge->blocker != process && !behind[edge->blocker]))
					continue;
				behind[edge->waiter] = any = TRUE;
				n_behind++;
			}
		}
		n_roots += n_behind > 0 ? 1 : 0;
		expect(plain, wait_graph_blocked_total(graph, root) == n_behind, "true total", root);
	}
	expect(plain, wait_graph_n_roots(graph) == n_roots, "true number of roots", 0);
}

static void check_cycles(const Plain *plain)
{
	g_autofree guint *times = g_new0(guint, plain->n);

	for (guint i = 0; i < wait_graph_n_cycles(plain->oracle->graph); i++) {
		guint n;
		const guint *members = wait_graph_cycle(plain->oracle->graph, i, &n);

		for (guint j = 0; j < n; j++) {
			times[members[j]]++;
			expect(plain,
			       plain->behind[at(plain, members[j], members[0])] &&
			           plain->behind[at(plain, members[0], members[j])],
			       "cycle", members[j]);
		}
	}
	for (guint session = 0; session < plain->n; session++)
		expect(plain, times[session] == (plain->behind[at(plain, session, session)] ? 1 : 0),
		       "in a cycle", session);
}

/* Whether a root, or a circle in which a waiter isn't, is above it. */
static gboolean has_root_above(const Plain *plain, guint session)
{
	for (guint root = 0; root < plain->n; root++)
		if (plain->behind[at(plain, session, root)] && !plain->behind[at(plain, root, root)] &&
		    !needs_anybody(plain, root))
			return TRUE;
	return FALSE;
}

static void check_below(const Plain *plain, guint session, guint *times)
{
	guint n;
	const guint *children = wait_graph_children(plain->oracle->graph, session, &n);

	if (times[session]++ > 0)
		return;
	for (guint i = 0; i < n; i++) {
		expect(plain, plain->waits_for[at(plain, children[i], session)], "parent", children[i]);
		expect(plain, wait_graph_parent(plain->oracle->graph, children[i]) == session,
		       "parent as told", children[i]);
		expect(plain,
		       i == 0 || wait_graph_waited(plain->oracle->graph, children[i - 1]) >=
		                     wait_graph_waited(plain->oracle->graph, children[i]),
		       "order of children", session);
		check_below(plain, children[i], times);
	}
}

/* Every participant once; a parent is a blocker; a top has nobody above it who isn't in its circle.
 */
static void check_tree(const Plain *plain)
{
	const WaitGraph *graph = plain->oracle->graph;
	g_autofree guint *times = g_new0(guint, plain->n);
	g_autofree gboolean *takes_part = g_new0(gboolean, plain->n);
	guint n;
	const guint *participants = wait_graph_participants(graph, &n);

	for (guint i = 0; i < wait_graph_n_tops(graph); i++) {
		guint top = wait_graph_top(graph, i);

		expect(plain, wait_graph_parent(graph, top) == NO_SESSION, "parent of top", top);
		expect(plain, !has_root_above(plain, top), "above top", top);
		check_below(plain, top, times);
	}
	for (guint i = 0; i < n; i++) {
		expect(plain, !takes_part[participants[i]], "listed twice", participants[i]);
		takes_part[participants[i]] = TRUE;
		expect(plain, (i < wait_graph_n_roots(graph)) == wait_graph_is_root(graph, participants[i]),
		       "place in the list", participants[i]);
	}
	for (guint session = 0; session < plain->n; session++) {
		expect(plain, times[session] == (takes_part[session] ? 1 : 0), "times in the tree",
		       session);
		expect(plain,
		       takes_part[session] ==
		           (is_waiting(plain, session) || wait_graph_blocked_total(graph, session) > 0),
		       "part", session);
	}
}

/*
 * And now in earnest: the session is ended, and whoever gets its lock does what it wanted and ends,
 * too, until nobody gets anything any more.
 */
typedef struct {
	LockManager *manager;
	GArray **transactions; /* by process: of LockTag, what it will wait for when it has the row */
} Aftermath;

static void foresee(const Plain *plain, Aftermath *aftermath, guint process)
{
	g_autoptr(GArray) edges = lock_manager_edges(plain->oracle->manager);
	LockMode mode;
	gint64 waitstart;
	const LockTag *wait = lock_manager_wait(plain->oracle->manager, process, &mode, &waitstart);

	aftermath->transactions[process] = g_array_new(FALSE, FALSE, sizeof(LockTag));
	for (guint i = 0; wait && wait->type == LOCK_TYPE_TUPLE && i < edges->len; i++) {
		const TrueEdge *edge = &g_array_index(edges, TrueEdge, i);
		const LockTag *next;

		if (edge->waiter != process || !edge->hard || !lock_tag_equal(&edge->tag, wait))
			continue;
		next = lock_manager_wait(plain->oracle->manager, edge->blocker, &mode, &waitstart);
		if (next && next->type == LOCK_TYPE_TRANSACTIONID)
			g_array_append_val(aftermath->transactions[process], *next);
	}
}

/* FALSE when it has to wait again. */
static gboolean goes_on(Aftermath *aftermath, guint process)
{
	GArray *transactions = aftermath->transactions[process];

	while (transactions->len > 0) {
		LockTag tag = g_array_index(transactions, LockTag, transactions->len - 1);

		g_array_set_size(transactions, transactions->len - 1);
		if (lock_manager_acquire(aftermath->manager, process, &tag, LOCK_MODE_SHARE) != ACQUIRED)
			return FALSE;
		lock_manager_release(aftermath->manager, process, &tag);
	}
	return TRUE;
}

static void check_aftermath(const Plain *plain, guint session)
{
	guint n = lock_manager_n_processes(plain->oracle->manager);
	g_autoptr(LockManager) manager = lock_manager_copy(plain->oracle->manager);
	Aftermath aftermath = {manager, g_new0(GArray *, n)};
	g_autofree gboolean *moved_on = g_new0(gboolean, n);
	GArray *freed = g_array_new(FALSE, FALSE, sizeof(guint));
	guint ended = plain->oracle->process_of[session];
	gboolean any = TRUE;

	for (guint process = 0; process < n; process++)
		foresee(plain, &aftermath, process);
	lock_manager_end(manager, ended);
	while (any) {
		any = FALSE;
		for (guint process = 0; process < n; process++) {
			if (process == ended || moved_on[process] || lock_manager_waits(manager, process) ||
			    !lock_manager_waits(plain->oracle->manager, process) ||
			    !goes_on(&aftermath, process))
				continue;
			moved_on[process] = any = TRUE;
			lock_manager_end(manager, process);
		}
	}
	for (guint i = 0; i < plain->n; i++)
		if (moved_on[plain->oracle->process_of[i]])
			g_array_append_val(freed, i);
	expect_same(plain, wait_graph_freed_by(plain->oracle->graph, &session, 1), freed, "moved on");
	for (guint process = 0; process < n; process++)
		g_array_unref(aftermath.transactions[process]);
	g_free(aftermath.transactions);
}

static void check_situations(guint n_situations, const SituationKind *kind, Asked asked)
{
	guint n_cycles = 0, n_blocked = 0;

	for (guint32 seed = 0; seed < n_situations && !g_test_failed(); seed++) {
		Plain *plain = plain_new(seed, kind, asked);

		for (guint session = 0; session < plain->n; session++) {
			guint process = plain->oracle->process_of[session];

			if (lock_manager_leader(plain->oracle->manager, process) != process)
				continue;
			check_session(plain, session);
			if (!kind->groups)
				check_aftermath(plain, session);
		}
		check_sets(plain);
		check_roots(plain);
		if (!kind->groups)
			check_roots_by_server(plain);
		check_cycles(plain);
		check_tree(plain);
		n_blocked += wait_graph_n_blocked(plain->oracle->graph);
		n_cycles += wait_graph_n_cycles(plain->oracle->graph);
		plain_free(plain);
	}
	g_test_message("%u waiters and %u cycles in %u situations", n_blocked, n_cycles, n_situations);
	g_assert_cmpuint(n_blocked, >, n_situations);
}

static void test_tables(void)
{
	const SituationKind few = {
	    .n_processes = 6, .n_tables = 2, .n_steps = 80, .table_modes = DDL_MODES};
	const SituationKind many = {.n_processes = 16,
	                            .n_tables = 3,
	                            .n_steps = 300,
	                            .table_modes = LOCK_MODE_SET_ALL,
	                            .prepared = TRUE};

	check_situations(1000, &few, ASK_NOBODY);
	check_situations(150, &many, ASK_NOBODY);
}

static void test_rows(void)
{
	const SituationKind few = {.n_processes = 8,
	                           .n_tables = 1,
	                           .n_steps = 80,
	                           .table_modes = STRONG_MODES,
	                           .rows = TRUE,
	                           .prepared = TRUE};
	const SituationKind many = {.n_processes = 16,
	                            .n_tables = 3,
	                            .n_steps = 300,
	                            .table_modes = DDL_MODES,
	                            .rows = TRUE,
	                            .prepared = TRUE};

	check_situations(1000, &few, ASK_NOBODY);
	check_situations(150, &many, ASK_NOBODY);
}

static void test_disturbed(void)
{
	const SituationKind kind = {.n_processes = 14,
	                            .n_tables = 2,
	                            .n_steps = 300,
	                            .table_modes = LOCK_MODE_SET_ALL,
	                            .waiters_may_leave = TRUE,
	                            .order_may_change = TRUE,
	                            .rows = TRUE,
	                            .prepared = TRUE};

	check_situations(200, &kind, ASK_EVERYBODY);
}

/* Nobody is asked about queues in which all want the same mode: roots and numbers are the same. */
static void test_disturbed_in_doubt(void)
{
	const SituationKind kind = {.n_processes = 14,
	                            .n_tables = 2,
	                            .n_steps = 300,
	                            .table_modes = LOCK_MODE_SET_ALL,
	                            .waiters_may_leave = TRUE,
	                            .order_may_change = TRUE,
	                            .rows = TRUE,
	                            .prepared = TRUE};

	check_situations(200, &kind, ASK_IN_DOUBT);
}

static void test_groups(void)
{
	const SituationKind kind = {.n_processes = 16,
	                            .n_tables = 2,
	                            .n_steps = 300,
	                            .table_modes = LOCK_MODE_SET_ALL,
	                            .waiters_may_leave = TRUE,
	                            .groups = TRUE,
	                            .rows = TRUE,
	                            .prepared = TRUE};

	check_situations(300, &kind, ASK_NOBODY);
	check_situations(300, &kind, ASK_EVERYBODY);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/wait_answers/tables", test_tables);
	g_test_add_func("/wait_answers/rows", test_rows);
	g_test_add_func("/wait_answers/disturbed", test_disturbed);
	g_test_add_func("/wait_answers/disturbed_in_doubt", test_disturbed_in_doubt);
	g_test_add_func("/wait_answers/groups", test_groups);
	return g_test_run();
}
