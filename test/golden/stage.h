#ifndef PGUNLOCK_TEST_STAGE_H
#define PGUNLOCK_TEST_STAGE_H

/* Sessions and locks of the fixtures in a line each. Times are in seconds before the look. */

#include "model/snapshot.h"

#define STAGE_NOW G_GINT64_CONSTANT(1796020309123456) /* 2026-11-30 06:31:49.123456 UTC */

enum {
	DATABASE_APP = 16384,
	DATABASE_SHOP = 16385,
	DATABASE_NAMELESS = 16399,
	ROLE_ONCALL = 100,
	ROLE_APP = 101,
	ROLE_DEPLOY = 102,
	ROLE_BI = 103,
	ROLE_ADMIN = 104, /* a superuser */
	TABLE_LOGIN = 20001,
	TABLE_ORDERS = 20002,
	TABLE_STOCK = 20003,
	INDEX_ORDERS = 20010,
	TABLE_UNNAMED = 29999,
};

typedef struct {
	SnapshotBuilder *builder;
	guint32 n_vxids;
} Stage;

void stage_begin(Stage *stage);
void stage_begin_standby(Stage *stage);
/* With the names of the databases, roles and tables above, and what oncall may do: it has
 * pg_signal_backend and pg_read_all_stats. */
Snapshot *stage_end(Stage *stage);

/* A client backend that may be changed before it is added. */
Session stage_actor(gint32 pid, guint32 role, const char *application);
void stage_add(Stage *stage, const Session *session);

/* Idle in a transaction since idle seconds; its transaction began a second before. */
void stage_idler(Stage *stage, Session actor, double idle, const char *query);
/* Runs query since so many seconds, in a transaction that began with it. */
void stage_runner(Stage *stage, Session actor, double running, const char *query);

void stage_holds(Stage *stage, gint32 pid, LockTag tag, const char *mode);
void stage_waits(Stage *stage, gint32 pid, LockTag tag, const char *mode, double waited);
void stage_prepared(Stage *stage, guint32 transaction, const char *gid, guint32 owner,
                    guint32 database, double age);
void stage_prepared_holds(Stage *stage, guint32 transaction, LockTag tag, const char *mode);

LockTag on_table(guint32 relation);
LockTag on_row(guint32 relation, guint32 page, guint16 tuple);
LockTag on_transaction(guint32 transaction);
LockTag on_advisory(guint32 classid, guint32 objid, gint16 objsubid);
LockTag on_object(guint32 classid, guint32 objid);
gint64 stage_ago(double seconds);

#endif
