#include "policy/keys.h"

#include "base/duration.h"
#include "policy/values.h"

#include <string.h>

/* What a session is that is no backend, in the words of this file: see Blocker. */
static const char *state_word(guint index)
{
	return index == 0 ? "prepared" : session_state_word(index - 1);
}

/* The second is what a background worker calls itself that doesn't say more. */
static const char *backend_word(guint index)
{
	static const char *const words[] = {"prepared transaction", "background worker"};

	return index < G_N_ELEMENTS(words) ? words[index]
	                                   : backend_type_word(index - (guint) G_N_ELEMENTS(words));
}

static const char *lock_type_word(guint index)
{
	return index < LOCK_TYPE_OTHER ? lock_type_name((LockType) index) : NULL;
}

static gboolean acts_on_blockers(gconstpointer object)
{
	const Rule *rule = object;

	return rule_action_acts(rule->action) && !rule->even_if_not_blocking;
}

#define GUARD(field) POLICY_GUARD, .offset = G_STRUCT_OFFSET(PolicyGuard, field)
#define SERVER(field) POLICY_SERVER, .offset = G_STRUCT_OFFSET(PolicyServer, field)
#define NOTIFY(field) POLICY_NOTIFY, .offset = G_STRUCT_OFFSET(PolicyNotify, field)
#define RULE(field) POLICY_RULE, .offset = G_STRUCT_OFFSET(Rule, field)
#define ASKS(which) .has_condition = TRUE, .condition = which
#define TEXT .read = value_read_text, .clear = value_clear_text
#define TEXT_OR_OFF .read = value_read_text_or_off, .clear = value_clear_text
#define BOOLEAN .read = value_read_boolean, .allowed = "true or false"
#define DURATION .read = value_read_duration
#define RATE(shortest, longest)                                                                    \
	.read = value_read_rate, .least = (shortest), .most = (longest),                               \
	.allowed = "so many times in a span of time, as 3/10m"
#define NAMES .read = value_read_names, .clear = value_clear_globs
#define ANY_AGE                                                                                    \
	DURATION, .most = 3650 * DURATION_DAY, .allowed = "a duration, as 500ms, 30s, 5m, 2h or 1d"

static const PolicyKey KEYS[] = {
    {GUARD(poll_us), .name = "poll", DURATION, .standard = "1s", .least = 100 * DURATION_MS,
     .most = DURATION_HOUR, .allowed = "a duration from 100ms to 1h"},
    {GUARD(sample_us), .name = "sample", DURATION, .standard = "5s", .least = 100 * DURATION_MS,
     .most = DURATION_HOUR, .allowed = "a duration from 100ms to 1h"},
    {GUARD(history), .name = "history", TEXT_OR_OFF, .standard = "/var/lib/pgunlock/history.db",
     .allowed = "the path of a file, or off"},
    {GUARD(keep_us), .name = "keep", DURATION, .standard = "90d", .least = DURATION_HOUR,
     .most = 3650 * DURATION_DAY, .allowed = "a duration from 1h to 3650d"},
    {GUARD(keep_bytes), .name = "keep_size", .read = value_read_size, .standard = "1GB",
     .least = 1 << 20, .most = G_MAXINT64, .allowed = "a size from 1MB on, in kB, MB, GB or TB"},
    {GUARD(audit), .name = "audit", TEXT_OR_OFF, .standard = "/var/lib/pgunlock/audit.jsonl",
     .allowed = "the path of a file, or off"},
    {GUARD(metrics), .name = "metrics", .read = value_read_address, .clear = value_clear_address,
     .standard = "127.0.0.1:9719",
     .allowed = "an address with a port, as 127.0.0.1:9719 or "
                "[::1]:9719, or off"},
    {GUARD(dry_run), .name = "dry_run", BOOLEAN, .standard = "true"},
    {GUARD(breaker), .name = "breaker", RATE(DURATION_SECOND, DURATION_DAY), .standard = "3/10m"},

    {SERVER(conninfo), .name = "conninfo", TEXT, .is_required = TRUE,
     .line_offset = G_STRUCT_OFFSET(PolicyServer, conninfo_line),
     .allowed = "libpq's conninfo or URI, as service=main or host=db1 user=guard"},

    {NOTIFY(webhook), .name = "webhook", .read = value_read_web_address, .clear = value_clear_text,
     .allowed = "an address, as https://hooks.example/x"},
    {NOTIFY(webhook_file), .name = "webhook_file", TEXT,
     .allowed = "the path of a file that holds the address"},
    {NOTIFY(webhook_env), .name = "webhook_env", TEXT,
     .allowed = "the name of an environment variable that holds the address"},
    {NOTIFY(command), .name = "command", .read = value_read_command, .clear = value_clear_text,
     .allowed = "a program with its arguments, quoted as for a shell"},

    {RULE(server), .name = "server", NAMES, ASKS(RULE_SERVER),
     .allowed = "names of [server] sections, or globs of them"},
    {RULE(database), .name = "database", NAMES, ASKS(RULE_DATABASE),
     .allowed = "names of databases, or globs of them, as app, shop_*, !test"},
    {RULE(table), .name = "table", .read = value_read_tables, .clear = value_clear_tables,
     ASKS(RULE_TABLE),
     .allowed = "psql's patterns, as login_sessions, public.*, \"Order\", !audit_*"},
    {RULE(target_type), .name = "target_type", .read = value_read_words, .clear = value_clear_globs,
     ASKS(RULE_TARGET_TYPE), .word = lock_type_word,
     .allowed = "types of locks as in pg_locks.locktype, as relation, tuple, transactionid, "
                "advisory, or globs of them"},
    {RULE(modes), .name = "mode", .read = value_read_modes, ASKS(RULE_MODE),
     .allowed = "modes of locks, as AccessExclusiveLock, access-exclusive, *exclusive*, or !share"},
    {RULE(user), .name = "user", NAMES, ASKS(RULE_USER),
     .allowed = "names of roles, or globs of them, as app_*, !app_admin"},
    {RULE(application), .name = "application", NAMES, ASKS(RULE_APPLICATION),
     .allowed = "application names, or globs of them, as login-*"},
    {RULE(client), .name = "client", .read = value_read_clients, .clear = value_clear_clients,
     ASKS(RULE_CLIENT),
     .allowed = "addresses and networks, as 10.0.0.0/8, 2001:db8::/32, 10.1.2.3, and local for "
                "Unix sockets"},
    {RULE(backend_type), .name = "backend_type", .read = value_read_open_words,
     .clear = value_clear_globs, ASKS(RULE_BACKEND_TYPE), .word = backend_word,
     .allowed = "types as in pg_stat_activity.backend_type, as client backend, autovacuum worker, "
                "or globs of them, and prepared transaction"},
    {RULE(state), .name = "state", .read = value_read_words, .clear = value_clear_globs,
     ASKS(RULE_STATE), .word = state_word,
     .allowed = "states as in pg_stat_activity.state, as active, idle, idle in transaction, idle "
                "in transaction (aborted), or globs of them, and prepared"},
    {RULE(statement), .name = "statement", .read = value_read_statement,
     .clear = value_clear_statement, ASKS(RULE_STATEMENT),
     .allowed = "a regular expression, as ^update\\s+login_sessions"},
    {RULE(in_transaction_for_us), .name = "in_transaction_for", ANY_AGE,
     ASKS(RULE_IN_TRANSACTION_FOR)},
    {RULE(idle_for_us), .name = "idle_for", ANY_AGE, ASKS(RULE_IDLE_FOR)},
    {RULE(blocked_for_us), .name = "blocked_for", ANY_AGE, ASKS(RULE_BLOCKED_FOR),
     .standard = "10s", .has_standard = acts_on_blockers},
    {RULE(blocked_sessions), .name = "blocked_sessions", .read = value_read_count,
     ASKS(RULE_BLOCKED_SESSIONS), .least = 1, .most = G_MAXINT32, .allowed = "a number from 1 on"},
    {RULE(hours), .name = "hours", .read = value_read_hours, .clear = value_clear_hours,
     ASKS(RULE_HOURS), .allowed = "a span of the day, as 08:00-20:00 or 22:00-06:00"},
    {RULE(action), .name = "action", .read = value_read_action, .is_required = TRUE,
     .allowed = "none, notify, cancel, terminate, release or rollback_prepared"},
    {RULE(even_if_not_blocking), .name = "even_if_not_blocking", BOOLEAN, .standard = "false"},
    {RULE(limit), .name = "limit", RATE(DURATION_SECOND, 30 * DURATION_DAY), .standard = "3/10m"},
    {RULE(cooldown_us), .name = "cooldown", ANY_AGE, .standard = "0s"},
    {RULE(notify), .name = "notify", NAMES,
     .allowed = "names of [notify] sections, or globs of them"},
};

static const char *const SECTION_NAMES[POLICY_SECTION_COUNT] = {
    [POLICY_GUARD] = "guard",
    [POLICY_SERVER] = "server",
    [POLICY_NOTIFY] = "notify",
    [POLICY_RULE] = "rule",
};

const char *policy_section_name(PolicySection section)
{
	return SECTION_NAMES[section];
}

gboolean policy_section_is_single(PolicySection section)
{
	return section == POLICY_GUARD;
}

guint policy_n_keys(void)
{
	return G_N_ELEMENTS(KEYS);
}

const PolicyKey *policy_key(guint index)
{
	return &KEYS[index];
}

const PolicyKey *policy_key_of_condition(RuleCondition condition)
{
	for (guint i = 0; i < G_N_ELEMENTS(KEYS); i++)
		if (KEYS[i].has_condition && KEYS[i].condition == condition)
			return &KEYS[i];
	return NULL;
}

const PolicyKey *policy_find_key(PolicySection section, const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(KEYS); i++)
		if (KEYS[i].section == section && strcmp(KEYS[i].name, name) == 0)
			return &KEYS[i];
	return NULL;
}
