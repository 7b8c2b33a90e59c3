#include "plan/plan_private.h"

#include "base/error.h"

#define NO_CIRCLE G_MAXUINT

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
	       (!planning->selection->modes || planning_matching_lock(planning, root, FALSE));
}

/* The roots behind which somebody wanted waits, joined where they share a waiter. */
static GPtrArray *collect_jams(const Planning *planning)
{
	g_autoptr(GArray) roots = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autofree guint *joined = NULL;
	g_autofree Jam **jams = NULL;
	GPtrArray *result = g_ptr_array_new_with_free_func(jam_free);

	for (guint i = 0; i < wait_graph_n_roots(planning->graph); i++) {
		guint root = wait_graph_root(planning->graph, i);
		g_autoptr(GArray) behind = wait_graph_behind(planning->graph, &root, 1);

		if (any_wanted(planning, behind) && root_matches(planning, root))
			g_array_append_val(roots, root);
	}
	joined = planning_join(planning->graph, (const guint *) (gpointer) roots->data, roots->len);
	jams = g_new0(Jam *, roots->len + 1);
	for (guint i = 0; i < roots->len; i++) {
		Jam **jam = &jams[joined[i]];

		if (!*jam) {
			*jam = g_new0(Jam, 1);
			(*jam)->roots = g_array_new(FALSE, FALSE, sizeof(guint));
			g_ptr_array_add(result, *jam);
		}
		g_array_append_val((*jam)->roots, g_array_index(roots, guint, i));
	}
	for (guint i = 0; i < result->len; i++) {
		Jam *jam = g_ptr_array_index(result, i);

		jam->waiters = wait_graph_behind(
		    planning->graph, (const guint *) (gpointer) jam->roots->data, jam->roots->len);
	}
	return result;
}

/* A statement that changes a table, or something of the kind, and asks for more than any query
 * does. */
static gboolean is_ddl(const LockTag *tag, LockMode mode)
{
	return (tag->type == LOCK_TYPE_RELATION || tag->type == LOCK_TYPE_OBJECT) &&
	       mode > LOCK_MODE_ROW_EXCLUSIVE;
}

/* Whether it holds up others by nothing but asking for something strong: what it holds blocks
 * nobody, so that its work so far is not what they wait for. (The first in line for a row isn't
 * such a one either: it holds the row's tuple lock.) */
static gboolean is_queued_request(const Planning *planning, guint waiter)
{
	const Selection *selection = planning->selection;
	const LockQueue *queue;
	const QueueWaiter *wait = wait_graph_wait(planning->graph, waiter, &queue);
	gboolean inferred;

	if (!is_ddl(&queue->tag, wait->mode) && selection->prefer != PREFER_QUEUED)
		return FALSE;
	if (selection->modes && !(selection->modes & LOCK_MODE_SET(wait->mode)))
		return FALSE;
	return planning_direct_waiter(planning, waiter, &inferred) == NO_SESSION;
}

/* A build that waits for strangers: it is begun anew more easily than their transactions. */
static gboolean is_concurrent_build(const Planning *planning, guint waiter)
{
	return planning_is_concurrent_ddl(planning->graph, waiter) &&
	       (!planning->selection->modes || planning_matching_lock(planning, waiter, FALSE) != NULL);
}

/* Whether its wait may be ended to free others: that of the one that is to be freed may not. */
static gboolean may_give_up(const Planning *planning, guint waiter)
{
	if (planning->plan->only_waiter && planning->plan->waiter == waiter)
		return FALSE;
	return planning_session_matches(planning, waiter) &&
	       act_refusal(planning->snapshot, waiter, ACT_CANCEL,
	                   planning->selection->include_protected) == REFUSAL_NONE;
}

/* Whether all of the jam whose waits are meant move on when this waiter alone gives up: at least
 * one, beside itself. */
static gboolean frees_wanted(const Planning *planning, const Jam *jam, guint waiter)
{
	g_autoptr(GArray) freed = wait_graph_freed_by(planning->graph, &waiter, 1);
	guint n_wanted = 0, j = 0;

	/* both are ascending */
	for (guint i = 0; i < jam->waiters->len; i++) {
		guint other = g_array_index(jam->waiters, guint, i);

		if (other == waiter || planning->concerns[other] == CONCERNS_NOT)
			continue;
		while (j < freed->len && g_array_index(freed, guint, j) < other)
			j++;
		if (j == freed->len || g_array_index(freed, guint, j) != other)
			return FALSE;
		n_wanted++;
	}
	return n_wanted > 0;
}

/* The request of this kind whose going frees everybody else in the jam, or NO_SESSION. */
static guint find_request(const Planning *planning, const Jam *jam,
                          gboolean (*is_of_kind)(const Planning *planning, guint waiter))
{
	guint n_wanted = 0;

	for (guint i = 0; i < jam->waiters->len; i++)
		n_wanted += planning->concerns[g_array_index(jam->waiters, guint, i)] != CONCERNS_NOT;
	for (guint i = 0; i < jam->waiters->len; i++) {
		guint waiter = g_array_index(jam->waiters, guint, i);

		/* the number is known, the list has to be worked out */
		if (wait_graph_freed_alone(planning->graph, waiter) + 1 >= n_wanted &&
		    is_of_kind(planning, waiter) && may_give_up(planning, waiter) &&
		    frees_wanted(planning, jam, waiter))
			return waiter;
	}
	return NO_SESSION;
}

/* A request that loses nothing, else one whose work so far has to be done again. */
static guint find_queued_request(const Planning *planning, const Jam *jam)
{
	guint queued = find_request(planning, jam, is_queued_request);

	return queued != NO_SESSION ? queued : find_request(planning, jam, is_concurrent_build);
}

static void add_queued_request(const Planning *planning, guint session)
{
	gboolean is_build = planning_is_concurrent_ddl(planning->graph, session);
	PlanItem *item = planning_add_item(planning, session, ACT_CANCEL,
	                                   is_build ? REASON_CONCURRENT_DDL : REASON_QUEUED_REQUEST);

	item->same_transaction = TRUE;
	item->by_request = !is_build;
	item->waiter = is_build ? planning_direct_waiter(planning, session, &item->inferred)
	                        : planning_waiter_behind(planning, session);
}

static void add_roots(const Planning *planning, const Jam *jam)
{
	for (guint i = 0; i < jam->roots->len; i++) {
		guint root = g_array_index(jam->roots, guint, i);
		ActReason reason;
		Act act = act_to_free(snapshot_session(planning->snapshot, root), &reason);
		PlanItem *item = planning_add_item(planning, root, act, reason);

		if (act == ACT_ROLLBACK_PREPARED && item->refusal == REFUSAL_NONE &&
		    !planning->selection->rollback_prepared)
			item->refusal = REFUSAL_PREPARED;
		item->same_transaction = act != ACT_ROLLBACK_PREPARED;
		item->waiter = planning_direct_waiter(planning, root, &item->inferred);
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
			add_roots(planning, jam);
		} else if (prefer == PREFER_HOLDER) {
			add_roots(planning, jam);
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

guint plan_deadlock_choice(const WaitGraph *graph, guint cycle)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	guint n, choice = NO_SESSION;
	const guint *members = wait_graph_cycle(graph, cycle, &n);
	gint64 youngest = G_MININT64;

	for (guint i = 0; i < n; i++) {
		gint64 began = snapshot_session(snapshot, members[i])->xact_start;

		if (act_refusal(snapshot, members[i], ACT_CANCEL, 0) != REFUSAL_NONE)
			continue;
		if (choice == NO_SESSION || began > youngest) {
			choice = members[i];
			youngest = began;
		}
	}
	return choice;
}

/* The circle that those who are meant are in or behind, or NO_CIRCLE. */
static guint find_wanted_cycle(const Planning *planning)
{
	for (guint i = 0; i < wait_graph_n_cycles(planning->graph); i++) {
		guint n;
		const guint *members = wait_graph_cycle(planning->graph, i, &n);
		g_autoptr(GArray) all = wait_graph_behind(planning->graph, members, n);

		g_array_append_vals(all, members, n);
		if (any_wanted(planning, all))
			return i;
	}
	return NO_CIRCLE;
}

static void refuse_deadlock(const Planning *planning, guint cycle, GError **error)
{
	guint choice = plan_deadlock_choice(planning->graph, cycle);
	g_autofree char *name = NULL;
	g_autofree char *hint = NULL;

	error_set(error, PGUNLOCK_ERROR_REFUSED, "they wait for each other in a circle%s",
	          wait_graph_is_deadlock(planning->graph, cycle) ? ": a deadlock" : "");
	if (choice != NO_SESSION) {
		name = session_exact_name(snapshot_session(planning->snapshot, choice));
		hint = g_strdup_printf("; \"pgunlock cancel %s\" ends its youngest transaction's statement",
		                       name);
	}
	error_set_hint(error,
	               "the server itself ends one of them after its deadlock_timeout%s; \"pgunlock "
	               "status\" shows them all, with the command",
	               hint ? hint : "");
}

/* Somebody waits, but there is no root to end. (Without an error: a waiter that nobody blocks any
 * more is about to get its lock.) */
static gboolean check_no_jam(const Planning *planning, GError **error)
{
	const Selection *selection = planning->selection;
	guint cycle = find_wanted_cycle(planning);

	if (selection->user || selection->application || selection->modes ||
	    selection->idle_in_transaction) {
		error_set(error, PGUNLOCK_ERROR_NOT_FOUND, "no root blocker matched");
		error_set_hint(error, "\"pgunlock tree\" shows who blocks whom");
		return FALSE;
	}
	if (cycle == NO_CIRCLE)
		return TRUE;
	refuse_deadlock(planning, cycle, error);
	return FALSE;
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
