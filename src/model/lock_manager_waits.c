#include "model/lock_manager_waits.h"

#include "base/arena.h"

struct LockManagerWaits {
	Arena *arena;
	GArray *waiters; /* of gint32 */
	GArray *runners; /* of LockManagerRunner, the longest first */
};

LockManagerWaits *lock_manager_waits_new(void)
{
	LockManagerWaits *waits = g_new0(LockManagerWaits, 1);

	waits->arena = arena_new();
	waits->waiters = g_array_new(FALSE, FALSE, sizeof(gint32));
	waits->runners = g_array_new(FALSE, FALSE, sizeof(LockManagerRunner));
	return waits;
}

void lock_manager_waits_free(LockManagerWaits *waits)
{
	if (waits == NULL)
		return;
	g_array_unref(waits->waiters);
	g_array_unref(waits->runners);
	arena_free(waits->arena);
	g_free(waits);
}

void lock_manager_waits_add_waiter(LockManagerWaits *waits, gint32 pid)
{
	g_array_append_val(waits->waiters, pid);
}

void lock_manager_waits_add_runner(LockManagerWaits *waits, const LockManagerRunner *runner)
{
	LockManagerRunner copy = *runner;
	guint before = 0;

	copy.application_name = arena_strdup(waits->arena, runner->application_name);
	copy.query = arena_strdup(waits->arena, runner->query);
	/* What isn't known is below all that is. */
	while (before < waits->runners->len &&
	       lock_manager_runner(waits, before)->running_us >= copy.running_us)
		before++;
	g_array_insert_val(waits->runners, before, copy);
}

gboolean lock_manager_is_stuck(const LockManagerWaits *waits, gint32 looker_pid)
{
	guint n_others = lock_manager_n_others(waits, looker_pid);

	return looker_pid == 0 ? n_others > 0 : n_others < waits->waiters->len;
}

guint lock_manager_n_others(const LockManagerWaits *waits, gint32 looker_pid)
{
	guint n = 0;

	for (guint i = 0; i < waits->waiters->len; i++)
		n += g_array_index(waits->waiters, gint32, i) != looker_pid;
	return n;
}

guint lock_manager_n_runners(const LockManagerWaits *waits)
{
	return waits->runners->len;
}

const LockManagerRunner *lock_manager_runner(const LockManagerWaits *waits, guint index)
{
	return &g_array_index(waits->runners, LockManagerRunner, index);
}
