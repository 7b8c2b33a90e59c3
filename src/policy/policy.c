#include "policy/policy.h"

#include "policy/policy_private.h"

#include <string.h>

static gpointer object_at(const Policy *policy, PolicySection section, guint index)
{
	return g_ptr_array_index(policy->objects[section], index);
}

void policy_object_free(PolicySection section, gpointer object)
{
	for (guint i = 0; i < policy_n_keys(); i++) {
		const PolicyKey *key = policy_key(i);

		if (key->section == section && key->clear != NULL)
			key->clear((char *) object + key->offset);
	}
	if (section == POLICY_SERVER)
		g_free(((PolicyServer *) object)->name);
	if (section == POLICY_NOTIFY)
		g_free(((PolicyNotify *) object)->name);
	if (section == POLICY_RULE) {
		g_free(((Rule *) object)->name);
		for (guint i = 0; i < RULE_CONDITION_COUNT; i++)
			g_free(((Rule *) object)->text[i]);
	}
	g_free(object);
}

void policy_free(Policy *policy)
{
	if (policy == NULL)
		return;
	for (PolicySection section = 0; section < POLICY_SECTION_COUNT; section++) {
		for (guint i = 0; i < policy->objects[section]->len; i++)
			policy_object_free(section, object_at(policy, section, i));
		g_ptr_array_unref(policy->objects[section]);
	}
	g_free(policy->file);
	g_free(policy);
}

const char *policy_file(const Policy *policy)
{
	return policy->file;
}

const PolicyGuard *policy_guard(const Policy *policy)
{
	return object_at(policy, POLICY_GUARD, 0);
}

guint policy_n_servers(const Policy *policy)
{
	return policy->objects[POLICY_SERVER]->len;
}

const PolicyServer *policy_server(const Policy *policy, guint index)
{
	return object_at(policy, POLICY_SERVER, index);
}

guint policy_n_notify(const Policy *policy)
{
	return policy->objects[POLICY_NOTIFY]->len;
}

const PolicyNotify *policy_notify(const Policy *policy, guint index)
{
	return object_at(policy, POLICY_NOTIFY, index);
}

guint policy_n_rules(const Policy *policy)
{
	return policy->objects[POLICY_RULE]->len;
}

const Rule *policy_rule(const Policy *policy, guint index)
{
	return object_at(policy, POLICY_RULE, index);
}

const PolicyServer *policy_find_server(const Policy *policy, const char *name)
{
	for (guint i = 0; i < policy_n_servers(policy); i++)
		if (strcmp(policy_server(policy, i)->name, name) == 0)
			return policy_server(policy, i);
	return NULL;
}

const PolicyNotify *policy_find_notify(const Policy *policy, const char *name)
{
	for (guint i = 0; i < policy_n_notify(policy); i++)
		if (strcmp(policy_notify(policy, i)->name, name) == 0)
			return policy_notify(policy, i);
	return NULL;
}

const Rule *policy_find_rule(const Policy *policy, const char *name)
{
	for (guint i = 0; i < policy_n_rules(policy); i++)
		if (strcmp(policy_rule(policy, i)->name, name) == 0)
			return policy_rule(policy, i);
	return NULL;
}

gboolean policy_wants_all_sessions(const Policy *policy, const char *server)
{
	for (guint i = 0; i < policy_n_rules(policy); i++) {
		const Rule *rule = policy_rule(policy, i);

		if (rule_acts_on_anybody(rule) &&
		    (rule->server == NULL || glob_list_matches(rule->server, server) == ANSWER_YES))
			return TRUE;
	}
	return FALSE;
}

gboolean policy_tells(const Rule *rule, const PolicyNotify *notify)
{
	return rule == NULL || rule->notify == NULL ||
	       glob_list_matches(rule->notify, notify->name) == ANSWER_YES;
}
