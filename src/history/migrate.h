#ifndef PGUNLOCK_HISTORY_MIGRATE_H
#define PGUNLOCK_HISTORY_MIGRATE_H

/* The versions of the schema: schema/schema_N.sql leads from version N - 1 to N. The file knows its
 * own as user_version. */

#include <glib.h>
#include <sqlite3.h>

/* The one that this program writes. */
guint schema_version(void);

/* "PGUL" as SQLite's application_id: that it is a history, and no other program's file. */
#define HISTORY_APPLICATION_ID 0x5047554c

/* Brings an empty or an older file up to a version (the present one, but in tests), each step in a
 * transaction of its own. *code: SQLite's, for the caller to tell; FALSE when it failed. */
gboolean schema_migrate(sqlite3 *sqlite, guint from, guint to, int *code);

#endif
