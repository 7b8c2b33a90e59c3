#include "base/duration.h"
#include "policy/limits.h"

#include <string.h>

#define SECOND DURATION_SECOND
#define MINUTE DURATION_MINUTE

typedef struct {
	Policy *policy;
	PolicyLimits *limits;
	Blocker blocker;
	gint64 now;
} World;

/* keys of the rule; the breaker opens after 3 acts in 10 minutes. Each act is on another statement
 * of another application, so that it doesn't: see meet. */
static World begin(const char *guard_keys, const char *rule_keys)
{
	g_autofree char *text =
	    g_strconcat("[guard]\n", guard_keys, "[server main]\nconninfo = x\n[rule r]\n",
	                "action = terminate\n", rule_keys, "[rule other]\naction = cancel\n", NULL);
	g_autoptr(GError) error = NULL;
	World world = {.policy = policy_parse(text, strlen(text), "p", &error),
	               .limits = policy_limits_new(),
	               .blocker = {.application = "", .statement = ""},
	               .now = 1000 * SECOND};

	g_assert_no_error(error);
	return world;
}

static void world_clear(World *world)
{
	policy_limits_free(world->limits);
	policy_free(world->policy);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(World, world_clear)

static LimitsAnswer ask_of(World *world, const char *rule, const char *server)
{
	return policy_limits_ask(world->limits, world->policy, policy_find_rule(world->policy, rule),
	                         server, &world->blocker, world->now);
}

static LimitsAnswer ask(World *world)
{
	return ask_of(world, "r", "main");
}

static void act_of(World *world, const char *rule, const char *server)
{
	policy_limits_note_act(world->limits, world->policy, policy_find_rule(world->policy, rule),
	                       server, &world->blocker, world->now);
}

static void act(World *world)
{
	g_assert_cmpint(ask(world).reason, ==, LIMITS_ALLOW);
	act_of(world, "r", "main");
}

static void test_limit(void)
{
	g_auto(World) world = begin("", "limit = 3/1m\n");

	for (guint i = 0; i < 3; i++, world.now += 10 * SECOND)
		act(&world);
	LimitsAnswer answer = ask(&world);

	g_assert_cmpint(answer.reason, ==, LIMITS_RULE);
	g_assert_cmpint(answer.until_us, ==, 1060 * SECOND);
	g_assert_false(answer.just_opened);
	world.now = 1060 * SECOND - 1;
	g_assert_cmpint(ask(&world).reason, ==, LIMITS_RULE);
	world.now = 1060 * SECOND;
	act(&world);
	/* a sliding window: the next may go when the second is a minute old */
	answer = ask(&world);
	g_assert_cmpint(answer.reason, ==, LIMITS_RULE);
	g_assert_cmpint(answer.until_us, ==, 1070 * SECOND);
}

static void test_limit_by_rule_and_server(void)
{
	g_auto(World) world = begin("", "limit = 1/1m\n");

	act(&world);
	g_assert_cmpint(ask(&world).reason, ==, LIMITS_RULE);
	g_assert_cmpint(ask_of(&world, "other", "main").reason, ==, LIMITS_ALLOW);
	g_assert_cmpint(ask_of(&world, "r", "second").reason, ==, LIMITS_ALLOW);
}

/* Several in one look count each. */
static void test_limit_of_one_look(void)
{
	g_auto(World) world = begin("", "limit = 3/1m\n");

	for (guint i = 0; i < 3; i++)
		act(&world);
	g_assert_cmpint(ask(&world).reason, ==, LIMITS_RULE);
}

static LimitsReason ask_beside(World *world, const Blocker *other, guint n_others)
{
	const Blocker *others[] = {other, other, other};

	return policy_limits_ask_another(world->limits, world->policy,
	                                 policy_find_rule(world->policy, "r"), "main", &world->blocker,
	                                 others, n_others, world->now)
	    .reason;
}

static LimitsReason ask_another(World *world, guint n_others)
{
	return ask_beside(world, &world->blocker, n_others);
}

/* Those that are about to end with it count as well. */
static void test_limit_with_others(void)
{
	g_auto(World) world = begin("", "limit = 3/1m\n");

	g_assert_cmpint(ask_another(&world, 2), ==, LIMITS_ALLOW);
	g_assert_cmpint(ask_another(&world, 3), ==, LIMITS_RULE);
	act(&world);
	g_assert_cmpint(ask_another(&world, 1), ==, LIMITS_ALLOW);
	g_assert_cmpint(ask_another(&world, 2), ==, LIMITS_RULE);
	world.now += MINUTE;
	g_assert_cmpint(ask_another(&world, 2), ==, LIMITS_ALLOW);
}

static void test_cooldown(void)
{
	g_auto(World) world = begin("", "cooldown = 30s\nlimit = 9/1m\n");

	act(&world);
	world.now += 29 * SECOND;
	LimitsAnswer answer = ask(&world);

	g_assert_cmpint(answer.reason, ==, LIMITS_COOLDOWN);
	g_assert_cmpint(answer.until_us, ==, 1030 * SECOND);
	world.now += SECOND;
	act(&world);
	g_assert_cmpint(ask(&world).reason, ==, LIMITS_COOLDOWN);
}

/* Those who are about to end with it count, too, but for who is in the way at the same lock, or the
 * same row. */
static void test_cooldown_with_others(void)
{
	g_auto(World) world = begin("", "cooldown = 30s\nlimit = 9/1m\n");
	const LockTag table = {.type = LOCK_TYPE_RELATION, .database = 5, .relation = 16384};
	const LockTag row = {.type = LOCK_TYPE_TUPLE, .database = 5, .relation = 16384, .tuple = 7};
	const LockTag waits[] = {{.type = LOCK_TYPE_TRANSACTIONID, .transaction = 725},
	                         {.type = LOCK_TYPE_TRANSACTIONID, .transaction = 726}};
	const BlockerTarget of_table[] = {{.tag = table}};
	const BlockerTarget of_both[] = {{.tag = waits[0]}, {.tag = table}};
	const BlockerTarget of_row[] = {{.tag = waits[0], .has_row = TRUE, .row_tag = row}};
	const BlockerTarget of_row_too[] = {{.tag = waits[1], .has_row = TRUE, .row_tag = row}};
	const BlockerTarget of_no_row[] = {{.tag = waits[1]}};
	const struct {
		const BlockerTarget *mine, *theirs;
		guint n_mine, n_theirs;
		LimitsReason expected;
	} cases[] = {
	    {of_table, of_both, 1, 2, LIMITS_ALLOW},
	    {of_both, of_table, 2, 1, LIMITS_ALLOW},
	    {of_row, of_row_too, 1, 1, LIMITS_ALLOW},
	    {of_table, of_row, 1, 1, LIMITS_COOLDOWN},
	    {of_row, of_no_row, 1, 1, LIMITS_COOLDOWN},
	    /* whom nobody waits for */
	    {NULL, NULL, 0, 0, LIMITS_COOLDOWN},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		const Blocker other = {.targets = cases[i].theirs, .n_targets = cases[i].n_theirs};

		world.blocker.targets = cases[i].mine;
		world.blocker.n_targets = cases[i].n_mine;
		g_test_message("case %u", i);
		g_assert_cmpint(ask_beside(&world, &other, 0), ==, LIMITS_ALLOW);
		g_assert_cmpint(ask_beside(&world, &other, 1), ==, cases[i].expected);
	}
}

/* Longer than the limit's span: what is forgotten for that one counts for this. */
static void test_long_cooldown(void)
{
	g_auto(World) world = begin("", "cooldown = 1h\nlimit = 1/1m\n");

	act(&world);
	world.now += 30 * MINUTE;
	g_assert_cmpint(ask(&world).reason, ==, LIMITS_COOLDOWN);
	world.now += 30 * MINUTE;
	act(&world);
}

static void meet(World *world, const char *application, const char *statement)
{
	world->blocker.application = application;
	world->blocker.statement = statement;
}

static void test_breaker_of_application(void)
{
	g_auto(World) world = begin("", "limit = 100/1m\n");

	meet(&world, "login", "");
	for (guint i = 0; i < 3; i++, world.now += MINUTE)
		act(&world);
	g_assert_cmpuint(policy_limits_n_open(world.limits, world.now), ==, 0);
	LimitsAnswer answer = ask(&world);

	g_assert_cmpint(answer.reason, ==, LIMITS_BREAKER_APPLICATION);
	g_assert_true(answer.just_opened);
	g_assert_cmpint(answer.until_us, ==, world.now + 10 * MINUTE);
	g_assert_cmpuint(policy_limits_n_open(world.limits, world.now), ==, 1);
	g_assert_cmpuint(policy_limits_n_open_on(world.limits, "main", world.now), ==, 1);
	g_assert_cmpuint(policy_limits_n_open_on(world.limits, "mai", world.now), ==, 0);
	/* told once */
	world.now += SECOND;
	g_assert_cmpint(ask(&world).reason, ==, LIMITS_BREAKER_APPLICATION);
	g_assert_false(ask(&world).just_opened);
	/* another application, or the same on another server */
	g_assert_cmpint(ask_of(&world, "r", "second").reason, ==, LIMITS_ALLOW);
	meet(&world, "batch", "");
	g_assert_cmpint(ask(&world).reason, ==, LIMITS_ALLOW);
	/* any rule */
	meet(&world, "login", "");
	g_assert_cmpint(ask_of(&world, "other", "main").reason, ==, LIMITS_BREAKER_APPLICATION);
	/* closes after a while, and counts anew */
	world.now = answer.until_us;
	g_assert_cmpuint(policy_limits_n_open(world.limits, world.now), ==, 0);
	act(&world);
	g_assert_cmpint(ask(&world).reason, ==, LIMITS_ALLOW);
}

static void test_breaker_of_statement(void)
{
	static const char *const statements[] = {"UPDATE t SET a = 1 WHERE b = 'x'",
	                                         "update t  set a = 20 where b = 'it''s'",
	                                         "UPDATE t SET a = 3.5\nWHERE b = ''"};
	g_auto(World) world = begin("", "limit = 100/1m\n");

	for (guint i = 0; i < 3; i++, world.now += MINUTE) {
		meet(&world, "", statements[i]);
		act(&world);
	}
	meet(&world, "", "UPDATE t SET a = 4 WHERE b = 'y'");
	LimitsAnswer answer = ask(&world);

	g_assert_cmpint(answer.reason, ==, LIMITS_BREAKER_STATEMENT);
	g_assert_true(answer.just_opened);
	meet(&world, "", "UPDATE t SET a = 4 WHERE c = 'y'");
	g_assert_cmpint(ask(&world).reason, ==, LIMITS_ALLOW);
}

static void test_breaker_forgets(void)
{
	g_auto(World) world = begin("breaker = 2/1m\n", "limit = 100/1m\n");

	meet(&world, "login", NULL);
	for (guint i = 0; i < 5; i++, world.now += MINUTE + 1)
		act(&world);
	g_assert_cmpint(ask(&world).reason, ==, LIMITS_ALLOW);
}

/* Nobody knows whose they are. */
static void test_no_breaker_without_a_name(void)
{
	g_auto(World) world = begin("", "limit = 100/1m\n");

	for (guint i = 0; i < 10; i++, world.now += SECOND) {
		meet(&world, i % 2 ? NULL : "", i % 2 ? NULL : " \n");
		act(&world);
	}
	g_assert_cmpint(ask(&world).reason, ==, LIMITS_ALLOW);
	g_assert_cmpuint(policy_limits_n_open(world.limits, world.now), ==, 0);
}

/* Those that hold together end together: once. */
static void test_co_holders(void)
{
	g_auto(World) world = begin("", "limit = 100/1m\n");

	meet(&world, "login", "UPDATE t");
	for (guint round = 0; round < 3; round++, world.now += SECOND)
		for (guint i = 0; i < 5; i++)
			act(&world);
	g_assert_cmpint(ask(&world).reason, ==, LIMITS_BREAKER_APPLICATION);
}

/* It opens although the rule's limit is used up. */
static void test_breaker_and_limit(void)
{
	g_auto(World) world = begin("", "limit = 3/10m\n");

	meet(&world, "login", "");
	for (guint i = 0; i < 3; i++, world.now += SECOND)
		act(&world);
	g_assert_true(ask(&world).just_opened);
}

static void test_reload(void)
{
	g_auto(World) world = begin("", "limit = 3/10m\n");

	meet(&world, "login", "");
	for (guint i = 0; i < 3; i++, world.now += SECOND)
		act(&world);
	g_assert_cmpint(ask(&world).reason, ==, LIMITS_BREAKER_APPLICATION);
	policy_limits_reload(world.limits);
	g_assert_cmpuint(policy_limits_n_open(world.limits, world.now), ==, 0);
	g_assert_cmpint(ask(&world).reason, ==, LIMITS_RULE);
	policy_limits_free(NULL);
}

static void test_open_breaker_is_kept(void)
{
	g_auto(World) world = begin("breaker = 1/1m\n", "limit = 100/1m\n");

	meet(&world, "login", "");
	act(&world);
	world.now += SECOND;
	g_assert_true(ask(&world).just_opened);
	/* what is forgotten at an act is not this one */
	world.now += 30 * SECOND;
	meet(&world, "batch", "");
	act(&world);
	meet(&world, "login", "");
	g_assert_cmpint(ask(&world).reason, ==, LIMITS_BREAKER_APPLICATION);
	g_assert_false(ask(&world).just_opened);
}

static void assert_shape(const char *statement, const char *expected)
{
	g_autofree char *shape = statement_shape(statement);

	g_assert_cmpstr(shape, ==, expected);
}

static void test_shapes(void)
{
	assert_shape("", "");
	assert_shape("  SELECT\t\n 1 ", "select ?");
	assert_shape("SELECT 12, 1.5, 1e5, 0x1F", "select ?, ?, ?, ?");
	assert_shape("SELECT t1.a2, $1, a_1", "select t1.a2, $1, a_1");
	assert_shape("WHERE a='x' AND b=''", "where a=? and b=?");
	assert_shape("WHERE a = 'it''s' AND b", "where a = ? and b");
	assert_shape("WHERE a = E'it\\'s' AND b", "where a = e? and b");
	assert_shape("WHERE a = 'x\\' AND b = 'y'", "where a = ? and b = ?");
	assert_shape("WHERE a = 'never ends", "where a = ?");
	assert_shape("WHERE a = E'never ends\\", "where a = e?");
	assert_shape("SELECT \"A 1\", \"never ends 2", "select \"A 1\", \"never ends 2");
	assert_shape("\303\2441 = 1", "\303\2441 = ?");
	assert_shape("-1", "-?");
}

static void test_long_shape(void)
{
	g_autofree char *statement = g_strnfill(3 * STATEMENT_MATCHED_BYTES, 'x');
	g_autofree char *shape = statement_shape(statement);

	g_assert_cmpuint(strlen(shape), ==, STATEMENT_MATCHED_BYTES);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/policy/limits/limit", test_limit);
	g_test_add_func("/policy/limits/by-rule-and-server", test_limit_by_rule_and_server);
	g_test_add_func("/policy/limits/one-look", test_limit_of_one_look);
	g_test_add_func("/policy/limits/with-others", test_limit_with_others);
	g_test_add_func("/policy/limits/cooldown", test_cooldown);
	g_test_add_func("/policy/limits/cooldown-with-others", test_cooldown_with_others);
	g_test_add_func("/policy/limits/long-cooldown", test_long_cooldown);
	g_test_add_func("/policy/breaker/application", test_breaker_of_application);
	g_test_add_func("/policy/breaker/statement", test_breaker_of_statement);
	g_test_add_func("/policy/breaker/forgets", test_breaker_forgets);
	g_test_add_func("/policy/breaker/no-name", test_no_breaker_without_a_name);
	g_test_add_func("/policy/breaker/co-holders", test_co_holders);
	g_test_add_func("/policy/breaker/and-limit", test_breaker_and_limit);
	g_test_add_func("/policy/breaker/reload", test_reload);
	g_test_add_func("/policy/breaker/open-is-kept", test_open_breaker_is_kept);
	g_test_add_func("/policy/shape", test_shapes);
	g_test_add_func("/policy/shape/long", test_long_shape);
	return g_test_run();
}
