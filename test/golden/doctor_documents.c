#include "doctor_documents.h"

#include "stage.h"

static void add_settings(ServerConfig *config, const ServerSetting *settings, guint n)
{
	for (guint i = 0; i < n; i++)
		server_config_add_setting(config, &settings[i]);
}

/* As initdb leaves it, and a login service connected. */
static ServerConfig *untouched(void)
{
	static const ServerSetting settings[] = {
	    {"idle_in_transaction_session_timeout", "0", "ms", FALSE},
	    {"lock_timeout", "0", "ms", FALSE},
	    {"statement_timeout", "0", "ms", FALSE},
	    {"transaction_timeout", "0", "ms", FALSE},
	    {"deadlock_timeout", "1000", "ms", FALSE},
	    {"log_lock_waits", "off", NULL, FALSE},
	    {"log_lock_failures", "off", NULL, FALSE},
	    {"client_connection_check_interval", "0", "ms", FALSE},
	    {"tcp_keepalives_idle", "0", "s", FALSE},
	    {"tcp_keepalives_interval", "0", "s", FALSE},
	    {"tcp_keepalives_count", "0", NULL, FALSE},
	    {"reserved_connections", "0", NULL, TRUE},
	    {"hot_standby_feedback", "off", NULL, FALSE},
	    {"max_standby_streaming_delay", "-1", "ms", FALSE},
	    {"max_prepared_transactions", "60", NULL, TRUE},
	};
	static const ConfigRole roles[] = {
	    {ROLE_APP, "app_rw", FALSE, FALSE, TRUE},
	    {ROLE_DEPLOY, "deploy", FALSE, TRUE, FALSE},
	    {ROLE_ONCALL, "oncall", FALSE, FALSE, TRUE},
	    {ROLE_ADMIN, "postgres", TRUE, FALSE, TRUE},
	};
	static const ConfigExtension rowlocks = {"pgrowlocks", FALSE};
	ServerConfig *config = server_config_new();

	add_settings(config, settings, G_N_ELEMENTS(settings));
	for (guint i = 0; i < G_N_ELEMENTS(roles); i++)
		server_config_add_role(config, &roles[i]);
	server_config_add_extension(config, &rowlocks);
	return config;
}

/* All well but for what roles and databases have of their own. */
static ServerConfig *overridden(void)
{
	static const ServerSetting settings[] = {
	    {"idle_in_transaction_session_timeout", "300000", "ms", FALSE},
	    {"lock_timeout", "5000", "ms", FALSE},
	    {"statement_timeout", "60000", "ms", FALSE},
	    {"log_lock_waits", "on", NULL, FALSE},
	    {"tcp_keepalives_idle", "60", "s", FALSE},
	    {"reserved_connections", "3", NULL, TRUE},
	    {"max_prepared_transactions", "0", NULL, TRUE},
	};
	static const SettingOverride overrides[] = {
	    {0, DATABASE_SHOP, NULL, "shop", FALSE, "idle_in_transaction_session_timeout", "0"},
	    {ROLE_APP, DATABASE_APP, "App \033[31mRW", "app", FALSE,
	     "idle_in_transaction_session_timeout", "1d"},
	    {ROLE_BI, 0, "bi", NULL, FALSE, "idle_in_transaction_session_timeout", "30min"},
	    {ROLE_ADMIN, 0, "postgres", NULL, TRUE, "statement_timeout", "0"},
	    {ROLE_ONCALL, 0, "oncall", NULL, FALSE, "lock_timeout", "0"},
	    {0, DATABASE_APP, NULL, "app", FALSE, "log_lock_waits", "of"},
	};
	ServerConfig *config = server_config_new();

	add_settings(config, settings, G_N_ELEMENTS(settings));
	for (guint i = 0; i < G_N_ELEMENTS(overrides); i++)
		server_config_add_override(config, &overrides[i]);
	server_config_set_may_use_reserved(config, TRUE);
	return config;
}

static Snapshot *quiet(void)
{
	Stage stage;

	stage_begin(&stage);
	return stage_end(&stage);
}

static Snapshot *with_prepared(void)
{
	Stage stage;

	stage_begin(&stage);
	stage_prepared(&stage, 731, "order-4711", ROLE_APP, DATABASE_SHOP, 3 * 3600);
	stage_prepared(&stage, 732, "it's\033[31m \xe6\x97\xa5", ROLE_BI, DATABASE_APP, 600);
	stage_prepared(&stage, 733, "young", ROLE_BI, DATABASE_APP, 2);
	return stage_end(&stage);
}

static Snapshot *standby(void)
{
	Stage stage;

	stage_begin_standby(&stage);
	return stage_end(&stage);
}

const DoctorFixture doctor_fixtures[] = {
    {"untouched", with_prepared, untouched},
    {"overridden", quiet, overridden},
    {"on-standby", standby, untouched},
};
const guint n_doctor_fixtures = G_N_ELEMENTS(doctor_fixtures);
