#include "policy/verdict.h"

/* What one condition asks. is_asked NULL: asked when the rule has text for it. */
typedef struct {
	gboolean (*is_asked)(const Rule *rule);
	Answer (*answer)(const Rule *rule, const PolicyCase *judged);
} Condition;

static Answer answer_server(const Rule *rule, const PolicyCase *judged)
{
	return glob_list_matches(rule->server, judged->server);
}

static gboolean needs_a_kind(const Rule *rule)
{
	return rule_is_of_backends(rule) || rule_is_of_prepared(rule);
}

static Answer answer_kind(const Rule *rule, const PolicyCase *judged)
{
	return answer_of(rule_is_of_prepared(rule) == (judged->blocker->kind == SESSION_KIND_PREPARED));
}

static Answer answer_blocking(G_GNUC_UNUSED const Rule *rule, const PolicyCase *judged)
{
	return answer_of(judged->blocker->blocked_total > 0);
}

static Answer answer_database(const Rule *rule, const PolicyCase *judged)
{
	return glob_list_matches(rule->database, judged->blocker->database);
}

static Answer answer_backend_type(const Rule *rule, const PolicyCase *judged)
{
	return glob_list_matches(rule->backend_type, judged->blocker->backend_type);
}

static Answer answer_user(const Rule *rule, const PolicyCase *judged)
{
	return glob_list_matches(rule->user, judged->blocker->user);
}

static Answer answer_application(const Rule *rule, const PolicyCase *judged)
{
	return glob_list_matches(rule->application, judged->blocker->application);
}

static Answer answer_client(const Rule *rule, const PolicyCase *judged)
{
	return client_list_matches(rule->client, judged->blocker->client_addr,
	                           judged->blocker->client_port);
}

static Answer answer_state(const Rule *rule, const PolicyCase *judged)
{
	return glob_list_matches(rule->state, judged->blocker->state);
}

/* Whether something that may be so has been so for that long. */
static Answer lasts(Answer is_so, gint64 since, gint64 now, gint64 least_us)
{
	if (is_so != ANSWER_YES)
		return is_so;
	if (since == TIMESTAMP_NONE)
		return ANSWER_UNKNOWN;
	return answer_of(timestamp_age(now, since) >= least_us);
}

static Answer answer_in_transaction_for(const Rule *rule, const PolicyCase *judged)
{
	return lasts(judged->blocker->in_transaction, judged->blocker->transaction_since, judged->now,
	             rule->in_transaction_for_us);
}

static Answer answer_idle_for(const Rule *rule, const PolicyCase *judged)
{
	return lasts(judged->blocker->is_idle, judged->blocker->idle_since, judged->now,
	             rule->idle_for_us);
}

static Answer answer_blocked_for(const Rule *rule, const PolicyCase *judged)
{
	return lasts(answer_of(judged->blocker->blocked_total > 0), judged->blocker->blocked_since,
	             judged->now, rule->blocked_for_us);
}

static Answer answer_blocked_sessions(const Rule *rule, const PolicyCase *judged)
{
	return answer_of(judged->blocker->blocked_total >= rule->blocked_sessions);
}

static Answer answer_hours(const Rule *rule, const PolicyCase *judged)
{
	return answer_of(day_hours_contain(rule->hours, judged->second_of_day));
}

typedef Answer (*AnswerOfTarget)(const Rule *rule, const BlockerTarget *target);

static Answer target_type_is(const Rule *rule, const BlockerTarget *target)
{
	if (target->tag.type == LOCK_TYPE_OTHER)
		return ANSWER_UNKNOWN;
	return glob_list_matches(rule->target_type, lock_type_name(target->tag.type));
}

static Answer target_mode_is(const Rule *rule, const BlockerTarget *target)
{
	return answer_of((rule->modes & LOCK_MODE_SET(target->mode)) != 0);
}

static Answer target_table_is(const Rule *rule, const BlockerTarget *target)
{
	return table_list_matches(rule->table, target);
}

static Answer target_meets_all(const Rule *rule, const BlockerTarget *target)
{
	Answer answer = ANSWER_YES;

	if (rule->text[RULE_TARGET_TYPE] != NULL)
		answer = answer_and(answer, target_type_is(rule, target));
	if (rule->text[RULE_MODE] != NULL)
		answer = answer_and(answer, target_mode_is(rule, target));
	if (rule->text[RULE_TABLE] != NULL)
		answer = answer_and(answer, target_table_is(rule, target));
	return answer;
}

static Answer any_target(const Rule *rule, const PolicyCase *judged, AnswerOfTarget of_target)
{
	Answer answer = ANSWER_NO;

	for (guint i = 0; i < judged->blocker->n_targets; i++)
		answer = answer_or(answer, of_target(rule, &judged->blocker->targets[i]));
	return answer;
}

static Answer answer_target_type(const Rule *rule, const PolicyCase *judged)
{
	return any_target(rule, judged, target_type_is);
}

static Answer answer_mode(const Rule *rule, const PolicyCase *judged)
{
	return any_target(rule, judged, target_mode_is);
}

static Answer answer_table(const Rule *rule, const PolicyCase *judged)
{
	return any_target(rule, judged, target_table_is);
}

static gboolean asks_several_of_targets(const Rule *rule)
{
	return (rule->text[RULE_TARGET_TYPE] != NULL) + (rule->text[RULE_MODE] != NULL) +
	           (rule->text[RULE_TABLE] != NULL) >
	       1;
}

static Answer answer_same_target(const Rule *rule, const PolicyCase *judged)
{
	return any_target(rule, judged, target_meets_all);
}

static Answer answer_statement(const Rule *rule, const PolicyCase *judged)
{
	return statement_pattern_matches(rule->statement, judged->blocker->statement);
}

static const Condition CONDITIONS[RULE_CONDITION_COUNT] = {
    [RULE_SERVER] = {NULL, answer_server},
    [RULE_KIND] = {needs_a_kind, answer_kind},
    [RULE_BLOCKING] = {rule_asks_who_blocks, answer_blocking},
    [RULE_DATABASE] = {NULL, answer_database},
    [RULE_BACKEND_TYPE] = {NULL, answer_backend_type},
    [RULE_USER] = {NULL, answer_user},
    [RULE_APPLICATION] = {NULL, answer_application},
    [RULE_CLIENT] = {NULL, answer_client},
    [RULE_STATE] = {NULL, answer_state},
    [RULE_IN_TRANSACTION_FOR] = {NULL, answer_in_transaction_for},
    [RULE_IDLE_FOR] = {NULL, answer_idle_for},
    [RULE_BLOCKED_FOR] = {NULL, answer_blocked_for},
    [RULE_BLOCKED_SESSIONS] = {NULL, answer_blocked_sessions},
    [RULE_HOURS] = {NULL, answer_hours},
    [RULE_TARGET_TYPE] = {NULL, answer_target_type},
    [RULE_MODE] = {NULL, answer_mode},
    [RULE_TABLE] = {NULL, answer_table},
    [RULE_SAME_TARGET] = {asks_several_of_targets, answer_same_target},
    [RULE_STATEMENT] = {NULL, answer_statement},
};

static gboolean is_asked(const Rule *rule, RuleCondition condition)
{
	if (CONDITIONS[condition].is_asked != NULL)
		return CONDITIONS[condition].is_asked(rule);
	return rule->text[condition] != NULL;
}

/* Stops at the first NO: no later answer can change that. */
static Answer rule_answer(const Rule *rule, const PolicyCase *judged, RuleCondition *unknown)
{
	Answer answer = ANSWER_YES;

	for (RuleCondition i = 0; i < RULE_CONDITION_COUNT && answer != ANSWER_NO; i++) {
		Answer one = is_asked(rule, i) ? CONDITIONS[i].answer(rule, judged) : ANSWER_YES;

		if (one == ANSWER_UNKNOWN && answer == ANSWER_YES)
			*unknown = i;
		answer = answer_and(answer, one);
	}
	return answer;
}

Verdict policy_verdict(const Policy *policy, const PolicyCase *judged)
{
	for (guint i = 0; i < policy_n_rules(policy); i++) {
		Verdict verdict = {.rule = policy_rule(policy, i)};

		verdict.answer = rule_answer(verdict.rule, judged, &verdict.unknown);
		if (verdict.answer != ANSWER_NO)
			return verdict;
	}
	return (Verdict){.answer = ANSWER_NO};
}

Answer rule_explain(const Rule *rule, const PolicyCase *judged, GArray *answers)
{
	Answer answer = ANSWER_YES;

	for (RuleCondition i = 0; i < RULE_CONDITION_COUNT; i++) {
		if (!is_asked(rule, i))
			continue;
		ConditionAnswer one = {i, CONDITIONS[i].answer(rule, judged)};

		g_array_append_val(answers, one);
		answer = answer_and(answer, one.answer);
	}
	return answer;
}
