#include "plan/plan_private.h"

#include "base/error.h"

#define ROW_LOCKERS (LOCK_MODE_SET(LOCK_MODE_ROW_SHARE) | LOCK_MODE_SET(LOCK_MODE_ROW_EXCLUSIVE))

/* Whether somebody whose wait the selection is about waits for this session's transaction to end:
 * for a row that it has locked. */
static gboolean keeps_rows(const Planning *planning, guint leader)
{
	const GArray *edges = planning->hard_edges;

	for (guint i = planning_first_edge(planning, leader); i < edges->len; i++) {
		const WaitEdge *edge = &g_array_index(edges, WaitEdge, i);
		const LockQueue *queue = lock_queues_get(wait_graph_queues(planning->graph), edge->queue);

		if (edge->blocker != leader)
			break;
		if (queue->tag.type == LOCK_TYPE_TRANSACTIONID &&
		    planning->concerns[edge->waiter] != CONCERNS_NOT)
			return TRUE;
	}
	return FALSE;
}

/* The modes with which a lock on the tables, without a table any lock but its own ids, is enough by
 * itself. */
static LockModeSet modes_that_are_enough(const Planning *planning, guint leader)
{
	if (planning->selection->all_holders)
		return LOCK_MODE_SET_ALL;
	return planning->selection->tables && keeps_rows(planning, leader) ? ROW_LOCKERS : 0;
}

const Lock *planning_matching_lock(const Planning *planning, guint leader, gboolean only_concerned)
{
	const Snapshot *snapshot = planning->snapshot;
	const Subject subject = selection_subject(planning->selection);
	LockModeSet modes = planning->selection->modes ? planning->selection->modes : LOCK_MODE_SET_ALL;
	LockModeSet enough = modes_that_are_enough(planning, leader);

	for (guint session = 0; session < snapshot_n_sessions(snapshot); session++) {
		guint n;
		const Lock *locks;

		if (snapshot_session(snapshot, session)->leader != leader)
			continue;
		locks = snapshot_session_locks(snapshot, session, &n);
		for (guint i = 0; i < n; i++) {
			if (!locks[i].granted || !(modes & LOCK_MODE_SET(locks[i].mode)))
				continue;
			if (planning_others_wait_for(planning, &locks[i], leader, only_concerned))
				return &locks[i];
			if ((enough & LOCK_MODE_SET(locks[i].mode)) && !planning_is_own_id(&locks[i]) &&
			    subject_has_lock(&subject, snapshot, &locks[i]))
				return &locks[i];
		}
	}
	return NULL;
}

/* With --all-holders a row's holder is selected though nobody waits for it, if it is the holder for
 * sure. */
static gboolean holds_rows(const Planning *planning, guint index)
{
	return !planning->row_verdicts || row_verdicts_is_holder(planning->row_verdicts, index);
}

static gboolean is_selected(const Planning *planning, guint index, guint *waiter,
                            gboolean *inferred, const Lock **lock)
{
	const Selection *selection = planning->selection;
	const Session *session = snapshot_session(planning->snapshot, index);

	if (session->leader != index || session->is_self ||
	    wait_graph_wait(planning->graph, index, NULL))
		return FALSE;
	if (selection->blocking && !wait_graph_is_root(planning->graph, index))
		return FALSE;
	*waiter = planning_direct_waiter(planning, index, inferred);
	if (selection->all_holders) {
		*waiter = NO_SESSION;
		*inferred = FALSE;
	} else if (*waiter == NO_SESSION || planning->concerns[*waiter] == CONCERNS_NOT) {
		return FALSE;
	}
	if (!planning_session_matches(planning, index) || !holds_rows(planning, index))
		return FALSE;
	*lock = planning_matching_lock(planning, index, TRUE);
	return *lock != NULL;
}

static int compare_worst_first(gconstpointer a, gconstpointer b, gpointer data)
{
	const PlanItem *x = a, *y = b;
	guint total_x = wait_graph_blocked_total(data, x->session);
	guint total_y = wait_graph_blocked_total(data, y->session);

	return (total_x < total_y) - (total_x > total_y);
}

/* A session that passes all filters, keeps somebody who is meant from what it holds, and was not
 * selected because it waits itself. NO_SESSION when there is none. */
static guint find_waiting_holder(const Planning *planning)
{
	for (guint i = 0; i < snapshot_n_sessions(planning->snapshot); i++) {
		gboolean inferred;
		guint waiter;

		if (!wait_graph_wait(planning->graph, i, NULL))
			continue;
		waiter = planning_direct_waiter(planning, i, &inferred);
		/* The first in line for a row holds its tuple lock, and isn't its holder. */
		if (waiter != NO_SESSION && planning->concerns[waiter] != CONCERNS_NOT &&
		    wait_graph_target(planning->graph, waiter).tag->type != LOCK_TYPE_TUPLE &&
		    planning_session_matches(planning, i) && planning_matching_lock(planning, i, TRUE))
			return i;
	}
	return NO_SESSION;
}

/* What ends it is its own wait, or itself by name. */
static void refuse_waiting_holder(const Planning *planning, guint holder, GError **error)
{
	const Session *session = snapshot_session(planning->snapshot, holder);
	g_autoptr(GArray) roots = wait_graph_roots_of(planning->graph, holder);
	g_autofree char *exact = session_exact_name(session);
	g_autofree char *id = session_id(session);
	g_autofree char *root =
	    roots->len > 0
	        ? session_id(snapshot_session(planning->snapshot, g_array_index(roots, guint, 0)))
	        : NULL;

	error_set(
	    error, PGUNLOCK_ERROR_NOT_FOUND,
	    "no session matched: %s holds it, but waits itself%s%s, and waiters are never selected", id,
	    root ? " behind " : "", root ? root : "");
	error_set_hint(error,
	               "\"pgunlock terminate %s\" ends it by name, with all that it has done; "
	               "\"pgunlock tree\" shows what it waits for",
	               exact);
}

gboolean planning_select(const Planning *planning, GError **error)
{
	Plan *plan = planning->plan;
	Act act = plan->command == COMMAND_CANCEL ? ACT_CANCEL : ACT_TERMINATE;

	for (guint i = 0; i < snapshot_n_sessions(planning->snapshot); i++) {
		guint waiter;
		gboolean inferred;
		const Lock *lock;
		PlanItem *item;
		gboolean prepared = snapshot_session(planning->snapshot, i)->kind == SESSION_KIND_PREPARED;

		if (!is_selected(planning, i, &waiter, &inferred, &lock))
			continue;
		item = planning_add_item(
		    planning, i,
		    prepared && planning->selection->rollback_prepared ? ACT_ROLLBACK_PREPARED : act,
		    prepared ? REASON_PREPARED : REASON_REQUESTED);
		item->same_transaction = TRUE;
		item->waiter = waiter;
		item->inferred = inferred;
		/* An advisory lock can be let go while state and transaction stay as they are. */
		if (waiter == NO_SESSION && lock->tag.type == LOCK_TYPE_ADVISORY)
			item->held = lock;
	}
	g_array_sort_with_data(plan->items, compare_worst_first, (gpointer) (gsize) planning->graph);
	if (plan->items->len == 0) {
		guint holder = find_waiting_holder(planning);

		if (holder != NO_SESSION) {
			refuse_waiting_holder(planning, holder, error);
			return FALSE;
		}
		error_set(error, PGUNLOCK_ERROR_NOT_FOUND, "no session matched");
		error_set_hint(error, "%s",
		               planning->selection->all_holders
		                   ? "waiters are never selected; \"pgunlock locks\" shows who holds what"
		                   : "only holders that block somebody are selected, never waiters; "
		                     "--all-holders widens to holders that block nobody");
		return FALSE;
	}
	return TRUE;
}
