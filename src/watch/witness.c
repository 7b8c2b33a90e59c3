#include "watch/witness.h"

#include "base/duration.h"
#include "pg/elsewhere.h"
#include "pg/locked_catalogs.h"

/* Counting the slots costs a look at pg_locks, so it isn't done again soon where none was free. */
#define RETRY_US (30 * DURATION_SECOND)
/* What it has in its caches stays there for long, but not for ever. */
#define REHEARSAL_US (10 * DURATION_SECOND)
/* The first tree waits for it. */
#define CONNECT_LIMIT_US (2 * DURATION_SECOND)

struct Witness {
	gint64 timeout_us;
	WitnessOpened opened;
	gpointer opened_data;
	PgConnection *connection; /* or NULL */
	PgConnecting *connecting; /* under way, or NULL */
	gint64 next_attempt;      /* monotonic */
	gint64 last_asked;        /* monotonic */
	Names *roles;             /* as the looks so far have told them */
	gboolean is_asked;
	PgLockManagerDone done; /* NULL when the answer doesn't matter */
	gpointer user_data;
};

Witness *witness_new(gint64 timeout_us, WitnessOpened opened, gpointer user_data)
{
	Witness *witness = g_new0(Witness, 1);

	witness->timeout_us = timeout_us;
	witness->opened = opened;
	witness->opened_data = user_data;
	witness->roles = names_new();
	return witness;
}

void witness_free(Witness *witness)
{
	if (witness == NULL)
		return;
	pg_connecting_abandon(witness->connecting);
	pg_connection_free(witness->connection);
	names_free(witness->roles);
	g_free(witness);
}

static void asked(GError *stuck, gpointer user_data)
{
	Witness *witness = user_data;
	PgLockManagerDone done = witness->done;

	witness->is_asked = FALSE;
	witness->done = NULL;
	if (done != NULL)
		done(stuck, witness->user_data);
	else
		g_clear_error(&stuck);
}

static void ask(Witness *witness, gint32 looker_pid, gint64 unanswered_us)
{
	witness->is_asked = TRUE;
	witness->last_asked = g_get_monotonic_time();
	pg_ask_lock_manager(witness->connection, looker_pid, unanswered_us, witness->roles, asked,
	                    witness);
}

static void on_connect(PgConnection *connection, GError *error,
                       G_GNUC_UNUSED gboolean needs_password, gpointer user_data)
{
	Witness *witness = user_data;

	/* To do without is no trouble yet. */
	g_clear_error(&error);
	witness->connecting = NULL;
	witness->connection = connection;
	if (connection != NULL)
		ask(witness, 0, 0);
	witness->opened(witness->opened_data);
}

gboolean witness_is_there(const Witness *witness)
{
	return witness->connection != NULL && pg_connection_is_usable(witness->connection);
}

static gboolean connect_witness(Witness *witness, PgConnection *connection)
{
	gint64 now = g_get_monotonic_time();

	if (witness->connecting != NULL || now < witness->next_attempt)
		return FALSE;
	g_clear_pointer(&witness->connection, pg_connection_free);
	witness->next_attempt = now + RETRY_US;
	witness->connecting = pg_connect_elsewhere(
	    connection, pg_connection_server(connection)->database, witness->timeout_us,
	    MIN(witness->timeout_us, CONNECT_LIMIT_US), on_connect, witness);
	return TRUE;
}

static void remember_roles(Witness *witness, const Snapshot *snapshot)
{
	for (guint i = 0; i < snapshot_n_sessions(snapshot); i++) {
		guint32 user = snapshot_session(snapshot, i)->user;
		const char *name = names_role(snapshot_names(snapshot), user);

		if (name != NULL && g_strcmp0(name, names_role(witness->roles, user)) != 0)
			names_add_role(witness->roles, user, name);
	}
}

gboolean witness_keep(Witness *witness, PgConnection *connection, const Snapshot *snapshot)
{
	remember_roles(witness, snapshot);
	/* A login might only stand in the queue for it. */
	if (!witness_is_there(witness))
		return !any_catalog_is_locked(snapshot, pg_connection_server(connection)->database_oid) &&
		       connect_witness(witness, connection);
	if (!witness->is_asked && g_get_monotonic_time() >= witness->last_asked + REHEARSAL_US)
		ask(witness, 0, 0);
	return FALSE;
}

gboolean witness_ask(Witness *witness, gint32 looker_pid, gint64 unanswered_us,
                     PgLockManagerDone done, gpointer user_data)
{
	if (!witness_is_there(witness))
		return FALSE;
	if (!witness->is_asked) {
		witness->done = done;
		witness->user_data = user_data;
		ask(witness, looker_pid, unanswered_us);
	}
	return TRUE;
}
