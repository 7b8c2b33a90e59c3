#include "base/error.h"
#include "model/lock_mode.h"

/* The table "Conflicting Lock Modes" of the documentation, strongest last, both ways. */
static const char *const conflicts[] = {
    /* clang-format off */
    ".......X", /* access share */
    "......XX", /* row share */
    "....XXXX", /* row exclusive */
    "...XXXXX", /* share update exclusive */
    "..XX.XXX", /* share */
    "..XXXXXX", /* share row exclusive */
    ".XXXXXXX", /* exclusive */
    "XXXXXXXX", /* access exclusive */
    /* clang-format on */
};

static void test_conflicts(void)
{
	for (LockMode a = LOCK_MODE_FIRST; a <= LOCK_MODE_LAST; a++) {
		for (LockMode b = LOCK_MODE_FIRST; b <= LOCK_MODE_LAST; b++)
			g_assert_cmpint((lock_mode_conflicts(a) & LOCK_MODE_SET(b)) != 0, ==,
			                conflicts[a - 1][b - 1] == 'X');
		g_assert_cmpint(lock_mode_conflicts(a) & ~LOCK_MODE_SET_ALL, ==, 0);
		g_assert_cmpint(lock_mode_conflicts_with_itself(a), ==, conflicts[a - 1][a - 1] == 'X');
	}
	g_assert_cmpint(lock_mode_conflicts(LOCK_MODE_NONE), ==, 0);
	g_assert_false(lock_mode_conflicts_with_itself(LOCK_MODE_NONE));
}

static void test_names(void)
{
	static const char *const names[] = {
	    "?",
	    "AccessShareLock",
	    "RowShareLock",
	    "RowExclusiveLock",
	    "ShareUpdateExclusiveLock",
	    "ShareLock",
	    "ShareRowExclusiveLock",
	    "ExclusiveLock",
	    "AccessExclusiveLock",
	};

	for (LockMode mode = LOCK_MODE_NONE; mode <= LOCK_MODE_LAST; mode++)
		g_assert_cmpstr(lock_mode_name(mode), ==, names[mode]);
	for (LockMode mode = LOCK_MODE_FIRST; mode <= LOCK_MODE_LAST; mode++)
		g_assert_cmpint(lock_mode_from_name(names[mode]), ==, mode);
	g_assert_cmpstr(lock_mode_name((LockMode) 9), ==, "?");
	g_assert_cmpint(lock_mode_from_name("SIReadLock"), ==, LOCK_MODE_NONE);
	g_assert_cmpint(lock_mode_from_name("?"), ==, LOCK_MODE_NONE);
	g_assert_cmpint(lock_mode_from_name(""), ==, LOCK_MODE_NONE);
	g_assert_cmpint(lock_mode_from_name("sharelock"), ==, LOCK_MODE_NONE);
}

#define M(mode) LOCK_MODE_SET(LOCK_MODE_##mode)
#define ALL_EXCLUSIVE                                                                              \
	(M(ROW_EXCLUSIVE) | M(SHARE_UPDATE_EXCLUSIVE) | M(SHARE_ROW_EXCLUSIVE) | M(EXCLUSIVE) |        \
	 M(ACCESS_EXCLUSIVE))

static void test_patterns(void)
{
	static const struct {
		const char *text;
		LockModeSet modes; /* 0: an error */
	} cases[] = {
	    {"AccessExclusiveLock", M(ACCESS_EXCLUSIVE)},
	    {"accessexclusive", M(ACCESS_EXCLUSIVE)},
	    {"access-exclusive", M(ACCESS_EXCLUSIVE)},
	    {"access_exclusive_lock", M(ACCESS_EXCLUSIVE)},
	    {"  ACCESS   EXCLUSIVE  lock ", M(ACCESS_EXCLUSIVE)},
	    {"share", M(SHARE)},
	    {"ShareLock", M(SHARE)},
	    {"exclusive", M(EXCLUSIVE)},
	    {"*ExclusiveLock", ALL_EXCLUSIVE},
	    {"%ExclusiveLock", ALL_EXCLUSIVE},
	    {"*exclusive*", ALL_EXCLUSIVE},
	    {"row*", M(ROW_SHARE) | M(ROW_EXCLUSIVE)},
	    {"Row*Lock", M(ROW_SHARE) | M(ROW_EXCLUSIVE)},
	    {"Row*Lock*", M(ROW_SHARE) | M(ROW_EXCLUSIVE)},
	    {"Row%Loc%", M(ROW_SHARE) | M(ROW_EXCLUSIVE)},
	    {"shar?", M(SHARE)},
	    {"*", LOCK_MODE_SET_ALL},
	    {"*Lock", LOCK_MODE_SET_ALL},
	    {"share,exclusive", M(SHARE) | M(EXCLUSIVE)},
	    {"share , access share", M(SHARE) | M(ACCESS_SHARE)},
	    {"", 0},
	    {",", 0},
	    {"share,", 0},
	    {"lock", 0},
	    {"sha", 0},
	    {"share;exclusive", 0},
	    {"SIReadLock", 0},
	    {"share,nonsense", 0},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		LockModeSet modes = 0;
		gboolean parsed = lock_mode_pattern_parse(cases[i].text, &modes, &error);

		g_test_message("\"%s\"", cases[i].text);
		g_assert_cmpint(parsed, ==, cases[i].modes != 0);
		g_assert_cmpint(modes, ==, cases[i].modes);
		if (!parsed)
			g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
	}
}

/* An option given twice means both. */
static void test_pattern_adds(void)
{
	LockModeSet modes = M(SHARE);

	g_assert_true(lock_mode_pattern_parse("exclusive", &modes, NULL));
	g_assert_cmpint(modes, ==, M(SHARE) | M(EXCLUSIVE));
	g_assert_false(lock_mode_pattern_parse("access share, nonsense", &modes, NULL));
	g_assert_cmpint(modes, ==, M(SHARE) | M(EXCLUSIVE));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/lock_mode/conflicts", test_conflicts);
	g_test_add_func("/lock_mode/names", test_names);
	g_test_add_func("/lock_mode/patterns", test_patterns);
	g_test_add_func("/lock_mode/pattern_adds", test_pattern_adds);
	return g_test_run();
}
