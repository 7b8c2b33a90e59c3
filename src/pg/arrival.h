#ifndef PGUNLOCK_PG_ARRIVAL_H
#define PGUNLOCK_PG_ARRIVAL_H

/* What is asked once over a connection that is to stay: which cluster it leads to, and what our
 * role may do there. It touches no lock table. */

#include "model/privileges.h"
#include "pg/connection.h"

#include <glib.h>

typedef struct {
	OwnPrivileges own;
	const char *cluster; /* its system identifier; NULL: not known */
} PgArrival;

/* arrival is the callee's for the call alone. error, which is the callee's: the server doesn't say
 * what our role may do. No errors are that it doesn't say which cluster it is (pg_control_system()
 * can be taken from everybody), and that the connection was lost, which shows to whoever looks over
 * it: then nothing of arrival is known. */
typedef void (*PgArrivalDone)(const PgArrival *arrival, GError *error, gpointer user_data);
void pg_read_arrival(PgConnection *connection, gint64 timeout_us, PgArrivalDone done,
                     gpointer user_data);

#endif
