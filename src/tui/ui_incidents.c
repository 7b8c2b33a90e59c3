#include "base/timestamp.h"
#include "render/live.h"
#include "tui/ui_private.h"

/* So many are kept; the oldest that are over go first. */
#define MOST_INCIDENTS 1000
#define STATEMENT_COLUMNS 500

static char *cell_of(const TopLook *look, guint session, LiveCell cell)
{
	Ink ink;
	return live_session_cell(look->graph, session, LIVE_NO_LOCK, cell, STATEMENT_COLUMNS, &ink);
}

/* What is said of its root can be said only as long as that is there. */
static void describe(LiveIncident *shown, const TopLook *look, const Incident *incident)
{
	guint root = NO_SESSION;

	for (guint i = 0; i < snapshot_n_sessions(look->snapshot) && root == NO_SESSION; i++)
		if (session_facts_are_of(incident->root, snapshot_session(look->snapshot, i)))
			root = i;
	if (root == NO_SESSION || wait_graph_blocked_total(look->graph, root) == 0)
		return;
	g_free(shown->session);
	g_free(shown->client);
	g_free(shown->lock);
	statement_text_clear(&shown->statement);
	shown->session = cell_of(look, root, LIVE_SESSION);
	shown->client = cell_of(look, root, LIVE_CLIENT);
	shown->lock = cell_of(look, root, LIVE_LOCK);
	shown->statement = live_statement(snapshot_session(look->snapshot, root), STATEMENT_COLUMNS);
}

/* By the number that it has here: the tracker keeps it, and nobody else gives one. */
static LiveIncident *shown_of(Ui *ui, Incident *incident)
{
	if (incident->id == 0) {
		LiveIncident *fresh = g_new0(LiveIncident, 1);

		fresh->session = g_strdup("");
		fresh->client = g_strdup("");
		fresh->lock = g_strdup("");
		fresh->statement.text = g_strdup("");
		fresh->number = ui->n_incidents + 1;
		incident->id = (gint64) ++ui->n_incidents;
		g_ptr_array_insert(ui->incidents, 0, fresh);
		if (ui->incidents->len > MOST_INCIDENTS)
			g_ptr_array_set_size(ui->incidents, MOST_INCIDENTS);
		return fresh;
	}
	for (guint i = 0; i < ui->incidents->len; i++) {
		LiveIncident *shown = g_ptr_array_index(ui->incidents, i);
		if ((gint64) shown->number == incident->id)
			return shown;
	}
	return NULL;
}

void ui_incidents_look(Ui *ui, const TopLook *look, gint64 now)
{
	/* Nobody at all: a heartbeat, which tells of no session. */
	const GArray *events = snapshot_n_sessions(look->snapshot) == 0
	                           ? incident_tracker_quiet(ui->tracker, now)
	                           : incident_tracker_look(ui->tracker, look->graph, now);

	for (guint i = 0; i < events->len; i++) {
		const IncidentEvent *event = &g_array_index(events, IncidentEvent, i);
		Incident *incident = event->incident;
		LiveIncident *shown = shown_of(ui, incident);

		if (!shown)
			continue;
		describe(shown, look, incident);
		shown->started_at = incident->started_at;
		shown->ended_at = incident->ended_at;
		shown->n_blocked = incident->n_blocked;
		shown->peak_blocked = incident->peak_blocked;
		shown->longest_wait_us = incident->longest_wait_us;
		shown->end = incident->end;
	}
	if (ui->view == VIEW_INCIDENTS)
		ui_rows_change(ui);
}
