#include "guard/standing.h"

#include "base/duration.h"
#include "pg/arrival.h"
#include "render/role_words.h"

#include <string.h>

#define TIMEOUT_US (10 * DURATION_SECOND)

struct Standing {
	const GuardTools *tools;
	const char *name;
	char *user;
	ServerRole role;  /* user is the one above; own.known is FALSE until it is */
	GPtrArray *lacks; /* of char *: what was told last */
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
	g_free(standing->user);
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

static void take(Standing *standing, const OwnPrivileges *own)
{
	standing->role.own = *own;
	standing_check(standing);
}

static void on_arrival(const PgArrival *arrival, GError *error, gpointer user_data)
{
	Standing *standing = user_data;
	g_autoptr(GError) trouble = error;

	if (trouble != NULL)
		journal_error(standing->tools->journal, JOURNAL_WARNING, standing->name, trouble);
	else if (arrival->own.known)
		take(standing, &arrival->own);
}

void standing_arrive(Standing *standing, PgConnection *connection)
{
	const ServerInfo *server = pg_connection_server(connection);

	g_free(standing->user);
	standing->user = g_strdup(server->user);
	standing->role.user = standing->user;
	standing->role.version_num = server->version_num;
	standing->role.own.known = FALSE;
	pg_read_arrival(connection, TIMEOUT_US, on_arrival, standing);
}

void standing_look(Standing *standing, const Snapshot *snapshot)
{
	const OwnPrivileges *own = privileges_own(snapshot_privileges(snapshot));

	if (own->known && memcmp(own, &standing->role.own, sizeof(*own)) != 0)
		take(standing, own);
}
