/* make_history FILE: a history with the incidents of the golden files in it. */

#include "history_fixtures.h"

#include "history/store.h"

#include <stdio.h>

static gboolean put(Database *database, const IncidentRecord *record, gint64 *last_act,
                    GError **error)
{
	if (!store_put_incident(database, record->incident, error))
		return FALSE;
	for (guint i = 0; i < record->statements->len; i++)
		if (!store_put_statement(database, g_ptr_array_index(record->statements, i), error))
			return FALSE;
	for (guint i = 0; i < record->acts->len; i++) {
		ActRecord *act = g_ptr_array_index(record->acts, i);

		act->id = ++*last_act;
		if (!store_put_act(database, act, error))
			return FALSE;
	}
	for (guint i = 0; i < record->notices->len; i++)
		if (!store_put_notice(database, g_ptr_array_index(record->notices, i), error))
			return FALSE;
	return TRUE;
}

static gboolean make(const char *path, GError **error)
{
	g_autoptr(Database) database = database_open(path, DATABASE_WRITES, error);
	g_autoptr(GPtrArray) records = history_fixtures();
	g_autoptr(GPtrArray) acts = history_act_fixtures();
	gint64 last_act = 0;

	if (database == NULL || !database_begin(database, error))
		return FALSE;
	/* The oldest first: ids of others stand in them. */
	for (guint i = records->len; i > 0; i--)
		if (!put(database, g_ptr_array_index(records, i - 1), &last_act, error))
			return FALSE;
	for (guint i = 0; i < acts->len; i++) {
		ActRecord *act = g_ptr_array_index(acts, i);

		act->id = ++last_act;
		if (!store_put_act(database, act, error))
			return FALSE;
	}
	return database_commit(database, error);
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	if (argc == 2 && make(argv[1], &error))
		return 0;
	fprintf(stderr, "%s\n", error != NULL ? error->message : "usage: make_history FILE");
	return 1;
}
