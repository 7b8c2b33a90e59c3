#include "render/replay_words.h"

#include "base/duration.h"

/* ResolveRecoveryConflictWithLock and its neighbours in src/backend/storage/ipc/standby.c: the
 * limit counts from the moment at which the WAL came, not from the beginning of the wait. */
static char *ends_by_itself_text(const Snapshot *snapshot)
{
	gint32 delay_ms;

	if (!snapshot_standby_delay(snapshot, &delay_ms))
		return g_strdup("The server itself ends it once replay is later than "
		                "max_standby_streaming_delay.");
	if (delay_ms < 0)
		return g_strdup("The server itself never ends it: max_standby_streaming_delay is -1 here.");
	g_autofree char *delay = duration_to_text(delay_ms * DURATION_MS);
	return g_strdup_printf("The server itself ends it once replay is later than "
	                       "max_standby_streaming_delay, %s here.",
	                       delay);
}

static gboolean replay_is_behind(const WaitGraph *graph, guint session)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	g_autoptr(GArray) behind = NULL;

	if (!snapshot_server(snapshot)->in_recovery)
		return FALSE;
	behind = wait_graph_behind(graph, &session, 1);
	for (guint i = 0; i < behind->len; i++) {
		guint waiter = g_array_index(behind, guint, i);

		if (snapshot_session(snapshot, waiter)->type == BACKEND_TYPE_STARTUP)
			return TRUE;
	}
	return FALSE;
}

char *replay_note(const WaitGraph *graph, guint session)
{
	g_autofree char *delay = NULL;

	if (!replay_is_behind(graph, session))
		return NULL;
	delay = ends_by_itself_text(wait_graph_snapshot(graph));
	return g_strdup_printf("waits for it: the standby falls behind its primary. %s", delay);
}

/* pg_stat_activity.wait_event of the startup process; the last row is for any other. */
static const struct {
	const char *type;
	const char *event; /* NULL: any */
	const char *text;
	gboolean has_delay; /* max_standby_streaming_delay decides */
} waits[] = {
    {"Lock", NULL, "end what it waits for here.", TRUE},
    {"IPC", "RecoveryConflictSnapshot",
     "it waits for a query here that may still see rows which are vacuumed on the primary: end the "
     "one with the oldest backend_xmin in pg_stat_activity.",
     TRUE},
    {"IPC", "RecoveryConflictTablespace",
     "it waits for queries here with temporary files in a tablespace that was dropped.", TRUE},
    {"BufferPin", NULL, "it waits for a query here to let go of a page.", TRUE},
    {"IPC", "RecoveryPause", "replay is paused; this lets it go on: SELECT pg_wal_replay_resume();",
     FALSE},
    {"Timeout", "RecoveryApplyDelay",
     "it waits for recovery_min_apply_delay, and lets go after that.", FALSE},
    {NULL, NULL,
     "it holds the lock for a transaction on the primary: end that one there, where \"pgunlock "
     "locks\" names it, and replay lets go here. Replay itself waits for nobody, so that "
     "max_standby_streaming_delay doesn't matter.",
     FALSE},
};

char *replay_hint(const Snapshot *snapshot, const Session *startup)
{
	g_autofree char *delay = NULL;
	guint i = 0;

	while (waits[i].type != NULL &&
	       (g_strcmp0(waits[i].type, startup->wait_event_type) != 0 ||
	        (waits[i].event != NULL && g_strcmp0(waits[i].event, startup->wait_event) != 0)))
		i++;
	if (!waits[i].has_delay)
		return g_strdup(waits[i].text);
	delay = ends_by_itself_text(snapshot);
	return g_strdup_printf("%s %s", waits[i].text, delay);
}
