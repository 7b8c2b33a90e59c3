#include "place.h"

#include "base/error.h"
#include "base/timestamp.h"
#include "history/store.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Until trouble, or its end, was told. */
static void wait_for(const guint *n, guint how_many)
{
	gint64 give_up = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;

	while (*n < how_many && g_get_monotonic_time() < give_up)
		g_main_context_iteration(NULL, FALSE);
	g_assert_cmpuint(*n, ==, how_many);
}

/* A disk that is full for a while: nothing that matters is lost, and it is told once. */
static void test_disk_full(void)
{
	g_auto(Place) place;
	struct rlimit before, tight;
	struct stat status;

	place_init(&place);
	place_open(&place, NULL);
	place_incident(&place, 0, 500);
	history_flush(place.history);
	g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &before), ==, 0);
	g_autofree char *log = g_strconcat(place.path, "-wal", NULL);
	g_assert_cmpint(stat(log, &status), ==, 0);
	tight = before;
	tight.rlim_cur = (rlim_t) status.st_size + 5000;
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &tight), ==, 0);
	for (guint i = 1; i <= 20; i++)
		place_incident(&place, i * 100, 500 + i);
	wait_for(&place.n_troubles, 1);
	g_assert_nonnull(strstr(place.trouble, place.path));
	history_flush(place.history);
	HistoryState state;
	history_state(place.history, &state);
	g_assert_true(state.in_trouble);
	g_assert_cmpuint(state.n_queued, >, 0);
	g_assert_cmpuint(place_count(&place), <, 21);

	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &before), ==, 0);
	wait_for(&place.n_recoveries, 1);
	history_flush(place.history);
	g_assert_cmpuint(place_count(&place), ==, 21);
	g_assert_cmpuint(place.n_troubles, ==, 1);
	g_assert_cmpuint(place.n_lost, ==, 0);
}

/* What SQLite itself says of a disk without room. */
static void test_no_room(void)
{
	g_auto(Place) place;
	g_autoptr(GError) error = NULL;
	g_autofree char *blockers = g_strnfill(1 << 20, ' ');

	place_init(&place);
	g_autoptr(Database) database = database_open(place.path, DATABASE_WRITES, &error);
	g_assert_no_error(error);
	database_limit_pages(database, 60);
	g_assert_true(database_begin(database, &error));
	g_assert_false(store_put_sample(database, "main", FILM_AT(0), blockers, &error));
	g_assert_nonnull(strstr(error->message, "disk is full"));
	g_assert_nonnull(strstr(error_hint(error), "make room"));
	g_assert_false(database_is_hopeless(database));
	database_roll_back(database);
	/* It is whole, and takes what there is room for. */
	g_clear_error(&error);
	g_assert_true(database_begin(database, &error));
	g_assert_true(store_put_sample(database, "main", FILM_AT(0), "{}", &error));
	g_assert_true(database_commit(database, &error));
	g_assert_no_error(error);
}

static void assert_denied(const Place *place, const char *what)
{
	const HistoryOptions options = HISTORY_OPTIONS_DEFAULT;
	g_autoptr(GError) error = NULL;

	g_assert_null(history_open(place->path, &options, NULL, NULL, &error));
	g_assert_nonnull(error);
	g_test_message("%s", error->message);
	g_assert_nonnull(strstr(error->message, what));
	g_assert_nonnull(strstr(error->message, "Permission denied"));
	g_assert_nonnull(error_hint(error));
}

/* What is said of a place before anything is opened is what opening it says, and makes nothing. */
static void test_places(void)
{
	g_auto(Place) place;
	g_autoptr(GError) error = NULL;

	place_init(&place);
	g_autofree char *missing = g_build_filename(place.folder, "missing", NULL);
	g_autofree char *path = g_build_filename(missing, "history.db", NULL);

	g_assert_true(history_check_place(place.path, &error));
	g_assert_no_error(error);
	g_assert_false(g_file_test(place.path, G_FILE_TEST_EXISTS));
	g_assert_false(history_check_place(place.folder, &error));
	g_assert_nonnull(strstr(error->message, "is a directory"));
	g_clear_error(&error);
	g_assert_false(history_check_place(path, &error));
	g_assert_nonnull(strstr(error->message, path));
	g_assert_nonnull(strstr(error_hint(error), "mkdir -p"));
	g_assert_false(g_file_test(missing, G_FILE_TEST_EXISTS));
}

/* A file, or a folder, that the guard's user may only read. */
static void test_read_only(void)
{
	const uid_t nobody = 65534;
	gboolean is_root = geteuid() == 0;
	g_auto(Place) place;
	g_autofree char *lock = NULL;

	place_init(&place);
	place_open(&place, NULL);
	place_incident(&place, 0, 500);
	g_clear_pointer(&place.history, history_free);
	lock = g_strconcat(place.path, ".lock", NULL);
	g_assert_cmpint(g_chmod(place.path, 0444), ==, 0);
	g_assert_cmpint(g_chmod(lock, 0666), ==, 0);
	g_assert_cmpint(g_chmod(place.folder, 0555), ==, 0);
	if (is_root)
		g_assert_cmpint(seteuid(nobody), ==, 0);
	assert_denied(&place, "history.db:");
	if (is_root)
		g_assert_cmpint(seteuid(0), ==, 0);
	g_assert_cmpint(g_chmod(place.folder, 0755), ==, 0);
	g_unlink(lock);
	g_assert_cmpint(g_chmod(place.folder, 0555), ==, 0);
	if (is_root)
		g_assert_cmpint(seteuid(nobody), ==, 0);
	assert_denied(&place, "history.db.lock:");
	if (is_root)
		g_assert_cmpint(seteuid(0), ==, 0);
	g_assert_cmpint(g_chmod(place.folder, 0755), ==, 0);
}

/* Somebody moves the file away, or its folder. */
static void test_moved_away(void)
{
	g_auto(Place) place;
	g_autofree char *aside = NULL;

	place_init(&place);
	place_open(&place, NULL);
	place_incident(&place, 0, 500);
	history_flush(place.history);
	g_autofree char *log = g_strconcat(place.path, "-wal", NULL);
	g_autofree char *memory = g_strconcat(place.path, "-shm", NULL);
	g_unlink(place.path);
	g_unlink(log);
	g_unlink(memory);
	place_incident(&place, 100, 501);
	history_flush(place.history);
	g_assert_cmpuint(place_count(&place), ==, 1);
	g_autoptr(IncidentRecord) record = place_get(&place, 2);
	g_assert_cmpstr(record->incident->target->relation, ==, "table_501");
	g_assert_cmpuint(place.n_troubles, ==, 0);

	aside = g_strconcat(place.folder, "-aside", NULL);
	g_assert_cmpint(g_rename(place.folder, aside), ==, 0);
	place_incident(&place, 200, 502);
	wait_for(&place.n_troubles, 1);
	g_assert_nonnull(strstr(place.hint, "folder"));
	g_assert_cmpint(g_rename(aside, place.folder), ==, 0);
	wait_for(&place.n_recoveries, 1);
	g_assert_cmpuint(place_count(&place), ==, 2);
	g_assert_cmpuint(place.n_lost, ==, 0);
}

/* The end of a guard whose disk is full: it doesn't hang. */
static void test_end_in_trouble(void)
{
	g_auto(Place) place;
	struct rlimit before, tight;

	place_init(&place);
	place_open(&place, NULL);
	history_flush(place.history);
	g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &before), ==, 0);
	tight = before;
	tight.rlim_cur = 1;
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &tight), ==, 0);
	place_incident(&place, 0, 500);
	wait_for(&place.n_troubles, 1);
	g_clear_pointer(&place.history, history_free);
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &before), ==, 0);
	g_assert_cmpuint(place_count(&place), ==, 0);
}

/* Also when there was trouble on the way, as on a slow machine. */
static void wait_until_written(const Place *place)
{
	gint64 give_up = g_get_monotonic_time() + 100 * G_USEC_PER_SEC;
	HistoryState state;

	do {
		g_usleep(1000);
		history_state(place->history, &state);
	} while (state.n_queued > 0 && g_get_monotonic_time() < give_up);
	g_assert_cmpuint(state.n_queued, ==, 0);
}

/* Of too much what later records make up for is given up, and ends are not. */
static void test_flood(void)
{
	g_auto(Place) place;
	sqlite3 *sqlite;
	HistoryState state;

	place_init(&place);
	place_open(&place, NULL);
	history_flush(place.history);
	g_assert_cmpint(sqlite3_open(place.path, &sqlite), ==, SQLITE_OK);
	/* the history may be at its first clearing out */
	sqlite3_busy_timeout(sqlite, 60000);
	g_assert_cmpint(sqlite3_exec(sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
	for (guint i = 0; i < 5000; i++)
		place_look(&place, 12 + i * 0.001, "100 tx@1 holds=500; 101 waits=500@10");
	place_look(&place, 20, "");
	history_state(place.history, &state);
	g_assert_cmpuint(state.n_lost, >, 2000);
	g_assert_cmpuint(state.n_queued, <=, 2600);
	sqlite3_close(sqlite);
	wait_until_written(&place);
	g_autoptr(IncidentRecord) record = place_get(&place, 1);
	g_assert_cmpint(record->incident->end, ==, INCIDENT_RELEASED);
	g_assert_cmpint(record->incident->ended_at, ==, FILM_AT(12 + 4999 * 0.001));
}

/* A record that can't be written, whatever the disk does, holds up no other. */
static void test_hopeless(void)
{
	g_auto(Place) place;
	ActRecord act = {.server = (char *) "main",
	                 .act = (char *) "cancel",
	                 .session = (char *) "pid:1",
	                 .settled_at = TIMESTAMP_NONE};
	HistoryState state;

	place_init(&place);
	place_open(&place, NULL);
	/* nobody did it */
	history_add_act(place.history, &act);
	place_incident(&place, 0, 500);
	history_flush(place.history);
	history_state(place.history, &state);
	g_assert_cmpuint(state.n_lost, ==, 1);
	g_assert_false(state.in_trouble);
	g_assert_cmpuint(place_count(&place), ==, 1);
	g_assert_cmpint(state.bytes, >, 0);
}

/* Acts and notices outlive no incident, but may have none. */
static void test_orphans(void)
{
	g_auto(Place) place;
	StatementRecord statement = {
	    .incident = 99, .session = (char *) "pid:1", .statement = (char *) "SELECT 1"};
	ActRecord act = {.incident = 99,
	                 .server = (char *) "main",
	                 .act = (char *) "cancel",
	                 .by = (char *) "idle",
	                 .session = (char *) "pid:1",
	                 .settled_at = TIMESTAMP_NONE};
	HistoryState state;

	place_init(&place);
	place_open(&place, NULL);
	history_add_act(place.history, &act);
	history_add_statement(place.history, &statement);
	statement.incident = 0;
	history_add_statement(place.history, &statement);
	history_flush(place.history);
	history_state(place.history, &state);
	g_assert_cmpuint(state.n_lost, ==, 0);
	g_assert_cmpuint(state.n_written, ==, 2);
}

typedef struct {
	GString *seen;
	guint most;
} SampleLog;

static gboolean on_sample(const char *server, gint64 taken_at, const Blocker *const *blockers,
                          guint n, gpointer user_data)
{
	SampleLog *log = user_data;

	g_string_append_printf(log->seen, "%s@%d:", server,
	                       (int) ((taken_at - FILM_START) / DURATION_SECOND));
	for (guint i = 0; i < n; i++)
		g_string_append_printf(log->seen, "%d/%u", blockers[i]->pid, blockers[i]->blocked_total);
	g_string_append_c(log->seen, ' ');
	return --log->most > 0;
}

static char *samples_of(const Place *place, gint64 since, gint64 until, guint most)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(HistoryReader) reader = history_reader_open(place->path, &error);
	SampleLog log = {.seen = g_string_new(NULL), .most = most};

	g_assert_true(history_read_samples(reader, since, until, on_sample, &log, &error));
	return g_string_free(log.seen, FALSE);
}

static void test_samples(void)
{
	g_auto(Place) place;

	place_init(&place);
	place_open(&place, NULL);
	for (guint i = 0; i < 3; i++) {
		g_auto(FilmLook) seen = film_look(12 + i, "100 tx@1 holds=500; 101 waits=500@10");
		g_autoptr(Blocker) blocker =
		    blocker_new(seen.graph, snapshot_find_pid(seen.snapshot, 100), TIMESTAMP_NONE);
		const Blocker *const blockers[] = {blocker};

		history_add_sample(place.history, "main", FILM_AT(12 + i), blockers, 1);
	}
	history_add_sample(place.history, "main", FILM_AT(15), NULL, 0);
	history_flush(place.history);
	g_autofree char *all = samples_of(&place, FILM_AT(0), FILM_AT(100), 100);
	g_autofree char *part = samples_of(&place, FILM_AT(13), FILM_AT(15), 100);
	g_autofree char *first = samples_of(&place, FILM_AT(0), FILM_AT(100), 1);

	g_assert_cmpstr(all, ==, "main@12:100/1 main@13:100/1 main@14:100/1 main@15: ");
	g_assert_cmpstr(part, ==, "main@13:100/1 main@14:100/1 ");
	g_assert_cmpstr(first, ==, "main@12:100/1 ");
}

/* Trims until there is nothing more to do. */
static void trim(Database *database, gint64 before, gint64 max_bytes)
{
	g_autoptr(GError) error = NULL;
	gboolean is_done = FALSE;

	for (guint i = 0; i < 1000 && !is_done; i++)
		g_assert_true(store_trim(database, before, max_bytes, &is_done, &error));
	g_assert_no_error(error);
	g_assert_true(is_done);
}

static void test_keep_by_age(void)
{
	g_auto(Place) place;

	place_init(&place);
	place_open(&place, NULL);
	for (guint i = 0; i < 300; i++)
		place_incident(&place, i * 100, 500);
	history_add_sample(place.history, "main", FILM_AT(50), NULL, 0);
	history_add_sample(place.history, "main", FILM_AT(29950), NULL, 0);
	place_look(&place, 40000, "100 tx@1 holds=500; 101 waits=500@39000");
	g_clear_pointer(&place.history, history_free);
	g_autoptr(Database) database = database_open(place.path, DATABASE_WRITES, NULL);

	trim(database, FILM_AT(25000), 0);
	g_assert_cmpuint(place_count(&place), ==, 51);
	g_autofree char *samples = samples_of(&place, FILM_AT(0), FILM_AT(40000), 100);
	g_assert_cmpstr(samples, ==, "main@29950: ");
	/* One that lasts stays, however old. */
	trim(database, FILM_AT(100000), 0);
	g_assert_cmpuint(place_count(&place), ==, 1);
}

static void test_keep_by_size(void)
{
	g_auto(Place) place;
	gint64 bytes, smaller;
	struct stat status;

	place_init(&place);
	place_open(&place, NULL);
	for (guint i = 0; i < 600; i++) {
		place_incident(&place, i * 100, 500);
		history_add_sample(place.history, "main", FILM_AT(i * 100 + 5), NULL, 0);
	}
	g_clear_pointer(&place.history, history_free);
	g_autoptr(Database) database = database_open(place.path, DATABASE_WRITES, NULL);

	g_assert_true(database_used_bytes(database, &bytes, NULL));
	trim(database, TIMESTAMP_NONE + 1, bytes / 2);
	g_assert_true(database_used_bytes(database, &smaller, NULL));
	g_assert_cmpint(smaller, <=, bytes / 2);
	g_assert_cmpuint(place_count(&place), >, 100);
	g_autoptr(GPtrArray) records = place_list_all(&place);
	const IncidentRecord *latest = g_ptr_array_index(records, 0);
	g_assert_cmpint(latest->incident->id, ==, 600);
	g_clear_pointer(&database, database_free);
	g_assert_cmpint(stat(place.path, &status), ==, 0);
	g_assert_cmpint(status.st_size, <, bytes);
}

/* The thread does it by itself. */
static void test_keep_options(void)
{
	g_auto(Place) place;
	const HistoryOptions short_memory = {.keep_us = DURATION_DAY};

	place_init(&place);
	place_open(&place, NULL);
	place_incident(&place, 0, 500);
	history_flush(place.history);
	g_assert_cmpuint(place_count(&place), ==, 1);
	history_set_options(place.history, &short_memory);
	gint64 give_up = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
	while (place_count(&place) > 0 && g_get_monotonic_time() < give_up)
		g_usleep(1000);
	g_assert_cmpuint(place_count(&place), ==, 0);
}

/* Several read while it is written to. */
static gpointer read_on(gpointer user_data)
{
	const Place *place = user_data;
	guint before = 0;

	for (guint i = 0; i < 50; i++) {
		guint now = place_count(place);

		g_assert_cmpuint(now, >=, before);
		before = now;
	}
	return NULL;
}

static void test_readers(void)
{
	g_auto(Place) place;
	GThread *readers[3];

	place_init(&place);
	place_open(&place, NULL);
	history_flush(place.history);
	for (guint i = 0; i < G_N_ELEMENTS(readers); i++)
		readers[i] = g_thread_new("reader", read_on, &place);
	for (guint i = 0; i < 200; i++) {
		place_incident(&place, i * 100, 500);
		history_flush(place.history);
	}
	for (guint i = 0; i < G_N_ELEMENTS(readers); i++)
		g_thread_join(readers[i]);
	g_assert_cmpuint(place_count(&place), ==, 200);
	g_assert_cmpuint(place.n_troubles, ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	/* A file that would get too big is an error, as on a full disk, and no signal. */
	signal(SIGXFSZ, SIG_IGN);
	g_test_add_func("/history-upkeep/disk-full", test_disk_full);
	g_test_add_func("/history-upkeep/no-room", test_no_room);
	g_test_add_func("/history-upkeep/places", test_places);
	g_test_add_func("/history-upkeep/read-only", test_read_only);
	g_test_add_func("/history-upkeep/moved-away", test_moved_away);
	g_test_add_func("/history-upkeep/end-in-trouble", test_end_in_trouble);
	g_test_add_func("/history-upkeep/flood", test_flood);
	g_test_add_func("/history-upkeep/hopeless", test_hopeless);
	g_test_add_func("/history-upkeep/orphans", test_orphans);
	g_test_add_func("/history-upkeep/samples", test_samples);
	g_test_add_func("/history-upkeep/keep-by-age", test_keep_by_age);
	g_test_add_func("/history-upkeep/keep-by-size", test_keep_by_size);
	g_test_add_func("/history-upkeep/keep-options", test_keep_options);
	g_test_add_func("/history-upkeep/readers", test_readers);
	return g_test_run();
}
