#ifndef PGUNLOCK_CLI_HELP_H
#define PGUNLOCK_CLI_HELP_H

/* The help, made from the tables of commands and options. */

#include "cli/command.h"

#include <glib.h>

/* What pgunlock is, its commands, and the options that all of them take. */
void help_general(GString *out, guint width);

/* One command with all its options. */
void help_command(GString *out, const Command *command, guint width);

#endif
