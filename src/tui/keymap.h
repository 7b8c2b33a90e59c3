#ifndef PGUNLOCK_TUI_KEYMAP_H
#define PGUNLOCK_TUI_KEYMAP_H

/* Every key once: the table binds it, and the help and the line at the bottom are made from it. */

#include <glib.h>

/* What is pressed: a character, or one of these. */
typedef enum {
	KEY_NONE = 0,
	KEY_TAB = '\t',
	KEY_RETURN = '\n',
	KEY_ESCAPE = 27,
	KEY_SPACE = ' ',
	KEY_BACK = 127,
	KEY_ARROW_UP = 0x110000, /* beyond all characters */
	KEY_ARROW_DOWN,
	KEY_ARROW_LEFT,
	KEY_ARROW_RIGHT,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_FIRST,
	KEY_LAST,
	KEY_F1,
	KEY_PRESS, /* of the mouse, at a row and column */
	KEY_WHEEL_UP,
	KEY_WHEEL_DOWN,
} Key;

typedef enum {
	ACTION_NONE,
	ACTION_UP,
	ACTION_DOWN,
	ACTION_PAGE_UP,
	ACTION_PAGE_DOWN,
	ACTION_FIRST,
	ACTION_LAST,
	ACTION_CLOSE,
	ACTION_OPEN,
	ACTION_UNFOLD,
	ACTION_SHOW,
	ACTION_TREE,
	ACTION_LOCKS,
	ACTION_TRANSACTIONS,
	ACTION_PREPARED,
	ACTION_INCIDENTS,
	ACTION_NEXT_VIEW,
	ACTION_CANCEL,
	ACTION_TERMINATE,
	ACTION_RELEASE,
	ACTION_SEARCH,
	ACTION_NEXT,
	ACTION_PREVIOUS,
	ACTION_FILTER,
	ACTION_FOLLOW,
	ACTION_PAUSE,
	ACTION_SORT,
	ACTION_LOOK,
	ACTION_FASTER,
	ACTION_SLOWER,
	ACTION_WRITE,
	ACTION_THEME,
	ACTION_MOUSE,
	ACTION_HELP,
	ACTION_SERVERS,
	ACTION_BACK,
	ACTION_QUIT,
} Action;

typedef struct {
	Action action;
	Key keys[3];       /* 0: none */
	const char *names; /* of them: "Up, k" */
	const char *help;
	const char *label; /* in the line at the bottom; NULL: not there */
	gboolean acts;     /* not with --read-only */
} KeyBinding;

guint keymap_n(void);
const KeyBinding *keymap_get(guint index);
Action keymap_find(Key key);
/* "Up, k": the names of the keys that do this. */
const char *keymap_names(Action action);

#endif
