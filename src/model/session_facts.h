#ifndef PGUNLOCK_MODEL_SESSION_FACTS_H
#define PGUNLOCK_MODEL_SESSION_FACTS_H

/* What is kept of a session when its snapshot is gone: who it was, in names instead of oids, and
 * what it did. */

#include "model/snapshot.h"

#include <glib.h>

/* Of a statement no more is kept; what is longer is cut, never inside a character. */
#define FACTS_MOST_STATEMENT_BYTES 65536

typedef enum { WRITTEN_UNKNOWN, WRITTEN_NO, WRITTEN_YES } HasWritten;

/* Plain data. Strings are valid UTF-8, owned, NULL where the server said NULL or the name couldn't
 * be read. Times are microseconds since 1970 by the server's clock, or TIMESTAMP_NONE. */
typedef struct {
	SessionKind kind;
	gint32 pid;            /* 0 for a prepared transaction */
	gint64 backend_start;  /* of a prepared transaction TIMESTAMP_NONE */
	char *gid;             /* of a prepared transaction, as in Session.gid, ... */
	gboolean is_gid_exact; /* ... which is the very name, and not one made readable */
	guint32 transaction;   /* of a prepared transaction */
	gint64 prepared_at;

	char *user;
	char *database;
	char *application_name;
	char *client_addr;
	gint32 client_port; /* as in Session */
	char *backend_type;
	char *state; /* as pg_stat_activity spells it */
	gint64 xact_start;
	gint64 query_start;
	gint64 state_change;
	HasWritten has_written;
	gboolean hidden; /* the server didn't tell us about it */
	char *query;
} SessionFacts;

/* A copy of a text, cut to FACTS_MOST_STATEMENT_BYTES; NULL for NULL. Free with g_free. */
char *facts_cut(const char *text);

/* A session of a snapshot. Never NULL. */
SessionFacts *session_facts_new(const Snapshot *snapshot, guint session);
SessionFacts *session_facts_copy(const SessionFacts *facts);
void session_facts_free(SessionFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SessionFacts, session_facts_free)

/* Whether that is the very same session: pid and backend_start, or the prepared transaction. One
 * whose backend_start is hidden in either is the same by its pid. */
gboolean session_facts_are_of(const SessionFacts *facts, const Session *session);
/* And it is still in the transaction, or outside of one, that it was in. */
gboolean session_facts_are_of_transaction(const SessionFacts *facts, const Session *session);

/* The same forms as session_id and session_log_id give. Free with g_free. */
char *session_facts_id(const SessionFacts *facts);
char *session_facts_log_id(const SessionFacts *facts);

#endif
