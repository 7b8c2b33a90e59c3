#ifndef PGUNLOCK_PG_ELSEWHERE_H
#define PGUNLOCK_PG_ELSEWHERE_H

/* What can only be read or done in another database of the same server takes a second connection.
 * That is opened only while slots remain: on a server where they are used up we must not take the
 * last one, which may be somebody's way in. */

#include "pg/connection.h"
#include "pg/libpq.h"

/* Asks over connection how many slots remain (ask_timeout_us), and opens the second connection if
 * one is left for others besides (connect_timeout_us). done as in pg_connect; also called, with an
 * error, when connection is freed before it was asked. */
PgConnecting *pg_connect_elsewhere(PgConnection *connection, const char *database,
                                   gint64 ask_timeout_us, gint64 connect_timeout_us,
                                   PgConnectDone done, gpointer user_data);

/* Whether the answer says that so many slots remain. If not, an error that tells what remains;
 * database: the one that is to be connected to. */
gboolean slots_check(const PGresult *result, const char *database, GError **error);

#endif
