#include "cli/advisory_file.h"

#include "base/error.h"

/* FALSE: there is none, or it can't be read. */
static gboolean read_file(const Cli *cli, const char *path, char **bytes, gsize *length,
                          GError **error)
{
	g_autoptr(GError) trouble = NULL;
	if (g_file_get_contents(path, bytes, length, &trouble))
		return TRUE;
	if (cli_options(cli)->advisory_labels) {
		error_set(error, PGUNLOCK_ERROR_USAGE, "--advisory-labels: %s", trouble->message);
		error_set_hint(error, "a text file with a line KEY = NAME for each key");
	} else if (!g_error_matches(trouble, G_FILE_ERROR, G_FILE_ERROR_NOENT) &&
	           !g_error_matches(trouble, G_FILE_ERROR, G_FILE_ERROR_NOTDIR)) {
		cli_warn(cli, "%s: advisory keys are shown without their names", trouble->message);
	}
	return FALSE;
}

gboolean advisory_file_read(Cli *cli, GError **error)
{
	const char *named = cli_options(cli)->advisory_labels;
	g_autofree char *path =
	    named ? g_strdup(named)
	          : g_build_filename(g_get_user_config_dir(), "pgunlock", "advisory-labels", NULL);
	g_autofree char *bytes = NULL;
	g_autoptr(GError) trouble = NULL;
	gsize length = 0;

	if (!read_file(cli, path, &bytes, &length, error))
		return !named;
	cli->advisory_labels = advisory_labels_parse(bytes, length, path, &trouble);
	if (cli->advisory_labels)
		return TRUE;
	if (named) {
		g_propagate_error(error, g_steal_pointer(&trouble));
		return FALSE;
	}
	/* A file that nobody named must not be in the way of a release. */
	cli_warn(cli, "%s: advisory keys are shown without their names", trouble->message);
	return TRUE;
}
