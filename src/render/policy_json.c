#include "base/json_writer.h"
#include "base/text.h"
#include "policy/keys.h"
#include "render/condition_words.h"
#include "render/policy.h"

static void key_rate(JsonWriter *json, const char *name, const PolicyRate *rate)
{
	json_key(json, name);
	json_begin_object(json);
	json_key_int(json, "n", rate->n);
	json_key_seconds(json, "within_seconds", rate->within_us);
	json_end_object(json);
}

static void key_guard(JsonWriter *json, const PolicyGuard *guard)
{
	json_key(json, "guard");
	json_begin_object(json);
	json_key_seconds(json, "poll_seconds", guard->poll_us);
	json_key_seconds(json, "sample_seconds", guard->sample_us);
	json_key_string(json, "history", guard->history);
	json_key_seconds(json, "keep_seconds", guard->keep_us);
	json_key_int(json, "keep_bytes", guard->keep_bytes);
	json_key_string(json, "audit", guard->audit);
	json_key_string(json, "metrics_host", guard->metrics.host);
	if (guard->metrics.host != NULL)
		json_key_int(json, "metrics_port", guard->metrics.port);
	else
		json_key_null(json, "metrics_port");
	json_key_bool(json, "dry_run", guard->dry_run);
	key_rate(json, "breaker", &guard->breaker);
	json_end_object(json);
}

static void key_conditions(JsonWriter *json, const Rule *rule)
{
	json_key(json, "conditions");
	json_begin_array(json);
	for (RuleCondition i = 0; i < RULE_CONDITION_COUNT; i++) {
		if (rule->text[i] == NULL)
			continue;
		json_begin_object(json);
		json_key_string(json, "key", policy_key_of_condition(i)->name);
		json_key_string(json, "value", rule->text[i]);
		json_end_object(json);
	}
	json_end_array(json);
}

static void write_rule(JsonWriter *json, const Rule *rule)
{
	json_begin_object(json);
	json_key_string(json, "name", rule->name);
	json_key_int(json, "line", rule->line);
	json_key_string(json, "action", rule_action_name(rule->action));
	key_conditions(json, rule);
	json_key_bool(json, "even_if_not_blocking", rule->even_if_not_blocking);
	if (rule_action_acts(rule->action)) {
		key_rate(json, "limit", &rule->limit);
		json_key_seconds(json, "cooldown_seconds", rule->cooldown_us);
	} else {
		json_key_null(json, "limit");
		json_key_null(json, "cooldown_seconds");
	}
	json_key_string(json, "notify", rule->notify != NULL ? glob_list_text(rule->notify) : NULL);
	json_end_object(json);
}

static void key_warnings(JsonWriter *json, const GPtrArray *warnings)
{
	json_key(json, "warnings");
	json_begin_array(json);
	for (guint i = 0; warnings != NULL && i < warnings->len; i++)
		json_string(json, g_ptr_array_index(warnings, i));
	json_end_array(json);
}

void render_policy_json(GString *out, const Policy *policy, const GPtrArray *warnings,
                        gboolean pretty)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, pretty);

	json_begin_object(json);
	json_key_string(json, "schema", "pgunlock.policy/1");
	json_key_string(json, "file", policy_file(policy));
	key_guard(json, policy_guard(policy));
	json_key(json, "servers");
	json_begin_array(json);
	for (guint i = 0; i < policy_n_servers(policy); i++)
		json_string(json, policy_server(policy, i)->name);
	json_end_array(json);
	json_key(json, "notify");
	json_begin_array(json);
	for (guint i = 0; i < policy_n_notify(policy); i++) {
		json_begin_object(json);
		json_key_string(json, "name", policy_notify(policy, i)->name);
		json_key_string(json, "way", policy_notify_way(policy_notify(policy, i)));
		json_end_object(json);
	}
	json_end_array(json);
	json_key(json, "rules");
	json_begin_array(json);
	for (guint i = 0; i < policy_n_rules(policy); i++)
		write_rule(json, policy_rule(policy, i));
	json_end_array(json);
	key_warnings(json, warnings);
	json_end_object(json);
}

static void key_text(JsonWriter *json, const char *name, const char *text)
{
	/* "": it is known that there is none */
	json_key_string(json, name, text != NULL && *text != '\0' ? text : NULL);
}

static void write_who(JsonWriter *json, const PolicyCase *judged)
{
	const Blocker *blocker = judged->blocker;
	const Session same = {.kind = blocker->kind,
	                      .pid = blocker->pid,
	                      .backend_start = blocker->backend_start,
	                      .gid = blocker->gid,
	                      .gid_bytes = blocker->gid_bytes,
	                      .transaction = blocker->transaction};
	g_autofree char *id = session_id(&same);
	g_autofree char *log_id = session_log_id(&same);

	json_key_string(json, "server", judged->server);
	json_key_string(json, "id", id);
	json_key_string(json, "session_id", log_id);
	key_text(json, "database", blocker->database);
	key_text(json, "user", blocker->user);
	json_key_string(json, "application_name", blocker->application);
	key_text(json, "client_addr", blocker->client_addr);
	key_text(json, "backend_type", blocker->backend_type);
	key_text(json, "state", blocker->state);
	json_key_string(json, "query", blocker->statement);
	json_key_int(json, "blocked_total", blocker->blocked_total);
	json_key_timestamp(json, "blocked_since", blocker->blocked_since);
}

/* The key of the file, or the name of what no key asks for. */
static const char *condition_name(RuleCondition condition)
{
	const PolicyKey *key = policy_key_of_condition(condition);

	return key != NULL                  ? key->name
	       : condition == RULE_KIND     ? "(kind)"
	       : condition == RULE_BLOCKING ? "(blocking)"
	                                    : "(same_target)";
}

static void write_rule_answer(JsonWriter *json, const Rule *rule, const PolicyCase *judged)
{
	g_autoptr(GArray) answers = g_array_new(FALSE, FALSE, sizeof(ConditionAnswer));
	Answer answer = rule_explain(rule, judged, answers);

	json_begin_object(json);
	json_key_string(json, "rule", rule->name);
	json_key_string(json, "answer", answer_word(answer));
	json_key(json, "conditions");
	json_begin_array(json);
	for (guint i = 0; i < answers->len; i++) {
		const ConditionAnswer *one = &g_array_index(answers, ConditionAnswer, i);
		g_autofree char *fact = condition_fact(judged, one->condition);

		json_begin_object(json);
		json_key_string(json, "key", condition_name(one->condition));
		json_key_string(json, "value", rule->text[one->condition]);
		json_key_string(json, "answer", answer_word(one->answer));
		json_key_string(json, "found", fact);
		json_end_object(json);
	}
	json_end_array(json);
	json_end_object(json);
}

static void write_session(JsonWriter *json, const Policy *policy, const ExplainedSession *session)
{
	Verdict verdict = policy_verdict(policy, &session->judged);
	const Rule *rule = verdict.rule;
	gboolean is_unknown = verdict.answer == ANSWER_UNKNOWN;
	gboolean acts = rule != NULL && verdict.answer == ANSWER_YES;

	json_begin_object(json);
	write_who(json, &session->judged);
	json_key_string(json, "answer", answer_word(verdict.answer));
	json_key_string(json, "rule", rule != NULL ? rule->name : NULL);
	json_key_string(json, "action", acts ? rule_action_name(rule->action) : NULL);
	json_key_string(json, "unknown", is_unknown ? condition_name(verdict.unknown) : NULL);
	json_key_string(json, "refusal", session->refusal);
	json_key(json, "rules");
	json_begin_array(json);
	for (guint i = 0; i < policy_n_rules(policy); i++)
		write_rule_answer(json, policy_rule(policy, i), &session->judged);
	json_end_array(json);
	json_end_object(json);
}

void render_explain_json(GString *out, const Policy *policy, const ExplainedSession *sessions,
                         guint n, const GPtrArray *warnings, gboolean pretty)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, pretty);

	json_begin_object(json);
	json_key_string(json, "schema", "pgunlock.explain/1");
	json_key_string(json, "file", policy_file(policy));
	json_key_bool(json, "dry_run", policy_guard(policy)->dry_run);
	json_key(json, "sessions");
	json_begin_array(json);
	for (guint i = 0; i < n; i++)
		write_session(json, policy, &sessions[i]);
	json_end_array(json);
	key_warnings(json, warnings);
	json_end_object(json);
}
