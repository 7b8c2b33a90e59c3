#ifndef PGUNLOCK_CLI_COMPLETION_H
#define PGUNLOCK_CLI_COMPLETION_H

/* Completion for shells, made from the tables of commands and options. */

#include <glib.h>

/* A script for bash to source. */
void completion_bash(GString *out);

#endif
