#include "model/wait_graph.h"

#include "base/timestamp.h"
#include "model/wait_graph_private.h"

/* A 13 has no waitstart, nor has a wait that is known by its blockers alone: there the age of the
 * statement is what the wait is at most, or that of the transaction for a process that runs none.
 * Later servers leave it out only for an instant after the wait has begun. */
static gint64 age_of_wait(const WaitGraph *graph, const QueueWaiter *waiter)
{
	gint64 now = snapshot_taken_at(graph->snapshot);
	const Session *session = snapshot_session(graph->snapshot, waiter->session);
	gint64 began =
	    session->query_start != TIMESTAMP_NONE ? session->query_start : session->xact_start;

	if (waiter->waitstart != TIMESTAMP_NONE)
		return timestamp_age(now, waiter->waitstart);
	if (snapshot_server(graph->snapshot)->version_num >= 140000 &&
	    !snapshot_has_totals_only(graph->snapshot))
		return 0;
	return began == TIMESTAMP_NONE ? WAITED_UNKNOWN : timestamp_age(now, began);
}

static const QueueWaiter *wait_entry(const WaitGraph *graph, guint w, const LockQueue **queue)
{
	const Wait *wait = &g_array_index(graph->waits, Wait, w);
	const LockQueue *its_queue = lock_queues_get(graph->queues, wait->queue);

	if (queue)
		*queue = its_queue;
	return &its_queue->waiters[wait->position];
}

static void measure_waits(WaitGraph *graph)
{
	graph->waited = g_new0(gint64, graph->sessions->len + 1);
	for (guint node = 0; node < graph->sessions->len; node++) {
		if (graph->first_wait[node] == NOTHING)
			continue;
		graph->waited[node] = WAITED_UNKNOWN;
		for (guint w = graph->first_wait[node]; w != NOTHING;
		     w = g_array_index(graph->waits, Wait, w).next)
			graph->waited[node] =
			    MAX(graph->waited[node], age_of_wait(graph, wait_entry(graph, w, NULL)));
		graph->n_timeless += graph->waited[node] == WAITED_UNKNOWN;
		graph->longest_wait = graph->n_blocked++ == 0
		                          ? graph->waited[node]
		                          : MAX(graph->longest_wait, graph->waited[node]);
	}
	graph->longest_behind = dependency_max_behind(graph->dependency, graph->waited);
}

static int compare_numbers(gint64 a, gint64 b)
{
	return (a > b) - (a < b);
}

/* Roots before waiters; roots by how many they block, then by how long; waiters by how long they
 * have waited; at last by pid or transaction, so that two looks at the same scene look the same. */
static int compare_participants(gconstpointer a, gconstpointer b, gpointer data)
{
	const WaitGraph *graph = data;
	guint x = *(const guint *) a, y = *(const guint *) b;
	guint node_x = graph->node_of[x], node_y = graph->node_of[y];
	const Session *session_x = snapshot_session(graph->snapshot, x);
	const Session *session_y = snapshot_session(graph->snapshot, y);
	gboolean waits_x = graph->first_wait[node_x] != NOTHING;
	gboolean waits_y = graph->first_wait[node_y] != NOTHING;
	int order = waits_x - waits_y;

	if (order == 0 && !waits_x)
		order = compare_numbers(dependency_total(graph->dependency, node_y),
		                        dependency_total(graph->dependency, node_x));
	if (order == 0 && !waits_x)
		order = compare_numbers(graph->longest_behind[node_y], graph->longest_behind[node_x]);
	if (order == 0)
		order = compare_numbers(graph->waited[node_y], graph->waited[node_x]);
	if (order == 0)
		order = compare_numbers(session_x->pid, session_y->pid);
	return order != 0 ? order : compare_numbers(session_x->transaction, session_y->transaction);
}

/* Every node is one: it waits, or is in the way of one that does. */
static void collect_participants(WaitGraph *graph)
{
	for (guint node = 0; node < graph->sessions->len; node++) {
		guint session = wait_graph_session(graph, node);

		g_array_append_val(graph->participants, session);
		if (graph->first_wait[node] == NOTHING)
			graph->n_roots++;
	}
	g_array_sort_with_data(graph->participants, compare_participants, graph);
}

static GArray *sessions_of_nodes(const WaitGraph *graph, GArray *nodes)
{
	for (guint i = 0; i < nodes->len; i++)
		g_array_index(nodes, guint, i) = wait_graph_session(graph, g_array_index(nodes, guint, i));
	return nodes;
}

static int compare_uints(gconstpointer a, gconstpointer b)
{
	return compare_numbers(*(const guint *) a, *(const guint *) b);
}

static void collect_circles(WaitGraph *graph)
{
	for (guint i = 0; i < dependency_n_circles(graph->dependency); i++) {
		guint n;
		const guint *nodes = dependency_circle(graph->dependency, i, &n);
		GArray *circle = g_array_new(FALSE, FALSE, sizeof(guint));

		g_array_append_vals(circle, nodes, n);
		sessions_of_nodes(graph, circle);
		g_array_sort(circle, compare_uints);
		g_array_append_val(graph->circles, circle);
	}
}

WaitGraph *wait_graph_new(const Snapshot *snapshot)
{
	return wait_graph_new_with(snapshot, NULL);
}

WaitGraph *wait_graph_new_with(const Snapshot *snapshot, const GArray *hidden)
{
	WaitGraph *graph = g_new0(WaitGraph, 1);
	guint n_sessions = snapshot_n_sessions(snapshot);

	graph->snapshot = snapshot;
	graph->queues = lock_queues_new(snapshot);
	graph->sessions = g_array_new(FALSE, FALSE, sizeof(guint));
	graph->waits = g_array_new(FALSE, FALSE, sizeof(Wait));
	graph->participants = g_array_new(FALSE, FALSE, sizeof(guint));
	graph->circles = g_array_new(FALSE, FALSE, sizeof(GArray *));
	graph->tops = g_array_new(FALSE, FALSE, sizeof(guint));
	graph->stamp = g_new0(guint, n_sessions);
	graph->node_of = g_new(guint, n_sessions);
	for (guint i = 0; i < n_sessions; i++)
		graph->node_of[i] = NOTHING;
	wait_graph_add_nodes(graph, hidden);
	graph->first_wait = g_new(guint, graph->sessions->len + 1);
	for (guint i = 0; i < graph->sessions->len; i++)
		graph->first_wait[i] = NOTHING;
	graph->dependency = dependency_new(graph->sessions->len);
	wait_graph_add_dependencies(graph, hidden);
	dependency_solve(graph->dependency);
	measure_waits(graph);
	collect_participants(graph);
	collect_circles(graph);
	wait_graph_plant(graph);
	wait_graph_note_row_lockers(graph);
	return graph;
}

void wait_graph_free(WaitGraph *graph)
{
	if (!graph)
		return;
	lock_queues_free(graph->queues);
	dependency_free(graph->dependency);
	g_array_unref(graph->sessions);
	g_array_unref(graph->waits);
	g_array_unref(graph->participants);
	g_array_unref(graph->tops);
	g_array_unref(graph->row_lockers);
	for (guint i = 0; i < graph->circles->len; i++)
		g_array_unref(g_array_index(graph->circles, GArray *, i));
	g_array_unref(graph->circles);
	g_free(graph->was_seen);
	g_free(graph->node_of);
	g_free(graph->first_wait);
	g_free(graph->waited);
	g_free(graph->longest_behind);
	g_free(graph->parent);
	g_free(graph->first_child);
	g_free(graph->children);
	g_free(graph->stamp);
	g_free(graph);
}

const Snapshot *wait_graph_snapshot(const WaitGraph *graph)
{
	return graph->snapshot;
}

const LockQueues *wait_graph_queues(const WaitGraph *graph)
{
	return graph->queues;
}

guint wait_graph_n_roots(const WaitGraph *graph)
{
	return graph->n_roots;
}

guint wait_graph_root(const WaitGraph *graph, guint index)
{
	g_return_val_if_fail(index < graph->n_roots, NO_SESSION);
	return g_array_index(graph->participants, guint, index);
}

gboolean wait_graph_is_root(const WaitGraph *graph, guint session)
{
	guint node = wait_graph_node(graph, session);

	return node != NOTHING && graph->first_wait[node] == NOTHING;
}

guint wait_graph_n_cycles(const WaitGraph *graph)
{
	return graph->circles->len;
}

const guint *wait_graph_cycle(const WaitGraph *graph, guint index, guint *n_sessions)
{
	const GArray *circle = g_array_index(graph->circles, GArray *, index);

	*n_sessions = circle->len;
	return (const guint *) (gpointer) circle->data;
}

guint wait_graph_n_blocked(const WaitGraph *graph)
{
	return graph->n_blocked;
}

gint64 wait_graph_longest_wait(const WaitGraph *graph)
{
	return graph->longest_wait;
}

gboolean wait_graph_knows_all_waits(const WaitGraph *graph)
{
	return graph->n_timeless == 0;
}

const QueueWaiter *wait_graph_wait(const WaitGraph *graph, guint session, const LockQueue **queue)
{
	guint node = wait_graph_node(graph, session);
	const QueueWaiter *longest = NULL;

	if (node == NOTHING)
		return NULL;
	for (guint w = graph->first_wait[node]; w != NOTHING;
	     w = g_array_index(graph->waits, Wait, w).next) {
		const LockQueue *its_queue;
		const QueueWaiter *waiter = wait_entry(graph, w, &its_queue);

		if (!longest || age_of_wait(graph, waiter) > age_of_wait(graph, longest)) {
			longest = waiter;
			if (queue)
				*queue = its_queue;
		}
	}
	return longest;
}

gint64 wait_graph_waited(const WaitGraph *graph, guint session)
{
	guint node = wait_graph_node(graph, session);

	return node == NOTHING ? 0 : graph->waited[node];
}

guint wait_graph_blocked_total(const WaitGraph *graph, guint session)
{
	guint node = wait_graph_node(graph, session);

	return node == NOTHING ? 0 : dependency_total(graph->dependency, node);
}

guint wait_graph_freed_alone(const WaitGraph *graph, guint session)
{
	guint node = wait_graph_node(graph, session);

	return node == NOTHING ? 0 : dependency_freed_alone(graph->dependency, node);
}

gint64 wait_graph_longest_wait_behind(const WaitGraph *graph, guint session)
{
	guint node = wait_graph_node(graph, session);

	return node == NOTHING ? 0 : graph->longest_behind[node];
}

static GArray *nodes_of_sessions(const WaitGraph *graph, const guint *sessions, guint n)
{
	GArray *nodes = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i < n; i++)
		if (wait_graph_node(graph, sessions[i]) != NOTHING)
			g_array_append_val(nodes, graph->node_of[sessions[i]]);
	return nodes;
}

typedef GArray *(*NodeQuestion)(const Dependency *dependency, const guint *parties, guint n);

static GArray *ask_of_sessions(const WaitGraph *graph, const guint *sessions, guint n,
                               NodeQuestion question)
{
	g_autoptr(GArray) nodes = nodes_of_sessions(graph, sessions, n);
	GArray *answer =
	    question(graph->dependency, (const guint *) (gpointer) nodes->data, nodes->len);

	sessions_of_nodes(graph, answer);
	g_array_sort(answer, compare_uints);
	return answer;
}

GArray *wait_graph_freed_by(const WaitGraph *graph, const guint *sessions, guint n_sessions)
{
	return ask_of_sessions(graph, sessions, n_sessions, dependency_freed_by);
}

GArray *wait_graph_behind(const WaitGraph *graph, const guint *sessions, guint n_sessions)
{
	return ask_of_sessions(graph, sessions, n_sessions, dependency_behind);
}

GArray *wait_graph_roots_of(const WaitGraph *graph, guint waiter)
{
	guint node = wait_graph_node(graph, waiter);
	GArray *roots = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autoptr(GArray) ahead = NULL;

	if (node == NOTHING)
		return roots;
	ahead = dependency_ahead(graph->dependency, node);
	for (guint i = 0; i < ahead->len; i++) {
		guint session = wait_graph_session(graph, g_array_index(ahead, guint, i));

		if (wait_graph_is_root(graph, session))
			g_array_append_val(roots, session);
	}
	g_array_sort_with_data(roots, compare_participants, (gpointer) (gsize) graph);
	return roots;
}

const guint *wait_graph_participants(const WaitGraph *graph, guint *n)
{
	*n = graph->participants->len;
	return (const guint *) (gpointer) graph->participants->data;
}
