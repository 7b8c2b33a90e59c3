#include "notify/journal.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Standard error goes to a file meanwhile. */
typedef struct {
	char *path;
	int before;
} Fixture;

static void set_up(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	int fd = g_file_open_tmp("pgunlock-journal-XXXXXX", &fixture->path, NULL);

	g_unsetenv("JOURNAL_STREAM");
	fixture->before = dup(STDERR_FILENO);
	dup2(fd, STDERR_FILENO);
	g_close(fd, NULL);
}

/* What was written; standard error is what it was before. */
static char *end(Fixture *fixture)
{
	char *text = NULL;

	dup2(fixture->before, STDERR_FILENO);
	g_assert_true(g_file_get_contents(fixture->path, &text, NULL, NULL));
	return text;
}

static void tear_down(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	dup2(fixture->before, STDERR_FILENO);
	g_close(fixture->before, NULL);
	g_unlink(fixture->path);
	g_free(fixture->path);
}

static void assert_matches(const char *text, const char *pattern)
{
	g_test_message("%s", text);
	g_assert_true(g_regex_match_simple(pattern, text, 0, 0));
}

#define HEAD "^\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z pgunlock\\[\\d+\\] "

static void test_line(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(Journal) journal = journal_new(JOURNAL_AUTOMATIC);

	journal_log(journal, JOURNAL_WARNING, "main", "%d looks\nfailed \033[31m", 3);
	g_autofree char *text = end(fixture);
	assert_matches(text, HEAD "warning: main: 3 looks failed \\\\x1b\\[31m\n$");
}

static void test_error(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(Journal) journal = journal_new(JOURNAL_STDERR);
	g_autoptr(GError) error = NULL;

	error_set(&error, PGUNLOCK_ERROR_CONNECT, "cannot connect");
	error_set_hint(&error, "is it running?");
	journal_error(journal, JOURNAL_ERROR, NULL, error);
	g_autofree char *text = end(fixture);
	assert_matches(text, HEAD "error: cannot connect \\(hint: is it running\\?\\)\n$");
}

static void test_least(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(Journal) journal = journal_new(JOURNAL_STDERR);
	Notice notice = notice_begin(NOTICE_INCIDENT_ENDED, "main", 0);

	notice.session.pid = 4711;
	journal_log(journal, JOURNAL_DEBUG, NULL, "not this");
	journal_set_least(journal, JOURNAL_WARNING);
	journal_log(journal, JOURNAL_NOTICE, NULL, "nor this");
	journal_notice(journal, &notice);
	journal_set_least(journal, JOURNAL_DEBUG);
	journal_log(journal, JOURNAL_DEBUG, NULL, "this");
	journal_notice(journal, &notice);
	g_autofree char *text = end(fixture);
	assert_matches(text, HEAD "debug: this\n.* info: main: it is over: 4711 blocked up to nobody "
	                          "kind=incident_ended server=main session=pid:4711 blocked=0\n$");
}

/* Where standard error is the journal's stream it is told so. There may be no journal here, which
 * then takes nothing; what must not be is a line with a time of its own. */
static void test_stream(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	struct stat facts;

	g_assert_cmpint(fstat(STDERR_FILENO, &facts), ==, 0);
	g_autofree char *stream =
	    g_strdup_printf("%ju:%ju", (uintmax_t) facts.st_dev, (uintmax_t) facts.st_ino);
	g_setenv("JOURNAL_STREAM", stream, TRUE);
	g_autoptr(Journal) journal = journal_new(JOURNAL_AUTOMATIC);
	g_unsetenv("JOURNAL_STREAM");
	journal_log(journal, JOURNAL_WARNING, NULL, "of a test of pgunlock");
	g_autofree char *text = end(fixture);
	assert_matches(text, "^(<4>of a test of pgunlock\n)?$");
}

/* Another's stream, which standard error was led away from. */
static void test_other_stream(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	g_setenv("JOURNAL_STREAM", "1:2", TRUE);
	g_autoptr(Journal) journal = journal_new(JOURNAL_AUTOMATIC);
	g_unsetenv("JOURNAL_STREAM");
	journal_log(journal, JOURNAL_INFO, NULL, "here");
	g_autofree char *text = end(fixture);
	assert_matches(text, HEAD "info: here\n$");
}

static void test_syslog(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(Journal) journal = journal_new(JOURNAL_SYSLOG);

	journal_log(journal, JOURNAL_DEBUG, NULL, "not written");
	g_autofree char *text = end(fixture);
	g_assert_cmpstr(text, ==, "");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add("/journal/line", Fixture, NULL, set_up, test_line, tear_down);
	g_test_add("/journal/error", Fixture, NULL, set_up, test_error, tear_down);
	g_test_add("/journal/least", Fixture, NULL, set_up, test_least, tear_down);
	g_test_add("/journal/stream", Fixture, NULL, set_up, test_stream, tear_down);
	g_test_add("/journal/other_stream", Fixture, NULL, set_up, test_other_stream, tear_down);
	g_test_add("/journal/syslog", Fixture, NULL, set_up, test_syslog, tear_down);
	return g_test_run();
}
