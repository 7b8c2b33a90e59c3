#include "tui/terminal.h"

#include "base/error.h"
#include "tui/crash.h"

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* As long a terminal may take between an escape and what belongs to it. */
#define ESCAPE_DELAY_MS 25

struct Terminal {
	SCREEN *screen;
	Theme theme;
	gboolean has_color;
	GString *restore;
};

/* A capability without the delays that old terminals needed. */
static void append_capability(GString *text, const char *name)
{
	const char *value = tigetstr(name);

	if (value == NULL || value == (const char *) -1)
		return;
	while (*value != '\0') {
		const char *end;
		if (value[0] == '$' && value[1] == '<' && (end = strchr(value, '>')) != NULL) {
			value = end + 1;
			continue;
		}
		g_string_append_c(text, *value++);
	}
}

static void remember(Terminal *terminal, const struct termios *modes)
{
	terminal->restore = g_string_new("\033[?1000l\033[?1002l\033[?1003l\033[?1006l");
	append_capability(terminal->restore, "sgr0");
	append_capability(terminal->restore, "rmkx");
	append_capability(terminal->restore, "cnorm");
	append_capability(terminal->restore, "rmcup");
	g_string_append(terminal->restore, "\r\n");
	crash_remember(STDOUT_FILENO, terminal->restore->str, modes);
}

/* Both forms of the cursor keys: not every terminal does as it is told about them. */
static void define_cursor_keys(void)
{
	static const struct {
		const char *sequence;
		int code;
	} keys[] = {
	    {"\033[A", KEY_UP},    {"\033OA", KEY_UP},    {"\033[B", KEY_DOWN},  {"\033OB", KEY_DOWN},
	    {"\033[C", KEY_RIGHT}, {"\033OC", KEY_RIGHT}, {"\033[D", KEY_LEFT},  {"\033OD", KEY_LEFT},
	    {"\033[H", KEY_HOME},  {"\033OH", KEY_HOME},  {"\033[1~", KEY_HOME}, {"\033[F", KEY_END},
	    {"\033OF", KEY_END},   {"\033[4~", KEY_END},
	};

	for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
		define_key(keys[i].sequence, keys[i].code);
}

static void set_modes(void)
{
	cbreak();
	noecho();
	nonl();
	set_escdelay(ESCAPE_DELAY_MS);
	keypad(stdscr, TRUE);
	define_cursor_keys();
	nodelay(stdscr, TRUE);
	meta(stdscr, TRUE);
	curs_set(0);
	mouseinterval(0);
}

Terminal *terminal_open(gboolean has_color, GError **error)
{
	struct termios modes;
	const char *name = g_getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &modes) != 0) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "top needs a terminal");
		error_set_hint(error, "pgunlock tree --watch goes to a file or a program");
		return NULL;
	}
	SCREEN *screen = newterm(NULL, stdout, stdin);
	if (!screen || tigetstr("cup") == NULL || tigetstr("cup") == (char *) -1) {
		if (screen) {
			endwin();
			delscreen(screen);
		}
		error_set(error, PGUNLOCK_ERROR_USAGE, "top can't draw on a terminal of the kind \"%s\"",
		          name ? name : "");
		error_set_hint(error,
		               "this host's terminfo doesn't know it, or it can't place text: most "
		               "terminals do with TERM=xterm-256color; or run pgunlock tree --watch");
		return NULL;
	}
	Terminal *terminal = g_new0(Terminal, 1);
	terminal->screen = screen;
	set_modes();
	terminal->has_color = has_color && has_colors();
	if (terminal->has_color) {
		start_color();
		use_default_colors();
	}
	terminal_set_theme(terminal, THEME_ANY);
	remember(terminal, &modes);
	return terminal;
}

void terminal_close(Terminal *terminal)
{
	if (!terminal)
		return;
	crash_forget();
	endwin();
	delscreen(terminal->screen);
	g_string_free(terminal->restore, TRUE);
	g_free(terminal);
}

void terminal_leave(G_GNUC_UNUSED Terminal *terminal)
{
	endwin();
	clearok(curscr, TRUE);
}

gboolean terminal_has_color(const Terminal *terminal)
{
	return terminal->has_color;
}

/* Each face has a pair of colours, from 1 on. */
void terminal_set_theme(Terminal *terminal, Theme theme)
{
	terminal->theme = terminal->has_color ? theme : THEME_NONE;
	for (Face face = 0; terminal->has_color && face < FACE_N; face++) {
		ThemeLook look = theme_look(terminal->theme, (guint) COLORS, face);
		init_pair((short) (face + 1), look.foreground, look.background);
	}
}

void terminal_set_mouse(G_GNUC_UNUSED Terminal *terminal, gboolean is_taken)
{
	mmask_t wanted = BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED;

	mousemask(is_taken ? wanted : 0, NULL);
}

void terminal_size(G_GNUC_UNUSED Terminal *terminal, guint *rows, guint *columns)
{
	struct winsize size = {0};
	int now_rows, now_columns;

	getmaxyx(stdscr, now_rows, now_columns);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
	    (size.ws_row != now_rows || size.ws_col != now_columns)) {
		resizeterm(size.ws_row, size.ws_col);
		getmaxyx(stdscr, now_rows, now_columns);
		clearok(stdscr, TRUE);
	}
	*rows = (guint) MAX(now_rows, 1);
	*columns = (guint) MAX(now_columns, 1);
}

static void set_look(const Terminal *terminal, const GridCell *cell)
{
	Face face = (Face) cell->face;
	ThemeLook look = cell->is_lit ? theme_lit(terminal->theme, face)
	                              : theme_look(terminal->theme, (guint) COLORS, face);
	gboolean has_own = look.foreground < 0 && look.background < 0;
	attr_t attributes = (look.bold ? WA_BOLD : 0) | (look.dim ? WA_DIM : 0) |
	                    (look.reverse ? WA_REVERSE : 0) | (look.underline ? WA_UNDERLINE : 0);
	short pair = 0;

	if (terminal->has_color && !has_own)
		pair = (short) (face + 1);
	attr_set(attributes, pair, NULL);
}

static gboolean is_ascii(const GridCell *cell)
{
	return cell->text[0] != '\0' && (guchar) cell->text[0] < 0x80 && cell->text[1] == '\0';
}

/* Each character that isn't ASCII by itself, at its place: should the terminal take it for wider
 * than we do, only it is wrong. */
static void show_row(Terminal *terminal, const Grid *grid, guint row)
{
	guint column = 0;

	while (column < grid->columns) {
		const GridCell *cell = grid_at(grid, row, column);
		char run[256];
		guint n = 0;

		set_look(terminal, cell);
		while (column + n < grid->columns && n < sizeof run) {
			const GridCell *next = grid_at(grid, row, column + n);
			if (!is_ascii(next) || next->face != cell->face || next->is_lit != cell->is_lit)
				break;
			run[n++] = next->text[0];
		}
		if (n > 0) {
			mvaddnstr((int) row, (int) column, run, (int) n);
			column += n;
			continue;
		}
		if (cell->width > 0)
			mvaddstr((int) row, (int) column, cell->text);
		column++;
	}
}

void terminal_show(Terminal *terminal, const Grid *grid)
{
	for (guint row = 0; row < grid->rows; row++)
		show_row(terminal, grid, row);
	if (grid->cursor_row >= 0)
		move(grid->cursor_row, grid->cursor_column);
	curs_set(grid->cursor_row >= 0 ? 1 : 0);
	refresh();
}

static const struct {
	int code;
	Key key;
} special_keys[] = {
    {KEY_UP, KEY_ARROW_UP},       {KEY_DOWN, KEY_ARROW_DOWN}, {KEY_LEFT, KEY_ARROW_LEFT},
    {KEY_RIGHT, KEY_ARROW_RIGHT}, {KEY_PPAGE, KEY_PAGE_UP},   {KEY_NPAGE, KEY_PAGE_DOWN},
    {KEY_HOME, KEY_FIRST},        {KEY_END, KEY_LAST},        {KEY_F(1), KEY_F1},
    {KEY_ENTER, KEY_RETURN},      {KEY_BACKSPACE, KEY_BACK},  {KEY_DC, KEY_BACK},
};

static Key mouse_key(guint *row, guint *column)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return KEY_NONE;
	*row = (guint) MAX(event.y, 0);
	*column = (guint) MAX(event.x, 0);
	if (event.bstate & BUTTON4_PRESSED)
		return KEY_WHEEL_UP;
	if (event.bstate & BUTTON5_PRESSED)
		return KEY_WHEEL_DOWN;
	return event.bstate & BUTTON1_PRESSED ? KEY_PRESS : KEY_NONE;
}

gboolean terminal_read(G_GNUC_UNUSED Terminal *terminal, Key *key, guint *row, guint *column)
{
	wint_t code;
	int kind = get_wch(&code);

	*key = KEY_NONE;
	*row = *column = 0;
	if (kind == ERR)
		return FALSE;
	if (kind != KEY_CODE_YES) {
		*key = code == '\r' ? KEY_RETURN : code == '\b' ? KEY_BACK : (Key) code;
		return TRUE;
	}
	if (code == KEY_MOUSE) {
		*key = mouse_key(row, column);
		return TRUE;
	}
	for (guint i = 0; i < G_N_ELEMENTS(special_keys); i++)
		if ((wint_t) special_keys[i].code == code)
			*key = special_keys[i].key;
	return TRUE;
}

void terminal_flush_input(G_GNUC_UNUSED Terminal *terminal)
{
	flushinp();
}

void terminal_bell(G_GNUC_UNUSED Terminal *terminal)
{
	beep();
}
