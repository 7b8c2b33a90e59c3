#include "base/duration.h"
#include "base/timestamp.h"
#include "render/live.h"
#include "render/lock_facts.h"
#include "render/session_words.h"
#include "render/target.h"

static const char *const titles[LIVE_N_CELLS] = {
    [LIVE_SESSION] = "SESSION",     [LIVE_STATE] = "STATE",
    [LIVE_BLOCKS] = "BLOCKS",       [LIVE_LOCK] = "LOCK",
    [LIVE_CLIENT] = "CLIENT",       [LIVE_STATEMENT] = "STATEMENT",
    [LIVE_TRANSACTION] = "TX OPEN", [LIVE_MODE] = "LOCK",
    [LIVE_GRANTED] = "GRANTED",     [LIVE_STARTED] = "STARTED (UTC)",
    [LIVE_LASTED] = "LASTED",       [LIVE_PEAK] = "PEAK",
};

const char *live_cell_title(LiveCell cell)
{
	return titles[cell];
}

static char *session_cell(const WaitGraph *graph, guint session)
{
	const Session *facts = snapshot_session(wait_graph_snapshot(graph), session);
	g_autofree char *name = session_name_text(facts);
	g_autofree char *application = session_application_text(facts);

	if (facts->kind == SESSION_KIND_PREPARED || *application == '\0')
		return g_steal_pointer(&name);
	return g_strdup_printf("%s  %s", name, application);
}

/* NULL: it is in none. */
static const char *circle_words(const WaitGraph *graph, guint session)
{
	for (guint i = 0; i < wait_graph_n_cycles(graph); i++) {
		guint n;
		const guint *members = wait_graph_cycle(graph, i, &n);

		for (guint j = 0; j < n; j++)
			if (members[j] == session)
				return wait_graph_is_deadlock(graph, i) ? "in a deadlock" : "in a circle";
	}
	return NULL;
}

static char *state_cell(const WaitGraph *graph, guint session, Ink *ink)
{
	guint leader = snapshot_session(wait_graph_snapshot(graph), session)->leader;

	*ink = INK_WARNING;
	if (wait_graph_wait(graph, leader, NULL) == NULL)
		return session_state_words(graph, session);
	g_autofree char *waited = waited_text(wait_graph_waited(graph, leader));
	const char *circle = circle_words(graph, leader);
	if (circle == NULL)
		return g_strdup_printf("waits %s", waited);
	*ink = INK_BAD;
	return g_strdup_printf("waits %s, %s", waited, circle);
}

static char *blocks_cell(const WaitGraph *graph, guint session, Ink *ink)
{
	guint total = wait_graph_blocked_total(
	    graph, snapshot_session(wait_graph_snapshot(graph), session)->leader);

	*ink = INK_STRONG;
	return total > 0 ? g_strdup_printf("%u", total) : g_strdup("");
}

/* What it wants, or else the first of what others want of it. */
static char *lock_cell(const WaitGraph *graph, guint session)
{
	guint leader = snapshot_session(wait_graph_snapshot(graph), session)->leader;

	if (wait_graph_wait(graph, leader, NULL) != NULL)
		return lock_wanted_text(graph, leader);
	if (wait_graph_blocked_total(graph, leader) == 0)
		return g_strdup("");
	g_autoptr(GPtrArray) held = lock_held_texts(graph, leader, 1);
	return g_strdup(held->len > 0 ? g_ptr_array_index(held, 0) : "");
}

static char *transaction_cell(const Snapshot *snapshot, const Session *session)
{
	gint64 since =
	    session->kind == SESSION_KIND_PREPARED ? session->prepared_at : session->xact_start;

	return since == TIMESTAMP_NONE ? g_strdup("") : age_text(snapshot, since);
}

static char *mode_cell(const Snapshot *snapshot, guint lock)
{
	if (lock == LIVE_NO_LOCK)
		return g_strdup("");
	const Lock *facts = snapshot_lock(snapshot, lock);
	g_autofree char *target = target_text(snapshot, &facts->tag, NULL);
	return g_strdup_printf("%s on %s", lock_mode_name(facts->mode), target);
}

static char *granted_cell(const WaitGraph *graph, guint lock, Ink *ink)
{
	if (lock == LIVE_NO_LOCK)
		return g_strdup("");
	const Lock *facts = snapshot_lock(wait_graph_snapshot(graph), lock);
	if (facts->granted)
		return g_strdup("granted");
	*ink = INK_WARNING;
	g_autofree char *waited = waited_text(lock_waited_us(graph, facts));
	return g_strdup_printf("waits %s", waited);
}

StatementText live_statement(const Session *session, guint max_columns)
{
	if (session->hidden)
		return (StatementText){.text = g_strdup("statement hidden")};
	return statement_text(session, max_columns);
}

static char *statement_cell(const Session *session, guint max_columns)
{
	g_auto(StatementText) statement = live_statement(session, max_columns);

	return g_steal_pointer(&statement.text);
}

char *live_session_cell(const WaitGraph *graph, guint session, guint lock, LiveCell cell,
                        guint max_columns, Ink *ink)
{
	const Snapshot *snapshot = wait_graph_snapshot(graph);
	const Session *facts = snapshot_session(snapshot, session);

	*ink = INK_PLAIN;
	switch (cell) {
	case LIVE_SESSION:
		*ink = wait_graph_is_root(graph, session) ? INK_STRONG : INK_PLAIN;
		return session_cell(graph, session);
	case LIVE_STATE:
		return state_cell(graph, session, ink);
	case LIVE_BLOCKS:
		return blocks_cell(graph, session, ink);
	case LIVE_LOCK:
		return lock_cell(graph, session);
	case LIVE_CLIENT:
		return session_client_text(snapshot, facts);
	case LIVE_STATEMENT:
		*ink = INK_DIM;
		return statement_cell(facts, max_columns);
	case LIVE_TRANSACTION:
		return transaction_cell(snapshot, facts);
	case LIVE_MODE:
		return mode_cell(snapshot, lock);
	case LIVE_GRANTED:
		return granted_cell(graph, lock, ink);
	default:
		return g_strdup("");
	}
}

char *live_clock(gint64 at)
{
	g_autofree char *time = timestamp_to_rfc3339(at);

	return time != NULL ? g_strndup(time + 11, 8) : g_strdup("");
}

char *live_lasted(const LiveIncident *incident, gint64 now)
{
	gint64 until = incident->ended_at == TIMESTAMP_NONE ? now : incident->ended_at;

	return duration_to_text(timestamp_age(until, incident->started_at));
}

static char *lasted_text(const LiveIncident *incident, gint64 now, Ink *ink)
{
	gboolean lasts = incident->ended_at == TIMESTAMP_NONE;
	g_autofree char *age = live_lasted(incident, now);

	*ink = lasts ? INK_BAD : INK_PLAIN;
	return g_strdup_printf(lasts ? "lasts %s" : "lasted %s", age);
}

char *live_incident_cell(const LiveIncident *incident, gint64 now, LiveCell cell, Ink *ink)
{
	*ink = INK_PLAIN;
	switch (cell) {
	case LIVE_SESSION:
		return g_strdup(incident->session);
	case LIVE_CLIENT:
		return g_strdup(incident->client);
	case LIVE_LOCK:
		return g_strdup(incident->lock);
	case LIVE_STATEMENT:
		*ink = INK_DIM;
		return g_strdup(incident->statement.text);
	case LIVE_STARTED:
		return live_clock(incident->started_at);
	case LIVE_LASTED:
		return lasted_text(incident, now, ink);
	case LIVE_PEAK:
		*ink = INK_STRONG;
		return g_strdup_printf("%u", incident->peak_blocked);
	default:
		return g_strdup("");
	}
}
