#include "render/act_words.h"

#include "base/sql_ident.h"
#include "render/command.h"
#include "render/grant.h"
#include "render/replay_words.h"

#include <string.h>

typedef struct {
	const char *code;
	const char *text;
} ReasonWords;

static const ReasonWords reasons[] = {
    [REASON_REQUESTED] = {"requested", "it was asked for"},
    [REASON_RUNNING] = {"running", "it runs a statement"},
    [REASON_IDLE_IN_TRANSACTION] = {"idle_in_transaction",
                                    "cancel does nothing to an idle transaction"},
    [REASON_ABORTED_HOLDING] = {"aborted_holding",
                                "its transaction is aborted but keeps the locks from before its "
                                "savepoint, and cancel does nothing to it"},
    [REASON_STUCK_IN_WRITE] = {"stuck_in_write",
                               "it is stuck sending to its client and ignores cancel"},
    [REASON_SESSION_LOCK] = {"session_lock",
                             "it holds a session-level advisory lock outside any transaction, and "
                             "cancel does nothing to an idle session"},
    [REASON_QUEUED_REQUEST] = {"queued_request",
                               "its own waiting request holds up everybody behind it"},
    [REASON_PREPARED] = {"prepared",
                         "only ROLLBACK PREPARED or COMMIT PREPARED ends a prepared transaction"},
    [REASON_CONCURRENT_DDL] = {"concurrent_ddl",
                               "it waits for other transactions to end and holds up everybody "
                               "behind it meanwhile"},
    [REASON_SYNC_REP] = {"sync_rep",
                         "it only waits for a synchronous standby, and cancel ends that wait"},
    [REASON_AUTOVACUUM] = {"autovacuum", "it is autovacuum, and cancel makes it leave this table"},
    [REASON_REPLICATION_WORKER] = {"replication_worker",
                                   "a cancel ends it all the same, and as an error, which may "
                                   "disable its subscription"},
    [REASON_PROCESS] = {"process", "it shows no state, so that a cancel might do nothing"},
};

/* {us} is our role, {them} the session's, as SQL writes them; {session} is what a person types. */
typedef struct {
	const char *code;
	const char *text;
	const char *roles; /* that our role would have to be granted, or NULL */
	const char *hint;
	RefusalRemedy remedy;
} RefusalWords;

static const RefusalWords refusals[] = {
    [REFUSAL_NONE] = {NULL},
    [REFUSAL_SELF] = {"self", "it is a connection of pgunlock itself"},
    [REFUSAL_STARTUP] = {"startup", "the startup process replays WAL and can't be signalled"},
    [REFUSAL_SYSTEM_PROCESS] = {"system_process",
                                "it is a process of the server itself, and ending it frees nobody"},
    [REFUSAL_WALSENDER] = {"walsender",
                           "protected: it is a walsender and feeds a standby, a subscriber or a "
                           "backup",
                           NULL, "--include-protected walsender ends it all the same"},
    [REFUSAL_LOGICAL_REPLICATION] = {"logical_replication",
                                     "protected: it is a worker of logical replication and would "
                                     "be started again",
                                     NULL,
                                     "--include-protected logical-replication ends it; ALTER "
                                     "SUBSCRIPTION ... DISABLE before that keeps it from doing the "
                                     "same again (pg_stat_subscription has its name)"},
    [REFUSAL_WRAPAROUND_VACUUM] = {"wraparound_vacuum",
                                   "protected: it is autovacuum to prevent wraparound, has to "
                                   "finish, and comes back after a kill",
                                   NULL,
                                   "--include-protected anti-wraparound ends it all the same"},
    [REFUSAL_BACKGROUND_WORKER] = {"background_worker",
                                   "protected: it is a background worker of an extension", NULL,
                                   "--include-protected background-worker ends it all the same"},
    [REFUSAL_SYNC_REP] =
        {"sync_rep",
         "protected: its transaction is committed here and waits for a "
         "synchronous standby; ending it doesn't undo that",
         NULL,
         "--include-protected syncrep ends the wait of this one; for all of them the "
         "standby has to come back, or: ALTER SYSTEM SET "
         "synchronous_standby_names = ''; SELECT pg_reload_conf();"},
    [REFUSAL_CANCEL_IDLE] = {"cancel_idle",
                             "cancel does nothing: it runs no statement, and an idle session keeps "
                             "its locks",
                             NULL,
                             "terminate ends it",
                             {"terminate", {NULL}}},
    [REFUSAL_CANCEL_STUCK] = {"cancel_stuck",
                              "cancel does nothing: it is stuck sending to its client",
                              NULL,
                              "terminate ends it",
                              {"terminate", {NULL}}},
    [REFUSAL_PREPARED] = {"prepared",
                          "it is a prepared transaction, perhaps half of a distributed commit, and "
                          "nobody said to roll it back",
                          NULL,
                          "release {session} --rollback, or --commit, ends it; "
                          "--rollback-prepared lets a selection roll back",
                          {"release", {"--rollback", "--commit"}}},
    [REFUSAL_PREPARED_UNNAMED] = {"prepared_unnamed",
                                  "it is a prepared transaction whose name couldn't be read", NULL,
                                  "look again; it may have ended meanwhile"},
    [REFUSAL_PREPARED_ELSEWHERE] = {"prepared_elsewhere",
                                    "it is a prepared transaction of a database whose name "
                                    "couldn't be read, and only a connection to that one ends it",
                                    NULL, "connect to its database with -d"},
    [REFUSAL_NOT_PREPARED] = {"not_prepared",
                              "--rollback and --commit are for prepared transactions, and it is "
                              "none",
                              NULL, "name a prepared transaction: gid:NAME"},
    [REFUSAL_IDENTITY_HIDDEN] = {"identity_hidden",
                                 "role {us} may not see when it began, so that nobody could tell "
                                 "it from a later session with the same pid",
                                 "pg_read_all_stats", NULL},
    [REFUSAL_LOGGING_IN] = {"logging_in",
                            "it is still logging in: the server doesn't tell yet when it began, so "
                            "that nobody could tell it from a later session with the same pid",
                            NULL, "end what it waits for, or look again once it is in"},
    [REFUSAL_NEEDS_SUPERUSER] = {"needs_superuser",
                                 "only a superuser may signal a superuser's session", NULL,
                                 "connect as a superuser"},
    [REFUSAL_NEEDS_SIGNAL_BACKEND] = {"needs_signal_backend",
                                      "role {us} may not signal sessions of role {them}",
                                      "pg_signal_backend", "or connect as a member of {them}"},
    [REFUSAL_NEEDS_SIGNAL_AUTOVACUUM] = {"needs_signal_autovacuum",
                                         "role {us} may not signal autovacuum workers",
                                         "pg_signal_autovacuum_worker", NULL},
    [REFUSAL_NEEDS_OWNER] = {"needs_owner",
                             "only its owner, role {them}, or a superuser may end a prepared "
                             "transaction",
                             NULL, "connect as {them}"},
    [REFUSAL_COMPANION] = {"companion",
                           "another blocker of the same waiters is refused, and ending this one "
                           "alone frees nobody",
                           NULL, NULL},
};

const char *reason_code(ActReason reason)
{
	return reasons[reason].code;
}

const char *reason_text(ActReason reason)
{
	return reasons[reason].text;
}

const char *refusal_code(ActRefusal refusal)
{
	return refusals[refusal].code;
}

static void append_role(GString *out, const char *name, guint32 oid)
{
	if (name != NULL)
		sql_ident_append(out, name);
	else
		g_string_append_printf(out, "%u", oid);
}

static char *expand(const char *words, const Snapshot *snapshot, guint index)
{
	const Session *session = snapshot_session(snapshot, index);
	const ServerInfo *server = snapshot_server(snapshot);
	GString *out;

	if (words == NULL)
		return NULL;
	out = g_string_new(NULL);
	while (*words != '\0') {
		gsize plain = strcspn(words, "{");

		g_string_append_len(out, words, (gssize) plain);
		words += plain;
		if (g_str_has_prefix(words, "{us}")) {
			append_role(out, server->user, server->user_oid);
		} else if (g_str_has_prefix(words, "{them}")) {
			append_role(out, names_role(snapshot_names(snapshot), session->user), session->user);
		} else if (g_str_has_prefix(words, "{session}")) {
			g_autofree char *name = session_exact_name(session);
			g_autofree char *quoted = command_quote(name);
			g_string_append(out, quoted);
		}
		words += strcspn(words, "}");
		if (*words == '}')
			words++;
	}
	return g_string_free(out, FALSE);
}

/* A process without a role counts as a superuser's (pg_signal_backend). */
static const RefusalWords of_autovacuum = {
    .text = "only a superuser may signal autovacuum, which counts as a superuser's session",
    .hint = "connect as a superuser",
};

static const RefusalWords of_no_role = {
    .text = "only a superuser may signal a process of the server that has no role",
    .hint = "connect as a superuser",
};

/* A prepared transaction without a name can't be named in a command either. */
static const RefusalWords *words_of(const Snapshot *snapshot, guint session, ActRefusal refusal)
{
	const Session *refused = snapshot_session(snapshot, session);

	if (refusal == REFUSAL_PREPARED && refused->gid == NULL)
		return &refusals[REFUSAL_PREPARED_UNNAMED];
	if (refusal == REFUSAL_NEEDS_SUPERUSER && refused->type == BACKEND_TYPE_AUTOVACUUM_WORKER)
		return &of_autovacuum;
	if (refusal == REFUSAL_NEEDS_SUPERUSER && refused->user == 0)
		return &of_no_role;
	return &refusals[refusal];
}

char *refusal_text(const Snapshot *snapshot, guint session, ActRefusal refusal)
{
	return expand(words_of(snapshot, session, refusal)->text, snapshot, session);
}

const char *refusal_plain_text(ActRefusal refusal)
{
	return refusals[refusal].text;
}

/* Whose hidden session it is decides whether seeing it would be enough. */
static const RefusalWords *words_of_hidden(const Snapshot *snapshot, guint index)
{
	static const RefusalWords and_signal = {
	    .roles = "pg_read_all_stats, pg_signal_backend",
	    .hint = "the second to signal sessions of role {them}",
	};
	static const RefusalWords of_superuser = {
	    .hint = "connect as a superuser: only one may signal a superuser's session",
	};
	const Privileges *privileges = snapshot_privileges(snapshot);
	const OwnPrivileges *own = privileges_own(privileges);
	const RolePrivileges *role =
	    privileges_role(privileges, snapshot_session(snapshot, index)->user);

	if (!own->known || role == NULL)
		return &refusals[REFUSAL_IDENTITY_HIDDEN];
	if (role->is_superuser)
		return &of_superuser;
	return role->we_have_its_privileges || own->has_signal_backend
	           ? &refusals[REFUSAL_IDENTITY_HIDDEN]
	           : &and_signal;
}

/* Nobody can be a role that is gone (DROP ROLE doesn't ask about prepared transactions). */
static const RefusalWords of_unknown_owner = {
    .hint = "connect as a superuser",
};

/* What would change the refusal. */
static const RefusalWords *remedy_of(const Snapshot *snapshot, guint session, ActRefusal refusal)
{
	guint32 owner = snapshot_session(snapshot, session)->user;

	if (refusal == REFUSAL_IDENTITY_HIDDEN)
		return words_of_hidden(snapshot, session);
	if (refusal == REFUSAL_NEEDS_OWNER && names_role(snapshot_names(snapshot), owner) == NULL)
		return &of_unknown_owner;
	return words_of(snapshot, session, refusal);
}

char *refusal_grant(const Snapshot *snapshot, guint session, ActRefusal refusal)
{
	const char *roles = remedy_of(snapshot, session, refusal)->roles;

	return roles != NULL ? grant_sql(snapshot, roles) : NULL;
}

char *refusal_hint(const Snapshot *snapshot, guint session, ActRefusal refusal)
{
	if (refusal == REFUSAL_STARTUP)
		return replay_hint(snapshot, snapshot_session(snapshot, session));
	return expand(remedy_of(snapshot, session, refusal)->hint, snapshot, session);
}

RefusalRemedy refusal_remedy(const Snapshot *snapshot, guint session, ActRefusal refusal)
{
	return words_of(snapshot, session, refusal)->remedy;
}

const char *act_verb(Act act)
{
	static const char *const verbs[] = {
	    [ACT_NONE] = "nothing",           [ACT_CANCEL] = "cancel",
	    [ACT_TERMINATE] = "terminate",    [ACT_ROLLBACK_PREPARED] = "roll back",
	    [ACT_COMMIT_PREPARED] = "commit",
	};

	return verbs[act];
}
