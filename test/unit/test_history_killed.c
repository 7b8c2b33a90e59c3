/*
 * A writer that is killed at random moments, again and again, on one file: the file stays whole,
 * and no incident is lost that the writer knew to be finished and written.
 */

#include "place.h"

#include "base/timestamp.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 50
#define LONGEST_LIFE_US 60000
#define WRITER_FD 3

/* The writer: one incident after the other, and the ids of those that are written, to a pipe. */
static void write_on(Place *place, int fd)
{
	gint64 last = 0;
	GPtrArray *open;

	place_open(place, NULL);
	open = history_take_open(place->history, "main");
	for (guint i = 0; i < open->len; i++)
		incident_tracker_resume(place->tracker, g_ptr_array_index(open, i));
	g_ptr_array_unref(open);
	for (guint i = 0;; i++) {
		double second = 100 * i;
		g_autofree char *jam = g_strdup_printf(
		    "100 tx@%f holds=500; 101 waits=500@%f; 102 waits=500@%f", second, second, second);
		place_look(place, second + 10, jam);
		last = incident_tracker_get(place->tracker, 0)->id;
		place_look(place, second + 11, "");
		history_flush(place->history);
		if (write(fd, &last, sizeof(last)) != sizeof(last))
			_exit(1);
	}
}

/* The ids that the writer knew of, before it was killed. */
static void read_ids(int fd, GArray *ids)
{
	gint64 id;
	gssize n;

	while ((n = read(fd, &id, sizeof(id))) == sizeof(id) || (n < 0 && errno == EINTR))
		if (n > 0)
			g_array_append_val(ids, id);
}

static void read_first_id(int fd, GArray *ids)
{
	gint64 id = 0;
	gssize n;

	do
		n = read(fd, &id, sizeof(id));
	while (n < 0 && errno == EINTR);
	g_assert_cmpint(n, ==, sizeof(id));
	g_array_append_val(ids, id);
}

/* A process of its own, with threads of its own. Not by fork() and exec(): a build that counts
 * lines writes its counters down before exec, and would be killed while it does. */
static pid_t start_writer(const char *path, int fd)
{
	/* Valgrind answers this one, but would execute itself under that name. */
	g_autofree char *own_path = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *of_its_own = g_strdup(path);
	char option[] = "--write", fd_text[] = G_STRINGIFY(WRITER_FD);
	char *arguments[] = {own_path, option, of_its_own, fd_text, NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;

	g_assert_nonnull(own_path);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd, WRITER_FD);
	int failure = posix_spawn(&pid, own_path, &actions, NULL, arguments, environ);

	/* Whatever follows is for a process that is there. */
	if (failure != 0)
		g_error("cannot start %s: %s", own_path, g_strerror(failure));
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* is_late: not before it has finished one. */
static void run_writer(const char *path, gboolean is_late, GArray *ids)
{
	int fds[2];
	int status = 0;

	g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
	pid_t pid = start_writer(path, fds[1]);

	close(fds[1]);
	if (is_late)
		read_first_id(fds[0], ids);
	g_usleep((gulong) g_random_int_range(0, LONGEST_LIFE_US));
	kill(pid, SIGKILL);
	read_ids(fds[0], ids);
	close(fds[0]);
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	/* And not of anything that went wrong with it before. */
	g_assert_true(WIFSIGNALED(status));
	g_assert_cmpint(WTERMSIG(status), ==, SIGKILL);
}

static void check_integrity(const char *path)
{
	sqlite3 *sqlite;
	sqlite3_stmt *statement;

	g_assert_cmpint(sqlite3_open(path, &sqlite), ==, SQLITE_OK);
	g_assert_cmpint(sqlite3_prepare_v2(sqlite, "PRAGMA integrity_check", -1, &statement, NULL), ==,
	                SQLITE_OK);
	g_assert_cmpint(sqlite3_step(statement), ==, SQLITE_ROW);
	g_assert_cmpstr((const char *) sqlite3_column_text(statement, 0), ==, "ok");
	sqlite3_finalize(statement);
	sqlite3_close(sqlite);
}

static void check_all_there(const Place *place, const GArray *ids)
{
	g_autoptr(GPtrArray) records = place_list_all(place);
	g_autoptr(GHashTable) finished = g_hash_table_new(g_int64_hash, g_int64_equal);
	guint n_open = 0;

	for (guint i = 0; i < records->len; i++) {
		const IncidentRecord *record = g_ptr_array_index(records, i);

		if (record->incident->ended_at != TIMESTAMP_NONE)
			g_hash_table_add(finished, &record->incident->id);
		else
			n_open++;
		g_assert_cmpuint(record->n_waiters, ==, 2);
	}
	for (guint i = 0; i < ids->len; i++)
		g_assert_true(g_hash_table_contains(finished, &g_array_index(ids, gint64, i)));
	g_assert_cmpuint(n_open, <=, 1);
}

static void test_killed(void)
{
	g_auto(Place) place;
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));

	place_init(&place);
	place_open(&place, NULL);
	for (guint i = 0; i < ROUNDS; i++) {
		g_clear_pointer(&place.tracker, incident_tracker_free);
		g_clear_pointer(&place.history, history_free);
		run_writer(place.path, i % 2 == 1, ids);
		check_integrity(place.path);
		check_all_there(&place, ids);
	}
	g_test_message("%u incidents were finished", ids->len);
	g_assert_cmpuint(ids->len, >=, ROUNDS / 2);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "--write") == 0) {
		Place place = {.path = argv[2]};
		write_on(&place, (int) strtol(argv[3], NULL, 10));
	}
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/history-killed/killed", test_killed);
	return g_test_run();
}
