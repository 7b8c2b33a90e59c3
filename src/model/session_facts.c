#include "model/session_facts.h"

#include "base/timestamp.h"

#include <string.h>

char *facts_cut(const char *text)
{
	gsize most = FACTS_MOST_STATEMENT_BYTES;

	if (text == NULL || strnlen(text, most + 1) <= most)
		return g_strdup(text);
	while (most > 0 && ((guchar) text[most] & 0xC0) == 0x80)
		most--;
	return g_strndup(text, most);
}

static HasWritten has_written(const Session *session)
{
	if (session->kind == SESSION_KIND_PREPARED || session->backend_xid != 0)
		return WRITTEN_YES;
	return session->hidden || session_is_unlisted(session) ? WRITTEN_UNKNOWN : WRITTEN_NO;
}

SessionFacts *session_facts_new(const Snapshot *snapshot, guint session)
{
	const Session *seen = snapshot_session(snapshot, session);
	const Names *names = snapshot_names(snapshot);
	SessionFacts *facts = g_new0(SessionFacts, 1);

	*facts = (SessionFacts){
	    .kind = seen->kind,
	    .pid = seen->pid,
	    .backend_start = seen->backend_start,
	    .gid = g_strdup(seen->gid),
	    .is_gid_exact = g_strcmp0(seen->gid, seen->gid_bytes) == 0,
	    .transaction = seen->transaction,
	    .prepared_at = seen->prepared_at,
	    .user = g_strdup(names_role(names, seen->user)),
	    .database = g_strdup(snapshot_database_name(snapshot, seen->database)),
	    .application_name = g_strdup(seen->application_name),
	    .client_addr = g_strdup(seen->client_addr),
	    .client_port = seen->client_port,
	    .backend_type = g_strdup(seen->backend_type),
	    .state = g_strdup(seen->state_text),
	    .xact_start = seen->xact_start,
	    .query_start = seen->query_start,
	    .state_change = seen->state_change,
	    .has_written = has_written(seen),
	    .hidden = seen->hidden,
	    .query = seen->hidden ? NULL : facts_cut(seen->query),
	};
	return facts;
}

SessionFacts *session_facts_copy(const SessionFacts *facts)
{
	if (facts == NULL)
		return NULL;
	SessionFacts *copy = g_new(SessionFacts, 1);

	*copy = *facts;
	copy->gid = g_strdup(facts->gid);
	copy->user = g_strdup(facts->user);
	copy->database = g_strdup(facts->database);
	copy->application_name = g_strdup(facts->application_name);
	copy->client_addr = g_strdup(facts->client_addr);
	copy->backend_type = g_strdup(facts->backend_type);
	copy->state = g_strdup(facts->state);
	copy->query = g_strdup(facts->query);
	return copy;
}

void session_facts_free(SessionFacts *facts)
{
	if (facts == NULL)
		return;
	g_free(facts->gid);
	g_free(facts->user);
	g_free(facts->database);
	g_free(facts->application_name);
	g_free(facts->client_addr);
	g_free(facts->backend_type);
	g_free(facts->state);
	g_free(facts->query);
	g_free(facts);
}

gboolean session_facts_are_of(const SessionFacts *facts, const Session *session)
{
	if (facts->kind != session->kind)
		return FALSE;
	if (facts->kind == SESSION_KIND_PREPARED)
		return facts->transaction == session->transaction;
	return facts->pid == session->pid &&
	       (facts->backend_start == session->backend_start ||
	        facts->backend_start == TIMESTAMP_NONE || session->backend_start == TIMESTAMP_NONE);
}

gboolean session_facts_are_of_transaction(const SessionFacts *facts, const Session *session)
{
	return session_facts_are_of(facts, session) &&
	       (facts->hidden || session->hidden || facts->xact_start == session->xact_start);
}

/* As the functions of a session's ids take it. */
static Session as_session(const SessionFacts *facts)
{
	return (Session){
	    .kind = facts->kind,
	    .pid = facts->pid,
	    .backend_start = facts->backend_start,
	    .gid = facts->gid,
	    .gid_bytes = facts->is_gid_exact ? facts->gid : "",
	    .transaction = facts->transaction,
	};
}

char *session_facts_id(const SessionFacts *facts)
{
	const Session session = as_session(facts);

	return session_id(&session);
}

char *session_facts_log_id(const SessionFacts *facts)
{
	const Session session = as_session(facts);

	return session_log_id(&session);
}
