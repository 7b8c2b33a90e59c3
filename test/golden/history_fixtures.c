#include "history_fixtures.h"

#include "base/timestamp.h"

/* 2026-11-27T03:12:05Z */
#define START G_GINT64_CONSTANT(1795749125000000)
#define AT(second) (START + (gint64) ((second) *1e6))
#define DATABASE 16384
#define NASTY "\033[31m\a red \xE2\x80\xAE evil"

static SessionFacts *session(gint32 pid, const char *application, const char *user,
                             const char *state, double since, const char *query)
{
	SessionFacts *facts = g_new0(SessionFacts, 1);

	*facts = (SessionFacts){
	    .pid = pid,
	    .backend_start = AT(-86400),
	    .prepared_at = TIMESTAMP_NONE,
	    .user = g_strdup(user),
	    .database = g_strdup("app"),
	    .application_name = g_strdup(application),
	    .client_addr = g_strdup("10.0.3.7"),
	    .client_port = 50000 + pid,
	    .backend_type = g_strdup("client backend"),
	    .state = g_strdup(state),
	    .xact_start = AT(since),
	    .query_start = AT(since),
	    .state_change = AT(since),
	    .has_written = WRITTEN_YES,
	    .query = g_strdup(query),
	};
	return facts;
}

static LockTarget *table(guint32 oid, const char *name, const char *parent)
{
	LockTarget *target = g_new0(LockTarget, 1);

	*target = (LockTarget){
	    .tag = {.type = LOCK_TYPE_RELATION, .database = DATABASE, .relation = oid},
	    .database = g_strdup("app"),
	    .schema = g_strdup("public"),
	    .relation = g_strdup(name),
	    .relkind = 'r',
	};
	target->tables = g_new0(char *, 5);
	target->tables[0] = g_strdup("public");
	target->tables[1] = g_strdup(name);
	target->tables[2] = parent != NULL ? g_strdup("sales") : NULL;
	target->tables[3] = g_strdup(parent);
	return target;
}

static LockTarget *row(const char *name, guint32 transaction, const char *key, const char *value)
{
	LockTarget *target = table(16400, name, NULL);

	target->row_tag = target->tag;
	target->row_tag.type = LOCK_TYPE_TUPLE;
	target->row_tag.tuple = 1;
	target->has_row = TRUE;
	target->tag = (LockTag){.type = LOCK_TYPE_TRANSACTIONID, .transaction = transaction};
	target->n_key = 1;
	target->key_columns = g_new0(char *, 2);
	target->key_values = g_new0(char *, 2);
	target->key_columns[0] = g_strdup(key);
	target->key_values[0] = g_strdup(value);
	return target;
}

static LockTarget *advisory(guint32 key, const char *label)
{
	LockTarget *target = g_new0(LockTarget, 1);

	target->tag =
	    (LockTag){.type = LOCK_TYPE_ADVISORY, .database = DATABASE, .objid = key, .objsubid = 1};
	target->is_elsewhere = TRUE;
	target->database = g_strdup("app");
	target->advisory_label = g_strdup(label);
	return target;
}

static IncidentWaiter *add_waiter(IncidentRecord *record, SessionFacts *who, LockTarget *target,
                                  LockMode mode, double first, double last)
{
	IncidentWaiter *waiter = g_new0(IncidentWaiter, 1);
	Incident *incident = record->incident;

	*waiter = (IncidentWaiter){
	    .session = who,
	    .target = target,
	    .mode = mode,
	    .n_waits = 1,
	    .first_at = AT(first),
	    .since = incident->ended_at == TIMESTAMP_NONE ? AT(first) : TIMESTAMP_NONE,
	    .last_seen = AT(last),
	    .waited_us = AT(last) - AT(first),
	    .waitstart = AT(first),
	};
	g_ptr_array_add(incident->waiters, waiter);
	incident->waited_us += waiter->waited_us;
	incident->longest_wait_us = MAX(incident->longest_wait_us, waiter->waited_us);
	record->n_waiters++;
	return waiter;
}

/* last < first: it isn't over. Takes root and target. */
static IncidentRecord *incident(gint64 id, double first, double last, gboolean is_over,
                                SessionFacts *root, LockTarget *target, LockMode mode)
{
	Incident *made = incident_new("main");

	made->id = id;
	made->server_started_at = AT(-1000000);
	made->root = root;
	made->target = target;
	made->mode = mode;
	made->started_at = AT(first);
	made->last_seen = AT(last);
	made->ended_at = is_over ? AT(last) : TIMESTAMP_NONE;
	made->end = is_over ? INCIDENT_RELEASED : INCIDENT_LASTS;
	return incident_record_new(made);
}

static void add_peak(IncidentRecord *record, guint n, double at)
{
	record->incident->peak_blocked = n;
	record->incident->peak_at = AT(at);
	record->incident->n_blocked = record->incident->ended_at == TIMESTAMP_NONE ? n : 0;
}

static void add_gap(IncidentRecord *record, double since, double until, gboolean is_away)
{
	const IncidentGap gap = {.since = AT(since), .until = AT(until), .is_away = is_away};

	g_array_append_val(record->incident->gaps, gap);
}

static void add_statement(IncidentRecord *record, const char *who, double began, const char *text)
{
	StatementRecord *statement = g_new0(StatementRecord, 1);

	*statement = (StatementRecord){
	    .incident = record->incident->id,
	    .session = g_strdup(who),
	    .began_at = AT(began),
	    .seen_at = AT(began + 0.5),
	    .statement = g_strdup(text),
	};

	g_ptr_array_add(record->statements, statement);
}

typedef struct {
	const char *act, *by, *session, *result, *message;
	double at, settled;
	guint freed;
	gboolean dry_run;
} ActRow;

static ActRecord *act_of(gint64 incident, const ActRow *row)
{
	ActRecord *act = g_new0(ActRecord, 1);

	*act = (ActRecord){
	    .incident = incident,
	    .server = g_strdup("main"),
	    .at = AT(row->at),
	    .act = g_strdup(row->act),
	    .by = g_strdup(row->by),
	    .dry_run = row->dry_run,
	    .session = g_strdup(row->session),
	    .session_id = g_strdup("6926a1b2.1267"),
	    .settled_at = row->settled > 0 ? AT(row->settled) : TIMESTAMP_NONE,
	    .result = g_strdup(row->result),
	    .message = g_strdup(row->message),
	    .n_freed = row->freed,
	};

	return act;
}

static void add_act(IncidentRecord *record, const ActRow *row)
{
	g_ptr_array_add(record->acts, act_of(record->incident->id, row));
}

static void add_notice(IncidentRecord *record, double at, const char *event, gboolean delivered,
                       guint n_tries, const char *message)
{
	NoticeRecord *notice = g_new0(NoticeRecord, 1);

	*notice = (NoticeRecord){
	    .incident = record->incident->id,
	    .server = g_strdup("main"),
	    .at = AT(at),
	    .event = g_strdup(event),
	    .notifier = g_strdup("ops"),
	    .delivered = delivered,
	    .n_tries = n_tries,
	    .message = g_strdup(message),
	};

	g_ptr_array_add(record->notices, notice);
}

#define LOGIN "UPDATE login_sessions SET token = $1 WHERE user_id = 42"

/* The login table, jammed by a connection that was left in its transaction. */
static IncidentRecord *login(void)
{
	IncidentRecord *record =
	    incident(1, 0, 252.25, TRUE,
	             session(4711, "login-service", "app_rw", "idle in transaction", -290, LOGIN),
	             row("login_sessions", 725, "user_id", "42"), LOCK_MODE_EXCLUSIVE);

	for (gint32 i = 0; i < 25; i++)
		add_waiter(record, session(4820 + i, "login-service", "app_rw", "active", i * 3, LOGIN),
		           row("login_sessions", 725, "user_id", "42"),
		           i == 0 ? LOCK_MODE_SHARE : LOCK_MODE_EXCLUSIVE, i * 3, i == 24 ? 100 : 252);
	((IncidentWaiter *) g_ptr_array_index(record->incident->waiters, 24))->n_waits = 3;
	add_peak(record, 25, 75);
	add_statement(record, "pid:4711", -290, LOGIN);
	add_statement(record, "pid:4711", -291.5,
	              "SELECT user_id, token FROM login_sessions\nWHERE user_id = 42 FOR UPDATE");
	add_notice(record, 1.5, "incident_started", TRUE, 1, NULL);
	add_act(record, &(ActRow){.act = "cancel",
	                          .by = "soft",
	                          .session = "pid:4711",
	                          .result = "cancelled_still_holding",
	                          .at = 240,
	                          .settled = 245,
	                          .message = "it runs nothing"});
	add_act(record, &(ActRow){.act = "terminate",
	                          .by = "leaked-login",
	                          .session = "pid:4711",
	                          .result = "freed",
	                          .at = 252.3,
	                          .settled = 252.361,
	                          .freed = 24});
	add_notice(record, 252.4, "act", FALSE, 3, "HTTP 503 from hooks.example");
	record->next = 2;
	return record;
}

static IncidentRecord *successor(void)
{
	IncidentRecord *record =
	    incident(2, 252.5, 254, TRUE, session(4820, "login-service", "app_rw", "active", 0, LOGIN),
	             row("login_sessions", 731, "user_id", "42"), LOCK_MODE_EXCLUSIVE);

	add_waiter(record, session(4821, "login-service", "app_rw", "active", 3, LOGIN),
	           row("login_sessions", 731, "user_id", "42"), LOCK_MODE_SHARE, 252.5, 254);
	add_peak(record, 1, 254);
	record->incident->follows = 1;
	return record;
}

/* Still there. */
static IncidentRecord *report(void)
{
	IncidentRecord *record =
	    incident(3, 80000, 80051, FALSE,
	             session(4980, "reporting", "bi", "active", 78700,
	                     "SELECT o.*, c.name FROM orders o JOIN customers c USING (customer_id)"),
	             table(16500, "orders_2026", "orders"), LOCK_MODE_ACCESS_SHARE);

	add_waiter(record,
	           session(5102, "migrator", "deploy", "active", 80000,
	                   "ALTER TABLE orders_2026 ADD COLUMN note text"),
	           table(16500, "orders_2026", "orders"), LOCK_MODE_ACCESS_EXCLUSIVE, 80000, 80051);
	add_waiter(record, session(5103, "checkout", "app_rw", "active", 80002, "INSERT INTO orders"),
	           table(16500, "orders_2026", "orders"), LOCK_MODE_ROW_EXCLUSIVE, 80002, 80051);
	add_peak(record, 2, 80002);
	add_gap(record, 80010, 80022, TRUE);
	add_act(record, &(ActRow){.act = "cancel",
	                          .by = "long-reports",
	                          .session = "pid:4980",
	                          .at = 80030,
	                          .settled = 80030,
	                          .dry_run = TRUE});
	add_act(record, &(ActRow){.act = "cancel",
	                          .by = "long-reports",
	                          .session = "pid:4980",
	                          .at = 80040,
	                          .message = "the guard ended in the middle of it"});
	return record;
}

static IncidentRecord *deadlock(void)
{
	IncidentRecord *record = incident(4, 80100, 80101.25, TRUE,
	                                  session(6001, "billing", "app_rw", "active", 80090,
	                                          "UPDATE accounts SET n = n - 1 WHERE id = 2"),
	                                  row("accounts", 802, "id", "2"), LOCK_MODE_SHARE);

	record->incident->is_deadlock = TRUE;
	add_waiter(record,
	           session(6001, "billing", "app_rw", "active", 80090,
	                   "UPDATE accounts SET n = n - 1 WHERE id = 2"),
	           row("accounts", 802, "id", "2"), LOCK_MODE_SHARE, 80100, 80101.25);
	add_waiter(record,
	           session(6002, "billing", "app_rw", "active", 80091,
	                   "UPDATE accounts SET n = n + 1 WHERE id = 1"),
	           row("accounts", 801, "id", "1"), LOCK_MODE_SHARE, 80100.5, 80101.25);
	add_peak(record, 2, 80101.25);
	return record;
}

/* The guard was down when it ended. */
static IncidentRecord *prepared(void)
{
	SessionFacts *root = g_new0(SessionFacts, 1);

	*root = (SessionFacts){
	    .kind = SESSION_KIND_PREPARED,
	    .backend_start = TIMESTAMP_NONE,
	    .gid = g_strdup("order-4711"),
	    .is_gid_exact = TRUE,
	    .transaction = 733,
	    .prepared_at = AT(81000),
	    .user = g_strdup("app_rw"),
	    .database = g_strdup("shop"),
	    .xact_start = TIMESTAMP_NONE,
	    .query_start = TIMESTAMP_NONE,
	    .state_change = TIMESTAMP_NONE,
	    .has_written = WRITTEN_YES,
	};
	IncidentRecord *record =
	    incident(5, 81020, 90000, TRUE, root, row("stock", 733, "sku", "A 1"), LOCK_MODE_EXCLUSIVE);

	record->incident->end = INCIDENT_UNSEEN;
	add_waiter(record, session(5001, "checkout", "app_rw", "active", 81020, "UPDATE stock SET n"),
	           row("stock", 733, "sku", "A 1"), LOCK_MODE_SHARE, 81020, 90000);
	add_peak(record, 1, 81020);
	add_gap(record, 82000, 85000, FALSE);
	add_act(record, &(ActRow){.act = "rollback_prepared",
	                          .by = "forgotten",
	                          .session = "gid:order-4711",
	                          .result = "unknown",
	                          .at = 81030,
	                          .settled = 81030,
	                          .message = "prepared_for is not known"});
	add_act(record, &(ActRow){.act = "rollback_prepared",
	                          .by = "forgotten",
	                          .session = "gid:order-4711",
	                          .result = "refused",
	                          .at = 81040,
	                          .settled = 81040,
	                          .message = "it is in another database"});
	add_act(record, &(ActRow){.act = "rollback_prepared",
	                          .by = "forgotten",
	                          .session = "gid:order-4711",
	                          .result = "limited",
	                          .at = 81050,
	                          .settled = 81050,
	                          .message = "its limit is used up: nothing is done"});
	return record;
}

/* Whatever a server or a file may say. */
static IncidentRecord *nasty(void)
{
	IncidentRecord *record = incident(6, 200000, 200100, TRUE,
	                                  session(666, "app " NASTY, "user " NASTY, "state " NASTY,
	                                          199000, "SELECT '" NASTY "'\n\r\t;"),
	                                  advisory(42, "label " NASTY), LOCK_MODE_EXCLUSIVE);
	Incident *made = record->incident;

	g_free(made->server);
	made->server = g_strdup("server " NASTY);
	made->end = INCIDENT_MERGED;
	made->root->hidden = TRUE;
	made->root->has_written = WRITTEN_UNKNOWN;
	g_free(made->root->database);
	made->root->database = g_strdup("db " NASTY);
	add_waiter(record, session(667, NASTY, NASTY, NASTY, 200000, NASTY),
	           table(1, "t\"" NASTY, NULL), LOCK_MODE_SHARE, 200000, 200100);
	add_peak(record, 1, 200000);
	add_statement(record, "gid:" NASTY, 199500, "UPDATE '" NASTY "'");
	add_act(record,
	        &(ActRow){.act = NASTY, .by = NASTY, .session = NASTY, .at = 200050, .message = NASTY});
	add_act(record, &(ActRow){.act = NASTY,
	                          .by = NASTY,
	                          .session = "pid:" NASTY,
	                          .result = NASTY,
	                          .message = NASTY,
	                          .at = 200051,
	                          .settled = 200052});
	add_notice(record, 200053, NASTY, FALSE, 1, NASTY);
	return record;
}

/* Documents in the file that can't be read back. */
static IncidentRecord *unknown(void)
{
	SessionFacts *root = g_new0(SessionFacts, 1);

	*root = (SessionFacts){.backend_start = TIMESTAMP_NONE,
	                       .prepared_at = TIMESTAMP_NONE,
	                       .xact_start = TIMESTAMP_NONE,
	                       .query_start = TIMESTAMP_NONE,
	                       .state_change = TIMESTAMP_NONE};
	IncidentRecord *record = incident(7, 300000, 300010, TRUE, root, NULL, LOCK_MODE_NONE);

	record->incident->end = INCIDENT_RESTARTED;
	record->incident->peak_blocked = 1;
	return record;
}

GPtrArray *history_fixtures(void)
{
	static IncidentRecord *(*const makers[])(void) = {unknown, nasty,     prepared, deadlock,
	                                                  report,  successor, login};
	GPtrArray *records = g_ptr_array_new_with_free_func((GDestroyNotify) incident_record_free);

	for (guint i = 0; i < G_N_ELEMENTS(makers); i++)
		g_ptr_array_add(records, makers[i]());
	return records;
}

GPtrArray *history_act_fixtures(void)
{
	static const ActRow rows[] = {
	    {.act = "terminate",
	     .by = "stale " NASTY,
	     .session = "pid:7001",
	     .result = "breaker_open",
	     .at = 90100,
	     .settled = 90100,
	     .message = "ended again and again " NASTY},
	    {.act = "terminate",
	     .by = "stale",
	     .session = "pid:7000",
	     .result = "gone",
	     .at = 90000,
	     .settled = 90000.05},
	};
	GPtrArray *acts = g_ptr_array_new_with_free_func((GDestroyNotify) act_record_free);

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
		g_ptr_array_add(acts, act_of(0, &rows[i]));
	return acts;
}
