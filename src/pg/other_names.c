#include "pg/other_names.h"

#include "base/duration.h"
#include "pg/names.h"
#include "pg/request.h"
#include "pg/target.h"

/* One database after the other, each with its share of the time at most. */
#define MAX_DATABASES 3
#define TIMEOUT_PER_DATABASE_US (2 * DURATION_SECOND)

typedef struct {
	guint32 oid;
	GArray *relations; /* of guint32 */
} OtherDatabase;

typedef struct {
	GMainContext *context;
	PgTarget *target;
	Snapshot *snapshot;
	gint64 deadline; /* by g_get_monotonic_time */
	PgOtherNamesDone done;
	gpointer user_data;
	GArray *databases; /* of OtherDatabase */
	guint next;
	PgConnection *connection; /* to the database before next */
} OtherNames;

static void clear_database(gpointer data)
{
	g_array_unref(((OtherDatabase *) data)->relations);
}

static int compare_databases(gconstpointer a, gconstpointer b)
{
	guint x = ((const OtherDatabase *) a)->relations->len;
	guint y = ((const OtherDatabase *) b)->relations->len;

	return (x < y) - (x > y);
}

static void add_relation(GArray *databases, guint32 database, guint32 relation)
{
	OtherDatabase other;

	for (guint i = 0; i < databases->len; i++)
		if (g_array_index(databases, OtherDatabase, i).oid == database) {
			g_array_append_val(g_array_index(databases, OtherDatabase, i).relations, relation);
			return;
		}
	other = (OtherDatabase){database, g_array_new(FALSE, FALSE, sizeof(guint32))};
	g_array_append_val(other.relations, relation);
	g_array_append_val(databases, other);
}

static void add_tag(GArray *databases, const Snapshot *snapshot, const LockTag *tag)
{
	guint32 own = snapshot_server(snapshot)->database_oid;

	if (tag->relation != 0 && tag->database != 0 && tag->database != own)
		add_relation(databases, tag->database, tag->relation);
}

/* FirstNormalObjectId in src/include/access/transam.h: below are the system's own relations. */
#define FIRST_NORMAL_OID 16384

/* With a catalog of the database, or a shared one, locked ACCESS EXCLUSIVE, a login there would
 * hang, and leave a backend behind that hangs until the lock is gone. */
static gboolean would_hang(const Snapshot *snapshot, guint32 database)
{
	for (guint i = 0; i < snapshot_n_locks(snapshot); i++) {
		const Lock *lock = snapshot_lock(snapshot, i);

		if (lock->mode == LOCK_MODE_ACCESS_EXCLUSIVE && lock->tag.type == LOCK_TYPE_RELATION &&
		    lock->tag.relation < FIRST_NORMAL_OID &&
		    (lock->tag.database == database || lock->tag.database == 0))
			return TRUE;
	}
	return FALSE;
}

/* What is waited for, and the rows whose transaction is waited for. */
static GArray *collect_wanted(const Snapshot *snapshot, const LockQueues *queues)
{
	GArray *databases = g_array_new(FALSE, FALSE, sizeof(OtherDatabase));

	g_array_set_clear_func(databases, clear_database);
	for (guint q = 0; q < lock_queues_n(queues); q++) {
		const LockQueue *queue = lock_queues_get(queues, q);

		add_tag(databases, snapshot, &queue->tag);
		if (queue->tag.type != LOCK_TYPE_TRANSACTIONID)
			continue;
		for (guint w = 0; w < queue->n_waiters; w++) {
			guint n;
			const Lock *locks = snapshot_session_locks(snapshot, queue->waiters[w].session, &n);

			for (guint i = 0; i < n; i++)
				if (locks[i].tag.type == LOCK_TYPE_TUPLE)
					add_tag(databases, snapshot, &locks[i].tag);
		}
	}
	g_array_sort(databases, compare_databases);
	if (databases->len > MAX_DATABASES)
		g_array_set_size(databases, MAX_DATABASES);
	return databases;
}

static void next_database(OtherNames *other);

static const OtherDatabase *current_database(const OtherNames *other)
{
	return &g_array_index(other->databases, OtherDatabase, other->next - 1);
}

/* Takes the error, which may be NULL. */
static void finish_database(OtherNames *other, GError *error)
{
	if (error) {
		const char *name =
		    names_database(snapshot_names(other->snapshot), current_database(other)->oid);

		snapshot_add_warning(other->snapshot,
		                     "cannot read names in database \"%s\": %s: its relations are shown "
		                     "by their oids",
		                     name, error->message);
		g_error_free(error);
	}
	g_clear_pointer(&other->connection, pg_connection_free);
	next_database(other);
}

static void on_relations(PgRequest *request, GError *error, gpointer data)
{
	OtherNames *other = data;

	if (!error)
		collect_relations_of(other->snapshot, current_database(other)->oid,
		                     pg_request_result(request, 0), &error);
	finish_database(other, error);
}

static gint64 time_left(const OtherNames *other)
{
	gint64 left = other->deadline - g_get_monotonic_time();

	return CLAMP(left, 0, TIMEOUT_PER_DATABASE_US);
}

static void on_connected(PgConnection *connection, GError *error, gboolean needs_password,
                         gpointer data)
{
	OtherNames *other = data;
	PgParams *params;
	PgRequest *request;

	(void) needs_password;
	if (!connection) {
		finish_database(other, error);
		return;
	}
	other->connection = connection;
	request = pg_request_new(connection, "reading the names of relations");
	params = pg_params_new();
	pg_params_add_oids(params, current_database(other)->relations);
	pg_request_add(request, STATEMENT_RELATIONS, params);
	pg_request_send(request, time_left(other), on_relations, other, NULL);
}

static void other_names_end(OtherNames *other)
{
	PgOtherNamesDone done = other->done;
	gpointer user_data = other->user_data;

	g_array_unref(other->databases);
	pg_target_free(other->target);
	g_free(other);
	done(user_data);
}

static void next_database(OtherNames *other)
{
	while (other->next < other->databases->len) {
		const OtherDatabase *database =
		    &g_array_index(other->databases, OtherDatabase, other->next++);
		const char *name = names_database(snapshot_names(other->snapshot), database->oid);

		if (!name || time_left(other) == 0)
			continue;
		if (would_hang(other->snapshot, database->oid)) {
			snapshot_add_warning(
			    other->snapshot,
			    "a catalog of database \"%s\" is locked: its relations are shown by "
			    "their oids",
			    name);
			continue;
		}
		pg_target_set_database(other->target, name);
		pg_connect(other->context, other->target, time_left(other), time_left(other), on_connected,
		           other);
		return;
	}
	other_names_end(other);
}

void pg_other_names(const PgConnection *connection, Snapshot *snapshot, const LockQueues *queues,
                    gint64 timeout_us, PgOtherNamesDone done, gpointer user_data)
{
	OtherNames *other = g_new0(OtherNames, 1);

	other->context = pg_connection_context(connection);
	other->target = pg_target_copy(pg_connection_target(connection));
	other->snapshot = snapshot;
	other->deadline = g_get_monotonic_time() + timeout_us;
	other->done = done;
	other->user_data = user_data;
	other->databases = collect_wanted(snapshot, queues);
	next_database(other);
}
