#include "fuzz.h"

#include "base/text.h"

#include <string.h>

/* The first byte chooses the width. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	guint width = size > 0 ? data[0] % 120U : 0;
	g_autofree char *repaired = text_repair((const char *) data, size);
	g_assert_true(g_utf8_validate(repaired, -1, NULL));
	g_autofree char *again = text_repair(repaired, strlen(repaired));
	g_assert_cmpstr(again, ==, repaired);

	g_autofree char *safe = text_safe(repaired);
	g_assert_true(g_utf8_validate(safe, -1, NULL));
	for (const char *at = safe; *at != '\0'; at = text_next_char(at))
		g_assert_false(g_unichar_iscntrl(g_utf8_get_char(at)));

	for (int unicode = 0; unicode < 2; unicode++) {
		g_autoptr(GString) fitted = g_string_new(NULL);
		text_append_fit(fitted, safe, width, TRUE, unicode);
		g_assert_true(g_utf8_validate(fitted->str, (gssize) fitted->len, NULL));
		g_assert_cmpuint(text_width(fitted->str), ==, width);

		g_autoptr(GString) wrapped = g_string_new(NULL);
		text_append_wrapped(wrapped, safe, width, width / 4, 5, unicode);
		g_assert_true(g_utf8_validate(wrapped->str, (gssize) wrapped->len, NULL));
		g_auto(GStrv) lines = g_strsplit(wrapped->str, "\n", -1);
		g_assert_cmpuint(g_strv_length(lines), <=, 5);
	}

	g_autofree char *quoted = text_shell_quote(safe);
	g_auto(GStrv) words = NULL;
	int n_words = 0;
	g_assert_true(g_shell_parse_argv(quoted, &n_words, &words, NULL));
	g_assert_cmpint(n_words, ==, 1);
	g_assert_cmpstr(words[0], ==, safe);
	return 0;
}
