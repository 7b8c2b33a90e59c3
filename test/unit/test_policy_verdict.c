#include "base/duration.h"
#include "policy/verdict.h"

#include <string.h>

#define NOW G_GINT64_CONSTANT(1700000000000000)
#define NOON (12 * 60 * 60)
#define MINUTES(n) (NOW - (n) *DURATION_MINUTE)

static const BlockerName NAMES[] = {{"public", "login_1"}, {"public", "login"}};
static const BlockerRelation RELATIONS[] = {
    {5, 16384, "app", NAMES, G_N_ELEMENTS(NAMES), TRUE},
};
static const BlockerRelation NAMELESS[] = {{5, 16384, "app", NULL, 0, FALSE}};

static const BlockerTarget ROW = {.tag = {.type = LOCK_TYPE_TRANSACTIONID},
                                  .has_row = TRUE,
                                  .mode = LOCK_MODE_EXCLUSIVE,
                                  .holds = TRUE,
                                  .n_waiters = 3,
                                  .relations = RELATIONS,
                                  .n_relations = 1,
                                  .knows_relations = TRUE};
static const BlockerTarget KEY = {.tag = {.type = LOCK_TYPE_ADVISORY},
                                  .mode = LOCK_MODE_SHARE,
                                  .holds = TRUE,
                                  .n_waiters = 1,
                                  .knows_relations = TRUE};

/* An application that forgot its transaction, of which everything is known. */
static Blocker leaked(void)
{
	return (Blocker){.taken_at = NOW,
	                 .pid = 100,
	                 .database = "app",
	                 .user = "app_rw",
	                 .application = "login-service",
	                 .client_addr = "10.1.2.3",
	                 .client_port = 5000,
	                 .type = BACKEND_TYPE_CLIENT,
	                 .backend_type = "client backend",
	                 .state = "idle in transaction",
	                 .statement = "UPDATE login SET seen = now()",
	                 .in_transaction = ANSWER_YES,
	                 .transaction_since = MINUTES(10),
	                 .is_idle = ANSWER_YES,
	                 .idle_since = MINUTES(9),
	                 .blocked_total = 3,
	                 .is_root = TRUE,
	                 .blocked_since = MINUTES(2),
	                 .targets = &ROW,
	                 .n_targets = 1};
}

/* rules: whole sections. */
static Policy *policy_of(const char *rules)
{
	g_autofree char *text = g_strconcat("[server main]\nconninfo = x\n[server other]\n"
	                                    "conninfo = x\n[notify ops]\ncommand = x\n",
	                                    rules, NULL);
	g_autoptr(GError) error = NULL;
	Policy *policy = policy_parse(text, strlen(text), "p", &error);

	g_assert_no_error(error);
	return policy;
}

static PolicyCase case_of(const Blocker *blocker)
{
	return (PolicyCase){.server = "main", .blocker = blocker, .now = NOW, .second_of_day = NOON};
}

/* What one rule that ends the session and asks only for this, beside that it blocks, answers. */
static Answer ask(const char *keys, const Blocker *blocker)
{
	g_autofree char *rule =
	    g_strconcat("[rule r]\naction = terminate\nblocked_for = 0s\n", keys, NULL);
	g_autoptr(Policy) policy = policy_of(rule);
	g_autoptr(GArray) answers = g_array_new(FALSE, FALSE, sizeof(ConditionAnswer));
	PolicyCase judged = case_of(blocker);
	Verdict verdict = policy_verdict(policy, &judged);

	g_assert_cmpint(rule_explain(policy_rule(policy, 0), &judged, answers), ==, verdict.answer);
	g_assert_true((verdict.rule != NULL) == (verdict.answer != ANSWER_NO));
	return verdict.answer;
}

typedef void (*Forget)(Blocker *blocker);

static void forget_database(Blocker *blocker)
{
	blocker->database = NULL;
}

static void forget_user(Blocker *blocker)
{
	blocker->user = NULL;
}

static void forget_application(Blocker *blocker)
{
	blocker->application = NULL;
}

static void forget_client(Blocker *blocker)
{
	blocker->client_addr = NULL;
}

static void forget_backend_type(Blocker *blocker)
{
	blocker->backend_type = NULL;
}

static void forget_state(Blocker *blocker)
{
	blocker->state = NULL;
}

static void forget_statement(Blocker *blocker)
{
	blocker->statement = NULL;
}

static void forget_in_transaction(Blocker *blocker)
{
	blocker->in_transaction = ANSWER_UNKNOWN;
}

static void forget_transaction_since(Blocker *blocker)
{
	blocker->transaction_since = TIMESTAMP_NONE;
}

static void forget_is_idle(Blocker *blocker)
{
	blocker->is_idle = ANSWER_UNKNOWN;
}

static void forget_idle_since(Blocker *blocker)
{
	blocker->idle_since = TIMESTAMP_NONE;
}

static void forget_table(Blocker *blocker)
{
	static BlockerTarget target;

	target = ROW;
	target.relations = NAMELESS;
	blocker->targets = &target;
}

static void forget_tables(Blocker *blocker)
{
	static BlockerTarget target;

	target = ROW;
	target.knows_relations = FALSE;
	blocker->targets = &target;
}

static void forget_target_type(Blocker *blocker)
{
	static BlockerTarget target;

	target = ROW;
	target.tag.type = LOCK_TYPE_OTHER;
	blocker->targets = &target;
}

/* For each key: what matches, what doesn't, and how its fact can be unknown. */
static void test_each_key(void)
{
	static const struct {
		const char *yes;
		const char *no;
		Forget forget[2];
	} cases[] = {
	    {"server = main", "server = other", {NULL}},
	    {"database = a*", "database = shop", {forget_database}},
	    {"table = login", "table = orders", {forget_table, forget_tables}},
	    {"target_type = tuple, transactionid", "target_type = relation", {forget_target_type}},
	    {"mode = *exclusive*", "mode = share", {NULL}},
	    {"user = app_*, !app_admin", "user = !app_*", {forget_user}},
	    {"application = login-*", "application = batch", {forget_application}},
	    {"client = 10.0.0.0/8", "client = local", {forget_client}},
	    {"backend_type = client backend",
	     "backend_type = autovacuum worker",
	     {forget_backend_type}},
	    {"state = idle in transaction", "state = active", {forget_state}},
	    {"statement = ^update", "statement = ^delete", {forget_statement}},
	    {"in_transaction_for = 10m",
	     "in_transaction_for = 601s",
	     {forget_in_transaction, forget_transaction_since}},
	    {"idle_for = 9m", "idle_for = 541s", {forget_is_idle, forget_idle_since}},
	    {"blocked_sessions = 3", "blocked_sessions = 4", {NULL}},
	    {"hours = 12:00-12:01", "hours = 12:01-12:00", {NULL}},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		Blocker blocker = leaked();

		g_test_message("%s", cases[i].yes);
		g_assert_cmpint(ask(cases[i].yes, &blocker), ==, ANSWER_YES);
		g_assert_cmpint(ask(cases[i].no, &blocker), ==, ANSWER_NO);
		for (guint k = 0; k < 2 && cases[i].forget[k] != NULL; k++) {
			Blocker unsure = leaked();

			cases[i].forget[k](&unsure);
			g_assert_cmpint(ask(cases[i].yes, &unsure), ==, ANSWER_UNKNOWN);
			g_assert_cmpint(ask(cases[i].no, &unsure), ==, ANSWER_UNKNOWN);
		}
	}
}

static Answer ask_blocked_for(const char *duration, gint64 blocked_since)
{
	g_autofree char *rule = g_strconcat("[rule r]\naction = cancel\n", duration, NULL);
	g_autoptr(Policy) policy = policy_of(rule);
	Blocker blocker = leaked();
	PolicyCase judged = case_of(&blocker);

	blocker.blocked_since = blocked_since;
	return policy_verdict(policy, &judged).answer;
}

static void test_blocked_for(void)
{
	g_assert_cmpint(ask_blocked_for("blocked_for = 2m", MINUTES(2)), ==, ANSWER_YES);
	g_assert_cmpint(ask_blocked_for("blocked_for = 121s", MINUTES(2)), ==, ANSWER_NO);
	/* the standard */
	g_assert_cmpint(ask_blocked_for("", NOW - 10 * DURATION_SECOND), ==, ANSWER_YES);
	g_assert_cmpint(ask_blocked_for("", NOW - 10 * DURATION_SECOND + 1), ==, ANSWER_NO);
	g_assert_cmpint(ask_blocked_for("", NOW + DURATION_SECOND), ==, ANSWER_NO);
	g_assert_cmpint(ask_blocked_for("", TIMESTAMP_NONE), ==, ANSWER_UNKNOWN);
}

static void test_not_in_transaction(void)
{
	Blocker blocker = leaked();

	blocker.in_transaction = ANSWER_NO;
	blocker.is_idle = ANSWER_NO;
	g_assert_cmpint(ask("in_transaction_for = 0s", &blocker), ==, ANSWER_NO);
	g_assert_cmpint(ask("idle_for = 0s", &blocker), ==, ANSWER_NO);
}

static Verdict judge(const char *rules, const Blocker *blocker, Policy **policy)
{
	PolicyCase judged = case_of(blocker);

	*policy = policy_of(rules);
	return policy_verdict(*policy, &judged);
}

static void assert_decides(const char *rules, const Blocker *blocker, const char *name)
{
	g_autoptr(Policy) policy = NULL;
	Verdict verdict = judge(rules, blocker, &policy);

	g_assert_cmpint(verdict.answer, ==, name != NULL ? ANSWER_YES : ANSWER_NO);
	g_assert_cmpstr(verdict.rule != NULL ? verdict.rule->name : NULL, ==, name);
}

#define RULE(name, action) "[rule " name "]\naction = " action "\n"

static void test_first_match_wins(void)
{
	const Blocker blocker = leaked();

	assert_decides(RULE("a", "none") "user = app_admin\n" RULE("b", "cancel")
	                   RULE("c", "terminate"),
	               &blocker, "b");
	assert_decides(RULE("a", "none") RULE("b", "cancel"), &blocker, "a");
	assert_decides(RULE("a", "notify") RULE("b", "cancel"), &blocker, "a");
	assert_decides(RULE("a", "none") "user = shop\n", &blocker, NULL);
	assert_decides("", &blocker, NULL);
}

/* A rule that protects can't be fallen through because its fact isn't known. */
static void test_unknown_ends_it(void)
{
	const char *rules =
	    RULE("protect", "none") "user = app_admin\ndatabase = app\n" RULE("b", "terminate");
	g_autoptr(Policy) policy = NULL;
	g_autoptr(Policy) other = NULL;
	Blocker blocker = leaked();

	assert_decides(rules, &blocker, "b");
	blocker.user = NULL;
	Verdict verdict = judge(rules, &blocker, &policy);

	g_assert_cmpint(verdict.answer, ==, ANSWER_UNKNOWN);
	g_assert_cmpstr(verdict.rule->name, ==, "protect");
	g_assert_cmpint(verdict.unknown, ==, RULE_USER);
	/* the first of several */
	blocker.database = NULL;
	g_clear_pointer(&policy, policy_free);
	verdict = judge(rules, &blocker, &policy);
	g_assert_cmpint(verdict.unknown, ==, RULE_DATABASE);
	/* what another condition rules out needs not be known */
	blocker.database = "shop";
	assert_decides(rules, &blocker, "b");
	/* and neither does what comes after the rule that decides */
	blocker = leaked();
	blocker.statement = NULL;
	assert_decides(RULE("a", "cancel") RULE("b", "none") "statement = x\n", &blocker, "a");
	verdict = judge(RULE("b", "none") "statement = x\n" RULE("a", "cancel"), &blocker, &other);
	g_assert_cmpint(verdict.unknown, ==, RULE_STATEMENT);
}

static void test_unknown_and_no_are_no(void)
{
	Blocker blocker = leaked();

	blocker.user = NULL;
	g_assert_cmpint(ask("user = x\nstatement = ^delete\n", &blocker), ==, ANSWER_NO);
	g_assert_cmpint(ask("user = x\nstatement = ^update\n", &blocker), ==, ANSWER_UNKNOWN);
}

static void test_who_blocks_nobody(void)
{
	Blocker blocker = leaked();

	blocker.blocked_total = 0;
	blocker.blocked_since = TIMESTAMP_NONE;
	blocker.n_targets = 0;
	assert_decides(RULE("a", "terminate"), &blocker, NULL);
	assert_decides(RULE("a", "terminate") "blocked_for = 0s\n", &blocker, NULL);
	assert_decides(RULE("a", "notify"), &blocker, NULL);
	assert_decides(RULE("a", "terminate") "even_if_not_blocking = true\n", &blocker, "a");
	assert_decides(RULE("a", "notify") "even_if_not_blocking = true\n", &blocker, "a");
	/* protects from it */
	assert_decides(
	    RULE("p", "none") "user = app_rw\n" RULE("a", "terminate") "even_if_not_blocking = true\n",
	    &blocker, "p");
	assert_decides(
	    RULE("p", "none") "table = login\n" RULE("a", "terminate") "even_if_not_blocking = true\n",
	    &blocker, "a");
	/* and who blocks somebody is no exception */
	blocker = leaked();
	assert_decides(RULE("a", "terminate") "even_if_not_blocking = true\n", &blocker, "a");
}

static void test_kinds(void)
{
	Blocker prepared = leaked();
	const Blocker backend = leaked();

	prepared.kind = SESSION_KIND_PREPARED;
	assert_decides(RULE("t", "terminate") RULE("r", "rollback_prepared"), &prepared, "r");
	assert_decides(RULE("c", "cancel") RULE("r", "rollback_prepared"), &prepared, "r");
	assert_decides(RULE("r", "rollback_prepared") RULE("t", "terminate"), &backend, "t");
	assert_decides(RULE("r", "release"), &prepared, "r");
	assert_decides(RULE("n", "notify"), &prepared, "n");
	assert_decides(RULE("n", "none"), &prepared, "n");
}

/* One of the targets has to meet all that is said of targets. */
static void test_same_target(void)
{
	const BlockerTarget targets[] = {ROW, KEY};
	Blocker blocker = leaked();

	blocker.targets = targets;
	blocker.n_targets = 2;
	g_assert_cmpint(ask("mode = share\n", &blocker), ==, ANSWER_YES);
	g_assert_cmpint(ask("mode = share\ntarget_type = advisory\n", &blocker), ==, ANSWER_YES);
	g_assert_cmpint(ask("mode = share\ntarget_type = transactionid\n", &blocker), ==, ANSWER_NO);
	g_assert_cmpint(ask("mode = share\ntable = login\n", &blocker), ==, ANSWER_NO);
	g_assert_cmpint(ask("mode = exclusive\ntable = login\ntarget_type = transactionid\n", &blocker),
	                ==, ANSWER_YES);
	g_assert_cmpint(ask("table = !login\n", &blocker), ==, ANSWER_YES);
	g_assert_cmpint(ask("table = !login\ntarget_type = transactionid\n", &blocker), ==, ANSWER_NO);
}

/* One that surely matches is enough; else one that may match leaves it open. */
static void test_unknown_target(void)
{
	BlockerTarget targets[] = {ROW, ROW};
	Blocker blocker = leaked();

	targets[1].relations = NAMELESS;
	blocker.targets = targets;
	blocker.n_targets = 2;
	g_assert_cmpint(ask("table = login\n", &blocker), ==, ANSWER_YES);
	g_assert_cmpint(ask("table = orders\n", &blocker), ==, ANSWER_UNKNOWN);
}

static void assert_answer(const GArray *answers, guint index, RuleCondition condition,
                          Answer answer)
{
	const ConditionAnswer *found = &g_array_index(answers, ConditionAnswer, index);

	g_assert_cmpint(found->condition, ==, condition);
	g_assert_cmpint(found->answer, ==, answer);
}

static void test_explain(void)
{
	g_autoptr(Policy) policy =
	    policy_of(RULE("r", "terminate") "statement = ^update\nuser = shop\ntable = login\n"
	                                     "mode = share\napplication = x\n");
	g_autoptr(GArray) answers = g_array_new(FALSE, FALSE, sizeof(ConditionAnswer));
	Blocker blocker = leaked();
	PolicyCase judged = case_of(&blocker);

	blocker.application = NULL;
	g_assert_cmpint(rule_explain(policy_rule(policy, 0), &judged, answers), ==, ANSWER_NO);
	g_assert_cmpuint(answers->len, ==, 9);
	assert_answer(answers, 0, RULE_KIND, ANSWER_YES);
	assert_answer(answers, 1, RULE_BLOCKING, ANSWER_YES);
	assert_answer(answers, 2, RULE_USER, ANSWER_NO);
	assert_answer(answers, 3, RULE_APPLICATION, ANSWER_UNKNOWN);
	assert_answer(answers, 4, RULE_BLOCKED_FOR, ANSWER_YES);
	assert_answer(answers, 5, RULE_MODE, ANSWER_NO);
	assert_answer(answers, 6, RULE_TABLE, ANSWER_YES);
	assert_answer(answers, 7, RULE_SAME_TARGET, ANSWER_NO);
	assert_answer(answers, 8, RULE_STATEMENT, ANSWER_YES);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/policy/verdict/each-key", test_each_key);
	g_test_add_func("/policy/verdict/blocked-for", test_blocked_for);
	g_test_add_func("/policy/verdict/not-in-transaction", test_not_in_transaction);
	g_test_add_func("/policy/verdict/first-match-wins", test_first_match_wins);
	g_test_add_func("/policy/verdict/unknown-ends-it", test_unknown_ends_it);
	g_test_add_func("/policy/verdict/unknown-and-no", test_unknown_and_no_are_no);
	g_test_add_func("/policy/verdict/who-blocks-nobody", test_who_blocks_nobody);
	g_test_add_func("/policy/verdict/kinds", test_kinds);
	g_test_add_func("/policy/verdict/same-target", test_same_target);
	g_test_add_func("/policy/verdict/unknown-target", test_unknown_target);
	g_test_add_func("/policy/verdict/explain", test_explain);
	return g_test_run();
}
