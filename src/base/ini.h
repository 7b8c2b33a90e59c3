#ifndef PGUNLOCK_BASE_INI_H
#define PGUNLOCK_BASE_INI_H

/*
 * Reads files of this form, and keeps the order and the lines of everything:
 *
 *   # a comment, on a line of its own; so is what begins with a semicolon
 *   [kind]
 *   key = value
 *   [kind and its name]
 *   key = value, with # and ; and " and \ in it as they are
 *
 * Blanks at the ends of lines and around the equals sign don't count.
 */

#include <glib.h>

typedef struct {
	guint line; /* counted from 1, as everywhere here */
	const char *key;
	const char *value; /* never empty */
} IniEntry;

typedef struct {
	guint line;
	const char *kind;        /* the first word in the brackets; never empty */
	const char *name;        /* what follows it; "" when nothing does */
	const IniEntry *entries; /* NULL when there are none */
	guint n_entries;
} IniSection;

/* Owns everything that it hands out. All texts are valid UTF-8 without control characters but the
 * tab; they are not safe for a terminal otherwise. */
typedef struct IniFile IniFile;

/*
 * bytes: any at all. file: its name, for errors: "FILE:3: ...", usage errors with a hint. Refused
 * are: a line that is neither of these forms, an entry before the first section, a second section
 * of the same kind and name, a second entry of the same key in a section, an empty value, what is
 * not valid UTF-8, control characters.
 */
IniFile *ini_parse(const char *bytes, gsize length, const char *file, GError **error);
void ini_free(IniFile *ini);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IniFile, ini_free)

/* In the order of the file. */
guint ini_n_sections(const IniFile *ini);
const IniSection *ini_section(const IniFile *ini, guint index);
/* As it was given. */
const char *ini_file_name(const IniFile *ini);

/* Sets an error of the form that ini_parse gives. hint: NULL for none. */
void ini_error(GError **error, const char *file, guint line, const char *hint, const char *format,
               ...) G_GNUC_PRINTF(5, 6);

#endif
