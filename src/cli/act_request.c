#include "cli/act_request.h"

#include "base/error.h"

/* A list longer than this says no more than its beginning. */
#define MOST_TABLES_LISTED 10

static const char *const command_names[] = {
    [COMMAND_CANCEL] = "cancel",
    [COMMAND_TERMINATE] = "terminate",
    [COMMAND_RELEASE] = "release",
};

/* What narrows a selection, and so makes one. */
static gboolean has_filters(const Options *options)
{
	return options->table || options->row || options->advisory.is_given || options->modes ||
	       options->user || options->application || options->idle_in_transaction_us >= 0 ||
	       options->blocking;
}

static gboolean wrong(GError **error, const char *hint, const char *message)
{
	error_set(error, PGUNLOCK_ERROR_USAGE, "%s", message);
	error_set_hint(error, "%s", hint);
	return FALSE;
}

static gboolean check_selection(PlanCommand command, const Options *options, GError **error)
{
	int n_ways = (options->sessions->len > 0) + (options->waiter != NULL) + (options->all != 0);
	if (n_ways > 1 ||
	    (n_ways == 1 && !options->all && (has_filters(options) || options->all_holders)))
		return wrong(error, "a SESSION is exact by itself; filters select among all sessions",
		             "sessions and a selection can't be named together");
	if ((options->table || options->row) && options->advisory.is_given)
		return wrong(error, "two selections are two commands",
		             "nobody waits for a table and an advisory lock at once");
	if (n_ways > 0 || has_filters(options))
		return TRUE;
	/* Everybody who holds any lock can't be meant. */
	if (options->all_holders)
		return wrong(error, "say which: --table, --row, --advisory, --mode, --user, --application",
		             "--all-holders widens a selection, it is none by itself");
	error_set(error, PGUNLOCK_ERROR_USAGE, "%s which session?", command_names[command]);
	if (command == COMMAND_RELEASE)
		error_set_hint(error, "name one (\"pgunlock status\" shows them), or select: --table, "
		                      "--row, --advisory KEY, --waiter SESSION, --all");
	else
		error_set_hint(
		    error,
		    "name one (\"pgunlock status\" shows them), or select: --table, --row, --advisory, "
		    "--blocking, --user, --application, --mode, --idle-in-transaction-for");
	return FALSE;
}

static gboolean check_prepared(const Options *options, GError **error)
{
	if (options->prepared_end == PREPARED_NOT_SAID)
		return TRUE;
	gboolean only_prepared = options->sessions->len > 0;
	for (guint i = 0; i < options->sessions->len; i++) {
		const SessionRef *ref = g_ptr_array_index(options->sessions, i);
		only_prepared = only_prepared && session_ref_is_prepared(ref);
	}
	if (!only_prepared)
		return wrong(error, "pgunlock release gid:NAME --rollback",
		             "--rollback and --commit are for prepared transactions named as gid:NAME");
	return TRUE;
}

gboolean act_request_check(PlanCommand command, const Options *options, GError **error)
{
	if (!check_selection(command, options, error) || !check_prepared(options, error))
		return FALSE;
	if (options->sql && options->format == FORMAT_JSON)
		return wrong(error, "leave one of them away", "--sql prints SQL, not JSON");
	if (options->rounds < 1)
		return wrong(error, "--rounds 1 ends what blocks now", "--rounds must be at least 1");
	if (options->rounds > 1 && options->sessions->len > 0 &&
	    options->prepared_end != PREPARED_NOT_SAID)
		return wrong(error, "leave --rounds away",
		             "--rounds goes on to other sessions than the prepared transactions named");
	return TRUE;
}

gboolean act_request_check_tables(const NamePattern *pattern, const TableSet *tables,
                                  GError **error)
{
	guint n = table_set_n_matches(tables);
	if (n <= 1 || pattern->schema.regex)
		return TRUE;
	g_autoptr(GString) list = g_string_new(NULL);
	for (guint i = 0; i < MIN(n, MOST_TABLES_LISTED); i++)
		g_string_append_printf(list, "%s%s", i ? ", " : "", table_set_match(tables, i));
	if (n > MOST_TABLES_LISTED)
		g_string_append_printf(list, " and %u more", n - MOST_TABLES_LISTED);
	error_set(error, PGUNLOCK_ERROR_REFUSED, "%s matches %u tables: %s", pattern->original, n,
	          list->str);
	error_set_hint(error, "to act on several tables write the schema, too: --table 'SCHEMA.%s'",
	               pattern->original);
	return FALSE;
}

gboolean act_request_check_rows(const RowSet *rows, GError **error)
{
	const char *table = row_set_table(rows)->name;
	if (row_set_n(rows) == 0) {
		error_set(error, PGUNLOCK_ERROR_NOT_FOUND, "no row of %s matches", table);
		error_set_hint(error,
		               "a row that was inserted by a transaction that is still open can't be "
		               "seen: \"pgunlock tree\" shows who waits for its key");
		return FALSE;
	}
	if (row_set_has_more(rows)) {
		error_set(error, PGUNLOCK_ERROR_REFUSED, "more than %u rows of %s match",
		          row_set_limit(rows), table);
		error_set_hint(error, "narrow the condition, or mean the whole table: --table");
		return FALSE;
	}
	return TRUE;
}

Selection act_request_selection(PlanCommand command, const Options *options, TableSet *tables)
{
	static const Act prepared_acts[] = {
	    [PREPARED_NOT_SAID] = ACT_NONE,
	    [PREPARED_ROLLBACK] = ACT_ROLLBACK_PREPARED,
	    [PREPARED_COMMIT] = ACT_COMMIT_PREPARED,
	};
	return (Selection){
	    .command = command,
	    .sessions = options->sessions,
	    .waiter = options->waiter,
	    .all = options->all,
	    .tables = tables,
	    .advisory = options->advisory.is_given ? &options->advisory.key : NULL,
	    .modes = options->modes,
	    .user = options->user,
	    .application = options->application,
	    .idle_in_transaction = options->idle_in_transaction_us >= 0,
	    .idle_for_us = MAX(options->idle_in_transaction_us, 0),
	    .blocking = options->blocking,
	    .all_holders = options->all_holders,
	    .include_protected = options->include_protected,
	    .prefer = (Prefer) options->prefer,
	    .rollback_prepared = options->rollback_prepared,
	    .prepared_act = prepared_acts[options->prepared_end],
	    .max = options->max,
	};
}
