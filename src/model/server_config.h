#ifndef PGUNLOCK_MODEL_SERVER_CONFIG_H
#define PGUNLOCK_MODEL_SERVER_CONFIG_H

/* How a server is set up, as far as locks and sessions that keep them go: facts only, read by pg;
 * doctor judges them. Strings are valid UTF-8 and live as long as the config. */

#include <glib.h>

typedef struct {
	const char *name;
	const char *value; /* in unit */
	const char *unit;  /* "ms", "s", ... as in pg_settings; NULL for none */
	gboolean needs_restart;
} ServerSetting;

/* ALTER ROLE ... SET, ALTER DATABASE ... SET */
typedef struct {
	guint32 role_oid;     /* 0: all roles */
	guint32 database_oid; /* 0: all databases; not both 0 */
	const char *role;     /* NULL with its oid 0 */
	const char *database; /* likewise */
	gboolean is_superuser;
	const char *name;
	const char *value; /* as it was typed: "30s" */
} SettingOverride;

typedef struct {
	guint32 oid;
	const char *name;
	gboolean is_superuser;
	gboolean owns_tables; /* in the connected database: it, or a role that it is a member of */
	gboolean is_connected;
} ConfigRole;

typedef struct {
	const char *name;
	gboolean is_installed; /* in the connected database; else it could be */
} ConfigExtension;

typedef struct ServerConfig ServerConfig;

ServerConfig *server_config_new(void);
void server_config_free(ServerConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ServerConfig, server_config_free)

/* Everything is copied. */
void server_config_add_setting(ServerConfig *config, const ServerSetting *setting);
void server_config_add_override(ServerConfig *config, const SettingOverride *override);
/* ALTER ROLE ALL SET: a value that sessions begin with already, but ALTER SYSTEM doesn't change. */
void server_config_add_of_all_roles(ServerConfig *config, const char *name);
void server_config_add_role(ServerConfig *config, const ConfigRole *role);
void server_config_add_extension(ServerConfig *config, const ConfigExtension *extension);
/* The options that our own connection gave the server (PGOPTIONS): "-c statement_timeout=0". */
void server_config_set_own_options(ServerConfig *config, const char *options);
/* Whether our role has the privileges of pg_use_reserved_connections (16 on). */
void server_config_set_may_use_reserved(ServerConfig *config, gboolean may);

/* NULL when this server has no such setting, or it couldn't be read. */
const ServerSetting *server_config_setting(const ServerConfig *config, const char *name);
gboolean server_config_is_of_all_roles(const ServerConfig *config, const char *name);
guint server_config_n_overrides(const ServerConfig *config);
const SettingOverride *server_config_override(const ServerConfig *config, guint index);
guint server_config_n_roles(const ServerConfig *config);
const ConfigRole *server_config_role(const ServerConfig *config, guint index);
/* NULL when the server hasn't got it. */
const ConfigExtension *server_config_extension(const ServerConfig *config, const char *name);
/* Whether our own connection's options set this setting. */
gboolean server_config_is_own_option(const ServerConfig *config, const char *name);
gboolean server_config_may_use_reserved(const ServerConfig *config);

#endif
