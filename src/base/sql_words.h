#ifndef PGUNLOCK_BASE_SQL_WORDS_H
#define PGUNLOCK_BASE_SQL_WORDS_H

/* The words of SQL, as PostgreSQL 13 to 18 have them. */

#include <glib.h>

/* Whether a name that is written so, in small letters, has to stand in double quotes. */
gboolean sql_word_needs_quotes(const char *lower);

/* Whether a word without quotes is a keyword to whoever reads the statement; before: what stands
 * before it, but for blanks and comments, of length 0 when it is the first. In a doubtful case it
 * is a name. */
gboolean sql_word_is_keyword(const char *text, gsize len, const char *before, gsize before_len);

#endif
