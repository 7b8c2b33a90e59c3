#include "base/duration.h"
#include "model/wait_graph_private.h"

/* The server's own default, where the setting isn't known. */
#define DEFAULT_DEADLOCK_TIMEOUT_US (1 * DURATION_SECOND)
/* Waits that all stand for so long don't pass by themselves, however long the server leaves them
 * alone. */
#define LONGEST_DOUBT_US (3 * DURATION_SECOND)

static const GArray *circle_at(const WaitGraph *graph, guint cycle)
{
	return g_array_index(graph->circles, GArray *, cycle);
}

gint64 wait_graph_cycle_age(const WaitGraph *graph, guint cycle)
{
	const GArray *circle = circle_at(graph, cycle);
	gint64 age = G_MAXINT64;

	/* What isn't known is below all that is. */
	for (guint i = 0; i < circle->len; i++)
		age = MIN(age, wait_graph_waited(graph, g_array_index(circle, guint, i)));
	return age;
}

gboolean wait_graph_is_deadlock(const WaitGraph *graph, guint cycle)
{
	gint64 timeout_us = snapshot_server(graph->snapshot)->deadlock_timeout_us;

	if (timeout_us == 0)
		timeout_us = DEFAULT_DEADLOCK_TIMEOUT_US;
	return (graph->was_seen != NULL && graph->was_seen[cycle]) ||
	       wait_graph_cycle_age(graph, cycle) >= MIN(timeout_us, LONGEST_DOUBT_US);
}

gboolean wait_graph_has_deadlock(const WaitGraph *graph)
{
	for (guint i = 0; i < graph->circles->len; i++)
		if (wait_graph_is_deadlock(graph, i))
			return TRUE;
	return FALSE;
}

/* Whether what the session waits for is the very wait that it was in. A 13 doesn't tell when waits
 * began: there the statement has to be the same. */
static gboolean is_same_wait(const WaitGraph *graph, guint session, const WaitGraph *earlier,
                             guint before)
{
	const LockQueue *queue, *queue_before;
	const QueueWaiter *wait = wait_graph_wait(graph, session, &queue);
	const QueueWaiter *wait_before = wait_graph_wait(earlier, before, &queue_before);

	return wait != NULL && wait_before != NULL && wait->mode == wait_before->mode &&
	       wait->waitstart == wait_before->waitstart &&
	       lock_tag_equal(&queue->tag, &queue_before->tag) &&
	       snapshot_session(graph->snapshot, session)->query_start ==
	           snapshot_session(earlier->snapshot, before)->query_start;
}

/* Which circle each session is in, counted from 1; 0: in none. */
static guint *number_circles(const WaitGraph *graph)
{
	guint *circle_of = g_new0(guint, snapshot_n_sessions(graph->snapshot));

	for (guint i = 0; i < graph->circles->len; i++) {
		const GArray *circle = circle_at(graph, i);

		for (guint j = 0; j < circle->len; j++)
			circle_of[g_array_index(circle, guint, j)] = i + 1;
	}
	return circle_of;
}

static gboolean was_there(const WaitGraph *graph, const GArray *circle, const WaitGraph *earlier,
                          const guint *circle_before)
{
	guint number = 0;

	for (guint i = 0; i < circle->len; i++) {
		guint session = g_array_index(circle, guint, i);
		guint before =
		    snapshot_find_same(earlier->snapshot, snapshot_session(graph->snapshot, session));

		if (before == NO_SESSION || circle_before[before] == 0 ||
		    (i > 0 && circle_before[before] != number) ||
		    !is_same_wait(graph, session, earlier, before))
			return FALSE;
		number = circle_before[before];
	}
	return circle_at(earlier, number - 1)->len == circle->len;
}

void wait_graph_compare_cycles(WaitGraph *graph, const WaitGraph *earlier)
{
	g_autofree guint *circle_before = number_circles(earlier);

	g_free(graph->was_seen);
	graph->was_seen = g_new0(gboolean, graph->circles->len);
	for (guint i = 0; i < graph->circles->len; i++)
		graph->was_seen[i] = was_there(graph, circle_at(graph, i), earlier, circle_before);
}
