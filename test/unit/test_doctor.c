#include "doctor/checks.h"
#include "doctor/doctor.h"
#include "doctor/setting_value.h"
#include "scene.h"

#include <string.h>

#define US 10 /* the role of the scene's server */
#define APP 21
#define OWNER 22
#define ADMIN 23
#define OTHER_DATABASE 6

static void test_times(void)
{
	static const struct {
		const char *value;
		const char *unit;
		double ms; /* below -1: no time */
	} cases[] = {
	    {"0", "ms", 0},       {"5000", "ms", 5000},    {"60", "s", 60000},    {"30s", "ms", 30000},
	    {"5min", "ms", 3e5},  {"5 min", "ms", 3e5},    {"1.5h", "ms", 5.4e6}, {"1d", "ms", 8.64e7},
	    {"500us", "ms", 0.5}, {"-1", "ms", -1},        {" 10 ", "min", 6e5},  {"", "ms", -2},
	    {"soon", "ms", -2},   {"5 parsecs", "ms", -2}, {"5", NULL, -2},       {"5", "8kB", -2},
	    {"5m", "ms", -2},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		double ms = -2;
		gboolean is_time = setting_ms(cases[i].value, cases[i].unit, &ms);

		g_test_message("\"%s\" in %s", cases[i].value, cases[i].unit);
		g_assert_cmpint(is_time, ==, cases[i].ms >= -1);
		if (is_time)
			g_assert_cmpfloat(ms, ==, cases[i].ms);
	}
}

static void test_numbers_and_switches(void)
{
	static const char *const on[] = {"on", "ON", "true", "t", "yes", "y", "1", "tr"};
	static const char *const off[] = {"off", "of", "o", "false", "no", "0", "", "onn", "10"};
	double number;

	g_assert_true(setting_number("3", &number));
	g_assert_cmpfloat(number, ==, 3);
	g_assert_false(setting_number("3x", &number));
	g_assert_false(setting_number("", &number));
	for (gsize i = 0; i < G_N_ELEMENTS(on); i++) {
		g_test_message("%s", on[i]);
		g_assert_true(setting_is_on(on[i]));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(off); i++) {
		g_test_message("%s", off[i]);
		g_assert_false(setting_is_on(off[i]));
	}
}

/* The table's own values must satisfy the table. */
static void test_table(void)
{
	for (guint i = 0; i < setting_checks_n(); i++) {
		const SettingCheck *check = setting_checks_get(i);
		double number = 0;

		g_test_message("%s", check->name);
		g_assert_nonnull(check->why);
		g_assert_nonnull(check->wanted);
		g_assert_cmpint(check->if_bad, !=, DOCTOR_OK);
		if (check->kind == SETTING_ON) {
			g_assert_true(setting_is_on(check->mended));
			continue;
		}
		if (check->kind == SETTING_TIME)
			g_assert_true(setting_ms(check->mended, "ms", &number));
		else
			g_assert_true(setting_number(check->mended, &number));
		g_assert_cmpfloat(number, >=, check->least);
		g_assert_cmpfloat(number, <=, check->most);
	}
}

typedef struct {
	Snapshot *snapshot;
	ServerConfig *config;
	GPtrArray *checks;
} Visit;

static Visit visit_of(Scene *scene)
{
	return (Visit){.snapshot = scene_end(scene), .config = server_config_new()};
}

static Visit visit(void)
{
	Scene scene;

	scene_begin(&scene, 180000);
	return visit_of(&scene);
}

static void visit_clear(Visit *visit)
{
	g_clear_pointer(&visit->checks, g_ptr_array_unref);
	server_config_free(visit->config);
	snapshot_free(visit->snapshot);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Visit, visit_clear)

static void set(Visit *visit, const char *name, const char *value, const char *unit,
                gboolean needs_restart)
{
	const ServerSetting setting = {name, value, unit, needs_restart};

	server_config_add_setting(visit->config, &setting);
}

static void override(Visit *visit, guint32 role_oid, const char *role, guint32 database_oid,
                     const char *database, const char *name, const char *value)
{
	const SettingOverride row = {role_oid,          database_oid, role, database,
	                             role_oid == ADMIN, name,         value};

	server_config_add_override(visit->config, &row);
}

static void add_roles(Visit *visit)
{
	static const ConfigRole roles[] = {
	    {US, "us", FALSE, FALSE, TRUE},
	    {APP, "app", FALSE, FALSE, TRUE},
	    {OWNER, "owner", FALSE, TRUE, FALSE},
	    {ADMIN, "admin", TRUE, FALSE, TRUE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(roles); i++)
		server_config_add_role(visit->config, &roles[i]);
}

/* "problem app@shop: 0 (off) [ALTER ...]; ..." of all checks of that name, in order. */
static char *said(Visit *visit, const char *name)
{
	static const char *const statuses[] = {"ok", "advice", "problem"};
	GString *out = g_string_new(NULL);

	g_clear_pointer(&visit->checks, g_ptr_array_unref);
	visit->checks = doctor_examine(visit->snapshot, visit->config);
	for (guint i = 0; i < visit->checks->len; i++) {
		const DoctorCheck *check = g_ptr_array_index(visit->checks, i);

		if (strcmp(check->name, name) != 0)
			continue;
		g_string_append_printf(out, "%s%s", out->len > 0 ? "; " : "", statuses[check->status]);
		if (check->role != NULL || check->database != NULL)
			g_string_append_printf(out, " %s@%s", check->role != NULL ? check->role : "*",
			                       check->database != NULL ? check->database : "*");
		g_string_append_printf(out, ": %s", check->found);
		if (check->sql != NULL)
			g_string_append_printf(out, " [%s]", check->sql);
	}
	return g_string_free(out, FALSE);
}

static void assert_said(Visit *visit, const char *name, const char *expected)
{
	g_autofree char *actual = said(visit, name);

	g_test_message("%s", name);
	g_assert_cmpstr(actual, ==, expected);
}

static void test_server_wide(void)
{
	g_auto(Visit) good = visit();
	g_auto(Visit) bad = visit();

	set(&good, "deadlock_timeout", "1000", "ms", FALSE);
	set(&good, "log_lock_waits", "on", NULL, FALSE);
	set(&good, "reserved_connections", "3", NULL, TRUE);
	assert_said(&good, "deadlock_timeout", "ok: 1.0s");
	assert_said(&good, "log_lock_waits", "ok: on");
	assert_said(&good, "reserved_connections", "ok: 3");
	assert_said(&good, "transaction_timeout", "");
	set(&bad, "deadlock_timeout", "3600000", "ms", FALSE);
	set(&bad, "log_lock_waits", "off", NULL, FALSE);
	set(&bad, "reserved_connections", "0", NULL, TRUE);
	set(&bad, "tcp_keepalives_count", "0", NULL, FALSE);
	set(&bad, "tcp_keepalives_idle", "nonsense", "s", FALSE);
	assert_said(&bad, "deadlock_timeout",
	            "advice: 1h [ALTER SYSTEM SET deadlock_timeout = '1s';\nSELECT pg_reload_conf();]");
	assert_said(&bad, "log_lock_waits",
	            "advice: off [ALTER SYSTEM SET log_lock_waits = 'on';\nSELECT pg_reload_conf();]");
	assert_said(&bad, "reserved_connections",
	            "advice: 0 [ALTER SYSTEM SET reserved_connections = '3';]");
	assert_said(&bad, "tcp_keepalives_count",
	            "advice: 0 (the system's own, 9 on Linux) [ALTER SYSTEM SET tcp_keepalives_count "
	            "= '6';\nSELECT pg_reload_conf();]");
	g_autofree char *idle = said(&bad, "tcp_keepalives_idle");
	g_assert_true(g_str_has_prefix(idle, "advice: nonsense ["));
}

/* What ALTER ROLE ALL SET has set ALTER SYSTEM doesn't change. */
static void test_all_roles(void)
{
	g_auto(Visit) visited = visit();

	set(&visited, "log_lock_waits", "off", NULL, FALSE);
	server_config_add_of_all_roles(visited.config, "log_lock_waits");
	assert_said(&visited, "log_lock_waits",
	            "advice: off [ALTER ROLE ALL SET log_lock_waits = 'on';]");
}

#define IDLE "idle_in_transaction_session_timeout"

/* The server's value is bad: so is that of each role that is connected and no superuser. */
static void test_roles_share_the_problem(void)
{
	g_auto(Visit) visited = visit();

	set(&visited, IDLE, "0", "ms", FALSE);
	add_roles(&visited);
	assert_said(&visited, IDLE,
	            "problem: 0 (off) [ALTER SYSTEM SET " IDLE
	            " = '5min';\nSELECT pg_reload_conf();]; problem app@*: 0 (off) [ALTER ROLE app SET "
	            "" IDLE " = '5min';]");
}

/* Values of their own: good ones, bad ones, those of superusers and of our role. */
static void test_overrides(void)
{
	g_auto(Visit) visited = visit();

	set(&visited, IDLE, "0", "ms", FALSE);
	add_roles(&visited);
	override(&visited, APP, "app", 0, NULL, IDLE, "1min");
	override(&visited, OWNER, "Owner", OTHER_DATABASE, "shop", IDLE, "0");
	override(&visited, 0, NULL, OTHER_DATABASE, "shop", IDLE, "2h");
	override(&visited, ADMIN, "admin", 0, NULL, IDLE, "0");
	assert_said(&visited, IDLE,
	            "problem: 0 (off) [ALTER SYSTEM SET " IDLE
	            " = '5min';\nSELECT pg_reload_conf();]; problem Owner@shop: 0 (off) [ALTER ROLE "
	            "\"Owner\" IN DATABASE shop SET " IDLE
	            " = '5min';]; problem *@shop: 2h [ALTER DATABASE shop SET " IDLE
	            " = '5min';]; ok app@*: 1m");
}

/* What our own session began with is not what others have. */
static void test_own_override_hides_the_server(void)
{
	g_auto(Visit) role = visit();
	g_auto(Visit) database = visit();

	set(&role, IDLE, "0", "ms", FALSE);
	set(&role, "lock_timeout", "0", "ms", FALSE);
	add_roles(&role);
	override(&role, US, "us", 0, NULL, IDLE, "0");
	override(&role, US, "us", 0, NULL, "lock_timeout", "0");
	assert_said(&role, IDLE, "advice: not known: our role us has a value of its own, 0");
	/* what the owner of tables has is the server's */
	assert_said(&role, "lock_timeout", "advice: not known: our role us has a value of its own, 0");
	set(&database, IDLE, "60000", "ms", FALSE);
	override(&database, 0, NULL, SCENE_DATABASE, "app", IDLE, "60000");
	assert_said(&database, IDLE,
	            "advice: not known: database app has a value of its own, 60000; ok *@app: 1m");
}

/* What our connection's options set is ours alone, however it is written. */
static void test_own_options_hide_the_server(void)
{
	g_auto(Visit) visited = visit();
	g_auto(Visit) nobody = visit();

	set(&visited, IDLE, "60000", "ms", FALSE);
	set(&visited, "lock_timeout", "5000", "ms", FALSE);
	set(&visited, "statement_timeout", "60000", "ms", FALSE);
	add_roles(&visited);
	server_config_set_own_options(visited.config, "-c " IDLE "=1min --lock-timeout=5s");
	assert_said(&visited, IDLE,
	            "advice: not known: the options of our connection (PGOPTIONS) set it");
	assert_said(&visited, "lock_timeout",
	            "advice: not known: the options of our connection (PGOPTIONS) set it");
	assert_said(&visited, "statement_timeout", "ok app@*: 1m");
	/* another one, whose name ends alike */
	server_config_set_own_options(visited.config,
	                              "-c deadlock_timeout=5s -c timezone=lock_timeout");
	g_assert_false(server_config_is_own_option(visited.config, "lock_timeout"));
	g_assert_true(server_config_is_own_option(visited.config, "deadlock_timeout"));
	/* nobody whose value it would be */
	set(&nobody, "lock_timeout", "5000", "ms", FALSE);
	server_config_set_own_options(nobody.config, "-clock_timeout=5s");
	assert_said(&nobody, "lock_timeout",
	            "ok: 5.0s; no role that can log in owns tables of this database");
}

/* Not right for everybody: judged for applications, and for those who run DDL. */
static void test_for_roles(void)
{
	g_auto(Visit) visited = visit();
	g_auto(Visit) nobody = visit();

	set(&visited, "statement_timeout", "0", "ms", FALSE);
	set(&visited, "lock_timeout", "0", "ms", FALSE);
	add_roles(&visited);
	override(&visited, 0, NULL, OTHER_DATABASE, "shop", "statement_timeout", "30s");
	assert_said(&visited, "statement_timeout",
	            "advice app@*: 0 (off) [ALTER ROLE app SET statement_timeout = '1min';]; ok "
	            "*@shop: 30s");
	assert_said(&visited, "lock_timeout",
	            "advice owner@*: 0 (off) [ALTER ROLE owner SET lock_timeout = '5s';]");
	set(&nobody, "statement_timeout", "0", "ms", FALSE);
	assert_said(&nobody, "statement_timeout",
	            "ok: 0 (off); no role of an application is connected");
}

static void test_not_without_end(void)
{
	g_auto(Visit) visited = visit();

	set(&visited, "statement_timeout", "0", "ms", FALSE);
	for (guint32 i = 0; i < 100; i++) {
		g_autofree char *name = g_strdup_printf("app_%u", i);
		const ConfigRole role = {100 + i, name, FALSE, FALSE, TRUE};

		server_config_add_role(visited.config, &role);
		override(&visited, 1000 + i, name, 0, NULL, "statement_timeout", "0");
	}
	visited.checks = doctor_examine(visited.snapshot, visited.config);
	g_assert_cmpuint(visited.checks->len, <, 60);
}

static void test_own_role(void)
{
	g_auto(Visit) plain = visit();
	g_auto(Visit) super = visit();
	OwnPrivileges own = {.known = TRUE};

	assert_said(&plain, "pg_signal_backend", "");
	privileges_set_own(snapshot_privileges(plain.snapshot), &own);
	set(&plain, "reserved_connections", "1", NULL, TRUE);
	const char *user = snapshot_server(plain.snapshot)->user;
	g_autofree char *signal =
	    g_strdup_printf("problem %s@*: not granted [GRANT pg_signal_backend TO %s;]", user, user);
	g_autofree char *reserved = g_strdup_printf(
	    "advice %s@*: not granted [GRANT pg_use_reserved_connections TO %s;]", user, user);
	g_autofree char *granted = g_strdup_printf("ok %s@*: granted", user);
	assert_said(&plain, "pg_signal_backend", signal);
	assert_said(&plain, "pg_use_reserved_connections", reserved);
	server_config_set_may_use_reserved(plain.config, TRUE);
	assert_said(&plain, "pg_use_reserved_connections", granted);

	own.is_superuser = TRUE;
	privileges_set_own(snapshot_privileges(super.snapshot), &own);
	g_autofree char *everything = g_strdup_printf("ok %s@*: superuser", user);
	assert_said(&super, "pg_read_all_stats", everything);
	assert_said(&super, "pg_signal_autovacuum_worker", everything);
	g_autofree char *role = said(&super, "role");
	g_assert_nonnull(strstr(role, "CREATE ROLE pgunlock LOGIN IN ROLE pg_monitor"));
	g_assert_true(g_str_has_prefix(role, "advice"));
}

static void test_extensions(void)
{
	g_auto(Visit) visited = visit();
	g_auto(Visit) other = visit();
	const ConfigExtension available = {"pgrowlocks", FALSE}, installed = {"pageinspect", TRUE};

	assert_said(&visited, "pgrowlocks",
	            "advice: not available: it comes with PostgreSQL's contrib package");
	server_config_add_extension(visited.config, &available);
	assert_said(&visited, "pgrowlocks",
	            "advice: not installed in this database [CREATE EXTENSION pgrowlocks;]");
	server_config_add_extension(other.config, &installed);
	assert_said(&other, "pgrowlocks", "ok: it or pageinspect is installed");
}

/* The scene prepares an hour or more before the look, or moments. */
static void test_prepared(void)
{
	Scene scene;

	scene_begin(&scene, 180000);
	for (guint32 i = 0; i < 12; i++) {
		g_autofree char *gid = g_strdup_printf("it's %u", i);
		const PreparedRow row = {700 + i, gid, SCENE_NOW - (gint64) (i + 1) * 600 * G_USEC_PER_SEC,
		                         APP, SCENE_DATABASE};

		snapshot_builder_add_prepared(scene.builder, &row);
		scene_prepared_lock(&scene, 700 + i, tag_transaction(700 + i), "ExclusiveLock");
	}
	g_auto(Visit) visited = visit_of(&scene);
	g_autofree char *all = NULL;
	guint n = 0;

	set(&visited, "max_prepared_transactions", "20", NULL, TRUE);
	assert_said(&visited, "max_prepared_transactions",
	            "problem: 20; 12 prepared now, the oldest 2h ago");
	all = said(&visited, "prepared_transaction");
	for (const char *c = all; (c = strstr(c, "ROLLBACK PREPARED 'it''s ")) != NULL; c++)
		n++;
	g_assert_cmpuint(n, ==, 10);
	g_assert_nonnull(strstr(all, "problem"));
	g_assert_nonnull(strstr(all, "advice"));
}

static void test_problems_come_first(void)
{
	g_auto(Visit) visited = visit();
	DoctorStatus last = DOCTOR_PROBLEM;

	set(&visited, "deadlock_timeout", "1000", "ms", FALSE);
	set(&visited, "log_lock_waits", "off", NULL, FALSE);
	set(&visited, IDLE, "0", "ms", FALSE);
	visited.checks = doctor_examine(visited.snapshot, visited.config);
	g_assert_cmpuint(visited.checks->len, >=, 4);
	for (guint i = 0; i < visited.checks->len; i++) {
		const DoctorCheck *check = g_ptr_array_index(visited.checks, i);

		g_assert_cmpint(check->status, <=, last);
		last = check->status;
		g_assert_true(check->status != DOCTOR_OK || check->sql == NULL);
	}
}

static void test_free_nothing(void)
{
	server_config_free(NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/doctor/free-nothing", test_free_nothing);
	g_test_add_func("/doctor/times", test_times);
	g_test_add_func("/doctor/numbers-and-switches", test_numbers_and_switches);
	g_test_add_func("/doctor/table", test_table);
	g_test_add_func("/doctor/server-wide", test_server_wide);
	g_test_add_func("/doctor/all-roles", test_all_roles);
	g_test_add_func("/doctor/roles-share-the-problem", test_roles_share_the_problem);
	g_test_add_func("/doctor/overrides", test_overrides);
	g_test_add_func("/doctor/own-override-hides-the-server", test_own_override_hides_the_server);
	g_test_add_func("/doctor/own-options-hide-the-server", test_own_options_hide_the_server);
	g_test_add_func("/doctor/for-roles", test_for_roles);
	g_test_add_func("/doctor/not-without-end", test_not_without_end);
	g_test_add_func("/doctor/own-role", test_own_role);
	g_test_add_func("/doctor/extensions", test_extensions);
	g_test_add_func("/doctor/prepared", test_prepared);
	g_test_add_func("/doctor/problems-come-first", test_problems_come_first);
	return g_test_run();
}
