#include "base/error.h"
#include "cli/act_request.h"

#include <string.h>

/* NULL for right, else the message; the hint is checked to be there. */
static char *complaint(PlanCommand command, const char *typed)
{
	g_auto(CommandLine) line = {0};
	g_auto(GStrv) words = NULL;
	g_autoptr(GError) error = NULL;
	static const char *const names[] = {"cancel", "terminate", "release"};
	g_autofree char *all = g_strdup_printf("pgunlock %s %s", names[command], typed);
	g_assert_true(g_shell_parse_argv(all, NULL, &words, NULL));
	int argc = (int) g_strv_length(words);
	g_autofree char **argv = g_memdup2(words, sizeof(char *) * (gsize) (argc + 1));

	g_test_message("%s", all);
	g_assert_true(command_line_parse(argc, argv, &line, &error));
	g_assert_no_error(error);
	if (act_request_check(command, &line.options, &error))
		return NULL;
	g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
	g_assert_nonnull(error_hint(error));
	return g_strdup(error->message);
}

static void test_check(void)
{
	static const struct {
		PlanCommand command;
		const char *typed;
		const char *complaint; /* NULL: right */
	} cases[] = {
	    {COMMAND_CANCEL, "", "which session"},
	    {COMMAND_TERMINATE, "--yes", "which session"},
	    {COMMAND_RELEASE, "--dry-run", "which session"},
	    {COMMAND_CANCEL, "4711", NULL},
	    {COMMAND_TERMINATE, "--blocking", NULL},
	    {COMMAND_TERMINATE, "--table t --mode '*ExclusiveLock' --all-holders", NULL},
	    {COMMAND_TERMINATE, "--all-holders", "none by itself"},
	    {COMMAND_TERMINATE, "4711 --all-holders", "can't be named together"},
	    {COMMAND_TERMINATE, "--idle-in-transaction-for 0", NULL},
	    {COMMAND_TERMINATE, "4711 --table t", "can't be named together"},
	    {COMMAND_TERMINATE, "4711 --blocking", "can't be named together"},
	    {COMMAND_RELEASE, "4711 --all", "can't be named together"},
	    {COMMAND_RELEASE, "4711 --waiter 4712", "can't be named together"},
	    {COMMAND_RELEASE, "--waiter 4712 --table t", "can't be named together"},
	    {COMMAND_RELEASE, "--waiter 4712", NULL},
	    {COMMAND_RELEASE, "--all", NULL},
	    {COMMAND_RELEASE, "--advisory 42", NULL},
	    {COMMAND_TERMINATE, "--advisory -1,2 --all-holders", NULL},
	    {COMMAND_TERMINATE, "--advisory 42 4711", "can't be named together"},
	    {COMMAND_RELEASE, "--advisory 42 --waiter 4711", "can't be named together"},
	    {COMMAND_RELEASE, "--advisory 42 --table t", "for a table and an advisory lock"},
	    {COMMAND_RELEASE, "--table t", NULL},
	    {COMMAND_RELEASE, "gid:order-1 --rollback", NULL},
	    {COMMAND_RELEASE, "gid:order-1 --commit", NULL},
	    {COMMAND_RELEASE, "4711 --rollback", "--rollback and --commit"},
	    {COMMAND_RELEASE, "gid:order-1 4711 --commit", "--rollback and --commit"},
	    {COMMAND_RELEASE, "--all --rollback", "--rollback and --commit"},
	    {COMMAND_RELEASE, "--all --rounds 0", "--rounds"},
	    {COMMAND_RELEASE, "--all --sql --format json", "--sql"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *message = complaint(cases[i].command, cases[i].typed);
		if (cases[i].complaint)
			g_assert_true(message && strstr(message, cases[i].complaint));
		else
			g_assert_null(message);
	}
}

static gboolean tables_are_right(const char *pattern_text, guint n_matches, GError **error)
{
	g_autoptr(NamePattern) pattern = name_pattern_parse(pattern_text, NULL);
	g_autoptr(TableSet) tables = table_set_new(1);
	for (guint i = 0; i < n_matches; i++) {
		g_autofree char *name = g_strdup_printf("tenant%u.orders", i);
		table_set_add(tables, 100 + i, name);
	}
	return act_request_check_tables(pattern, tables, error);
}

static void test_tables(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) many = NULL;
	g_assert_true(tables_are_right("orders", 1, NULL));
	g_assert_true(tables_are_right("tenant*.orders", 3, NULL));
	g_assert_false(tables_are_right("orders", 2, &error));
	g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_REFUSED);
	g_assert_nonnull(strstr(error->message, "tenant0.orders, tenant1.orders"));
	g_assert_nonnull(strstr(error_hint(error), "schema"));
	g_assert_false(tables_are_right("orders", 500, &many));
	g_assert_nonnull(strstr(many->message, "and 490 more"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/cli/act-request", test_check);
	g_test_add_func("/cli/act-tables", test_tables);
	return g_test_run();
}
