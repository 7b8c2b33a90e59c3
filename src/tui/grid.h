#ifndef PGUNLOCK_TUI_GRID_H
#define PGUNLOCK_TUI_GRID_H

/*
 * What a screen shows: cells, each a character with a face. Panels draw into it, the terminal puts
 * it on the screen, tests read it as text. No I/O, no terminal. Whatever is put into it, no control
 * character gets in.
 */

#include "render/line.h"

#include <glib.h>

/* What a cell is, from which the theme makes colours. The first are the inks. */
typedef enum {
	FACE_PLAIN = INK_PLAIN,
	FACE_STRONG = INK_STRONG,
	FACE_DIM = INK_DIM,
	FACE_GOOD = INK_GOOD,
	FACE_WARNING = INK_WARNING,
	FACE_BAD = INK_BAD,
	FACE_KEYWORD = INK_KEYWORD,
	FACE_LITERAL = INK_LITERAL,
	FACE_TITLE,    /* headings of columns */
	FACE_BAR,      /* the line of keys */
	FACE_KEY,      /* a key in it */
	FACE_RULE,     /* lines between panels */
	FACE_QUESTION, /* what waits for an answer */
	FACE_N,
} Face;

/* A character with its combining marks. */
#define GRID_CELL_BYTES 27
typedef struct {
	char text[GRID_CELL_BYTES]; /* "" in the second half of a wide character */
	guint8 face;
	guint8 width;    /* 1, 2; 0: the second half of a wide character */
	gboolean is_lit; /* in the selected row */
} GridCell;

typedef struct {
	guint rows, columns;
	gboolean unicode; /* FALSE: what isn't ASCII becomes "?" */
	GridCell *cells;
	gint cursor_row, cursor_column; /* -1: none is shown */
} Grid;

Grid *grid_new(guint rows, guint columns, gboolean unicode);
void grid_free(Grid *grid);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Grid, grid_free)

/* Blank everywhere. */
void grid_clear(Grid *grid);
GridCell *grid_at(const Grid *grid, guint row, guint column);

/* The columns that text takes without the colours that render puts into it, counted no further than
 * just beyond limit. */
guint grid_text_width(const char *text, guint limit);
/* Puts text, with the colours that render puts into it, at most width columns, the last then an
 * ellipsis; nothing outside the grid. Text in plain ink gets the face. Returns the columns that it
 * took. */
guint grid_put(Grid *grid, guint row, guint column, guint width, Face face, const char *text);
/* The same, at the right end of width columns. */
void grid_put_right(Grid *grid, guint row, guint column, guint width, Face face, const char *text);
/* Text, with the colours that render puts into it, in lines of at most so many columns: those that
 * are longer (a command in one piece) go on in the next line, broken between any two characters and
 * indented by four columns more, on a narrow grid by less. Free with g_free. */
char *grid_fold(const char *text, guint columns);
/* Fills columns of a row with a blank, or a line. */
void grid_fill(Grid *grid, guint row, guint column, guint width, Face face);
void grid_rule(Grid *grid, guint row);
/* Lights a whole row. */
void grid_light(Grid *grid, guint row);

/* The rows as lines, without the blanks at their ends; lit rows begin with ">" in a column of their
 * own, others with a blank. Free with g_free. */
char *grid_to_text(const Grid *grid);

#endif
