#ifndef PGUNLOCK_PG_ROW_READER_H
#define PGUNLOCK_PG_ROW_READER_H

/*
 * Reads binary rows without trusting them: a value of the wrong length makes the row malformed, and
 * never reads beyond what was received. The forms are those of the types' send functions
 * (src/backend/utils/adt).
 */

#include "pg/libpq.h"

#include <glib.h>

/* Types by oid (src/include/catalog/pg_type.dat): built in, the same on every server. */
typedef enum {
	PG_TYPE_BOOL = 16,
	PG_TYPE_CHAR = 18,
	PG_TYPE_INT2 = 21,
	PG_TYPE_INT4 = 23,
	PG_TYPE_TEXT = 25,
	PG_TYPE_OID = 26,
	PG_TYPE_TID = 27,
	PG_TYPE_XID = 28,
	PG_TYPE_INT4_ARRAY = 1007,
	PG_TYPE_TIMESTAMPTZ = 1184,
} PgType;

typedef struct {
	const char *name; /* for errors */
	PgType type;
} PgColumn;

/* Whether the result has exactly these columns, in binary. If not, an error: purpose as in
 * "reading the locks". */
gboolean pg_columns_check(const PGresult *result, const PgColumn *columns, guint n_columns,
                          const char *purpose, GError **error);

/* One row. Once is_malformed is set, what was read means nothing. */
typedef struct {
	const PGresult *result;
	int row;
	gboolean is_malformed;
} RowReader;

gboolean row_is_null(const RowReader *reader, guint column);
/* NULL gives FALSE, 0, TIMESTAMP_NONE, NULL. */
gboolean row_bool(RowReader *reader, guint column);
char row_char(RowReader *reader, guint column);
gint16 row_int2(RowReader *reader, guint column);
gint32 row_int4(RowReader *reader, guint column);
guint32 row_oid(RowReader *reader, guint column); /* xid too */
/* A ctid: block and line pointer (tidsend in src/backend/utils/adt/tid.c). */
void row_tid(RowReader *reader, guint column, guint32 *page, guint16 *tuple);
gint64 row_timestamp(RowReader *reader, guint column);
/* Any bytes but NUL, ending with NUL. Borrowed from the result. */
const char *row_text(RowReader *reader, guint column);
/* Appends the elements of a one-dimensional array without NULLs to numbers (of gint32). */
void row_int4s(RowReader *reader, guint column, GArray *numbers);

/* Sets the error for a malformed row. */
void row_malformed(const RowReader *reader, const char *purpose, GError **error);

#endif
