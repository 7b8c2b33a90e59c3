#include "pg/other_names.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/sql_ident.h"
#include "pg/connection_internal.h"
#include "pg/elsewhere.h"
#include "pg/locked_catalogs.h"
#include "pg/names.h"
#include "pg/request.h"
#include "pg/sqlstate.h"

/* One database after the other, each with its share of the time at most. */
#define MAX_DATABASES 3
#define TIMEOUT_PER_DATABASE_US (2 * DURATION_SECOND)

typedef struct {
	guint32 oid;
	GHashTable *relations; /* set of oids */
} OtherDatabase;

typedef struct {
	PgConnection *through; /* as long as it wasn't freed */
	Snapshot *snapshot;
	gint64 deadline; /* by g_get_monotonic_time */
	PgOtherNamesDone done;
	gpointer user_data;
	gboolean ancestors;
	GArray *databases; /* of OtherDatabase */
	guint next;
	PgConnection *connection; /* to the database before next */
} OtherNames;

static void clear_database(gpointer data)
{
	g_hash_table_unref(((OtherDatabase *) data)->relations);
}

static int compare_databases(gconstpointer a, gconstpointer b)
{
	guint x = g_hash_table_size(((const OtherDatabase *) a)->relations);
	guint y = g_hash_table_size(((const OtherDatabase *) b)->relations);

	return (x < y) - (x > y);
}

static void add_relation(GArray *databases, guint32 database, guint32 relation)
{
	OtherDatabase other = {.oid = database};

	for (guint i = 0; i < databases->len && other.relations == NULL; i++)
		if (g_array_index(databases, OtherDatabase, i).oid == database)
			other.relations = g_array_index(databases, OtherDatabase, i).relations;
	if (other.relations == NULL) {
		other.relations = g_hash_table_new(NULL, NULL);
		g_array_append_val(databases, other);
	}
	g_hash_table_add(other.relations, GUINT_TO_POINTER(relation));
}

static void add_tag(GArray *databases, const Snapshot *snapshot, const LockTag *tag)
{
	guint32 own = snapshot_server(snapshot)->database_oid;

	if (tag->relation != 0 && tag->database != 0 && tag->database != own)
		add_relation(databases, tag->database, tag->relation);
}

static void add_contended(GArray *databases, const Snapshot *snapshot, const LockQueues *queues)
{
	g_autoptr(GArray) targets = lock_queues_targets(queues);

	for (guint i = 0; i < targets->len; i++)
		add_tag(databases, snapshot, &g_array_index(targets, LockTag, i));
}

/* What the sessions that are shown have locked, contended or not. */
static void add_locked(GArray *databases, const Snapshot *snapshot, const LookOptions *options)
{
	for (guint i = 0; i < snapshot_n_locks(snapshot); i++) {
		const Lock *lock = snapshot_lock(snapshot, i);

		if (options->all_other_names ||
		    (options->named != NULL &&
		     session_ref_matches(options->named, snapshot_session(snapshot, lock->session))))
			add_tag(databases, snapshot, &lock->tag);
	}
}

static void append_database_name(GString *text, const Snapshot *snapshot, guint32 database)
{
	const char *name = names_database(snapshot_names(snapshot), database);

	if (name != NULL)
		sql_ident_append(text, name);
	else
		g_string_append_printf(text, "%u", database);
}

/* Leaves the databases with the most to name. */
static void keep_some(GArray *databases, Snapshot *snapshot)
{
	g_autoptr(GString) left_out = g_string_new(NULL);

	g_array_sort(databases, compare_databases);
	for (guint i = MAX_DATABASES; i < databases->len; i++) {
		g_string_append(left_out, i > MAX_DATABASES ? ", " : "");
		append_database_name(left_out, snapshot, g_array_index(databases, OtherDatabase, i).oid);
	}
	if (databases->len <= MAX_DATABASES)
		return;
	snapshot_add_warning(snapshot,
	                     "names are read in %d other databases at most: relations of %s are shown "
	                     "by their oids",
	                     MAX_DATABASES, left_out->str);
	g_array_set_size(databases, MAX_DATABASES);
}

static GArray *collect_wanted(Snapshot *snapshot, const LockQueues *queues,
                              const LookOptions *options)
{
	GArray *databases = g_array_new(FALSE, FALSE, sizeof(OtherDatabase));

	g_array_set_clear_func(databases, clear_database);
	add_contended(databases, snapshot, queues);
	add_locked(databases, snapshot, options);
	keep_some(databases, snapshot);
	return databases;
}

static void next_database(OtherNames *other);

static const OtherDatabase *current_database(const OtherNames *other)
{
	return &g_array_index(other->databases, OtherDatabase, other->next - 1);
}

static void add_warning(const OtherNames *other, guint32 database, const char *reason)
{
	g_autoptr(GString) name = g_string_new(NULL);

	append_database_name(name, other->snapshot, database);
	snapshot_add_warning(other->snapshot, "relations of database %s are shown by their oids: %s",
	                     name->str, reason);
}

/* Takes the error, which may be NULL. */
static void finish_database(OtherNames *other, GError *error)
{
	guint32 database = current_database(other)->oid;

	if (g_strcmp0(error_sqlstate(error), SQLSTATE_DENIED) == 0) {
		g_autoptr(GString) reason = g_string_new(error->message);

		g_string_append(reason, ": GRANT CONNECT ON DATABASE ");
		append_database_name(reason, other->snapshot, database);
		g_string_append(reason, " TO ");
		sql_ident_append(reason, snapshot_server(other->snapshot)->user);
		g_string_append_c(reason, ';');
		add_warning(other, database, reason->str);
	} else if (error != NULL) {
		add_warning(other, database, error->message);
	}
	g_clear_error(&error);
	g_clear_pointer(&other->connection, pg_connection_free);
	next_database(other);
}

static void on_relations(PgRequest *request, GError *error, gpointer data)
{
	OtherNames *other = data;

	if (!error &&
	    collect_relations_of(other->snapshot, current_database(other)->oid,
	                         pg_request_result(request, 0), &error) &&
	    other->ancestors)
		collect_ancestors_of(other->snapshot, current_database(other)->oid,
		                     pg_request_result(request, 1), &error);
	finish_database(other, error);
}

static gint64 time_left(const OtherNames *other)
{
	return MAX(other->deadline - g_get_monotonic_time(), 0);
}

static gint64 database_time(const OtherNames *other)
{
	return MIN(time_left(other), TIMEOUT_PER_DATABASE_US);
}

static PgParams *oids_params(const GArray *oids)
{
	PgParams *params = pg_params_new();

	pg_params_add_oids(params, oids);
	return params;
}

static void on_connected(PgConnection *connection, GError *error, gboolean needs_password,
                         gpointer data)
{
	OtherNames *other = data;
	g_autoptr(GArray) relations = NULL;
	PgRequest *request;

	(void) needs_password;
	if (!connection) {
		finish_database(other, error);
		return;
	}
	other->connection = connection;
	request = pg_request_new(connection, "reading the names of relations");
	relations = oid_set_to_array(current_database(other)->relations);
	pg_request_add(request, STATEMENT_RELATIONS, oids_params(relations));
	if (other->ancestors)
		pg_request_add(request, STATEMENT_ANCESTORS, oids_params(relations));
	pg_request_send(request, database_time(other), on_relations, other, NULL);
}

static void other_names_end(OtherNames *other)
{
	PgOtherNamesDone done = other->done;
	gpointer user_data = other->user_data;

	if (other->through != NULL)
		pg_connection_unwatch(other->through, &other->through);
	g_array_unref(other->databases);
	g_free(other);
	done(user_data);
}

/* Why a database isn't even tried, or NULL. */
static const char *reason_to_skip(const OtherNames *other, const OtherDatabase *database)
{
	if (names_database(snapshot_names(other->snapshot), database->oid) == NULL)
		return "it has no name, and may have been dropped";
	if (time_left(other) == 0)
		return "no time was left";
	/* A login there would hang, and leave a backend behind until the lock is gone. */
	if (any_catalog_is_locked(other->snapshot, database->oid))
		return "a catalog of it is locked";
	return NULL;
}

static void next_database(OtherNames *other)
{
	while (other->through != NULL && other->next < other->databases->len) {
		const OtherDatabase *database =
		    &g_array_index(other->databases, OtherDatabase, other->next++);
		const char *reason = reason_to_skip(other, database);

		if (reason != NULL) {
			add_warning(other, database->oid, reason);
			continue;
		}
		pg_connect_elsewhere(other->through,
		                     names_database(snapshot_names(other->snapshot), database->oid),
		                     time_left(other), database_time(other), on_connected, other);
		return;
	}
	other_names_end(other);
}

void pg_other_names(PgConnection *connection, Snapshot *snapshot, const LockQueues *queues,
                    const LookOptions *options, gint64 timeout_us, PgOtherNamesDone done,
                    gpointer user_data)
{
	OtherNames *other = g_new0(OtherNames, 1);

	other->through = connection;
	pg_connection_watch(connection, &other->through);
	other->snapshot = snapshot;
	other->ancestors = options->ancestors;
	other->deadline = g_get_monotonic_time() + timeout_us;
	other->done = done;
	other->user_data = user_data;
	other->databases = collect_wanted(snapshot, queues, options);
	next_database(other);
}
