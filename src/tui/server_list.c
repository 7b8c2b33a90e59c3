#include "tui/server_list.h"

#include "base/text.h"

enum { FIRST_LINE = 2, MOST_NAME = 30, GAP = 2 };

typedef struct {
	const char *name;
	const Ui *ui;
} Entry;

void server_list_init(ServerList *list)
{
	*list = (ServerList){.entries = g_array_new(FALSE, FALSE, sizeof(Entry))};
}

void server_list_clear(ServerList *list)
{
	g_clear_pointer(&list->entries, g_array_unref);
}

void server_list_add(ServerList *list, const char *name, const Ui *ui)
{
	const Entry entry = {name ? name : "", ui};

	g_array_append_val(list->entries, entry);
}

static guint name_width(const ServerList *list)
{
	guint width = 6;

	for (guint i = 0; i < list->entries->len; i++) {
		g_autofree char *name = text_safe(g_array_index(list->entries, Entry, i).name);
		width = MAX(width, text_width(name));
	}
	return MIN(width, MOST_NAME);
}

static void draw_entry(Grid *grid, guint line, const Entry *entry, guint width, gint64 now)
{
	g_autofree char *name = text_safe(entry->name);
	Face face;
	g_autofree char *state = ui_summary(entry->ui, now, &face);

	grid_put(grid, line, 0, width, FACE_STRONG, name);
	if (width + GAP < grid->columns)
		grid_put(grid, line, width + GAP, grid->columns - width - GAP, face, state);
}

void server_list_draw(ServerList *list, Grid *grid, gint64 now)
{
	guint n = list->entries->len;
	guint width = name_width(list);
	g_autofree char *head = g_strdup_printf("%u servers", n);

	grid_clear(grid);
	list->page = grid->rows > FIRST_LINE + 1 ? grid->rows - FIRST_LINE - 1 : 1;
	if (list->at < list->top)
		list->top = list->at;
	else if (list->at >= list->top + list->page)
		list->top = list->at - list->page + 1;
	grid_put(grid, 0, 0, grid->columns, FACE_STRONG, head);
	grid_fill(grid, 1, 0, grid->columns, FACE_TITLE);
	grid_put(grid, 1, 0, width, FACE_TITLE, "SERVER");
	grid_put(grid, 1, width + GAP, grid->columns, FACE_TITLE, "STATE");
	for (guint i = 0; i < list->page && list->top + i < n; i++) {
		draw_entry(grid, FIRST_LINE + i, &g_array_index(list->entries, Entry, list->top + i), width,
		           now);
		if (list->top + i == list->at)
			grid_light(grid, FIRST_LINE + i);
	}
	if (grid->rows > FIRST_LINE + 1) {
		grid_fill(grid, grid->rows - 1, 0, grid->columns, FACE_BAR);
		grid_put(grid, grid->rows - 1, 0, grid->columns, FACE_BAR,
		         "Enter: to this server   S: back here   q: quit");
	}
}

ListKey server_list_key(ServerList *list, Key key, guint row)
{
	gint64 last = (gint64) list->entries->len - 1;
	gint64 at = list->at;

	if (key == KEY_PRESS && row >= FIRST_LINE && list->top + row - FIRST_LINE <= last) {
		list->at = list->top + row - FIRST_LINE;
		return LIST_STAYS;
	}
	switch (keymap_find(key)) {
	case ACTION_UP:
		at--;
		break;
	case ACTION_DOWN:
		at++;
		break;
	case ACTION_PAGE_UP:
		at -= list->page;
		break;
	case ACTION_PAGE_DOWN:
		at += list->page;
		break;
	case ACTION_FIRST:
		at = 0;
		break;
	case ACTION_LAST:
		at = last;
		break;
	case ACTION_SHOW:
	case ACTION_OPEN:
		return LIST_ENTER;
	case ACTION_QUIT:
		return LIST_QUIT;
	default:
		break;
	}
	list->at = (guint) CLAMP(at, 0, MAX(last, 0));
	return LIST_STAYS;
}
