#include "base/arena.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static void test_empty(void)
{
	g_autoptr(Arena) arena = arena_new();
	g_assert_cmpuint(arena_footprint(arena), <, 256);
	arena_free(NULL);
}

static gboolean is_zeroed(const guint8 *bytes, gsize size)
{
	for (gsize i = 0; i < size; i++) {
		if (bytes[i] != 0)
			return FALSE;
	}
	return TRUE;
}

/* Pieces of all sizes, filled to the brim: none may reach into another. */
static void test_pieces_are_apart(void)
{
	enum { PIECES = 3000 };
	g_autoptr(Arena) arena = arena_new();
	g_autoptr(GRand) random = g_rand_new_with_seed(42);
	guint8 *pieces[PIECES];
	gsize sizes[PIECES];
	gsize total = 0;
	for (gsize i = 0; i < PIECES; i++) {
		sizes[i] = (gsize) g_rand_int_range(random, 0, i % 100 == 0 ? 100000 : 300);
		pieces[i] = arena_alloc(arena, sizes[i]);
		g_assert_nonnull(pieces[i]);
		g_assert_cmpuint((uintptr_t) pieces[i] % alignof(max_align_t), ==, 0);
		g_assert_true(is_zeroed(pieces[i], sizes[i]));
		memset(pieces[i], (int) (i % 251) + 1, sizes[i]);
		total += sizes[i];
	}
	for (gsize i = 0; i < PIECES; i++) {
		for (gsize k = 0; k < sizes[i]; k++) {
			if (pieces[i][k] != i % 251 + 1)
				g_error("piece %" G_GSIZE_FORMAT " was overwritten", i);
		}
	}
	g_assert_cmpuint(arena_footprint(arena), >=, total);
	g_assert_cmpuint(arena_footprint(arena), <, total + total / 4);
}

static void test_nothing_has_an_address(void)
{
	g_autoptr(Arena) arena = arena_new();
	const char *first = arena_alloc(arena, 0);
	const char *second = arena_alloc(arena, 0);
	g_assert_nonnull(first);
	g_assert_nonnull(second);
	g_assert_true(first != second);
}

static void test_large_pieces(void)
{
	const gsize megabyte = (gsize) 1024 * 1024;
	g_autoptr(Arena) arena = arena_new();
	char *before = arena_alloc(arena, 10);
	char *large = arena_alloc(arena, megabyte);
	char *after = arena_alloc(arena, 10);
	memset(large, 'x', megabyte);
	g_assert_true(is_zeroed((const guint8 *) before, 10));
	g_assert_true(is_zeroed((const guint8 *) after, 10));
	/* The small ones share a block. */
	g_assert_cmpuint(arena_footprint(arena), <, megabyte + (gsize) 8 * 1024);
}

static void test_many_small_pieces_waste_little(void)
{
	g_autoptr(Arena) arena = arena_new();
	const gsize n = 500000;
	for (gsize i = 0; i < n; i++)
		arena_alloc(arena, 64);
	/* Twice, for the gaps that the address sanitizer gets. */
	g_assert_cmpuint(arena_footprint(arena), <, n * 64 * 2);
}

static void test_arrays(void)
{
	g_autoptr(Arena) arena = arena_new();
	gint64 *numbers = arena_new_array(arena, gint64, 1000);
	for (gsize i = 0; i < 1000; i++) {
		g_assert_cmpint(numbers[i], ==, 0);
		numbers[i] = (gint64) i;
	}
	g_assert_nonnull(arena_new_array(arena, gint64, 0));
	g_assert_cmpuint(arena_size_of_array(3, 7), ==, 21);
	g_assert_cmpuint(arena_size_of_array(G_MAXSIZE, 1), ==, G_MAXSIZE);
	g_assert_cmpuint(arena_size_of_array(G_MAXSIZE, 0), ==, 0);
}

static void test_strings(void)
{
	g_autoptr(Arena) arena = arena_new();
	g_assert_null(arena_strdup(arena, NULL));
	g_assert_null(arena_strndup(arena, NULL, 10));
	g_assert_cmpstr(arena_strdup(arena, ""), ==, "");
	char original[] = "login_sessions";
	const char *whole = arena_strdup(arena, original);
	const char *part = arena_strndup(arena, original, 5);
	const char *nothing = arena_strndup(arena, original, 0);
	memset(original, 'x', sizeof(original) - 1);
	g_assert_cmpstr(whole, ==, "login_sessions");
	g_assert_cmpstr(part, ==, "login");
	g_assert_cmpstr(nothing, ==, "");
	/* What is not NUL-terminated is not read beyond its length. */
	char *bytes = g_memdup2("abcd", 3);
	g_assert_cmpstr(arena_strndup(arena, bytes, 3), ==, "abc");
	g_free(bytes);
	gpointer aligned = arena_alloc(arena, sizeof(max_align_t));
	g_assert_cmpuint((uintptr_t) aligned % alignof(max_align_t), ==, 0);
}

/* Runs in a process of its own, and has to be its end. */
static void assert_fails(void (*fail)(Arena *arena), const char *expected)
{
	if (g_test_subprocess()) {
		g_autoptr(Arena) arena = arena_new();
		fail(arena);
		return;
	}
	g_test_trap_subprocess(NULL, 0, 0);
	g_test_trap_assert_failed();
	g_test_trap_assert_stderr(expected);
}

static void ask_for_too_many(Arena *arena)
{
	arena_new_array(arena, gint64, G_MAXSIZE / 4);
}

static void test_array_overflows(void)
{
	assert_fails(ask_for_too_many, "*more than memory can hold*");
}

static void ask_for_too_much(Arena *arena)
{
	arena_alloc(arena, G_MAXSIZE - 1);
}

static void test_alloc_overflows(void)
{
	assert_fails(ask_for_too_much, "*more than memory can hold*");
}

static void copy_too_much(Arena *arena)
{
	arena_strndup(arena, "", G_MAXSIZE);
}

static void test_string_overflows(void)
{
	assert_fails(copy_too_much, "*more than memory can hold*");
}

#ifdef __SANITIZE_ADDRESS__
static void write_behind(Arena *arena)
{
	((char *) arena_alloc(arena, 24))[24] = 'x';
}

static void test_sanitizer_sees_overflow(void)
{
	assert_fails(write_behind, "*use-after-poison*");
}
#endif

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/arena/empty", test_empty);
	g_test_add_func("/arena/pieces-are-apart", test_pieces_are_apart);
	g_test_add_func("/arena/nothing-has-an-address", test_nothing_has_an_address);
	g_test_add_func("/arena/large-pieces", test_large_pieces);
	g_test_add_func("/arena/many-small-pieces-waste-little", test_many_small_pieces_waste_little);
	g_test_add_func("/arena/arrays", test_arrays);
	g_test_add_func("/arena/strings", test_strings);
	g_test_add_func("/arena/array-overflows", test_array_overflows);
	g_test_add_func("/arena/alloc-overflows", test_alloc_overflows);
	g_test_add_func("/arena/string-overflows", test_string_overflows);
#ifdef __SANITIZE_ADDRESS__
	g_test_add_func("/arena/sanitizer-sees-overflow", test_sanitizer_sees_overflow);
#endif
	return g_test_run();
}
