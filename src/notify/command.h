#ifndef PGUNLOCK_NOTIFY_COMMAND_H
#define PGUNLOCK_NOTIFY_COMMAND_H

/* One run of a command that is told a notice. */

#include <gio/gio.h>

/* A command line as words, quoted as for a shell, without running one: no variables, no pipes.
 * NULL and a usage error when there is no program in it or a quote is open. Free with g_strfreev.
 */
char **command_parse(const char *text, GError **error);

/*
 * Runs it with input on its standard input. It has limit_us; then it gets SIGTERM, and SIGKILL when
 * it is still there kill_after_us later. Cancelling kills it at once. What it started itself is not
 * followed. It doesn't get $NOTIFY_SOCKET, $WATCHDOG_PID and $WATCHDOG_USEC, which are this
 * program's, nor $PGPASSWORD.
 *
 * command_run_finish: TRUE when it ended with status 0. *output: the beginning of what it wrote to
 * standard output and standard error, safe text, NULL when that was nothing; free with g_free.
 */
void command_run_async(const char *const *words, GBytes *input, gint64 limit_us,
                       gint64 kill_after_us, GCancellable *cancellable, GAsyncReadyCallback done,
                       gpointer data);
gboolean command_run_finish(GAsyncResult *result, char **output, GError **error);

#endif
