#ifndef PGUNLOCK_HISTORY_DATABASE_H
#define PGUNLOCK_HISTORY_DATABASE_H

/* The SQLite file of a history: how it is opened, its schema, its statements. Internal to the room:
 * history.h and reader.h are its doors. All of it waits for the disk. */

#include <glib.h>
#include <sqlite3.h>

typedef struct Database Database;

typedef enum {
	DATABASE_READS,  /* changes nothing, and doesn't make the file */
	DATABASE_WRITES, /* makes the file, brings its schema up to date; one at a time */
} DatabaseRole;

/* A row of the table of statements: schema/NAME.sql. */
typedef enum {
	SQL_STATEMENT_PUT_INCIDENT,
	SQL_STATEMENT_PUT_WAITER,
	SQL_STATEMENT_PUT_CONCERNED,
	SQL_STATEMENT_PUT_GAP,
	SQL_STATEMENT_PUT_STATEMENT,
	SQL_STATEMENT_PUT_ACT,
	SQL_STATEMENT_SETTLE_ACT,
	SQL_STATEMENT_ABANDON_ACTS,
	SQL_STATEMENT_PUT_NOTICE,
	SQL_STATEMENT_PUT_SAMPLE,
	SQL_STATEMENT_END_INCIDENT,
	SQL_STATEMENT_END_WAITS,
	SQL_STATEMENT_LAST_INCIDENT,
	SQL_STATEMENT_LAST_ACT,
	SQL_STATEMENT_OPEN_INCIDENTS,
	SQL_STATEMENT_GET_INCIDENT,
	SQL_STATEMENT_LIST_INCIDENTS,
	SQL_STATEMENT_GET_WAITERS,
	SQL_STATEMENT_COUNT_WAITERS,
	SQL_STATEMENT_GET_CONCERNED,
	SQL_STATEMENT_GET_GAPS,
	SQL_STATEMENT_GET_STATEMENTS,
	SQL_STATEMENT_GET_ACTS,
	SQL_STATEMENT_LIST_ACTS,
	SQL_STATEMENT_GET_NOTICES,
	SQL_STATEMENT_GET_NEXT,
	SQL_STATEMENT_GET_SAMPLES,
	SQL_STATEMENT_FORGET_INCIDENTS,
	SQL_STATEMENT_FORGET_ACTS,
	SQL_STATEMENT_FORGET_NOTICES,
	SQL_STATEMENT_FORGET_SAMPLES,
	SQL_STATEMENT_OLDEST_END,
	SQL_STATEMENT_OLDEST_SAMPLE,
} DatabaseStatement;
#define DATABASE_N_STATEMENTS (SQL_STATEMENT_OLDEST_SAMPLE + 1)

/* See history_check_place. */
gboolean database_check_place(const char *path, GError **error);

/* See history_open and history_reader_open for the errors. */
Database *database_open(const char *path, DatabaseRole role, GError **error);
void database_free(Database *database);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Database, database_free)

const char *database_path(const Database *database);

/* Whether its path leads to another file by now, or to none: what is written would be in nobody's
 * sight. */
gboolean database_has_moved(Database *database);

/* FALSE, an error, and nothing of it is done. */
gboolean database_begin(Database *database, GError **error);
gboolean database_commit(Database *database, GError **error);
void database_roll_back(Database *database);
/* Whether the last failure was of what was to be written, and not of the file or the disk: to try
 * it again is of no use. */
gboolean database_is_hopeless(const Database *database);

/* A prepared statement of a database: bind its parameters, step through its rows, and end it, which
 * gives it back. Kept on the stack. An error in any step is kept and told by query_next or
 * query_end. */
typedef struct {
	Database *database;
	sqlite3_stmt *statement; /* NULL: it couldn't be prepared */
	int code;                /* SQLITE_OK, or the first error */
	int column;              /* the next one to be read */
} Query;

void query_begin(Query *query, Database *database, DatabaseStatement which);
/* Parameters by their names, ":id". Texts are borrowed until the query ends; they should be valid
 * UTF-8. */
void query_bind_int(Query *query, const char *name, gint64 value);
void query_bind_text(Query *query, const char *name, const char *text);
/* NULL for TIMESTAMP_NONE. */
void query_bind_time(Query *query, const char *name, gint64 time);
/* Whether there is another row; FALSE also after an error. */
gboolean query_next(Query *query);
/* The columns of a row, one after the other. Texts are the caller's, repaired to UTF-8. */
gint64 query_int(Query *query);
gint64 query_time(Query *query);
char *query_text(Query *query);
/* FALSE and an error when any step failed. what: "write incident 17". */
gboolean query_end(Query *query, const char *what, GError **error);
/* All rows skipped: for what gives none. */
gboolean query_run(Query *query, const char *what, GError **error);

/* Rows that the last query inserted, changed or deleted, without those of cascades. */
gint64 database_changes(const Database *database);

/* Bytes that the file has in use, without what is free in it. */
gboolean database_used_bytes(Database *database, gint64 *bytes, GError **error);
/* Gives free pages back to the file system, some at a time. */
gboolean database_shrink(Database *database, GError **error);

/* For tests of a full disk: the file may not grow beyond so many pages. */
void database_limit_pages(Database *database, guint pages);

#endif
