#ifndef PGUNLOCK_CLI_OUTPUT_H
#define PGUNLOCK_CLI_OUTPUT_H

/*
 * Standard output: all that a command prints goes through one of these. A reader that has gone away
 * (EPIPE) ends the output quietly; any other failure is kept until output_finish tells it.
 */

#include <glib.h>

typedef struct Output Output;

/* On standard output. SIGPIPE must be ignored. */
Output *output_new(void);
void output_free(Output *output);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Output, output_free)

/* Writes all of it at once and empties the text. After a failure it does nothing. */
void output_write(Output *output, GString *text);

/* Nobody reads any more, or writing failed: whoever prints again and again can stop. */
gboolean output_is_closed(const Output *output);
/* Whether anything was written. */
gboolean output_has_begun(const Output *output);

/* Whether all was written or nobody wanted it. */
gboolean output_finish(Output *output, GError **error);

#endif
