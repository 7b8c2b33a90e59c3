#include "base/duration.h"
#include "base/text.h"
#include "render/command.h"
#include "tui/ui_private.h"

#include <string.h>

/* The intervals that keys choose from. */
static const gint64 intervals[] = {
    100 * DURATION_MS,    200 * DURATION_MS,    500 * DURATION_MS,
    1 * DURATION_SECOND,  2 * DURATION_SECOND,  5 * DURATION_SECOND,
    10 * DURATION_SECOND, 30 * DURATION_SECOND, 60 * DURATION_SECOND};

static void say_duration(Ui *ui, const char *format, gint64 duration_us)
{
	g_autofree char *duration = duration_to_text(duration_us);
	g_autofree char *text = g_strconcat(format, duration, NULL);

	ui_say(ui, FACE_PLAIN, text);
}

static void change_interval(Ui *ui, gboolean is_faster)
{
	gint64 now = ui->options.interval_us;
	gint64 next = now;

	for (guint i = 0; i < G_N_ELEMENTS(intervals); i++) {
		guint j = is_faster ? i : G_N_ELEMENTS(intervals) - 1 - i;
		if (is_faster ? intervals[j] < now : intervals[j] > now)
			next = intervals[j];
	}
	ui->options.interval_us = next;
	say_duration(ui, "a look each ", next);
	ui_intend(ui, INTENT_INTERVAL);
}

/* After a key that changes what is shown: what was selected, or else the first. */
static void reselect(Ui *ui)
{
	ui_rows_change(ui);
	ui_rows(ui);
	if (ui->is_gone)
		ui_select_first(ui);
}

static void move(Ui *ui, gint64 by)
{
	gint64 n = ui_rows(ui)->len;
	/* Where the selected one was, there is another now: the first key chooses that. */
	gint64 to = ui->is_gone && by > 0 ? ui->at + by - 1 : ui->at + by;

	if (ui->is_gone && n > 0 && g_array_index(ui->rows, Row, CLAMP(to, 0, n - 1)).is_ghost)
		ui_select_first(ui);
	else if (n > 0)
		ui_select(ui, (guint) CLAMP(to, 0, n - 1));
}

static void change_view(Ui *ui, View view)
{
	ui->view = view;
	ui->top = 0;
	g_clear_pointer(&ui->wide_trouble, g_free);
	reselect(ui);
	ui_intend(ui, INTENT_LOOK);
}

/* Left: folds; what is folded or has nothing to fold goes to the one it stands below. */
static void close_row(Ui *ui)
{
	const Row *row = ui_selected(ui);

	if (!row || ui->view != VIEW_TREE)
		return;
	if (row->has_children && !row->is_closed) {
		g_hash_table_add(ui->closed, g_strdup(row->id));
		reselect(ui);
		return;
	}
	for (guint i = ui->at; i > 0; i--) {
		if (g_array_index(ui->rows, Row, i - 1).depth < row->depth) {
			ui_select(ui, i - 1);
			return;
		}
	}
}

static void open_row(Ui *ui)
{
	const Row *row = ui_selected(ui);

	if (!row || row->is_ghost || ui->view != VIEW_TREE)
		return;
	if (row->is_closed) {
		g_hash_table_remove(ui->closed, row->id);
		reselect(ui);
	} else if (row->text && row->session == NO_SESSION && !ui->unfold_alike) {
		ui->unfold_alike = TRUE;
		reselect(ui);
	}
}

/* Nothing can be done to who is gone, nor is there more to be seen. */
static gboolean is_ghost(Ui *ui)
{
	const Row *row = ui_selected(ui);

	if (row && row->is_ghost)
		ui_say(ui, FACE_WARNING, "that session is gone: choose another");
	return row && row->is_ghost;
}

static void show_row(Ui *ui)
{
	const Row *row = ui_selected(ui);

	if (is_ghost(ui))
		return;
	if (row && row->session == NO_SESSION) {
		open_row(ui);
		return;
	}
	if (!row) {
		ui_ask_password(ui);
		return;
	}
	g_free(ui->over_session);
	ui->over_session = top_look_identity(ui_view_look(ui), row->session);
	ui->over = OVER_SHOW;
	ui->over_top = 0;
}

/* Where the next row is that has the words, from the selected one on; G_MAXUINT: nowhere. */
static guint find_from_here(Ui *ui, const char *lower, int step, gboolean is_here)
{
	RowSource source = ui_source(ui);
	GArray *rows = ui_rows(ui);
	gint64 n = rows->len;

	for (gint64 i = is_here ? 0 : 1; i < n + (is_here ? 0 : 1); i++) {
		gint64 at = (((gint64) ui->at + step * i) % n + n) % n;
		if (row_matches(&source, &g_array_index(rows, Row, at), lower))
			return (guint) at;
	}
	return G_MAXUINT;
}

/* Selects it; is_here: the selected one counts, too. Who is folded away is found as well. */
static void find(Ui *ui, const char *words, int step, gboolean is_here)
{
	g_autofree char *lower = g_utf8_strdown(words, -1);
	guint found;

	if (*lower == '\0')
		return;
	found = find_from_here(ui, lower, step, is_here);
	if (found == G_MAXUINT && !ui->unfold_alike) {
		ui->unfold_alike = TRUE;
		reselect(ui);
		found = find_from_here(ui, lower, step, is_here);
		if (found == G_MAXUINT) {
			ui->unfold_alike = FALSE;
			reselect(ui);
		}
	}
	if (found != G_MAXUINT) {
		ui_select(ui, found);
		return;
	}
	g_autofree char *text = g_strdup_printf("nothing has \"%s\"", words);
	ui_say(ui, FACE_WARNING, text);
}

static void begin_typing(Ui *ui, Typing typing, const char *text)
{
	ui->typing = typing;
	g_string_assign(ui->typed, text);
}

/* Room enough that what is typed isn't moved about in memory, and left where it was. */
#define PASSWORD_ROOM 1024

gboolean ui_ask_password(Ui *ui)
{
	if (!ui->wants_password)
		return FALSE;
	g_string_set_size(ui->typed, PASSWORD_ROOM);
	begin_typing(ui, TYPING_PASSWORD, "");
	return TRUE;
}

/* Connects anew, or leaves it; nothing of it stays. */
static void end_password(Ui *ui, gboolean is_kept)
{
	if (is_kept && ui->typed->len > 0) {
		ui_wipe(ui->password);
		ui->password = g_strdup(ui->typed->str);
		ui->wants_password = FALSE;
		g_clear_pointer(&ui->trouble, g_free);
		ui_intend(ui, INTENT_PASSWORD);
	}
	explicit_bzero(ui->typed->str, ui->typed->allocated_len);
	g_string_truncate(ui->typed, 0);
}

static void begin_writing(Ui *ui)
{
	const TopLook *look = ui_shown(ui);

	if (!look) {
		ui_say(ui, FACE_WARNING, "there is nothing to write yet");
		return;
	}
	g_autoptr(GDateTime) at =
	    g_date_time_new_from_unix_utc(snapshot_taken_at(look->snapshot) / DURATION_SECOND);
	g_autofree char *name =
	    at ? g_date_time_format(at, "pgunlock-%Y%m%dT%H%M%SZ.txt") : g_strdup("pgunlock.txt");
	begin_typing(ui, TYPING_FILE, name);
}

static void end_typing(Ui *ui, gboolean is_kept)
{
	Typing typing = ui->typing;

	ui->typing = TYPING_NOTHING;
	if (typing == TYPING_FILTER) {
		g_string_assign(ui->filter, is_kept ? ui->typed->str : "");
		reselect(ui);
	} else if (typing == TYPING_SEARCH) {
		g_string_assign(ui->search, is_kept ? ui->typed->str : "");
	} else if (typing == TYPING_PASSWORD) {
		end_password(ui, is_kept);
	} else if (is_kept && ui->typed->len > 0) {
		g_free(ui->written);
		ui->written = g_strdup(ui->typed->str);
		ui_intend(ui, INTENT_WRITE);
	}
}

static void drop_last_character(GString *text)
{
	if (text->len > 0)
		g_string_truncate(
		    text, (gsize) (g_utf8_find_prev_char(text->str, text->str + text->len) - text->str));
}

static void type(Ui *ui, Key key)
{
	if (key == KEY_RETURN || key == KEY_ESCAPE) {
		end_typing(ui, key == KEY_RETURN);
		return;
	}
	if (key == KEY_BACK)
		drop_last_character(ui->typed);
	else if (key == 'U' - '@')
		g_string_truncate(ui->typed, 0);
	else if ((guint) key < KEY_ARROW_UP && text_char_is_safe((gunichar) key))
		g_string_append_unichar(ui->typed, (gunichar) key);
	if (ui->typing == TYPING_FILTER)
		reselect(ui);
	else if (ui->typing == TYPING_SEARCH)
		find(ui, ui->typed->str, 1, TRUE);
}

static void pause_or_go_on(Ui *ui)
{
	ui->is_paused = !ui->is_paused;
	if (ui->is_paused || !ui->pending)
		return;
	TopLook *look = g_steal_pointer(&ui->pending);
	ui_rows_change(ui);
	top_look_free(ui->look);
	ui->look = look;
	ui->seen = ui->looked;
}

/* What comes while it is paused is kept for when it goes on; but to connect again is worth a try.
 */
static void look_now(Ui *ui)
{
	if (ui->is_paused && ui->look && !ui->trouble)
		ui_say(ui, FACE_WARNING, "paused: nothing new is shown until Space goes on");
	else
		ui_intend(ui, INTENT_LOOK);
}

static void sort_next(Ui *ui)
{
	guint *sort = &ui->sorts[ui->view];

	*sort = (*sort + 1) % view_n_sorts(ui->view);
	reselect(ui);
	g_autofree char *text =
	    g_strdup_printf("sorted by: %s", view_kind(ui->view)->sorts[*sort].name);
	ui_say(ui, FACE_PLAIN, text);
}

static void go_back(Ui *ui)
{
	if (ui->filter->len > 0) {
		g_string_truncate(ui->filter, 0);
		reselect(ui);
	} else {
		g_string_truncate(ui->search, 0);
	}
}

static void open_over(Ui *ui, Over over)
{
	ui->over = over;
	ui->over_top = 0;
}

static void scroll_over(Ui *ui, gint64 by)
{
	gint64 last = ui->over_lines > ui->over_page ? ui->over_lines - ui->over_page : 0;

	ui->over_top = (guint) CLAMP((gint64) ui->over_top + by, 0, last);
}

/* Help, all about a session, a plan, a result: it scrolls, and any other key ends it. */
static gboolean over_key(Ui *ui, Action action)
{
	gint64 page = MAX(ui->over_page, 2) - 1;
	switch (action) {
	case ACTION_UP:
		scroll_over(ui, -1);
		return TRUE;
	case ACTION_DOWN:
		scroll_over(ui, 1);
		return TRUE;
	case ACTION_PAGE_UP:
		scroll_over(ui, -page);
		return TRUE;
	case ACTION_PAGE_DOWN:
	case ACTION_PAUSE:
		scroll_over(ui, page);
		return TRUE;
	case ACTION_FIRST:
		scroll_over(ui, -(gint64) ui->over_lines);
		return TRUE;
	case ACTION_LAST:
		scroll_over(ui, ui->over_lines);
		return TRUE;
	default:
		return FALSE;
	}
}

static void press(Ui *ui, guint row)
{
	guint n = ui_rows(ui)->len;

	if (row >= ui->list_row && row < ui->list_row + ui->page && ui->top + row - ui->list_row < n)
		ui_select(ui, ui->top + row - ui->list_row);
}

static void act_on(Ui *ui, Action action)
{
	static const struct {
		Action action;
		PlanCommand command;
	} commands[] = {{ACTION_CANCEL, COMMAND_CANCEL},
	                {ACTION_TERMINATE, COMMAND_TERMINATE},
	                {ACTION_RELEASE, COMMAND_RELEASE}};

	for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
		if (commands[i].action == action && (ui->options.read_only || !is_ghost(ui)))
			ui_act_begin(ui, commands[i].command);
}

static void list_action(Ui *ui, Action action)
{
	gint64 page = MAX(ui->page, 2) - 1;
	switch (action) {
	case ACTION_UP:
		move(ui, -1);
		break;
	case ACTION_DOWN:
		move(ui, 1);
		break;
	case ACTION_PAGE_UP:
		move(ui, -page);
		break;
	case ACTION_PAGE_DOWN:
		move(ui, page);
		break;
	case ACTION_FIRST:
		ui_select_first(ui);
		break;
	case ACTION_LAST:
		ui_select(ui, G_MAXUINT);
		break;
	case ACTION_CLOSE:
		close_row(ui);
		break;
	case ACTION_OPEN:
		open_row(ui);
		break;
	case ACTION_UNFOLD:
		ui->unfold_alike = !ui->unfold_alike;
		reselect(ui);
		break;
	case ACTION_SHOW:
		show_row(ui);
		break;
	case ACTION_SORT:
		sort_next(ui);
		break;
	case ACTION_NEXT:
		find(ui, ui->search->str, 1, FALSE);
		break;
	case ACTION_PREVIOUS:
		find(ui, ui->search->str, -1, FALSE);
		break;
	default:
		act_on(ui, action);
		break;
	}
}

static void follow_or_not(Ui *ui)
{
	ui->follows = !ui->follows;
	ui_say(ui, FACE_PLAIN,
	       ui->follows ? "follow: the selected session stays on its line of the screen"
	                   : "follow is off: each session moves to where it stands");
}

static void screen_action(Ui *ui, Action action)
{
	switch (action) {
	case ACTION_TREE:
	case ACTION_LOCKS:
	case ACTION_TRANSACTIONS:
	case ACTION_PREPARED:
	case ACTION_INCIDENTS:
		change_view(ui, VIEW_TREE + (action - ACTION_TREE));
		break;
	case ACTION_NEXT_VIEW:
		change_view(ui, (ui->view + 1) % N_VIEWS);
		break;
	case ACTION_SEARCH:
		begin_typing(ui, TYPING_SEARCH, "");
		break;
	case ACTION_FILTER:
		begin_typing(ui, TYPING_FILTER, ui->filter->str);
		break;
	case ACTION_FOLLOW:
		follow_or_not(ui);
		break;
	case ACTION_PAUSE:
		pause_or_go_on(ui);
		break;
	case ACTION_LOOK:
		look_now(ui);
		break;
	case ACTION_FASTER:
	case ACTION_SLOWER:
		change_interval(ui, action == ACTION_FASTER);
		break;
	case ACTION_WRITE:
		begin_writing(ui);
		break;
	case ACTION_THEME:
		ui_intend(ui, INTENT_THEME);
		break;
	case ACTION_MOUSE:
		ui_intend(ui, INTENT_MOUSE);
		break;
	case ACTION_SERVERS:
		if (ui->options.has_servers)
			ui_intend(ui, INTENT_SERVERS);
		else
			ui_say(ui, FACE_PLAIN, "there is one server: --config FILE lists several");
		break;
	case ACTION_HELP:
		open_over(ui, OVER_HELP);
		break;
	case ACTION_BACK:
		go_back(ui);
		break;
	case ACTION_QUIT:
		ui_intend(ui, INTENT_QUIT);
		break;
	default:
		list_action(ui, action);
		break;
	}
}

void ui_key(Ui *ui, Key key, guint row, G_GNUC_UNUSED guint column, gint64 now)
{
	Action action = keymap_find(key);

	if (key == KEY_NONE)
		return;
	g_clear_pointer(&ui->said, g_free);
	ui_marks_forget(ui, now);
	if (ui->typing != TYPING_NOTHING) {
		if (key != KEY_PRESS)
			type(ui, key);
		return;
	}
	if (ui->over == OVER_RESULT && ui->is_in_pane)
		ui->over = OVER_NOTHING;
	if (ui->over != OVER_NOTHING && over_key(ui, action))
		return;
	if (ui_act_key(ui, key, now))
		return;
	if (ui->over != OVER_NOTHING) {
		ui->over = OVER_NOTHING;
		return;
	}
	if (key == KEY_PRESS)
		press(ui, row);
	else
		screen_action(ui, action);
}
