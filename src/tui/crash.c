#include "tui/crash.h"

#include <glib.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGTRAP, SIGSYS};

/* For a handler, which may only read what was there before. */
static struct {
	int fd;
	const char *restore;
	gsize length;
	struct termios modes;
	struct sigaction before[G_N_ELEMENTS(deadly)];
} remembered;

/* Only what POSIX allows in a handler. The signal then does what it does: SA_RESETHAND has put its
 * default back. */
static void on_deadly(int number)
{
	gsize left = remembered.length;
	const char *at = remembered.restore;

	while (left > 0) {
		ssize_t n = write(remembered.fd, at, left);
		if (n <= 0)
			break;
		at += n;
		left -= (gsize) n;
	}
	tcsetattr(remembered.fd, TCSANOW, &remembered.modes);
	raise(number);
}

void crash_remember(int fd, const char *restore, const struct termios *modes)
{
	struct sigaction action = {.sa_handler = on_deadly};

	action.sa_flags = (int) (SA_RESETHAND | SA_NODEFER);
	remembered.fd = fd;
	remembered.restore = restore;
	remembered.length = strlen(restore);
	remembered.modes = *modes;
	sigemptyset(&action.sa_mask);
	for (guint i = 0; i < G_N_ELEMENTS(deadly); i++)
		sigaction(deadly[i], &action, &remembered.before[i]);
}

void crash_forget(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(deadly); i++)
		sigaction(deadly[i], &remembered.before[i], NULL);
}
