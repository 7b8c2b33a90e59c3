#include "base/duration.h"
#include "base/error.h"
#include "policy/keys.h"

#include <string.h>

#define SERVER "[server main]\nconninfo = service=main\n"

static Policy *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	Policy *policy = policy_parse(text, strlen(text), "p.conf", &error);

	g_assert_no_error(error);
	g_assert_nonnull(policy);
	return policy;
}

static void test_standards(void)
{
	g_autoptr(Policy) policy = parse(SERVER);
	const PolicyGuard *guard = policy_guard(policy);

	g_assert_cmpstr(policy_file(policy), ==, "p.conf");
	g_assert_cmpint(guard->poll_us, ==, DURATION_SECOND);
	g_assert_cmpint(guard->sample_us, ==, 5 * DURATION_SECOND);
	g_assert_cmpstr(guard->history, ==, "/var/lib/pgunlock/history.db");
	g_assert_cmpint(guard->keep_us, ==, 90 * DURATION_DAY);
	g_assert_cmpint(guard->keep_bytes, ==, 1 << 30);
	g_assert_cmpstr(guard->audit, ==, "/var/lib/pgunlock/audit.jsonl");
	g_assert_cmpstr(guard->metrics.host, ==, "127.0.0.1");
	g_assert_cmpuint(guard->metrics.port, ==, 9719);
	g_assert_true(guard->dry_run);
	g_assert_cmpuint(guard->breaker.n, ==, 3);
	g_assert_cmpint(guard->breaker.within_us, ==, 10 * DURATION_MINUTE);
	g_assert_cmpuint(policy_n_servers(policy), ==, 1);
	g_assert_cmpstr(policy_server(policy, 0)->name, ==, "main");
	g_assert_cmpstr(policy_server(policy, 0)->conninfo, ==, "service=main");
	g_assert_cmpuint(policy_server(policy, 0)->line, ==, 1);
	g_assert_cmpuint(policy_n_notify(policy), ==, 0);
	g_assert_cmpuint(policy_n_rules(policy), ==, 0);
	policy_free(NULL);
}

static void test_guard(void)
{
	g_autoptr(Policy) policy = parse(SERVER "[guard]\n"
	                                        "poll = 500ms\nsample = 2s\nhistory = off\n"
	                                        "keep = 7d\nkeep_size = 500MB\naudit = a.jsonl\n"
	                                        "metrics = [::1]:80\ndry_run = false\n"
	                                        "breaker = 5 / 1h\n");
	const PolicyGuard *guard = policy_guard(policy);

	g_assert_cmpint(guard->poll_us, ==, 500 * DURATION_MS);
	g_assert_cmpint(guard->sample_us, ==, 2 * DURATION_SECOND);
	g_assert_null(guard->history);
	g_assert_cmpint(guard->keep_us, ==, 7 * DURATION_DAY);
	g_assert_cmpint(guard->keep_bytes, ==, G_GINT64_CONSTANT(500) << 20);
	g_assert_cmpstr(guard->audit, ==, "a.jsonl");
	g_assert_cmpstr(guard->metrics.host, ==, "::1");
	g_assert_cmpuint(guard->metrics.port, ==, 80);
	g_assert_false(guard->dry_run);
	g_assert_cmpuint(guard->breaker.n, ==, 5);
	g_assert_cmpint(guard->breaker.within_us, ==, DURATION_HOUR);
}

static void test_metrics_addresses(void)
{
	static const struct {
		const char *text;
		const char *host;
		guint port;
	} cases[] = {
	    {"off", NULL, 0},
	    {"9719", "127.0.0.1", 9719},
	    {"0.0.0.0:1", "0.0.0.0", 1},
	    {"db1.example:65535", "db1.example", 65535},
	    {"[::]:9719", "::", 9719},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strconcat(SERVER "[guard]\nmetrics = ", cases[i].text, NULL);
		g_autoptr(Policy) policy = parse(text);

		g_assert_cmpstr(policy_guard(policy)->metrics.host, ==, cases[i].host);
		g_assert_cmpuint(policy_guard(policy)->metrics.port, ==, cases[i].port);
	}
}

static void test_without_a_log(void)
{
	g_autoptr(Policy) policy = parse(SERVER "[guard]\naudit = off\n");

	g_assert_null(policy_guard(policy)->audit);
}

/* The file of the design, as it stands there. */
static const char EXAMPLE[] =
    "[guard]\n"
    "poll = 1s\n"
    "history = /var/lib/pgunlock/history.db\n"
    "keep = 90d\n"
    "audit = /var/lib/pgunlock/audit.jsonl\n"
    "metrics = 127.0.0.1:9719\n"
    "dry_run = true\n"
    "\n"
    "[server main]\n"
    "conninfo = service=main\n"
    "\n"
    "# one of webhook, webhook_file (a file that holds the address), command\n"
    "[notify ops]\n"
    "webhook = https://hooks.example/x\n"
    "\n"
    "[rule leaked-login]\n"
    "server = main\n"
    "database = app\n"
    "# psql pattern, partitions and indexes included\n"
    "table = login_sessions\n"
    "target_type = tuple, transactionid\n"
    "mode = *exclusive*\n"
    "user = app_*, !app_admin\n"
    "application = login-*\n"
    "client = 10.0.0.0/8\n"
    "backend_type = client backend\n"
    "state = idle in transaction\n"
    "statement = ^update\n"
    "in_transaction_for = 5m\n"
    "idle_for = 30s\n"
    "blocked_for = 30s\n"
    "blocked_sessions = 1\n"
    "hours = 08:00-20:00\n"
    "action = terminate\n"
    "even_if_not_blocking = false\n"
    "limit = 5/1m\n"
    "cooldown = 10s\n"
    "notify = ops\n";

static void test_example(void)
{
	g_autoptr(Policy) policy = parse(EXAMPLE);
	const Rule *rule = policy_find_rule(policy, "leaked-login");

	g_assert_nonnull(rule);
	g_assert_cmpuint(rule->line, ==, 16);
	g_assert_cmpint(rule->action, ==, RULE_TERMINATE);
	g_assert_cmpint(rule->in_transaction_for_us, ==, 5 * DURATION_MINUTE);
	g_assert_cmpint(rule->idle_for_us, ==, 30 * DURATION_SECOND);
	g_assert_cmpint(rule->blocked_for_us, ==, 30 * DURATION_SECOND);
	g_assert_cmpuint(rule->blocked_sessions, ==, 1);
	g_assert_cmpuint(rule->limit.n, ==, 5);
	g_assert_cmpint(rule->limit.within_us, ==, DURATION_MINUTE);
	g_assert_cmpint(rule->cooldown_us, ==, 10 * DURATION_SECOND);
	g_assert_false(rule->even_if_not_blocking);
	g_assert_cmpstr(rule->text[RULE_TABLE], ==, "login_sessions");
	g_assert_cmpstr(rule->text[RULE_STATEMENT], ==, "^update");
	g_assert_null(rule->text[RULE_BLOCKING]);
	g_assert_cmpstr(policy_find_notify(policy, "ops")->webhook, ==, "https://hooks.example/x");
	g_assert_null(policy_find_notify(policy, "opsx"));
	g_assert_null(policy_find_rule(policy, "x"));
	g_assert_nonnull(policy_find_server(policy, "main"));
	g_assert_null(policy_find_server(policy, "x"));
	g_assert_false(policy_wants_all_sessions(policy, "main"));
}

static void test_rule_standards(void)
{
	g_autoptr(Policy) policy = parse(SERVER "[notify a]\ncommand = mail\n[notify b]\n"
	                                        "webhook_file = secret\n[notify c]\nwebhook_env = X\n"
	                                        "[rule t]\naction = terminate\n"
	                                        "[rule n]\naction = notify\nnotify = a, c\n"
	                                        "[rule e]\naction = cancel\n"
	                                        "even_if_not_blocking = true\n"
	                                        "[rule p]\naction = none\n"
	                                        "even_if_not_blocking = true\n");
	const Rule *rule = policy_find_rule(policy, "t");

	g_assert_cmpint(rule->blocked_for_us, ==, 10 * DURATION_SECOND);
	g_assert_cmpstr(rule->text[RULE_BLOCKED_FOR], ==, "10s");
	g_assert_cmpuint(rule->limit.n, ==, 3);
	g_assert_cmpint(rule->limit.within_us, ==, 10 * DURATION_MINUTE);
	g_assert_cmpint(rule->cooldown_us, ==, 0);
	g_assert_null(rule->text[RULE_USER]);
	g_assert_null(policy_find_rule(policy, "n")->text[RULE_BLOCKED_FOR]);
	g_assert_null(policy_find_rule(policy, "e")->text[RULE_BLOCKED_FOR]);
	g_assert_null(policy_find_rule(policy, "p")->text[RULE_BLOCKED_FOR]);
	g_assert_true(policy_wants_all_sessions(policy, "main"));
	g_assert_true(policy_tells(NULL, policy_notify(policy, 1)));
	g_assert_true(policy_tells(rule, policy_notify(policy, 1)));
	g_assert_true(policy_tells(policy_find_rule(policy, "n"), policy_notify(policy, 0)));
	g_assert_false(policy_tells(policy_find_rule(policy, "n"), policy_notify(policy, 1)));
}

static void test_wants_all_sessions_of_a_server(void)
{
	g_autoptr(Policy) policy = parse(SERVER "[server b]\nconninfo = x\n[rule e]\naction = cancel\n"
	                                        "server = b\neven_if_not_blocking = true\n"
	                                        "[rule p]\naction = none\n"
	                                        "even_if_not_blocking = true\n");

	g_assert_false(policy_wants_all_sessions(policy, "main"));
	g_assert_true(policy_wants_all_sessions(policy, "b"));
}

static void test_order(void)
{
	g_autoptr(Policy) policy = parse("[rule b]\naction = none\n" SERVER
	                                 "[rule a]\naction = release\n[rule c]\naction = none\n");

	g_assert_cmpuint(policy_n_rules(policy), ==, 3);
	g_assert_cmpstr(policy_rule(policy, 0)->name, ==, "b");
	g_assert_cmpstr(policy_rule(policy, 1)->name, ==, "a");
	g_assert_cmpstr(policy_rule(policy, 2)->name, ==, "c");
}

static void test_actions(void)
{
	static const struct {
		const char *name;
		gboolean acts;
	} cases[RULE_ACTION_COUNT] = {
	    [RULE_NONE] = {"none", FALSE},      [RULE_NOTIFY] = {"notify", FALSE},
	    [RULE_CANCEL] = {"cancel", TRUE},   [RULE_TERMINATE] = {"terminate", TRUE},
	    [RULE_RELEASE] = {"release", TRUE}, [RULE_ROLLBACK_PREPARED] = {"rollback_prepared", TRUE},
	};

	for (RuleAction action = 0; action < RULE_ACTION_COUNT; action++) {
		g_autofree char *text = g_strconcat(
		    SERVER "[notify a]\ncommand = x\n[rule r]\naction = ", cases[action].name, NULL);
		g_autoptr(Policy) policy = parse(text);

		g_assert_cmpint(policy_rule(policy, 0)->action, ==, action);
		g_assert_cmpstr(rule_action_name(action), ==, cases[action].name);
		g_assert_cmpint(rule_action_acts(action), ==, cases[action].acts);
	}
}

/* text, the message behind "p.conf:" (what follows ... is not looked at), a part of the hint. */
typedef struct {
	const char *text;
	const char *message;
	const char *hint;
} Wrong;

static void assert_wrong(const Wrong *wrong, const char *before)
{
	g_autofree char *text = g_strconcat(before, wrong->text, NULL);
	g_autofree char *message = g_strconcat("p.conf:", wrong->message, NULL);
	gboolean is_whole = !g_str_has_suffix(message, "...");
	g_autoptr(GError) error = NULL;
	g_autoptr(Policy) policy = policy_parse(text, strlen(text), "p.conf", &error);

	g_test_message("%s", text);
	g_assert_null(policy);
	g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
	if (!is_whole) {
		message[strlen(message) - strlen("...")] = '\0';
		g_assert_true(g_str_has_prefix(error->message, message));
	} else {
		g_assert_cmpstr(error != NULL ? error->message : NULL, ==, message);
	}
	const char *hint = error_hint(error);

	g_assert_nonnull(hint);
	if (hint == NULL || strstr(hint, wrong->hint) == NULL)
		g_assert_cmpstr(hint, ==, wrong->hint);
	g_assert_null(policy_parse(text, strlen(text), "p.conf", NULL));
}

static void test_wrong_sections(void)
{
	static const Wrong cases[] = {
	    {"", "1: there is no server to watch", "[server NAME]"},
	    {"poll = 1s", "1: \"poll\" stands before the first section", "[guard]"},
	    {"[serve main]", "1: there is no section [serve]", "did you mean \"server\"?"},
	    {"[x]", "1: there is no section [x]", "guard, server, notify, rule"},
	    {"\n[guard main]", "2: [guard] stands for itself, without a name", "as it is"},
	    {"[server]", "1: [server] has no name", "a name is"},
	    {"[rule a b]", "1: [rule a b] has a name that can't be one", "a name is"},
	    {"[rule \303\244]", "1: [rule \303\244] has a name that can't be one", "a name is"},
	    {"[rule aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]",
	     "1: [rule aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa] has a name "
	     "that can't be one",
	     "63"},
	    {"[server a]\n", "1: [server a] lacks the key \"conninfo\"", "allowed: libpq's conninfo"},
	    {"[rule a]\nuser = x\n", "1: [rule a] lacks the key \"action\"", "allowed: none, notify"},
	    {"[guard]\npoll = 1s\n[guard]\n", "3: [guard] was there before, in line 1", ""},
	    {"[guard]\npoll = 1s\npoll = 1s\n", "3: \"poll\" was there before, in line 2", ""},
	    {"[guard]\npoll =\n", "2: \"poll\" has no value", ""},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_wrong(&cases[i], "");
}

/* In line 4. */
static void test_wrong_guard_keys(void)
{
	static const Wrong cases[] = {
	    {"pol = 1s", "4: [guard] has no key \"pol\"", "did you mean \"poll\"?"},
	    {"zzz = 1s", "4: [guard] has no key \"zzz\"", "its keys are poll, sample, history"},
	    {"Poll = 1s", "4: [guard] has no key \"Poll\"", "did you mean \"poll\"?"},
	    {"poll = 1", "4: poll: invalid duration \"1\"...", "allowed: a duration from 100ms to 1h"},
	    {"poll = 99ms", "4: poll: \"99ms\" is too little", "100ms"},
	    {"poll = 61m", "4: poll: \"61m\" is too much", "1h"},
	    {"poll = 1s # often", "4: poll: invalid duration \"1s # often\"...", "a line of its own"},
	    {"dry_run = yes", "4: dry_run: \"yes\" is neither true nor false",
	     "allowed: true or false"},
	    {"keep = 1s", "4: keep: \"1s\" is too little", "1h"},
	    {"keep_size = 5", "4: keep_size: \"5\" is no size", "kB, MB, GB or TB"},
	    {"keep_size = MB", "4: keep_size: \"MB\" is no size", ""},
	    {"keep_size = 1kB", "4: keep_size: \"1kB\" is too little", ""},
	    {"keep_size = 99999999999TB", "4: keep_size: \"99999999999TB\" is no size", ""},
	    {"metrics = 127.0.0.1", "4: metrics: \"127.0.0.1\" is no address with a port", "off"},
	    {"metrics = :80", "4: metrics: \":80\" is no address with a port", ""},
	    {"metrics = a:0", "4: metrics: \"a:0\" is no address with a port", ""},
	    {"metrics = a:65536", "4: metrics: \"a:65536\" is no address with a port", ""},
	    {"metrics = ::1:80", "4: metrics: \"::1:80\" is no address with a port", "[::1]:9719"},
	    {"metrics = []:80", "4: metrics: \"[]:80\" is no address with a port", ""},
	    {"breaker = 3", "4: breaker: \"3\" is no number of times in a span of time", "3/10m"},
	    {"breaker = 0/1m", "4: breaker: \"0/1m\" is no number of times in a span of time", ""},
	    {"breaker = x/1m", "4: breaker: \"x/1m\" is no number of times in a span of time", ""},
	    {"breaker = 3/1ms", "4: breaker: \"3/1ms\" is too little", ""},
	    {"breaker = 3/2d", "4: breaker: \"3/2d\" is too much", ""},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_wrong(&cases[i], SERVER "[guard]\n");
}

/* From line 7 on. */
static void test_wrong_rule_keys(void)
{
	static const Wrong cases[] = {
	    {"usr = x", "7: [rule] has no key \"usr\"", "did you mean \"user\"?"},
	    {"user = a,,b", "7: user: an item of the list is empty", "allowed: names of roles"},
	    {"table = a++",
	     "7: table: invalid table pattern \"a++\": there is nothing before a + or { } that could "
	     "be repeated",
	     "psql's patterns"},
	    {"target_type = tupel", "7: target_type: \"tupel\" is no target_type, but \"tuple\" is one",
	     "pg_locks.locktype"},
	    {"target_type = tuple, zzz*", "7: target_type: \"zzz*\" is no target_type", ""},
	    {"target_type = ,", "7: target_type: an item of the list is empty", ""},
	    {"mode = sharing", "7: mode: no lock mode matches \"sharing\"", "modes of locks"},
	    {"client = db1", "7: client: \"db1\" is no address and no network", "local for"},
	    {"backend_type = client backed",
	     "7: backend_type: \"client backed\" is no backend_type, but \"client backend\" is one",
	     ""},
	    {"state = idle in tranaction",
	     "7: state: \"idle in tranaction\" is no state, but \"idle in transaction\" is one", ""},
	    {"state = zzz", "7: state: \"zzz\" is no state", ""},
	    {"statement = (", "7: statement: it is no regular expression: ...", "a regular expression"},
	    {"in_transaction_for = soon", "7: in_transaction_for: invalid duration \"soon\"...", "30s"},
	    {"idle_for = -1s", "7: idle_for: invalid duration \"-1s\"...", ""},
	    {"blocked_for = 9999d", "7: blocked_for: \"9999d\" is too much", ""},
	    {"blocked_sessions = 0", "7: blocked_sessions: \"0\" is too little", "from 1 on"},
	    {"blocked_sessions = some", "7: blocked_sessions: \"some\" is no number", ""},
	    {"hours = 8-20", "7: hours: \"8-20\" is no span of the day", "08:00-20:00"},
	    {"action = kill", "7: action: \"kill\" is no action", "cancel, terminate"},
	    {"even_if_not_blocking = 1", "7: even_if_not_blocking: \"1\" is neither true nor false",
	     ""},
	    {"limit = 5 per minute",
	     "7: limit: \"5 per minute\" is no number of times in a span of time", ""},
	    {"limit = 5/x", "7: limit: invalid duration \"x\"...", ""},
	    {"cooldown = x", "7: cooldown: invalid duration \"x\"...", ""},
	    {"action = cancel\nserver = man", "8: server: there is no section [server man]",
	     "did you mean \"main\"?"},
	    {"action = cancel\nserver = main # all",
	     "8: server: there is no section [server main # all]", "a comment has a line of its own"},
	    {"action = cancel\nserver = main, !zzz", "8: server: there is no section [server zzz]",
	     "write a section [server zzz], too"},
	    {"action = cancel\nnotify = opps", "8: notify: there is no section [notify opps]",
	     "did you mean \"ops\"?"},
	    {"action = none\nlimit = 1/1m",
	     "8: limit: it is about what a rule does, and this one has action = none", "leave one"},
	    {"cooldown = 1m\naction = none",
	     "7: cooldown: it is about what a rule does, and this one has action = none", ""},
	    {"notify = ops\naction = none",
	     "7: notify: it is about what a rule does, and this one has action = none", ""},
	    {"action = cancel\neven_if_not_blocking = true\n\ntable = x",
	     "10: table: it is about waits, and even_if_not_blocking is for sessions that nobody waits "
	     "for",
	     "two rules"},
	    {"action = cancel\neven_if_not_blocking = true\nmode = share",
	     "9: mode: it is about waits, and even_if_not_blocking is for sessions that nobody waits "
	     "for",
	     ""},
	    {"action = cancel\neven_if_not_blocking = true\ntarget_type = tuple",
	     "9: target_type: it is about waits, and even_if_not_blocking is for sessions that nobody "
	     "waits for",
	     ""},
	    {"action = cancel\neven_if_not_blocking = true\nblocked_for = 1s",
	     "9: blocked_for: it is about waits, and even_if_not_blocking is for sessions that nobody "
	     "waits for",
	     ""},
	    {"action = notify\neven_if_not_blocking = true\nblocked_sessions = 1",
	     "9: blocked_sessions: it is about waits, and even_if_not_blocking is for sessions that "
	     "nobody waits for",
	     ""},
	    {"action = release\neven_if_not_blocking = true",
	     "8: even_if_not_blocking: it is for sessions that nobody waits for, and action = release "
	     "is "
	     "about waits",
	     ""},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_wrong(&cases[i], SERVER "\n[notify ops]\ncommand = x\n[rule a]\n");
}

static void test_wrong_notify(void)
{
	static const Wrong cases[] = {
	    {"[notify a]\n", "3: [notify a] doesn't say how", "webhook, webhook_file"},
	    {"[notify a]\nwebhook = hooks.example/T0pS3cret\n",
	     "4: webhook: that is no http(s) address", "https://"},
	    {"[notify a]\nwebhook = ftp://hooks.example\n", "4: webhook: that is no http(s) address",
	     "https://"},
	    {"[notify a]\nwebhook = https:///T0pS3cret\n", "4: webhook: that is no http(s) address",
	     "https://"},
	    {"[notify a]\ncommand = page 'on call\n",
	     "4: command: it has a quote that isn't closed, or no program", "quoted as for a shell"},
	    {"[notify a]\nwebhook = http://x\ncommand = y\n",
	     "3: [notify a] says how in more than one way", "it has one of"},
	    {"[notify a]\nurl = x\n", "4: [notify] has no key \"url\"",
	     "its keys are webhook, webhook_file, webhook_env, command"},
	    {"[rule a]\naction = notify\n", "4: action: there is nobody to notify", "[notify NAME]"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_wrong(&cases[i], SERVER);
}

/* None of these is refused. */
static void test_right_values(void)
{
	static const char *const texts[] = {
	    "backend_type = timescaledb scheduler",
	    "backend_type = client backe*",
	    "backend_type = background worker, prepared transaction",
	    "state = IDLE*, !idle",
	    "state = prepared",
	    "target_type = *",
	    "even_if_not_blocking = false\ntable = x",
	    "server = m*",
	    "server = !main",
	    "cooldown = 0",
	    "blocked_for = 0s",
	    "limit = 1/30d",
	};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *text =
		    g_strconcat(SERVER "[rule a]\naction = terminate\n", texts[i], NULL);
		g_autoptr(Policy) policy = parse(text);

		g_assert_cmpuint(policy_n_rules(policy), ==, 1);
	}
}

static void test_keys(void)
{
	g_assert_cmpuint(policy_n_keys(), >, 30);
	for (guint i = 0; i < policy_n_keys(); i++) {
		const PolicyKey *key = policy_key(i);

		g_assert_true(policy_find_key(key->section, key->name) == key);
		g_assert_nonnull(key->allowed);
		g_assert_false(key->is_required && key->standard != NULL);
	}
	g_assert_null(policy_find_key(POLICY_GUARD, "user"));
	g_assert_cmpstr(policy_key_of_condition(RULE_MODE)->name, ==, "mode");
	g_assert_null(policy_key_of_condition(RULE_BLOCKING));
	g_assert_cmpstr(policy_section_name(POLICY_RULE), ==, "rule");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/policy/parse/standards", test_standards);
	g_test_add_func("/policy/parse/guard", test_guard);
	g_test_add_func("/policy/parse/metrics-addresses", test_metrics_addresses);
	g_test_add_func("/policy/parse/without-a-log", test_without_a_log);
	g_test_add_func("/policy/parse/example", test_example);
	g_test_add_func("/policy/parse/rule-standards", test_rule_standards);
	g_test_add_func("/policy/parse/wants-all-sessions", test_wants_all_sessions_of_a_server);
	g_test_add_func("/policy/parse/order", test_order);
	g_test_add_func("/policy/parse/actions", test_actions);
	g_test_add_func("/policy/parse/wrong-sections", test_wrong_sections);
	g_test_add_func("/policy/parse/wrong-guard-keys", test_wrong_guard_keys);
	g_test_add_func("/policy/parse/wrong-rule-keys", test_wrong_rule_keys);
	g_test_add_func("/policy/parse/wrong-notify", test_wrong_notify);
	g_test_add_func("/policy/parse/right-values", test_right_values);
	g_test_add_func("/policy/parse/keys", test_keys);
	return g_test_run();
}
