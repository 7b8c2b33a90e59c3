#include "rows.h"

#include "pg/row_reader.h"

#include <string.h>

static const struct {
	char letter;
	PgType type;
	int length;
} TYPES[] = {
    {'b', PG_TYPE_BOOL, 1}, {'c', PG_TYPE_CHAR, 1},        {'d', PG_TYPE_INT2, 2},
    {'i', PG_TYPE_INT4, 4}, {'o', PG_TYPE_OID, 4},         {'x', PG_TYPE_XID, 4},
    {'t', PG_TYPE_TEXT, 0}, {'z', PG_TYPE_TIMESTAMPTZ, 8}, {'a', PG_TYPE_INT4_ARRAY, 0},
};

static PgType type_of(char letter)
{
	for (guint i = 0; i < G_N_ELEMENTS(TYPES); i++)
		if (TYPES[i].letter == letter)
			return TYPES[i].type;
	g_error("no column type %c", letter);
}

static PGresult *new_rows(const char *types, int format)
{
	enum { MAX_COLUMNS = 32 };
	PGresult *rows = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc columns[MAX_COLUMNS] = {0};
	char name[] = "column";
	int n = (int) strlen(types);

	g_assert_cmpint(n, <=, MAX_COLUMNS);
	for (int i = 0; i < n; i++) {
		columns[i].name = name;
		columns[i].typid = type_of(types[i]);
		columns[i].format = format;
	}
	g_assert_true(PQsetResultAttrs(rows, n, columns));
	return rows;
}

PGresult *rows_new(const char *types)
{
	return new_rows(types, 1);
}

PGresult *rows_new_as_text(const char *types)
{
	return new_rows(types, 0);
}

PGresult *rows_new_named(const char *names)
{
	PGresult *rows = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	g_auto(GStrv) parts = g_strsplit(names, " ", -1);
	guint n = g_strv_length(parts);
	g_autofree PGresAttDesc *columns = g_new0(PGresAttDesc, n);

	for (guint i = 0; i < n; i++) {
		columns[i].name = parts[i];
		columns[i].typid = PG_TYPE_TEXT;
	}
	g_assert_true(PQsetResultAttrs(rows, (int) n, columns));
	return rows;
}

void rows_set_bytes(PGresult *rows, int row, int column, const void *bytes, int length)
{
	g_autofree char *copy = g_memdup2(bytes, (gsize) MAX(length, 1));

	g_assert_true(PQsetvalue(rows, row, column, copy, length));
}

void rows_set_null(PGresult *rows, int row, int column)
{
	g_assert_true(PQsetvalue(rows, row, column, NULL, -1));
}

void rows_set_number(PGresult *rows, int row, int column, gint64 number)
{
	guint64 network = GUINT64_TO_BE((guint64) number);
	int length = 0;

	for (guint i = 0; i < G_N_ELEMENTS(TYPES); i++)
		if ((Oid) TYPES[i].type == PQftype(rows, column))
			length = TYPES[i].length;
	g_assert_cmpint(length, >, 0);
	rows_set_bytes(rows, row, column, (const char *) &network + sizeof(network) - length, length);
}

void rows_set_text(PGresult *rows, int row, int column, const char *text)
{
	rows_set_bytes(rows, row, column, text, (int) strlen(text));
}
