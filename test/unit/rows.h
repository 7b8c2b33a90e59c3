#ifndef PGUNLOCK_TEST_ROWS_H
#define PGUNLOCK_TEST_ROWS_H

/* Answers of a server in binary, written down by hand. */

#include "pg/libpq.h"

#include <glib.h>

/* A letter a column: b bool, c "char", d int2, i int4, o oid, x xid, t text, z timestamptz,
 * a int4[]. */
PGresult *rows_new(const char *types);
/* The same with columns in text form. */
PGresult *rows_new_as_text(const char *types);
/* Texts in text form, in columns of these names, separated by blanks. */
PGresult *rows_new_named(const char *names);

/* Sets a value of the row, which is added when it isn't there. Numbers are written with the
 * length that goes with the column's type. */
void rows_set_bytes(PGresult *rows, int row, int column, const void *bytes, int length);
void rows_set_number(PGresult *rows, int row, int column, gint64 number);
void rows_set_text(PGresult *rows, int row, int column, const char *text);
void rows_set_null(PGresult *rows, int row, int column);

#endif
