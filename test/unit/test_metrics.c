#include "guard/metrics.h"

#include "base/duration.h"

#include <string.h>

static char *rendered(const Metrics *metrics, MetricsFormat format)
{
	GString *out = g_string_new(NULL);

	metrics_render(out, metrics, format);
	return g_string_free(out, FALSE);
}

static void assert_says(const Metrics *metrics, const char *line, gboolean is_there)
{
	g_autofree char *text = rendered(metrics, METRICS_TEXT);

	g_assert_cmpint(strstr(text, line) != NULL, ==, is_there);
}

/* Nobody has been reached yet: nothing is claimed of what is there. */
static void test_unknown(void)
{
	g_autoptr(Metrics) metrics = metrics_new();
	MetricsServer *server = metrics_server(metrics, "main");

	assert_says(metrics, "pgunlock_server_up{server=\"main\"} 0\n", TRUE);
	assert_says(metrics, "pgunlock_blocked_sessions", FALSE);
	assert_says(metrics, "pgunlock_start_time_seconds", FALSE);
	server->is_up = TRUE;
	server->blocked_sessions = 0;
	server->longest_wait_us = 0;
	assert_says(metrics, "pgunlock_blocked_sessions{server=\"main\"} 0\n", TRUE);
	assert_says(metrics, "pgunlock_longest_wait_seconds{server=\"main\"} 0\n", TRUE);
	metrics_server_down(server);
	assert_says(metrics, "pgunlock_blocked_sessions", FALSE);
	assert_says(metrics, "pgunlock_longest_wait_seconds", FALSE);
	g_assert_true(metrics_server(metrics, "main") == server);
}

static void test_seconds(void)
{
	static const struct {
		gint64 us;
		const char *line;
	} cases[] = {
	    {1, "_seconds{server=\"main\"} 0.000001\n"},
	    {12300000, "_seconds{server=\"main\"} 12.3\n"},
	    {60000000, "_seconds{server=\"main\"} 60\n"},
	    {-1500000, "_seconds{server=\"main\"} -1.5\n"},
	    {G_MAXINT64, "_seconds{server=\"main\"} 9223372036854.775807\n"},
	};
	g_autoptr(Metrics) metrics = metrics_new();

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		metrics_server(metrics, "main")->longest_wait_us = cases[i].us;
		assert_says(metrics, cases[i].line, TRUE);
	}
}

static void test_histogram(void)
{
	static const struct {
		gint64 us;
		guint bucket;
	} cases[] = {
	    {-5, 0},     {0, 0},      {1000, 0},      {1001, 1},
	    {250000, 7}, {250001, 8}, {10000000, 10}, {10000001, 11},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		MetricsHistogram histogram = {{0}};
		metrics_histogram_add(&histogram, cases[i].us);
		g_assert_cmpuint(histogram.counts[cases[i].bucket], ==, 1);
		g_assert_cmpint(histogram.sum_us, ==, MAX(cases[i].us, 0));
	}
}

static void test_acts(void)
{
	g_autoptr(Metrics) metrics = metrics_new();

	(*metrics_acts(metrics, "main", "a", "freed"))++;
	(*metrics_acts(metrics, "main", "a", "freed"))++;
	metrics_acts(metrics, "main", "b", "freed");
	(*metrics_acts(metrics, "other", "a", "gone"))++;
	assert_says(metrics,
	            "pgunlock_acts_total{server=\"main\",rule=\"a\",result=\"freed\"} 2\n"
	            "pgunlock_acts_total{server=\"main\",rule=\"b\",result=\"freed\"} 0\n"
	            "pgunlock_acts_total{server=\"other\",rule=\"a\",result=\"gone\"} 1\n",
	            TRUE);
}

static void test_forget(void)
{
	static const char *const rules[] = {"c", "a", "e", "b", "d"};
	g_autoptr(Metrics) metrics = metrics_new();

	for (guint i = 0; i < G_N_ELEMENTS(rules); i++) {
		(*metrics_acts(metrics, "main", rules[i], "freed"))++;
		(*metrics_acts(metrics, "other", rules[i], "freed"))++;
	}
	metrics_server(metrics, "main")->incidents = 3;
	metrics_server(metrics, "other");
	metrics_notices(metrics, "ops")->sent = 4;
	metrics_forget_server(metrics, "main");
	metrics_forget_target(metrics, "ops");
	metrics_forget_server(metrics, "never known");
	metrics_forget_target(metrics, "never known");
	assert_says(metrics, "\"main\"", FALSE);
	assert_says(metrics, "\"ops\"", FALSE);
	for (guint i = 0; i < G_N_ELEMENTS(rules); i++) {
		g_autofree char *line = g_strdup_printf(
		    "pgunlock_acts_total{server=\"other\",rule=\"%s\",result=\"freed\"} 1\n", rules[i]);
		assert_says(metrics, line, TRUE);
	}
	g_assert_cmpuint(metrics_server(metrics, "main")->incidents, ==, 0);
}

static void test_formats(void)
{
	g_autoptr(Metrics) metrics = metrics_new();
	g_autofree char *open = rendered(metrics, METRICS_OPENMETRICS);
	g_autofree char *text = rendered(metrics, METRICS_TEXT);

	g_assert_true(g_str_has_suffix(open, "\n# EOF\n"));
	g_assert_null(strstr(text, "# EOF"));
	g_assert_nonnull(strstr(open, "# TYPE pgunlock_build info\n"));
	g_assert_nonnull(strstr(text, "# TYPE pgunlock_build_info gauge\n"));
	g_assert_nonnull(strstr(open, "# TYPE pgunlock_history_errors counter\n"));
	g_assert_nonnull(strstr(text, "# TYPE pgunlock_history_errors_total counter\n"));
	g_assert_nonnull(strstr(open, "\npgunlock_build_info{version=\"" PGUNLOCK_VERSION "\"} 1\n"));
	g_assert_nonnull(strstr(open, "\npgunlock_history_errors_total 0\n"));
	g_assert_nonnull(strstr(text, "\npgunlock_history_errors_total 0\n"));
}

static void test_accept(void)
{
	static const struct {
		const char *accept;
		MetricsFormat format;
	} cases[] = {
	    {NULL, METRICS_TEXT},
	    {"", METRICS_TEXT},
	    {"*/*", METRICS_TEXT},
	    {"text/html, */*;q=0.1", METRICS_TEXT},
	    {"application/openmetrics-text", METRICS_OPENMETRICS},
	    {"Application/OpenMetrics-Text; version=1.0.0", METRICS_OPENMETRICS},
	    {"application/openmetrics-text;version=1.0.0,application/"
	     "openmetrics-text;version=0.0.1;q=0.75,"
	     "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
	     METRICS_OPENMETRICS},
	    {"text/plain;version=0.0.4;q=0.5, application/openmetrics-text; q=0.4", METRICS_TEXT},
	    {"application/openmetrics-text;q=0", METRICS_TEXT},
	    {"application/openmetrics-textual", METRICS_TEXT},
	    {";;q=,,;", METRICS_TEXT},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpint(metrics_format_for(cases[i].accept), ==, cases[i].format);
	g_assert_nonnull(strstr(metrics_content_type(METRICS_TEXT), "version=0.0.4"));
	g_assert_nonnull(strstr(metrics_content_type(METRICS_OPENMETRICS), "openmetrics-text"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/metrics/unknown", test_unknown);
	g_test_add_func("/metrics/seconds", test_seconds);
	g_test_add_func("/metrics/histogram", test_histogram);
	g_test_add_func("/metrics/acts", test_acts);
	g_test_add_func("/metrics/forget", test_forget);
	g_test_add_func("/metrics/formats", test_formats);
	g_test_add_func("/metrics/accept", test_accept);
	return g_test_run();
}
