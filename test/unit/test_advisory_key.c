#include "base/error.h"
#include "model/advisory_key.h"

static void test_parse(void)
{
	static const struct {
		const char *typed;
		AdvisoryKey key;
		const char *text;
	} cases[] = {
	    {"42", {.number = 42}, "42"},
	    {"0", {.number = 0}, "0"},
	    {"-7", {.number = -7}, "-7"},
	    {"007", {.number = 7}, "7"},
	    {" 42 ", {.number = 42}, "42"},
	    {"9223372036854775807", {.number = G_MAXINT64}, "9223372036854775807"},
	    {"-9223372036854775808", {.number = G_MININT64}, "-9223372036854775808"},
	    {"1,2", {.is_pair = TRUE, .first = 1, .second = 2}, "1,2"},
	    {"1, 2", {.is_pair = TRUE, .first = 1, .second = 2}, "1,2"},
	    {"-1,-2", {.is_pair = TRUE, .first = -1, .second = -2}, "-1,-2"},
	    {"2147483647,-2147483648",
	     {.is_pair = TRUE, .first = G_MAXINT32, .second = G_MININT32},
	     "2147483647,-2147483648"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		AdvisoryKey key = {0};
		g_autoptr(GError) error = NULL;

		g_test_message("\"%s\"", cases[i].typed);
		g_assert_true(advisory_key_parse(cases[i].typed, &key, &error));
		g_assert_no_error(error);
		g_assert_true(advisory_key_equal(&key, &cases[i].key));
		g_autofree char *text = advisory_key_to_text(&key);

		g_assert_cmpstr(text, ==, cases[i].text);
	}
}

static void test_no_keys(void)
{
	static const char *const cases[] = {
	    "",
	    "-",
	    "x",
	    "4x",
	    "0x10",
	    "4 2",
	    "1.5",
	    "1,",
	    ",1",
	    ",",
	    "1,2,3",
	    "1 2",
	    "--1",
	    "2147483648,1",
	    "1,2147483648",
	    "1,x",
	    "*",
	    "9223372036854775808",
	    "1;2",
	    "-9223372036854775809",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		AdvisoryKey key = {.number = 5};
		g_autoptr(GError) error = NULL;

		g_test_message("\"%s\"", cases[i]);
		g_assert_false(advisory_key_parse(cases[i], &key, &error));
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		g_assert_nonnull(error_hint(error));
	}
}

static void test_of_locks(void)
{
	static const struct {
		LockTag tag;
		const char *key; /* NULL: none of an application's */
	} cases[] = {
	    {{.type = LOCK_TYPE_ADVISORY, .objid = 42, .objsubid = 1}, "42"},
	    {{.type = LOCK_TYPE_ADVISORY, .classid = 1, .objid = 2, .objsubid = 1}, "4294967298"},
	    {{.type = LOCK_TYPE_ADVISORY, .classid = 0x80000000, .objsubid = 1},
	     "-9223372036854775808"},
	    {{.type = LOCK_TYPE_ADVISORY, .classid = 1, .objid = 2, .objsubid = 2}, "1,2"},
	    {{.type = LOCK_TYPE_ADVISORY, .classid = 0xffffffff, .objid = 0xfffffffe, .objsubid = 2},
	     "-1,-2"},
	    /* Citus's */
	    {{.type = LOCK_TYPE_ADVISORY, .classid = 1, .objid = 2, .objsubid = 4}, NULL},
	    {{.type = LOCK_TYPE_ADVISORY, .classid = 1, .objid = 2, .objsubid = 0}, NULL},
	    {{.type = LOCK_TYPE_USERLOCK, .objid = 42, .objsubid = 1}, NULL},
	    {{.type = LOCK_TYPE_OBJECT, .classid = 1, .objid = 2, .objsubid = 1}, NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		AdvisoryKey key;

		g_assert_cmpint(advisory_key_of(&cases[i].tag, &key), ==, cases[i].key != NULL);
		if (!cases[i].key)
			continue;
		g_autofree char *text = advisory_key_to_text(&key);

		g_assert_cmpstr(text, ==, cases[i].key);
	}
}

static void test_of_database(void)
{
	const AdvisoryKey key = {.number = 42};
	const LockTag tag = {.type = LOCK_TYPE_ADVISORY, .database = 5, .objid = 42, .objsubid = 1};
	const LockTag pair = {.type = LOCK_TYPE_ADVISORY, .database = 5, .objid = 42, .objsubid = 2};
	const LockTag extension = {
	    .type = LOCK_TYPE_ADVISORY, .database = 5, .objid = 42, .objsubid = 4};

	g_assert_true(advisory_key_is_of(&key, &tag, 5));
	g_assert_false(advisory_key_is_of(&key, &tag, 6));
	g_assert_false(advisory_key_is_of(&key, &pair, 5));
	g_assert_false(advisory_key_is_of(&key, &extension, 5));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/advisory-key/parse", test_parse);
	g_test_add_func("/advisory-key/no-keys", test_no_keys);
	g_test_add_func("/advisory-key/of-locks", test_of_locks);
	g_test_add_func("/advisory-key/of-database", test_of_database);
	return g_test_run();
}
