#include "cli/output.h"

#include "base/error.h"

#include <errno.h>
#include <stdio.h>

struct Output {
	gboolean has_begun;
	int failure; /* errno, 0 for none */
};

Output *output_new(void)
{
	return g_new0(Output, 1);
}

void output_free(Output *output)
{
	g_free(output);
}

void output_write(Output *output, GString *text)
{
	if (!output->failure && text->len > 0) {
		output->has_begun = TRUE;
		errno = 0;
		if (fwrite(text->str, 1, text->len, stdout) != text->len || fflush(stdout) != 0)
			output->failure = errno ? errno : EIO;
	}
	g_string_truncate(text, 0);
}

gboolean output_is_closed(const Output *output)
{
	return output->failure != 0;
}

gboolean output_has_begun(const Output *output)
{
	return output->has_begun;
}

gboolean output_finish(Output *output, GError **error)
{
	if (!output->failure || output->failure == EPIPE)
		return TRUE;
	/* EBADF: it isn't open for writing; whoever started us has closed it. */
	error_set(error, PGUNLOCK_ERROR_FAILED, "cannot write to standard output: %s",
	          output->failure == EBADF ? "it is closed" : g_strerror(output->failure));
	return FALSE;
}
