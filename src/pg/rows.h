#ifndef PGUNLOCK_PG_ROWS_H
#define PGUNLOCK_PG_ROWS_H

/*
 * Reads the rows that a person names, with what their headers tell of who locked them: without
 * waiting for a row lock, and without an extension. (pgrowlocks and pageinspect are asked for the
 * modes where they are installed and our role may use them.)
 *
 * The condition is the person's own SQL. It runs with the search_path that a session of the role
 * begins with, read only, with lock_timeout 50 ms and statement_timeout 2 s, and whatever it does
 * to the session's settings stays in this connection: nothing else must be asked through it.
 */

#include "base/row_ref.h"
#include "model/row_set.h"
#include "pg/connection.h"

#include <glib.h>

/* Exactly one of rows and error is set; both are the callee's. Errors: USAGE when the condition is
 * wrong or the table is none whose rows are locked, NOT_FOUND when there is no such table, REFUSED
 * on a standby and when our role may not read the table, else FAILED. */
typedef void (*PgRowsDone)(RowSet *rows, GError *error, gpointer user_data);

/* ref is copied. At most limit rows are read; the set says when more match. locked_hint: that of
 * the error when the table is locked; copied. timeout_us: for all of it. */
void pg_read_rows(PgConnection *connection, const RowRef *ref, guint limit, const char *locked_hint,
                  gint64 timeout_us, PgRowsDone done, gpointer user_data);

#endif
