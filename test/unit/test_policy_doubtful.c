#include "policy/doubtful.h"

#include <string.h>

/* The doubts of a rule, a line each. */
static char *doubts_of(const char *rule)
{
	g_autofree char *text = g_strconcat(
	    "[server main]\nconninfo = service=main\n[notify ops]\ncommand = true\n[rule it]\n", rule,
	    "\n", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(Policy) policy = policy_parse(text, strlen(text), "p.conf", &error);
	g_autoptr(GPtrArray) doubts = g_ptr_array_new_with_free_func(g_free);

	g_assert_no_error(error);
	policy_doubtful(policy_rule(policy, 0), doubts);
	g_ptr_array_add(doubts, NULL);
	return g_strjoinv("\n", (char **) doubts->pdata);
}

static void assert_doubts(const char *rule, const char *expected)
{
	g_autofree char *doubts = doubts_of(rule);

	g_test_message("%s", rule);
	g_assert_cmpstr(doubts, ==, expected);
}

#define COMMENT(mark, text)                                                                        \
	"the " mark " in " text " is part of the names: a comment has a line of its own"
#define QUOTES(text)                                                                               \
	"the quotes in " text " are part of the names: leave them out if the names have none"

static void test_values(void)
{
	static const struct {
		const char *value, *expected;
	} cases[] = {
	    {"user = postgres # admins", COMMENT("#", "user = postgres # admins")},
	    {"user = postgres, dba_*\t;admins", COMMENT(";", "user = postgres, dba_*\t;admins")},
	    {"user = a#b, c;d, #e", COMMENT("#", "user = a#b, c;d, #e")},
	    {"user = a#b, c;d", ""},
	    {"database = app # all", COMMENT("#", "database = app # all")},
	    {"application = login-* # ours", COMMENT("#", "application = login-* # ours")},
	    {"backend_type = some extension's own # ours",
	     COMMENT("#", "backend_type = some extension's own # ours")},
	    {"table = orders # ours", COMMENT("#", "table = orders # ours")},
	    {"statement = ^update # ours", "the # in statement = ^update # ours is part of the "
	                                   "expression: a comment has a line of its own"},
	    {"statement = ^update 'x' ;", ""},
	    {"user = \"Login\", app_*", QUOTES("user = \"Login\", app_*")},
	    {"user = app_*, 'Login'", QUOTES("user = app_*, 'Login'")},
	    {"user = !'Login', x", QUOTES("user = !'Login', x")},
	    {"application = 'login service'", QUOTES("application = 'login service'")},
	    {"application = o'neil's", ""},
	    {"table = \"Order\"", ""},
	    {"table = 'order'", QUOTES("table = 'order'")},
	    {"user = 'x' # y", COMMENT("#", "user = 'x' # y") "\n" QUOTES("user = 'x' # y")},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *rule = g_strconcat("action = none\n", cases[i].value, NULL);

		assert_doubts(rule, cases[i].expected);
	}
}

static void test_asks_for_nothing(void)
{
	const char *ends = " that isn't protected, also where nobody waits, since it asks for nothing: "
	                   "say which, by user, application or time";
	static const struct {
		const char *rule, *begins; /* NULL: no doubt */
	} cases[] = {
	    {"action = terminate\neven_if_not_blocking = true", "it terminates every session"},
	    {"action = cancel\neven_if_not_blocking = true\nserver = main",
	     "it cancels every statement"},
	    {"action = rollback_prepared\neven_if_not_blocking = true",
	     "it rolls every prepared transaction back"},
	    {"action = terminate\neven_if_not_blocking = true\nidle_for = 1d", NULL},
	    {"action = notify\neven_if_not_blocking = true", NULL},
	    {"action = none\neven_if_not_blocking = true", NULL},
	    {"action = terminate", NULL},
	    {"action = terminate\nblocked_for = 0s", NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *expected =
		    cases[i].begins != NULL ? g_strconcat(cases[i].begins, ends, NULL) : g_strdup("");

		assert_doubts(cases[i].rule, expected);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/policy_doubtful/values", test_values);
	g_test_add_func("/policy_doubtful/asks-for-nothing", test_asks_for_nothing);
	return g_test_run();
}
