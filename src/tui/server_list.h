#ifndef PGUNLOCK_TUI_SERVER_LIST_H
#define PGUNLOCK_TUI_SERVER_LIST_H

/* Several servers, a line each: how many wait there, for how long, since when it hasn't answered.
 * In the order of the policy file, which stays, so that a line means the same server always. Pure.
 */

#include "tui/ui.h"

#include <glib.h>

typedef struct {
	GArray *entries; /* private */
	guint at;        /* the selected one */
	guint top;       /* the first on the screen */
	guint page;      /* lines on the screen */
} ServerList;

typedef enum { LIST_STAYS, LIST_ENTER, LIST_QUIT } ListKey;

void server_list_init(ServerList *list);
void server_list_clear(ServerList *list);
/* Both are borrowed. */
void server_list_add(ServerList *list, const char *name, const Ui *ui);
void server_list_draw(ServerList *list, Grid *grid, gint64 now);
/* row: of the mouse. */
ListKey server_list_key(ServerList *list, Key key, guint row);

#endif
