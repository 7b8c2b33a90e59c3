#include "base/timestamp.h"

#define SECOND G_GINT64_CONSTANT(1000000)
#define EPOCH_2000 (G_GINT64_CONSTANT(946684800) * SECOND)

static void test_from_postgres(void)
{
	g_assert_cmpint(timestamp_from_postgres(0), ==, EPOCH_2000);
	g_assert_cmpint(timestamp_from_postgres(-EPOCH_2000), ==, 0);
	g_assert_cmpint(timestamp_from_postgres(-1), ==, EPOCH_2000 - 1);
	g_assert_cmpint(timestamp_from_postgres(G_MAXINT64), ==, TIMESTAMP_NONE);
	g_assert_cmpint(timestamp_from_postgres(G_MININT64), ==, TIMESTAMP_NONE);
	/* 294276-12-31 23:59:59.999999, the last time that PostgreSQL has, is past our own last one. */
	g_assert_cmpint(timestamp_from_postgres(G_GINT64_CONSTANT(9223371331199999999)), ==,
	                G_MAXINT64);
	g_assert_cmpint(timestamp_from_postgres(G_MAXINT64 - 1), ==, G_MAXINT64);
	g_assert_cmpint(timestamp_from_postgres(G_MININT64 + 1), ==, G_MININT64 + 1 + EPOCH_2000);
}

static void test_to_postgres(void)
{
	g_assert_cmpint(timestamp_to_postgres(EPOCH_2000), ==, 0);
	g_assert_cmpint(timestamp_to_postgres(0), ==, -EPOCH_2000);
	g_assert_cmpint(timestamp_to_postgres(TIMESTAMP_NONE), ==, G_MININT64);
	g_assert_cmpint(timestamp_to_postgres(G_MININT64 + 1), ==, G_MININT64 + 1);
	g_assert_cmpint(timestamp_to_postgres(G_MININT64 + EPOCH_2000), ==, G_MININT64 + 1);
	g_assert_cmpint(timestamp_to_postgres(G_MAXINT64), ==, G_MAXINT64 - EPOCH_2000);
}

static void test_there_and_back(void)
{
	static const gint64 cases[] = {0,
	                               1,
	                               -1,
	                               EPOCH_2000,
	                               G_GINT64_CONSTANT(1795415509123456),
	                               G_GINT64_CONSTANT(-210866803200000000) /* 4713 BC, the first */};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpint(timestamp_to_postgres(timestamp_from_postgres(cases[i])), ==, cases[i]);
}

static void assert_rfc3339(gint64 timestamp_us, const char *expected)
{
	g_autofree char *text = timestamp_to_rfc3339(timestamp_us);
	g_assert_cmpstr(text, ==, expected);
}

static void test_rfc3339(void)
{
	assert_rfc3339(0, "1970-01-01T00:00:00.000000Z");
	assert_rfc3339(G_GINT64_CONSTANT(1795415509123456), "2026-11-23T06:31:49.123456Z");
	assert_rfc3339(-1, "1969-12-31T23:59:59.999999Z");
	assert_rfc3339(-SECOND, "1969-12-31T23:59:59.000000Z");
	assert_rfc3339(1, "1970-01-01T00:00:00.000001Z");
	assert_rfc3339(G_GINT64_CONSTANT(951782400) * SECOND, "2000-02-29T00:00:00.000000Z");
	assert_rfc3339(G_GINT64_CONSTANT(253402300799) * SECOND + 999999,
	               "9999-12-31T23:59:59.999999Z");
	assert_rfc3339(G_GINT64_CONSTANT(-62135596800) * SECOND, "0001-01-01T00:00:00.000000Z");
}

static void test_rfc3339_cannot_say(void)
{
	assert_rfc3339(TIMESTAMP_NONE, NULL);
	assert_rfc3339(TIMESTAMP_NONE + 1, NULL);
	assert_rfc3339(G_MAXINT64, NULL);
	assert_rfc3339(G_GINT64_CONSTANT(253402300800) * SECOND, NULL);
	assert_rfc3339(G_GINT64_CONSTANT(-62135596800) * SECOND - 1, NULL);
}

static void test_age(void)
{
	g_assert_cmpint(timestamp_age(5, 2), ==, 3);
	g_assert_cmpint(timestamp_age(2, 5), ==, 0);
	g_assert_cmpint(timestamp_age(2, 2), ==, 0);
	g_assert_cmpint(timestamp_age(2, -5), ==, 7);
	g_assert_cmpint(timestamp_age(TIMESTAMP_NONE, 5), ==, 0);
	g_assert_cmpint(timestamp_age(5, TIMESTAMP_NONE), ==, 0);
	g_assert_cmpint(timestamp_age(TIMESTAMP_NONE, TIMESTAMP_NONE), ==, 0);
	g_assert_cmpint(timestamp_age(G_MAXINT64, -1), ==, G_MAXINT64);
	g_assert_cmpint(timestamp_age(G_MAXINT64, TIMESTAMP_NONE + 1), ==, G_MAXINT64);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/timestamp/from-postgres", test_from_postgres);
	g_test_add_func("/timestamp/to-postgres", test_to_postgres);
	g_test_add_func("/timestamp/there-and-back", test_there_and_back);
	g_test_add_func("/timestamp/rfc3339", test_rfc3339);
	g_test_add_func("/timestamp/rfc3339-cannot-say", test_rfc3339_cannot_say);
	g_test_add_func("/timestamp/age", test_age);
	return g_test_run();
}
