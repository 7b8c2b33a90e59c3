#include "tui/suspend.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

/* For a handler, which may only write what can be read outside of it. */
static int ends[2] = {-1, -1};
static struct sigaction before;

static struct {
	void (*asked)(gpointer user_data);
	gpointer user_data;
	guint source;
} listener;

static void on_signal(G_GNUC_UNUSED int number)
{
	int saved = errno;

	/* A pipe that is full has word of it already. */
	(void) !write(ends[1], "", 1);
	errno = saved;
}

static void handle(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	sigaction(SIGTSTP, &action, NULL);
}

static gboolean on_readable(gint fd, G_GNUC_UNUSED GIOCondition condition,
                            G_GNUC_UNUSED gpointer user_data)
{
	char bytes[64];

	while (read(fd, bytes, sizeof bytes) > 0)
		;
	listener.asked(listener.user_data);
	return G_SOURCE_CONTINUE;
}

gboolean suspend_listen(void (*asked)(gpointer user_data), gpointer user_data)
{
	if (sigaction(SIGTSTP, NULL, &before) != 0 || before.sa_handler == SIG_IGN)
		return FALSE;
	if (!g_unix_open_pipe(ends, FD_CLOEXEC, NULL))
		return FALSE;
	g_unix_set_fd_nonblocking(ends[0], TRUE, NULL);
	g_unix_set_fd_nonblocking(ends[1], TRUE, NULL);
	listener.asked = asked;
	listener.user_data = user_data;
	listener.source = g_unix_fd_add(ends[0], G_IO_IN, on_readable, NULL);
	handle();
	return TRUE;
}

void suspend_forget(void)
{
	if (listener.source == 0)
		return;
	sigaction(SIGTSTP, &before, NULL);
	g_source_remove(listener.source);
	listener.source = 0;
	close(ends[0]);
	close(ends[1]);
}

void suspend_stop(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL};

	sigemptyset(&action.sa_mask);
	sigaction(SIGTSTP, &action, NULL);
	raise(SIGTSTP);
	handle();
}
