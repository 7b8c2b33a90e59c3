#ifndef PGUNLOCK_PG_CONNECTION_INTERNAL_H
#define PGUNLOCK_PG_CONNECTION_INTERNAL_H

/* The connection's inside: for connect.c, which makes it, and request.c, which talks through it. */

#include "pg/connection.h"
#include "pg/libpq.h"
#include "pg/request.h"
#include "pg/statements.h"

#include <glib.h>

/* How far a statement of the catalog is known to the server. The first time it is sent whole; from
 * the second on by name, so that a connection that asks again and again has it planned only once.
 */
typedef enum {
	STATEMENT_NEW,
	STATEMENT_ASKED,
	STATEMENT_IN_PREPARATION,
	STATEMENT_READY
} StatementState;

struct PgConnection {
	GMainContext *context;
	PgTarget *target;
	PGconn *conn; /* NULL once it was lost */
	char *place;  /* "db1:5432": for errors */
	ServerInfo server;
	GStringChunk *strings; /* those of server */
	GQueue requests;       /* of PgRequest; the first is under way */
	GPtrArray *watchers;   /* of PgConnection **: set to NULL when this is freed */
	StatementState statements[STATEMENT_COUNT];
	PgSilent silent; /* or NULL */
	gpointer silent_data;
};

/* Takes conn, which must be connected; it is put into pipeline mode. */
PgConnection *pg_connection_new(GMainContext *context, const PgTarget *target, PGconn *conn);
/* Connects as pg_connect does, but only until the other side has let us in: to the admin console of
 * a pooler, which knows neither our statements nor pipelines. The connection is in no pipeline
 * mode, and requests can't be sent through it. */
PgConnecting *pg_connect_console(GMainContext *context, const PgTarget *target, gint64 timeout_us,
                                 PgConnectDone done, gpointer user_data);

/* Connects as pg_connect does, with timeout_us for a statement, too, but not before the answer to a
 * request says so: whoever sends that hands the answer on. Who abandons it abandons the request. */
PgConnecting *pg_connecting_after(PgRequest *asked, GMainContext *context, const PgTarget *target,
                                  gint64 timeout_us, PgConnectDone done, gpointer user_data);
/* That its target was given to connect to; borrowed. */
const char *pg_connecting_database(const PgConnecting *connecting);
/* The answer: an error, which it takes and calls back with; or NULL, and the time begins. */
void pg_connecting_go_on(PgConnecting *connecting, GError *error);

/* A copy of text ("" for NULL), repaired to valid UTF-8, that lives as long as the connection. */
const char *pg_connection_keep(PgConnection *connection, const char *text);
/* Nothing more can be asked. */
void pg_connection_lose(PgConnection *connection);

/* Sets *pointer, which points to the connection, to NULL when that is freed, until unwatched. */
void pg_connection_watch(PgConnection *connection, PgConnection **pointer);
void pg_connection_unwatch(PgConnection *connection, PgConnection **pointer);

/* Drops those that wait or are under way without calling back; in request.c. */
void pg_requests_drop(PgConnection *connection);

/* "db1:5432", "[::1]:5432" or the socket's path, of the place that conn is connected to or tries
 * now. Free with g_free. */
char *pg_place_text(const PGconn *conn);

/* Takes the source, if there is one, out of its context, and sets *source to NULL. */
void pg_source_clear(GSource **source);

#endif
