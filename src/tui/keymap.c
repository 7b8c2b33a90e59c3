#include "tui/keymap.h"

/* clang-format off */
static const KeyBinding bindings[] = {
	{ACTION_HELP, {'?', KEY_F1}, "?, F1", "this help", "Help", FALSE},
	{ACTION_QUIT, {'q'}, "q", "quit", "Quit", FALSE},
	{ACTION_RELEASE, {'R'}, "R", "release: the least that frees those behind the selected session; "
	 "of a waiter, whatever blocks it. Shows the plan and asks", "Release", TRUE},
	{ACTION_TERMINATE, {'K'}, "K", "terminate the selected session. Shows the plan and asks", "Terminate", TRUE},
	{ACTION_CANCEL, {'C'}, "C", "cancel the statement of the selected session. Shows the plan and asks", "Cancel", TRUE},
	{ACTION_SHOW, {KEY_RETURN, 'i'}, "Enter, i", "all about the selected session", "Show", FALSE},
	{ACTION_SEARCH, {'/'}, "/", "search as you type; Enter keeps it", "Search", FALSE},
	{ACTION_FILTER, {'f', '\\'}, "f, \\", "filter as you type: only rows with all of these words "
	 "(table, mode, user, ...)", "Filter", FALSE},
	{ACTION_SORT, {'s'}, "s", "sort by something else", "Sort", FALSE},
	{ACTION_PAUSE, {KEY_SPACE}, "Space", "pause, and go on", "Pause", FALSE},
	{ACTION_NEXT_VIEW, {KEY_TAB}, "Tab", "the next view", "View", FALSE},

	{ACTION_UP, {KEY_ARROW_UP, 'k', KEY_WHEEL_UP}, "Up, k", "up", NULL, FALSE},
	{ACTION_DOWN, {KEY_ARROW_DOWN, 'j', KEY_WHEEL_DOWN}, "Down, j", "down", NULL, FALSE},
	{ACTION_PAGE_UP, {KEY_PAGE_UP, 'u', 'b'}, "PgUp, u, b", "a page up", NULL, FALSE},
	{ACTION_PAGE_DOWN, {KEY_PAGE_DOWN, 'd'}, "PgDn, d", "a page down", NULL, FALSE},
	{ACTION_FIRST, {KEY_FIRST, 'g'}, "Home, g", "to the first", NULL, FALSE},
	{ACTION_LAST, {KEY_LAST, 'G'}, "End, G", "to the last", NULL, FALSE},
	{ACTION_CLOSE, {KEY_ARROW_LEFT, 'h'}, "Left, h", "fold those behind it; then to the one it waits for", NULL, FALSE},
	{ACTION_OPEN, {KEY_ARROW_RIGHT, 'l'}, "Right, l", "unfold those behind it", NULL, FALSE},
	{ACTION_UNFOLD, {'z'}, "z", "unfold all that are alike, or fold them", NULL, FALSE},

	{ACTION_TREE, {'1', 't'}, "1, t", "who blocks whom", NULL, FALSE},
	{ACTION_LOCKS, {'2', 'L'}, "2, L", "all locks", NULL, FALSE},
	{ACTION_TRANSACTIONS, {'3', 'x'}, "3, x", "sessions in transactions", NULL, FALSE},
	{ACTION_PREPARED, {'4', 'p'}, "4, p", "prepared transactions", NULL, FALSE},
	{ACTION_INCIDENTS, {'5', 'e'}, "5, e", "incidents since the start", NULL, FALSE},

	{ACTION_SERVERS, {'S'}, "S", "the list of servers, with --config", NULL, FALSE},
	{ACTION_NEXT, {'n'}, "n", "to the next that is searched for", NULL, FALSE},
	{ACTION_PREVIOUS, {'N'}, "N", "to the one before", NULL, FALSE},
	{ACTION_FOLLOW, {'F'}, "F", "follow: the selected session stays where it is on the screen", NULL, FALSE},
	{ACTION_LOOK, {'r'}, "r", "look now", NULL, FALSE},
	{ACTION_FASTER, {'-'}, "-", "look more often", NULL, FALSE},
	{ACTION_SLOWER, {'+', '='}, "+", "look less often", NULL, FALSE},
	{ACTION_WRITE, {'w'}, "w", "write the trees to a file (text, .json) or the screen (.svg)", NULL, FALSE},
	{ACTION_THEME, {'T'}, "T", "other colours: for any background, dark, light, none", NULL, FALSE},
	{ACTION_MOUSE, {'m'}, "m", "leave the mouse to the terminal, or take it", NULL, FALSE},
	{ACTION_BACK, {KEY_ESCAPE}, "Esc", "back; ends a filter or search", NULL, FALSE},
};
/* clang-format on */

guint keymap_n(void)
{
	return G_N_ELEMENTS(bindings);
}

const KeyBinding *keymap_get(guint index)
{
	return &bindings[index];
}

Action keymap_find(Key key)
{
	for (guint i = 0; key != KEY_NONE && i < G_N_ELEMENTS(bindings); i++)
		for (guint j = 0; j < G_N_ELEMENTS(bindings[i].keys); j++)
			if (bindings[i].keys[j] == key)
				return bindings[i].action;
	return ACTION_NONE;
}

const char *keymap_names(Action action)
{
	for (guint i = 0; i < G_N_ELEMENTS(bindings); i++)
		if (bindings[i].action == action)
			return bindings[i].names;
	return "";
}
