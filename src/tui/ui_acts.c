#include "base/duration.h"
#include "base/error.h"
#include "base/text.h"
#include "render/command.h"
#include "render/session_words.h"
#include "tui/ui_private.h"

#include <string.h>

/* Who hasn't had the question before his eyes for so long hasn't read it: the key was on its way
 * when it came, whatever was thrown away. */
#define READING_US (250 * DURATION_MS)
/* How long a row says what became of an act. */
#define MARK_US (30 * DURATION_SECOND)

static void set_act(Ui *ui, PlanCommand command, const Row *row)
{
	const TopLook *look = ui_view_look(ui);
	guint leader = snapshot_session(look->snapshot, row->session)->leader;
	const Session *session = snapshot_session(look->snapshot, leader);

	ui->act = (UiAct){
	    .command = command,
	    .identity = top_look_identity(look, leader),
	    .name = session_name_text(session),
	    .typed = session_exact_name(session),
	    .is_of_waiter = command == COMMAND_RELEASE && plan_only_waits(look->graph, leader),
	};
}

static void drop_act(Ui *ui)
{
	g_clear_pointer(&ui->act.identity, g_free);
	g_clear_pointer(&ui->act.name, g_free);
	g_clear_pointer(&ui->act.typed, g_free);
	ui->stage = STAGE_NONE;
	ui->plan = NULL;
	ui->asked = 0;
	ui->wants_away = FALSE;
	ui->is_signalled = FALSE;
	ui->is_unsent = FALSE;
	if (ui->over == OVER_PLAN)
		ui->over = OVER_NOTHING;
}

void ui_act_begin(Ui *ui, PlanCommand command)
{
	const Row *row = ui_selected(ui);

	if (ui->options.read_only) {
		ui_say(ui, FACE_WARNING, "nothing is ended with --read-only");
		return;
	}
	if (ui->is_gone) {
		ui_say(ui, FACE_WARNING, "the selected session is gone: choose another");
		return;
	}
	if (!row || row->session == NO_SESSION) {
		ui_say(ui, FACE_WARNING, "select a session first");
		return;
	}
	set_act(ui, command, row);
	ui->stage = STAGE_PLANNING;
	ui_intend(ui, INTENT_PLAN);
}

const UiAct *ui_act(const Ui *ui)
{
	return ui->stage != STAGE_NONE ? &ui->act : NULL;
}

void ui_act_plan(Ui *ui, const Plan *plan, G_GNUC_UNUSED gint64 now)
{
	if (ui->stage != STAGE_PLANNING)
		return;
	ui->plan = plan;
	ui->stage = plan_n_acts(plan) > 0 ? STAGE_ASKING : STAGE_REFUSED;
	ui->over = OVER_PLAN;
	ui->over_top = 0;
	ui->asked = 0;
	ui->is_read = FALSE;
}

gboolean ui_act_asks(const Ui *ui)
{
	return ui->stage == STAGE_ASKING;
}

void ui_act_ask_anew(Ui *ui)
{
	ui->asked = 0;
}

void ui_act_failed(Ui *ui, const GError *error)
{
	g_autofree char *hint = command_hint(error_hint(error), ui->options.connection_args);
	g_autofree char *text =
	    hint ? g_strdup_printf("%s (%s)", error->message, hint) : g_strdup(error->message);

	ui_say(ui, FACE_BAD, text);
	ui->said_stays = TRUE;
	drop_act(ui);
}

static Mark *find_mark(const Ui *ui, const char *id)
{
	for (guint i = 0; i < ui->marks->len; i++) {
		Mark *mark = &g_array_index(ui->marks, Mark, i);
		if (strcmp(mark->id, id) == 0)
			return mark;
	}
	return NULL;
}

const Mark *ui_mark(const Ui *ui, const char *id)
{
	return find_mark(ui, id);
}

void ui_marks_forget(Ui *ui, gint64 now)
{
	for (guint i = ui->marks->len; i > 0; i--) {
		if (now - g_array_index(ui->marks, Mark, i - 1).at > MARK_US) {
			g_array_remove_index(ui->marks, i - 1);
			ui_rows_change(ui);
		}
	}
}

static void mark_session(Ui *ui, const TopLook *then, guint session, char *text, Ink ink,
                         gint64 now)
{
	g_autofree char *id = top_look_identity(then, session);
	Mark *mark = find_mark(ui, id);

	if (!mark) {
		const Session *facts = snapshot_session(then->snapshot, session);
		g_autofree char *name = session_name_text(facts);
		g_autofree char *application = session_application_text(facts);
		Mark fresh = {.id = g_steal_pointer(&id)};

		fresh.name = g_strdup_printf("%s  %s", name, application);
		g_array_append_val(ui->marks, fresh);
		mark = &g_array_index(ui->marks, Mark, ui->marks->len - 1);
	}
	g_free(mark->text);
	mark->text = text;
	mark->ink = ink;
	mark->at = now;
	ui_rows_change(ui);
}

void ui_act_progress(Ui *ui, const Plan *plan, const Outcome *outcome, guint item, gint64 now)
{
	/* Identities need nothing else of a look. */
	const TopLook then = {.snapshot = (Snapshot *) (gsize) wait_graph_snapshot(plan->graph)};
	Ink ink;
	char *text = live_item_result(plan, outcome, item, &ink);
	ItemResult result = outcome_item(outcome, item)->result;

	ui->is_unsent |= result == RESULT_REFUSED || result == RESULT_ALREADY_GONE;
	if (!ui->is_signalled && result != RESULT_REFUSED && result != RESULT_ALREADY_GONE) {
		/* What q would do now is another question. */
		ui->is_signalled = TRUE;
		ui->wants_away = FALSE;
	}
	mark_session(ui, &then, plan_item(plan, item)->session, text, ink, now);
}

void ui_act_over(Ui *ui, ActResult *result)
{
	if (ui->wants_away)
		g_clear_pointer(&ui->said, g_free);
	drop_act(ui);
	act_result_free(ui->result);
	ui->result = result;
	ui->over = OVER_RESULT;
	ui->over_top = 0;
	ui_rows_change(ui);
}

static void ask_to_stay(Ui *ui, Action action)
{
	if (ui->wants_away && ui->away_by == action) {
		ui_intend(ui, INTENT_STOP);
		if (action == ACTION_QUIT)
			ui_intend(ui, INTENT_QUIT);
		return;
	}
	ui->wants_away = TRUE;
	ui->away_by = action;
	g_autofree char *text =
	    g_strdup_printf("%s: once more to %s",
	                    ui->is_signalled ? "signals are out, and the result isn't"
	                                     : "whether a signal is out isn't known yet",
	                    action == ACTION_QUIT ? "leave" : "stop waiting for it");
	ui_say(ui, FACE_QUESTION, text);
}

/* Only y says yes, and only once all of the plan was there to be read. */
static void answer(Ui *ui, Key key, gint64 now)
{
	if (ui->asked == 0 || now - ui->asked < READING_US) {
		ui_intend(ui, INTENT_BELL);
		return;
	}
	if (key != 'y' && key != 'Y') {
		ui_intend(ui, INTENT_DROP);
		drop_act(ui);
		ui_say(ui, FACE_PLAIN, "nothing was done");
		return;
	}
	if (!ui->is_read) {
		ui_say(ui, FACE_QUESTION, "there is more of the plan: Down, PgDn or End, then y");
		return;
	}
	ui->stage = STAGE_RUNNING;
	ui->plan = NULL;
	ui->over = OVER_NOTHING;
	ui_intend(ui, INTENT_CARRY_OUT);
}

gboolean ui_act_key(Ui *ui, Key key, gint64 now)
{
	Action action = keymap_find(key);
	switch (ui->stage) {
	case STAGE_NONE:
		return FALSE;
	case STAGE_ASKING:
		if (key != KEY_PRESS)
			answer(ui, key, now);
		return TRUE;
	case STAGE_REFUSED:
		ui_intend(ui, INTENT_DROP);
		drop_act(ui);
		return TRUE;
	case STAGE_PLANNING:
		if (action == ACTION_BACK || action == ACTION_QUIT) {
			ui_intend(ui, INTENT_DROP);
			drop_act(ui);
			ui_say(ui, FACE_PLAIN, "nothing was done");
			return TRUE;
		}
		break;
	case STAGE_RUNNING:
		/* What lies over the list goes first. */
		if (ui->over == OVER_NOTHING && (action == ACTION_QUIT || action == ACTION_BACK)) {
			ask_to_stay(ui, action);
			return TRUE;
		}
		ui->wants_away = FALSE;
		break;
	}
	/* One act at a time; all else goes on. */
	if (action == ACTION_CANCEL || action == ACTION_TERMINATE || action == ACTION_RELEASE) {
		ui_say(ui, FACE_WARNING, "an act is under way");
		return TRUE;
	}
	return FALSE;
}
