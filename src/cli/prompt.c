#include "cli/prompt.h"

#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LONGEST_LINE 1024

static gboolean on_readable(G_GNUC_UNUSED gint fd, G_GNUC_UNUSED GIOCondition condition,
                            gpointer user_data)
{
	*(gboolean *) user_data = TRUE;
	return G_SOURCE_REMOVE;
}

/* A line without its newline; *line is NULL at the end of input. A terminal gives a whole line to
 * one read. */
static gboolean read_line(Cli *cli, int fd, char **line, GError **error)
{
	gboolean is_readable = FALSE;
	guint source = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, &is_readable);
	*line = NULL;
	if (!cli_wait(cli, &is_readable, error)) {
		g_source_remove(source);
		return FALSE;
	}

	char buffer[LONGEST_LINE];
	ssize_t length;
	do
		length = read(fd, buffer, sizeof(buffer));
	while (length < 0 && errno == EINTR);
	if (length > 0) {
		*line = g_strndup(buffer, (gsize) length);
		(*line)[strcspn(*line, "\r\n")] = '\0';
	}
	explicit_bzero(buffer, sizeof(buffer));
	return TRUE;
}

static void write_all(int fd, const char *text)
{
	gsize length = strlen(text);
	while (length > 0) {
		ssize_t written = write(fd, text, length);
		if (written < 0 && errno != EINTR)
			return;
		if (written > 0) {
			text += written;
			length -= (gsize) written;
		}
	}
}

gboolean prompt_password(Cli *cli, const char *question, char **password, GError **error)
{
	struct termios before;
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	*password = NULL;
	if (tty < 0)
		return TRUE;
	if (tcgetattr(tty, &before) != 0) {
		close(tty);
		return TRUE;
	}

	struct termios silent = before;
	silent.c_lflag &= ~(tcflag_t) ECHO;
	tcsetattr(tty, TCSAFLUSH, &silent);
	write_all(tty, question);
	gboolean is_asked = read_line(cli, tty, password, error);
	tcsetattr(tty, TCSAFLUSH, &before);
	write_all(tty, "\n");
	close(tty);
	return is_asked;
}

/* Standard output, or standard error when the output goes elsewhere: the person must see it. */
static int question_fd(void)
{
	return terminal_is(STDOUT_FILENO) ? STDOUT_FILENO : STDERR_FILENO;
}

gboolean prompt_can_ask(void)
{
	return terminal_is(STDIN_FILENO) && terminal_is(question_fd());
}

gboolean prompt_yes(Cli *cli, const char *question, gboolean *is_yes, GError **error)
{
	g_autofree char *answer = NULL;
	*is_yes = FALSE;
	tcflush(STDIN_FILENO, TCIFLUSH);
	write_all(question_fd(), question);
	if (!read_line(cli, STDIN_FILENO, &answer, error)) {
		write_all(question_fd(), "\n");
		return FALSE;
	}
	if (!answer) {
		write_all(question_fd(), "\n");
		return TRUE;
	}
	g_strstrip(answer);
	*is_yes = g_ascii_strcasecmp(answer, "y") == 0 || g_ascii_strcasecmp(answer, "yes") == 0;
	return TRUE;
}
