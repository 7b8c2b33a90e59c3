#include "render/replayed.h"

#include "base/duration.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "policy/keys.h"
#include "render/act_words.h"
#include "render/incident_words.h"
#include "render/line.h"
#include "render/recorded.h"
#include "render/session_words.h"

static const char *const KIND_NAMES[] = {
    [REPLAYED_ACT] = "act",
    [REPLAYED_REFUSED] = "refused",
    [REPLAYED_LIMITED] = "limited",
    [REPLAYED_UNKNOWN] = "unknown",
};

static const char *const WOULD[RULE_ACTION_COUNT] = {
    [RULE_CANCEL] = "would have cancelled it",
    [RULE_TERMINATE] = "would have terminated it",
    [RULE_RELEASE] = "would have released its locks",
    [RULE_ROLLBACK_PREPARED] = "would have rolled it back",
};

static const char *const LIMIT_NAMES[] = {
    [LIMITS_ALLOW] = NULL,
    [LIMITS_RULE] = "limit",
    [LIMITS_COOLDOWN] = "cooldown",
    [LIMITS_BREAKER_APPLICATION] = "breaker",
    [LIMITS_BREAKER_STATEMENT] = "breaker",
};

static const char *condition_name(RuleCondition condition)
{
	const PolicyKey *key = policy_key_of_condition(condition);

	return key != NULL ? key->name : NULL;
}

static gint64 saved_by(const ReplayedRun *run, guint *n_acts)
{
	gint64 saved_us = 0;

	*n_acts = 0;
	for (guint i = 0; i < run->result->len; i++) {
		const Replayed *one = g_ptr_array_index(run->result, i);

		*n_acts += one->kind == REPLAYED_ACT;
		saved_us += one->saved_us;
	}
	return saved_us;
}

/* Whether rules act that are also for those whom nobody waits for: they are in no sample. */
static gboolean has_rules_for_all(const Policy *policy)
{
	for (guint i = 0; i < policy_n_rules(policy); i++) {
		const Rule *rule = policy_rule(policy, i);

		if (rule_action_acts(rule->action) && rule_acts_on_anybody(rule))
			return TRUE;
	}
	return FALSE;
}

static void append_headline(GString *out, const ReplayedRun *run, const RenderStyle *style)
{
	guint n_acts;
	g_autofree char *saved = duration_to_text(saved_by(run, &n_acts));
	g_autofree char *file = text_safe(policy_file(run->policy));
	g_autofree char *since = moment_text(run->since, run->zone);
	g_autofree char *until = moment_text(run->until, run->zone);
	g_autofree char *acts = count_text(n_acts, "act", "acts");
	g_autofree char *looks = count_text(run->n_samples, "moment", "moments");
	Line line;

	line_begin(&line, out, style, "  ");
	line_words(&line, INK_STRONG, file);
	line_wordsf(&line, INK_PLAIN, " from %s to %s: %s, at most %s of waiting saved", since, until,
	            acts, saved);
	line_end(&line);
	line_begin(&line, out, style, "  ");
	line_wordsf(&line, INK_DIM, "the history has %s of that time at which somebody blocked", looks);
	line_end(&line);
	if (!has_rules_for_all(run->policy))
		return;
	line_begin(&line, out, style, "  ");
	line_words(&line, INK_DIM,
	           "even_if_not_blocking is replayed only for those who blocked: the history has no "
	           "others");
	line_end(&line);
}

/* "4711 (login-service, app_rw)"; what there is none of is left out, as the application of a
 * prepared transaction. */
static char *who_text(const Replayed *one)
{
	const char *parts[] = {one->application, one->user};
	g_autofree char *name = recorded_id_text(one->session);
	GString *text = g_string_new(name);
	const char *before = " (";

	for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
		const char *part = parts[i] != NULL ? parts[i] : "?";

		if (*part == '\0')
			continue;
		g_string_append(text, before);
		text_append_safe(text, part);
		before = ", ";
	}
	if (*before == ',')
		g_string_append_c(text, ')');
	return g_string_free(text, FALSE);
}

static void append_who(GString *out, const Replayed *one, GTimeZone *zone, const RenderStyle *style)
{
	g_autofree char *at = moment_text(one->at, zone);
	g_autofree char *server = text_safe(one->server);
	g_autofree char *who = who_text(one);
	g_autofree char *behind = count_text(one->blocked, "session", "sessions");
	Line line;

	line_begin(&line, out, style, "  ");
	line_wordsf(&line, INK_PLAIN, "%s %s:", at, server);
	line_blanks(&line, 1);
	line_words(&line, INK_STRONG, who);
	line_wordsf(&line, INK_PLAIN, " blocks %s", behind);
	line_end(&line);
}

static void append_what(GString *out, const Replayed *one, const RenderStyle *style)
{
	g_autofree char *rule = text_safe(one->rule);
	g_autofree char *saved = duration_to_text(one->saved_us);
	const char *asked = condition_name(one->unknown);
	Line line;

	line_begin(&line, out, style, "    ");
	line_blanks(&line, 2);
	switch (one->kind) {
	case REPLAYED_ACT:
		line_wordsf(&line, INK_GOOD, "%s %s: %s of waiting saved", rule, WOULD[one->action], saved);
		break;
	case REPLAYED_REFUSED:
		line_wordsf(&line, INK_WARNING, "%s %s, but: %s", rule, WOULD[one->action],
		            refusal_plain_text(one->refusal));
		break;
	case REPLAYED_LIMITED:
		line_wordsf(&line, INK_WARNING, "%s %s, but for its %s", rule, WOULD[one->action],
		            LIMIT_NAMES[one->limits]);
		break;
	case REPLAYED_UNKNOWN:
		line_wordsf(&line, INK_WARNING,
		            "nothing would have been done: whether %s matches can't be told by its %s",
		            rule, asked != NULL ? asked : "target");
		break;
	}
	line_end(&line);
}

void render_replay_text(GString *out, const ReplayedRun *run, const RenderStyle *style)
{
	append_headline(out, run, style);
	for (guint i = 0; i < run->result->len; i++) {
		const Replayed *one = g_ptr_array_index(run->result, i);

		g_string_append_c(out, '\n');
		append_who(out, one, run->zone, style);
		append_what(out, one, style);
	}
}

void render_replay_json(GString *out, const ReplayedRun *run, gboolean pretty)
{
	g_autoptr(JsonWriter) json = json_writer_new(out, pretty);
	guint n_acts;
	gint64 saved_us = saved_by(run, &n_acts);

	json_begin_object(json);
	json_key_string(json, "schema", "pgunlock.replay/1");
	json_key_string(json, "file", policy_file(run->policy));
	json_key_timestamp(json, "since", run->since);
	json_key_timestamp(json, "until", run->until);
	json_key_int(json, "samples", run->n_samples);
	json_key_int(json, "acts", n_acts);
	json_key_seconds(json, "saved_seconds", saved_us);
	json_key(json, "verdicts");
	json_begin_array(json);
	for (guint i = 0; i < run->result->len; i++) {
		const Replayed *one = g_ptr_array_index(run->result, i);

		json_begin_object(json);
		json_key_timestamp(json, "at", one->at);
		json_key_string(json, "server", one->server);
		json_key_string(json, "session", one->session);
		json_key_string(json, "user", one->user);
		json_key_string(json, "application_name", one->application);
		json_key_string(json, "rule", one->rule);
		json_key_string(json, "action", rule_action_name(one->action));
		json_key_string(json, "kind", KIND_NAMES[one->kind]);
		json_key_string(json, "refused",
		                one->kind == REPLAYED_REFUSED ? refusal_code(one->refusal) : NULL);
		json_key_string(json, "limited_by", LIMIT_NAMES[one->limits]);
		json_key_string(json, "unknown",
		                one->kind == REPLAYED_UNKNOWN ? condition_name(one->unknown) : NULL);
		json_key_int(json, "blocked", one->blocked);
		json_key_seconds(json, "saved_seconds", one->saved_us);
		json_end_object(json);
	}
	json_end_array(json);
	json_end_object(json);
}
