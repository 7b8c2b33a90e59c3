#include "oracle.h"

static void answer(const LockManager *manager, Snapshot *snapshot, Asked asked)
{
	LockQueues *queues;
	g_autoptr(GArray) pids = NULL;

	if (asked == ASK_NOBODY)
		return;
	queues = lock_queues_new(snapshot);
	pids = lock_queues_questions(queues, asked == ASK_EVERYBODY);
	lock_queues_free(queues);
	lock_situation_answer(manager, snapshot, pids);
}

Oracle *oracle_new(guint32 seed, const SituationKind *kind, Waitstarts waitstarts, Asked asked)
{
	Oracle *oracle = g_new0(Oracle, 1);

	oracle->seed = seed;
	oracle->manager = lock_situation_new(seed, kind);
	oracle->snapshot = lock_situation_look(oracle->manager, seed, waitstarts);
	answer(oracle->manager, oracle->snapshot, asked);
	oracle->graph = wait_graph_new(oracle->snapshot);
	oracle->session_of = g_new(guint, kind->n_processes);
	oracle->process_of = g_new(guint, snapshot_n_sessions(oracle->snapshot));
	for (guint process = 0; process < kind->n_processes; process++) {
		guint session = lock_situation_session(oracle->manager, oracle->snapshot, process);

		oracle->session_of[process] = session;
		oracle->process_of[session] = process;
	}
	return oracle;
}

void oracle_free(Oracle *oracle)
{
	if (!oracle)
		return;
	wait_graph_free(oracle->graph);
	snapshot_free(oracle->snapshot);
	lock_manager_free(oracle->manager);
	g_free(oracle->session_of);
	g_free(oracle->process_of);
	g_free(oracle);
}

void oracle_fail(const Oracle *oracle, const char *format, ...)
{
	va_list args;
	g_autofree char *what = NULL;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	g_test_message("seed %u: %s", oracle->seed, what);
	g_test_fail();
}

GArray *oracle_edges(const Oracle *oracle, EdgeSelection selection)
{
	GArray *edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));
	guint n;
	const guint *participants = wait_graph_participants(oracle->graph, &n);

	for (guint i = 0; i < n; i++)
		wait_graph_append_edges(oracle->graph, participants[i], selection, edges);
	return edges;
}
