#include "plan_words.h"

#include "base/error.h"
#include "base/timestamp.h"

#define SUPERUSER 11
#define OTHER_USER 20
#define FRIEND 21
#define UNKNOWN_USER 22

static void test_names(void)
{
	g_assert_cmpstr(act_name(ACT_NONE), ==, "none");
	g_assert_cmpstr(act_name(ACT_CANCEL), ==, "cancel");
	g_assert_cmpstr(act_name(ACT_TERMINATE), ==, "terminate");
	g_assert_cmpstr(act_name(ACT_ROLLBACK_PREPARED), ==, "rollback_prepared");
	g_assert_cmpstr(act_name(ACT_COMMIT_PREPARED), ==, "commit_prepared");
}

static void test_protected_kinds(void)
{
	static const struct {
		const char *text;
		ProtectedKinds kinds;
	} cases[] = {
	    {"walsender", PROTECTED_WALSENDER},
	    {"logical-replication", PROTECTED_LOGICAL_REPLICATION},
	    {"anti-wraparound", PROTECTED_WRAPAROUND_VACUUM},
	    {"background-worker", PROTECTED_BACKGROUND_WORKER},
	    {"syncrep", PROTECTED_SYNC_REP},
	    {"WalSender", PROTECTED_WALSENDER},
	    {" walsender , syncrep\t", PROTECTED_WALSENDER | PROTECTED_SYNC_REP},
	    {"syncrep,syncrep", PROTECTED_SYNC_REP},
	};
	static const char *const wrong[] = {
	    "",    " ",          ",",       "walsender,", ",walsender", "walsender;syncrep",
	    "all", "wal sender", "startup",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		ProtectedKinds kinds = 0;

		g_test_message("case \"%s\"", cases[i].text);
		g_assert_true(protected_kinds_parse(cases[i].text, &kinds, &error));
		g_assert_no_error(error);
		g_assert_cmpuint(kinds, ==, cases[i].kinds);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;
		ProtectedKinds kinds = 0;

		g_test_message("case \"%s\"", wrong[i]);
		g_assert_false(protected_kinds_parse(wrong[i], &kinds, &error));
		g_assert_error(error, PGUNLOCK_ERROR, PGUNLOCK_ERROR_USAGE);
		g_assert_nonnull(strstr(error_hint(error), "anti-wraparound"));
	}
}

static void test_protected_kinds_add_up(void)
{
	ProtectedKinds kinds = PROTECTED_WALSENDER;

	g_assert_true(protected_kinds_parse("syncrep", &kinds, NULL));
	g_assert_cmpuint(kinds, ==, PROTECTED_WALSENDER | PROTECTED_SYNC_REP);
}

static const struct {
	const char *type;
	const char *query;
	gboolean prevents;
} vacuums[] = {
    {"autovacuum worker", "autovacuum: VACUUM public.t (to prevent wraparound)", TRUE},
    {"autovacuum worker", "autovacuum: VACUUM public.t", FALSE},
    {"autovacuum worker", "autovacuum: VACUUM ANALYZE public.\"(to prevent wraparound)\"", FALSE},
    {"autovacuum worker", NULL, FALSE},
    {"client backend", "SELECT 1 -- (to prevent wraparound)", FALSE},
};

static void test_wraparound(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(vacuums); i++) {
		Session session = {.type = backend_type_from_text(vacuums[i].type),
		                   .query = vacuums[i].query};

		g_test_message("case %s", vacuums[i].query);
		g_assert_cmpint(session_prevents_wraparound(&session), ==, vacuums[i].prevents);
	}
}

static const struct {
	SessionState state;
	const char *wait_event_type, *wait_event;
	Act act;
	ActReason reason;
	BackendType type;
} right_acts[] = {
    {SESSION_STATE_ACTIVE, NULL, NULL, ACT_CANCEL, REASON_RUNNING},
    {SESSION_STATE_ACTIVE, "Lock", "relation", ACT_CANCEL, REASON_RUNNING},
    {SESSION_STATE_ACTIVE, "Client", "ClientRead", ACT_CANCEL, REASON_RUNNING},
    {SESSION_STATE_ACTIVE, "IPC", "ClientWrite", ACT_CANCEL, REASON_RUNNING},
    {SESSION_STATE_FASTPATH, NULL, NULL, ACT_CANCEL, REASON_RUNNING},
    {SESSION_STATE_ACTIVE, "Client", "ClientWrite", ACT_TERMINATE, REASON_STUCK_IN_WRITE},
    {SESSION_STATE_IDLE_IN_TRANSACTION, "Client", "ClientRead", ACT_TERMINATE,
     REASON_IDLE_IN_TRANSACTION},
    {SESSION_STATE_IDLE_IN_TRANSACTION_ABORTED, "Client", "ClientRead", ACT_TERMINATE,
     REASON_ABORTED_HOLDING},
    {SESSION_STATE_IDLE, "Client", "ClientRead", ACT_TERMINATE, REASON_SESSION_LOCK},
    {SESSION_STATE_UNKNOWN, NULL, NULL, ACT_TERMINATE, REASON_PROCESS},
    {SESSION_STATE_STARTING, NULL, NULL, ACT_TERMINATE, REASON_PROCESS},
    {SESSION_STATE_DISABLED, NULL, NULL, ACT_TERMINATE, REASON_PROCESS},
    /* its transaction is committed: only its wait can be ended */
    {SESSION_STATE_ACTIVE, "IPC", "SyncRep", ACT_CANCEL, REASON_SYNC_REP, BACKEND_TYPE_CLIENT},
    /* an error ends a worker, too, and may disable its subscription */
    {SESSION_STATE_ACTIVE, NULL, NULL, ACT_TERMINATE, REASON_REPLICATION_WORKER,
     BACKEND_TYPE_LOGICAL_REPLICATION},
    {SESSION_STATE_UNKNOWN, NULL, NULL, ACT_TERMINATE, REASON_REPLICATION_WORKER,
     BACKEND_TYPE_LOGICAL_REPLICATION},
    {SESSION_STATE_ACTIVE, "Timeout", "VacuumDelay", ACT_CANCEL, REASON_AUTOVACUUM,
     BACKEND_TYPE_AUTOVACUUM_WORKER},
    {SESSION_STATE_UNKNOWN, NULL, NULL, ACT_TERMINATE, REASON_PROCESS,
     BACKEND_TYPE_AUTOVACUUM_WORKER},
    {SESSION_STATE_ACTIVE, NULL, NULL, ACT_CANCEL, REASON_RUNNING, BACKEND_TYPE_WALSENDER},
    {SESSION_STATE_IDLE_IN_TRANSACTION, "Client", "ClientRead", ACT_TERMINATE,
     REASON_IDLE_IN_TRANSACTION, BACKEND_TYPE_WALSENDER},
};

static void test_right_act(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(right_acts); i++) {
		Session session = {.type = right_acts[i].type,
		                   .state = right_acts[i].state,
		                   .wait_event_type = right_acts[i].wait_event_type,
		                   .wait_event = right_acts[i].wait_event};
		ActReason reason = REASON_REQUESTED;

		g_test_message("case %zu", i);
		g_assert_cmpstr(act_name(act_to_free(&session, &reason)), ==, act_name(right_acts[i].act));
		g_assert_cmpstr(words_reason(reason), ==, words_reason(right_acts[i].reason));
	}
}

static void test_right_act_prepared(void)
{
	Session session = {.kind = SESSION_KIND_PREPARED};
	ActReason reason = REASON_REQUESTED;

	g_assert_cmpint(act_to_free(&session, &reason), ==, ACT_ROLLBACK_PREPARED);
	g_assert_cmpint(reason, ==, REASON_PREPARED);
}

/* What our role may do. */
enum {
	MAY_ANYTHING = 1 << 0,
	MAY_SIGNAL = 1 << 1,
	MAY_SIGNAL_AUTOVACUUM = 1 << 2,
	UNKNOWN = 1 << 3
};

static void set_privileges(Snapshot *snapshot, guint may)
{
	Privileges *privileges = snapshot_privileges(snapshot);
	OwnPrivileges own = {
	    .known = !(may & UNKNOWN),
	    .is_superuser = !!(may & MAY_ANYTHING),
	    .has_signal_backend = !!(may & MAY_SIGNAL),
	    .has_signal_autovacuum_worker = !!(may & MAY_SIGNAL_AUTOVACUUM),
	};
	const RolePrivileges roles[] = {
	    {.oid = SCENE_USER, .we_have_its_privileges = TRUE},
	    {.oid = SUPERUSER, .is_superuser = TRUE},
	    {.oid = OTHER_USER},
	    {.oid = FRIEND, .we_have_its_privileges = TRUE},
	};

	privileges_set_own(privileges, &own);
	for (gsize i = 0; i < G_N_ELEMENTS(roles); i++)
		privileges_add_role(privileges, &roles[i]);
}

#define ANY_VERSION 0
#define ALL_KINDS                                                                                  \
	(PROTECTED_WALSENDER | PROTECTED_LOGICAL_REPLICATION | PROTECTED_WRAPAROUND_VACUUM |           \
	 PROTECTED_BACKGROUND_WORKER | PROTECTED_SYNC_REP)
#define WRAPAROUND "autovacuum: VACUUM public.t (to prevent wraparound)"

typedef struct {
	const char *what;
	const char *type;
	const char *state;
	guint32 user;
	Act act;
	guint may;
	ProtectedKinds included;
	int version; /* of the server: 15, 18 or both */
	ActRefusal refusal;
	const char *query;
	const char *wait_event_type, *wait_event;
} RefusalCase;

static const RefusalCase refusals[] = {
    {"a superuser may", "client backend", "active", SUPERUSER, ACT_TERMINATE, MAY_ANYTHING, 0,
     ANY_VERSION, REFUSAL_NONE},
    {"the same role may", "client backend", "active", SCENE_USER, ACT_TERMINATE, 0, 0, ANY_VERSION,
     REFUSAL_NONE},
    {"a member may", "client backend", "active", FRIEND, ACT_CANCEL, 0, 0, ANY_VERSION,
     REFUSAL_NONE},
    {"pg_signal_backend may", "client backend", "active", OTHER_USER, ACT_CANCEL, MAY_SIGNAL, 0,
     ANY_VERSION, REFUSAL_NONE},
    {"pg_signal_backend may not signal a superuser", "client backend", "active", SUPERUSER,
     ACT_TERMINATE, MAY_SIGNAL, 0, ANY_VERSION, REFUSAL_NEEDS_SUPERUSER},
    {"another role may not", "client backend", "active", OTHER_USER, ACT_TERMINATE, 0, 0,
     ANY_VERSION, REFUSAL_NEEDS_SIGNAL_BACKEND},
    {"what isn't known is left to the server", "client backend", "active", OTHER_USER,
     ACT_TERMINATE, UNKNOWN, 0, ANY_VERSION, REFUSAL_NONE},
    {"a role that isn't known is, too", "client backend", "active", UNKNOWN_USER, ACT_TERMINATE, 0,
     0, ANY_VERSION, REFUSAL_NONE},

    {"autovacuum counts as a superuser's", "autovacuum worker", "active", 0, ACT_CANCEL,
     MAY_SIGNAL | MAY_SIGNAL_AUTOVACUUM, 0, 15, REFUSAL_NEEDS_SUPERUSER},
    {"from 18 on it has a role of its own", "autovacuum worker", "active", 0, ACT_CANCEL,
     MAY_SIGNAL, 0, 18, REFUSAL_NEEDS_SIGNAL_AUTOVACUUM},
    {"which is enough", "autovacuum worker", "active", 0, ACT_CANCEL, MAY_SIGNAL_AUTOVACUUM, 0, 18,
     REFUSAL_NONE},
    {"but for autovacuum only", "slot worker", NULL, 0, ACT_TERMINATE,
     MAY_SIGNAL | MAY_SIGNAL_AUTOVACUUM, ALL_KINDS, ANY_VERSION, REFUSAL_NEEDS_SUPERUSER},
    {"a superuser may cancel autovacuum", "autovacuum worker", "active", 0, ACT_CANCEL,
     MAY_ANYTHING, 0, ANY_VERSION, REFUSAL_NONE},

    {"protected walsender", "walsender", "active", SCENE_USER, ACT_TERMINATE, MAY_ANYTHING,
     ALL_KINDS & ~PROTECTED_WALSENDER, ANY_VERSION, REFUSAL_WALSENDER},
    {"included walsender", "walsender", "active", SCENE_USER, ACT_TERMINATE, MAY_ANYTHING,
     PROTECTED_WALSENDER, ANY_VERSION, REFUSAL_NONE},
    {"protected apply worker", "logical replication worker", "idle in transaction", SCENE_USER,
     ACT_TERMINATE, MAY_ANYTHING, ALL_KINDS & ~PROTECTED_LOGICAL_REPLICATION, 15,
     REFUSAL_LOGICAL_REPLICATION},
    {"its name from 17 on", "logical replication apply worker", NULL, SCENE_USER, ACT_TERMINATE,
     MAY_ANYTHING, 0, 18, REFUSAL_LOGICAL_REPLICATION},
    {"included apply worker", "logical replication apply worker", NULL, SCENE_USER, ACT_TERMINATE,
     MAY_ANYTHING, PROTECTED_LOGICAL_REPLICATION, 18, REFUSAL_NONE},
    {"protected vacuum", "autovacuum worker", "active", 0, ACT_CANCEL, MAY_ANYTHING,
     ALL_KINDS & ~PROTECTED_WRAPAROUND_VACUUM, ANY_VERSION, REFUSAL_WRAPAROUND_VACUUM, WRAPAROUND},
    {"included vacuum", "autovacuum worker", "active", 0, ACT_CANCEL, MAY_ANYTHING,
     PROTECTED_WRAPAROUND_VACUUM, ANY_VERSION, REFUSAL_NONE, WRAPAROUND},
    {"protected worker", "pg_cron", "active", SCENE_USER, ACT_CANCEL, MAY_ANYTHING,
     ALL_KINDS & ~PROTECTED_BACKGROUND_WORKER, ANY_VERSION, REFUSAL_BACKGROUND_WORKER},
    {"included worker", "pg_cron", "active", SCENE_USER, ACT_CANCEL, MAY_ANYTHING,
     PROTECTED_BACKGROUND_WORKER, ANY_VERSION, REFUSAL_NONE},
    {"protected wait for a standby", "client backend", "active", SCENE_USER, ACT_CANCEL,
     MAY_ANYTHING, ALL_KINDS & ~PROTECTED_SYNC_REP, ANY_VERSION, REFUSAL_SYNC_REP, "COMMIT", "IPC",
     "SyncRep"},
    {"included wait for a standby", "client backend", "active", SCENE_USER, ACT_CANCEL,
     MAY_ANYTHING, PROTECTED_SYNC_REP, ANY_VERSION, REFUSAL_NONE, "COMMIT", "IPC", "SyncRep"},
    {"another wait in between processes", "client backend", "active", SCENE_USER, ACT_CANCEL, 0, 0,
     ANY_VERSION, REFUSAL_NONE, "SELECT", "IPC", "ParallelFinish"},

    {"never the startup process", "startup", NULL, 0, ACT_TERMINATE, MAY_ANYTHING, ALL_KINDS,
     ANY_VERSION, REFUSAL_STARTUP},
    {"nor a process of the server", "checkpointer", NULL, 0, ACT_TERMINATE, MAY_ANYTHING, ALL_KINDS,
     ANY_VERSION, REFUSAL_SYSTEM_PROCESS},

    {"cancel does nothing to the idle", "client backend", "idle", SCENE_USER, ACT_CANCEL,
     MAY_ANYTHING, 0, ANY_VERSION, REFUSAL_CANCEL_IDLE},
    {"nor in a transaction", "client backend", "idle in transaction", SCENE_USER, ACT_CANCEL,
     MAY_ANYTHING, 0, ANY_VERSION, REFUSAL_CANCEL_IDLE},
    {"nor in a failed one", "client backend", "idle in transaction (aborted)", SCENE_USER,
     ACT_CANCEL, MAY_ANYTHING, 0, ANY_VERSION, REFUSAL_CANCEL_IDLE},
    {"terminate does", "client backend", "idle in transaction", SCENE_USER, ACT_TERMINATE,
     MAY_ANYTHING, 0, ANY_VERSION, REFUSAL_NONE},
    {"cancel stops a function call", "client backend", "fastpath function call", SCENE_USER,
     ACT_CANCEL, MAY_ANYTHING, 0, ANY_VERSION, REFUSAL_NONE},
    {"cancel does nothing to the stuck", "client backend", "active", SCENE_USER, ACT_CANCEL,
     MAY_ANYTHING, 0, ANY_VERSION, REFUSAL_CANCEL_STUCK, "COPY t TO STDOUT", "Client",
     "ClientWrite"},
    {"terminate does", "client backend", "active", SCENE_USER, ACT_TERMINATE, MAY_ANYTHING, 0,
     ANY_VERSION, REFUSAL_NONE, "COPY t TO STDOUT", "Client", "ClientWrite"},
    {"pointless before forbidden", "client backend", "idle", OTHER_USER, ACT_CANCEL, 0, 0,
     ANY_VERSION, REFUSAL_CANCEL_IDLE},
    {"no prepared transaction", "client backend", "idle", SCENE_USER, ACT_ROLLBACK_PREPARED,
     MAY_ANYTHING, 0, ANY_VERSION, REFUSAL_NOT_PREPARED},
    {"nor to be committed", "startup", NULL, 0, ACT_COMMIT_PREPARED, MAY_ANYTHING, 0, ANY_VERSION,
     REFUSAL_NOT_PREPARED},
};

static void check_refusal(const RefusalCase *row, int version)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	Session session = scene_blank_session(100);

	session.backend_type = row->type;
	session.state_text = row->state;
	session.user = row->user;
	session.query = row->query;
	session.wait_event_type = row->wait_event_type;
	session.wait_event = row->wait_event;
	scene_begin(&scene, version * 10000);
	snapshot_builder_add_session(scene.builder, &session);
	snapshot = scene_end(&scene);
	set_privileges(snapshot, row->may);
	g_test_message("case \"%s\" on %d", row->what, version);
	g_assert_cmpstr(words_refusal(act_refusal(snapshot, 0, row->act, row->included)), ==,
	                words_refusal(row->refusal));
}

static void test_refusals(void)
{
	static const int versions[] = {15, 18};

	for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++)
		for (gsize j = 0; j < G_N_ELEMENTS(versions); j++)
			if (refusals[i].version == ANY_VERSION || refusals[i].version == versions[j])
				check_refusal(&refusals[i], versions[j]);
}

/* Whatever is included and allowed. */
static void test_refuse_ourselves(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;

	scene_begin(&scene, 150000);
	scene_session(&scene, 1, "active", 0, 0, "SELECT 1");
	snapshot = scene_end(&scene);
	set_privileges(snapshot, MAY_ANYTHING);
	g_assert_cmpint(act_refusal(snapshot, 0, ACT_TERMINATE, ALL_KINDS), ==, REFUSAL_SELF);
	g_assert_cmpint(act_refusal(snapshot, 0, ACT_CANCEL, ALL_KINDS), ==, REFUSAL_SELF);
}

/* Without backend_start the pid may be anybody's by the time of the signal. */
static void test_refuse_hidden(void)
{
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	Session session = scene_blank_session(100);

	session.backend_start = TIMESTAMP_NONE;
	session.backend_type = NULL;
	session.query = "<insufficient privilege>";
	scene_begin(&scene, 150000);
	snapshot_builder_add_session(scene.builder, &session);
	snapshot = scene_end(&scene);
	set_privileges(snapshot, MAY_SIGNAL);
	g_assert_true(snapshot_session(snapshot, 0)->hidden);
	g_assert_cmpint(act_refusal(snapshot, 0, ACT_TERMINATE, ALL_KINDS), ==,
	                REFUSAL_IDENTITY_HIDDEN);
	g_assert_cmpint(act_refusal(snapshot, 0, ACT_CANCEL, ALL_KINDS), ==, REFUSAL_IDENTITY_HIDDEN);
}

/* Nothing that a superuser has would help: the server itself doesn't say when it began. */
static void test_logging_in(void)
{
	const VirtualTransactionId vxid = {200, 1};
	const LockTag catalog = {.type = LOCK_TYPE_RELATION, .relation = 1260};
	Scene scene;
	g_autoptr(Snapshot) snapshot = NULL;
	g_autoptr(GArray) unlisted = NULL;

	scene_begin(&scene, 150000);
	scene_lock(&scene, 200, catalog, "AccessShareLock", 5);
	unlisted = snapshot_builder_unlisted(scene.builder);
	snapshot_builder_confirm(scene.builder, 200, &vxid);
	snapshot = scene_end(&scene);
	set_privileges(snapshot, MAY_ANYTHING);
	g_assert_cmpint(act_refusal(snapshot, 0, ACT_TERMINATE, ALL_KINDS), ==, REFUSAL_LOGGING_IN);
	g_assert_cmpint(act_refusal(snapshot, 0, ACT_CANCEL, ALL_KINDS), ==, REFUSAL_LOGGING_IN);
}

static const struct {
	const char *gid;
	guint32 owner;
	guint may;
	Act act;
	ActRefusal refusal;
	gboolean elsewhere;
} prepared[] = {
    {"order", SCENE_USER, 0, ACT_ROLLBACK_PREPARED, REFUSAL_NONE},
    {"order", SCENE_USER, 0, ACT_COMMIT_PREPARED, REFUSAL_NONE},
    {"order", OTHER_USER, MAY_ANYTHING, ACT_ROLLBACK_PREPARED, REFUSAL_NONE},
    /* the privileges of the owner are not enough: it must be the very role */
    {"order", FRIEND, MAY_SIGNAL, ACT_ROLLBACK_PREPARED, REFUSAL_NEEDS_OWNER},
    {"order", OTHER_USER, 0, ACT_COMMIT_PREPARED, REFUSAL_NEEDS_OWNER},
    {"order", OTHER_USER, UNKNOWN, ACT_ROLLBACK_PREPARED, REFUSAL_NONE},
    {"order", SCENE_USER, MAY_ANYTHING, ACT_CANCEL, REFUSAL_PREPARED},
    {"order", SCENE_USER, MAY_ANYTHING, ACT_TERMINATE, REFUSAL_PREPARED},
    {NULL, SCENE_USER, MAY_ANYTHING, ACT_ROLLBACK_PREPARED, REFUSAL_PREPARED_UNNAMED},
    {"order", SCENE_USER, MAY_ANYTHING, ACT_ROLLBACK_PREPARED, REFUSAL_PREPARED_ELSEWHERE, TRUE},
};

static void test_refuse_prepared(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(prepared); i++) {
		Scene scene;
		g_autoptr(Snapshot) snapshot = NULL;
		PreparedRow row = {
		    .transaction = 700,
		    .gid = prepared[i].gid,
		    .prepared_at = SCENE_NOW,
		    .owner = prepared[i].owner,
		    .database = prepared[i].elsewhere ? SCENE_DATABASE + 1 : SCENE_DATABASE,
		};

		scene_begin(&scene, 150000);
		snapshot_builder_add_prepared(scene.builder, &row);
		snapshot = scene_end(&scene);
		set_privileges(snapshot, prepared[i].may);
		g_test_message("case %zu", i);
		g_assert_cmpstr(words_refusal(act_refusal(snapshot, 0, prepared[i].act, 0)), ==,
		                words_refusal(prepared[i].refusal));
	}
}

int main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/act/names", test_names);
	g_test_add_func("/act/protected-kinds", test_protected_kinds);
	g_test_add_func("/act/protected-kinds-add-up", test_protected_kinds_add_up);
	g_test_add_func("/act/wraparound", test_wraparound);
	g_test_add_func("/act/right-act", test_right_act);
	g_test_add_func("/act/right-act-prepared", test_right_act_prepared);
	g_test_add_func("/act/refusals", test_refusals);
	g_test_add_func("/act/refuse-ourselves", test_refuse_ourselves);
	g_test_add_func("/act/refuse-hidden", test_refuse_hidden);
	g_test_add_func("/act/logging-in", test_logging_in);
	g_test_add_func("/act/refuse-prepared", test_refuse_prepared);
	return g_test_run();
}
