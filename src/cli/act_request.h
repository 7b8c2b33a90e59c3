#ifndef PGUNLOCK_CLI_ACT_REQUEST_H
#define PGUNLOCK_CLI_ACT_REQUEST_H

/* From the options of cancel, terminate and release to what the plan is made from. */

#include "cli/options.h"
#include "model/row_set.h"
#include "model/table_set.h"
#include "plan/selection.h"

#include <glib.h>

/* Everything that can be told to be wrong without a server. */
gboolean act_request_check(PlanCommand command, const Options *options, GError **error);

/* Acting on several tables by a name without a schema is refused: it may not be the table that was
 * meant. */
gboolean act_request_check_tables(const NamePattern *pattern, const TableSet *tables,
                                  GError **error);

/* That no row matches is an error, and so is that more match than were read. */
gboolean act_request_check_rows(const RowSet *rows, GError **error);

/* Borrows from the options and the tables (NULL without --table). With --row its rows are to be
 * set.
 */
Selection act_request_selection(PlanCommand command, const Options *options, TableSet *tables);

#endif
