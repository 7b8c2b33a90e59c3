#include "plan/plan_private.h"

#include "base/error.h"

/*
 * The least that frees. The waits that are meant lead to their roots; roots that share a waiter
 * belong together: they are one jam, and are ended together or not at all. A jam that is only held
 * up by one queued request (a DDL statement waiting behind a reader, with everybody else behind it)
 * can be opened by cancelling that request.
 */

typedef struct {
	GArray *roots;   /* of guint: sessions */
	GArray *waiters; /* of guint: all behind the roots, ascending */
} Jam;

static void jam_free(gpointer data)
{
	Jam *jam = data;

	g_array_unref(jam->roots);
	g_array_unref(jam->waiters);
	g_free(jam);
}

static gboolean any_wanted(const Planning *planning, const GArray *sessions)
{
	for (guint i = 0; i < sessions->len; i++)
		if (planning->concerns[g_array_index(sessions, guint, i)] != CONCERNS_NOT)
			return TRUE;
	return FALSE;
}

/* Whether the root passes the filters that narrow a release. */
static gboolean root_matches(const Planning *planning, guint root)
{
	return planning_session_matches(planning, root) &&
	       (!planning->selection->modes || planning_holds_matching(planning, root, FALSE));
}

static guint find_jam(guint *jam_of, guint jam)
{
	while (jam_of[jam] != jam)
		jam = jam_of[jam] = jam_of[jam_of[jam]];
	return jam;
}

/* The roots behind which somebody wanted waits, joined where they share a waiter. */
static GPtrArray *collect_jams(const Planning *planning)
{
	guint n_roots = wait_graph_n_roots(planning->graph);
	g_autofree guint *jam_of = g_new(guint, MAX(n_roots, 1));
	g_autofree guint *first_root = g_new0(guint, MAX(snapshot_n_sessions(planning->snapshot), 1));
	g_autofree Jam **jams = g_new0(Jam *, MAX(n_roots, 1));
	GPtrArray *result = g_ptr_array_new_with_free_func(jam_free);

	for (guint r = 0; r < n_roots; r++) {
		guint root = wait_graph_root(planning->graph, r);
		g_autoptr(GArray) behind = wait_graph_behind(planning->graph, &root, 1);

		jam_of[r] = r;
		if (!any_wanted(planning, behind) || !root_matches(planning, root)) {
			jam_of[r] = NO_SESSION;
			continue;
		}
		for (guint i = 0; i < behind->len; i++) {
			guint waiter = g_array_index(behind, guint, i);

			if (first_root[waiter] == 0)
				first_root[waiter] = r + 1;
			else
				jam_of[find_jam(jam_of, r)] = find_jam(jam_of, first_root[waiter] - 1);
		}
	}
	for (guint r = 0; r < n_roots; r++) {
		guint root = wait_graph_root(planning->graph, r);
		guint jam;

		if (jam_of[r] == NO_SESSION)
			continue;
		jam = find_jam(jam_of, r);
		if (!jams[jam]) {
			jams[jam] = g_new0(Jam, 1);
			jams[jam]->roots = g_array_new(FALSE, FALSE, sizeof(guint));
			g_ptr_array_add(result, jams[jam]);
		}
		g_array_append_val(jams[jam]->roots, root);
	}
	for (guint i = 0; i < result->len; i++) {
		Jam *jam = g_ptr_array_index(result, i);

		jam->waiters = wait_graph_behind(
		    planning->graph, (const guint *) (gpointer) jam->roots->data, jam->roots->len);
	}
	return result;
}

/* The queued request whose going frees everybody else in the jam. It holds up others only by asking
 * for something strong: what it holds blocks nobody, so that its work so far is not what they wait
 * for. (The first in line for a row isn't one either: it holds the row's tuple lock.) */
static guint find_queued_request(const Planning *planning, const Jam *jam)
{
	if (jam->waiters->len < 2)
		return NO_SESSION;
	for (guint i = 0; i < jam->waiters->len; i++) {
		guint waiter = g_array_index(jam->waiters, guint, i);
		gboolean inferred;

		if (wait_graph_freed_alone(planning->graph, waiter) == jam->waiters->len - 1 &&
		    planning_direct_waiter(planning, waiter, &inferred) == NO_SESSION &&
		    act_refusal(planning->snapshot, waiter, ACT_CANCEL,
		                planning->selection->include_protected) == REFUSAL_NONE)
			return waiter;
	}
	return NO_SESSION;
}

static void add_queued_request(const Planning *planning, guint session)
{
	PlanItem *item = planning_add_item(planning, session, ACT_CANCEL, REASON_QUEUED_REQUEST);

	item->same_transaction = TRUE;
}

static gboolean is_behind_any(const Planning *planning, guint root, const GArray *freed)
{
	g_autoptr(GArray) behind = wait_graph_behind(planning->graph, &root, 1);
	guint j = 0;

	/* both are ascending */
	for (guint i = 0; i < behind->len; i++) {
		guint waiter = g_array_index(behind, guint, i);

		while (j < freed->len && g_array_index(freed, guint, j) < waiter)
			j++;
		if (j < freed->len && g_array_index(freed, guint, j) == waiter)
			return TRUE;
	}
	return FALSE;
}

/* What the items from first on that aren't refused free together. */
static GArray *freed_by_items(const Planning *planning, guint first)
{
	g_autoptr(GArray) sessions = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = first; i < planning->plan->items->len; i++)
		if (plan_item(planning->plan, i)->refusal == REFUSAL_NONE)
			g_array_append_val(sessions, plan_item(planning->plan, i)->session);
	return wait_graph_freed_by(planning->graph, (const guint *) (gpointer) sessions->data,
	                           sessions->len);
}

/* All of a waiter's blockers or none: when one is refused, those that would be ended for nothing
 * are refused, too. */
static void refuse_companions(const Planning *planning, guint first)
{
	g_autoptr(GArray) freed = freed_by_items(planning, first);

	for (guint i = first; i < planning->plan->items->len; i++) {
		PlanItem *item = &g_array_index(planning->plan->items, PlanItem, i);

		if (item->refusal == REFUSAL_NONE && !is_behind_any(planning, item->session, freed))
			item->refusal = REFUSAL_COMPANION;
	}
}

static void add_roots(const Planning *planning, const Jam *jam, guint group)
{
	guint first = planning->plan->items->len;
	g_autoptr(GArray) freed = NULL;

	for (guint i = 0; i < jam->roots->len; i++) {
		guint root = g_array_index(jam->roots, guint, i);
		ActReason reason;
		Act act = act_to_free(snapshot_session(planning->snapshot, root), &reason);
		PlanItem *item = planning_add_item(planning, root, act, reason);

		if (act == ACT_ROLLBACK_PREPARED && !planning->selection->rollback_prepared)
			item->refusal = REFUSAL_PREPARED;
		item->same_transaction = act != ACT_ROLLBACK_PREPARED;
		item->waiter = planning_direct_waiter(planning, root, &item->inferred);
	}
	refuse_companions(planning, first);
	if (jam->roots->len < 2)
		return;
	freed = freed_by_items(planning, first);
	for (guint i = first; i < planning->plan->items->len; i++) {
		PlanItem *item = &g_array_index(planning->plan->items, PlanItem, i);

		item->group = group;
		item->group_frees = freed->len;
	}
}

static void offer_queued_request(const Planning *planning, guint session)
{
	PlanAlternative alternative = {
	    .sessions = g_memdup2(&session, sizeof(session)),
	    .n_sessions = 1,
	    .act = ACT_CANCEL,
	    .frees = wait_graph_freed_alone(planning->graph, session),
	};

	g_array_append_val(planning->plan->alternatives, alternative);
}

static void offer_holders(const Planning *planning, const Jam *jam)
{
	const guint *roots = (const guint *) (gpointer) jam->roots->data;
	g_autoptr(GArray) freed = wait_graph_freed_by(planning->graph, roots, jam->roots->len);
	ActReason reason;
	PlanAlternative alternative = {
	    .sessions = g_memdup2(roots, jam->roots->len * sizeof(guint)),
	    .n_sessions = jam->roots->len,
	    .act = act_to_free(snapshot_session(planning->snapshot, roots[0]), &reason),
	    .frees = freed->len,
	    .is_holder = TRUE,
	};

	g_array_append_val(planning->plan->alternatives, alternative);
}

static gboolean add_jams(const Planning *planning, const GPtrArray *jams, GError **error)
{
	Prefer prefer = planning->selection->prefer;
	guint n_skipped = 0;

	for (guint i = 0; i < jams->len; i++) {
		const Jam *jam = g_ptr_array_index(jams, i);
		guint queued = find_queued_request(planning, jam);

		if (queued == NO_SESSION && prefer == PREFER_QUEUED) {
			n_skipped++;
		} else if (queued == NO_SESSION) {
			add_roots(planning, jam, i + 1);
		} else if (prefer == PREFER_HOLDER) {
			add_roots(planning, jam, i + 1);
			offer_queued_request(planning, queued);
		} else {
			add_queued_request(planning, queued);
			offer_holders(planning, jam);
		}
	}
	/* Who asked for queued requests only must not find a holder ended. */
	if (n_skipped > 0 && planning->plan->items->len == 0) {
		error_set(error, PGUNLOCK_ERROR_REFUSED,
		          "no single queued request holds up everybody else");
		error_set_hint(error, "--prefer holder ends the holders");
		return FALSE;
	}
	return TRUE;
}

/* Somebody waits, but there is no root to end. (Without an error: a waiter that nobody blocks any
 * more is about to get its lock.) */
static gboolean check_no_jam(const Planning *planning, GError **error)
{
	const Selection *selection = planning->selection;

	if (selection->user || selection->application || selection->modes ||
	    selection->idle_in_transaction) {
		error_set(error, PGUNLOCK_ERROR_NOT_FOUND, "no root blocker matched");
		error_set_hint(error, "\"pgunlock tree\" shows who blocks whom");
		return FALSE;
	}
	if (wait_graph_n_cycles(planning->graph) > 0) {
		error_set(error, PGUNLOCK_ERROR_REFUSED,
		          "they wait for each other in a circle: a deadlock");
		error_set_hint(error, "the server itself ends one of them after its deadlock_timeout; to "
		                      "choose which, cancel it by its pid");
		return FALSE;
	}
	return TRUE;
}

gboolean planning_release(const Planning *planning, GError **error)
{
	g_autoptr(GPtrArray) jams = collect_jams(planning);

	for (guint i = 0; i < snapshot_n_sessions(planning->snapshot); i++)
		planning->plan->n_waiting += planning->concerns[i] != CONCERNS_NOT;
	if (jams->len == 0 && planning->plan->n_waiting > 0)
		return check_no_jam(planning, error);
	return add_jams(planning, jams, error);
}
