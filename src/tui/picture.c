#include "tui/picture.h"

#include "render/render.h"

#include <string.h>

/* Of a character, for a font size of 14. */
#define CELL_WIDTH 8.4
#define LINE_HEIGHT 18
#define BASELINE 13
#define MARGIN 12

/* What the 8 colours are, and the paper and ink of each theme. */
static const char *const colors[] = {"#24292f", "#d1242f", "#2da44e", "#bf8700",
                                     "#0969da", "#8250df", "#1b9aaa", "#f6f8fa"};
static const char *const paper[N_THEMES] = {"#1b1f24", "#1b1f24", "#ffffff", "#ffffff"};
static const char *const ink[N_THEMES] = {"#d0d7de", "#d0d7de", "#1f2328", "#1f2328"};

#define LEAST_FINE 16
#define LEAST_GRAY 232

/* "#rrggbb" */
typedef struct {
	char code[8];
} Color;

typedef struct {
	Color foreground, background;
	gboolean bold;
} Paint;

/* own: what the terminal's own is. */
static Color color_of(gint16 number, const char *own)
{
	static const guint steps[] = {0, 95, 135, 175, 215, 255};
	guint fine = (guint) MAX(number - LEAST_FINE, 0);
	guint gray = (guint) (8 + 10 * MAX(number - LEAST_GRAY, 0));
	Color color;

	if (number < LEAST_FINE)
		g_strlcpy(color.code, number < 0 ? own : colors[number], sizeof color.code);
	else if (number < LEAST_GRAY)
		g_snprintf(color.code, sizeof color.code, "#%02x%02x%02x", steps[fine / 36],
		           steps[fine / 6 % 6], steps[fine % 6]);
	else
		g_snprintf(color.code, sizeof color.code, "#%02x%02x%02x", gray, gray, gray);
	return color;
}

static Paint paint_of(const GridCell *cell, Theme theme)
{
	Face face = (Face) cell->face;
	ThemeLook look = cell->is_lit ? theme_lit(theme, face) : theme_look(theme, 256, face);
	Color foreground = color_of(look.foreground, ink[theme]);
	Color background = color_of(look.background, paper[theme]);

	if (look.reverse)
		return (Paint){background, foreground, look.bold};
	return (Paint){foreground, background, look.bold};
}

static gboolean is_same(const Paint *a, const Paint *b)
{
	return strcmp(a->foreground.code, b->foreground.code) == 0 &&
	       strcmp(a->background.code, b->background.code) == 0 && a->bold == b->bold;
}

/* Numbers without a locale: tenths. */
static void append_tenths(GString *out, const char *name, double value)
{
	int tenths = (int) (value * 10 + 0.5);

	g_string_append_printf(out, " %s=\"%d.%d\"", name, tenths / 10, tenths % 10);
}

static void append_run(GString *out, guint row, guint column, guint width, const char *text,
                       const Paint *paint, Theme theme)
{
	g_autofree char *escaped = g_markup_escape_text(text, -1);
	guint top = MARGIN + row * LINE_HEIGHT;

	if (strcmp(paint->background.code, paper[theme]) != 0) {
		g_string_append(out, "<rect");
		append_tenths(out, "x", MARGIN + column * CELL_WIDTH);
		append_tenths(out, "width", width * CELL_WIDTH);
		g_string_append_printf(out, " y=\"%u\" height=\"%d\" fill=\"%s\"/>\n", top, LINE_HEIGHT,
		                       paint->background.code);
	}
	if (text[strspn(text, " ")] == '\0')
		return;
	g_string_append(out, "<text");
	append_tenths(out, "x", MARGIN + column * CELL_WIDTH);
	append_tenths(out, "textLength", width * CELL_WIDTH);
	g_string_append_printf(out, " y=\"%u\" fill=\"%s\"%s xml:space=\"preserve\">%s</text>\n",
	                       top + BASELINE, paint->foreground.code,
	                       paint->bold ? " font-weight=\"bold\"" : "", escaped);
}

static void append_row(GString *out, const Grid *grid, guint row, Theme theme)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint column = 0;

	while (column < grid->columns) {
		Paint paint = paint_of(grid_at(grid, row, column), theme);
		guint end = column;

		g_string_truncate(text, 0);
		for (; end < grid->columns; end++) {
			const GridCell *cell = grid_at(grid, row, end);
			Paint next = paint_of(cell, theme);
			if (!is_same(&paint, &next))
				break;
			g_string_append(text, cell->text);
		}
		append_run(out, row, column, end - column, text->str, &paint, theme);
		column = end;
	}
}

void picture_append_svg(GString *out, const Grid *grid, Theme theme)
{
	guint width = (guint) (grid->columns * CELL_WIDTH) + 2 * MARGIN;
	guint height = grid->rows * LINE_HEIGHT + 2 * MARGIN;

	g_string_append_printf(out,
	                       "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" "
	                       "width=\"%u\" height=\"%u\" font-size=\"14\" "
	                       "font-family=\"Menlo, Consolas, 'DejaVu Sans Mono', monospace\">\n"
	                       "<rect width=\"%u\" height=\"%u\" rx=\"8\" fill=\"%s\"/>\n",
	                       width, height, width, height, width, height, paper[theme]);
	for (guint row = 0; row < grid->rows; row++)
		append_row(out, grid, row, theme);
	g_string_append(out, "</svg>\n");
}

void picture_append_tree(GString *out, const WaitGraph *graph, const RenderStyle *style,
                         Theme theme)
{
	RenderStyle drawn = *style;
	g_autoptr(GString) text = g_string_new(NULL);
	guint columns = 1;

	drawn.color = TRUE;
	drawn.unicode = TRUE;
	render_tree_text(text, graph, &drawn);
	/* What is behind the last newline is no line. */
	g_string_truncate(text, text->len - 1);
	g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++)
		columns = MAX(columns, grid_text_width(lines[i], style->width));
	g_autoptr(Grid) grid = grid_new(g_strv_length(lines), columns, TRUE);
	for (guint i = 0; lines[i] != NULL; i++)
		grid_put(grid, i, 0, columns, FACE_PLAIN, lines[i]);
	picture_append_svg(out, grid, theme);
}
