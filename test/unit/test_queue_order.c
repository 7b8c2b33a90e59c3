#include "scene.h"

#include "model/lock_queue.h"

#define TABLE 500

/* A queue for a table that 100 has; then whoever a test adds. */
typedef struct {
	Scene scene;
	Snapshot *snapshot;

} Line;

static void line_begin(Line *line, int version_num)
{
	*line = (Line){0};
	scene_begin(&line->scene, version_num);
	scene_idle(&line->scene, 100);
	scene_lock(&line->scene, 100, tag_relation(TABLE), "AccessExclusiveLock", GRANTED);
}

/* Who holds nothing but waits since so many seconds. */
static void line_wait(Line *line, gint32 pid, const char *mode, double waited)
{
	scene_running(&line->scene, pid);
	scene_lock(&line->scene, pid, tag_relation(TABLE), mode, waited);
}

static void line_close(Line *line)
{
	line->snapshot = scene_end(&line->scene);
}

static void line_answer(Line *line, gint32 pid, gint32 a, gint32 b, gint32 c)
{
	gint32 pids[] = {a, b, c};
	guint n = 0;

	while (n < G_N_ELEMENTS(pids) && pids[n])
		n++;
	snapshot_add_blocking_pids(line->snapshot, pid, pids, n);
}

static void line_expect(Line *line, const char *expected, QueueOrder order)
{
	LockTag tag = tag_relation(TABLE);
	g_autoptr(LockQueues) queues = lock_queues_new(line->snapshot);
	const LockQueue *queue = lock_queues_find(queues, &tag);
	g_autoptr(GString) words = g_string_new(NULL);

	for (guint i = 0; i < queue->n_waiters; i++)
		g_string_append_printf(words, "%s%d", i ? " " : "",
		                       snapshot_session(line->snapshot, queue->waiters[i].session)->pid);
	g_assert_cmpstr(words->str, ==, expected);
	g_assert_cmpint(queue->order, ==, order);
}

static void line_expect_questions(Line *line, gboolean everybody, const char *expected)
{
	g_autoptr(LockQueues) queues = lock_queues_new(line->snapshot);
	g_autoptr(GArray) pids = lock_queues_questions(queues, everybody);
	g_autoptr(GString) words = g_string_new(NULL);

	for (guint i = 0; i < pids->len; i++)
		g_string_append_printf(words, "%s%d", i ? " " : "", g_array_index(pids, gint32, i));
	g_assert_cmpstr(words->str, ==, expected);
}

static void line_end(Line *line)
{
	snapshot_free(line->snapshot);
}

static void test_arrival(void)
{
	Line line;

	line_begin(&line, 150000);
	line_wait(&line, 101, "ExclusiveLock", 10);
	line_wait(&line, 102, "ExclusiveLock", 30);
	line_wait(&line, 103, "ExclusiveLock", 20);
	/* at the same microsecond: as the rows come */
	line_wait(&line, 105, "ExclusiveLock", 5);
	line_wait(&line, 104, "ExclusiveLock", 5);
	line_close(&line);
	line_expect(&line, "102 103 101 105 104", QUEUE_ORDER_REPLAYED);
	/* all the same mode, nobody holds anything: the order changes nothing that counts */
	line_expect_questions(&line, FALSE, "");
	line_expect_questions(&line, TRUE, "101 102 103 104 105");
	line_end(&line);
}

/* 104 has a lock already that 102 has to wait for, so it goes in front of 102. */
static void test_insertion(void)
{
	Line line;

	line_begin(&line, 150000);
	line_wait(&line, 101, "RowShareLock", 50);
	line_wait(&line, 102, "ShareLock", 40);
	line_wait(&line, 103, "ShareLock", 30);
	line_wait(&line, 104, "RowExclusiveLock", 20);
	scene_lock(&line.scene, 104, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	line_wait(&line, 105, "AccessShareLock", 10);
	/* it holds what nobody minds */
	scene_lock(&line.scene, 105, tag_relation(TABLE), "AccessShareLock", GRANTED);
	line_close(&line);
	line_expect(&line, "101 104 102 103 105", QUEUE_ORDER_REPLAYED);
	line_expect_questions(&line, FALSE, "101 102 103 104 105");
	line_end(&line);
}

static void test_insertion_of_group(void)
{
	Line line;

	line_begin(&line, 150000);
	/* a member of its own group is passed over */
	scene_running(&line.scene, 200);
	scene_worker(&line.scene, 201, "parallel worker", 200);
	scene_worker(&line.scene, 202, "parallel worker", 200);
	scene_lock(&line.scene, 200, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	scene_lock(&line.scene, 201, tag_relation(TABLE), "ShareLock", 50);
	line_wait(&line, 102, "ShareLock", 40);
	/* the lock that its leader holds counts for it */
	scene_lock(&line.scene, 202, tag_relation(TABLE), "RowExclusiveLock", 30);
	line_close(&line);
	line_expect(&line, "201 202 102", QUEUE_ORDER_REPLAYED);
	/* of a group the leader is asked for */
	line_expect_questions(&line, FALSE, "102 200");
	line_end(&line);
}

static void test_answers(void)
{
	Line line;

	line_begin(&line, 150000);
	line_wait(&line, 101, "ExclusiveLock", 30);
	line_wait(&line, 102, "ShareLock", 20);
	line_wait(&line, 103, "ExclusiveLock", 10);
	line_close(&line);
	line_expect(&line, "101 102 103", QUEUE_ORDER_REPLAYED);
	line_expect_questions(&line, FALSE, "101 102 103");
	/* the deadlock detector has put 103 first */
	line_answer(&line, 101, 100, 103, 0);
	line_answer(&line, 102, 100, 101, 103);
	line_answer(&line, 103, 100, 0, 0);
	line_expect(&line, "103 101 102", QUEUE_ORDER_SERVER);
	line_end(&line);
}

static void test_contradiction(void)
{
	Line line;

	line_begin(&line, 150000);
	line_wait(&line, 101, "ExclusiveLock", 30);
	line_wait(&line, 102, "ExclusiveLock", 20);
	line_wait(&line, 103, "ExclusiveLock", 10);
	line_close(&line);
	/* both say that the other is ahead: the queue was moving */
	line_answer(&line, 101, 100, 102, 0);
	line_answer(&line, 102, 100, 101, 0);
	line_answer(&line, 103, 100, 101, 102);
	line_expect(&line, "101 102 103", QUEUE_ORDER_UNKNOWN);
	/* each of the pairs is possible, all of them together are not */
	line_answer(&line, 101, 100, 102, 0);
	line_answer(&line, 102, 100, 103, 0);
	line_answer(&line, 103, 100, 101, 0);
	line_expect(&line, "101 102 103", QUEUE_ORDER_UNKNOWN);
	line_end(&line);
}

/* One waited no longer when it was asked. */
static void test_partial_answers(void)
{
	Line line;

	line_begin(&line, 150000);
	line_wait(&line, 101, "ExclusiveLock", 30);
	line_wait(&line, 102, "ExclusiveLock", 20);
	line_wait(&line, 103, "ExclusiveLock", 10);
	line_close(&line);
	line_answer(&line, 101, 0, 0, 0);
	line_answer(&line, 102, 0, 0, 0);
	line_answer(&line, 103, 0, 0, 0);
	line_expect(&line, "101 102 103", QUEUE_ORDER_REPLAYED);
	/* two of three pairs are told of by one */
	line_answer(&line, 103, 100, 101, 0);
	line_expect(&line, "101 103 102", QUEUE_ORDER_REPLAYED);
	/* two tell of all three */
	line_answer(&line, 102, 100, 101, 103);
	line_expect(&line, "101 103 102", QUEUE_ORDER_SERVER);
	line_end(&line);
}

/* Somebody who holds what is in the other's way is named, wherever it stands in the queue. */
static void test_answers_about_holders(void)
{
	Line line;

	line_begin(&line, 150000);
	line_wait(&line, 101, "ShareLock", 30);
	line_wait(&line, 102, "RowExclusiveLock", 20);
	scene_lock(&line.scene, 102, tag_relation(TABLE), "RowShareLock", GRANTED);
	scene_lock(&line.scene, 102, tag_relation(TABLE), "RowExclusiveLock", GRANTED);
	line_close(&line);
	line_expect(&line, "102 101", QUEUE_ORDER_REPLAYED);
	line_answer(&line, 101, 100, 102, 0);
	line_expect(&line, "102 101", QUEUE_ORDER_REPLAYED);
	line_answer(&line, 102, 100, 101, 0);
	line_expect(&line, "101 102", QUEUE_ORDER_SERVER);
	line_end(&line);

	/* each holds what is in the other's way: their order makes no edge */
	line_begin(&line, 150000);
	line_wait(&line, 101, "ExclusiveLock", 30);
	scene_lock(&line.scene, 101, tag_relation(TABLE), "RowShareLock", GRANTED);
	line_wait(&line, 102, "ExclusiveLock", 20);
	scene_lock(&line.scene, 102, tag_relation(TABLE), "RowShareLock", GRANTED);
	line_close(&line);
	line_answer(&line, 101, 100, 102, 0);
	line_answer(&line, 102, 100, 101, 0);
	line_expect(&line, "102 101", QUEUE_ORDER_SERVER);
	line_end(&line);
}

/* An answer speaks of all waits of a group; a stranger that it names may be in the way of any. */
static void test_answers_of_groups(void)
{
	Line line;

	line_begin(&line, 150000);
	scene_running(&line.scene, 200);
	for (gint32 pid = 201; pid <= 203; pid++)
		scene_worker(&line.scene, pid, "parallel worker", 200);
	scene_lock(&line.scene, 201, tag_relation(TABLE), "RowExclusiveLock", 50);
	line_wait(&line, 101, "ShareLock", 40);
	scene_lock(&line.scene, 202, tag_relation(TABLE), "RowExclusiveLock", 30);
	scene_lock(&line.scene, 203, tag_relation(TABLE), "RowExclusiveLock", 20);
	line_wait(&line, 102, "ShareLock", 10);
	line_close(&line);
	line_answer(&line, 200, 100, 101, 0);
	line_answer(&line, 101, 100, 200, 0);
	line_answer(&line, 102, 100, 200, 0);
	/* that all of 200 are ahead of 102 is certain: 200 doesn't name it; of 101 only that some are
	 * ahead and some are behind */
	line_expect(&line, "201 101 202 203 102", QUEUE_ORDER_REPLAYED);
	line_end(&line);
}

static void test_version_13(void)
{
	Line line;

	line_begin(&line, 130000);
	for (gint32 pid = 101; pid <= 103; pid++) {
		double age = pid == 102 ? 90 : 200 - pid;

		scene_session(&line.scene, pid, "active", age, age, "LOCK TABLE t");
		scene_undated_wait(&line.scene, pid, tag_relation(TABLE), "ExclusiveLock");
	}
	line_close(&line);
	/* by the start of the statement, which is a guess; so all are asked */
	line_expect(&line, "101 103 102", QUEUE_ORDER_UNKNOWN);
	line_expect_questions(&line, FALSE, "101 102 103");
	line_answer(&line, 101, 100, 102, 0);
	line_answer(&line, 102, 100, 0, 0);
	line_answer(&line, 103, 100, 101, 102);
	line_expect(&line, "102 101 103", QUEUE_ORDER_SERVER);
	/* what is not told stays a guess */
	line_answer(&line, 101, 0, 0, 0);
	line_answer(&line, 103, 0, 0, 0);
	line_expect(&line, "102 101 103", QUEUE_ORDER_UNKNOWN);
	line_end(&line);
}

/* For an instant after a wait has begun it has no waitstart: it is the last. */
static void test_undated(void)
{
	Line line;

	line_begin(&line, 150000);
	scene_running(&line.scene, 101);
	scene_undated_wait(&line.scene, 101, tag_relation(TABLE), "ExclusiveLock");
	line_wait(&line, 102, "ExclusiveLock", 20);
	line_wait(&line, 103, "ExclusiveLock", 10);
	scene_running(&line.scene, 104);
	scene_undated_wait(&line.scene, 104, tag_relation(TABLE), "ExclusiveLock");
	line_close(&line);
	line_expect(&line, "102 103 101 104", QUEUE_ORDER_UNKNOWN);
	/* which passes; nobody is asked */
	line_expect_questions(&line, FALSE, "");
	line_end(&line);
}

/* On a standby it is first, with and without waitstart. */
static void test_startup_process(void)
{
	Line line;

	line_begin(&line, 150000);
	line_wait(&line, 101, "AccessShareLock", 20);
	scene_worker(&line.scene, 50, "startup", 0);
	scene_lock(&line.scene, 50, tag_relation(TABLE), "AccessExclusiveLock", 30);
	line_close(&line);
	line_expect(&line, "50 101", QUEUE_ORDER_REPLAYED);
	line_end(&line);

	line_begin(&line, 130000);
	scene_running(&line.scene, 101);
	scene_undated_wait(&line.scene, 101, tag_relation(TABLE), "AccessShareLock");
	scene_worker(&line.scene, 50, "startup", 0);
	scene_undated_wait(&line.scene, 50, tag_relation(TABLE), "AccessExclusiveLock");
	line_close(&line);
	line_expect(&line, "50 101", QUEUE_ORDER_UNKNOWN);
	/* pg_blocking_pids of the startup process is empty even while it waits */
	line_answer(&line, 50, 0, 0, 0);
	line_answer(&line, 101, 50, 0, 0);
	line_expect(&line, "50 101", QUEUE_ORDER_SERVER);
	line_end(&line);
}

/* How many of a long line are asked, the last for another mode or for the same. */
static guint n_asked_13(gint32 n_waiters, const char *last_mode)
{
	Line line;

	line_begin(&line, 130000);
	for (gint32 i = 0; i < n_waiters; i++) {
		scene_running(&line.scene, 101 + i);
		scene_undated_wait(&line.scene, 101 + i, tag_relation(TABLE),
		                   i + 1 < n_waiters ? "ExclusiveLock" : last_mode);
	}
	line_close(&line);
	g_autoptr(LockQueues) queues = lock_queues_new(line.snapshot);
	g_autoptr(GArray) pids = lock_queues_questions(queues, FALSE);
	line_end(&line);
	return pids->len;
}

static void test_long_lines_of_13(void)
{
	g_assert_cmpuint(n_asked_13(200, "ExclusiveLock"), ==, 200);
	g_assert_cmpuint(n_asked_13(201, "ExclusiveLock"), ==, 0);
	g_assert_cmpuint(n_asked_13(201, "ShareLock"), ==, 201);
}

static void test_questions(void)
{
	Line line;

	/* one waiter has no order; requests that don't conflict neither */
	line_begin(&line, 130000);
	line_wait(&line, 101, "ExclusiveLock", 10);
	line_close(&line);
	line_expect_questions(&line, FALSE, "");
	line_end(&line);

	line_begin(&line, 130000);
	line_wait(&line, 101, "RowExclusiveLock", 10);
	line_wait(&line, 102, "RowShareLock", 5);
	line_close(&line);
	line_expect_questions(&line, FALSE, "");
	line_expect_questions(&line, TRUE, "101 102");
	line_end(&line);

	/* a long queue of several modes: too long to ask */
	line_begin(&line, 150000);
	for (gint32 pid = 101; pid <= 121; pid++)
		line_wait(&line, pid, pid % 2 ? "ShareLock" : "RowExclusiveLock", 200 - pid);
	line_close(&line);
	line_expect_questions(&line, FALSE, "");
	line_end(&line);

	/* the same mode, but one holds something */
	line_begin(&line, 150000);
	line_wait(&line, 101, "ExclusiveLock", 20);
	line_wait(&line, 102, "ExclusiveLock", 10);
	scene_lock(&line.scene, 102, tag_relation(TABLE), "AccessShareLock", GRANTED);
	line_close(&line);
	line_expect_questions(&line, FALSE, "101 102");
	line_end(&line);
}

static void test_queues(void)
{
	Line line;
	LockTag tag = tag_relation(TABLE), other = tag_relation(TABLE + 1);
	g_autoptr(LockQueues) queues = NULL;
	const LockQueue *queue;

	line_begin(&line, 150000);
	scene_idle(&line.scene, 99);
	scene_lock(&line.scene, 99, tag_relation(TABLE), "AccessShareLock", GRANTED);
	scene_lock(&line.scene, 99, tag_relation(TABLE), "RowShareLock", GRANTED);
	/* nobody waits for it: no queue */
	scene_lock(&line.scene, 99, other, "RowShareLock", GRANTED);
	line_wait(&line, 101, "ExclusiveLock", 20);
	line_close(&line);
	queues = lock_queues_new(line.snapshot);
	g_assert_cmpuint(lock_queues_n(queues), ==, 1);
	g_assert_null(lock_queues_find(queues, &other));
	queue = lock_queues_find(queues, &tag);
	g_assert_cmpuint(queue->n_holders, ==, 2);
	/* by pid, all modes of one in one */
	g_assert_cmpuint(queue->holders[0].session, ==, scene_find(line.snapshot, 99));
	g_assert_cmpint(queue->holders[0].held, ==,
	                LOCK_MODE_SET(LOCK_MODE_ACCESS_SHARE) | LOCK_MODE_SET(LOCK_MODE_ROW_SHARE));
	g_assert_cmpuint(queue->holders[1].session, ==, scene_find(line.snapshot, 100));
	lock_queues_free(NULL);
	line_end(&line);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/queue_order/arrival", test_arrival);
	g_test_add_func("/queue_order/insertion", test_insertion);
	g_test_add_func("/queue_order/insertion_of_group", test_insertion_of_group);
	g_test_add_func("/queue_order/answers", test_answers);
	g_test_add_func("/queue_order/contradiction", test_contradiction);
	g_test_add_func("/queue_order/partial_answers", test_partial_answers);
	g_test_add_func("/queue_order/answers_about_holders", test_answers_about_holders);
	g_test_add_func("/queue_order/answers_of_groups", test_answers_of_groups);
	g_test_add_func("/queue_order/version_13", test_version_13);
	g_test_add_func("/queue_order/undated", test_undated);
	g_test_add_func("/queue_order/startup_process", test_startup_process);
	g_test_add_func("/queue_order/questions", test_questions);
	g_test_add_func("/queue_order/long-lines-of-13", test_long_lines_of_13);
	g_test_add_func("/queue_order/queues", test_queues);
	return g_test_run();
}
