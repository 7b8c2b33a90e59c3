#ifndef PGUNLOCK_CLI_OPTION_VALUE_H
#define PGUNLOCK_CLI_OPTION_VALUE_H

/* Reads the argument of an option into the options. */

#include "cli/option_table.h"
#include "cli/options.h"

#include <glib.h>

/* text is NULL for an option without an argument, also where that is left away. A usage error names
 * the option; of the words of a choice it lists those that command takes. */
gboolean option_value_read(const OptionRow *row, const char *text, const Command *command,
                           Options *options, GError **error);

/* Frees what a row owns in the options. */
void option_value_clear(const OptionRow *row, Options *options);

#endif
