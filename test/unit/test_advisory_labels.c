#include "base/error.h"
#include "model/advisory_labels.h"

#include <string.h>

static AdvisoryLabels *parse(const char *text, GError **error)
{
	return advisory_labels_parse(text, strlen(text), "labels", error);
}

/* key as a person writes it. */
static const char *find(const AdvisoryLabels *labels, const char *database, const char *text)
{
	AdvisoryKey key;

	g_assert_true(advisory_key_parse(text, &key, NULL));
	return advisory_labels_find(labels, database, &key);
}

static void test_keys(void)
{
	static const struct {
		const char *line; /* its name is "x" */
		const char *in, *out;
	} cases[] = {
	    {"42 = x", "42", "41 43 0 42,0 0,42"},
	    {"-42=x", "-42", "42"},
	    {"  42\t=  x  ", "42", "43"},
	    {"9223372036854775807 = x", "9223372036854775807", "-9223372036854775808"},
	    {"-9223372036854775808..-1 = x", "-9223372036854775808 -1", "0 1"},
	    {"1000-1999 = x", "1000 1500 1999", "999 2000 -1000"},
	    {"1000 - 1999 = x", "1000 1999", "999"},
	    {"1000..1999 = x", "1000 1500 1999", "999 2000"},
	    {"-5..5 = x", "-5 0 5", "-6 6"},
	    {"-5 .. -3 = x", "-5 -4 -3", "-6 -2 3"},
	    {"5-5 = x", "5", "4 6"},
	    {"* = x", "0 -1 9223372036854775807", "1,2"},
	    {"7,1 = x", "7,1", "7,2 1,7 7 30064771073"},
	    {"7, 1 = x", "7,1", "7,2"},
	    {"7,* = x", "7,1 7,-2147483648 7,2147483647", "8,1 7"},
	    {"*,7 = x", "0,7 -1,7", "7,0"},
	    {"-1,-2 = x", "-1,-2", "1,2 -1,2"},
	    {"7-9,-1..1 = x", "7,-1 9,1 8,0", "6,0 10,0 8,2"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(AdvisoryLabels) labels = parse(cases[i].line, &error);
		g_auto(GStrv) in = g_strsplit(cases[i].in, " ", -1);
		g_auto(GStrv) out = g_strsplit(cases[i].out, " ", -1);

		g_test_message("%s", cases[i].line);
		g_assert_no_error(error);
		for (guint j = 0; labels && in[j]; j++)
			g_assert_cmpstr(find(labels, "app", in[j]), ==, "x");
		for (guint j = 0; labels && out[j]; j++)
			g_assert_null(find(labels, "app", out[j]));
	}
}

static void test_first_wins(void)
{
	g_autoptr(AdvisoryLabels) labels = parse("# keys\r\n"
	                                         "\n"
	                                         "  # more\n"
	                                         "1500 = special\r\n"
	                                         "1000-1999 = invoices\n"
	                                         "1000-9999 = other\n"
	                                         "* = a = b # no comment",
	                                         NULL);

	g_assert_cmpstr(find(labels, NULL, "1500"), ==, "special");
	g_assert_cmpstr(find(labels, NULL, "1501"), ==, "invoices");
	g_assert_cmpstr(find(labels, NULL, "2000"), ==, "other");
	g_assert_cmpstr(find(labels, NULL, "-1"), ==, "a = b # no comment");
	g_assert_null(find(labels, NULL, "1,1"));
}

static void test_sections(void)
{
	g_autoptr(AdvisoryLabels) labels = parse("1 = everywhere\n"
	                                         "[database app]\n"
	                                         "42 = of app\n"
	                                         "[ database  my ] shop ]\n"
	                                         "42 = of my ] shop\n"
	                                         "[all databases]\n"
	                                         "42 = of another\n",
	                                         NULL);

	g_assert_cmpstr(find(labels, "app", "42"), ==, "of app");
	g_assert_cmpstr(find(labels, "my ] shop", "42"), ==, "of my ] shop");
	g_assert_cmpstr(find(labels, "shop", "42"), ==, "of another");
	g_assert_cmpstr(find(labels, NULL, "42"), ==, "of another");
	g_assert_cmpstr(find(labels, "app", "1"), ==, "everywhere");
	g_assert_cmpstr(find(labels, NULL, "1"), ==, "everywhere");
}

static void test_bytes(void)
{
	/* a character that is cut off, and what is none */
	static const char bytes[] = "42 = caf\xe9\n43 = \xff\xfe";
	g_autoptr(AdvisoryLabels) labels = advisory_labels_parse(bytes, sizeof(bytes) - 1, "f", NULL);
	g_autoptr(AdvisoryLabels) empty = advisory_labels_parse(NULL, 0, "f", NULL);

	g_assert_cmpstr(find(labels, NULL, "42"), ==, "caf");
	g_assert_cmpstr(find(labels, NULL, "43"), ==, "\xef\xbf\xbd\xef\xbf\xbd");
	g_assert_null(find(empty, NULL, "42"));
}

static void test_errors(void)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
	    {"42", "labels, line 1: there is no ="},
	    {"# a\n\n42 nightly", "labels, line 3: there is no ="},
	    {"x = y", "labels, line 1: \"x\" is not the key"},
	    {"= y", "line 1: \"\" is not the key"},
	    {"4x = y", "\"4x\" is not the key"},
	    {"1,2,3 = y", "\"1,2,3\" is not the key"},
	    {"1, = y", "\"1,\" is not the key"},
	    {"- = y", "\"-\" is not the key"},
	    {"5- = y", "\"5-\" is not the key"},
	    {"5.. = y", "\"5..\" is not the key"},
	    {"..5 = y", "\"..5\" is not the key"},
	    {"5.6 = y", "\"5.6\" is not the key"},
	    {"-5-5 = y", "\"-5-5\" is not the key"},
	    {"1-2-3 = y", "\"1-2-3\" is not the key"},
	    {"1..2x = y", "\"1..2x\" is not the key"},
	    {"** = y", "\"**\" is not the key"},
	    {"9223372036854775808 = y", "is not the key"},
	    {"1..9223372036854775808 = y", "is not the key"},
	    {"2147483648,1 = y", "is not the key"},
	    {"5-1 = y", "labels, line 1: the range \"5-1\" is empty"},
	    {"5..-1 = y", "the range \"5..-1\" is empty"},
	    {"1,5..2 = y", "the range \"1,5..2\" is empty"},
	    {"\n42 =", "labels, line 2: key \"42\" has no name"},
	    {"42 = \xe9", "key \"42\" has no name"},
	    {"42 = \t", "key \"42\" has no name"},
	    {"[", "not the head of a section"},
	    {"[]", "not the head of a section"},
	    {"[app]", "not the head of a section"},
	    {"[database]", "not the head of a section"},
	    {"[database ]", "not the head of a section"},
	    {"[database app", "not the head of a section"},
	    {"[database app] x", "not the head of a section"},
	    {"[database app] = x", "not the head of a section"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *shown = g_strescape(cases[i].text, NULL);

		g_test_message("%s", shown);
		g_assert_null(parse(cases[i].text, &error));
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		g_assert_nonnull(strstr(error->message, cases[i].message));
		g_assert_nonnull(error_hint(error));
	}
	g_autoptr(GError) nul = NULL;

	g_assert_null(advisory_labels_parse("1 = a\n2 =\0b\n", 12, "labels", &nul));
	g_assert_nonnull(strstr(nul->message, "labels, line 2: there is a NUL byte"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/advisory-labels/keys", test_keys);
	g_test_add_func("/advisory-labels/first-wins", test_first_wins);
	g_test_add_func("/advisory-labels/sections", test_sections);
	g_test_add_func("/advisory-labels/bytes", test_bytes);
	g_test_add_func("/advisory-labels/errors", test_errors);
	return g_test_run();
}
