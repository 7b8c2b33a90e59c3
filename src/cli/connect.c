#include "cli/connect.h"

#include "base/duration.h"
#include "base/error.h"
#include "cli/prompt.h"
#include "render/rows.h"

#include <string.h>

typedef struct {
	gboolean is_done;
	PgConnection *connection;
	gboolean needs_password;
	GError *error;
} Attempt;

static void on_connect(PgConnection *connection, GError *error, gboolean needs_password,
                       gpointer user_data)
{
	Attempt *attempt = user_data;
	attempt->connection = connection;
	attempt->error = error;
	attempt->needs_password = needs_password;
	attempt->is_done = TRUE;
}

static PgTarget *target_of(const Options *options)
{
	PgTarget *target = pg_target_new();
	pg_target_set(target, "host", options->host);
	pg_target_set(target, "port", options->port);
	pg_target_set(target, "user", options->username);
	pg_target_set(target, "dbname", options->dbname);
	return target;
}

static gboolean ask_password(Cli *cli, PgTarget *target, gboolean *is_given, GError **error)
{
	const char *user = pg_target_get(target, "user");
	g_autofree char *question =
	    user ? g_strdup_printf("Password for user %s: ", user) : g_strdup("Password: ");
	g_autofree char *password = NULL;
	if (!prompt_password(cli, question, &password, error))
		return FALSE;
	*is_given = password != NULL;
	if (password) {
		pg_target_set(target, "password", password);
		explicit_bzero(password, strlen(password));
	}
	return TRUE;
}

static gboolean attempt_once(Cli *cli, const PgTarget *target, Attempt *attempt, GError **error)
{
	gint64 timeout_us = cli_options(cli)->timeout_us;
	*attempt = (Attempt){0};
	PgConnecting *connecting =
	    pg_connect(NULL, target, timeout_us, timeout_us, on_connect, attempt);
	gboolean has_waited = cli_wait(cli, &attempt->is_done, error);
	if (!attempt->is_done)
		pg_connecting_abandon(connecting);
	return has_waited;
}

/* A server that wants a password gets a second attempt, with the answer. */
static PgConnection *connect_target(Cli *cli, PgTarget *target, GError **error)
{
	const Options *options = cli_options(cli);
	Attempt attempt;
	gboolean is_given = FALSE;

	if (options->password && !ask_password(cli, target, &is_given, error))
		return NULL;
	if (!attempt_once(cli, target, &attempt, error))
		return NULL;
	if (attempt.needs_password && !is_given && !options->no_password) {
		g_autoptr(GError) without = attempt.error;
		if (!ask_password(cli, target, &is_given, error))
			return NULL;
		if (!is_given) {
			g_propagate_error(error, g_steal_pointer(&without));
			return NULL;
		}
		if (!attempt_once(cli, target, &attempt, error))
			return NULL;
	}
	if (attempt.error)
		g_propagate_error(error, attempt.error);
	return attempt.connection;
}

/* The server needs a moment to end the old connection, and until then that has its slot, which may
 * be the last one (too_many_connections). */
#define SQLSTATE_NO_SLOT "53300"
#define SLOT_PAUSE_US (20 * DURATION_MS)
#define SLOT_PAUSES 25

PgConnection *cli_reconnect(Cli *cli, PgConnection *connection, const char *database,
                            GError **error)
{
	g_autoptr(PgTarget) target = pg_target_of_same_server(connection);
	Attempt attempt;
	pg_connection_free(connection);
	if (database)
		pg_target_set_database(target, database);
	for (guint pauses = 0;; pauses++) {
		if (!attempt_once(cli, target, &attempt, error))
			return NULL;
		if (pauses == SLOT_PAUSES ||
		    g_strcmp0(error_sqlstate(attempt.error), SQLSTATE_NO_SLOT) != 0)
			break;
		g_clear_error(&attempt.error);
		g_usleep(SLOT_PAUSE_US);
	}
	if (attempt.error)
		g_propagate_error(error, attempt.error);
	return attempt.connection;
}

static gboolean is_named(const char *name, const char *database, gboolean ignore_case)
{
	return ignore_case ? g_ascii_strcasecmp(name, database) == 0 : strcmp(name, database) == 0;
}

/* database: of the table that is meant, or NULL. Only a database itself knows its tables. */
static PgConnection *connect_for(Cli *cli, const char *database, gboolean ignore_case,
                                 GError **error)
{
	g_autoptr(PgTarget) target = target_of(cli_options(cli));
	gint64 started = g_get_monotonic_time();
	gboolean has_database = FALSE;
	if (database && !pg_target_has_database(target, &has_database, error))
		return NULL;
	if (database && !has_database)
		pg_target_set(target, "dbname", database);
	PgConnection *connection = connect_target(cli, target, error);
	if (connection && database &&
	    !is_named(pg_connection_server(connection)->database, database, ignore_case))
		connection = cli_reconnect(cli, connection, database, error);
	if (!connection)
		return NULL;

	const ServerInfo *server = pg_connection_server(connection);
	g_autofree char *took = duration_to_text(g_get_monotonic_time() - started);
	cli_note(cli, "connected to %s, port %d, database %s, as %s, backend %d, in %s",
	         server->host ? server->host : "the local socket", server->port, server->database,
	         server->user, server->own_pid, took);
	return connection;
}

PgConnection *cli_connect(Cli *cli, const NamePattern *pattern, GError **error)
{
	return connect_for(cli, pattern ? pattern->database : NULL,
	                   pattern && !pattern->database_case_sensitive, error);
}

PgConnection *cli_connect_to(Cli *cli, const char *database, GError **error)
{
	return connect_for(cli, database, FALSE, error);
}

gboolean cli_use_pooler(Cli *cli, PgPooler **pooler, GError **error)
{
	const char *conninfo = cli_options(cli)->pooler;
	*pooler = conninfo ? pg_pooler_new(NULL, conninfo, error) : NULL;
	if (*pooler || !conninfo)
		return TRUE;
	g_prefix_error(error, "--pooler: ");
	error_set_hint(error, "for example --pooler 'host=db1 port=6432 user=pgbouncer'");
	return FALSE;
}

typedef struct {
	gboolean is_done;
	gpointer answer;
	GError *error;
} Asked;

static void on_look(Snapshot *snapshot, GError *error, gpointer user_data)
{
	Asked *asked = user_data;
	*asked = (Asked){.is_done = TRUE, .answer = snapshot, .error = error};
}

static void on_tables(TableSet *tables, GError *error, gpointer user_data)
{
	Asked *asked = user_data;
	*asked = (Asked){.is_done = TRUE, .answer = tables, .error = error};
}

static void on_rows(RowSet *rows, GError *error, gpointer user_data)
{
	Asked *asked = user_data;
	*asked = (Asked){.is_done = TRUE, .answer = rows, .error = error};
}

static gpointer answer_of(Cli *cli, const Asked *asked, GError **error)
{
	if (!cli_wait(cli, &asked->is_done, error))
		return NULL;
	if (asked->error)
		g_propagate_error(error, asked->error);
	return asked->answer;
}

LookOptions cli_look_options(const Cli *cli, const LookOptions *options)
{
	LookOptions full = *options;
	full.timeout_us = cli_options(cli)->timeout_us;
	full.row_keys = full.row_keys && !cli_options(cli)->no_rows;
	return full;
}

Snapshot *cli_look(Cli *cli, PgConnection *connection, const LookOptions *options, GError **error)
{
	LookOptions full = cli_look_options(cli, options);
	Asked asked = {0};
	gint64 started = g_get_monotonic_time();
	pg_look(connection, &full, on_look, &asked);
	Snapshot *snapshot = answer_of(cli, &asked, error);
	if (snapshot) {
		g_autofree char *took = duration_to_text(g_get_monotonic_time() - started);
		cli_note(cli, "saw %u sessions and %u locks in %s", snapshot_n_sessions(snapshot),
		         snapshot_n_locks(snapshot), took);
	}
	return snapshot;
}

TableSet *cli_find_tables(Cli *cli, PgConnection *connection, const NamePattern *pattern,
                          GError **error)
{
	Asked asked = {0};
	pg_find_tables(connection, pattern, cli_options(cli)->timeout_us, on_tables, &asked);
	return answer_of(cli, &asked, error);
}

RowSet *cli_read_rows(Cli *cli, PgConnection *connection, const RowRef *ref, guint limit,
                      GError **error)
{
	Asked asked = {0};
	g_autofree char *hint = render_locked_table_hint(ref, &cli->style);
	pg_read_rows(connection, ref, limit, hint, cli_options(cli)->timeout_us, on_rows, &asked);
	return answer_of(cli, &asked, error);
}

typedef struct {
	Asked asked;
	Snapshot *snapshot;
} AskedConfig;

static void on_config(ServerConfig *config, const GPtrArray *problems, GError *error,
                      gpointer user_data)
{
	AskedConfig *reading = user_data;
	for (guint i = 0; i < problems->len; i++)
		snapshot_add_warning(reading->snapshot, "%s",
		                     (const char *) g_ptr_array_index(problems, i));
	reading->asked = (Asked){.is_done = TRUE, .answer = config, .error = error};
}

ServerConfig *cli_read_config(Cli *cli, PgConnection *connection, Snapshot *snapshot,
                              GError **error)
{
	AskedConfig reading = {.snapshot = snapshot};
	pg_read_config(connection, cli_options(cli)->timeout_us, on_config, &reading);
	return answer_of(cli, &reading.asked, error);
}
