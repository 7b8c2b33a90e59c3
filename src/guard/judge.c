#include "guard/judge.h"

#include "base/timestamp.h"

static void clear_judged(gpointer data)
{
	blocker_free(((Judged *) data)->blocker);
}

static PolicyCase case_of(const JudgeContext *context, const Judged *judged, gint64 now)
{
	return (PolicyCase){
	    .server = context->server,
	    .blocker = judged->blocker,
	    .now = now,
	    .second_of_day = context->second_of_day,
	};
}

static void judge(const JudgeContext *context, const WaitGraph *graph, guint session, JudgedAs as,
                  GArray *all)
{
	const Seen *seen = context->seen;
	Judged judged = {
	    .session = session,
	    .as = as,
	    .is_fresh = seen != NULL && as != JUDGED_BYSTANDER &&
	                !seen_for(seen, graph, session, JUDGE_LEAST_SEEN_US),
	    .blocker = seen != NULL ? seen_blocker(seen, graph, session)
	                            : blocker_new(graph, session, TIMESTAMP_NONE),
	};
	PolicyCase asked = case_of(context, &judged, judged.blocker->taken_at);

	judged.verdict = policy_verdict(context->policy, &asked);
	g_array_append_val(all, judged);
}

/* Those who hold what somebody waits for: a set of indexes. */
static GHashTable *find_holders(const WaitGraph *graph)
{
	GHashTable *holders = g_hash_table_new(NULL, NULL);
	g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(WaitEdge));
	guint n;
	const guint *participants = wait_graph_participants(graph, &n);

	for (guint i = 0; i < n; i++) {
		g_array_set_size(edges, 0);
		wait_graph_append_edges(graph, participants[i], EDGES_HARD, edges);
		for (guint j = 0; j < edges->len; j++)
			g_hash_table_add(holders,
			                 GUINT_TO_POINTER(g_array_index(edges, WaitEdge, j).blocker + 1));
	}
	return holders;
}

static void judge_queued(const JudgeContext *context, const WaitGraph *graph, GArray *all)
{
	g_autoptr(GHashTable) holders = find_holders(graph);
	guint n;
	const guint *participants = wait_graph_participants(graph, &n);

	for (guint i = 0; i < n; i++) {
		guint session = participants[i];

		if (wait_graph_wait(graph, session, NULL) != NULL &&
		    wait_graph_freed_alone(graph, session) > 0 &&
		    !g_hash_table_contains(holders, GUINT_TO_POINTER(session + 1)))
			judge(context, graph, session, JUDGED_QUEUED, all);
	}
}

/* Whether a rule for sessions that nobody waits for can mean it. Not the server's own processes
 * while they have no transaction: they are protected, and have no state, so that it could never be
 * told for how long they are idle. Of one that the server hides from us it isn't known what it is,
 * but only who logs in has both a user and a database. */
static gboolean can_be_meant(const Session *session)
{
	if (session->type == BACKEND_TYPE_UNKNOWN && session->kind == SESSION_KIND_BACKEND)
		return session->user != 0 && session->database != 0;
	return session->type == BACKEND_TYPE_CLIENT || session->kind == SESSION_KIND_PREPARED ||
	       session_is_in_transaction(session);
}

static void judge_bystanders(const JudgeContext *context, const WaitGraph *graph, GArray *all)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);

	for (guint i = 0; i < snapshot_n_sessions(snapshot); i++) {
		const Session *session = snapshot_session(snapshot, i);

		if (session->leader == i && !session->is_self && can_be_meant(session) &&
		    wait_graph_blocked_total(graph, i) == 0 && wait_graph_wait(graph, i, NULL) == NULL)
			judge(context, graph, i, JUDGED_BYSTANDER, all);
	}
}

GArray *judge_look(const JudgeContext *context, const WaitGraph *graph)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(Judged));

	g_array_set_clear_func(all, clear_judged);
	for (guint i = 0; i < wait_graph_n_roots(graph); i++)
		judge(context, graph, wait_graph_root(graph, i), JUDGED_ROOT, all);
	judge_queued(context, graph, all);
	if (policy_wants_all_sessions(context->policy, context->server))
		judge_bystanders(context, graph, all);
	return all;
}

gboolean judge_again(const JudgeContext *context, GArray *judged, gint64 now)
{
	gboolean is_due = FALSE;

	for (guint i = 0; i < judged->len; i++) {
		Judged *one = &g_array_index(judged, Judged, i);
		PolicyCase asked = case_of(context, one, now);
		gboolean acted = judged_acts(one);

		one->verdict = policy_verdict(context->policy, &asked);
		is_due = is_due || (!acted && judged_acts(one));
	}
	return is_due;
}

gboolean judged_acts(const Judged *judged)
{
	return judged->verdict.answer == ANSWER_YES && rule_action_acts(judged->verdict.rule->action);
}

gboolean judge_has_doubts(const GArray *judged)
{
	for (guint i = 0; i < judged->len; i++) {
		const Judged *one = &g_array_index(judged, Judged, i);

		if (one->is_fresh && judged_acts(one))
			return TRUE;
	}
	return FALSE;
}
