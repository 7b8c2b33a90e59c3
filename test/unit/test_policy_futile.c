#include "policy/futile.h"

#include <string.h>

/* Why the last of these rules is futile; NULL: it isn't. */
static char *futile(const char *rules)
{
	g_autofree char *text = g_strconcat(
	    "[server main]\nconninfo = service=main\n[notify ops]\ncommand = true\n", rules, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(Policy) policy = policy_parse(text, strlen(text), "p.conf", &error);

	g_assert_no_error(error);
	return policy_futile(policy, policy_n_rules(policy) - 1);
}

static void test_states(void)
{
	static const struct {
		const char *rule, *expected;
	} cases[] = {
	    {"action = cancel\nstate = idle in transaction",
	     "nothing comes of action = cancel in a state of idle in transaction: that takes one of "
	     "starting, active, fastpath function call, disabled"},
	    {"action = cancel\nstate = idle*, prepared",
	     "nothing comes of action = cancel in a state of idle*, prepared"},
	    {"action = cancel\nstate = idle*, active", NULL},
	    {"action = cancel\nstate = !active", NULL},
	    {"action = terminate\nstate = prepared",
	     "nothing comes of action = terminate in a state of prepared"},
	    {"action = terminate\nstate = idle*", NULL},
	    {"action = rollback_prepared\nstate = active", "takes one of prepared"},
	    {"action = rollback_prepared\nstate = prep*", NULL},
	    {"action = cancel\nstate = idle*, prepared",
	     "disabled; of prepared transactions there is action = rollback_prepared"},
	    {"action = release\nstate = idle", NULL},
	    {"action = release\nstate = prep*, idle", NULL},
	    {"action = release\nstate = prepared",
	     "nothing comes of action = release in a state of prepared: that takes one of starting, "},
	    {"action = release\nstate = prepared",
	     "; of prepared transactions there is action = rollback_prepared"},
	    {"action = release\nbackend_type = prepared transaction",
	     "nothing comes of action = release with a backend_type of prepared transaction; of "
	     "prepared transactions there is action = rollback_prepared"},
	    {"action = release\nbackend_type = prepared transaction, client backend", NULL},
	    {"action = release\nbackend_type = client backend", NULL},
	    {"action = rollback_prepared\nbackend_type = prepared transaction", NULL},
	    {"action = notify\nbackend_type = prepared transaction", NULL},
	    {"action = none\nstate = disabled", NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *rule = g_strconcat("[rule it]\n", cases[i].rule, "\n", NULL);
		g_autofree char *why = futile(rule);

		g_test_message("%s", cases[i].rule);
		if (cases[i].expected == NULL)
			g_assert_null(why);
		else
			g_assert_nonnull(strstr(why ? why : "", cases[i].expected));
	}
}

static void test_never_asked(void)
{
	static const struct {
		const char *first, *later;
		gboolean is_futile;
	} cases[] = {
	    {"action = none", "action = cancel\neven_if_not_blocking = true", TRUE},
	    {"action = notify", "action = terminate\nuser = app", TRUE},
	    {"action = notify", "action = none", FALSE},
	    {"action = terminate", "action = cancel\nblocked_for = 1m", TRUE},
	    {"action = terminate", "action = cancel\nblocked_for = 1s", FALSE},
	    {"action = terminate", "action = terminate\neven_if_not_blocking = true", FALSE},
	    {"action = terminate\neven_if_not_blocking = true", "action = cancel", TRUE},
	    {"action = terminate", "action = rollback_prepared", FALSE},
	    {"action = terminate", "action = release", FALSE},
	    {"action = rollback_prepared", "action = terminate", FALSE},
	    {"action = rollback_prepared", "action = rollback_prepared\nuser = app", TRUE},
	    {"action = release", "action = terminate", TRUE},
	    {"action = release\nuser = app", "action = terminate", FALSE},
	    {"action = none\nserver = main", "action = terminate", FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *rules = g_strconcat("[rule first]\n", cases[i].first, "\n[rule later]\n",
		                                     cases[i].later, "\n", NULL);
		g_autofree char *why = futile(rules);

		g_test_message("%s", rules);
		if (cases[i].is_futile)
			g_assert_cmpstr(why, ==,
			                "it is never asked: the rule first above it matches all that it could");
		else
			g_assert_null(why);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/policy_futile/states", test_states);
	g_test_add_func("/policy_futile/never-asked", test_never_asked);
	return g_test_run();
}
