#ifndef PGUNLOCK_PG_STATEMENTS_H
#define PGUNLOCK_PG_STATEMENTS_H

/* Every statement that is sent to a server, but for ROLLBACK and COMMIT PREPARED, which take no
 * parameters. The texts are in sql/, one whole statement a file and range of versions. */

#include <glib.h>

typedef enum {
	STATEMENT_FACTS,
	STATEMENT_SETTINGS,
	STATEMENT_LOCKS,
	STATEMENT_ACTIVITY,
	STATEMENT_PREPARED,
	STATEMENT_CLOCK,
	STATEMENT_BLOCKING_PIDS,
	STATEMENT_RELATIONS,
	STATEMENT_DATABASES,
	STATEMENT_ROLES,
	STATEMENT_ROLE_PRIVILEGES,
	STATEMENT_OWN_PRIVILEGES,
	STATEMENT_TABLES,
	STATEMENT_CANCEL,
	STATEMENT_CANCEL_BLOCKER,
	STATEMENT_TERMINATE,
	STATEMENT_TERMINATE_BLOCKER,
	STATEMENT_STAGE_TABLE,
	STATEMENT_STAGE_USERS,
	STATEMENT_STAGE_APPLICATION,
	STATEMENT_STAGE_BEGIN,
	STATEMENT_STAGE_LOGIN,
	STATEMENT_COUNT
} StatementId;

/* The majors that pgunlock knows. Newer servers get the statements of the newest. */
#define OLDEST_MAJOR 13
#define NEWEST_MAJOR 18

/* The text for a server of this version (as in server_version_num). NULL only for versions before
 * OLDEST_MAJOR. */
const char *statement_sql(StatementId id, int version_num);

#endif
