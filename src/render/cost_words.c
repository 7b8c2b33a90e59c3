#include "render/cost_words.h"

#include "base/pattern.h"
#include "base/timestamp.h"
#include "render/session_words.h"
#include "render/statement.h"

static gboolean has_client(const Session *session)
{
	return session->type == BACKEND_TYPE_CLIENT || session->hidden;
}

/* How the end of a release reads where a cancel isn't enough, by what it ends. */
const char *act_escalation_text(PlanCommand command, const Session *session, Act act,
                                ActReason reason)
{
	if (command != COMMAND_RELEASE || act != ACT_CANCEL)
		return NULL;
	if (!has_client(session))
		return "If it still holds when --grace is over: terminate.";
	switch (reason) {
	case REASON_QUEUED_REQUEST:
	case REASON_CONCURRENT_DDL:
		return "If it is still in the way when --grace is over: terminate, and its "
		       "connection breaks.";
	case REASON_SYNC_REP:
		return "If it still holds when --grace is over: terminate, and its connection "
		       "breaks. Even then nothing is rolled back.";
	default:
		return "First cancel, then terminate if it still holds when --grace is over: its "
		       "whole transaction is then rolled back, its connection breaks, and the application "
		       "has to reconnect.";
	}
}

static void append_transaction_loss(GString *out, const Snapshot *snapshot, const Session *session)
{
	gboolean shows_state = session->state != SESSION_STATE_UNKNOWN &&
	                       session->state != SESSION_STATE_STARTING &&
	                       session->state != SESSION_STATE_DISABLED;
	gboolean dated = session->xact_start != TIMESTAMP_NONE;

	if (!session_is_in_transaction(session)) {
		g_string_append(out, shows_state ? "It has no transaction open: its session-level locks "
		                                   "are given up."
		                                 : "What it has not committed is rolled back.");
		return;
	}
	g_autofree char *age = dated ? age_text(snapshot, session->xact_start) : NULL;
	if (session->backend_xid != 0)
		g_string_append_printf(out,
		                       "It may have written: its uncommitted changes%s%s are rolled back.",
		                       dated ? " of " : "", dated ? age : "");
	else
		g_string_append_printf(out, "Its transaction%s%s has changed nothing.", dated ? " of " : "",
		                       dated ? age : "");
}

/* Commands that can't be undone in one go, since they commit in between (index_concurrently_build
 * and index_drop in src/backend/catalog/index.c, DetachPartitionFinalize in
 * src/backend/commands/tablecmds.c). */
static const struct {
	const char *glob;
	const char *text;
} concurrent_commands[] = {
    {"create*index concurrently *", "An INVALID index stays behind: DROP INDEX removes it."},
    {"reindex *concurrently*",
     "An INVALID index, its name with _ccnew or _ccold, stays behind: DROP INDEX removes it."},
    {"drop index concurrently *", "The index stays behind, INVALID: DROP INDEX removes it."},
    {"alter table *detach partition *concurrently*",
     "The partition stays behind half detached: ALTER TABLE ... DETACH PARTITION ... FINALIZE ends "
     "that."},
};

enum { COMMAND_COLUMNS = 1000 };

/* What the statement leaves behind when it is ended now, or NULL. While it waits for its first lock
 * on the table it has not done anything yet. */
static const char *left_behind(const WaitGraph *graph, guint index)
{
	const Session *session = snapshot_session(wait_graph_snapshot(graph), index);
	const LockQueue *queue;
	g_autofree char *statement = NULL;

	if (session->state != SESSION_STATE_ACTIVE)
		return NULL;
	if (wait_graph_wait(graph, session->leader, &queue) != NULL &&
	    queue->tag.type != LOCK_TYPE_VIRTUALXID)
		return NULL;
	statement = session_statement_excerpt(session, COMMAND_COLUMNS);
	for (guint i = 0; i < G_N_ELEMENTS(concurrent_commands); i++)
		if (glob_matches(concurrent_commands[i].glob, statement, TRUE))
			return concurrent_commands[i].text;
	return NULL;
}

static void append_statement_loss(GString *out, const Snapshot *snapshot, const Session *session)
{
	if (session->query_start == TIMESTAMP_NONE) {
		g_string_append(out, "Its statement's work is lost.");
		return;
	}
	g_autofree char *age = age_text(snapshot, session->query_start);
	g_string_append_printf(out, "Its statement's work of %s is lost.", age);
}

/* What becomes of the work of those who don't lose a transaction as others do; NULL for others. */
static const char *special_loss(const Session *session)
{
	ActReason reason;

	act_to_free(session, &reason);
	switch (reason) {
	case REASON_SYNC_REP:
		return "Nothing is rolled back: its transaction is committed here, though perhaps not on "
		       "any standby.";
	case REASON_REPLICATION_WORKER:
		return "What it applies or copies is rolled back. It starts again soon and does the same "
		       "again.";
	case REASON_AUTOVACUUM:
		return session_prevents_wraparound(session)
		           ? "What it did in this table so far may be in vain. It comes back soon, and has "
		             "to finish before transaction ids run out."
		           : "No data is lost: autovacuum comes back to this table later.";
	default:
		return NULL;
	}
}

static void append_cancel_loss(GString *out, const WaitGraph *graph, guint index)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	const Session *session = snapshot_session(snapshot, index);
	const char *special = special_loss(session);
	const char *rest = left_behind(graph, index);

	if (special != NULL)
		g_string_append(out, special);
	else if (session_has_earlier_work(session) && rest == NULL)
		append_transaction_loss(out, snapshot, session);
	else if (wait_graph_wait(graph, session->leader, NULL) != NULL && rest == NULL)
		g_string_append(out, "It only waits: no work is lost.");
	else
		append_statement_loss(out, snapshot, session);
	if (rest != NULL)
		g_string_append_printf(out, " %s", rest);
	if (has_client(session) || session->type == BACKEND_TYPE_WALSENDER)
		g_string_append(out, " Its connection stays.");
}

/* Whether it holds a lock outside any transaction: then whoever took it may have left the
 * connection to a pooler since. */
static gboolean is_left_lock(const Snapshot *snapshot, guint session_index)
{
	guint n_locks;

	snapshot_session_locks(snapshot, session_index, &n_locks);
	return n_locks > 0 && snapshot_session(snapshot, session_index)->state == SESSION_STATE_IDLE;
}

static void append_terminate_loss(GString *out, const WaitGraph *graph, guint index)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	const Session *session = snapshot_session(snapshot, index);
	const char *special = special_loss(session);
	const char *rest = left_behind(graph, index);

	if (special != NULL)
		g_string_append(out, special);
	else
		append_transaction_loss(out, snapshot, session);
	if (rest != NULL)
		g_string_append_printf(out, " %s", rest);
	if (has_client(session))
		g_string_append(out, " Its connection breaks; the application has to reconnect.");
	else if (session->type == BACKEND_TYPE_WALSENDER)
		g_string_append(out, " Its connection breaks; what it feeds has to connect again.");
	if (is_left_lock(snapshot, index))
		g_string_append(out,
		                " Behind a pooler the name shown is that of the connection's latest user.");
}

char *act_cost_text(const WaitGraph *graph, guint session_index, Act act)
{
	GString *out = g_string_new(NULL);

	switch (act) {
	case ACT_CANCEL:
		append_cancel_loss(out, graph, session_index);
		break;
	case ACT_TERMINATE:
		append_terminate_loss(out, graph, session_index);
		break;
	case ACT_ROLLBACK_PREPARED:
		g_string_append(out, "Its changes are lost for good, and other databases of the same "
		                     "distributed commit may have kept theirs.");
		break;
	case ACT_COMMIT_PREPARED:
		g_string_append(out, "Its changes become permanent.");
		break;
	case ACT_NONE:
		break;
	}
	return g_string_free(out, FALSE);
}
