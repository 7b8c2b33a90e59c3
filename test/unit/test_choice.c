#include "base/duration.h"
#include "watch/choice.h"

/* What a watch asks next, over the course of a watch. */

#define ALL CHOICE_LOOK_AT_ALL
#define CONTENDED CHOICE_LOOK_AT_CONTENDED
#define BEAT CHOICE_HEARTBEAT

enum { FEW = 100, MANY = 100000 };

/* The watch has looked once in either way, at so many locks. */
static Costs costs_after(guint n_locks, gboolean is_quiet, gint64 look_us)
{
	Costs costs = {0};

	choice_looked(&costs, CONTENDED, 10, is_quiet, 0, look_us);
	choice_looked(&costs, ALL, n_locks, is_quiet, look_us, 2 * look_us);
	return costs;
}

static void test_begins(void)
{
	Costs costs = {0};

	g_assert_cmpint(choice_next(&costs, TRUE, 1), ==, CONTENDED);
	choice_looked(&costs, CONTENDED, 10, FALSE, 1, 1000);
	g_assert_cmpint(choice_next(&costs, TRUE, 1001), ==, ALL);
}

static void test_few_locks(void)
{
	Costs costs = costs_after(FEW, FALSE, 1000);

	for (guint i = 0; i < 100; i++) {
		g_assert_cmpint(choice_next(&costs, TRUE, costs.look_ended + 1), ==, ALL);
		choice_looked(&costs, ALL, FEW, FALSE, costs.look_ended, costs.look_ended + 1000);
	}
}

static void test_many_locks(void)
{
	Costs costs = costs_after(MANY, FALSE, 1000);
	guint n_contended = 0;

	while (choice_next(&costs, TRUE, costs.look_ended + 1) == CONTENDED) {
		choice_looked(&costs, CONTENDED, 10, FALSE, costs.look_ended, costs.look_ended + 1000);
		n_contended++;
		g_assert_cmpuint(n_contended, <, 1000);
	}
	g_assert_cmpuint(n_contended, >, 1);
	g_assert_cmpint(choice_next(&costs, TRUE, costs.look_ended + 1), ==, ALL);
	/* they are gone: from now on all are looked at */
	choice_looked(&costs, ALL, FEW, FALSE, costs.look_ended, costs.look_ended + 1000);
	g_assert_cmpint(choice_next(&costs, TRUE, costs.look_ended + 1), ==, ALL);
}

static void test_heartbeat_between_slow_looks(void)
{
	Costs costs = costs_after(MANY, TRUE, 50 * DURATION_MS);

	g_assert_cmpint(choice_next(&costs, TRUE, costs.look_ended + 2 * DURATION_SECOND), ==, BEAT);
	g_assert_cmpint(choice_next(&costs, TRUE, costs.look_ended + 5 * DURATION_SECOND), ==,
	                CONTENDED);
	g_assert_cmpint(choice_next(&costs, FALSE, costs.look_ended + 2 * DURATION_SECOND), ==,
	                CONTENDED);
}

static void test_no_heartbeat_between_fast_looks(void)
{
	Costs costs = costs_after(MANY, TRUE, 1 * DURATION_MS);

	g_assert_cmpint(choice_next(&costs, TRUE, costs.look_ended + 2 * DURATION_SECOND), ==,
	                CONTENDED);
}

/* where all waiters are seen for little: however slow the network is */
static void test_no_heartbeat_where_few_locks_are(void)
{
	Costs costs = costs_after(FEW, TRUE, 50 * DURATION_MS);

	g_assert_cmpint(choice_next(&costs, TRUE, costs.look_ended + 1), ==, ALL);
}

static void test_no_heartbeat_while_somebody_waits(void)
{
	Costs costs = costs_after(MANY, FALSE, 50 * DURATION_MS);

	g_assert_cmpint(choice_next(&costs, TRUE, costs.look_ended + 1), ==, CONTENDED);
}

static void test_never_unseen_for_long(void)
{
	Costs costs = costs_after(MANY, TRUE, 5 * DURATION_SECOND);

	g_assert_cmpint(choice_next(&costs, TRUE, costs.look_ended + 11 * DURATION_SECOND), ==,
	                CONTENDED);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/choice/begins", test_begins);
	g_test_add_func("/choice/few-locks", test_few_locks);
	g_test_add_func("/choice/many-locks", test_many_locks);
	g_test_add_func("/choice/heartbeat", test_heartbeat_between_slow_looks);
	g_test_add_func("/choice/fast-looks", test_no_heartbeat_between_fast_looks);
	g_test_add_func("/choice/no-heartbeat-for-few", test_no_heartbeat_where_few_locks_are);
	g_test_add_func("/choice/waiting", test_no_heartbeat_while_somebody_waits);
	g_test_add_func("/choice/unseen", test_never_unseen_for_long);
	return g_test_run();
}
