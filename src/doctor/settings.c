#include "base/duration.h"
#include "base/sql_ident.h"
#include "doctor/checks.h"
#include "doctor/findings.h"
#include "doctor/setting_value.h"

#include <string.h>

enum { MAX_ROLES = 20 }; /* of one setting */

static gboolean is_good(const SettingCheck *check, const char *value, const char *unit)
{
	double number;

	switch (check->kind) {
	case SETTING_TIME:
		return setting_ms(value, unit, &number) && number >= check->least && number <= check->most;
	case SETTING_COUNT:
		return setting_number(value, &number) && number >= check->least && number <= check->most;
	case SETTING_ON:
		return setting_is_on(value);
	}
	return FALSE;
}

/* "5m", "0 (off)", "on" */
static char *value_text(const SettingCheck *check, const char *value, const char *unit)
{
	double number;

	if (check->kind == SETTING_ON)
		return g_strdup(setting_is_on(value) ? "on" : "off");
	if (check->kind == SETTING_TIME ? !setting_ms(value, unit, &number)
	                                : !setting_number(value, &number))
		return g_strdup(value);
	if (number == 0)
		return check->zero != NULL ? g_strdup_printf("0 (%s)", check->zero) : g_strdup("0");
	if (check->kind == SETTING_COUNT || number < 0)
		return g_strdup(value);
	return duration_to_text((gint64) (number * DURATION_MS));
}

/* Whose value is changed: of a role (NULL: of all), in a database (NULL: in all). */
static char *mending_sql(const Findings *findings, const SettingCheck *check,
                         const ServerSetting *setting, const char *role, const char *database)
{
	gboolean of_all_roles = server_config_is_of_all_roles(findings->config, check->name);
	GString *sql = g_string_new("ALTER ");

	if (role == NULL && database == NULL) {
		g_string_append_printf(sql, "%s SET %s = '%s';", of_all_roles ? "ROLE ALL" : "SYSTEM",
		                       check->name, check->mended);
		if (!setting->needs_restart && !of_all_roles)
			g_string_append(sql, "\nSELECT pg_reload_conf();");
		return g_string_free(sql, FALSE);
	}
	g_string_append(sql, role != NULL ? "ROLE " : "DATABASE ");
	sql_ident_append(sql, role != NULL ? role : database);
	if (role != NULL && database != NULL) {
		g_string_append(sql, " IN DATABASE ");
		sql_ident_append(sql, database);
	}
	g_string_append_printf(sql, " SET %s = '%s';", check->name, check->mended);
	return g_string_free(sql, FALSE);
}

static void add_value(const Findings *findings, const SettingCheck *check,
                      const ServerSetting *setting, const char *value, const char *role,
                      const char *database)
{
	gboolean good = is_good(check, value, setting->unit);
	g_autofree char *why =
	    setting->needs_restart && !good
	        ? g_strconcat(check->why, " The server has to be restarted for it.", NULL)
	        : g_strdup(check->why);

	findings_add(findings, (DoctorCheck){
	                           .name = (char *) (gsize) check->name,
	                           .status = good ? DOCTOR_OK : check->if_bad,
	                           .role = (char *) (gsize) role,
	                           .database = (char *) (gsize) database,
	                           .found = value_text(check, value, setting->unit),
	                           .wanted = (char *) (gsize) check->wanted,
	                           .why = why,
	                           .sql = mending_sql(findings, check, setting, role, database),
	                       });
}

/* The value that our session began with is the server's unless our role, database or connection has
 * one of its own. Which of them hides it, or NULL. */
static char *hides_base(const Findings *findings, const char *name)
{
	const ServerInfo *server = snapshot_server(findings->snapshot);

	if (server_config_is_own_option(findings->config, name))
		return g_strdup("the options of our connection (PGOPTIONS) set it");
	for (guint i = 0; i < server_config_n_overrides(findings->config); i++) {
		const SettingOverride *override = server_config_override(findings->config, i);

		if (strcmp(override->name, name) == 0 &&
		    (override->role_oid == 0 || override->role_oid == server->user_oid) &&
		    (override->database_oid == 0 || override->database_oid == server->database_oid))
			return g_strdup_printf("%s %s has a value of its own, %s",
			                       override->role != NULL ? "our role" : "database",
			                       override->role != NULL ? override->role : override->database,
			                       override->value);
	}
	return NULL;
}

static void add_hidden_base(const Findings *findings, const SettingCheck *check, const char *hides)
{
	findings_add(findings, (DoctorCheck){
	                           .name = (char *) (gsize) check->name,
	                           .status = DOCTOR_ADVICE,
	                           .found = g_strdup_printf("not known: %s", hides),
	                           .wanted = (char *) (gsize) check->wanted,
	                           .why = (char *) "Only a connection as another role, to another "
	                                           "database or without such options shows what the "
	                                           "others have.",
	                       });
}

/* Superusers and our own role are nobody's application. */
static gboolean is_subject(const Findings *findings, const SettingCheck *check,
                           const ConfigRole *role)
{
	if (check->scope == FOR_OWNERS)
		return role->owns_tables;
	return role->is_connected && !role->is_superuser &&
	       role->oid != snapshot_server(findings->snapshot)->user_oid;
}

/* Whether the role has a value of its own here: it is listed with the overrides. */
static gboolean has_override(const Findings *findings, const char *name, const ConfigRole *role)
{
	guint32 here = snapshot_server(findings->snapshot)->database_oid;

	for (guint i = 0; i < server_config_n_overrides(findings->config); i++) {
		const SettingOverride *override = server_config_override(findings->config, i);

		if (strcmp(override->name, name) == 0 &&
		    (override->role_oid == role->oid || override->role_oid == 0) &&
		    (override->database_oid == 0 || override->database_oid == here))
			return TRUE;
	}
	return FALSE;
}

/* Roles that have the server's value, as far as that is known. Returns how many there are. */
static guint add_roles(const Findings *findings, const SettingCheck *check,
                       const ServerSetting *setting, gboolean base_is_known)
{
	guint n = 0;

	for (guint i = 0; i < server_config_n_roles(findings->config); i++) {
		const ConfigRole *role = server_config_role(findings->config, i);

		if (!is_subject(findings, check, role) || has_override(findings, check->name, role))
			continue;
		if (n++ < MAX_ROLES && base_is_known)
			add_value(findings, check, setting, setting->value, role->name, NULL);
	}
	return n;
}

static guint add_overrides(const Findings *findings, const SettingCheck *check,
                           const ServerSetting *setting)
{
	guint n = 0;

	for (guint i = 0; i < server_config_n_overrides(findings->config); i++) {
		const SettingOverride *override = server_config_override(findings->config, i);
		gboolean is_ours = override->role_oid != 0 &&
		                   override->role_oid == snapshot_server(findings->snapshot)->user_oid;
		/* Superusers have their reasons, but their DDL holds up others as well. */
		gboolean is_exempt = override->is_superuser && check->scope != FOR_OWNERS;

		if (strcmp(override->name, check->name) != 0 || is_exempt || is_ours)
			continue;
		if (n++ < MAX_ROLES)
			add_value(findings, check, setting, override->value, override->role,
			          override->database);
	}
	return n;
}

/* What is not right for everybody is judged for those whom it concerns; without any of them there
 * is nothing to mend. */
static void examine_for_roles(const Findings *findings, const SettingCheck *check,
                              const ServerSetting *setting, const char *hides)
{
	guint n = add_overrides(findings, check, setting);

	guint n_roles = add_roles(findings, check, setting, hides == NULL);

	if (hides != NULL && n_roles > 0)
		add_hidden_base(findings, check, hides);
	if (n + n_roles > 0)
		return;
	g_autofree char *value = value_text(check, setting->value, setting->unit);
	findings_add(findings, (DoctorCheck){
	                           .name = (char *) (gsize) check->name,
	                           .status = DOCTOR_OK,
	                           .found = g_strdup_printf(
	                               "%s; %s", value,
	                               check->scope == FOR_OWNERS
	                                   ? "no role that can log in owns tables of this database"
	                                   : "no role of an application is connected"),
	                           .wanted = (char *) (gsize) check->wanted,
	                           .why = (char *) (gsize) check->why,
	                       });
}

static void examine(const Findings *findings, const SettingCheck *check)
{
	const ServerSetting *setting = server_config_setting(findings->config, check->name);
	g_autofree char *hides = NULL;

	if (setting == NULL ||
	    (check->only_on_standby && !snapshot_server(findings->snapshot)->in_recovery))
		return;
	hides = hides_base(findings, check->name);
	if (check->scope == FOR_APPLICATIONS || check->scope == FOR_OWNERS) {
		examine_for_roles(findings, check, setting, hides);
		return;
	}
	if (hides != NULL)
		add_hidden_base(findings, check, hides);
	else
		add_value(findings, check, setting, setting->value, NULL, NULL);
	if (check->scope != FOR_ALL_SESSIONS)
		return;
	add_overrides(findings, check, setting);
	/* What is dangerous can be mended role by role, where nobody may change the server. */
	if (hides == NULL && check->if_bad == DOCTOR_PROBLEM &&
	    !is_good(check, setting->value, setting->unit))
		add_roles(findings, check, setting, TRUE);
}

void findings_examine_settings(const Findings *findings)
{
	for (guint i = 0; i < setting_checks_n(); i++)
		examine(findings, setting_checks_get(i));
}
