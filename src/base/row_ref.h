#ifndef PGUNLOCK_BASE_ROW_REF_H
#define PGUNLOCK_BASE_ROW_REF_H

/* Which rows a person means: a table and a condition on its rows, as in SQL. */

#include <glib.h>

/* Names are as the catalogs have them: without quotes, and folded to lower case where they had
 * none. The condition is SQL as it was typed: valid UTF-8, not empty, nothing more is known of it.
 */
typedef struct {
	char *database; /* NULL: not named */
	char *schema;   /* NULL: not named, the search_path decides */
	char *table;
	char *condition;
} RowRef;

/* From "[[database.]schema.]table" and "[WHERE] condition". NULL and a usage error when the table
 * isn't a name, the condition is empty or either is not valid UTF-8. */
RowRef *row_ref_new(const char *table, const char *condition, GError **error);
/* The same from one text, "login_sessions WHERE user_id = 42"; WHERE may be left out. */
RowRef *row_ref_parse(const char *text, GError **error);
void row_ref_free(RowRef *ref);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RowRef, row_ref_free)

/* The table as SQL takes it, every part in quotes and without the database:
 * "public"."login_sessions". Free with g_free. */
char *row_ref_table_sql(const RowRef *ref);

/* The table as --table takes it, with quotes only where they are needed. Free with g_free. */
char *row_ref_table_text(const RowRef *ref);

/* The rows as row_ref_parse takes them, with quotes only where they are needed. Free with g_free.
 */
char *row_ref_to_text(const RowRef *ref);

#endif
