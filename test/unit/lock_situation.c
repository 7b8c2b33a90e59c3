#include "lock_situation.h"

#include "scene.h"

#include "base/timestamp.h"

#define FIRST_TRANSACTION 700
#define FIRST_TABLE 16384

typedef struct {
	LockManager *manager;
	GRand *rand;
	const SituationKind *kind;
} Play;

static guint below(GRand *rand, guint end)
{
	return (guint) g_rand_int_range(rand, 0, (gint32) end);
}

static gboolean by_chance(GRand *rand, guint percent)
{
	return below(rand, 100) < percent;
}

static LockTag transaction_of(guint process)
{
	return tag_transaction(FIRST_TRANSACTION + process);
}

static LockTag any_table(Play *play)
{
	return tag_relation(FIRST_TABLE + below(play->rand, play->kind->n_tables));
}

static LockTag any_row(Play *play)
{
	return tag_tuple(FIRST_TABLE, 0, (guint16) (1 + below(play->rand, play->kind->n_tables)));
}

static LockMode any_mode(GRand *rand, LockModeSet modes)
{
	LockMode mode;

	do
		mode = LOCK_MODE_FIRST + below(rand, LOCK_MODE_LAST);
	while (!(modes & LOCK_MODE_SET(mode)));
	return mode;
}

/* tupleLockExtraInfo in src/backend/access/heap/heapam.c */
#define TUPLE_LOCK_MODES                                                                           \
	(LOCK_MODE_SET(LOCK_MODE_ACCESS_SHARE) | LOCK_MODE_SET(LOCK_MODE_ROW_SHARE) |                  \
	 LOCK_MODE_SET(LOCK_MODE_EXCLUSIVE) | LOCK_MODE_SET(LOCK_MODE_ACCESS_EXCLUSIVE))

static const LockTag *held_row(const Play *play, guint process)
{
	for (guint i = 0; i < lock_manager_n_tags(play->manager); i++) {
		const LockTag *tag = lock_manager_tag(play->manager, i);

		if (tag->type == LOCK_TYPE_TUPLE && lock_manager_held_at(play->manager, process, i))
			return tag;
	}
	return NULL;
}

static void acquire(Play *play, guint process, const LockTag *tag, LockMode mode)
{
	/* An error ends the transaction. */
	if (lock_manager_acquire(play->manager, process, tag, mode) == ACQUIRE_DEADLOCK)
		lock_manager_end(play->manager, process);
}

static void wait_for_any_transaction(Play *play, guint process)
{
	guint other = below(play->rand, play->kind->n_processes);
	LockTag tag = transaction_of(other);

	if (other != process && lock_manager_held(play->manager, other, &tag))
		acquire(play, process, &tag, LOCK_MODE_SHARE);
}

/* heap_acquire_tuplock: whoever has a row's tuple lock goes on to wait for the transaction that has
 * the row, or takes the row and gives the tuple lock back. */
static void go_for_a_row(Play *play, guint process)
{
	const LockTag *row = held_row(play, process);

	if (!row) {
		LockTag tag = any_row(play);

		acquire(play, process, &tag, any_mode(play->rand, TUPLE_LOCK_MODES));
	} else if (by_chance(play->rand, 70)) {
		wait_for_any_transaction(play, process);
	} else {
		lock_manager_release(play->manager, process, row);
	}
}

static void begin_to_write(Play *play, guint process)
{
	LockTag tag = transaction_of(process);

	if (lock_manager_leader(play->manager, process) == process)
		acquire(play, process, &tag, LOCK_MODE_EXCLUSIVE);
}

static void roll_back_savepoint(Play *play, guint process)
{
	LockTag tag = any_table(play);

	lock_manager_release(play->manager, process, &tag);
}

static gboolean is_alone(const Play *play, guint process)
{
	for (guint i = 0; i < play->kind->n_processes; i++)
		if (i != process &&
		    lock_manager_leader(play->manager, i) == lock_manager_leader(play->manager, process))
			return FALSE;
	return TRUE;
}

static void prepare(Play *play, guint process)
{
	LockTag tag = transaction_of(process);

	if (!play->kind->prepared || !is_alone(play, process) || held_row(play, process))
		return;
	begin_to_write(play, process);
	if (lock_manager_held(play->manager, process, &tag))
		lock_manager_prepare(play->manager, process);
}

static void disturb_waiter(Play *play, guint process)
{
	guint length = lock_manager_queue_length(play->manager, process);

	if (play->kind->waiters_may_leave && by_chance(play->rand, 3))
		lock_manager_give_up(play->manager, process);
	else if (play->kind->order_may_change && by_chance(play->rand, 3))
		lock_manager_swap_waiters(play->manager, process, below(play->rand, length),
		                          below(play->rand, length));
}

/* XactLockTableWait holds the transaction's lock for a moment only, and the first to have it lets
 * the tuple lock go. */
static void let_moments_pass(Play *play)
{
	for (guint i = 0; i < lock_manager_n_tags(play->manager); i++) {
		const LockTag tag = *lock_manager_tag(play->manager, i);

		if (tag.type != LOCK_TYPE_TRANSACTIONID)
			continue;
		for (guint process = 0; process < play->kind->n_processes; process++)
			if (lock_manager_held_at(play->manager, process, i) == LOCK_MODE_SET(LOCK_MODE_SHARE))
				lock_manager_release(play->manager, process, &tag);
	}
}

static void step(Play *play)
{
	guint process = below(play->rand, play->kind->n_processes);
	guint chance = below(play->rand, 100);
	LockTag tag = any_table(play);

	if (lock_manager_waits(play->manager, process))
		disturb_waiter(play, process);
	else if (lock_manager_is_prepared(play->manager, process) || chance < 6)
		lock_manager_end(play->manager, process);
	else if (chance < 10)
		prepare(play, process);
	else if (chance < 15)
		roll_back_savepoint(play, process);
	else if (play->kind->rows && chance < 25)
		begin_to_write(play, process);
	else if (play->kind->rows && chance < 60)
		go_for_a_row(play, process);
	else
		acquire(play, process, &tag, any_mode(play->rand, play->kind->table_modes));
	if (play->kind->rows)
		let_moments_pass(play);
}

LockManager *lock_situation_new(guint32 seed, const SituationKind *kind)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
	Play play = {lock_manager_new(kind->n_processes), rand, kind};

	if (kind->groups)
		for (guint process = 1; process < kind->n_processes; process++)
			if (by_chance(rand, 35))
				lock_manager_join_group(play.manager, process,
				                        lock_manager_leader(play.manager, process - 1));
	for (guint i = 0; i < kind->n_steps; i++)
		step(&play);
	return play.manager;
}

static void shuffle(GRand *rand, guint *order, guint n)
{
	for (guint i = 0; i < n; i++) {
		guint j = below(rand, i + 1);

		order[i] = order[j];
		order[j] = i;
	}
}

static void see_session(SnapshotBuilder *builder, const LockManager *manager, guint process,
                        gint64 query_start)
{
	guint leader = lock_manager_leader(manager, process);
	Session session = scene_blank_session(lock_manager_pid(manager, process));

	if (leader != process) {
		session.backend_type = "parallel worker";
		session.leader_pid = lock_manager_pid(manager, leader);
	}
	session.state_text = "active";
	session.query_start = query_start;
	snapshot_builder_add_session(builder, &session);
}

static void see_prepared(SnapshotBuilder *builder, guint process)
{
	g_autofree char *gid = g_strdup_printf("g%u", process);
	PreparedRow row = {.transaction = FIRST_TRANSACTION + process,
	                   .gid = gid,
	                   .prepared_at = SCENE_NOW,
	                   .owner = SCENE_USER,
	                   .database = SCENE_DATABASE};

	snapshot_builder_add_prepared(builder, &row);
}

static void see_locks(SnapshotBuilder *builder, const LockManager *manager, guint process,
                      const LockTag *tag, Waitstarts waitstarts)
{
	gint32 pid = lock_manager_pid(manager, process);
	LockModeSet held = lock_manager_held(manager, process, tag);
	gint64 waitstart;
	LockRow row = {.locktype = lock_type_name(tag->type),
	               .tag = *tag,
	               .virtualtransaction = {(gint32) process, 1},
	               .pid = pid,
	               .granted = TRUE,
	               .waitstart = TIMESTAMP_NONE};
	LockMode wait_mode;
	const LockTag *wait = lock_manager_wait(manager, process, &wait_mode, &waitstart);

	/* -1/xid after a restart */
	if (pid == 0 && process % 2 == 0)
		row.virtualtransaction = (VirtualTransactionId){-1, FIRST_TRANSACTION + process};
	for (LockMode mode = LOCK_MODE_FIRST; mode <= LOCK_MODE_LAST; mode++) {
		row.mode = lock_mode_name(mode);
		if (held & LOCK_MODE_SET(mode))
			snapshot_builder_add_lock(builder, &row);
	}
	if (!wait || !lock_tag_equal(wait, tag))
		return;
	row.mode = lock_mode_name(wait_mode);
	row.granted = FALSE;
	row.waitstart = waitstarts == WAITSTARTS_SHOWN ? waitstart : TIMESTAMP_NONE;
	snapshot_builder_add_lock(builder, &row);
}

Snapshot *lock_situation_look(const LockManager *manager, guint32 seed, Waitstarts waitstarts)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
	guint n = lock_manager_n_processes(manager), n_tags = lock_manager_n_tags(manager);
	g_autofree guint *order = g_new(guint, n * n_tags + n);
	ServerInfo server = {.version_num = waitstarts == WAITSTARTS_SHOWN ? 150000 : 130000,
	                     .database = "app",
	                     .database_oid = SCENE_DATABASE};
	SnapshotBuilder *builder = snapshot_builder_new(&server, lock_manager_clock(manager) + 1);

	shuffle(rand, order, n);
	for (guint i = 0; i < n; i++)
		if (lock_manager_is_prepared(manager, order[i]))
			see_prepared(builder, order[i]);
		else
			see_session(builder, manager, order[i], SCENE_NOW - below(rand, 1000000));
	shuffle(rand, order, n * n_tags);
	for (guint i = 0; i < n * n_tags; i++)
		see_locks(builder, manager, order[i] % n, lock_manager_tag(manager, order[i] / n),
		          waitstarts);
	return snapshot_builder_finish(builder);
}

void lock_situation_answer(const LockManager *manager, Snapshot *snapshot, const GArray *pids)
{
	for (guint i = 0; i < pids->len; i++) {
		gint32 pid = g_array_index(pids, gint32, i);

		for (guint process = 0; process < lock_manager_n_processes(manager); process++)
			if (lock_manager_pid(manager, process) == pid) {
				g_autoptr(GArray) blockers = lock_manager_blocking_pids(manager, process);

				snapshot_add_blocking_pids(snapshot, pid, (gint32 *) (gpointer) blockers->data,
				                           blockers->len);
			}
	}
}

guint lock_situation_session(const LockManager *manager, const Snapshot *snapshot, guint process)
{
	if (!lock_manager_is_prepared(manager, process))
		return snapshot_find_pid(snapshot, lock_manager_pid(manager, process));
	for (guint i = 0; i < snapshot_n_sessions(snapshot); i++)
		if (snapshot_session(snapshot, i)->transaction == FIRST_TRANSACTION + process)
			return i;
	return NO_SESSION;
}
