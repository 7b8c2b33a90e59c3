#ifndef PGUNLOCK_BASE_TEXT_H
#define PGUNLOCK_BASE_TEXT_H

/*
 * Text that comes from a server: any bytes at all. Two steps make it fit to show: text_repair gives
 * valid UTF-8, text_append_safe gives UTF-8 that a terminal can't take for a command.
 */

#include <glib.h>

/* U+FFFD: what text_repair puts in the place of a byte that is no text. */
#define TEXT_REPLACEMENT "\xEF\xBF\xBD"

/* Valid UTF-8 from any bytes: each byte that is not part of a valid character becomes U+FFFD, a
 * character cut off at the end is dropped. NUL bytes become U+FFFD. Free with g_free. */
char *text_repair(const char *bytes, gsize len);

/* Appends valid UTF-8 so that no control character reaches a terminal: newline, carriage return and
 * tab become one blank (a run of white space becomes one), other C0 and C1 controls and DEL become
 * "\x1b" and the like, and characters that change the direction or order of what follows (U+202A to
 * U+202E, U+2066 to U+2069), zero-width and other format characters, line and paragraph separators
 * become "\u202e" and the like (above U+FFFF "\U000e0041"), and so do more than eight combining
 * marks on one character. A backslash stays as it is. What is not valid UTF-8 after all is repaired
 * first. */
void text_append_safe(GString *out, const char *utf8);
char *text_safe(const char *utf8);

/* Whether text_append_safe lets this character through as it is (a blank it does, other white space
 * not). */
gboolean text_char_is_safe(gunichar c);
/* Whether it can also stand in one line of text that is to be copied from a terminal: no marks,
 * which hide in the character before, and no second blank in a row, which is lost when a line is
 * broken. */
gboolean text_char_is_plain(gunichar c, gboolean is_after_blank);

/* The character after the one at valid, which is not the end. g_utf8_next_char without its cast,
 * which discards const. */
static inline const char *text_next_char(const char *valid)
{
	return valid + g_utf8_skip[*(const guchar *) valid];
}

/* Columns that the text takes on a terminal: wide (East Asian, emoji) 2, combining marks 0. Expects
 * safe text. */
guint text_width(const char *utf8);

/* Appends safe text cut to at most width columns, never inside a character or before its combining
 * marks. When it cuts, the last columns are the ellipsis: "…" when unicode, else "..." (as many
 * dots as there is width for). With pad, fills up to width with blanks. */
void text_append_fit(GString *out, const char *utf8, guint width, gboolean pad, gboolean unicode);

/* Appends text broken at blanks into lines of at most width columns, the lines after the first
 * indented by indent blanks (which count), without a newline at the end; at most max_lines (0: no
 * limit), the last one then cut with an ellipsis. The first line is taken to start in column
 * indent. A word that is longer than a line is broken; a line takes at least one character. Expects
 * safe text. */
void text_append_wrapped(GString *out, const char *utf8, guint width, guint indent, guint max_lines,
                         gboolean unicode);

/* A word quoted for a POSIX shell, unchanged where it needs no quotes. Free with g_free. */
char *text_shell_quote(const char *word);

#endif
