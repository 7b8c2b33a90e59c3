#ifndef PGUNLOCK_CLI_PROMPT_H
#define PGUNLOCK_CLI_PROMPT_H

/* Questions to the person at the terminal. Ctrl-C ends them with an error of the code
 * INTERRUPTED. */

#include "cli/cli.h"

#include <glib.h>

/* Asks on the controlling terminal, whatever standard input is, without showing what is typed.
 * *password is NULL when there is no terminal or its end was typed; else the caller's, g_free. */
gboolean prompt_password(Cli *cli, const char *question, char **password, GError **error);

/* Whether prompt_yes has somebody to ask: standard input is a terminal, and so is the output that
 * the question goes to. */
gboolean prompt_can_ask(void);

/* Throws away what was typed before the question, and asks. Only "y" and "yes" are yes; Enter, the
 * end of input and everything else are no. */
gboolean prompt_yes(Cli *cli, const char *question, gboolean *is_yes, GError **error);

#endif
