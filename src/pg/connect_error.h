#ifndef PGUNLOCK_PG_CONNECT_ERROR_H
#define PGUNLOCK_PG_CONNECT_ERROR_H

/* What went wrong while connecting, out of libpq's several lines of text. */

#include <glib.h>

/* What libpq's text begins with for each place that it has tried. */
#define CONNECT_PLACE_TRIED "connection to server "

/* What helps when nobody gets in. */
#define HINT_KILL                                                                                  \
	"on the server's own host, ps -ef | grep 'idle in transaction' finds sessions that keep what " \
	"they have and do nothing; `kill PID` ends one as terminate would, never kill -9, which "      \
	"restarts the whole server"
/* What helps when a system catalog is locked. */
#define HINT_LOCKED_CATALOG                                                                        \
	"if that is one of this database alone (pg_class), -d OTHERDATABASE gets in; a session that "  \
	"is open already can still look and terminate; " HINT_KILL

/* One place that was tried. */
typedef struct {
	char *place;      /* "db1:5432" */
	char *text;       /* why it didn't work, one line, valid UTF-8 */
	char sqlstate[6]; /* "" when the server said nothing */
	const char *hint; /* static, or NULL */
} ConnectFailure;

void connect_failure_free(ConnectFailure *failure);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConnectFailure, connect_failure_free)

/* text is repaired to UTF-8 and copied; hint is the one that fits the SQLSTATE or the system's
 * error. */
ConnectFailure *connect_failure_new(const char *place, const char *text, const char *sqlstate);

/* In place of libpq's words: text is copied, hint static. */
void connect_failure_set_text(ConnectFailure *failure, const char *text, const char *hint);

/* Puts the database in front of the place. For when several databases were tried there. */
void connect_failure_set_database(ConnectFailure *failure, const char *database);

/* Appends failure to failures (of ConnectFailure), or lets it take the place of an earlier one of
 * the same place that tells less. Owned by failures then. */
void connect_failures_add(GPtrArray *failures, ConnectFailure *failure);

/* Appends to failures (of ConnectFailure, with connect_failure_free) what a message of
 * PQerrorMessage in verbose form (PQERRORS_VERBOSE) tells. Text that doesn't name the place that
 * was tried stands for place; a message that tells nothing adds nothing. places (of PgPlace, or
 * NULL): there an address has its host's name.
 */
void connect_failures_parse(GPtrArray *failures, const char *message, const char *place,
                            const GPtrArray *places);

/* Appends one for each name that has no address, as PgLookupDone tells them. */
void connect_failures_add_problems(GPtrArray *failures, const GPtrArray *problems);

/* One error of the code CONNECT out of all: the last one decides on SQLSTATE and hint. failures
 * mustn't be empty. */
void connect_error_set(GError **error, const GPtrArray *failures);

#endif
