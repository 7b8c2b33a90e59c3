#include "pg/connect_error.h"

#include "base/error.h"
#include "base/text.h"
#include "pg/resolve.h"
#include "pg/sqlstate.h"

#include <errno.h>
#include <string.h>

#define HINT_ROLE                                                                                  \
	"name the role with -U and the database with -d, or on the server's own host run: "            \
	"sudo -u postgres pgunlock"
#define HINT_NOTHING_LISTENS                                                                       \
	"nothing listens there: is the server running, and are -h and -p (or PGHOST and PGPORT) "      \
	"right?"

static const struct {
	const char *sqlstate;
	const char *beginning; /* of the server's words, where one SQLSTATE stands for several causes */
	const char *hint;
} SQLSTATE_HINTS[] = {
    {"28P01", "",
     "give the password with -W, in PGPASSWORD or ~/.pgpass, or on the server's own host run: "
     "sudo -u postgres pgunlock"},
    {"28000", "", HINT_ROLE},
    {"3D000", "", HINT_ROLE},
    {SQLSTATE_DENIED, "", HINT_ROLE},
    {"55000", "", "that database takes no connections; any other one will do: -d OTHERDATABASE"},
    {"53300", "remaining connection slots are reserved for roles with privileges",
     "members of pg_use_reserved_connections and superusers still get in (on the server's own "
     "host: sudo -u postgres pgunlock); or make room: " HINT_KILL},
    {"53300", "remaining connection slots are reserved",
     "superusers still get in (on the server's own host: sudo -u postgres pgunlock); or make "
     "room: " HINT_KILL
     "; for the next time, from 16 on, reserved_connections keeps slots for members of "
     "pg_use_reserved_connections"},
    {"53300", "sorry, too many clients already",
     "even the slots for superusers are taken: " HINT_KILL},
    {"53300", "too many connections for role",
     "that is the role's own CONNECTION LIMIT: another role (-U) or a superuser gets in"},
    {"53300", "too many connections for database",
     "that is the database's own CONNECTION LIMIT: any other one will do (-d OTHERDATABASE), and a "
     "superuser gets in"},
    {"53300", "", HINT_KILL},
    {SQLSTATE_LOCK_TIMEOUT, "", "a system catalog is locked; " HINT_LOCKED_CATALOG},
    {"57P03", "",
     "the server is starting up, shutting down or recovering; its log says which: try "
     "again in a moment"},
};

static const struct {
	int error;
	const char *hint;
} SYSTEM_HINTS[] = {
    {ECONNREFUSED, HINT_NOTHING_LISTENS},
    {ENOENT, HINT_NOTHING_LISTENS},
    {EACCES, "the socket's folder isn't open to this user: try -h localhost"},
    {EHOSTUNREACH, "that host can't be reached from here: is -h (or PGHOST) right?"},
    {ENETUNREACH, "that network can't be reached from here: is -h (or PGHOST) right?"},
    {ETIMEDOUT, "that host doesn't answer: is -h right, is it up, does a firewall stand between?"},
};

static const char *find_hint(const char *text, const char *sqlstate)
{
	for (guint i = 0; i < G_N_ELEMENTS(SQLSTATE_HINTS); i++)
		if (strcmp(SQLSTATE_HINTS[i].sqlstate, sqlstate) == 0 &&
		    g_str_has_prefix(text, SQLSTATE_HINTS[i].beginning))
			return SQLSTATE_HINTS[i].hint;
	/* libpq gives the system's words alone, from the same strerror. */
	for (guint i = 0; i < G_N_ELEMENTS(SYSTEM_HINTS); i++)
		if (strcmp(g_strerror(SYSTEM_HINTS[i].error), text) == 0)
			return SYSTEM_HINTS[i].hint;
	return NULL;
}

ConnectFailure *connect_failure_new(const char *place, const char *text, const char *sqlstate)
{
	ConnectFailure *failure = g_new0(ConnectFailure, 1);

	failure->place = text_repair(place, strlen(place));
	failure->text = text_repair(text, strlen(text));
	g_strlcpy(failure->sqlstate, sqlstate, sizeof(failure->sqlstate));
	failure->hint = find_hint(text, sqlstate);
	return failure;
}

void connect_failure_set_text(ConnectFailure *failure, const char *text, const char *hint)
{
	g_free(failure->text);
	failure->text = g_strdup(text);
	failure->hint = hint;
}

void connect_failure_set_database(ConnectFailure *failure, const char *database)
{
	char *place = failure->place;

	failure->place = g_strdup_printf("database %s at %s", database, place);
	g_free(place);
}

void connect_failure_free(ConnectFailure *failure)
{
	if (failure == NULL)
		return;
	g_free(failure->place);
	g_free(failure->text);
	g_free(failure);
}

/* What stands between two marks, from *rest on, which moves behind the second. NULL when it isn't
 * there. */
static char *take_between(const char **rest, const char *before, const char *after)
{
	const char *start = strstr(*rest, before);
	const char *end = start != NULL ? strstr(start + strlen(before), after) : NULL;

	if (end == NULL)
		return NULL;
	start += strlen(before);
	*rest = end + strlen(after);
	return g_strndup(start, (gsize) (end - start));
}

static char *place_of_host(const char *host, const char *port, const GPtrArray *places)
{
	for (guint i = 0; places != NULL && i < places->len; i++) {
		const PgPlace *place = g_ptr_array_index(places, i);

		if (strcmp(place->address, host) == 0 && strcmp(place->port, port) == 0 &&
		    place->host[0] != '\0') {
			host = place->host;
			break;
		}
	}
	return g_strdup_printf(strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host, port);
}

/* 'connection to server at "db1" (10.0.0.1), port 5432 failed: TEXT' or
 * 'connection to server on socket "/tmp/.s.PGSQL.5432" failed: TEXT'. */
static char *parse_place(const char **rest, const GPtrArray *places)
{
	const char *line = *rest + strlen(CONNECT_PLACE_TRIED);
	gboolean is_socket = g_str_has_prefix(line, "on socket \"");
	g_autofree char *name = is_socket ? take_between(&line, "on socket \"", "\" failed: ")
	                                  : take_between(&line, "at \"", "\"");
	g_autofree char *port = is_socket ? NULL : take_between(&line, ", port ", " failed: ");

	if (name == NULL || (!is_socket && port == NULL))
		return NULL;
	*rest = line;
	return is_socket ? g_steal_pointer(&name) : place_of_host(name, port, places);
}

/* "FATAL:  28P01: " in front of the server's words; the severity is in the server's language. */
static const char *take_sqlstate(const char *text, char sqlstate[6])
{
	const char *mark = strstr(text, ":  ");

	sqlstate[0] = '\0';
	if (mark == NULL || memchr(text, ' ', (gsize) (mark - text)) != NULL)
		return text;
	const char *code = mark + 3;
	gsize length = strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (length != 5 || !g_str_has_prefix(code + 5, ": "))
		return text;
	memcpy(sqlstate, code, 5);
	sqlstate[5] = '\0';
	return code + 7;
}

/* libpq tries a place with and then without encryption: of two answers the one that isn't about a
 * missing line in pg_hba.conf (28000) tells more, else the later. The addresses of one host are one
 * place, too. */
void connect_failures_add(GPtrArray *failures, ConnectFailure *failure)
{
	for (guint i = 0; i < failures->len; i++) {
		ConnectFailure *earlier = g_ptr_array_index(failures, i);

		if (strcmp(earlier->place, failure->place) != 0)
			continue;
		if (strcmp(failure->sqlstate, "28000") == 0 && earlier->sqlstate[0] != '\0') {
			connect_failure_free(failure);
			return;
		}
		g_ptr_array_remove_index(failures, i);
		break;
	}
	g_ptr_array_add(failures, failure);
}

static const char *const SIDE_LINES[] = {"DETAIL:  ", "HINT:  ", "LOCATION:  ", "CONTEXT:  ", "\t"};

static gboolean is_side_line(const char *line)
{
	for (guint i = 0; i < G_N_ELEMENTS(SIDE_LINES); i++)
		if (g_str_has_prefix(line, SIDE_LINES[i]))
			return TRUE;
	return line[0] == '\0';
}

void connect_failures_parse(GPtrArray *failures, const char *message, const char *place,
                            const GPtrArray *places)
{
	g_auto(GStrv) lines = g_strsplit(message, "\n", -1);
	guint n_before = failures->len;

	for (char **line = lines; *line != NULL; line++) {
		const char *text = *line;
		g_autofree char *named =
		    g_str_has_prefix(text, CONNECT_PLACE_TRIED) ? parse_place(&text, places) : NULL;
		char sqlstate[6];

		/* What else libpq writes are explanations of the line before. */
		if (named == NULL && (failures->len > n_before || is_side_line(text)))
			continue;
		text = take_sqlstate(text, sqlstate);
		/* libpq names the place before it knows what goes wrong there. */
		if (text[0] == '\0')
			continue;
		connect_failures_add(failures,
		                     connect_failure_new(named != NULL ? named : place, text, sqlstate));
	}
}

void connect_failures_add_problems(GPtrArray *failures, const GPtrArray *problems)
{
	for (guint i = 0; i < problems->len; i++) {
		g_auto(GStrv) parts = g_strsplit(g_ptr_array_index(problems, i), ": ", 2);
		ConnectFailure *failure = connect_failure_new(parts[0], parts[1], "");

		failure->hint = "no such host name is known here: is -h (or PGHOST) right?";
		g_ptr_array_add(failures, failure);
	}
}

/* "Connection refused" -> "connection refused", but "SSL error" stays. */
static char *lower_first(const char *text)
{
	char *lowered = g_strdup(text);

	if (g_ascii_isupper(lowered[0]) && g_ascii_islower(lowered[1]))
		lowered[0] = g_ascii_tolower(lowered[0]);
	return lowered;
}

void connect_error_set(GError **error, const GPtrArray *failures)
{
	const ConnectFailure *last = g_ptr_array_index(failures, failures->len - 1);
	g_autoptr(GString) all = g_string_new(NULL);

	for (guint i = 0; i < failures->len; i++) {
		const ConnectFailure *failure = g_ptr_array_index(failures, i);
		g_autofree char *text = lower_first(failure->text);

		if (failures->len == 1)
			g_string_append_printf(all, "%s: %s", failure->place, text);
		else
			g_string_append_printf(all, "%s%s (%s)", i > 0 ? ", " : "", failure->place, text);
	}
	error_set(error, PGUNLOCK_ERROR_CONNECT, "cannot connect to %s", all->str);
	if (last->sqlstate[0] != '\0')
		error_set_sqlstate(error, last->sqlstate);
	if (last->hint != NULL)
		error_set_hint(error, "%s", last->hint);
}
