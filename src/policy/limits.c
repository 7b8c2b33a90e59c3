#include "policy/limits.h"

/* What a rule has done on a server. */
typedef struct {
	GArray *acts; /* of gint64: when, ascending */
} RuleActs;

/* What has been done to an application, or on account of a statement, on a server. */
typedef struct {
	GArray *acts;      /* of gint64: when, ascending, without repeats */
	gint64 open_until; /* 0: closed */
} Breaker;

struct PolicyLimits {
	GHashTable *rules;    /* of "server rule" to RuleActs; neither name has a blank in it */
	GHashTable *breakers; /* of a key that tells the kind apart to Breaker */
};

static void rule_acts_free(gpointer data)
{
	g_array_unref(((RuleActs *) data)->acts);
	g_free(data);
}

static void breaker_free(gpointer data)
{
	g_array_unref(((Breaker *) data)->acts);
	g_free(data);
}

PolicyLimits *policy_limits_new(void)
{
	PolicyLimits *limits = g_new0(PolicyLimits, 1);

	limits->rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, rule_acts_free);
	limits->breakers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, breaker_free);
	return limits;
}

void policy_limits_free(PolicyLimits *limits)
{
	if (limits == NULL)
		return;
	g_hash_table_unref(limits->rules);
	g_hash_table_unref(limits->breakers);
	g_free(limits);
}

static gint64 time_at(const GArray *acts, guint index)
{
	return g_array_index(acts, gint64, index);
}

static void forget_before(GArray *acts, gint64 time)
{
	guint n = 0;

	while (n < acts->len && time_at(acts, n) < time)
		n++;
	g_array_remove_range(acts, 0, n);
}

static char *rule_key(const Rule *rule, const char *server)
{
	return g_strconcat(server, " ", rule->name, NULL);
}

/* NULL where nothing tells sessions apart from others: an application without a name may be
 * anybody's. Free with g_free. */
static char *application_key(const char *server, const Blocker *blocker)
{
	return blocker->application != NULL && *blocker->application != '\0'
	           ? g_strconcat(server, " application ", blocker->application, NULL)
	           : NULL;
}

static char *statement_key(const char *server, const Blocker *blocker)
{
	g_autofree char *shape =
	    blocker->statement != NULL ? statement_shape(blocker->statement) : NULL;

	return shape != NULL && *shape != '\0' ? g_strconcat(server, " statement ", shape, NULL) : NULL;
}

static LimitsAnswer ask_breaker(const PolicyLimits *limits, const PolicyRate *rate, const char *key,
                                LimitsReason reason, gint64 now_us)
{
	Breaker *breaker = key != NULL ? g_hash_table_lookup(limits->breakers, key) : NULL;
	LimitsAnswer answer = {LIMITS_ALLOW};

	if (breaker == NULL)
		return answer;
	if (breaker->open_until <= now_us) {
		forget_before(breaker->acts, now_us - rate->within_us);
		/* What is done in the same look is one act: co-holders have to end together. */
		guint n = breaker->acts->len;

		if (n > 0 && time_at(breaker->acts, n - 1) == now_us)
			n--;
		if (n < rate->n)
			return answer;
		breaker->open_until = now_us + rate->within_us;
		/* When it closes again the counting begins anew. */
		g_array_set_size(breaker->acts, 0);
		answer.just_opened = TRUE;
	}
	answer.reason = reason;
	answer.until_us = breaker->open_until;
	return answer;
}

static gboolean is_apart(const Blocker *blocker, const Blocker *const *others, guint n_others)
{
	for (guint i = 0; i < n_others; i++)
		if (blocker_shares_target(blocker, others[i]))
			return FALSE;
	return n_others > 0;
}

static LimitsAnswer ask_rule(const PolicyLimits *limits, const Rule *rule, const char *server,
                             const Blocker *blocker, const Blocker *const *others, guint n_others,
                             gint64 now_us)
{
	g_autofree char *key = rule_key(rule, server);
	const RuleActs *done = g_hash_table_lookup(limits->rules, key);
	guint n = done != NULL ? done->acts->len : 0;

	/* The last of as many as are allowed, counted back from now. */
	if (n_others >= rule->limit.n)
		return (LimitsAnswer){LIMITS_RULE, now_us + rule->limit.within_us, FALSE};
	if (n + n_others >= rule->limit.n) {
		gint64 until = time_at(done->acts, n + n_others - rule->limit.n) + rule->limit.within_us;

		if (until > now_us)
			return (LimitsAnswer){LIMITS_RULE, until, FALSE};
	}
	if (n > 0 && time_at(done->acts, n - 1) + rule->cooldown_us > now_us)
		return (LimitsAnswer){LIMITS_COOLDOWN, time_at(done->acts, n - 1) + rule->cooldown_us,
		                      FALSE};
	if (rule->cooldown_us > 0 && is_apart(blocker, others, n_others))
		return (LimitsAnswer){LIMITS_COOLDOWN, now_us + rule->cooldown_us, FALSE};
	return (LimitsAnswer){LIMITS_ALLOW};
}

LimitsAnswer policy_limits_ask(PolicyLimits *limits, const Policy *policy, const Rule *rule,
                               const char *server, const Blocker *blocker, gint64 now_us)
{
	return policy_limits_ask_another(limits, policy, rule, server, blocker, NULL, 0, now_us);
}

LimitsAnswer policy_limits_ask_another(PolicyLimits *limits, const Policy *policy, const Rule *rule,
                                       const char *server, const Blocker *blocker,
                                       const Blocker *const *others, guint n_others, gint64 now_us)
{
	const PolicyRate *rate = &policy_guard(policy)->breaker;
	g_autofree char *application = application_key(server, blocker);
	g_autofree char *statement = statement_key(server, blocker);
	/* The breaker first: a rule whose limit is used up by then would keep it from ever opening. */
	LimitsAnswer answer =
	    ask_breaker(limits, rate, application, LIMITS_BREAKER_APPLICATION, now_us);

	if (answer.reason == LIMITS_ALLOW)
		answer = ask_breaker(limits, rate, statement, LIMITS_BREAKER_STATEMENT, now_us);
	return answer.reason == LIMITS_ALLOW
	           ? ask_rule(limits, rule, server, blocker, others, n_others, now_us)
	           : answer;
}

/* Takes the key, which may be NULL. */
static void note_for_breaker(const PolicyLimits *limits, char *key, gint64 now_us)
{
	Breaker *breaker = key != NULL ? g_hash_table_lookup(limits->breakers, key) : NULL;

	if (key == NULL)
		return;
	if (breaker == NULL) {
		breaker = g_new0(Breaker, 1);
		breaker->acts = g_array_new(FALSE, FALSE, sizeof(gint64));
		g_hash_table_insert(limits->breakers, g_strdup(key), breaker);
	}
	if (breaker->acts->len == 0 || time_at(breaker->acts, breaker->acts->len - 1) != now_us)
		g_array_append_val(breaker->acts, now_us);
	g_free(key);
}

typedef struct {
	gint64 now_us;
	gint64 within_us;
} Oblivion;

static gboolean is_forgotten(G_GNUC_UNUSED gpointer key, gpointer value, gpointer user_data)
{
	Breaker *breaker = value;
	const Oblivion *oblivion = user_data;

	forget_before(breaker->acts, oblivion->now_us - oblivion->within_us);
	return breaker->acts->len == 0 && breaker->open_until <= oblivion->now_us;
}

void policy_limits_note_act(PolicyLimits *limits, const Policy *policy, const Rule *rule,
                            const char *server, const Blocker *blocker, gint64 now_us)
{
	g_autofree char *key = rule_key(rule, server);
	RuleActs *done = g_hash_table_lookup(limits->rules, key);
	Oblivion oblivion = {now_us, policy_guard(policy)->breaker.within_us};

	if (done == NULL) {
		done = g_new0(RuleActs, 1);
		done->acts = g_array_new(FALSE, FALSE, sizeof(gint64));
		g_hash_table_insert(limits->rules, g_strdup(key), done);
	}
	forget_before(done->acts, now_us - MAX(rule->limit.within_us, rule->cooldown_us));
	g_array_append_val(done->acts, now_us);

	/* Statements come and go: what is old is not kept. */
	g_hash_table_foreach_remove(limits->breakers, is_forgotten, &oblivion);
	note_for_breaker(limits, application_key(server, blocker), now_us);
	note_for_breaker(limits, statement_key(server, blocker), now_us);
}

void policy_limits_reload(PolicyLimits *limits)
{
	g_hash_table_remove_all(limits->breakers);
}

static guint count_open(const PolicyLimits *limits, const char *prefix, gint64 now_us)
{
	GHashTableIter iter;
	gpointer key, value;
	guint n = 0;

	g_hash_table_iter_init(&iter, limits->breakers);
	while (g_hash_table_iter_next(&iter, &key, &value))
		n += ((const Breaker *) value)->open_until > now_us && g_str_has_prefix(key, prefix);
	return n;
}

guint policy_limits_n_open_on(const PolicyLimits *limits, const char *server, gint64 now_us)
{
	g_autofree char *prefix = g_strconcat(server, " ", NULL);

	return count_open(limits, prefix, now_us);
}

guint policy_limits_n_open(const PolicyLimits *limits, gint64 now_us)
{
	return count_open(limits, "", now_us);
}
