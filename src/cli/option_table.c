#include "cli/option_table.h"

#include "model/incident.h"

#include <stddef.h>
#include <string.h>

#define AT(member) offsetof(Options, member)

/* clang-format off */
static const OptionRow options[] = {
	{ "advisory-labels", 0, OPTION_FILE, "FILE", AT(advisory_labels), .group = GROUP_COMMAND, .commands = FOR_TARGETS,
	  .help = "what advisory keys are called (~/.config/pgunlock/advisory-labels, where that exists)" },
	{ "no-rows", 0, OPTION_FLAG, NULL, AT(no_rows), .group = GROUP_COMMAND,
	  .commands = FOR_STATUS | FOR_TREE | FOR_LOCKS | FOR_SHOW | FOR_ACTS | FOR_TOP,
	  .help = "don't read the keys of the rows that are waited for" },
	{ "pooler", 0, OPTION_TEXT, "CONNINFO", AT(pooler), .group = GROUP_COMMAND, .commands = FOR_STATUS | FOR_TREE | FOR_SHOW | FOR_TOP,
	  .help = "PgBouncer's admin console, as a connection string or URI: names the clients behind its connections to this one server" },
	{ "all-edges", 0, OPTION_FLAG, NULL, AT(all_edges), .group = GROUP_COMMAND, .commands = FOR_TREE,
	  .help = "every edge, equal to pg_blocking_pids, instead of the shown ones (JSON)" },
	{ "full", 0, OPTION_FLAG, NULL, AT(full), .group = GROUP_COMMAND, .commands = FOR_TREE,
	  .help = "unfold groups of alike waiters" },
	{ "watch", 0, OPTION_FLAG, NULL, AT(watch), .group = GROUP_COMMAND, .commands = FOR_TREE,
	  .help = "look again and again, until Ctrl-C; JSON: one document a line" },
	{ "interval", 0, OPTION_DURATION, "TIME", AT(interval_us), .group = GROUP_COMMAND, .commands = FOR_TREE | FOR_TOP,
	  .help = "time between two looks (2s)" },
	{ "budget", 0, OPTION_COUNT, "PERCENT", AT(budget), .preset = "1", .group = GROUP_COMMAND, .commands = FOR_TREE | FOR_TOP,
	  .help = "how much of the time looks may take; where they are due more often, it only asks whether "
	          "the same sessions still wait; 100: look each time" },

	{ "table", 0, OPTION_TABLE, "PATTERN", AT(table), .group = GROUP_SELECTION, .commands = FOR_LOCKS | FOR_ACTS | FOR_HISTORY,
	  .help = "[[database.]schema.]table, as in psql: * and ? match, \"quoted\" keeps its case; "
	          "with its partitions, indexes and TOAST" },
	{ "advisory", 0, OPTION_ADVISORY, "KEY", AT(advisory), .group = GROUP_SELECTION, .commands = FOR_LOCKS | FOR_ACTS,
	  .optional_for = FOR_LOCKS, .without = "all advisory locks",
	  .help = "the advisory lock with this key in the connected database: 42, or 1,2 for one of two integers" },
	{ "row", 0, OPTION_ROW, "ROWS", AT(row), .group = GROUP_SELECTION, .commands = FOR_ACTS,
	  .help = "rows of a table, as in SQL: 'orders WHERE id = 7'" },
	{ "mode", 0, OPTION_MODES, "MODE", AT(modes), .group = GROUP_SELECTION, .commands = FOR_LOCKS | FOR_ACTS,
	  .help = "a lock mode (AccessExclusiveLock, access-exclusive) or a pattern of one (*exclusive*)" },
	{ "session", 0, OPTION_SESSIONS, "SESSION", AT(session_filter), .group = GROUP_SELECTION, .commands = FOR_LOCKS,
	  .help = "only locks of this session; may be repeated" },
	{ "waiting", 0, OPTION_FLAG, NULL, AT(waiting), .group = GROUP_SELECTION, .commands = FOR_LOCKS,
	  .help = "only locks that are waited for" },
	{ "granted", 0, OPTION_FLAG, NULL, AT(granted), .group = GROUP_SELECTION, .commands = FOR_LOCKS,
	  .help = "only locks that are held" },
	{ "all-databases", 0, OPTION_FLAG, NULL, AT(all_databases), .group = GROUP_SELECTION, .commands = FOR_LOCKS,
	  .help = "locks of every database, not only of the connected one" },
	{ "sort", 0, OPTION_CHOICE, "KEY", AT(sort), .words = "waiting|age|pid|mode|target|user",
	  .group = GROUP_COMMAND, .commands = FOR_LOCKS,
	  .help = "the longest wait first (default), the oldest transaction first, by pid, the strongest mode first, "
	          "by what is locked, by user" },

	{ "user", 0, OPTION_TEXT, "GLOB", AT(user), .group = GROUP_SELECTION, .commands = FOR_ACTS | FOR_HISTORY,
	  .help = "only of roles whose name matches; case counts" },
	{ "application", 0, OPTION_TEXT, "GLOB", AT(application), .group = GROUP_SELECTION,
	  .commands = FOR_ACTS | FOR_HISTORY,
	  .help = "only of sessions whose application_name matches; case counts" },
	{ "idle-in-transaction-for", 0, OPTION_DURATION, "TIME", AT(idle_in_transaction_us),
	  .group = GROUP_SELECTION, .commands = FOR_ACTS,
	  .help = "only sessions idle in a transaction for at least that long" },
	{ "blocking", 0, OPTION_FLAG, NULL, AT(blocking), .group = GROUP_SELECTION, .commands = FOR_CANCEL | FOR_TERMINATE,
	  .help = "only root blockers: those that block and wait for nobody themselves" },
	{ "all-holders", 0, OPTION_FLAG, NULL, AT(all_holders),
	  .group = GROUP_SELECTION, .commands = FOR_CANCEL | FOR_TERMINATE,
	  .help = "also holders that block nobody; waiters never" },
	{ "waiter", 0, OPTION_SESSION, "SESSION", AT(waiter), .group = GROUP_SELECTION, .commands = FOR_RELEASE,
	  .help = "whatever blocks this session" },
	{ "all", 0, OPTION_FLAG, NULL, AT(all), .group = GROUP_SELECTION, .commands = FOR_RELEASE,
	  .help = "whatever blocks anybody" },

	{ "yes", 'y', OPTION_FLAG, NULL, AT(yes), .group = GROUP_COMMAND, .commands = FOR_ACTS,
	  .help = "don't ask" },
	{ "dry-run", 'n', OPTION_FLAG, NULL, AT(dry_run), .group = GROUP_COMMAND, .commands = FOR_ACTS,
	  .help = "show the plan, do nothing" },
	{ "sql", 0, OPTION_FLAG, NULL, AT(sql), .group = GROUP_COMMAND, .commands = FOR_ACTS,
	  .help = "print the SQL that would be sent, do nothing" },
	{ "prefer", 0, OPTION_CHOICE, "WHICH", AT(prefer), .words = "|queued|holder",
	  .group = GROUP_COMMAND, .commands = FOR_RELEASE,
	  .help = "of a queued request that holds up others and the holder that it waits for: which to end "
	          "(default: the queued one where that frees everybody else)" },
	{ "rollback", 0, OPTION_SETS, NULL, AT(prepared_end), .value = PREPARED_ROLLBACK,
	  .group = GROUP_COMMAND, .commands = FOR_RELEASE,
	  .help = "of gid:NAME: roll this prepared transaction back" },
	{ "commit", 0, OPTION_SETS, NULL, AT(prepared_end), .value = PREPARED_COMMIT,
	  .group = GROUP_COMMAND, .commands = FOR_RELEASE,
	  .help = "of gid:NAME: commit this prepared transaction" },
	{ "rollback-prepared", 0, OPTION_FLAG, NULL, AT(rollback_prepared),
	  .group = GROUP_COMMAND, .commands = FOR_RELEASE,
	  .help = "prepared transactions among the culprits may be rolled back" },
	{ "include-protected", 0, OPTION_KINDS, "KIND", AT(include_protected),
	  .group = GROUP_COMMAND, .commands = FOR_ACTS | FOR_TOP,
	  .help = "act on these too: walsender, logical-replication, anti-wraparound, background-worker, syncrep" },
	{ "max", 0, OPTION_COUNT, "N", AT(max), .preset = "10", .group = GROUP_COMMAND, .commands = FOR_ACTS | FOR_TOP,
	  .help = "refuse a plan of more sessions" },
	{ "rounds", 0, OPTION_COUNT, "N", AT(rounds), .preset = "1", .group = GROUP_COMMAND, .commands = FOR_RELEASE,
	  .help = "go on to the next root blocker, so many times in all" },
	{ "wait", 0, OPTION_DURATION, "TIME", AT(wait_us), .preset = "15s", .group = GROUP_COMMAND, .commands = FOR_ACTS | FOR_TOP,
	  .help = "how long to watch whether it helped" },
	{ "grace", 0, OPTION_DURATION, "TIME", AT(grace_us), .preset = "5s",
	  .group = GROUP_COMMAND, .commands = FOR_ACTS | FOR_TOP,
	  .help = "how long a cancelled session may still hold before it is terminated" },
	{ "audit", 0, OPTION_FILE, "FILE", AT(audit), .group = GROUP_COMMAND, .commands = FOR_ACTS | FOR_TOP,
	  .help = "the log of what was done (~/.local/state/pgunlock/audit.jsonl)" },

	{ "read-only", 0, OPTION_FLAG, NULL, AT(read_only), .group = GROUP_COMMAND, .commands = FOR_TOP,
	  .help = "only look: no key ends anything" },
	{ "theme", 0, OPTION_CHOICE, "THEME", AT(theme), .words = "any|dark|light|none", .group = GROUP_COMMAND,
	  .commands = FOR_TOP, .help = "colours for any, a dark, or a light background" },

	{ "limit", 0, OPTION_COUNT, "N", AT(limit), .preset = "100", .group = GROUP_COMMAND, .commands = FOR_ROW | FOR_HISTORY,
	  .help = "at most so many rows, or incidents" },

	{ "config", 0, OPTION_FILE, "FILE", AT(config), .group = GROUP_COMMAND,
	  .commands = FOR_GUARD | FOR_TOP,
	  .help = "the policy file, which pgunlock.conf(5) describes (guard: " GUARD_DEFAULT_CONFIG "; top: none)" },
	{ "check-config", 0, OPTION_FLAG, NULL, AT(check_config), .group = GROUP_COMMAND, .commands = FOR_GUARD,
	  .help = "only read the policy file, and say what is wrong with it" },
	{ "explain", 0, OPTION_FLAG, NULL, AT(explain), .group = GROUP_COMMAND, .commands = FOR_GUARD,
	  .help = "look once, and say for everybody who blocks which rule matches, and why the others don't" },
	{ "replay", 0, OPTION_RANGE, "FROM..TO", AT(replay), .group = GROUP_COMMAND, .commands = FOR_GUARD,
	  .help = "run the policy over its history of that time, and say what it would have done" },
	{ "history", 0, OPTION_FILE, "FILE", AT(history), .group = GROUP_COMMAND, .commands = FOR_HISTORY,
	  .help = "what a guard has recorded (" HISTORY_DEFAULT_PATH ")" },
	{ "since", 0, OPTION_MOMENT, "WHEN", AT(since), .group = GROUP_SELECTION, .commands = FOR_HISTORY,
	  .help = "only incidents that lasted after this: 2h (ago), 03:12, '2026-11-27 03:12', or RFC 3339" },
	{ "until", 0, OPTION_MOMENT, "WHEN", AT(until), .group = GROUP_SELECTION, .commands = FOR_HISTORY,
	  .help = "only incidents that had begun by then" },
	{ "server", 0, OPTION_TEXT, "GLOB", AT(server), .group = GROUP_SELECTION, .commands = FOR_HISTORY,
	  .help = "only incidents on servers whose name in the guard's policy file matches; case counts" },

	{ "warning-wait", 0, OPTION_DURATION, "TIME", AT(warning_wait_us), .preset = "30s",
	  .group = GROUP_COMMAND, .commands = FOR_CHECK, .help = "WARNING when somebody has waited longer" },
	{ "critical-wait", 0, OPTION_DURATION, "TIME", AT(critical_wait_us), .preset = "5m",
	  .group = GROUP_COMMAND, .commands = FOR_CHECK, .help = "CRITICAL when somebody has waited longer" },
	{ "warning-blocked", 0, OPTION_COUNT, "N", AT(warning_blocked),
	  .group = GROUP_COMMAND, .commands = FOR_CHECK, .help = "WARNING when more sessions wait" },
	{ "critical-blocked", 0, OPTION_COUNT, "N", AT(critical_blocked),
	  .group = GROUP_COMMAND, .commands = FOR_CHECK, .help = "CRITICAL when more sessions wait" },
	{ "warning-idle", 0, OPTION_DURATION, "TIME", AT(warning_idle_us), .preset = "15m",
	  .group = GROUP_COMMAND, .commands = FOR_CHECK,
	  .help = "WARNING when a session has been idle in a transaction for longer" },
	{ "critical-idle", 0, OPTION_DURATION, "TIME", AT(critical_idle_us), .preset = "1h",
	  .group = GROUP_COMMAND, .commands = FOR_CHECK,
	  .help = "CRITICAL when a session has been idle in a transaction for longer" },
	{ "warning-prepared", 0, OPTION_DURATION, "TIME", AT(warning_prepared_us), .preset = "1h",
	  .group = GROUP_COMMAND, .commands = FOR_CHECK,
	  .help = "WARNING when a prepared transaction is older" },
	{ "critical-prepared", 0, OPTION_DURATION, "TIME", AT(critical_prepared_us), .preset = "1d",
	  .group = GROUP_COMMAND, .commands = FOR_CHECK,
	  .help = "CRITICAL when a prepared transaction is older" },

	{ "bindir", 0, OPTION_FILE, "DIR", AT(bindir), .group = GROUP_COMMAND, .commands = FOR_DEMO,
	  .help = "where initdb and postgres are (by default what pg_config says, Debian's place, or PATH)" },
	{ "keep", 0, OPTION_FLAG, NULL, AT(keep), .group = GROUP_COMMAND, .commands = FOR_DEMO,
	  .help = "leave the server up, and say how to connect" },

	{ "host", 'h', OPTION_TEXT, "HOST", AT(host), .group = GROUP_CONNECTION, .commands = FOR_SERVER,
	  .help = "server's name, address or socket directory" },
	{ "port", 'p', OPTION_TEXT, "PORT", AT(port), .group = GROUP_CONNECTION, .commands = FOR_SERVER,
	  .help = "server's port" },
	{ "username", 'U', OPTION_TEXT, "NAME", AT(username), .group = GROUP_CONNECTION, .commands = FOR_SERVER,
	  .help = "role to connect as" },
	{ "dbname", 'd', OPTION_TEXT, "NAME", AT(dbname), .group = GROUP_CONNECTION, .commands = FOR_SERVER,
	  .help = "database, connection string or URI; by default postgres, then template1" },
	{ "no-password", 'w', OPTION_FLAG, NULL, AT(no_password), .group = GROUP_CONNECTION, .commands = FOR_SERVER,
	  .help = "never ask for a password" },
	{ "password", 'W', OPTION_FLAG, NULL, AT(password), .group = GROUP_CONNECTION, .commands = FOR_SERVER,
	  .help = "ask for a password before connecting" },

	{ "format", 0, OPTION_CHOICE, "FORMAT", AT(format), .words = "text|json|dot|svg|csv",
	  .group = GROUP_GENERAL, .commands = FOR_LOOKS | FOR_ACTS | FOR_HISTORY | FOR_GUARD, .help = "how to print it" },
	{ "color", 0, OPTION_CHOICE, "WHEN", AT(color), .words = "auto|always|never",
	  .group = GROUP_GENERAL, .commands = FOR_ALL,
	  .help = "colours; auto: on a terminal, unless NO_COLOR is set" },
	{ "timeout", 0, OPTION_DURATION, "TIME", AT(timeout_us), .preset = "10s",
	  .group = GROUP_GENERAL, .commands = FOR_SERVER, .help = "for a look at the server" },
	{ "verbose", 'v', OPTION_FLAG, NULL, AT(verbose), .group = GROUP_GENERAL, .commands = FOR_ALL,
	  .help = "say on standard error what is being done and how long it took" },
	{ "quiet", 'q', OPTION_FLAG, NULL, AT(quiet), .group = GROUP_GENERAL, .commands = FOR_ALL,
	  .help = "no warnings, no progress" },
	{ "help", '?', OPTION_FLAG, NULL, AT(help), .group = GROUP_GENERAL, .commands = FOR_ALL,
	  .help = "this help" },
	{ "version", 'V', OPTION_FLAG, NULL, AT(version), .group = GROUP_GENERAL, .commands = FOR_ALL,
	  .help = "pgunlock's version" },
	{ "completion", 0, OPTION_CHOICE, "SHELL", AT(completion), .words = "|bash",
	  .group = GROUP_GENERAL, .commands = FOR_ALL },
};
/* clang-format on */

guint option_table_n(void)
{
	return G_N_ELEMENTS(options);
}

const OptionRow *option_table_get(guint index)
{
	return &options[index];
}

gboolean option_takes_argument(const OptionRow *row)
{
	return row->argument != NULL;
}

gboolean option_argument_is_optional(const OptionRow *row, const Command *command)
{
	return command && (row->optional_for & command->bit);
}

gboolean option_may_repeat(const OptionRow *row)
{
	if (row->group != GROUP_SELECTION || !option_takes_argument(row))
		return TRUE;
	return row->kind == OPTION_MODES || row->kind == OPTION_SESSIONS;
}

const char *option_words(const OptionRow *row, const Command *command)
{
	if (row->offset == AT(format) && command)
		return command->formats;
	return row->kind == OPTION_CHOICE ? row->words + strspn(row->words, "|") : NULL;
}
