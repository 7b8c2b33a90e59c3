#include "history/database.h"

#include "base/error.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "history/migrate.h"
#include "history/sql_texts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_MODE = 0640,
	BUSY_TIMEOUT_MS = 5000,
	MOST_LOG_BYTES = 64 << 20, /* of the write-ahead log, after a checkpoint */
	PAGES_SHRUNK_AT_ONCE = 1000,
};

static const char *const statements[DATABASE_N_STATEMENTS] = {
    [SQL_STATEMENT_PUT_INCIDENT] = SQL_PUT_INCIDENT,
    [SQL_STATEMENT_PUT_WAITER] = SQL_PUT_WAITER,
    [SQL_STATEMENT_PUT_CONCERNED] = SQL_PUT_CONCERNED,
    [SQL_STATEMENT_PUT_GAP] = SQL_PUT_GAP,
    [SQL_STATEMENT_PUT_STATEMENT] = SQL_PUT_STATEMENT,
    [SQL_STATEMENT_PUT_ACT] = SQL_PUT_ACT,
    [SQL_STATEMENT_SETTLE_ACT] = SQL_SETTLE_ACT,
    [SQL_STATEMENT_ABANDON_ACTS] = SQL_ABANDON_ACTS,
    [SQL_STATEMENT_PUT_NOTICE] = SQL_PUT_NOTICE,
    [SQL_STATEMENT_PUT_SAMPLE] = SQL_PUT_SAMPLE,
    [SQL_STATEMENT_END_INCIDENT] = SQL_END_INCIDENT,
    [SQL_STATEMENT_END_WAITS] = SQL_END_WAITS,
    [SQL_STATEMENT_LAST_INCIDENT] = SQL_LAST_INCIDENT,
    [SQL_STATEMENT_LAST_ACT] = SQL_LAST_ACT,
    [SQL_STATEMENT_OPEN_INCIDENTS] = SQL_OPEN_INCIDENTS,
    [SQL_STATEMENT_GET_INCIDENT] = SQL_GET_INCIDENT,
    [SQL_STATEMENT_LIST_INCIDENTS] = SQL_LIST_INCIDENTS,
    [SQL_STATEMENT_GET_WAITERS] = SQL_GET_WAITERS,
    [SQL_STATEMENT_COUNT_WAITERS] = SQL_COUNT_WAITERS,
    [SQL_STATEMENT_GET_CONCERNED] = SQL_GET_CONCERNED,
    [SQL_STATEMENT_GET_GAPS] = SQL_GET_GAPS,
    [SQL_STATEMENT_GET_STATEMENTS] = SQL_GET_STATEMENTS,
    [SQL_STATEMENT_GET_ACTS] = SQL_GET_ACTS,
    [SQL_STATEMENT_LIST_ACTS] = SQL_LIST_ACTS,
    [SQL_STATEMENT_GET_NOTICES] = SQL_GET_NOTICES,
    [SQL_STATEMENT_GET_NEXT] = SQL_GET_NEXT,
    [SQL_STATEMENT_GET_SAMPLES] = SQL_GET_SAMPLES,
    [SQL_STATEMENT_FORGET_INCIDENTS] = SQL_FORGET_INCIDENTS,
    [SQL_STATEMENT_FORGET_ACTS] = SQL_FORGET_ACTS,
    [SQL_STATEMENT_FORGET_NOTICES] = SQL_FORGET_NOTICES,
    [SQL_STATEMENT_FORGET_SAMPLES] = SQL_FORGET_SAMPLES,
    [SQL_STATEMENT_OLDEST_END] = SQL_OLDEST_END,
    [SQL_STATEMENT_OLDEST_SAMPLE] = SQL_OLDEST_SAMPLE,
};

struct Database {
	sqlite3 *sqlite;
	char *path;
	DatabaseRole role;
	int lock_fd; /* of a writer, else -1 */
	int last_code;
	sqlite3_stmt *prepared[DATABASE_N_STATEMENTS]; /* NULL: not yet */
};

/* --- errors --------------------------------------------------------------------------------- */

#define CANT_OPEN_HINT "check that its folder is there, and the owner and the mode of both"

/* What to do about it, by SQLite's primary result code. */
static const struct {
	int code;
	const char *hint;
} hints[] = {
    {SQLITE_FULL, "make room on that file system, or keep less: keep = 30d in the policy file"},
    {SQLITE_READONLY, "the file, or its folder, can't be written to: check its owner and mode, and "
                      "that the file system isn't mounted read-only"},
    {SQLITE_PERM, "check the owner and the mode of the file and its folder"},
    {SQLITE_CANTOPEN, CANT_OPEN_HINT},
    {SQLITE_IOERR, "the disk or the file system is in trouble: see the kernel's log"},
    {SQLITE_CORRUPT, "the file is damaged: move it away, a new one is made; sqlite3 FILE .recover "
                     "saves what can be saved"},
    {SQLITE_NOTADB, "it is no history of pgunlock: name another file"},
    {SQLITE_BUSY, "another program has locked the file for long"},
};

static void set_error(Database *database, int code, const char *what, GError **error)
{
	int primary = code & 0xff;
	int system = sqlite3_system_errno(database->sqlite);
	gboolean has_reason = system != 0 && (primary == SQLITE_CANTOPEN || primary == SQLITE_IOERR);

	database->last_code = code;
	error_set(error, PGUNLOCK_ERROR_FAILED, "cannot %s %s: %s%s%s", what, database->path,
	          sqlite3_errstr(primary), has_reason ? ": " : "",
	          has_reason ? g_strerror(system) : "");
	for (guint i = 0; i < G_N_ELEMENTS(hints); i++)
		if (hints[i].code == primary)
			error_set_hint(error, "%s", hints[i].hint);
}

gboolean database_is_hopeless(const Database *database)
{
	int primary = database->last_code & 0xff;

	return primary == SQLITE_CONSTRAINT || primary == SQLITE_TOOBIG || primary == SQLITE_MISMATCH ||
	       primary == SQLITE_RANGE;
}

static gboolean execute(Database *database, const char *sql, const char *what, GError **error)
{
	int code = sqlite3_exec(database->sqlite, sql, NULL, NULL, NULL);

	if (code != SQLITE_OK)
		set_error(database, code, what, error);
	return code == SQLITE_OK;
}

/* A pragma that gives one number. */
static gboolean read_pragma(Database *database, const char *sql, gint64 *value, GError **error)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(database->sqlite, sql, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		*value = sqlite3_column_int64(statement, 0);
	else
		set_error(database, code, "read", error);
	sqlite3_finalize(statement);
	return code == SQLITE_ROW;
}

/* --- opening -------------------------------------------------------------------------------- */

/* Why a file of the history couldn't be opened, as errno tells it, and what makes it possible. */
static void cannot_open(const char *path, int reason, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *quoted = text_shell_quote(folder);

	error_set(error, PGUNLOCK_ERROR_FAILED, "cannot open %s: %s", path, g_strerror(reason));
	if (reason == ENOENT)
		error_set_hint(error,
		               "there is no folder %s: mkdir -p %s makes it, for the guard's user "
		               "(under systemd StateDirectory= in the unit does)",
		               folder, quoted);
	else
		error_set_hint(error, "the guard's user must be allowed to write to %s", folder);
}

/* Two guards on one file would each take the other's incidents for those that a crash left behind.
 * A file of its own: closing any descriptor of the database would drop SQLite's own locks. */
static gboolean lock_for_writing(Database *database, GError **error)
{
	g_autofree char *path = g_strconcat(database->path, ".lock", NULL);

	database->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (database->lock_fd < 0) {
		cannot_open(path, errno, error);
		return FALSE;
	}
	if (flock(database->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		error_set(error, PGUNLOCK_ERROR_FAILED, "cannot write to %s: another guard does",
		          database->path);
		error_set_hint(error,
		               "each guard has a file of its own: history = FILE in the policy file");
		return FALSE;
	}
	return TRUE;
}

/* SQLite would make it readable for everybody; the files beside it get the mode of this one. */
static gboolean make_file(Database *database, GError **error)
{
	int fd = open(database->path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);

	if (fd < 0) {
		error_set(error, PGUNLOCK_ERROR_FAILED, "cannot open %s: %s", database->path,
		          g_strerror(errno));
		error_set_hint(error, CANT_OPEN_HINT);
		return FALSE;
	}
	close(fd);
	return TRUE;
}

static gboolean connect(Database *database, GError **error)
{
	int flags = database->role == DATABASE_WRITES ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
	int code =
	    sqlite3_open_v2(database->path, &database->sqlite, flags | SQLITE_OPEN_NOMUTEX, NULL);

	if (code != SQLITE_OK) {
		set_error(database, code, "open", error);
		return FALSE;
	}
	sqlite3_extended_result_codes(database->sqlite, 1);
	sqlite3_busy_timeout(database->sqlite, BUSY_TIMEOUT_MS);
	/* What is written in the file's schema isn't trusted to call anything. */
	sqlite3_db_config(database->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(database->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return TRUE;
}

static gboolean prepare_for_writing(Database *database, GError **error)
{
	int keep_log = 1;
	g_autofree char *pragmas =
	    g_strdup_printf("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; "
	                    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
	                    "PRAGMA journal_size_limit = %d",
	                    MOST_LOG_BYTES);

	if (!execute(database, pragmas, "open", error))
		return FALSE;
	/* Who may only read the file can't make the log and the shared memory that reading takes: they
	 * stay when the guard ends. */
	sqlite3_file_control(database->sqlite, NULL, SQLITE_FCNTL_PERSIST_WAL, &keep_log);
	return TRUE;
}

static gboolean is_empty(Database *database, gint64 *application, gint64 *version, gboolean *empty,
                         GError **error)
{
	gint64 pages;

	if (!read_pragma(database, "PRAGMA page_count", &pages, error) ||
	    !read_pragma(database, "PRAGMA application_id", application, error) ||
	    !read_pragma(database, "PRAGMA user_version", version, error))
		return FALSE;
	/* Switching to the write-ahead log writes the first page. */
	*empty = pages <= 1 && *application == 0 && *version == 0;
	return TRUE;
}

static gboolean check_schema(Database *database, GError **error)
{
	gint64 application, version;
	gboolean empty;
	int code;

	if (!is_empty(database, &application, &version, &empty, error))
		return FALSE;
	if (!empty && application != HISTORY_APPLICATION_ID) {
		error_set(error, PGUNLOCK_ERROR_FAILED, "%s is no history of pgunlock", database->path);
		error_set_hint(error, "it is another program's database: name another file");
		return FALSE;
	}
	if (version > schema_version()) {
		error_set(error, PGUNLOCK_ERROR_FAILED,
		          "%s was written by a newer pgunlock: its schema is version %" G_GINT64_FORMAT
		          ", this one knows up to %u",
		          database->path, version, schema_version());
		error_set_hint(error, "install that version, or name another file");
		return FALSE;
	}
	if (version == schema_version())
		return TRUE;
	if (database->role == DATABASE_READS) {
		error_set(error, PGUNLOCK_ERROR_FAILED,
		          empty ? "%s is empty: no guard has written to it yet"
		                : "%s was written by an older pgunlock",
		          database->path);
		error_set_hint(error, empty ? "\"pgunlock guard\" does"
		                            : "the guard of this version brings it up to date when it "
		                              "starts");
		return FALSE;
	}
	if (!schema_migrate(database->sqlite, (guint) version, schema_version(), &code)) {
		set_error(database, code, "bring up to date", error);
		return FALSE;
	}
	return TRUE;
}

/* SQLite would take it for trouble of the disk. */
static gboolean check_no_folder(const char *path, DatabaseRole role, GError **error)
{
	struct stat facts;

	if (stat(path, &facts) < 0 || !S_ISDIR(facts.st_mode))
		return TRUE;
	g_autofree char *inside = g_build_filename(path, "history.db", NULL);
	g_autofree char *quoted = text_shell_quote(inside);

	error_set(error, PGUNLOCK_ERROR_FAILED, "%s is a directory, a history is a file", path);
	if (role == DATABASE_READS)
		error_set_hint(error, "name the file: --history %s", quoted);
	else
		error_set_hint(error, "name a file in it: history = %s in the policy file", inside);
	return FALSE;
}

static gboolean check_there(const char *path, GError **error)
{
	if (access(path, F_OK) == 0 || errno != ENOENT)
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_NOT_FOUND, "there is no history %s", path);
	error_set_hint(error, "a guard writes it: \"pgunlock guard\"; another file is named with "
	                      "--history FILE");
	return FALSE;
}

gboolean database_check_place(const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);

	if (!check_no_folder(path, DATABASE_WRITES, error))
		return FALSE;
	if (g_file_test(folder, G_FILE_TEST_IS_DIR))
		return TRUE;
	cannot_open(path, ENOENT, error);
	return FALSE;
}

Database *database_open(const char *path, DatabaseRole role, GError **error)
{
	g_autoptr(Database) database = g_new0(Database, 1);

	database->path = g_strdup(path);
	database->role = role;
	database->lock_fd = -1;
	if (!check_no_folder(path, role, error) ||
	    (role == DATABASE_READS && !check_there(path, error)))
		return NULL;
	if (role == DATABASE_WRITES &&
	    (!lock_for_writing(database, error) || !make_file(database, error)))
		return NULL;
	if (!connect(database, error) ||
	    (role == DATABASE_WRITES && !prepare_for_writing(database, error)) ||
	    !check_schema(database, error))
		return NULL;
	return g_steal_pointer(&database);
}

void database_free(Database *database)
{
	if (database == NULL)
		return;
	for (guint i = 0; i < DATABASE_N_STATEMENTS; i++)
		sqlite3_finalize(database->prepared[i]);
	sqlite3_close(database->sqlite);
	if (database->lock_fd >= 0)
		close(database->lock_fd);
	g_free(database->path);
	g_free(database);
}

const char *database_path(const Database *database)
{
	return database->path;
}

gboolean database_has_moved(Database *database)
{
	int has_moved = 0;

	return sqlite3_file_control(database->sqlite, NULL, SQLITE_FCNTL_HAS_MOVED, &has_moved) ==
	           SQLITE_OK &&
	       has_moved != 0;
}

/* --- transactions and queries --------------------------------------------------------------- */

gboolean database_begin(Database *database, GError **error)
{
	const char *sql = database->role == DATABASE_WRITES ? "BEGIN IMMEDIATE" : "BEGIN";

	return execute(database, sql, database->role == DATABASE_WRITES ? "write to" : "read", error);
}

gboolean database_commit(Database *database, GError **error)
{
	if (execute(database, "COMMIT", "write to", error))
		return TRUE;
	database_roll_back(database);
	return FALSE;
}

void database_roll_back(Database *database)
{
	/* Some errors have rolled it back already. */
	if (!sqlite3_get_autocommit(database->sqlite))
		sqlite3_exec(database->sqlite, "ROLLBACK", NULL, NULL, NULL);
}

gint64 database_changes(const Database *database)
{
	return sqlite3_changes64(database->sqlite);
}

static void note(Query *query, int code)
{
	if (query->code == SQLITE_OK)
		query->code = code;
}

void query_begin(Query *query, Database *database, DatabaseStatement which)
{
	sqlite3_stmt **prepared = &database->prepared[which];

	*query = (Query){.database = database, .code = SQLITE_OK};
	if (*prepared == NULL)
		note(query, sqlite3_prepare_v3(database->sqlite, statements[which], -1,
		                               SQLITE_PREPARE_PERSISTENT, prepared, NULL));
	query->statement = *prepared;
}

static int parameter(Query *query, const char *name)
{
	return query->statement != NULL ? sqlite3_bind_parameter_index(query->statement, name) : 0;
}

void query_bind_int(Query *query, const char *name, gint64 value)
{
	if (query->code == SQLITE_OK)
		note(query, sqlite3_bind_int64(query->statement, parameter(query, name), value));
}

void query_bind_text(Query *query, const char *name, const char *text)
{
	if (query->code == SQLITE_OK)
		note(query,
		     sqlite3_bind_text(query->statement, parameter(query, name), text, -1, SQLITE_STATIC));
}

void query_bind_time(Query *query, const char *name, gint64 time)
{
	/* What isn't bound is NULL. */
	if (time != TIMESTAMP_NONE)
		query_bind_int(query, name, time);
}

gboolean query_next(Query *query)
{
	if (query->code != SQLITE_OK)
		return FALSE;
	int code = sqlite3_step(query->statement);

	query->column = 0;
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		note(query, code);
	return code == SQLITE_ROW;
}

gint64 query_int(Query *query)
{
	return sqlite3_column_int64(query->statement, query->column++);
}

gint64 query_time(Query *query)
{
	int column = query->column++;

	return sqlite3_column_type(query->statement, column) == SQLITE_NULL
	           ? TIMESTAMP_NONE
	           : sqlite3_column_int64(query->statement, column);
}

char *query_text(Query *query)
{
	int column = query->column++;
	const char *text = (const char *) sqlite3_column_text(query->statement, column);

	return text != NULL ? text_repair(text, (gsize) sqlite3_column_bytes(query->statement, column))
	                    : NULL;
}

gboolean query_end(Query *query, const char *what, GError **error)
{
	if (query->statement != NULL) {
		sqlite3_reset(query->statement);
		sqlite3_clear_bindings(query->statement);
	}
	if (query->code == SQLITE_OK)
		return TRUE;
	set_error(query->database, query->code, what, error);
	return FALSE;
}

gboolean query_run(Query *query, const char *what, GError **error)
{
	while (query_next(query))
		continue;
	return query_end(query, what, error);
}

/* --- size ----------------------------------------------------------------------------------- */

gboolean database_used_bytes(Database *database, gint64 *bytes, GError **error)
{
	gint64 pages, free_pages, page_size;

	if (!read_pragma(database, "PRAGMA page_count", &pages, error) ||
	    !read_pragma(database, "PRAGMA freelist_count", &free_pages, error) ||
	    !read_pragma(database, "PRAGMA page_size", &page_size, error))
		return FALSE;
	*bytes = (pages - free_pages) * page_size;
	return TRUE;
}

gboolean database_shrink(Database *database, GError **error)
{
	g_autofree char *sql = g_strdup_printf("PRAGMA incremental_vacuum(%d)", PAGES_SHRUNK_AT_ONCE);

	return execute(database, sql, "shrink", error);
}

void database_limit_pages(Database *database, guint pages)
{
	g_autofree char *sql = g_strdup_printf("PRAGMA max_page_count = %u", pages);

	sqlite3_exec(database->sqlite, sql, NULL, NULL, NULL);
}
