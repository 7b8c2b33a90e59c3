#include "pg/row_reader.h"

#include "base/error.h"
#include "base/timestamp.h"

#include <string.h>

gboolean pg_columns_check(const PGresult *result, const PgColumn *columns, guint n_columns,
                          const char *purpose, GError **error)
{
	if (PQnfields(result) != (int) n_columns) {
		error_set(error, PGUNLOCK_ERROR_FAILED, "%s: the answer has %d columns instead of %u",
		          purpose, PQnfields(result), n_columns);
		return FALSE;
	}
	for (guint i = 0; i < n_columns; i++) {
		if (PQftype(result, (int) i) == (Oid) columns[i].type && PQfformat(result, (int) i) == 1)
			continue;
		error_set(error, PGUNLOCK_ERROR_FAILED,
		          "%s: column %s of the answer is of type %u instead of %u", purpose,
		          columns[i].name, PQftype(result, (int) i), (guint) columns[i].type);
		return FALSE;
	}
	return TRUE;
}

gboolean row_is_null(const RowReader *reader, guint column)
{
	return PQgetisnull(reader->result, reader->row, (int) column) != 0;
}

/* The bytes of a value of a fixed length; NULL for SQL's NULL. */
static const guint8 *fixed_value(RowReader *reader, guint column, int length)
{
	if (row_is_null(reader, column))
		return NULL;
	if (PQgetlength(reader->result, reader->row, (int) column) != length) {
		reader->is_malformed = TRUE;
		return NULL;
	}
	return (const guint8 *) PQgetvalue(reader->result, reader->row, (int) column);
}

static guint32 read_32(const guint8 *bytes)
{
	guint32 network;

	memcpy(&network, bytes, sizeof(network));
	return GUINT32_FROM_BE(network);
}

gboolean row_bool(RowReader *reader, guint column)
{
	const guint8 *bytes = fixed_value(reader, column, 1);

	return bytes != NULL && bytes[0] != 0;
}

char row_char(RowReader *reader, guint column)
{
	const guint8 *bytes = fixed_value(reader, column, 1);

	return (char) (bytes != NULL ? bytes[0] : 0);
}

gint16 row_int2(RowReader *reader, guint column)
{
	const guint8 *bytes = fixed_value(reader, column, 2);
	guint16 network = 0;

	if (bytes != NULL)
		memcpy(&network, bytes, sizeof(network));
	return (gint16) GUINT16_FROM_BE(network);
}

gint32 row_int4(RowReader *reader, guint column)
{
	return (gint32) row_oid(reader, column);
}

guint32 row_oid(RowReader *reader, guint column)
{
	const guint8 *bytes = fixed_value(reader, column, 4);

	return bytes != NULL ? read_32(bytes) : 0;
}

void row_tid(RowReader *reader, guint column, guint32 *page, guint16 *tuple)
{
	const guint8 *bytes = fixed_value(reader, column, 6);

	*page = bytes != NULL ? read_32(bytes) : 0;
	*tuple = (guint16) (bytes != NULL ? (bytes[4] << 8) | bytes[5] : 0);
}

gint64 row_timestamp(RowReader *reader, guint column)
{
	const guint8 *bytes = fixed_value(reader, column, 8);
	guint64 network;

	if (bytes == NULL)
		return TIMESTAMP_NONE;
	memcpy(&network, bytes, sizeof(network));
	return timestamp_from_postgres((gint64) GUINT64_FROM_BE(network));
}

const char *row_text(RowReader *reader, guint column)
{
	if (row_is_null(reader, column))
		return NULL;
	/* libpq puts a NUL behind every value. */
	const char *text = PQgetvalue(reader->result, reader->row, (int) column);
	int length = PQgetlength(reader->result, reader->row, (int) column);

	if (memchr(text, '\0', (gsize) length) != NULL)
		reader->is_malformed = TRUE;
	return text;
}

/* array_send in arrayfuncs.c: number of dimensions, whether there are NULLs, type of the elements;
 * a dimension's length and lower bound; then each element's length and bytes. An empty array has no
 * dimension. */
void row_int4s(RowReader *reader, guint column, GArray *numbers)
{
	enum { HEADER = 12, DIMENSION = 8, ELEMENT = 8 };
	gint64 length = PQgetlength(reader->result, reader->row, (int) column);
	const guint8 *bytes = (const guint8 *) PQgetvalue(reader->result, reader->row, (int) column);

	if (row_is_null(reader, column))
		return;
	if (length == HEADER && read_32(bytes) == 0)
		return;
	if (length < HEADER + DIMENSION || read_32(bytes) != 1 || read_32(bytes + 4) != 0 ||
	    read_32(bytes + 8) != PG_TYPE_INT4 ||
	    length != HEADER + DIMENSION + (gint64) read_32(bytes + HEADER) * ELEMENT) {
		reader->is_malformed = TRUE;
		return;
	}
	for (const guint8 *element = bytes + HEADER + DIMENSION; element < bytes + length;
	     element += ELEMENT) {
		gint32 number = (gint32) read_32(element + 4);

		if (read_32(element) != 4)
			reader->is_malformed = TRUE;
		g_array_append_val(numbers, number);
	}
}

void row_malformed(const RowReader *reader, const char *purpose, GError **error)
{
	error_set(error, PGUNLOCK_ERROR_FAILED, "%s: row %d of the answer makes no sense", purpose,
	          reader->row + 1);
}
