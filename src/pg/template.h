#ifndef PGUNLOCK_PG_TEMPLATE_H
#define PGUNLOCK_PG_TEMPLATE_H

/* Statements that name something a parameter can't stand for: a table, a column, a condition. */

#include <glib.h>

typedef struct {
	const char *name; /* "table" for {table} */
	const char *sql;  /* what stands there: quoted already where it is a name */
} SqlPiece;

/* The template with each {name} replaced by its piece. What a piece holds is not looked at again.
 * Free with g_free. */
char *sql_template_fill(const char *sql, const SqlPiece *pieces, guint n_pieces);

#endif
