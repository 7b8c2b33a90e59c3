#ifndef PGUNLOCK_CLI_ROW_VIEW_H
#define PGUNLOCK_CLI_ROW_VIEW_H

/* The rows that a person names, and the look that they are held against. */

#include "cli/view.h"
#include "model/row_set.h"

typedef struct {
	RowSet *rows;
	View *view;
} RowView;

void row_view_clear(RowView *seen);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RowView, row_view_clear)

/* Reads at most limit of the rows that the options name, and looks as what says: both again, a few
 * times at most, while the locks don't tell who holds one of them. The condition may have done
 * anything to the settings of its session, so the look goes through a new connection, which takes
 * the place of *connection; that is NULL when it failed. */
gboolean row_view_see(Cli *cli, PgConnection **connection, guint limit, const LookOptions *what,
                      RowView *seen, GError **error);

#endif
