#include "model/lock_manager_waits.h"

#include "base/timestamp.h"

#define LOOKER 100

static void add_runner(LockManagerWaits *waits, gint32 pid, gint64 running_us)
{
	const LockManagerRunner runner = {.pid = pid, .running_us = running_us};

	lock_manager_waits_add_runner(waits, &runner);
}

static void test_nobody(void)
{
	g_autoptr(LockManagerWaits) waits = lock_manager_waits_new();

	g_assert_false(lock_manager_is_stuck(waits, 0));
	g_assert_false(lock_manager_is_stuck(waits, LOOKER));
	add_runner(waits, 7, 1000);
	g_assert_false(lock_manager_is_stuck(waits, 0));
	g_assert_cmpuint(lock_manager_n_others(waits, LOOKER), ==, 0);
	lock_manager_waits_free(NULL);
}

/* On a busy server somebody always waits for a moment: that is no reason why we got no answer. */
static void test_only_others(void)
{
	g_autoptr(LockManagerWaits) waits = lock_manager_waits_new();

	lock_manager_waits_add_waiter(waits, 7);
	lock_manager_waits_add_waiter(waits, 8);
	g_assert_false(lock_manager_is_stuck(waits, LOOKER));
	g_assert_cmpuint(lock_manager_n_others(waits, LOOKER), ==, 2);
	/* but it is when they waited before we asked */
	g_assert_true(lock_manager_is_stuck(waits, 0));
}

static void test_looker(void)
{
	g_autoptr(LockManagerWaits) waits = lock_manager_waits_new();

	lock_manager_waits_add_waiter(waits, LOOKER);
	g_assert_true(lock_manager_is_stuck(waits, LOOKER));
	g_assert_cmpuint(lock_manager_n_others(waits, LOOKER), ==, 0);
	lock_manager_waits_add_waiter(waits, 7);
	g_assert_true(lock_manager_is_stuck(waits, LOOKER));
	g_assert_cmpuint(lock_manager_n_others(waits, LOOKER), ==, 1);
}

/* The longest first; those of which that isn't known last. */
static void test_runners(void)
{
	static const gint32 expected[] = {3, 1, 2, 5, 4};
	g_autoptr(LockManagerWaits) waits = lock_manager_waits_new();
	char application[] = "app";
	const LockManagerRunner runner = {
	    .pid = 4, .user = 10, .application_name = application, .running_us = TIMESTAMP_NONE};

	lock_manager_waits_add_runner(waits, &runner);
	application[0] = 'x';
	add_runner(waits, 1, 500);
	add_runner(waits, 2, 500);
	add_runner(waits, 3, 900);
	add_runner(waits, 5, 0);
	g_assert_cmpuint(lock_manager_n_runners(waits), ==, G_N_ELEMENTS(expected));
	for (guint i = 0; i < G_N_ELEMENTS(expected); i++)
		g_assert_cmpint(lock_manager_runner(waits, i)->pid, ==, expected[i]);
	g_assert_cmpstr(lock_manager_runner(waits, 4)->application_name, ==, "app");
	g_assert_null(lock_manager_runner(waits, 0)->query);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/lock_manager_waits/nobody", test_nobody);
	g_test_add_func("/lock_manager_waits/only_others", test_only_others);
	g_test_add_func("/lock_manager_waits/looker", test_looker);
	g_test_add_func("/lock_manager_waits/runners", test_runners);
	return g_test_run();
}
