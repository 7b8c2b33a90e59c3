#ifndef PGUNLOCK_BASE_PATTERN_H
#define PGUNLOCK_BASE_PATTERN_H

/* The two kinds of pattern that people type: psql's, for names of tables, and globs, for everything
 * else. */

#include <glib.h>

/* Whether text matches glob, in which * stands for any run of characters and ? for one; nothing
 * else is special. ignore_case folds as g_unichar_tolower does. Takes time in proportion to the
 * product of the lengths at the worst (no exponential backtracking). Expects valid UTF-8. */
gboolean glob_matches(const char *glob, const char *text, gboolean ignore_case);

/* One part of a psql pattern, as an advanced regular expression of PostgreSQL anchored at both
 * ends. */
typedef struct {
	char *regex;
	/* An unquoted part matches in any case; a part with quotes in it matches letter for letter, its
	 * unquoted letters folded to lower case as the server folds them. */
	gboolean case_sensitive;
	/* The part without *, ? or anything else that matches more than one name: then literal is that
	 * name. */
	char *literal;
} NamePatternPart;

/* [[database.]schema.]relation as psql's \d takes it: * and ? outside double quotes, "" inside
 * quotes for a quote, dots outside quotes separate; [a-z], |, +, (), {} and ^ outside quotes mean
 * what they mean in a regular expression, and the server may still refuse that (SQLSTATE 2201B).
 * Unlike psql's, [] takes its content as it is, a backslash is a character like others, and round
 * brackets must match. schema and database may be absent (regex NULL, database NULL). The database
 * part is a plain name, never a pattern. */
typedef struct {
	NamePatternPart relation;
	NamePatternPart schema;
	char *database;
	gboolean database_case_sensitive;
	char *original;
} NamePattern;

/* NULL and a usage error when the text is empty or not valid UTF-8, a part is empty, a quote or a
 * bracket isn't closed, the database part holds a pattern character, or there are more than three
 * parts. */
NamePattern *name_pattern_parse(const char *text, GError **error);
void name_pattern_free(NamePattern *pattern);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NamePattern, name_pattern_free)

#endif
