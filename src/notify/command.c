#include "notify/command.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/text.h"

#include <signal.h>
#include <string.h>

/* Of its output no more than this is kept; the rest is read and thrown away, so that it can't stop
 * in a full pipe. */
#define MAX_OUTPUT 1000

/* Somebody whom it started may hold its output open for ever. */
#define DRAIN_MS 200

typedef struct {
	char *program; /* safe to show */
	GSubprocess *process;
	GInputStream *out;   /* the process's, borrowed */
	GCancellable *pipes; /* ends what is under way on the pipes, and the wait */
	GSource *cancelled;
	guint timer; /* to terminate, then to kill; after the exit to drain */
	gint64 limit_us;
	gint64 kill_after_us;
	GBytes *input;
	GString *output;
	guchar buffer[1024];
	gboolean is_terminated;
	gboolean has_exited;
	gboolean is_drained;
	gboolean is_done;
} Run;

char **command_parse(const char *text, GError **error)
{
	g_autoptr(GError) cause = NULL;
	char **words = NULL;

	if (g_shell_parse_argv(text, NULL, &words, &cause))
		return words;
	error_set(error, PGUNLOCK_ERROR_USAGE, "cannot split the command into words: %s",
	          cause->message);
	return NULL;
}

static void run_free(Run *run)
{
	g_clear_handle_id(&run->timer, g_source_remove);
	g_clear_object(&run->process);
	g_clear_object(&run->pipes);
	g_bytes_unref(run->input);
	g_string_free(run->output, TRUE);
	g_free(run->program);
	g_free(run);
}

/* The first of the ways to end that comes counts. error NULL: ended well. */
static void finish(GTask *task, GError *error)
{
	Run *run = g_task_get_task_data(task);

	if (run->is_done) {
		g_clear_error(&error);
		return;
	}
	run->is_done = TRUE;
	g_clear_handle_id(&run->timer, g_source_remove);
	if (run->cancelled != NULL) {
		g_source_destroy(run->cancelled);
		g_clear_pointer(&run->cancelled, g_source_unref);
	}
	g_cancellable_cancel(run->pipes);
	if (error != NULL)
		g_task_return_error(task, error);
	else
		g_task_return_boolean(task, TRUE);
}

static GError *exit_error(const Run *run)
{
	GError *error = NULL;

	if (run->is_terminated) {
		g_autofree char *limit = duration_to_text(run->limit_us);
		error_set(&error, PGUNLOCK_ERROR_FAILED, "%s was still running after %s and was ended",
		          run->program, limit);
	} else if (g_subprocess_get_if_signaled(run->process)) {
		error_set(&error, PGUNLOCK_ERROR_FAILED, "%s was ended by signal %d", run->program,
		          g_subprocess_get_term_sig(run->process));
	} else if (g_subprocess_get_exit_status(run->process) != 0) {
		error_set(&error, PGUNLOCK_ERROR_FAILED, "%s ended with status %d", run->program,
		          g_subprocess_get_exit_status(run->process));
	}
	return error;
}

static void finish_when_drained(GTask *task)
{
	const Run *run = g_task_get_task_data(task);

	if (run->has_exited && run->is_drained)
		finish(task, exit_error(run));
}

static void read_more(GTask *task);

static void on_output(GObject *stream, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	Run *run = g_task_get_task_data(task);
	gssize n = g_input_stream_read_finish(G_INPUT_STREAM(stream), result, NULL);

	if (run->is_done)
		return;
	if (n <= 0) {
		run->is_drained = TRUE;
		finish_when_drained(task);
		return;
	}
	gsize room = MAX_OUTPUT - run->output->len;
	g_string_append_len(run->output, (const char *) run->buffer, (gssize) MIN((gsize) n, room));
	read_more(task);
}

static void read_more(GTask *task)
{
	Run *run = g_task_get_task_data(task);

	g_input_stream_read_async(run->out, run->buffer, sizeof(run->buffer), G_PRIORITY_DEFAULT,
	                          run->pipes, on_output, g_object_ref(task));
}

static void on_input_closed(GObject *stream, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;

	g_output_stream_close_finish(G_OUTPUT_STREAM(stream), result, NULL);
}

/* A command that doesn't read its input has failed in nothing. */
static void on_input(GObject *stream, GAsyncResult *result, gpointer data)
{
	g_output_stream_write_all_finish(G_OUTPUT_STREAM(stream), result, NULL, NULL);
	g_output_stream_close_async(G_OUTPUT_STREAM(stream), G_PRIORITY_DEFAULT, NULL, on_input_closed,
	                            data);
}

static gboolean on_drain_end(gpointer data)
{
	GTask *task = data;
	Run *run = g_task_get_task_data(task);

	run->timer = 0;
	run->is_drained = TRUE;
	finish_when_drained(task);
	return G_SOURCE_REMOVE;
}

static void on_exited(GObject *process, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	Run *run = g_task_get_task_data(task);

	if (!g_subprocess_wait_finish(G_SUBPROCESS(process), result, NULL) || run->is_done)
		return;
	run->has_exited = TRUE;
	g_clear_handle_id(&run->timer, g_source_remove);
	if (!run->is_drained)
		run->timer = g_timeout_add(DRAIN_MS, on_drain_end, task);
	finish_when_drained(task);
}

static gboolean on_killed(gpointer data)
{
	GTask *task = data;
	Run *run = g_task_get_task_data(task);

	run->timer = 0;
	g_subprocess_force_exit(run->process);
	return G_SOURCE_REMOVE;
}

static gboolean on_too_late(gpointer data)
{
	GTask *task = data;
	Run *run = g_task_get_task_data(task);

	run->is_terminated = TRUE;
	g_subprocess_send_signal(run->process, SIGTERM);
	run->timer = g_timeout_add((guint) (run->kill_after_us / DURATION_MS), on_killed, task);
	return G_SOURCE_REMOVE;
}

static gboolean on_cancelled(G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
	g_autoptr(GTask) task = g_object_ref(G_TASK(data));
	Run *run = g_task_get_task_data(task);
	GError *error = NULL;

	g_subprocess_force_exit(run->process);
	error_set(&error, PGUNLOCK_ERROR_INTERRUPTED, "%s was killed, because the guard ends",
	          run->program);
	finish(task, error);
	return G_SOURCE_REMOVE;
}

static gboolean spawn(Run *run, const char *const *words, GError **error)
{
	static const char *const ours[] = {"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC",
	                                   "PGPASSWORD"};
	g_autoptr(GSubprocessLauncher) launcher =
	    g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
	                              G_SUBPROCESS_FLAGS_STDERR_MERGE);
	g_autoptr(GError) cause = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(ours); i++)
		g_subprocess_launcher_unsetenv(launcher, ours[i]);
	run->process = g_subprocess_launcher_spawnv(launcher, words, &cause);
	if (run->process != NULL)
		return TRUE;
	error_set(error, PGUNLOCK_ERROR_FAILED, "cannot run %s: %s", run->program, cause->message);
	return FALSE;
}

static void start(GTask *task, GCancellable *cancellable)
{
	Run *run = g_task_get_task_data(task);

	run->out = g_subprocess_get_stdout_pipe(run->process);
	run->timer = g_timeout_add((guint) (run->limit_us / DURATION_MS), on_too_late, task);
	run->cancelled = g_cancellable_source_new(cancellable);
	g_source_set_callback(run->cancelled, G_SOURCE_FUNC(on_cancelled), task, NULL);
	g_source_attach(run->cancelled, NULL);
	gsize length;
	const void *bytes = g_bytes_get_data(run->input, &length);
	g_output_stream_write_all_async(g_subprocess_get_stdin_pipe(run->process), bytes, length,
	                                G_PRIORITY_DEFAULT, run->pipes, on_input, g_object_ref(task));
	read_more(task);
	g_subprocess_wait_async(run->process, run->pipes, on_exited, g_object_ref(task));
}

void command_run_async(const char *const *words, GBytes *input, gint64 limit_us,
                       gint64 kill_after_us, GCancellable *cancellable, GAsyncReadyCallback done,
                       gpointer data)
{
	g_autoptr(GTask) task = g_task_new(NULL, NULL, done, data);
	Run *run = g_new0(Run, 1);
	GError *error = NULL;

	run->program = text_safe(words[0]);
	run->pipes = g_cancellable_new();
	run->limit_us = limit_us;
	run->kill_after_us = kill_after_us;
	run->input = g_bytes_ref(input);
	run->output = g_string_new(NULL);
	g_task_set_task_data(task, run, (GDestroyNotify) run_free);
	if (spawn(run, words, &error))
		start(task, cancellable);
	else
		finish(task, error);
}

gboolean command_run_finish(GAsyncResult *result, char **output, GError **error)
{
	const Run *run = g_task_get_task_data(G_TASK(result));

	*output = NULL;
	if (run->output->len > 0) {
		g_autofree char *valid = text_repair(run->output->str, run->output->len);
		*output = g_strstrip(text_safe(valid));
	}
	return g_task_propagate_boolean(G_TASK(result), error);
}
