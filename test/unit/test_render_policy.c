#include "base/duration.h"
#include "render/condition_words.h"
#include "render/guard_hint.h"
#include "render/policy.h"

#define NOW G_GINT64_CONSTANT(1700000000000000)

static void assert_fact(const Blocker *blocker, RuleCondition condition, const char *expected)
{
	const PolicyCase judged = {.server = "main", .blocker = blocker, .now = NOW};
	g_autofree char *fact = condition_fact(&judged, condition);

	g_assert_cmpstr(fact, ==, expected);
}

static void test_seen_on_13(void)
{
	const Blocker blocker = {.blocked_total = 1,
	                         .blocked_since = NOW - 3 * DURATION_MINUTE,
	                         .blocked_since_is_seen = TRUE};

	assert_fact(&blocker, RULE_BLOCKED_FOR,
	            "for 3m that were seen: this server doesn't tell since when");
}

static void test_targets(void)
{
	static const BlockerName names[] = {{"public", "i"}, {"public", "t"}, {"s", "T"}};
	static const BlockerRelation relations[] = {{5, 7, "a", names, 3, TRUE},
	                                            {5, 8, "a", NULL, 0, FALSE}};
	BlockerTarget targets[6] = {
	    {.tag = {.type = LOCK_TYPE_OTHER}},
	    {.tag = {.type = LOCK_TYPE_ADVISORY}, .knows_relations = TRUE},
	    {.relations = relations, .n_relations = 2, .knows_relations = TRUE},
	    {.relations = relations, .n_relations = 2, .knows_relations = TRUE, .is_inferred = TRUE},
	    {.tag = {.type = LOCK_TYPE_TUPLE}, .mode = LOCK_MODE_SHARE},
	    {.tag = {.type = LOCK_TYPE_PAGE}, .mode = LOCK_MODE_SHARE},
	};
	Blocker blocker = {.targets = targets, .n_targets = 0};

	assert_fact(&blocker, RULE_MODE, "nobody waits for it");
	blocker.n_targets = 2;
	assert_fact(&blocker, RULE_TARGET_TYPE, "not known; advisory");
	assert_fact(&blocker, RULE_TABLE, "a table that is not known; no table");
	blocker.targets = targets + 2;
	assert_fact(&blocker, RULE_TABLE,
	            "i of t, s.\"T\" and relation 8, whose name is not known; i of t, s.\"T\" or "
	            "relation 8, whose name is not known");
	blocker.targets = targets;
	blocker.n_targets = 6;
	assert_fact(&blocker, RULE_TARGET_TYPE, "not known; advisory; relation; 2 more");
	assert_fact(&blocker, RULE_SAME_TARGET, "6 things waited for");
}

static void test_unknown_words(void)
{
	const Verdict known = {.answer = ANSWER_YES};

	for (RuleCondition i = 0; i < RULE_CONDITION_COUNT; i++) {
		const Verdict verdict = {.answer = ANSWER_UNKNOWN, .unknown = i};
		g_autofree char *words = render_unknown_words(&verdict);

		g_assert_nonnull(words);
	}
	g_autofree char *none = render_unknown_words(&known);

	g_assert_cmpstr(none, ==, "");
}

/* As src/pg writes them: for a guard they name no option. */
static void test_guard_hints(void)
{
	static const struct {
		const char *hint;
		const char *expected;
	} cases[] = {
	    {NULL, NULL},
	    {"name the role with -U and the database with -d, or on the server's own host run: sudo -u "
	     "postgres pgunlock",
	     "name the role as user and the database as dbname in its conninfo"},
	    {"give the password with -W, in PGPASSWORD or ~/.pgpass, or on the server's own host run: "
	     "sudo -u postgres pgunlock",
	     "give the password in ~/.pgpass or a service file"},
	    {"nothing listens there: is the server running, and are -h and -p (or PGHOST and PGPORT) "
	     "right?",
	     "nothing listens there: is the server running, and are host and port in its conninfo "
	     "right?"},
	    {"any other one will do: -d OTHERDATABASE", "any other one will do: dbname=OTHERDATABASE"},
	    {"try -h localhost", "try host=localhost"},
	    {"is -h (or PGHOST) right?", "is host in its conninfo right?"},
	    {"another role (-U) or a superuser gets in", "another role (user) or a superuser gets in"},
	    {"connect to the server itself: -h db1 -p 5432",
	     "connect to the server itself: host=db1 port=5432"},
	    {"the network is silent; a longer --timeout waits longer", "the network is silent"},
	    {"top -p PID and gdb -p PID tell more; never kill -9",
	     "top -p PID and gdb -p PID tell more; never kill -9"},
	    {"there is no folder 2026: mkdir -p 2026 makes it",
	     "there is no folder 2026: mkdir -p 2026 makes it"},
	    {"with -Wsomething new", "with -Wsomething new"},
	    {"say --so", NULL},
	    {"use -W for it", NULL},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *hint = render_guard_hint(cases[i].hint);

		g_assert_cmpstr(hint, ==, cases[i].expected);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/render/policy/seen", test_seen_on_13);
	g_test_add_func("/render/policy/targets", test_targets);
	g_test_add_func("/render/policy/unknown-words", test_unknown_words);
	g_test_add_func("/render/policy/guard-hints", test_guard_hints);
	return g_test_run();
}
