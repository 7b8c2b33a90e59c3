#include "tui/keymap.h"
#include "tui/picture.h"
#include "tui/theme.h"

#include <string.h>

/* What the live screen is made of: keys, cells, colours, and its picture. */

static void test_keymap(void)
{
	for (guint i = 0; i < keymap_n(); i++) {
		const KeyBinding *binding = keymap_get(i);
		g_assert_cmpstr(binding->help, !=, "");
		g_assert_cmpstr(keymap_names(binding->action), ==, binding->names);
		for (guint j = 0; j < G_N_ELEMENTS(binding->keys); j++)
			if (binding->keys[j] != KEY_NONE)
				g_assert_cmpint(keymap_find(binding->keys[j]), ==, binding->action);
	}
	g_assert_cmpint(keymap_find(KEY_NONE), ==, ACTION_NONE);
	g_assert_cmpint(keymap_find('y'), ==, ACTION_NONE);
}

static void test_grid(void)
{
	g_autoptr(Grid) grid = grid_new(2, 8, TRUE);

	g_assert_cmpuint(grid_put(grid, 0, 0, 8, FACE_PLAIN, "a\033[31mb\033[0mc"), ==, 3);
	g_assert_cmpint(grid_at(grid, 0, 1)->face, ==, FACE_BAD);
	g_assert_cmpint(grid_at(grid, 0, 2)->face, ==, FACE_PLAIN);
	grid_put(grid, 1, 0, 8, FACE_PLAIN, "\033]0;x\a\033[2Jé");
	g_assert_cmpstr(grid_at(grid, 1, 0)->text, ==, "?");
	grid_clear(grid);
	/* half of a wide character is none */
	grid_put(grid, 0, 0, 8, FACE_PLAIN, "ロログ");
	grid_put(grid, 0, 3, 1, FACE_PLAIN, "x");
	grid_put(grid, 1, 0, 4, FACE_PLAIN, "ロログ");
	g_autofree char *text = grid_to_text(grid);
	g_assert_cmpstr(text, ==, " ロ xグ\n ロ…\n");
	grid_put(grid, 5, 0, 8, FACE_PLAIN, "outside");
	grid_put(grid, 0, 99, 8, FACE_PLAIN, "outside");
}

static void assert_folded(const char *text, guint columns, const char *expected)
{
	g_autofree char *folded = grid_fold(text, columns);

	g_assert_cmpstr(folded, ==, expected);
}

/* Nothing of what a person is to type is out of sight, and its blanks can be told. */
static void test_fold(void)
{
	assert_folded("", 20, "");
	assert_folded("short\n\n  a\n", 5, "short\n\n  a\n");
	assert_folded("  pgunlock release -d 'host=db1' --rollback\nx", 20,
	              "  pgunlock release -\n      d 'host=db1' -\n      -rollback\nx");
	assert_folded("abcde fg", 5, "abcde\n   fg");
	/* colours end with each line, and go on in the next */
	assert_folded("\033[1mabcdefgh\033[0m ij", 8, "\033[1mabcdefgh\033[0m\n     ij");
	assert_folded("\033[1mabcdefghij\033[0mk", 8, "\033[1mabcdefgh\033[0m\n    \033[1mij\033[0mk");
	/* marks stay with their character, wide ones whole */
	assert_folded("abcde\xcc\x81z", 5, "abcde\xcc\x81\n  z");
	assert_folded("aロロ", 4, "aロ\n  ロ");
	assert_folded("ロロ", 1, "ロ\nロ");
	assert_folded("ab", 1, "a\nb");
}

static void test_themes(void)
{
	for (Theme theme = THEME_ANY; theme < N_THEMES; theme++) {
		for (Face face = FACE_PLAIN; face < FACE_N; face++) {
			ThemeLook plain = theme_look(theme, 256, face);
			ThemeLook chosen = theme_lit(theme, face);
			g_assert_true(chosen.reverse);
			if (theme == THEME_NONE)
				g_assert_true(plain.foreground < 0 && plain.background < 0);
		}
		g_assert_nonnull(theme_name(theme));
	}
}

/* The relative luminance of a colour, as WCAG 2 has it, for what xterm has as this number. */
static double luminance(int number)
{
	static const double steps[] = {0, 0.1144, 0.2423, 0.4287, 0.6795, 1};
	double gray = (8 + 10 * (number - 232)) / 255.0;

	/* 16 to 231 are a cube; above there are shades of gray, in the middle of which 2.2 will do. */
	if (number < 232)
		return 0.2126 * steps[(number - 16) / 36] + 0.7152 * steps[(number - 16) / 6 % 6] +
		       0.0722 * steps[(number - 16) % 6];
	return gray * gray;
}

static double contrast(double one, double other)
{
	return (MAX(one, other) + 0.05) / (MIN(one, other) + 0.05);
}

/* On black, on a dark gray (#1e1e1e), on the paper of Solarized, on white. */
static void test_any_background(void)
{
	static const double papers[] = {0, 0.0130, 0.9216, 1};

	for (Face face = FACE_PLAIN; face < FACE_N; face++) {
		ThemeLook fine = theme_look(THEME_ANY, 256, face);
		ThemeLook plain = theme_look(THEME_ANY, 8, face);

		ThemeLook direct = theme_look(THEME_ANY, 1 << 24, face);

		g_assert_cmpint(plain.foreground, <, 8);
		g_assert_cmpint(direct.foreground, ==, plain.foreground);
		g_assert_false(plain.dim || fine.dim);
		/* Red and magenta; or else it brings its background along. */
		if (plain.background < 0)
			g_assert_true(plain.foreground < 0 || plain.foreground == 1 || plain.foreground == 5);
		for (guint i = 0; i < G_N_ELEMENTS(papers) && fine.foreground >= 16; i++) {
			g_test_message("face %d on paper %u", face, i);
			g_assert_cmpfloat(contrast(luminance(fine.foreground), papers[i]), >, 3);
		}
	}
}

static void test_picture(void)
{
	g_autoptr(Grid) grid = grid_new(2, 10, TRUE);
	g_autoptr(GString) svg = g_string_new(NULL);

	grid_put(grid, 0, 0, 10, FACE_PLAIN, "<a>&\"");
	grid_put(grid, 1, 0, 10, FACE_BAD, "ロx");
	grid_light(grid, 1);
	grid_put(grid, 0, 5, 5, FACE_LITERAL, "'x'");
	picture_append_svg(svg, grid, THEME_ANY);
	g_assert_nonnull(strstr(svg->str, ">&lt;a&gt;&amp;&quot;</text>"));
	g_assert_nonnull(strstr(svg->str, "font-weight=\"bold\" xml:space=\"preserve\">ロx</text>"));
	g_assert_nonnull(
	    strstr(svg->str, "fill=\"#0087af\" xml:space=\"preserve\">&apos;x&apos;</text>"));
	g_assert_true(g_str_has_suffix(svg->str, "</svg>\n"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/panels/keymap", test_keymap);
	g_test_add_func("/panels/grid", test_grid);
	g_test_add_func("/panels/fold", test_fold);
	g_test_add_func("/panels/themes", test_themes);
	g_test_add_func("/panels/any-background", test_any_background);
	g_test_add_func("/panels/picture", test_picture);
	return g_test_run();
}
