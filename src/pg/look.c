#include "pg/look.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/timestamp.h"
#include "model/lock_queue.h"
#include "pg/collect.h"
#include "pg/connection_internal.h"
#include "pg/lock_manager.h"
#include "pg/locked_catalogs.h"
#include "pg/names.h"
#include "pg/other_names.h"
#include "pg/privileges.h"
#include "pg/rehearsal.h"
#include "pg/request.h"
#include "pg/row_keys.h"

/*
 * A look takes one round trip: the locks, then the sessions, so that a lock whose session has begun
 * meanwhile finds it; then prepared transactions and the clock, so that no time is in the future.
 * What the first part shows to be needed takes a second one. Only where a lock's process has no
 * session there is one more in between, which tells who is logging in from who has gone.
 */

typedef struct {
	PgConnection *connection;
	LookOptions options;
	gint64 deadline; /* by g_get_monotonic_time */
	PgLookDone done;
	gpointer user_data;
	SnapshotBuilder *builder; /* from the locks of the first part to the snapshot */
	GError *failure;          /* to read the locks, or NULL */
	gboolean is_partial;      /* the totals don't tell all */
	Snapshot *snapshot;
	LockQueues *queues;
	WantedNames wanted;
	gboolean somebody_waits;
	GArray *sent; /* guint: of FOLLOW_UPS, in the order of the request's statements */
} Look;

static void look_free(gpointer data)
{
	Look *look = data;

	g_clear_pointer(&look->queues, lock_queues_free);
	g_clear_pointer(&look->snapshot, snapshot_free);
	g_clear_pointer(&look->builder, snapshot_builder_free);
	g_clear_error(&look->failure);
	wanted_names_clear(&look->wanted);
	g_clear_pointer(&look->sent, g_array_unref);
	g_free(look);
}

static void look_end(Look *look, GError *error)
{
	Snapshot *snapshot = error == NULL ? g_steal_pointer(&look->snapshot) : NULL;
	PgLookDone done = look->done;
	gpointer user_data = look->user_data;

	look_free(look);
	done(snapshot, error, user_data);
}

static PgParams *oids_params(const GArray *oids)
{
	return oids->len > 0 ? pg_params_of_oids((const guint32 *) (gpointer) oids->data, oids->len)
	                     : NULL;
}

static PgParams *ask_blocking_pids(const Look *look)
{
	g_autoptr(GArray) pids = lock_queues_questions(look->queues, look->options.ask_everybody);

	if (pids->len == 0)
		return NULL;
	PgParams *params = pg_params_new();

	pg_params_add_int4s(params, pids);
	return params;
}

/* Most looks that see nobody wait need no names, but one before an act shows the session anyway. */
static gboolean wants_names(const Look *look)
{
	return look->options.all_names ||
	       (look->options.names &&
	        (look->somebody_waits || look->options.names_if_quiet || look->options.privileges));
}

static gboolean wants_other_names(const Look *look)
{
	return look->options.other_names &&
	       (look->somebody_waits || look->options.all_other_names || look->options.named != NULL);
}

static PgParams *ask_in_progress(const Look *look)
{
	if (look->options.rows == NULL)
		return NULL;
	g_autoptr(GArray) xids = row_set_in_progress(look->options.rows);

	return oids_params(xids);
}

static PgParams *ask_relations(const Look *look)
{
	return wants_names(look) ? oids_params(look->wanted.relations) : NULL;
}

/* No other statement reads pg_inherits: they would go without names, too, while it is locked. */
static PgParams *ask_ancestors(const Look *look)
{
	return look->options.ancestors ? ask_relations(look) : NULL;
}

static PgParams *ask_databases(const Look *look)
{
	return wants_names(look) ? oids_params(look->wanted.databases) : NULL;
}

static PgParams *ask_roles(const Look *look)
{
	return wants_names(look) || look->options.keep_warm ? oids_params(look->wanted.roles) : NULL;
}

static gboolean wants_privileges(const Look *look)
{
	return look->options.privileges ||
	       (look->options.privileges_if_waiting && look->somebody_waits);
}

static PgParams *ask_own_privileges(const Look *look)
{
	/* what is hidden asks for a GRANT that fits our role */
	return wants_privileges(look) || snapshot_n_hidden(look->snapshot) > 0 ? pg_params_new() : NULL;
}

static PgParams *ask_role_privileges(const Look *look)
{
	return wants_privileges(look) ? oids_params(look->wanted.roles) : NULL;
}

/* Only where it may decide what becomes of somebody who waits, or is shown. */
static PgParams *ask_standby_delay(const Look *look)
{
	return snapshot_server(look->snapshot)->in_recovery &&
	               (look->somebody_waits || wants_privileges(look))
	           ? pg_params_new()
	           : NULL;
}

#define MAX_CATALOGS 4

/* What is asked in the second round trip. */
static const struct {
	StatementId statement;
	PgParams *(*ask)(const Look *look); /* NULL: not needed */
	gboolean (*collect)(Snapshot *snapshot, const PGresult *result, GError **error);
	const char *without; /* what goes on when it fails, for the warning */
	/* What it can't do without. The names of roles come from the server's cache as well. */
	CatalogOid catalogs[MAX_CATALOGS];
} FOLLOW_UPS[] = {
    {STATEMENT_BLOCKING_PIDS,
     ask_blocking_pids,
     collect_blocking_pids,
     "the order of some queues is worked out from the times of waiting",
     {0}},
    {STATEMENT_STANDBY_DELAY,
     ask_standby_delay,
     collect_standby_delay,
     "how long replay waits for others is not known",
     {0}},
    {STATEMENT_IN_PROGRESS,
     ask_in_progress,
     collect_in_progress,
     "who locked rows in a subtransaction that has ended is not known",
     {0}},
    {STATEMENT_RELATIONS,
     ask_relations,
     collect_relations,
     "relations are shown by their oids",
     {CATALOG_PG_CLASS, CATALOG_PG_INDEX, CATALOG_PG_NAMESPACE}},
    {STATEMENT_ANCESTORS,
     ask_ancestors,
     collect_ancestors,
     "what tables are partitions of is not known",
     {CATALOG_PG_INHERITS, CATALOG_PG_CLASS, CATALOG_PG_INDEX, CATALOG_PG_NAMESPACE}},
    {STATEMENT_DATABASES,
     ask_databases,
     collect_databases,
     "databases are shown by their oids",
     {CATALOG_PG_DATABASE}},
    {STATEMENT_ROLES, ask_roles, collect_roles, "roles are shown by their oids", {0}},
    {STATEMENT_OWN_PRIVILEGES,
     ask_own_privileges,
     collect_own_privileges,
     "what our role may do is not known",
     {CATALOG_PG_AUTHID, CATALOG_PG_AUTH_MEMBERS, CATALOG_PG_DB_ROLE_SETTING}},
    {STATEMENT_ROLE_PRIVILEGES,
     ask_role_privileges,
     collect_role_privileges,
     "what our role may do to others is not known",
     {CATALOG_PG_AUTHID, CATALOG_PG_AUTH_MEMBERS, CATALOG_PG_DB_ROLE_SETTING}},
};

/* 0 when there is none. */
static CatalogOid find_locked_catalog(const Look *look, guint follow_up)
{
	const CatalogOid *catalogs = FOLLOW_UPS[follow_up].catalogs;
	guint32 database = snapshot_server(look->snapshot)->database_oid;

	for (guint i = 0; i < MAX_CATALOGS && catalogs[i] != 0; i++)
		if (catalog_is_locked(look->snapshot, catalogs[i], database))
			return catalogs[i];
	return 0;
}

static void hint_at_new_server(const PgConnection *connection, GError **error)
{
	int major = pg_connection_server(connection)->version_num / 10000;

	if (major > NEWEST_MAJOR)
		error_set_hint(error, "the server is PostgreSQL %d; this pgunlock knows versions up to %d",
		               major, NEWEST_MAJOR);
}

/* Those without a lock are in nobody's way. */
static guint count_hidden(const Snapshot *snapshot)
{
	guint n_hidden = 0;

	for (guint i = 0; i < snapshot_n_sessions(snapshot); i++) {
		guint n_locks;

		snapshot_session_locks(snapshot, i, &n_locks);
		n_hidden += snapshot_session(snapshot, i)->hidden && n_locks > 0;
	}
	return n_hidden;
}

static gint64 time_left(const Look *look)
{
	/* One that has waited for a stuck lock manager has none left otherwise. */
	return look->options.silent != NULL ? look->options.timeout_us
	                                    : MAX(look->deadline - g_get_monotonic_time(), 0);
}

/* What is asked through other connections: ours may have been freed meanwhile. */
static gboolean is_dropped(Look *look)
{
	if (look->connection != NULL)
		return FALSE;
	look_free(look);
	return TRUE;
}

static void pooler_done(gpointer user_data)
{
	Look *look = user_data;

	if (is_dropped(look))
		return;
	pg_connection_unwatch(look->connection, &look->connection);
	look_end(look, NULL);
}

static void ask_pooler(Look *look)
{
	if (look->options.pooler != NULL && (look->somebody_waits || look->options.all_names))
		pg_pooler_ask(look->options.pooler, look->snapshot, time_left(look), pooler_done, look);
	else
		pooler_done(look);
}

static void other_names_done(gpointer user_data)
{
	Look *look = user_data;

	if (!is_dropped(look))
		ask_pooler(look);
}

/* What the server itself could tell is known. */
static void ask_others(Look *look, gboolean is_late)
{
	if (look->options.row_memory != NULL)
		pg_row_memory_store(look->options.row_memory, look->snapshot, look->queues);
	pg_connection_watch(look->connection, &look->connection);
	if (!is_late && wants_other_names(look))
		pg_other_names(look->connection, look->snapshot, look->queues, &look->options,
		               time_left(look), other_names_done, look);
	else
		ask_pooler(look);
}

static void row_keys_done(gboolean connection_lost, gpointer user_data)
{
	ask_others(user_data, connection_lost);
}

/* What our own connection could tell is known, but for the rows. */
static void ask_row_keys(Look *look, gboolean is_late)
{
	guint32 database = snapshot_server(look->snapshot)->database_oid;

	if (look->options.row_memory != NULL)
		pg_row_memory_recall(look->options.row_memory, look->snapshot);
	if (!is_late && look->options.row_keys && !any_catalog_is_locked(look->snapshot, database) &&
	    pg_row_keys_are_wanted(look->snapshot, look->queues))
		pg_row_keys(look->connection, look->snapshot, look->queues, time_left(look), row_keys_done,
		            look, look_free);
	else
		ask_others(look, is_late);
}

static void follow_up_done(PgRequest *request, GError *error, gpointer user_data)
{
	Look *look = user_data;

	if (error != NULL && !pg_request_timed_out(request)) {
		look_end(look, error);
		return;
	}
	/* Late names are no reason to throw the locks away. */
	for (guint i = 0; i < look->sent->len; i++) {
		guint which = g_array_index(look->sent, guint, i);
		const PGresult *result = pg_request_result(request, i);
		g_autoptr(GError) failure = NULL;

		if (result == NULL)
			failure = g_error_copy(error);
		else
			FOLLOW_UPS[which].collect(look->snapshot, result, &failure);
		if (failure != NULL)
			snapshot_add_warning(look->snapshot, "%s: %s", failure->message,
			                     FOLLOW_UPS[which].without);
	}
	gboolean is_late = error != NULL;

	g_clear_error(&error);
	ask_row_keys(look, is_late);
}

/* What we know before we ask, and may have to do with. */
static void add_known_names(Snapshot *snapshot)
{
	const ServerInfo *server = snapshot_server(snapshot);

	if (server->database_oid != 0)
		names_add_database(snapshot_names(snapshot), server->database_oid, server->database);
	if (server->user_oid != 0)
		names_add_role(snapshot_names(snapshot), server->user_oid, server->user);
	locked_catalogs_add_names(snapshot);
}

/* Where a catalog is locked that it needs it would only wait in vain, one after the other. */
static void add_follow_up(Look *look, PgRequest *request, guint which)
{
	PgParams *params = FOLLOW_UPS[which].ask(look);
	CatalogOid locked = params != NULL ? find_locked_catalog(look, which) : 0;

	if (locked != 0) {
		snapshot_add_warning(look->snapshot, "%s is locked: %s", catalog_name(locked),
		                     FOLLOW_UPS[which].without);
		pg_params_free(params);
	} else if (params != NULL) {
		pg_request_add(request, FOLLOW_UPS[which].statement, params);
		g_array_append_val(look->sent, which);
	}
}

static void follow_up(Look *look)
{
	g_autoptr(PgRequest) request = pg_request_new(look->connection, "reading names and privileges");
	/* Caches can't be warmed any more. */
	gboolean is_rehearsed =
	    look->options.keep_warm &&
	    !any_catalog_is_locked(look->snapshot, snapshot_server(look->snapshot)->database_oid);

	look->queues = lock_queues_new(look->snapshot);
	look->somebody_waits = lock_queues_n(look->queues) > 0;
	if (look->somebody_waits || look->options.all_names || look->options.privileges)
		snapshot_set_n_hidden(look->snapshot, count_hidden(look->snapshot));
	add_known_names(look->snapshot);
	wanted_names_init(&look->wanted, look->snapshot, look->queues, look->options.all_names);
	look->sent = g_array_new(FALSE, FALSE, sizeof(guint));
	for (guint i = 0; i < G_N_ELEMENTS(FOLLOW_UPS); i++)
		add_follow_up(look, request, i);
	/* Behind the others, so that those keep their places in the request. */
	if (is_rehearsed)
		pg_rehearse(request);
	if (look->sent->len == 0 && !is_rehearsed)
		ask_row_keys(look, FALSE);
	else
		pg_request_send(g_steal_pointer(&request), time_left(look), follow_up_done, look,
		                look_free);
}

/* The statements of the first part; the first of them, which is for a look that hangs, comes last
 * here and first on the way, where it is asked at all. */
enum { LOOK_LOCKS, LOOK_ACTIVITY, LOOK_PREPARED, LOOK_CLOCK, LOOK_LOCK_MANAGER };

/* NULL when it isn't there yet, or was not asked for. */
static const PGresult *first_result(const Look *look, const PgRequest *request, guint statement)
{
	gboolean is_asked = !look->options.is_asked_elsewhere;

	if (statement == LOOK_LOCK_MANAGER)
		return is_asked ? pg_request_result(request, 0) : NULL;
	return pg_request_result(request, statement + (is_asked ? 1 : 0));
}

static gboolean read_all(Look *look, const PGresult *result)
{
	return collect_locks(look->builder, result, &look->failure);
}

static gboolean read_contended(Look *look, const PGresult *result)
{
	return collect_contended_locks(look->builder, result, &look->failure);
}

static gboolean read_totals(Look *look, const PGresult *result)
{
	gboolean is_whole = TRUE;
	gboolean is_read = collect_waits(look->builder, result, &is_whole, &look->failure);

	look->is_partial = !is_whole;
	return is_read;
}

static const struct {
	StatementId statement;
	gboolean (*read)(Look *look, const PGresult *result);
} FORMS[] = {
    [LOOK_AT_ALL] = {STATEMENT_LOCKS, read_all},
    [LOOK_AT_CONTENDED] = {STATEMENT_LOCKS_CONTENDED, read_contended},
    [LOOK_AT_TOTALS] = {STATEMENT_WAITS, read_totals},
};

/* Who waits for the lock manager itself can't get so far as to wait for a lock: if that is stuck,
 * only a look at the locks runs into it. */
static gboolean may_be_stuck(const Look *look, const PgRequest *request)
{
	const PGresult *result = first_result(look, request, LOOK_LOCK_MANAGER);
	g_autoptr(LockManagerWaits) waits = result != NULL ? collect_lock_manager(result, NULL) : NULL;

	return waits != NULL && lock_manager_n_others(waits, 0) > 0;
}

/* The locks are worked on while the server is at the sessions; and of very many nobody needs what
 * they were made from any longer. */
static void first_part_answered(PgRequest *request, guint index, gpointer user_data)
{
	Look *look = user_data;
	const PGresult *locks = first_result(look, request, LOOK_LOCKS);

	if (locks == NULL || locks != pg_request_result(request, index))
		return;
	look->builder = snapshot_builder_new(pg_connection_server(look->connection), TIMESTAMP_NONE);
	if (FORMS[look->options.form].read(look, locks))
		pg_request_drop_result(request, index);
}

/* What is left of it. */
static gboolean collect_first_part(Look *look, const PgRequest *request, GError **error)
{
	gint64 now;

	if (look->failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&look->failure));
		return FALSE;
	}
	if (!collect_clock(&now, first_result(look, request, LOOK_CLOCK), error) ||
	    !collect_activity(look->builder, first_result(look, request, LOOK_ACTIVITY), error) ||
	    !collect_prepared(look->builder, first_result(look, request, LOOK_PREPARED), error))
		return FALSE;
	snapshot_builder_set_taken_at(look->builder, now);
	return TRUE;
}

static void owners_done(PgRequest *request, GError *error, gpointer user_data)
{
	Look *look = user_data;
	g_autoptr(GError) failure = NULL;

	if (error != NULL) {
		look_end(look, error);
		return;
	}
	collect_lock_owners(look->builder, pg_request_result(request, 0), &failure);
	look->snapshot = snapshot_builder_finish(g_steal_pointer(&look->builder));
	if (failure != NULL)
		snapshot_add_warning(look->snapshot, "%s: who waits while logging in is not shown",
		                     failure->message);
	follow_up(look);
}

static void ask_owners(Look *look, const GArray *pids)
{
	PgRequest *request = pg_request_new(look->connection, "reading who is logging in");
	PgParams *params = pg_params_new();

	pg_params_add_int4s(params, pids);
	pg_request_add(request, STATEMENT_LOCK_OWNERS, params);
	pg_request_send(request, time_left(look), owners_done, look, look_free);
}

static void ask_first_part(Look *look);

static void first_part_done(PgRequest *request, GError *error, gpointer user_data)
{
	Look *look = user_data;

	if (error == NULL && !collect_first_part(look, request, &error))
		hint_at_new_server(look->connection, &error);
	if (error != NULL) {
		look_end(look, error);
		return;
	}
	if (look->is_partial || (look->options.form == LOOK_AT_TOTALS && may_be_stuck(look, request))) {
		look->is_partial = FALSE;
		look->options.form = LOOK_AT_CONTENDED;
		g_clear_pointer(&look->builder, snapshot_builder_free);
		ask_first_part(look);
		return;
	}
	/* Of whom the totals tell they have sessions, or have gone. */
	g_autoptr(GArray) unlisted = look->options.form == LOOK_AT_TOTALS
	                                 ? g_array_new(FALSE, FALSE, sizeof(gint32))
	                                 : snapshot_builder_unlisted(look->builder);

	if (unlisted->len > 0) {
		ask_owners(look, unlisted);
	} else {
		look->snapshot = snapshot_builder_finish(g_steal_pointer(&look->builder));
		follow_up(look);
	}
}

/* What was asked ahead of the locks tells whether they are to come. */
static GError *on_silence(PgRequest *request, gpointer user_data)
{
	Look *look = user_data;
	const PGresult *result = first_result(look, request, LOOK_LOCK_MANAGER);
	g_autoptr(LockManagerWaits) waits = result != NULL ? collect_lock_manager(result, NULL) : NULL;
	gboolean is_due = look->builder == NULL;
	GError *stuck = NULL;

	if (waits != NULL && is_due && lock_manager_is_stuck(waits, 0))
		lock_manager_set_error(&stuck, look->connection, waits, 0, pg_request_age(request), NULL);
	if (look->options.silent == NULL)
		return stuck;
	look->options.silent(stuck, pg_request_age(request), look->options.silent_data);
	return NULL;
}

static void ask_first_part(Look *look)
{
	PgRequest *request = pg_request_new(look->connection, "reading the locks");

	if (!look->options.is_asked_elsewhere)
		pg_request_add(request, STATEMENT_LOCK_MANAGER, NULL);
	pg_request_add(request, FORMS[look->options.form].statement, NULL);
	pg_request_add(request, STATEMENT_ACTIVITY, NULL);
	pg_request_add(request, STATEMENT_PREPARED, NULL);
	pg_request_add(request, STATEMENT_CLOCK, NULL);
	pg_request_on_answer(request, first_part_answered);
	pg_request_on_silence(request, on_silence);
	pg_request_send(request, time_left(look), first_part_done, look, look_free);
}

/* Before 18 who waits while logging in is in no list of backends, and a standby's startup process
 * doesn't say that it waits: only the locks tell of those. */
static gboolean has_totals(const ServerInfo *server)
{
	return server->version_num >= 180000 && !server->in_recovery;
}

void pg_look(PgConnection *connection, const LookOptions *options, PgLookDone done,
             gpointer user_data)
{
	Look *look = g_new0(Look, 1);

	look->connection = connection;
	look->options = *options;
	if (options->form == LOOK_AT_TOTALS && !has_totals(pg_connection_server(connection)))
		look->options.form = LOOK_AT_CONTENDED;
	look->deadline = g_get_monotonic_time() + options->timeout_us;
	look->done = done;
	look->user_data = user_data;
	ask_first_part(look);
}
