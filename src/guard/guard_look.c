#include "guard/guard_look.h"

GuardLook *guard_look_new(Snapshot *snapshot, gint64 started_us)
{
	GuardLook *look = g_rc_box_new0(GuardLook);

	look->snapshot = snapshot;
	look->graph = wait_graph_new(snapshot);
	look->started_us = started_us;
	return look;
}

GuardLook *guard_look_ref(GuardLook *look)
{
	return g_rc_box_acquire(look);
}

gint64 guard_look_now(const GuardLook *look)
{
	return snapshot_taken_at(look->snapshot) + (g_get_monotonic_time() - look->started_us);
}

static void clear(gpointer data)
{
	GuardLook *look = data;

	wait_graph_free(look->graph);
	snapshot_free(look->snapshot);
}

void guard_look_unref(GuardLook *look)
{
	if (look != NULL)
		g_rc_box_release_full(look, clear);
}
