#ifndef PGUNLOCK_TUI_SUSPEND_H
#define PGUNLOCK_TUI_SUSPEND_H

/* Ctrl-Z. ncurses has a handler of its own, but ignores the signal while it draws: one that comes
 * just then is lost. This one is heard always, and acted on between two steps of the main loop. */

#include <glib.h>

/* Calls back on the default main context whenever the process is asked to stop. Before ncurses,
 * which leaves the signal alone where somebody listens. Returns FALSE, and does nothing, where it
 * is ignored: whoever started us wants it so. */
gboolean suspend_listen(void (*asked)(gpointer user_data), gpointer user_data);
void suspend_forget(void);

/* Stops the process, and returns when it is woken; at once where no shell is there to wake it. */
void suspend_stop(void);

#endif
