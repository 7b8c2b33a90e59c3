#include "pg/statements.h"

#include "pg/sql_texts.h"

typedef struct {
	StatementId id;
	int first_major;
	int last_major;
	const char *sql;
} Statement;

#define ANY_MAJOR OLDEST_MAJOR, G_MAXINT

static const Statement STATEMENTS[] = {
    {STATEMENT_FACTS, ANY_MAJOR, SQL_FACTS},
    {STATEMENT_SETTINGS, 13, 13, SQL_SETTINGS_13}, /* idle_session_timeout: 14 on */
    {STATEMENT_SETTINGS, 14, G_MAXINT, SQL_SETTINGS_14},
    {STATEMENT_LOCKS, 13, 13, SQL_LOCKS_13}, /* waitstart: 14 on */
    {STATEMENT_LOCKS, 14, G_MAXINT, SQL_LOCKS_14},
    {STATEMENT_ACTIVITY, ANY_MAJOR, SQL_ACTIVITY},
    {STATEMENT_PREPARED, ANY_MAJOR, SQL_PREPARED},
    {STATEMENT_CLOCK, ANY_MAJOR, SQL_CLOCK},
    {STATEMENT_BLOCKING_PIDS, ANY_MAJOR, SQL_BLOCKING_PIDS},
    {STATEMENT_RELATIONS, ANY_MAJOR, SQL_RELATIONS},
    {STATEMENT_DATABASES, ANY_MAJOR, SQL_DATABASES},
    {STATEMENT_ROLES, ANY_MAJOR, SQL_ROLES},
    {STATEMENT_ROLE_PRIVILEGES, ANY_MAJOR, SQL_ROLE_PRIVILEGES},
    {STATEMENT_OWN_PRIVILEGES, 13, 17,
     SQL_OWN_PRIVILEGES_13}, /* pg_signal_autovacuum_worker: 18 on */
    {STATEMENT_OWN_PRIVILEGES, 18, G_MAXINT, SQL_OWN_PRIVILEGES_18},
    {STATEMENT_TABLES, ANY_MAJOR, SQL_TABLES},
    {STATEMENT_CANCEL, ANY_MAJOR, SQL_CANCEL},
    {STATEMENT_CANCEL_BLOCKER, ANY_MAJOR, SQL_CANCEL_BLOCKER},
    {STATEMENT_TERMINATE, ANY_MAJOR, SQL_TERMINATE},
    {STATEMENT_TERMINATE_BLOCKER, ANY_MAJOR, SQL_TERMINATE_BLOCKER},
};

const char *statement_sql(StatementId id, int version_num)
{
	int major = version_num / 10000;

	for (guint i = 0; i < G_N_ELEMENTS(STATEMENTS); i++) {
		const Statement *statement = &STATEMENTS[i];

		if (statement->id == id && statement->first_major <= major &&
		    major <= statement->last_major)
			return statement->sql;
	}
	return NULL;
}
