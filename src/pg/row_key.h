#ifndef PGUNLOCK_PG_ROW_KEY_H
#define PGUNLOCK_PG_ROW_KEY_H

/* The key of a table: the columns that tell its rows apart, and reading them beside a row's place.
 */

#include "model/names.h"
#include "pg/row_reader.h"
#include "pg/statements.h"

#include <glib.h>

/* A table that has a key and that we may read. Names as the server sent them, any bytes. */
typedef struct {
	guint32 oid;
	char *schema;
	char *name;
	GPtrArray *columns; /* of char * */
} KeyedTable;

void keyed_table_free(KeyedTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeyedTable, keyed_table_free)

/* Its name in a statement. Free with g_free. */
char *keyed_table_sql(const KeyedTable *table);

/* From the answer to STATEMENT_ROW_KEYS: an array of KeyedTable; NULL and an error. */
GPtrArray *keyed_tables_read(const PGresult *result, GError **error);

/* STATEMENT_ROW_READ, STATEMENT_ROW_BY_CTID or STATEMENT_ROW_LOCK for this table (table: as SQL,
 * NULL for its own name) with its key, which may be NULL. condition and limit: only of the first.
 * Free with g_free. */
char *row_statement(StatementId statement, int version_num, const KeyedTable *key,
                    const char *table, const char *condition, guint limit);

/* Its columns come first, those of the key behind them. */
typedef enum { ROW_TABLEOID, ROW_CTID, ROW_XMAX, ROW_KEY } RowColumn;

/* Whether the result has the columns of such a statement. */
gboolean row_columns_check(const PGresult *result, const KeyedTable *key, const char *purpose,
                           GError **error);

/* The key of a row, repaired to UTF-8, in the arena. An empty one without a key. */
RowKey row_key_read(RowReader *reader, const KeyedTable *key, Arena *arena);

#endif
