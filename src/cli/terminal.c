#include "cli/terminal.h"

#include <langinfo.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_OF_NO_TERMINAL 120
#define LEAST_WIDTH 40
#define MOST_WIDTH 1000

gboolean terminal_is(int fd)
{
	return isatty(fd) == 1;
}

guint terminal_width(int fd)
{
	struct winsize size = {0};
	guint64 width = 0;
	const char *columns = g_getenv("COLUMNS");

	if (terminal_is(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		width = size.ws_col;
	else if (!columns || !g_ascii_string_to_unsigned(columns, 10, 1, MOST_WIDTH, &width, NULL))
		width = WIDTH_OF_NO_TERMINAL;
	return (guint) CLAMP(width, LEAST_WIDTH, MOST_WIDTH);
}

guint terminal_height(int fd)
{
	struct winsize size = {0};
	if (!terminal_is(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_row;
}

gboolean terminal_wants_color(int fd, ColorWhen when)
{
	if (when != COLOR_AUTO)
		return when == COLOR_ALWAYS;
	const char *no_color = g_getenv("NO_COLOR");
	const char *term = g_getenv("TERM");
	return terminal_is(fd) && !(no_color && *no_color) && term && *term &&
	       strcmp(term, "dumb") != 0;
}

gboolean terminal_has_unicode(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
