#include "render/lock_facts.h"

#include "render/target.h"

#include "base/timestamp.h"

gint64 lock_waited_us(const WaitGraph *graph, const Lock *lock)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);

	if (lock->granted)
		return 0;
	if (lock->waitstart != TIMESTAMP_NONE)
		return timestamp_age(snapshot_taken_at(snapshot), lock->waitstart);
	return wait_graph_waited(graph, snapshot_session(snapshot, lock->session)->leader);
}

GArray *lock_blockers(const WaitGraph *graph, const Lock *lock)
{
	GArray *blockers = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autoptr(GArray) edges = NULL;

	if (lock->granted)
		return blockers;
	edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));
	wait_graph_append_edges(graph,
	                        snapshot_session(wait_graph_snapshot(graph), lock->session)->leader,
	                        EDGES_SHOWN, edges);
	for (guint i = 0; i < edges->len; i++) {
		const WaitEdge *edge = &g_array_index(edges, WaitEdge, i);
		const LockQueue *queue = lock_queues_get(wait_graph_queues(graph), edge->queue);

		if (lock_tag_equal(&queue->tag, &lock->tag))
			g_array_append_val(blockers, edge->blocker);
	}
	return blockers;
}

/* A session waits for its holder's transaction only because it wants a row that it changed: the
 * mode says nothing then. */
char *lock_held_text(const Snapshot *snapshot, const HeldTarget *held)
{
	g_autofree char *target = target_text(snapshot, held->target.tag, held->target.row_tag);

	if (held->target.tag->type == LOCK_TYPE_TRANSACTIONID)
		return g_steal_pointer(&target);
	/* Only a CONCURRENTLY command waits so (WaitForLockers in src/backend/storage/lmgr/lmgr.c,
	 * WaitForOlderSnapshots in src/backend/commands/indexcmds.c). */
	if (held->target.tag->type == LOCK_TYPE_VIRTUALXID)
		return g_strdup_printf("%s: a CONCURRENTLY command waits for its end, whatever it has "
		                       "locked",
		                       target);
	return g_strdup_printf("%s on %s", lock_mode_name(held->mode), target);
}

GPtrArray *lock_held_texts(const WaitGraph *graph, guint session, guint max)
{
	GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GArray) held = g_array_new(FALSE, FALSE, sizeof(HeldTarget));

	wait_graph_append_held(graph, session, held);
	for (guint i = 0; i < MIN(held->len, max); i++)
		g_ptr_array_add(
		    texts, lock_held_text(wait_graph_snapshot(graph), &g_array_index(held, HeldTarget, i)));
	if (held->len > max)
		g_ptr_array_add(texts,
		                g_strdup_printf("and %u more that somebody waits for", held->len - max));
	return texts;
}

char *lock_wanted_text(const WaitGraph *graph, guint waiter)
{
	const QueueWaiter *wait = wait_graph_wait(graph, waiter, NULL);
	WaitTarget target = wait_graph_target(graph, waiter);
	g_autofree char *what = target_text(wait_graph_snapshot(graph), target.tag, target.row_tag);

	return g_strdup_printf("%s on %s", lock_mode_name(wait->mode), what);
}
