#include "policy/replay.h"

#include "base/timestamp.h"
#include "model/session.h"

/* A session that would have been ended, or of which something was told: it is asked about once. */
typedef struct {
	char *key;
	Replayed *replayed; /* the replay's */
	gint64 last_seen;   /* the sample before */
	guint last_blocked;
	gboolean is_ended;
	gboolean is_there; /* in the sample at hand */
} Followed;

/* An act of the sample at hand, which counts for the limits when all of that are known. */
typedef struct {
	const Rule *rule;
	const Blocker *blocker;
} Pending;

typedef struct {
	GPtrArray *followed; /* of Followed */
	GArray *pending;     /* of Pending */
} ReplayServer;

struct Replay {
	const Policy *policy;
	GTimeZone *zone;
	PolicyLimits *limits;
	GHashTable *servers; /* name -> ReplayServer */
	GPtrArray *result;
};

static void replayed_free(gpointer data)
{
	Replayed *replayed = data;

	g_free(replayed->server);
	g_free(replayed->rule);
	g_free(replayed->session);
	g_free(replayed->user);
	g_free(replayed->application);
	g_free(replayed);
}

static void followed_free(gpointer data)
{
	Followed *followed = data;

	g_free(followed->key);
	g_free(followed);
}

static void server_free(gpointer data)
{
	ReplayServer *server = data;

	g_ptr_array_unref(server->followed);
	g_array_unref(server->pending);
	g_free(server);
}

Replay *replay_new(const Policy *policy, GTimeZone *zone)
{
	Replay *replay = g_new0(Replay, 1);

	replay->policy = policy;
	replay->zone = zone;
	replay->limits = policy_limits_new();
	replay->servers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, server_free);
	replay->result = g_ptr_array_new_with_free_func(replayed_free);
	return replay;
}

void replay_free(Replay *replay)
{
	if (replay == NULL)
		return;
	policy_limits_free(replay->limits);
	g_hash_table_unref(replay->servers);
	g_ptr_array_unref(replay->result);
	g_free(replay);
}

static ReplayServer *find_server(Replay *replay, const char *name)
{
	ReplayServer *server = g_hash_table_lookup(replay->servers, name);

	if (server != NULL)
		return server;
	server = g_new0(ReplayServer, 1);
	server->followed = g_ptr_array_new_with_free_func(followed_free);
	server->pending = g_array_new(FALSE, FALSE, sizeof(Pending));
	g_hash_table_insert(replay->servers, g_strdup(name), server);
	return server;
}

static char *key_of(const Blocker *blocker)
{
	return g_strdup_printf("%d %" G_GINT64_FORMAT " %u %" G_GINT64_FORMAT, blocker->pid,
	                       blocker->backend_start, blocker->transaction,
	                       blocker->transaction_since);
}

static Followed *find_followed(const ReplayServer *server, const char *key)
{
	for (guint i = 0; i < server->followed->len; i++) {
		Followed *followed = g_ptr_array_index(server->followed, i);

		if (g_str_equal(followed->key, key))
			return followed;
	}
	return NULL;
}

static guint second_of_day(const Replay *replay, gint64 at)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(at / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_timezone(utc, replay->zone) : NULL;

	if (local == NULL)
		return 0;
	return (guint) (g_date_time_get_hour(local) * 3600 + g_date_time_get_minute(local) * 60 +
	                g_date_time_get_second(local));
}

static Followed *follow(Replay *replay, ReplayServer *server, const char *name,
                        const Blocker *blocker, gint64 at, const Verdict *verdict)
{
	const Session named = {
	    .kind = blocker->kind,
	    .pid = blocker->pid,
	    .gid = blocker->gid,
	    .gid_bytes = blocker->gid_bytes,
	    .transaction = blocker->transaction,
	};
	Replayed *replayed = g_new0(Replayed, 1);
	Followed *followed = g_new0(Followed, 1);

	replayed->at = at;
	replayed->server = g_strdup(name);
	replayed->rule = g_strdup(verdict->rule->name);
	replayed->action = verdict->rule->action;
	replayed->unknown = verdict->unknown;
	replayed->session = session_id(&named);
	replayed->user = g_strdup(blocker->user);
	replayed->application = g_strdup(blocker->application);
	replayed->blocked = blocker->blocked_total;
	g_ptr_array_add(replay->result, replayed);
	followed->key = key_of(blocker);
	followed->replayed = replayed;
	followed->is_there = TRUE;
	g_ptr_array_add(server->followed, followed);
	return followed;
}

/* On whom this rule is about to act, too. Free with g_ptr_array_unref. */
static GPtrArray *find_pending(const ReplayServer *server, const Rule *rule)
{
	GPtrArray *found = g_ptr_array_new();

	for (guint i = 0; i < server->pending->len; i++) {
		const Pending *one = &g_array_index(server->pending, Pending, i);

		if (one->rule == rule)
			g_ptr_array_add(found, (gpointer) (gsize) one->blocker);
	}
	return found;
}

static void note_pending(const Replay *replay, ReplayServer *server, const char *name, gint64 at)
{
	for (guint i = 0; i < server->pending->len; i++) {
		const Pending *one = &g_array_index(server->pending, Pending, i);

		policy_limits_note_act(replay->limits, replay->policy, one->rule, name, one->blocker, at);
	}
	g_array_set_size(server->pending, 0);
}

/* What the plan would say, as far as that was recorded. */
static ActRefusal refusal_of(const Blocker *blocker, RuleAction action)
{
	static const Act acts[RULE_ACTION_COUNT] = {
	    [RULE_CANCEL] = ACT_CANCEL,
	    [RULE_TERMINATE] = ACT_TERMINATE,
	    [RULE_ROLLBACK_PREPARED] = ACT_ROLLBACK_PREPARED,
	};
	const Session session = {
	    .kind = blocker->kind,
	    .pid = blocker->pid,
	    .type = blocker->type,
	    .state = blocker->session_state,
	    .xact_start = blocker->transaction_since,
	    .query_start = blocker->query_start,
	    .query = blocker->statement,
	};
	ActReason reason;
	/* A release leaves prepared transactions alone. */
	Act act = action == RULE_RELEASE && blocker->kind != SESSION_KIND_PREPARED
	              ? act_to_free(&session, &reason)
	              : acts[action];

	return act_refusal_by_session(&session, act);
}

/* What keeps a rule that matches from acting. */
static void keep_from(Replay *replay, ReplayServer *server, const char *name,
                      const Blocker *blocker, gint64 at, const Verdict *verdict,
                      LimitsReason limits, ActRefusal refusal)
{
	Replayed *replayed = follow(replay, server, name, blocker, at, verdict)->replayed;

	replayed->kind = limits != LIMITS_ALLOW ? REPLAYED_LIMITED : REPLAYED_REFUSED;
	replayed->limits = limits;
	replayed->refusal = limits != LIMITS_ALLOW ? REFUSAL_NONE : refusal;
}

static void judge(Replay *replay, ReplayServer *server, const char *name, const Blocker *blocker,
                  gint64 at, Followed *followed)
{
	const PolicyCase asked = {
	    .server = name,
	    .blocker = blocker,
	    .now = at,
	    .second_of_day = second_of_day(replay, at),
	};
	Verdict verdict = policy_verdict(replay->policy, &asked);
	LimitsAnswer limits = {0};

	if (verdict.answer == ANSWER_UNKNOWN) {
		if (followed == NULL)
			follow(replay, server, name, blocker, at, &verdict)->replayed->kind = REPLAYED_UNKNOWN;
		return;
	}
	if (verdict.answer != ANSWER_YES || !rule_action_acts(verdict.rule->action))
		return;
	g_autoptr(GPtrArray) others = find_pending(server, verdict.rule);
	limits = policy_limits_ask_another(replay->limits, replay->policy, verdict.rule, name, blocker,
	                                   (const Blocker *const *) (gpointer) others->pdata,
	                                   others->len, at);
	ActRefusal refusal = refusal_of(blocker, verdict.rule->action);

	if (limits.reason != LIMITS_ALLOW || refusal != REFUSAL_NONE) {
		if (followed == NULL)
			keep_from(replay, server, name, blocker, at, &verdict, limits.reason, refusal);
		return;
	}
	if (followed != NULL)
		g_ptr_array_remove_fast(server->followed, followed);
	const Pending pending = {verdict.rule, blocker};

	g_array_append_val(server->pending, pending);
	followed = follow(replay, server, name, blocker, at, &verdict);
	followed->is_ended = TRUE;
	followed->last_seen = at;
	followed->last_blocked = blocker->blocked_total;
}

/* What is waited from one sample to the next is waited by those of the first. */
static void save(Followed *followed, gint64 at)
{
	followed->replayed->saved_us +=
	    (gint64) followed->last_blocked * MAX(at - followed->last_seen, 0);
}

static void see(Replay *replay, ReplayServer *server, const char *name, const Blocker *blocker,
                gint64 at)
{
	g_autofree char *key = key_of(blocker);
	Followed *followed = find_followed(server, key);

	if (followed != NULL && followed->is_ended) {
		save(followed, at);
		followed->is_there = TRUE;
		followed->last_seen = at;
		followed->last_blocked = blocker->blocked_total;
	} else {
		if (followed != NULL)
			followed->is_there = TRUE;
		judge(replay, server, name, blocker, at, followed);
	}
}

void replay_sample(Replay *replay, const char *server, gint64 taken_at,
                   const Blocker *const *blockers, guint n)
{
	ReplayServer *place = find_server(replay, server);

	for (guint i = 0; i < place->followed->len; i++)
		((Followed *) g_ptr_array_index(place->followed, i))->is_there = FALSE;
	for (guint i = 0; i < n; i++)
		see(replay, place, server, blockers[i], taken_at);
	note_pending(replay, place, server, taken_at);
	for (guint i = 0; i < place->followed->len;) {
		Followed *followed = g_ptr_array_index(place->followed, i);

		if (followed->is_there) {
			i++;
			continue;
		}
		if (followed->is_ended)
			save(followed, taken_at);
		g_ptr_array_remove_index_fast(place->followed, i);
	}
}

const GPtrArray *replay_result(const Replay *replay)
{
	return replay->result;
}
