#include "guard/metrics_server.h"

#include "base/duration.h"
#include "base/error.h"

#include <gio/gio.h>
#include <string.h>

static void turn_loop(void)
{
	if (!g_main_context_iteration(NULL, FALSE))
		g_usleep(1000);
}

/* A client in a thread of its own, blocking, as clients are. */
typedef struct {
	guint16 port;
	const char *request;
	char *answer;
	gint is_done;
} Client;

static GSocketConnection *connect_to(guint16 port)
{
	g_autoptr(GSocketClient) client = g_socket_client_new();

	return g_socket_client_connect_to_host(client, "127.0.0.1", port, NULL, NULL);
}

static gpointer run_client(gpointer data)
{
	Client *client = data;
	g_autoptr(GSocketConnection) connection = connect_to(client->port);
	g_autoptr(GString) answer = g_string_new(NULL);
	char buffer[4096];
	gssize n;

	if (connection != NULL) {
		GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(connection));
		GInputStream *in = g_io_stream_get_input_stream(G_IO_STREAM(connection));
		g_output_stream_write_all(out, client->request, strlen(client->request), NULL, NULL, NULL);
		while ((n = g_input_stream_read(in, buffer, sizeof(buffer), NULL, NULL)) > 0)
			g_string_append_len(answer, buffer, n);
	}
	client->answer = g_strdup(answer->str);
	g_atomic_int_set(&client->is_done, 1);
	return NULL;
}

/* The whole answer, up to the end of the connection. */
static char *ask(const MetricsHttp *http, const char *request)
{
	Client client = {.port = metrics_http_port(http), .request = request};
	GThread *thread = g_thread_new("client", run_client, &client);

	while (!g_atomic_int_get(&client.is_done))
		turn_loop();
	g_thread_join(thread);
	return client.answer;
}

static MetricsHttp *http_new(Metrics *metrics, MetricsRefresh refresh, gpointer data)
{
	g_autoptr(GError) error = NULL;
	MetricsHttp *http = metrics_http_new("127.0.0.1:0", metrics, refresh, data, &error);

	g_assert_no_error(error);
	return http;
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: localhost\r\n\r\n"

static void assert_status(const char *answer, const char *status)
{
	g_autofree char *line = g_strdup_printf("HTTP/1.%s", status);

	g_test_message("%.200s", answer);
	g_assert_true(g_str_has_prefix(answer, line));
}

static void count_refresh(Metrics *metrics, gpointer data)
{
	(*(guint *) data)++;
	metrics_server(metrics, "main")->is_up = TRUE;
}

static void test_metrics(void)
{
	guint n_refreshed = 0;
	g_autoptr(Metrics) metrics = metrics_new();
	g_autoptr(MetricsHttp) http = http_new(metrics, count_refresh, &n_refreshed);
	g_autofree char *text = ask(http, GET("/metrics"));
	g_autofree char *open =
	    ask(http, "GET /metrics?x=1 HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain;q=0.5\r\n"
	              "Accept: application/openmetrics-text\r\n\r\n");

	assert_status(text, "1 200 OK");
	g_assert_nonnull(
	    strstr(text, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	g_assert_nonnull(strstr(text, "\r\nConnection: close\r\n"));
	g_assert_nonnull(strstr(text, "\npgunlock_server_up{server=\"main\"} 1\n"));
	assert_status(open, "1 200 OK");
	g_assert_nonnull(strstr(open, "\r\nContent-Type: application/openmetrics-text; version=1.0.0; "
	                              "charset=utf-8\r\n"));
	g_assert_true(g_str_has_suffix(open, "\n# EOF\n"));
	g_assert_cmpuint(n_refreshed, ==, 2);
}

static void test_head(void)
{
	g_autoptr(Metrics) metrics = metrics_new();
	g_autoptr(MetricsHttp) http = http_new(metrics, NULL, NULL);
	g_autofree char *answer = ask(http, "HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");

	assert_status(answer, "1 200 OK");
	g_assert_nonnull(strstr(answer, "\r\nContent-Type: text/plain"));
	g_assert_nonnull(strstr(answer, "\r\nContent-Length: "));
	g_assert_true(g_str_has_suffix(answer, "\r\n\r\n"));
}

static void test_health(void)
{
	g_autoptr(Metrics) metrics = metrics_new();
	g_autoptr(MetricsHttp) http = http_new(metrics, NULL, NULL);
	g_autofree char *good = ask(http, GET("/healthz"));
	metrics_http_set_unhealthy(http, "the guard ends");
	g_autofree char *bad = ask(http, GET("/healthz"));
	metrics_http_set_unhealthy(http, NULL);
	g_autofree char *good_again = ask(http, GET("/healthz"));

	assert_status(good, "1 200 OK");
	g_assert_true(g_str_has_suffix(good, "\r\n\r\nok\n"));
	assert_status(bad, "1 503");
	g_assert_true(g_str_has_suffix(bad, "\r\n\r\nthe guard ends\n"));
	assert_status(good_again, "1 200 OK");
}

static void test_others(void)
{
	static const struct {
		const char *request;
		const char *status;
	} cases[] = {
	    {GET("/"), "1 404 "},
	    {GET("/metrics/"), "1 404 "},
	    {GET("/metrics/../etc/passwd"), "1 404 "},
	    {"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc", "1 405 "},
	    {"DELETE /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "1 405 "},
	    {"GET /metrics\r\n\r\n", "0 400 "},
	    {"nonsense\r\n\r\n", "0 400 "},
	};
	g_autoptr(Metrics) metrics = metrics_new();
	g_autoptr(MetricsHttp) http = http_new(metrics, NULL, NULL);

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *answer = ask(http, cases[i].request);
		assert_status(answer, cases[i].status);
		g_assert_true(cases[i].status[4] != '5' ||
		              strstr(answer, "\r\nAllow: GET, HEAD\r\n") != NULL);
	}
}

/* Many connect and say nothing, or half of it: others are answered all the same, at once, and those
 * don't stay. */
static void test_slow_clients(void)
{
	g_autoptr(Metrics) metrics = metrics_new();
	g_autoptr(MetricsHttp) http = http_new(metrics, NULL, NULL);
	GSocketConnection *slow[60] = {NULL};
	gint64 start_us = g_get_monotonic_time();

	for (guint i = 0; i < G_N_ELEMENTS(slow); i++) {
		slow[i] = connect_to(metrics_http_port(http));
		g_assert_nonnull(slow[i]);
		g_output_stream_write(g_io_stream_get_output_stream(G_IO_STREAM(slow[i])),
		                      "GET /metrics HTTP/1.1\r\nHost: ", i % 2 == 0 ? 29 : 0, NULL, NULL);
		turn_loop();
	}
	g_autofree char *answer = ask(http, GET("/healthz"));
	assert_status(answer, "1 200 OK");
	g_assert_cmpint(g_get_monotonic_time() - start_us, <, 4 * DURATION_SECOND);

	/* The first of them has been put out, and the last one is when its time is up. */
	for (guint i = 0; i < G_N_ELEMENTS(slow); i += G_N_ELEMENTS(slow) - 1) {
		GSocket *socket = g_socket_connection_get_socket(slow[i]);
		g_socket_set_blocking(socket, FALSE);
		char byte;
		while (g_socket_receive(socket, &byte, 1, NULL, NULL) < 0 &&
		       g_get_monotonic_time() - start_us < 20 * DURATION_SECOND)
			turn_loop();
		g_assert_cmpint(g_get_monotonic_time() - start_us, <, 15 * DURATION_SECOND);
	}
	for (guint i = 0; i < G_N_ELEMENTS(slow); i++)
		g_object_unref(slow[i]);
}

/* Freed while somebody is connected. */
static void test_freed(void)
{
	g_autoptr(Metrics) metrics = metrics_new();
	MetricsHttp *http = http_new(metrics, NULL, NULL);
	g_autoptr(GSocketConnection) client = connect_to(metrics_http_port(http));

	for (guint i = 0; i < 50; i++)
		turn_loop();
	metrics_http_free(http);
	for (guint i = 0; i < 50; i++)
		turn_loop();
}

static void test_addresses(void)
{
	static const struct {
		const char *address;
		gboolean is_good;
	} cases[] = {
	    {"127.0.0.1:9719", TRUE}, {"localhost:9719", TRUE}, {"[::1]:9719", TRUE},
	    {"0.0.0.0:0", TRUE},      {"[::]:65535", TRUE},     {"", FALSE},
	    {"127.0.0.1", FALSE},     {":9719", FALSE},         {"127.0.0.1:", FALSE},
	    {"::1:9719", FALSE},      {"[::1]", FALSE},         {"127.0.0.1:65536", FALSE},
	    {"127.0.0.1:-1", FALSE},  {"[]:1", FALSE},          {"db.example:9719", FALSE},
	    {"[::1:9719", FALSE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_test_message("%s", cases[i].address);
		g_assert_cmpint(metrics_address_check(cases[i].address, &error), ==, cases[i].is_good);
		if (!cases[i].is_good)
			g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
	}
}

static void test_taken(void)
{
	g_autoptr(Metrics) metrics = metrics_new();
	g_autoptr(MetricsHttp) http = http_new(metrics, NULL, NULL);
	g_autofree char *address = g_strdup_printf("127.0.0.1:%u", metrics_http_port(http));
	g_autofree char *expected = g_strdup_printf("cannot listen on %s for metrics: ", address);
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) no_address = NULL;

	g_assert_null(metrics_http_new(address, metrics, NULL, NULL, &error));
	g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_FAILED);
	g_assert_true(g_str_has_prefix(error->message, expected));
	g_assert_nonnull(strstr(error_hint(error), "another guard"));
	g_assert_null(metrics_http_new("here", metrics, NULL, NULL, &no_address));
	g_assert_error(no_address, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/metrics_server/metrics", test_metrics);
	g_test_add_func("/metrics_server/head", test_head);
	g_test_add_func("/metrics_server/health", test_health);
	g_test_add_func("/metrics_server/others", test_others);
	g_test_add_func("/metrics_server/slow_clients", test_slow_clients);
	g_test_add_func("/metrics_server/freed", test_freed);
	g_test_add_func("/metrics_server/addresses", test_addresses);
	g_test_add_func("/metrics_server/taken", test_taken);
	return g_test_run();
}
