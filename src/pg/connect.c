#include "base/duration.h"
#include "base/error.h"
#include "pg/connect_error.h"
#include "pg/connection_internal.h"
#include "pg/request.h"
#include "pg/resolve.h"
#include "pg/server_facts.h"
#include "pg/sqlstate.h"
#include "pg/target.h"

#include <glib-unix.h>
#include <string.h>

/*
 * From a target to a connection that is ready:
 *
 *   [an answer over another connection] -> begin -> [look names up]
 *     -> connect to the places in turn -> facts -> settings -> done
 *
 * Without a database in the target the whole is tried with postgres, then with template1. They
 * share the time: a login into postgres may hang on a catalog that is locked there alone.
 */

#define DEFAULT_CONNECT_TIMEOUT_US (5 * DURATION_SECOND)

#define NO_PLACE G_MAXUINT

/* The maintenance databases of PostgreSQL's own tools, for a target that names none. */
static const char *const DEFAULT_DATABASES[] = {"postgres", "template1"};

struct PgConnecting {
	GMainContext *context;
	PgTarget *target;
	gint64 timeout_us;
	gint64 deadline; /* of all, by g_get_monotonic_time, from the beginning on */
	gint64 statement_timeout_us;
	gboolean is_console; /* nothing is asked after the login */
	PgConnectDone done;
	gpointer user_data;

	PgRequest *asked; /* whose answer says whether to begin at all; or NULL */
	GSource *begin;
	gint64 place_timeout_us; /* of one place, until it has let us in; 0: no limit of its own */
	guint default_database;  /* which of DEFAULT_DATABASES is tried now */
	gboolean has_database;
	GPtrArray *places; /* of PgPlace; NULL: libpq's default */
	guint first_place; /* the first that conn was given */
	PgLookup *lookup;
	PGconn *conn;
	char *current_place; /* that conn is at */
	GSource *socket;
	GSource *timer;
	GPtrArray *failures;     /* of ConnectFailure */
	GError *first_error;     /* with the first of DEFAULT_DATABASES */
	guint database_failures; /* where those with the current database begin */
	guint silent_place;    /* the first that took the connection but lets nobody in, or NO_PLACE */
	gint64 place_limit_us; /* what the current place has got */
	gint64 place_rest_us;  /* what it gets besides, if the host doesn't answer at all */
	gboolean is_time_shared; /* the first of DEFAULT_DATABASES has used its half */
	PgConnection *connection;
};

static void start_attempt(PgConnecting *connecting);

static void set_source(PgConnecting *connecting, GSource **slot, GSource *source,
                       GSourceFunc callback)
{
	pg_source_clear(slot);
	*slot = source;
	g_source_set_callback(source, callback, connecting, NULL);
	g_source_attach(source, connecting->context);
}

static void drop_conn(PgConnecting *connecting)
{
	pg_source_clear(&connecting->socket);
	pg_source_clear(&connecting->timer);
	g_clear_pointer(&connecting->conn, PQfinish);
	g_clear_pointer(&connecting->current_place, g_free);
}

void pg_connecting_abandon(PgConnecting *connecting)
{
	if (connecting == NULL)
		return;
	g_clear_pointer(&connecting->asked, pg_request_abandon);
	drop_conn(connecting);
	pg_source_clear(&connecting->begin);
	g_clear_pointer(&connecting->lookup, pg_lookup_free);
	g_clear_pointer(&connecting->places, g_ptr_array_unref);
	g_ptr_array_unref(connecting->failures);
	g_clear_error(&connecting->first_error);
	pg_connection_free(connecting->connection);
	pg_target_free(connecting->target);
	g_main_context_unref(connecting->context);
	g_free(connecting);
}

static void finish(PgConnecting *connecting, GError *error, gboolean needs_password)
{
	PgConnection *connection = error == NULL ? g_steal_pointer(&connecting->connection) : NULL;
	PgConnectDone done = connecting->done;
	gpointer user_data = connecting->user_data;

	pg_connecting_abandon(connecting);
	done(connection, error, needs_password, user_data);
}

static gint64 time_left(const PgConnecting *connecting)
{
	return MAX(connecting->deadline - g_get_monotonic_time(), 0);
}

static ConnectFailure *last_failure(const PgConnecting *connecting)
{
	return g_ptr_array_index(connecting->failures, connecting->failures->len - 1);
}

/* Whether another database may be let in where this one was not. Not when a password was tried:
 * some ways of authentication lock the account after a few failures. */
static gboolean is_about_the_database(const PgConnecting *connecting)
{
	static const char *const SQLSTATES[] = {"3D000", SQLSTATE_DENIED, "55000", "28000"};
	const ConnectFailure *last = last_failure(connecting);

	if (PQconnectionUsedPassword(connecting->conn))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(SQLSTATES); i++)
		if (strcmp(SQLSTATES[i], last->sqlstate) == 0)
			return TRUE;
	return FALSE;
}

static gboolean has_next_database(const PgConnecting *connecting)
{
	return !connecting->has_database &&
	       connecting->default_database + 1 < G_N_ELEMENTS(DEFAULT_DATABASES);
}

static void name_database_in_failures(PgConnecting *connecting)
{
	for (guint i = connecting->database_failures; i < connecting->failures->len; i++)
		connect_failure_set_database(g_ptr_array_index(connecting->failures, i),
		                             DEFAULT_DATABASES[connecting->default_database]);
}

static void try_next_database(PgConnecting *connecting, guint first_place)
{
	connect_error_set(&connecting->first_error, connecting->failures);
	name_database_in_failures(connecting);
	connecting->default_database++;
	connecting->database_failures = connecting->failures->len;
	connecting->first_place = first_place;
	drop_conn(connecting);
	start_attempt(connecting);
}

/* Where both databases are refused for the same reason the first one's error tells it all. */
static void give_up(PgConnecting *connecting, gboolean needs_password)
{
	GError *error = NULL;
	const char *sqlstate = last_failure(connecting)->sqlstate;

	if (connecting->first_error != NULL && sqlstate[0] != '\0' &&
	    g_strcmp0(error_sqlstate(connecting->first_error), sqlstate) == 0) {
		error = g_steal_pointer(&connecting->first_error);
	} else {
		if (connecting->first_error != NULL)
			name_database_in_failures(connecting);
		connect_error_set(&error, connecting->failures);
	}
	finish(connecting, error, needs_password);
}

static void attempt_failed(PgConnecting *connecting)
{
	g_autofree char *place = pg_place_text(connecting->conn);
	gboolean needs_password = PQconnectionNeedsPassword(connecting->conn) != 0;

	connect_failures_parse(connecting->failures, PQerrorMessage(connecting->conn), place,
	                       connecting->places);
	if (connecting->failures->len == connecting->database_failures)
		connect_failures_add(connecting->failures,
		                     connect_failure_new(place, "it broke off without a word", ""));
	if (needs_password)
		connect_failure_set_text(last_failure(connecting),
		                         "a password is needed and none was given",
		                         "-W asks for it; or give it in PGPASSWORD or ~/.pgpass");
	if (has_next_database(connecting) && is_about_the_database(connecting))
		try_next_database(connecting, 0);
	else
		give_up(connecting, needs_password);
}

/* The index of the place that conn is at. */
static guint find_current_place(const PgConnecting *connecting)
{
	const PGconn *conn = connecting->conn;

	return pg_places_find(connecting->places, connecting->first_place, PQhost(conn),
	                      PQhostaddr(conn), PQport(conn));
}

static gboolean has_taken_connection(const PGconn *conn)
{
	return PQstatus(conn) != CONNECTION_NEEDED && PQstatus(conn) != CONNECTION_STARTED;
}

static void add_timeout_failure(PgConnecting *connecting)
{
	/* What is left of a limit is a few milliseconds less. */
	const gint64 unit = 100 * DURATION_MS;
	gint64 waited_us = (connecting->place_limit_us + unit - 1) / unit * unit;
	g_autofree char *place = pg_place_text(connecting->conn);
	g_autofree char *waited = duration_to_text(waited_us);
	g_autofree char *text = g_strdup_printf("no answer within %s", waited);

	connect_failures_parse(connecting->failures, PQerrorMessage(connecting->conn), place,
	                       connecting->places);
	ConnectFailure *failure = connect_failure_new(place, text, "");

	failure->hint =
	    has_taken_connection(connecting->conn)
	        ? "the server has taken the connection but lets nobody in: it is overloaded, a "
	          "catalog that logins read is locked, or its lock manager is stuck (the server's log "
	          "says "
	          "nothing of either); " HINT_LOCKED_CATALOG
	        : "that host doesn't answer: is -h right, is it up, does a firewall stand between?";
	connect_failures_add(connecting->failures, failure);
}

static gboolean on_place_timeout(gpointer data);

static void give_place_time(PgConnecting *connecting, gint64 time_us)
{
	set_source(connecting, &connecting->timer,
	           g_timeout_source_new((guint) (time_us / DURATION_MS) + 1), on_place_timeout);
}

/* The time of this place, or of all, is up. */
static gboolean on_place_timeout(gpointer data)
{
	PgConnecting *connecting = data;
	gboolean is_all = time_left(connecting) == 0;
	gboolean has_taken = has_taken_connection(connecting->conn);
	gint64 rest_us = connecting->place_rest_us;

	/* Where the host doesn't answer another database wouldn't, either. */
	if (!is_all && !has_taken && rest_us > 0) {
		connecting->place_rest_us = 0;
		connecting->place_limit_us += rest_us;
		give_place_time(connecting, rest_us);
		return G_SOURCE_REMOVE;
	}
	guint n_places = connecting->places != NULL ? connecting->places->len : 0;
	guint place = n_places > 0 ? find_current_place(connecting) : 0;

	if (has_taken && connecting->silent_place == NO_PLACE)
		connecting->silent_place = place < n_places ? place : connecting->first_place;
	add_timeout_failure(connecting);
	if (!is_all && place + 1 < n_places) {
		connecting->first_place = place + 1;
		drop_conn(connecting);
		start_attempt(connecting);
	} else if (!is_all && has_next_database(connecting) && connecting->silent_place != NO_PLACE) {
		connecting->is_time_shared = TRUE;
		try_next_database(connecting, connecting->silent_place);
	} else {
		give_up(connecting, FALSE);
	}
	return G_SOURCE_REMOVE;
}

/* Each place has its own time; libpq's connect_timeout only works in its blocking calls. */
static void watch_time(PgConnecting *connecting)
{
	g_autofree char *place =
	    g_strdup_printf("%s %s %s", PQhost(connecting->conn), PQhostaddr(connecting->conn),
	                    PQport(connecting->conn));

	if (g_strcmp0(place, connecting->current_place) == 0)
		return;
	g_free(connecting->current_place);
	connecting->current_place = g_steal_pointer(&place);
	gint64 limit_us = time_left(connecting);
	gint64 place_us = connecting->place_timeout_us / (connecting->is_time_shared ? 2 : 1);

	if (place_us > 0)
		limit_us = MIN(limit_us, place_us);
	connecting->place_rest_us = has_next_database(connecting) ? limit_us / 2 : 0;
	connecting->place_limit_us = limit_us - connecting->place_rest_us;
	give_place_time(connecting, connecting->place_limit_us);
}

static void fail_ready(PgConnecting *connecting, GError *error)
{
	error->code = PGUNLOCK_ERROR_CONNECT;
	finish(connecting, error, FALSE);
}

static void settings_done(PgRequest *request, GError *error, gpointer user_data)
{
	PgConnecting *connecting = user_data;

	if (error == NULL)
		pg_result_check(pg_request_result(request, 0), "preparing the session", &error);
	if (error != NULL)
		fail_ready(connecting, error);
	else
		finish(connecting, NULL, FALSE);
}

static void send_settings(PgConnecting *connecting)
{
	PgRequest *request = pg_request_new(connecting->connection, "preparing the session");
	PgParams *params = pg_params_new();

	pg_params_add_timeout(params, connecting->statement_timeout_us);
	pg_request_add(request, STATEMENT_SETTINGS, params);
	pg_request_send(request, time_left(connecting), settings_done, connecting, NULL);
}

/* It has let us in, but what it needs to answer anything is locked there; elsewhere it may not be.
 */
static void skip_locked_database(PgConnecting *connecting, GError *error)
{
	connect_failures_add(
	    connecting->failures,
	    connect_failure_new(connecting->connection->place, error->message, error_sqlstate(error)));
	g_error_free(error);
	g_clear_pointer(&connecting->connection, pg_connection_free);
	if (has_next_database(connecting))
		try_next_database(connecting, 0);
	else
		give_up(connecting, FALSE);
}

static void facts_done(PgRequest *request, GError *error, gpointer user_data)
{
	PgConnecting *connecting = user_data;

	if (error == NULL)
		server_facts_read(connecting->connection, request, &error);
	/* PgBouncer pooling statements lets no transaction begin. */
	if (g_strcmp0(error_sqlstate(error), SQLSTATE_PROTOCOL_VIOLATION) == 0)
		error_set_hint(&error, "a connection pooler is in between: connect to the server itself");
	if (g_strcmp0(error_sqlstate(error), SQLSTATE_LOCK_TIMEOUT) == 0)
		skip_locked_database(connecting, error);
	else if (error != NULL)
		fail_ready(connecting, error);
	else
		send_settings(connecting);
}

static void let_in(PgConnecting *connecting)
{
	int version = PQserverVersion(connecting->conn);

	pg_source_clear(&connecting->socket);
	pg_source_clear(&connecting->timer);
	PQsetErrorVerbosity(connecting->conn, PQERRORS_DEFAULT);
	connecting->connection = pg_connection_new(connecting->context, connecting->target,
	                                           g_steal_pointer(&connecting->conn));
	if (connecting->is_console) {
		PQexitPipelineMode(connecting->connection->conn);
		finish(connecting, NULL, FALSE);
		return;
	}
	if (version / 10000 < OLDEST_MAJOR) {
		GError *error = NULL;

		server_too_old(connecting->connection, &error);
		finish(connecting, error, FALSE);
		return;
	}
	PgRequest *request = server_facts_ask(connecting->connection);

	pg_request_send(request, time_left(connecting), facts_done, connecting, NULL);
}

static gboolean on_socket(int fd, GIOCondition condition, gpointer data);

/* The socket may be another after every step. */
static void watch_socket(PgConnecting *connecting, GIOCondition condition)
{
	GSource *source =
	    g_unix_fd_source_new(PQsocket(connecting->conn), condition | G_IO_ERR | G_IO_HUP);

	set_source(connecting, &connecting->socket, source, G_SOURCE_FUNC(on_socket));
	watch_time(connecting);
}

static gboolean on_socket(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
	PgConnecting *connecting = data;

	switch (PQconnectPoll(connecting->conn)) {
	case PGRES_POLLING_READING:
		watch_socket(connecting, G_IO_IN);
		break;
	case PGRES_POLLING_WRITING:
		watch_socket(connecting, G_IO_OUT);
		break;
	case PGRES_POLLING_OK:
		let_in(connecting);
		break;
	default:
		attempt_failed(connecting);
	}
	return G_SOURCE_REMOVE;
}

static void ignore_notice(G_GNUC_UNUSED void *data, G_GNUC_UNUSED const PGresult *result)
{
}

/* Nothing was tried yet: the options themselves are wrong. Unless it was a socket, which refuses at
 * once. */
static void start_failed(PgConnecting *connecting)
{
	const char *message = PQerrorMessage(connecting->conn);
	GError *error = NULL;

	if (g_str_has_prefix(message, CONNECT_PLACE_TRIED)) {
		attempt_failed(connecting);
		return;
	}
	pg_target_set_error(&error, message);
	finish(connecting, error, FALSE);
}

static void start_attempt(PgConnecting *connecting)
{
	g_auto(TargetParameters) parameters = {0};
	g_autofree char *hosts = NULL;
	g_autofree char *addresses = NULL;
	g_autofree char *ports = NULL;

	if (!connecting->has_database)
		pg_target_set_database(connecting->target, DEFAULT_DATABASES[connecting->default_database]);
	target_parameters_init(&parameters, connecting->target);
	target_parameters_append(&parameters, "fallback_application_name", "pgunlock");
	if (connecting->places != NULL) {
		hosts = pg_places_list(connecting->places, connecting->first_place, PLACE_HOST);
		addresses = pg_places_list(connecting->places, connecting->first_place, PLACE_ADDRESS);
		ports = pg_places_list(connecting->places, connecting->first_place, PLACE_PORT);
		target_parameters_append(&parameters, "host", hosts);
		target_parameters_append(&parameters, "hostaddr", addresses);
		target_parameters_append(&parameters, "port", ports);
	}
	connecting->conn = PQconnectStartParams(target_parameters_keywords(&parameters),
	                                        target_parameters_values(&parameters),
	                                        /* expand_dbname */ 1);
	if (connecting->conn == NULL)
		g_error("out of memory");
	if (PQstatus(connecting->conn) == CONNECTION_BAD) {
		start_failed(connecting);
		return;
	}
	/* Verbose: only then does libpq's text have the SQLSTATE. */
	PQsetErrorVerbosity(connecting->conn, PQERRORS_VERBOSE);
	PQsetNoticeReceiver(connecting->conn, ignore_notice, NULL);
	watch_socket(connecting, G_IO_OUT);
}

static void lookup_done(GPtrArray *places, const GPtrArray *problems, gpointer user_data)
{
	PgConnecting *connecting = user_data;

	pg_source_clear(&connecting->timer);
	g_ptr_array_unref(connecting->places);
	connecting->places = places;
	connecting->database_failures = problems->len;
	connect_failures_add_problems(connecting->failures, problems);
	if (places->len > 0) {
		start_attempt(connecting);
		return;
	}
	GError *error = NULL;

	connect_error_set(&error, connecting->failures);
	finish(connecting, error, FALSE);
}

static gboolean on_lookup_timeout(gpointer data)
{
	PgConnecting *connecting = data;
	g_autofree char *names = pg_places_list(connecting->places, 0, PLACE_HOST);
	g_autofree char *limit = duration_to_text(connecting->place_timeout_us);
	GError *error = NULL;

	error_set(&error, PGUNLOCK_ERROR_CONNECT,
	          "cannot connect to %s: its address could not be found within %s", names, limit);
	error_set_hint(&error, "the name service doesn't answer: give the address itself with -h");
	finish(connecting, error, FALSE);
	return G_SOURCE_REMOVE;
}

static gint64 place_timeout(const TargetFacts *facts)
{
	if (facts->connect_timeout == NULL)
		return DEFAULT_CONNECT_TIMEOUT_US;
	/* As for libpq 0 and less mean no limit. What isn't a number libpq refuses later. */
	gint64 seconds = g_ascii_strtoll(facts->connect_timeout, NULL, 10);

	return CLAMP(seconds, 0, G_MAXINT) * DURATION_SECOND;
}

static gboolean begin(gpointer data)
{
	PgConnecting *connecting = data;
	g_auto(TargetFacts) facts = {0};
	GError *error = NULL;

	if (!pg_target_look_up(connecting->target, &facts, &error)) {
		finish(connecting, error, FALSE);
		return G_SOURCE_REMOVE;
	}
	connecting->has_database = facts.has_database;
	connecting->place_timeout_us = place_timeout(&facts);
	connecting->places = pg_places_new(facts.host, facts.hostaddr, facts.port);
	if (connecting->places == NULL || !pg_places_need_lookup(connecting->places)) {
		start_attempt(connecting);
		return G_SOURCE_REMOVE;
	}
	gint64 limit_us = time_left(connecting);

	if (connecting->place_timeout_us > 0)
		limit_us = MIN(limit_us, connecting->place_timeout_us);
	connecting->lookup =
	    pg_lookup_start(connecting->context, connecting->places, lookup_done, connecting);
	set_source(connecting, &connecting->timer,
	           g_timeout_source_new((guint) (limit_us / DURATION_MS) + 1), on_lookup_timeout);
	return G_SOURCE_REMOVE;
}

static PgConnecting *connecting_new(GMainContext *context, const PgTarget *target,
                                    gint64 timeout_us, PgConnectDone done, gpointer user_data)
{
	PgConnecting *connecting = g_new0(PgConnecting, 1);

	connecting->context = g_main_context_ref(context != NULL ? context : g_main_context_default());
	connecting->target = pg_target_copy(target);
	connecting->timeout_us = timeout_us;
	connecting->statement_timeout_us = timeout_us;
	connecting->silent_place = NO_PLACE;
	connecting->done = done;
	connecting->user_data = user_data;
	connecting->failures = g_ptr_array_new_with_free_func((GDestroyNotify) connect_failure_free);
	return connecting;
}

static PgConnecting *start(PgConnecting *connecting)
{
	connecting->deadline = g_get_monotonic_time() + connecting->timeout_us;
	set_source(connecting, &connecting->begin, g_timeout_source_new(0), begin);
	return connecting;
}

PgConnecting *pg_connect(GMainContext *context, const PgTarget *target, gint64 timeout_us,
                         gint64 statement_timeout_us, PgConnectDone done, gpointer user_data)
{
	PgConnecting *connecting = connecting_new(context, target, timeout_us, done, user_data);

	connecting->statement_timeout_us = statement_timeout_us;
	return start(connecting);
}

PgConnecting *pg_connect_console(GMainContext *context, const PgTarget *target, gint64 timeout_us,
                                 PgConnectDone done, gpointer user_data)
{
	PgConnecting *connecting = connecting_new(context, target, timeout_us, done, user_data);

	connecting->is_console = TRUE;
	return start(connecting);
}

PgConnecting *pg_connecting_after(PgRequest *asked, GMainContext *context, const PgTarget *target,
                                  gint64 timeout_us, PgConnectDone done, gpointer user_data)
{
	PgConnecting *connecting = connecting_new(context, target, timeout_us, done, user_data);

	connecting->asked = asked;
	return connecting;
}

const char *pg_connecting_database(const PgConnecting *connecting)
{
	return pg_target_get(connecting->target, "dbname");
}

void pg_connecting_go_on(PgConnecting *connecting, GError *error)
{
	connecting->asked = NULL;
	if (error != NULL)
		finish(connecting, error, FALSE);
	else
		start(connecting);
}
