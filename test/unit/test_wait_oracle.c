#include "oracle.h"

#include <string.h>

/* Whether the edges of the graph are those of the server, in random situations. */

typedef struct {
	guint n_true;
	guint n_wrong;         /* edges that aren't there, and those that are missing */
	guint n_wrong_certain; /* of these those in queues whose order is said to be the server's */
	guint n_uncertain;     /* edges in queues whose order is not */
} Tally;

static const LockQueue *queue_of(const Oracle *oracle, const WaitEdge *edge)
{
	return lock_queues_get(wait_graph_queues(oracle->graph), edge->queue);
}

static gboolean is_same_edge(const Oracle *oracle, const WaitEdge *edge, const TrueEdge *is)
{
	return oracle->session_of[is->waiter] == edge->waiter &&
	       oracle->session_of[is->blocker] == edge->blocker &&
	       is->hard == (edge->kind == EDGE_HARD) &&
	       lock_tag_equal(&is->tag, &queue_of(oracle, edge)->tag);
}

static void count_wrong(Tally *tally, const LockQueue *queue, gboolean is_right)
{
	gboolean certain = queue->order == QUEUE_ORDER_SERVER;

	tally->n_wrong += is_right ? 0 : 1;
	tally->n_wrong_certain += !is_right && certain ? 1 : 0;
	tally->n_uncertain += certain ? 0 : 1;
}

static void tally_edges(const Oracle *oracle, Tally *tally)
{
	g_autoptr(GArray) truth = lock_manager_edges(oracle->manager);
	g_autoptr(GArray) edges = oracle_edges(oracle, EDGES_ALL);
	g_autofree gboolean *found = g_new0(gboolean, truth->len + 1);

	tally->n_true += truth->len;
	for (guint i = 0; i < edges->len; i++) {
		const WaitEdge *edge = &g_array_index(edges, WaitEdge, i);
		gboolean is_right = FALSE;

		for (guint j = 0; j < truth->len && !is_right; j++) {
			/* each true edge once */
			is_right = !found[j] && is_same_edge(oracle, edge, &g_array_index(truth, TrueEdge, j));
			found[j] |= is_right;
		}
		count_wrong(tally, queue_of(oracle, edge), is_right);
	}
	for (guint j = 0; j < truth->len; j++)
		if (!found[j])
			count_wrong(tally,
			            lock_queues_find(wait_graph_queues(oracle->graph),
			                             &g_array_index(truth, TrueEdge, j).tag),
			            FALSE);
}

static gboolean contains(const GArray *edges, const WaitEdge *edge)
{
	for (guint i = 0; i < edges->len; i++) {
		const WaitEdge *other = &g_array_index(edges, WaitEdge, i);

		if (other->blocker == edge->blocker && other->queue == edge->queue)
			return other->kind == edge->kind;
	}
	return FALSE;
}

static guint count_kind(const GArray *edges, EdgeKind kind)
{
	guint n = 0;

	for (guint i = 0; i < edges->len; i++)
		n += g_array_index(edges, WaitEdge, i).kind == kind ? 1 : 0;
	return n;
}

/* Per waiter how many edges there are, and which of them are shown. */
static void check_selections(const Oracle *oracle)
{
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(WaitEdge));
	g_autoptr(GArray) shown = g_array_new(FALSE, FALSE, sizeof(WaitEdge));
	g_autoptr(GArray) hard = g_array_new(FALSE, FALSE, sizeof(WaitEdge));

	for (guint process = 0; process < lock_manager_n_processes(oracle->manager); process++) {
		guint waiter = oracle->session_of[process];

		g_array_set_size(all, 0);
		g_array_set_size(shown, 0);
		g_array_set_size(hard, 0);
		wait_graph_append_edges(oracle->graph, waiter, EDGES_ALL, all);
		wait_graph_append_edges(oracle->graph, waiter, EDGES_SHOWN, shown);
		wait_graph_append_edges(oracle->graph, waiter, EDGES_HARD, hard);
		if (wait_graph_n_blockers(oracle->graph, waiter) != all->len)
			oracle_fail(oracle, "process %u: %u blockers, %u edges", process,
			            wait_graph_n_blockers(oracle->graph, waiter), all->len);
		if (hard->len != count_kind(all, EDGE_HARD) || hard->len != count_kind(hard, EDGE_HARD))
			oracle_fail(oracle, "process %u: wrong hard edges", process);
		if (count_kind(shown, EDGE_HARD) != MIN(hard->len, 20) ||
		    (count_kind(shown, EDGE_SOFT) == 0) != (count_kind(all, EDGE_SOFT) == 0))
			oracle_fail(oracle, "process %u: too few or too many edges shown", process);
		for (guint i = 0; i < shown->len; i++)
			if (!contains(all, &g_array_index(shown, WaitEdge, i)))
				oracle_fail(oracle, "process %u: an edge shown that is not there", process);
	}
}

static Tally tally_situations(guint n_situations, const SituationKind *kind, Waitstarts waitstarts,
                              Asked asked)
{
	Tally tally = {0};

	for (guint32 seed = 0; seed < n_situations && !g_test_failed(); seed++) {
		g_autoptr(Oracle) oracle = oracle_new(seed, kind, waitstarts, asked);

		tally_edges(oracle, &tally);
		check_selections(oracle);
		if (tally.n_wrong_certain > 0)
			oracle_fail(oracle, "wrong edges in a queue whose order is the server's");
	}
	g_test_message("%u edges in %u situations, %u wrong, %u in uncertain order", tally.n_true,
	               n_situations, tally.n_wrong, tally.n_uncertain);
	/* A test of nothing proves nothing. */
	g_assert_cmpuint(tally.n_true / 5, >, n_situations);
	return tally;
}

static const SituationKind long_queues = {
    .n_processes = 30, .n_tables = 2, .n_steps = 400, .table_modes = LOCK_MODE_SET_ALL};
static const SituationKind ddl = {
    .n_processes = 12, .n_tables = 2, .n_steps = 300, .table_modes = DDL_MODES};
static const SituationKind rows = {.n_processes = 16,
                                   .n_tables = 2,
                                   .n_steps = 300,
                                   .table_modes = STRONG_MODES,
                                   .rows = TRUE,
                                   .prepared = TRUE};
static const SituationKind disturbed = {.n_processes = 20,
                                        .n_tables = 2,
                                        .n_steps = 400,
                                        .table_modes = LOCK_MODE_SET_ALL,
                                        .waiters_may_leave = TRUE,
                                        .order_may_change = TRUE,
                                        .rows = TRUE,
                                        .prepared = TRUE};
static const SituationKind leaving = {.n_processes = 20,
                                      .n_tables = 2,
                                      .n_steps = 400,
                                      .table_modes = LOCK_MODE_SET_ALL,
                                      .waiters_may_leave = TRUE,
                                      .rows = TRUE,
                                      .prepared = TRUE};
static const SituationKind grouped = {.n_processes = 20,
                                      .n_tables = 2,
                                      .n_steps = 400,
                                      .table_modes = LOCK_MODE_SET_ALL,
                                      .waiters_may_leave = TRUE,
                                      .order_may_change = TRUE,
                                      .groups = TRUE,
                                      .rows = TRUE,
                                      .prepared = TRUE};

/* While nobody has left a queue, waitstarts and what everybody holds tell its order exactly. */
static void test_replay(void)
{
	const SituationKind *kinds[] = {&long_queues, &ddl, &rows};

	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		g_assert_cmpuint(tally_situations(500, kinds[i], WAITSTARTS_SHOWN, ASK_NOBODY).n_wrong, ==,
		                 0);
}

/* Now and then the one who was the reason of an insertion has left: few edges are wrong then. */
static void test_replay_leaving(void)
{
	Tally tally = tally_situations(500, &leaving, WAITSTARTS_SHOWN, ASK_NOBODY);

	g_assert_cmpuint(tally.n_wrong, >, 0);
	g_assert_cmpuint(tally.n_wrong, <, tally.n_true / 500);
}

/* Whatever has happened to the queues: the server's answers tell their order. */
static void test_answers(void)
{
	Tally tally = tally_situations(500, &disturbed, WAITSTARTS_SHOWN, ASK_EVERYBODY);

	g_assert_cmpuint(tally.n_wrong, ==, 0);
	g_assert_cmpuint(tally.n_uncertain, ==, 0);
}

static void test_answers_13(void)
{
	Tally tally = tally_situations(500, &disturbed, WAITSTARTS_MISSING, ASK_EVERYBODY);

	g_assert_cmpuint(tally.n_wrong, ==, 0);
	g_assert_cmpuint(tally.n_uncertain, ==, 0);
	tally = tally_situations(500, &disturbed, WAITSTARTS_MISSING, ASK_IN_DOUBT);
	g_assert_cmpuint(tally.n_wrong, ==, 0);
}

/* In a queue where all ask for the same mode nobody is asked: there the order changes who is
 * nearest, but nothing that is counted. */
static void test_answers_in_doubt(void)
{
	Tally tally = tally_situations(500, &disturbed, WAITSTARTS_SHOWN, ASK_IN_DOUBT);

	g_assert_cmpuint(tally.n_wrong, <, tally.n_true / 100);
}

/* An answer speaks of all waits of a lock group at once: where several members wait, it can leave
 * an order open, but it never lends a wrong one the server's name. */
static void test_groups(void)
{
	Tally tally = tally_situations(500, &grouped, WAITSTARTS_SHOWN, ASK_EVERYBODY);

	g_assert_cmpuint(tally.n_wrong, <, tally.n_true / 20);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/wait_oracle/replay", test_replay);
	g_test_add_func("/wait_oracle/replay_leaving", test_replay_leaving);
	g_test_add_func("/wait_oracle/answers", test_answers);
	g_test_add_func("/wait_oracle/answers_13", test_answers_13);
	g_test_add_func("/wait_oracle/answers_in_doubt", test_answers_in_doubt);
	g_test_add_func("/wait_oracle/groups", test_groups);
	return g_test_run();
}
