#include "base/duration.h"
#include "notify_bench.h"
#include "receiver.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

typedef struct {
	char *folder;
	Bench *bench;
} Fixture;

static void set_up(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	fixture->folder = g_dir_make_tmp("pgunlock-command-XXXXXX", NULL);
	fixture->bench = bench_new(NULL);
}

static void tear_down(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	bench_free(fixture->bench);
	g_rmdir(fixture->folder);
	g_free(fixture->folder);
}

/* A command for the shell, $1 in it being a file in the fixture's folder. */
static void run_script(Fixture *fixture, const char *script)
{
	g_autofree char *path = g_build_filename(fixture->folder, "file", NULL);
	g_autofree char *quoted = g_shell_quote(script);
	g_autofree char *command = g_strdup_printf("/bin/sh -c %s notify %s", quoted, path);

	bench_configure(fixture->bench, NOTIFY_COMMAND, command);
	bench_send(fixture->bench, 17);
	wait_until(fixture->bench->reports->len == 1);
}

static void assert_failed(const Fixture *fixture, const char *error)
{
	g_assert_cmpint(bench_report(fixture->bench, 0)->fate, ==, NOTICE_FAILED);
	g_assert_cmpstr(bench_report(fixture->bench, 0)->error, ==, error);
	g_assert_cmpuint(bench_report(fixture->bench, 0)->attempts, ==, 1);
}

static void test_input(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *path = g_build_filename(fixture->folder, "file", NULL);
	g_autofree char *input = NULL;

	run_script(fixture, "cat > \"$1\"; echo done");
	g_assert_cmpint(bench_report(fixture->bench, 0)->fate, ==, NOTICE_SENT);
	g_assert_true(g_file_get_contents(path, &input, NULL, NULL));
	g_assert_true(g_str_has_prefix(input, "{\"schema\":\"pgunlock.notice/1\","));
	g_assert_true(g_str_has_suffix(input, "}"));
	g_assert_nonnull(strstr(input, "\"incident\":17,"));
	g_unlink(path);
}

static void test_input_unread(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	run_script(fixture, "exec <&-; exit 0");
	g_assert_cmpint(bench_report(fixture->bench, 0)->fate, ==, NOTICE_SENT);
}

static void test_status(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	run_script(fixture, "cat; exit 7");
	assert_failed(fixture, "/bin/sh ended with status 7");
}

static void test_signal(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	run_script(fixture, "kill -9 $$");
	assert_failed(fixture, "/bin/sh was ended by signal 9");
}

static void test_missing(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	bench_configure(fixture->bench, NOTIFY_COMMAND, "/nowhere/notify --all");
	bench_send(fixture->bench, 1);
	wait_until(fixture->bench->reports->len == 1);
	g_assert_cmpint(bench_report(fixture->bench, 0)->fate, ==, NOTICE_FAILED);
	g_assert_true(
	    g_str_has_prefix(bench_report(fixture->bench, 0)->error, "cannot run /nowhere/notify: "));
}

/* What is the guard's own business stays with it. */
static void test_environment(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	g_setenv("NOTIFY_SOCKET", "/nowhere", TRUE);
	g_setenv("PGPASSWORD", "secret", TRUE);
	run_script(fixture, "test -z \"$NOTIFY_SOCKET$PGPASSWORD\" && test -n \"$PATH\"");
	g_unsetenv("NOTIFY_SOCKET");
	g_unsetenv("PGPASSWORD");
	g_assert_cmpint(bench_report(fixture->bench, 0)->fate, ==, NOTICE_SENT);
}

static void use_limits(Fixture *fixture, gint64 command_us, gint64 kill_after_us)
{
	NotifyLimits limits = bench_limits;

	limits.command_us = command_us;
	limits.kill_after_us = kill_after_us;
	bench_free(fixture->bench);
	fixture->bench = bench_new(&limits);
}

static void test_terminated(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	use_limits(fixture, 100 * DURATION_MS, 60 * DURATION_SECOND);
	run_script(fixture, "exec sleep 60");
	assert_failed(fixture, "/bin/sh was still running after 100ms and was ended");
}

static void test_killed(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	use_limits(fixture, 100 * DURATION_MS, 100 * DURATION_MS);
	/* An ignored signal stays ignored in what is executed. */
	run_script(fixture, "trap '' TERM; exec sleep 60");
	assert_failed(fixture, "/bin/sh was still running after 100ms and was ended");
}

/* Somebody whom the command left behind keeps its output open. */
static void test_left_behind(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *path = g_build_filename(fixture->folder, "file", NULL);
	g_autofree char *pid = NULL;
	gint64 start_us = g_get_monotonic_time();

	run_script(fixture, "sleep 60 & echo $! > \"$1\"");
	g_assert_cmpint(bench_report(fixture->bench, 0)->fate, ==, NOTICE_SENT);
	g_assert_cmpint(g_get_monotonic_time() - start_us, <, 10 * DURATION_SECOND);
	g_assert_true(g_file_get_contents(path, &pid, NULL, NULL));
	kill((pid_t) g_ascii_strtoll(pid, NULL, 10), SIGKILL);
	g_unlink(path);
}

/* More than a pipe holds, and not all of it text. */
static void test_much_output(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	run_script(fixture, "printf '\\033[31m\\377'; yes | head -c 1000000; exit 3");
	assert_failed(fixture, "/bin/sh ended with status 3");
}

static void test_finish(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	bench_configure(fixture->bench, NOTIFY_COMMAND, "sleep 60");
	bench_send(fixture->bench, 1);
	bench_finish(fixture->bench, 100 * DURATION_MS);
	wait_until(fixture->bench->n_finished == 1);
	g_assert_cmpint(bench_report(fixture->bench, 0)->fate, ==, NOTICE_DROPPED);
}

/* Three targets, one command at a time: whoever finds the folder there has company. */
static void test_one_at_a_time(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	static const char *const names[] = {"a", "b", "c"};
	NotifyLimits limits = bench_limits;
	limits.max_commands = 1;
	g_autofree char *path = g_build_filename(fixture->folder, "lock", NULL);
	g_autofree char *command =
	    g_strdup_printf("/bin/sh -c 'mkdir %s && sleep 0.1 && rmdir %s'", path, path);
	NotifyTarget targets[G_N_ELEMENTS(names)];
	Notice notice = notice_begin(NOTICE_HISTORY_TROUBLE, NULL, g_get_real_time());

	bench_free(fixture->bench);
	fixture->bench = bench_new(&limits);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		targets[i] = (NotifyTarget){names[i], NOTIFY_COMMAND, command};
	g_assert_true(
	    notifier_configure(fixture->bench->notifier, targets, G_N_ELEMENTS(targets), NULL));
	notifier_send(fixture->bench->notifier, &notice, names, G_N_ELEMENTS(names));
	wait_until(fixture->bench->reports->len == G_N_ELEMENTS(names));
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		g_assert_cmpint(bench_report(fixture->bench, i)->fate, ==, NOTICE_SENT);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(Fixture *fixture, gconstpointer data);
	} tests[] = {
	    {"input", test_input},
	    {"input_unread", test_input_unread},
	    {"status", test_status},
	    {"signal", test_signal},
	    {"missing", test_missing},
	    {"environment", test_environment},
	    {"terminated", test_terminated},
	    {"killed", test_killed},
	    {"left_behind", test_left_behind},
	    {"much_output", test_much_output},
	    {"finish", test_finish},
	    {"one_at_a_time", test_one_at_a_time},
	};

	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	for (guint i = 0; i < G_N_ELEMENTS(tests); i++) {
		g_autofree char *path = g_strdup_printf("/notify/command/%s", tests[i].name);
		g_test_add(path, Fixture, NULL, set_up, tests[i].run, tear_down);
	}
	return g_test_run();
}
