#ifndef PGUNLOCK_CLI_PROGRAM_H
#define PGUNLOCK_CLI_PROGRAM_H

/*
 * Commands that are programs of their own. What pgunlock links it loads at each start, so it links
 * libpq and GLib alone: a command that needs more (SQLite, a web server) names a program in its row
 * of the command table. pgunlock reads the command line, and so gives help, hints and usage errors
 * for these commands, too, from the one table of options, and then becomes that program, with the
 * same arguments. The program links the same cli and has the command's function besides:
 *
 *     static int run_history(Cli *cli, GError **error) { ... }
 *
 *     int main(int argc, char **argv)
 *     {
 *         return program_main(argc, argv, &command_history, run_history);
 *     }
 */

#include "cli/command.h"

#include <glib.h>

/* The whole program that runs a command, from the locale to the exit code: as cli_main, but that
 * this one command, which names a program, is run by run here. */
int program_main(int argc, char **argv, const Command *command, CommandRun run);

/*
 * Replaces this process by the program that runs the command, found beside our own executable (in a
 * build tree) or in libexec/pgunlock under the prefix that it was installed to, wherever that has
 * been moved to since. argv: as the process got it, NULL at its end. Returns only when that fails,
 * with an error that says where the program was looked for.
 */
void program_become(const Command *command, char *const *argv, GError **error);

/* Where it would be looked for, in this order, when our executable lies in this folder. Free with
 * g_strfreev. */
char **program_paths(const char *folder, const char *program);

#endif
