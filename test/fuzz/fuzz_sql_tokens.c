#include "fuzz.h"

#include "base/sql_tokens.h"

/* What is read of a beginning of the text is the beginning of what is read of all of it. */
static void check_cut(const char *text, gsize len, gsize cut)
{
	SqlScan whole, part;
	SqlToken of_whole, of_part;

	sql_scan_begin(&whole, text, len);
	sql_scan_begin(&part, text, cut);
	while (sql_scan_next(&part, &of_part)) {
		g_assert_true(sql_scan_next(&whole, &of_whole));
		g_assert_true(of_part.text == of_whole.text);
		/* Until the end comes near: one more byte may begin a comment, or a range. */
		if (of_part.length != of_whole.length) {
			g_assert_true(of_whole.text + of_whole.length + 1 >= text + cut);
			return;
		}
	}
}

/* The first byte chooses where it is cut. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *) data + 1;
	const char *at = text;
	SqlToken token;
	SqlScan scan;

	if (size < 2)
		return 0;
	sql_scan_begin(&scan, text, size - 1);
	while (sql_scan_next(&scan, &token)) {
		g_assert_true(token.text == at);
		g_assert_cmpuint(token.length, >, 0);
		at += token.length;
	}
	g_assert_true(at == text + size - 1);
	check_cut(text, size - 1, data[0] * (size - 1) / 255);
	return 0;
}
