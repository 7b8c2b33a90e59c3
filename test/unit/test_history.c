#include "place.h"

#include "base/error.h"
#include "base/timestamp.h"
#include "history/migrate.h"

#include <string.h>
#include <sys/stat.h>

#define ALL                                                                                        \
	{                                                                                              \
		.since = TIMESTAMP_NONE, .until = TIMESTAMP_NONE                                           \
	}

/* All that a course leaves behind, read back. */
static void test_course(void)
{
	g_auto(Place) place;
	StatementRecord statement = {.incident = 1,
	                             .session = (char *) "pid:100",
	                             .began_at = FILM_AT(2),
	                             .seen_at = FILM_AT(3),
	                             .statement = (char *) "UPDATE a\n\x1b[31mSET b"};
	ActRecord act = {.incident = 1,
	                 .server = (char *) "main",
	                 .at = FILM_AT(13),
	                 .act = (char *) "terminate",
	                 .by = (char *) "leaked-login",
	                 .session = (char *) "pid:100",
	                 .session_id = (char *) "6553e2f0.64",
	                 .settled_at = TIMESTAMP_NONE};
	const NoticeRecord notice = {.incident = 1,
	                             .server = (char *) "main",
	                             .at = FILM_AT(12),
	                             .event = (char *) "incident_started",
	                             .notifier = (char *) "ops",
	                             .n_tries = 3,
	                             .message = (char *) "HTTP 500"};

	place_init(&place);
	place_open(&place, NULL);
	place_look(&place, 12, "100 tx@1 idle holds=500; 101 tx@9 waits=500@10; 102 waits=500@11");
	history_add_statement(place.history, &statement);
	history_add_statement(place.history, &statement);
	statement.began_at = FILM_AT(4);
	statement.statement = (char *) "DELETE FROM c";
	history_add_statement(place.history, &statement);
	history_add_notice(place.history, &notice);
	g_assert_cmpint(history_add_act(place.history, &act), ==, 1);
	place_look(&place, 13, "100 tx@1 idle holds=500; 101 tx@9 waits=500@10; 102 waits=500@11");
	act.settled_at = FILM_AT(13.1);
	act.result = (char *) "freed";
	act.n_freed = 2;
	history_settle_act(place.history, 1, &act);
	place_look(&place, 15, "101 tx@9 holds=500; 102 waits=500@11");
	history_flush(place.history);

	g_autoptr(IncidentRecord) record = place_get(&place, 1);
	const Incident *first = record->incident;

	g_assert_cmpstr(first->server, ==, "main");
	g_assert_cmpint(first->started_at, ==, FILM_AT(10));
	g_assert_cmpint(first->ended_at, ==, FILM_AT(13));
	g_assert_cmpint(first->end, ==, INCIDENT_RELEASED);
	g_assert_cmpint(first->server_started_at, ==, FILM_SERVER_STARTED);
	g_assert_cmpint(first->root->pid, ==, 100);
	g_assert_cmpint(first->root->backend_start, ==, FILM_AT(-3600));
	g_assert_cmpint(first->root->xact_start, ==, FILM_AT(1));
	g_assert_cmpint(first->root->has_written, ==, WRITTEN_NO);
	g_assert_cmpstr(first->root->application_name, ==, "checkout");
	g_assert_cmpstr(first->target->relation, ==, "table_500");
	g_assert_cmpint(first->target->relkind, ==, 'r');
	g_assert_cmpint(first->target->tag.relation, ==, 500);
	g_assert_cmpint(first->mode, ==, LOCK_MODE_ACCESS_EXCLUSIVE);
	g_assert_cmpuint(first->peak_blocked, ==, 2);
	g_assert_cmpint(first->waited_us, ==, 5 * DURATION_SECOND);
	g_assert_cmpint(first->longest_wait_us, ==, 3 * DURATION_SECOND);
	g_assert_cmpuint(first->waiters->len, ==, 2);
	const IncidentWaiter *waiter = g_ptr_array_index(first->waiters, 0);
	g_assert_cmpint(waiter->session->pid, ==, 101);
	g_assert_cmpint(waiter->since, ==, TIMESTAMP_NONE);
	g_assert_cmpint(waiter->waited_us, ==, 3 * DURATION_SECOND);
	g_assert_cmpuint(record->n_waiters, ==, 2);
	g_assert_cmpint(record->next, ==, 2);

	g_assert_cmpuint(record->statements->len, ==, 2);
	const StatementRecord *ran = g_ptr_array_index(record->statements, 0);
	g_assert_cmpstr(ran->statement, ==, "UPDATE a\n\x1b[31mSET b");
	g_assert_cmpint(ran->began_at, ==, FILM_AT(2));
	g_assert_cmpuint(record->acts->len, ==, 1);
	const ActRecord *done = g_ptr_array_index(record->acts, 0);
	g_assert_cmpstr(done->result, ==, "freed");
	g_assert_cmpstr(done->by, ==, "leaked-login");
	g_assert_cmpint(done->settled_at, ==, FILM_AT(13.1));
	g_assert_cmpuint(done->n_freed, ==, 2);
	g_assert_false(done->dry_run);
	g_assert_cmpuint(record->notices->len, ==, 1);
	const NoticeRecord *told = g_ptr_array_index(record->notices, 0);
	g_assert_cmpstr(told->event, ==, "incident_started");
	g_assert_false(told->delivered);

	g_autoptr(IncidentRecord) second = place_get(&place, 2);
	g_assert_cmpint(second->incident->follows, ==, 1);
	g_assert_cmpint(second->incident->ended_at, ==, TIMESTAMP_NONE);
	g_assert_cmpint(second->next, ==, 0);
	g_assert_cmpuint(place.n_troubles, ==, 0);
}

static gboolean is_named(G_GNUC_UNUSED const char *database, G_GNUC_UNUSED const char *schema,
                         const char *name, gpointer user_data)
{
	return strcmp(name, user_data) == 0;
}

static void test_filters(void)
{
	g_auto(Place) place;
	gboolean has_more;
	const struct {
		HistoryFilter filter;
		const char *ids;
		gboolean has_more;
	} cases[] = {
	    {ALL, "3 2 1", FALSE},
	    {{.since = FILM_AT(105), .until = TIMESTAMP_NONE}, "3 2", FALSE},
	    {{.since = FILM_AT(110), .until = TIMESTAMP_NONE}, "3 2", FALSE},
	    {{.since = FILM_AT(111), .until = TIMESTAMP_NONE}, "3", FALSE},
	    {{.since = TIMESTAMP_NONE, .until = FILM_AT(105)}, "2 1", FALSE},
	    {{.since = TIMESTAMP_NONE, .until = FILM_AT(99)}, "1", FALSE},
	    {{.since = FILM_AT(50), .until = FILM_AT(60)}, "", FALSE},
	    {{.since = TIMESTAMP_NONE, .until = TIMESTAMP_NONE, .limit = 2}, "3 2", TRUE},
	    {{.since = TIMESTAMP_NONE, .until = TIMESTAMP_NONE, .limit = 3}, "3 2 1", FALSE},
	    {{.since = TIMESTAMP_NONE, .until = TIMESTAMP_NONE, .user_glob = "app_*"}, "3 2 1", FALSE},
	    {{.since = TIMESTAMP_NONE, .until = TIMESTAMP_NONE, .user_glob = "bi"}, "", FALSE},
	    {{.since = TIMESTAMP_NONE, .until = TIMESTAMP_NONE, .user_glob = "APP_*"}, "", FALSE},
	    {{.since = TIMESTAMP_NONE, .until = TIMESTAMP_NONE, .server_glob = "other"}, "", FALSE},
	    {{.since = TIMESTAMP_NONE, .until = TIMESTAMP_NONE, .application_glob = "check?ut"},
	     "3 2 1",
	     FALSE},
	    {{.since = TIMESTAMP_NONE,
	      .until = TIMESTAMP_NONE,
	      .is_table = is_named,
	      .is_table_data = (gpointer) "table_501",
	      .limit = 1},
	     "2",
	     FALSE},
	};

	place_init(&place);
	place_open(&place, NULL);
	for (guint i = 0; i < 3; i++)
		place_incident(&place, i * 100, 500 + i);
	history_flush(place.history);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GPtrArray) records = place_list(&place, &cases[i].filter, &has_more);
		g_autoptr(GString) ids = g_string_new(NULL);

		for (guint j = 0; j < records->len; j++) {
			const IncidentRecord *record = g_ptr_array_index(records, j);
			g_string_append_printf(ids, "%s%d", j > 0 ? " " : "", (int) record->incident->id);
			g_assert_cmpuint(record->n_waiters, ==, 1);
			g_assert_cmpuint(record->incident->waiters->len, ==, 0);
		}
		g_assert_cmpstr(ids->str, ==, cases[i].ids);
		g_assert_true(has_more == cases[i].has_more);
	}
}

/* As a guard does between two looks. */
static void tell_of(Place *place, Incident *incident)
{
	const IncidentEvent event = {.kind = INCIDENT_CHANGED, .incident = incident};

	incident->told_rule = g_strdup("leaked-login");
	incident->told_blocked = 3;
	incident->told_wait_us = 7 * DURATION_SECOND;
	incident->acted_rule = g_strdup("another");
	history_record(place->history, &event, 1);
}

static void assert_told(const Incident *incident, gboolean is_told)
{
	g_assert_cmpstr(incident->told_rule, ==, is_told ? "leaked-login" : NULL);
	g_assert_cmpuint(incident->told_blocked, ==, is_told ? 3 : 0);
	g_assert_cmpint(incident->told_wait_us, ==, is_told ? 7 * DURATION_SECOND : 0);
	g_assert_cmpstr(incident->acted_rule, ==, is_told ? "another" : NULL);
}

static gboolean is_main(const char *server, G_GNUC_UNUSED gpointer user_data)
{
	return strcmp(server, "main") == 0;
}

/* After a crash: one goes on, one is over, one is of a server that isn't watched any more. */
static void test_left_open(void)
{
	g_auto(Place) place;

	place_init(&place);
	place_open(&place, NULL);
	place_look(&place, 12,
	           "100 tx@1 holds=500; 101 waits=500@10; 200 tx@1 holds=501; 201 waits=501@10");
	g_autoptr(Incident) elsewhere = incident_copy(incident_tracker_get(place.tracker, 0), FALSE);
	const IncidentEvent event = {INCIDENT_BEGUN, elsewhere};
	elsewhere->id = 0;
	g_free(elsewhere->server);
	elsewhere->server = g_strdup("old");
	history_record(place.history, &event, 1);
	/* 101 waits on in this look, which isn't written for it again. */
	place_look(&place, 14,
	           "100 tx@1 holds=500; 101 waits=500@10; 200 tx@1 holds=501; 201 waits=501@10");
	tell_of(&place, incident_tracker_get(place.tracker, 0));
	place_open(&place, NULL);

	g_assert_cmpuint(history_n_open(place.history, is_main, NULL), ==, 2);
	GPtrArray *open = history_take_open(place.history, "main");
	g_assert_cmpuint(history_n_open(place.history, is_main, NULL), ==, 0);
	g_assert_cmpuint(open->len, ==, 2);
	for (guint i = 0; i < open->len; i++) {
		const Incident *left = g_ptr_array_index(open, i);

		assert_told(left, left->root->pid == 100);
		incident_tracker_resume(place.tracker, g_ptr_array_index(open, i));
	}
	g_ptr_array_unref(open);
	open = history_take_open(place.history, "main");
	g_assert_cmpuint(open->len, ==, 0);
	g_ptr_array_unref(open);
	history_end_others(place.history);
	place_look(&place, 60, "100 tx@1 holds=500; 101 waits=500@10");
	history_flush(place.history);

	g_autoptr(IncidentRecord) first = place_get(&place, 1);
	g_autoptr(IncidentRecord) second = place_get(&place, 2);
	g_autoptr(IncidentRecord) third = place_get(&place, 3);
	const IncidentRecord *on = first->incident->root->pid == 100 ? first : second;
	const IncidentRecord *over = on == first ? second : first;
	const IncidentWaiter *waiter = g_ptr_array_index(on->incident->waiters, 0);

	g_assert_cmpint(on->incident->end, ==, INCIDENT_LASTS);
	g_assert_cmpint(on->incident->started_at, ==, FILM_AT(10));
	g_assert_cmpint(on->incident->waited_us, ==, 50 * DURATION_SECOND);
	g_assert_cmpint(waiter->waited_us, ==, 50 * DURATION_SECOND);
	const IncidentGap *gap = &g_array_index(on->incident->gaps, IncidentGap, 0);

	g_assert_cmpuint(on->incident->gaps->len, ==, 1);
	g_assert_cmpint(gap->since, ==, FILM_AT(14));
	g_assert_cmpint(gap->until, ==, FILM_AT(60));
	g_assert_true(gap->is_away);
	assert_told(on->incident, TRUE);
	g_assert_cmpuint(over->incident->gaps->len, ==, 0);
	g_assert_cmpint(over->incident->end, ==, INCIDENT_UNSEEN);
	g_assert_cmpint(over->incident->ended_at, ==, FILM_AT(14));
	waiter = g_ptr_array_index(over->incident->waiters, 0);
	g_assert_cmpint(waiter->waited_us, ==, 4 * DURATION_SECOND);
	g_assert_cmpint(waiter->since, ==, TIMESTAMP_NONE);
	g_assert_cmpstr(third->incident->server, ==, "old");
	g_assert_cmpint(third->incident->end, ==, INCIDENT_UNSEEN);
	g_assert_cmpint(third->incident->ended_at, ==, FILM_AT(12));
	/* Ids go on where they were. */
	place_look(&place, 61, "300 tx@1 holds=502; 301 waits=502@50");
	history_flush(place.history);
	g_autoptr(IncidentRecord) fourth = place_get(&place, 4);
	g_assert_cmpint(fourth->incident->root->pid, ==, 300);
}

/* What a guard had begun when it was killed. */
static void test_acts_without_result(void)
{
	g_auto(Place) place;
	ActRecord act = {.incident = 1,
	                 .server = (char *) "main",
	                 .at = FILM_AT(12),
	                 .act = (char *) "terminate",
	                 .by = (char *) "leaked-login",
	                 .session = (char *) "pid:100",
	                 .settled_at = TIMESTAMP_NONE};

	place_init(&place);
	place_open(&place, NULL);
	place_look(&place, 12, "100 tx@1 holds=500; 101 waits=500@10");
	history_add_act(place.history, &act);
	act.settled_at = FILM_AT(13);
	act.result = (char *) "refused";
	history_add_act(place.history, &act);
	history_flush(place.history);
	g_autoptr(IncidentRecord) before = place_get(&place, 1);
	/* it may still come */
	g_assert_null(((const ActRecord *) g_ptr_array_index(before->acts, 0))->message);
	place_open(&place, NULL);
	g_autoptr(IncidentRecord) after = place_get(&place, 1);
	const ActRecord *begun = g_ptr_array_index(after->acts, 0);
	const ActRecord *refused = g_ptr_array_index(after->acts, 1);

	g_assert_cmpstr(begun->message, ==, "the guard ended in the middle of it");
	g_assert_null(begun->result);
	g_assert_cmpint(begun->settled_at, ==, TIMESTAMP_NONE);
	g_assert_null(refused->message);
}

static void test_mode_and_owner(void)
{
	g_auto(Place) place;
	struct stat status;

	place_init(&place);
	mode_t mask = umask(0);
	place_open(&place, NULL);
	place_incident(&place, 0, 500);
	history_flush(place.history);
	umask(mask);
	g_assert_cmpint(stat(place.path, &status), ==, 0);
	g_assert_cmpint(status.st_mode & 07777, ==, 0640);
	g_autofree char *log = g_strconcat(place.path, "-wal", NULL);
	g_assert_cmpint(stat(log, &status), ==, 0);
	g_assert_cmpint(status.st_mode & 07777, ==, 0640);
}

static void assert_refused(const Place *place, const char *message, const char *hint)
{
	const HistoryOptions options = HISTORY_OPTIONS_DEFAULT;
	g_autoptr(GError) error = NULL;
	History *history = history_open(place->path, &options, NULL, NULL, &error);

	g_assert_null(history);
	g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_FAILED);
	if (error == NULL)
		return;
	g_test_message("%s; %s", error->message, error_hint(error));
	g_assert_nonnull(strstr(error->message, message));
	g_assert_nonnull(strstr(error_hint(error), hint));
}

static void run_sql(const Place *place, const char *sql)
{
	sqlite3 *sqlite;

	g_assert_cmpint(sqlite3_open(place->path, &sqlite), ==, SQLITE_OK);
	g_assert_cmpint(sqlite3_exec(sqlite, sql, NULL, NULL, NULL), ==, SQLITE_OK);
	sqlite3_close(sqlite);
}

static void test_second_guard(void)
{
	g_auto(Place) place;

	place_init(&place);
	place_open(&place, NULL);
	assert_refused(&place, "another guard does", "history = FILE");
}

static void test_newer_schema(void)
{
	g_auto(Place) place;
	g_autoptr(GError) error = NULL;

	place_init(&place);
	place_open(&place, NULL);
	g_clear_pointer(&place.history, history_free);
	run_sql(&place, "PRAGMA user_version = 99");
	assert_refused(&place, "newer pgunlock: its schema is version 99", "install that version");
	g_assert_null(history_reader_open(place.path, &error));
	g_assert_nonnull(strstr(error->message, "newer pgunlock"));
}

static void test_other_files(void)
{
	g_auto(Place) place;

	place_init(&place);
	run_sql(&place, "CREATE TABLE a (b); CREATE TABLE c (d)");
	assert_refused(&place, "is no history of pgunlock", "another file");
	g_assert_true(g_file_set_contents(place.path,
	                                  "This is a letter, and not a database at all, "
	                                  "however long one looks at it. Really not.",
	                                  -1, NULL));
	assert_refused(&place, "not a database", "no history");
	g_autofree char *nowhere = g_build_filename(place.folder, "no", "history.db", NULL);
	char *path = place.path;

	place.path = nowhere;
	assert_refused(&place, "No such file", "folder");
	place.path = place.folder;
	assert_refused(&place, "is a directory", "history = ");
	place.path = path;
}

static void test_reader_errors(void)
{
	g_auto(Place) place;
	g_autoptr(GError) error = NULL;

	place_init(&place);
	g_assert_null(history_reader_open(place.path, &error));
	g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_NOT_FOUND);
	g_clear_error(&error);
	g_assert_true(g_file_set_contents(place.path, "", 0, NULL));
	g_assert_null(history_reader_open(place.path, &error));
	g_assert_nonnull(strstr(error->message, "is empty"));
	g_clear_error(&error);
	place_open(&place, NULL);
	g_autoptr(HistoryReader) reader = history_reader_open(place.path, &error);
	g_assert_no_error(error);
	g_assert_null(history_get(reader, 17, &error));
	g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_NOT_FOUND);
	g_assert_nonnull(strstr(error->message, "there is no incident 17"));
}

/* What the first version of the schema held is there in the present one. */
static void test_migration(void)
{
	g_auto(Place) place;
	sqlite3 *sqlite;
	int code;
	g_autoptr(GError) error = NULL;

	place_init(&place);
	g_assert_cmpint(sqlite3_open(place.path, &sqlite), ==, SQLITE_OK);
	g_assert_true(schema_migrate(sqlite, 0, 1, &code));
	sqlite3_close(sqlite);
	run_sql(
	    &place,
	    "INSERT INTO "
	    "incident VALUES (7, 'main', 1, 1700000000000000, 1700000005000000, "
	    "1700000005000000, 'released', 0, '{\"pid\": 42, \"user\": \"app\"}', 'app', NULL, NULL, "
	    "NULL, 0, 3, NULL, 5000000, 9000000, 0, NULL)");
	g_assert_null(history_reader_open(place.path, &error));
	g_assert_nonnull(strstr(error->message, "older pgunlock"));

	place_open(&place, NULL);
	place_incident(&place, 100, 500);
	const NoticeRecord notice = {.incident = 7,
	                             .at = FILM_AT(12),
	                             .event = (char *) "act",
	                             .notifier = (char *) "ops",
	                             .delivered = TRUE};
	history_add_notice(place.history, &notice);
	history_flush(place.history);
	g_autoptr(IncidentRecord) old = place_get(&place, 7);
	g_autoptr(IncidentRecord) new = place_get(&place, 8);

	g_assert_cmpint(old->incident->root->pid, ==, 42);
	g_assert_null(old->incident->target);
	g_assert_cmpuint(old->incident->peak_blocked, ==, 3);
	g_assert_cmpuint(old->notices->len, ==, 1);
	g_assert_cmpint(new->incident->root->pid, ==, 100);
	assert_told(old->incident, FALSE);
}

/* What isn't as it was written reads as not known, and ends nothing. */
static void test_damaged_documents(void)
{
	g_auto(Place) place;

	place_init(&place);
	place_open(&place, NULL);
	place_incident(&place, 0, 500);
	g_clear_pointer(&place.history, history_free);
	run_sql(&place, "UPDATE incident "
	                "SET root = '[1', target = '{\"tag\": 5}', mode = 'x', ending = 'y'");
	run_sql(&place,
	        "UPDATE waiter "
	        "SET session = '{\"pid\": \"z\", \"user\": 7, \"hidden\": 1}', target = x'ff00'");
	g_autoptr(IncidentRecord) record = place_get(&place, 1);
	const IncidentWaiter *waiter = g_ptr_array_index(record->incident->waiters, 0);

	g_assert_cmpint(record->incident->root->pid, ==, 0);
	g_assert_null(record->incident->target);
	g_assert_cmpint(record->incident->end, ==, INCIDENT_LASTS);
	g_assert_null(waiter->session->user);
	g_assert_null(waiter->target);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/history/course", test_course);
	g_test_add_func("/history/filters", test_filters);
	g_test_add_func("/history/left-open", test_left_open);
	g_test_add_func("/history/acts-without-result", test_acts_without_result);
	g_test_add_func("/history/mode-and-owner", test_mode_and_owner);
	g_test_add_func("/history/second-guard", test_second_guard);
	g_test_add_func("/history/newer-schema", test_newer_schema);
	g_test_add_func("/history/other-files", test_other_files);
	g_test_add_func("/history/reader-errors", test_reader_errors);
	g_test_add_func("/history/migration", test_migration);
	g_test_add_func("/history/damaged-documents", test_damaged_documents);
	return g_test_run();
}
