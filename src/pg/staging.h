#ifndef PGUNLOCK_PG_STAGING_H
#define PGUNLOCK_PG_STAGING_H

/* The statements with which the demo plays an application that logs users in, on a server of its
 * own. Never used on anybody's server. */

#include "pg/connection.h"

#include <glib.h>

typedef enum {
	STAGE_TABLE,       /* makes login_sessions */
	STAGE_USERS,       /* fills it */
	STAGE_APPLICATION, /* the connection takes the name of the application, and waits as long as one
	                    */
	STAGE_BEGIN,
	STAGE_LOGIN, /* writes the one row that everybody logs in through */
} StagingStep;

/* error is the callee's. */
typedef void (*PgStagingDone)(GError *error, gpointer user_data);
void pg_stage(PgConnection *connection, StagingStep step, gint64 timeout_us, PgStagingDone done,
              gpointer user_data);

#endif
