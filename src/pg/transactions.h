#ifndef PGUNLOCK_PG_TRANSACTIONS_H
#define PGUNLOCK_PG_TRANSACTIONS_H

/* What the sessions in transactions run, or ran last. It touches no lock table. */

#include "pg/connection.h"
#include "pg/libpq.h"

#include <glib.h>

/* Strings are valid UTF-8, owned by the array. Times by the server's clock. */
typedef struct {
	gint32 pid;
	gint64 backend_start;
	gint64 xact_start;
	gint64 query_start;
	gint64 state_change;
	gboolean is_idle;
	char *query; /* cut to OPEN_STATEMENT_BYTES */
} OpenTransaction;

#define OPEN_STATEMENT_BYTES 8192

/* transactions: of OpenTransaction, of client backends that have been in theirs for a second; now:
 * the server's time. Both mean something without an error, which is the callee's; transactions is
 * borrowed. */
typedef void (*PgTransactionsDone)(const GArray *transactions, gint64 now, GError *error,
                                   gpointer user_data);
void pg_read_transactions(PgConnection *connection, gint64 timeout_us, PgTransactionsDone done,
                          gpointer user_data);

/* From the answer; NULL and an error. *now is left as it is when there is none. */
GArray *transactions_read(const PGresult *result, gint64 *now, GError **error);

#endif
