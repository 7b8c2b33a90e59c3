#include "guard/config.h"

#include "audit/audit.h"
#include "base/error.h"
#include "base/ini.h"
#include "history/history.h"
#include "pg/connection.h"
#include "policy/doubtful.h"
#include "policy/futile.h"
#include "render/guard_hint.h"
#include "render/policy.h"

static gboolean check_servers(const Policy *policy, GError **error)
{
	for (guint i = 0; i < policy_n_servers(policy); i++) {
		const PolicyServer *server = policy_server(policy, i);
		g_autoptr(GError) cause = NULL;

		if (pg_conninfo_check(server->conninfo, &cause))
			continue;
		ini_error(error, policy_file(policy), server->conninfo_line,
		          "write it as in host=db1 user=guard, service=main or postgresql://db1",
		          "conninfo: %s", cause->message);
		return FALSE;
	}
	return TRUE;
}

Policy *guard_config_read(const char *path, GError **error)
{
	g_autofree char *bytes = NULL;
	g_autoptr(GError) trouble = NULL;
	gsize length;

	if (!g_file_get_contents(path, &bytes, &length, &trouble)) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "cannot read the policy: %s", trouble->message);
		return NULL;
	}
	g_autoptr(Policy) policy = policy_parse(bytes, length, path, error);

	if (policy == NULL || !check_servers(policy, error))
		return NULL;
	return g_steal_pointer(&policy);
}

static NotifyTarget target_of(const PolicyNotify *said)
{
	const NotifyTarget ways[] = {
	    {.kind = NOTIFY_WEBHOOK, .value = said->webhook},
	    {.kind = NOTIFY_WEBHOOK_FILE, .value = said->webhook_file},
	    {.kind = NOTIFY_WEBHOOK_ENV, .value = said->webhook_env},
	    {.kind = NOTIFY_COMMAND, .value = said->command},
	};
	guint way = 0;

	/* One of them is there. */
	while (ways[way].value == NULL)
		way++;
	return (NotifyTarget){.name = said->name, .kind = ways[way].kind, .value = ways[way].value};
}

/* Nothing but a command that isn't there may still be there when it is needed. */
static void warn_of_target(const NotifyTarget *target, GPtrArray *warnings)
{
	g_autoptr(GError) cause = NULL;
	g_auto(GStrv) words = NULL;

	if (!notify_target_check(target, &cause)) {
		g_ptr_array_add(warnings,
		                g_strdup_printf("%s: nobody is told by it until the policy is read again",
		                                cause->message));
		return;
	}
	if (target->kind != NOTIFY_COMMAND || !g_shell_parse_argv(target->value, NULL, &words, NULL))
		return;
	g_autofree char *program = g_find_program_in_path(words[0]);

	if (program == NULL)
		g_ptr_array_add(warnings, g_strdup_printf("[notify %s]: there is no program %s to run",
		                                          target->name, words[0]));
}

/* Under two names that mean one place; more shows only when they are connected (guard/places.h). */
static void warn_of_twins(const Policy *policy, GPtrArray *warnings)
{
	g_autoptr(GHashTable) sections = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < policy_n_servers(policy); i++) {
		const PolicyServer *server = policy_server(policy, i);
		g_autofree char *place = pg_conninfo_place(server->conninfo);
		const PolicyServer *first = place != NULL ? g_hash_table_lookup(sections, place) : NULL;

		if (first != NULL) {
			g_autofree char *database = pg_conninfo_database(first->conninfo);
			g_autofree char *own_database = pg_conninfo_database(server->conninfo);
			g_autofree char *words = render_twin_words(first->name, database, own_database);

			g_ptr_array_add(warnings, g_strdup_printf("[server %s]: %s", server->name, words));
		} else if (place != NULL) {
			g_hash_table_insert(sections, g_steal_pointer(&place), (gpointer) (gsize) server);
		}
	}
}

/* Files that the guard writes; path NULL: off. */
static void warn_of_path(const char *key, const char *path, GPtrArray *warnings)
{
	const char *comment = path != NULL ? policy_comment(path, "#;") : NULL;

	if (comment != NULL)
		g_ptr_array_add(warnings, g_strdup_printf("[guard]: the %c in %s = %s is part of the path: "
		                                          "a comment has a line of its own",
		                                          *comment, key, path));
}

static void warn_of_doubtful(const Rule *rule, GPtrArray *warnings)
{
	g_autoptr(GPtrArray) doubts = g_ptr_array_new_with_free_func(g_free);

	policy_doubtful(rule, doubts);
	for (guint i = 0; i < doubts->len; i++)
		g_ptr_array_add(warnings, g_strdup_printf("[rule %s]: %s", rule->name,
		                                          (const char *) g_ptr_array_index(doubts, i)));
}

static void warn_of_futile(const Policy *policy, guint rule, GPtrArray *warnings)
{
	g_autofree char *why = policy_futile(policy, rule);

	if (why != NULL)
		g_ptr_array_add(warnings,
		                g_strdup_printf("[rule %s]: %s", policy_rule(policy, rule)->name, why));
}

GPtrArray *guard_config_warnings(const Policy *policy)
{
	GPtrArray *warnings = g_ptr_array_new_with_free_func(g_free);

	warn_of_path("history", policy_guard(policy)->history, warnings);
	warn_of_path("audit", policy_guard(policy)->audit, warnings);
	warn_of_twins(policy, warnings);
	for (guint i = 0; i < policy_n_notify(policy); i++) {
		const NotifyTarget target = target_of(policy_notify(policy, i));

		warn_of_target(&target, warnings);
	}
	for (guint i = 0; i < policy_n_rules(policy); i++) {
		warn_of_doubtful(policy_rule(policy, i), warnings);
		warn_of_futile(policy, i, warnings);
	}
	return warnings;
}

static void warn_of_place(const char *path, gboolean (*check)(const char *path, GError **error),
                          GPtrArray *warnings)
{
	g_autoptr(GError) error = NULL;

	if (path == NULL || check(path, &error))
		return;
	g_autofree char *hint = render_guard_hint(error_hint(error));

	g_ptr_array_add(warnings,
	                g_strdup_printf(hint != NULL ? "[guard]: %s (hint: %s)" : "[guard]: %s",
	                                error->message, hint));
}

void guard_config_check_places(const Policy *policy, GPtrArray *warnings)
{
	warn_of_place(policy_guard(policy)->history, history_check_place, warnings);
	warn_of_place(policy_guard(policy)->audit, audit_check_place, warnings);
}

gboolean guard_config_notifier(const Policy *policy, Notifier *notifier, GError **error)
{
	g_autoptr(GArray) targets = g_array_new(FALSE, FALSE, sizeof(NotifyTarget));
	g_autoptr(GPtrArray) troubles = g_ptr_array_new_with_free_func((GDestroyNotify) g_error_free);

	for (guint i = 0; i < policy_n_notify(policy); i++) {
		NotifyTarget target = target_of(policy_notify(policy, i));
		GError *trouble = NULL;

		if (!notify_target_check(&target, &trouble)) {
			target.trouble = trouble->message;
			g_ptr_array_add(troubles, trouble);
		}
		g_array_append_val(targets, target);
	}
	return notifier_configure(notifier, (const NotifyTarget *) (gpointer) targets->data,
	                          targets->len, error);
}
