#include "base/duration.h"
#include "base/error.h"

#include <string.h>

typedef struct {
	const char *text;
	gint64 us;
} DurationCase;

static void test_parse(void)
{
	static const DurationCase cases[] = {
	    {"0", 0},
	    {"0s", 0},
	    {"0.0ms", 0},
	    {"500ms", 500 * DURATION_MS},
	    {"30s", 30 * DURATION_SECOND},
	    {"5m", 5 * DURATION_MINUTE},
	    {"2h", 2 * DURATION_HOUR},
	    {"1d", DURATION_DAY},
	    {"007s", 7 * DURATION_SECOND},
	    {"1.5h", 90 * DURATION_MINUTE},
	    {"0.1s", 100 * DURATION_MS},
	    {"0.25ms", 250},
	    {"0.000001s", 1},
	    {"0.0000019s", 1},
	    {"0.3333333333333333333333333333333333s", 333333},
	    {"0.99999999999999999999d", DURATION_DAY - 1},
	    {"106751991d", 106751991 * DURATION_DAY},
	    {"9223372036854775.807ms", G_MAXINT64},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		gint64 us = -1;
		g_test_message("case %s", cases[i].text);
		g_assert_true(duration_parse(cases[i].text, &us, &error));
		g_assert_no_error(error);
		g_assert_cmpint(us, ==, cases[i].us);
	}
}

static void test_refuse(void)
{
	static const char *const cases[] = {
	    "",
	    " ",
	    "5",
	    "00",
	    "0.0",
	    "s",
	    "-5s",
	    "+5s",
	    " 5s",
	    "5 s",
	    "5s ",
	    "5S",
	    "5us",
	    "5min",
	    "5sec",
	    "5ss",
	    "5m30s",
	    "1,5s",
	    ".5s",
	    "5.s",
	    "1.2.3s",
	    "1e3s",
	    "0x10s",
	    "inf",
	    "nan",
	    "infs",
	    "٣s",
	    "5\xff",
	    "5s\n",
	    "5\x1b[m",
	    "106751992d",
	    "9223372036854775.808ms",
	    "9223372036854775808ms",
	    "99999999999999999999999999999999d",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		gint64 us = -1;
		g_autofree char *printable = g_strescape(cases[i], NULL);
		g_test_message("case \"%s\"", printable);
		g_assert_false(duration_parse(cases[i], &us, &error));
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		g_assert_cmpint(us, ==, -1);
	}
}

static void test_refusal_names_the_text(void)
{
	g_autoptr(GError) error = NULL;
	gint64 us;
	g_assert_false(duration_parse("5 parsecs", &us, &error));
	g_assert_nonnull(strstr(error->message, "\"5 parsecs\""));
	g_assert_nonnull(strstr(error->message, "30s"));
	g_assert_false(duration_parse("5 parsecs", &us, NULL));
}

static void test_endless_digits(void)
{
	const gsize size = (gsize) 1024 * 1024;
	g_autofree char *nines = g_strnfill(size, '9');
	gint64 us;
	g_assert_false(duration_parse(nines, &us, NULL));
	g_autofree char *whole = g_strconcat(nines, "s", NULL);
	g_assert_false(duration_parse(whole, &us, NULL));
	g_autofree char *fraction = g_strconcat("1.", nines, "s", NULL);
	g_assert_true(duration_parse(fraction, &us, NULL));
	g_assert_cmpint(us, ==, 1999999);
	g_autofree char *zeros = g_strnfill(size, '0');
	g_autofree char *leading = g_strconcat(zeros, "1s", NULL);
	g_assert_true(duration_parse(leading, &us, NULL));
	g_assert_cmpint(us, ==, DURATION_SECOND);
}

static void test_to_text(void)
{
	static const DurationCase cases[] = {
	    {"0ms", 0},
	    {"0ms", -1},
	    {"0ms", G_MININT64},
	    {"0ms", 999},
	    {"1ms", 1000},
	    {"850ms", 850 * DURATION_MS},
	    {"999ms", DURATION_SECOND - 1},
	    {"1.0s", DURATION_SECOND},
	    {"4.2s", 4299999},
	    {"9.9s", 10 * DURATION_SECOND - 1},
	    {"10s", 10 * DURATION_SECOND},
	    {"51s", 51 * DURATION_SECOND},
	    {"59s", DURATION_MINUTE - 1},
	    {"1m", DURATION_MINUTE},
	    {"4m12s", 4 * DURATION_MINUTE + 12 * DURATION_SECOND},
	    {"9m03s", 9 * DURATION_MINUTE + 3 * DURATION_SECOND},
	    {"22m", 22 * DURATION_MINUTE},
	    {"59m59s", DURATION_HOUR - 1},
	    {"1h", DURATION_HOUR},
	    {"1h", DURATION_HOUR + DURATION_MINUTE - 1},
	    {"2h05m", 2 * DURATION_HOUR + 5 * DURATION_MINUTE},
	    {"2h12m", 2 * DURATION_HOUR + 12 * DURATION_MINUTE},
	    {"23h59m", DURATION_DAY - 1},
	    {"1d", DURATION_DAY},
	    {"3d4h", 3 * DURATION_DAY + 4 * DURATION_HOUR},
	    {"106751991d4h", G_MAXINT64},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = duration_to_text(cases[i].us);
		g_assert_cmpstr(text, ==, cases[i].text);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/duration/parse", test_parse);
	g_test_add_func("/duration/refuse", test_refuse);
	g_test_add_func("/duration/refusal-names-the-text", test_refusal_names_the_text);
	g_test_add_func("/duration/endless-digits", test_endless_digits);
	g_test_add_func("/duration/to-text", test_to_text);
	return g_test_run();
}
