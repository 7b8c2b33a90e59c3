#include "base/error.h"
#include "base/ini.h"

#include <string.h>

static IniFile *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	IniFile *ini = ini_parse(text, strlen(text), "a.conf", &error);

	g_assert_no_error(error);
	return ini;
}

static void assert_entry(const IniSection *section, guint index, guint line, const char *key,
                         const char *value)
{
	g_assert_cmpuint(index, <, section->n_entries);
	g_assert_cmpuint(section->entries[index].line, ==, line);
	g_assert_cmpstr(section->entries[index].key, ==, key);
	g_assert_cmpstr(section->entries[index].value, ==, value);
}

static void test_empty(void)
{
	static const char *const texts[] = {"",
	                                    "\n",
	                                    "# only this",
	                                    " ;\n\t\n  # and this\r\n",
	                                    "\xef\xbb\xbf",
	                                    "\xef\xbb\xbf# with a mark\n"};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(IniFile) ini = parse(texts[i]);

		g_assert_cmpuint(ini_n_sections(ini), ==, 0);
	}
	ini_free(NULL);
}

static void test_no_entries(void)
{
	g_autoptr(IniFile) ini = parse("# c\n[guard]\n#p");
	const IniSection *section = ini_section(ini, 0);

	g_assert_cmpstr(section->kind, ==, "guard");
	g_assert_cmpuint(section->n_entries, ==, 0);
	g_assert_null(section->entries);
}

static void test_order_and_lines(void)
{
	g_autoptr(IniFile) ini = parse("# first\n"
	                               "[guard]\n"
	                               "poll = 1s\n"
	                               "\n"
	                               "  [ rule   leaked-login ]  \n"
	                               "user=a b\n"
	                               "  statement =  ^a = 'b' # \"c\" ; [d] \\\t x \r\n"
	                               "# poll = 2s\n"
	                               "poll = 3s\n"
	                               "[rule other]\n"
	                               "[guard x]\n"
	                               "a.b c = 1");

	g_assert_cmpstr(ini_file_name(ini), ==, "a.conf");
	g_assert_cmpuint(ini_n_sections(ini), ==, 4);
	const IniSection *section = ini_section(ini, 0);

	g_assert_cmpstr(section->kind, ==, "guard");
	g_assert_cmpstr(section->name, ==, "");
	g_assert_cmpuint(section->line, ==, 2);
	g_assert_cmpuint(section->n_entries, ==, 1);
	assert_entry(section, 0, 3, "poll", "1s");
	section = ini_section(ini, 1);
	g_assert_cmpstr(section->kind, ==, "rule");
	g_assert_cmpstr(section->name, ==, "leaked-login");
	g_assert_cmpuint(section->line, ==, 5);
	g_assert_cmpuint(section->n_entries, ==, 3);
	assert_entry(section, 0, 6, "user", "a b");
	assert_entry(section, 1, 7, "statement", "^a = 'b' # \"c\" ; [d] \\\t x");
	assert_entry(section, 2, 9, "poll", "3s");
	g_assert_cmpuint(ini_section(ini, 2)->n_entries, ==, 0);
	g_assert_cmpstr(ini_section(ini, 2)->name, ==, "other");
	section = ini_section(ini, 3);
	g_assert_cmpstr(section->kind, ==, "guard");
	g_assert_cmpstr(section->name, ==, "x");
	assert_entry(section, 0, 12, "a.b c", "1");
}

/* Nothing is cut, whatever its length. */
static void test_long_lines(void)
{
	g_autofree char *value = g_strnfill(100000, 'x');
	g_autofree char *text = g_strconcat("[a]\nk = ", value, NULL);
	g_autoptr(IniFile) ini = parse(text);

	assert_entry(ini_section(ini, 0), 0, 2, "k", value);
}

static void test_many_sections(void)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < 1000; i++)
		g_string_append_printf(text, "[rule r%u]\na = %u\nb = %u\n", i, i, i + 1);
	g_autoptr(IniFile) ini = parse(text->str);

	g_assert_cmpuint(ini_n_sections(ini), ==, 1000);
	assert_entry(ini_section(ini, 500), 1, 1503, "b", "501");
	assert_entry(ini_section(ini, 999), 0, 2999, "a", "999");
}

static void test_errors(void)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
	    {"poll = 1s\n", "a.conf:1: \"poll\" stands before the first section"},
	    {"[guard]\npoll\n", "a.conf:2: there is no = between a key and its value"},
	    {"[guard]\n = 1s\n", "a.conf:2: there is no key before the ="},
	    {"[guard]\n\npoll =\n", "a.conf:3: \"poll\" has no value"},
	    {"[guard]\npoll = \t\r\n", "a.conf:2: \"poll\" has no value"},
	    {"[guard]\npoll = 1\na = 2\npoll = 3", "a.conf:4: \"poll\" was there before, in line 2"},
	    {"[guard]\n[a]\n[guard]\n", "a.conf:3: [guard] was there before, in line 1"},
	    {"[rule  a]\n\n[rule a ]\n", "a.conf:3: [rule a] was there before, in line 1"},
	    {"[guard] # x\n", "a.conf:1: the head of a section has no ] at its end"},
	    {"[", "a.conf:1: the head of a section has no ] at its end"},
	    {"[]", "a.conf:1: the head of a section is empty"},
	    {"[ \t ]", "a.conf:1: the head of a section is empty"},
	    {"[a]\nb = \xff\n", "a.conf:2: this is not a line of text: it is not valid UTF-8"},
	    {"[a]\nb = \x1b[0m\n",
	     "a.conf:2: this is not a line of text: there is a control character in it"},
	    {"[a]\rb = 1\r",
	     "a.conf:1: this is not a line of text: there is a control character in it"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IniFile) ini = ini_parse(cases[i].text, strlen(cases[i].text), "a.conf", &error);

		g_assert_null(ini);
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		g_assert_cmpstr(error->message, ==, cases[i].message);
		g_assert_nonnull(error_hint(error));
	}
	g_assert_null(ini_parse("x", 1, "a.conf", NULL));
}

static void test_nul(void)
{
	static const char text[] = "[a]\nb = c\0d\n";
	g_autoptr(GError) error = NULL;

	g_assert_null(ini_parse(text, sizeof(text) - 1, "a.conf", &error));
	g_assert_cmpstr(error->message, ==,
	                "a.conf:2: this is not a line of text: there is a NUL byte in it");
}

static void test_error_without_hint(void)
{
	g_autoptr(GError) error = NULL;

	ini_error(&error, "a.conf", 7, NULL, "it is %s", "so");
	g_assert_cmpstr(error->message, ==, "a.conf:7: it is so");
	g_assert_null(error_hint(error));
	ini_error(NULL, "a.conf", 7, "do it", "it is so");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/ini/empty", test_empty);
	g_test_add_func("/ini/no-entries", test_no_entries);
	g_test_add_func("/ini/order-and-lines", test_order_and_lines);
	g_test_add_func("/ini/long-lines", test_long_lines);
	g_test_add_func("/ini/many-sections", test_many_sections);
	g_test_add_func("/ini/errors", test_errors);
	g_test_add_func("/ini/nul", test_nul);
	g_test_add_func("/ini/error-without-hint", test_error_without_hint);
	return g_test_run();
}
