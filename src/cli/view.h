#ifndef PGUNLOCK_CLI_VIEW_H
#define PGUNLOCK_CLI_VIEW_H

/* A look and the graph made from it, as commands that only show something need them. */

#include "cli/cli.h"
#include "cli/connect.h"
#include "model/row_set.h"
#include "model/wait_graph.h"

#include <glib.h>

typedef struct {
	Snapshot *snapshot;
	WaitGraph *graph;
} View;

/* Takes the snapshot over. */
View *view_new(const Cli *cli, Snapshot *snapshot);
void view_free(View *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(View, view_free)

/* Over a connection that is open. */
View *view_look(Cli *cli, PgConnection *connection, const LookOptions *options, GError **error);

/* What was read of rows tells of waits that the look doesn't show: the graph then counts them. */
void view_heed_rows(View *view, const RowSet *rows);

/* The end of a command that shows something: prints text, then what couldn't be read (below the
 * answer in text; on standard error where a program reads the output). JSON has its warnings
 * inside. Empties the text. */
void view_print(Cli *cli, const View *view, GString *text);

#endif
