#include "base/sql_tokens.h"
#include "base/sql_words.h"

#include <string.h>

/* A letter for each kind: keyword, name, string, number, parameter, comment, operator, unknown. */
static const char letters[] = {
    [SQL_TOKEN_BLANK] = ' ',   [SQL_TOKEN_KEYWORD] = 'k',  [SQL_TOKEN_NAME] = 'n',
    [SQL_TOKEN_STRING] = 's',  [SQL_TOKEN_NUMBER] = '1',   [SQL_TOKEN_PARAMETER] = '$',
    [SQL_TOKEN_COMMENT] = 'c', [SQL_TOKEN_OPERATOR] = 'o', [SQL_TOKEN_OTHER] = '?',
};

/* The letter of its kind over each byte. */
static char *kinds_of(const char *text, gsize len)
{
	GString *kinds = g_string_new(NULL);
	const char *at = text;
	SqlToken token;
	SqlScan scan;

	sql_scan_begin(&scan, text, len);
	while (sql_scan_next(&scan, &token)) {
		g_assert_true(token.text == at);
		g_assert_cmpuint(token.length, >, 0);
		for (gsize i = 0; i < token.length; i++)
			g_string_append_c(kinds, letters[token.kind]);
		at += token.length;
	}
	g_assert_true(at == text + len);
	return g_string_free(kinds, FALSE);
}

typedef struct {
	const char *text;
	const char *kinds;
} Case;

static void check(const Case *cases, gsize n)
{
	for (gsize i = 0; i < n; i++) {
		g_autofree char *kinds = kinds_of(cases[i].text, strlen(cases[i].text));

		g_test_message("%s", cases[i].text);
		g_assert_cmpstr(kinds, ==, cases[i].kinds);
	}
}

static void test_words(void)
{
	static const Case cases[] = {
	    {"SELECT a FROM t", "kkkkkk n kkkk n"},
	    {"select \"from\",größe$1", "kkkkkk nnnnnnonnnnnnnnn"},
	    {"t.order \"a\"\"b\".user", "nonnnnn nnnnnnonnnn"},
	    {"U&\"d\\0061t\" u&x", "nnnnnnnnnnn non"},
	    /* cut off */
	    {"\"abc", "nnnn"},
	    {"SELEC", "nnnnn"},
	    {"", ""},
	};

	check(cases, G_N_ELEMENTS(cases));
}

/* Words that are names as well are keywords where the language expects them. */
static void test_words_that_are_names_as_well(void)
{
	static const Case cases[] = {
	    {"LOCK t IN ACCESS EXCLUSIVE MODE", "kkkk n kk kkkkkk kkkkkkkkk kkkk"},
	    {"SELECT mode,key, comment", "kkkkkk nnnnonnno nnnnnnn"},
	    {"COMMENT ON", "kkkkkkk kk"},
	    {"; /* x */ begin", "o ccccccc kkkkk"},
	    {"FOR NO KEY UPDATE SKIP LOCKED", "kkk kk kkk kkkkkk kkkk kkkkkk"},
	    {"CREATE INDEX index", "kkkkkk kkkkk nnnnn"},
	    {"COMMIT PREPARED 'a'", "kkkkkk kkkkkkkk sss"},
	};

	check(cases, G_N_ELEMENTS(cases));
}

static void test_strings(void)
{
	static const Case cases[] = {
	    {"'it''s' x", "sssssss n"},
	    {"'a\\' x", "ssss n"},
	    {"E'a\\'b' x", "sssssss n"},
	    {"b'01'X'1f'N'x'U&'y'", "sssssssssssssssssss"},
	    {"ab'x'", "nnsss"},
	    /* one that goes on in the next line, and two that don't */
	    {"E'a' \n 'b\\'c' d", "sssssssssssss n"},
	    {"'a' 'b'", "sss sss"},
	    {"$$ it's $1 $$ x", "sssssssssssss n"},
	    {"$f$ $$ $g$ $f$x", "ssssssssssssssn"},
	    {"a$b$c", "nnnnn"},
	    /* cut off */
	    {"'abc", "ssss"},
	    {"'abc''", "ssssss"},
	    {"E'abc\\", "ssssss"},
	    {"$f$ abc $f", "ssssssssss"},
	    {"$f", "?n"},
	    {"$", "?"},
	};

	check(cases, G_N_ELEMENTS(cases));
}

static void test_numbers_and_parameters(void)
{
	static const Case cases[] = {
	    {"1 1.5 .5 1. 2e-3", "1 111 11 11 1111"},
	    {"1e 1e+", "1n 1no"},
	    {"0x1F 0b01 1_000 1_", "1111 1111 11111 1n"},
	    {"1..2", "1oo1"},
	    {"-1", "o1"},
	    {"$1,$12::int", "$$o$$$oonnn"},
	    {"a1", "nn"},
	};

	check(cases, G_N_ELEMENTS(cases));
}

static void test_comments_and_operators(void)
{
	static const Case cases[] = {
	    {"a -- it's\nb", "n ccccccc n"},
	    {"a --", "n cc"},
	    {"/* a /* b */ c */d", "cccccccccccccccccn"},
	    {"/* a /* b */ c", "cccccccccccccc"},
	    {"/*/", "ccc"},
	    {"a<-- b", "nocccc"},
	    {"a+/* b */c", "nocccccccn"},
	    {"a->>'b'", "nooosss"},
	    {"(a,b);", "ononoo"},
	};

	check(cases, G_N_ELEMENTS(cases));
}

static void test_any_bytes(void)
{
	static const char bytes[] = "a\0\001\033[2J\377\376'\302";
	g_autofree char *kinds = kinds_of(bytes, sizeof bytes - 1);

	g_assert_cmpstr(kinds, ==, "n???o1nnnss");
}

/* None of these may take long, or the stack. */
static void test_large(void)
{
	static const char *const parts[] = {"/*", "'",    "\"",   "$a$", "$a",  "1_",
	                                    "(",  "--\n", "''\n", "a.",  "E'\\"};

	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autoptr(GString) text = g_string_new(NULL);

		while (text->len < 1000000)
			g_string_append(text, parts[i]);
		g_autofree char *kinds = kinds_of(text->str, text->len);
		g_assert_cmpuint(strlen(kinds), ==, text->len);
	}
}

static void test_names_and_keywords_agree(void)
{
	g_assert_true(sql_word_needs_quotes("user"));
	g_assert_true(sql_word_needs_quotes("bigint"));
	g_assert_false(sql_word_needs_quotes("update"));
	g_assert_false(sql_word_is_keyword("bigint", 6, NULL, 0));
	g_assert_true(sql_word_is_keyword("UPDATE", 6, NULL, 0));
	g_assert_false(sql_word_is_keyword("updates", 7, NULL, 0));
	g_assert_true(sql_word_is_keyword("Commit", 6, ";", 1));
	g_assert_false(sql_word_is_keyword("Commit", 6, ",", 1));
	g_assert_false(sql_word_is_keyword("commit", 6, "\0x", 2));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/sql_tokens/words", test_words);
	g_test_add_func("/sql_tokens/words-that-are-names", test_words_that_are_names_as_well);
	g_test_add_func("/sql_tokens/strings", test_strings);
	g_test_add_func("/sql_tokens/numbers-and-parameters", test_numbers_and_parameters);
	g_test_add_func("/sql_tokens/comments-and-operators", test_comments_and_operators);
	g_test_add_func("/sql_tokens/any-bytes", test_any_bytes);
	g_test_add_func("/sql_tokens/large", test_large);
	g_test_add_func("/sql_tokens/names-and-keywords", test_names_and_keywords_agree);
	return g_test_run();
}
