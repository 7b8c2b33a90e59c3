#include "base/duration.h"
#include "watch/choice.h"

/* What a watch asks next, over the course of a watch. */

#define ALL CHOICE_LOOK_AT_ALL
#define CONTENDED CHOICE_LOOK_AT_CONTENDED
#define BEAT CHOICE_HEARTBEAT

enum { FEW = 100, MANY = 100000, SHARE = 1 };

/* Of pids, up to a 0. */
static GArray *pids_new(const gint32 *pids)
{
	GArray *array = g_array_new(FALSE, FALSE, sizeof(gint32));

	for (; *pids != 0; pids++)
		g_array_append_val(array, *pids);
	return array;
}
#define PIDS(...) pids_new((const gint32[]){__VA_ARGS__ 0})

static void looked(Costs *costs, GArray *waiting, gboolean is_blind, guint n_locks, gint64 look_us)
{
	gint64 begun = costs->look_ended + 1;

	choice_looked(costs, waiting, is_blind, n_locks, begun, begun + look_us);
	g_array_unref(waiting);
}

/* The watch has looked once. */
static void begin(Costs *costs, guint share, GArray *waiting, guint n_locks, gint64 look_us)
{
	costs_init(costs, share);
	looked(costs, waiting, FALSE, n_locks, look_us);
}

static gboolean heard(Costs *costs, GArray *waiting, gint64 later, ChoiceChange *change)
{
	gboolean is_reason = choice_heard(costs, waiting, costs->look_ended + later, change);

	g_array_unref(waiting);
	return is_reason;
}

static void assert_next(const Costs *costs, gboolean can_beat, gint64 later, Choice expected)
{
	g_assert_cmpint(choice_next(costs, can_beat, costs->look_ended + later), ==, expected);
}

static void test_begins(void)
{
	g_auto(Costs) costs;

	costs_init(&costs, SHARE);
	assert_next(&costs, TRUE, 1, CONTENDED);
	looked(&costs, PIDS(1, ), FALSE, FEW, 1000);
	assert_next(&costs, TRUE, 1, BEAT);
}

static void test_chooses_by_the_number_of_locks(void)
{
	g_auto(Costs) costs;

	begin(&costs, SHARE, PIDS(1, ), FEW, 1000);
	assert_next(&costs, TRUE, DURATION_SECOND, ALL);
	looked(&costs, PIDS(1, ), FALSE, MANY, 1000);
	assert_next(&costs, TRUE, DURATION_SECOND, CONTENDED);
	looked(&costs, PIDS(1, ), FALSE, FEW, 1000);
	assert_next(&costs, TRUE, DURATION_SECOND, ALL);
}

static void test_a_share_of_the_time(void)
{
	g_auto(Costs) costs;

	begin(&costs, SHARE, PIDS(1, ), MANY, 10 * DURATION_MS);
	assert_next(&costs, TRUE, 980 * DURATION_MS, BEAT);
	assert_next(&costs, TRUE, 1000 * DURATION_MS, CONTENDED);
	assert_next(&costs, FALSE, 1, CONTENDED);
}

static void test_the_whole_time(void)
{
	g_auto(Costs) costs;

	begin(&costs, 100, PIDS(1, ), MANY, DURATION_SECOND);
	assert_next(&costs, TRUE, 0, CONTENDED);
}

static void test_never_unseen_for_long(void)
{
	g_auto(Costs) costs;

	begin(&costs, SHARE, PIDS(), MANY, 5 * DURATION_SECOND);
	assert_next(&costs, TRUE, 9 * DURATION_SECOND, BEAT);
	assert_next(&costs, TRUE, 10 * DURATION_SECOND, CONTENDED);
}

/* whoever waits while logging in is in no heartbeat before 18 */
static void test_no_heartbeat_where_it_misses_a_waiter(void)
{
	g_auto(Costs) costs;

	costs_init(&costs, SHARE);
	looked(&costs, PIDS(1, 2, ), TRUE, MANY, DURATION_SECOND);
	assert_next(&costs, TRUE, 1, CONTENDED);
	looked(&costs, PIDS(1, ), FALSE, MANY, DURATION_SECOND);
	assert_next(&costs, TRUE, 1, BEAT);
}

static void test_the_same_wait(void)
{
	g_auto(Costs) costs;
	ChoiceChange change;

	begin(&costs, SHARE, PIDS(3, 5, 9, ), MANY, DURATION_SECOND);
	for (int i = 1; i < 5; i++) {
		g_assert_false(heard(&costs, PIDS(3, 5, 9, ), i * DURATION_SECOND, &change));
		g_assert_cmpuint(change.n_more, ==, 0);
		g_assert_cmpuint(change.n_less, ==, 0);
	}
}

static void test_who_comes_for_a_moment(void)
{
	g_auto(Costs) costs;
	ChoiceChange change;

	begin(&costs, SHARE, PIDS(5, ), MANY, 10 * DURATION_MS);
	g_assert_false(heard(&costs, PIDS(4, 5, ), DURATION_SECOND, &change));
	g_assert_cmpuint(change.n_more, ==, 1);
	g_assert_false(heard(&costs, PIDS(5, 7, ), DURATION_SECOND, &change));
	g_assert_cmpuint(change.n_more, ==, 1);
	g_assert_cmpuint(change.n_less, ==, 0);
}

static void test_who_comes_to_stay(void)
{
	g_auto(Costs) costs;
	ChoiceChange change;

	begin(&costs, SHARE, PIDS(5, ), MANY, 10 * DURATION_MS);
	g_assert_false(heard(&costs, PIDS(4, 5, 8, ), 100 * DURATION_MS, &change));
	/* the share isn't used up for what has changed */
	g_assert_false(heard(&costs, PIDS(5, 8, ), 190 * DURATION_MS, &change));
	g_assert_true(heard(&costs, PIDS(5, 8, ), 200 * DURATION_MS, &change));
	g_assert_cmpuint(change.n_more, ==, 1);
	looked(&costs, PIDS(5, 8, ), FALSE, MANY, 10 * DURATION_MS);
	g_assert_false(heard(&costs, PIDS(5, 8, ), 300 * DURATION_MS, &change));
	g_assert_cmpuint(change.n_more, ==, 0);
}

static void test_who_goes(void)
{
	g_auto(Costs) costs;
	ChoiceChange change;

	begin(&costs, SHARE, PIDS(5, 6, ), MANY, 10 * DURATION_MS);
	g_assert_true(heard(&costs, PIDS(6, ), 200 * DURATION_MS, &change));
	g_assert_cmpuint(change.n_less, ==, 1);
	g_assert_cmpuint(change.n_more, ==, 0);
	g_assert_true(heard(&costs, PIDS(), 200 * DURATION_MS, &change));
	g_assert_cmpuint(change.n_less, ==, 2);
}

/* Of hundreds of servers each look counts, cheap as it is; but not while somebody waits. */
static void test_quiet(void)
{
	g_auto(Costs) costs;
	ChoiceChange change;

	begin(&costs, 100, PIDS(), FEW, 1000);
	assert_next(&costs, TRUE, DURATION_SECOND, ALL);
	costs.beats_when_quiet = TRUE;
	assert_next(&costs, TRUE, DURATION_SECOND, BEAT);
	assert_next(&costs, FALSE, DURATION_SECOND, ALL);
	assert_next(&costs, TRUE, 10 * DURATION_SECOND, ALL);
	/* who comes to stay is looked at without delay */
	g_assert_false(heard(&costs, PIDS(7, ), DURATION_SECOND, &change));
	g_assert_true(heard(&costs, PIDS(7, ), DURATION_SECOND, &change));
	looked(&costs, PIDS(7, ), FALSE, FEW, 1000);
	assert_next(&costs, TRUE, DURATION_SECOND, ALL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/choice/begins", test_begins);
	g_test_add_func("/choice/number-of-locks", test_chooses_by_the_number_of_locks);
	g_test_add_func("/choice/share", test_a_share_of_the_time);
	g_test_add_func("/choice/whole-time", test_the_whole_time);
	g_test_add_func("/choice/unseen", test_never_unseen_for_long);
	g_test_add_func("/choice/blind", test_no_heartbeat_where_it_misses_a_waiter);
	g_test_add_func("/choice/same", test_the_same_wait);
	g_test_add_func("/choice/moment", test_who_comes_for_a_moment);
	g_test_add_func("/choice/stays", test_who_comes_to_stay);
	g_test_add_func("/choice/goes", test_who_goes);
	g_test_add_func("/choice/quiet", test_quiet);
	return g_test_run();
}
