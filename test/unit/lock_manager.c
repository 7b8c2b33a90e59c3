#include "lock_manager.h"

#include <string.h>

#define NOTHING G_MAXUINT
#define FIRST_PID 1000

typedef struct {
	guint leader;
	gboolean in_group;
	gboolean prepared;
	guint waits_for; /* lock, or NOTHING */
	LockMode wait_mode;
	LockModeSet held_at_wait; /* PGPROC.heldLocks: its own only, not its group's */
	gint64 waitstart;
} Process;

typedef struct {
	LockTag tag;
	LockModeSet *held; /* by process */
	GArray *queue;     /* of guint: processes */
} ManagedLock;

struct LockManager {
	Process *processes;
	guint n_processes;
	GArray *locks;      /* of ManagedLock */
	GHashTable *by_tag; /* LockTag, owned -> index + 1 */
	gint64 clock;
};

static ManagedLock *lock_at(const LockManager *manager, guint lock)
{
	return &g_array_index(manager->locks, ManagedLock, lock);
}

static guint waiter_at(const ManagedLock *lock, guint position)
{
	return g_array_index(lock->queue, guint, position);
}

LockManager *lock_manager_new(guint n_processes)
{
	LockManager *manager = g_new0(LockManager, 1);

	manager->processes = g_new0(Process, n_processes);
	manager->n_processes = n_processes;
	manager->locks = g_array_new(FALSE, FALSE, sizeof(ManagedLock));
	manager->by_tag =
	    g_hash_table_new_full((GHashFunc) lock_tag_hash, (GEqualFunc) lock_tag_equal, g_free, NULL);
	manager->clock = G_GINT64_CONSTANT(1700000000000000);
	for (guint i = 0; i < n_processes; i++) {
		manager->processes[i].leader = i;
		manager->processes[i].waits_for = NOTHING;
	}
	return manager;
}

static guint add_lock(LockManager *manager, const ManagedLock *lock)
{
	g_array_append_val(manager->locks, *lock);
	g_hash_table_insert(manager->by_tag, g_memdup2(&lock->tag, sizeof(LockTag)),
	                    GUINT_TO_POINTER(manager->locks->len));
	return manager->locks->len - 1;
}

LockManager *lock_manager_copy(const LockManager *manager)
{
	LockManager *copy = lock_manager_new(manager->n_processes);

	memcpy(copy->processes, manager->processes, manager->n_processes * sizeof(Process));
	copy->clock = manager->clock;
	for (guint i = 0; i < manager->locks->len; i++) {
		const ManagedLock *lock = lock_at(manager, i);
		ManagedLock copied = {
		    .tag = lock->tag,
		    .held = g_memdup2(lock->held, manager->n_processes * sizeof(LockModeSet)),
		    .queue = g_array_copy(lock->queue),
		};

		add_lock(copy, &copied);
	}
	return copy;
}

void lock_manager_free(LockManager *manager)
{
	if (!manager)
		return;
	for (guint i = 0; i < manager->locks->len; i++) {
		g_free(lock_at(manager, i)->held);
		g_array_unref(lock_at(manager, i)->queue);
	}
	g_array_unref(manager->locks);
	g_hash_table_destroy(manager->by_tag);
	g_free(manager->processes);
	g_free(manager);
}

guint lock_manager_n_processes(const LockManager *manager)
{
	return manager->n_processes;
}

gint32 lock_manager_pid(const LockManager *manager, guint process)
{
	return manager->processes[process].prepared ? 0 : FIRST_PID + (gint32) process;
}

void lock_manager_join_group(LockManager *manager, guint process, guint leader)
{
	manager->processes[process].leader = leader;
	manager->processes[process].in_group = TRUE;
	manager->processes[leader].in_group = TRUE;
}

guint lock_manager_leader(const LockManager *manager, guint process)
{
	return manager->processes[process].leader;
}

static gboolean same_group(const LockManager *manager, guint a, guint b)
{
	return manager->processes[a].leader == manager->processes[b].leader;
}

static guint find_lock(const LockManager *manager, const LockTag *tag)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(manager->by_tag, tag)) - 1;
}

static guint find_or_add_lock(LockManager *manager, const LockTag *tag)
{
	guint found = find_lock(manager, tag);
	ManagedLock lock;

	if (found != NOTHING)
		return found;
	lock = (ManagedLock){*tag, g_new0(LockModeSet, manager->n_processes),
	                     g_array_new(FALSE, FALSE, sizeof(guint))};
	return add_lock(manager, &lock);
}

/* LockCheckConflicts: with what others hold, members of the own group apart. */
static gboolean conflicts_with_held(const LockManager *manager, const ManagedLock *lock,
                                    guint process, LockMode mode)
{
	for (guint other = 0; other < manager->n_processes; other++)
		if (!same_group(manager, process, other) && (lock->held[other] & lock_mode_conflicts(mode)))
			return TRUE;
	return FALSE;
}

/* ProcLockWakeup: in the order of the queue, whoever conflicts neither with what is held nor with
 * those who go on waiting ahead of it. */
static void wake(LockManager *manager, ManagedLock *lock)
{
	LockModeSet ahead = 0;
	guint position = 0;

	while (position < lock->queue->len) {
		guint process = waiter_at(lock, position);
		LockMode mode = manager->processes[process].wait_mode;

		if ((lock_mode_conflicts(mode) & ahead) ||
		    conflicts_with_held(manager, lock, process, mode)) {
			ahead |= LOCK_MODE_SET(mode);
			position++;
			continue;
		}
		lock->held[process] |= LOCK_MODE_SET(mode);
		manager->processes[process].waits_for = NOTHING;
		g_array_remove_index(lock->queue, position);
	}
}

static LockModeSet held_by_group(const LockManager *manager, const ManagedLock *lock, guint process)
{
	LockModeSet held = 0;

	for (guint other = 0; other < manager->n_processes; other++)
		if (same_group(manager, process, other))
			held |= lock->held[other];
	return held;
}

/* ProcSleep or JoinWaitQueue: at the end, but in front of the first who must wait for this one. */
static AcquireResult join_queue(LockManager *manager, guint lock_index, guint process,
                                LockMode mode)
{
	ManagedLock *lock = lock_at(manager, lock_index);
	Process *joining = &manager->processes[process];
	LockModeSet held = held_by_group(manager, lock, process);
	LockModeSet ahead = 0;
	guint position = held ? 0 : lock->queue->len;

	for (; position < lock->queue->len; position++) {
		guint other = waiter_at(lock, position);
		const Process *waiter = &manager->processes[other];

		if (same_group(manager, process, other))
			continue;
		if (lock_mode_conflicts(waiter->wait_mode) & held) {
			if (lock_mode_conflicts(mode) & waiter->held_at_wait)
				return ACQUIRE_DEADLOCK;
			if (!(lock_mode_conflicts(mode) & ahead) &&
			    !conflicts_with_held(manager, lock, process, mode)) {
				lock->held[process] |= LOCK_MODE_SET(mode);
				return ACQUIRED;
			}
			break;
		}
		ahead |= LOCK_MODE_SET(waiter->wait_mode);
	}
	g_array_insert_val(lock->queue, position, process);
	joining->waits_for = lock_index;
	joining->wait_mode = mode;
	joining->held_at_wait = lock->held[process];
	joining->waitstart = ++manager->clock;
	return ACQUIRE_WAITS;
}

/* LockAcquireExtended */
AcquireResult lock_manager_acquire(LockManager *manager, guint process, const LockTag *tag,
                                   LockMode mode)
{
	guint lock_index = find_or_add_lock(manager, tag);
	ManagedLock *lock = lock_at(manager, lock_index);
	LockModeSet waited_for = 0;

	g_assert_cmpuint(manager->processes[process].waits_for, ==, NOTHING);
	if (lock->held[process] & LOCK_MODE_SET(mode))
		return ACQUIRED;
	for (guint i = 0; i < lock->queue->len; i++)
		waited_for |= LOCK_MODE_SET(manager->processes[waiter_at(lock, i)].wait_mode);
	if ((lock_mode_conflicts(mode) & waited_for) ||
	    conflicts_with_held(manager, lock, process, mode))
		return join_queue(manager, lock_index, process, mode);
	lock->held[process] |= LOCK_MODE_SET(mode);
	return ACQUIRED;
}

gboolean lock_manager_waits(const LockManager *manager, guint process)
{
	return manager->processes[process].waits_for != NOTHING;
}

const LockTag *lock_manager_wait(const LockManager *manager, guint process, LockMode *mode,
                                 gint64 *waitstart)
{
	const Process *waiting = &manager->processes[process];

	if (waiting->waits_for == NOTHING)
		return NULL;
	*mode = waiting->wait_mode;
	*waitstart = waiting->waitstart;
	return &lock_at(manager, waiting->waits_for)->tag;
}

gint64 lock_manager_clock(const LockManager *manager)
{
	return manager->clock;
}

guint lock_manager_n_tags(const LockManager *manager)
{
	return manager->locks->len;
}

const LockTag *lock_manager_tag(const LockManager *manager, guint index)
{
	return &lock_at(manager, index)->tag;
}

LockModeSet lock_manager_held(const LockManager *manager, guint process, const LockTag *tag)
{
	guint lock = find_lock(manager, tag);

	return lock == NOTHING ? 0 : lock_at(manager, lock)->held[process];
}

LockModeSet lock_manager_held_at(const LockManager *manager, guint process, guint index)
{
	return lock_at(manager, index)->held[process];
}

void lock_manager_give_up(LockManager *manager, guint process)
{
	ManagedLock *lock = lock_at(manager, manager->processes[process].waits_for);

	for (guint i = 0; i < lock->queue->len; i++)
		if (waiter_at(lock, i) == process)
			g_array_remove_index(lock->queue, i--);
	manager->processes[process].waits_for = NOTHING;
	wake(manager, lock);
}

void lock_manager_release(LockManager *manager, guint process, const LockTag *tag)
{
	guint lock = find_lock(manager, tag);

	if (lock == NOTHING || lock_at(manager, lock)->held[process] == 0)
		return;
	lock_at(manager, lock)->held[process] = 0;
	wake(manager, lock_at(manager, lock));
}

void lock_manager_end(LockManager *manager, guint process)
{
	for (guint member = 0; member < manager->n_processes; member++)
		if (same_group(manager, process, member) && lock_manager_waits(manager, member))
			lock_manager_give_up(manager, member);
	for (guint i = 0; i < manager->locks->len; i++) {
		for (guint member = 0; member < manager->n_processes; member++)
			if (same_group(manager, process, member))
				lock_at(manager, i)->held[member] = 0;
		wake(manager, lock_at(manager, i));
	}
	manager->processes[process].prepared = FALSE;
}

void lock_manager_prepare(LockManager *manager, guint process)
{
	g_assert_false(lock_manager_waits(manager, process) || manager->processes[process].in_group);
	manager->processes[process].prepared = TRUE;
}

gboolean lock_manager_is_prepared(const LockManager *manager, guint process)
{
	return manager->processes[process].prepared;
}

void lock_manager_swap_waiters(LockManager *manager, guint process, guint a, guint b)
{
	ManagedLock *lock = lock_at(manager, manager->processes[process].waits_for);
	guint first = waiter_at(lock, a);

	g_array_index(lock->queue, guint, a) = waiter_at(lock, b);
	g_array_index(lock->queue, guint, b) = first;
	wake(manager, lock);
}

guint lock_manager_queue_length(const LockManager *manager, guint process)
{
	return lock_at(manager, manager->processes[process].waits_for)->queue->len;
}

static gboolean is_ahead(const ManagedLock *lock, guint other, guint process)
{
	for (guint i = 0; waiter_at(lock, i) != process; i++)
		if (waiter_at(lock, i) == other)
			return TRUE;
	return FALSE;
}

/* The inner loop of pg_blocking_pids: whether one process is in another's way. */
static gboolean blocks(const LockManager *manager, guint other, guint process, gboolean *hard)
{
	guint lock_index = manager->processes[process].waits_for;
	const ManagedLock *lock = lock_at(manager, lock_index);
	LockModeSet conflicts = lock_mode_conflicts(manager->processes[process].wait_mode);

	if (same_group(manager, process, other))
		return FALSE;
	*hard = (lock->held[other] & conflicts) != 0;
	return *hard || (manager->processes[other].waits_for == lock_index &&
	                 (conflicts & LOCK_MODE_SET(manager->processes[other].wait_mode)) &&
	                 is_ahead(lock, other, process));
}

static void add_true_edge(GArray *edges, const TrueEdge *edge)
{
	for (guint i = 0; i < edges->len; i++) {
		TrueEdge *known = &g_array_index(edges, TrueEdge, i);

		if (known->waiter == edge->waiter && known->blocker == edge->blocker &&
		    lock_tag_equal(&known->tag, &edge->tag)) {
			known->hard |= edge->hard;
			return;
		}
	}
	g_array_append_val(edges, *edge);
}

GArray *lock_manager_edges(const LockManager *manager)
{
	GArray *edges = g_array_new(FALSE, FALSE, sizeof(TrueEdge));

	for (guint process = 0; process < manager->n_processes; process++) {
		if (!lock_manager_waits(manager, process))
			continue;
		for (guint other = 0; other < manager->n_processes; other++) {
			TrueEdge edge = {.waiter = manager->processes[process].leader,
			                 .blocker = manager->processes[other].leader,
			                 .tag = lock_at(manager, manager->processes[process].waits_for)->tag};

			if (blocks(manager, other, process, &edge.hard))
				add_true_edge(edges, &edge);
		}
	}
	return edges;
}

GArray *lock_manager_blocking_pids(const LockManager *manager, guint process)
{
	GArray *pids = g_array_new(FALSE, FALSE, sizeof(gint32));

	for (guint member = 0; member < manager->n_processes; member++) {
		if (!same_group(manager, process, member) || !lock_manager_waits(manager, member))
			continue;
		for (guint other = 0; other < manager->n_processes; other++) {
			gint32 pid = lock_manager_pid(manager, manager->processes[other].leader);
			gboolean hard;

			if (blocks(manager, other, member, &hard))
				g_array_append_val(pids, pid);
		}
	}
	return pids;
}
