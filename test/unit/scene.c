#include "scene.h"

#include "base/timestamp.h"

static gint64 ago(double seconds)
{
	return seconds < 0 ? TIMESTAMP_NONE : SCENE_NOW - (gint64) (seconds * 1000000);
}

static const char *locktype_of(const LockTag *tag)
{
	return lock_type_name(tag->type);
}

void scene_begin(Scene *scene, int version_num)
{
	ServerInfo server = {
	    .host = "db1",
	    .port = 5432,
	    .database = "app",
	    .database_oid = SCENE_DATABASE,
	    .version_num = version_num,
	    .version = "15.20",
	    .own_pid = 1,
	    .user = "oncall",
	    .user_oid = SCENE_USER,
	};

	scene->builder = snapshot_builder_new(&server, SCENE_NOW);
	scene->n_vxids = 0;
}

Snapshot *scene_end(Scene *scene)
{
	return snapshot_builder_finish(g_steal_pointer(&scene->builder));
}

Session scene_blank_session(gint32 pid)
{
	return (Session){
	    .pid = pid,
	    .backend_start = ago(3600),
	    .backend_type = "client backend",
	    .database = SCENE_DATABASE,
	    .user = SCENE_USER,
	    .application_name = "login-service",
	    .client_addr = "10.0.3.7",
	    .client_port = 50000 + pid % 10000,
	    .xact_start = TIMESTAMP_NONE,
	    .query_start = TIMESTAMP_NONE,
	    .state_change = TIMESTAMP_NONE,
	};
}

void scene_session(Scene *scene, gint32 pid, const char *state, double xact_age, double query_age,
                   const char *query)
{
	Session session = scene_blank_session(pid);

	session.state_text = state;
	session.xact_start = ago(xact_age);
	session.query_start = ago(query_age);
	session.state_change = ago(query_age);
	session.query = query;
	snapshot_builder_add_session(scene->builder, &session);
}

void scene_running(Scene *scene, gint32 pid)
{
	scene_session(scene, pid, "active", 60, 60, "SELECT 1");
}

void scene_idle(Scene *scene, gint32 pid)
{
	scene_session(scene, pid, "idle in transaction", 600, 500, "SELECT 2");
}

void scene_worker(Scene *scene, gint32 pid, const char *backend_type, gint32 leader_pid)
{
	Session session = scene_blank_session(pid);

	session.backend_type = backend_type;
	session.leader_pid = leader_pid;
	session.state_text = "active";
	snapshot_builder_add_session(scene->builder, &session);
}

void scene_lock(Scene *scene, gint32 pid, LockTag tag, const char *mode, double waited)
{
	LockRow row = {
	    .locktype = locktype_of(&tag),
	    .tag = tag,
	    .virtualtransaction = {pid, 1},
	    .pid = pid,
	    .mode = mode,
	    .granted = waited < 0,
	    .waitstart = ago(waited),
	};

	snapshot_builder_add_lock(scene->builder, &row);
}

void scene_undated_wait(Scene *scene, gint32 pid, LockTag tag, const char *mode)
{
	LockRow row = {
	    .locktype = locktype_of(&tag),
	    .tag = tag,
	    .virtualtransaction = {pid, 1},
	    .pid = pid,
	    .mode = mode,
	    .waitstart = TIMESTAMP_NONE,
	};

	snapshot_builder_add_lock(scene->builder, &row);
}

void scene_prepared_lock(Scene *scene, guint32 local, LockTag tag, const char *mode)
{
	LockRow row = {
	    .locktype = locktype_of(&tag),
	    .tag = tag,
	    .virtualtransaction = {-1, local},
	    .mode = mode,
	    .granted = TRUE,
	    .waitstart = TIMESTAMP_NONE,
	};

	snapshot_builder_add_lock(scene->builder, &row);
}

void scene_prepared(Scene *scene, guint32 transaction, const char *gid, guint32 relation)
{
	PreparedRow row = {.transaction = transaction,
	                   .gid = gid,
	                   .prepared_at = ago(3600),
	                   .owner = SCENE_USER,
	                   .database = SCENE_DATABASE};

	snapshot_builder_add_prepared(scene->builder, &row);
	scene_prepared_lock(scene, transaction, tag_transaction(transaction), "ExclusiveLock");
	scene_prepared_lock(scene, transaction, tag_relation(relation), "RowExclusiveLock");
}

guint scene_find(const Snapshot *snapshot, gint32 pid)
{
	guint session = snapshot_find_pid(snapshot, pid);

	g_assert_cmpuint(session, !=, NO_SESSION);
	return session;
}

LockTag tag_relation(guint32 relation)
{
	return (LockTag){.type = LOCK_TYPE_RELATION, .database = SCENE_DATABASE, .relation = relation};
}

LockTag tag_tuple(guint32 relation, guint32 page, guint16 tuple)
{
	return (LockTag){.type = LOCK_TYPE_TUPLE,
	                 .database = SCENE_DATABASE,
	                 .relation = relation,
	                 .page = page,
	                 .tuple = tuple};
}

LockTag tag_transaction(guint32 transaction)
{
	return (LockTag){.type = LOCK_TYPE_TRANSACTIONID, .transaction = transaction};
}

LockTag tag_advisory(guint32 classid, guint32 objid, gint16 objsubid)
{
	return (LockTag){.type = LOCK_TYPE_ADVISORY,
	                 .database = SCENE_DATABASE,
	                 .classid = classid,
	                 .objid = objid,
	                 .objsubid = objsubid};
}

LockTag tag_virtualxid(gint32 backend, guint32 local)
{
	return (LockTag){.type = LOCK_TYPE_VIRTUALXID, .virtualxid = {backend, local}};
}

void scene_login_incident(Scene *scene, guint n_waiters)
{
	const char *update = "UPDATE login_sessions SET token = $1 WHERE user_id = 42";
	double apart = n_waiters <= 200 ? 1 : 200.0 / n_waiters; /* seconds between two arrivals */

	scene_session(scene, 100, "idle in transaction", 543, 542, update);
	scene_lock(scene, 100, tag_relation(500), "RowExclusiveLock", GRANTED);
	scene_lock(scene, 100, tag_transaction(725), "ExclusiveLock", GRANTED);
	for (guint i = 0; i < n_waiters; i++) {
		gint32 pid = 101 + (gint32) i;
		double waited = 252.0 - i * apart;

		scene_session(scene, pid, "active", waited, waited, update);
		scene_lock(scene, pid, tag_relation(500), "RowExclusiveLock", GRANTED);
		if (i == 0) {
			scene_lock(scene, pid, tag_tuple(500, 0, 1), "ExclusiveLock", GRANTED);
			scene_lock(scene, pid, tag_transaction(725), "ShareLock", waited);
		} else {
			scene_lock(scene, pid, tag_tuple(500, 0, 1), "ExclusiveLock", waited);
		}
	}
}
