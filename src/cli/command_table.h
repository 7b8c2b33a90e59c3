#ifndef PGUNLOCK_CLI_COMMAND_TABLE_H
#define PGUNLOCK_CLI_COMMAND_TABLE_H

/* The commands, in the order of the help. */

#include "cli/command.h"

#include <glib.h>

guint command_table_n(void);
const Command *command_table_get(guint index);

/* What runs when no command is named. */
const Command *command_default(void);

/* By its exact name. NULL and a usage error otherwise: with a hint to the command that a word from
 * elsewhere (kill, ps) stands for, or to the name that is nearest. */
const Command *command_find(const char *name, GError **error);

#endif
