#include "base/duration.h"
#include "base/text.h"
#include "render/condition_words.h"
#include "render/labels.h"
#include "render/line.h"
#include "render/policy.h"
#include "render/render.h"
#include "render/session_words.h"

static void append_headline(GString *out, const Policy *policy, const RenderStyle *style)
{
	g_autofree char *file = text_safe(policy_file(policy));
	g_autofree char *servers = count_text(policy_n_servers(policy), "server", "servers");
	g_autofree char *rules = count_text(policy_n_rules(policy), "rule", "rules");
	Line line;

	line_begin(&line, out, style, "  ");
	line_words(&line, INK_STRONG, file);
	line_wordsf(&line, INK_PLAIN, " is in order: %s, %s", servers, rules);
	line_end(&line);
	line_begin(&line, out, style, "  ");
	if (policy_guard(policy)->dry_run)
		line_words(&line, INK_GOOD, "dry run: nothing is done, it is only said what would be");
	else
		line_words(&line, INK_WARNING, "not a dry run: what the rules say is done");
	line_end(&line);
}

/* "500 MB", in the largest unit of which it is a whole number. */
static char *size_text(gint64 bytes)
{
	static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
	guint unit = 0;

	while (bytes % 1024 == 0 && bytes > 0 && unit + 1 < G_N_ELEMENTS(units)) {
		bytes /= 1024;
		unit++;
	}
	return g_strdup_printf("%" G_GINT64_FORMAT " %s", bytes, units[unit]);
}

static void append_guard(const Labels *labels, const PolicyGuard *guard)
{
	g_autofree char *poll = duration_to_text(guard->poll_us);
	g_autofree char *sample = duration_to_text(guard->sample_us);
	g_autofree char *keep = duration_to_text(guard->keep_us);
	g_autofree char *size = size_text(guard->keep_bytes);
	g_autofree char *history = text_safe(guard->history != NULL ? guard->history : "");
	g_autofree char *audit = text_safe(guard->audit != NULL ? guard->audit : "off");
	g_autofree char *span = duration_to_text(guard->breaker.within_us);
	g_autofree char *metrics_host =
	    text_safe(guard->metrics.host != NULL ? guard->metrics.host : "");
	g_autofree char *looks =
	    g_strdup_printf("every %s; statements of open transactions every %s", poll, sample);
	g_autofree char *kept = guard->history != NULL
	                            ? g_strdup_printf("%s, for %s and up to %s", history, keep, size)
	                            : g_strdup("off");
	g_autofree char *metrics =
	    guard->metrics.host != NULL
	        ? g_strdup_printf("%s, port %u", metrics_host, guard->metrics.port)
	        : g_strdup("off");
	g_autofree char *breaker =
	    g_strdup_printf("opens after %u times in %s", guard->breaker.n, span);

	labels_text(labels, "looks", looks);
	labels_text(labels, "history", kept);
	labels_text(labels, "audit", audit);
	labels_text(labels, "metrics", metrics);
	labels_text(labels, "breaker", breaker);
}

static void append_names(const Labels *labels, const Policy *policy)
{
	g_autoptr(GString) servers = g_string_new(NULL);
	g_autoptr(GString) targets = g_string_new(NULL);

	for (guint i = 0; i < policy_n_servers(policy); i++)
		g_string_append_printf(servers, "%s%s", i > 0 ? ", " : "", policy_server(policy, i)->name);
	for (guint i = 0; i < policy_n_notify(policy); i++)
		g_string_append_printf(targets, "%s%s (%s)", i > 0 ? ", " : "",
		                       policy_notify(policy, i)->name,
		                       policy_notify_way(policy_notify(policy, i)));
	labels_text(labels, "servers", servers->str);
	labels_text(labels, "notify", targets->len > 0 ? targets->str : "nobody");
}

static void append_rule(GString *out, const Rule *rule, guint number, const RenderStyle *style)
{
	g_autofree char *bounds = rule_bounds_text(rule);
	Line line;

	line_begin(&line, out, style, "    ");
	line_wordsf(&line, INK_STRONG, "%u %s", number, rule->name);
	line_wordsf(&line, INK_PLAIN, ": %s", rule_action_name(rule->action));
	if (*bounds != '\0')
		line_wordsf(&line, INK_DIM, ", %s", bounds);
	line_end(&line);
	for (RuleCondition i = 0; i < RULE_CONDITION_COUNT; i++) {
		if (rule->text[i] == NULL)
			continue;
		g_autofree char *condition = condition_text(rule, i);

		line_begin(&line, out, style, "        ");
		line_blanks(&line, 4);
		line_words(&line, INK_PLAIN, condition);
		line_end(&line);
	}
	if (rule->even_if_not_blocking) {
		line_begin(&line, out, style, "        ");
		line_blanks(&line, 4);
		line_words(&line, INK_WARNING, "even if nobody waits for the session");
		line_end(&line);
	}
}

void render_policy_text(GString *out, const Policy *policy, const GPtrArray *warnings,
                        const RenderStyle *style)
{
	const RenderStyle readable = line_readable_style(style);
	Labels labels = labels_new(out, &readable);

	append_headline(out, policy, &readable);
	append_names(&labels, policy);
	append_guard(&labels, policy_guard(policy));
	for (guint i = 0; i < policy_n_rules(policy); i++) {
		g_string_append_c(out, '\n');
		append_rule(out, policy_rule(policy, i), i + 1, &readable);
	}
	if (warnings != NULL)
		render_warning_texts(out, warnings, style);
}
