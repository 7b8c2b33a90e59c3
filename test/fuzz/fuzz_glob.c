#include "fuzz.h"

#include "base/pattern.h"
#include "base/text.h"

#include <string.h>

/* A glob, a newline, a text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *input = text_repair((const char *) data, size);
	g_auto(GStrv) halves = g_strsplit(input, "\n", 2);
	const char *glob = halves[0] != NULL ? halves[0] : "";
	const char *text = halves[0] != NULL && halves[1] != NULL ? halves[1] : "";

	gboolean matches = glob_matches(glob, text, FALSE);
	if (matches)
		g_assert_true(glob_matches(glob, text, TRUE));
	if (strpbrk(glob, "*?") == NULL)
		g_assert_cmpint(matches, ==, strcmp(glob, text) == 0);

	/* More may stand where a star is added. */
	g_autofree char *longer = g_strconcat("*", glob, "*", NULL);
	if (matches)
		g_assert_true(glob_matches(longer, text, FALSE));
	g_assert_true(glob_matches("*", text, FALSE));
	return 0;
}
