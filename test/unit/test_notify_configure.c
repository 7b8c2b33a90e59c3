#include "base/error.h"
#include "notify/retry.h"
#include "notify_bench.h"

#include "base/duration.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#define SECRET "https://hooks.example/services/T0pS3cret"

typedef struct {
	NotifyKind kind;
	const char *value;
	const char *error; /* begins so; NULL: it is taken */
} Case;

static void assert_configure(Bench *bench, NotifyKind kind, const char *value, const char *expected)
{
	const NotifyTarget target = {"ops", kind, value};
	g_autoptr(GError) error = NULL;

	if (expected == NULL) {
		notifier_configure(bench->notifier, &target, 1, &error);
		g_assert_no_error(error);
		return;
	}
	g_assert_false(notifier_configure(bench->notifier, &target, 1, &error));
	g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
	if (error == NULL)
		return;
	g_test_message("%s", error->message);
	g_assert_true(g_str_has_prefix(error->message, expected));
	g_assert_null(strstr(error->message, "T0pS3cret"));
	g_assert_true(error_hint(error) == NULL || strstr(error_hint(error), "T0pS3cret") == NULL);
}

static void test_values(void)
{
	static const Case cases[] = {
	    {NOTIFY_WEBHOOK, SECRET, NULL},
	    {NOTIFY_WEBHOOK, "http://[::1]:8080/T0pS3cret", NULL},
	    {NOTIFY_WEBHOOK, "hooks.example/T0pS3cret",
	     "[notify ops]: the address of the webhook is no http(s) address"},
	    {NOTIFY_WEBHOOK, "ftp://hooks.example/T0pS3cret",
	     "[notify ops]: the address of the webhook is no http(s) address"},
	    {NOTIFY_WEBHOOK, "https:///T0pS3cret",
	     "[notify ops]: the address of the webhook is no http(s) address"},
	    {NOTIFY_WEBHOOK, "https://hooks.example:99999/T0pS3cret",
	     "[notify ops]: the address of the webhook is no http(s) address"},
	    {NOTIFY_WEBHOOK_ENV, "PGUNLOCK_TEST_HOOK", NULL},
	    {NOTIFY_WEBHOOK_ENV, "PGUNLOCK_TEST_NO_HOOK",
	     "[notify ops]: the environment variable PGUNLOCK_TEST_NO_HOOK, with the webhook's "
	     "address, "
	     "isn't set"},
	    {NOTIFY_WEBHOOK_FILE, "/nowhere/hook", "[notify ops]: cannot read the webhook's address: "},
	    {NOTIFY_COMMAND, "page --all 'on call'", NULL},
	    {NOTIFY_COMMAND, "page 'on call", "[notify ops]: cannot split the command into words: "},
	    {NOTIFY_COMMAND, "  ", "[notify ops]: cannot split the command into words: "},
	};
	g_autoptr(Bench) bench = bench_new(NULL);

	g_setenv("PGUNLOCK_TEST_HOOK", SECRET, TRUE);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_configure(bench, cases[i].kind, cases[i].value, cases[i].error);
}

static void test_file(void)
{
	g_autofree char *folder = g_dir_make_tmp("pgunlock-notify-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "ops-hook", NULL);
	g_autoptr(Bench) bench = bench_new(NULL);

	g_unsetenv("CREDENTIALS_DIRECTORY");
	g_assert_true(g_file_set_contents(path, SECRET "\n\n# T0pS3cret\n", -1, NULL));
	assert_configure(bench, NOTIFY_WEBHOOK_FILE, path, NULL);
	assert_configure(bench, NOTIFY_WEBHOOK_FILE, "ops-hook",
	                 "[notify ops]: ops-hook is no absolute path, and there are no credentials");
	g_setenv("CREDENTIALS_DIRECTORY", folder, TRUE);
	assert_configure(bench, NOTIFY_WEBHOOK_FILE, "ops-hook", NULL);
	g_unsetenv("CREDENTIALS_DIRECTORY");
	g_assert_true(g_file_set_contents(path, "T0pS3cret", -1, NULL));
	assert_configure(bench, NOTIFY_WEBHOOK_FILE, path,
	                 "[notify ops]: the address of the webhook is no http(s) address");
	g_unlink(path);
	g_rmdir(folder);
}

static void test_authorities(void)
{
	g_autoptr(Bench) bench = bench_new(NULL);

	g_setenv("SSL_CERT_FILE", "/nowhere/authorities.pem", TRUE);
	assert_configure(bench, NOTIFY_WEBHOOK, SECRET,
	                 "cannot load the certificates in /nowhere/authorities.pem: ");
	g_unsetenv("SSL_CERT_FILE");
}

static void test_all_or_none(void)
{
	const NotifyTarget targets[] = {{"new", NOTIFY_WEBHOOK, SECRET}, {"bad", NOTIFY_COMMAND, "'"}};
	g_autoptr(Bench) bench = bench_new(NULL);
	g_autoptr(GError) error = NULL;

	bench_configure(bench, NOTIFY_COMMAND, "true");
	g_assert_false(notifier_configure(bench->notifier, targets, G_N_ELEMENTS(targets), &error));
	g_assert_cmpuint(notifier_n_targets(bench->notifier), ==, 1);
	g_assert_cmpstr(bench_counts(bench).target, ==, "ops");
}

/* Nothing can be brought there: what it would be told fails, and is counted. */
static void test_trouble(void)
{
	static const char *const names[] = {"ops"};
	const NotifyTarget target = {.name = "ops",
	                             .kind = NOTIFY_WEBHOOK_FILE,
	                             .value = "/nowhere/hook",
	                             .trouble = "it is gone"};
	Notice notice = notice_begin(NOTICE_HISTORY_TROUBLE, NULL, 0);
	g_autoptr(Bench) bench = bench_new(NULL);
	g_autoptr(GError) error = NULL;

	g_assert_false(notify_target_check(&target, &error));
	g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
	bench_configure(bench, NOTIFY_COMMAND, "true");
	g_assert_true(notifier_configure(bench->notifier, &target, 1, NULL));
	notifier_send(bench->notifier, &notice, names, 1);
	g_assert_true(notifier_is_idle(bench->notifier));
	g_assert_cmpuint(bench_counts(bench).failed, ==, 1);
	bench_configure(bench, NOTIFY_COMMAND, "true");
	notifier_send(bench->notifier, &notice, names, 1);
	g_assert_false(notifier_is_idle(bench->notifier));
}

static void test_unknown_target(void)
{
	static const char *const names[] = {"nobody"};
	Notice notice = notice_begin(NOTICE_HISTORY_TROUBLE, NULL, 0);
	g_autoptr(Bench) bench = bench_new(NULL);

	g_test_expect_message("pgunlock", G_LOG_LEVEL_WARNING, "*nobody*");
	notifier_send(bench->notifier, &notice, names, 1);
	g_test_assert_expected_messages();
	g_assert_true(notifier_is_idle(bench->notifier));
}

static void test_answers(void)
{
	static const struct {
		guint status;
		WebhookAnswer answer;
	} cases[] = {
	    {200, ANSWER_TAKEN},   {204, ANSWER_TAKEN}, {301, ANSWER_REFUSED}, {400, ANSWER_REFUSED},
	    {404, ANSWER_REFUSED}, {408, ANSWER_LATER}, {425, ANSWER_LATER},   {429, ANSWER_LATER},
	    {500, ANSWER_LATER},   {503, ANSWER_LATER}, {599, ANSWER_LATER},   {199, ANSWER_REFUSED},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpint(webhook_answer(cases[i].status), ==, cases[i].answer);
}

static void test_delays(void)
{
	static const struct {
		guint attempts;
		double chance;
		gint64 asked_ms;
		gint64 delay_ms;
	} cases[] = {
	    {1, 0, -1, 500},    {1, 1, -1, 1000},   {2, 0.5, -1, 1500},        {3, 1, -1, 4000},
	    {7, 1, -1, 60000},  {99, 0, -1, 30000}, {G_MAXUINT, 1, -1, 60000}, {1, 1, 700, 1000},
	    {1, 1, 5000, 5000}, {99, 1, 0, 60000},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		gint64 asked_us = cases[i].asked_ms < 0 ? -1 : cases[i].asked_ms * DURATION_MS;
		g_assert_cmpint(retry_delay_us(cases[i].attempts, DURATION_SECOND, DURATION_MINUTE,
		                               cases[i].chance, asked_us),
		                ==, cases[i].delay_ms * DURATION_MS);
	}
}

static void test_retry_after(void)
{
	static const struct {
		const char *value;
		gint64 seconds;
	} cases[] = {
	    {"0", 0},
	    {"120", 120},
	    {"Mon, 30 Nov 2026 06:31:49 GMT", 40},
	    {"Mon, 30 Nov 2026 06:00:00 GMT", 0},
	    {"soon", -1},
	    {"-5", -1},
	    {"1.5", -1},
	    {"99999999999", -1},
	    {"", -1},
	};

	g_assert_cmpint(retry_after_us(NULL, 0), ==, -1);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		gint64 expected = cases[i].seconds < 0 ? -1 : cases[i].seconds * DURATION_SECOND;
		g_assert_cmpint(retry_after_us(cases[i].value, 1796020269), ==, expected);
	}
}

int main(int argc, char **argv)
{
	/* as the guard does: a command need not read its input */
	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_unsetenv("SSL_CERT_FILE");
	g_test_add_func("/notify/configure/values", test_values);
	g_test_add_func("/notify/configure/file", test_file);
	g_test_add_func("/notify/configure/authorities", test_authorities);
	g_test_add_func("/notify/configure/all_or_none", test_all_or_none);
	g_test_add_func("/notify/trouble", test_trouble);
	g_test_add_func("/notify/configure/unknown_target", test_unknown_target);
	g_test_add_func("/notify/retry/answers", test_answers);
	g_test_add_func("/notify/retry/delays", test_delays);
	g_test_add_func("/notify/retry/retry_after", test_retry_after);
	return g_test_run();
}
