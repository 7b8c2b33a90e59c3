#ifndef PGUNLOCK_CLI_TERMINAL_H
#define PGUNLOCK_CLI_TERMINAL_H

/* What a terminal can show. */

#include "cli/options.h"

#include <glib.h>

gboolean terminal_is(int fd);

/* Columns to fill: the terminal's, or what COLUMNS says, or 120 where the text goes to a file or a
 * program: wide enough to cut little, narrow enough to be read. At least 40. */
guint terminal_width(int fd);
/* Lines of the terminal, or 0 when it is none. */
guint terminal_height(int fd);

/* Whether to use colour there: as asked for, or on a terminal that isn't dumb unless NO_COLOR is
 * set (https://no-color.org). */
gboolean terminal_wants_color(int fd, ColorWhen when);

/* Whether the locale's characters are UTF-8. LC_CTYPE must have been set. */
gboolean terminal_has_unicode(void);

#endif
