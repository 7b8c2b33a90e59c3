#ifndef PGUNLOCK_TEST_SCENE_H
#define PGUNLOCK_TEST_SCENE_H

/* Lock situations written down by hand, for tests of the pure rooms: sessions and rows of pg_locks
 * in a line each. Times are in seconds before the look. */

#include "model/snapshot.h"

#define SCENE_NOW G_GINT64_CONSTANT(1700000000000000)
#define SCENE_DATABASE 5
#define SCENE_USER 10

typedef struct {
	SnapshotBuilder *builder;
	guint32 n_vxids;
} Scene;

/* A server of this version (150000), with us as pid 1. */
void scene_begin(Scene *scene, int version_num);
Snapshot *scene_end(Scene *scene);

/* A client backend: state as in pg_stat_activity, its transaction begun xact_age seconds ago (below
 * 0: no transaction), its statement and state likewise query_age. */
void scene_session(Scene *scene, gint32 pid, const char *state, double xact_age, double query_age,
                   const char *query);
/* One that runs a statement for a minute, and one that has been idle in its transaction for long.
 */
void scene_running(Scene *scene, gint32 pid);
void scene_idle(Scene *scene, gint32 pid);
/* Of another backend_type, with a leader_pid. */
void scene_worker(Scene *scene, gint32 pid, const char *backend_type, gint32 leader_pid);
/* Anything else: a session to change before it is added. */
Session scene_blank_session(gint32 pid);

/* Rows of pg_locks. waited: seconds, or below 0 for granted. pid 0: see scene_prepared_lock. */
#define GRANTED (-1.0)
void scene_lock(Scene *scene, gint32 pid, LockTag tag, const char *mode, double waited);
/* A wait without a waitstart. */
void scene_undated_wait(Scene *scene, gint32 pid, LockTag tag, const char *mode);
/* A row without pid, of the prepared transaction that has this local transaction number. */
void scene_prepared_lock(Scene *scene, guint32 local, LockTag tag, const char *mode);

/* A prepared transaction that has written to a relation. */
void scene_prepared(Scene *scene, guint32 transaction, const char *gid, guint32 relation);

/* Fails the test when there is none. */
guint scene_find(const Snapshot *snapshot, gint32 pid);

LockTag tag_relation(guint32 relation);
LockTag tag_tuple(guint32 relation, guint32 page, guint16 tuple);
LockTag tag_transaction(guint32 transaction);
LockTag tag_advisory(guint32 classid, guint32 objid, gint16 objsubid);
LockTag tag_virtualxid(gint32 backend, guint32 local);

/* The login incident: 100 holds a row of relation 500 with transaction 725; 101 waits for it,
 * holding the row's tuple lock; n_waiters - 1 more, 102 on, wait for the tuple lock. */
void scene_login_incident(Scene *scene, guint n_waiters);

#endif
