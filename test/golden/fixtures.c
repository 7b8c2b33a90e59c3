#include "fixtures.h"

#include "process_fixtures.h"
#include "stage.h"

#include "base/timestamp.h"

#include <string.h>

static const char *const login_update = "UPDATE login_sessions SET token = $1 WHERE user_id = 42";

static Snapshot *make_quiet(void)
{
	Stage stage;

	stage_begin(&stage);
	stage_idler(&stage, stage_actor(4711, ROLE_APP, "login-service"), 543, login_update);
	stage_holds(&stage, 4711, on_table(TABLE_LOGIN), "RowExclusiveLock");
	return stage_end(&stage);
}

/* One row locked by 4711, n queue for it: the first waits for the transaction and holds the row's
 * tuple lock, the others wait for that. */
static void stage_login(Stage *stage, guint n, const char *const *statements)
{
	stage_idler(stage, stage_actor(4711, ROLE_APP, "login-service"), 543, login_update);
	stage_holds(stage, 4711, on_table(TABLE_LOGIN), "RowExclusiveLock");
	stage_holds(stage, 4711, on_transaction(725), "ExclusiveLock");
	for (guint i = 0; i < n; i++) {
		gint32 pid = 4820 + (gint32) i;
		double waited = 252.0 * (1 - (double) i / n);

		stage_runner(stage, stage_actor(pid, ROLE_APP, "login-service"), waited,
		             statements != NULL ? statements[i] : login_update);
		stage_holds(stage, pid, on_table(TABLE_LOGIN), "RowExclusiveLock");
		if (i > 0) {
			stage_waits(stage, pid, on_row(TABLE_LOGIN, 0, 1), "ExclusiveLock", waited);
			continue;
		}
		stage_holds(stage, pid, on_row(TABLE_LOGIN, 0, 1), "ExclusiveLock");
		stage_waits(stage, pid, on_transaction(725), "ShareLock", waited);
	}
}

static Snapshot *make_login(void)
{
	Stage stage;

	stage_begin(&stage);
	stage_login(&stage, 12, NULL);
	return stage_end(&stage);
}

static Snapshot *make_one_waiter(void)
{
	Stage stage;

	stage_begin(&stage);
	stage_login(&stage, 1, NULL);
	return stage_end(&stage);
}

static Snapshot *make_storm(void)
{
	Stage stage;

	stage_begin(&stage);
	stage_login(&stage, 1500, NULL);
	return stage_end(&stage);
}

/* Each waiter with a statement of its own, with a number in it. */
static Snapshot *make_storm_of(const char *before, const char *after)
{
	g_autoptr(GPtrArray) statements = g_ptr_array_new_with_free_func(g_free);
	Stage stage;

	for (guint i = 0; i < 1500; i++)
		g_ptr_array_add(statements, g_strdup_printf("%s%08x%s", before, i * 2654435761u, after));
	stage_begin(&stage);
	stage_login(&stage, 1500, (const char *const *) (gpointer) statements->pdata);
	return stage_end(&stage);
}

/* Values in the statements. */
static Snapshot *make_storm_of_literals(void)
{
	return make_storm_of("UPDATE login_sessions SET token = '", "' WHERE user_id = 42");
}

/* Names in the statements: nobody is like anybody else. */
static Snapshot *make_storm_of_names(void)
{
	return make_storm_of("UPDATE login_sessions SET token_", " = $1 WHERE user_id = 42");
}

/* A migration in the queue behind a report, and everybody else behind the migration. */
static Snapshot *make_ddl_queue(void)
{
	Stage stage;
	Session report = stage_actor(4980, ROLE_BI, "reporting");
	Session migrator = stage_actor(5102, ROLE_DEPLOY, "migrator");

	stage_begin(&stage);
	report.client_addr = "10.0.7.2";
	migrator.client_addr = "10.0.9.2";
	stage_runner(
	    &stage, report, 1320,
	    "SELECT o.id, o.total, c.name\n  FROM orders o\n  JOIN customers c ON c.id = "
	    "o.customer_id\n WHERE o.created_at > now() - interval '1 year'\n ORDER BY o.total "
	    "DESC");
	stage_holds(&stage, 4980, on_table(TABLE_ORDERS), "AccessShareLock");
	stage_runner(&stage, migrator, 51, "ALTER TABLE orders ADD COLUMN note text");
	stage_waits(&stage, 5102, on_table(TABLE_ORDERS), "AccessExclusiveLock", 51);
	for (gint32 i = 0; i < 22; i++) {
		double waited = 50.0 - i * 2;
		const char *query = i % 3 == 0 ? "INSERT INTO orders (customer_id, total) VALUES ($1, $2)"
		                               : "SELECT * FROM orders WHERE id = $1";

		stage_runner(&stage, stage_actor(5200 + i, ROLE_APP, "checkout"), waited, query);
		stage_waits(&stage, 5200 + i, on_table(TABLE_ORDERS),
		            i % 3 == 0 ? "RowExclusiveLock" : "AccessShareLock", waited);
	}
	return stage_end(&stage);
}

/* Three hold the table in share mode: nobody moves before all of them have ended. */
static Snapshot *make_co_holders(void)
{
	Stage stage;

	stage_begin(&stage);
	for (gint32 i = 0; i < 3; i++) {
		stage_idler(&stage, stage_actor(5103 + i, ROLE_BI, "export"), 300 - 20 * i,
		            "LOCK TABLE orders IN SHARE MODE");
		stage_holds(&stage, 5103 + i, on_table(TABLE_ORDERS), "ShareLock");
	}
	for (gint32 i = 0; i < 4; i++) {
		stage_runner(&stage, stage_actor(5200 + i, ROLE_APP, "checkout"), 120 - i,
		             "INSERT INTO orders (customer_id, total) VALUES ($1, $2)");
		stage_waits(&stage, 5200 + i, on_table(TABLE_ORDERS), "RowExclusiveLock", 120 - i);
	}
	return stage_end(&stage);
}

static Snapshot *make_prepared(void)
{
	Stage stage;

	stage_begin(&stage);
	stage_prepared(&stage, 733, "order-4711", ROLE_ONCALL, DATABASE_APP, 11000);
	stage_prepared_holds(&stage, 733, on_table(TABLE_STOCK), "RowExclusiveLock");
	stage_runner(&stage, stage_actor(5001, ROLE_APP, "checkout"), 7920,
	             "UPDATE warehouse.stock SET n = n - 1 WHERE article = $1");
	stage_holds(&stage, 5001, on_row(TABLE_STOCK, 7, 12), "ExclusiveLock");
	stage_waits(&stage, 5001, on_transaction(733), "ShareLock", 7920);
	/* another one, of a role that we are not, in another database, with a name that needs care */
	stage_prepared(&stage, 734, "it's \"half\" done", ROLE_APP, DATABASE_SHOP, 90061);
	stage_runner(&stage, stage_actor(5002, ROLE_APP, "checkout"), 3600, "DELETE FROM basket");
	stage_waits(&stage, 5002, on_transaction(734), "ShareLock", 3600);
	/* one that ended, or whose name could not be read */
	stage_prepared_holds(&stage, 735, on_transaction(735), "ExclusiveLock");
	stage_runner(&stage, stage_actor(5003, ROLE_APP, "checkout"), 60, "DELETE FROM basket");
	stage_waits(&stage, 5003, on_transaction(735), "ShareLock", 60);
	return stage_end(&stage);
}

static Snapshot *make_cycle(void)
{
	Stage stage;

	stage_begin(&stage);
	for (gint32 i = 0; i < 3; i++) {
		stage_runner(&stage, stage_actor(6001 + i, ROLE_APP, "transfer"), 0.9 - 0.2 * i,
		             "UPDATE accounts SET balance = balance - $1 WHERE id = $2");
		if (i < 2)
			stage_holds(&stage, 6001 + i, on_transaction(801 + (guint32) i), "ExclusiveLock");
	}
	stage_waits(&stage, 6001, on_transaction(802), "ShareLock", 0.9);
	stage_waits(&stage, 6002, on_transaction(801), "ShareLock", 0.7);
	stage_waits(&stage, 6003, on_transaction(801), "ShareLock", 0.5);
	return stage_end(&stage);
}

/* A circle that the server leaves alone, beside a root. */
static Snapshot *make_cycle_and_root(void)
{
	Stage stage;

	stage_begin(&stage);
	stage_idler(&stage, stage_actor(4711, ROLE_APP, "login-service"), 543,
	            "UPDATE login_sessions SET token = $1 WHERE user_id = 42");
	stage_holds(&stage, 4711, on_transaction(725), "ExclusiveLock");
	stage_runner(&stage, stage_actor(4820, ROLE_APP, "login-service"), 252,
	             "UPDATE login_sessions SET token = $1 WHERE user_id = 42");
	stage_waits(&stage, 4820, on_transaction(725), "ShareLock", 252);
	for (gint32 i = 0; i < 2; i++) {
		stage_runner(&stage, stage_actor(6001 + i, ROLE_APP, "transfer"), 42 - 10 * i,
		             "UPDATE accounts SET balance = balance - $1 WHERE id = $2");
		stage_holds(&stage, 6001 + i, on_transaction(801 + (guint32) i), "ExclusiveLock");
	}
	stage_waits(&stage, 6001, on_transaction(802), "ShareLock", 42);
	stage_waits(&stage, 6002, on_transaction(801), "ShareLock", 32);
	return stage_end(&stage);
}

/* Names and statements that would like to be commands, and such that are merely wide. */
static Snapshot *make_hostile(void)
{
	Stage stage;
	Snapshot *snapshot;
	Session holder = stage_actor(6666, ROLE_APP, "\033[31mred\033[0m \033]0;title\007");
	Session waiter = stage_actor(6667, 666, "a,b\"c\nd\re");
	Session wide = stage_actor(6668, 667, "ログイン🔒サービス e\xcc\x81");
	const RelationName strange = {DATABASE_APP, 26666, "we\"ird", "tab\nle\xe2\x80\xae\xe2\x80\xac",
	                              'r',          26666};

	stage_begin(&stage);
	holder.client_addr = NULL;
	holder.client_port = -1;
	stage_idler(&stage, holder, 60,
	            "\033[2J\033[1;1H&#27;SELECT 'gone'; -- \xe2\x80\xae"
	            "drowssap\xe2\x80\xac\r\n\t");
	stage_holds(&stage, 6666, on_table(26666), "AccessExclusiveLock");
	stage_runner(&stage, waiter, 40, "SELECT '\xff\xfe broken \xc3");
	stage_waits(&stage, 6667, on_table(26666), "RowExclusiveLock", 40);
	stage_runner(&stage, wide, 30,
	             "SELECT '秘密の鍵' AS \"名前\", '🔑🔑🔑' FROM 倉庫 WHERE 番号 = 42 AND "
	             "地域 = '東京都千代田区' ORDER BY 更新日時");
	stage_waits(&stage, 6668, on_table(26666), "AccessShareLock", 30);
	stage_prepared(&stage, 900, "x\033[31m' $(reboot) \n", 666, DATABASE_APP, 100);
	stage_runner(&stage, stage_actor(6669, ROLE_APP, ""), 20, "");
	stage_waits(&stage, 6669, on_transaction(900), "ShareLock", 20);
	snapshot = stage_end(&stage);
	names_add_relation(snapshot_names(snapshot), &strange);
	names_add_role(snapshot_names(snapshot), 666, "user\033[5m\"; DROP");
	names_add_role(snapshot_names(snapshot), 667, "名前");
	return snapshot;
}

/* A role that may neither see nor signal: pid, role, application and locks are all it gets. */
static Snapshot *make_hidden(void)
{
	const OwnPrivileges none = {.known = TRUE};
	Stage stage;
	Snapshot *snapshot;

	stage_begin(&stage);
	for (gint32 i = 0; i < 3; i++) {
		Session session = stage_actor(4711 + i, ROLE_APP, "login-service");

		session.backend_type = NULL;
		session.backend_start = TIMESTAMP_NONE;
		session.client_addr = NULL;
		session.client_port = 0;
		session.query = "<insufficient privilege>";
		stage_add(&stage, &session);
	}
	stage_holds(&stage, 4711, on_transaction(725), "ExclusiveLock");
	stage_holds(&stage, 4712, on_row(TABLE_LOGIN, 0, 1), "ExclusiveLock");
	stage_waits(&stage, 4712, on_transaction(725), "ShareLock", 252);
	stage_waits(&stage, 4713, on_row(TABLE_LOGIN, 0, 1), "ExclusiveLock", 250);
	snapshot = stage_end(&stage);
	privileges_set_own(snapshot_privileges(snapshot), &none);
	snapshot_set_n_hidden(snapshot, 3);
	return snapshot;
}

/* Before 18 who logs in is a pid with locks and nothing else. */
static void stage_login_attempts(Stage *stage)
{
	g_autoptr(GArray) pids = snapshot_builder_unlisted(stage->builder);

	for (guint i = 0; i < pids->len; i++) {
		gint32 pid = g_array_index(pids, gint32, i);
		const VirtualTransactionId vxid = {pid, 1};

		snapshot_builder_confirm(stage->builder, pid, &vxid);
	}
}

/* pg_authid is locked; and a login that hangs for another reason keeps the database from being
 * dropped. */
static Snapshot *make_logging_in(void)
{
	const LockTag roles = {.type = LOCK_TYPE_RELATION, .relation = 1260};
	Stage stage;

	stage_begin(&stage);
	stage_idler(&stage, stage_actor(4711, ROLE_DEPLOY, "maintenance"), 30, "LOCK TABLE pg_authid");
	stage_holds(&stage, 4711, roles, "AccessExclusiveLock");
	stage_waits(&stage, 4820, roles, "AccessShareLock", 21);
	stage_waits(&stage, 4821, roles, "AccessShareLock", 4);
	stage_holds(&stage, 4830, on_object(1262, DATABASE_SHOP), "RowExclusiveLock");
	stage_runner(&stage, stage_actor(4840, ROLE_DEPLOY, "psql"), 12, "DROP DATABASE shop");
	stage_waits(&stage, 4840, on_object(1262, DATABASE_SHOP), "AccessExclusiveLock", 12);
	stage_login_attempts(&stage);
	return stage_end(&stage);
}

/* Sees everything and may signal nobody. */
static Snapshot *make_not_allowed(void)
{
	const OwnPrivileges reader = {.known = TRUE, .has_read_all_stats = TRUE};
	Stage stage;
	Snapshot *snapshot;

	stage_begin(&stage);
	stage_login(&stage, 3, NULL);
	snapshot = stage_end(&stage);
	privileges_set_own(snapshot_privileges(snapshot), &reader);
	return snapshot;
}

/* 500 in a row, each holding a row that the next wants. */
static Snapshot *make_chain(void)
{
	Stage stage;

	stage_begin(&stage);
	stage_idler(&stage, stage_actor(10000, ROLE_APP, "batch"), 600, "UPDATE a SET x = 1");
	stage_holds(&stage, 10000, on_transaction(1000), "ExclusiveLock");
	for (gint32 i = 1; i <= 500; i++) {
		stage_runner(&stage, stage_actor(10000 + i, ROLE_APP, "batch"), 600 - i,
		             "UPDATE a SET x = 1");
		stage_holds(&stage, 10000 + i, on_transaction(1000 + (guint32) i), "ExclusiveLock");
		stage_waits(&stage, 10000 + i, on_transaction(999 + (guint32) i), "ShareLock", 600 - i);
	}
	return stage_end(&stage);
}

static Snapshot *make_other_database(void)
{
	static const guint32 databases[] = {DATABASE_SHOP, DATABASE_SHOP, DATABASE_NAMELESS};
	static const guint32 relations[] = {TABLE_STOCK, TABLE_UNNAMED, TABLE_STOCK};
	Stage stage;

	stage_begin(&stage);
	for (guint i = 0; i < G_N_ELEMENTS(databases); i++) {
		gint32 pid = 7001 + 10 * (gint32) i;
		Session holder = stage_actor(pid, ROLE_APP, "inventory");
		Session waiter = stage_actor(pid + 1, ROLE_APP, "inventory");
		LockTag table = on_table(relations[i]);

		holder.database = waiter.database = table.database = databases[i];
		stage_idler(&stage, holder, 100, "LOCK TABLE stock");
		stage_holds(&stage, pid, table, "AccessExclusiveLock");
		stage_runner(&stage, waiter, 90 - i, "SELECT * FROM stock");
		stage_waits(&stage, pid + 1, table, "AccessShareLock", 90 - i);
	}
	return stage_end(&stage);
}

/* One holder and a waiter for each kind of thing. */
static Snapshot *make_lock_types(void)
{
	const LockTag tags[] = {
	    on_table(TABLE_ORDERS),
	    on_table(INDEX_ORDERS),
	    on_table(TABLE_UNNAMED),
	    {.type = LOCK_TYPE_RELATION, .database = 0, .relation = 1262},
	    {.type = LOCK_TYPE_EXTEND, .database = DATABASE_APP, .relation = TABLE_STOCK},
	    {.type = LOCK_TYPE_FROZENID, .database = DATABASE_APP},
	    {.type = LOCK_TYPE_PAGE, .database = DATABASE_APP, .relation = INDEX_ORDERS, .page = 0},
	    on_row(TABLE_ORDERS, 3, 4),
	    on_transaction(900),
	    {.type = LOCK_TYPE_VIRTUALXID, .virtualxid = {3, 1547}},
	    {.type = LOCK_TYPE_SPECTOKEN, .transaction = 901, .objid = 1},
	    {.type = LOCK_TYPE_SPECTOKEN, .database = 902, .classid = 1},
	    on_object(2615, 2200),
	    on_object(1260, ROLE_DEPLOY),
	    on_object(1262, DATABASE_SHOP),
	    {.type = LOCK_TYPE_OBJECT, .classid = 1262},
	    on_object(1259, TABLE_ORDERS),
	    on_object(9999, 12),
	    {.type = LOCK_TYPE_USERLOCK, .database = DATABASE_APP, .classid = 1, .objid = 2},
	    on_advisory(0, 42, 1),
	    on_advisory(0xffffffff, 0xfffffff9, 1),
	    on_advisory(1, 0xfffffffe, 2),
	    on_advisory(5, 6, 4),
	    {.type = LOCK_TYPE_ADVISORY, .database = DATABASE_SHOP, .objid = 42, .objsubid = 1},
	    {.type = LOCK_TYPE_APPLYTRANSACTION,
	     .database = DATABASE_APP,
	     .transaction = 903,
	     .objid = 16400},
	};
	Stage stage;

	stage_begin(&stage);
	stage_idler(&stage, stage_actor(8000, ROLE_APP, "holder"), 30, "SELECT 1");
	for (guint i = 0; i < G_N_ELEMENTS(tags); i++) {
		gint32 pid = 8001 + (gint32) i;

		stage_holds(&stage, 8000, tags[i], "ExclusiveLock");
		stage_runner(&stage, stage_actor(pid, ROLE_APP, "waiter"), 29, "SELECT 1");
		stage_waits(&stage, pid, tags[i], "ShareLock", 29 - i * 0.5);
	}
	return stage_end(&stage);
}

static Snapshot *make_warnings(void)
{
	Snapshot *snapshot = make_one_waiter();

	snapshot_add_warning(snapshot, "names of relations could not be read (canceling statement due "
	                               "to lock timeout): oids are shown instead");
	snapshot_add_warning(snapshot, "bad \033[31m text");
	return snapshot;
}

static Snapshot *make_many_roots(void)
{
	Stage stage;

	stage_begin(&stage);
	for (gint32 i = 0; i < 12; i++) {
		gint32 pid = 9000 + 10 * i;

		stage_idler(&stage, stage_actor(pid, ROLE_APP, "worker"), 100 + i,
		            "SELECT pg_advisory_xact_lock($1)");
		stage_holds(&stage, pid, on_advisory(0, 1000 + (guint32) i, 1), "ExclusiveLock");
		for (gint32 j = 1; j <= 1 + i % 4; j++) {
			stage_runner(&stage, stage_actor(pid + j, ROLE_APP, "worker"), 90 - i - j,
			             "SELECT pg_advisory_xact_lock($1)");
			stage_waits(&stage, pid + j, on_advisory(0, 1000 + (guint32) i, 1), "ExclusiveLock",
			            90 - i - j);
		}
	}
	return stage_end(&stage);
}

/* Blockers in every state that is treated in a way of its own. */
static Snapshot *make_states(void)
{
	static const struct {
		const char *backend_type, *state, *wait_event_type, *wait_event, *query;
		guint32 role;
		double xact_age; /* below 0: none */
	} blockers[] = {
	    {"client backend", "active", "Client", "ClientWrite", "COPY orders TO STDOUT", ROLE_BI,
	     900},
	    {"client backend", "idle", "Client", "ClientRead", "SELECT pg_advisory_lock(7)", ROLE_APP,
	     -1},
	    {"client backend", "idle in transaction (aborted)", "Client", "ClientRead", "SELECT 1/0",
	     ROLE_APP, 60},
	    {"client backend", "active", "IPC", "SyncRep", "COMMIT", ROLE_APP, 5},
	    {"client backend", "active", NULL, NULL, "SELECT * FROM orders", ROLE_ADMIN, 50},
	    {"client backend", "disabled", NULL, NULL, "", ROLE_APP, -1},
	    {"autovacuum worker", "active", NULL, NULL,
	     "autovacuum: VACUUM public.orders (to prevent wraparound)", 0, 4000},
	    {"autovacuum worker", "active", NULL, NULL, "autovacuum: VACUUM public.stock", 0, 40},
	    {"walsender", "active", "Activity", "WalSenderMain", "START_REPLICATION SLOT s", ROLE_ADMIN,
	     -1},
	    {"logical replication worker", NULL, "Activity", "LogicalApplyMain", NULL, ROLE_ADMIN, -1},
	    {"pg_cron launcher", NULL, "Extension", "Extension", NULL, ROLE_ADMIN, -1},
	    {"checkpointer", NULL, "Activity", "CheckpointerMain", NULL, 0, -1},
	};
	Stage stage;

	stage_begin(&stage);
	for (guint i = 0; i < G_N_ELEMENTS(blockers); i++) {
		gint32 pid = 3000 + 10 * (gint32) i;
		Session blocker = stage_actor(pid, blockers[i].role, "");

		blocker.backend_type = blockers[i].backend_type;
		blocker.state_text = blockers[i].state;
		blocker.wait_event_type = blockers[i].wait_event_type;
		blocker.wait_event = blockers[i].wait_event;
		blocker.query = blockers[i].query;
		blocker.xact_start =
		    blockers[i].xact_age < 0 ? TIMESTAMP_NONE : stage_ago(blockers[i].xact_age);
		blocker.query_start = blocker.state_change = stage_ago(50 - i);
		if (strcmp(blocker.backend_type, "client backend") != 0) {
			blocker.client_addr = NULL;
			blocker.client_port = 0;
		}
		stage_add(&stage, &blocker);
		stage_holds(&stage, pid, on_advisory(0, i, 1), "ExclusiveLock");
		for (gint32 j = 1; j <= 2; j++) {
			stage_runner(&stage, stage_actor(pid + j, ROLE_APP, "waiter"), 20 - i, "SELECT 1");
			stage_waits(&stage, pid + j, on_advisory(0, i, 1), "ExclusiveLock", 20 - i);
		}
	}
	return stage_end(&stage);
}

/* Behind a pooler that was asked: connections with a client, with none, with one that is somebody
 * else there, with one that isn't nice; and one that comes directly. */
static Snapshot *make_pooler(void)
{
	static const PoolerConnection connections[] = {
	    {.pid = 6100,
	     .has_client = TRUE,
	     .client = {"10.0.0.7", 53211, "checkout", "app_rw", "app"}},
	    {.pid = 6110},
	    {.pid = 6120, .has_client = TRUE, .client = {NULL, 6432, NULL, "shop", "shop_pool"}},
	    {.pid = 6130,
	     .has_client = TRUE,
	     .client = {"2001:db8::7", 1, "a\033[31mb", "app_rw", "app"}},
	};
	Stage stage;
	Snapshot *snapshot;

	stage_begin(&stage);
	for (guint32 i = 0; i < 5; i++) {
		gint32 pid = 6100 + 10 * (gint32) i;

		stage_idler(&stage, stage_actor(pid, ROLE_APP, "checkout"), 100 - i, "SELECT 1");
		stage_holds(&stage, pid, on_advisory(0, 1000 + i, 1), "ExclusiveLock");
		stage_runner(&stage, stage_actor(pid + 1, ROLE_APP, "worker"), 90 - i, "SELECT 2");
		stage_waits(&stage, pid + 1, on_advisory(0, 1000 + i, 1), "ExclusiveLock", 90 - i);
	}
	snapshot = stage_end(&stage);
	snapshot_set_pooler(snapshot, connections, G_N_ELEMENTS(connections));
	return snapshot;
}

/* Advisory keys that have names. */
static Snapshot *make_labelled(void)
{
	static const char file[] = "42 = nightly-import\n"
	                           "7,* = tenant \033[31mjobs\xff\n"
	                           "[database shop]\n"
	                           "43 = of the shop\n";
	static AdvisoryLabels *labels;
	const LockTag tags[] = {
	    on_advisory(0, 42, 1),
	    on_advisory(7, 8, 2),
	    on_advisory(0, 43, 1),
	    {.type = LOCK_TYPE_ADVISORY, .database = DATABASE_SHOP, .objid = 43, .objsubid = 1},
	    /* of an extension */
	    on_advisory(0, 42, 4),
	};
	Stage stage;
	Snapshot *snapshot;

	if (labels == NULL)
		labels = advisory_labels_parse(file, sizeof(file) - 1, "labels", NULL);
	stage_begin(&stage);
	stage_idler(&stage, stage_actor(6200, ROLE_DEPLOY, "migrator"), 100, "SELECT 1");
	for (guint i = 0; i < G_N_ELEMENTS(tags); i++) {
		gint32 pid = 6201 + (gint32) i;

		stage_holds(&stage, 6200, tags[i], "ExclusiveLock");
		stage_runner(&stage, stage_actor(pid, ROLE_APP, "worker"), 90 - i, "SELECT 2");
		stage_waits(&stage, pid, tags[i], "ExclusiveLock", 90 - i);
	}
	snapshot = stage_end(&stage);
	snapshot_set_advisory_labels(snapshot, labels);
	return snapshot;
}

const Fixture fixtures[] = {
    {"quiet", make_quiet, FALSE},
    {"login", make_login, FALSE},
    {"one-waiter", make_one_waiter, FALSE},
    {"ddl-queue", make_ddl_queue, FALSE},
    {"co-holders", make_co_holders, FALSE},
    {"prepared", make_prepared, FALSE},
    {"cycle", make_cycle, FALSE},
    {"cycle-and-root", make_cycle_and_root, FALSE},
    {"hostile", make_hostile, FALSE},
    {"hidden", make_hidden, FALSE},
    {"logging-in", make_logging_in, FALSE},
    {"not-allowed", make_not_allowed, FALSE},
    {"other-database", make_other_database, FALSE},
    {"lock-types", make_lock_types, FALSE},
    {"warnings", make_warnings, FALSE},
    {"many-roots", make_many_roots, FALSE},
    {"states", make_states, FALSE},
    {"standby", fixture_standby, FALSE},
    {"standby-paused", fixture_standby_paused, FALSE},
    {"standby-reader", fixture_standby_reader, FALSE},
    {"concurrent-build", fixture_concurrent_build, FALSE},
    {"pooler", make_pooler, FALSE},
    {"labelled", make_labelled, FALSE},
    {"chain", make_chain, TRUE},
    {"storm", make_storm, TRUE},
    {"storm-of-literals", make_storm_of_literals, TRUE},
    {"storm-of-names", make_storm_of_names, TRUE},
};
const guint n_fixtures = G_N_ELEMENTS(fixtures);
