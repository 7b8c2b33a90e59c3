#include "plan/act.h"

#include "base/error.h"
#include "base/timestamp.h"

#include <string.h>

const char *act_name(Act act)
{
	static const char *const names[] = {
	    [ACT_NONE] = "none",
	    [ACT_CANCEL] = "cancel",
	    [ACT_TERMINATE] = "terminate",
	    [ACT_ROLLBACK_PREPARED] = "rollback_prepared",
	    [ACT_COMMIT_PREPARED] = "commit_prepared",
	};

	return names[act];
}

static const struct {
	const char *name;
	ProtectedKinds kind;
} protected_kinds[] = {
    {"walsender", PROTECTED_WALSENDER},
    {"logical-replication", PROTECTED_LOGICAL_REPLICATION},
    {"anti-wraparound", PROTECTED_WRAPAROUND_VACUUM},
    {"background-worker", PROTECTED_BACKGROUND_WORKER},
    {"syncrep", PROTECTED_SYNC_REP},
};

static gboolean protected_kind_parse(const char *name, ProtectedKinds *kinds)
{
	for (gsize i = 0; i < G_N_ELEMENTS(protected_kinds); i++)
		if (g_ascii_strcasecmp(protected_kinds[i].name, name) == 0) {
			*kinds |= protected_kinds[i].kind;
			return TRUE;
		}
	return FALSE;
}

gboolean protected_kinds_parse(const char *text, ProtectedKinds *kinds, GError **error)
{
	g_auto(GStrv) names = g_strsplit(text, ",", -1);

	for (char **name = names; *name || name == names; name++) {
		if (!*name || !protected_kind_parse(g_strstrip(*name), kinds)) {
			error_set(error, PGUNLOCK_ERROR_USAGE, "\"%s\" is not a kind of protected session",
			          *name ? *name : "");
			error_set_hint(error, "the kinds are walsender, logical-replication, anti-wraparound, "
			                      "background-worker, syncrep");
			return FALSE;
		}
	}
	return TRUE;
}

/* Client/ClientWrite: the backend is stuck sending to a client that doesn't read. It looks at
 * cancel requests only between messages (ProcessClientWriteInterrupt in
 * src/backend/tcop/postgres.c), at termination at once. */
static gboolean is_stuck_in_write(const Session *session)
{
	return g_strcmp0(session->wait_event_type, "Client") == 0 &&
	       g_strcmp0(session->wait_event, "ClientWrite") == 0;
}

/* SyncRepWaitForLSN in src/backend/replication/syncrep.c: the transaction is committed already. */
static gboolean waits_for_standby(const Session *session)
{
	return g_strcmp0(session->wait_event_type, "IPC") == 0 &&
	       g_strcmp0(session->wait_event, "SyncRep") == 0;
}

/* do_autovacuum reports it at the end of its activity (autovac_report_activity in
 * src/backend/postmaster/autovacuum.c). */
gboolean session_prevents_wraparound(const Session *session)
{
	return session->type == BACKEND_TYPE_AUTOVACUUM_WORKER && session->query &&
	       g_str_has_suffix(session->query, "(to prevent wraparound)");
}

Act act_to_free(const Session *session, ActReason *reason)
{
	if (session->kind == SESSION_KIND_PREPARED) {
		*reason = REASON_PREPARED;
		return ACT_ROLLBACK_PREPARED;
	}
	/* Its error may disable the subscription (disable_on_error, 15 on; DisableSubscriptionAndExit
	 * in src/backend/replication/logical/worker.c). */
	if (session->type == BACKEND_TYPE_LOGICAL_REPLICATION) {
		*reason = REASON_REPLICATION_WORKER;
		return ACT_TERMINATE;
	}
	if (is_stuck_in_write(session)) {
		*reason = REASON_STUCK_IN_WRITE;
		return ACT_TERMINATE;
	}
	if (waits_for_standby(session)) {
		*reason = REASON_SYNC_REP;
		return ACT_CANCEL;
	}
	if (session->type == BACKEND_TYPE_AUTOVACUUM_WORKER && session->state == SESSION_STATE_ACTIVE) {
		*reason = REASON_AUTOVACUUM;
		return ACT_CANCEL;
	}
	switch (session->state) {
	case SESSION_STATE_ACTIVE:
	case SESSION_STATE_FASTPATH:
		*reason = REASON_RUNNING;
		return ACT_CANCEL;
	case SESSION_STATE_IDLE_IN_TRANSACTION:
		*reason = REASON_IDLE_IN_TRANSACTION;
		return ACT_TERMINATE;
	case SESSION_STATE_IDLE_IN_TRANSACTION_ABORTED:
		*reason = REASON_ABORTED_HOLDING;
		return ACT_TERMINATE;
	case SESSION_STATE_IDLE:
		*reason = REASON_SESSION_LOCK;
		return ACT_TERMINATE;
	case SESSION_STATE_UNKNOWN:
	case SESSION_STATE_STARTING:
	case SESSION_STATE_DISABLED:
		break;
	}
	*reason = REASON_PROCESS;
	return ACT_TERMINATE;
}

static ActRefusal prepared_refusal(const Snapshot *snapshot, const Session *session, Act act)
{
	const OwnPrivileges *own = privileges_own(snapshot_privileges(snapshot));

	if (act != ACT_ROLLBACK_PREPARED && act != ACT_COMMIT_PREPARED)
		return REFUSAL_PREPARED;
	if (!session->gid)
		return REFUSAL_PREPARED_UNNAMED;
	/* it is ended through a connection there */
	if (!snapshot_database_name(snapshot, session->database))
		return REFUSAL_PREPARED_ELSEWHERE;
	/* LockGXact: the very owner, not a member of it, or a superuser */
	if (own->known && !own->is_superuser && session->user != snapshot_server(snapshot)->user_oid)
		return REFUSAL_NEEDS_OWNER;
	return REFUSAL_NONE;
}

static ActRefusal protection(const Session *session, ProtectedKinds included)
{
	const struct {
		gboolean applies;
		ProtectedKinds kind;
		ActRefusal refusal;
	} rules[] = {
	    {session->type == BACKEND_TYPE_WALSENDER, PROTECTED_WALSENDER, REFUSAL_WALSENDER},
	    {session->type == BACKEND_TYPE_LOGICAL_REPLICATION, PROTECTED_LOGICAL_REPLICATION,
	     REFUSAL_LOGICAL_REPLICATION},
	    {session_prevents_wraparound(session), PROTECTED_WRAPAROUND_VACUUM,
	     REFUSAL_WRAPAROUND_VACUUM},
	    {session->type == BACKEND_TYPE_BACKGROUND_WORKER, PROTECTED_BACKGROUND_WORKER,
	     REFUSAL_BACKGROUND_WORKER},
	    {waits_for_standby(session), PROTECTED_SYNC_REP, REFUSAL_SYNC_REP},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
		if (rules[i].applies && !(included & rules[i].kind))
			return rules[i].refusal;
	return REFUSAL_NONE;
}

gboolean act_cancel_is_pointless(SessionState state)
{
	return state == SESSION_STATE_IDLE || state == SESSION_STATE_IDLE_IN_TRANSACTION ||
	       state == SESSION_STATE_IDLE_IN_TRANSACTION_ABORTED;
}

/* What pg_signal_backend would say. What we couldn't find out we leave to the server: it has the
 * last word in any case, and with locked catalogs it may be all that is left. */
static ActRefusal missing_privilege(const Snapshot *snapshot, const Session *session)
{
	const OwnPrivileges *own = privileges_own(snapshot_privileges(snapshot));
	const RolePrivileges *role = privileges_role(snapshot_privileges(snapshot), session->user);

	if (!own->known || own->is_superuser)
		return REFUSAL_NONE;
	if (session->type == BACKEND_TYPE_AUTOVACUUM_WORKER &&
	    snapshot_server(snapshot)->version_num >= 180000)
		return own->has_signal_autovacuum_worker ? REFUSAL_NONE : REFUSAL_NEEDS_SIGNAL_AUTOVACUUM;
	/* processes without a role count as a superuser's */
	if (session->user == 0 || (role && role->is_superuser))
		return REFUSAL_NEEDS_SUPERUSER;
	if (role && !role->we_have_its_privileges && !own->has_signal_backend)
		return REFUSAL_NEEDS_SIGNAL_BACKEND;
	return REFUSAL_NONE;
}

/* Of a backend. */
static ActRefusal nature_refusal(const Session *session)
{
	if (session->type == BACKEND_TYPE_STARTUP)
		return REFUSAL_STARTUP;
	return session->type == BACKEND_TYPE_SYSTEM ? REFUSAL_SYSTEM_PROCESS : REFUSAL_NONE;
}

static ActRefusal protection_or_vain(const Session *session, Act act, ProtectedKinds included)
{
	ActRefusal refusal = protection(session, included);

	if (refusal != REFUSAL_NONE)
		return refusal;
	if (act == ACT_CANCEL && act_cancel_is_pointless(session->state))
		return REFUSAL_CANCEL_IDLE;
	return act == ACT_CANCEL && is_stuck_in_write(session) ? REFUSAL_CANCEL_STUCK : REFUSAL_NONE;
}

ActRefusal act_refusal_by_session(const Session *session, Act act)
{
	ActRefusal refusal = nature_refusal(session);

	if (session->kind == SESSION_KIND_PREPARED)
		return act == ACT_ROLLBACK_PREPARED ? REFUSAL_NONE : REFUSAL_PREPARED;
	return refusal != REFUSAL_NONE ? refusal : protection_or_vain(session, act, 0);
}

ActRefusal act_refusal(const Snapshot *snapshot, guint session_index, Act act,
                       ProtectedKinds included)
{
	const Session *session = snapshot_session(snapshot, session_index);
	ActRefusal refusal;

	if (session->kind == SESSION_KIND_PREPARED)
		return prepared_refusal(snapshot, session, act);
	if (act == ACT_ROLLBACK_PREPARED || act == ACT_COMMIT_PREPARED)
		return REFUSAL_NOT_PREPARED;
	if (session->is_self)
		return REFUSAL_SELF;
	refusal = nature_refusal(session);
	if (refusal != REFUSAL_NONE)
		return refusal;
	if (session_is_unlisted(session))
		return REFUSAL_LOGGING_IN;
	if (session->backend_start == TIMESTAMP_NONE)
		return REFUSAL_IDENTITY_HIDDEN;
	refusal = protection_or_vain(session, act, included);
	return refusal != REFUSAL_NONE ? refusal : missing_privilege(snapshot, session);
}
