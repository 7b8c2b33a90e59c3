#ifndef PGUNLOCK_PG_CONNECTION_H
#define PGUNLOCK_PG_CONNECTION_H

/*
 * A connection to a server, asynchronous on a GMainContext: every step has a timeout on our side,
 * whatever the server does. Callbacks run from the context, never before the function that takes
 * them has returned.
 */

#include "base/duration.h"
#include "model/snapshot.h"

#include <glib.h>

typedef struct PgConnection PgConnection;

/* Where to connect, as libpq keywords and values (PQconnectdbParams with expand_dbname: dbname may
 * be a conninfo or URI). Keys without a value are left to libpq's environment, service file and
 * defaults. */
typedef struct PgTarget PgTarget;
PgTarget *pg_target_new(void);
PgTarget *pg_target_copy(const PgTarget *target);
/* For a second connection to the server that this one goes to: to the same of several hosts, and
 * pg_connect fails with CONNECT when another server answers there (names with several addresses,
 * balancers, a restart). The caller's. */
PgTarget *pg_target_of_same_server(const PgConnection *connection);
void pg_target_free(PgTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PgTarget, pg_target_free)
/* Replaces an earlier value; NULL removes it. Copied. */
void pg_target_set(PgTarget *target, const char *keyword, const char *value);
const char *pg_target_get(const PgTarget *target, const char *keyword);
/* Whether libpq can read this text, as pg_target_set takes it for dbname: a conninfo, a URI, or the
 * name of a database. FALSE and a usage error with libpq's words; whether what it names is there
 * isn't looked at. */
gboolean pg_conninfo_check(const char *conninfo, GError **error);
/* Where libpq would go for this conninfo, with services and the environment taken into account, as
 * a text that is the same for the same hosts and ports; two names of one host are two places. NULL:
 * it can't be told (there is no such service, say). Free with g_free. */
char *pg_conninfo_place(const char *conninfo);
/* The database that it names, likewise. NULL: none, or it can't be told. Free with g_free. */
char *pg_conninfo_database(const char *conninfo);
/* Connects to this database whatever the target's own conninfo names. Copied. */
void pg_target_set_database(PgTarget *target, const char *database);
/* Whether a database is named by the target itself, its conninfo, its service or the environment.
 * If not, pg_connect tries postgres, then template1. A conninfo that can't be parsed, a service
 * that doesn't exist: FALSE and an error. */
gboolean pg_target_has_database(const PgTarget *target, gboolean *has_database, GError **error);

/* A connection that is being made. It is there until it calls back (when it does it is gone
 * already) or is abandoned. */
typedef struct PgConnecting PgConnecting;

/*
 * Called once, unless it is abandoned: with a connection that is ready (owned by the callee), or
 * with an error (owned by the callee): CONNECT with the hint that fits, also when a transaction
 * pooler is in between.
 * needs_password: the server asked for one and none was given.
 */
typedef void (*PgConnectDone)(PgConnection *connection, GError *error, gboolean needs_password,
                              gpointer user_data);

/*
 * Connects and makes ready: host names resolved off this thread, the pooler check, facts about the
 * server, then the settings of our session in one statement (application_name, client_encoding
 * SQL_ASCII, timeouts, empty search_path). timeout_us is for all of it together; connect_timeout in
 * the target, where given, is for the part until the server has let us in, 5 s otherwise.
 * statement_timeout_us becomes the session's statement_timeout. context NULL: the default one.
 */
PgConnecting *pg_connect(GMainContext *context, const PgTarget *target, gint64 timeout_us,
                         gint64 statement_timeout_us, PgConnectDone done, gpointer user_data);

/* Closes at once what was opened for it, and never calls back. What can't be stopped ends by
 * itself: a thread that looks a name up, and on the server a login that hangs (its backend notices
 * when it goes on). Nothing for NULL. */
void pg_connecting_abandon(PgConnecting *connecting);

/* Closes at once; what was under way is never called back. */
void pg_connection_free(PgConnection *connection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PgConnection, pg_connection_free)

/* A server that has sent nothing for so long while an answer is due is worth a question. */
#define PG_SILENCE_US (1 * DURATION_SECOND)

/* Called when what is asked over it has got no word for PG_SILENCE_US, and again each time that as
 * much has passed; but for the first part of a look, which tells itself (LookOptions). The
 * connection must not be freed in there. */
typedef void (*PgSilent)(gint64 unanswered_us, gpointer user_data);
void pg_connection_on_silence(PgConnection *connection, PgSilent silent, gpointer user_data);

/* What is under way has timeout_us from now on, whatever it had before. */
void pg_connection_give_time(PgConnection *connection, gint64 timeout_us);

const ServerInfo *pg_connection_server(const PgConnection *connection);
GMainContext *pg_connection_context(const PgConnection *connection);
/* The target that it was made from, with the database that was found. */
const PgTarget *pg_connection_target(const PgConnection *connection);
/* FALSE once it was lost: after a timeout on our side or a broken network nothing more can be
 * asked. */
gboolean pg_connection_is_usable(const PgConnection *connection);

#endif
