#include "guard/places.h"

static void test_twins(void)
{
	g_autoptr(Places) places = places_new();

	g_assert_null(places_twin(places, "main"));
	g_assert_null(places_database(places, "main"));
	places_arrive(places, "main", "1", 1, 10, "app");
	g_assert_cmpstr(places_database(places, "main"), ==, "app");
	g_assert_null(places_database(places, "nowhere"));
	g_assert_null(places_twin(places, "main"));
	places_arrive(places, "other", "1", 2, 20, "app");
	g_assert_null(places_twin(places, "other"));
	places_arrive(places, "again", "1", 1, 11, "app");
	g_assert_cmpstr(places_twin(places, "again"), ==, "main");
	g_assert_cmpstr(places_twin(places, "main"), ==, "again");
	places_leave(places, "main");
	g_assert_null(places_twin(places, "again"));
	/* the server was restarted, and only one is there again */
	places_arrive(places, "main", "1", 3, 12, "app");
	g_assert_null(places_twin(places, "main"));
	places_arrive(places, "again", "1", 3, 13, "app");
	g_assert_cmpstr(places_twin(places, "again"), ==, "main");
	places_forget(places, "main");
	g_assert_null(places_twin(places, "again"));
	/* another cluster that was started at the same moment, and one of which less is known */
	places_arrive(places, "main", "2", 3, 14, "app");
	g_assert_null(places_twin(places, "main"));
	places_arrive(places, "main", NULL, 3, 14, "app");
	g_assert_null(places_twin(places, "main"));
	places_forget(places, "never there");
	places_leave(places, "never there");
}

static void assert_owner(const Places *places, const char *section, gint32 pid,
                         PlacesOwner expected, const char *expected_twin)
{
	const char *twin;

	g_assert_cmpint(places_owner(places, section, pid, &twin), ==, expected);
	g_assert_cmpstr(twin, ==, expected_twin);
	g_assert_cmpint(places_owner(places, section, pid, NULL), ==, expected);
}

static void test_owners(void)
{
	g_autoptr(Places) places = places_new();

	assert_owner(places, "main", 10, PLACES_NOBODYS, NULL);
	places_arrive(places, "main", "1", 1, 10, "app");
	places_arrive(places, "again", "1", 1, 11, "app");
	places_arrive(places, "other", "1", 2, 12, "app");
	assert_owner(places, "main", 11, PLACES_TWINS, "again");
	assert_owner(places, "main", 12, PLACES_NOBODYS, NULL);
	assert_owner(places, "main", 0, PLACES_NOBODYS, NULL);
	places_leave(places, "main");
	places_leave(places, "main");
	places_arrive(places, "main", "1", 1, 13, "app");
	assert_owner(places, "main", 10, PLACES_LEFT, NULL);
	assert_owner(places, "again", 10, PLACES_TWINS, "main");
	assert_owner(places, "other", 10, PLACES_NOBODYS, NULL);
	places_forget_left(places, "again");
	assert_owner(places, "main", 10, PLACES_LEFT, NULL);
	places_forget_left(places, "main");
	assert_owner(places, "main", 10, PLACES_NOBODYS, NULL);
	places_forget_left(places, "never there");
	/* after a restart no backend is left, and the pid may be anybody's */
	places_leave(places, "main");
	places_arrive(places, "main", "1", 3, 14, "app");
	assert_owner(places, "main", 10, PLACES_NOBODYS, NULL);
	assert_owner(places, "main", 13, PLACES_NOBODYS, NULL);
}

static void test_many_left(void)
{
	g_autoptr(Places) places = places_new();

	for (gint32 pid = 1; pid <= 10; pid++) {
		places_arrive(places, "main", "1", 1, pid, "app");
		places_leave(places, "main");
	}
	assert_owner(places, "main", 2, PLACES_NOBODYS, NULL);
	assert_owner(places, "main", 3, PLACES_LEFT, NULL);
	assert_owner(places, "main", 10, PLACES_LEFT, NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/places/twins", test_twins);
	g_test_add_func("/places/owners", test_owners);
	g_test_add_func("/places/many-left", test_many_left);
	return g_test_run();
}
