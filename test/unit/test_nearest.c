#include "base/nearest.h"

static const char *const NAMES[] = {
    "status",
    "release",
    "terminate",
    "tree",
    "a-name-that-is-much-longer-than-what-anybody-would-ever-mistype",
    NULL};

static void test_nearest(void)
{
	g_assert_cmpstr(nearest_name("stauts", NAMES), ==, "status");
	g_assert_cmpstr(nearest_name("relase", NAMES), ==, "release");
	g_assert_cmpstr(nearest_name("TREE", NAMES), ==, "tree");
	g_assert_cmpstr(nearest_name("term", NAMES), ==, "terminate");
	g_assert_null(nearest_name("vacuum", NAMES));
	g_assert_null(nearest_name("", NAMES));
	g_assert_null(nearest_name(NAMES[4], NAMES));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/nearest", test_nearest);
	return g_test_run();
}
