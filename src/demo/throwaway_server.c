#include "demo/throwaway_server.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The longest path of a socket is 107 bytes; a long TMPDIR leaves no room for it. */
#define LONGEST_DIRECTORY 80
#define STOP_TIMEOUT_US G_GINT64_CONSTANT(10000000)
/* Of what initdb or postgres printed, this much of the end is shown. */
#define SHOWN_OF_LOG 600

struct ThrowawayServer {
	char *bindir;
	char *directory;
	char *log;
	const struct passwd *user; /* NULL: as whom we run */
	GPid pid;                  /* of initdb, then of postgres; 0 when neither runs */
	guint watch;
	gboolean exited;
	ThrowawayServerDone done;
	gpointer user_data;
};

/* PostgreSQL's programs refuse to run as root. */
static const struct passwd *find_unprivileged_user(GError **error)
{
	const char *const names[] = {"postgres", "nobody"};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		const struct passwd *user = getpwnam(names[i]);

		if (user && user->pw_uid != 0)
			return user;
	}
	error_set(error, PGUNLOCK_ERROR_FAILED,
	          "a server can't run as root, and there is no user "
	          "\"postgres\" or \"nobody\" to run it as");
	return NULL;
}

static char *make_directory(GError **error)
{
	g_autofree char *in_tmp = g_strdup("/tmp/pgunlock-demo-XXXXXX");
	g_autoptr(GError) reason = NULL;
	char *directory = NULL;

	if (strlen(g_get_tmp_dir()) < LONGEST_DIRECTORY - strlen("/pgunlock-demo-XXXXXX"))
		directory = g_dir_make_tmp("pgunlock-demo-XXXXXX", &reason);
	else if (g_mkdtemp(in_tmp))
		directory = g_steal_pointer(&in_tmp);
	if (!directory)
		error_set(error, PGUNLOCK_ERROR_FAILED, "cannot make a temporary directory: %s",
		          reason ? reason->message : g_strerror(errno));
	return directory;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void) status;
	(void) type;
	(void) walk;
	return remove(path);
}

static void free_server(ThrowawayServer *server)
{
	g_free(server->bindir);
	g_free(server->directory);
	g_free(server->log);
	g_free(server);
}

ThrowawayServer *throwaway_server_new(const char *bindir, GError **error)
{
	ThrowawayServer *server = g_new0(ThrowawayServer, 1);

	server->bindir = g_strdup(bindir);
	if (geteuid() == 0) {
		server->user = find_unprivileged_user(error);
		if (!server->user)
			goto fail;
	}
	server->directory = make_directory(error);
	if (!server->directory)
		goto fail;
	server->log = g_build_filename(server->directory, "log", NULL);
	if (server->user && chown(server->directory, server->user->pw_uid, server->user->pw_gid) != 0) {
		error_set(error, PGUNLOCK_ERROR_FAILED, "cannot give \"%s\" to %s: %s", server->directory,
		          server->user->pw_name, g_strerror(errno));
		(void) rmdir(server->directory);
		goto fail;
	}
	return server;
fail:
	free_server(server);
	return NULL;
}

const char *throwaway_server_directory(const ThrowawayServer *server)
{
	return server->directory;
}

/* As another user through setpriv (util-linux), which becomes the program: its pid is ours to end.
 */
static GPtrArray *begin_command(const ThrowawayServer *server, const char *program)
{
	GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);

	if (server->user) {
		g_ptr_array_add(arguments, g_strdup("setpriv"));
		g_ptr_array_add(arguments, g_strdup_printf("--reuid=%lu", (gulong) server->user->pw_uid));
		g_ptr_array_add(arguments, g_strdup_printf("--regid=%lu", (gulong) server->user->pw_gid));
		g_ptr_array_add(arguments, g_strdup("--init-groups"));
	}
	g_ptr_array_add(arguments, g_build_filename(server->bindir, program, NULL));
	return arguments;
}

static void add_arguments(GPtrArray *arguments, const char *const *more)
{
	for (; *more; more++)
		g_ptr_array_add(arguments, g_strdup(*more));
	g_ptr_array_add(arguments, NULL);
}

/* Its own output goes to the log; it starts in the temporary directory, since the user may not be
 * allowed to be in ours. */
static gboolean spawn(ThrowawayServer *server, GPtrArray *arguments, GChildWatchFunc on_exit,
                      GError **error)
{
	g_autoptr(GError) reason = NULL;
	g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "LC_ALL", "C", TRUE);
	int log = open(server->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	gboolean ok;

	if (log < 0) {
		error_set(error, PGUNLOCK_ERROR_FAILED, "cannot write \"%s\": %s", server->log,
		          g_strerror(errno));
		return FALSE;
	}
	ok = g_spawn_async_with_fds(server->directory, (char **) arguments->pdata, environment,
	                            G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH, NULL, NULL,
	                            &server->pid, -1, log, log, &reason);
	close(log);
	if (!ok) {
		server->pid = 0;
		error_set(error, PGUNLOCK_ERROR_FAILED, "%s", reason->message);
		return FALSE;
	}
	server->exited = FALSE;
	server->watch = g_child_watch_add(server->pid, on_exit, server);
	return TRUE;
}

static GError *error_with_log(const ThrowawayServer *server, const char *what)
{
	g_autofree char *log = NULL;
	g_autofree char *tail = NULL;
	gsize length = 0;
	GError *error = NULL;

	if (g_file_get_contents(server->log, &log, &length, NULL)) {
		gsize shown = MIN(length, SHOWN_OF_LOG);
		g_autofree char *repaired = text_repair(log + length - shown, shown);

		tail = text_safe(repaired);
	}
	error_set(&error, PGUNLOCK_ERROR_FAILED, "%s: %s", what, tail && *tail ? tail : "no output");
	return error;
}

static void on_postgres_exit(GPid pid, gint status, gpointer data)
{
	ThrowawayServer *server = data;

	(void) status;
	g_spawn_close_pid(pid);
	server->pid = 0;
	server->watch = 0;
	server->exited = TRUE;
}

static gboolean start_postgres(ThrowawayServer *server, GError **error)
{
	g_autoptr(GPtrArray) arguments = begin_command(server, "postgres");
	g_autofree char *data = g_build_filename(server->directory, "data", NULL);
	g_autofree char *socket = g_strdup_printf("unix_socket_directories=%s", server->directory);

	/* Nothing here has to survive a crash; nothing has to be reached from elsewhere. */
	add_arguments(arguments,
	              (const char *[]){"-D", data, "-c", socket, "-c", "listen_addresses=", "-c",
	                               "port=5432", "-c", "fsync=off", "-c", "shared_buffers=8MB", "-c",
	                               "max_connections=40", NULL});
	return spawn(server, arguments, on_postgres_exit, error);
}

static void on_initdb_exit(GPid pid, gint status, gpointer data)
{
	ThrowawayServer *server = data;
	GError *error = NULL;

	g_spawn_close_pid(pid);
	server->pid = 0;
	server->watch = 0;
	server->exited = TRUE;
	if (!g_spawn_check_wait_status(status, NULL))
		error = error_with_log(server, "initdb failed");
	else
		start_postgres(server, &error);
	server->done(error, server->user_data);
}

void throwaway_server_start(ThrowawayServer *server, ThrowawayServerDone done, gpointer user_data)
{
	g_autoptr(GPtrArray) arguments = begin_command(server, "initdb");
	g_autofree char *data = g_build_filename(server->directory, "data", NULL);
	GError *error = NULL;

	server->done = done;
	server->user_data = user_data;
	/* trust: whoever gets at the socket has got into a directory that only its owner may enter */
	add_arguments(arguments, (const char *[]){"-D", data, "-U", "postgres", "-A", "trust", "-E",
	                                          "UTF8", "--locale=C", "--no-sync", NULL});
	if (!spawn(server, arguments, on_initdb_exit, &error))
		done(error, user_data);
}

GError *throwaway_server_died(const ThrowawayServer *server)
{
	return server->exited ? error_with_log(server, "the server stopped") : NULL;
}

/* The server removes its pid file last of all. */
char *throwaway_server_stop_command(const ThrowawayServer *server)
{
	g_autofree char *pid_file = g_build_filename(server->directory, "data", "postmaster.pid", NULL);
	g_autofree char *quoted_file = text_shell_quote(pid_file);
	g_autofree char *quoted_directory = text_shell_quote(server->directory);

	return g_strdup_printf("kill -INT $(head -1 %s); while [ -e %s ]; do sleep 0.1; done; rm -r %s",
	                       quoted_file, quoted_file, quoted_directory);
}

/* SIGQUIT: postgres ends at once, without a shutdown checkpoint; initdb ends, too. */
static void stop(ThrowawayServer *server)
{
	gint64 deadline = g_get_monotonic_time() + STOP_TIMEOUT_US;
	int status;

	if (server->pid == 0)
		return;
	g_source_remove(server->watch);
	kill(server->pid, SIGQUIT);
	while (waitpid(server->pid, &status, WNOHANG) == 0) {
		if (g_get_monotonic_time() > deadline) {
			kill(server->pid, SIGKILL);
			waitpid(server->pid, &status, 0);
			break;
		}
		g_usleep(5000);
	}
	g_spawn_close_pid(server->pid);
	server->pid = 0;
}

void throwaway_server_destroy(ThrowawayServer *server)
{
	if (!server)
		return;
	stop(server);
	nftw(server->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free_server(server);
}

void throwaway_server_leave(ThrowawayServer *server)
{
	if (server->watch)
		g_source_remove(server->watch);
	free_server(server);
}
