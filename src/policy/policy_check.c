#include "base/nearest.h"
#include "base/pattern.h"
#include "policy/doubtful.h"
#include "policy/policy_private.h"

#include <string.h>

/* Where a key of a section stands, or its head when it has none. */
static guint key_line(const IniFile *ini, PolicySection section, const char *name, const char *key)
{
	guint line = 0;

	for (guint i = 0; i < ini_n_sections(ini); i++) {
		const IniSection *found = ini_section(ini, i);

		if (strcmp(found->kind, policy_section_name(section)) != 0 ||
		    strcmp(found->name, name) != 0)
			continue;
		line = found->line;
		for (guint k = 0; k < found->n_entries; k++)
			if (g_strcmp0(found->entries[k].key, key) == 0)
				line = found->entries[k].line;
	}
	return line;
}

/* The names of the sections of a kind; they end with NULL. */
static GPtrArray *section_names(const IniFile *ini, PolicySection section)
{
	GPtrArray *names = g_ptr_array_new();

	for (guint i = 0; i < ini_n_sections(ini); i++)
		if (strcmp(ini_section(ini, i)->kind, policy_section_name(section)) == 0)
			g_ptr_array_add(names, (gpointer) (gsize) ini_section(ini, i)->name);
	g_ptr_array_add(names, NULL);
	return names;
}

static gboolean is_met(const char *glob, const GPtrArray *names)
{
	for (guint i = 0; i + 1 < names->len; i++)
		if (glob_matches(glob, g_ptr_array_index(names, i), FALSE))
			return TRUE;
	return FALSE;
}

/* A rule for a server that isn't there would never match, and nobody would notice. */
static gboolean check_names(const IniFile *ini, const Rule *rule, const GlobList *list,
                            PolicySection section, GError **error)
{
	g_autoptr(GPtrArray) names = section_names(ini, section);
	const char *kind = policy_section_name(section);
	const char *glob;

	for (guint i = 0; list != NULL && (glob = glob_list_item(list, i)) != NULL; i++) {
		if (is_met(glob, names))
			continue;
		const char *near = nearest_name(glob, (const char *const *) names->pdata);
		g_autofree char *hint =
		    policy_comment(glob, "#;") != NULL ? g_strdup("a comment has a line of its own")
		    : near != NULL                     ? g_strdup_printf("did you mean \"%s\"?", near)
		                   : g_strdup_printf("write a section [%s %s], too", kind, glob);

		/* The keys are called like the sections. */
		ini_error(error, ini_file_name(ini), key_line(ini, POLICY_RULE, rule->name, kind), hint,
		          "%s: there is no section [%s %s]", kind, kind, glob);
		return FALSE;
	}
	return TRUE;
}

static gboolean releases_anybody(const Rule *rule)
{
	return rule->even_if_not_blocking && rule->action == RULE_RELEASE;
}

static gboolean does_nothing(const Rule *rule)
{
	return rule->action == RULE_NONE;
}

#define ABOUT_WAITS                                                                                \
	rule_acts_on_anybody,                                                                          \
	    "is about waits, and even_if_not_blocking is for sessions that nobody waits "              \
	    "for"
#define ABOUT_ACTS does_nothing, "is about what a rule does, and this one has action = none"

/* Keys that a rule can't have, for what other keys say. */
static const struct {
	const char *key;
	gboolean (*applies)(const Rule *rule);
	const char *why;
} CONTRADICTIONS[] = {
    {"table", ABOUT_WAITS},
    {"target_type", ABOUT_WAITS},
    {"mode", ABOUT_WAITS},
    {"blocked_for", ABOUT_WAITS},
    {"blocked_sessions", ABOUT_WAITS},
    {"even_if_not_blocking", releases_anybody,
     "is for sessions that nobody waits for, and action = release is about waits"},
    {"limit", ABOUT_ACTS},
    {"cooldown", ABOUT_ACTS},
    {"notify", ABOUT_ACTS},
};

static gboolean check_contradictions(const IniFile *ini, const Rule *rule, GError **error)
{
	guint head = key_line(ini, POLICY_RULE, rule->name, NULL);

	for (guint i = 0; i < G_N_ELEMENTS(CONTRADICTIONS); i++) {
		guint line = key_line(ini, POLICY_RULE, rule->name, CONTRADICTIONS[i].key);

		if (line == head || !CONTRADICTIONS[i].applies(rule))
			continue;
		ini_error(error, ini_file_name(ini), line, "leave one of the two out, or write two rules",
		          "%s: it %s", CONTRADICTIONS[i].key, CONTRADICTIONS[i].why);
		return FALSE;
	}
	return TRUE;
}

static gboolean check_rule(const Policy *policy, const IniFile *ini, const Rule *rule,
                           GError **error)
{
	if (!check_names(ini, rule, rule->server, POLICY_SERVER, error) ||
	    !check_names(ini, rule, rule->notify, POLICY_NOTIFY, error) ||
	    !check_contradictions(ini, rule, error))
		return FALSE;
	if (rule->action != RULE_NOTIFY || policy_n_notify(policy) > 0)
		return TRUE;
	ini_error(error, policy->file, key_line(ini, POLICY_RULE, rule->name, "action"),
	          "write a section [notify NAME]", "action: there is nobody to notify");
	return FALSE;
}

static gboolean check_notify(const Policy *policy, const PolicyNotify *notify, GError **error)
{
	int n = (notify->webhook != NULL) + (notify->webhook_file != NULL) +
	        (notify->webhook_env != NULL) + (notify->command != NULL);

	if (n == 1)
		return TRUE;
	ini_error(error, policy->file, notify->line,
	          "it has one of webhook, webhook_file, webhook_env and command",
	          n == 0 ? "[notify %s] doesn't say how" : "[notify %s] says how in more than one way",
	          notify->name);
	return FALSE;
}

gboolean policy_check(const Policy *policy, const IniFile *ini, GError **error)
{
	for (guint i = 0; i < policy_n_notify(policy); i++)
		if (!check_notify(policy, policy_notify(policy, i), error))
			return FALSE;
	for (guint i = 0; i < policy_n_rules(policy); i++)
		if (!check_rule(policy, ini, policy_rule(policy, i), error))
			return FALSE;
	if (policy_n_servers(policy) > 0)
		return TRUE;
	ini_error(error, policy->file, 1, "write a section [server NAME] with a conninfo",
	          "there is no server to watch");
	return FALSE;
}
