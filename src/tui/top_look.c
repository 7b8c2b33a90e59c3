#include "tui/top_look.h"

#include "render/advice.h"

#include <string.h>

TopLook *top_look_new(Snapshot *snapshot, const AdvisoryLabels *labels)
{
	TopLook *look = g_new0(TopLook, 1);

	snapshot_set_advisory_labels(snapshot, labels);
	look->snapshot = snapshot;
	look->graph = wait_graph_new(snapshot);
	look->edges = edge_index_new(look->graph, EDGES_SHOWN);
	look->advice = advice_new(look->graph);
	return look;
}

void top_look_free(TopLook *look)
{
	if (!look)
		return;
	plan_free(look->advice);
	edge_index_free(look->edges);
	wait_graph_free(look->graph);
	snapshot_free(look->snapshot);
	g_free(look);
}

/* As long as it has or wants the lock of the row, no other row comes to lie there. */
static gboolean has_lock(const Snapshot *snapshot, const Session *session, const LockTag *tag)
{
	guint same = snapshot_find_pid(snapshot, session->pid);
	const Lock *locks;
	guint n;

	if (same == NO_SESSION ||
	    snapshot_session(snapshot, same)->backend_start != session->backend_start)
		return FALSE;
	locks = snapshot_session_locks(snapshot, same, &n);
	for (guint i = 0; i < n; i++)
		if (lock_tag_equal(&locks[i].tag, tag))
			return TRUE;
	return FALSE;
}

void top_look_lend_row_keys(const TopLook *from, TopLook *to)
{
	Names *names = snapshot_names(to->snapshot);

	for (guint i = 0; i < snapshot_n_locks(to->snapshot); i++) {
		const Lock *lock = snapshot_lock(to->snapshot, i);
		const RowKey *key = lock->tag.type == LOCK_TYPE_TUPLE
		                        ? names_row_key(snapshot_names(from->snapshot), &lock->tag)
		                        : NULL;

		if (key && !names_row_key(names, &lock->tag) &&
		    has_lock(from->snapshot, snapshot_session(to->snapshot, lock->session), &lock->tag))
			names_add_row_key(names, &lock->tag, key);
	}
}

char *top_look_identity(const TopLook *look, guint session)
{
	const Session *facts = snapshot_session(look->snapshot, session);
	g_autofree char *id = session_id(facts);

	if (facts->kind == SESSION_KIND_PREPARED)
		return g_strdup_printf("%s@%u", id, facts->transaction);
	return g_strdup_printf("%s@%" G_GINT64_FORMAT, id, facts->backend_start);
}

guint top_look_find(const TopLook *look, const char *identity)
{
	for (guint i = 0; i < snapshot_n_sessions(look->snapshot); i++) {
		g_autofree char *other = top_look_identity(look, i);
		if (strcmp(other, identity) == 0)
			return i;
	}
	return NO_SESSION;
}
