#include "guard/told.h"

struct Told {
	GHashTable *said; /* char * -> number of the look in which it was asked for last */
	guint n_looks;
};

Told *told_new(void)
{
	Told *told = g_new0(Told, 1);

	told->said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return told;
}

void told_free(Told *told)
{
	if (told == NULL)
		return;
	g_hash_table_unref(told->said);
	g_free(told);
}

/* transaction_since: TIMESTAMP_NONE for what is said of the session in all its transactions. Free
 * with g_free. */
static char *key_of(const Blocker *blocker, gint64 transaction_since, const char *rule,
                    const char *what)
{
	return g_strdup_printf("%s\n%s\n%d\n%" G_GINT64_FORMAT "\n%u\n%" G_GINT64_FORMAT, what,
	                       rule != NULL ? rule : "", blocker->pid, blocker->backend_start,
	                       blocker->transaction, transaction_since);
}

gboolean told_session_once(Told *told, const Blocker *blocker, const char *rule, const char *what)
{
	return g_hash_table_insert(told->said, key_of(blocker, TIMESTAMP_NONE, rule, what),
	                           GUINT_TO_POINTER(told->n_looks));
}

gboolean told_once(Told *told, const Blocker *blocker, const char *rule, const char *what)
{
	return g_hash_table_insert(told->said, key_of(blocker, blocker->transaction_since, rule, what),
	                           GUINT_TO_POINTER(told->n_looks));
}

gboolean told_incident_once(Told *told, gint64 incident, const char *rule, const char *what)
{
	return g_hash_table_insert(told->said,
	                           g_strdup_printf("%s\n%s\n%" G_GINT64_FORMAT, what, rule, incident),
	                           GUINT_TO_POINTER(told->n_looks));
}

gboolean told_already(Told *told, const Blocker *blocker, const char *rule, const char *what)
{
	g_autofree char *key = key_of(blocker, blocker->transaction_since, rule, what);

	if (!g_hash_table_contains(told->said, key))
		return FALSE;
	g_hash_table_insert(told->said, g_steal_pointer(&key), GUINT_TO_POINTER(told->n_looks));
	return TRUE;
}

static gboolean is_stale(G_GNUC_UNUSED gpointer key, gpointer value, gpointer data)
{
	return GPOINTER_TO_UINT(value) != ((const Told *) data)->n_looks;
}

void told_end_look(Told *told)
{
	g_hash_table_foreach_remove(told->said, is_stale, told);
	told->n_looks++;
}
