#include "tui/theme.h"

enum { OWN = -1, BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE };

/* fine: the foreground where there are 256 colours; 0: the same. */
typedef struct {
	ThemeLook look;
	gint16 fine;
} Row;

/* clang-format off */
static const Row looks[N_THEMES][FACE_N] = {
	[THEME_ANY] = {
		[FACE_PLAIN] = {{OWN, OWN}, 0},
		[FACE_STRONG] = {{OWN, OWN, .bold = TRUE}, 0},
		[FACE_DIM] = {{OWN, OWN}, 244},
		[FACE_GOOD] = {{OWN, OWN, .bold = TRUE}, 29},
		[FACE_WARNING] = {{MAGENTA, OWN}, 130},
		[FACE_BAD] = {{RED, OWN, .bold = TRUE}, 196},
		[FACE_KEYWORD] = {{MAGENTA, OWN}, 133},
		[FACE_LITERAL] = {{OWN, OWN}, 31},
		[FACE_TITLE] = {{BLACK, GREEN}, 0},
		[FACE_BAR] = {{BLACK, CYAN}, 0},
		[FACE_KEY] = {{OWN, OWN, .bold = TRUE}, 0},
		[FACE_RULE] = {{OWN, OWN}, 244},
		[FACE_QUESTION] = {{BLACK, YELLOW}, 0},
	},
	[THEME_DARK] = {
		[FACE_PLAIN] = {{OWN, OWN}, 0},
		[FACE_STRONG] = {{OWN, OWN, .bold = TRUE}, 0},
		[FACE_DIM] = {{OWN, OWN, .dim = TRUE}, 0},
		[FACE_GOOD] = {{GREEN, OWN}, 0},
		[FACE_WARNING] = {{YELLOW, OWN}, 0},
		[FACE_BAD] = {{RED, OWN, .bold = TRUE}, 0},
		[FACE_KEYWORD] = {{MAGENTA, OWN}, 0},
		[FACE_LITERAL] = {{CYAN, OWN}, 0},
		[FACE_TITLE] = {{BLACK, GREEN}, 0},
		[FACE_BAR] = {{BLACK, CYAN}, 0},
		[FACE_KEY] = {{OWN, OWN, .bold = TRUE}, 0},
		[FACE_RULE] = {{OWN, OWN, .dim = TRUE}, 0},
		[FACE_QUESTION] = {{BLACK, YELLOW}, 0},
	},
	[THEME_LIGHT] = {
		[FACE_PLAIN] = {{OWN, OWN}, 0},
		[FACE_STRONG] = {{OWN, OWN, .bold = TRUE}, 0},
		[FACE_DIM] = {{OWN, OWN}, 0},
		[FACE_GOOD] = {{GREEN, OWN, .bold = TRUE}, 0},
		[FACE_WARNING] = {{MAGENTA, OWN}, 0},
		[FACE_BAD] = {{RED, OWN, .bold = TRUE}, 0},
		[FACE_KEYWORD] = {{BLUE, OWN}, 0},
		[FACE_LITERAL] = {{MAGENTA, OWN}, 0},
		[FACE_TITLE] = {{WHITE, BLUE}, 0},
		[FACE_BAR] = {{BLACK, CYAN}, 0},
		[FACE_KEY] = {{OWN, OWN, .bold = TRUE}, 0},
		[FACE_RULE] = {{BLUE, OWN}, 0},
		[FACE_QUESTION] = {{WHITE, RED, .bold = TRUE}, 0},
	},
	[THEME_NONE] = {
		[FACE_PLAIN] = {{OWN, OWN}, 0},
		[FACE_STRONG] = {{OWN, OWN, .bold = TRUE}, 0},
		[FACE_DIM] = {{OWN, OWN}, 0},
		[FACE_GOOD] = {{OWN, OWN}, 0},
		[FACE_WARNING] = {{OWN, OWN}, 0},
		[FACE_BAD] = {{OWN, OWN, .bold = TRUE}, 0},
		[FACE_KEYWORD] = {{OWN, OWN}, 0},
		[FACE_LITERAL] = {{OWN, OWN}, 0},
		[FACE_TITLE] = {{OWN, OWN, .underline = TRUE, .bold = TRUE}, 0},
		[FACE_BAR] = {{OWN, OWN, .reverse = TRUE}, 0},
		[FACE_KEY] = {{OWN, OWN, .bold = TRUE}, 0},
		[FACE_RULE] = {{OWN, OWN}, 0},
		[FACE_QUESTION] = {{OWN, OWN, .reverse = TRUE, .bold = TRUE}, 0},
	},
};
/* clang-format on */

ThemeLook theme_look(Theme theme, guint n_colors, Face face)
{
	const Row *row = &looks[theme][face];
	ThemeLook look = row->look;

	/* Where there are more, numbers mean something else: red, green and blue. */
	if (row->fine > 0 && n_colors == 256)
		look.foreground = row->fine;
	return look;
}

ThemeLook theme_lit(Theme theme, Face face)
{
	gboolean is_bold = looks[theme][face].look.bold;

	/* In reverse a colour is a background: bright enough only for what is bold. */
	return (ThemeLook){.foreground = OWN, .background = OWN, .reverse = TRUE, .bold = is_bold};
}

const char *theme_name(Theme theme)
{
	static const char *const names[] = {"any", "dark", "light", "none"};
	return names[theme];
}
