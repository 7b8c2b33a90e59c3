#include "history/migrate.h"

#include "history/sql_texts.h"

/* By version. */
static const char *const steps[] = {
    [1] = SQL_SCHEMA_1,
    [2] = SQL_SCHEMA_2,
    [3] = SQL_SCHEMA_3,
};

guint schema_version(void)
{
	return G_N_ELEMENTS(steps) - 1;
}

static int step_to(sqlite3 *sqlite, guint version)
{
	g_autofree char *pragmas = g_strdup_printf(
	    "PRAGMA user_version = %u; PRAGMA application_id = %d", version, HISTORY_APPLICATION_ID);
	int code = sqlite3_exec(sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (code != SQLITE_OK)
		return code;
	code = sqlite3_exec(sqlite, steps[version], NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(sqlite, pragmas, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(sqlite, "COMMIT", NULL, NULL, NULL);
	if (code != SQLITE_OK && !sqlite3_get_autocommit(sqlite))
		sqlite3_exec(sqlite, "ROLLBACK", NULL, NULL, NULL);
	return code;
}

gboolean schema_migrate(sqlite3 *sqlite, guint from, guint to, int *code)
{
	*code = SQLITE_OK;
	for (guint version = from + 1; version <= to && *code == SQLITE_OK; version++)
		*code = step_to(sqlite, version);
	return *code == SQLITE_OK;
}
