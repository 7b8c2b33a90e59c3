#ifndef PGUNLOCK_CLI_ADVISORY_FILE_H
#define PGUNLOCK_CLI_ADVISORY_FILE_H

/* The file that says what advisory keys are called: that of --advisory-labels, or the default one
 * where that exists. */

#include "cli/cli.h"

#include <glib.h>

/* Sets cli->advisory_labels. A usage error for a file that was named and can't be read, or in which
 * something is wrong. Of the default one that is a warning: names are no reason to leave the jam.
 */
gboolean advisory_file_read(Cli *cli, GError **error);

#endif
