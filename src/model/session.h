#ifndef PGUNLOCK_MODEL_SESSION_H
#define PGUNLOCK_MODEL_SESSION_H

/* A session: a backend (or another process of the server that can hold locks), or a prepared
 * transaction, which holds locks without a process. */

#include <glib.h>

typedef enum {
	SESSION_KIND_BACKEND,
	SESSION_KIND_PREPARED,
} SessionKind;

/* pg_stat_activity.state */
typedef enum {
	SESSION_STATE_UNKNOWN,  /* NULL: hidden from this role, or a process without states */
	SESSION_STATE_STARTING, /* logging in. Before 18 the server has no such state, and no row for it
	                         */
	SESSION_STATE_ACTIVE,
	SESSION_STATE_IDLE,
	SESSION_STATE_IDLE_IN_TRANSACTION,
	SESSION_STATE_IDLE_IN_TRANSACTION_ABORTED,
	SESSION_STATE_FASTPATH,
	SESSION_STATE_DISABLED, /* track_activities is off there */
} SessionState;

/* pg_stat_activity.backend_type, as far as pgunlock treats it in a way of its own */
typedef enum {
	BACKEND_TYPE_UNKNOWN, /* NULL: hidden from this role */
	BACKEND_TYPE_CLIENT,
	BACKEND_TYPE_PARALLEL_WORKER,
	BACKEND_TYPE_AUTOVACUUM_WORKER,
	BACKEND_TYPE_WALSENDER,
	BACKEND_TYPE_STARTUP,
	BACKEND_TYPE_LOGICAL_REPLICATION, /* launcher, apply, parallel apply, tablesync workers */
	BACKEND_TYPE_BACKGROUND_WORKER,   /* any other that has no row of its own here */
	BACKEND_TYPE_SYSTEM,              /* checkpointer, writers, archiver, ... */
} BackendType;

/* See model/pooler.h. */
typedef struct PoolerClient PoolerClient;

/* Plain data. Strings are valid UTF-8, owned by the snapshot's arena, NULL where the server said
 * NULL. Times are microseconds since 1970 by the server's clock or TIMESTAMP_NONE. Numbers that are
 * NULL are 0. */
typedef struct {
	SessionKind kind;
	gint32 pid; /* 0 for a prepared transaction */
	gint64 backend_start;
	gint32 leader_pid; /* of a parallel worker: its leader; else 0. pg_stat_activity.leader_pid also
	                    * names the leader of a parallel apply worker, which shares no locks with
	                    * it: the snapshot drops that one */
	guint leader; /* index of the session itself, or of its leader when that is in the snapshot */
	BackendType type;
	const char *backend_type; /* as the server spells it */
	gboolean hidden;  /* the server doesn't tell this role about it ("<insufficient privilege>") */
	gboolean is_self; /* the backend that took the snapshot */

	guint32 database; /* oid, 0 for none */
	guint32 user;     /* oid, 0 for none */
	const char *application_name;
	const char *client_addr; /* without the mask; NULL for a Unix socket or an internal process */
	const char *client_hostname;
	gint32 client_port; /* -1 for a Unix socket, 0 for NULL */
	gboolean is_pooled; /* a pooler, which was asked, knows this as one of its connections */
	const PoolerClient *pooler_client; /* who is on it; NULL: nobody, when the pooler was asked */

	SessionState state;
	const char *state_text;
	gint64 xact_start;
	gint64 query_start;
	gint64 state_change;
	const char *wait_event_type;
	const char *wait_event;
	guint32 backend_xid; /* set: it has written, or is about to */
	guint32 backend_xmin;
	const char *query;

	/* of a prepared transaction */
	const char *gid;       /* bytes that are not valid UTF-8 as \xE9 */
	const char *gid_bytes; /* as the server has it: any bytes. The same as gid when that is exact */
	gint64 prepared_at;
	guint32 transaction;
} Session;

/* A GCompareFunc for pids (gint32). */
int session_compare_pids(gconstpointer a, gconstpointer b);

/* Whether it is logging in on a server that doesn't show that yet: all that is known is its pid. */
gboolean session_is_unlisted(const Session *session);

SessionState session_state_from_text(const char *text);
BackendType backend_type_from_text(const char *text);
/* The words that those know, by index from 0; NULL behind the last. */
const char *session_state_word(guint index);
const char *backend_type_word(guint index);

/* The id in JSON: "pid:4711", "gid:NAME", or "xid:731" of a prepared transaction whose name is not
 * valid UTF-8 or couldn't be read. Free with g_free. */
char *session_id(const Session *session);

/* The server log's %c: hex seconds of backend_start, a dot, hex pid ("6743a1b2.1267";
 * log_line_prefix in the documentation). NULL for a prepared transaction or when backend_start is
 * hidden. Free with g_free. */
char *session_log_id(const Session *session);

/* The form to type that is exact: the log id, the id of a prepared transaction, or the pid when
 * nothing better is known.
 * Not quoted for a shell. Free with g_free. */
char *session_exact_name(const Session *session);

/* Whether a transaction is open there, as far as can be seen. A walsender shows no xact_start,
 * whatever it runs. */
gboolean session_is_in_transaction(const Session *session);

/* Whether the transaction has begun before the statement that runs now: if it is ended more than
 * this statement may be lost. A lone statement sent with the extended protocol begins a moment
 * after its own transaction, so two milliseconds count as the same time. */
gboolean session_has_earlier_work(const Session *session);

/* Who is meant, as typed: "4711", "pid:4711", "6743a1b2.1267", "gid:NAME", "xid:731". */
typedef struct {
	char *text;                  /* as typed */
	gint32 pid;                  /* 0 for a prepared transaction */
	gint64 backend_start_second; /* seconds since 1970, only in the %c form; else -1 */
	char *gid;                   /* any bytes; NULL in all other forms */
	guint32 transaction;         /* of a prepared transaction that is named by it; else 0 */
} SessionRef;

/* NULL and a usage error when it is none of these forms. */
SessionRef *session_ref_parse(const char *text, GError **error);
void session_ref_free(SessionRef *ref);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SessionRef, session_ref_free)
/* Whether the form can only mean a prepared transaction. */
gboolean session_ref_is_prepared(const SessionRef *ref);
gboolean session_ref_matches(const SessionRef *ref, const Session *session);

#endif
