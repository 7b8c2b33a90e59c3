#include "base/error.h"
#include "base/moment.h"
#include "base/timestamp.h"

#include <glib.h>
#include <string.h>

/* Without a data base of time zones. */
#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"

/* 2026-11-27T04:00:00Z */
#define NOW G_GINT64_CONSTANT(1795752000000000)

static gint64 read_in(const char *zone_name, const char *text)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(zone_name);
	g_autoptr(GError) error = NULL;
	gint64 moment = TIMESTAMP_NONE;

	g_assert_nonnull(zone);
	g_assert_true(moment_parse(text, NOW, zone, &moment, &error));
	g_assert_no_error(error);
	return moment;
}

static void test_forms(void)
{
	static const struct {
		const char *zone;
		const char *text;
		const char *moment;
	} cases[] = {
	    {"UTC", "2026-11-27T03:12:05.25Z", "2026-11-27T03:12:05.250000Z"},
	    {"UTC", "2026-11-27t03:12:05.1234567z", "2026-11-27T03:12:05.123456Z"},
	    {"UTC", "2026-11-27T03:12:05+01:00", "2026-11-27T02:12:05.000000Z"},
	    {"UTC", "2026-11-27 03:12-0530", "2026-11-27T08:42:00.000000Z"},
	    {"UTC", "2026-11-27 03:12", "2026-11-27T03:12:00.000000Z"},
	    {BERLIN, "2026-11-27 03:12", "2026-11-27T02:12:00.000000Z"},
	    {BERLIN, "2026-07-27 03:12:59", "2026-07-27T01:12:59.000000Z"},
	    {BERLIN, "2026-11-27", "2026-11-26T23:00:00.000000Z"},
	    {BERLIN, "2026-11-27T03:12:05Z", "2026-11-27T03:12:05.000000Z"},
	    {"UTC", "03:12", "2026-11-27T03:12:00.000000Z"},
	    {"UTC", "04:00", "2026-11-27T04:00:00.000000Z"},
	    {"UTC", "04:00:01", "2026-11-26T04:00:01.000000Z"},
	    /* It is 05:00 there. */
	    {BERLIN, "04:30", "2026-11-27T03:30:00.000000Z"},
	    {BERLIN, "23:30", "2026-11-26T22:30:00.000000Z"},
	    {"UTC", "2h", "2026-11-27T02:00:00.000000Z"},
	    {"UTC", "1.5s", "2026-11-27T03:59:58.500000Z"},
	    {"UTC", "0", "2026-11-27T04:00:00.000000Z"},
	    {"UTC", "now", "2026-11-27T04:00:00.000000Z"},
	    {"UTC", "2024-02-29", "2024-02-29T00:00:00.000000Z"},
	    {"UTC", "1960-01-01 00:00:00.5", "1960-01-01T00:00:00.500000Z"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *moment = timestamp_to_rfc3339(read_in(cases[i].zone, cases[i].text));

		g_test_message("%s in %s", cases[i].text, cases[i].zone);
		g_assert_cmpstr(moment, ==, cases[i].moment);
	}
}

static void test_without_zone(void)
{
	gint64 moment;

	g_assert_true(moment_parse("2026-11-27 04:00", 0, NULL, &moment, NULL));
	g_assert_cmpint(moment, ==, NOW);
}

static void test_refused(void)
{
	static const char *const cases[] = {
	    "",
	    "x",
	    "2",
	    "-2h",
	    "2026",
	    "2026-11",
	    "2026-11-2",
	    "2026-13-01",
	    "2026-02-29",
	    "2026-11-27T",
	    "2026-11-27 3:12",
	    "2026-11-27 03",
	    "2026-11-27 24:00",
	    "2026-11-27 03:60",
	    "2026-11-27 03:12:60",
	    "2026-11-27 03:12x",
	    "2026-11-27 03:12+1",
	    "2026-11-27 03:12+25:00",
	    "2026-11-27 03:12+01:00x",
	    "2026-11-27x",
	    "2026/11/27",
	    "2026-11/27",
	    "3:12",
	    "25:00",
	    "03:12x",
	    "03-12",
	    "999999999d",
	    /* that clock goes from 02:00 to 03:00 */
	    "2026-03-29 02:30",
	};
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(BERLIN);

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		gint64 moment = NOW;

		g_test_message("%s", cases[i]);
		g_assert_false(moment_parse(cases[i], NOW, zone, &moment, &error));
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		if (error != NULL)
			g_assert_nonnull(strstr(error->message, "is no time"));
	}
}

/* Skipped that day by that clock, so the day before. */
static void test_skipped_time(void)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(BERLIN);
	gint64 now, moment;

	g_assert_true(moment_parse("2026-03-29 04:00", 0, zone, &now, NULL));
	g_assert_true(moment_parse("02:30", now, zone, &moment, NULL));
	g_autofree char *text = timestamp_to_rfc3339(moment);
	g_assert_cmpstr(text, ==, "2026-03-28T01:30:00.000000Z");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/moment/forms", test_forms);
	g_test_add_func("/moment/without-zone", test_without_zone);
	g_test_add_func("/moment/refused", test_refused);
	g_test_add_func("/moment/skipped-time", test_skipped_time);
	return g_test_run();
}
