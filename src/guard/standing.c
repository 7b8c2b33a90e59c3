#include "guard/standing.h"

#include "base/duration.h"
#include "pg/arrival.h"
#include "render/policy.h"
#include "render/role_words.h"

#include <string.h>

#define TIMEOUT_US (10 * DURATION_SECOND)

struct Standing {
	const GuardTools *tools;
	const char *name;
	char *user;
	char *database;
	ServerRole role;   /* user is the one above; own.known is FALSE until it is */
	gint32 pid;        /* of our backend */
	gint64 started_at; /* when the server was */
	char *twin;        /* the section that was told to be the same server; or NULL */
	GPtrArray *lacks;  /* of char *: what was told last */
};

Standing *standing_new(const GuardTools *tools, const char *name)
{
	Standing *standing = g_new0(Standing, 1);

	standing->tools = tools;
	standing->name = name;
	standing->role.server = name;
	standing->lacks = g_ptr_array_new_with_free_func(g_free);
	return standing;
}

void standing_free(Standing *standing)
{
	if (standing == NULL)
		return;
	g_ptr_array_unref(standing->lacks);
	g_free(standing->twin);
	g_free(standing->user);
	g_free(standing->database);
	g_free(standing);
}

static gboolean are_equal(const GPtrArray *some, const GPtrArray *others)
{
	if (some->len != others->len)
		return FALSE;
	for (guint i = 0; i < some->len; i++)
		if (strcmp(g_ptr_array_index(some, i), g_ptr_array_index(others, i)) != 0)
			return FALSE;
	return TRUE;
}

void standing_check(Standing *standing)
{
	if (!standing->role.own.known)
		return;
	GPtrArray *lacks = role_lacks_words(standing->tools->policy, &standing->role);
	g_autoptr(GPtrArray) told = standing->lacks;

	standing->lacks = lacks;
	if (are_equal(lacks, told))
		return;
	for (guint i = 0; i < lacks->len; i++)
		journal_log(standing->tools->journal, JOURNAL_WARNING, standing->name, "%s",
		            (const char *) g_ptr_array_index(lacks, i));
	if (lacks->len == 0)
		journal_log(standing->tools->journal, JOURNAL_NOTICE, standing->name,
		            "the role lacks nothing any more of what the policy takes");
}

gboolean standing_lacks(const Standing *standing)
{
	return standing->role.own.known && standing->lacks->len > 0;
}

void standing_check_anew(Standing *standing)
{
	g_ptr_array_set_size(standing->lacks, 0);
	standing_check(standing);
}

static void take(Standing *standing, const OwnPrivileges *own)
{
	standing->role.own = *own;
	standing_check(standing);
}

static void arrive_at(Standing *standing, const char *system_identifier)
{
	Places *places = standing->tools->places;

	places_arrive(places, standing->name, system_identifier, standing->started_at, standing->pid,
	              standing->database);
	const char *twin = places_twin(places, standing->name);

	/* One that was renamed is still there under its old name for a moment. */
	if (twin != NULL && policy_find_server(standing->tools->policy, twin) == NULL)
		return;
	if (g_strcmp0(twin, standing->twin) == 0)
		return;
	g_free(standing->twin);
	standing->twin = g_strdup(twin);
	if (twin == NULL)
		return;
	g_autofree char *words =
	    render_twin_words(twin, places_database(places, twin), standing->database);

	journal_log(standing->tools->journal, JOURNAL_WARNING, standing->name, "%s", words);
}

static void on_arrival(const PgArrival *arrival, GError *error, gpointer user_data)
{
	Standing *standing = user_data;
	g_autoptr(GError) trouble = error;

	if (trouble != NULL)
		journal_error(standing->tools->journal, JOURNAL_WARNING, standing->name, trouble);
	else if (arrival->own.known)
		take(standing, &arrival->own);
	else
		return; /* the connection is lost */
	arrive_at(standing, arrival->cluster);
}

void standing_arrive(Standing *standing, PgConnection *connection)
{
	const ServerInfo *server = pg_connection_server(connection);

	g_free(standing->user);
	standing->user = g_strdup(server->user);
	g_free(standing->database);
	standing->database = g_strdup(server->database);
	standing->role.user = standing->user;
	standing->role.version_num = server->version_num;
	standing->role.own.known = FALSE;
	standing->pid = server->own_pid;
	standing->started_at = server->started_at;
	pg_read_arrival(connection, TIMEOUT_US, on_arrival, standing);
}

void standing_leave(Standing *standing)
{
	places_leave(standing->tools->places, standing->name);
}

void standing_look(Standing *standing, const Snapshot *snapshot)
{
	const OwnPrivileges *own = privileges_own(snapshot_privileges(snapshot));

	if (own->known && memcmp(own, &standing->role.own, sizeof(*own)) != 0)
		take(standing, own);
}
