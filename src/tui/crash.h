#ifndef PGUNLOCK_TUI_CRASH_H
#define PGUNLOCK_TUI_CRASH_H

/* Gives the terminal back when this process dies of a signal: a shell on a screen without echo is
 * the last thing that is wanted at night. What signals end a program in order (SIGTERM, SIGHUP,
 * Ctrl-C) is the caller's. */

#include <termios.h>

/* restore: what is then written to fd, as it is; borrowed until crash_forget. modes: what the
 * terminal had before. */
void crash_remember(int fd, const char *restore, const struct termios *modes);
void crash_forget(void);

#endif
