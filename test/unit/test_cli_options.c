#include "base/duration.h"
#include "base/error.h"
#include "base/timestamp.h"
#include "cli/command_table.h"
#include "cli/option_table.h"
#include "cli/options.h"
#include "cli/program.h"
#include "render/command.h"

#include <string.h>

typedef struct {
	CommandLine line;
	GError *error;
	gboolean is_right;
	GStrv words;
	char **argv; /* getopt reorders it */
} Parsed;

static Parsed parse(const char *typed)
{
	Parsed parsed = {0};
	g_autofree char *all = g_strconcat("pgunlock ", typed, NULL);
	g_assert_true(g_shell_parse_argv(all, NULL, &parsed.words, NULL));
	int argc = (int) g_strv_length(parsed.words);
	parsed.argv = g_memdup2(parsed.words, sizeof(char *) * (gsize) (argc + 1));
	parsed.is_right = command_line_parse(argc, parsed.argv, &parsed.line, &parsed.error);
	g_test_message("pgunlock %s: %s", typed, parsed.error ? parsed.error->message : "right");
	return parsed;
}

static void parsed_clear(Parsed *parsed)
{
	command_line_clear(&parsed->line);
	g_clear_error(&parsed->error);
	g_free(parsed->argv);
	g_strfreev(parsed->words);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parsed, parsed_clear)

static void test_commands(void)
{
	static const struct {
		const char *typed;
		const char *command;
	} cases[] = {
	    {"", "status"},
	    {"status", "status"},
	    {"-p5432", "status"},
	    {"tree -h db1", "tree"},
	    {"-h db1 tree", "tree"},
	    {"--host db1 -U me locks", "locks"},
	    {"cancel 4711", "cancel"},
	    {"-d app terminate 4711", "terminate"},
	    {"release --all -y", "release"},
	    {"help", "help"},
	    {"help tree", "help"},
	    {"tree --help", "help"},
	    {"-?", "help"},
	    {"tree -?", "help"},
	    {"-- tree", "tree"},
	    {"-h db1 help", "help"},
	    {"help -h db1 -d app tree", "help"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Parsed) parsed = parse(cases[i].typed);
		g_assert_no_error(parsed.error);
		g_assert_true(parsed.is_right);
		g_assert_cmpstr(parsed.line.command->name, ==, cases[i].command);
	}
}

static void test_connection_options(void)
{
	static const char *const ways[] = {
	    "-h db1 -p 5433 -U me -d app -w tree",
	    "tree -hdb1 -p5433 -Ume -dapp -w",
	    "--host=db1 tree --port=5433 --username=me --dbname=app --no-password",
	    "-wh db1 --port 5433 tree -Ume --dbname app",
	    /* as with psql the last one counts */
	    "-h other -h db1 -p1 -p5433 -Ume -d x -d app -w",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(ways); i++) {
		g_auto(Parsed) parsed = parse(ways[i]);
		const Options *options = &parsed.line.options;
		g_assert_no_error(parsed.error);
		g_assert_cmpstr(options->host, ==, "db1");
		g_assert_cmpstr(options->port, ==, "5433");
		g_assert_cmpstr(options->username, ==, "me");
		g_assert_cmpstr(options->dbname, ==, "app");
		g_assert_true(options->no_password);
	}
}

static void test_defaults(void)
{
	g_auto(Parsed) parsed = parse("release --all");
	const Options *options = &parsed.line.options;
	g_assert_no_error(parsed.error);
	g_assert_cmpint(options->timeout_us, ==, 10 * DURATION_SECOND);
	g_assert_cmpint(options->wait_us, ==, 15 * DURATION_SECOND);
	g_assert_cmpint(options->grace_us, ==, 5 * DURATION_SECOND);
	g_assert_cmpuint(options->max, ==, 10);
	g_assert_cmpuint(options->rounds, ==, 1);
	g_assert_cmpint(options->format, ==, FORMAT_TEXT);
	g_assert_cmpint(options->color, ==, COLOR_AUTO);
	g_assert_cmpint(options->prefer, ==, PREFER_DEFAULT);
	g_assert_cmpint(options->idle_in_transaction_us, ==, -1);
	g_assert_cmpint(options->interval_us, ==, -1);
	g_assert_null(options->host);
	g_assert_null(options->table);
	g_assert_cmpuint(options->sessions->len, ==, 0);
}

static void test_act_options(void)
{
	g_auto(Parsed) parsed =
	    parse("release --table 'app.public.Login*' --mode '*exclusive*' --user 'app_*' "
	          "--idle-in-transaction-for 5m --prefer holder --include-protected walsender "
	          "--include-protected syncrep --max 3 --rounds 2 --wait 1s --grace 500ms "
	          "--audit /tmp/a.jsonl --format json -y --rollback-prepared");
	const Options *options = &parsed.line.options;
	g_assert_no_error(parsed.error);
	g_assert_cmpstr(options->table->database, ==, "app");
	g_assert_cmpuint(options->modes & LOCK_MODE_SET(LOCK_MODE_ACCESS_EXCLUSIVE), !=, 0);
	g_assert_cmpuint(options->modes & LOCK_MODE_SET(LOCK_MODE_ACCESS_SHARE), ==, 0);
	g_assert_cmpstr(options->user, ==, "app_*");
	g_assert_cmpint(options->idle_in_transaction_us, ==, 5 * DURATION_MINUTE);
	g_assert_cmpint(options->prefer, ==, PREFER_HOLDER);
	g_assert_cmpuint(options->include_protected, ==, PROTECTED_WALSENDER | PROTECTED_SYNC_REP);
	g_assert_cmpuint(options->max, ==, 3);
	g_assert_cmpuint(options->rounds, ==, 2);
	g_assert_cmpint(options->wait_us, ==, DURATION_SECOND);
	g_assert_cmpint(options->grace_us, ==, 500 * DURATION_MS);
	g_assert_cmpstr(options->audit, ==, "/tmp/a.jsonl");
	g_assert_cmpint(options->format, ==, FORMAT_JSON);
	g_assert_true(options->yes);
	g_assert_true(options->rollback_prepared);
}

static void test_sessions(void)
{
	g_auto(Parsed) parsed = parse("terminate 4711 gid:order-1 6743a1b2.1267");
	g_assert_no_error(parsed.error);
	const GPtrArray *sessions = parsed.line.options.sessions;
	g_assert_cmpuint(sessions->len, ==, 3);
	g_assert_cmpint(((SessionRef *) g_ptr_array_index(sessions, 0))->pid, ==, 4711);
	g_assert_cmpstr(((SessionRef *) g_ptr_array_index(sessions, 1))->gid, ==, "order-1");
	g_assert_cmpint(((SessionRef *) g_ptr_array_index(sessions, 2))->pid, ==, 0x1267);
}

static void test_help_topics(void)
{
	static const struct {
		const char *typed;
		const char *topic;
	} cases[] = {
	    {"--help", NULL},        {"help", NULL},          {"help tree", "tree"},
	    {"tree --help", "tree"}, {"status -?", "status"}, {"locks --sort age --help", "locks"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Parsed) parsed = parse(cases[i].typed);
		g_assert_no_error(parsed.error);
		g_assert_cmpstr(parsed.line.topic ? parsed.line.topic->name : NULL, ==, cases[i].topic);
	}
}

/* An argument that one command demands and another takes only with =. */
static void test_optional_argument(void)
{
	static const struct {
		const char *typed;
		const char *command;
		const char *key; /* NULL: any */
		guint n_sessions;
	} cases[] = {
	    {"locks --advisory", "locks", NULL, 0},
	    {"--advisory locks", "locks", NULL, 0},
	    {"locks --advisory --waiting", "locks", NULL, 0},
	    {"locks --advisory -d app", "locks", NULL, 0},
	    {"locks --advisory=42", "locks", "42", 0},
	    {"--advisory=-1,2 locks", "locks", "-1,2", 0},
	    {"release --advisory 42", "release", "42", 0},
	    {"--advisory 42 release", "release", "42", 0},
	    {"--advisory -42 -d app terminate", "terminate", "-42", 0},
	    {"cancel --advisory=-42", "cancel", "-42", 0},
	    {"release --advisory -9223372036854775808 --yes", "release", "-9223372036854775808", 0},
	    {"release --advisory 42 4711", "release", "42", 1},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Parsed) parsed = parse(cases[i].typed);
		const AdvisoryChoice *choice = &parsed.line.options.advisory;
		g_autofree char *key = choice->has_key ? advisory_key_to_text(&choice->key) : NULL;
		g_assert_no_error(parsed.error);
		g_assert_cmpstr(parsed.line.command->name, ==, cases[i].command);
		g_assert_true(choice->is_given);
		g_assert_cmpstr(key, ==, cases[i].key);
		g_assert_cmpuint(parsed.line.options.sessions->len, ==, cases[i].n_sessions);
	}
	g_auto(Parsed) without = parse("locks");
	g_assert_false(without.line.options.advisory.is_given);
}

/* What is wrong, and what the hint says. */
static void test_errors(void)
{
	static const struct {
		const char *typed;
		const char *message;
		const char *hint;
	} cases[] = {
	    {"kill 4711", "\"kill\"", "pgunlock terminate"},
	    {"ps", "\"ps\"", "pgunlock status"},
	    {"KILL", "\"KILL\"", "pgunlock terminate"},
	    {"tre", "\"tre\"", "pgunlock tree"},
	    {"relaese --all", "\"relaese\"", "pgunlock release"},
	    {"term 1", "\"term\"", "pgunlock terminate"},
	    {"mydatabase", "\"mydatabase\"", "-d NAME"},
	    {"Status", "\"Status\"", "pgunlock status"},
	    {"help nothing", "\"nothing\"", "--help"},
	    {"--tabel x locks", "--tabel", "--table"},
	    {"--zzzzzz", "--zzzzzz", "pgunlock --help"},
	    {"-x", "-x", "--help"},
	    {"--all-", "--all-", "whole name"},
	    {"release --al", "option --al could be --all\n", "whole name"},
	    {"--al release", "option --al could be --all\n", "whole name"},
	    {"locks --all-", "option --all- could be --all-databases\n", "whole name"},
	    {"release --zzzzzz", "--zzzzzz", "pgunlock release --help"},
	    {"-h", "--host needs an argument", "--help"},
	    {"4711", "\"4711\"", "pgunlock release 4711; pgunlock help"},
	    {"6743a1b2.1267", "\"6743a1b2.1267\"", "pgunlock release 6743a1b2.1267"},
	    {"'gid:my order'", "\"gid:my order\"", "pgunlock release 'gid:my order'"},
	    {"locks --table", "--table needs an argument", "psql"},
	    {"-p", "--port needs an argument", "port"},
	    {"tree --watch=1", "--watch takes no argument", "--watch alone"},
	    {"tree --sort age", "--sort is not for tree", "it is for locks"},
	    {"status --yes", "--yes is not for status", "cancel, terminate, release"},
	    {"locks --sort size", "\"size\"", NULL},
	    {"release --all --prefer ''", "--prefer", NULL},
	    {"tree --format xml", "--format: \"xml\" is none of text|json|dot|svg\n", NULL},
	    {"--format xml", "is none of text|json\n", NULL},
	    {"--format xml locks", "is none of text|json|csv\n", NULL},
	    {"demo --format xml", "is none of text|json|dot|svg|csv\n", NULL},
	    {"status --format svg", "status has no format svg", "--format text|json"},
	    {"tree --format csv", "tree has no format csv", "--format text|json|dot|svg"},
	    {"status --format dot", "status has no format dot", "--format text|json"},
	    {"guard p.conf", "guard takes no argument \"p.conf\"", "--config p.conf"},
	    {"tree extra", "tree takes no argument \"extra\"", "-d NAME"},
	    {"help tree locks", "\"locks\"", NULL},
	    {"cancel nobody", "nobody", NULL},
	    {"cancel -5", "-5", NULL},
	    {"tree --interval 5", "--interval", NULL},
	    {"release --all --max -1", "--max", NULL},
	    {"release --all --max 1x", "--max", NULL},
	    {"release --all --max 99999999999", "--max", NULL},
	    {"release --all --include-protected everything", "--include-protected", NULL},
	    {"locks --mode nothing", "--mode", NULL},
	    {"release --advisory", "--advisory needs an argument: KEY\n", "42, or 1,2"},
	    {"release --advisory x", "--advisory: \"x\" is not the key of an advisory lock\n", "1,2"},
	    {"locks --advisory=", "\"\" is not the key", "1,2"},
	    {"release --advisory 9223372036854775808", "is not the key", "bigint"},
	    {"release --advisory 1 --advisory 2", "--advisory is given twice", NULL},
	    {"locks --advisory 42", "locks takes the argument of --advisory only with =\n",
	     "--advisory=42"},
	    {"--advisory 42 locks", "only with =", "--advisory=42"},
	    {"locks --advisory -1,2", "only with =", "--advisory=-1,2"},
	    {"tree --advisory 42", "--advisory is not for tree", "it is for locks"},
	    {"--advisory 42", "--advisory is not for status", "it is for locks"},
	    {"locks --table a --table b", "--table is given twice", NULL},
	    {"release --rollback --commit gid:x", "--commit", NULL},
	    {"--timeout 0", "--timeout 0", "10s"},
	    {"row t true --limit 0", "--limit must be between 1 and 1000", "100"},
	    {"row t true --limit 1001", "--limit must be between 1 and 1000", "100"},
	    {"history --limit 0", "--limit must be between 1 and 2147483647", "100"},
	    {"history 17", "history takes no argument \"17\"\n", "pgunlock history show 17"},
	    {"history list", "history takes no argument \"list\"\n", "lists incidents"},
	    {"history show", "show which incident?\n", "history show 17"},
	    {"history show x", "\"x\" is not the number of an incident\n", "lists incidents"},
	    {"history show 0", "\"0\" is not the number", NULL},
	    {"history show 1 2", "history show takes one incident\n", NULL},
	    {"history --since yesterday", "--since: \"yesterday\" is no time", NULL},
	    {"history -h db1", "--host is not for history", NULL},
	    {"-w -W", "-w and -W", NULL},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Parsed) parsed = parse(cases[i].typed);
		g_assert_false(parsed.is_right);
		g_assert_error(parsed.error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		if (!parsed.error)
			continue;
		/* A newline in what is expected: the message ends there. */
		g_autofree char *line = g_strconcat(parsed.error->message, "\n", NULL);
		g_assert_nonnull(strstr(line, cases[i].message));
		if (cases[i].hint) {
			g_assert_nonnull(error_hint(parsed.error));
			g_assert_nonnull(strstr(error_hint(parsed.error), cases[i].hint));
		}
	}
}

/* An error is told in the format that was asked for, wherever that stands. */
static void test_format_survives_error(void)
{
	static const char *const ways[] = {
	    "--format json --nonsense",
	    "--nonsense --format json",
	    "nonsense --format=json",
	    "tree --sort age --format json",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(ways); i++) {
		g_auto(Parsed) parsed = parse(ways[i]);
		g_assert_false(parsed.is_right);
		g_assert_cmpint(parsed.line.options.format, ==, FORMAT_JSON);
	}
}

static void test_history(void)
{
	g_auto(Parsed) list = parse("history --table orders --since 2026-11-27T03:12:00Z --limit 5000");
	g_assert_no_error(list.error);
	g_assert_cmpint(list.line.options.incident, ==, 0);
	g_assert_cmpint(list.line.options.since, ==, G_GINT64_CONSTANT(1795749120000000));
	g_assert_cmpint(list.line.options.until, ==, TIMESTAMP_NONE);
	g_assert_cmpuint(list.line.options.limit, ==, 5000);
	g_auto(Parsed) show = parse("history --format json show 17");
	g_assert_no_error(show.error);
	g_assert_cmpint(show.line.options.incident, ==, 17);
}

/* Beside us before under the prefix. */
static void test_program_paths(void)
{
	g_auto(GStrv) paths = program_paths("/opt/x/bin", "pgunlock-history");
	g_assert_cmpuint(g_strv_length(paths), ==, 2);
	g_assert_cmpstr(paths[0], ==, "/opt/x/bin/pgunlock-history");
	g_assert_true(g_str_has_prefix(paths[1], "/opt/x/bin/../"));
	g_assert_true(g_str_has_suffix(paths[1], "/pgunlock/pgunlock-history"));
}

/* A command that a hint quotes gets connection options when it takes some. */
static void test_hints_connect(void)
{
	const OptionRow *host = option_table_get(0);

	for (guint i = 0; strcmp(host->name, "host") != 0; i++)
		host = option_table_get(i);
	for (guint i = 0; i < command_table_n(); i++) {
		const Command *command = command_table_get(i);
		g_autofree char *hint = g_strdup_printf("\"pgunlock %s\" helps", command->name);
		g_autofree char *connected = command_hint(hint, " -h db1");

		g_test_message("%s", connected);
		g_assert_true((strstr(connected, "-h db1") != NULL) ==
		              ((host->commands & command->bit) != 0));
	}
}

/* What the parser, the help and the completion rely on. */
static void test_tables(void)
{
	for (guint i = 0; i < option_table_n(); i++) {
		const OptionRow *row = option_table_get(i);
		gboolean is_bare = row->kind == OPTION_FLAG || row->kind == OPTION_SETS;
		g_test_message("--%s", row->name);
		g_assert_true(is_bare == !option_takes_argument(row));
		g_assert_cmpuint(row->commands, !=, 0);
		/* Only of a long option, and the commands take no arguments of their own that one that
		 * isn't glued on could be. */
		g_assert_true((row->optional_for != 0) == (row->without != NULL));
		g_assert_true(row->optional_for == 0 || (option_takes_argument(row) && !row->letter));
		g_assert_cmpuint(row->optional_for & ~row->commands, ==, 0);
		for (guint j = 0; j < command_table_n(); j++)
			g_assert_true(!option_argument_is_optional(row, command_table_get(j)) ||
			              command_table_get(j)->takes == TAKES_NOTHING);
		g_assert_true((row->kind == OPTION_CHOICE) == (row->words != NULL));
		for (guint j = 0; j < i; j++) {
			g_assert_cmpstr(row->name, !=, option_table_get(j)->name);
			if (row->letter)
				g_assert_true(row->letter != option_table_get(j)->letter);
		}
	}
	for (guint i = 0; i < command_table_n(); i++) {
		const Command *command = command_table_get(i);
		/* Here, or in a program of its own. */
		g_assert_true((command->run == NULL) == (command->program != NULL));
		g_assert_nonnull(command->synopsis);
		g_assert_nonnull(command->summary);
		g_assert_nonnull(command->description);
		for (guint j = 0; j < i; j++)
			g_assert_cmpuint(command->bit & command_table_get(j)->bit, ==, 0);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/cli/commands", test_commands);
	g_test_add_func("/cli/connection-options", test_connection_options);
	g_test_add_func("/cli/defaults", test_defaults);
	g_test_add_func("/cli/act-options", test_act_options);
	g_test_add_func("/cli/sessions", test_sessions);
	g_test_add_func("/cli/help-topics", test_help_topics);
	g_test_add_func("/cli/optional-argument", test_optional_argument);
	g_test_add_func("/cli/errors", test_errors);
	g_test_add_func("/cli/format-survives-error", test_format_survives_error);
	g_test_add_func("/cli/history", test_history);
	g_test_add_func("/cli/program-paths", test_program_paths);
	g_test_add_func("/cli/hints-connect", test_hints_connect);
	g_test_add_func("/cli/tables", test_tables);
	return g_test_run();
}
