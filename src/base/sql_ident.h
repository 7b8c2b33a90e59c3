#ifndef PGUNLOCK_RENDER_SQL_IDENT_H
#define PGUNLOCK_RENDER_SQL_IDENT_H

/* Names as they are written in SQL. */

#include <glib.h>

/* Appends name as an SQL identifier: bare where the server would read it back as it is, else in
 * double quotes (quote_identifier in src/backend/utils/adt/ruleutils.c). The name may hold any
 * characters: the result is safe text, so a name with control characters in it can't be typed back.
 */
void sql_ident_append(GString *out, const char *name);
char *sql_ident(const char *name);

#endif
