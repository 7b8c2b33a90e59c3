#ifndef PGUNLOCK_PG_REQUEST_H
#define PGUNLOCK_PG_REQUEST_H

/*
 * Statements sent together in one round trip, each a transaction of its own (with its own Sync), so
 * that one that fails doesn't touch the others and none sees what another has frozen. Results are
 * binary.
 */

#include "pg/connection.h"
#include "pg/libpq.h"
#include "pg/params.h"
#include "pg/statements.h"

#include <glib.h>

typedef struct PgRequest PgRequest;

/* error is set when the connection was lost or the time was up; it is the callee's. The request is
 * freed when this returns. The connection may be freed in here. */
typedef void (*PgRequestDone)(PgRequest *request, GError *error, gpointer user_data);

/* purpose, for errors, like "reading the locks": copied. */
PgRequest *pg_request_new(PgConnection *connection, const char *purpose);
/* Only before it was sent. */
void pg_request_free(PgRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PgRequest, pg_request_free)

/* Takes params, which may be NULL. Returns the statement's index in the request. */
guint pg_request_add(PgRequest *request, StatementId statement, PgParams *params);
/* A statement that has no place in the catalog. Copied. */
guint pg_request_add_sql(PgRequest *request, const char *sql);
/* The same with parameters, which it takes. */
guint pg_request_add_sql_params(PgRequest *request, const char *sql, PgParams *params);

/* A statement on whose success the next one of the request depends: both are one transaction, so
 * that the next isn't carried out when this one fails (its result is then PGRES_PIPELINE_ABORTED).
 * Not for the last one, and not before one that can't be in a transaction block. */
guint pg_request_add_condition(PgRequest *request, StatementId statement, PgParams *params);

/* Called when a statement has been answered while others are still to be: what it gave can be
 * worked on meanwhile. The connection must not be freed in there. Not called for the last. */
typedef void (*PgRequestAnswered)(PgRequest *request, guint index, gpointer user_data);
void pg_request_on_answer(PgRequest *request, PgRequestAnswered answered);
/* Frees what statement index gave; pg_request_result must not be asked for it any more. */
void pg_request_drop_result(PgRequest *request, guint index);

/* Called when the server has sent nothing for PG_SILENCE_US while an answer is due, and again each
 * time that as much has passed. An error, which the request takes, ends it as if its time were up.
 */
typedef GError *(*PgRequestSilent)(PgRequest *request, gpointer user_data);
void pg_request_on_silence(PgRequest *request, PgRequestSilent silent);
/* How long ago it was sent to the server. */
gint64 pg_request_age(const PgRequest *request);

/* Takes the request. Requests of one connection are carried out one after the other; timeout_us
 * counts from this call. dropped, which may be NULL, gets user_data instead when the connection is
 * freed before the request has ended. */
void pg_request_send(PgRequest *request, gint64 timeout_us, PgRequestDone done, gpointer user_data,
                     GDestroyNotify dropped);

/* Nobody wants the answer any more: nothing is called back. One that is under way keeps its time,
 * after which the connection is lost, since what the server still answers has to be read. */
void pg_request_abandon(PgRequest *request);

/* What statement index gave: rows, a completed command, or the server's error. NULL when the
 * connection ended before it had answered. Borrowed; the request's. */
const PGresult *pg_request_result(const PgRequest *request, guint index);
/* Whether the time was up (else the connection was lost), when there was an error. */
gboolean pg_request_timed_out(const PgRequest *request);

/* Whether result is rows or a completed command. If not, sets an error that says what was being
 * done and what the server answered, with its SQLSTATE. */
gboolean pg_result_check(const PGresult *result, const char *purpose, GError **error);
/* The SQLSTATE of a failed statement; NULL for any other result. Borrowed from the result. */
const char *pg_result_sqlstate(const PGresult *result);

#endif
