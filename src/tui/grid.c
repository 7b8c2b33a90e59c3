#include "tui/grid.h"

#include "base/text.h"

#include <string.h>

Grid *grid_new(guint rows, guint columns, gboolean unicode)
{
	Grid *grid = g_new0(Grid, 1);

	grid->rows = MAX(rows, 1);
	grid->columns = MAX(columns, 1);
	grid->unicode = unicode;
	grid->cells = g_new0(GridCell, (gsize) grid->rows * grid->columns);
	grid_clear(grid);
	return grid;
}

void grid_free(Grid *grid)
{
	if (!grid)
		return;
	g_free(grid->cells);
	g_free(grid);
}

static void blank(GridCell *cell, Face face)
{
	*cell = (GridCell){.text = " ", .face = (guint8) face, .width = 1};
}

void grid_clear(Grid *grid)
{
	for (gsize i = 0; i < (gsize) grid->rows * grid->columns; i++)
		blank(&grid->cells[i], FACE_PLAIN);
	grid->cursor_row = grid->cursor_column = -1;
}

GridCell *grid_at(const Grid *grid, guint row, guint column)
{
	g_assert(row < grid->rows && column < grid->columns);
	return &grid->cells[(gsize) row * grid->columns + column];
}

/* A wide character of which one half is overwritten is gone as a whole. */
static void make_room(Grid *grid, guint row, guint column)
{
	GridCell *cell = grid_at(grid, row, column);

	if (cell->width == 0 && column > 0)
		blank(grid_at(grid, row, column - 1), (Face) cell->face);
	if (cell->width == 2 && column + 1 < grid->columns)
		blank(grid_at(grid, row, column + 1), (Face) cell->face);
}

static guint width_of(const char *character, gsize len)
{
	char one[8] = {0};

	memcpy(one, character, MIN(len, sizeof one - 1));
	return text_width(one);
}

/* Where text is put: cells from column to end, not included. */
typedef struct {
	Grid *grid;
	guint row;
	guint column;
	guint end;
	GridCell *last; /* for the marks that follow */
} Pen;

static void put_mark(Pen *pen, const char *mark, gsize len)
{
	gsize used = pen->last ? strlen(pen->last->text) : 0;

	/* What has more marks than that is no writing. */
	if (pen->last && used + len < GRID_CELL_BYTES && pen->grid->unicode)
		memcpy(pen->last->text + used, mark, len);
}

/* FALSE when there is no room for it. */
static gboolean put_character(Pen *pen, const char *text, gsize len, guint width, Face face)
{
	if (pen->column + width > pen->end)
		return FALSE;
	for (guint i = 0; i < width; i++)
		make_room(pen->grid, pen->row, pen->column + i);
	GridCell *cell = grid_at(pen->grid, pen->row, pen->column);
	*cell = (GridCell){.face = (guint8) face, .width = (guint8) width, .is_lit = cell->is_lit};
	memcpy(cell->text, text, len);
	if (width == 2) {
		GridCell *half = grid_at(pen->grid, pen->row, pen->column + 1);
		*half = (GridCell){.face = (guint8) face, .is_lit = cell->is_lit};
	}
	pen->column += width;
	pen->last = cell;
	return TRUE;
}

guint grid_text_width(const char *text, guint limit)
{
	guint width = 0;
	Ink ink;

	while (*text != '\0' && width <= limit) {
		const char *after = line_skip_ink(text, &ink);
		if (after == NULL) {
			after = text_next_char(text);
			width += width_of(text, (gsize) (after - text));
		}
		text = after;
	}
	return width;
}

enum { FOLD_INDENT = 4 };

/* What is folded, as far as it has come. */
typedef struct {
	GString *out;
	const char *ink; /* the colour that is on, so many bytes; 0 for none */
	gsize ink_bytes;
	guint column;
	guint indent; /* of the lines that this one goes on in */
	guint columns;
} Fold;

/* The colour ends with the line: each line is put by itself. */
static void fold_line(Fold *fold)
{
	if (fold->ink_bytes > 0)
		g_string_append(fold->out, "\033[0m");
	g_string_append_printf(fold->out, "\n%*s", (int) fold->indent, "");
	g_string_append_len(fold->out, fold->ink, (gssize) fold->ink_bytes);
	fold->column = fold->indent;
}

/* Behind the character or the change of colour that begins at text. */
static const char *fold_next(Fold *fold, const char *text)
{
	Ink ink;
	const char *after = line_skip_ink(text, &ink);

	if (after) {
		fold->ink = text;
		fold->ink_bytes = ink == INK_PLAIN ? 0 : (gsize) (after - text);
	} else {
		after = text_next_char(text);
		guint width = width_of(text, (gsize) (after - text));
		if (fold->column + width > fold->columns && fold->column > fold->indent)
			fold_line(fold);
		fold->column += width;
	}
	g_string_append_len(fold->out, text, after - text);
	return after;
}

char *grid_fold(const char *text, guint columns)
{
	Fold fold = {.out = g_string_new(NULL), .columns = columns};

	while (*text != '\0') {
		fold.column = 0;
		fold.indent = MIN((guint) strspn(text, " ") + FOLD_INDENT, columns / 2);
		while (*text != '\0' && *text != '\n')
			text = fold_next(&fold, text);
		if (*text == '\n') {
			g_string_append_c(fold.out, '\n');
			text++;
		}
	}
	return g_string_free(fold.out, FALSE);
}

static gboolean put_any(Pen *pen, const char *text, gsize len, Face face)
{
	gunichar character = g_utf8_get_char(text);
	guint width = width_of(text, len);

	if (!text_char_is_safe(character))
		return put_character(pen, "?", 1, 1, face);
	if (width == 0) {
		put_mark(pen, text, len);
		return TRUE;
	}
	if (character >= 0x80 && !pen->grid->unicode)
		return put_character(pen, "?", 1, 1, face);
	return put_character(pen, text, len, width, face);
}

guint grid_put(Grid *grid, guint row, guint column, guint width, Face face, const char *text)
{
	Pen pen = {.grid = grid, .row = row, .column = column};
	Face now = face;
	Ink ink;

	if (row >= grid->rows || column >= grid->columns || width == 0)
		return 0;
	width = MIN(width, grid->columns - column);
	gboolean is_cut = grid_text_width(text, width) > width;
	guint n_dots = is_cut ? MIN(grid->unicode ? 1 : 3, width) : 0;
	pen.end = column + width - n_dots;
	while (*text != '\0') {
		const char *after = line_skip_ink(text, &ink);
		if (after != NULL) {
			now = ink == INK_PLAIN ? face : (Face) ink;
			text = after;
			continue;
		}
		after = text_next_char(text);
		if (!put_any(&pen, text, (gsize) (after - text), now))
			break;
		text = after;
	}
	pen.end = column + width;
	for (guint i = 0; i < n_dots; i++)
		put_character(&pen, grid->unicode ? "…" : ".", grid->unicode ? strlen("…") : 1, 1, now);
	return pen.column - column;
}

void grid_put_right(Grid *grid, guint row, guint column, guint width, Face face, const char *text)
{
	guint needed = grid_text_width(text, width);

	grid_put(grid, row, column + (width > needed ? width - needed : 0), width, face, text);
}

void grid_fill(Grid *grid, guint row, guint column, guint width, Face face)
{
	if (row >= grid->rows)
		return;
	for (guint i = column; i < MIN(column + width, grid->columns); i++) {
		make_room(grid, row, i);
		blank(grid_at(grid, row, i), face);
	}
}

void grid_rule(Grid *grid, guint row)
{
	for (guint i = 0; i < grid->columns; i++)
		grid_put(grid, row, i, 1, FACE_RULE, grid->unicode ? "─" : "-");
}

void grid_light(Grid *grid, guint row)
{
	for (guint i = 0; row < grid->rows && i < grid->columns; i++)
		grid_at(grid, row, i)->is_lit = TRUE;
}

char *grid_to_text(const Grid *grid)
{
	GString *text = g_string_new(NULL);

	for (guint row = 0; row < grid->rows; row++) {
		gsize keep;

		g_string_append_c(text, grid_at(grid, row, 0)->is_lit ? '>' : ' ');
		keep = text->len;
		for (guint column = 0; column < grid->columns; column++) {
			const GridCell *cell = grid_at(grid, row, column);
			g_string_append(text, cell->text);
			if (strcmp(cell->text, " ") != 0)
				keep = text->len;
		}
		if (text->str[keep - 1] == ' ' && keep > 0)
			keep--;
		g_string_truncate(text, keep);
		g_string_append_c(text, '\n');
	}
	return g_string_free(text, FALSE);
}
