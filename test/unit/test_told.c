#include "guard/told.h"

static Blocker blocker_of(gint32 pid, gint64 transaction_since)
{
	return (Blocker){.pid = pid, .backend_start = 5, .transaction_since = transaction_since};
}

/* What is said of a session in its transaction, in all of them, and of an incident. */
static void test_once(void)
{
	g_autoptr(Told) told = told_new();
	const Blocker first = blocker_of(100, 10), next = blocker_of(100, 20),
	              other = blocker_of(101, 10);

	g_assert_true(told_once(told, &first, "a", "refused"));
	g_assert_false(told_once(told, &first, "a", "refused"));
	g_assert_true(told_once(told, &next, "a", "refused"));
	g_assert_true(told_once(told, &other, "a", "refused"));
	g_assert_true(told_once(told, &first, "b", "refused"));
	g_assert_true(told_once(told, &first, NULL, "no plan"));
	g_assert_true(told_session_once(told, &first, "a", "unknown"));
	g_assert_false(told_session_once(told, &next, "a", "unknown"));
	g_assert_true(told_incident_once(told, 7, "a", "unknown"));
	g_assert_false(told_incident_once(told, 7, "a", "unknown"));
	g_assert_true(told_incident_once(told, 8, "a", "unknown"));
	g_assert_true(told_incident_once(told, 7, "b", "unknown"));
}

/* What nobody asks for in a look may be said again. */
static void test_forgotten(void)
{
	g_autoptr(Told) told = told_new();
	const Blocker blocker = blocker_of(100, 10);

	told_once(told, &blocker, "a", "refused");
	told_incident_once(told, 7, "a", "unknown");
	told_end_look(told);
	g_assert_true(told_already(told, &blocker, "a", "refused"));
	g_assert_false(told_incident_once(told, 7, "a", "unknown"));
	told_end_look(told);
	g_assert_false(told_incident_once(told, 7, "a", "unknown"));
	told_end_look(told);
	g_assert_false(told_already(told, &blocker, "a", "refused"));
	g_assert_true(told_once(told, &blocker, "a", "refused"));
	told_end_look(told);
	told_end_look(told);
	g_assert_true(told_incident_once(told, 7, "a", "unknown"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/told/once", test_once);
	g_test_add_func("/told/forgotten", test_forgotten);
	return g_test_run();
}
