#include "fuzz.h"

#include "base/error.h"
#include "policy/verdict.h"

/* Of it everything is known, and of the other nothing. */
static Blocker known_blocker(void)
{
	static const BlockerName names[] = {{"public", "login_1"}, {"app", "login"}};
	static const BlockerRelation relation = {5, 16384, "app", names, G_N_ELEMENTS(names), TRUE};
	static const BlockerTarget target = {.tag = {.type = LOCK_TYPE_TUPLE},
	                                     .mode = LOCK_MODE_EXCLUSIVE,
	                                     .holds = TRUE,
	                                     .n_waiters = 1,
	                                     .relations = &relation,
	                                     .n_relations = 1,
	                                     .knows_relations = TRUE};

	return (Blocker){.database = "app",
	                 .user = "app_rw",
	                 .application = "login-service",
	                 .client_addr = "2001:db8::7",
	                 .client_port = 5000,
	                 .backend_type = "client backend",
	                 .state = "idle in transaction",
	                 .statement = "UPDATE login SET seen = now() WHERE id = 42",
	                 .in_transaction = ANSWER_YES,
	                 .transaction_since = 1,
	                 .is_idle = ANSWER_YES,
	                 .idle_since = 1,
	                 .blocked_total = 3,
	                 .blocked_since = 1,
	                 .targets = &target,
	                 .n_targets = 1};
}

/* What is explained of each rule is what the verdict goes by. */
static void check_verdict(const Policy *policy, const PolicyCase *judged)
{
	Verdict verdict = policy_verdict(policy, judged);

	g_assert_true((verdict.rule == NULL) == (verdict.answer == ANSWER_NO));
	for (guint i = 0; i < policy_n_rules(policy); i++) {
		g_autoptr(GArray) answers = g_array_new(FALSE, FALSE, sizeof(ConditionAnswer));
		const Rule *rule = policy_rule(policy, i);
		Answer answer = rule_explain(rule, judged, answers);

		if (rule == verdict.rule) {
			g_assert_cmpint(answer, ==, verdict.answer);
			return;
		}
		g_assert_cmpint(answer, ==, ANSWER_NO);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Policy) policy = policy_parse((const char *) data, size, "p", &error);
	g_autoptr(Blocker) unknown = blocker_new_empty();
	const Blocker known = known_blocker();
	PolicyCase judged = {.server = "main", .now = 1000000000, .second_of_day = 43200};

	if (policy == NULL) {
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		g_assert_nonnull(error_hint(error));
		g_assert_true(g_str_has_prefix(error->message, "p:"));
		return 0;
	}
	g_assert_no_error(error);
	g_assert_cmpuint(policy_n_servers(policy), >, 0);
	judged.blocker = &known;
	check_verdict(policy, &judged);
	judged.blocker = unknown;
	check_verdict(policy, &judged);
	return 0;
}
