#include "render/role_words.h"

#include "base/sql_ident.h"
#include "render/grant.h"
#include "render/policy.h"
#include "render/session_words.h"

#include <string.h>

#define AUTOVACUUM_WORKER "autovacuum worker"

static gboolean signals(const Rule *rule, G_GNUC_UNUSED const ServerRole *role)
{
	return rule_action_acts(rule->action) && rule->action != RULE_ROLLBACK_PREPARED;
}

/* Only where it is asked for: an ordinary one gives way by itself. */
static gboolean signals_autovacuum(const Rule *rule, const ServerRole *role)
{
	return role->version_num >= 180000 && signals(rule, role) && rule->backend_type != NULL &&
	       glob_list_matches(rule->backend_type, AUTOVACUUM_WORKER) == ANSWER_YES;
}

static gboolean rolls_others_back(const Rule *rule, const ServerRole *role)
{
	return rule->action == RULE_ROLLBACK_PREPARED &&
	       (rule->user == NULL || glob_list_matches(rule->user, role->user) != ANSWER_YES);
}

/* "rule a", "rule a and 2 others": those for this server of which it is so. NULL: none. */
static char *rules_words(const Policy *policy, const ServerRole *role,
                         gboolean (*is_meant)(const Rule *rule, const ServerRole *role))
{
	const char *first = NULL;
	guint n = 0;

	for (guint i = 0; i < policy_n_rules(policy); i++) {
		const Rule *rule = policy_rule(policy, i);

		if (!is_meant(rule, role) ||
		    (rule->server != NULL && glob_list_matches(rule->server, role->server) != ANSWER_YES))
			continue;
		first = first != NULL ? first : rule->name;
		n++;
	}
	if (n == 0)
		return NULL;
	if (n == 1)
		return g_strdup_printf("rule %s", first);
	g_autofree char *others = count_text(n - 1, "other", "others");

	return g_strdup_printf("rule %s and %s", first, others);
}

/* What a GRANT helps against. */
static void add_grantable(GPtrArray *texts, const Policy *policy, const ServerRole *role)
{
	const OwnPrivileges *own = &role->own;
	const struct {
		gboolean has;
		gboolean (*is_meant)(const Rule *rule, const ServerRole *role); /* NULL: always */
		const char *grant;
		const char *words; /* the rules stand behind it */
	} needs[] = {
	    {own->has_read_all_stats, NULL, "pg_read_all_stats",
	     "doesn't see what sessions of other roles do, or since when, so that rules which ask for "
	     "that can't be judged and nothing is done to any of them"},
	    {own->has_signal_backend, signals, "pg_signal_backend",
	     "may end no session of another role, as it would have to for "},
	    {own->has_signal_autovacuum_worker, signals_autovacuum, "pg_signal_autovacuum_worker",
	     "may end no autovacuum worker, as it would have to for "},
	};
	g_autoptr(GString) text = g_string_new("role ");
	g_autoptr(GString) roles = g_string_new(NULL);

	sql_ident_append(text, role->user);
	for (guint i = 0; i < G_N_ELEMENTS(needs); i++) {
		g_autofree char *rules =
		    needs[i].is_meant != NULL ? rules_words(policy, role, needs[i].is_meant) : g_strdup("");

		if (needs[i].has || rules == NULL)
			continue;
		g_string_append_printf(text, "%s %s%s", roles->len > 0 ? ", and" : "", needs[i].words,
		                       rules);
		g_string_append_printf(roles, "%s%s", roles->len > 0 ? ", " : "", needs[i].grant);
	}
	if (roles->len == 0)
		return;
	g_autofree char *grant = grant_sql_to(role->user, role->version_num, own, roles->str);

	g_string_append_printf(text, ": %s", grant);
	g_ptr_array_add(texts, g_string_free(g_steal_pointer(&text), FALSE));
}

char *render_twin_words(const char *section, const char *database, const char *own_database)
{
	if (database != NULL && own_database != NULL && strcmp(database, own_database) != 0)
		return g_strdup_printf(
		    "it is the same server as [server %s], which connects to database %s, this one to %s: "
		    "a lease belongs to a database, so that now one of the two does nothing, now both; "
		    "leave one of them out, or let both connect to the same database",
		    section, database, own_database);
	return g_strdup_printf(
	    "it is the same server as [server %s]: what happens there is recorded twice, "
	    "only one of the two gets the lease and acts, and limits count for each by "
	    "itself; leave one of them out",
	    section);
}

GPtrArray *role_lacks_words(const Policy *policy, const ServerRole *role)
{
	GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *prepared = rules_words(policy, role, rolls_others_back);
	g_autofree char *user = sql_ident(role->user);

	if (!role->own.known || role->own.is_superuser)
		return texts;
	add_grantable(texts, policy, role);
	if (prepared != NULL)
		g_ptr_array_add(texts, g_strdup_printf("role %s may roll back only prepared transactions "
		                                       "of its own, and %s is about others: that takes "
		                                       "their owner, or a superuser",
		                                       user, prepared));
	return texts;
}
