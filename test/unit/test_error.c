#include "base/error.h"

#include <string.h>

static void test_message_and_code(void)
{
	g_autoptr(GError) error = NULL;
	error_set(&error, PGUNLOCK_ERROR_REFUSED, "cannot %s %d", "terminate", 4711);
	g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_REFUSED);
	g_assert_cmpstr(error->message, ==, "cannot terminate 4711");
	g_assert_null(error_hint(error));
	g_assert_null(error_sqlstate(error));
	g_assert_cmpint(error_exit_code(error), ==, 5);
}

static void test_hint_is_replaced(void)
{
	g_autoptr(GError) error = NULL;
	error_set(&error, PGUNLOCK_ERROR_FAILED, "it failed");
	error_set_hint(&error, "try %s", "again");
	g_assert_cmpstr(error_hint(error), ==, "try again");
	error_set_hint(&error, "%s, or not", error_hint(error));
	g_assert_cmpstr(error_hint(error), ==, "try again, or not");
}

static void test_sqlstate(void)
{
	g_autoptr(GError) error = NULL;
	error_set(&error, PGUNLOCK_ERROR_FAILED, "it failed");
	error_set_sqlstate(&error, NULL);
	g_assert_null(error_sqlstate(error));
	error_set_sqlstate(&error, "57P01");
	g_assert_cmpstr(error_sqlstate(error), ==, "57P01");
	static const char *const malformed[] = {"", "42", "425011", "42\n01", "42\x1b[m"};
	for (gsize i = 0; i < G_N_ELEMENTS(malformed); i++) {
		error_set_sqlstate(&error, malformed[i]);
		g_assert_cmpstr(error_sqlstate(error), ==, "57P01");
	}
}

static void test_copies_are_complete(void)
{
	g_autoptr(GError) copy = NULL;
	{
		g_autoptr(GError) error = NULL;
		error_set(&error, PGUNLOCK_ERROR_CONNECT, "no usable connection");
		error_set_hint(&error, "ask somebody");
		error_set_sqlstate(&error, "28P01");
		copy = g_error_copy(error);
	}
	g_assert_error(copy, PGUNLOCK_ERROR, PGUNLOCK_ERROR_CONNECT);
	g_assert_cmpstr(error_hint(copy), ==, "ask somebody");
	g_assert_cmpstr(error_sqlstate(copy), ==, "28P01");

	g_autoptr(GError) bare = NULL;
	error_set(&bare, PGUNLOCK_ERROR_CONNECT, "no usable connection");
	g_autoptr(GError) bare_copy = g_error_copy(bare);
	g_assert_null(error_hint(bare_copy));
	g_assert_null(error_sqlstate(bare_copy));
}

static void test_facts_survive_a_prefix(void)
{
	g_autoptr(GError) inner = NULL;
	error_set(&inner, PGUNLOCK_ERROR_NOT_FOUND, "no such table");
	error_set_hint(&inner, "look at the schema");
	g_autoptr(GError) outer = NULL;
	g_propagate_prefixed_error(&outer, g_steal_pointer(&inner), "%s: ", "selecting");
	g_assert_cmpstr(outer->message, ==, "selecting: no such table");
	g_assert_cmpstr(error_hint(outer), ==, "look at the schema");
}

static void test_nobody_wants_the_error(void)
{
	error_set(NULL, PGUNLOCK_ERROR_FAILED, "%s", "nothing");
	error_set_hint(NULL, "%s", "nothing");
	error_set_sqlstate(NULL, "57P01");
	GError *none = NULL;
	error_set_hint(&none, "%s", "nothing");
	error_set_sqlstate(&none, "57P01");
	g_assert_null(none);
	g_assert_null(error_hint(NULL));
	g_assert_null(error_sqlstate(NULL));
}

static void test_other_domains(void)
{
	g_autoptr(GError) error =
	    g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_NOSPC, "no space left on device");
	error_set_hint(&error, "delete something");
	error_set_sqlstate(&error, "53100");
	g_assert_null(error_hint(error));
	g_assert_null(error_sqlstate(error));
	g_assert_cmpint(error_exit_code(error), ==, 1);
}

static void test_hostile_text(void)
{
	g_autoptr(GError) error = NULL;
	error_set(&error, PGUNLOCK_ERROR_FAILED, "role \"%s\" does not exist", "M\xfcller");
	error_set_hint(&error, "ask %s", "M\xfcller");
	g_assert_cmpstr(error->message, ==, "role \"M\uFFFDller\" does not exist");
	g_assert_cmpstr(error_hint(error), ==, "ask M\uFFFDller");

	const gsize size = (gsize) 1024 * 1024;
	g_autofree char *percents = g_strnfill(size, '%');
	g_autoptr(GError) large = NULL;
	error_set(&large, PGUNLOCK_ERROR_FAILED, "%s", percents);
	g_assert_cmpuint(strlen(large->message), ==, size);
}

static void test_exit_codes(void)
{
	static const PgunlockError codes[] = {PGUNLOCK_ERROR_FAILED,     PGUNLOCK_ERROR_USAGE,
	                                      PGUNLOCK_ERROR_NOT_FOUND,  PGUNLOCK_ERROR_NOT_FREED,
	                                      PGUNLOCK_ERROR_REFUSED,    PGUNLOCK_ERROR_CONNECT,
	                                      PGUNLOCK_ERROR_INTERRUPTED};
	static const int exits[] = {1, 2, 3, 4, 5, 6, 130};
	for (gsize i = 0; i < G_N_ELEMENTS(codes); i++) {
		g_autoptr(GError) error = NULL;
		error_set(&error, codes[i], "error %u", (guint) i);
		g_assert_cmpint(error_exit_code(error), ==, exits[i]);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/error/message-and-code", test_message_and_code);
	g_test_add_func("/error/hint-is-replaced", test_hint_is_replaced);
	g_test_add_func("/error/sqlstate", test_sqlstate);
	g_test_add_func("/error/copies-are-complete", test_copies_are_complete);
	g_test_add_func("/error/facts-survive-a-prefix", test_facts_survive_a_prefix);
	g_test_add_func("/error/nobody-wants-the-error", test_nobody_wants_the_error);
	g_test_add_func("/error/other-domains", test_other_domains);
	g_test_add_func("/error/hostile-text", test_hostile_text);
	g_test_add_func("/error/exit-codes", test_exit_codes);
	return g_test_run();
}
