#include "pg/target.h"

#include "base/error.h"
#include "base/timestamp.h"
#include "pg/server_message.h"

#include <string.h>

typedef struct {
	char *keyword;
	char *value;
} TargetOption;

struct PgTarget {
	GPtrArray *options; /* of TargetOption */
	char *database;     /* overrides a conninfo's */
	char *pinned_host;  /* these do, too */
	char *pinned_hostaddr;
	char *pinned_port;
	gint64 started_at; /* of the server that it has to be, or TIMESTAMP_NONE */
};

static void target_option_free(gpointer data)
{
	TargetOption *option = data;

	g_free(option->keyword);
	g_free(option->value);
	g_free(option);
}

PgTarget *pg_target_new(void)
{
	PgTarget *target = g_new0(PgTarget, 1);

	target->options = g_ptr_array_new_with_free_func(target_option_free);
	target->started_at = TIMESTAMP_NONE;
	return target;
}

static TargetOption *find_option(const PgTarget *target, const char *keyword)
{
	for (guint i = 0; i < target->options->len; i++) {
		TargetOption *option = g_ptr_array_index(target->options, i);

		if (strcmp(option->keyword, keyword) == 0)
			return option;
	}
	return NULL;
}

static void add_option(PgTarget *target, const char *keyword, const char *value)
{
	TargetOption *option = g_new0(TargetOption, 1);

	option->keyword = g_strdup(keyword);
	option->value = g_strdup(value);
	g_ptr_array_add(target->options, option);
}

PgTarget *pg_target_copy(const PgTarget *target)
{
	PgTarget *copy = pg_target_new();

	for (guint i = 0; i < target->options->len; i++) {
		const TargetOption *option = g_ptr_array_index(target->options, i);

		add_option(copy, option->keyword, option->value);
	}
	copy->database = g_strdup(target->database);
	pg_target_pin(copy, target->pinned_host, target->pinned_hostaddr, target->pinned_port,
	              target->started_at);
	return copy;
}

void pg_target_free(PgTarget *target)
{
	if (target == NULL)
		return;
	g_ptr_array_unref(target->options);
	g_free(target->database);
	g_free(target->pinned_host);
	g_free(target->pinned_hostaddr);
	g_free(target->pinned_port);
	g_free(target);
}

void pg_target_set(PgTarget *target, const char *keyword, const char *value)
{
	TargetOption *option = find_option(target, keyword);

	if (strcmp(keyword, "dbname") == 0)
		g_clear_pointer(&target->database, g_free);
	if (option != NULL)
		g_ptr_array_remove(target->options, option);
	if (value != NULL)
		add_option(target, keyword, value);
}

const char *pg_target_get(const PgTarget *target, const char *keyword)
{
	const TargetOption *option = find_option(target, keyword);

	if (target->database != NULL && strcmp(keyword, "dbname") == 0)
		return target->database;
	return option != NULL ? option->value : NULL;
}

void pg_target_set_database(PgTarget *target, const char *database)
{
	g_free(target->database);
	target->database = g_strdup(database);
}

void pg_target_pin(PgTarget *target, const char *host, const char *hostaddr, const char *port,
                   gint64 started_at)
{
	g_free(target->pinned_host);
	g_free(target->pinned_hostaddr);
	g_free(target->pinned_port);
	target->pinned_host = g_strdup(host);
	target->pinned_hostaddr = g_strdup(hostaddr);
	target->pinned_port = g_strdup(port);
	target->started_at = started_at;
}

gint64 pg_target_started_at(const PgTarget *target)
{
	return target->started_at;
}

void target_parameters_append(TargetParameters *parameters, const char *keyword, const char *value)
{
	if (value == NULL)
		return;
	g_array_append_val(parameters->keywords, keyword);
	g_array_append_val(parameters->values, value);
}

void target_parameters_init(TargetParameters *parameters, const PgTarget *target)
{
	parameters->keywords = g_array_new(/* zero_terminated */ TRUE, FALSE, sizeof(char *));
	parameters->values = g_array_new(/* zero_terminated */ TRUE, FALSE, sizeof(char *));
	for (guint i = 0; i < target->options->len; i++) {
		const TargetOption *option = g_ptr_array_index(target->options, i);

		if (strcmp(option->keyword, "dbname") != 0)
			target_parameters_append(parameters, option->keyword, option->value);
	}
	const TargetOption *dbname = find_option(target, "dbname");

	/* libpq takes only the first dbname for a conninfo; a second one is a plain name and wins. */
	target_parameters_append(parameters, "dbname", dbname != NULL ? dbname->value : NULL);
	target_parameters_append(parameters, "dbname", target->database);
	target_parameters_append(parameters, "host", target->pinned_host);
	target_parameters_append(parameters, "hostaddr", target->pinned_hostaddr);
	target_parameters_append(parameters, "port", target->pinned_port);
}

void target_parameters_clear(TargetParameters *parameters)
{
	g_clear_pointer(&parameters->keywords, g_array_unref);
	g_clear_pointer(&parameters->values, g_array_unref);
}

const char *const *target_parameters_keywords(TargetParameters *parameters)
{
	return (const char *const *) (gpointer) parameters->keywords->data;
}

const char *const *target_parameters_values(TargetParameters *parameters)
{
	return (const char *const *) (gpointer) parameters->values->data;
}

void target_facts_clear(TargetFacts *facts)
{
	g_clear_pointer(&facts->host, g_free);
	g_clear_pointer(&facts->hostaddr, g_free);
	g_clear_pointer(&facts->port, g_free);
	g_clear_pointer(&facts->connect_timeout, g_free);
	g_clear_pointer(&facts->session_attrs, g_free);
	g_clear_pointer(&facts->database, g_free);
}

void pg_target_set_error(GError **error, const char *message)
{
	g_autofree char *line = libpq_message_text(message);

	error_set(error, PGUNLOCK_ERROR_USAGE, "the connection options can't be used: %s", line);
}

/* recognized_connection_string() in src/interfaces/libpq/fe-connect.c: any other text is a name. */
static gboolean is_conninfo(const char *text)
{
	return g_str_has_prefix(text, "postgresql://") || g_str_has_prefix(text, "postgres://") ||
	       strchr(text, '=') != NULL;
}

gboolean pg_conninfo_check(const char *conninfo, GError **error)
{
	char *message = NULL;
	PQconninfoOption *options = is_conninfo(conninfo) ? PQconninfoParse(conninfo, &message) : NULL;
	gboolean is_good = options != NULL || !is_conninfo(conninfo);

	if (!is_good)
		pg_target_set_error(error, message != NULL ? message : "out of memory");
	PQfreemem(message);
	PQconninfoFree(options);
	return is_good;
}

/* No such channel binding: libpq stops at it, after it has read all options and before it connects.
 */
#define STOP_HERE "pgunlock:stop"
/* libpq takes the user's name for the database when nothing names one. */
#define NO_DATABASE "pgunlock:none"

static void collect_facts(PGconn *probe, TargetFacts *facts)
{
	struct {
		const char *keyword;
		char **value;
	} const wanted[] = {{"host", &facts->host},
	                    {"hostaddr", &facts->hostaddr},
	                    {"port", &facts->port},
	                    {"connect_timeout", &facts->connect_timeout},
	                    {"target_session_attrs", &facts->session_attrs}};
	PQconninfoOption *options = PQconninfo(probe);

	for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL;
	     option++) {
		if (option->val == NULL || option->val[0] == '\0')
			continue;
		for (guint i = 0; i < G_N_ELEMENTS(wanted); i++)
			if (strcmp(option->keyword, wanted[i].keyword) == 0)
				*wanted[i].value = g_strdup(option->val);
	}
	PQconninfoFree(options);
	facts->has_database = g_strcmp0(PQdb(probe), NO_DATABASE) != 0;
	facts->database = facts->has_database ? g_strdup(PQdb(probe)) : NULL;
}

/* libpq has no call that reads a service file and the environment without connecting, so it is made
 * to stop just before. The password keeps it from reading the password file, and from complaining
 * about that on standard error. */
gboolean pg_target_look_up(const PgTarget *target, TargetFacts *facts, GError **error)
{
	g_auto(TargetParameters) parameters = {0};

	*facts = (TargetFacts){0};
	target_parameters_init(&parameters, target);
	target_parameters_append(&parameters, "user", NO_DATABASE);
	target_parameters_append(&parameters, "password", "none");
	target_parameters_append(&parameters, "channel_binding", STOP_HERE);
	g_autoptr(PGconn) probe =
	    PQconnectStartParams(target_parameters_keywords(&parameters),
	                         target_parameters_values(&parameters), /* expand_dbname */ 1);

	if (probe == NULL)
		g_error("out of memory");
	collect_facts(probe, facts);
	/* Hosts, ports and addresses that don't go together are left to the real connection, which
	 * says so as well. */
	if (PQuser(probe) != NULL && strcmp(PQuser(probe), NO_DATABASE) == 0)
		return TRUE;
	target_facts_clear(facts);
	pg_target_set_error(error, PQerrorMessage(probe));
	return FALSE;
}

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static gboolean look_up_conninfo(const char *conninfo, TargetFacts *facts)
{
	g_autoptr(PgTarget) target = pg_target_new();

	pg_target_set(target, "dbname", conninfo);
	return pg_target_look_up(target, facts, NULL);
}

char *pg_conninfo_place(const char *conninfo)
{
	g_auto(TargetFacts) facts = {0};

	if (!look_up_conninfo(conninfo, &facts))
		return NULL;
	return g_strdup_printf("%s\n%s\n%s\n%s", or_empty(facts.host), or_empty(facts.hostaddr),
	                       or_empty(facts.port), or_empty(facts.session_attrs));
}

char *pg_conninfo_database(const char *conninfo)
{
	g_auto(TargetFacts) facts = {0};

	return look_up_conninfo(conninfo, &facts) ? g_steal_pointer(&facts.database) : NULL;
}

gboolean pg_target_has_database(const PgTarget *target, gboolean *has_database, GError **error)
{
	g_auto(TargetFacts) facts = {0};

	if (!pg_target_look_up(target, &facts, error))
		return FALSE;
	*has_database = facts.has_database;
	return TRUE;
}
