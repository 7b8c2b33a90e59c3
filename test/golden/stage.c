#include "stage.h"

#include "base/timestamp.h"

gint64 stage_ago(double seconds)
{
	return STAGE_NOW - (gint64) (seconds * 1000000);
}

static const ServerInfo primary = {
    .host = "db1",
    .port = 5432,
    .database = "app",
    .database_oid = DATABASE_APP,
    .version_num = 150020,
    .version = "15.20",
    .own_pid = 1,
    .user = "oncall",
    .user_oid = ROLE_ONCALL,
};

void stage_begin(Stage *stage)
{
	stage->builder = snapshot_builder_new(&primary, STAGE_NOW);
	stage->n_vxids = 0;
}

void stage_begin_standby(Stage *stage)
{
	ServerInfo standby = primary;

	standby.host = "db2";
	standby.in_recovery = TRUE;
	stage->builder = snapshot_builder_new(&standby, STAGE_NOW);
	stage->n_vxids = 0;
}

static void add_names(Names *names)
{
	static const struct {
		guint32 oid;
		const char *name;
	} databases[] = {{DATABASE_APP, "app"}, {DATABASE_SHOP, "shop"}},
	  roles[] = {{ROLE_ONCALL, "oncall"},
	             {ROLE_APP, "app_rw"},
	             {ROLE_DEPLOY, "deploy"},
	             {ROLE_BI, "bi"},
	             {ROLE_ADMIN, "postgres"}};
	static const RelationName relations[] = {
	    {DATABASE_APP, TABLE_LOGIN, "public", "login_sessions", 'r', TABLE_LOGIN},
	    {DATABASE_APP, TABLE_ORDERS, "public", "orders", 'p', TABLE_ORDERS},
	    {DATABASE_APP, TABLE_STOCK, "warehouse", "stock", 'r', TABLE_STOCK},
	    {DATABASE_APP, INDEX_ORDERS, "public", "orders_pkey", 'i', TABLE_ORDERS},
	    {DATABASE_SHOP, TABLE_STOCK, "public", "stock", 'r', TABLE_STOCK},
	};

	for (guint i = 0; i < G_N_ELEMENTS(databases); i++)
		names_add_database(names, databases[i].oid, databases[i].name);
	for (guint i = 0; i < G_N_ELEMENTS(roles); i++)
		names_add_role(names, roles[i].oid, roles[i].name);
	for (guint i = 0; i < G_N_ELEMENTS(relations); i++)
		names_add_relation(names, &relations[i]);
}

static void add_privileges(Privileges *privileges)
{
	const OwnPrivileges own = {
	    .known = TRUE, .has_signal_backend = TRUE, .has_read_all_stats = TRUE};

	privileges_set_own(privileges, &own);
	for (guint32 role = ROLE_ONCALL; role <= ROLE_ADMIN; role++) {
		const RolePrivileges facts = {
		    .oid = role,
		    .is_superuser = role == ROLE_ADMIN,
		    .we_have_its_privileges = role == ROLE_ONCALL,
		};
		privileges_add_role(privileges, &facts);
	}
}

Snapshot *stage_end(Stage *stage)
{
	Snapshot *snapshot = snapshot_builder_finish(g_steal_pointer(&stage->builder));

	add_names(snapshot_names(snapshot));
	add_privileges(snapshot_privileges(snapshot));
	return snapshot;
}

Session stage_actor(gint32 pid, guint32 role, const char *application)
{
	return (Session){
	    .pid = pid,
	    .backend_start = stage_ago(7200),
	    .backend_type = "client backend",
	    .database = DATABASE_APP,
	    .user = role,
	    .application_name = application,
	    .client_addr = "10.0.3.7",
	    .client_port = 50000 + pid % 10000,
	    .xact_start = TIMESTAMP_NONE,
	    .query_start = TIMESTAMP_NONE,
	    .state_change = TIMESTAMP_NONE,
	};
}

void stage_add(Stage *stage, const Session *session)
{
	snapshot_builder_add_session(stage->builder, session);
}

void stage_idler(Stage *stage, Session actor, double idle, const char *query)
{
	actor.state_text = "idle in transaction";
	actor.xact_start = stage_ago(idle + 1);
	actor.query_start = stage_ago(idle + 0.01);
	actor.state_change = stage_ago(idle);
	actor.wait_event_type = "Client";
	actor.wait_event = "ClientRead";
	actor.backend_xid = 725;
	actor.query = query;
	stage_add(stage, &actor);
}

void stage_runner(Stage *stage, Session actor, double running, const char *query)
{
	actor.state_text = "active";
	actor.xact_start = stage_ago(running);
	actor.query_start = stage_ago(running);
	actor.state_change = stage_ago(running);
	actor.query = query;
	stage_add(stage, &actor);
}

static void add_lock(Stage *stage, LockTag tag, gint32 pid, VirtualTransactionId vxid,
                     const char *mode, double waited)
{
	const LockRow row = {
	    .locktype = lock_type_name(tag.type),
	    .tag = tag,
	    .virtualtransaction = vxid,
	    .pid = pid,
	    .mode = mode,
	    .granted = waited < 0,
	    .waitstart = waited < 0 ? TIMESTAMP_NONE : stage_ago(waited),
	};

	snapshot_builder_add_lock(stage->builder, &row);
}

void stage_holds(Stage *stage, gint32 pid, LockTag tag, const char *mode)
{
	add_lock(stage, tag, pid, (VirtualTransactionId){pid, 1}, mode, -1);
}

void stage_waits(Stage *stage, gint32 pid, LockTag tag, const char *mode, double waited)
{
	add_lock(stage, tag, pid, (VirtualTransactionId){pid, 1}, mode, waited);
}

void stage_prepared(Stage *stage, guint32 transaction, const char *gid, guint32 owner,
                    guint32 database, double age)
{
	const PreparedRow row = {transaction, gid, stage_ago(age), owner, database};

	snapshot_builder_add_prepared(stage->builder, &row);
	stage_prepared_holds(stage, transaction, on_transaction(transaction), "ExclusiveLock");
}

void stage_prepared_holds(Stage *stage, guint32 transaction, LockTag tag, const char *mode)
{
	add_lock(stage, tag, 0, (VirtualTransactionId){-1, transaction}, mode, -1);
}

LockTag on_table(guint32 relation)
{
	return (LockTag){.type = LOCK_TYPE_RELATION, .database = DATABASE_APP, .relation = relation};
}

LockTag on_row(guint32 relation, guint32 page, guint16 tuple)
{
	return (LockTag){.type = LOCK_TYPE_TUPLE,
	                 .database = DATABASE_APP,
	                 .relation = relation,
	                 .page = page,
	                 .tuple = tuple};
}

LockTag on_transaction(guint32 transaction)
{
	return (LockTag){.type = LOCK_TYPE_TRANSACTIONID, .transaction = transaction};
}

LockTag on_advisory(guint32 classid, guint32 objid, gint16 objsubid)
{
	return (LockTag){.type = LOCK_TYPE_ADVISORY,
	                 .database = DATABASE_APP,
	                 .classid = classid,
	                 .objid = objid,
	                 .objsubid = objsubid};
}

LockTag on_object(guint32 classid, guint32 objid)
{
	return (LockTag){
	    .type = LOCK_TYPE_OBJECT, .database = DATABASE_APP, .classid = classid, .objid = objid};
}
