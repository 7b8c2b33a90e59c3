#ifndef PGUNLOCK_RENDER_LINE_H
#define PGUNLOCK_RENDER_LINE_H

/*
 * Lines for a terminal: keeps count of the columns, so that nothing gets wider than the style
 * allows, and puts colour around words without counting it. All texts are safe text (base/text.h).
 * Blanks are written only when something follows them: no line ends in one.
 */

#include "render/style.h"

#include <glib.h>

typedef enum {
	INK_PLAIN,
	INK_STRONG,
	INK_DIM,
	INK_GOOD,
	INK_WARNING,
	INK_BAD,
	INK_KEYWORD, /* of SQL, and the next */
	INK_LITERAL,
	N_INKS,
} Ink;

/* Whether one of the sequences that put colour around words stands at text: what follows it then,
 * and which ink that is in. Else NULL. For a screen that has colours of its own. */
const char *line_skip_ink(const char *text, Ink *ink);

/* Plain data, on the stack of whoever writes. */
typedef struct {
	GString *out;
	const RenderStyle *style;
	char *prefix; /* begins the lines after the first */
	guint prefix_width;
	guint column;   /* where the next text goes, pending blanks not counted */
	guint pending;  /* blanks to write before it */
	gboolean fresh; /* nothing but the prefix on this line */
} Line;

/* The same style, no wider than prose can be read with ease. */
RenderStyle line_readable_style(const RenderStyle *style);

/* prefix is copied; it is dimmed. NULL: none. */
void line_begin(Line *line, GString *out, const RenderStyle *style, const char *prefix);
/* Ends the line with a newline. */
void line_end(Line *line);

/* Goes to a new line, unless nothing is on this one. */
void line_break(Line *line);
void line_blanks(Line *line, guint n);
/* Blanks up to a column, counted from 0; nothing when it is past. */
void line_pad(Line *line, guint column);
/* Columns left on this line. */
guint line_room(const Line *line);

/* Text as it is, even if it does not fit: for what a person copies. */
void line_raw(Line *line, Ink ink, const char *text);
/* Text broken at blanks, and inside a word where it is longer than a line. */
void line_words(Line *line, Ink ink, const char *text);
/* On this line if it fits as a whole, else words from a new line on. */
void line_piece(Line *line, Ink ink, const char *text);
/* Cut to what is left of the line; on a new line when less than least columns are left and it
 * needs more. */
void line_rest(Line *line, Ink ink, const char *text, guint least);
/* Words again, but at most max_lines lines, the last one cut. */
void line_paragraph(Line *line, Ink ink, const char *text, guint max_lines);
/* The same; inks: the Ink of each byte of text. */
void line_inked_paragraph(Line *line, const guint8 *inks, const char *text, guint max_lines);

/* printf into line_words. */
void line_wordsf(Line *line, Ink ink, const char *format, ...) G_GNUC_PRINTF(3, 4);

#endif
