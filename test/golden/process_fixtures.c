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
