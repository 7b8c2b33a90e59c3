#include "process_fixtures.h"

#include "stage.h"

/* The startup process of a standby, which has replayed a lock on orders and keeps a reader waiting.
 */
static void add_startup(Stage *stage, const char *wait_event_type, const char *wait_event)
{
	Session startup = stage_actor(40, 0, "");

	stage_begin_standby(stage);
	startup.backend_type = "startup";
	startup.client_addr = NULL;
	startup.client_port = 0;
	startup.database = 0;
	startup.wait_event_type = wait_event_type;
	startup.wait_event = wait_event;
	stage_add(stage, &startup);
	stage_holds(stage, 40, on_table(TABLE_ORDERS), "AccessExclusiveLock");
	stage_runner(stage, stage_actor(5001, ROLE_BI, "reporting"), 12, "SELECT * FROM orders");
	stage_waits(stage, 5001, on_table(TABLE_ORDERS), "AccessShareLock", 12);
}

/* The lock's transaction is still open on the primary. */
Snapshot *fixture_standby(void)
{
	Stage stage;
	Snapshot *snapshot;

	add_startup(&stage, "Activity", "RecoveryWalStream");
	snapshot = stage_end(&stage);
	snapshot_set_standby_delay(snapshot, 30000);
	return snapshot;
}

/* Replay is paused in the middle of it. */
Snapshot *fixture_standby_paused(void)
{
	Stage stage;

	add_startup(&stage, "IPC", "RecoveryPause");
	return stage_end(&stage);
}

/* Another reader holds up the replay. */
Snapshot *fixture_standby_reader(void)
{
	Stage stage;
	Snapshot *snapshot;

	add_startup(&stage, "Lock", "relation");
	stage_idler(&stage, stage_actor(5002, ROLE_BI, "reporting"), 40, "SELECT * FROM stock");
	stage_holds(&stage, 5002, on_table(TABLE_STOCK), "AccessShareLock");
	stage_waits(&stage, 40, on_table(TABLE_STOCK), "AccessExclusiveLock", 20);
	snapshot = stage_end(&stage);
	snapshot_set_standby_delay(snapshot, -1);
	return snapshot;
}

/* An index is built for a stranger's transaction to end, and keeps a migration waiting. */
Snapshot *fixture_concurrent_build(void)
{
	const LockTag vxid = {.type = LOCK_TYPE_VIRTUALXID, .virtualxid = {4, 12}};
	const char *query = "CREATE INDEX CONCURRENTLY stock_amount\n  ON stock (amount)";
	Stage stage;

	stage_begin(&stage);
	stage_idler(&stage, stage_actor(7001, ROLE_BI, "report"), 4000, "SELECT * FROM login_sessions");
	stage_holds(&stage, 7001, vxid, "ExclusiveLock");
	stage_runner(&stage, stage_actor(7002, ROLE_DEPLOY, "migrator"), 3000, query);
	stage_holds(&stage, 7002, on_table(TABLE_STOCK), "ShareUpdateExclusiveLock");
	stage_waits(&stage, 7002, vxid, "ShareLock", 2000);
	stage_runner(&stage, stage_actor(7003, ROLE_DEPLOY, "migrator"), 60,
	             "ALTER TABLE stock ADD COLUMN place text");
	stage_waits(&stage, 7003, on_table(TABLE_STOCK), "AccessExclusiveLock", 60);
	return stage_end(&stage);
}
