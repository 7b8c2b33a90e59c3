#include "render/labels.h"
#include "render/statement.h"

#include "base/text.h"

#include <string.h>

static StatementText text_of(const char *query, guint columns)
{
	const Session session = {.query = query};

	return statement_text(&session, columns);
}

/* The text with its inks: k for a keyword, l for a literal, d for a comment. */
static char *inks_of(const StatementText *statement)
{
	static const char letters[N_INKS] = {
	    [INK_PLAIN] = '.', [INK_DIM] = 'd', [INK_KEYWORD] = 'k', [INK_LITERAL] = 'l'};
	gsize len = strlen(statement->text);
	char *shown = g_strnfill(len, '?');

	for (gsize i = 0; i < len; i++)
		shown[i] = statement->text[i] == ' ' ? ' ' : letters[statement->inks[i]];
	return shown;
}

static void test_inks(void)
{
	static const char *const cases[][3] = {
	    {"UPDATE login_sessions\n\tSET token = 'a  b'\n WHERE user_id=$1 -- why\n AND x > 1.5",
	     "UPDATE login_sessions SET token = 'a b' WHERE user_id=$1 /* why */ AND x > 1.5",
	     "kkkkkk .............. kkk ..... . ll ll kkkkk ........ll dd ddd dd kkk . . lll"},
	    {"--\nSELECT --why  \n 1 -- first\n-- second\n",
	     "/* */ SELECT /*why */ 1 /* first */ -- second",
	     "dd dd kkkkkk ddddd dd l dd ddddd dd dd dddddd"},
	    /* It can't be written in the other form. */
	    {"-- a */ b\nSELECT", "-- a */ b SELECT", "dd d dd d kkkkkk"},
	    {"/* a\n b */ SELECT", "/* a b */ SELECT", "dd d d dd kkkkkk"},
	    {"SELECT '\033[2J", "SELECT '\\x1b[2J", "kkkkkk llllllll"},
	    {"\001SELECT", "\\x01SELECT", "....kkkkkk"},
	    {"", "", ""},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(StatementText) statement = text_of(cases[i][0], 200);
		g_autofree char *inks = inks_of(&statement);

		g_assert_cmpstr(statement.text, ==, cases[i][1]);
		g_assert_cmpstr(inks, ==, cases[i][2]);
	}
}

/* Marks behind a token belong to its last character, and there are no more of them for that. */
static void test_marks_stay_with_their_character(void)
{
	g_autoptr(GString) query = g_string_new("'x'");

	for (guint i = 0; i < 30; i++)
		g_string_append(query, "\u0301");
	g_auto(StatementText) statement = text_of(query->str, 200);
	g_autofree char *safe = text_safe(query->str);
	g_assert_cmpstr(statement.text, ==, safe);
}

static char *shown(const char *query, guint width, gboolean color, guint lines)
{
	const RenderStyle style = {.width = width, .color = color, .unicode = TRUE};
	const Session session = {.query = query, .state = SESSION_STATE_ACTIVE};
	GString *out = g_string_new(NULL);
	const Labels labels = {.out = out, .style = &style, .margin = 1, .column = 6};

	labels_session_statement(&labels, &session, lines);
	return g_string_free(out, FALSE);
}

#define KEYWORD "\033[35m"
#define LITERAL "\033[36m"
#define DIM "\033[2m"
#define END "\033[0m"

static void test_inks_and_lines(void)
{
	/* A string that goes over the end of a line, and one that is cut. */
	g_autofree char *two = shown("SELECT 'one two three' x", 20, TRUE, 5);
	g_autofree char *cut = shown("SELECT 'one two three' x", 20, TRUE, 1);
	g_autofree char *plain = shown("SELECT 'one two three' x", 20, FALSE, 5);
	g_autofree char *word = shown("SELECT '0123456789abcdefghijklmnop'", 20, TRUE, 2);
	g_autofree char *nothing = shown("", 20, TRUE, 2);

	g_assert_cmpstr(two, ==,
	                " " DIM "runs" END " " KEYWORD "SELECT" END " " LITERAL "'one" END
	                "\n      " LITERAL "two three'" END " x\n");
	g_assert_cmpstr(cut, ==,
	                " " DIM "runs" END " " KEYWORD "SELECT" END " " LITERAL "'one t…" END "\n");
	g_assert_cmpstr(plain, ==, " runs SELECT 'one\n      two three' x\n");
	g_assert_cmpstr(word, ==,
	                " " DIM "runs" END " " KEYWORD "SELECT" END "\n      " LITERAL
	                "'0123456789ab…" END "\n");
	g_assert_cmpstr(nothing, ==, "");
}

/* No more is read than is shown, of tokens that never end as well. */
static void test_large(void)
{
	static const char *const beginnings[] = {"'",  "/*", "--", "\"",
	                                         "$$", "1",  "a",  "\xf0\x9f\x90\x98"};

	for (gsize i = 0; i < G_N_ELEMENTS(beginnings); i++) {
		g_autofree char *rest = g_strnfill(1000000, '1');
		g_autofree char *query = g_strconcat(beginnings[i], rest, NULL);
		g_auto(StatementText) statement = text_of(query, 40);

		g_assert_cmpint(g_utf8_strlen(statement.text, -1), ==, 41);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/statement/inks", test_inks);
	g_test_add_func("/statement/marks", test_marks_stay_with_their_character);
	g_test_add_func("/statement/inks-and-lines", test_inks_and_lines);
	g_test_add_func("/statement/large", test_large);
	return g_test_run();
}
