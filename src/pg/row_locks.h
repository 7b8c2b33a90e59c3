#ifndef PGUNLOCK_PG_ROW_LOCKS_H
#define PGUNLOCK_PG_ROW_LOCKS_H

/* What the numbers in the rows' xmax mean: asked of the server, and of extensions where there are
 * any. */

#include "model/row_set.h"
#include "pg/connection.h"
#include "pg/libpq.h"

#include <glib.h>

/* The schemas that the extensions are in, quoted for SQL; NULL where one isn't installed, our role
 * may not use it, or its functions aren't those of this major (an extension that was never
 * updated). */
typedef struct {
	char *pgrowlocks;
	char *pageinspect;
} RowExtensions;

/* From the answer to STATEMENT_ROW_EXTENSIONS. */
gboolean row_extensions_take(RowExtensions *extensions, const PGresult *result, GError **error);
void row_extensions_clear(RowExtensions *extensions);

/* From an answer about row `first` of rows to all that it is about too: whether its number is that
 * of a transaction in progress; its members if it is a multixact's; and what the extensions say of
 * its table or page. An answer that makes no sense tells nothing. */
typedef void (*RowLocksTake)(RowSet *rows, guint first, const PGresult *result);
void row_locks_take_status(RowSet *rows, guint first, const PGresult *result);
void row_locks_take_members(RowSet *rows, guint first, const PGresult *result);
void row_locks_take_pgrowlocks(RowSet *rows, guint first, const PGresult *result);
void row_locks_take_page(RowSet *rows, guint first, const PGresult *result);

/* error is the callee's. What an extension couldn't tell is no error. */
typedef void (*RowLocksDone)(GError *error, gpointer user_data);

/* Fills the rows' transaction, members, kind and modes. One round trip; sets the session's
 * search_path to none. rows and extensions must last until done; dropped as in pg_request_send. */
void row_locks_read(PgConnection *connection, RowSet *rows, const RowExtensions *extensions,
                    gint64 timeout_us, RowLocksDone done, gpointer user_data,
                    GDestroyNotify dropped);

#endif
