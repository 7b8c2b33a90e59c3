#include "model/blocker.h"

#include "model/blocker_private.h"

/* The first whose pg_locks says since when somebody waits. */
#define FIRST_WITH_WAITSTART 140000

/* What is known of a text: NULL where it could be any, "" where there is none. */
static const char *known_text(const Blocker *blocker, const char *text, gboolean is_none)
{
	return text != NULL ? arena_strdup(blocker->arena, text) : is_none ? "" : NULL;
}

/* Whether what a process doesn't show is not there: a client that shows no user is only logging in,
 * or hidden; an autovacuum worker has none. */
static gboolean is_process_of_server(const Session *session)
{
	return session->kind == SESSION_KIND_BACKEND && session->type != BACKEND_TYPE_UNKNOWN &&
	       session->type != BACKEND_TYPE_CLIENT;
}

static void add_identity(Blocker *blocker, const Snapshot *snapshot, const Session *session)
{
	const Names *names = snapshot_names(snapshot);
	gboolean is_process = is_process_of_server(session);
	gboolean is_prepared = session->kind == SESSION_KIND_PREPARED;

	blocker->kind = session->kind;
	blocker->pid = session->pid;
	blocker->backend_start = session->backend_start;
	blocker->gid = arena_strdup(blocker->arena, session->gid);
	blocker->gid_bytes = arena_strdup(blocker->arena, session->gid_bytes);
	blocker->transaction = session->transaction;
	blocker->hidden = session->hidden;
	blocker->database = known_text(
	    blocker,
	    session->database != 0 ? snapshot_database_name(snapshot, session->database) : NULL,
	    session->database == 0 && is_process);
	blocker->user =
	    known_text(blocker, session->user != 0 ? names_role(names, session->user) : NULL,
	               session->user == 0 && is_process);
	blocker->application = known_text(blocker, session->application_name, is_prepared);
	blocker->client_addr = known_text(blocker, session->client_addr,
	                                  session->client_port == -1 || is_prepared || is_process);
	blocker->client_port = session->client_port;
	blocker->type = session->type;
	blocker->backend_type =
	    is_prepared ? "prepared transaction" : known_text(blocker, session->backend_type, FALSE);
}

static Answer in_transaction(const Session *session)
{
	if (session->kind == SESSION_KIND_PREPARED || session_is_in_transaction(session))
		return ANSWER_YES;
	/* A walsender shows no transaction, and with track_activities off nobody does. */
	if (session->type == BACKEND_TYPE_UNKNOWN || session->type == BACKEND_TYPE_WALSENDER ||
	    session->state == SESSION_STATE_DISABLED)
		return ANSWER_UNKNOWN;
	return ANSWER_NO;
}

static Answer is_idle(const Session *session)
{
	switch (session->state) {
	case SESSION_STATE_IDLE:
	case SESSION_STATE_IDLE_IN_TRANSACTION:
	case SESSION_STATE_IDLE_IN_TRANSACTION_ABORTED:
		return ANSWER_YES;
	case SESSION_STATE_STARTING:
	case SESSION_STATE_ACTIVE:
	case SESSION_STATE_FASTPATH:
		return ANSWER_NO;
	case SESSION_STATE_UNKNOWN:
	case SESSION_STATE_DISABLED:
		break;
	}
	return session->kind == SESSION_KIND_PREPARED ? ANSWER_NO : ANSWER_UNKNOWN;
}

static void add_state(Blocker *blocker, const Session *session)
{
	gboolean is_prepared = session->kind == SESSION_KIND_PREPARED;
	gboolean is_tracked = session->state != SESSION_STATE_DISABLED;

	blocker->session_state = session->state;
	blocker->state = is_prepared ? "prepared"
	                 : session_is_unlisted(session)
	                     ? "starting"
	                     : known_text(blocker, is_tracked ? session->state_text : NULL, FALSE);
	blocker->statement = known_text(blocker, is_tracked ? session->query : NULL, is_prepared);
	blocker->in_transaction = in_transaction(session);
	blocker->transaction_since = is_prepared ? session->prepared_at : session->xact_start;
	blocker->is_idle = is_idle(session);
	blocker->idle_since = blocker->is_idle == ANSWER_YES ? session->state_change : TIMESTAMP_NONE;
	blocker->query_start = session->query_start;
	blocker->has_written = session->backend_xid != 0;
}

/* The earliest time from which one of those behind it has waited for certain. The graph's own
 * figures won't do: for an instant after a wait has begun there is no waitstart, and they fall back
 * on when the statement began. */
static gint64 earliest_wait(const WaitGraph *graph, guint session)
{
	gint64 earliest = snapshot_taken_at(wait_graph_snapshot(graph));
	g_autoptr(GArray) behind = wait_graph_behind(graph, &session, 1);

	for (guint i = 0; i < behind->len; i++) {
		const LockQueue *queue;
		const QueueWaiter *wait = wait_graph_wait(graph, g_array_index(behind, guint, i), &queue);

		if (wait != NULL && wait->waitstart != TIMESTAMP_NONE)
			earliest = MIN(earliest, wait->waitstart);
	}
	return earliest;
}

static void add_blocked(Blocker *blocker, const WaitGraph *graph, guint session, gint64 seen_since)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);

	blocker->blocked_total = wait_graph_blocked_total(graph, session);
	blocker->is_root = wait_graph_is_root(graph, session);
	if (blocker->blocked_total == 0)
		return;
	blocker->blocked_since_is_seen = snapshot_server(snapshot)->version_num < FIRST_WITH_WAITSTART;
	if (!blocker->blocked_since_is_seen)
		blocker->blocked_since = earliest_wait(graph, session);
	else if (seen_since != TIMESTAMP_NONE)
		blocker->blocked_since = MIN(seen_since, blocker->taken_at);
	else
		blocker->blocked_since = blocker->taken_at;
}

Blocker *blocker_new_empty(void)
{
	Arena *arena = arena_new();
	const Blocker blocker = {
	    .arena = arena,
	    .taken_at = TIMESTAMP_NONE,
	    .backend_start = TIMESTAMP_NONE,
	    .in_transaction = ANSWER_UNKNOWN,
	    .transaction_since = TIMESTAMP_NONE,
	    .is_idle = ANSWER_UNKNOWN,
	    .idle_since = TIMESTAMP_NONE,
	    .query_start = TIMESTAMP_NONE,
	    .blocked_since = TIMESTAMP_NONE,
	};

	return g_memdup2(&blocker, sizeof(blocker));
}

Blocker *blocker_new(const WaitGraph *graph, guint session, gint64 seen_since)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	Blocker *blocker = blocker_new_empty();

	blocker->taken_at = snapshot_taken_at(snapshot);
	add_identity(blocker, snapshot, snapshot_session(snapshot, session));
	add_state(blocker, snapshot_session(snapshot, session));
	add_blocked(blocker, graph, session, seen_since);
	blocker_add_targets(blocker, graph, session);
	return blocker;
}

void blocker_free(Blocker *blocker)
{
	if (blocker == NULL)
		return;
	arena_free(blocker->arena);
	g_free(blocker);
}

gboolean blocker_is_same(const Blocker *a, const Blocker *b)
{
	if (a->kind != b->kind)
		return FALSE;
	if (a->kind == SESSION_KIND_PREPARED)
		return a->transaction == b->transaction && g_strcmp0(a->gid_bytes, b->gid_bytes) == 0;
	return a->pid == b->pid && a->backend_start == b->backend_start;
}

static gboolean is_same_target(const BlockerTarget *a, const BlockerTarget *b)
{
	return lock_tag_equal(&a->tag, &b->tag) ||
	       (a->has_row && b->has_row && lock_tag_equal(&a->row_tag, &b->row_tag));
}

gboolean blocker_shares_target(const Blocker *a, const Blocker *b)
{
	for (guint i = 0; i < a->n_targets; i++)
		for (guint j = 0; j < b->n_targets; j++)
			if (is_same_target(&a->targets[i], &b->targets[j]))
				return TRUE;
	return FALSE;
}
