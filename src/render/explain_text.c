#include "base/duration.h"
#include "base/text.h"
#include "render/condition_words.h"
#include "render/line.h"
#include "render/policy.h"
#include "render/render.h"
#include "render/session_words.h"

/* What is done when a rule decides. */
static const char *const DECIDED[RULE_ACTION_COUNT] = {
    [RULE_NONE] = "it is left alone",          [RULE_NOTIFY] = "it is told about",
    [RULE_CANCEL] = "it is cancelled",         [RULE_TERMINATE] = "it is terminated",
    [RULE_RELEASE] = "its locks are released", [RULE_ROLLBACK_PREPARED] = "it is rolled back",
};
/* The same in a dry run. */
static const char *const WOULD_BE[RULE_ACTION_COUNT] = {
    [RULE_NONE] = "it is left alone",
    [RULE_NOTIFY] = "it is told about",
    [RULE_CANCEL] = "it would be cancelled (dry run)",
    [RULE_TERMINATE] = "it would be terminated (dry run)",
    [RULE_RELEASE] = "its locks would be released (dry run)",
    [RULE_ROLLBACK_PREPARED] = "it would be rolled back (dry run)",
};

static const Ink INKS[] = {
    [ANSWER_NO] = INK_DIM, [ANSWER_UNKNOWN] = INK_WARNING, [ANSWER_YES] = INK_GOOD};

/* Columns of the longest answer and a blank. */
#define ANSWER_WIDTH 8

static void append_who(GString *out, const PolicyCase *judged, const RenderStyle *style)
{
	const Blocker *blocker = judged->blocker;
	g_autofree char *who = blocker_text(blocker);
	g_autofree char *server = text_safe(judged->server);
	Line line;

	line_begin(&line, out, style, "  ");
	line_wordsf(&line, INK_PLAIN, "%s:", server);
	line_blanks(&line, 1);
	line_words(&line, INK_STRONG, who);
	if (blocker->blocked_total > 0) {
		g_autofree char *count = count_text(blocker->blocked_total, "session", "sessions");
		g_autofree char *longest =
		    duration_to_text(timestamp_age(judged->now, blocker->blocked_since));

		line_wordsf(&line, INK_PLAIN, " blocks %s%s for %s", count,
		            blocker->blocked_total > 1 ? ", the longest" : "", longest);
	} else {
		line_words(&line, INK_PLAIN, " blocks nobody");
	}
	line_end(&line);
}

static void append_verdict(GString *out, const Policy *policy, const ExplainedSession *session,
                           const Verdict *verdict, const RenderStyle *style)
{
	g_autofree char *unknown = render_unknown_words(verdict);
	const char *const *words = policy_guard(policy)->dry_run ? WOULD_BE : DECIDED;
	Line line;

	line_begin(&line, out, style, "    ");
	line_blanks(&line, 2);
	if (verdict->answer == ANSWER_NO)
		line_words(&line, INK_PLAIN, "no rule matches: nothing is done");
	else if (verdict->answer == ANSWER_UNKNOWN)
		line_wordsf(&line, INK_WARNING, "nothing is done: whether %s matches can't be told, %s",
		            verdict->rule->name, unknown);
	else
		line_wordsf(&line, INK_GOOD, "%s decides: %s", verdict->rule->name,
		            words[verdict->rule->action]);
	line_end(&line);
	if (session->refusal != NULL) {
		g_autofree char *refusal = text_safe(session->refusal);

		line_begin(&line, out, style, "    ");
		line_blanks(&line, 2);
		line_wordsf(&line, INK_WARNING, "but: %s", refusal);
		line_end(&line);
	}
}

static void append_condition(GString *out, const Rule *rule, const PolicyCase *judged,
                             const ConditionAnswer *answer, const RenderStyle *style)
{
	g_autofree char *text = condition_text(rule, answer->condition);
	g_autofree char *fact = condition_fact(judged, answer->condition);
	Line line;

	line_begin(&line, out, style, "              ");
	line_blanks(&line, 6);
	line_words(&line, INKS[answer->answer], answer_word(answer->answer));
	line_pad(&line, 6 + ANSWER_WIDTH);
	line_words(&line, INK_PLAIN, text);
	line_blanks(&line, 1);
	line_wordsf(&line, INK_DIM, "(%s)", fact);
	line_end(&line);
}

static gboolean is_of_target(RuleCondition condition)
{
	return condition == RULE_TARGET_TYPE || condition == RULE_MODE || condition == RULE_TABLE;
}

/* Whether nothing is left to say of a condition, after those before it: nobody waits at all, or no
 * target meets all since none meets one. */
static gboolean is_said(RuleCondition condition, gboolean blocks_nobody, gboolean has_no_target)
{
	if (condition == RULE_SAME_TARGET)
		return blocks_nobody || has_no_target;
	return blocks_nobody && (is_of_target(condition) || condition == RULE_BLOCKED_FOR ||
	                         condition == RULE_BLOCKED_SESSIONS);
}

/* Of one that doesn't match only why not. */
static void append_rule(GString *out, const Rule *rule, guint number, const PolicyCase *judged,
                        const RenderStyle *style)
{
	g_autoptr(GArray) answers = g_array_new(FALSE, FALSE, sizeof(ConditionAnswer));
	Answer answer = rule_explain(rule, judged, answers);
	gboolean blocks_nobody = FALSE;
	gboolean has_no_target = FALSE;
	Line line;

	line_begin(&line, out, style, "    ");
	line_blanks(&line, 4);
	line_wordsf(&line, INK_PLAIN, "%u %s:", number, rule->name);
	line_blanks(&line, 1);
	line_words(&line, INKS[answer], answer_word(answer));
	line_end(&line);
	for (guint i = 0; i < answers->len; i++) {
		const ConditionAnswer *one = &g_array_index(answers, ConditionAnswer, i);

		if ((answer != ANSWER_NO || one->answer == ANSWER_NO) &&
		    !is_said(one->condition, blocks_nobody, has_no_target))
			append_condition(out, rule, judged, one, style);
		blocks_nobody =
		    blocks_nobody || (one->condition == RULE_BLOCKING && one->answer == ANSWER_NO);
		has_no_target = has_no_target || (one->answer == ANSWER_NO && is_of_target(one->condition));
	}
}

static gboolean would_act(const Policy *policy, const ExplainedSession *session)
{
	const Verdict verdict = policy_verdict(policy, &session->judged);

	return session->refusal == NULL && verdict.answer == ANSWER_YES &&
	       rule_action_acts(verdict.rule->action);
}

static void append_bounds(GString *out, const Policy *policy, const ExplainedSession *sessions,
                          guint n, const RenderStyle *style)
{
	guint i = 0;
	Line line;

	while (i < n && !would_act(policy, &sessions[i]))
		i++;
	if (i == n)
		return;
	g_string_append_c(out, '\n');
	line_begin(&line, out, style, "  ");
	line_words(&line, INK_DIM,
	           "limit, cooldown and breaker count what a running guard has done: whether they keep "
	           "it from this is not known here");
	line_end(&line);
}

static void append_session(GString *out, const Policy *policy, const ExplainedSession *session,
                           const RenderStyle *style)
{
	Verdict verdict = policy_verdict(policy, &session->judged);
	gboolean is_over = FALSE;

	append_who(out, &session->judged, style);
	append_verdict(out, policy, session, &verdict, style);
	for (guint i = 0; i < policy_n_rules(policy) && !is_over; i++) {
		append_rule(out, policy_rule(policy, i), i + 1, &session->judged, style);
		is_over = policy_rule(policy, i) == verdict.rule;
	}
}

void render_explain_text(GString *out, const Policy *policy, const ExplainedSession *sessions,
                         guint n, const GPtrArray *warnings, const RenderStyle *style)
{
	const RenderStyle readable = line_readable_style(style);
	Line line;

	for (guint i = 0; i < n; i++) {
		if (i > 0)
			g_string_append_c(out, '\n');
		append_session(out, policy, &sessions[i], &readable);
	}
	append_bounds(out, policy, sessions, n, &readable);
	if (n == 0) {
		line_begin(&line, out, &readable, "  ");
		line_words(&line, INK_GOOD, "nobody blocks anybody: the policy has nothing to decide");
		line_end(&line);
	}
	if (warnings != NULL)
		render_warning_texts(out, warnings, style);
}
