#ifndef PGUNLOCK_BASE_ERROR_H
#define PGUNLOCK_BASE_ERROR_H

/*
 * The one error domain of pgunlock. An error says what was tried and what came back (message), may
 * carry the server's SQLSTATE, and may carry one line that says what to do (hint). Errors are
 * passed up as GError and printed once, at the top.
 */

#include <glib.h>

/* The codes are the exit codes of the command line, so that no second table maps one to the other.
 */
typedef enum {
	PGUNLOCK_ERROR_FAILED =
	    1, /* a query failed, a connection was lost, the server's answer makes no sense */
	PGUNLOCK_ERROR_USAGE = 2,     /* wrong options or arguments */
	PGUNLOCK_ERROR_NOT_FOUND = 3, /* no such table, session, ... */
	PGUNLOCK_ERROR_NOT_FREED = 4, /* acted, but the lock is still there */
	PGUNLOCK_ERROR_REFUSED = 5, /* protected, pointless, lacks a privilege, or the person said no */
	PGUNLOCK_ERROR_CONNECT = 6, /* no usable connection */
	PGUNLOCK_ERROR_INTERRUPTED = 130 /* Ctrl-C */
} PgunlockError;

#define PGUNLOCK_ERROR (pgunlock_error_quark())
GQuark pgunlock_error_quark(void);

/* Sets *error (unless error is NULL) to a new error of this domain. Messages start with a
 * lower-case letter and end without a full stop, as PostgreSQL's own do. Messages and hints are
 * repaired to valid UTF-8, but are not yet safe for a terminal. */
void error_set(GError **error, PgunlockError code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Gives *error a hint. Does nothing when error or *error is NULL or another domain's. A later hint
 * replaces an earlier one. */
void error_set_hint(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Gives *error the SQLSTATE (five characters) that the server sent; NULL and anything else is
 * ignored. */
void error_set_sqlstate(GError **error, const char *sqlstate);

/* The hint and the SQLSTATE, or NULL. Borrowed from the error; NULL also for errors of other
 * domains. */
const char *error_hint(const GError *error);
const char *error_sqlstate(const GError *error);

/* The exit code that goes with an error: its code in this domain, 1 for any other domain. */
int error_exit_code(const GError *error);

#endif
