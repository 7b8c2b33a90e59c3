#include "tui/ui.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/text.h"
#include "render/guard_hint.h"
#include "tui/ui_private.h"

#include <string.h>

/* How long the screen says what a key has done. */
#define SAID_US (10 * DURATION_SECOND)

static void clear_mark(gpointer data)
{
	Mark *mark = data;

	g_free(mark->id);
	g_free(mark->name);
	g_free(mark->text);
}

static void incident_clear(gpointer data)
{
	LiveIncident *incident = data;

	g_free(incident->session);
	g_free(incident->client);
	g_free(incident->lock);
	statement_text_clear(&incident->statement);
	g_free(incident);
}

Ui *ui_new(const UiOptions *options)
{
	static const IncidentOptions incident_options = INCIDENT_OPTIONS_DEFAULT;
	Ui *ui = g_new0(Ui, 1);

	ui->options = *options;
	ui->intents = g_array_new(FALSE, FALSE, sizeof(Intent));
	ui->closed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	ui->filter = g_string_new(NULL);
	ui->search = g_string_new(NULL);
	ui->typed = g_string_new(NULL);
	ui->marks = g_array_new(FALSE, FALSE, sizeof(Mark));
	g_array_set_clear_func(ui->marks, clear_mark);
	ui->tracker = incident_tracker_new("top", &incident_options);
	ui->incidents = g_ptr_array_new_with_free_func(incident_clear);
	return ui;
}

static void act_clear(UiAct *act)
{
	g_clear_pointer(&act->identity, g_free);
	g_clear_pointer(&act->name, g_free);
	g_clear_pointer(&act->typed, g_free);
}

void ui_free(Ui *ui)
{
	if (!ui)
		return;
	g_clear_pointer(&ui->rows, g_array_unref);
	top_look_free(ui->look);
	top_look_free(ui->pending);
	top_look_free(ui->wide);
	g_array_unref(ui->intents);
	g_hash_table_unref(ui->closed);
	g_string_free(ui->filter, TRUE);
	g_string_free(ui->search, TRUE);
	g_string_free(ui->typed, TRUE);
	g_array_unref(ui->marks);
	incident_tracker_free(ui->tracker);
	g_ptr_array_unref(ui->incidents);
	act_clear(&ui->act);
	g_free(ui->trouble);
	ui_wipe(ui->password);
	g_free(ui->wide_trouble);
	g_free(ui->selected);
	g_free(ui->over_session);
	act_result_free(ui->result);
	g_free(ui->said);
	g_free(ui->written);
	g_free(ui);
}

void ui_intend(Ui *ui, Intent intent)
{
	g_array_append_val(ui->intents, intent);
}

gboolean ui_take_intent(Ui *ui, Intent *intent)
{
	if (ui->intents->len == 0)
		return FALSE;
	*intent = g_array_index(ui->intents, Intent, 0);
	g_array_remove_index(ui->intents, 0);
	return TRUE;
}

const TopLook *ui_view_look(const Ui *ui)
{
	return view_kind(ui->view)->is_wide ? ui->wide : ui->look;
}

RowSource ui_source(const Ui *ui)
{
	const TopLook *look = ui_view_look(ui);

	return (RowSource){
	    .view = ui->view,
	    .look = look,
	    .incidents = ui->incidents,
	    .closed = ui->closed,
	    .unfold_alike = ui->unfold_alike,
	    .sort = ui->sorts[ui->view],
	    .filter = ui->typing == TYPING_FILTER ? ui->typed->str : ui->filter->str,
	    .unicode = ui->options.unicode,
	    .now = ui->look ? snapshot_taken_at(ui->look->snapshot) : 0,
	};
}

void ui_rows_change(Ui *ui)
{
	g_clear_pointer(&ui->rows, g_array_unref);
}

/* Where the row with this identity is; G_MAXUINT: nowhere. */
static guint find_row(const GArray *rows, const char *id)
{
	for (guint i = 0; id && i < rows->len; i++)
		if (strcmp(g_array_index(rows, Row, i).id, id) == 0)
			return i;
	return G_MAXUINT;
}

/* Those on whom an act was carried out, and who are gone, stay for a while, with what became of
 * them. */
static void add_gone(const Ui *ui, GArray *rows)
{
	for (guint i = ui->marks->len; ui->view == VIEW_TREE && i > 0; i--) {
		const Mark *mark = &g_array_index(ui->marks, Mark, i - 1);
		Row row = {.session = NO_SESSION, .lock = LIVE_NO_LOCK, .ink = mark->ink, .is_ghost = TRUE};

		if (find_row(rows, mark->id) != G_MAXUINT)
			continue;
		row.id = g_strdup(mark->id);
		row.text = g_strdup_printf("%s  %s", mark->name, mark->text);
		g_array_prepend_val(rows, row);
	}
}

/* The first row that something can be done to, below those that are gone; 0 where all are. */
static guint first_living(const GArray *rows)
{
	for (guint i = 0; i < rows->len; i++)
		if (!g_array_index(rows, Row, i).is_ghost)
			return i;
	return 0;
}

/* The selected one, wherever it is now; on an empty screen nothing; and the first one on a screen
 * on which nobody has chosen yet. */
static void find_selected(Ui *ui)
{
	guint found = find_row(ui->rows, ui->selected);
	guint offset = ui->at >= ui->top ? ui->at - ui->top : 0;

	ui->is_gone = FALSE;
	if (ui->rows->len == 0) {
		g_clear_pointer(&ui->selected, g_free);
		ui->at = ui->top = 0;
	} else if (found != G_MAXUINT) {
		if (ui->follows && found != ui->at)
			ui->top = found > offset ? found - offset : 0;
		ui->at = found;
	} else if (ui->selected) {
		ui->is_gone = TRUE;
		ui->at = MIN(ui->at, ui->rows->len - 1);
	} else {
		ui->at = first_living(ui->rows);
		ui->top = 0;
		ui->selected = g_strdup(g_array_index(ui->rows, Row, ui->at).id);
	}
}

GArray *ui_rows(Ui *ui)
{
	if (!ui->rows) {
		RowSource source = ui_source(ui);
		ui->rows = rows_new(&source);
		add_gone(ui, ui->rows);
		find_selected(ui);
	}
	return ui->rows;
}

const Row *ui_selected(Ui *ui)
{
	const GArray *rows = ui_rows(ui);

	return rows->len > 0 && !ui->is_gone ? &g_array_index(rows, Row, ui->at) : NULL;
}

void ui_select(Ui *ui, guint row)
{
	const GArray *rows = ui_rows(ui);

	if (rows->len == 0)
		return;
	ui->at = MIN(row, rows->len - 1);
	ui->is_gone = FALSE;
	g_free(ui->selected);
	ui->selected = g_strdup(g_array_index(rows, Row, ui->at).id);
}

void ui_select_first(Ui *ui)
{
	ui->top = 0;
	ui_select(ui, first_living(ui_rows(ui)));
}

static void sample(Ui *ui, guint blocked, gint64 now)
{
	gint64 slot = now / SAMPLE_US;
	Sample *stretch = &ui->samples[slot % SAMPLES];

	if (stretch->slot != slot)
		*stretch = (Sample){.slot = slot};
	stretch->blocked = MAX(stretch->blocked, blocked);
}

static void answered(Ui *ui, gint64 now)
{
	ui->answered = now;
	ui->wants_password = FALSE;
	g_clear_pointer(&ui->trouble, g_free);
	/* Of a view that isn't shown any more. */
	if (!view_kind(ui->view)->is_wide)
		g_clear_pointer(&ui->wide_trouble, g_free);
}

static void show_look(Ui *ui, TopLook *look)
{
	ui_rows_change(ui);
	ui->seen = ui->looked;
	if (ui->look)
		wait_graph_compare_cycles(look->graph, ui->look->graph);
	top_look_free(ui->look);
	ui->look = look;
}

void ui_look(Ui *ui, TopLook *look, gint64 now)
{
	answered(ui, now);
	ui->looked = now;
	ui->n_more = ui->n_less = 0;
	sample(ui, wait_graph_n_blocked(look->graph), now);
	ui_incidents_look(ui, look, now);
	if (ui->is_paused && ui->look) {
		top_look_free(ui->pending);
		ui->pending = look;
	} else {
		show_look(ui, look);
	}
}

void ui_stands(Ui *ui, guint n_more, guint n_less, gint64 now)
{
	const TopLook *last = ui->pending ? ui->pending : ui->look;
	guint blocked = last ? wait_graph_n_blocked(last->graph) : 0;

	answered(ui, now);
	ui->n_more = n_more;
	ui->n_less = n_less;
	sample(ui, blocked + n_more > n_less ? blocked + n_more - n_less : 0, now);
}

/* Who is in a policy file is connected to as that says, by no option. */
static char *error_words(const Ui *ui, const GError *error)
{
	g_autofree char *message = text_safe(error->message);
	g_autofree char *advice = ui->options.server_name ? render_guard_hint(error_hint(error))
	                                                  : g_strdup(error_hint(error));

	if (!advice)
		return g_steal_pointer(&message);
	g_autofree char *hint = text_safe(advice);
	return g_strdup_printf("%s (%s)", message, hint);
}

void ui_trouble(Ui *ui, const GError *error, gint64 retry_us, gint64 now)
{
	g_free(ui->trouble);
	ui->trouble = error_words(ui, error);
	ui->next_try = retry_us < 0 ? 0 : now + retry_us;
}

gboolean ui_wants_wide_look(const Ui *ui)
{
	return view_kind(ui->view)->is_wide && !ui->is_paused;
}

void ui_want_password(Ui *ui, const GError *error, gboolean is_rejected)
{
	g_autofree char *message = text_safe(error->message);

	g_free(ui->trouble);
	ui->trouble =
	    is_rejected
	        ? g_strdup_printf("The password was refused: Enter asks for it again. %s", message)
	        : g_strdup("A password is needed: Enter asks for it.");
	ui->next_try = 0;
	ui->wants_password = TRUE;
	ui->was_rejected = is_rejected;
	/* At once: what is typed next is meant for it, and must not be taken for commands. */
	if (is_rejected && ui->typing == TYPING_NOTHING)
		ui_ask_password(ui);
}

void ui_enter(Ui *ui)
{
	ui_ask_password(ui);
}

char *ui_take_password(Ui *ui)
{
	return g_steal_pointer(&ui->password);
}

void ui_wipe(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	g_free(secret);
}

void ui_wide_look(Ui *ui, TopLook *look)
{
	g_clear_pointer(&ui->wide_trouble, g_free);
	ui_rows_change(ui);
	if (ui->look)
		top_look_lend_row_keys(ui->look, look);
	top_look_free(ui->wide);
	ui->wide = look;
}

void ui_wide_trouble(Ui *ui, const GError *error)
{
	g_free(ui->wide_trouble);
	ui->wide_trouble = error_words(ui, error);
}

void ui_say(Ui *ui, Face face, const char *text)
{
	g_free(ui->said);
	ui->said = text_safe(text);
	ui->said_face = face;
	ui->said_stays = face == FACE_QUESTION;
	ui->said_at = 0;
}

void ui_said_forget(Ui *ui, gint64 now)
{
	if (!ui->said || ui->said_stays)
		return;
	if (ui->said_at == 0)
		ui->said_at = now;
	if (now - ui->said_at > SAID_US)
		g_clear_pointer(&ui->said, g_free);
}

char *ui_summary(const Ui *ui, gint64 now, Face *face)
{
	*face = FACE_BAD;
	if (ui->trouble)
		return g_strdup(ui->trouble);
	*face = FACE_DIM;
	if (!ui->look)
		return g_strdup("connecting ...");
	gboolean is_quiet = wait_graph_n_blocked(ui->look->graph) == 0;
	*face = is_quiet ? FACE_GOOD : FACE_WARNING;
	g_autofree char *answer = live_answer(ui->look->graph, 0);
	g_autofree char *age = live_age(now - ui->answered);
	g_autofree char *server = live_server(ui->look->snapshot);
	return g_strdup_printf("%s  %s  %s", answer, age, server);
}

gint64 ui_interval(const Ui *ui)
{
	return ui->options.interval_us;
}

const TopLook *ui_shown(const Ui *ui)
{
	return ui_view_look(ui) ? ui_view_look(ui) : ui->look;
}

const char *ui_written(const Ui *ui)
{
	return ui->written;
}
