#ifndef PGUNLOCK_BASE_SQL_IDENT_H
#define PGUNLOCK_BASE_SQL_IDENT_H

/* Names as they are written in SQL. */

#include <glib.h>

/* Appends name as an SQL identifier: bare where the server would read it back as it is, else in
 * double quotes (quote_identifier in src/backend/utils/adt/ruleutils.c), and as U&"..." where
 * control characters, several blanks and the like in it would not survive as safe text. The result
 * is safe text and can be typed, unless the name was not valid UTF-8. */
void sql_ident_append(GString *out, const char *name);
char *sql_ident(const char *name);

/* Appends name in double quotes, those in it doubled, byte for byte: for a statement that is sent,
 * not for people. */
void sql_quote_append(GString *out, const char *name);

#endif
