#include "base/text.h"

#include <string.h>

#define FFFD "\uFFFD"

static void assert_repaired(const char *bytes, gsize len, const char *expected)
{
	/* A copy without a NUL, so that the address sanitizer sees any step beyond the end. */
	char *exact = g_memdup2(bytes, len);
	g_autofree char *repaired = text_repair(exact, len);
	g_free(exact);
	g_assert_cmpstr(repaired, ==, expected);
}

typedef struct {
	const char *text;
	const char *expected;
} TextCase;

static void test_repair(void)
{
	static const TextCase cases[] = {
	    {"", ""},
	    {"plain", "plain"},
	    {"größe 表 🔒 \U0010FFFF", "größe 表 🔒 \U0010FFFF"},
	    {"M\xfcller", "M" FFFD "ller"},
	    {"\x80", FFFD},
	    {"\xbf\xbf", FFFD FFFD},
	    {"\xfe\xff", FFFD FFFD},
	    /* overlong forms */
	    {"\xc0\x80", FFFD FFFD},
	    {"\xc1\xbf", FFFD FFFD},
	    {"\xe0\x80\xaf", FFFD FFFD FFFD},
	    {"\xe0\x9f\xbf", FFFD FFFD FFFD},
	    {"\xf0\x80\x80\x9b", FFFD FFFD FFFD FFFD},
	    {"\xf0\x8f\xbf\xbf", FFFD FFFD FFFD FFFD},
	    /* surrogates, and above U+10FFFF */
	    {"\xed\xa0\x80", FFFD FFFD FFFD},
	    {"\xed\xbf\xbf", FFFD FFFD FFFD},
	    {"\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD},
	    {"\xf8\x88\x80\x80\x80", FFFD FFFD FFFD FFFD FFFD},
	    /* a character that another one interrupts */
	    {"\xe2\x82x", FFFD FFFD "x"},
	    {"\xc3\xc3\xa4", FFFD "ä"},
	    {"\xf0\x9f\x94\xc3\xa4", FFFD FFFD FFFD "ä"},
	    /* cut off at the end */
	    {"x\xc3", "x"},
	    {"x\xe2\x82", "x"},
	    {"x\xe2", "x"},
	    {"x\xf0\x9f\x94", "x"},
	    {"x\xf0\x9f", "x"},
	    {"\xf4\x8f", ""},
	    /* looks cut off, but no character begins so */
	    {"x\xe0\x80", "x" FFFD FFFD},
	    {"x\xed\xa0", "x" FFFD FFFD},
	    {"x\xf0\x8f\xbf", "x" FFFD FFFD FFFD},
	    {"x\xf4\x90", "x" FFFD FFFD},
	    {"x\xf5\x80", "x" FFFD FFFD},
	    {"x\xc1", "x" FFFD},
	    {"\xff\xe2\x82", FFFD},
	    {"\xe2\xe2\x82", FFFD},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_repaired(cases[i].text, strlen(cases[i].text), cases[i].expected);
	assert_repaired("a\0b\0", 4, "a" FFFD "b" FFFD);
	assert_repaired("größe", 3, "gr");
	assert_repaired("größe", 4, "grö");
	g_autofree char *nothing = text_repair(NULL, 0);
	g_assert_cmpstr(nothing, ==, "");
}

/* Every text of up to three bytes, of bytes that make a difference. */
static void test_repair_everything_short(void)
{
	static const guint8 bytes[] = {0x00, 0x1b, 'a',  0x7f, 0x80, 0x8f, 0x90, 0x9f,
	                               0xa0, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xe1, 0xed,
	                               0xee, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff};
	const gsize n = G_N_ELEMENTS(bytes);
	for (gsize i = 0; i < n * n * n; i++) {
		const char text[] = {(char) bytes[i % n], (char) bytes[i / n % n], (char) bytes[i / n / n]};
		for (gsize len = 1; len <= sizeof(text); len++) {
			g_autofree char *repaired = text_repair(text, len);
			if (!g_utf8_validate(repaired, -1, NULL))
				g_error("not repaired: %02x %02x %02x", (guint8) text[0], (guint8) text[1],
				        (guint8) text[2]);
			if (g_utf8_validate_len(text, len, NULL) && strncmp(repaired, text, len) != 0)
				g_error("damaged: %02x %02x %02x", (guint8) text[0], (guint8) text[1],
				        (guint8) text[2]);
			/* Nothing but a cut character, three bytes at the most, is dropped. */
			if (g_utf8_strlen(repaired, -1) == 0 && (guint8) text[0] < 0xC2)
				g_error("lost: %02x", (guint8) text[0]);
		}
	}
}

static void assert_safe(const char *text, const char *expected)
{
	g_autofree char *safe = text_safe(text);
	g_assert_cmpstr(safe, ==, expected);
}

static void test_safe(void)
{
	static const TextCase cases[] = {
	    {"", ""},
	    {"SELECT 1", "SELECT 1"},
	    {"größe 表 🔒", "größe 表 🔒"},
	    {"a\\x1b", "a\\x1b"},
	    /* white space */
	    {"SELECT\n\t 1 ", "SELECT 1 "},
	    {"\n\na  b\r\nc\t", " a b c "},
	    {" ", " "},
	    {"a\vb\fc", "a\\x0bb\\x0cc"},
	    /* terminal commands */
	    {"\x1b[2J\x1b]0;title\a", "\\x1b[2J\\x1b]0;title\\x07"},
	    {"a\bb\x7f\x01", "a\\x08b\\x7f\\x01"},
	    {"\xc2\x9b"
	     "31m\xc2\x80\xc2\x9f\xc2\x85",
	     "\\x9b31m\\x80\\x9f\\x85"},
	    /* direction and order */
	    {"\u202atable\u202ex\u202c\u202c", "\\u202atable\\u202ex\\u202c\\u202c"},
	    {"\u2066x\u2069\u200e\u200f\u061c", "\\u2066x\\u2069\\u200e\\u200f\\u061c"},
	    /* not to be seen */
	    {"a\u200bb\u200dc\u2060d\ufeff", "a\\u200bb\\u200dc\\u2060d\\ufeff"},
	    {"a\u00adb", "a\\xadb"},
	    {"\u2028\u2029", "\\u2028\\u2029"},
	    {"\U000e0041\U0001d173", "\\U000e0041\\U0001d173"},
	    {"\u3164\uffa0\u115f\u034f", "\\u3164\\uffa0\\u115f\\u034f"},
	    /* right-to-left letters turn themselves, they need no command */
	    {"שלום", "שלום"},
	    {"e\u0301", "e\u0301"},
	    /* not valid after all */
	    {"M\xfcller\x1b", "M" FFFD "ller\\x1b"},
	    {"cut \xe2\x82", "cut "},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_safe(cases[i].text, cases[i].expected);
}

static void test_safe_appends(void)
{
	g_autoptr(GString) out = g_string_new("before ");
	text_append_safe(out, " after");
	g_assert_cmpstr(out->str, ==, "before  after");
}

static void test_safe_piled_marks(void)
{
	g_autoptr(GString) piled = g_string_new("e");
	for (guint i = 0; i < 10; i++)
		g_string_append(piled, "\u0301");
	g_autoptr(GString) expected = g_string_new("e");
	for (guint i = 0; i < 8; i++)
		g_string_append(expected, "\u0301");
	g_string_append(expected, "\\u0301\\u0301");
	assert_safe(piled->str, expected->str);
}

/* No character at all gets a control or a format character through. */
static void test_safe_every_character(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	for (gunichar c = 1; c <= 0x10FFFF; c++) {
		if (!g_unichar_validate(c))
			continue;
		char text[8] = {0};
		g_unichar_to_utf8(c, text);
		g_string_truncate(out, 0);
		text_append_safe(out, text);
		gboolean is_same = strcmp(out->str, text) == 0;
		gunichar first = g_utf8_get_char(out->str);
		if (first < ' ' || g_unichar_type(first) == G_UNICODE_CONTROL ||
		    g_unichar_type(first) == G_UNICODE_FORMAT)
			g_error("U+%04X comes through", c);
		if (is_same != text_char_is_safe(c))
			g_error("U+%04X is shown and called unsafe, or the reverse", c);
		if (!is_same && out->str[0] != '\\' && out->str[0] != ' ')
			g_error("U+%04X becomes %s", c, out->str);
	}
}

static guint widest_line(char *lines)
{
	guint widest = 0;
	for (char *end = lines; end != NULL; lines = end + 1) {
		end = strchr(lines, '\n');
		if (end != NULL)
			*end = '\0';
		widest = MAX(widest, text_width(lines));
		if (end == NULL)
			break;
	}
	return widest;
}

static void test_large_texts(void)
{
	const gsize size = (gsize) 1024 * 1024;
	static const char hostile[] = {'\x1b', '\xff', '\xe2', ' ', 'x', '\0', '\xf0', '\n'};
	for (gsize i = 0; i < sizeof(hostile); i++) {
		g_autofree char *bytes = g_malloc(size);
		memset(bytes, hostile[i], size);
		g_autofree char *repaired = text_repair(bytes, size);
		g_assert_true(g_utf8_validate(repaired, -1, NULL));
		g_autofree char *safe = text_safe(repaired);
		g_assert_true(g_utf8_validate(safe, -1, NULL));
		g_autoptr(GString) fit = g_string_new(NULL);
		text_append_fit(fit, safe, 80, TRUE, TRUE);
		g_assert_cmpuint(text_width(fit->str), ==, 80);
		g_autoptr(GString) wrapped = g_string_new(NULL);
		text_append_wrapped(wrapped, safe, 80, 4, 0, TRUE);
		g_assert_cmpuint(widest_line(wrapped->str), <=, 80);
	}
}

static void test_width(void)
{
	g_assert_cmpuint(text_width(""), ==, 0);
	g_assert_cmpuint(text_width("plain"), ==, 5);
	g_assert_cmpuint(text_width("größe"), ==, 5);
	g_assert_cmpuint(text_width("表"), ==, 2);
	g_assert_cmpuint(text_width("🔒"), ==, 2);
	g_assert_cmpuint(text_width("e\u0301"), ==, 1);
	g_assert_cmpuint(text_width("└─ …"), ==, 4);
	g_assert_cmpuint(text_width("ｆ"), ==, 2);
}

typedef struct {
	const char *text;
	guint width;
	gboolean pad;
	gboolean unicode;
	const char *expected;
} FitCase;

static void test_fit(void)
{
	static const FitCase cases[] = {
	    {"table", 5, FALSE, TRUE, "table"},
	    {"table", 9, FALSE, TRUE, "table"},
	    {"table", 9, TRUE, TRUE, "table    "},
	    {"", 3, TRUE, TRUE, "   "},
	    {"", 0, TRUE, TRUE, ""},
	    {"table", 4, FALSE, TRUE, "tab…"},
	    {"table", 4, FALSE, FALSE, "t..."},
	    {"table", 3, FALSE, FALSE, "..."},
	    {"table", 2, FALSE, FALSE, ".."},
	    {"table", 1, FALSE, FALSE, "."},
	    {"table", 1, FALSE, TRUE, "…"},
	    {"table", 0, FALSE, TRUE, ""},
	    {"table", 0, TRUE, FALSE, ""},
	    /* wide ones: half of one doesn't fit */
	    {"表表表", 6, FALSE, TRUE, "表表表"},
	    {"表表表", 5, FALSE, TRUE, "表表…"},
	    {"表表表", 4, FALSE, TRUE, "表…"},
	    {"表表表", 4, TRUE, TRUE, "表… "},
	    {"表表表", 4, TRUE, FALSE, "... "},
	    {"表", 1, FALSE, TRUE, "…"},
	    {"a表", 2, TRUE, TRUE, "a…"},
	    /* marks stay with their character */
	    {"e\u0301e\u0301e\u0301", 3, FALSE, TRUE, "e\u0301e\u0301e\u0301"},
	    {"e\u0301e\u0301e\u0301", 2, FALSE, TRUE, "e\u0301…"},
	    {"abe\u0301", 3, TRUE, TRUE, "abe\u0301"},
	    {"ab\u0301cd", 3, FALSE, TRUE, "ab\u0301…"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const FitCase *c = &cases[i];
		g_autoptr(GString) out = g_string_new("|");
		text_append_fit(out, c->text, c->width, c->pad, c->unicode);
		g_assert_cmpstr(out->str + 1, ==, c->expected);
		g_assert_cmpuint(text_width(out->str + 1), <=, c->width);
	}
}

typedef struct {
	const char *text;
	guint width;
	guint indent;
	guint max_lines;
	const char *expected;
} WrapCase;

static void test_wrapped(void)
{
	static const WrapCase cases[] = {
	    {"", 10, 2, 0, ""},
	    {"   ", 10, 2, 0, ""},
	    {"one two", 10, 2, 0, "one two"},
	    {"one two three", 10, 2, 0, "one two\n  three"},
	    {"one two ", 9, 2, 0, "one two"},
	    {" one two", 9, 2, 0, "one two"},
	    {"one two three", 7, 0, 0, "one two\nthree"},
	    {"one two three", 6, 0, 0, "one\ntwo\nthree"},
	    {"one  two", 4, 0, 0, "one\ntwo"},
	    /* words that are longer than a line */
	    {"abcdefghij", 4, 0, 0, "abcd\nefgh\nij"},
	    {"ab cdefghij", 4, 0, 0, "ab\ncdef\nghij"},
	    {"abcd efgh", 4, 0, 0, "abcd\nefgh"},
	    {"表表表", 5, 0, 0, "表表\n表"},
	    {"e\u0301e\u0301e\u0301", 2, 0, 0, "e\u0301e\u0301\ne\u0301"},
	    /* too narrow for anything */
	    {"ab", 1, 0, 0, "a\nb"},
	    {"ab", 0, 0, 0, "a\nb"},
	    {"ab", 3, 5, 0, "a\n     b"},
	    {"表表", 1, 0, 0, "表\n表"},
	    /* cut */
	    {"one two three four", 8, 0, 2, "one two\nthree f…"},
	    {"one two three", 8, 0, 2, "one two\nthree"},
	    {"one two three", 8, 0, 3, "one two\nthree"},
	    {"one two three ", 8, 0, 2, "one two\nthree"},
	    {"one two", 5, 0, 1, "one …"},
	    {"one", 5, 0, 1, "one"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const WrapCase *c = &cases[i];
		g_autoptr(GString) out = g_string_new(NULL);
		text_append_wrapped(out, c->text, c->width, c->indent, c->max_lines, TRUE);
		g_assert_cmpstr(out->str, ==, c->expected);
	}
	g_autoptr(GString) plain = g_string_new(NULL);
	text_append_wrapped(plain, "one two three four", 8, 0, 2, FALSE);
	g_assert_cmpstr(plain->str, ==, "one two\nthree...");
}

static void assert_quoted(const char *word, const char *expected)
{
	g_autofree char *quoted = text_shell_quote(word);
	g_assert_cmpstr(quoted, ==, expected);
	/* A shell reads back what was quoted. */
	g_autofree char *read = g_shell_unquote(quoted, NULL);
	g_assert_cmpstr(read, ==, word);
}

static void test_shell_quote(void)
{
	assert_quoted("6743a1b2.1267", "6743a1b2.1267");
	assert_quoted("gid:order-4711", "gid:order-4711");
	assert_quoted("/var/run/postgresql", "/var/run/postgresql");
	assert_quoted("", "''");
	assert_quoted("two words", "'two words'");
	assert_quoted("it's", "'it'\\''s'");
	assert_quoted("$(reboot)", "'$(reboot)'");
	assert_quoted("a;b", "'a;b'");
	assert_quoted("*", "'*'");
	assert_quoted("~root", "'~root'");
	assert_quoted("a\nb", "'a\nb'");
	assert_quoted("host=db1", "'host=db1'");
	assert_quoted("größe", "'größe'");
	assert_quoted("\"x\"", "'\"x\"'");
	assert_quoted("`x`\\", "'`x`\\'");
	assert_quoted("!x", "'!x'");
	assert_quoted("{a,b}", "'{a,b}'");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/text/repair", test_repair);
	g_test_add_func("/text/repair-everything-short", test_repair_everything_short);
	g_test_add_func("/text/safe", test_safe);
	g_test_add_func("/text/safe-appends", test_safe_appends);
	g_test_add_func("/text/safe-piled-marks", test_safe_piled_marks);
	g_test_add_func("/text/safe-every-character", test_safe_every_character);
	g_test_add_func("/text/large-texts", test_large_texts);
	g_test_add_func("/text/width", test_width);
	g_test_add_func("/text/fit", test_fit);
	g_test_add_func("/text/wrapped", test_wrapped);
	g_test_add_func("/text/shell-quote", test_shell_quote);
	return g_test_run();
}
