#include "base/duration.h"
#include "notify_bench.h"
#include "receiver.h"

#include <signal.h>
#include <string.h>

static Bench *bench_for(const Receiver *receiver, const NotifyLimits *limits)
{
	g_autofree char *address = receiver_address(receiver, "127.0.0.1");
	Bench *bench = bench_new(limits);

	bench_configure(bench, NOTIFY_WEBHOOK, address);
	return bench;
}

static void assert_shows_no_secret(const Bench *bench)
{
	for (guint i = 0; i < bench->reports->len; i++) {
		const char *error = bench_report(bench, i)->error;
		g_assert_true(error == NULL || strstr(error, RECEIVER_SECRET) == NULL);
		g_assert_true(error == NULL || strstr(error, "/services") == NULL);
	}
}

static void assert_one_failed(const Bench *bench, const char *words)
{
	g_assert_cmpuint(bench->reports->len, ==, 1);
	g_assert_cmpint(bench_report(bench, 0)->fate, ==, NOTICE_FAILED);
	g_assert_nonnull(strstr(bench_report(bench, 0)->error, words));
	assert_shows_no_secret(bench);
}

static void test_taken(void)
{
	static const ReceiverAnswer answers[] = {{204, NULL, NULL}};
	g_autoptr(Receiver) receiver = receiver_new(answers, 1);
	g_autoptr(Bench) bench = bench_for(receiver, NULL);

	g_assert_true(notifier_is_idle(bench->notifier));
	bench_send(bench, 17);
	g_assert_false(notifier_is_idle(bench->notifier));
	g_assert_cmpuint(bench->reports->len, ==, 0);
	wait_until(bench->reports->len == 1);

	g_assert_cmpint(bench_report(bench, 0)->fate, ==, NOTICE_SENT);
	g_assert_cmpuint(bench_report(bench, 0)->attempts, ==, 1);
	g_assert_null(bench_report(bench, 0)->error);
	g_assert_cmpstr(bench_report(bench, 0)->target, ==, "ops");
	g_assert_cmpuint(receiver_n_requests(receiver), ==, 1);
	g_assert_cmpstr(receiver_content_type(receiver, 0), ==, "application/json");
	g_assert_true(g_str_has_prefix(receiver_body(receiver, 0), "{\"text\":\"`main`: `4711"));
	g_assert_nonnull(strstr(receiver_body(receiver, 0), "\"pgunlock\":{\"schema\":"));
	g_assert_cmpuint(bench_counts(bench).sent, ==, 1);
	g_assert_cmpuint(bench_counts(bench).queued, ==, 0);
	g_assert_true(notifier_is_idle(bench->notifier));
}

static void test_again_in_order(void)
{
	static const ReceiverAnswer answers[] = {
	    {500, NULL, NULL}, {502, NULL, NULL}, {200, NULL, NULL}};
	g_autoptr(Receiver) receiver = receiver_new(answers, G_N_ELEMENTS(answers));
	g_autoptr(Bench) bench = bench_for(receiver, NULL);

	bench_send(bench, 1);
	bench_send(bench, 2);
	wait_until(bench->reports->len == 2);

	g_assert_cmpint(bench_report(bench, 0)->fate, ==, NOTICE_SENT);
	g_assert_cmpuint(bench_report(bench, 0)->attempts, ==, 3);
	g_assert_cmpuint(bench_report(bench, 1)->attempts, ==, 1);
	for (guint i = 0; i < 3; i++)
		g_assert_nonnull(strstr(receiver_body(receiver, i), "\"incident\":1,"));
	g_assert_nonnull(strstr(receiver_body(receiver, 3), "\"incident\":2,"));
}

static void test_retry_after(void)
{
	static const ReceiverAnswer answers[] = {{429, "Retry-After", "1"}, {200, NULL, NULL}};
	g_autoptr(Receiver) receiver = receiver_new(answers, G_N_ELEMENTS(answers));
	g_autoptr(Bench) bench = bench_for(receiver, NULL);

	bench_send(bench, 1);
	wait_until(bench->reports->len == 1);

	g_assert_cmpint(bench_report(bench, 0)->fate, ==, NOTICE_SENT);
	g_assert_cmpint(receiver_time(receiver, 1) - receiver_time(receiver, 0), >=, 990 * DURATION_MS);
}

static gboolean on_tick(gpointer data)
{
	(*(guint *) data)++;
	return G_SOURCE_CONTINUE;
}

/* It is given up and tried again, and the loop turns all the while. */
static void test_hanging(void)
{
	static const ReceiverAnswer answers[] = {{RECEIVER_HANGS, NULL, NULL}};
	NotifyLimits limits = bench_limits;
	limits.attempt_us = 100 * DURATION_MS;
	g_autoptr(Receiver) receiver = receiver_new(answers, 1);
	g_autoptr(Bench) bench = bench_for(receiver, &limits);
	guint ticks = 0;
	guint ticker = g_timeout_add(10, on_tick, &ticks);

	bench_send(bench, 1);
	wait_until(receiver_n_requests(receiver) >= 3 && ticks >= 10);
	g_source_remove(ticker);
	g_assert_cmpuint(bench->reports->len, ==, 0);
	g_assert_cmpuint(bench_counts(bench).queued, ==, 1);
}

static void test_given_up(void)
{
	static const ReceiverAnswer answers[] = {{RECEIVER_HANGS, NULL, NULL}};
	NotifyLimits limits = bench_limits;
	limits.attempt_us = 100 * DURATION_MS;
	limits.give_up_after_us = 50 * DURATION_MS;
	g_autoptr(Receiver) receiver = receiver_new(answers, 1);
	g_autoptr(Bench) bench = bench_for(receiver, &limits);

	bench_send(bench, 1);
	bench_send(bench, 2);
	wait_until(bench->reports->len == 2);
	/* The second one is too old when its turn comes. */
	g_assert_cmpuint(bench_report(bench, 0)->attempts, ==, 1);
	g_assert_cmpuint(bench_report(bench, 1)->attempts, ==, 0);
	for (guint i = 0; i < 2; i++) {
		g_assert_cmpint(bench_report(bench, i)->fate, ==, NOTICE_FAILED);
		g_assert_cmpstr(bench_report(bench, i)->error, ==, "127.0.0.1: no answer within 100ms");
	}
	assert_shows_no_secret(bench);
}

static char *address_of_nobody(void)
{
	static const ReceiverAnswer answers[] = {{200, NULL, NULL}};
	g_autoptr(Receiver) receiver = receiver_new(answers, 1);

	return receiver_address(receiver, "127.0.0.1");
}

static void test_refused_connection(void)
{
	NotifyLimits limits = bench_limits;
	limits.give_up_after_us = DURATION_SECOND;
	g_autofree char *address = address_of_nobody();
	g_autoptr(Bench) bench = bench_new(&limits);

	bench_configure(bench, NOTIFY_WEBHOOK, address);
	bench_send(bench, 1);
	wait_until(bench->reports->len == 1);

	assert_one_failed(bench, "127.0.0.1: ");
	g_assert_cmpuint(bench_counts(bench).failed, ==, 1);
}

static void test_refused_notice(void)
{
	static const ReceiverAnswer answers[] = {{403, NULL, NULL}};
	g_autoptr(Receiver) receiver = receiver_new(answers, 1);
	g_autoptr(Bench) bench = bench_for(receiver, NULL);

	bench_send(bench, 1);
	wait_until(bench->reports->len == 1);

	assert_one_failed(bench, "127.0.0.1: HTTP 403 Forbidden");
	g_assert_cmpuint(bench_report(bench, 0)->attempts, ==, 1);
}

static void test_redirect(void)
{
	static const ReceiverAnswer taken[] = {{200, NULL, NULL}};
	g_autoptr(Receiver) other = receiver_new(taken, 1);
	g_autofree char *elsewhere = receiver_address(other, "127.0.0.1");
	const ReceiverAnswer answers[] = {{307, "Location", elsewhere}};
	g_autoptr(Receiver) receiver = receiver_new(answers, 1);
	g_autoptr(Bench) bench = bench_for(receiver, NULL);

	bench_send(bench, 1);
	wait_until(bench->reports->len == 1);

	assert_one_failed(bench, "127.0.0.1: HTTP 307");
	g_assert_cmpuint(receiver_n_requests(other), ==, 0);
}

static void test_full_queue(void)
{
	static const ReceiverAnswer answers[] = {{RECEIVER_HANGS, NULL, NULL}, {200, NULL, NULL}};
	NotifyLimits limits = bench_limits;
	limits.max_queued = 3;
	limits.attempt_us = DURATION_SECOND;
	g_autoptr(Receiver) receiver = receiver_new(answers, G_N_ELEMENTS(answers));
	g_autoptr(Bench) bench = bench_for(receiver, &limits);

	for (gint64 i = 1; i <= 6; i++)
		bench_send(bench, i);
	g_assert_cmpuint(bench_counts(bench).queued, ==, 3);
	g_assert_cmpuint(bench_counts(bench).dropped, ==, 3);
	wait_until(notifier_is_idle(bench->notifier) && bench->reports->len == 7);

	/* The one under way stayed; of the others the newest. */
	static const char *const expected[] = {"\"incident\":1,", "\"incident\":1,",
	                                       "3 notices did not get through", "\"incident\":5,",
	                                       "\"incident\":6,"};
	g_assert_cmpuint(receiver_n_requests(receiver), ==, G_N_ELEMENTS(expected));
	for (guint i = 0; i < G_N_ELEMENTS(expected); i++)
		g_assert_nonnull(strstr(receiver_body(receiver, i), expected[i]));
	g_assert_cmpint(bench_report(bench, 4)->kind, ==, NOTICE_NOTICES_LOST);
}

/* certificates: what $SSL_CERT_FILE is to name, in test/unit/tls; NULL: not set. */
static Bench *send_over_tls(const Receiver *receiver, const char *host, const char *certificates)
{
	g_autofree char *address = receiver_address(receiver, host);
	g_autofree char *path = NULL;
	Bench *bench = bench_new(NULL);

	g_unsetenv("SSL_CERT_FILE");
	if (certificates != NULL) {
		path = g_test_build_filename(G_TEST_DIST, "tls", certificates, NULL);
		g_setenv("SSL_CERT_FILE", path, TRUE);
	}
	bench_configure(bench, NOTIFY_WEBHOOK, address);
	bench_send(bench, 1);
	wait_until(bench->reports->len == 1);
	return bench;
}

static void test_tls(void)
{
	static const ReceiverAnswer answers[] = {{200, NULL, NULL}};
	g_autoptr(Receiver) receiver = receiver_new_tls(answers, 1);
	g_autoptr(Bench) untrusted = send_over_tls(receiver, "localhost", NULL);
	g_autoptr(Bench) of_another = send_over_tls(receiver, "127.0.0.1", "authority.pem");
	g_assert_cmpuint(receiver_n_requests(receiver), ==, 0);
	g_autoptr(Bench) trusted = send_over_tls(receiver, "localhost", "authority.pem");

	assert_one_failed(untrusted, "localhost: its certificate isn't accepted: no authority that is "
	                             "trusted here has signed it");
	g_assert_cmpuint(bench_report(untrusted, 0)->attempts, ==, 1);
	assert_one_failed(of_another, "127.0.0.1: its certificate isn't accepted: it is for another "
	                              "host");
	g_assert_cmpint(bench_report(trusted, 0)->fate, ==, NOTICE_SENT);
	g_assert_cmpuint(receiver_n_requests(receiver), ==, 1);
}

static char *host_and_port(const char *address)
{
	const char *place = strstr(address, "127.0.0.1");

	return g_strndup(place, strcspn(place, "/"));
}

/* Nobody has a name in .invalid (RFC 6761), and nobody asks for it: that is the proxy's business.
 */
static void test_proxy(void)
{
	static const ReceiverAnswer answers[] = {{200, NULL, NULL}};
	g_autoptr(Receiver) proxy = receiver_new(answers, 1);
	g_autoptr(Receiver) receiver = receiver_new(answers, 1);
	g_autofree char *address = receiver_address(receiver, "127.0.0.1");
	g_autofree char *address_of_proxy = receiver_address(proxy, "127.0.0.1");
	g_autofree char *place_of_proxy = host_and_port(address_of_proxy);
	g_autoptr(Bench) through = bench_new(NULL);
	g_autoptr(Bench) direct = bench_new(NULL);

	g_setenv("http_proxy", place_of_proxy, TRUE);
	g_setenv("no_proxy", "localhost, 127.0.0.1", TRUE);
	bench_configure(through, NOTIFY_WEBHOOK, "http://hooks.invalid/services");
	bench_configure(direct, NOTIFY_WEBHOOK, address);
	g_unsetenv("http_proxy");
	g_unsetenv("no_proxy");
	bench_send(through, 1);
	bench_send(direct, 2);
	wait_until(through->reports->len == 1 && direct->reports->len == 1);

	g_assert_cmpint(bench_report(through, 0)->fate, ==, NOTICE_SENT);
	g_assert_cmpint(bench_report(direct, 0)->fate, ==, NOTICE_SENT);
	g_assert_cmpuint(receiver_n_requests(proxy), ==, 1);
	g_assert_nonnull(strstr(receiver_body(proxy, 0), "\"incident\":1,"));
	g_assert_cmpuint(receiver_n_requests(receiver), ==, 1);
}

static void test_finish_in_pause(void)
{
	static const ReceiverAnswer answers[] = {{503, NULL, NULL}, {200, NULL, NULL}};
	NotifyLimits limits = bench_limits;
	limits.first_delay_us = limits.longest_delay_us = 30 * DURATION_SECOND;
	g_autoptr(Receiver) receiver = receiver_new(answers, G_N_ELEMENTS(answers));
	g_autoptr(Bench) bench = bench_for(receiver, &limits);
	gint64 start_us = g_get_monotonic_time();

	bench_send(bench, 1);
	bench_send(bench, 2);
	wait_until(receiver_n_requests(receiver) == 1 && bench_counts(bench).queued == 2);
	bench_finish(bench, 10 * DURATION_SECOND);
	wait_until(bench->n_finished == 1);

	g_assert_cmpint(g_get_monotonic_time() - start_us, <, 20 * DURATION_SECOND);
	g_assert_cmpuint(bench->reports->len, ==, 2);
	g_assert_cmpuint(bench_counts(bench).sent, ==, 2);
}

static void test_finish_of_hanging(void)
{
	static const ReceiverAnswer answers[] = {{RECEIVER_HANGS, NULL, NULL}};
	g_autoptr(Receiver) receiver = receiver_new(answers, 1);
	g_autoptr(Bench) bench = bench_for(receiver, NULL);

	bench_send(bench, 1);
	bench_send(bench, 2);
	wait_until(receiver_n_requests(receiver) == 1);
	bench_finish(bench, 100 * DURATION_MS);
	wait_until(bench->n_finished == 1);

	g_assert_cmpuint(bench->reports->len, ==, 2);
	g_assert_cmpint(bench_report(bench, 0)->fate, ==, NOTICE_DROPPED);
	g_assert_cmpint(bench_report(bench, 1)->fate, ==, NOTICE_DROPPED);
	g_assert_true(notifier_is_idle(bench->notifier));
	bench_send(bench, 3);
	wait_until(bench->reports->len == 3);
	g_assert_cmpint(bench_report(bench, 2)->fate, ==, NOTICE_DROPPED);
}

static void test_finish_at_rest(void)
{
	g_autoptr(Bench) bench = bench_new(NULL);

	bench_finish(bench, 10 * DURATION_SECOND);
	g_assert_cmpuint(bench->n_finished, ==, 0);
	wait_until(bench->n_finished == 1);
}

static void test_new_address(void)
{
	static const ReceiverAnswer hangs[] = {{RECEIVER_HANGS, NULL, NULL}};
	static const ReceiverAnswer takes[] = {{200, NULL, NULL}};
	NotifyLimits limits = bench_limits;
	limits.attempt_us = DURATION_SECOND;
	g_autoptr(Receiver) old = receiver_new(hangs, 1);
	g_autoptr(Receiver) new = receiver_new(takes, 1);
	g_autofree char *address = receiver_address(new, "127.0.0.1");
	g_autoptr(Bench) bench = bench_for(old, &limits);

	bench_send(bench, 1);
	bench_send(bench, 2);
	wait_until(receiver_n_requests(old) == 1);
	bench_configure(bench, NOTIFY_WEBHOOK, address);
	wait_until(bench->reports->len == 2);

	g_assert_cmpuint(bench_counts(bench).sent, ==, 2);
	g_assert_cmpuint(receiver_n_requests(old), ==, 1);
	g_assert_nonnull(strstr(receiver_body(new, 0), "\"incident\":1,"));
	g_assert_nonnull(strstr(receiver_body(new, 1), "\"incident\":2,"));
}

static void test_target_gone(void)
{
	static const ReceiverAnswer hangs[] = {{RECEIVER_HANGS, NULL, NULL}};
	g_autoptr(Receiver) receiver = receiver_new(hangs, 1);
	g_autoptr(Bench) bench = bench_for(receiver, NULL);
	g_autoptr(GError) error = NULL;

	bench_send(bench, 1);
	wait_until(receiver_n_requests(receiver) == 1);
	g_assert_true(notifier_configure(bench->notifier, NULL, 0, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(notifier_n_targets(bench->notifier), ==, 0);
	wait_until(bench->reports->len == 1 && notifier_is_idle(bench->notifier));
	g_assert_cmpint(bench_report(bench, 0)->fate, ==, NOTICE_DROPPED);
}

static void test_freed_under_way(void)
{
	static const ReceiverAnswer hangs[] = {{RECEIVER_HANGS, NULL, NULL}};
	g_autoptr(Receiver) receiver = receiver_new(hangs, 1);
	g_autoptr(Bench) bench = bench_for(receiver, NULL);

	bench_send(bench, 1);
	bench_send(bench, 2);
	wait_until(receiver_n_requests(receiver) == 1);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/notify/webhook/taken", test_taken);
	g_test_add_func("/notify/webhook/again_in_order", test_again_in_order);
	g_test_add_func("/notify/webhook/retry_after", test_retry_after);
	g_test_add_func("/notify/webhook/hanging", test_hanging);
	g_test_add_func("/notify/webhook/given_up", test_given_up);
	g_test_add_func("/notify/webhook/refused_connection", test_refused_connection);
	g_test_add_func("/notify/webhook/refused_notice", test_refused_notice);
	g_test_add_func("/notify/webhook/redirect", test_redirect);
	g_test_add_func("/notify/webhook/full_queue", test_full_queue);
	g_test_add_func("/notify/webhook/tls", test_tls);
	g_test_add_func("/notify/webhook/proxy", test_proxy);
	g_test_add_func("/notify/webhook/finish_in_pause", test_finish_in_pause);
	g_test_add_func("/notify/webhook/finish_of_hanging", test_finish_of_hanging);
	g_test_add_func("/notify/webhook/finish_at_rest", test_finish_at_rest);
	g_test_add_func("/notify/webhook/new_address", test_new_address);
	g_test_add_func("/notify/webhook/target_gone", test_target_gone);
	g_test_add_func("/notify/webhook/freed_under_way", test_freed_under_way);
	return g_test_run();
}
