#include "render/condition_words.h"

#include "base/duration.h"
#include "base/sql_ident.h"
#include "base/text.h"
#include "policy/keys.h"
#include "render/policy.h"
#include "render/session_words.h"
#include "render/statement.h"

#include <string.h>

/* Of a statement. */
#define MAX_COLUMNS 60
/* Of the targets of a session. */
#define MAX_TARGETS 3

#define SECONDS_PER_HOUR (60 * 60)

const char *answer_word(Answer answer)
{
	static const char *const words[] = {
	    [ANSWER_NO] = "no", [ANSWER_UNKNOWN] = "unknown", [ANSWER_YES] = "yes"};

	return words[answer];
}

static void append_text(GString *out, const char *text)
{
	if (text == NULL)
		g_string_append(out, "not known");
	else if (*text == '\0')
		g_string_append(out, "none");
	else
		text_append_safe(out, text);
}

static void append_server(GString *out, const PolicyCase *judged)
{
	append_text(out, judged->server);
}

static void append_kind(GString *out, const PolicyCase *judged)
{
	g_string_append(out, judged->blocker->kind == SESSION_KIND_PREPARED ? "a prepared transaction"
	                                                                    : "a session");
}

static void append_blocking(GString *out, const PolicyCase *judged)
{
	if (judged->blocker->blocked_total == 0)
		g_string_append(out, "nobody waits for it");
	else
		g_string_append_printf(out, "%u behind it", judged->blocker->blocked_total);
}

static void append_database(GString *out, const PolicyCase *judged)
{
	append_text(out, judged->blocker->database);
}

static void append_backend_type(GString *out, const PolicyCase *judged)
{
	append_text(out, judged->blocker->backend_type);
}

static void append_user(GString *out, const PolicyCase *judged)
{
	append_text(out, judged->blocker->user);
}

static void append_application(GString *out, const PolicyCase *judged)
{
	append_text(out, judged->blocker->application);
}

static void append_client(GString *out, const PolicyCase *judged)
{
	if (judged->blocker->client_port == -1)
		g_string_append(out, "a Unix socket");
	else
		append_text(out, judged->blocker->client_addr);
}

static void append_state(GString *out, const PolicyCase *judged)
{
	append_text(out, judged->blocker->state);
}

/* no: what is said when it is not so. */
static void append_lasting(GString *out, Answer is_so, gint64 since, gint64 now, const char *no)
{
	if (is_so == ANSWER_NO) {
		g_string_append(out, no);
	} else if (is_so == ANSWER_UNKNOWN || since == TIMESTAMP_NONE) {
		g_string_append(out, "not known");
	} else {
		g_autofree char *duration = duration_to_text(timestamp_age(now, since));

		g_string_append_printf(out, "for %s", duration);
	}
}

static void append_in_transaction(GString *out, const PolicyCase *judged)
{
	append_lasting(out, judged->blocker->in_transaction, judged->blocker->transaction_since,
	               judged->now, "in no transaction");
}

static void append_idle(GString *out, const PolicyCase *judged)
{
	append_lasting(out, judged->blocker->is_idle, judged->blocker->idle_since, judged->now,
	               "not idle");
}

static void append_blocked(GString *out, const PolicyCase *judged)
{
	const Blocker *blocker = judged->blocker;
	Answer is_so = blocker->blocked_total > 0 ? ANSWER_YES : ANSWER_NO;

	append_lasting(out, is_so, blocker->blocked_since, judged->now, "nobody waits for it");
	if (is_so == ANSWER_YES && blocker->blocked_since_is_seen)
		g_string_append(out, " that were seen: this server doesn't tell since when");
}

static void append_hours(GString *out, const PolicyCase *judged)
{
	g_string_append_printf(out, "%02u:%02u", judged->second_of_day / SECONDS_PER_HOUR,
	                       judged->second_of_day % SECONDS_PER_HOUR / 60);
}

static void append_name(GString *out, const BlockerName *name)
{
	if (strcmp(name->schema, "public") != 0) {
		sql_ident_append(out, name->schema);
		g_string_append_c(out, '.');
	}
	sql_ident_append(out, name->name);
}

/* "login_1_pkey of login_1, login" */
static void append_relation(GString *out, const BlockerRelation *relation)
{
	if (relation->n_names == 0)
		g_string_append_printf(out, "relation %u", relation->oid);
	for (guint i = 0; i < relation->n_names; i++) {
		g_string_append(out, i == 0 ? "" : i == 1 ? " of " : ", ");
		append_name(out, &relation->names[i]);
	}
	if (!relation->knows_names)
		g_string_append(out, relation->n_names == 0 ? ", whose name is not known"
		                                            : ", and perhaps others");
}

static void append_target_tables(GString *out, const BlockerTarget *target)
{
	if (!target->knows_relations)
		g_string_append(out, "a table that is not known");
	else if (target->n_relations == 0)
		g_string_append(out, "no table");
	for (guint i = 0; i < target->n_relations; i++) {
		g_string_append(out, i == 0 ? "" : target->is_inferred ? " or " : " and ");
		append_relation(out, &target->relations[i]);
	}
}

static void append_target_type(GString *out, const BlockerTarget *target)
{
	if (target->tag.type == LOCK_TYPE_OTHER)
		g_string_append(out, "not known");
	else
		g_string_append(out, lock_type_name(target->tag.type));
}

static void append_target_mode(GString *out, const BlockerTarget *target)
{
	g_string_append(out, lock_mode_name(target->mode));
}

/* Of the targets, most waited for first, what isn't said yet. */
static void append_targets(GString *out, const PolicyCase *judged,
                           void (*append)(GString *out, const BlockerTarget *target))
{
	g_autoptr(GHashTable) said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < judged->blocker->n_targets; i++) {
		g_autoptr(GString) one = g_string_new(NULL);

		append(one, &judged->blocker->targets[i]);
		if (!g_hash_table_add(said, g_strdup(one->str)) || g_hash_table_size(said) > MAX_TARGETS)
			continue;
		g_string_append(out, out->len > 0 ? "; " : "");
		g_string_append(out, one->str);
	}
	if (g_hash_table_size(said) > MAX_TARGETS)
		g_string_append_printf(out, "; %u more", g_hash_table_size(said) - MAX_TARGETS);
	if (out->len == 0)
		g_string_append(out, "nobody waits for it");
}

static void append_target_types(GString *out, const PolicyCase *judged)
{
	append_targets(out, judged, append_target_type);
}

static void append_modes(GString *out, const PolicyCase *judged)
{
	append_targets(out, judged, append_target_mode);
}

static void append_tables(GString *out, const PolicyCase *judged)
{
	append_targets(out, judged, append_target_tables);
}

static void append_same_target(GString *out, const PolicyCase *judged)
{
	g_autofree char *count = count_text(judged->blocker->n_targets, "thing", "things");

	g_string_append_printf(out, "%s waited for", count);
}

static void append_statement(GString *out, const PolicyCase *judged)
{
	const char *statement = judged->blocker->statement;
	const Session same = {.query = statement};
	g_autofree char *excerpt = session_statement_excerpt(&same, MAX_COLUMNS);

	if (statement == NULL || *statement == '\0')
		append_text(out, statement);
	else
		text_append_fit(out, excerpt, MAX_COLUMNS, FALSE, FALSE);
}

static const struct {
	void (*append_fact)(GString *out, const PolicyCase *judged);
	const char *unknown; /* NULL: always known */
} WORDS[RULE_CONDITION_COUNT] = {
    [RULE_SERVER] = {append_server, NULL},
    [RULE_KIND] = {append_kind, NULL},
    [RULE_BLOCKING] = {append_blocking, NULL},
    [RULE_DATABASE] = {append_database, "its database is not known"},
    [RULE_BACKEND_TYPE] = {append_backend_type, "what kind of process it is is not known"},
    [RULE_USER] = {append_user, "its user is not known"},
    [RULE_APPLICATION] = {append_application, "its application is not known"},
    [RULE_CLIENT] = {append_client, "its client is not known"},
    [RULE_STATE] = {append_state, "its state is not known"},
    [RULE_IN_TRANSACTION_FOR] = {append_in_transaction,
                                 "since when it is in a transaction is not known"},
    [RULE_IDLE_FOR] = {append_idle, "since when it is idle is not known"},
    [RULE_BLOCKED_FOR] = {append_blocked, "since when others wait for it is not known"},
    [RULE_BLOCKED_SESSIONS] = {append_blocking, NULL},
    [RULE_HOURS] = {append_hours, NULL},
    [RULE_TARGET_TYPE] = {append_target_types, "what kind of lock others wait for is not known"},
    [RULE_MODE] = {append_modes, NULL},
    [RULE_TABLE] = {append_tables, "what table others wait for is not known"},
    [RULE_SAME_TARGET] = {append_same_target, "what others wait for is not known well enough"},
    [RULE_STATEMENT] = {append_statement,
                        "its statement is not known, is no valid text, or takes too long to match"},
};

char *condition_fact(const PolicyCase *judged, RuleCondition condition)
{
	GString *out = g_string_new(NULL);

	WORDS[condition].append_fact(out, judged);
	return g_string_free(out, FALSE);
}

char *render_unknown_words(const Verdict *verdict)
{
	const char *words = verdict->answer == ANSWER_UNKNOWN ? WORDS[verdict->unknown].unknown : NULL;

	return g_strdup(words != NULL ? words : "");
}

char *condition_text(const Rule *rule, RuleCondition condition)
{
	const PolicyKey *key = policy_key_of_condition(condition);

	if (condition == RULE_KIND)
		return g_strdup(rule->action == RULE_ROLLBACK_PREPARED ? "is a prepared transaction"
		                                                       : "is no prepared transaction");
	if (condition == RULE_BLOCKING)
		return g_strdup("blocks somebody");
	if (key == NULL)
		return g_strdup("one wait meets all of these");
	g_autofree char *text = text_safe(rule->text[condition]);

	return g_strdup_printf("%s = %s", key->name, text);
}

char *blocker_text(const Blocker *blocker)
{
	GString *out = g_string_new(NULL);
	g_autoptr(GString) whose = g_string_new(NULL);
	const Session same = {.kind = blocker->kind,
	                      .pid = blocker->pid,
	                      .gid = blocker->gid,
	                      .gid_bytes = blocker->gid_bytes,
	                      .transaction = blocker->transaction};
	g_autofree char *name = session_name_text(&same);
	const char *what = blocker->application;

	if (what == NULL || *what == '\0')
		what = blocker->kind == SESSION_KIND_BACKEND ? blocker->backend_type : NULL;
	if (what != NULL)
		text_append_safe(whose, what);
	if (blocker->user != NULL && *blocker->user != '\0') {
		g_string_append(whose, whose->len > 0 ? ", " : "");
		text_append_safe(whose, blocker->user);
	}
	if (blocker->client_port == -1)
		g_string_append(whose, "@[local]");
	else if (blocker->client_addr != NULL && *blocker->client_addr != '\0')
		text_append_safe(g_string_append_c(whose, '@'), blocker->client_addr);
	g_string_append(out, name);
	if (whose->len > 0)
		g_string_append_printf(out, " (%s)", whose->str);
	return g_string_free(out, FALSE);
}

char *rule_bounds_text(const Rule *rule)
{
	GString *out = g_string_new(NULL);
	g_autofree char *span = duration_to_text(rule->limit.within_us);
	g_autofree char *cooldown = duration_to_text(rule->cooldown_us);

	/* What only tells is bounded by nothing: each incident is told of once. */
	if (rule_action_acts(rule->action))
		g_string_append_printf(out, "at most %u in %s", rule->limit.n, span);
	if (rule_action_acts(rule->action) && rule->cooldown_us > 0)
		g_string_append_printf(out, ", %s apart", cooldown);
	if (rule->notify != NULL) {
		g_string_append(out, out->len > 0 ? ", tells " : "tells ");
		text_append_safe(out, glob_list_text(rule->notify));
	}
	return g_string_free(out, FALSE);
}

const char *policy_notify_way(const PolicyNotify *notify)
{
	/* One of them is there. */
	return notify->webhook != NULL        ? "webhook"
	       : notify->webhook_file != NULL ? "webhook_file"
	       : notify->webhook_env != NULL  ? "webhook_env"
	                                      : "command";
}
