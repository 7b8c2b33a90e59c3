#include "demo/demo.h"

#include "base/duration.h"
#include "base/error.h"
#include "demo/login_pool.h"
#include "demo/server_binaries.h"
#include "demo/throwaway_server.h"
#include "model/wait_graph.h"
#include "pg/look.h"

#include <glib-unix.h>
#include <signal.h>
#include <string.h>

/*
 * The story is a list of scenes, each of which ends with next_scene(). Exactly one is being played
 * at any time; Ctrl-C or an error ends the main loop, and what was started is cleared away after
 * it.
 */

#define N_CLIENTS 5
#define CONNECT_TIMEOUT_US (5 * DURATION_SECOND)
/* How long the server may take to let us in, the clients to queue up, the logins to get through. */
#define SCENE_TIMEOUT_US (30 * DURATION_SECOND)
#define RETRY_MS 20

typedef struct {
	const DemoOptions *options;
	DemoPrint print;
	gpointer user_data;

	GMainLoop *loop;
	guint scene;
	gint64 scene_started;
	GError *error;

	char *program; /* our own binary */
	char *bindir;
	ThrowawayServer *server;
	PgTarget *target;
	PgConnecting *connecting; /* the observer, or NULL */
	PgConnection *observer;
	LoginPool *pool;
	guint n_logged_in;
	GString *logins; /* to be said when the command that freed them has had its say */
	GPid child;
	guint child_watch;
	guint timer;
} Demo;

static void next_scene(Demo *demo);

static void G_GNUC_PRINTF(2, 3) say(Demo *demo, const char *format, ...)
{
	va_list args;
	g_autofree char *text = NULL;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	demo->print(text, demo->user_data);
}

/* Takes the error. The first one counts. */
static void fail(Demo *demo, GError *error)
{
	if (demo->error)
		g_error_free(error);
	else
		demo->error = error;
	g_main_loop_quit(demo->loop);
}

static gboolean scene_took_too_long(const Demo *demo)
{
	return g_get_monotonic_time() - demo->scene_started > SCENE_TIMEOUT_US;
}

static void retry(Demo *demo, GSourceFunc function)
{
	demo->timer = g_timeout_add(RETRY_MS, function, demo);
}

static void on_server_started(GError *error, gpointer data)
{
	if (error)
		fail(data, error);
	else
		next_scene(data);
}

static void scene_start_server(Demo *demo)
{
	say(demo, "Starting a throw-away server (%s) ...\n", demo->bindir);
	throwaway_server_start(demo->server, on_server_started, demo);
}

static gboolean connect_observer(gpointer data);

static void on_observer_connected(PgConnection *connection, GError *error, gboolean needs_password,
                                  gpointer data)
{
	Demo *demo = data;
	GError *died = throwaway_server_died(demo->server);

	(void) needs_password;
	demo->connecting = NULL;
	demo->observer = connection;
	if (connection) {
		next_scene(demo);
	} else if (died || scene_took_too_long(demo)) {
		fail(demo, died ? died : g_steal_pointer(&error));
		g_clear_error(&error);
	} else {
		/* it is still starting */
		g_error_free(error);
		retry(demo, connect_observer);
	}
}

static gboolean connect_observer(gpointer data)
{
	Demo *demo = data;

	demo->timer = 0;
	demo->connecting = pg_connect(NULL, demo->target, CONNECT_TIMEOUT_US, CONNECT_TIMEOUT_US,
	                              on_observer_connected, demo);
	return G_SOURCE_REMOVE;
}

static void scene_wait_for_server(Demo *demo)
{
	connect_observer(demo);
}

static void on_pool_done(GError *error, gpointer data)
{
	if (error)
		fail(data, error);
	else
		next_scene(data);
}

static void scene_crash(Demo *demo)
{
	say(demo, "An application logs users in. One of its connections crashed half-way through a "
	          "login:\nits transaction is open, the row of table login_sessions stays locked.\n");
	demo->pool = login_pool_new(demo->target, N_CLIENTS);
	login_pool_crash(demo->pool, on_pool_done, demo);
}

static void on_logged_in(guint client, gint64 took_us, const GError *error, gpointer data)
{
	Demo *demo = data;
	g_autofree char *took = duration_to_text(took_us);

	if (error) {
		fail(demo, g_error_copy(error));
		return;
	}
	demo->n_logged_in++;
	g_string_append_printf(demo->logins, "  client %u is logged in, after %s\n", client + 1, took);
}

static void scene_log_in(Demo *demo)
{
	say(demo, "Now %d clients try to log in.\n", N_CLIENTS);
	login_pool_log_in(demo->pool, on_pool_done, on_logged_in, demo);
}

static gboolean look(gpointer data);

static void on_look(Snapshot *snapshot, GError *error, gpointer data)
{
	Demo *demo = data;
	WaitGraph *graph;
	guint n_blocked;

	if (!snapshot) {
		fail(demo, error);
		return;
	}
	graph = wait_graph_new(snapshot);
	n_blocked = wait_graph_n_blocked(graph);
	wait_graph_free(graph);
	snapshot_free(snapshot);
	if (n_blocked == N_CLIENTS) {
		next_scene(demo);
	} else if (scene_took_too_long(demo)) {
		error_set(&error, PGUNLOCK_ERROR_FAILED, "%u clients wait, not %d", n_blocked, N_CLIENTS);
		fail(demo, error);
	} else {
		retry(demo, look);
	}
}

static gboolean look(gpointer data)
{
	Demo *demo = data;
	LookOptions options = {.timeout_us = CONNECT_TIMEOUT_US};

	demo->timer = 0;
	pg_look(demo->observer, &options, on_look, demo);
	return G_SOURCE_REMOVE;
}

static void scene_wait_for_jam(Demo *demo)
{
	look(demo);
}

static void on_command_exit(GPid pid, gint status, gpointer data)
{
	Demo *demo = data;
	g_autoptr(GError) reason = NULL;
	GError *error = NULL;

	g_spawn_close_pid(pid);
	demo->child = 0;
	demo->child_watch = 0;
	if (g_spawn_check_wait_status(status, &reason)) {
		next_scene(demo);
	} else {
		error_set(&error, PGUNLOCK_ERROR_NOT_FREED, "the command failed: %s", reason->message);
		fail(demo, error);
	}
}

/* Runs our own program as a person would, and shows the command line. The audit log of the demo
 * goes where the demo goes. */
static void run_command(Demo *demo, const char *const *words)
{
	const char *directory = throwaway_server_directory(demo->server);
	g_autofree char *state = g_build_filename(directory, "state", NULL);
	g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "XDG_STATE_HOME", state, TRUE);
	g_autoptr(GPtrArray) arguments = g_ptr_array_new();
	g_autofree char *shown = g_strjoinv(" ", (char **) (gsize) words);
	g_autoptr(GError) reason = NULL;
	GError *error = NULL;

	say(demo, "\n$ pgunlock %s -h %s -U postgres\n", shown, directory);
	g_ptr_array_add(arguments, demo->program);
	for (; *words; words++)
		g_ptr_array_add(arguments, (gpointer) (gsize) *words);
	for (const char *const *word =
	         (const char *const[]){"-h", directory, "-U", "postgres", "--color",
	                               demo->options->color ? "always" : "never", NULL};
	     *word; word++)
		g_ptr_array_add(arguments, (gpointer) (gsize) *word);
	g_ptr_array_add(arguments, NULL);
	if (!g_spawn_async(NULL, (char **) arguments->pdata, environment,
	                   G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL,
	                   &demo->child, &reason)) {
		error_set(&error, PGUNLOCK_ERROR_FAILED, "cannot run \"%s\": %s", demo->program,
		          reason->message);
		fail(demo, error);
		return;
	}
	demo->child_watch = g_child_watch_add(demo->child, on_command_exit, demo);
}

static void scene_show_status(Demo *demo)
{
	run_command(demo, (const char *const[]){"status", NULL});
}

static void scene_release(Demo *demo)
{
	run_command(demo, (const char *const[]){"release", "--table", "login_sessions", "--yes", NULL});
}

static gboolean wait_for_logins(gpointer data)
{
	Demo *demo = data;
	GError *error = NULL;

	demo->timer = 0;
	if (demo->n_logged_in == N_CLIENTS) {
		say(demo, "\n%s", demo->logins->str);
		next_scene(demo);
	} else if (scene_took_too_long(demo)) {
		error_set(&error, PGUNLOCK_ERROR_NOT_FREED, "only %u of %d clients are logged in",
		          demo->n_logged_in, N_CLIENTS);
		fail(demo, error);
	} else {
		retry(demo, wait_for_logins);
	}
	return G_SOURCE_REMOVE;
}

static void scene_wait_for_logins(Demo *demo)
{
	wait_for_logins(demo);
}

static void scene_end(Demo *demo)
{
	const char *directory = throwaway_server_directory(demo->server);
	g_autofree char *stop = throwaway_server_stop_command(demo->server);

	if (demo->options->keep)
		say(demo,
		    "All %d clients are logged in. The server stays up:\n"
		    "  connect:  psql -h %s -U postgres\n"
		    "  jam it:   BEGIN; UPDATE login_sessions SET token = 'x' WHERE user_id = 42;\n"
		    "            and the same UPDATE in a second session\n"
		    "  look:     pgunlock -h %s -U postgres\n"
		    "  stop:     %s\n",
		    N_CLIENTS, directory, directory, stop);
	else
		say(demo, "All %d clients are logged in. The server is stopped and removed.\n", N_CLIENTS);
	g_main_loop_quit(demo->loop);
}

static void next_scene(Demo *demo)
{
	static void (*const scenes[])(Demo *) = {
	    scene_start_server, scene_wait_for_server, scene_crash,
	    scene_log_in,       scene_wait_for_jam,    scene_show_status,
	    scene_release,      scene_wait_for_logins, scene_end,
	};

	demo->scene_started = g_get_monotonic_time();
	scenes[demo->scene++](demo);
}

static gboolean begin(gpointer data)
{
	next_scene(data);
	return G_SOURCE_REMOVE;
}

static gboolean on_interrupt(gpointer data)
{
	GError *error = NULL;

	error_set(&error, PGUNLOCK_ERROR_INTERRUPTED, "interrupted");
	fail(data, error);
	return G_SOURCE_CONTINUE;
}

/* Our environment must not lead the demo to anybody's server, or give its sessions odd settings. */
static void forget_connection_environment(void)
{
	g_auto(GStrv) names = g_listenv();

	for (char **name = names; *name; name++)
		if (g_str_has_prefix(*name, "PG") && !g_str_has_prefix(*name, "PGUNLOCK"))
			g_unsetenv(*name);
}

static gboolean prepare(Demo *demo, GError **error)
{
	demo->bindir = server_binaries_find(demo->options->bindir, error);
	if (!demo->bindir)
		return FALSE;
	demo->program = g_file_read_link("/proc/self/exe", NULL);
	if (!demo->program) {
		error_set(error, PGUNLOCK_ERROR_FAILED, "cannot find out which program this is");
		return FALSE;
	}
	demo->server = throwaway_server_new(demo->bindir, error);
	if (!demo->server)
		return FALSE;
	forget_connection_environment();
	demo->target = pg_target_new();
	pg_target_set(demo->target, "host", throwaway_server_directory(demo->server));
	pg_target_set(demo->target, "port", "5432");
	pg_target_set(demo->target, "user", "postgres");
	pg_target_set(demo->target, "dbname", "postgres");
	return TRUE;
}

static void clear_away(Demo *demo, gboolean keep)
{
	if (demo->timer)
		g_source_remove(demo->timer);
	if (demo->child_watch) {
		g_source_remove(demo->child_watch);
		kill(demo->child, SIGTERM);
		g_spawn_close_pid(demo->child);
	}
	login_pool_free(demo->pool);
	pg_connecting_abandon(demo->connecting);
	pg_connection_free(demo->observer);
	if (keep && demo->server)
		throwaway_server_leave(demo->server);
	else
		throwaway_server_destroy(demo->server);
	pg_target_free(demo->target);
	g_free(demo->bindir);
	g_free(demo->program);
}

gboolean demo_run(const DemoOptions *options, DemoPrint print, gpointer user_data, GError **error)
{
	Demo demo = {.options = options, .print = print, .user_data = user_data};
	const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	guint sources[G_N_ELEMENTS(signals)];

	/* From here on Ctrl-C is ours: nothing that was started must be left behind. */
	demo.loop = g_main_loop_new(NULL, FALSE);
	demo.logins = g_string_new(NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
		sources[i] = g_unix_signal_add(signals[i], on_interrupt, &demo);
	if (prepare(&demo, &demo.error)) {
		g_idle_add(begin, &demo);
		g_main_loop_run(demo.loop);
	}
	clear_away(&demo, options->keep && !demo.error);
	for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
		g_source_remove(sources[i]);
	g_main_loop_unref(demo.loop);
	g_string_free(demo.logins, TRUE);
	if (demo.error) {
		g_propagate_error(error, demo.error);
		return FALSE;
	}
	return TRUE;
}
