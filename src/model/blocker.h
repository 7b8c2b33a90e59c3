#ifndef PGUNLOCK_MODEL_BLOCKER_H
#define PGUNLOCK_MODEL_BLOCKER_H

/*
 * The facts of one session that blocks others, or that could be ended: what a policy judges by and
 * what history keeps of it. Plain data with names instead of oids and points in time instead of
 * ages, so that it outlives its snapshot and means the same later: a policy can be replayed over
 * it.
 *
 * What is not known is NULL, TIMESTAMP_NONE or the like, as said below. A text of which it is known
 * that there is none (an autovacuum worker has no user) is "".
 */

#include "base/answer.h"
#include "base/arena.h"
#include "base/timestamp.h"
#include "model/lock_mode.h"
#include "model/lock_tag.h"
#include "model/session.h"
#include "model/wait_graph.h"

#include <glib.h>

typedef struct {
	const char *schema;
	const char *name;
} BlockerName;

/* A relation that waits are about. */
typedef struct {
	guint32 database_oid; /* 0: shared by all databases */
	guint32 oid;
	const char *database; /* NULL: not known; "": shared by all */
	/* The relation's own name first, then that of its table when it is an index or a TOAST table,
	 * then those of all that the table is a partition of or inherits from, nearest first. */
	const BlockerName *names;
	guint n_names;
	/* FALSE: some of them couldn't be read, so that nobody can say that it isn't called something
	 * else. */
	gboolean knows_names;
} BlockerRelation;

/* Something that others wait for because of this session. */
typedef struct {
	LockTag tag;      /* of the lock that they wait for */
	gboolean has_row; /* they hold the tuple lock of a row meanwhile, which they want in the end */
	LockTag row_tag;  /* that one, of the type tuple; else zeros */
	LockMode mode;    /* what the session has in their way; of several the strongest */
	gboolean holds;   /* FALSE: it only asks for it, ahead of them */
	guint n_waiters;  /* that wait for it directly */

	/* What tables it is about. None, and knows_relations: about no table (an advisory key, ...). */
	const BlockerRelation *relations;
	guint n_relations;
	/* Of a wait for a transaction without a row: both sides have locked rows of each of these, and
	 * it is about one of them. */
	gboolean is_inferred;
	/* FALSE: it is about tables, but not a single one is known that it could be. */
	gboolean knows_relations;
} BlockerTarget;

/* Strings are valid UTF-8, not safe for a terminal, and in the arena. Times are by the server's
 * clock. */
typedef struct {
	Arena *arena;
	gint64 taken_at; /* of the look */

	/* Who. The identity is pid and backend_start, or gid_bytes, as in Session. */
	SessionKind kind;
	gint32 pid; /* 0 for a prepared transaction */
	gint64 backend_start;
	const char *gid; /* of a prepared transaction: to be shown; NULL when it couldn't be read */
	const char *gid_bytes; /* the same as the server has it: any bytes */
	guint32 transaction;   /* of a prepared transaction */
	gboolean hidden;       /* the server doesn't tell our role about it */
	const char *database;
	const char *user; /* of a prepared transaction its owner */
	const char *application;
	const char *client_addr; /* NULL: not known, "": a Unix socket, or nobody: see client_port */
	gint32 client_port;      /* -1: a Unix socket; 0: not known, or nobody */
	BackendType type;
	const char *backend_type; /* as the server spells it; "prepared transaction" */

	/* What it does. */
	SessionState session_state;
	const char *state; /* as the server spells it; "prepared"; NULL also when it isn't tracked */
	const char *statement;
	/* Whether a transaction is open, and since when: TIMESTAMP_NONE when none is, or since when is
	 * not known. Of a prepared transaction since it was prepared. */
	Answer in_transaction;
	gint64 transaction_since;
	/* Whether it does nothing at all, in a transaction or outside, and since when. */
	Answer is_idle;
	gint64 idle_since;
	gint64 query_start;
	gboolean has_written; /* its transaction has an id */

	/* What it blocks. */
	guint blocked_total; /* everybody behind it; 0: it blocks nobody */
	gboolean is_root;    /* it blocks, and waits for nobody */
	/* Since when it is certain that one of those behind it has waited; TIMESTAMP_NONE when nobody
	 * is. A 13 doesn't tell: it is since the caller has seen it, see blocker_new. */
	gint64 blocked_since;
	gboolean blocked_since_is_seen; /* the latter */
	const BlockerTarget *targets;   /* most waited for first */
	guint n_targets;
} Blocker;

/*
 * The facts of the session with this index (a leader's), which may also be one that blocks nobody.
 * What is needed of names has to be in the snapshot (LookOptions.names, ancestors). seen_since: of
 * those who are behind it now the longest that the caller knows one to have been there; of use
 * where the server doesn't tell (13); TIMESTAMP_NONE: since this look. Never NULL.
 */
Blocker *blocker_new(const WaitGraph *graph, guint session, gint64 seen_since);
/* One that knows nothing, to be filled in from what was written down; strings and arrays go into
 * its arena. */
Blocker *blocker_new_empty(void);
void blocker_free(Blocker *blocker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Blocker, blocker_free)

/* Whether both are the same session: pid and backend_start, or the same prepared transaction. */
gboolean blocker_is_same(const Blocker *a, const Blocker *b);
/* Whether they are in the way at the same lock, or row: who waits there may need both to end. */
gboolean blocker_shares_target(const Blocker *a, const Blocker *b);

#endif
