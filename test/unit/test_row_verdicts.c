#include "model/row_verdicts.h"
#include "scene.h"

/* Who holds a row: its header held against the locks. Sessions are named by their pids. */

#define TABLE 500
#define OTHER_TABLE 600

typedef struct {
	Scene scene;
	RowFacts row;
	guint32 ended; /* a locker that was in progress when the row was read, but no longer after the
	                  look; 0: none */
} Case;

/* The row (0,1) of TABLE with this number in its xmax. */
static Case a_row(guint32 xmax)
{
	Case c = {.row = {.tag = tag_tuple(TABLE, 0, 1), .xmax = xmax, .transaction = {.xid = xmax}}};

	scene_begin(&c.scene, 150000);
	return c;
}

/* A transaction with this id (0: none yet) that holds a mode on a table. */
static void locker(Case *c, gint32 pid, guint32 xid, guint32 table, const char *mode)
{
	scene_idle(&c->scene, pid);
	scene_lock(&c->scene, pid, tag_relation(table), mode, GRANTED);
	if (xid != 0)
		scene_lock(&c->scene, pid, tag_transaction(xid), "ExclusiveLock", GRANTED);
}

/* A writer of TABLE. */
static void writer(Case *c, gint32 pid, guint32 xid)
{
	locker(c, pid, xid, TABLE, "RowExclusiveLock");
}

/* One that waits for the row, next in line: for the end of this transaction. */
static void first_waiter(Case *c, gint32 pid, guint32 xid)
{
	writer(c, pid, 0);
	scene_lock(&c->scene, pid, tag_tuple(TABLE, 0, 1), "ExclusiveLock", GRANTED);
	scene_lock(&c->scene, pid, tag_transaction(xid), "ShareLock", 10);
}

/* "held 100 FOR SHARE, 101? | waits 102, 103~": a ? for one of several, a ~ for inferred. */
static char *words(const RowVerdict *verdict, const Snapshot *snapshot)
{
	GString *out = g_string_new(row_state_name(verdict->state));

	for (guint i = 0; i < verdict->holders->len; i++) {
		const RowHolder *holder = &g_array_index(verdict->holders, RowHolder, i);
		const Session *session = snapshot_session(snapshot, holder->session);

		g_string_append(out, i > 0 ? ", " : " ");
		if (session->gid)
			g_string_append(out, session->gid);
		else
			g_string_append_printf(out, "%d", session->pid);
		if (!holder->is_certain)
			g_string_append_c(out, '?');
		if (holder->mode != ROW_MODE_UNKNOWN)
			g_string_append_printf(out, " %s", row_mode_name(holder->mode));
	}
	for (guint i = 0; i < verdict->waiters->len; i++) {
		const RowWaiter *waiter = &g_array_index(verdict->waiters, RowWaiter, i);

		g_string_append_printf(out, "%s%d%s", i > 0 ? ", " : " | waits ",
		                       snapshot_session(snapshot, waiter->session)->pid,
		                       waiter->is_inferred ? "~" : "");
	}
	return g_string_free(out, FALSE);
}

static void assert_verdict(Case *c, const char *expected)
{
	const RelationName table = {SCENE_DATABASE, TABLE, "public", "orders", 'r', TABLE};
	g_autoptr(RowSet) rows = row_set_new(&table, 100);
	g_autoptr(Snapshot) snapshot = scene_end(&c->scene);
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);

	row_set_add(rows, &c->row);
	g_autoptr(GArray) xids = row_set_in_progress(rows);

	for (guint i = 0; i < xids->len; i++)
		if (g_array_index(xids, guint32, i) != c->ended)
			snapshot_add_in_progress(snapshot, g_array_index(xids, guint32, i));
	g_autoptr(RowVerdicts) verdicts = row_verdicts_new(rows, graph);
	g_autofree char *said = words(row_verdicts_get(verdicts, 0), snapshot);
	g_assert_cmpstr(said, ==, expected);
	g_assert_cmpuint(row_verdicts_n(verdicts, row_verdicts_get(verdicts, 0)->state), ==, 1);
}

static void test_never_locked(void)
{
	Case c = a_row(0);

	writer(&c, 100, 725);
	assert_verdict(&c, "free");
}

static void test_left_over(void)
{
	Case c = a_row(700);

	writer(&c, 100, 725);
	assert_verdict(&c, "free");
}

static void test_holder_by_its_id(void)
{
	Case c = a_row(725);

	c.row.transaction.in_progress = TRUE;
	writer(&c, 100, 725);
	writer(&c, 101, 720);
	assert_verdict(&c, "held 100");
}

static void test_waiters(void)
{
	Case c = a_row(725);

	c.row.transaction.in_progress = TRUE;
	writer(&c, 100, 725);
	first_waiter(&c, 101, 725);
	scene_running(&c.scene, 102);
	scene_lock(&c.scene, 102, tag_tuple(TABLE, 0, 1), "ExclusiveLock", 5);
	/* for another row of the same holder, whose tuple lock it has */
	scene_running(&c.scene, 103);
	scene_lock(&c.scene, 103, tag_tuple(TABLE, 0, 2), "ExclusiveLock", GRANTED);
	scene_lock(&c.scene, 103, tag_transaction(725), "ShareLock", 5);
	assert_verdict(&c, "held 100 | waits 101, 102");
}

static void test_waiter_without_a_tuple_lock(void)
{
	Case c = a_row(725);

	c.row.transaction.in_progress = TRUE;
	writer(&c, 100, 725);
	/* it followed the row to this version */
	writer(&c, 101, 0);
	scene_lock(&c.scene, 101, tag_transaction(725), "ShareLock", 10);
	/* it wants a row of another table */
	locker(&c, 102, 0, OTHER_TABLE, "RowExclusiveLock");
	scene_lock(&c.scene, 102, tag_transaction(725), "ShareLock", 5);
	assert_verdict(&c, "held 100 | waits 101~");
}

static void test_open_subtransaction(void)
{
	Case c = a_row(726);

	c.row.transaction.in_progress = TRUE;
	writer(&c, 100, 725);
	scene_lock(&c.scene, 100, tag_transaction(726), "ExclusiveLock", GRANTED);
	assert_verdict(&c, "held 100");
}

static void test_released_subtransaction_of_the_only_older_writer(void)
{
	Case c = a_row(726);

	c.row.transaction.in_progress = TRUE;
	writer(&c, 100, 725);
	writer(&c, 101, 730);                              /* younger */
	locker(&c, 102, 720, TABLE, "AccessShareLock");    /* only reads it */
	locker(&c, 103, 721, OTHER_TABLE, "RowShareLock"); /* has locked another */
	locker(&c, 104, 0, TABLE, "RowExclusiveLock");     /* has no id yet */
	assert_verdict(&c, "held 100");
}

static void test_released_subtransaction_of_one_of_two(void)
{
	Case c = a_row(726);

	c.row.transaction.in_progress = TRUE;
	writer(&c, 100, 725);
	writer(&c, 101, 720);
	assert_verdict(&c, "one_of 100?, 101?");
}

static void test_waiter_tells_which_of_two(void)
{
	Case c = a_row(726);

	c.row.transaction.in_progress = TRUE;
	writer(&c, 100, 725);
	writer(&c, 101, 720);
	first_waiter(&c, 102, 720);
	assert_verdict(&c, "held 101 | waits 102");
}

static void test_numbers_go_round(void)
{
	Case c = a_row(5);

	c.row.transaction.in_progress = TRUE;
	writer(&c, 100, 4294967290u); /* before the numbers went round */
	writer(&c, 101, 9);
	assert_verdict(&c, "held 100");
}

static void test_prepared(void)
{
	Case c = a_row(725);

	c.row.transaction.in_progress = TRUE;
	scene_prepared(&c.scene, 725, "order-1", TABLE);
	assert_verdict(&c, "held order-1");
}

static void test_members_of_a_multixact(void)
{
	Case c = a_row(3);
	RowLocker members[] = {{720, ROW_MODE_FOR_KEY_SHARE, TRUE},
	                       {725, ROW_MODE_NO_KEY_UPDATE, TRUE},
	                       {700, ROW_MODE_FOR_UPDATE, FALSE}};

	c.row.members = members;
	c.row.n_members = G_N_ELEMENTS(members);
	locker(&c, 100, 720, TABLE, "RowShareLock");
	writer(&c, 101, 725);
	assert_verdict(&c, "held 100 FOR KEY SHARE, 101 NO KEY UPDATE");
}

static void test_transaction_and_its_subtransaction_in_one_multixact(void)
{
	Case c = a_row(3);
	RowLocker members[] = {{725, ROW_MODE_FOR_KEY_SHARE, TRUE}, {726, ROW_MODE_UPDATE, TRUE}};

	c.row.members = members;
	c.row.n_members = G_N_ELEMENTS(members);
	writer(&c, 100, 725);
	scene_lock(&c.scene, 100, tag_transaction(726), "ExclusiveLock", GRANTED);
	assert_verdict(&c, "held 100 UPDATE");
}

/* Whose the released subtransaction is nothing tells: it lends nobody its mode. */
static void test_modes_of_members_that_may_be_anybodys(void)
{
	Case c = a_row(3);
	RowLocker members[] = {{720, ROW_MODE_FOR_KEY_SHARE, TRUE},
	                       {726, ROW_MODE_FOR_SHARE, TRUE},
	                       {727, ROW_MODE_NO_KEY_UPDATE, TRUE}};

	c.row.members = members;
	c.row.n_members = 2;
	locker(&c, 100, 720, TABLE, "RowShareLock");
	writer(&c, 101, 725);
	assert_verdict(&c, "one_of 100 FOR KEY SHARE, 101? FOR SHARE");
	c = a_row(3);
	c.row.members = members;
	c.row.n_members = 3;
	locker(&c, 100, 720, TABLE, "RowShareLock");
	writer(&c, 101, 725);
	assert_verdict(&c, "one_of 100 FOR KEY SHARE, 101?");
}

static void test_multixact_of_ended_transactions(void)
{
	Case c = a_row(3);
	RowLocker members[] = {{700, ROW_MODE_FOR_SHARE, FALSE}, {701, ROW_MODE_FOR_SHARE, FALSE}};

	c.row.members = members;
	c.row.n_members = G_N_ELEMENTS(members);
	writer(&c, 100, 725);
	assert_verdict(&c, "free");
}

static void test_number_means_a_transaction_that_has_nothing_to_do_with_it(void)
{
	Case c = a_row(725);
	RowLocker members[] = {{720, ROW_MODE_FOR_SHARE, TRUE}, {721, ROW_MODE_FOR_SHARE, TRUE}};

	c.row.transaction.in_progress = TRUE;
	c.row.members = members;
	c.row.n_members = G_N_ELEMENTS(members);
	locker(&c, 100, 725, OTHER_TABLE, "RowExclusiveLock");
	locker(&c, 101, 720, TABLE, "RowShareLock");
	locker(&c, 102, 721, TABLE, "RowShareLock");
	assert_verdict(&c, "held 101 FOR SHARE, 102 FOR SHARE");
}

/* Both 725 the transaction and 725 the multixact may have locked the row. */
static Case two_readings(void)
{
	static RowLocker members[] = {{720, ROW_MODE_FOR_SHARE, TRUE}};
	Case c = a_row(725);

	c.row.transaction.in_progress = TRUE;
	c.row.members = members;
	c.row.n_members = G_N_ELEMENTS(members);
	writer(&c, 100, 725);
	writer(&c, 101, 720);
	return c;
}

static void test_two_readings(void)
{
	Case c = two_readings();

	assert_verdict(&c, "one_of 100?, 101?");
}

static void test_waiter_tells_the_reading(void)
{
	Case c = two_readings();

	first_waiter(&c, 102, 725);
	assert_verdict(&c, "held 100 | waits 102");
	c = two_readings();
	first_waiter(&c, 102, 720);
	assert_verdict(&c, "held 101 FOR SHARE | waits 102");
}

static void test_extension_tells_the_reading(void)
{
	Case c = two_readings();

	c.row.kind = XMAX_TRANSACTION;
	c.row.transaction.mode = ROW_MODE_FOR_UPDATE;
	assert_verdict(&c, "held 100 FOR UPDATE");
	c = two_readings();
	c.row.kind = XMAX_MULTIXACT;
	assert_verdict(&c, "held 101 FOR SHARE");
}

static void test_ended_while_we_looked(void)
{
	Case c = a_row(725);

	c.row.transaction.in_progress = TRUE;
	writer(&c, 101, 730);
	assert_verdict(&c, "unknown");
}

/* Nobody's the id is because its transaction has ended, not because it was a subtransaction's. */
static void test_ended_while_somebody_older_writes(void)
{
	Case c = a_row(726);

	c.row.transaction.in_progress = TRUE;
	c.ended = 726;
	writer(&c, 100, 725);
	assert_verdict(&c, "unknown");
}

static void test_member_ended_while_we_looked(void)
{
	Case c = a_row(3);
	RowLocker members[] = {{726, ROW_MODE_FOR_SHARE, TRUE}, {727, ROW_MODE_FOR_SHARE, TRUE}};

	c.row.members = members;
	c.row.n_members = G_N_ELEMENTS(members);
	c.ended = 726;
	writer(&c, 100, 725);
	locker(&c, 101, 727, TABLE, "RowShareLock");
	assert_verdict(&c, "held 101 FOR SHARE");
}

/* It may have been the transaction, or the multixact of that number. */
static void test_one_of_two_readings_ended(void)
{
	Case c = a_row(726);
	RowLocker members[] = {{720, ROW_MODE_FOR_SHARE, TRUE}};

	c.row.transaction.in_progress = TRUE;
	c.row.members = members;
	c.row.n_members = G_N_ELEMENTS(members);
	c.ended = 726;
	writer(&c, 100, 720);
	assert_verdict(&c, "one_of 100?");
	c = a_row(726);
	c.row.transaction.in_progress = TRUE;
	c.row.members = members;
	c.row.n_members = G_N_ELEMENTS(members);
	c.ended = 726;
	writer(&c, 100, 720);
	first_waiter(&c, 101, 720);
	assert_verdict(&c, "held 100 FOR SHARE | waits 101");
}

static void test_waiter_whose_blocker_the_row_does_not_name(void)
{
	/* it was locked after it had been read */
	Case c = a_row(0);

	writer(&c, 100, 725);
	first_waiter(&c, 101, 725);
	assert_verdict(&c, "held 100 | waits 101");
}

static void test_upgrade_from_share(void)
{
	Case c = a_row(3);
	RowLocker members[] = {{720, ROW_MODE_FOR_SHARE, TRUE}, {725, ROW_MODE_FOR_SHARE, TRUE}};

	c.row.members = members;
	c.row.n_members = G_N_ELEMENTS(members);
	writer(&c, 100, 720);
	writer(&c, 101, 725);
	scene_lock(&c.scene, 101, tag_transaction(720), "ShareLock", 10);
	assert_verdict(&c, "held 100 FOR SHARE, 101 FOR SHARE | waits 101~");
}

/* Rows with leftover multixacts, and a server full of locks: the time is that of both added up, not
 * that of one times the other, which would be minutes. */
static void test_many_rows_and_locks(void)
{
	enum { N_SESSIONS = 2000, N_LOCKS = 100, N_ROWS = 2000, N_MEMBERS = 15, FIRST_XID = 100000 };
	const RelationName table = {SCENE_DATABASE, TABLE, "public", "orders", 'r', TABLE};
	g_autoptr(RowSet) rows = row_set_new(&table, N_ROWS);
	RowLocker members[N_MEMBERS] = {{0}};
	Case c = a_row(3);

	for (gint32 i = 0; i < N_SESSIONS; i++) {
		writer(&c, 100 + i, FIRST_XID + (guint32) i);
		for (guint32 j = 0; j < N_LOCKS; j++)
			scene_lock(&c.scene, 100 + i, tag_relation(OTHER_TABLE + j), "AccessShareLock",
			           GRANTED);
	}
	for (guint i = 0; i < N_MEMBERS; i++)
		members[i].xid = 1000 + i;
	c.row.members = members;
	c.row.n_members = N_MEMBERS;
	for (guint i = 0; i < N_ROWS; i++) {
		c.row.tag.page = i;
		row_set_add(rows, &c.row);
	}
	/* and one that is held */
	c.row.tag.page = N_ROWS;
	members[0].xid = FIRST_XID;
	row_set_add(rows, &c.row);
	g_autoptr(Snapshot) snapshot = scene_end(&c.scene);
	g_autoptr(WaitGraph) graph = wait_graph_new(snapshot);
	g_autoptr(RowVerdicts) verdicts = row_verdicts_new(rows, graph);

	g_assert_cmpuint(row_verdicts_n(verdicts, ROW_FREE), ==, N_ROWS);
	g_assert_cmpuint(row_verdicts_n(verdicts, ROW_HELD), ==, 1);
}

/* 101 is next in line for the row and waits for 100, who shares it with 102; 103 holds it weakly,
 * which is in the way of a new key only; and so does 101 itself. */
static char *freed_words(const char *wanted, gint32 first, gint32 second)
{
	Case c = a_row(77);
	const RowLocker members[] = {{701, ROW_MODE_FOR_SHARE, TRUE},
	                             {702, ROW_MODE_FOR_SHARE, TRUE},
	                             {703, ROW_MODE_FOR_KEY_SHARE, TRUE},
	                             {704, ROW_MODE_FOR_SHARE, TRUE}};
	const RelationName table = {SCENE_DATABASE, TABLE, "public", "orders", 'r', TABLE};
	g_autoptr(RowSet) rows = row_set_new(&table, 100);
	GString *out = g_string_new(NULL);

	c.row.kind = XMAX_MULTIXACT;
	writer(&c, 100, 701);
	writer(&c, 102, 702);
	writer(&c, 103, 703);
	writer(&c, 101, 704);
	scene_lock(&c.scene, 101, tag_tuple(TABLE, 0, 1), wanted, GRANTED);
	scene_lock(&c.scene, 101, tag_transaction(701), "ShareLock", 10);
	row_set_set_members(rows, row_set_add(rows, &c.row), members, G_N_ELEMENTS(members));
	g_autoptr(Snapshot) snapshot = scene_end(&c.scene);
	g_autoptr(WaitGraph) shown = wait_graph_new(snapshot);
	g_autoptr(RowVerdicts) verdicts = row_verdicts_new(rows, shown);
	g_autoptr(GArray) hidden = row_verdicts_hidden_waits(verdicts, rows, shown);
	g_autoptr(WaitGraph) graph = wait_graph_new_with(snapshot, hidden);
	const guint ended[] = {scene_find(snapshot, first), scene_find(snapshot, second)};
	g_autoptr(GArray) freed = wait_graph_freed_by(graph, ended, G_N_ELEMENTS(ended));

	g_assert_cmpuint(wait_graph_freed_alone(shown, scene_find(snapshot, 100)), ==, 1);
	g_assert_cmpuint(wait_graph_freed_alone(graph, scene_find(snapshot, 100)), ==, 0);
	g_string_printf(out, "%u roots, frees %u", wait_graph_n_roots(graph), freed->len);
	return g_string_free(out, FALSE);
}

static void test_freeing_none(void)
{
	row_verdicts_free(NULL);
}

static void test_hidden_waits(void)
{
	static const struct {
		const char *wanted;
		gint32 first, second;
		const char *expected;
	} cases[] = {
	    {"ExclusiveLock", 100, 102, "2 roots, frees 1"},
	    {"ExclusiveLock", 100, 103, "2 roots, frees 0"},
	    {"AccessExclusiveLock", 100, 102, "3 roots, frees 0"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *said = freed_words(cases[i].wanted, cases[i].first, cases[i].second);

		g_test_message("case %zu", i);
		g_assert_cmpstr(said, ==, cases[i].expected);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/row/never_locked", test_never_locked);
	g_test_add_func("/row/left_over", test_left_over);
	g_test_add_func("/row/holder_by_its_id", test_holder_by_its_id);
	g_test_add_func("/row/waiters", test_waiters);
	g_test_add_func("/row/waiter_without_a_tuple_lock", test_waiter_without_a_tuple_lock);
	g_test_add_func("/row/open_subtransaction", test_open_subtransaction);
	g_test_add_func("/row/released_subtransaction_of_the_only_older_writer",
	                test_released_subtransaction_of_the_only_older_writer);
	g_test_add_func("/row/released_subtransaction_of_one_of_two",
	                test_released_subtransaction_of_one_of_two);
	g_test_add_func("/row/waiter_tells_which_of_two", test_waiter_tells_which_of_two);
	g_test_add_func("/row/numbers_go_round", test_numbers_go_round);
	g_test_add_func("/row/prepared", test_prepared);
	g_test_add_func("/row/members_of_a_multixact", test_members_of_a_multixact);
	g_test_add_func("/row/transaction_and_its_subtransaction_in_one_multixact",
	                test_transaction_and_its_subtransaction_in_one_multixact);
	g_test_add_func("/row/modes_of_members_that_may_be_anybodys",
	                test_modes_of_members_that_may_be_anybodys);
	g_test_add_func("/row/multixact_of_ended_transactions", test_multixact_of_ended_transactions);
	g_test_add_func("/row/number_means_another_transaction",
	                test_number_means_a_transaction_that_has_nothing_to_do_with_it);
	g_test_add_func("/row/two_readings", test_two_readings);
	g_test_add_func("/row/waiter_tells_the_reading", test_waiter_tells_the_reading);
	g_test_add_func("/row/extension_tells_the_reading", test_extension_tells_the_reading);
	g_test_add_func("/row/ended_while_we_looked", test_ended_while_we_looked);
	g_test_add_func("/row/ended_while_somebody_older_writes",
	                test_ended_while_somebody_older_writes);
	g_test_add_func("/row/member_ended_while_we_looked", test_member_ended_while_we_looked);
	g_test_add_func("/row/one_of_two_readings_ended", test_one_of_two_readings_ended);
	g_test_add_func("/row/waiter_whose_blocker_the_row_does_not_name",
	                test_waiter_whose_blocker_the_row_does_not_name);
	g_test_add_func("/row/upgrade_from_share", test_upgrade_from_share);
	g_test_add_func("/row/many_rows_and_locks", test_many_rows_and_locks);
	g_test_add_func("/row/hidden_waits", test_hidden_waits);
	g_test_add_func("/row/freeing_none", test_freeing_none);
	return g_test_run();
}
