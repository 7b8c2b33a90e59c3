#ifndef PGUNLOCK_PG_LOCK_MANAGER_H
#define PGUNLOCK_PG_LOCK_MANAGER_H

/*
 * Whether the lock manager is stuck (model/lock_manager_waits.h). STATEMENT_LOCK_MANAGER asks, and
 * it answers even then, on a connection that is open already: a login would hang. What it needs of
 * pg_auth_members has to be in that connection's cache by then, unless it is a superuser's.
 */

#include "model/lock_manager_waits.h"
#include "model/names.h"
#include "pg/connection.h"
#include "pg/libpq.h"

#include <glib.h>

/* The result of that statement. NULL and an error when the server refused it or when the answer
 * makes no sense. */
LockManagerWaits *collect_lock_manager(const PGresult *result, GError **error);

/* The error for a question about locks that the server has not answered for unanswered_us.
 * looker_pid as in lock_manager_is_stuck. names: where the roles are looked up, or NULL. */
void lock_manager_set_error(GError **error, const PgConnection *connection,
                            const LockManagerWaits *waits, gint32 looker_pid, gint64 unanswered_us,
                            const Names *names);

/* Asks over connection, which is open for that alone, whether looker_pid got no answer for
 * unanswered_us because of it. stuck: the error that says so, or NULL, the callee's. Not called
 * when connection is freed before; one that doesn't answer is lost. names, or NULL, must outlive
 * the question. */
typedef void (*PgLockManagerDone)(GError *stuck, gpointer user_data);
void pg_ask_lock_manager(PgConnection *connection, gint32 looker_pid, gint64 unanswered_us,
                         const Names *names, PgLockManagerDone done, gpointer user_data);

#endif
