#include "tui/theme.h"

enum { OWN = -1, BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE };

static const ThemeLook looks[N_THEMES][FACE_N] =
    {
        [THEME_DARK] =
            {
                [FACE_PLAIN] = {OWN, OWN},
                [FACE_STRONG] = {OWN, OWN, .bold = TRUE},
                [FACE_DIM] = {OWN, OWN, .dim = TRUE},
                [FACE_GOOD] = {GREEN, OWN},
                [FACE_WARNING] = {YELLOW, OWN},
                [FACE_BAD] = {RED, OWN, .bold = TRUE},
                [FACE_TITLE] = {BLACK, GREEN},
                [FACE_BAR] = {BLACK, CYAN},
                [FACE_KEY] = {OWN, OWN, .bold = TRUE},
                [FACE_RULE] = {OWN, OWN, .dim = TRUE},
                [FACE_QUESTION] = {BLACK, YELLOW},
            },
        [THEME_LIGHT] =
            {
                [FACE_PLAIN] = {OWN, OWN},
                [FACE_STRONG] = {OWN, OWN, .bold = TRUE},
                [FACE_DIM] = {OWN, OWN},
                [FACE_GOOD] = {GREEN, OWN, .bold = TRUE},
                [FACE_WARNING] = {MAGENTA, OWN},
                [FACE_BAD] = {RED, OWN, .bold = TRUE},
                [FACE_TITLE] = {WHITE, BLUE},
                [FACE_BAR] = {BLACK, CYAN},
                [FACE_KEY] = {OWN, OWN, .bold = TRUE},
                [FACE_RULE] = {BLUE, OWN},
                [FACE_QUESTION] = {WHITE, RED, .bold = TRUE},
            },
        [THEME_NONE] =
            {
                [FACE_PLAIN] = {OWN, OWN},
                [FACE_STRONG] = {OWN, OWN, .bold = TRUE},
                [FACE_DIM] = {OWN, OWN},
                [FACE_GOOD] = {OWN, OWN},
                [FACE_WARNING] = {OWN, OWN},
                [FACE_BAD] = {OWN, OWN, .bold = TRUE},
                [FACE_TITLE] = {OWN, OWN, .underline = TRUE, .bold = TRUE},
                [FACE_BAR] = {OWN, OWN, .reverse = TRUE},
                [FACE_KEY] = {OWN, OWN, .bold = TRUE},
                [FACE_RULE] = {OWN, OWN},
                [FACE_QUESTION] = {OWN, OWN, .reverse = TRUE, .bold = TRUE},
            },
};

const ThemeLook *theme_look(Theme theme, Face face)
{
	return &looks[theme][face];
}

ThemeLook theme_lit(Theme theme, Face face)
{
	ThemeLook look = looks[theme][face];

	/* In reverse a colour is a background: bright enough only for what is bold. */
	return (ThemeLook){.foreground = OWN, .background = OWN, .reverse = TRUE, .bold = look.bold};
}

const char *theme_name(Theme theme)
{
	static const char *const names[] = {"dark", "light", "none"};
	return names[theme];
}
