#include "pg/config.h"

#include "base/text.h"
#include "pg/connection_internal.h"
#include "pg/request.h"
#include "pg/row_reader.h"

#include <string.h>

typedef struct {
	ServerConfig *config;
	PgConfigDone done;
	gpointer user_data;
} Reading;

static void reading_free(gpointer data)
{
	Reading *reading = data;

	server_config_free(reading->config);
	g_free(reading);
}

/* A text as valid UTF-8; NULL for NULL. Free with g_free. */
static char *read_text(RowReader *reader, guint column)
{
	const char *bytes = row_text(reader, column);

	return bytes != NULL ? text_repair(bytes, strlen(bytes)) : NULL;
}

/* A text that can't be NULL. */
static char *need_text(RowReader *reader, guint column)
{
	char *text = read_text(reader, column);

	if (text == NULL)
		reader->is_malformed = TRUE;
	return text;
}

static const PgColumn setting_columns[] = {{"name", PG_TYPE_TEXT},
                                           {"value", PG_TYPE_TEXT},
                                           {"unit", PG_TYPE_TEXT},
                                           {"needs_restart", PG_TYPE_BOOL}};

static void read_setting(ServerConfig *config, RowReader *reader)
{
	g_autofree char *name = need_text(reader, 0);
	g_autofree char *value = need_text(reader, 1);
	g_autofree char *unit = read_text(reader, 2);
	const ServerSetting setting = {name, value, unit, row_bool(reader, 3)};

	if (!reader->is_malformed)
		server_config_add_setting(config, &setting);
}

static const PgColumn override_columns[] = {
    {"setrole", PG_TYPE_OID},   {"setdatabase", PG_TYPE_OID},   {"role", PG_TYPE_TEXT},
    {"database", PG_TYPE_TEXT}, {"is_superuser", PG_TYPE_BOOL}, {"name", PG_TYPE_TEXT},
    {"value", PG_TYPE_TEXT}};

static void read_override(ServerConfig *config, RowReader *reader)
{
	g_autofree char *role = read_text(reader, 2);
	g_autofree char *database = read_text(reader, 3);
	g_autofree char *name = need_text(reader, 5);
	g_autofree char *value = need_text(reader, 6);
	const SettingOverride override = {
	    .role_oid = row_oid(reader, 0),
	    .database_oid = row_oid(reader, 1),
	    .role = role,
	    .database = database,
	    .is_superuser = row_bool(reader, 4),
	    .name = name,
	    .value = value,
	};
	/* Dropped while we looked. */
	gboolean is_gone = (override.role_oid != 0 && role == NULL) ||
	                   (override.database_oid != 0 && database == NULL);

	if (reader->is_malformed || is_gone)
		return;
	if (override.role_oid == 0 && override.database_oid == 0)
		server_config_add_of_all_roles(config, name);
	else
		server_config_add_override(config, &override);
}

static const PgColumn role_columns[] = {{"oid", PG_TYPE_OID},
                                        {"name", PG_TYPE_TEXT},
                                        {"rolsuper", PG_TYPE_BOOL},
                                        {"owns_tables", PG_TYPE_BOOL},
                                        {"is_connected", PG_TYPE_BOOL}};

static void read_role(ServerConfig *config, RowReader *reader)
{
	g_autofree char *name = need_text(reader, 1);
	const ConfigRole role = {row_oid(reader, 0), name, row_bool(reader, 2), row_bool(reader, 3),
	                         row_bool(reader, 4)};

	if (!reader->is_malformed)
		server_config_add_role(config, &role);
}

static const PgColumn extension_columns[] = {{"name", PG_TYPE_TEXT},
                                             {"is_installed", PG_TYPE_BOOL}};

static void read_extension(ServerConfig *config, RowReader *reader)
{
	g_autofree char *name = need_text(reader, 0);
	const ConfigExtension extension = {name, row_bool(reader, 1)};

	if (!reader->is_malformed)
		server_config_add_extension(config, &extension);
}

static const PgColumn reserved_columns[] = {{"may_use_reserved", PG_TYPE_BOOL}};

static void read_reserved(ServerConfig *config, RowReader *reader)
{
	gboolean may = row_bool(reader, 0);

	if (!reader->is_malformed)
		server_config_set_may_use_reserved(config, may);
}

/* In the order in which they are sent. Without the first there is nothing to judge. */
static const struct {
	StatementId statement;
	guint n_columns;
	const PgColumn *columns;
	void (*read)(ServerConfig *config, RowReader *reader);
	const char *purpose;
} parts[CONFIG_N_PARTS] = {
    {STATEMENT_CONFIG_SETTINGS, G_N_ELEMENTS(setting_columns), setting_columns, read_setting,
     "reading the settings"},
    {STATEMENT_CONFIG_OVERRIDES, G_N_ELEMENTS(override_columns), override_columns, read_override,
     "reading the settings of roles and databases"},
    {STATEMENT_CONFIG_ROLES, G_N_ELEMENTS(role_columns), role_columns, read_role,
     "reading the roles"},
    {STATEMENT_CONFIG_EXTENSIONS, G_N_ELEMENTS(extension_columns), extension_columns,
     read_extension, "reading the extensions"},
    {STATEMENT_CONFIG_RESERVED, G_N_ELEMENTS(reserved_columns), reserved_columns, read_reserved,
     "reading whether we may use reserved connections"},
};

gboolean config_read_part(ServerConfig *config, guint part, const PGresult *result, GError **error)
{
	const char *purpose = parts[part].purpose;

	if (!pg_result_check(result, purpose, error) ||
	    !pg_columns_check(result, parts[part].columns, parts[part].n_columns, purpose, error))
		return FALSE;
	for (int row = 0; row < PQntuples(result); row++) {
		RowReader reader = {.result = result, .row = row};

		parts[part].read(config, &reader);
		if (reader.is_malformed) {
			row_malformed(&reader, purpose, error);
			return FALSE;
		}
	}
	return TRUE;
}

static void read_done(PgRequest *request, GError *error, gpointer user_data)
{
	Reading *reading = user_data;
	ServerConfig *config = reading->config;
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);

	for (guint part = 0; error == NULL && part < G_N_ELEMENTS(parts); part++) {
		g_autoptr(GError) failure = NULL;

		if (config_read_part(config, part, pg_request_result(request, part), &failure))
			continue;
		if (part == 0)
			error = g_steal_pointer(&failure);
		else
			g_ptr_array_add(problems, g_strdup(failure->message));
	}
	reading->done(error == NULL ? g_steal_pointer(&reading->config) : NULL, problems, error,
	              reading->user_data);
	reading_free(reading);
}

void pg_read_config(PgConnection *connection, gint64 timeout_us, PgConfigDone done,
                    gpointer user_data)
{
	PgRequest *request = pg_request_new(connection, "reading how the server is set up");
	Reading *reading = g_new0(Reading, 1);

	*reading = (Reading){server_config_new(), done, user_data};
	server_config_set_own_options(reading->config, PQoptions(connection->conn));
	for (guint part = 0; part < G_N_ELEMENTS(parts); part++)
		pg_request_add(request, parts[part].statement, NULL);
	pg_request_send(request, timeout_us, read_done, reading, reading_free);
}
