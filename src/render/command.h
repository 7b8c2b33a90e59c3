#ifndef PGUNLOCK_RENDER_COMMAND_H
#define PGUNLOCK_RENDER_COMMAND_H

/* Commands that are suggested, ready to be typed. */

#include "model/snapshot.h"
#include "render/style.h"

#include <glib.h>

/* A word for a shell, safe to print: in quotes where needed, in $'...' (POSIX since 2024, bash, zsh
 * and ksh for long) where it holds what a terminal must not see. Free with g_free. */
char *command_quote(const char *word);

/* "pgunlock release -h db1 --prefer queued 6743a1b2.1267 gid:order-4711": command, connection
 * options, options, the sessions by their exact names, then tail (NULL: none). Free with g_free. */
char *command_text(const RenderStyle *style, const char *command, const char *options,
                   const Snapshot *snapshot, const guint *sessions, guint n_sessions,
                   const char *tail);

/* A hint, whose author knows nothing of the command line, with the connection options in each
 * command that it quotes: "pgunlock tree" becomes "pgunlock tree -h db1". connection_args as in
 * RenderStyle. NULL for NULL. Free with g_free. */
char *command_hint(const char *hint, const char *connection_args);

#endif
