#include "model/server_config.h"

#include "base/arena.h"

#include <string.h>

struct ServerConfig {
	Arena *arena;            /* of all strings */
	GArray *settings;        /* of ServerSetting */
	GArray *overrides;       /* of SettingOverride */
	GPtrArray *of_all_roles; /* names */
	GArray *roles;           /* of ConfigRole */
	GArray *extensions;      /* of ConfigExtension */
	const char *own_options; /* dashes made underscores, as in names; NULL for none */
	gboolean may_use_reserved;
};

ServerConfig *server_config_new(void)
{
	ServerConfig *config = g_new0(ServerConfig, 1);

	config->arena = arena_new();
	config->settings = g_array_new(FALSE, FALSE, sizeof(ServerSetting));
	config->overrides = g_array_new(FALSE, FALSE, sizeof(SettingOverride));
	config->of_all_roles = g_ptr_array_new();
	config->roles = g_array_new(FALSE, FALSE, sizeof(ConfigRole));
	config->extensions = g_array_new(FALSE, FALSE, sizeof(ConfigExtension));
	return config;
}

void server_config_free(ServerConfig *config)
{
	if (!config)
		return;
	g_array_unref(config->settings);
	g_array_unref(config->overrides);
	g_ptr_array_unref(config->of_all_roles);
	g_array_unref(config->roles);
	g_array_unref(config->extensions);
	arena_free(config->arena);
	g_free(config);
}

void server_config_add_setting(ServerConfig *config, const ServerSetting *setting)
{
	ServerSetting copy = *setting;

	copy.name = arena_strdup(config->arena, setting->name);
	copy.value = arena_strdup(config->arena, setting->value);
	copy.unit = arena_strdup(config->arena, setting->unit);
	g_array_append_val(config->settings, copy);
}

void server_config_add_override(ServerConfig *config, const SettingOverride *override)
{
	SettingOverride copy = *override;

	copy.role = arena_strdup(config->arena, override->role);
	copy.database = arena_strdup(config->arena, override->database);
	copy.name = arena_strdup(config->arena, override->name);
	copy.value = arena_strdup(config->arena, override->value);
	g_array_append_val(config->overrides, copy);
}

void server_config_add_of_all_roles(ServerConfig *config, const char *name)
{
	g_ptr_array_add(config->of_all_roles, (char *) (gsize) arena_strdup(config->arena, name));
}

void server_config_add_role(ServerConfig *config, const ConfigRole *role)
{
	ConfigRole copy = *role;

	copy.name = arena_strdup(config->arena, role->name);
	g_array_append_val(config->roles, copy);
}

void server_config_add_extension(ServerConfig *config, const ConfigExtension *extension)
{
	ConfigExtension copy = *extension;

	copy.name = arena_strdup(config->arena, extension->name);
	g_array_append_val(config->extensions, copy);
}

void server_config_set_own_options(ServerConfig *config, const char *options)
{
	g_autofree char *names = g_strdelimit(g_strdup(options), "-", '_');

	config->own_options = arena_strdup(config->arena, names);
}

void server_config_set_may_use_reserved(ServerConfig *config, gboolean may)
{
	config->may_use_reserved = may;
}

const ServerSetting *server_config_setting(const ServerConfig *config, const char *name)
{
	for (guint i = 0; i < config->settings->len; i++) {
		const ServerSetting *setting = &g_array_index(config->settings, ServerSetting, i);

		if (strcmp(setting->name, name) == 0)
			return setting;
	}
	return NULL;
}

gboolean server_config_is_of_all_roles(const ServerConfig *config, const char *name)
{
	return g_ptr_array_find_with_equal_func(config->of_all_roles, name, g_str_equal, NULL);
}

guint server_config_n_overrides(const ServerConfig *config)
{
	return config->overrides->len;
}

const SettingOverride *server_config_override(const ServerConfig *config, guint index)
{
	return &g_array_index(config->overrides, SettingOverride, index);
}

guint server_config_n_roles(const ServerConfig *config)
{
	return config->roles->len;
}

const ConfigRole *server_config_role(const ServerConfig *config, guint index)
{
	return &g_array_index(config->roles, ConfigRole, index);
}

const ConfigExtension *server_config_extension(const ServerConfig *config, const char *name)
{
	for (guint i = 0; i < config->extensions->len; i++) {
		const ConfigExtension *extension = &g_array_index(config->extensions, ConfigExtension, i);

		if (strcmp(extension->name, name) == 0)
			return extension;
	}
	return NULL;
}

gboolean server_config_is_own_option(const ServerConfig *config, const char *name)
{
	if (config->own_options == NULL)
		return FALSE;
	/* "-c NAME=value" or "--NAME=value" */
	g_autofree char *pattern = g_strdup_printf("(^|\\s)_[c_]\\s*%s\\s*=", name);

	return g_regex_match_simple(pattern, config->own_options, G_REGEX_CASELESS, 0);
}

gboolean server_config_may_use_reserved(const ServerConfig *config)
{
	return config->may_use_reserved;
}
